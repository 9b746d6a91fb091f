/*
 * Where the consent log is in the ledger: read off each entry as it is
 * appended, in the same transaction.
 */
#include "resguardo/ledger.h"

#include <string.h>

bool ledger_in_consent_log(const char *event_type)
{
    static const char *const types[] = {
        "notice_published",    "notice_presented",  "notice_delivered",
        "notice_acknowledged", "consent_requested", "consent_given",
        "consent_refused",     "consent_withdrawn", "consent_expired",
        "consent_ignored",     "consent_carried",   "consent_uncarried"
    };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(types[i], event_type) == 0)
            return true;
    return false;
}

const char *const ledger_kind_members[LEDGER_KIND__MAX] = {
    [LEDGER_KIND_EVENT] = "event_type",
    [LEDGER_KIND_POLICY] = "policy",
    [LEDGER_KIND_PURPOSE] = "purpose",
    [LEDGER_KIND_VERSION] = "notice_version",
    [LEDGER_KIND_LANGUAGE] = "language",
    [LEDGER_KIND_CHANNEL] = "channel",
    [LEDGER_KIND_BASIS] = "legal_basis",
    [LEDGER_KIND_ACTOR] = "actor",
};

void ledger_index_forget(struct ledger_index *x)
{
    memset(x, 0, sizeof(*x));
}

/* ---- reading an entry --------------------------------------------------- */

struct reading {
    struct json_member kind[LEDGER_KIND__MAX];
    char subject[ID_SIZE];
    msec time;
};

/* A string member's text; false: it is none, or does not fit. */
static bool text_of(const struct json_member *m, char *out, size_t cap)
{
    if (m->value_len < 2 || m->value[0] != '"' || m->value_len - 2 >= cap)
        return false;
    memcpy(out, m->value + 1, m->value_len - 2);
    out[m->value_len - 2] = '\0';
    return true;
}

/* -1: the entry is no such object. */
static int read_entry(struct reading *r, const void *entry, size_t len)
{
    struct json_walk walk;
    struct json_member m;
    char time[TIME_SIZE];
    int more;

    memset(r, 0, sizeof(*r));
    json_walk_begin(&walk, entry, len);
    while ((more = json_walk_next(&walk, &m)) == 1) {
        for (size_t i = 0; i < LEDGER_KIND__MAX; i++)
            if (json_member_is(&m, ledger_kind_members[i]))
                r->kind[i] = m;
        if (json_member_is(&m, "subject") &&
            !text_of(&m, r->subject, sizeof(r->subject)))
            return -1;
        if (json_member_is(&m, "time") && (!text_of(&m, time, sizeof(time)) ||
                                           time_parse(time, &r->time) != 0))
            return -1;
    }
    return more;
}

int ledger_entry_time(const void *entry, size_t len, msec *time)
{
    struct reading r;

    if (read_entry(&r, entry, len) != 0 || r.time == 0)
        return -1;
    *time = r.time;
    return 0;
}

/* ---- entering it -------------------------------------------------------- */

/* Only the first of a block, and of a kind, goes to the database. */
static int enter_kind(struct ledger_index *x, struct store *s, const char *name,
                      uint64_t block, int64_t *id, struct error *e)
{
    struct ledger_index_kind *k;
    size_t i = 0;

    while (i < x->n && strcmp(x->kinds[i].name, name) != 0)
        i++;
    if (i == x->n) {
        if (x->n == LEDGER_INDEX_KINDS)
            x->n = i = 0;
        if (consent_kind_put(s, name, id, e) != 0)
            return -1;
        k = &x->kinds[x->n++];
        (void)strcpy(k->name, name);
        k->id = *id;
        k->block = UINT64_MAX;
    }
    k = &x->kinds[i];
    *id = k->id;
    if (k->block == block)
        return 0;
    k->block = block;
    return consent_block_put(s, k->id, block, e);
}

static int name_of(const struct reading *r, char out[static LEDGER_KIND_SIZE])
{
    size_t at = 0;

    for (size_t i = 0; i < LEDGER_KIND__MAX; i++) {
        const struct json_member *m = &r->kind[i];
        size_t len = m->value_len < 2 ? 0 : m->value_len - 2;

        if (at + len + 2 > LEDGER_KIND_SIZE)
            return -1;
        if (len > 0)
            memcpy(out + at, m->value + 1, len);
        at += len;
        out[at++] = '\n';
    }
    out[at] = '\0';
    return 0;
}

static int enter_time(struct ledger_index *x, struct store *s, uint64_t at,
                      msec time, struct error *e)
{
    struct buf former = { 0 };
    int ok = 0;

    if (x->newest == 0 && at > 0) {
        ok = ledger_row_get(s, at - 1, &former, e);
        if (ok == 1)
            ok = ledger_entry_time(former.p, former.len, &x->newest) == 0
                     ? 0
                     : error_set(e, ERR_VERIFY, "the last entry has no time");
        buf_free(&former);
    }
    if (ok == 0 && time < x->newest)
        ok = ledger_step_put(s, at, e);
    x->newest = time;
    return ok;
}

/* Most entries are of another log: only their time is wanted. */
static bool is_elsewhere(const void *entry, size_t len, msec *time)
{
    struct json_look look;
    char event[40], text[TIME_SIZE];

    if (!json_look(entry, len, &look) || !look.event_type.string ||
        look.event_type.len >= sizeof(event) || !look.time.string ||
        look.time.len >= sizeof(text))
        return false;
    memcpy(event, look.event_type.p, look.event_type.len);
    event[look.event_type.len] = '\0';
    memcpy(text, look.time.p, look.time.len);
    text[look.time.len] = '\0';
    return !ledger_in_consent_log(event) && time_parse(text, time) == 0 &&
           *time != 0;
}

