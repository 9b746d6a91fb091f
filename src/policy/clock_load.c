/* clocks: of policy.yaml: the law's terms as data. */
#include "policy_private.h"

#include <string.h>

const char *const request_type_names[REQUEST__MAX] = {
    [REQUEST_ACCESS] = "access",       [REQUEST_CORRECT] = "correct",
    [REQUEST_ERASE] = "erase",         [REQUEST_WITHDRAW] = "withdraw",
    [REQUEST_COMPLAINT] = "complaint", [REQUEST_OBJECT] = "object",
    [REQUEST_RESTRICT] = "restrict",   [REQUEST_PORTABILITY] = "portability",
    [REQUEST_OTHER] = "other",         [REQUEST_SLA] = "sla",
    [REQUEST_INCIDENT] = "incident",
};

static const char *const clock_keys[] = { "id",
                                          "kind",
                                          "citation",
                                          "term",
                                          "extension",
                                          "warn",
                                          "receipt_day_may_count",
                                          "deemed_accepted",
                                          "legend",
                                          "incomplete",
                                          "forward",
                                          "then",
                                          NULL };
static const char *const incomplete_keys[] = { "ask", "give_up", NULL };
static const char *const extension_keys[] = { "term", "times", NULL };

static int take_extension(const struct reading *r, struct yaml_node *map,
                          struct legal_clock *k)
{
    struct yaml_node *node = yaml_get(r->file, map, "extension");

    if (node == NULL)
        return 0;
    k->extensions = 1;
    if (yaml_check_keys(r->file, node, extension_keys, r->err) != 0 ||
        reading_term(r, node, "term", true, &k->extension) != 0 ||
        reading_number(r, node, "times", 1, 12, &k->extensions,
                       "is not 1 to 12") != 0)
        return -1;
    /* Terms of one unit add up whichever day the first one ended on. */
    if (k->extension.unit != k->term.unit)
        return reading_wrong(r, yaml_get(r->file, node, "term"), "term",
                             "is of another unit than the clock's own term");
    return 0;
}

/* Hours end at a minute, which only hours before can warn of. */
static int take_warning(const struct reading *r, struct yaml_node *map,
                        struct legal_clock *k)
{
    struct yaml_node *node = yaml_get(r->file, map, "warn");

    k->warn.unit = k->term.unit == TERM_HOURS ? TERM_HOURS : TERM_DAYS;
    if (reading_term(r, map, "warn", false, &k->warn) != 0)
        return -1;
    if ((k->warn.unit == TERM_HOURS) != (k->term.unit == TERM_HOURS))
        return reading_wrong(r, node, "warn",
                             "must be hours for a term in hours, else not");
    if (k->warn.unit == k->term.unit && k->warn.n >= k->term.n)
        return reading_wrong(r, node, "warn", "is as long as the term itself");
    return 0;
}

static int take_clock(const struct reading *r, struct yaml_node *map,
                      struct legal_clock *k)
{
    struct yaml_node *counts = yaml_get(r->file, map, "receipt_day_may_count");
    int kind;

    if (!yaml_is_map(map))
        return reading_wrong(r, map, "clocks", "is no clock");
    if (yaml_check_keys(r->file, map, clock_keys, r->err) != 0 ||
        reading_id(r, map, "id", k->id) != 0)
        return -1;
    if (policy_clock(r->policy, k->id) >= 0)
        return reading_wrong(r, yaml_get(r->file, map, "id"), "id",
                             "names a clock twice");
    kind = reading_word(r, map, "kind", clock_kind_names, CLOCK__MAX,
                        "is not request, step, incident or service");
    if (kind < 0)
        return -1;
    k->kind = (enum clock_kind)kind;

    /* Only a promise of our own can do without a law. */
    if (k->kind != CLOCK_SERVICE &&
        yaml_need(r->file, map, "citation", r->err) == NULL)
        return -1;
    if (reading_line(r, map, "citation", k->citation, sizeof(k->citation),
                     "is no text of at most 200 bytes") != 0 ||
        reading_term(r, map, "term", true, &k->term) != 0 ||
        take_extension(r, map, k) != 0 || take_warning(r, map, k) != 0 ||
        reading_flag(r, map, "receipt_day_may_count", &k->receipt_counts) !=
            0 ||
        reading_flag(r, map, "deemed_accepted", &k->deemed_accepted) != 0)
        return -1;
    if (k->receipt_counts && k->term.unit == TERM_HOURS)
        return reading_wrong(r, counts, "receipt_day_may_count",
                             "is for terms in days and months");
    return reading_flag(r, map, "legend", &k->legend);
}

