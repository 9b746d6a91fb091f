/* How long what is kept, as the policy says it. */
#include "policy_private.h"

#include <string.h>

static const char *const rule_keys[] = { "documents", "trigger",   "after",
                                         "action",    "block_for", "ground",
                                         "citation",  "id",        NULL };
/* What a rule rests on; the citation says it in words. */
static const char *const grounds[] = { "purpose_ended", "contract_ended",
                                       "legal_duty", "withdrawn", NULL };
static const char *const actions[] = { "destroy", "block", NULL };
/* As enum retention_trigger. */
static const char *const triggers[] = { "stored", "case_closed", "withdrawn",
                                        NULL };

struct rules {
    struct policy *policy;
    struct yaml_file *file;
    struct error *err;
};

static int wrong(const struct rules *r, struct yaml_node *node, const char *key,
                 const char *what)
{
    return yaml_error(r->file, node, key, r->err, "%s", what);
}

/* The place of a needed word in a NULL-ended list; -1 with error. */
static int take_word(const struct rules *r, struct yaml_node *map,
                     const char *key, const char *const *words,
                     const char *what)
{
    const char *text = yaml_need(r->file, map, key, r->err);

    if (text == NULL)
        return -1;
    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0)
            return i;
    return wrong(r, yaml_get(r->file, map, key), key, what);
}

/* A duration that may be missing (1), else 0 or -1. */
static int take_time(const struct rules *r, struct yaml_node *map,
                     const char *key, msec min, msec *out)
{
    struct yaml_node *node = yaml_get(r->file, map, key);
    const char *text = yaml_text(node);

    if (node == NULL)
        return 1;
    if (text == NULL || duration_parse(text, out) != 0)
        return wrong(r, node, key, "is no duration such as 24h or 1825d");
    if (*out < min || *out > LIMIT_KEEP_D * MSEC_D)
        return wrong(r, node, key,
                     min > 0 ? "must be more than 0 and at most 36500d"
                             : "must be at most 36500d");
    return 0;
}

/* ---- one rule ----------------------------------------------------------- */

static int take_type(const struct rules *r, struct yaml_node *item,
                     struct policy_rule *rule)
{
    const char *text = yaml_text(item), *slash;

    slash = text == NULL ? NULL : strchr(text, '/');
    if (slash == NULL || slash == text || slash[1] == '\0' ||
        strchr(slash + 1, '/') != NULL ||
        strlen(text) >= sizeof(rule->types[0]))
        return wrong(r, item, "documents",
                     "is not of the form type/subtype, or all");
    memcpy(rule->types[rule->ntypes++], text, strlen(text) + 1);
    return 0;
}

static int take_types(const struct rules *r, struct yaml_node *map,
                      struct policy_rule *rule)
{
    struct yaml_node *node = yaml_get(r->file, map, "documents");
    const char *text = yaml_text(node);

    if (text != NULL && strcmp(text, "all") == 0)
        return 0;
    if (node == NULL || !yaml_is_list(node) || yaml_count(node) == 0 ||
        yaml_count(node) > LIMIT_RULE_TYPES)
        return wrong(r, node != NULL ? node : map, "documents",
                     "needs a list of one to eight media types, or all");
    for (size_t i = 0; i < yaml_count(node); i++)
        if (take_type(r, yaml_item(r->file, node, i), rule) != 0)
            return -1;
    return 0;
}

static int take_action(const struct rules *r, struct yaml_node *map,
                       struct policy_rule *rule)
{
    int which = take_word(r, map, "action", actions, "is not destroy or block"),
        given;

    if (which < 0)
        return -1;
    rule->block = which == 1;
    given = take_time(r, map, "block_for", 1, &rule->block_for);
    if (given < 0)
        return -1;
    if (rule->block && given != 0)
        return wrong(r, map, "block_for", "is missing: blocked for how long?");
    if (!rule->block && given == 0)
        return wrong(r, yaml_get(r->file, map, "block_for"), "block_for",
                     "is for the action block");
    return 0;
}

static int take_citation(const struct rules *r, struct yaml_node *map,
                         struct policy_rule *rule)
{
    struct yaml_node *node = yaml_get(r->file, map, "citation");
    const char *text = yaml_text(node);

    if (node == NULL)
        return 0;
    if (text == NULL || strlen(text) > LIMIT_CITATION)
        return wrong(r, node, "citation", "is no text of at most 200 bytes");
    for (const char *s = text; *s != '\0'; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return wrong(r, node, "citation", "must be one line");
    memcpy(rule->citation, text, strlen(text) + 1);
    return 0;
}

/* Procedures name a rule by its id. */
static int take_id(const struct rules *r, struct yaml_node *map,
                   struct policy_rule *rule)
{
    const struct reading reading = { r->policy, r->file, r->err };