int ledger_index_add(struct ledger_index *x, struct store *s, uint64_t at,
                     const void *entry, size_t len, struct error *e)
{
    struct reading r;
    char name[LEDGER_KIND_SIZE], event[40];
    int64_t kind;
    msec time;

    if (is_elsewhere(entry, len, &time))
        return enter_time(x, s, at, time, e);
    if (read_entry(&r, entry, len) != 0 || r.time == 0)
        return error_set(e, ERR_INVARIANT,
                         "an entry that cannot be found "
                         "again");
    if (enter_time(x, s, at, r.time, e) != 0)
        return -1;
    if (!text_of(&r.kind[LEDGER_KIND_EVENT], event, sizeof(event)) ||
        !ledger_in_consent_log(event))
        return 0;
    if (name_of(&r, name) != 0)
        return error_set(e, ERR_INVARIANT, "names of an entry are too long");
    if (enter_kind(x, s, name, at / LEDGER_BLOCK, &kind, e) != 0)
        return -1;
    return r.subject[0] == '\0' ? 0
                                : consent_person_put(s, r.subject, at, kind, e);
}

/* ---- checking it -------------------------------------------------------- */

/* Its kind, in its block. 1, 0, -1. */
static int has_kind(struct ledger_index *x, struct store *s, const char *name,
                    uint64_t block, int64_t *id, struct error *e)
{
    uint64_t found;
    int has;

    /* The former entry's, most times. */
    if (x->n == 1 && x->kinds[0].block == block &&
        strcmp(x->kinds[0].name, name) == 0) {
        *id = x->kinds[0].id;
        return 1;
    }
    has = consent_kind_get(s, name, id, e);
    if (has == 1)
        has = consent_block_next(s, *id, block, &found, e);
    if (has != 1 || found != block)
        return has < 0 ? -1 : 0;
    x->n = 1;
    (void)strcpy(x->kinds[0].name, name);
    x->kinds[0].id = *id;
    x->kinds[0].block = block;
    return 1;
}

static int has_person(struct store *s, const char *subject, uint64_t at,
                      int64_t kind, struct error *e)
{
    struct consent_place place;
    size_t n;

    if (subject[0] == '\0')
        return 1;
    if (consent_person_list(s, subject, at, at + 1, &place, 1, &n, e) != 0)
        return -1;
    return n == 1 && place.kind == kind;
}

static int has_step(struct ledger_index *x, struct store *s, uint64_t at,
                    msec time, struct error *e)
{
    bool back = time < x->newest;
    uint64_t step = UINT64_MAX;
    size_t n;

    x->newest = time;
    if (!back)
        return 1;
    if (ledger_step_list(s, at, &step, 1, &n, e) != 0)
        return -1;
    return n == 1 && step == at;
}

int ledger_index_has(struct ledger_index *x, struct store *s, uint64_t at,
                     const void *entry, size_t len, struct error *e)
{
    struct reading r;
    char name[LEDGER_KIND_SIZE], event[40];
    int64_t kind;
    int has;

    if (read_entry(&r, entry, len) != 0 || r.time == 0)
        return 0;
    has = has_step(x, s, at, r.time, e);
    if (has <= 0 ||
        !text_of(&r.kind[LEDGER_KIND_EVENT], event, sizeof(event)) ||
        !ledger_in_consent_log(event))
        return has;
    if (name_of(&r, name) != 0)
        return 0;
    has = has_kind(x, s, name, at / LEDGER_BLOCK, &kind, e);
    return has <= 0 ? has : has_person(s, r.subject, at, kind, e);
}

/* ---- finding a time ----------------------------------------------------- */

static int time_at(struct store *s, uint64_t at, msec *time, struct error *e)
{
    struct buf entry = { 0 };
    int ok = ledger_row_get(s, at, &entry, e);

    if (ok == 0)
        ok = error_set(e, ERR_VERIFY, "an entry is missing");
    else if (ok == 1)
        ok = ledger_entry_time(entry.p, entry.len, time) == 0
                 ? 0
                 : error_set(e, ERR_VERIFY, "an entry has no time");
    buf_free(&entry);
    return ok;
}

/* The first of [from, to) that is not before `time`, or `to`; times rise. */
static int search(struct store *s, uint64_t from, uint64_t to, msec time,
                  uint64_t *out, struct error *e)
{
    while (from < to) {
        uint64_t middle = from + (to - from) / 2;
        msec then;

        if (time_at(s, middle, &then, e) != 0)
            return -1;
        if (then < time)
            from = middle + 1;
        else
            to = middle;
    }
    *out = from;
    return 0;
}

int ledger_find_times(struct store *s, uint64_t size, msec since, msec until,
                      struct ledger_span *out, struct error *e)
{
    uint64_t steps[LEDGER_STEPS + 1], first, last;
    size_t n;

    *out = (struct ledger_span){ .from = size, .until = size };
    if (ledger_step_list(s, 0, steps, LEDGER_STEPS + 1, &n, e) != 0)
        return -1;
    out->to = 0;
    /* A clock that never stood still: all entries are looked at. */
    if (n > LEDGER_STEPS) {
        *out = (struct ledger_span){ 0, size, size };
        return 0;
    }
    for (size_t i = 0; i <= n; i++) {
        uint64_t begin = i == 0 ? 0 : steps[i - 1];
        uint64_t end = i < n && steps[i] < size ? steps[i] : size;

        if (begin >= size)
            break;
        if (search(s, begin, end, since, &first, e) != 0 ||
            search(s, begin, end, until, &last, e) != 0)
            return -1;
        if (last < end && out->until == size)
            out->until = last;
        if (first < last && first < out->from)
            out->from = first;
        if (first < last)
            out->to = last;
    }
    return 0;
}
