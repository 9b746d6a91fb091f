/* What a text means. Without memory of its own: what went unheard for want of
 * it would have been answered for. */
#include "policy_private.h"

#include <string.h>

#include <sodium.h>

/* ---- courtesies ---------------------------------------------------------- */

/* The longest of them from an end of the text. False: there is none. */
static bool strip_one(const struct phrase_list *around, char **text)
{
    size_t len = strlen(*text), first = 0, last = 0;

    for (size_t i = 0; i < around->n; i++) {
        const char *c = around->items[i].text;
        size_t n = around->items[i].len;

        if (n > len)
            continue;
        if (n > first && **text == c[0] && memcmp(*text, c, n) == 0 &&
            ((*text)[n] == ' ' || (*text)[n] == '\0'))
            first = n;
        if (n > last && n < len && (*text)[len - n - 1] == ' ' &&
            (*text)[len - n] == c[0] && strcmp(*text + len - n, c) == 0)
            last = n;
    }
    if (first > 0)
        *text += first + ((*text)[first] == ' ');
    else if (last > 0)
        (*text)[len - last - 1] = '\0';
    return first > 0 || last > 0;
}

/* ---- whole messages ------------------------------------------------------ */

static const char *tap_of(const struct phrase_list *titles, const char *text)
{
    for (size_t i = 0; text[0] != '\0' && i < titles->n; i++)
        if (titles->items[i].text[0] == text[0] &&
            strcmp(titles->items[i].text, text) == 0)
            return titles->items[i].id;
    return NULL;
}

/* What decides is never anything but the whole message: of what else has it in
 * it nobody knows that it was meant. Who says a withdrawal kindly is asked what
 * is to end. */
static void whole(const struct policy *policy, char *text,
                  struct policy_meaning *out)
{
    enum policy_word word = WORD_NONE;
    bool nearly = words_nearly_yes(text);

    out->id = tap_of(&policy->phrases->titles, text);
    while (out->id == NULL && word == WORD_NONE &&
           strip_one(&policy->phrases->around, &text)) {
        word = policy_word_of(policy, text);
        if (word == WORD_NONE)
            out->id = tap_of(&policy->phrases->titles, text);
        nearly |= text[0] != '\0' && words_nearly_yes(text);
    }
    if (word == WORD_YES || word == WORD_NO || word == WORD_OTHER ||
        word == WORD_ACK)
        nearly = true;
    else
        out->word = word == WORD_WITHDRAW ? WORD_END : word;
    out->nearly = nearly && out->word == WORD_NONE && out->id == NULL;
}

/* ---- longer ones --------------------------------------------------------- */

/* What a phrase of the others is no part of goes out of the way. */
static void blank(char *text, const char *phrase)
{
    size_t len = strlen(phrase);

    for (char *s = strstr(text, phrase); s != NULL; s = strstr(s + 1, phrase))
        if ((s == text || s[-1] == ' ') && (s[len] == '\0' || s[len] == ' '))
            memset(s, '-', len);
}

/* Of hundreds of phrases only a few are looked for. */
static bool may_hold(uint64_t begins, const struct phrase *phrase)
{
    return (phrase->begins & ~begins) == 0;
}

static enum policy_phrase speaks_of(const struct policy *policy, char *text)
{
    const struct phrase_list *in = &policy->phrases->in;
    const struct policy_words *words = policy->words;
    const uint64_t begins = phrase_begins(text);
    enum policy_phrase found = PHRASE__MAX;

    for (size_t i = 0; found == PHRASE__MAX && i < words->n; i++)
        if (words->items[i].word == WORD_RIGHTS &&
            phrase_in(text, words->items[i].text))
            found = PHRASE_RIGHTS;
    for (size_t i = 0; i < in->n; i++)
        if (in->items[i].kind == PHRASE_NONE &&
            may_hold(begins, &in->items[i]))
            blank(text, in->items[i].text);
    for (size_t i = 0; i < in->n; i++)
        if (in->items[i].kind != PHRASE_NONE && in->items[i].kind < found &&
            may_hold(begins, &in->items[i]) &&
            phrase_in(text, in->items[i].text))
            found = in->items[i].kind;
    return found == PHRASE__MAX ? PHRASE_NONE : found;
}

void policy_meaning_of(const struct policy *policy, const char *text,
                       struct policy_meaning *out)
{
    char cut[LIMIT_RIGHTS_LOOK + 1] = { 0 };
    uint8_t room[LIMIT_RIGHTS_LOOK + 1] = { 0 };
    struct buf folded = { .p = room, .cap = sizeof(room) };

    *out = (struct policy_meaning){ .word = policy_word_of(policy, text) };
    if (out->word != WORD_NONE)
        return;
    memcpy(cut, text, strnlen(text, LIMIT_RIGHTS_LOOK));
    if (text_fold(&folded, cut) == 0) {
        if (strlen(text) <= LIMIT_WORD) {
            memcpy(cut, room, folded.len + 1);
            whole(policy, cut, out);
        }
        if (out->word == WORD_NONE && out->id == NULL && !out->nearly)
            out->phrase = speaks_of(policy, (char *)room);
    }
    sodium_memzero(cut, sizeof(cut));
    sodium_memzero(room, sizeof(room));
}
