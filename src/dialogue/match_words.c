/*
 * What the words of a caption say: which documents of a procedure have a title
 * that they name, in whichever language of the policy. People write "DNI" and
 * "mi cédula por los dos lados"; words that stand in any sentence name nothing.
 */
#include "match_private.h"

#include <string.h>

#include <sodium.h>

#define HINT_MAX 512
/* A word of a title that is shorter says which it is only where no other title
 * of the procedure has it: DNI, NIE, RUT. */
#define WORD_SHORT 4

/* Each between two spaces, folded: what no title is told by. Spanish, English,
 * Portuguese, and how names of files end. */
static const char empty_words[] =
    " a al aqui con da das de del do dos e el em en es esta este esto i la las"
    " le lo los mi mis na nas no nos o os para pe por que se si su sus tu tus"
    " u un una uno unos y ya "
    " an and as at by for from his her in is it its my of on or our que the"
    " their this to with you your "
    " ao aos com essa esse isso meu meus minha minhas ou pela pelo seu seus sua"
    " suas um uma "
    " documento documentos document documents archivo archivos arquivo file "
    " doc docx heic jpeg jpg pdf png webp ";

static bool is_among(const char *words, const char *word, size_t len)
{
    char spaced[HINT_MAX + 3];

    (void)snprintf(spaced, sizeof(spaced), " %.*s ", (int)len, word);
    return strstr(words, spaced) != NULL;
}

static bool is_empty(const char *word, size_t len)
{
    return len == 0 || is_among(empty_words, word, len);
}

/* A title, folded, between two spaces. False: it is none. */
static bool fold_title(const char *title, char out[static HINT_MAX + 3])
{
    uint8_t room[HINT_MAX] = { 0 };
    struct buf folded = { .p = room, .cap = sizeof(room) };

    if (title == NULL || strlen(title) >= sizeof(room) - 1 ||
        text_fold(&folded, title) != 0)
        return false;
    (void)snprintf(out, HINT_MAX + 3, " %s ", (const char *)room);
    return true;
}

void match_words_add(struct buf *out, const char *text)
{
    size_t before = out->len;

    if (text == NULL || strlen(text) > HINT_MAX)
        return;
    if (buf_adds(out, " ") != 0 || text_fold(out, text) != 0 ||
        buf_adds(out, " ") != 0)
        out->len = before;
}

bool match_words_said(const char *caption)
{
    char folded[HINT_MAX + 3];
    bool said = false;

    if (!fold_title(caption, folded))
        return false;
    for (const char *s = folded; *s != '\0';) {
        size_t len = strcspn(s, " ");

        said |= len > 1 && !is_empty(s, len);
        s += len + (s[len] == ' ');
    }
    sodium_memzero(folded, sizeof(folded));
    return said;
}

static const char *title_of(const struct policy *policy, size_t language,
                            int procedure, int item)
{
    return policy->languages[language].procedures[procedure].items[item]
                                                                  [ITEM_TITLE];
}

/* Does a title of another item have this word, too? */
static bool is_shared(const struct policy *policy, int procedure, int item,
                      const char *word, size_t len)
{
    const struct policy_procedure *p = &policy->procedures[procedure];
    char other[HINT_MAX + 3];

    for (size_t k = 0; k < policy->nlanguages; k++)
        for (int i = 0; i < (int)p->nitems; i++)
            if (i != item &&
                fold_title(title_of(policy, k, procedure, i), other) &&
                is_among(other, word, len))
                return true;
    return false;
}

/* Can this word of the item's title name it? One letter, or a digit, cannot. */
static bool is_naming(const struct policy *policy, int procedure, int item,
                      const char *word, size_t len)
{
    return len > 1 && !is_empty(word, len) &&
           (len >= WORD_SHORT ||
            !is_shared(policy, procedure, item, word, len));
}

/* How many words of the title are in the hint, of those that can name it;
 * without a hint, how many there are. */
static int count_words(const struct policy *policy, int procedure, int item,
                       const char *title, const struct buf *hint)
{
    char folded[HINT_MAX + 3];
    int n = 0;

    if (!fold_title(title, folded))
        return 0;
    for (const char *s = folded; *s != '\0';) {
        size_t len = strcspn(s, " ");

        n += (hint == NULL || is_among((const char *)hint->p, s, len)) &&
             is_naming(policy, procedure, item, s, len);
        s += len + (s[len] == ' ');
    }
    return n;
}

/* In the language that they happen to use. */
int match_words_score(const struct policy *policy, int procedure, int item,
                      const struct buf *hint)
{
    int best = 0;

    for (size_t k = 0; hint->len > 0 && k < policy->nlanguages; k++) {
        int n = count_words(policy, procedure, item,
                            title_of(policy, k, procedure, item), hint);

        best = n > best ? n : best;
    }
    return best;
}

bool dialogue_title_names(const struct policy *policy, int language,
                          int procedure, int item)
{
    return count_words(policy, procedure, item,
                       title_of(policy, (size_t)language, procedure, item),
                       NULL) > 0;
}
