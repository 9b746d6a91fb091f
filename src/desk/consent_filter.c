/*
 * Which rows of the consent log are wanted. What a filter names is looked for
 * among the kinds of entries that there are, of which there are few: then the
 * kinds that pass lead to the entries.
 */
#include "consent_private.h"

#include <stdlib.h>
#include <string.h>

/* What a query may have, in the order of the record. */
static const char *const keys[] = {
    "since",          "until",  "subject",  "case",      "policy",  "purpose",
    "notice_version", "state",  "language", "sensitive", "channel", "actor",
    "as_of",          "sample", "seed",     "order"
};

static const struct {
    const char *key;
    enum ledger_kind kind;
} named[] = {
    { "policy", LEDGER_KIND_POLICY },
    { "purpose", LEDGER_KIND_PURPOSE },
    { "notice_version", LEDGER_KIND_VERSION },
    { "language", LEDGER_KIND_LANGUAGE },
    { "channel", LEDGER_KIND_CHANNEL },
    { "actor", LEDGER_KIND_ACTOR },
};
#define NAMED (sizeof(named) / sizeof(named[0]))

int consent_filter_text(const struct request *r, struct buf *out,
                        struct error *e)
{
    json_t *o = json_object();
    int ok = 0;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *value = request_query(r, keys[i]);

        if (value != NULL &&
            json_object_set_new(o, keys[i], json_string(value)) != 0)
            ok = -1;
    }
    if (o == NULL || ok != 0 || json_canonical(o, out) != 0)
        ok = error_set(e, ERR_INPUT, "a filter that is no text");
    json_decref(o);
    return ok;
}

/* ---- reading the query -------------------------------------------------- */

static int copy(const struct request *r, const char *key, char *out, size_t cap,
                struct error *e)
{
    const char *value = request_query(r, key);

    if (value == NULL)
        return 0;
    if (strlen(value) >= cap)
        return error_set(e, ERR_INPUT, "%s is too long", key);
    memcpy(out, value, strlen(value) + 1);
    return 0;
}

static int read_state(struct consent_filter *f, struct error *e)
{
    static const char *const states[] = { "requested",    "given",   "refused",
                                          "withdrawn",    "expired", "informed",
                                          "acknowledged", NULL };
    bool known =
        f->state[0] == '\0' || (!f->as_of && ledger_in_consent_log(f->state));

    for (size_t i = 0; !known && states[i] != NULL; i++)
        known = strcmp(states[i], f->state) == 0;
    if (known)
        return 0;
    (void)error_set(e, ERR_INPUT, "no such state: %s", f->state);
    return error_hint(e, "states: requested, given, refused, withdrawn, "
                         "expired, informed, acknowledged; or an event_type, "
                         "but not with as-of");
}

static int read_sensitive(struct consent_filter *f, const struct request *r,
                          struct error *e)
{
    const char *value = request_query(r, "sensitive");

    if (value == NULL)
        return 0;
    if (strcmp(value, "yes") == 0)
        f->sensitive = SENSITIVE_YES;
    else if (strcmp(value, "no") == 0)
        f->sensitive = SENSITIVE_NO;
    else
        return error_set(e, ERR_INPUT, "sensitive is yes or no");
    return 0;
}

static int read_sample(struct consent_filter *f, const struct request *r,
                       struct error *e)
{
    bool asked = request_query(r, "sample") != NULL;

    if (request_query_number(r, "sample", &f->sample, e) != 0 ||
        copy(r, "seed", f->seed, sizeof(f->seed), e) != 0)
        return -1;
    if (asked && (f->sample == 0 || f->sample > LIMIT_SAMPLE))
        return error_set(e, ERR_INPUT, "a sample has 1 to %u rows",
                         LIMIT_SAMPLE);
    if (asked != (f->seed[0] != '\0'))
        return error_set(e, ERR_INPUT, "a sample needs its seed");
    return 0;
}

static int read_order(struct consent_filter *f, const struct request *r,
                      struct error *e)
{
    const char *value = request_query(r, "order");

