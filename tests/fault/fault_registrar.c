/* registrar: every call of a core operation fails once, and for ever. */
#include "fault.h"

#include "../unit/registrar_help.h"
#include "desk/desk_private.h"
#include "store/store_private.h"

/* The fixture, and what the operation at hand remembers. */
struct rig {
    struct fixture *f;
    long person;
    char phone[24], wamid[64];
    long before[4];
    struct intake_result result;
    struct store *store;
    int ended; /* of the operation: 0, -1 */
    struct buf note;
    long since; /* leaves before this index are of former tries */
    long tries, restarts;
};

/* ---- looking ------------------------------------------------------------ */

static long count(struct rig *rig, const char *sql)
{
    sqlite3_stmt *st = NULL;
    sqlite3 *db = rig->f->r->store->db;
    long n;

    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    n = (long)sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return n;
}

static long leaves(struct rig *rig, const char *event)
{
    char sql[160];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM ledger WHERE idx >= %ld AND"
                   " instr(entry, CAST('\"event_type\":\"%s\"' AS BLOB)) > 0",
                   rig->since, event);
    return count(rig, sql);
}

/* Every leaf of this kind holds the text: none was entered incomplete. */
static void all_hold(struct rig *rig, const char *event, const char *text)
{
    char sql[256];
    long n;

    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM ledger WHERE idx >= %ld AND"
                   " instr(entry, CAST('\"event_type\":\"%s\"' AS BLOB)) > 0"
                   " AND instr(entry, CAST('%s' AS BLOB)) = 0",
                   rig->since, event, text);
    if ((n = count(rig, sql)) != 0)
        fail_msg("%ld of %s lack %s", n, event, text);
}

