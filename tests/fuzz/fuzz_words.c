/*
 * What a customer typed or tapped. A button id that parses is written again
 * as the same text; filling leaves a text without variables as it is, is
 * bounded, and never looks into the values it filled in.
 */
#include "fuzz.h"

#include "resguardo/policy.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *s = fuzz_string(data, size);

    check_button(s);
    check_fill(s);
    FUZZ_CHECK(media_kind_of(s) == KIND__MAX ||
               strcmp(media_kind_names[media_kind_of(s)], s) == 0);
    free(s);
    return 0;
}
