/* Titles and words of procedures, clocks and the menu, in each language. */
#include "text_forms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The longest path: two ids and four words. */
#define PATH_SIZE 128
#define SLOTS_MAX                                                              \
    (LIMIT_PROCEDURES * (PROCEDURE_TEXT__MAX + LIMIT_ITEMS * ITEM_TEXT__MAX) + \
     LIMIT_CLOCKS + MENU__MAX + CHAT__MAX + REQUEST_TEXT__MAX +                \
     REQUEST_ASKED + PERSONS__MAX + RATING_TEXT__MAX + CONTACT__MAX +          \
     DELIVERY__MAX + CHOICE__MAX + PROMISE__MAX + SPOKEN__MAX)

/* One text: its place in a language, and the path of its keys in the file. */
struct slot {
    char **text;
    const struct text_form *form;
    char path[PATH_SIZE + 16]; /* the form's key behind it */
};
struct slots {
    struct slot *list;
    size_t n;
};

static void add(struct slots *s, char **text, const struct text_form *form,
                const char *path)
{
    struct slot *slot = &s->list[s->n++];

    slot->text = text;
    slot->form = form;
    (void)snprintf(slot->path, sizeof(slot->path), "%s%s%s", path,
                   form->key[0] != '\0' ? "." : "", form->key);
}

static void add_procedure(struct slots *s, const struct policy_procedure *p,
                          struct procedure_texts *texts)
{
    char path[PATH_SIZE];

    (void)snprintf(path, sizeof(path), "procedures.%s", p->id);
    for (int t = 0; t < PROCEDURE_TEXT__MAX; t++)
        add(s, &texts->own[t], &text_of_procedure[t], path);
    for (size_t i = 0; i < p->nitems; i++) {
        (void)snprintf(path, sizeof(path), "procedures.%s.items.%s", p->id,
                       p->items[i].id);
        for (int t = 0; t < ITEM_TEXT__MAX; t++)
            add(s, &texts->items[i][t], &text_of_item[t], path);
    }
}

/* Where a document can be a child's they cannot lack. */
static bool has_persons(const struct reading *r)
{
    const struct policy *p = r->policy;

    for (size_t i = 0; i < p->nprocedures; i++)
        for (size_t k = 0; k < p->procedures[i].nitems; k++)
            if (p->procedures[i].items[k].minors != MINORS_NO)
                return true;
    return yaml_get(r->file, yaml_root(r->file), "persons") != NULL;
}

/* A row of the list about one's data that the policy has no clock for. */
static bool is_offered(const struct policy *p, const struct text_section *of,
                       int text)
{
    if (of != &text_sections[TEXTS_CHAT])
        return true;
    return text == CHAT_DATA_OBJECT     ? p->requests[REQUEST_OBJECT] >= 0
           : text == CHAT_DATA_RESTRICT ? p->requests[REQUEST_RESTRICT] >= 0
           : text == CHAT_DATA_PORTABILITY
               ? p->requests[REQUEST_PORTABILITY] >= 0
               : true;
}

static void add_section(struct slots *s, const struct policy *p,
                        struct policy_language *l,
                        const struct text_section *of)
{
    char **texts = text_slots(l, of);

    for (int t = 0; t < of->n; t++)
        if (is_offered(p, of, t))
            add(s, &texts[t], &of->forms[t], of->key);
}

/* All texts of a language, the same ones in the same order for each. */
static int slots_make(struct slots *s, const struct policy *p,
                      struct policy_language *l, struct error *err)
{
    char path[PATH_SIZE];

    s->n = 0;
    if ((s->list = calloc(SLOTS_MAX, sizeof(*s->list))) == NULL)
        return error_set(err, ERR_NOMEM, "no memory for texts");
    for (int i = 0; i < TEXTS__MAX; i++)
        if (text_sections[i].there(p))
            add_section(s, p, l, &text_sections[i]);
    for (size_t i = 0; i < p->nprocedures; i++)
        add_procedure(s, &p->procedures[i], &l->procedures[i]);
    for (size_t i = 0; i < p->nclocks; i++) {
        (void)snprintf(path, sizeof(path), "clocks.%s", p->clocks[i].id);
        add(s, &l->clocks[i], &text_of_clock, path);
    }
    return 0;
}

