/*
 * Fills the storage of a daemon that does not run, through the product's own
 * rooms, so that what it makes is valid.
 *
 * usage: fill STORAGE messages FIRST COUNT
 *        fill STORAGE documents COUNT ENTRIES FIRST
 *
 * messages: sent ones, so that statuses of them have an effect.
 * documents: one a person and case, with ENTRIES ledger entries in all.
 */
#include "resguardo/ledger.h"
#include "resguardo/store.h"
#include "resguardo/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#define POLICY       "co-habeas-data"
#define NUMBER       "106540352242922"
#define A_COMMIT     20000u
#define PAYLOAD_SIZE 400u /* of a document's plain bytes */

static struct store *store;
static struct ledger *ledger;
static struct error err;
static msec now;

#define MUST(call)                                                             \
    do {                                                                       \
        if ((call) != 0)                                                       \
            die(#call);                                                        \
    } while (0)

static void die(const char *what)
{
    (void)fprintf(stderr, "fill: %s: %s\n", what, err.text);
    exit(1);
}

static void commit(void)
{
    if (ledger != NULL)
        MUST(ledger_flush(ledger, &err));
    MUST(store_commit(store, &err));
    if (ledger != NULL)
        ledger_committed(ledger);
}

/* Every A_COMMIT rows a new transaction, and a WAL that stays small. */
static void commit_now_and_then(size_t i)
{
    if (i % A_COMMIT != A_COMMIT - 1)
        return;
    commit();
    MUST(store_checkpoint(store, true, &err));
    MUST(store_begin(store, &err));
}

static void person_add(struct subject_row *row, unsigned long long n)
{
    char phone[24];

    memset(row, 0, sizeof(*row));
    id_new(row->id, 's', &random_system);
    row->created = now;
    MUST(subject_add(store, row, &err));
    (void)snprintf(phone, sizeof(phone), "5732%08llu", n);
    MUST(subject_handle_put(store, row, HANDLE_PHONE, phone, now, &err));
}

/* ---- messages ------------------------------------------------------------ */

static void messages(size_t first, size_t count)
{
    static const char body[] =
        "{\"text\":{\"body\":\"Recibimos sus archivos.\"},\"type\":\"text\"}";
    struct subject_row person;

    person_add(&person, first);
    for (size_t i = 0; i < count; i++) {
        struct outbox_row row = { .policy = POLICY,
                                  .number = NUMBER,
                                  .kind = "say",
                                  .state = "sent",
                                  .created = now };
        char wamid[64];

        id_new(row.id, 'o', &random_system);
        id_new(row.attempt, 't', &random_system);
        memcpy(row.subject, person.id, ID_SIZE);
        (void)snprintf(wamid, sizeof(wamid), "wamid.BENCH%024zu", first + i);
        MUST(outbox_add(store, &row, body, strlen(body), &err));
        MUST(outbox_update(store, &row, wamid, &err));
        commit_now_and_then(i);
    }
}

/* ---- documents ----------------------------------------------------------- */

/* One sealed file, that all documents share byte for byte. */
static struct sealed {
    struct buf header, payload;
    uint8_t sha256[SHA256_LEN];
} sealed;

static int take(void *arg, const uint8_t *p, size_t len, struct error *e)
{
    (void)e;
    return buf_add(arg, p, len);
}

static void seal(void)
{
    uint8_t recipient[1][AGE_KEY_LEN], plain[PAYLOAD_SIZE], secret[AGE_KEY_LEN];
    struct age_writer *writer = NULL;

    randombytes_buf(plain, sizeof(plain));
    randombytes_buf(secret, sizeof(secret));
    (void)crypto_scalarmult_base(recipient[0], secret);
    MUST(age_writer_new(&writer, (const uint8_t(*)[AGE_KEY_LEN])recipient, 1,
                        &random_system, &sealed.header, take, &sealed.payload,
                        &err));
    MUST(age_writer_add(writer, plain, sizeof(plain), &err));
    MUST(age_writer_finish(writer, &err));
    age_writer_free(&writer);
    sha256_of(sealed.sha256, sealed.payload.p, sealed.payload.len);
}

/* Not fsynced: what is measured later is none of the files'. */
static void payload_write(const char *storage, const char *payload)
{
    uint8_t hash[crypto_generichash_BYTES_MIN];
    char path[4096];
    FILE *f;

    crypto_generichash(hash, sizeof(hash), (const uint8_t *)payload,
                       strlen(payload), NULL, 0);
    (void)snprintf(path, sizeof(path), "%s/payloads/%02x/%s", storage, hash[0],
                   payload);
    f = fopen(path, "wbx");
    if (f == NULL ||
        fwrite(sealed.payload.p, 1, sealed.payload.len, f) !=
            sealed.payload.len ||
        fclose(f) != 0)
        die(path);
}

static void leaf(const char *event, const struct document_row *d)
{
    char text[TIME_SIZE], hex[HEX_SIZE(SHA256_LEN)];
    json_t *entry;

    time_format(text, now);
    entry = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "time", text, "event_type",
                      event, "subject", d->subject, "policy", POLICY, "actor",
                      "system", "attachment_id", d->attachment);
    if (strcmp(event, "media_stored") == 0) {
        hex_encode(hex, d->payload_sha256, SHA256_LEN);
        (void)json_object_set_new(entry, "document_id", json_string(d->id));
        (void)json_object_set_new(entry, "case_id", json_string(d->case_id));
        (void)json_object_set_new(entry, "payload_sha256", json_string(hex));
    }
    MUST(ledger_append(ledger, entry, NULL, &err));
    json_decref(entry);
}

