/* What an entry must look like. */
#include "leaf.h"

#include <inttypes.h>
#include <string.h>

void ledger_leaf_hash(uint8_t out[static LEDGER_HASH_LEN], const void *entry,
                      size_t len)
{
    sha256_of_tagged(out, 0, entry, len);
}

/* Times have one form, so that two logs of one event are one log. */
static bool is_time(const char *text)
{
    char again[TIME_SIZE];
    msec t;

    if (text == NULL || time_parse(text, &t) != 0)
        return false;
    time_format(again, t);
    return strcmp(again, text) == 0;
}

static bool is_integer(const json_t *value, uint64_t want)
{
    return json_is_integer(value) && json_integer_value(value) >= 0 &&
           (uint64_t)json_integer_value(value) == want;
}

/* What is wrong with the members, or NULL. */
static const char *wrong_member(const json_t *entry, uint64_t index)
{
    if (!json_is_object(entry))
        return "it is no object";
    if (!is_integer(json_object_get(entry, "v"), 1))
        return "\"v\" is not 1";
    if (!is_integer(json_object_get(entry, "index"), index))
        return "\"index\" is not its place in the log";
    if (!is_time(json_str(entry, "time")))
        return "\"time\" is not a time of the form 2026-11-24T00:17:54.123Z";
    return NULL;
}

