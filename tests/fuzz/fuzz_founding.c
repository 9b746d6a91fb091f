/*
 * The file of vault init, as somebody may have left it on its way to the
 * server. What is taken is one officer with a sound keyring and a sound grant,
 * and is written again to the same file.
 */
#include "fuzz.h"

#include "cli/cli.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct founding f = { 0 }, again = { 0 };
    struct buf out = { 0 };
    struct error e = { 0 };

    if (founding_parse(&f, data, size, &e) != 0) {
        FUZZ_CHECK(e.text[0] != '\0');
    } else {
        FUZZ_CHECK(founding_officer(&f)->roles == ROLE__ALL &&
                   keyring_epoch(f.ring) == 1 &&
                   keyring_size(f.ring) == FOUNDING_ENTRIES);
        FUZZ_CHECK(founding_format(&f, &out, &e) == 0);
        FUZZ_CHECK(founding_parse(&again, out.p, out.len, &e) == 0);
        FUZZ_CHECK(again.grant.len == f.grant.len);
    }
    founding_free(&f);
    founding_free(&again);
    buf_free(&out);
    return 0;
}
