/* The laws about one message: WhatsApp's limits, the language, and how many. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- limits ------------------------------------------------------------- */

static size_t characters(const char *s)
{
    size_t n = 0;

    for (; *s != '\0'; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

static const char *text_of(struct world *w, int person, const json_t *of,
                           const char *key, size_t max, bool needed)
{
    const char *text = json_str(of, key);

    if (text == NULL && !needed)
        return "";
    if (text == NULL || text[0] == '\0')
        broken(w, person, "a message without %s", key);
    if (characters(text) > max)
        broken(w, person, "%s of %zu characters, %zu may be: %s", key,
               characters(text), max, text);
    if (strpbrk(text, "{}") != NULL)
        broken(w, person, "something is not filled in: %s", text);
    return text;
}

static void once(struct world *w, int person, const char *seen[], size_t n,
                 const char *id)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(seen[i], id) == 0)
            broken(w, person, "two buttons or rows are one: %s", id);
    seen[n] = id;
}

static void buttons(struct world *w, int person, json_t *list)
{
    const char *ids[3], *titles[3];
    size_t i;
    json_t *one;

    if (json_array_size(list) < 1 || json_array_size(list) > 3)
        broken(w, person, "%zu buttons", json_array_size(list));
    json_array_foreach(list, i, one)
    {
        json_t *reply = json_object_get(one, "reply");

        once(w, person, ids, i, text_of(w, person, reply, "id", 256, true));
        once(w, person, titles, i,
             text_of(w, person, reply, "title", 20, true));
    }
}

static void rows(struct world *w, int person, json_t *action)
{
    json_t *sections = json_object_get(action, "sections"), *section, *row;
    const char *ids[10];
    size_t i, k, n = 0;
    bool is_menu = false, has_person = false;

    (void)text_of(w, person, action, "button", 20, true);
    if (json_array_size(sections) < 1 || json_array_size(sections) > 10)
        broken(w, person, "%zu sections", json_array_size(sections));
    json_array_foreach(sections, i, section)
    {
        (void)text_of(w, person, section, "title", 24,
                      json_array_size(sections) > 1);
        json_array_foreach(json_object_get(section, "rows"), k, row)
        {
            if (n == 10)
                broken(w, person, "more than ten rows");
            once(w, person, ids, n, text_of(w, person, row, "id", 200, true));
            is_menu |= strcmp(ids[n], "menu/status") == 0;
            has_person |= strcmp(ids[n++], "person/ask") == 0;
            (void)text_of(w, person, row, "title", 24, true);
            (void)text_of(w, person, row, "description", 72, false);
        }
    }
    if (n == 0)
        broken(w, person, "a list of nothing");
    if (is_menu && !has_person)
        broken(w, person, "a menu without a person");
}

static void interactive(struct world *w, int person, json_t *of)
{
    const char *type = json_str(of, "type");
    json_t *action = json_object_get(of, "action");
    bool list = type != NULL && strcmp(type, "list") == 0;

    if (!list && (type == NULL || strcmp(type, "button") != 0))
        broken(w, person, "an interactive message of no known type");
    (void)text_of(w, person, json_object_get(of, "body"), "text",
                  list ? 4096 : 1024, true);
    (void)text_of(w, person, json_object_get(of, "header"), "text", 60, false);
    (void)text_of(w, person, json_object_get(of, "footer"), "text", 60, false);
    if (list)
        rows(w, person, action);
    else
        buttons(w, person, json_object_get(action, "buttons"));
}

static void template_of(struct world *w, int person, json_t *of)
{
    json_t *components = json_object_get(of, "components"), *component, *one;
    size_t i, k;

    (void)text_of(w, person, of, "name", 512, true);
    (void)text_of(w, person, json_object_get(of, "language"), "code", 16, true);
    json_array_foreach(components, i, component) json_array_foreach(
        json_object_get(component, "parameters"), k,
        one) if (strpbrk(text_of(w, person, one, "text", 1024, true),
                         "\n\r\t") != NULL)
        broken(w, person, "a parameter of more than one line");
}

/* ---- language ----------------------------------------------------------- */