/* What the newest attachment's sender said is all there. */
static void claims_hold(struct rig *rig, const char *text)
{
    struct fixture *f = rig->f;
    struct buf claims = { 0 };
    char id[ID_SIZE] = "";
    sqlite3_stmt *st = NULL;

    assert_int_equal(
        sqlite3_prepare_v2(f->r->store->db,
                           "SELECT id FROM attachment ORDER BY rowid DESC"
                           " LIMIT 1",
                           -1, &st, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    (void)snprintf(id, sizeof(id), "%s",
                   (const char *)sqlite3_column_text(st, 0));
    sqlite3_finalize(st);
    assert_int_equal(attachment_claims(f->r->store, id, &claims, &f->e), 1);
    if (strstr((char *)claims.p, text) == NULL)
        fail_msg("%s is not in %s", text, (char *)claims.p);
    buf_free(&claims);
}

static int no_fault(void *arg, const char *what)
{
    (void)arg;
    fail_msg("the database: %s", what);
    return 1;
}

/* Files, rows and leaves as `resguardo check` sees them. */
static void check(struct rig *rig)
{
    struct fixture *f = rig->f;
    struct store *reader = NULL;
    struct buf note = { 0 };
    struct audit *audit;
    json_t *faults;

    assert_int_equal(
        store_open(&reader, f->dir, NULL, STORE_READER, &random_system, &f->e),
        0);
    assert_non_null(audit = audit_new(reader));
    assert_int_equal(audit_look(audit, &f->e), 0);
    assert_int_equal(ledger_checkpoint(f->r->ledger, &note, &f->e), 0);
    if (audit_judge(audit, &note, ledger_vkey(f->r->ledger), f->keyring,
                    &f->e) != 0)
        fail_msg("%s", f->e.text);
    faults = audit_faults(audit);
    if (json_array_size(faults) > 0)
        fail_msg("%s", json_string_value(json_array_get(faults, 0)));
    audit_free(&audit);
    buf_free(&note);
    store_close(&reader);
}

/* ---- healing ------------------------------------------------------------ */

static bool healthy(struct rig *rig)
{
    struct registrar_status status;

    registrar_get_status(rig->f->r, &status);
    return status.healthy && !status.read_only;
}

/* Goes on by itself; a second I/O error within a minute needs a restart. */
static void heal(struct rig *rig)
{
    struct fixture *f = rig->f;

    for (int i = 0; i < 3 && (i == 0 || !healthy(rig)); i++) {
        f->now += 2 * MSEC_S;
        (void)registrar_step(f->r);
    }
    if (!healthy(rig)) {
        rig->restarts++;
        help_reopen(f);
        (void)registrar_step(f->r);
    }
    assert_true(healthy(rig));
    f->now += 61 * MSEC_S;
}

static void forget_effects(struct rig *rig)
{
    struct fixture *f = rig->f;

    for (size_t i = 0; i < f->nsends; i++)
        free(f->sends[i].body);
    f->nsends = f->nfetches = 0;
}

/* Nothing of this try is under way when the next begins. */
static void finish(struct rig *rig)
{
    struct fixture *f = rig->f;

    help_accept_all(f, 0);
    for (int i = 0; i < 20; i++) {
        struct intake_result end = { .end = INTAKE_REFUSED, .reason = "type" };
        sqlite3_stmt *st = NULL;
        bool any;

        assert_int_equal(
            sqlite3_prepare_v2(f->r->store->db,
                               "SELECT id, payload FROM attachment WHERE state"
                               " IN ('fetching','judging') LIMIT 1",
                               -1, &st, NULL),
            SQLITE_OK);
        if ((any = sqlite3_step(st) == SQLITE_ROW)) {
            (void)snprintf(end.attachment, ID_SIZE, "%s",
                           (const char *)sqlite3_column_text(st, 0));
            (void)snprintf(end.payload, ID_SIZE, "%s",
                           (const char *)sqlite3_column_text(st, 1));
        }
        sqlite3_finalize(st);
        if (!any)
            break;
        assert_int_equal(registrar_post_intake(f->r, &end), 0);
        (void)registrar_step(f->r);
    }
    forget_effects(rig);
    if (rig->tries++ % 16 == 0)
        assert_int_equal(store_integrity(f->r->store, no_fault, NULL, &f->e),
                         0);
    assert_int_equal(count(rig, "SELECT count(*) FROM dead_letter"), 0);
}

/* ---- a webhook ---------------------------------------------------------- */

/* One delivery under any sky: 0 when it is answered 200. */
static int deliver(struct rig *rig, const char *message)
{
    struct fixture *f = rig->f;
    char body[1024];
    struct webhook *webhook;
    struct error err = { 0 };

    (void)snprintf(
        body, sizeof(body),
        "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"changes\":[{"
        "\"field\":\"messages\",\"value\":{\"metadata\":{\"phone_number_id\":"
        "\"8000\"},\"contacts\":[{\"wa_id\":\"%s\",\"profile\":{\"name\":\"M\"}"
        "}],\"messages\":[{\"id\":\"%s\",\"from\":\"%s\",\"timestamp\":"
        "\"%lld\",%s}]}}]}]}",
        rig->phone, rig->wamid, rig->phone, (long long)(f->now / MSEC_S),
        message);
    f->answer = 0;
    if ((webhook = webhook_parse(body, strlen(body), &err)) == NULL)
        return err.code == ERR_NOMEM ? -1 : 1;
    if (registrar_post_webhook(f->r, 1, webhook) != 0) {
        webhook_free(&webhook);
        return -1;
    }
    (void)registrar_step(f->r);
    return f->answer == 200 ? 0 : f->answer == 503 ? -1 : 1;
}

#define PHOTO                                                                  \
    "\"type\":\"image\",\"image\":{\"id\":\"77\",\"mime_type\":\"image/jpeg\"" \
    ",\"caption\":\"c\"}"
#define TEXT(word) "\"type\":\"text\",\"text\":{\"body\":\"" word "\"}"

static void mark(struct rig *rig)
{
    rig->since = count(rig, "SELECT coalesce(max(idx), -1) + 1 FROM ledger");
}

static void next_person(struct rig *rig)
{
    mark(rig);
    rig->person++;
    (void)snprintf(rig->phone, sizeof(rig->phone), "3460%07ld", rig->person);
    (void)snprintf(rig->wamid, sizeof(rig->wamid), "wamid.fault.%ld",
                   rig->person);
}

/* Meta's side: again until it is answered 200. */
static void redeliver(struct rig *rig, const char *message)
{
    heal(rig);
    if (rig->ended != 0)
        assert_int_equal(deliver(rig, message), 0);
    /* And once too often. */
    assert_int_equal(deliver(rig, message), 0);
}

static void webhook_prepare(void *arg)
{
    struct rig *rig = arg;

    next_person(rig);
    rig->before[0] = count(rig, "SELECT count(*) FROM attachment");
    rig->before[1] = leaves(rig, "media_held");
    rig->before[2] = count(rig, "SELECT count(*) FROM prompt");
}

static void webhook_act(void *arg)
{
    struct rig *rig = arg;
    rig->ended = deliver(rig, PHOTO);
}

static void webhook_verify(void *arg)
{
    struct rig *rig = arg;

    assert_true(rig->ended <= 0);
    redeliver(rig, PHOTO);
    assert_int_equal(count(rig, "SELECT count(*) FROM attachment"),
                     rig->before[0] + 1);
    assert_int_equal(leaves(rig, "media_held"), rig->before[1] + 1);
    claims_hold(rig, "\"media_id\":\"77\"");
    claims_hold(rig, "\"caption\":\"c\"");
    claims_hold(rig, "\"wamid\":");
    all_hold(rig, "media_held", "\"attachment_id\":");
    assert_int_equal(count(rig, "SELECT count(*) FROM prompt"),
                     rig->before[2] + 1);
    finish(rig);
}

/* ---- a yes -------------------------------------------------------------- */

static void grant_prepare(void *arg)
{
    struct rig *rig = arg;

    next_person(rig);
    help_text(rig->f, rig->phone, rig->wamid, "hola");
    help_accept_all(rig->f, 0);
    rig->f->now += 3 * MSEC_S;
    (void)strcat(rig->wamid, ".yes");
    rig->before[0] = leaves(rig, "consent_given");
    rig->before[1] = count(rig, "SELECT count(*) FROM evidence"
                                " WHERE kind = 'decision'");
}

static void grant_act(void *arg)
{
    struct rig *rig = arg;
    rig->ended = deliver(rig, TEXT("acepto"));
}

static void grant_verify(void *arg)
{
    struct rig *rig = arg;

    assert_true(rig->ended <= 0);
    redeliver(rig, TEXT("acepto"));
    assert_int_equal(leaves(rig, "consent_given"), rig->before[0] + 1);
    assert_int_equal(count(rig, "SELECT count(*) FROM evidence"
                                " WHERE kind = 'decision'"),
                     rig->before[1] + 1);
    all_hold(rig, "consent_given", "\"prompt_sha256\":");
    all_hold(rig, "consent_given", "\"evidence_id\":");
    all_hold(rig, "consent_given", "\"message\":");
    all_hold(rig, "consent_given", "\"wamid\":");
    all_hold(rig, "consent_given", "\"provider_time\":");
    all_hold(rig, "consent_requested", "\"prompt_sha256\":");
    finish(rig);
}

/* ---- a fetch order ------------------------------------------------------ */

static void order_prepare(void *arg)
{
    struct rig *rig = arg;

    next_person(rig);
    help_consenting(rig->f, rig->phone);
    forget_effects(rig);
    rig->before[0] = leaves(rig, "media_fetching");
    rig->before[1] = count(rig, "SELECT count(*) FROM attachment");
}

static void order_act(void *arg)
{
    struct rig *rig = arg;
    rig->ended = deliver(rig, PHOTO);
}

/* No request that no leaf allows; no file that is never asked for. */
static void order_verify(void *arg)
{
    struct rig *rig = arg;

    assert_true(rig->ended <= 0);
    redeliver(rig, PHOTO);
    assert_true(leaves(rig, "media_fetching") - rig->before[0] >=
                (long)rig->f->nfetches);
    if (rig->f->nfetches == 0) /* committed, and the order lost: an hour */
        help_reopen(rig->f);
    (void)registrar_step(rig->f->r);
    assert_int_equal(rig->f->nfetches, 1);
    assert_string_equal(rig->f->fetches[0].media_id, "77");
    assert_int_equal(count(rig, "SELECT count(*) FROM attachment"),
                     rig->before[1] + 1);
    finish(rig);
}

/* ---- a payload, and a stored result ------------------------------------- */

static int payload_sink(void *arg, const uint8_t *p, size_t len,
                        struct error *err)
{
    return buf_add(arg, p, len) == 0
               ? 0
               : error_set(err, ERR_NOMEM, "no memory for a payload");
}

/* As intake does it: sealed, written, linked. */
static int payload_make(struct rig *rig)
{
    struct fixture *f = rig->f;
    const struct fetch_order *order = &f->fetches[0];
    struct age_writer *writer = NULL;
    struct buf payload = { 0 };
    struct error err = { 0 };
    int fd = blob_new(f->r->store, &err), ok = -1;

    memset(&rig->result, 0, sizeof(rig->result));
    if (fd < 0 ||
        age_writer_new(&writer, &order->recipient, 1, &random_system,
                       &rig->result.header, payload_sink, &payload,
                       &err) != 0 ||
        age_writer_add(writer, "what was sent", 13, &err) != 0 ||
        age_writer_finish(writer, &err) != 0 ||
        fd_write_all(fd, payload.p, payload.len) != 0 ||
        blob_link(f->r->store, fd, order->payload, &err) != 0)
        goto out;
    rig->result.end = INTAKE_STORED;
    rig->result.linked = true;
    rig->result.size = 13;
    rig->result.payload_size = (int64_t)payload.len;
    sha256_of(rig->result.payload_sha256, payload.p, payload.len);
    memcpy(rig->result.attachment, order->attachment, ID_SIZE);
    memcpy(rig->result.payload, order->payload, ID_SIZE);
    memcpy(rig->result.media_type, "image/jpeg", 11);
    ok = 0;
out:
    if (ok != 0)
        buf_free(&rig->result.header);
    if (fd >= 0)
        (void)close(fd);
    age_writer_free(&writer);
    buf_free(&payload);
    return ok;
}

static void payload_prepare(void *arg)
{
    struct rig *rig = arg;

    order_prepare(rig);
    rig->before[0] = count(rig, "SELECT count(*) FROM document");
    rig->before[1] = leaves(rig, "media_stored");
    assert_int_equal(deliver(rig, PHOTO), 0);
    assert_int_equal(rig->f->nfetches, 1);
}

static void payload_act(void *arg)
{
    struct rig *rig = arg;
    rig->ended = payload_make(rig);
}

static void stored_verify_counts(struct rig *rig)
{
    assert_int_equal(count(rig, "SELECT count(*) FROM document"),
                     rig->before[0] + 1);
    assert_int_equal(leaves(rig, "media_stored"), rig->before[1] + 1);
    assert_int_equal(
        count(rig,
              "SELECT count(*) FROM document WHERE caption_sealed IS NULL"),
        0);
    all_hold(rig, "media_stored", "\"payload_sha256\":");
}

/* What failed is tried again under a new name, as after INTAKE_RETRY. */
static void payload_verify(void *arg)
{
    struct rig *rig = arg;
    struct fixture *f = rig->f;

    if (rig->ended != 0) {
        help_end(f, 0, INTAKE_RETRY, "storage");
        forget_effects(rig);
        f->now += MSEC_H;
        (void)registrar_step(f->r);
        assert_int_equal(f->nfetches, 1);
        assert_int_equal(payload_make(rig), 0);
    }
    assert_int_equal(registrar_post_intake(f->r, &rig->result), 0);
    (void)registrar_step(f->r);
    stored_verify_counts(rig);
    finish(rig);
}

static void stored_prepare(void *arg)
{
    struct rig *rig = arg;

    payload_prepare(rig);
    assert_int_equal(payload_make(rig), 0);
}

static void stored_act(void *arg)
{
    struct rig *rig = arg;

    rig->ended = registrar_post_intake(rig->f->r, &rig->result);
    (void)registrar_step(rig->f->r);
}

/* A result that found no memory for an event is had again after its lease. */
static void stored_verify(void *arg)
{
    struct rig *rig = arg;
    struct fixture *f = rig->f;

    heal(rig);
    if (rig->ended != 0 ||
        count(rig, "SELECT count(*) FROM document") == rig->before[0]) {
        help_reopen(f);
        forget_effects(rig);
        (void)registrar_step(f->r);
        assert_int_equal(f->nfetches, 1);
        assert_int_equal(payload_make(rig), 0);
        assert_int_equal(registrar_post_intake(f->r, &rig->result), 0);
        (void)registrar_step(f->r);
    }
    stored_verify_counts(rig);
    finish(rig);
}

/* ---- a withdrawal ------------------------------------------------------- */

static void withdraw_prepare(void *arg)
{
    struct rig *rig = arg;

    stored_prepare(rig);
    assert_int_equal(registrar_post_intake(rig->f->r, &rig->result), 0);
    (void)registrar_step(rig->f->r);
    rig->f->now += 20 * MSEC_S;
    (void)strcat(rig->wamid, ".baja");
    rig->before[2] = leaves(rig, "consent_withdrawn");
    rig->before[3] = leaves(rig, "document_blocked");
}

static void withdraw_act(void *arg)
{
    struct rig *rig = arg;
    rig->ended = deliver(rig, TEXT("BAJA"));
}

static void withdraw_verify(void *arg)
{
    struct rig *rig = arg;

    assert_true(rig->ended <= 0);
    redeliver(rig, TEXT("BAJA"));
    assert_int_equal(leaves(rig, "consent_withdrawn"), rig->before[2] + 1);
    assert_int_equal(leaves(rig, "document_blocked"), rig->before[3] + 1);
    assert_int_equal(
        count(rig, "SELECT count(*) FROM document WHERE state = 'stored'"), 0);
    finish(rig);
}

/* ---- what staff do ------------------------------------------------------ */

/* The event of registrar_record and _checkpoint, without their wait. */
static void ask(struct rig *rig, enum event_kind kind,
                const struct staff_access *access)
{
    struct waiter waiter = { 0 };
    struct event *event = calloc(1, sizeof(*event));

    rig->ended = -1;
    if (event == NULL)
        return;
    event->kind = kind;
    event->access = access;
    event->note = &rig->note;
    /* cppcheck-suppress autoVariables */
    event->waiter = &waiter;
    if (queue_post(rig->f->r, event) != 0)
        free(event);
    else
        (void)registrar_step(rig->f->r);
    assert_true(waiter.done);
    rig->ended = waiter.result;
}

static void record_prepare(void *arg)
{
    struct rig *rig = arg;
    mark(rig);
    rig->before[0] = leaves(rig, "documents_listed");
}

static void record_act(void *arg)
{
    static const struct staff_access access = { .event_type =
                                                    "documents_listed",
                                                .name = "ana",
                                                .role = "agent",
                                                .reason = "because" };
    ask(arg, EVENT_RECORD, &access);
}

/* Never read and not on record; on record and not read may be. */
static void record_verify(void *arg)
{
    struct rig *rig = arg;
    long now;

    heal(rig);
    now = leaves(rig, "documents_listed");
    assert_true(now == rig->before[0] + 1 ||
                (rig->ended != 0 && now == rig->before[0]));
    record_act(rig);
    assert_int_equal(rig->ended, 0);
    assert_int_equal(leaves(rig, "documents_listed"), now + 1);
    all_hold(rig, "documents_listed", "\"commitments\":{\"reason\":");
    finish(rig);
}

static void checkpoint_prepare(void *arg)
{
    struct rig *rig = arg;

    /* Something new to sign, and not yet signed by the way. */
    rig->f->now += 10;
    record_act(rig);
    assert_int_equal(rig->ended, 0);
    buf_free(&rig->note);
}

static void checkpoint_act(void *arg)
{
    ask(arg, EVENT_CHECKPOINT, NULL);
}

static void checkpoint_verify(void *arg)
{
    struct rig *rig = arg;
    struct ledger_checkpoint seen;

    heal(rig);
    if (rig->ended != 0) {
        buf_free(&rig->note);
        checkpoint_act(rig);
        assert_int_equal(rig->ended, 0);
    }
    assert_int_equal(
        ledger_checkpoint_open(&seen, (char *)rig->note.p, rig->note.len,
                               registrar_vkey(rig->f->r), &rig->f->e),
        0);
    buf_free(&rig->note);
    finish(rig);
}

/* ---- start and stop ----------------------------------------------------- */

/* Left behind: a transfer with its file, and a message under way. */
static void start_prepare(void *arg)
{
    struct rig *rig = arg;

    stored_prepare(rig);
    buf_free(&rig->result.header);
    next_person(rig);
    help_text(rig->f, rig->phone, rig->wamid, "hola");
    rig->before[2] = count(rig, "SELECT count(*) FROM loose");
    assert_true(rig->before[2] > 0);
    registrar_close(&rig->f->r);
}

static void start_act(void *arg)
{
    struct rig *rig = arg;
    struct fixture *f = rig->f;
    struct registrar_needs needs = { .config = &f->config,
                                     .policies = f->policies,
                                     .keyring = f->keyring,
                                     .effects = &f->effects,
                                     .clock = &f->clock,
                                     .random = &random_system };
    struct error err = { 0 };

    rig->ended = store_open(&needs.store, f->dir, NULL, STORE_WRITER,
                            &random_system, &err);
    if (rig->ended == 0 &&
        (rig->ended = registrar_open(&f->r, &needs, &err)) != 0)
        store_close(&needs.store);
}

static void start_verify(void *arg)
{
    struct rig *rig = arg;

    if (rig->ended != 0)
        help_open(rig->f);
    assert_int_equal(count(rig, "SELECT count(*) FROM loose"), 0);
    assert_int_equal(count(rig, "SELECT count(*) FROM attachment"
                                " WHERE state = 'fetching'"),
                     0);
    assert_int_equal(
        count(rig, "SELECT count(*) FROM outbox WHERE state = 'sending'"), 0);
    heal(rig);
    finish(rig);
}

static void stop_prepare(void *arg)
{
    struct rig *rig = arg;

    webhook_prepare(rig);
    help_photo(rig->f, rig->phone, rig->wamid);
}

static void stop_act(void *arg)
{
    struct rig *rig = arg;
    registrar_close(&rig->f->r);
}

static void stop_verify(void *arg)
{
    struct rig *rig = arg;

    help_open(rig->f);
    heal(rig);
    assert_int_equal(count(rig, "SELECT count(*) FROM attachment"),
                     rig->before[0] + 1);
    finish(rig);
}

/* ---- a slot is destroyed ------------------------------------------------ */

static void erase_prepare(void *arg)
{
    struct rig *rig = arg;
    struct store *s = rig->f->r->store;
    uint64_t slot;

    assert_int_equal(store_begin(s, &rig->f->e), 0);
    assert_int_equal(slot_alloc(s, &slot, &rig->f->e), 0);
    assert_int_equal(store_commit(s, &rig->f->e), 0);
    rig->before[0] = (long)slot;
}

static void erase_act(void *arg)
{
    struct rig *rig = arg;
    struct error err = { 0 };
    uint64_t slot = (uint64_t)rig->before[0];

    rig->ended = slot_erase(rig->f->r->store, &slot, 1, &err);
}

/* Said to be destroyed, it is; else asking again destroys it. */
static void erase_verify(void *arg)
{
    struct rig *rig = arg;
    uint64_t slot = (uint64_t)rig->before[0];

    if (rig->ended != 0)
        assert_int_equal(slot_erase(rig->f->r->store, &slot, 1, &rig->f->e), 0);
    assert_int_equal(slot_state(rig->f->r->store, slot, &rig->f->e), 0);
}

/* ---- all of them -------------------------------------------------------- */

static void run(void **state, const char *name, void (*prepare)(void *),
                void (*act)(void *), void (*verify)(void *))
{
    struct rig rig = { .f = *state };
    struct fault_walk walk = { name, prepare, act, verify, &rig, false };
    long tries = fault_walk(&walk);

    assert_true(tries > 0);
    check(&rig);
    printf("%s: %ld faults, %ld restarts\n", name, tries, rig.restarts);
}

#define OPERATION(name)                                                        \
    static void every_call_of_##name##_fails(void **state)                     \
    {                                                                          \
        run(state, #name, name##_prepare, name##_act, name##_verify);          \
    }
OPERATION(webhook)
OPERATION(grant)
OPERATION(order)
OPERATION(payload)
OPERATION(stored)
OPERATION(withdraw)
OPERATION(record)
OPERATION(checkpoint)
OPERATION(start)
OPERATION(stop)
OPERATION(erase)

int main(int argc, char **argv)
{
#define T(name)                                                                \
    cmocka_unit_test_setup_teardown(every_call_of_##name##_fails, help_setup,  \
                                    help_teardown)
    const struct CMUnitTest tests[] = {
        T(webhook), T(grant),      T(order), T(payload), T(stored), T(withdraw),
        T(record),  T(checkpoint), T(start), T(stop),    T(erase),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