/* ---- reading ------------------------------------------------------------ */

/* Follows a path; *last is its last key, *near the nearest node there is. */
static struct yaml_node *find(const struct reading *r, const char *path,
                              const char **last, struct yaml_node **near)
{
    struct yaml_node *node = yaml_root(r->file);
    char key[PATH_SIZE + 16];

    for (const char *s = path; *s != '\0';) {
        size_t n = strcspn(s, ".");

        (void)snprintf(key, sizeof(key), "%.*s", (int)n, s);
        *last = s;
        *near = node != NULL ? node : *near;
        node = yaml_get(r->file, node, key);
        s += n + (s[n] == '.' ? 1 : 0);
    }
    return node;
}

/* Has it {name} in it? */
static bool says(const char *text, const char *name)
{
    size_t n = strlen(name);

    for (const char *s = strchr(text, '{'); s != NULL; s = strchr(s + 1, '{'))
        if (strncmp(s + 1, name, n) == 0 && s[1 + n] == '}')
            return true;
    return false;
}

static int take(const struct reading *r, const struct slot *slot,
                const struct variables *variables)
{
    struct yaml_node *near = NULL, *node;
    const char *key = slot->path, *text;

    node = find(r, slot->path, &key, &near);
    text = yaml_text(node);
    if (node == NULL)
        return 0;
    if (text == NULL || text[strspn(text, " \t\n")] == '\0')
        return reading_wrong(r, node, key, "is empty or no text");
    if (!slot->form->long_text && strpbrk(text, "\r\n\t") != NULL)
        return reading_wrong(r, node, key, "must be one line");
    *slot->text =
        fill_text(NULL, text, false, variables, slot->form->later, r->err);
    if (*slot->text == NULL)
        return r->err->code == ERR_CONFIG
                   ? yaml_error(r->file, node, key, r->err, "%s", r->err->text)
                   : -1;
    for (size_t i = 0; slot->form->later[i] != NULL; i++)
        if (!says(*slot->text, slot->form->later[i]))
            return yaml_error(r->file, node, key, r->err, "does not say {%s}",
                              slot->form->later[i]);
    if (utf8_count(*slot->text) > slot->form->limit)
        return yaml_error(r->file, node, key, r->err,
                          "has %zu characters, WhatsApp takes %u",
                          utf8_count(*slot->text), slot->form->limit);
    return 0;
}

static int missing(const struct reading *r, const struct slot *slot)
{
    struct yaml_node *near = NULL;
    const char *key = slot->path;

    (void)find(r, slot->path, &key, &near);
    return yaml_error(r->file, near, key, r->err, "is missing (%s)",
                      slot->path);
}

/* ---- no key that nobody reads ------------------------------------------- */

static int check_section_keys(const struct reading *r,
                              const struct text_section *of)
{
    struct yaml_node *near = NULL, *map;
    const char *last = of->key;
    const char *keys[CHAT__MAX + 4] = { NULL };

    _Static_assert((int)CHAT__MAX >= (int)MENU__MAX &&
                       (int)CHAT__MAX >= (int)PERSONS__MAX &&
                       (int)CHAT__MAX >= (int)CONTACT__MAX,
                   "room for each");
    for (int t = 0; t < of->n; t++)
        keys[t] = of->forms[t].key;
    for (int k = 0; of->also[k] != NULL; k++)
        keys[of->n + k] = of->also[k];
    map = find(r, of->key, &last, &near);
    return map == NULL ? 0 : yaml_check_keys(r->file, map, keys, r->err);
}

static int check_item_keys(const struct reading *r, struct yaml_node *map,
                           const struct policy_procedure *p)
{
    static const char *const keys[] = { "title", "why", "help", NULL };
    const char *ids[LIMIT_ITEMS + 1] = { NULL };

    for (size_t i = 0; i < p->nitems; i++)
        ids[i] = p->items[i].id;
    if (map != NULL && yaml_check_keys(r->file, map, ids, r->err) != 0)
        return -1;
    for (size_t i = 0; i < p->nitems; i++) {
        struct yaml_node *item = yaml_get(r->file, map, p->items[i].id);

        if (item != NULL && yaml_check_keys(r->file, item, keys, r->err) != 0)
            return -1;
    }
    return 0;
}

