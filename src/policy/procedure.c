/* procedures: of policy.yaml: what customers come for, and which documents
 * each takes. */
#include "policy_private.h"

#include <string.h>

const char *const return_ground_names[RETURN__MAX] = {
    [RETURN_UNREADABLE] = "unreadable", [RETURN_INCOMPLETE] = "incomplete",
    [RETURN_WRONG] = "wrong",           [RETURN_EXPIRED] = "expired",
    [RETURN_UNSIGNED] = "unsigned",
};

const char *const item_channel_names[CHANNEL__MAX] = {
    [CHANNEL_IN_CHAT] = "in_chat",
    [CHANNEL_SECURE_LINK] = "secure_link",
    [CHANNEL_BRANCH] = "branch",
};
static const char *const procedure_keys[] = { "id",        "sla",
                                              "retention", "unrequested_life",
                                              "items",     NULL };
static const char *const item_keys[] = { "id",       "required",  "sensitive",
                                         "channel",  "kinds",     "types",
                                         "purposes", "files_max", "retention",
                                         "minors",   NULL };
#define UNREQUESTED_D 7

/* ---- what an item takes ------------------------------------------------- */

static int take_kinds(const struct reading *r, struct yaml_node *map,
                      struct policy_item *item)
{
    struct yaml_node *list = reading_list(
        r, map, "kinds", KIND__MAX, item->channel == CHANNEL_IN_CHAT,
        "needs a list of image, document, audio or video");

    if (list == NULL)
        return yaml_get(r->file, map, "kinds") == NULL &&
                       item->channel != CHANNEL_IN_CHAT
                   ? 0
                   : -1;
    for (size_t i = 0; i < yaml_count(list); i++) {
        struct yaml_node *node = yaml_item(r->file, list, i);
        const char *name = yaml_text(node);
        enum media_kind kind = name == NULL ? KIND__MAX : media_kind_of(name);

        if (kind == KIND__MAX)
            return reading_wrong(r, node, "kinds",
                                 "is not image, document, audio or video");
        item->kinds |= 1u << kind;
    }
    return 0;
}

/* Can a message of these kinds bring that type? Anything can be a document. */
static bool brings(unsigned kinds, const char *type)
{
    static const struct {
        const char *prefix;
        enum media_kind kind;
    } table[] = { { "image/", KIND_IMAGE },
                  { "audio/", KIND_AUDIO },
                  { "video/", KIND_VIDEO } };

    if ((kinds & 1u << KIND_DOCUMENT) != 0)
        return true;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strncmp(type, table[i].prefix, strlen(table[i].prefix)) == 0)
            return (kinds & 1u << table[i].kind) != 0;
    return false;
}

static int take_type(const struct reading *r, struct yaml_node *node,
                     struct policy_item *item)
{
    const struct policy *p = r->policy;
    const char *text = yaml_text(node);

    for (size_t i = 0; text != NULL && i < p->ntypes; i++) {
        if (strcmp(p->types[i].media_type, text) != 0)
            continue;
        if (!brings(item->kinds, text))
            return reading_wrong(r, node, "types",
                                 "cannot come in any of these kinds");
        item->types |= UINT32_C(1) << i;
        return 0;
    }
    return reading_wrong(r, node, "types", "is none of the accepted types");
}

/* Without a list: all accepted types that these kinds can bring. */
static int take_types(const struct reading *r, struct yaml_node *map,
                      struct policy_item *item)
{
    const struct policy *p = r->policy;
    struct yaml_node *list =
        reading_list(r, map, "types", LIMIT_TYPES, false,
                     "needs a list of accepted media types");

    if (list == NULL && yaml_get(r->file, map, "types") != NULL)
        return -1;
    for (size_t i = 0; list != NULL && i < yaml_count(list); i++)
        if (take_type(r, yaml_item(r->file, list, i), item) != 0)
            return -1;
    for (size_t i = 0; list == NULL && i < p->ntypes; i++)
        if (brings(item->kinds, p->types[i].media_type))
            item->types |= UINT32_C(1) << i;
    return item->types != 0
               ? 0
               : reading_wrong(r, map, "kinds", "bring no accepted type");
}

static int take_purposes(const struct reading *r, struct yaml_node *map,
                         struct policy_item *item)
{
    const struct policy *p = r->policy;
    struct yaml_node *list =
        reading_list(r, map, "purposes", LIMIT_PURPOSES, true,
                     "needs a list of the policy's purposes");
    bool sensitive = false;

    if (list == NULL)
        return -1;
    for (size_t i = 0; i < yaml_count(list); i++) {
        struct yaml_node *node = yaml_item(r->file, list, i);
        const char *id = yaml_text(node);
        int purpose = id == NULL ? -1 : policy_purpose(p, id);

        if (purpose < 0)
            return reading_wrong(r, node, "purposes",
                                 "is no purpose of this policy");
        item->purposes |= 1u << purpose;
        sensitive |= p->purposes[purpose].sensitive;
    }