static const char *const tells[LANG__MAX][20] = {
    [LANG_ES] = { "el", "los", "las", "del", "y", "en", "con", "su", "le",
                  "usted", "más", "si", "la", "una", "sus", "no", NULL },
    [LANG_EN] = { "the", "to", "of", "and", "your", "you", "is", "for", "with",
                  "we", "in", "this", "it", "that", "or", "a", NULL },
    [LANG_PT] = { "os", "um", "uma", "da", "e", "em", "com", "seu", "sua",
                  "não", "você", "mais", "ao", "são", NULL },
};

static void score(const char *text, int scores[static LANG__MAX])
{
    char word[64];
    size_t n = 0;

    for (;; text++) {
        unsigned char c = (unsigned char)*text;
        bool letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;

        if (letter && n < sizeof(word) - 1) {
            word[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
            continue;
        }
        word[n] = '\0';
        for (int l = 0; n > 0 && l < LANG__MAX; l++)
            for (size_t i = 0; tells[l][i] != NULL; i++)
                scores[l] += strcmp(tells[l][i], word) == 0;
        n = 0;
        if (c == '\0')
            return;
    }
}

/* Long enough to be told, it is in a language that they may be written to in.
 */
static void language(struct world *w, int person, const char *text)
{
    int scores[LANG__MAX] = { 0 }, best = 0, second = 0;
    struct person *p = &w->people[person];

    score(text, scores);
    for (int l = 1; l < LANG__MAX; l++)
        if (scores[l] > scores[best])
            best = l;
    for (int l = 0; l < LANG__MAX; l++)
        if (l != best && scores[l] > second)
            second = scores[l];
    if (scores[best] < 4 || scores[best] < 2 * second)
        return;
    if ((p->languages & 1u << best) == 0)
        broken(w, person, "it is in another language than theirs (%u): %s",
               p->languages, text);
    p->languages = 1u << best;
}

/* ---- how many ----------------------------------------------------------- */

/* A machine that answers everything: what we say in an hour has an end. */
#define BOT_MOST 14

static void few(struct world *w, int person, int policy, const char *kind)
{
    struct person *p = &w->people[person];
    size_t room = sizeof(p->out) / sizeof(p->out[0]), recent = 0;

    p->out[p->nout++ % room] = w->now;
    for (size_t i = 0; i < room && i < p->nout; i++)
        recent += p->out[i] > w->now - MSEC_H;
    if (p->bot && recent > BOT_MOST)
        broken(w, person, "%zu messages to a machine in an hour", recent);
    if (w->actor == person) {
        p->in_step++;
        if (w->silent &&
            (strcmp(kind, "say") == 0 || strcmp(kind, "prompt") == 0))
            broken(w, person, "an answer to what nobody answers");
        if (w->lost && strcmp(kind, "say") == 0) {
            if (p->hinted[policy] > w->now - MSEC_D)
                broken(w, person, "two hints in a day");
            p->hinted[policy] = w->now;
            w->seen.hints++;
        }
        if (p->in_step > 4)
            broken(w, person, "%d answers to one message", p->in_step);
    }
    if (strcmp(kind, "receipt") != 0)
        return;
    w->seen.receipts++;
    if (p->file_first[policy] == 0)
        broken(w, person, "a second receipt for the same files");
    if (w->now - p->file_last[policy] < 4900 &&
        w->now - p->file_first[policy] < 59 * MSEC_S)
        broken(w, person, "a receipt in the middle of a burst");
    p->file_first[policy] = 0;
}

void message_check(struct world *w, int person, int policy, const char *kind,
                   msec created, json_t *body, bool again)
{
    const char *type = json_str(body, "type");
    json_t *of = type == NULL ? NULL : json_object_get(body, type);
    const char *text = "";

    if (of == NULL)
        broken(w, person, "a message of no type");
    if (strcmp(type, "text") == 0)
        text = text_of(w, person, of, "body", 4096, true);
    else if (strcmp(type, "interactive") == 0)
        interactive(w, person, of);
    else if (strcmp(type, "template") == 0)
        template_of(w, person, of);
    else
        broken(w, person, "a message that nobody ordered: %s", type);
    if (strcmp(type, "interactive") == 0)
        text = json_str(json_object_get(of, "body"), "text");
    if (policy != BANK && strcmp(kind, "reply") != 0 &&
        strcmp(type, "template") != 0 && created == w->now)
        language(w, person, text);
    if (!again)
        few(w, person, policy, kind);
}
