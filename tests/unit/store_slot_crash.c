/* store: what a crash, a cut file or an old copy leaves of the slots. */
#include "store_help.h"

#include <sodium.h>

static uint64_t draw(struct fixture *f)
{
    uint64_t slot;

    help_begin(f);
    OK(slot_alloc(f->s, &slot, &f->e));
    help_commit(f);
    return slot;
}

static void copy(const struct fixture *f, const char *from, const char *to)
{
    char command[600];

    (void)snprintf(command, sizeof(command), "cp -p '%s/%s' '%s/%s'", f->dir,
                   from, f->dir, to);
    assert_int_equal(system(command), 0);
}

static void slot_of(const struct fixture *f, const char *name, uint64_t slot,
                    uint8_t out[static 64])
{
    char path[256];
    FILE *file;

    help_path(f, name, path);
    file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseeko(file, (off_t)slot * 64, SEEK_SET), 0);
    assert_int_equal(fread(out, 1, 64, file), 64);
    assert_int_equal(fclose(file), 0);
}

static void numbers_begin_at_one_and_go_past_a_block(void **state)
{
    struct fixture *f = *state;
    uint8_t key[SLOT_KEY_LEN], other[SLOT_KEY_LEN];
    uint64_t slot = 0, last;

    assert_int_equal(slot_key(f->s, 0, key, &f->e), -1);
    last = draw(f);
    assert_true(last > 2); /* 1 and 2 are the index's and the dedup key's */
    help_begin(f);
    for (int i = 0; i < 1100; i++) {
        OK(slot_alloc(f->s, &slot, &f->e));
        assert_int_equal(slot, last + 1);
        last = slot;
    }
    help_commit(f);
    assert_int_equal(slot_state(f->s, last, &f->e), 1);
    OK(slot_key(f->s, last, key, &f->e));
    OK(slot_key(f->s, last - 1, other, &f->e));
    assert_memory_not_equal(key, other, sizeof(key));
    help_reopen(f);
    OK(slot_key(f->s, last, other, &f->e));
    assert_memory_equal(key, other, sizeof(key));
    assert_true(draw(f) > last);
}

static void drawing_needs_a_transaction(void **state)
{
    struct fixture *f = *state;
    uint64_t slot;

    FAILS(slot_alloc(f->s, &slot, &f->e), ERR_INTERNAL);
}

/* The list was durable, the crash came before any overwrite. */
static void an_erasure_cut_short_is_finished_at_the_next_start(void **state)
{
    struct fixture *f = *state;
    uint64_t slot = draw(f);
    uint8_t key[SLOT_KEY_LEN], number[8];

    OK(slot_key(f->s, slot, key, &f->e));
    store_close(&f->s);
    le64_put(number, slot);
    help_overwrite(f, "keys/destroyed", 0, number, 8);
    help_open(f);
    assert_int_equal(slot_state(f->s, slot, &f->e), 0);
    assert_false(help_file_holds(f, "keys/slots", key, sizeof(key)));
    assert_false(help_file_holds(f, "keys/slots.mirror", key, sizeof(key)));
    FAILS(slot_key(f->s, slot, key, &f->e), ERR_NOT_FOUND);
}

/* One file was overwritten, the other not. */
static void an_erasure_of_one_file_is_finished(void **state)
{
    struct fixture *f = *state;
    uint64_t slot = draw(f);
    uint8_t key[SLOT_KEY_LEN], record[64];

    OK(slot_key(f->s, slot, key, &f->e));
    slot_of(f, "keys/slots", slot, record);
    OK(slot_erase(f->s, &slot, 1, &f->e));
    store_close(&f->s);
    help_overwrite(f, "keys/slots.mirror", (off_t)slot * 64, record, 64);
    assert_true(help_file_holds(f, "keys/slots.mirror", key, sizeof(key)));
    help_open(f);
    assert_false(help_file_holds(f, "keys/slots.mirror", key, sizeof(key)));
}

