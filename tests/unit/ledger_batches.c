/* ledger: the entries of a bundle, a buffer at a time. */
#include "unit.h"

#include "ledger/bundle_batch.h"

#include <stdlib.h>
#include <string.h>

enum { LINES = 20000, LONG = 600 }; /* of more than five buffers */

static char *folder;
static struct error e;

static int setup(void **state)
{
    (void)state;
    folder = unit_folder_new();
    e = (struct error){ 0 };
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unit_folder_free(folder);
    return 0;
}

/* Each line says which it is, at its begin and at its end. */
static size_t line_of(char out[static LONG + 1], unsigned i)
{
    size_t len = LONG / 2 + i * 7919u % (LONG / 2);

    memset(out, 'x', len);
    (void)snprintf(out, 12, "%010u:", i);
    out[11] = 'x';
    (void)snprintf(out + len - 11, 12, ":%010u", i);
    return len;
}

static FILE *create(const char *name)
{
    char path[256];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    f = fopen(path, "we");
    assert_non_null(f);
    return f;
}

static void write_files(unsigned entries, unsigned leaves)
{
    FILE *f = create("entries.jsonl");
    char text[LONG + 1];

    for (unsigned i = 0; i < entries; i++) {
        (void)line_of(text, i);
        (void)fprintf(f, "%s\n", text);
    }
    assert_int_equal(fclose(f), 0);
    f = create("leaves");
    for (unsigned i = 0; i < leaves; i++)
        (void)fprintf(f, "%064x\n", i + 1);
    assert_int_equal(fclose(f), 0);
}

static void check_batch(const struct batch *b)
{
    char want[LONG + 1];

    for (size_t i = 0; i < b->n; i++) {
        unsigned at = (unsigned)(b->from + i);
        const uint8_t *hash = b->lines[i].leaf;

        assert_int_equal(b->lines[i].len, line_of(want, at));
        assert_memory_equal(b->lines[i].entry, want, b->lines[i].len);
        assert_int_equal(hash[30] << 8 | hash[31], at + 1);
    }
}

/* The one before is looked at after the next was read. */
static void a_batch_stays_while_the_next_is_read(void **state)
{
    struct batches b;
    struct batch *now, *before = NULL;
    size_t n = 0, count = 0;

    (void)state;
    write_files(LINES, LINES);
    assert_int_equal(batches_open(&b, folder, LINES, &e), 0);
    do {
        now = batches_next(&b);
        assert_true(now->from == n);
        n += now->n;
        count++;
        check_batch(now);
        if (before != NULL) {
            assert_ptr_not_equal(before->hashes, now->hashes);
            check_batch(before);
        }
        before = now;
    } while (now->more > 0);
    assert_int_equal(now->more, 0);
    assert_int_equal(n, LINES);
    assert_true(count > 4);
    assert_int_equal(batches_end(&b, &e), 0);
    batches_close(&b);
}

/* The entries before one that is wrong are handed out with it. */
static void what_is_wrong_comes_behind_what_is_not(void **state)
{
    static const uint8_t none[LEDGER_HASH_LEN];
    struct batches b;
    struct batch *now;
    FILE *f;

    (void)state;
    write_files(3, 2); /* more than signed, and a leaf is missing */
    assert_int_equal(batches_open(&b, folder, 2, &e), 0);
    now = batches_next(&b);
    assert_int_equal(now->n, 2);
    assert_int_equal(now->more, -1);
    assert_string_equal(now->behind.text,
                        "entry 2: it is more than was signed");
    batches_close(&b);

    assert_int_equal(batches_open(&b, folder, 3, &e), 0);
    now = batches_next(&b);
    assert_int_equal(now->n, 3);
    assert_memory_equal(now->lines[2].leaf, none, sizeof(none));
    batches_close(&b);

    write_files(2, 3);
    assert_int_equal(batches_open(&b, folder, 2, &e), 0);
    assert_int_equal(batches_next(&b)->n, 2);
    assert_int_equal(batches_next(&b)->more, 0);
    assert_int_equal(batches_end(&b, &e), -1);
    batches_close(&b);

    f = create("entries.jsonl");
    (void)fputs("a\nb", f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(batches_open(&b, folder, 2, &e), 0);
    now = batches_next(&b);
    if (now->more > 0) /* what is cut may be a batch of its own */
        now = batches_next(&b);
    assert_int_equal(now->more, -1);
    assert_string_equal(now->behind.text, "entry 1: entries.jsonl is cut");
    batches_close(&b);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(a_batch_stays_while_the_next_is_read),
        T(what_is_wrong_comes_behind_what_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
