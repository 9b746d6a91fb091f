/* templates: and contact_rules: of policy.yaml. */
#include "policy_private.h"

#include <string.h>

/* From stage on: answer.c. */
static const char *const template_keys[] = {
    "id",      "name",       "language", "category", "class",
    "purpose", "parameters", "header",   "stage",    "body",
    "answers", "procedure",  "promise",  NULL
};
static const char *const parameter_keys[] = { "name", "type", "max", NULL };
static const char *const rule_keys[] = {
    "citation", "week", "per_day", "one_channel_a_week", "out_of_hours_purpose",
    NULL
};

/* ---- templates ---------------------------------------------------------- */

static int take_parameter(const struct reading *r, struct yaml_node *map,
                          struct policy_template *t)
{
    struct template_parameter *p = &t->parameters[t->nparameters];
    int type;

    if (!yaml_is_map(map))
        return reading_wrong(r, map, "parameters", "is no parameter");
    if (yaml_check_keys(r->file, map, parameter_keys, r->err) != 0 ||
        reading_id(r, map, "name", p->name) != 0)
        return -1;
    if (strcmp(p->name, "to") == 0 || strcmp(p->name, "other_channel") == 0)
        return reading_wrong(r, yaml_get(r->file, map, "name"), "name",
                             "is a column of its own in lists of recipients");
    for (size_t i = 0; i < t->nparameters; i++)
        if (strcmp(t->parameters[i].name, p->name) == 0)
            return reading_wrong(r, yaml_get(r->file, map, "name"), "name",
                                 "names a parameter twice");
    type = reading_word(r, map, "type", parameter_type_names, PARAMETER__MAX,
                        "is not amount, date or text");
    if (type < 0)
        return -1;
    p->type = (enum parameter_type)type;
    p->max = p->type == PARAMETER_DATE ? DATE_SIZE - 1 : 60;
    t->nparameters++;
    return reading_number(r, map, "max", 1, LIMIT_PARAMETER, &p->max,
                          "is not 1 to 1024 characters");
}

static int take_parameters(const struct reading *r, struct yaml_node *map,
                           struct policy_template *t)
{
    struct yaml_node *list =
        reading_list(r, map, "parameters", LIMIT_PARAMETERS, false,
                     "needs a list of one to sixteen parameters");

    if (list == NULL)
        return yaml_get(r->file, map, "parameters") == NULL ? 0 : -1;
    for (size_t i = 0; i < yaml_count(list); i++)
        if (take_parameter(r, yaml_item(r->file, list, i), t) != 0)
            return -1;
    return 0;
}

/* Meta's name, and its code of a language: es, es_CO. */
static int take_names(const struct reading *r, struct yaml_node *map,
                      struct policy_template *t)
{
    struct yaml_node *language = yaml_get(r->file, map, "language");

    t->name[0] = t->language[0] = '\0';
    if (reading_line(r, map, "name", t->name, sizeof(t->name),
                     "is no name of a template") != 0 ||
        reading_line(r, map, "language", t->language, sizeof(t->language),
                     "is no code of a language") != 0)
        return -1;
    if (t->name[0] == '\0' ||
        t->name[strspn(t->name, "abcdefghijklmnopqrstuvwxyz0123456789_")] !=
            '\0')
        return reading_wrong(r, map, "name",
                             "is missing, or not of a-z, 0-9 and _");
    if (strlen(t->language) < 2 ||
        t->language[strspn(t->language, "abcdefghijklmnopqrstuvwxyz"
                                        "ABCDEFGHIJKLMNOPQRSTUVWXYZ_")] != '\0')
        return reading_wrong(r, language != NULL ? language : map, "language",
                             "is missing, or no code such as es_CO");
    return 0;
}

static int take_kind(const struct reading *r, struct yaml_node *map,
                     struct policy_template *t)
{
    int category =
        reading_word(r, map, "category", template_category_names, CATEGORY__MAX,
                     "is not authentication, utility or marketing");
    int class = category < 0 ? -1
                             : reading_word(r, map, "class",
                                            contact_class_names, CLASS__MAX,
                                            "is not requested_info, proactive, "
                                            "collection or advertising");

    if (class < 0)
        return -1;
    t->category = (enum template_category)category;
    t->class = (enum contact_class) class;
    if ((t->category == CATEGORY_MARKETING) != (t->class == CLASS_ADVERTISING))
        return reading_wrong(r, yaml_get(r->file, map, "class"), "class",
                             "advertising is what Meta calls marketing, and "
                             "nothing else is");
    return 0;
}

/* A document is for one person, who asked for it or has to have it: what Meta
 * calls utility. */
static int take_header(const struct reading *r, struct yaml_node *map,
                       struct policy_template *t)
{
    static const char *const headers[] = { "document" };
    struct yaml_node *node = yaml_get(r->file, map, "header");

    t->carries = false;
    if (node == NULL)
        return 0;
    if (reading_word(r, map, "header", headers, 1, "is not document") < 0)
        return -1;
    t->carries = true;
    return t->category == CATEGORY_UTILITY
               ? 0
               : reading_wrong(r, node, "header",
                               "is for templates of category utility");
}