/* The place of a clock of these kinds (1 << kind, or-ed) that a key names. */
static int take_place(const struct reading *r, struct yaml_node *map,
                      const char *key, unsigned kinds, const char *what,
                      int *out)
{
    struct yaml_node *node = yaml_get(r->file, map, key);
    const char *id = yaml_text(node);

    *out = -1;
    if (node == NULL)
        return 0;
    if (id == NULL || (*out = policy_clock(r->policy, id)) < 0 ||
        (kinds & (1u << r->policy->clocks[*out].kind)) == 0)
        return reading_wrong(r, node, key, what);
    return 0;
}

/* Steps may stand anywhere in the list: once it is whole. */
static int take_incomplete(const struct reading *r, struct yaml_node *map,
                           struct legal_clock *k)
{
    struct yaml_node *node = yaml_get(r->file, map, "incomplete");

    k->ask = k->give_up = -1;
    if (node == NULL)
        return 0;
    if (!yaml_is_map(node) ||
        yaml_check_keys(r->file, node, incomplete_keys, r->err) != 0 ||
        yaml_need(r->file, node, "ask", r->err) == NULL ||
        yaml_need(r->file, node, "give_up", r->err) == NULL)
        return r->err->code != ERR_NONE
                   ? -1
                   : reading_wrong(r, node, "incomplete",
                                   "needs ask and give_up");
    if (take_place(r, node, "ask", 1u << CLOCK_STEP, "is no clock of kind step",
                   &k->ask) != 0)
        return -1;
    return take_place(r, node, "give_up", 1u << CLOCK_STEP,
                      "is no clock of kind step", &k->give_up);
}

static int take_steps(const struct reading *r, struct yaml_node *map,
                      struct legal_clock *k)
{
    if (take_incomplete(r, map, k) != 0 ||
        take_place(r, map, "forward", 1u << CLOCK_STEP,
                   "is no clock of kind step", &k->forward) != 0 ||
        take_place(r, map, "then", 1u << CLOCK_STEP, "is no clock of kind step",
                   &k->then) != 0)
        return -1;
    return k->then < 0 || k->deemed_accepted
               ? 0
               : reading_wrong(r, yaml_get(r->file, map, "then"), "then",
                               "is for a clock with deemed_accepted");
}

int clocks_load(const struct reading *r, struct yaml_node *root)
{
    struct yaml_node *list =
        reading_list(r, root, "clocks", LIMIT_CLOCKS, false,
                     "needs a list of one to 32 clocks");

    if (list == NULL)
        return yaml_get(r->file, root, "clocks") == NULL ? 0 : -1;
    for (size_t i = 0; i < yaml_count(list); i++) {
        if (take_clock(r, yaml_item(r->file, list, i), &r->policy->clocks[i]) !=
            0)
            return -1;
        r->policy->nclocks = i + 1;
    }
    for (size_t i = 0; i < r->policy->nclocks; i++)
        if (take_steps(r, yaml_item(r->file, list, i), &r->policy->clocks[i]) !=
            0)
            return -1;
    return 0;
}

/* The longest first terms that the laws of a country know. Longer ones load,
 * for counsel may know better, and are warned of. */
static const struct longest {
    const char *jurisdiction;
    enum request_type type;
    struct term term;
} longest[] = {
    { "CO", REQUEST_ACCESS, { 10, TERM_BUSINESS_DAYS } },
    { "CO", REQUEST_CORRECT, { 15, TERM_BUSINESS_DAYS } },
    { "CO", REQUEST_ERASE, { 15, TERM_BUSINESS_DAYS } },
    { "CO", REQUEST_WITHDRAW, { 15, TERM_BUSINESS_DAYS } },
    { "CO", REQUEST_COMPLAINT, { 15, TERM_BUSINESS_DAYS } },
    { "CO", REQUEST_INCIDENT, { 15, TERM_BUSINESS_DAYS } },
    { "ES", REQUEST_ACCESS, { 1, TERM_MONTHS } },
    { "ES", REQUEST_CORRECT, { 1, TERM_MONTHS } },
    { "ES", REQUEST_ERASE, { 1, TERM_MONTHS } },
    { "ES", REQUEST_WITHDRAW, { 1, TERM_MONTHS } },
    { "ES", REQUEST_OBJECT, { 1, TERM_MONTHS } },
    { "ES", REQUEST_RESTRICT, { 1, TERM_MONTHS } },
    { "ES", REQUEST_PORTABILITY, { 1, TERM_MONTHS } },
    { "ES", REQUEST_INCIDENT, { 72, TERM_HOURS } },
};

