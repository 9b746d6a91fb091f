/* What stands inside what people write: phrases, the courtesies around a word,
 * and the titles of rows, for who types what others tap. */
#include "policy_private.h"

#include <stdlib.h>
#include <string.h>

/* In the order of enum policy_phrase; `nothing` is what one of them is no part
 * of: "no quiero hablar con una persona". */
static const char *const keys[] = { "nothing", "end", "new_number", "person",
                                    NULL };

/* ---- lists -------------------------------------------------------------- */

uint64_t phrase_begins(const char *text)
{
    uint64_t all = 0;

    for (const char *s = text; *s != '\0'; s++)
        if (s == text || s[-1] == ' ') {
            unsigned first = (unsigned char)s[0];
            unsigned second = s[1] == '\0' ? ' ' : (unsigned char)s[1];

            all |= UINT64_C(1) << ((31 * first + second) % 64);
        }
    return all;
}

static int list_add(struct phrase_list *list, char *text, enum policy_phrase k,
                    const char *id)
{
    struct phrase *new;

    if (list->n == list->cap) {
        size_t cap = list->cap == 0 ? 32 : 2 * list->cap;
        void *grown = realloc(list->items, cap * sizeof(*list->items));

        if (grown == NULL)
            return -1;
        list->items = grown;
        list->cap = cap;
    }
    new = &list->items[list->n];
    *new = (struct phrase){ .text = text,
                            .len = strlen(text),
                            .begins = phrase_begins(text),
                            .kind = k };
    if (id != NULL && (new->id = strdup(id)) == NULL)
        return -1;
    list->n++;
    return 0;
}

static void list_free(struct phrase_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free(list->items[i].text);
        free(list->items[i].id);
    }
    free(list->items);
}

void phrases_free(struct policy_phrases **phrases)
{
    struct policy_phrases *p = *phrases;

    if (p == NULL)
        return;
    list_free(&p->in);
    list_free(&p->around);
    list_free(&p->titles);
    free(p);
    *phrases = NULL;
}

bool phrase_in(const char *text, const char *phrase)
{
    size_t len = strlen(phrase);

    for (const char *s = strstr(text, phrase); s != NULL;
         s = strstr(s + 1, phrase))
        if ((s == text || s[-1] == ' ') && (s[len] == '\0' || s[len] == ' '))
            return true;
    return false;
}

/* ---- one that nobody could mean ------------------------------------------ */

/* Where one has the other in it, that other counts if it goes first. */
static const char *shadow(const char *text, enum policy_phrase kind,
                          const char *other, enum policy_phrase others)
{
    if (kind == others)
        return NULL;
    if (strcmp(text, other) == 0)
        return "means something else already";
    if (others != PHRASE_NONE && kind != PHRASE_NONE &&
        ((others < kind && phrase_in(text, other)) ||
         (kind < others && phrase_in(other, text))))
        return "would never be found, or hides another: one is in the other, "
               "and means something else";
    return NULL;
}

/* All languages share one list, as with words. */
static const char *objection(const struct policy *p, const char *text,
                             enum policy_phrase kind)
{
    const struct phrase_list *in = &p->phrases->in;
    const struct policy_words *words = p->words;
    const char *why = NULL;

    if (text[0] == '\0')
        return "has no letters";
    /* One word alone stands in too many sentences. */
    if (strchr(text, ' ') == NULL)
        return "is one word: as a phrase it would be found in anything";
    for (size_t i = 0; why == NULL && i < in->n; i++)
        why = shadow(text, kind, in->items[i].text, in->items[i].kind);
    for (size_t i = 0; why == NULL && i < words->n; i++)
        if (words->items[i].word == WORD_RIGHTS)
            why = shadow(text, kind, words->items[i].text, PHRASE_RIGHTS);
    return why;
}

/* A courtesy that decides is none; "no" before a word would turn it round. */
static const char *courtesy_objection(const struct policy *p, const char *text)
{
    enum policy_word word = policy_word_of(p, text);

    if (text[0] == '\0')
        return "has no letters";
    return word == WORD_NONE ? NULL : "means something already";
}

/* ---- loading ------------------------------------------------------------ */

static int take_one(const struct reading *r, struct yaml_node *item,
                    const char *key, struct phrase_list *list,
                    enum policy_phrase kind)
{
    const bool phrase = list == &r->policy->phrases->in;
    const char *text = yaml_text(item), *why = NULL;
    struct buf folded = { 0 };

