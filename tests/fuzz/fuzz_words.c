/*
 * What a customer typed or tapped. A button id that parses is written again
 * as the same text; filling leaves a text without variables as it is, is
 * bounded, and never looks into the values it filled in. What a text means is
 * one thing, and a yes, a no or a withdrawal is never anything but the whole
 * message.
 */
#include "fuzz.h"

#include "policy/policy_private.h"

static void check_button(const char *s)
{
    char purpose[PURPOSE_SIZE], version[VERSION_SIZE], back[BUTTON_ID_SIZE];
    enum button_verb verb;

    if (button_parse(s, &verb, purpose, version) != 0)
        return;
    FUZZ_CHECK(verb < BUTTON__MAX && purpose[0] != '\0' && version[0] != '\0');
    FUZZ_CHECK(button_format(back, verb, purpose, version) == 0);
    FUZZ_CHECK(strcmp(back, s) == 0);
}

static void check_fill(const char *text)
{
    static const char *const none[] = { NULL };
    static const char *const pairs[] = { "case", "{stored}", "stored", "3",
                                         NULL };
    static const char *const last[] = { "stored", "{case}", NULL };
    struct buf same = { 0 }, filled = { 0 }, rest = { 0 };

    FUZZ_CHECK(buf_adds(&same, "") == 0 && policy_fill(&same, text, none) == 0);
    FUZZ_CHECK(strcmp((const char *)same.p, text) == 0);
    FUZZ_CHECK(buf_adds(&filled, "") == 0 &&
               policy_fill(&filled, text, pairs) == 0);
    FUZZ_CHECK(filled.len <= 2 * strlen(text));
    FUZZ_CHECK(strstr((const char *)filled.p, "{case}") == NULL);
    FUZZ_CHECK(buf_adds(&rest, "") == 0 && policy_fill(&rest, text, last) == 0);
    buf_free(&same);
    buf_free(&filled);
    buf_free(&rest);
}

static void measure(struct phrase_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        list->items[i].len = strlen(list->items[i].text);
        list->items[i].begins = phrase_begins(list->items[i].text);
    }
}

static struct policy *policy_made(void)
{
    static char no[] = "no quiero hablar con", end[] = "no me escriban",
                number[] = "cambie de numero", person[] = "hablar con alguien",
                please[] = "por favor", hello[] = "hola",
                thanks[] = "muchas gracias", title[] = "retiro de cesantias",
                id[] = "procedure/a";
    static struct phrase in[] = { { .text = no, .kind = PHRASE_NONE },
                                  { .text = end, .kind = PHRASE_END },
                                  { .text = number, .kind = PHRASE_NUMBER },
                                  { .text = person, .kind = PHRASE_PERSON } };
    static struct phrase around[] = { { .text = please, .kind = PHRASE_NONE },
                                      { .text = hello, .kind = PHRASE_NONE },
                                      { .text = thanks, .kind = PHRASE_NONE } };
    static struct phrase titles[] = {
        { .text = title, .id = id, .kind = PHRASE_NONE }
    };
    static struct policy_words words;
    static struct policy_phrases phrases = { { in, 4, 4 },
                                             { around, 3, 3 },
                                             { titles, 1, 1 } };
    static struct policy policy = { .words = &words, .phrases = &phrases };

    if (words.n == 0)
        FUZZ_CHECK(words_add(&words, "sí, acepto", WORD_YES) == NULL &&
                   words_add(&words, "no", WORD_NO) == NULL &&
                   words_add(&words, "baja", WORD_WITHDRAW) == NULL &&
                   words_add(&words, "menú", WORD_MENU) == NULL &&
                   words_add(&words, "datos personales", WORD_RIGHTS) == NULL);
    measure(&phrases.in);
    measure(&phrases.around);
    measure(&phrases.titles);
    return &policy;
}

static void check_meaning(const char *text)
{
    const struct policy *p = policy_made();
    const enum policy_word word = policy_word_of(p, text);
    struct policy_meaning m;

    policy_meaning_of(p, text, &m);
    FUZZ_CHECK((m.word != WORD_NONE) + (m.id != NULL) + m.nearly +
                   (m.phrase != PHRASE_NONE) <=
               1);
    FUZZ_CHECK(word == WORD_NONE || m.word == word);
    FUZZ_CHECK(word != WORD_NONE || (m.word != WORD_YES && m.word != WORD_NO &&
                                     m.word != WORD_WITHDRAW));
    FUZZ_CHECK(m.phrase < PHRASE__MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *s = fuzz_string(data, size);

    check_button(s);
    check_fill(s);
    check_meaning(s);
    FUZZ_CHECK(media_kind_of(s) == KIND__MAX ||
               strcmp(media_kind_names[media_kind_of(s)], s) == 0);
    free(s);
    return 0;
}
