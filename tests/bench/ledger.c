/*
 * The ledger by itself, through its own room. JSON on stdout.
 *
 * usage: ledger bundle DIR ENTRIES      a bundle of lives, each with a basis
 *        ledger hash FILE               seconds of libcrypto's SHA-256 of it
 *        ledger verify DIR              seconds of our verifier, gate rule
 *                                       apart
 *        ledger batch STORAGE N BATCHES seconds of a committed batch of N
 *                                       photos' rows, without their entries
 *                                       and with them, by turns
 *        ledger grow STORAGE SIZE       entries until there are so many, then
 *                                       seconds of a committed batch of 64
 */
#include "ledger/tree.h"
#include "store/store_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#define NAME     "intake.example.co/0123abcd"
#define POLICY   "co-habeas-data"
#define BATCH    64u
#define A_COMMIT 20000u
#define LOOKS    301u
#define PIECE    ((size_t)2 * 1024 * 1024) /* as src/ledger/bundle_lines.c */

static struct error err;

#define MUST(call)                                                             \
    do {                                                                       \
        if ((call) != 0) {                                                     \
            (void)fprintf(stderr, "ledger: %s: %s\n", #call, err.text);        \
            exit(1);                                                           \
        }                                                                      \
    } while (0)

static double seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* CPU time, for what is one thread's work: others' work is not in it. */
static double cpu_seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof(*values), by_value);
    return values[n / 2];
}

/* ---- entries ------------------------------------------------------------- */

/* What is published in entry 0: no words at all. */
#define NOTICE                                                                 \
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define TIME "2026-11-24T00:17:54.123Z"
#define LIFE 9u /* entries of one person */

static json_t *notice(const char *event, const char *who)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "event_type", event,
                     "actor", who, "policy", POLICY, "language", "es-CO",
                     "notice_version", "2026-01", "notice_sha256", NOTICE,
                     "time", TIME);
}

static json_t *question(const char *event, const char *subject)
{
    json_t *o = notice(event, "system");

    (void)json_object_update_new(
        o, json_pack("{s:s, s:s, s:s, s:s, s:{s:s}}", "subject", subject,
                     "channel", "whatsapp", "purpose", "case_processing",
                     "legal_basis", "consent", "evidence", "prompt_sha256",
                     NOTICE));
    return o;
}

static json_t *file(const char *event, const char *subject, uint64_t person)
{
    char attachment[ID_SIZE], document[ID_SIZE];
    bool read = strcmp(event, "document_read") == 0;

    (void)snprintf(attachment, sizeof(attachment), "a%026" PRIu64, person);
    (void)snprintf(document, sizeof(document), "d%026" PRIu64, person);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s}}",
                     "event_type", event, "actor", read ? "ana" : "system",
                     "policy", POLICY, "subject", subject, "time", TIME,
                     "attachment_id", attachment, "document_id", document,
                     "purpose", "case_processing", "evidence", "nonce", NOTICE,
                     "sign_key", NOTICE);
}

/* One life after another: told, asked, yes, a file that is announced, fetched,
 * stored, and read three times. */
static json_t *entry_of(uint64_t i)
{
    static const char *const events[LIFE] = {
        "notice_presented", "consent_requested", "consent_given",
        "media_held",       "media_fetching",    "media_stored",
        "document_read",    "document_read",     "document_read"
    };
    uint64_t person = i == 0 ? 0 : (i - 1) / LIFE, step = (i - 1) % LIFE;
    char subject[ID_SIZE];

    if (i == 0)
        return notice("notice_published", "system");
    (void)snprintf(subject, sizeof(subject), "s%026" PRIu64, person);
    return step < 3 ? question(events[step], subject)
                    : file(events[step], subject, person);
}

/* ---- a bundle ------------------------------------------------------------ */

static FILE *create(const char *dir, const char *name)
{
    char path[512];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    if ((f = fopen(path, "we")) == NULL) {
        perror(path);
        exit(1);
    }
    return f;
}

static void put(const char *dir, const char *name, const char *text)
{
    FILE *f = create(dir, name);

    (void)fputs(text, f);
    MUST(fclose(f));
}

static void sign(const char *dir, const struct ledger_tree *tree)
{
    struct ledger_checkpoint c = { .origin = NAME, .size = tree->size };
    struct secret *seed = secret_new(crypto_sign_SEEDBYTES);
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    uint8_t secret_key[crypto_sign_SECRETKEYBYTES];
    char vkey[LEDGER_VKEY_SIZE];
    struct buf text = { 0 }, note = { 0 };

    ledger_tree_root(tree, c.root);
    MUST(seed == NULL);
    MUST(crypto_sign_seed_keypair(public_key, secret_key, seed->p));
    MUST(note_vkey_format(vkey, NAME, public_key));
    MUST(ledger_checkpoint_format(&c, &text));
    MUST(note_sign(&note, (const char *)text.p, NAME, seed, &err));
    put(dir, "checkpoint", (const char *)note.p);
    put(dir, "vkey", vkey);
    put(dir, "notice-" NOTICE ".md", "");
    secret_free(&seed);
    buf_free(&text);
    buf_free(&note);
}

