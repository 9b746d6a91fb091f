/*
 * A ledger fed to its verifier. Entries as they come are taken only in
 * canonical form and in their place. A log that was signed and then damaged
 * by the input (an entry changed, dropped, doubled, swapped, the end cut)
 * verifies exactly if nothing is different.
 */
#include "fuzz.h"

#include "resguardo/ledger.h"

#include <sodium.h>

#define ENTRIES 9

struct log {
    struct buf entries[2 * ENTRIES];
    size_t n;
};

static void check_raw(struct fuzz_input in)
{
    struct ledger_verifier *v = ledger_verifier_new();
    struct error e = { 0 };

    FUZZ_CHECK(v != NULL);
    for (uint64_t i = 0; in.len > 0; i++) {
        size_t len;
        const uint8_t *line = fuzz_until(&in, '\n', &len);
        struct buf again = { 0 };
        json_t *value;

        if (ledger_verifier_add(v, line, len, NULL, &e) != 0) {
            FUZZ_CHECK(e.code == ERR_VERIFY && ledger_verifier_size(v) == i);
            FUZZ_CHECK(ledger_verifier_finish(v, &e) != 0);
            break;
        }
        value = json_parse(line, len, &e);
        FUZZ_CHECK(value != NULL && json_canonical(value, &again) == 0);
        FUZZ_CHECK(again.len == len && memcmp(again.p, line, len) == 0);
        FUZZ_CHECK(json_integer_value(json_object_get(value, "index")) ==
                   (json_int_t)i);
        json_decref(value);
        buf_free(&again);
    }
    ledger_verifier_free(&v);
}

static void make(struct log *log, struct ledger_checkpoint *middle,
                 struct ledger_checkpoint *whole)
{
    struct ledger_tree tree = { 0 };
    uint8_t leaf[LEDGER_HASH_LEN];

    for (size_t i = 0; i < ENTRIES; i++) {
        struct buf *b = &log->entries[i];

        FUZZ_CHECK(buf_addf(b,
                            "{\"event_type\":\"consent_given\",\"index\":%zu,"
                            "\"time\":\"2026-11-24T00:17:54.123Z\",\"v\":1}",
                            i) == 0);
        ledger_leaf_hash(leaf, b->p, b->len);
        ledger_tree_add(&tree, leaf);
        if (i == ENTRIES / 2) {
            middle->size = tree.size;
            ledger_tree_root(&tree, middle->root);
        }
    }
    log->n = ENTRIES;
    whole->size = tree.size;
    ledger_tree_root(&tree, whole->root);
}

static void damage(struct log *log, struct fuzz_input *in)
{
    unsigned edits = fuzz_byte(in) % 4;

    for (unsigned i = 0; i < edits && log->n > 0; i++) {
        unsigned what = fuzz_byte(in) % 5;
        size_t at = fuzz_byte(in) % log->n, other = fuzz_byte(in) % log->n;
        struct buf *b = &log->entries[at], held = *b;

        if (what == 0 && b->len > 0) {
            size_t byte = fuzz_byte(in) % b->len;

            b->p[byte] = fuzz_byte(in);
        } else if (what == 1) {
            *b = log->entries[other];
            log->entries[other] = held;
        } else if (what == 2) {
            for (size_t k = at; k + 1 < log->n; k++)
                log->entries[k] = log->entries[k + 1];
            log->entries[--log->n] = (struct buf){ 0 };
            buf_free(&held);
        } else if (what == 3 && log->n < 2 * ENTRIES) {
            FUZZ_CHECK(buf_add(&log->entries[log->n], b->p, b->len) == 0);
            log->n++;
        } else {
            size_t n;
            const uint8_t *p = fuzz_until(in, '\n', &n);

            buf_reset(b);
            FUZZ_CHECK(buf_add(b, p, n) == 0);
        }
    }
}

static bool same(const struct log *a, const struct log *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (a->entries[i].len != b->entries[i].len ||
            memcmp(a->entries[i].p, b->entries[i].p, a->entries[i].len) != 0)
            return false;
    return true;
}

static void empty(struct log *log)
{
    for (size_t i = 0; i < 2 * ENTRIES; i++)
        buf_free(&log->entries[i]);
}

static void check_damaged(struct fuzz_input *in)
{
    static struct log log, before;
    struct ledger_checkpoint middle = { .origin = "o" }, whole = middle;
    struct ledger_verifier *v = ledger_verifier_new();
    struct error e = { 0 };
    int ok;

    make(&log, &middle, &whole);
    make(&before, &middle, &whole);
    damage(&log, in);
    FUZZ_CHECK(v != NULL);
    ok = ledger_verifier_expect(v, &whole, "whole", &e);
    if (fuzz_byte(in) % 2 == 0)
        ok |= ledger_verifier_expect(v, &middle, "middle", &e);
    FUZZ_CHECK(ok == 0);
    for (size_t i = 0; ok == 0 && i < log.n; i++)
        ok = ledger_verifier_add(v, log.entries[i].p, log.entries[i].len, NULL,
                                 &e);
    if (ok == 0)
        ok = ledger_verifier_finish(v, &e);

    /* What comes after the last checkpoint is nobody's promise. */
    if (ok == 0 && log.n > before.n)
        log.n = before.n;
    FUZZ_CHECK(ok != 0 || same(&log, &before));
    FUZZ_CHECK(ok == 0 || !same(&log, &before));
    FUZZ_CHECK(ok == 0 || e.code == ERR_VERIFY);
    ledger_verifier_free(&v);
    empty(&log);
    empty(&before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    struct ledger_tree tree;
    struct buf back = { 0 };

    FUZZ_CHECK(sodium_init() >= 0);
    if (ledger_tree_decode(&tree, data, size) == 0) {
        FUZZ_CHECK(ledger_tree_encode(&tree, &back) == 0);
        FUZZ_CHECK(back.len == size && memcmp(back.p, data, size) == 0);
        buf_free(&back);
    }
    check_raw(in);
    check_damaged(&in);
    return 0;
}
