/* A registrar whose calls fail, and what must hold of it afterwards. */
#ifndef RESGUARDO_FAULT_RIG_H
#define RESGUARDO_FAULT_RIG_H

#include "fault.h"

#include "../unit/registrar_help.h"
#include "desk/desk_private.h"
#include "store/store_private.h"

#define NEW_STORAGE 100

/* The fixture, and what the operation at hand remembers. */
struct rig {
    struct fixture *f;
    long person;
    char phone[28], wamid[64], document[ID_SIZE];
    long before[4];
    struct intake_result result;
    struct store *store;
    int ended; /* of the operation: 0, -1 */
    struct buf note;
    long since; /* leaves before this index are of former tries */
    long tries, restarts;
    void (*prepare)(void *);
    void **state;
};

/* ---- looking ------------------------------------------------------------ */

static inline long count(struct rig *rig, const char *sql)
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

static inline long leaves(struct rig *rig, const char *event)
{
    char sql[160];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM ledger WHERE idx >= %ld AND"
                   " instr(entry, CAST('\"event_type\":\"%s\"' AS BLOB)) > 0",
                   rig->since, event);
    return count(rig, sql);
}

/* Every leaf of this kind holds the text: none was entered incomplete. */
static inline void all_hold(struct rig *rig, const char *event,
                            const char *text)
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

static inline void newest(struct rig *rig, const char *table,
                          char id[static ID_SIZE])
{
    sqlite3_stmt *st = NULL;
    char sql[96];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT id FROM %s ORDER BY rowid DESC LIMIT 1", table);
    assert_int_equal(
        sqlite3_prepare_v2(rig->f->r->store->db, sql, -1, &st, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    (void)snprintf(id, ID_SIZE, "%s", (const char *)sqlite3_column_text(st, 0));
    sqlite3_finalize(st);
}

/* What the newest attachment's sender said is all there. */
static inline void claims_hold(struct rig *rig, const char *text)
{
    struct fixture *f = rig->f;
    struct buf claims = { 0 };
    char id[ID_SIZE];

    newest(rig, "attachment", id);
    assert_int_equal(attachment_claims(f->r->store, id, &claims, &f->e), 1);
    if (strstr((char *)claims.p, text) == NULL)
        fail_msg("%s is not in %s", text, (char *)claims.p);
    buf_free(&claims);
}

static inline int no_fault(void *arg, const char *what)
{
    (void)arg;
    fail_msg("the database: %s", what);
    return 1;
}

/* Files, rows and leaves as `resguardo check` sees them. */
static inline void check(struct rig *rig)
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

static inline bool healthy(struct rig *rig)
{
    struct registrar_status status;

    registrar_get_status(rig->f->r, &status);
    return status.healthy && !status.read_only;
}

/* Goes on by itself; a second I/O error within a minute needs a restart. */
static inline void heal(struct rig *rig)
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

static inline void forget_effects(struct rig *rig)
{
    struct fixture *f = rig->f;

    for (size_t i = 0; i < f->nsends; i++)
        free(f->sends[i].body);
    f->nsends = f->nfetches = 0;
}

/* Nothing of this try is under way when the next begins. */
static inline void finish(struct rig *rig)
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
static inline int deliver(struct rig *rig, const char *message)
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

static inline void mark(struct rig *rig)
{
    rig->since = count(rig, "SELECT coalesce(max(idx), -1) + 1 FROM ledger");
}

static inline void next_person(struct rig *rig)
{
    mark(rig);
    rig->person++;
    (void)snprintf(rig->phone, sizeof(rig->phone), "3460%07ld", rig->person);
    (void)snprintf(rig->wamid, sizeof(rig->wamid), "wamid.fault.%ld",
                   rig->person);
}

/* Meta's side: again until it is answered 200. */
static inline void redeliver(struct rig *rig, const char *message)
{
    heal(rig);
    if (rig->ended != 0)
        assert_int_equal(deliver(rig, message), 0);
    /* And once too often. */
    assert_int_equal(deliver(rig, message), 0);
}

/* ---- up to a stored file ------------------------------------------------ */

static inline void webhook_prepare(void *arg)
{
    struct rig *rig = arg;

    next_person(rig);
    rig->before[0] = count(rig, "SELECT count(*) FROM attachment");
    rig->before[1] = leaves(rig, "media_held");
    rig->before[2] = count(rig, "SELECT count(*) FROM prompt");
}

static inline void order_prepare(void *arg)
{
    struct rig *rig = arg;

    next_person(rig);
    help_consenting(rig->f, rig->phone);
    forget_effects(rig);
    rig->before[0] = leaves(rig, "media_fetching");
    rig->before[1] = count(rig, "SELECT count(*) FROM attachment");
}

static inline int payload_sink(void *arg, const uint8_t *p, size_t len,
                               struct error *err)
{
    return buf_add(arg, p, len) == 0
               ? 0
               : error_set(err, ERR_NOMEM, "no memory for a payload");
}

/* As intake does it: sealed, written, linked. */
static inline int payload_make(struct rig *rig)
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
    rig->result.epoch = order->epoch;
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

static inline void payload_prepare(void *arg)
{
    struct rig *rig = arg;

    order_prepare(rig);
    rig->before[0] = count(rig, "SELECT count(*) FROM document");
    rig->before[1] = leaves(rig, "media_stored");
    assert_int_equal(deliver(rig, PHOTO), 0);
    assert_int_equal(rig->f->nfetches, 1);
}

static inline void stored_prepare(void *arg)
{
    struct rig *rig = arg;

    payload_prepare(rig);
    assert_int_equal(payload_make(rig), 0);
}

/* ---- the walk ----------------------------------------------------------- */

static inline void send_aside(void *arg, const char *outbox, const char *number,
                              const char *body, size_t len)
{
    fault_aside(true);
    help_send(arg, outbox, number, body, len);
    fault_aside(false);
}

static inline int rig_setup(void **state)
{
    int ok = help_setup(state);

    ((struct fixture *)*state)->effects.send = send_aside;
    return ok;
}

/* A storage that remembers a thousand tries makes each of them slower. */
static inline void rig_prepare(void *arg)
{
    struct rig *rig = arg;

    if (rig->tries != 0 && rig->tries % NEW_STORAGE == 0) {
        rig->tries++;
        check(rig);
        help_teardown(rig->state);
        assert_int_equal(rig_setup(rig->state), 0);
        rig->f = *rig->state;
    }
    rig->prepare(rig);
}

static inline void rig_run(void **state, const char *name, bool slow,
                           void (*prepare_it)(void *), void (*act)(void *),
                           void (*verify)(void *))
{
    struct rig rig = { .f = *state, .prepare = prepare_it, .state = state };
    struct fault_walk walk = {
        .name = name,
        .prepare = rig_prepare,
        .act = act,
        .verify = verify,
        .arg = &rig,
        .slow = slow,
    };
    long tries = fault_walk(&walk);

    assert_true(tries > 0);
    buf_free(&rig.note);
    check(&rig);
    printf("%s: %ld faults, %ld restarts\n", name, tries, rig.restarts);
}

#define OPERATION(name, slow)                                                  \
    static void every_call_of_##name##_fails(void **state)                     \
    {                                                                          \
        rig_run(state, #name, slow, name##_prepare, name##_act,                \
                name##_verify);                                                \
    }
#define T(name)                                                                \
    cmocka_unit_test_setup_teardown(every_call_of_##name##_fails, rig_setup,   \
                                    help_teardown)

#endif
