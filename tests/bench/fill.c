/*
 * Fills the storage of a daemon that does not run, through the product's own
 * rooms, so that what it makes is valid: `check` finds nothing wrong with it.
 * Nothing is durable before the end; a store half filled is thrown away.
 *
 * usage: fill STORAGE messages FIRST COUNT
 *        fill STORAGE documents COUNT ENTRIES FIRST
 *        fill STORAGE consents ENTRIES
 *
 * messages: sent ones, so that statuses of them have an effect.
 * documents: one a person and case, with ENTRIES ledger entries in all.
 * consents: ENTRIES of the consent log, four a person, and for one person in a
 *   thousand a withdrawal; no rows but those of the ledger, so that `check`
 *   is not content: for exports only. Prints the id of the first person.
 */
#include "resguardo/ledger.h"
#include "resguardo/vault.h"
#include "ledger/tree.h"
#include "store/store_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#define POLICY       "co-habeas-data"
#define PURPOSE      "case_processing"
#define NUMBER       "106540352242922"
#define A_COMMIT     20000u
#define PAYLOAD_SIZE 400u   /* of a document's plain bytes */
#define LINKS        30000u /* names of one payload file; ext4 allows 65,000 */

static struct store *store;
static struct ledger_tree tree;
static struct ledger_index places;
static struct error err;
/* Of what is being made: a million documents come in a year, and messages are
 * remembered for as long as the daemon does. */
static msec now, start;

#define EVERY      (30 * MSEC_S)
#define REMEMBERED (20 * MSEC_D)

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

/* ---- the handle ---------------------------------------------------------- */

/* Random keys all over large trees: the cache holds them, and the disk is
 * asked once, at the end. */
static void hurry(void)
{
    (void)sqlite3_set_authorizer(store->db, NULL, NULL);
    MUST(sql_exec(store,
                  "PRAGMA synchronous = OFF; PRAGMA secure_delete = OFF;"
                  "PRAGMA cache_size = -1000000;",
                  &err));
}

static void tree_load(void)
{
    struct buf bytes = { 0 };

    if (meta_get_bytes(store, "ledger_tree", &bytes, &err) != 1 ||
        ledger_tree_decode(&tree, bytes.p, bytes.len) != 0)
        die("the ledger's tree");
    buf_free(&bytes);
}

static void commit(void)
{
    struct buf bytes = { 0 };

    MUST(ledger_tree_encode(&tree, &bytes));
    MUST(meta_set_bytes(store, "ledger_tree", bytes.p, bytes.len, &err));
    MUST(store_commit(store, &err));
    buf_free(&bytes);
}

/* The head over all of it, held against the rows as at every start. */
static void sign(void)
{
    struct ledger *ledger = NULL;
    struct buf note = { 0 };

    MUST(ledger_open(&ledger, store, &err));
    MUST(ledger_checkpoint(ledger, &note, &err));
    buf_free(&note);
    ledger_close(&ledger);
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
    id_new_at(row->id, 's', now, &random_system);
    row->created = now;
    MUST(subject_add(store, row, &err));
    (void)snprintf(phone, sizeof(phone), "5732%08llu", n);
    MUST(subject_handle_put(store, row, HANDLE_PHONE, phone, now, &err));
    MUST(subject_handle_put(store, row, HANDLE_NAME, "María Pérez", now, &err));
}

/* ---- messages ------------------------------------------------------------ */

/* That we sent, and Meta took. */
static void said(const struct subject_row *person, const char *kind,
                 const char *wamid)
{
    static const char body[] =
        "{\"text\":{\"body\":\"Recibimos sus archivos.\"},\"type\":\"text\"}";
    struct outbox_row row = {
        .policy = POLICY, .number = NUMBER, .state = "sent", .created = now
    };

    id_new_at(row.id, 'o', now, &random_system);
    id_new_at(row.attempt, 't', now, &random_system);
    memcpy(row.subject, person->id, ID_SIZE);
    (void)snprintf(row.kind, sizeof(row.kind), "%s", kind);
    MUST(outbox_add(store, &row, body, strlen(body), &err));
    MUST(outbox_update(store, &row, wamid, &err));
}