static int check_procedure_keys(const struct reading *r, struct yaml_node *map)
{
    static const char *const keys[] = { "title", "description", "intro",
                                        "items", NULL };
    const struct policy *p = r->policy;
    const char *ids[LIMIT_PROCEDURES + 1] = { NULL };

    for (size_t i = 0; i < p->nprocedures; i++)
        ids[i] = p->procedures[i].id;
    if (map != NULL && yaml_check_keys(r->file, map, ids, r->err) != 0)
        return -1;
    for (size_t i = 0; i < p->nprocedures; i++) {
        struct yaml_node *own = yaml_get(r->file, map, ids[i]);

        if (own != NULL && yaml_check_keys(r->file, own, keys, r->err) != 0)
            return -1;
        if (check_item_keys(r, yaml_get(r->file, own, "items"),
                            &p->procedures[i]) != 0)
            return -1;
    }
    return 0;
}

static int check_keys(const struct reading *r)
{
    const struct policy *p = r->policy;
    const char *ids[LIMIT_CLOCKS + 1] = { NULL };
    struct yaml_node *root = yaml_root(r->file);
    struct yaml_node *clocks = yaml_get(r->file, root, "clocks");

    for (size_t i = 0; i < p->nclocks; i++)
        ids[i] = p->clocks[i].id;
    for (int i = 0; i < TEXTS__MAX; i++)
        if (check_section_keys(r, &text_sections[i]) != 0)
            return -1;
    if (clocks != NULL && yaml_check_keys(r->file, clocks, ids, r->err) != 0)
        return -1;
    return check_procedure_keys(r, yaml_get(r->file, root, "procedures"));
}

static bool is_needed(const struct policy *p, const struct text_form *form)
{
    return form->needed ||
           (form == &text_sections[TEXTS_CHAT].forms[CHAT_LINK] &&
            p->secure_link[0] != '\0');
}

/* Who agrees to notices is told in the same breath how to end them. */
static int check_contact(const struct reading *r,
                         const struct policy_language *l)
{
    static const enum contact_text tell[] = { CONTACT_ON, CONTACT_GRANTED,
                                              CONTACT_HOURS_GRANTED };
    const char *word = json_str(r->policy->about, "stop_word");

    for (size_t i = 0; i < sizeof(tell) / sizeof(tell[0]); i++) {
        const char *text = l->contact[tell[i]];
        struct yaml_node *map =
            yaml_get(r->file, yaml_root(r->file), "contact");
        const char *key = text_sections[TEXTS_CONTACT].forms[tell[i]].key;

        if (text != NULL && word != NULL && strstr(text, word) == NULL)
            return yaml_error(r->file, yaml_get(r->file, map, key), key, r->err,
                              "does not say {stop_word}");
    }
    return 0;
}

/* What is said to who owes asks them no more than a template may. */
static int check_promise(const struct reading *r,
                         const struct policy_language *l)
{
    static const enum promise_text said[] = { PROMISE_ASK, PROMISE_MADE };

    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        const char *text = l->promise[said[i]];
        const char *key = text_sections[TEXTS_PROMISE].forms[said[i]].key;
        int why = text == NULL ? 0 : template_asks_why(text);

        if (why < 0)
            return error_set(r->err, ERR_NOMEM, "no memory for texts");
        if (why > 0)
            return reading_wrong(
                r,
                yaml_get(r->file,
                         yaml_get(r->file, yaml_root(r->file), "promise"), key),
                key, "asks why it is unpaid, which Ley 2300 de 2023 forbids");
    }
    return 0;
}