static int check_form(const json_t *entry, const void *bytes, size_t len,
                      uint64_t index, struct error *e)
{
    struct buf canonical = { 0 };
    int ok = -1;

    if (json_canonical(entry, &canonical) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for entry %" PRIu64, index);
    else if (canonical.len != len || memcmp(canonical.p, bytes, len) != 0)
        (void)error_set(e, ERR_VERIFY,
                        "entry %" PRIu64 ": it is not in canonical form",
                        index);
    else
        ok = 0;
    buf_free(&canonical);
    return ok;
}

int ledger_leaf_check_members(const json_t *entry, size_t len, uint64_t index,
                              struct error *e)
{
    const char *wrong;

    if (len > LIMIT_LEDGER_ENTRY)
        return error_set(e, ERR_VERIFY,
                         "entry %" PRIu64 ": it is longer than %u bytes", index,
                         LIMIT_LEDGER_ENTRY);
    if ((wrong = wrong_member(entry, index)) != NULL)
        return error_set(e, ERR_VERIFY, "entry %" PRIu64 ": %s", index, wrong);
    return 0;
}

/* ---- of texts alone ----------------------------------------------------- */

struct member {
    const char *key, *value;
    bool bare; /* a number */
};

/* Most are given in their order already. */
static void put_in_order(struct member *m, size_t n, const struct member *one)
{
    while (n > 0 && strcmp(m[n - 1].key, one->key) > 0) {
        m[n] = m[n - 1];
        n--;
    }
    m[n] = *one;
}

static bool is_plain(const char *s)
{
    for (; *s != '\0'; s++)
        if (*s < ' ' || *s > '~' || *s == '"' || *s == '\\')
            return false;
    return true;
}

/* With what stands around it. */
static size_t length_of(const struct member *m)
{
    return strlen(m->key) + strlen(m->value) + sizeof("{\"\":\"\"");
}

static char *add_member(char *p, const struct member *m, bool first)
{
    *p++ = first ? '{' : ',';
    *p++ = '"';
    p = stpcpy(p, m->key);
    *p++ = '"';
    *p++ = ':';
    if (!m->bare)
        *p++ = '"';
    p = stpcpy(p, m->value);
    if (!m->bare)
        *p++ = '"';
    return p;
}

static int add_members(struct buf *out, const struct member *m, size_t n,
                       struct error *e)
{
    size_t len = sizeof("}");
    char *p;

    for (size_t i = 0; i < n; i++)
        len += length_of(&m[i]);
    if (buf_reserve(out, len) != 0)
        return error_set(e, ERR_NOMEM, "no memory for a ledger entry");
    p = (char *)out->p + out->len;
    for (size_t i = 0; i < n; i++)
        p = add_member(p, &m[i], i == 0);
    *p++ = '}';
    *p = '\0';
    out->len = (size_t)(p - (char *)out->p);
    return 0;
}

int ledger_leaf_compose(const struct ledger_text *texts, size_t n,
                        uint64_t index, struct buf *out, struct error *e)
{
    struct member m[LEDGER_TEXTS_MAX + 2];
    char number[24];
    size_t members = 0;

    if (n > LEDGER_TEXTS_MAX)
        return error_set(e, ERR_INVARIANT, "an entry of too many texts");
    (void)snprintf(number, sizeof(number), "%" PRIu64, index);
    put_in_order(m, members++, &(struct member){ "index", number, true });
    for (size_t i = 0; i < n; i++) {
        const struct ledger_text *t = &texts[i];

        if (t->value == NULL || t->value[0] == '\0')
            continue;
        if (!is_plain(t->key) || !is_plain(t->value))
            return error_set(e, ERR_INVARIANT, "an entry with a text in %s",
                             t->key);
        put_in_order(m, members++, &(struct member){ t->key, t->value, false });
    }
    put_in_order(m, members++, &(struct member){ "v", "1", true });
    return add_members(out, m, members, e);
}

/* ---- at a look ---------------------------------------------------------- */

#define EVERY(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Eight bytes at once: is each between that of `low` and that of `high`? Where
 * these differ they are digits, and low is '0'. */
static bool is_between(const char *text, const char *low, const char *high)
{
    uint64_t t, l, h;

    memcpy(&t, text, sizeof(t));
    memcpy(&l, low, sizeof(l));
    memcpy(&h, high, sizeof(h));
    t ^= l; /* of a digit: what it is worth */
    return ((t | (t + EVERY(0x7f) - (l ^ h))) & EVERY(0x80)) == 0;
}

static int two(const char *p)
{
    return (p[0] - '0') * 10 + p[1] - '0';
}

/* 2026-11-24T00:17:54.123Z, by its form and the bounds of each part; the last
 * days of a month and odd years are left to who knows calendars. */
static bool is_plain_time(const struct json_span *s)
{
    static const char low[] = "2000-00-00T00:00:00.000Z",
                      high[] = "2099-19-29T29:59:59.999Z";
    const char *p = s->p;

    return s->string && s->len == sizeof(low) - 1 && is_between(p, low, high) &&
           is_between(p + 8, low + 8, high + 8) &&
           is_between(p + 16, low + 16, high + 16) && two(p + 5) >= 1 &&
           two(p + 5) <= 12 && two(p + 8) >= 1 && two(p + 8) <= 28 &&
           two(p + 11) <= 23;
}

/* A look has seen that it is written as numbers are, of 15 digits at most. */
static bool is_number(const struct json_span *s, uint64_t want)
{
    uint64_t n = 0;

    if (s->string || s->len == 0)
        return false;
    for (size_t i = 0; i < s->len; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        n = 10 * n + (uint64_t)(s->p[i] - '0');
    }
    return n == want;
}

/* Nearly every entry is seen to be right at a look; what is not gets parsed,
 * and words for what is wrong with it. */
static bool is_right(const void *entry, size_t len, uint64_t index)
{
    struct json_look look;

    return len <= LIMIT_LEDGER_ENTRY && json_look(entry, len, &look) &&
           is_number(&look.v, 1) && is_number(&look.index, index) &&
           is_plain_time(&look.time);
}

int ledger_leaf_check(const void *entry, size_t len, uint64_t index,
                      struct error *e)
{
    json_t *json;
    int ok = -1;

    if (is_right(entry, len, index))
        return 0;
    json = json_parse(entry, len, e);
    if (json == NULL) {
        if (e->code != ERR_NOMEM)
            (void)error_set(e, ERR_VERIFY, "entry %" PRIu64 ": it is not JSON",
                            index);
        goto out;
    }
    if (ledger_leaf_check_members(json, len, index, e) == 0)
        ok = check_form(json, entry, len, index, e);
out:
    json_decref(json);
    return ok;
}