/* At least, and at most: in hours, whichever days they are. */
static int64_t hours_of(const struct term *t, bool most)
{
    switch (t->unit) {
    case TERM_HOURS:
        return t->n;
    case TERM_MONTHS:
        return (int64_t)t->n * (most ? 31 : 28) * 24;
    case TERM_BUSINESS_DAYS: /* five of seven, and holidays */
        return (int64_t)(most ? (t->n * 7 + 4) / 5 : t->n) * 24;
    default:
        return (int64_t)t->n * 24;
    }
}

static bool is_longer(const struct term *t, const struct term *most)
{
    return t->unit == most->unit ? t->n > most->n
                                 : hours_of(t, false) > hours_of(most, true);
}

static int warn_clock(const struct reading *r, const struct legal_clock *k,
                      const struct longest *l)
{
    char has[40], may[40];

    term_format(has, &k->term);
    term_format(may, &l->term);
    return policy_warn(r->policy, r->err,
                       "policy.yaml: clocks: %s: %s for %s, and the law (%s) "
                       "gives %s",
                       k->id, has, request_type_names[l->type], l->jurisdiction,
                       may);
}

/* The first law that a clock is longer than: once is enough. */
static const struct longest *exceeded(const struct policy *p, size_t clock)
{
    const struct legal_clock *k = &p->clocks[clock];

    for (size_t i = 0; i < sizeof(longest) / sizeof(longest[0]); i++) {
        const struct longest *l = &longest[i];
        bool its = l->type == REQUEST_INCIDENT
                       ? k->kind == CLOCK_INCIDENT
                       : p->requests[l->type] == (int)clock;

        if (its && strcmp(l->jurisdiction, p->jurisdiction) == 0 &&
            is_longer(&k->term, &l->term))
            return l;
    }
    return NULL;
}

static int warn_terms(const struct reading *r)
{
    for (size_t c = 0; c < r->policy->nclocks; c++) {
        const struct longest *l = exceeded(r->policy, c);

        if (l != NULL && warn_clock(r, &r->policy->clocks[c], l) != 0)
            return -1;
    }
    return 0;
}

/* Who may object has to be able to. */
static int check_objection(const struct reading *r, struct yaml_node *root)
{
    const struct policy *p = r->policy;

    for (size_t i = 0; i < p->npurposes; i++)
        if (strcmp(p->jurisdiction, "ES") == 0 &&
            basis_objects(p->purposes[i].basis) &&
            p->requests[REQUEST_OBJECT] < 0)
            return reading_wrong(r, root, "requests",
                                 "need a clock for object: people may object "
                                 "to what rests on an interest");
    return 0;
}

int requests_load(const struct reading *r, struct yaml_node *root)
{
    struct yaml_node *map = yaml_get(r->file, root, "requests");
    const char *keys[REQUEST_ASKED + 1] = { NULL };

    for (int i = 0; i < REQUEST_ASKED; i++) {
        keys[i] = request_type_names[i];
        r->policy->requests[i] = -1;
    }
    if (map == NULL)
        return check_objection(r, root);
    if (!yaml_is_map(map))
        return reading_wrong(r, map, "requests", "names no clocks");
    if (yaml_check_keys(r->file, map, keys, r->err) != 0)
        return -1;
    for (int i = 0; i < REQUEST_ASKED; i++)
        if (take_place(r, map, keys[i], 1u << CLOCK_REQUEST,
                       "is no clock of kind request",
                       &r->policy->requests[i]) != 0)
            return -1;
    return warn_terms(r) != 0 ? -1 : check_objection(r, map);
}
