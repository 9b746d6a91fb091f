/* When what lies gets more urgent, and what agents say. */
#include "policy_private.h"

#include <stdlib.h>
#include <string.h>

const char *const priority_names[PRIORITY__MAX] = {
    [PRIORITY_LOW] = "low",
    [PRIORITY_NORMAL] = "normal",
    [PRIORITY_HIGH] = "high",
    [PRIORITY_URGENT] = "urgent",
};
/* As enum escalation_of. */
static const char *const kinds[ESCALATE__MAX] = { "waiting", "unanswered",
                                                  "untouched" };
static const char *const keys[] = { "waiting", "unanswered", "untouched",
                                    "priority", NULL };

/* A working day: whoever answers the next morning goes on where they were. */
#define SILENCE (12 * MSEC_H)

enum priority priority_of(const char *name)
{
    int i = 0;

    while (i < PRIORITY__MAX && strcmp(priority_names[i], name) != 0)
        i++;
    return (enum priority)i;
}

msec policy_escalates(const struct policy *policy, enum escalation_of of,
                      msec since, int step)
{
    return step < 0 || (size_t)step >= policy->nescalations[of]
               ? 0
               : since + policy->escalations[of][step].after;
}

bool policy_is_open(const struct policy *policy, const char *number, msec at,
                    msec *opens)
{
    const struct hours *hours = policy_hours(policy, number);

    *opens = at;
    if (hours == NULL || hours_open(hours, &policy->calendar, at))
        return true;
    if (hours_next(hours, &policy->calendar, at, opens) != 0)
        *opens = 0;
    return false;
}

msec policy_open_since(const struct policy *policy, const char *number, msec at)
{
    msec opens;

    return policy_is_open(policy, number, at, &opens) || opens == 0 ? at
                                                                    : opens;
}

const char *policy_prepared(const struct policy *policy,
                            const struct policy_language *l, const char *name)
{
    const struct policy_language *first = &policy->languages[0];

    for (size_t i = 0; i < l->nprepared; i++)
        if (strcmp(l->prepared[i].name, name) == 0)
            return l->prepared[i].text;
    return l == first ? NULL : policy_prepared(policy, first, name);
}

/* ---- what becomes more urgent, and what nobody answers ------------------ */

struct handover {
    struct policy *policy;
    struct yaml_file *file;
    struct error *err;
};

static int wrong(const struct handover *h, struct yaml_node *node,
                 const char *key, const char *what)
{
    return yaml_error(h->file, node, key, h->err, "%s", what);
}

static int take_time(const struct handover *h, struct yaml_node *node,
                     const char *key, msec max, msec *out)
{
    const char *text = yaml_text(node);

    if (text == NULL || duration_parse(text, out) != 0)
        return wrong(h, node, key, "is no duration such as 30m or 12h");
    return *out > 0 && *out <= max
               ? 0
               : wrong(h, node, key, "is nothing, or too long");
}

/* Each later than the one before, so that steps are in the order of time. */
static int add_rule(const struct handover *h, struct yaml_node *map,
                    enum escalation_of of, const struct policy_escalation *rule)
{
    size_t n = h->policy->nescalations[of];
    struct policy_escalation *list = h->policy->escalations[of];

    if (n == LIMIT_ESCALATIONS)
        return wrong(h, map, kinds[of], "has more than four steps");
    if (n > 0 && list[n - 1].after >= rule->after)
        return wrong(h, yaml_get(h->file, map, kinds[of]), kinds[of],
                     "is not later than the step before");
    list[n] = *rule;
    h->policy->nescalations[of]++;
    return 0;
}

