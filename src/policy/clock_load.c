/* clocks: of policy.yaml: the law's terms as data. */
#include "policy_private.h"

#include <string.h>

const char *const request_type_names[REQUEST__MAX] = {
    [REQUEST_ACCESS] = "access",       [REQUEST_CORRECT] = "correct",
    [REQUEST_ERASE] = "erase",         [REQUEST_WITHDRAW] = "withdraw",
    [REQUEST_COMPLAINT] = "complaint", [REQUEST_OBJECT] = "object",
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
    return check_objection(r, map);
}