/* A restored copy of both files brings nothing back. */
static void a_restored_copy_brings_no_key_back(void **state)
{
    struct fixture *f = *state;
    uint64_t slot = draw(f);
    uint8_t key[SLOT_KEY_LEN];

    OK(slot_key(f->s, slot, key, &f->e));
    copy(f, "keys/slots", "old");
    OK(slot_erase(f->s, &slot, 1, &f->e));
    store_close(&f->s);
    copy(f, "old", "keys/slots");
    copy(f, "old", "keys/slots.mirror");
    help_open(f);
    FAILS(slot_key(f->s, slot, key, &f->e), ERR_NOT_FOUND);
    assert_int_equal(slot_state(f->s, slot, &f->e), 0);
}

static void a_number_cut_in_the_list_is_dropped(void **state)
{
    struct fixture *f = *state;
    uint64_t slot = draw(f);
    uint8_t key[SLOT_KEY_LEN];

    store_close(&f->s);
    help_overwrite(f, "keys/destroyed", 0, "\x01\x00\x00", 3);
    help_open(f);
    OK(slot_key(f->s, 1, key, &f->e));
    OK(slot_erase(f->s, &slot, 1, &f->e));
    help_reopen(f);
    FAILS(slot_key(f->s, slot, key, &f->e), ERR_NOT_FOUND);
    OK(slot_key(f->s, 1, key, &f->e));
}

static void a_list_with_an_impossible_number_is_refused(void **state)
{
    struct fixture *f = *state;
    uint8_t number[8];

    store_close(&f->s);
    le64_put(number, 1u << 30);
    help_overwrite(f, "keys/destroyed", 0, number, 8);
    FAILS(store_open(&f->s, f->dir, NULL, STORE_WRITER, &random_system, &f->e),
          ERR_VERIFY);
}

static void erasing_minds_what_it_is_told(void **state)
{
    struct fixture *f = *state;
    uint64_t none = 0, far = 1u << 30, one = 1;
    uint8_t key[SLOT_KEY_LEN];

    FAILS(slot_erase(f->s, &none, 1, &f->e), ERR_INTERNAL);
    FAILS(slot_erase(f->s, &far, 1, &f->e), ERR_INTERNAL);
    help_begin(f);
    FAILS(slot_erase(f->s, &one, 1, &f->e), ERR_INTERNAL);
    store_rollback(f->s);
    OK(slot_key(f->s, 1, key, &f->e));
}

static void a_reader_neither_erases_nor_repairs(void **state)
{
    struct fixture *f = *state;
    uint8_t key[SLOT_KEY_LEN], again[SLOT_KEY_LEN], record[64] = { 7 };
    struct store *reader = NULL;
    uint64_t slot = draw(f);

    OK(slot_key(f->s, slot, key, &f->e));
    OK(store_open(&reader, f->dir, NULL, STORE_READER, &random_system, &f->e));
    FAILS(slot_erase(reader, &slot, 1, &f->e), ERR_INTERNAL);
    help_overwrite(f, "keys/slots", (off_t)slot * 64, record, 64);
    OK(slot_key(reader, slot, again, &f->e));
    assert_memory_equal(key, again, sizeof(key));
    FAILS(slot_state(reader, slot, &f->e), ERR_VERIFY);
    store_close(&reader);
}

static void both_copies_bad_is_said(void **state)
{
    struct fixture *f = *state;
    uint8_t key[SLOT_KEY_LEN], record[64] = { 7 };
    uint64_t slot = draw(f);

    help_overwrite(f, "keys/slots", (off_t)slot * 64, record, 64);
    help_overwrite(f, "keys/slots.mirror", (off_t)slot * 64, record, 64);
    FAILS(slot_key(f->s, slot, key, &f->e), ERR_VERIFY);
}

/* A slot moved to another number is not that number's. */
static void a_slot_in_the_wrong_place_is_bad(void **state)
{
    struct fixture *f = *state;
    uint8_t key[SLOT_KEY_LEN], record[64];
    uint64_t slot = draw(f);

    slot_of(f, "keys/slots", 1, record);
    help_overwrite(f, "keys/slots", (off_t)slot * 64, record, 64);
    help_overwrite(f, "keys/slots.mirror", (off_t)slot * 64, record, 64);
    FAILS(slot_key(f->s, slot, key, &f->e), ERR_VERIFY);
}