int procedure_texts_load(const struct reading *r, struct policy_language *l,
                         const struct variables *variables)
{
    struct slots s = { 0 };
    bool first = l == &r->policy->languages[0], persons = has_persons(r);
    int ok = slots_make(&s, r->policy, l, r->err);

    if (ok == 0)
        ok = check_keys(r);
    for (size_t i = 0; ok == 0 && i < s.n; i++) {
        const struct slot *slot = &s.list[i];
        bool needed = is_needed(r->policy, slot->form) &&
                      (persons || strncmp(slot->path, "persons.", 8) != 0);

        ok = take(r, slot, variables);
        if (ok == 0 && *slot->text == NULL && needed && first)
            ok = missing(r, slot);
    }
    if (first)
        r->policy->represents = l->persons[PERSONS_ROW] != NULL;
    free(s.list);
    return ok != 0 || check_contact(r, l) != 0 ? -1 : check_promise(r, l);
}

/* ---- another language's ------------------------------------------------- */

/* The language whose text stands in: a related one, else the first. -1: none
 * has it. */
static int stand_in(const struct policy *p, const struct slots *all, size_t of,
                    size_t i)
{
    for (size_t k = 0; k < p->nlanguages; k++)
        if (*all[k].list[i].text != NULL &&
            language_related(p->languages[k].tag, p->languages[of].tag))
            return (int)k;
    return *all[0].list[i].text != NULL ? 0 : -1;
}

static int fall_back(struct policy *p, const struct slots *all, size_t of,
                     struct error *err)
{
    for (size_t i = 0; i < all[of].n; i++) {
        const struct slot *slot = &all[of].list[i];
        int other = *slot->text != NULL ? -1 : stand_in(p, all, of, i);

        if (other < 0)
            continue;
        if (policy_warn(p, err, "texts.%s.yaml: %s: is missing; %s is used",
                        p->languages[of].tag, slot->path,
                        p->languages[other].tag) != 0)
            return -1;
        if ((*slot->text = strdup(*all[other].list[i].text)) == NULL)
            return error_set(err, ERR_NOMEM, "no memory for texts");
    }
    return 0;
}

/* What agents send by its name, and how the language is asked for: the first
 * language's stand in, or nobody can choose it. */
static int others_warn(struct policy *p, size_t of, struct error *err)
{
    const struct policy_language *first = &p->languages[0];
    const struct policy_language *l = &p->languages[of];

    if (first->name != NULL && l->name == NULL &&
        policy_warn(p, err,
                    "texts.%s.yaml: language.words: is missing; nobody can "
                    "choose it",
                    l->tag) != 0)
        return -1;
    for (size_t i = 0; i < first->nprepared; i++) {
        const char *name = first->prepared[i].name;
        bool has = false;

        for (size_t k = 0; k < l->nprepared; k++)
            has |= strcmp(l->prepared[k].name, name) == 0;
        if (!has && policy_warn(p, err,
                                "texts.%s.yaml: prepared.%s: is missing; %s is "
                                "used",
                                l->tag, name, first->tag) != 0)
            return -1;
    }
    return 0;
}

int procedure_texts_fall_back(struct policy *p, struct error *err)
{
    struct slots all[LIMIT_LANGUAGES] = { 0 };
    int ok = 0;

    for (size_t k = 0; ok == 0 && k < p->nlanguages; k++)
        ok = slots_make(&all[k], p, &p->languages[k], err);
    for (size_t k = 0; ok == 0 && k < p->nlanguages; k++)
        ok = fall_back(p, all, k, err) != 0 ? -1 : others_warn(p, k, err);
    for (size_t k = 0; k < LIMIT_LANGUAGES; k++)
        free(all[k].list);
    return ok;
}

void procedure_texts_free(struct policy_language *l)
{
    for (int i = 0; i < TEXTS__MAX; i++) {
        char **texts = text_slots(l, &text_sections[i]);

        for (int t = 0; t < text_sections[i].n; t++)
            free(texts[t]);
    }
    free(l->name);
    for (size_t i = 0; i < LIMIT_CLOCKS; i++)
        free(l->clocks[i]);
    for (size_t i = 0; i < LIMIT_PROCEDURES; i++) {
        struct procedure_texts *p = &l->procedures[i];

        for (int t = 0; t < PROCEDURE_TEXT__MAX; t++)
            free(p->own[t]);
        for (size_t k = 0; k < LIMIT_ITEMS; k++)
            for (int t = 0; t < ITEM_TEXT__MAX; t++)
                free(p->items[k][t]);
    }
}