static int make_bundle(const char *dir, uint64_t n)
{
    FILE *entries = create(dir, "entries.jsonl"),
         *leaves = create(dir, "leaves");
    struct ledger_tree tree = { 0 };
    struct buf line = { 0 };

    for (uint64_t i = 0; i < n; i++) {
        uint8_t leaf[LEDGER_HASH_LEN];
        char hex[HEX_SIZE(LEDGER_HASH_LEN)];
        json_t *entry = entry_of(i);

        line.len = 0;
        (void)json_object_set_new(entry, "v", json_integer(1));
        (void)json_object_set_new(entry, "index", json_integer((json_int_t)i));
        MUST(json_canonical(entry, &line));
        json_decref(entry);
        ledger_leaf_hash(leaf, line.p, line.len);
        ledger_tree_add(&tree, leaf);
        hex_encode(hex, leaf, sizeof(leaf));
        (void)fprintf(entries, "%s\n", (const char *)line.p);
        (void)fprintf(leaves, "%s\n", hex);
    }
    buf_free(&line);
    MUST(fclose(entries));
    MUST(fclose(leaves));
    sign(dir, &tree);
    return 0;
}

static int hash_file(const char *path)
{
    struct buf bytes = { 0 };
    uint8_t hash[SHA256_LEN];
    struct sha256 *sum = sha256_new();
    double start, end;

    MUST(sum == NULL);
    MUST(file_read(path, (size_t)8 << 30, &bytes, &err));
    start = seconds();
    sha256_add(sum, bytes.p, bytes.len);
    sha256_final(sum, hash);
    end = seconds();
    (void)printf("{\"seconds\":%.6f,\"bytes\":%zu}\n", end - start, bytes.len);
    return 0;
}

/* As a bundle is read: so many lines as are in a buffer. */
static size_t next_lines(const struct buf *entries, size_t *at,
                         struct ledger_line *lines)
{
    size_t n = 0, from = *at;

    for (; n < LEDGER_LINES_MAX && *at < entries->len && *at - from < PIECE;
         n++) {
        const uint8_t *p = entries->p + *at,
                      *line_end = memchr(p, '\n', entries->len - *at);

        MUST(line_end == NULL);
        lines[n] = (struct ledger_line){ p, (size_t)(line_end - p), NULL };
        *at += lines[n].len + 1;
    }
    return n;
}

/* Every entry to the verifier: is it canonical and in its place, does it give
 * its leaf and all of them the root? Lines are found as a bundle's are, while
 * another core looks at those before them. */
static int verify_bundle(const char *dir)
{
    static struct ledger_line lines[2][LEDGER_LINES_MAX];
    struct ledger_verifier *verifier = ledger_verifier_new();
    struct buf entries = { 0 }, path = { 0 };
    size_t at = 0, n[2], now = 0;
    double start, cpu;

    MUST(verifier == NULL);
    MUST(buf_addf(&path, "%s/entries.jsonl", dir));
    MUST(file_read((const char *)path.p, (size_t)8 << 30, &entries, &err));
    start = seconds();
    cpu = cpu_seconds();
    n[0] = next_lines(&entries, &at, lines[0]);
    for (; n[now] > 0; now = !now) {
        ledger_verifier_begin(verifier, lines[now], n[now]);
        n[!now] = next_lines(&entries, &at, lines[!now]);
        MUST(ledger_verifier_add_all(verifier, lines[now], n[now], &err));
    }
    MUST(ledger_verifier_finish(verifier, &err));
    (void)printf("{\"seconds\":%.6f,\"cpu\":%.6f,\"bytes\":%zu}\n",
                 seconds() - start, cpu_seconds() - cpu, entries.len);
    ledger_verifier_free(&verifier);
    return 0;
}

/* ---- a storage ----------------------------------------------------------- */

static struct store *store;
static struct ledger *ledger;
static msec now;

static void open_storage(const char *storage)
{
    MUST(store_open(&store, storage, NULL, STORE_WRITER, &random_system, &err));
    MUST(ledger_open(&ledger, store, &err));
    now = clock_now(&clock_system);
}

static void close_storage(void)
{
    ledger_close(&ledger);
    MUST(store_checkpoint(store, true, &err));
    store_close(&store);
}

static void append(uint64_t i)
{
    json_t *entry = entry_of(i + 1);

    MUST(ledger_append(ledger, entry, NULL, &err));
    json_decref(entry);
}

