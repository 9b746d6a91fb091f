/*
 * How old somebody says that they are: a pattern of a policy, and a message by
 * it. A pattern that was refused leaves nothing behind; an age is one that a
 * person has, and a message that ends in it says it in a longer one, too.
 */
#include "fuzz.h"

#include "policy/policy_private.h"

static void check(const struct policy *p, const char *text)
{
    struct buf longer = { 0 };
    int age = policy_age_said(p, text);

    FUZZ_CHECK(age == 0 || (age >= 6 && age <= 99));
    FUZZ_CHECK(age == 0 || p->words->nages == 1);
    FUZZ_CHECK(buf_addf(&longer, "%s. Tengo dudas", text) == 0);
    if (strlen(text) + 20 < LIMIT_RIGHTS_LOOK)
        FUZZ_CHECK(policy_age_said(p, (const char *)longer.p) == age);
    buf_free(&longer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    struct policy_words words = { 0 };
    const struct policy policy = { .words = &words };
    size_t len;
    const uint8_t *first = fuzz_until(&in, 0x1c, &len);
    char *pattern = fuzz_string(first, len);
    char *text = fuzz_string(in.p, in.len);
    const char *why = age_add(&words, pattern);

    FUZZ_CHECK((why == NULL) == (words.nages == 1));
    check(&policy, text);
    ages_free(&words);
    free(pattern);
    free(text);
    return 0;
}
