/*
 * Lines that a desk streams to the CLI. The size of the pieces in which they
 * come changes nothing, and what is handed on is the lines in order, whole;
 * a last line without its end is an error. A line of `ledger verify` is taken
 * only if its entry and hash belong together; the CSV of a consent row reads
 * back as twelve cells of which none begins a formula.
 */
#include "cli/visit.c"

#include "fuzz.h"

#include "cli/splitter.c"
#include "desk/consent_private.h"

struct heard {
    struct buf all;
    size_t lines;
};

static int hear(void *arg, const char *line, size_t len, struct error *e)
{
    struct heard *h = arg;

    (void)e;
    FUZZ_CHECK(memchr(line, '\n', len) == NULL);
    FUZZ_CHECK(buf_add(&h->all, line, len) == 0 &&
               buf_adds(&h->all, "\n") == 0);
    h->lines++;
    return 0;
}

static int split(const uint8_t *p, size_t len, size_t piece, struct heard *h)
{
    struct splitter s = { .line = hear, .arg = h };
    struct error e = { 0 };
    int ok = 0;

    for (size_t at = 0; ok == 0 && at < len; at += piece)
        ok = splitter_add(&s, p + at, len - at < piece ? len - at : piece, &e);
    if (splitter_end(&s, &e) != 0)
        ok = -1;
    return ok;
}

static void check_split(const uint8_t *p, size_t len, size_t piece)
{
    struct heard one = { 0 }, two = { 0 };
    int ok = split(p, len, len + 1, &one);

    FUZZ_CHECK(split(p, len, piece, &two) == ok);
    FUZZ_CHECK(one.all.len == two.all.len && one.lines == two.lines);
    FUZZ_CHECK(one.all.len <= len &&
               (one.all.len == 0 || memcmp(one.all.p, p, one.all.len) == 0));
    FUZZ_CHECK((ok == 0) == (len == 0 || p[len - 1] == '\n'));
    FUZZ_CHECK(ok != 0 || one.all.len == len);
    buf_free(&one.all);
    buf_free(&two.all);
}

static void check_entry(const char *line, size_t len)
{
    struct ledger_verifier *v = ledger_verifier_new();
    struct ledger_history history = { 0 };
    struct recomputing r = { .verifier = v, .history = &history };
    struct error e = { 0 };
    uint8_t leaf[LEDGER_HASH_LEN];
    char hex[HEX_SIZE(LEDGER_HASH_LEN)];
    json_t *o;

    FUZZ_CHECK(v != NULL);
    if (add_entry(&r, line, len, &e) == 0) {
        uint8_t *entry = malloc(len + 1);
        const char *text;
        ssize_t n;

        o = json_parse(line, len, &e);
        text = json_str(o, "entry");
        FUZZ_CHECK(entry != NULL && text != NULL);
        n = base64_decode(entry, len, text, strlen(text), true);
        FUZZ_CHECK(n > 0);
        ledger_leaf_hash(leaf, entry, (size_t)n);
        hex_encode(hex, leaf, sizeof(leaf));
        FUZZ_CHECK(strcmp(hex, json_str(o, "leaf")) == 0);
        json_decref(o);
        free(entry);
    } else {
        FUZZ_CHECK(e.text[0] != '\0' && ledger_verifier_size(v) == 0);
    }
    ledger_verifier_free(&v);
}

/* One cell of RFC 4180; where the next one begins, NULL at the line's end. */
static const char *next_cell(const char *p, const char **begin)
{
    *begin = p;
    if (*p == '"') {
        *begin = p + 1;
        for (p++; *p != '"' || p[1] == '"'; p += *p == '"' ? 2 : 1)
            FUZZ_CHECK(*p != '\0');
        p++;
    } else {
        p += strcspn(p, "\",\r\n");
    }
    FUZZ_CHECK(*p == ',' || (p[0] == '\n' && p[1] == '\0'));
    return *p == ',' ? p + 1 : NULL;
}

static const char *const columns[] = {
    "index",          "time",          "event_type", "subject", "policy",
    "notice_version", "notice_sha256", "language",   "purpose", "legal_basis",
    "channel",        "evidence",      NULL
};

/* Of a line from anywhere: a row of safe cells, or none. */
static bool check_row(const char *row, size_t len)
{
    struct buf line = { 0 };
    const char *p, *cell;
    size_t cells = 0;
    int made = csv_row(&line, columns, row, len);

    FUZZ_CHECK(made == 0 || made == -2);
    if (made == 0 && memchr(line.p, '\0', line.len) == NULL) {
        for (p = (const char *)line.p; p != NULL; cells++) {
            p = next_cell(p, &cell);
            FUZZ_CHECK(strchr("=+@\t\r", *cell) == NULL || *cell == '\0');
            FUZZ_CHECK(*cell != '-');
        }
        FUZZ_CHECK(cells == 12);
    }
    buf_free(&line);
    return made == 0;
}

/* The walk says of an object what the tree says. */
static void check_walk(const json_t *tree, const void *text, size_t len)
{
    struct json_walk walk;
    struct json_member m;
    struct buf key = { 0 }, quoted = { 0 };
    size_t n = 0;

    json_walk_begin(&walk, text, len);
    while (json_walk_next(&walk, &m) == 1) {
        struct error e = { 0 };
        json_t *value, *wrapped;

        buf_reset(&key);
        buf_reset(&quoted);
        FUZZ_CHECK(json_unescape(&key, m.key - 1, m.key_len + 2) == 0);
        FUZZ_CHECK(buf_addf(&quoted, "[") == 0 &&
                   buf_add(&quoted, m.value, m.value_len) == 0 &&
                   buf_adds(&quoted, "]") == 0);
        wrapped = json_parse(quoted.p, quoted.len, &e);
        value = json_object_getn(tree, (const char *)key.p, key.len);
        FUZZ_CHECK(wrapped != NULL &&
                   json_equal(json_array_get(wrapped, 0), value));
        json_decref(wrapped);
        n++;
    }
    FUZZ_CHECK(n == json_object_size(tree));
    buf_free(&quoted);
    buf_free(&key);
}

/* A leaf makes a row exactly when it is canonical, and then a good one. */
static void check_leaf(const json_t *leaf)
{
    struct consent_entry x;
    struct buf text = { 0 }, row = { 0 };
    struct error e = { 0 };
    json_t *made;

    FUZZ_CHECK(json_canonical(leaf, &text) == 0);
    if (json_is_object(leaf)) {
        check_walk(leaf, text.p, text.len);
        if (consent_entry_read(&x, text.p, text.len) == 1) {
            FUZZ_CHECK(consent_row(&row, &x) == 0);
            made = json_parse(row.p, row.len - 1, &e);
            FUZZ_CHECK(made != NULL && json_object_size(made) == 12);
            (void)check_row((const char *)row.p, row.len - 1);
            json_decref(made);
        }
    }
    buf_free(&row);
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    size_t piece = 1 + fuzz_byte(&in) % 100u;
    struct error e = { 0 };
    char *s = fuzz_string(in.p, in.len);
    json_t *leaf;

    check_split(in.p, in.len, piece);
    check_entry(s, in.len);

    (void)check_row(s, in.len);
    leaf = json_parse(s, in.len, &e);
    if (leaf != NULL)
        check_leaf(leaf);
    json_decref(leaf);
    free(s);
    return 0;
}