/* Filling up a cut file would have overwritten the mirror's keys. */
static void a_cut_file_is_refused_and_its_mirror_untouched(void **state)
{
    struct fixture *f = *state;
    uint8_t before[64], after[64];
    uint64_t slot = draw(f);
    char path[256];

    slot_of(f, "keys/slots.mirror", slot, before);
    store_close(&f->s);
    help_path(f, "keys/slots", path);
    assert_int_equal(truncate(path, 64 * 10), 0);
    FAILS(store_open(&f->s, f->dir, NULL, STORE_WRITER, &random_system, &f->e),
          ERR_VERIFY);
    slot_of(f, "keys/slots.mirror", slot, after);
    assert_memory_equal(before, after, sizeof(before));
    copy(f, "keys/slots.mirror", "keys/slots");
    help_open(f);
}

static void one_damaged_header_is_no_harm(void **state)
{
    struct fixture *f = *state;
    uint8_t junk[64] = { 9 };
    uint64_t slot = draw(f);

    store_close(&f->s);
    help_overwrite(f, "keys/slots", 0, junk, 64);
    help_open(f);
    assert_true(draw(f) > slot);
    store_close(&f->s);
    help_overwrite(f, "keys/slots", 0, junk, 64);
    help_overwrite(f, "keys/slots.mirror", 0, junk, 64);
    FAILS(store_open(&f->s, f->dir, NULL, STORE_WRITER, &random_system, &f->e),
          ERR_VERIFY);
}

/* A mirror that kept a listed key must not lend it. */
static void a_listed_slot_is_not_repaired_from_its_mirror(void **state)
{
    struct fixture *f = *state;
    uint8_t key[SLOT_KEY_LEN], record[64], junk[64] = { 7 };
    uint64_t slot = draw(f);

    slot_of(f, "keys/slots", slot, record);
    OK(slot_erase(f->s, &slot, 1, &f->e));
    help_overwrite(f, "keys/slots.mirror", (off_t)slot * 64, record, 64);
    help_overwrite(f, "keys/slots", (off_t)slot * 64, junk, 64);
    FAILS(slot_key(f->s, slot, key, &f->e), ERR_NOT_FOUND);
    assert_int_equal(slot_state(f->s, slot, &f->e), 0);
}

/* The header of one file may be behind: the higher mark counts. */
static void mark_counts(struct fixture *f, const char *behind)
{
    uint8_t header[64];
    uint64_t slot;

    help_reopen(f); /* the next number is the first past the mark */
    slot_of(f, "keys/slots", 0, header);
    slot = draw(f);
    help_begin(f);
    OK(meta_set_int(f->s, "slot_next", 1, &f->e));
    help_commit(f);
    store_close(&f->s);
    help_overwrite(f, behind, 0, header, 64);
    help_open(f);
    assert_true(draw(f) > slot);
}

static void the_higher_mark_counts(void **state)
{
    mark_counts(*state, "keys/slots");
    mark_counts(*state, "keys/slots.mirror");
}

static void slots_older_than_the_database_are_refused(void **state)
{
    struct fixture *f = *state;

    copy(f, "keys/slots", "old");
    for (int i = 0; i < 3; i++) {
        (void)draw(f);
        help_reopen(f);
    }
    store_close(&f->s);
    copy(f, "old", "keys/slots");
    copy(f, "old", "keys/slots.mirror");
    FAILS(store_open(&f->s, f->dir, NULL, STORE_WRITER, &random_system, &f->e),
          ERR_VERIFY);
    assert_true(f->e.hint[0] != '\0');
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, help_setup, help_teardown)
    const struct CMUnitTest tests[] = {
        T(numbers_begin_at_one_and_go_past_a_block),
        T(drawing_needs_a_transaction),
        T(an_erasure_cut_short_is_finished_at_the_next_start),
        T(an_erasure_of_one_file_is_finished),
        T(a_restored_copy_brings_no_key_back),
        T(a_number_cut_in_the_list_is_dropped),
        T(a_list_with_an_impossible_number_is_refused),
        T(erasing_minds_what_it_is_told),
        T(a_reader_neither_erases_nor_repairs),
        T(both_copies_bad_is_said),
        T(a_slot_in_the_wrong_place_is_bad),
        T(a_cut_file_is_refused_and_its_mirror_untouched),
        T(one_damaged_header_is_no_harm),
        T(a_listed_slot_is_not_repaired_from_its_mirror),
        T(the_higher_mark_counts),
        T(slots_older_than_the_database_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