    if (text == NULL || strlen(text) > LIMIT_WORD)
        why = text == NULL ? "is not text" : "is too long for a phrase";
    else if (text_fold(&folded, text) != 0)
        why = "finds no memory";
    else if (phrase)
        why = objection(r->policy, (const char *)folded.p, kind);
    else
        why = courtesy_objection(r->policy, (const char *)folded.p);
    if (why == NULL && list_add(list, (char *)folded.p, kind, NULL) != 0)
        why = "finds no memory";
    if (why == NULL)
        return 0;
    buf_free(&folded);
    return yaml_error(r->file, item, key, r->err, "\"%.40s\" %s",
                      text == NULL ? "" : text, why);
}

static int take_list(const struct reading *r, struct yaml_node *map,
                     const char *key, struct phrase_list *to,
                     enum policy_phrase kind)
{
    struct yaml_node *list = yaml_get(r->file, map, key);

    if (list == NULL)
        return 0;
    if (!yaml_is_list(list) || yaml_count(list) == 0)
        return reading_wrong(r, list, key, "needs a list of phrases");
    for (size_t i = 0; i < yaml_count(list); i++)
        if (take_one(r, yaml_item(r->file, list, i), key, to, kind) != 0)
            return -1;
    return 0;
}

int phrases_load(const struct reading *r, struct yaml_node *root)
{
    struct policy_phrases *p = r->policy->phrases;
    struct yaml_node *map = yaml_get(r->file, root, "phrases");

    if (map != NULL &&
        (!yaml_is_map(map) || yaml_check_keys(r->file, map, keys, r->err) != 0))
        return r->err->code != ERR_NONE
                   ? -1
                   : reading_wrong(r, map, "phrases", "needs lists of phrases");
    for (int k = 0; map != NULL && keys[k] != NULL; k++)
        if (take_list(r, map, keys[k], &p->in, (enum policy_phrase)k) != 0)
            return -1;
    return take_list(r, root, "courtesies", &p->around, PHRASE_NONE);
}

/* ---- titles ------------------------------------------------------------- */

/* The first of two that are alike counts; what is a word is that word. */
static int title(struct policy *p, const char *text, const char *id)
{
    struct phrase_list *titles = &p->phrases->titles;
    struct buf folded = { 0 };

    if (text == NULL)
        return 0;
    if (text_fold(&folded, text) != 0 ||
        list_add(titles, (char *)folded.p, PHRASE_NONE, id) != 0) {
        buf_free(&folded);
        return -1;
    }
    return 0;
}

static int titles_of(struct policy *p, const struct policy_language *l)
{
    static const struct {
        enum chat_text title;
        enum request_type type;
        const char *id;
    } asks[] = {
        { CHAT_DATA_ACCESS, REQUEST_ACCESS, "request/access" },
        { CHAT_DATA_CORRECT, REQUEST_CORRECT, "request/correct" },
        { CHAT_DATA_ERASE, REQUEST_ERASE, "request/erase" },
        { CHAT_DATA_COMPLAINT, REQUEST_COMPLAINT, "request/complaint" },
        { CHAT_DATA_OBJECT, REQUEST_OBJECT, "request/object" },
        { CHAT_DATA_RESTRICT, REQUEST_RESTRICT, "request/restrict" },
        { CHAT_DATA_PORTABILITY, REQUEST_PORTABILITY, "request/portability" },
    };
    const struct {
        const char *text, *id;
    } rows[] = {
        { l->menu[MENU_STATUS], "menu/status" },
        { l->menu[MENU_MISSING], "menu/missing" },
        { l->menu[MENU_DATA], "menu/data" },
        { l->menu[MENU_PERSON], "person/ask" },
        { l->choice[CHOICE_ROW], "language/show" },
        { l->persons[PERSONS_ROW], "for/another" },
        { l->contact[CONTACT_ROW], "menu/notices" },
    };
    char id[BUTTON_ID_SIZE];
    int ok = 0;

    for (size_t i = 0; i < p->nprocedures; i++) {
        (void)snprintf(id, sizeof(id), "procedure/%s", p->procedures[i].id);
        ok |= title(p, l->procedures[i].own[PROCEDURE_TITLE], id);
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ok |= title(p, rows[i].text, rows[i].id);
    for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++)
        if (p->requests[asks[i].type] >= 0)
            ok |= title(p, l->chat[asks[i].title], asks[i].id);
    return ok;
}

int phrases_titles(struct policy *p, struct error *err)
{
    for (size_t i = 0; p->nprocedures > 0 && i < p->nlanguages; i++)
        if (titles_of(p, &p->languages[i]) != 0)
            return error_set(err, ERR_NOMEM, "no memory for titles");
    return 0;
}
