/* A registrar without threads: a clock to turn, and effects written down. */
#ifndef RESGUARDO_REGISTRAR_HELP_H
#define RESGUARDO_REGISTRAR_HELP_H

#include "unit.h"

#include <sqlite3.h>

#include "registrar/registrar_private.h"

#define T0          ((msec)1795000000000)
#define MAX_EFFECTS 512

struct sent {
    char outbox[ID_SIZE];
    char *body;
};

struct fixture {
    char *folder;
    char dir[128];
    struct config config;
    struct config_number numbers[2];
    struct policy_set *policies;
    struct keyring *keyring;
    struct secret *officer; /* ana, uid 1 */
    struct registrar_effects effects;
    struct clock_source clock;
    struct registrar *r;
    struct error e;
    msec now;

    unsigned held, answer; /* the last one; once it was let go */
    struct fetch_order fetches[MAX_EFFECTS];
    struct sent sends[MAX_EFFECTS];
    char cancelled[ID_SIZE];
    char contact[ID_SIZE], bsuid[64];
    size_t nfetches, nsends, nforgets;
};

static inline msec help_now(void *arg)
{
    return ((struct fixture *)arg)->now;
}

static inline void help_answer(void *arg, uint64_t request, unsigned status)
{
    (void)request;
    ((struct fixture *)arg)->held = status;
}

static inline void help_answered(void *arg)
{
    struct fixture *f = arg;
    f->answer = f->held;
}

static inline void help_fetch(void *arg, const struct fetch_order *order)
{
    struct fixture *f = arg;
    assert_true(f->nfetches < MAX_EFFECTS);
    f->fetches[f->nfetches++] = *order;
}

static inline void help_cancel(void *arg, const char *attachment)
{
    struct fixture *f = arg;
    memcpy(f->cancelled, attachment, ID_SIZE);
}

static inline void help_send(void *arg, const char *outbox, const char *number,
                             const char *body, size_t len)
{
    struct fixture *f = arg;
    (void)number;
    assert_true(f->nsends < MAX_EFFECTS);
    memcpy(f->sends[f->nsends].outbox, outbox, ID_SIZE);
    assert_non_null(f->sends[f->nsends++].body = strndup(body, len));
}

static inline void help_forget(void *arg, const char *attachment,
                               const char *number, const char *media_id)
{
    struct fixture *f = arg;

    (void)attachment, (void)number, (void)media_id;
    f->nforgets++;
}

static inline void help_forget_contact(void *arg, const char *what,
                                       const char *number, const char *bsuid)
{
    struct fixture *f = arg;

    assert_string_not_equal(number, "");
    memcpy(f->contact, what, ID_SIZE);
    (void)snprintf(f->bsuid, sizeof(f->bsuid), "%s", bsuid);
}

/* ---- opening ------------------------------------------------------------ */

static inline void help_keyring(struct fixture *f, struct store *store)
{
    struct secret *officer = f->officer = age_identity_new(&random_system);
    struct secret *custody = age_identity_new(&random_system);
    uint8_t point[AGE_KEY_LEN], signature[SIGN_LEN];
    struct buf entry = { 0 };

    f->keyring = keyring_new();
    assert_int_equal(age_identity_recipient(point, custody), 0);
    assert_int_equal(keyring_sign_root(f->keyring, officer, 1, "ana", point, T0,
                                       &entry, signature, &f->e),
                     0);
    assert_int_equal(keyring_row_add(store, 0, entry.p, entry.len, signature,
                                     sizeof(signature), &f->e),
                     0);
    assert_int_equal(age_identity_recipient(point, officer), 0);
    buf_free(&entry);
    secret_free(&custody);
    custody = age_identity_new(&random_system);
    assert_int_equal(age_identity_recipient(point, custody), 0);
    assert_int_equal(keyring_sign_epoch(f->keyring, officer, point, T0, &entry,
                                        signature, &f->e),
                     0);
    assert_int_equal(keyring_row_add(store, 1, entry.p, entry.len, signature,
                                     sizeof(signature), &f->e),
                     0);
    buf_free(&entry);
    secret_free(&custody);
}

/* As a start of the daemon; the rows are what the last one left. */
static inline void help_open(struct fixture *f)
{
    struct registrar_needs needs = { .config = &f->config,
                                     .policies = f->policies,
                                     .keyring = f->keyring,
                                     .effects = &f->effects,
                                     .clock = &f->clock,
                                     .random = &random_system };

    assert_int_equal(store_open(&needs.store, f->dir, NULL, STORE_WRITER,
                                &random_system, &f->e),
                     0);
    if (registrar_open(&f->r, &needs, &f->e) != 0)
        fail_msg("%s", f->e.text);
}

