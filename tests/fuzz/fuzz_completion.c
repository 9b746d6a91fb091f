/*
 * A line that a shell wants completed. Each answer is a path for the shell to
 * find, or begins with what was typed and is a line of one word.
 */
#include "fuzz.h"

#include "cli/completion.c"

static int never(const struct cli *cli, struct error *e)
{
    (void)cli;
    (void)e;
    return 0;
}

static const struct command table[] = {
    { "case", "list", never, OPTION_BIT(STATE) | OPTION_BIT(OVERDUE), 0, NULL,
      "lists" },
    { "case", "priority", never, 0, 0, "CASE PRIORITY", "says how urgent" },
    { "document", "send", never, 0, OPTION_BIT(REASON), "CASE FILE", "sends" },
    { "age", "encrypt", never, OPTION_BIT(RECIPIENT) | OPTION_BIT(ARMOR), 0,
      "[FILE]", "seals" },
    { "policy", "check", never, 0, 0, "DIR", "checks" },
    { "status", NULL, never, 0, 0, NULL, "says" },
    { "help", NULL, never, 0, 0, "[NOUN VERB]", "helps" },
};

static void check_answer(const struct buf *out, const char *typed)
{
    const char *at = (const char *)out->p, *end = at + out->len;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at)), *tab;

        FUZZ_CHECK(newline != NULL);
        tab = memchr(at, '\t', (size_t)(newline - at));
        if (at[0] == ':') {
            FUZZ_CHECK(tab == NULL);
        } else {
            FUZZ_CHECK(tab != NULL && (size_t)(tab - at) >= strlen(typed));
            FUZZ_CHECK(strncmp(at, typed, strlen(typed)) == 0);
        }
        at = newline + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf line = { .p = (uint8_t *)fuzz_string(data, size), .len = size };
    struct buf out = { 0 };
    const char *words[LIMIT_COMPLETION_WORDS];
    size_t n = split(&line, words);

    FUZZ_CHECK(completion_answer(&out, table, sizeof(table) / sizeof(table[0]),
                                 words, n) == 0);
    check_answer(&out, n > 0 ? words[n - 1] : "");
    buf_free(&out);
    free(line.p);
    return 0;
}