/* The rows of a photo of somebody who has not consented. */
static void photo(uint64_t i)
{
    static const char claims[] = "{\"caption\":\"mi documento\",\"media_id\":"
                                 "\"551000000000001\"}";
    struct subject_row person = { .created = now };
    struct attachment_row a = { .policy = POLICY,
                                .number = "106540352242922",
                                .kind = "image",
                                .state = "held",
                                .announced_type = "image/jpeg",
                                .purposes = "case_processing",
                                .received = now,
                                .deadline = now + MSEC_D,
                                .lifetime = now + MSEC_D,
                                .provider_s = now / MSEC_S };
    char text[64];

    (void)snprintf(text, sizeof(text), "wamid.BENCH%024" PRIu64, i);
    if (seen_add(store, text, &err) < 0)
        MUST(-1);
    id_new_at(person.id, 's', now, &random_system);
    MUST(subject_add(store, &person, &err));
    (void)snprintf(text, sizeof(text), "5731%09" PRIu64, i);
    MUST(subject_handle_put(store, &person, HANDLE_PHONE, text, now, &err));
    id_new_at(a.id, 'a', now, &random_system);
    memcpy(a.subject, person.id, ID_SIZE);
    MUST(attachment_add(store, &a, claims, strlen(claims), &err));
}

static uint64_t photos;

/* As the registrar does it; signed once a second, and in each batch here, where
 * `every`: that is the dearest case. */
static double batch(size_t n, bool entries, bool checkpoint)
{
    struct buf note = { 0 };
    double start = seconds();

    MUST(store_begin(store, &err));
    for (size_t i = 0; i < n; i++, photos++) {
        photo(photos);
        if (entries)
            append(photos);
    }
    if (entries)
        MUST(ledger_flush(ledger, &err));
    MUST(store_commit(store, &err));
    if (entries)
        ledger_committed(ledger);
    if (checkpoint)
        MUST(ledger_checkpoint(ledger, &note, &err));
    buf_free(&note);
    return seconds() - start;
}

static int batches(const char *storage, size_t n, size_t count)
{
    double *without = calloc(count, sizeof(*without));
    double *with = calloc(count, sizeof(*with)), total[2] = { 0 }, signed_at;

    MUST(without == NULL || with == NULL);
    open_storage(storage);
    signed_at = seconds();
    for (size_t i = 0; i < count; i++) {
        bool due = seconds() - signed_at >= 1;

        without[i] = batch(n, false, false);
        with[i] = batch(n, true, due);
        if (due)
            signed_at = seconds();
        total[0] += without[i];
        total[1] += with[i];
    }
    close_storage();
    (void)printf("{\"without\":%.9f,\"with\":%.9f,\"sum_without\":%.6f,"
                 "\"sum_with\":%.6f}\n",
                 median(without, count), median(with, count), total[0],
                 total[1]);
    free(without);
    free(with);
    return 0;
}

/* ---- growth -------------------------------------------------------------- */

static void begin(void)
{
    MUST(store_begin(store, &err));
}

static void end(void)
{
    MUST(ledger_flush(ledger, &err));
    MUST(store_commit(store, &err));
    ledger_committed(ledger);
}

/* Quickly: nothing of it need survive. */
static void fill_to(uint64_t size)
{
    struct buf note = { 0 };

    (void)sqlite3_set_authorizer(store->db, NULL, NULL);
    MUST(sql_exec(store, "PRAGMA synchronous = OFF", &err));
    begin();
    while (ledger_working(ledger)->size < size) {
        append(ledger_working(ledger)->size);
        if (ledger_working(ledger)->size % A_COMMIT == 0) {
            end();
            MUST(store_checkpoint(store, true, &err));
            begin();
        }
    }
    end();
    MUST(ledger_checkpoint(ledger, &note, &err));
    buf_free(&note);
    MUST(store_checkpoint(store, true, &err));
    MUST(sql_exec(store, "PRAGMA synchronous = FULL", &err));
}

static int grow(const char *storage, uint64_t size)
{
    double appends[LOOKS], commits[LOOKS];

    open_storage(storage);
    fill_to(size);
    for (size_t i = 0; i < LOOKS; i++) {
        double start = seconds(), middle;

        begin();
        for (size_t k = 0; k < BATCH; k++)
            append(ledger_working(ledger)->size);
        middle = seconds();
        end();
        appends[i] = middle - start;
        commits[i] = seconds() - start;
    }
    (void)printf("{\"size\":%" PRIu64 ",\"append\":%.9f,\"committed\":%.9f}\n",
                 ledger_size(ledger), median(appends, LOOKS),
                 median(commits, LOOKS));
    close_storage();
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[1] : "";
    uint64_t a = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    uint64_t b = argc > 4 ? strtoull(argv[4], NULL, 10) : 0;

    (void)randombytes_set_implementation(&randombytes_internal_implementation);
    if (sodium_init() < 0)
        return 1;
    if (strcmp(what, "bundle") == 0 && a > 0)
        return make_bundle(argv[2], a);
    if (strcmp(what, "hash") == 0)
        return hash_file(argv[2]);
    if (strcmp(what, "verify") == 0)
        return verify_bundle(argv[2]);
    if (strcmp(what, "batch") == 0 && a > 0 && b > 0)
        return batches(argv[2], a, b);
    if (strcmp(what, "grow") == 0 && a > 0)
        return grow(argv[2], a);
    (void)fputs(
        "usage: ledger bundle DIR N | hash FILE | verify DIR | batch STORAGE N "
        "BATCHES | grow STORAGE SIZE\n",
        stderr);
    return 2;
}
