/*
 * What an officer's CLI, or somebody in its place, sends to the desk: a change
 * of the keyring, headers of another epoch. What is taken keeps its limits;
 * what is not leaves nothing behind.
 */
#include "fuzz.h"

#define malformed malformed_change
#define decode    decode_change
#include "desk/serve_staff.c"
#undef malformed
#define malformed malformed_headers
#include "desk/serve_vault.c"

static void check_change(const json_t *body)
{
    struct keyring_change c = { 0 };
    struct error e = { 0 };

    if (read_change(&c, body, &e) != 0)
        FUZZ_CHECK(e.text[0] != '\0');
    FUZZ_CHECK(c.nlines <= 2 &&
               c.ngrants <= json_array_size(json_object_get(body, "grants")));
    for (size_t i = 0; i < c.nlines; i++)
        FUZZ_CHECK(c.lines[i].entry.len <= LIMIT_LEDGER_ENTRY + 2);
    for (size_t i = 0; i < c.ngrants; i++)
        FUZZ_CHECK(c.grants[i].epoch >= 1 &&
                   c.grants[i].file.len <= LIMIT_GRANT + 2);
    change_free(&c);
}

static void check_headers(const json_t *body)
{
    struct rewrap w = { 0 };
    struct error e = { 0 };

    if (read_items(&w, body, &e) != 0)
        FUZZ_CHECK(e.text[0] != '\0');
    else
        FUZZ_CHECK(w.epoch >= 1);
    FUZZ_CHECK(w.n <= PAGE);
    for (size_t i = 0; i < w.n; i++) {
        FUZZ_CHECK(id_valid(w.items[i].document, 'd') &&
                   w.items[i].header.len <= LIMIT_GRANT + 2);
        buf_free(&w.items[i].header);
    }
    free(w.items);
}

static void check_proofs(const json_t *body)
{
    struct proof p = { 0 };
    struct error e = { 0 };

    if (read_proofs(&p, body, &e) != 0)
        FUZZ_CHECK(e.text[0] != '\0');
    FUZZ_CHECK(p.n <= PAGE);
    for (size_t i = 0; i < p.n; i++)
        FUZZ_CHECK(id_valid(p.items[i].document, 'd'));
    free(p.items);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error e = { 0 };
    json_t *body = json_parse(data, size, &e);

    if (body == NULL)
        return 0;
    check_change(body);
    check_headers(body);
    check_proofs(body);
    json_decref(body);
    return 0;
}
