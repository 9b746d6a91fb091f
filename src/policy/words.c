/* Typed words: whole messages, folded. And the ids of buttons. */
#include "policy_private.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

/* People say these all day; a yes must be unmistakable. */
static const char *const never_yes[] = {
    "ok",        "okay",        "okey",    "vale",           "dale",
    "listo",     "lista",       "bueno",   "bien",           "claro",
    "de una",    "gracias",     "thanks",  "muchas gracias", "mil gracias",
    "thank you", "hasta luego", "perfecto"
};

/* All languages share one table: a word means one thing in all of them. */
static const char *objection(const struct policy_words *words,
                             const struct buf *folded, enum policy_word word)
{
    const char *text = (const char *)folded->p;

    if (folded->len == 0)
        return "has no letters";
    for (size_t i = 0; i < sizeof(never_yes) / sizeof(never_yes[0]); i++)
        if ((word == WORD_YES || word == WORD_ACK) &&
            strcmp(never_yes[i], text) == 0)
            return word == WORD_YES ? "is said without meaning to consent"
                                    : "is said without having read anything";
    for (size_t i = 0; i < words->n; i++)
        if (words->items[i].word != word &&
            strcmp(words->items[i].text, text) == 0)
            return "means something else already";
    return NULL;
}

const char *words_add(struct policy_words *words, const char *text,
                      enum policy_word word)
{
    struct buf folded = { 0 };
    const char *why;

    if (strlen(text) > LIMIT_WORD)
        return "is too long for a word";
    if (age_is_pattern(text))
        return word == WORD_MINOR ? age_add(words, text)
                                  : "has a brace, which only ages have "
                                    "(persons.words.minor)";
    if (words->n == words->cap) {
        size_t cap = words->cap == 0 ? 32 : 2 * words->cap;
        void *grown = realloc(words->items, cap * sizeof(*words->items));
        if (grown == NULL)
            return "finds no memory";
        words->items = grown;
        words->cap = cap;
    }
    why = text_fold(&folded, text) != 0 ? "finds no memory"
                                        : objection(words, &folded, word);
    if (why != NULL) {
        buf_free(&folded);
        return why;
    }
    words->items[words->n].text = (char *)folded.p;
    words->items[words->n++].word = word;
    return NULL;
}

void words_free(struct policy_words **words)
{
    struct policy_words *w = *words;

    if (w == NULL)
        return;
    for (size_t i = 0; i < w->n; i++)
        free(w->items[i].text);
    ages_free(w);
    free(w->items);
    free(w);
    *words = NULL;
}

bool policy_courtesy(const char *text)
{
    uint8_t room[LIMIT_WORD + 1] = { 0 };
    struct buf folded = { .p = room, .cap = sizeof(room) };
    bool is = false;

    /* Nothing is left of a message of signs alone: a heart, "...". */
    if (strlen(text) <= LIMIT_WORD && text_fold(&folded, text) == 0) {
        is = folded.len == 0;
        for (size_t i = 0; i < sizeof(never_yes) / sizeof(never_yes[0]); i++)
            is |= strcmp(never_yes[i], (char *)folded.p) == 0;
    }
    sodium_memzero(room, sizeof(room));
    return is;
}

/* No answer to a question, whatever it is: they go. */
static const char *const thanks[] = { "gracias",        "thanks",
                                      "muchas gracias", "mil gracias",
                                      "thank you",      "hasta luego" };
#define THUMB "\xf0\x9f\x91\x8d"

bool words_nearly_yes(const char *folded)
{
    bool is = strncmp(folded, THUMB, strlen(THUMB)) == 0;

    for (size_t i = 0; i < sizeof(never_yes) / sizeof(never_yes[0]); i++)
        is |= strcmp(never_yes[i], folded) == 0;
    for (size_t i = 0; i < sizeof(thanks) / sizeof(thanks[0]); i++)
        is &= strcmp(thanks[i], folded) != 0;
    return is;
}

/* Without memory of its own: a word that went unheard for want of it would
 * have been answered for. What is folded is no longer than what was said. */
enum policy_word policy_word_of(const struct policy *policy, const char *text)
{
    uint8_t room[LIMIT_WORD + 1] = { 0 };
    struct buf folded = { .p = room, .cap = sizeof(room) };
    enum policy_word word = WORD_NONE;

    if (strlen(text) <= LIMIT_WORD && text_fold(&folded, text) == 0)
        for (size_t i = 0; i < policy->words->n; i++)
            if (policy->words->items[i].text[0] == (char)folded.p[0] &&
                strcmp(policy->words->items[i].text, (char *)folded.p) == 0)
                word = policy->words->items[i].word;
    sodium_memzero(room, sizeof(room));
    return word;
}

/* ---- buttons ------------------------------------------------------------ */

static const char *const verbs[BUTTON__MAX] = { "grant", "refuse", "other",
                                                "withdraw", "ack" };

static int part(const char **s, char *out, size_t cap, const char *alphabet,
                char end)
{
    size_t len = strspn(*s, alphabet);

    if (len == 0 || len >= cap || (*s)[len] != end)
        return -1;
    memcpy(out, *s, len);
    out[len] = '\0';
    *s += len + (end != '\0');
    return 0;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGIT "0123456789"

int button_parse(const char *id, enum button_verb *verb,
                 char purpose[static PURPOSE_SIZE],
                 char version[static VERSION_SIZE])
{
    char word[16];

    if (part(&id, word, sizeof(word), LOWER, '/') != 0 ||
        part(&id, purpose, PURPOSE_SIZE, LOWER DIGIT "_", '/') != 0 ||
        part(&id, version, VERSION_SIZE, LOWER DIGIT ".-", '\0') != 0)
        return -1;
    for (int i = 0; i < BUTTON__MAX; i++)
        if (strcmp(verbs[i], word) == 0) {
            *verb = (enum button_verb)i;
            return 0;
        }
    return -1;
}

int button_format(char out[static BUTTON_ID_SIZE], enum button_verb verb,
                  const char *purpose, const char *version)
{
    int n = snprintf(out, BUTTON_ID_SIZE, "%s/%s/%s", verbs[verb], purpose,
                     version);

    return n > 0 && n < BUTTON_ID_SIZE ? 0 : -1;
}