    /* What is sensitive needs a yes that says so, and only that. */
    if (item->sensitive == sensitive)
        return 0;
    return reading_wrong(r, list, "purposes",
                         sensitive ? "are sensitive and the item is not"
                                   : "have none that is sensitive, as the "
                                     "item is");
}

static int take_minors(const struct reading *r, struct yaml_node *map,
                       struct policy_item *item)
{
    static const char *const words[] = { [MINORS_NO] = "false",
                                         [MINORS_MAYBE] = "true",
                                         [MINORS_ALWAYS] = "representative" };
    int which;

    if (yaml_get(r->file, map, "minors") == NULL)
        return 0;
    which = reading_word(r, map, "minors", words, 3,
                         "is not true, false or representative");
    if (which < 0)
        return -1;
    item->minors = (enum item_minors)which;
    return which == MINORS_NO || item->channel == CHANNEL_IN_CHAT
               ? 0
               : reading_wrong(r, yaml_get(r->file, map, "minors"), "minors",
                               "is for the channel in_chat");
}

/* ---- one item ----------------------------------------------------------- */

/* The place of the rule of that id; -2 with error, keeps *out without one. */
static int take_retention(const struct reading *r, struct yaml_node *map,
                          int *out)
{
    struct yaml_node *node = yaml_get(r->file, map, "retention");
    const char *id = yaml_text(node);

    if (node == NULL)
        return 0;
    for (size_t i = 0; id != NULL && id[0] != '\0' && i < r->policy->nrules;
         i++)
        if (strcmp(r->policy->rules[i].id, id) == 0) {
            *out = (int)i;
            return 0;
        }
    return reading_wrong(r, node, "retention",
                         "is no id of a rule in retention_rules");
}

static int take_channel(const struct reading *r, struct yaml_node *map,
                        struct policy_item *item)
{
    static const char *const only[] = { "kinds", "types", "files_max" };
    int channel;

    if (yaml_get(r->file, map, "channel") == NULL)
        return reading_wrong(r, map, "channel", "is missing");
    channel = reading_word(r, map, "channel", item_channel_names, CHANNEL__MAX,
                           "is not in_chat, secure_link or branch");
    if (channel < 0)
        return -1;
    item->channel = (enum item_channel)channel;
    for (size_t i = 0; channel != CHANNEL_IN_CHAT && i < 3; i++)
        if (yaml_get(r->file, map, only[i]) != NULL)
            return reading_wrong(r, yaml_get(r->file, map, only[i]), only[i],
                                 "is for the channel in_chat");
    return 0;
}

static int take_item(const struct reading *r, struct yaml_node *map,
                     struct policy_procedure *p)
{
    struct policy_item *item = &p->items[p->nitems];

    if (!yaml_is_map(map))
        return reading_wrong(r, map, "items", "is no item");
    if (yaml_check_keys(r->file, map, item_keys, r->err) != 0 ||
        reading_id(r, map, "id", item->id) != 0)
        return -1;
    for (size_t i = 0; i < p->nitems; i++)
        if (strcmp(p->items[i].id, item->id) == 0)
            return reading_wrong(r, yaml_get(r->file, map, "id"), "id",
                                 "names an item twice");
    item->required = true;
    item->files_max = 1;
    if (reading_flag(r, map, "required", &item->required) != 0 ||
        reading_flag(r, map, "sensitive", &item->sensitive) != 0 ||
        take_channel(r, map, item) != 0 || take_kinds(r, map, item) != 0 ||
        (item->kinds != 0 && take_types(r, map, item) != 0) ||
        take_purposes(r, map, item) != 0 ||
        reading_number(r, map, "files_max", 1, LIMIT_ITEM_FILES,
                       &item->files_max, "is not 1 to 20") != 0 ||
        take_minors(r, map, item) != 0)
        return -1;
    return take_retention(r, map, &item->retention);
}

/* ---- procedures --------------------------------------------------------- */

static int take_items(const struct reading *r, struct yaml_node *map,
                      struct policy_procedure *p)
{
    struct yaml_node *list = reading_list(r, map, "items", LIMIT_ITEMS, true,
                                          "needs a list of one to 16 items");
    bool required = false;
    int retention = -1;

    if (list == NULL || take_retention(r, map, &retention) != 0)
        return -1;
    for (size_t i = 0; i < yaml_count(list); i++) {
        p->items[i].retention = retention;
        if (take_item(r, yaml_item(r->file, list, i), p) != 0)
            return -1;
        p->nitems = i + 1;
        required |= p->items[i].required;
    }
    /* Else it would be complete before it began. */
    return required
               ? 0
               : reading_wrong(r, list, "items", "have none that is required");
}

