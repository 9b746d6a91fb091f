/*
 * What an authority of time answers. The input is the answer to a query of
 * ours, as it comes and in the place of a whole one; it never counts, because
 * nobody whom we trust signed it, and what is refused says why. A second part,
 * behind a line of its own, is taken for certificates.
 */
#include "fuzz.h"

#include "resguardo/ledger.h"

static const char note[] = "intake.example.co/0123abcd\n7\n";

static void zero(void *arg, void *out, size_t n)
{
    (void)arg;
    memset(out, 7, n);
}

static void check(const struct buf *query, const uint8_t *data, size_t size,
                  const struct buf *ca, bool as_then)
{
    struct buf answer = { 0 }, words = { 0 };
    const struct stamp_parts parts = { &words, query, &answer, ca };
    struct error e = { 0 };
    enum stamp_failure why;
    msec time;

    FUZZ_CHECK(buf_add(&answer, data, size) == 0 &&
               buf_adds(&words, note) == 0);
    why = stamp_check(&parts, as_then, &time, &e);
    FUZZ_CHECK(why != STAMP_OK && why < STAMP__MAX);
    FUZZ_CHECK(e.code == ERR_VERIFY && e.text[0] != '\0');
    buf_free(&words);
    buf_free(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct random_source fixed = { zero, NULL };
    const uint8_t *cut = size == 0 ? NULL : memmem(data, size, "\n-----", 6);
    size_t first = cut == NULL ? size : (size_t)(cut - data);
    struct buf query = { 0 }, ca = { 0 }, other = { 0 };
    struct error e = { 0 };

    FUZZ_CHECK(stamp_query(&query, note, sizeof(note) - 1, &fixed, &e) == 0);
    FUZZ_CHECK(cut == NULL || buf_add(&ca, cut + 1, size - first - 1) == 0);
    check(&query, data, first, &ca, false);
    check(&query, data, first, &ca, true);

    /* A query that comes with a bundle is outside bytes, too. */
    FUZZ_CHECK(buf_add(&other, data, first) == 0);
    check(&other, data, first, &ca, true);
    buf_free(&other);
    buf_free(&ca);
    buf_free(&query);
    return 0;
}