static void document(const char *storage, const struct subject_row *person,
                     const char *case_id)
{
    static const char claims[] = "{\"caption\":\"mi documento\",\"media_id\":"
                                 "\"551000000000001\"}";
    struct attachment_row a = { .policy = POLICY,
                                .number = NUMBER,
                                .kind = "image",
                                .state = "stored",
                                .announced_type = "image/jpeg",
                                .purposes = "case_processing",
                                .received = now,
                                .deadline = now,
                                .lifetime = now,
                                .provider_s = now / MSEC_S,
                                .told = 1,
                                .meta_copy = 0 };
    struct document_row d = { .policy = POLICY,
                              .state = "stored",
                              .media_type = "image/jpeg",
                              .purposes = "case_processing",
                              .size = PAYLOAD_SIZE,
                              .received = now,
                              .epoch = 1 };

    id_new(a.id, 'a', &random_system);
    memcpy(a.subject, person->id, ID_SIZE);
    memcpy(a.case_id, case_id, STORE_CASE_SIZE);
    MUST(attachment_add(store, &a, claims, strlen(claims), &err));
    MUST(attachment_update(store, &a, &err));

    id_new(d.id, 'd', &random_system);
    id_new(d.payload, 'p', &random_system);
    memcpy(d.attachment, a.id, ID_SIZE);
    memcpy(d.subject, person->id, ID_SIZE);
    memcpy(d.case_id, case_id, STORE_CASE_SIZE);
    memcpy(d.payload_sha256, sealed.sha256, SHA256_LEN);
    d.payload_size = (int64_t)sealed.payload.len;
    payload_write(storage, d.payload);
    MUST(document_add(store, &d, sealed.header.p, sealed.header.len, NULL,
                      "mi documento", &err));
    leaf("media_stored", &d);
}

static void documents(const char *storage, size_t count, size_t entries,
                      size_t first)
{
    size_t others = count == 0 || entries < count ? 0 : entries / count - 1;

    seal();
    for (size_t i = 0; i < count; i++) {
        struct subject_row person;
        struct document_row d = { 0 };
        struct case_row c = { .policy = POLICY,
                              .state = "open",
                              .opened = now };

        person_add(&person, first + i);
        case_code_new(c.id, &random_system);
        memcpy(c.subject, person.id, ID_SIZE);
        MUST(case_add(store, &c, &err));
        memcpy(d.subject, person.id, ID_SIZE);
        id_new(d.attachment, 'a', &random_system);
        for (size_t k = 0; k < others; k++)
            leaf("media_fetching", &d);
        document(storage, &person, c.id);
        commit_now_and_then(i);
    }
}

int main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[2] : "";
    size_t a = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    size_t b = argc > 4 ? strtoull(argv[4], NULL, 10) : 0;
    size_t c = argc > 5 ? strtoull(argv[5], NULL, 10) : 0;
    struct buf note = { 0 };

    if (sodium_init() < 0)
        return 1;
    now = clock_now(&clock_system);
    if (strcmp(what, "messages") != 0 && strcmp(what, "documents") != 0) {
        (void)fprintf(stderr, "usage: fill STORAGE messages FIRST COUNT\n"
                              "       fill STORAGE documents COUNT ENTRIES "
                              "FIRST\n");
        return 2;
    }
    MUST(store_open(&store, argv[1], NULL, STORE_WRITER, &random_system, &err));
    MUST(ledger_open(&ledger, store, &err));
    MUST(store_begin(store, &err));
    if (what[0] == 'm')
        messages(a, b);
    else
        documents(argv[1], a, b, c);
    commit();
    MUST(ledger_checkpoint(ledger, &note, &err));
    MUST(store_checkpoint(store, true, &err));
    ledger_close(&ledger);
    store_close(&store);
    return 0;
}