static void messages(size_t first, size_t count)
{
    struct subject_row person;

    person_add(&person, first);
    for (size_t i = 0; i < count; i++) {
        char wamid[64];

        (void)snprintf(wamid, sizeof(wamid), "wamid.BENCH%024zu", first + i);
        said(&person, "say", wamid);
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

/* The file of one document is that of many, under a name for each. */
static void payload_link(const char *storage, const char *payload)
{
    static char former[4096];
    static size_t links;
    char place[BLOB_PLACE_SIZE], path[4096];
    FILE *f;

    MUST(blob_place(payload, place, &err));
    (void)snprintf(path, sizeof(path), "%s/payloads/%s", storage, place);
    if (links % LINKS != 0 && link(former, path) == 0) {
        links++;
        return;
    }
    f = fopen(path, "wbx");
    if (f == NULL ||
        fwrite(sealed.payload.p, 1, sealed.payload.len, f) !=
            sealed.payload.len ||
        fclose(f) != 0)
        die(path);
    memcpy(former, path, sizeof(former));
    links = 1;
}

/* ledger_append, for a line that is canonical already. */
static void leaf_add(const char *line, int len)
{
    uint8_t tiles[LEDGER_TILE_LEVELS][LEDGER_HASH_LEN], hash[LEDGER_HASH_LEN];
    size_t full;

    if (len < 0 || (size_t)len >= 1024)
        die("a leaf");
    ledger_leaf_hash(hash, line, (size_t)len);
    MUST(ledger_row_add(store, tree.size, line, (size_t)len, hash, &err));
    full = ledger_tree_grow(&tree, hash, tiles);
    for (size_t i = 0; i < full; i++)
        MUST(tile_hash_add(store, (unsigned)i + 1,
                           (tree.size >> ((i + 1) * LEDGER_TILE_HEIGHT)) - 1,
                           tiles[i], &err));
    MUST(ledger_index_add(&places, store, tree.size, line, (size_t)len, &err));
}

static void leaf_fetching(const struct document_row *d)
{
    char time[TIME_SIZE], line[512];

    time_format(time, now);
    leaf_add(line,
             snprintf(line, sizeof(line),
                      "{\"actor\":\"system\",\"attachment_id\":\"%s\","
                      "\"event_type\":\"media_fetching\",\"index\":%" PRIu64
                      ",\"policy\":\"" POLICY "\",\"purpose\":\"" PURPOSE
                      "\",\"subject\":\"%s\","
                      "\"time\":\"%s\",\"v\":1}",
                      d->attachment, tree.size, d->subject, time));
}

static void leaf_stored(const struct document_row *d)
{
    char time[TIME_SIZE], hex[HEX_SIZE(SHA256_LEN)];
    char header[HEX_SIZE(SHA256_LEN)], line[1024];
    uint8_t sum[SHA256_LEN];

    time_format(time, now);
    hex_encode(hex, d->payload_sha256, SHA256_LEN);
    sha256_of(sum, sealed.header.p, sealed.header.len);
    hex_encode(header, sum, sizeof(sum));
    leaf_add(line, snprintf(line, sizeof(line),
                            "{\"actor\":\"system\",\"attachment_id\":\"%s\","
                            "\"case_id\":\"%s\",\"document_id\":\"%s\","
                            "\"epoch\":%u,\"event_type\":\"media_stored\","
                            "\"header_sha256\":\"%s\",\"index\":%" PRIu64
                            ",\"payload_sha256\":\"%s\",\"policy\":\"" POLICY
                            "\",\"purpose\":\"" PURPOSE
                            "\",\"subject\":\"%s\",\"time\":\"%s\",\"v\":1}",
                            d->attachment, d->case_id, d->id, d->epoch, header,
                            tree.size, hex, d->subject, time));
}

static void document(const char *storage, struct document_row *d)
{
    static const char claims[] = "{\"caption\":\"mi documento\",\"media_id\":"
                                 "\"551000000000001\"}";
    struct attachment_row a = { .policy = POLICY,
                                .number = NUMBER,
                                .kind = "image",
                                .state = "stored",
                                .announced_type = "image/jpeg",
                                .purposes = PURPOSE,
                                .received = now,
                                .deadline = now,
                                .lifetime = now,
                                .provider_s = now / MSEC_S,
                                .told = 1,
                                .meta_copy = 0 };

    memcpy(a.id, d->attachment, ID_SIZE);
    memcpy(a.subject, d->subject, ID_SIZE);
    memcpy(a.case_id, d->case_id, STORE_CASE_SIZE);
    MUST(attachment_add(store, &a, claims, strlen(claims), &err));

    id_new_at(d->id, 'd', now, &random_system);
    id_new_at(d->payload, 'p', now, &random_system);
    memcpy(d->payload_sha256, sealed.sha256, SHA256_LEN);
    d->payload_size = (int64_t)sealed.payload.len;
    payload_link(storage, d->payload);
    MUST(document_add(store, d, sealed.header.p, sealed.header.len, NULL,
                      "mi documento", &err));
    leaf_stored(d);
}

/* Of a million codes one is drawn twice, more likely than not. */
static void case_new(struct case_row *c)
{
    struct case_row other;
    int found;

    do {
        case_code_new(c->id, &random_system);
        if ((found = case_get(store, c->id, &other, &err)) < 0)
            die("case_get");
    } while (found > 0);
}

/* A person, the message seen, a case, the document and the receipt. */
static void customer(const char *storage, size_t n, size_t others)
{
    struct subject_row person;
    struct document_row d = { .policy = POLICY,
                              .state = "stored",
                              .media_type = "image/jpeg",
                              .purposes = PURPOSE,
                              .size = PAYLOAD_SIZE,
                              .received = now,
                              .epoch = 1 };
    struct case_row c = { .policy = POLICY, .state = "open", .opened = now };
    char wamid[64];

    (void)snprintf(wamid, sizeof(wamid), "wamid.CAME%024zu", n);
    if (start - now < REMEMBERED && seen_add(store, wamid, &err) < 0)
        die("seen_add");
    person_add(&person, n);
    case_new(&c);
    memcpy(c.subject, person.id, ID_SIZE);
    MUST(case_add(store, &c, &err));

    memcpy(d.subject, person.id, ID_SIZE);
    memcpy(d.case_id, c.id, STORE_CASE_SIZE);
    id_new_at(d.attachment, 'a', now, &random_system);
    for (size_t k = 0; k < others; k++)
        leaf_fetching(&d);
    document(storage, &d);
    (void)snprintf(wamid, sizeof(wamid), "wamid.SAID%024zu", n);
    said(&person, "receipt", wamid);
}

static void documents(const char *storage, size_t count, size_t entries,
                      size_t first)
{
    size_t others = count == 0 || entries < count ? 0 : entries / count - 1;

    now -= (msec)count * EVERY;
    seal();
    for (size_t i = 0; i < count; i++, now += EVERY) {
        customer(storage, first + i, others);
        commit_now_and_then(i);
    }
}

/* ---- the consent log ----------------------------------------------------- */

#define HASH "8d969eef6ecad3c29a3a629280e686cf0c3f5d5a86aff3ca12020c923adc6c92"

/* As long as the product's own. */
static void decision(const char *event, const char *subject)
{
    char time[TIME_SIZE], evidence[ID_SIZE], line[1024];

    time_format(time, now);
    id_new_at(evidence, 'e', now, &random_system);
    leaf_add(line,
             snprintf(line, sizeof(line),
                      "{\"actor\":\"subject\",\"channel\":\"whatsapp\","
                      "\"commitments\":{\"message\":\"" HASH
                      "\",\"wamid\":\"" HASH "\"},\"event_type\":\"%s\","
                      "\"evidence\":{\"context\":\"match\",\"decision\":"
                      "\"button\",\"evidence_id\":\"%s\",\"prompt_sha256\":"
                      "\"" HASH "\",\"signature\":\"valid\"},\"index\":%" PRIu64
                      ",\"language\":\"es-CO\",\"legal_basis\":\"consent\","
                      "\"notice_sha256\":\"" HASH "\",\"notice_version\":"
                      "\"2026-11\",\"policy\":\"" POLICY
                      "\",\"provider_time\":\"%s\",\"purpose\":\"" PURPOSE
                      "\",\"subject\":\"%s\",\"time\":\"%s\",\"v\":1}",
                      event, evidence, tree.size, time, subject, time));
    now += MSEC_S;
}

static void consents(size_t entries)
{
    static const char *const events[] = { "consent_requested",
                                          "consent_ignored",
                                          "consent_requested",
                                          "consent_given" };
    char subject[ID_SIZE];

    now -= (msec)entries * MSEC_S;
    for (size_t i = 0; i < entries; i++) {
        if (i % 4 == 0)
            id_new_at(subject, 's', now, &random_system);
        if (i == 0)
            (void)printf("%s\n", subject);
        decision(i % 4000 == 3999 ? "consent_withdrawn" : events[i % 4],
                 subject);
        commit_now_and_then(i);
    }
}

int main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[2] : "";
    size_t a = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    size_t b = argc > 4 ? strtoull(argv[4], NULL, 10) : 0;
    size_t c = argc > 5 ? strtoull(argv[5], NULL, 10) : 0;

    (void)randombytes_set_implementation(&randombytes_internal_implementation);
    if (sodium_init() < 0)
        return 1;
    now = start = clock_now(&clock_system);
    if (strcmp(what, "messages") != 0 && strcmp(what, "documents") != 0 &&
        strcmp(what, "consents") != 0) {
        (void)fprintf(stderr, "usage: fill STORAGE messages FIRST COUNT\n"
                              "       fill STORAGE documents COUNT ENTRIES "
                              "FIRST\n"
                              "       fill STORAGE consents ENTRIES\n");
        return 2;
    }
    MUST(store_open(&store, argv[1], NULL, STORE_WRITER, &random_system, &err));
    hurry();
    tree_load();
    MUST(store_begin(store, &err));
    if (what[0] == 'm')
        messages(a, b);
    else if (what[0] == 'c')
        consents(a);
    else
        documents(argv[1], a, b, c);
    commit();
    sign();
    MUST(store_checkpoint(store, true, &err));
    store_close(&store);

    /* What is measured later does not wait for our pages. */
    sync();
    return 0;
}