    if (yaml_get(r->file, map, "id") == NULL)
        return 0;
    if (reading_id(&reading, map, "id", rule->id) != 0)
        return -1;
    for (size_t i = 0; i < r->policy->nrules; i++)
        if (strcmp(r->policy->rules[i].id, rule->id) == 0)
            return wrong(r, yaml_get(r->file, map, "id"), "id",
                         "names a rule twice");
    return 0;
}

static int take_rule(const struct rules *r, struct yaml_node *map,
                     struct policy_rule *rule)
{
    int trigger, ground, given;

    if (!yaml_is_map(map))
        return wrong(r, map, "retention_rules", "is not a rule");
    if (yaml_check_keys(r->file, map, rule_keys, r->err) != 0 ||
        take_id(r, map, rule) != 0 || take_types(r, map, rule) != 0)
        return -1;
    trigger = take_word(r, map, "trigger", triggers,
                        "is not stored, case_closed or withdrawn");
    if (trigger < 0)
        return -1;
    rule->trigger = (enum retention_trigger)trigger;
    given = take_time(r, map, "after", 0, &rule->after);
    if (given > 0)
        return wrong(r, map, "after", "is missing");
    if (given < 0 || take_action(r, map, rule) != 0)
        return -1;
    ground = take_word(r, map, "ground", grounds,
                       "is not purpose_ended, contract_ended, legal_duty or "
                       "withdrawn");
    if (ground < 0)
        return -1;
    memcpy(rule->ground, grounds[ground], strlen(grounds[ground]) + 1);
    return take_citation(r, map, rule);
}

/* ---- all of them -------------------------------------------------------- */

static bool names(const struct policy_rule *rule, const char *media_type)
{
    for (size_t i = 0; i < rule->ntypes; i++)
        if (strcmp(rule->types[i], media_type) == 0)
            return true;
    return rule->ntypes == 0;
}

const struct policy_rule *policy_rule_for(const struct policy *policy,
                                          enum retention_trigger trigger,
                                          const char *media_type)
{
    for (size_t i = 0; i < policy->nrules; i++)
        if (policy->rules[i].trigger == trigger &&
            names(&policy->rules[i], media_type))
            return &policy->rules[i];
    return NULL;
}

/* A rule behind one that takes all would seem to be in force. */
static bool is_reached(const struct policy *p, const struct policy_rule *rule)
{
    const struct policy_rule *first;

    for (size_t i = 0; i < rule->ntypes; i++) {
        first = policy_rule_for(p, rule->trigger, rule->types[i]);
        if (first == rule)
            return true;
    }
    if (rule->ntypes > 0)
        return false;
    for (first = p->rules; first < rule; first++)
        if (first->trigger == rule->trigger && first->ntypes == 0)
            return false;
    return true;
}

static int rules_load(const struct rules *r, struct yaml_node *root)
{
    struct yaml_node *list = yaml_get(r->file, root, "retention_rules");

    if (list == NULL)
        return 0;
    if (!yaml_is_list(list) || yaml_count(list) > LIMIT_RULES)
        return wrong(r, list, "retention_rules",
                     "needs a list of at most 16 rules");
    for (size_t i = 0; i < yaml_count(list); i++) {
        struct yaml_node *map = yaml_item(r->file, list, i);
        struct policy_rule *rule = &r->policy->rules[i];

        if (take_rule(r, map, rule) != 0)
            return -1;
        r->policy->nrules = i + 1;
        if (!is_reached(r->policy, rule))
            return wrong(r, map, "documents",
                         "is never reached: a rule above takes all of it");
    }
    return 0;
}

/* In Spain what is erased is blocked first: LOPDGDD art. 32. */
static int erasure_load(const struct rules *r, struct yaml_node *root)
{
    struct policy *p = r->policy;
    bool spain = strcmp(p->jurisdiction, "ES") == 0;
    int which = spain ? 1 : 0, given;

    if (yaml_get(r->file, root, "erasure") != NULL)
        which =
            take_word(r, root, "erasure", actions, "is not destroy or block");
    if (which < 0)
        return -1;
    if (spain && which == 0)
        return wrong(r, yaml_get(r->file, root, "erasure"), "erasure",
                     "must be block where the jurisdiction is ES");
    p->erasure_blocks = which == 1;
    p->block_for = p->erasure_blocks ? 3 * 365 * MSEC_D : 0;
    given = take_time(r, root, "block_for", 1, &p->block_for);
    if (given == 0 && !p->erasure_blocks)
        return wrong(r, yaml_get(r->file, root, "block_for"), "block_for",
                     "is for erasure: block");
    return given < 0 ? -1 : 0;
}

int retention_load(struct policy *policy, struct yaml_file *file,
                   struct yaml_node *root, struct error *err)
{
    const struct rules r = { policy, file, err };

    if (erasure_load(&r, root) != 0 || rules_load(&r, root) != 0)
        return -1;
    return take_time(&r, root, "persons_after", 1, &policy->persons_after) < 0
               ? -1
               : 0;
}