static int take_template(const struct reading *r, struct yaml_node *map)
{
    struct policy *p = r->policy;
    struct policy_template *t = &p->templates[p->ntemplates];
    char purpose[PURPOSE_SIZE];

    if (!yaml_is_map(map))
        return reading_wrong(r, map, "templates", "is no template");
    if (yaml_check_keys(r->file, map, template_keys, r->err) != 0 ||
        reading_id(r, map, "id", t->id) != 0)
        return -1;
    if (policy_template(p, t->id) != NULL)
        return reading_wrong(r, yaml_get(r->file, map, "id"), "id",
                             "names a template twice");
    if (take_names(r, map, t) != 0 || take_kind(r, map, t) != 0 ||
        take_header(r, map, t) != 0 ||
        reading_id(r, map, "purpose", purpose) != 0)
        return -1;
    t->purpose = policy_purpose(p, purpose);
    if (t->purpose < 0)
        return reading_wrong(r, yaml_get(r->file, map, "purpose"), "purpose",
                             "is no purpose of this policy");
    t->procedure = -1;
    p->ntemplates++;
    return take_parameters(r, map, t);
}

/* ---- rules -------------------------------------------------------------- */

/* What Ley 2300 de 2023, art. 3, allows at most, Monday first. */
static const struct opening ley_2300[7] = {
    { 7 * 60, 19 * 60 },
    { 7 * 60, 19 * 60 },
    { 7 * 60, 19 * 60 },
    { 7 * 60, 19 * 60 },
    { 7 * 60, 19 * 60 },
    { 8 * 60, 15 * 60 },
    { 0, 0 },
};

static bool within_law(const struct contact_rules *c)
{
    for (int d = 0; d < 7; d++)
        for (size_t i = 0; i < c->hours.week[d].n; i++)
            if (c->hours.week[d].openings[i].from < ley_2300[d].from ||
                c->hours.week[d].openings[i].until > ley_2300[d].until)
                return false;
    return c->per_day == 1 && c->one_channel;
}

static int take_rules(const struct reading *r, struct yaml_node *map)
{
    struct contact_rules *c = &r->policy->contact;
    struct yaml_node *lifted;
    char purpose[PURPOSE_SIZE];

    if (!yaml_is_map(map))
        return reading_wrong(r, map, "contact_rules", "needs keys");
    c->per_day = 1;
    c->one_channel = true;
    if (yaml_check_keys(r->file, map, rule_keys, r->err) != 0 ||
        reading_line(r, map, "citation", c->citation, sizeof(c->citation),
                     "is empty or too long") != 0 ||
        hours_week(r, map, &c->hours) != 0 ||
        reading_number(r, map, "per_day", 1, 24, &c->per_day,
                       "is not 1 to 24") != 0 ||
        reading_flag(r, map, "one_channel_a_week", &c->one_channel) != 0)
        return -1;
    c->any = true;
    lifted = yaml_get(r->file, map, "out_of_hours_purpose");
    if (lifted == NULL)
        return 0;
    if (reading_id(r, map, "out_of_hours_purpose", purpose) != 0)
        return -1;
    c->out_of_hours = policy_purpose(r->policy, purpose);
    return c->out_of_hours >= 0
               ? 0
               : reading_wrong(r, lifted, "out_of_hours_purpose",
                               "is no purpose of this policy");
}

/* Hours need days; and in Colombia the law is the most that there is. */
static int check_rules(const struct reading *r, struct yaml_node *root,
                       struct yaml_node *rules)
{
    const struct policy *p = r->policy;
    bool colombia = strcmp(p->jurisdiction, "CO") == 0;

    if (rules != NULL && p->calendar.zone == NULL)
        return reading_wrong(r, rules, "contact_rules", "need a calendar");
    if (colombia && rules != NULL && !within_law(&p->contact))
        return reading_wrong(
            r, rules, "contact_rules",
            "allow more than Ley 2300 de 2023, art. 3: Monday "
            "to Friday 07:00-19:00, Saturday 08:00-15:00, once "
            "a day, one channel a week");
    for (size_t i = 0; colombia && rules == NULL && i < p->ntemplates; i++)
        if (contact_counts(p->templates[i].class))
            return reading_wrong(r, root, "contact_rules",
                                 "are missing: Ley 2300 de 2023 binds what "
                                 "templates are for");
    return 0;
}

int contact_load(const struct reading *r, struct yaml_node *root)
{
    struct yaml_node *rules = yaml_get(r->file, root, "contact_rules");
    struct yaml_node *list =
        reading_list(r, root, "templates", LIMIT_TEMPLATES, false,
                     "needs a list of one to 64 templates");

    r->policy->contact.out_of_hours = -1;
    if (list == NULL && yaml_get(r->file, root, "templates") != NULL)
        return -1;
    for (size_t i = 0; list != NULL && i < yaml_count(list); i++)
        if (take_template(r, yaml_item(r->file, list, i)) != 0)
            return -1;
    if (rules != NULL && take_rules(r, rules) != 0)
        return -1;
    return check_rules(r, root, rules);
}

const struct policy_template *policy_template(const struct policy *p,
                                              const char *id)
{
    for (size_t i = 0; i < p->ntemplates; i++)
        if (strcmp(p->templates[i].id, id) == 0)
            return &p->templates[i];
    return NULL;
}