static inline void help_reopen(struct fixture *f)
{
    registrar_close(&f->r);
    help_open(f);
}

/* `policies` is the folder that has them; ids of those of the two numbers. */
static inline int help_setup_of(void **state, const char *policies,
                                const char *const ids[static 2])
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct store *store = NULL;

    assert_non_null(f);
    f->folder = unit_folder_new();
    (void)snprintf(f->dir, sizeof(f->dir), "%s/s", f->folder);
    f->now = T0;
    f->clock = (struct clock_source){ help_now, f };
    f->effects = (struct registrar_effects){
        f,           help_answer, help_answered, help_fetch,
        help_cancel, help_send,   help_forget,   help_forget_contact
    };
    f->config.storage = f->dir;
    f->config.numbers = f->numbers;
    f->config.nnumbers = 2;
    for (int i = 0; i < 2; i++) {
        (void)snprintf(f->numbers[i].phone_number_id,
                       sizeof(f->numbers[i].phone_number_id), "800%d", i);
        (void)snprintf(f->numbers[i].policy, sizeof(f->numbers[i].policy), "%s",
                       ids[i]);
        f->numbers[i].media_lifetime = 7 * MSEC_D;
    }
    f->policies = policy_set_load(policies, ids, 2, "Example S. A.",
                                  "https://intake.example.org", &f->e);
    if (f->policies == NULL)
        fail_msg("%s", f->e.text);
    assert_int_equal(store_create(f->dir, NULL, T0, &random_system, &f->e), 0);
    assert_int_equal(
        store_open(&store, f->dir, NULL, STORE_WRITER, &random_system, &f->e),
        0);
    assert_int_equal(store_begin(store, &f->e), 0);
    help_keyring(f, store);
    assert_int_equal(ledger_create(store, "example.org", &random_system, &f->e),
                     0);
    assert_int_equal(store_commit(store, &f->e), 0);
    store_close(&store);
    help_open(f);
    *state = f;
    return 0;
}

/* Whoever has a row where a message looks only if they may have one has its
 * bit: held after every test, so over all that happens in them. */
static inline void help_has_what_it_says(const struct fixture *f)
{
    static const struct {
        unsigned bit;
        const char *rows;
    } all[] = {
        { PERSON_CONSENT, "consent" },
        { PERSON_PROMPT, "prompt" },
        { PERSON_FILE, "attachment" },
        { PERSON_CASE, "cases" },
        { PERSON_GUIDE, "guide" },
        { PERSON_CONVERSATION, "conversation" },
        { PERSON_UNCLEAR, "attachment x WHERE x.item IN ('?', '!')" },
        { PERSON_HANDLE, "handle" },
        { PERSON_REMINDED, "outbound x WHERE x.answered <> 0" },
        { PERSON_PROMISE, "promise" },
        { PERSON_ELSEWHERE, "elsewhere" },
    };
    sqlite3 *db = NULL;
    char path[160], sql[256];

    (void)snprintf(path, sizeof(path), "%s/resguardo.db", f->dir);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL),
                     SQLITE_OK);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        sqlite3_stmt *st = NULL;

        (void)snprintf(sql, sizeof(sql),
                       "SELECT count(*) FROM subject WHERE has & %u = 0"
                       " AND id IN (SELECT subject FROM %s)",
                       all[i].bit, all[i].rows);
        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(st), SQLITE_ROW);
        if (sqlite3_column_int(st, 0) != 0)
            fail_msg("somebody has rows of %s and no bit", all[i].rows);
        sqlite3_finalize(st);
    }
    (void)sqlite3_close(db);
}

static const char *const help_ids[] = { "es-gdpr", "co-habeas-data" };
static inline int help_setup(void **state)
{
    return help_setup_of(state, "policies", help_ids);
}

static inline int help_teardown(void **state)
{
    struct fixture *f = *state;

    help_has_what_it_says(f);
    registrar_close(&f->r);
    policy_set_free(&f->policies);
    keyring_free(&f->keyring);
    secret_free(&f->officer);
    for (size_t i = 0; i < f->nsends; i++)
        free(f->sends[i].body);
    unit_folder_free(f->folder);
    free(f);
    return 0;
}

/* ---- what happens ------------------------------------------------------- */

/* One message of a person, in the queue. `message` is the rest of the element,
 * after id, from and timestamp. */
