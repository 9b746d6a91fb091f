/* How old somebody says that they are: a word of the list `minor` with {n} in
 * it, such as "tengo {n} años". A number by itself says nothing: "tengo 15
 * documentos" is no age, nor is "tengo 15 años cotizando". */
#include "policy_private.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define MARK "{n}"
/* Who is younger writes no such message: two, three or five are years of
 * something else. */
#define YOUNGEST 6
/* The last is what emoji begin with. */
#define SENTENCE_ENDS ".!?;:,\r\n\xf0"

/* As text_fold leaves them, in Spanish, English and Portuguese. */
static const struct {
    const char *word;
    int n;
} numbers[] = {
    { "seis", 6 },        { "siete", 7 },         { "ocho", 8 },
    { "nueve", 9 },       { "diez", 10 },         { "once", 11 },
    { "doce", 12 },       { "trece", 13 },        { "catorce", 14 },
    { "quince", 15 },     { "dieciseis", 16 },    { "diez y seis", 16 },
    { "diecisiete", 17 }, { "diez y siete", 17 }, { "six", 6 },
    { "seven", 7 },       { "eight", 8 },         { "nine", 9 },
    { "ten", 10 },        { "eleven", 11 },       { "twelve", 12 },
    { "thirteen", 13 },   { "fourteen", 14 },     { "fifteen", 15 },
    { "sixteen", 16 },    { "seventeen", 17 },    { "sete", 7 },
    { "oito", 8 },        { "nove", 9 },          { "dez", 10 },
    { "onze", 11 },       { "doze", 12 },         { "treze", 13 },
    { "quatorze", 14 },   { "quinze", 15 },       { "dezesseis", 16 },
    { "dezasseis", 16 },  { "dezessete", 17 },    { "dezassete", 17 }
};

/* ---- a pattern ----------------------------------------------------------- */

bool age_is_pattern(const char *text)
{
    return strpbrk(text, "{}") != NULL;
}

/* What stands on one side of the number, folded, with the space between. */
static int side(struct buf *out, const char *text, size_t len, bool before)
{
    char part[LIMIT_WORD + 1] = { 0 };
    struct buf folded = { 0 };
    int ok = -1;

    memcpy(part, text, len);
    if (text_fold(&folded, part) == 0 &&
        (folded.len == 0 ||
         (before ? buf_addf(out, "%s ", (char *)folded.p)
                 : buf_addf(out, " %s", (char *)folded.p)) == 0))
        ok = buf_add(out, "", 0);
    buf_free(&folded);
    return ok;
}

static const char *objection(const char *text, const char *mark)
{
    const char *after = mark == NULL ? NULL : mark + strlen(MARK);

    if (mark == NULL || strpbrk(after, "{}") != NULL ||
        strcspn(text, "{}") != (size_t)(mark - text))
        return "needs " MARK ", the age, once, and no other brace";
    if ((mark > text && mark[-1] != ' ') || (*after != '\0' && *after != ' '))
        return "needs a space between " MARK " and the words around it";
    return NULL;
}

const char *age_add(struct policy_words *words, const char *text)
{
    const char *mark = strstr(text, MARK), *why;
    struct buf before = { 0 }, after = { 0 };
    struct age_pattern *age = &words->ages[words->nages];

    if (strlen(text) > LIMIT_WORD)
        return "is too long for a word";
    if (words->nages == LIMIT_AGES)
        return "is one pattern of an age too many";
    if ((why = objection(text, mark)) != NULL)
        return why;
    if (side(&before, text, (size_t)(mark - text), true) != 0 ||
        side(&after, mark + strlen(MARK), strlen(mark + strlen(MARK)), false) !=
            0)
        why = "finds no memory";
    else if (before.len + after.len == 0)
        why = "is a number and nothing else";
    if (why != NULL) {
        buf_free(&before);
        buf_free(&after);
        return why;
    }
    age->before = (char *)before.p; /* NUL-terminated; the list's now */
    age->after = (char *)after.p;
    words->nages++;
    return NULL;
}

void ages_free(struct policy_words *words)
{
    for (size_t i = 0; i < words->nages; i++) {
        free(words->ages[i].before);
        free(words->ages[i].after);
    }
    words->nages = 0;
}

/* ---- what is said -------------------------------------------------------- */

/* The number that these bytes are; 0: none that anybody is old. */
static int number_of(const char *text, size_t len)
{
    int64_t n;

    if (len <= 2 && decimal_parse(text, len, 99, &n) == 0)
        return n >= YOUNGEST ? (int)n : 0;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (strlen(numbers[i].word) == len &&
            memcmp(numbers[i].word, text, len) == 0)
            return numbers[i].n;
    return 0;
}

/* What a folded sentence says by this pattern; 0: nothing. */
static int matched(const struct age_pattern *age, const char *text)
{
    size_t len = strlen(text), before = strlen(age->before),
           after = strlen(age->after);

    if (len <= before + after || memcmp(text, age->before, before) != 0 ||
        strcmp(text + len - after, age->after) != 0)
        return 0;
    return number_of(text + before, len - before - after);
}

static int sentence(const struct policy_words *words, const char *text,
                    size_t len)
{
    char part[LIMIT_WORD + 1] = { 0 };
    uint8_t room[LIMIT_WORD + 1] = { 0 };
    struct buf folded = { .p = room, .cap = sizeof(room) };
    int age = 0;

    if (len > LIMIT_WORD)
        return 0;
    memcpy(part, text, len);
    if (text_fold(&folded, part) == 0)
        for (size_t i = 0; age == 0 && i < words->nages; i++)
            age = matched(&words->ages[i], (char *)folded.p);
    sodium_memzero(part, sizeof(part));
    sodium_memzero(room, sizeof(room));
    return age;
}

/* The youngest that is said: who says two ages may be the younger one. */
int policy_age_said(const struct policy *policy, const char *text)
{
    const struct policy_words *words = policy->words;
    size_t left = strnlen(text, LIMIT_RIGHTS_LOOK);
    int youngest = 0;

    while (words->nages > 0 && left > 0) {
        size_t len = strcspn(text, SENTENCE_ENDS);
        int age;

        len = len < left ? len : left;
        age = sentence(words, text, len);
        if (age > 0 && (youngest == 0 || age < youngest))
            youngest = age;
        len += len < left;
        text += len;
        left -= len;
    }
    return youngest;
}
