/*
 * The certificate of an erasure. As it comes none holds under our log's key;
 * ours, with a byte changed, holds only while its entry is the one that the
 * log has, and what it says of the erasure is what the entry says.
 */
#include "fuzz.h"

#include "certificate_help.h"

static void check_raw(const uint8_t *p, size_t len, const char *vkey)
{
    struct error e = { 0 };
    json_t *paper = json_parse(p, len, &e);

    if (paper != NULL)
        FUZZ_CHECK(certificate_verify(paper, vkey, &e) != 0 &&
                   e.code != ERR_NONE);
    json_decref(paper);
}

static void check_changed(struct fuzz_input *in, const json_t *good,
                          const char *vkey)
{
    struct error e = { 0 };
    struct buf text = { 0 };
    size_t at = fuzz_short(in);
    json_t *paper;

    FUZZ_CHECK(certificate_verify(good, vkey, &e) == 0);
    FUZZ_CHECK(json_canonical(good, &text) == 0);
    text.p[at % text.len] ^= (uint8_t)(fuzz_short(in) | 1);
    paper = json_parse(text.p, text.len, &e);
    if (paper != NULL && certificate_verify(paper, vkey, &e) == 0) {
        FUZZ_CHECK(strcmp(json_str(json_object_get(paper, "ledger"), "entry"),
                          CERTIFICATE_ENTRY) == 0);
        FUZZ_CHECK(strcmp(json_str(paper, "erasure_id"), "x1") == 0);
        FUZZ_CHECK(strcmp(json_str(paper, "subject"), "s1") == 0);
        FUZZ_CHECK(strcmp(json_str(paper, "ground"), "request") == 0);
    }
    json_decref(paper);
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    char vkey[LEDGER_VKEY_SIZE];
    json_t *good;

    FUZZ_CHECK(sodium_init() >= 0);
    good = certificate_new(vkey);
    FUZZ_CHECK(good != NULL);
    check_raw(data, size, vkey);
    check_changed(&in, good, vkey);
    json_decref(good);
    return 0;
}