static int rule_load(const struct handover *h, struct yaml_node *map)
{
    struct policy_escalation rule;
    const char *name;
    struct yaml_node *of = NULL;
    enum escalation_of which = ESCALATE__MAX;
    size_t n = 0;

    if (!yaml_is_map(map))
        return wrong(h, map, "escalate", "is not a rule");
    if (yaml_check_keys(h->file, map, keys, h->err) != 0)
        return -1;
    for (int i = 0; i < ESCALATE__MAX; i++)
        if (yaml_get(h->file, map, kinds[i]) != NULL) {
            of = yaml_get(h->file, map, kinds[i]);
            which = (enum escalation_of)i;
            n++;
        }
    if (n != 1)
        return wrong(h, map, "escalate",
                     "needs waiting, unanswered or untouched");
    if (take_time(h, of, kinds[which], LIMIT_KEEP_D * MSEC_D, &rule.after) !=
            0 ||
        (name = yaml_need(h->file, map, "priority", h->err)) == NULL)
        return -1;
    rule.priority = priority_of(name);
    if (rule.priority == PRIORITY__MAX)
        return wrong(h, yaml_get(h->file, map, "priority"), "priority",
                     "is not low, normal, high or urgent");
    return add_rule(h, map, which, &rule);
}

/* What becomes of a second text that means nothing to the assistant. */
static int take_unanswered(const struct handover *h, struct yaml_node *node)
{
    const char *text = yaml_text(node);

    if (node == NULL)
        return 0;
    if (text == NULL ||
        (strcmp(text, "silence") != 0 && strcmp(text, "person") != 0))
        return wrong(h, node, "unanswered", "is neither silence nor person");
    h->policy->unanswered_person = strcmp(text, "person") == 0;
    return 0;
}

int handover_load(struct policy *policy, struct yaml_file *file,
                  struct yaml_node *root, struct error *err)
{
    const struct handover h = { policy, file, err };
    struct yaml_node *list = yaml_get(file, root, "escalate");
    struct yaml_node *silence = yaml_get(file, root, "handover_silence");

    policy->handover_silence = SILENCE;
    if (silence != NULL &&
        take_time(&h, silence, "handover_silence", LIMIT_SILENCE_H * MSEC_H,
                  &policy->handover_silence) != 0)
        return -1;
    if (take_unanswered(&h, yaml_get(file, root, "unanswered")) != 0)
        return -1;
    if (list == NULL)
        return 0;
    if (!yaml_is_list(list))
        return wrong(&h, list, "escalate", "needs a list of rules");
    for (size_t i = 0; i < yaml_count(list); i++)
        if (rule_load(&h, yaml_item(file, list, i)) != 0)
            return -1;
    return 0;
}

/* ---- prepared texts ----------------------------------------------------- */

struct preparing {
    struct policy_language *language;
    struct yaml_file *file;
    const struct variables *variables;
    struct error *err;
};

static int prepared_one(const struct preparing *p, struct yaml_node *map,
                        size_t i)
{
    const char *name = yaml_key(p->file, map, i);
    struct yaml_node *node = yaml_get(p->file, map, name);
    const char *text = yaml_text(node);
    struct policy_prepared *to = &p->language->prepared[i];

    if (name[0] == '\0' || strlen(name) >= sizeof(to->name) ||
        name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0')
        return yaml_error(p->file, node, name, p->err,
                          "is no name of a prepared text");
    if (text == NULL || text[strspn(text, " \t\n")] == '\0')
        return yaml_error(p->file, node, name, p->err, "is empty");
    to->text = fill_text(NULL, text, false, p->variables, NULL, p->err);
    if (to->text == NULL)
        return p->err->code == ERR_CONFIG
                   ? yaml_error(p->file, node, name, p->err, "%s", p->err->text)
                   : -1;
    memcpy(to->name, name, strlen(name) + 1);
    p->language->nprepared = i + 1;
    return utf8_count(to->text) <= LIMIT_TEXT_BODY
               ? 0
               : yaml_error(p->file, node, name, p->err,
                            "is longer than %u characters", LIMIT_TEXT_BODY);
}

int prepared_load(struct policy_language *language, struct yaml_file *file,
                  struct yaml_node *root, const struct variables *variables,
                  struct error *err)
{
    const struct preparing p = { language, file, variables, err };
    struct yaml_node *map = yaml_get(file, root, "prepared");

    if (map == NULL)
        return 0;
    if (!yaml_is_map(map) || yaml_count(map) > LIMIT_PREPARED)
        return yaml_error(file, map, "prepared", err,
                          "needs names and texts, at most %u", LIMIT_PREPARED);
    for (size_t i = 0; i < yaml_count(map); i++)
        if (prepared_one(&p, map, i) != 0)
            return -1;
    return 0;
}