static int take_sla(const struct reading *r, struct yaml_node *map,
                    struct policy_procedure *p)
{
    const char *id = yaml_need(r->file, map, "sla", r->err);
    enum clock_kind kind;

    if (id == NULL)
        return -1;
    if ((p->sla = policy_clock(r->policy, id)) < 0)
        return reading_wrong(r, yaml_get(r->file, map, "sla"), "sla",
                             "is no clock of this policy");
    kind = r->policy->clocks[p->sla].kind;
    return kind == CLOCK_SERVICE || kind == CLOCK_REQUEST
               ? 0
               : reading_wrong(r, yaml_get(r->file, map, "sla"), "sla",
                               "must be a clock of kind service or request");
}

static int take_life(const struct reading *r, struct yaml_node *map,
                     struct policy_procedure *p)
{
    struct yaml_node *node = yaml_get(r->file, map, "unrequested_life");
    const char *text = yaml_text(node);

    p->unrequested_life = UNREQUESTED_D * MSEC_D;
    if (node == NULL)
        return 0;
    if (text == NULL || duration_parse(text, &p->unrequested_life) != 0 ||
        p->unrequested_life < 1 || p->unrequested_life > LIMIT_HOLD_D * MSEC_D)
        return reading_wrong(r, node, "unrequested_life",
                             "is no duration of more than 0 and at most 30d");
    return 0;
}

static int take_procedure(const struct reading *r, struct yaml_node *map,
                          struct policy_procedure *p)
{
    if (!yaml_is_map(map))
        return reading_wrong(r, map, "procedures", "is no procedure");
    if (yaml_check_keys(r->file, map, procedure_keys, r->err) != 0 ||
        reading_id(r, map, "id", p->id) != 0)
        return -1;
    if (policy_procedure(r->policy, p->id) >= 0)
        return reading_wrong(r, yaml_get(r->file, map, "id"), "id",
                             "names a procedure twice");
    if (take_sla(r, map, p) != 0 || take_life(r, map, p) != 0)
        return -1;
    return take_items(r, map, p);
}

/* ---- where what is not for the chat goes -------------------------------- */

/* https, a host and a path of plain characters; nothing before the host, no
 * port that is not 443, and no variable but ours. NULL, or what is wrong. */
static const char *link_fault(const char *url)
{
    static const char scheme[] = "https://";
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    const char *s = url + strlen(scheme);
    size_t host;

    if (strncmp(url, scheme, strlen(scheme)) != 0)
        return "does not begin with https://";
    host = strcspn(s, "/?#");
    if (host < 4 || strspn(s, plain) != host || memchr(s, '.', host) == NULL ||
        s[0] == '.' || s[host - 1] == '.')
        return "has no host such as cargas.example.co";
    for (s += host; *s != '\0'; s++) {
        if (strncmp(s, "{case}", 6) == 0)
            s += 5;
        else if (strncmp(s, "{procedure}", 11) == 0)
            s += 10;
        else if (strchr(plain, *s) == NULL && strchr("/?=&%+", *s) == NULL)
            return "takes letters, digits and /?=&%+-._~ in its path, {case} "
                   "and {procedure}";
    }
    return NULL;
}

static bool is_any_linked(const struct policy *p)
{
    for (size_t i = 0; i < p->nprocedures; i++)
        for (size_t k = 0; k < p->procedures[i].nitems; k++)
            if (p->procedures[i].items[k].channel == CHANNEL_SECURE_LINK)
                return true;
    return false;
}

static int link_load(const struct reading *r, struct yaml_node *root)
{
    struct yaml_node *node = yaml_get(r->file, root, "secure_link");
    const char *what;

    if (node == NULL)
        return 0;
    if (reading_line(r, root, "secure_link", r->policy->secure_link,
                     sizeof(r->policy->secure_link),
                     "is no link of at most 200 bytes") != 0)
        return -1;
    what = link_fault(r->policy->secure_link);
    if (what == NULL && !is_any_linked(r->policy))
        what = "is for items of the channel secure_link, and there is none";
    return what == NULL ? 0 : reading_wrong(r, node, "secure_link", what);
}

int procedures_load(const struct reading *r, struct yaml_node *root)
{
    struct yaml_node *list =
        reading_list(r, root, "procedures", LIMIT_PROCEDURES, false,
                     "needs a list of one to nine procedures");

    if (list == NULL && yaml_get(r->file, root, "procedures") != NULL)
        return -1;
    for (size_t i = 0; list != NULL && i < yaml_count(list); i++) {
        if (take_procedure(r, yaml_item(r->file, list, i),
                           &r->policy->procedures[i]) != 0)
            return -1;
        r->policy->nprocedures = i + 1;
    }
    return link_load(r, root);
}