    if (value == NULL)
        return 0;
    if (strcmp(value, "subject") != 0)
        return error_set(e, ERR_INPUT, "order is subject, or nothing");
    if (f->sample > 0)
        return error_set(e, ERR_INPUT, "a sample has an order of its own");
    f->by_person = true;
    return 0;
}

/* An index, or a moment: the view of all entries up to it. */
static int read_as_of(struct consent_filter *f, const struct request *r,
                      struct error *e)
{
    const char *text = request_query(r, "as_of");
    struct ledger_span span;
    int64_t index;
    msec time;

    if (text == NULL)
        return 0;
    f->as_of = true;
    if (decimal_parse(text, strlen(text), INT64_MAX - 1, &index) == 0) {
        if ((uint64_t)index >= f->size) {
            (void)error_set(e, ERR_INPUT, "the ledger has no entry %s yet",
                            text);
            return error_hint(e, "the last one is %llu",
                              (unsigned long long)f->size - 1);
        }
        f->size = (uint64_t)index + 1;
        return 0;
    }
    if (time_parse(text, &time) != 0) {
        (void)error_set(e, ERR_INPUT, "as-of is neither an index nor a time");
        return error_hint(e, "RFC 3339, such as 2026-11-24T00:00:00Z, or the "
                             "index of an entry");
    }
    if (time > clock_now(r->desk->needs.clock))
        return error_set(e, ERR_INPUT, "as-of is still to come: %s", text);
    if (ledger_find_times(r->store, f->size, time, time + 1, &span, e) != 0)
        return -1;
    f->size = span.until;
    return 0;
}

/* A case's person, under its policy. */
static int read_case(struct consent_filter *f, const struct request *r,
                     struct error *e)
{
    const char *code = request_query(r, "case");
    char *policy = f->text[LEDGER_KIND_POLICY];
    struct case_row row;
    int found;

    if (code == NULL)
        return 0;
    if (strlen(code) >= STORE_CASE_SIZE)
        return error_set(e, ERR_NOT_FOUND, "no such case");
    found = case_get(r->store, code, &row, e);
    if (found <= 0)
        return found < 0 ? -1 : error_set(e, ERR_NOT_FOUND, "no such case");
    if ((f->subject[0] != '\0' && strcmp(f->subject, row.subject) != 0) ||
        (policy[0] != '\0' && strcmp(policy, row.policy) != 0))
        return error_set(e, ERR_NOT_FOUND,
                         "the case is another person's, or policy's");
    memcpy(f->subject, row.subject, sizeof(f->subject));
    memcpy(policy, row.policy, sizeof(row.policy));
    return 0;
}

static int read_query(struct consent_filter *f, struct request *r,
                      struct error *e)
{
    f->bounded =
        request_query(r, "since") != NULL || request_query(r, "until") != NULL;
    if (request_query_time(r, "since", &f->since, e) != 0 ||
        request_query_time(r, "until", &f->until, e) != 0 ||
        copy(r, "subject", f->subject, sizeof(f->subject), e) != 0 ||
        copy(r, "state", f->state, sizeof(f->state), e) != 0)
        return -1;
    for (size_t i = 0; i < NAMED; i++)
        if (copy(r, named[i].key, f->text[named[i].kind], sizeof(f->text[0]),
                 e) != 0)
            return -1;
    return read_sensitive(f, r, e) != 0 || read_sample(f, r, e) != 0 ||
                   read_order(f, r, e) != 0 || read_as_of(f, r, e) != 0 ||
                   read_state(f, e) != 0 || read_case(f, r, e) != 0
               ? -1
               : 0;
}

/* ---- kinds -------------------------------------------------------------- */

struct choosing {
    struct consent_filter *f;
    const struct policy_set *policies;
    bool occurred[LEDGER_KIND__MAX];
    struct buf names[LEDGER_KIND__MAX]; /* those that did, parted by commas */
    struct error *e;
};