static inline void help_queue(struct fixture *f, const char *number,
                              const char *from, const char *wamid,
                              const char *message)
{
    struct buf text = { 0 };
    struct webhook *webhook;

    assert_int_equal(
        buf_addf(&text,
                 "{\"object\":\"whatsapp_business_account\",\"entry\":[{"
                 "\"changes\":[{\"field\":\"messages\",\"value\":{\"metadata\":"
                 "{\"phone_number_id\":\"%s\"},\"messages\":[{\"id\":\"%s\","
                 "\"from\":\"%s\",\"timestamp\":\"%lld\",%s}]}}]}]}",
                 number, wamid, from, (long long)(f->now / MSEC_S), message),
        0);
    webhook = webhook_parse(text.p, text.len, &f->e);
    assert_non_null(webhook);
    assert_int_equal(registrar_post_webhook(f->r, 1, webhook), 0);
    buf_free(&text);
}

static inline void help_message_to(struct fixture *f, const char *number,
                                   const char *from, const char *wamid,
                                   const char *message)
{
    help_queue(f, number, from, wamid, message);
    assert_true(registrar_step(f->r) >= 1);
}

/* To number 8000 (es-gdpr), applied. */
static inline void help_message(struct fixture *f, const char *from,
                                const char *wamid, const char *message)
{
    help_message_to(f, "8000", from, wamid, message);
}

#define HELP_PHOTO                                                             \
    "\"type\":\"image\",\"image\":{\"id\":\"77\",\"mime_type\":\"image/"       \
    "jpeg\"}"

static inline void help_photo(struct fixture *f, const char *from,
                              const char *wamid)
{
    help_message(f, from, wamid, HELP_PHOTO);
}

static inline void help_text(struct fixture *f, const char *from,
                             const char *wamid, const char *body)
{
    char message[256];

    (void)snprintf(message, sizeof(message),
                   "\"type\":\"text\",\"text\":{\"body\":\"%s\"}", body);
    help_message(f, from, wamid, message);
}

/* Everything sent so far was accepted by Meta. */
static inline void help_accept_all(struct fixture *f, size_t from)
{
    for (size_t i = from; i < f->nsends; i++) {
        char wamid[48];
        (void)snprintf(wamid, sizeof(wamid), "wamid.OUT%zu", i);
        assert_int_equal(
            registrar_post_sent(f->r, f->sends[i].outbox, SEND_OK, 0, wamid),
            0);
    }
    (void)registrar_step(f->r);
}

/* A person who said yes, with nothing in flight. */
static inline void help_consenting(struct fixture *f, const char *from)
{
    char wamid[64];
    size_t sends = f->nsends;

    (void)snprintf(wamid, sizeof(wamid), "wamid.hi.%s", from);
    help_text(f, from, wamid, "hola");
    help_accept_all(f, sends);
    f->now += 3 * MSEC_S;
    (void)snprintf(wamid, sizeof(wamid), "wamid.yes.%s", from);
    help_text(f, from, wamid, "acepto");
    sends = f->nsends - 1;
    help_accept_all(f, sends);
}

static inline void help_end(struct fixture *f, size_t order,
                            enum intake_end end, const char *reason)
{
    struct intake_result result = { .end = end };

    memcpy(result.attachment, f->fetches[order].attachment, ID_SIZE);
    memcpy(result.payload, f->fetches[order].payload, ID_SIZE);
    memcpy(result.reason, reason, strlen(reason) + 1);
    assert_int_equal(registrar_post_intake(f->r, &result), 0);
    (void)registrar_step(f->r);
}

/* The file arrived and was judged to be this. */
static inline void help_judged(struct fixture *f, size_t order,
                               const char *media_type)
{
    struct intake_result result = {
        .end = INTAKE_STORED, .linked = true, .size = 3, .payload_size = 51
    };
    int fd = blob_new(f->r->store, &f->e);

    assert_true(fd >= 0);
    memcpy(result.attachment, f->fetches[order].attachment, ID_SIZE);
    memcpy(result.payload, f->fetches[order].payload, ID_SIZE);
    result.epoch = f->fetches[order].epoch;
    memcpy(result.media_type, media_type, strlen(media_type) + 1);
    assert_int_equal(blob_link(f->r->store, fd, result.payload, &f->e), 0);
    (void)close(fd);
    assert_int_equal(buf_adds(&result.header, "header"), 0);
    assert_int_equal(registrar_post_intake(f->r, &result), 0);
    (void)registrar_step(f->r);
}

static inline struct attachment_row help_attachment(struct fixture *f,
                                                    const char *id)
{
    struct attachment_row row;

    assert_int_equal(attachment_get(f->r->store, id, &row, &f->e), 1);
    return row;
}

#endif