/* A purpose that no policy has any more is judged by its basis. */
static bool is_sensitive(const struct policy_set *set, const char *policy,
                         const char *purpose, const char *basis)
{
    for (size_t p = 0; p < set->n; p++)
        for (size_t i = 0; i < set->policies[p]->npurposes; i++)
            if (strcmp(set->policies[p]->id, policy) == 0 &&
                strcmp(set->policies[p]->purposes[i].id, purpose) == 0)
                return set->policies[p]->purposes[i].sensitive;
    return strcmp(basis, "explicit_consent") == 0;
}

static bool has_state(const struct consent_filter *f, const char *event)
{
    const char *state = consent_state(event);

    if (f->as_of && state == NULL)
        return false;
    return f->state[0] == '\0' || strcmp(f->state, event) == 0 ||
           (state != NULL && strcmp(f->state, state) == 0);
}

/* For a hint, which has little room: what does not fit is left out. */
static void note_name(struct buf *names, const char *name)
{
    const char *text = names->len > 0 ? (const char *)names->p : "";
    size_t len = strlen(name);

    for (const char *at = text; len > 0 && (at = strstr(at, name)) != NULL;
         at += len)
        if ((at == text || at[-1] == ' ') &&
            (at[len] == ',' || at[len] == '\0'))
            return;
    if (len > 0 && names->len + len < 120)
        (void)buf_addf(names, "%s%s", names->len > 0 ? ", " : "", name);
}

static bool is_chosen(struct choosing *c, const char *const *parts)
{
    const struct consent_filter *f = c->f;
    bool all = has_state(f, parts[LEDGER_KIND_EVENT]);

    for (size_t i = 0; i < NAMED; i++) {
        enum ledger_kind k = named[i].kind;
        bool same = strcmp(f->text[k], parts[k]) == 0;

        c->occurred[k] |= same;
        note_name(&c->names[k], parts[k]);
        all = all && (f->text[k][0] == '\0' || same);
    }
    if (f->sensitive != SENSITIVE_ANY)
        all = all && parts[LEDGER_KIND_PURPOSE][0] != '\0' &&
              is_sensitive(c->policies, parts[LEDGER_KIND_POLICY],
                           parts[LEDGER_KIND_PURPOSE],
                           parts[LEDGER_KIND_BASIS]) ==
                  (f->sensitive == SENSITIVE_YES);
    return all;
}

/* Cuts a name into its parts; -1: it is none. */
static int cut(char *name, const char **parts)
{
    for (size_t i = 0; i < LEDGER_KIND__MAX; i++) {
        char *end = strchr(name, '\n');

        if (end == NULL)
            return -1;
        *end = '\0';
        parts[i] = name;
        name = end + 1;
    }
    return 0;
}

static int choose(void *arg, int64_t id, const char *name)
{
    struct choosing *c = arg;
    const char *parts[LEDGER_KIND__MAX];
    struct consent_kind *k = &c->f->kinds[c->f->nkinds];
    char text[LEDGER_KIND_SIZE];

    if (c->f->nkinds == CONSENT_KINDS)
        return error_set(c->e, ERR_INTERNAL, "too many kinds of entries");
    if (name == NULL || strlen(name) >= sizeof(text))
        return error_set(c->e, ERR_VERIFY, "a kind of entries is damaged");
    (void)strcpy(text, name);
    (void)strcpy(k->name, name);
    if (cut(text, parts) != 0)
        return error_set(c->e, ERR_VERIFY, "a kind of entries is damaged");
    k->id = id;
    k->decides = consent_decides(parts[LEDGER_KIND_EVENT]);
    k->asks = !k->decides && consent_state(parts[LEDGER_KIND_EVENT]) != NULL;
    k->passes = is_chosen(c, parts);
    k->about = (size_t)(parts[LEDGER_KIND_POLICY] - text);
    k->about_len = (size_t)(parts[LEDGER_KIND_VERSION] - text) - k->about;
    c->f->nkinds++;
    return 0;
}

static int check_person(const struct consent_filter *f, struct store *store,
                        struct error *e)
{
    struct consent_place place;
    size_t n;

    if (f->subject[0] == '\0')
        return 0;
    if (consent_person_list(store, f->subject, 0, INT64_MAX, &place, 1, &n,
                            e) != 0)
        return -1;
    return n > 0 ? 0
                 : error_set(e, ERR_NOT_FOUND,
                             "the consent log has nothing "
                             "of that person");
}

static int choose_kinds(struct consent_filter *f, struct request *r,
                        struct error *e)
{
    struct choosing c = {
        .f = f, .policies = registrar_policies(r->desk->needs.registrar), .e = e
    };
    int ok = check_person(f, r->store, e) != 0
                 ? -1
                 : consent_kind_list(r->store, choose, &c, e);

    for (size_t i = 0; ok == 0 && i < NAMED; i++) {
        enum ledger_kind k = named[i].kind;

        if (f->text[k][0] == '\0' || c.occurred[k])
            continue;
        ok = error_set(e, ERR_NOT_FOUND, "the consent log has nothing of %s %s",
                       named[i].key, f->text[k]);
        if (c.names[k].len > 0)
            (void)error_hint(e, "it has: %s", (const char *)c.names[k].p);
    }
    for (size_t k = 0; k < LEDGER_KIND__MAX; k++)
        buf_free(&c.names[k]);
    return ok;
}

int consent_filter_read(struct consent_filter *f, struct request *r,
                        uint64_t size, struct error *e)
{
    memset(f, 0, sizeof(*f));
    f->since = INT64_MIN;
    f->until = INT64_MAX;
    f->size = size;
    if (read_query(f, r, e) != 0 || choose_kinds(f, r, e) != 0)
        return -1;
    f->in = (struct ledger_span){ 0, f->size, f->size };
    return !f->bounded ? 0
                       : ledger_find_times(r->store, f->size, f->since,
                                           f->until, &f->in, e);
}

/* ---- asking it ---------------------------------------------------------- */

const struct consent_kind *consent_filter_kind(const struct consent_filter *f,
                                               int64_t id)
{
    for (size_t i = 0; i < f->nkinds; i++)
        if (f->kinds[i].id == id)
            return &f->kinds[i];
    return NULL;
}

const struct consent_kind *consent_filter_kind_of(
    const struct consent_filter *f, const struct consent_entry *x)
{
    static const enum consent_member order[LEDGER_KIND__MAX] = {
        [LEDGER_KIND_EVENT] = CONSENT_EVENT,
        [LEDGER_KIND_POLICY] = CONSENT_POLICY,
        [LEDGER_KIND_PURPOSE] = CONSENT_PURPOSE,
        [LEDGER_KIND_VERSION] = CONSENT_VERSION,
        [LEDGER_KIND_LANGUAGE] = CONSENT_LANGUAGE,
        [LEDGER_KIND_CHANNEL] = CONSENT_CHANNEL,
        [LEDGER_KIND_BASIS] = CONSENT_BASIS,
        [LEDGER_KIND_ACTOR] = CONSENT_ACTOR,
    };
    char name[LEDGER_KIND_SIZE] __attribute__((uninitialized));
    size_t at = 0;

    for (size_t i = 0; i < LEDGER_KIND__MAX; i++) {
        const struct json_member *m = &x->member[order[i]];
        size_t len =
            m->value == NULL || m->value_len < 2 ? 0 : m->value_len - 2;

        if (at + len + 2 > sizeof(name))
            return NULL;
        if (len > 0)
            memcpy(name + at, m->value + 1, len);
        at += len;
        name[at++] = '\n';
    }
    name[at] = '\0';
    for (size_t i = 0; i < f->nkinds; i++)
        if (strcmp(f->kinds[i].name, name) == 0)
            return &f->kinds[i];
    return NULL;
}

bool consent_kind_same(const struct consent_kind *a,
                       const struct consent_kind *b)
{
    return a->about_len == b->about_len &&
           memcmp(a->name + a->about, b->name + b->about, a->about_len) == 0;
}

bool consent_filter_in_time(const struct consent_filter *f,
                            const struct consent_entry *x)
{
    char text[TIME_SIZE];
    msec time;

    if (!f->bounded)
        return true;
    consent_entry_text(x, CONSENT_TIME, text, sizeof(text));
    return time_parse(text, &time) == 0 && time >= f->since && time < f->until;
}
