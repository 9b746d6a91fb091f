/* Shred slots and what hangs on them: P7 in its first form. */
#include "unit.h"

#include <fcntl.h>
#include <glob.h>
#include <sqlite3.h>
#include <stdio.h>

#include "resguardo/store.h"
#include "store/store_private.h"

static char *folder;
static struct store *store;
static struct error err;

#define CANARY "carta-secreta-4711"
#define NOW    ((msec)1795430000000)

static void must(int code)
{
    if (code != 0)
        fail_msg("%s", err.text);
}

static int setup(void **state)
{
    (void)state;
    folder = unit_folder_new();
    must(store_create(folder, NULL, NOW, &random_system, &err));
    must(store_open(&store, folder, NULL, STORE_WRITER, &random_system, &err));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_close(&store);
    unit_folder_free(folder);
    return 0;
}

static struct document_row make_document(struct subject_row *subject)
{
    struct attachment_row a = { .received = NOW };
    struct case_row c = { .opened = NOW };
    struct document_row d = { .size = 3, .epoch = 1 };

    must(store_begin(store, &err));
    id_new(subject->id, 's', &random_system);
    must(subject_add(store, subject, &err));
    id_new(a.id, 'a', &random_system);
    strcpy(a.subject, subject->id);
    strcpy(a.state, "stored");
    strcpy(a.kind, "image");
    must(attachment_add(store, &a, CANARY, strlen(CANARY), &err));
    case_code_new(c.id, &random_system);
    strcpy(c.subject, subject->id);
    strcpy(c.state, "open");
    must(case_add(store, &c, &err));
    id_new(d.id, 'd', &random_system);
    id_new(d.payload, 'p', &random_system);
    strcpy(d.attachment, a.id);
    strcpy(d.subject, subject->id);
    strcpy(d.case_id, c.id);
    strcpy(d.state, "stored");
    must(document_add(store, &d, "age-header " CANARY, 11 + strlen(CANARY),
                      CANARY, CANARY, &err));
    must(store_commit(store, &err));
    return d;
}

/* Is the text anywhere in the files of the storage? */
static bool on_disk(const void *needle, size_t len)
{
    static const char *const patterns[] = { "/*", "/keys/*" };
    bool found = false;

    for (int i = 0; i < 2; i++) {
        char pattern[256];
        glob_t files;
        (void)snprintf(pattern, sizeof(pattern), "%s%s", folder, patterns[i]);
        if (glob(pattern, 0, NULL, &files) != 0)
            continue;
        for (size_t f = 0; f < files.gl_pathc; f++) {
            struct buf data = { 0 };
            struct error ignored;
            if (file_read(files.gl_pathv[f], 1u << 26, &data, &ignored) == 0 &&
                data.len > 0 && memmem(data.p, data.len, needle, len) != NULL)
                found = true;
            buf_free(&data);
        }
        globfree(&files);
    }
    return found;
}

static void header_and_words_come_back(void **state)
{
    struct subject_row subject = { .created = NOW };
    struct document_row d = make_document(&subject);
    struct buf header = { 0 }, name = { 0 }, caption = { 0 };
    bool has_name, has_caption;

    (void)state;
    must(document_header(store, &d, &header, &err));
    assert_string_equal((char *)header.p, "age-header " CANARY);
    must(document_words(store, &d, &name, &has_name, &caption, &has_caption,
                        &err));
    assert_true(has_name && has_caption);
    assert_string_equal((char *)name.p, CANARY);
    buf_free(&header);
    buf_free(&name);
    buf_free(&caption);
}

static void nothing_of_a_customer_is_on_disk(void **state)
{
    struct subject_row subject = { .created = NOW };

    (void)state;
    (void)make_document(&subject);
    must(store_begin(store, &err));
    must(subject_handle_put(store, &subject, HANDLE_PHONE, "573001112233", NOW,
                            &err));
    must(store_commit(store, &err));
    assert_false(on_disk(CANARY, strlen(CANARY)));
    assert_false(on_disk("573001112233", 12));
}

static void erased_slot_turns_the_header_into_noise(void **state)
{
    struct subject_row subject = { .created = NOW };
    struct document_row d = make_document(&subject);
    uint8_t key[SLOT_KEY_LEN], again[SLOT_KEY_LEN];
    struct buf header = { 0 };

    (void)state;
    must(slot_key(store, d.slot, key, &err));
    assert_true(on_disk(key, sizeof(key)));
    must(slot_erase(store, &d.slot, 1, &err));
    assert_false(on_disk(key, sizeof(key)));
    assert_int_equal(document_header(store, &d, &header, &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(slot_state(store, d.slot, &err), 0);
    assert_int_equal(slot_key(store, d.slot, again, &err), -1);
    buf_free(&header);
}

static void erased_slot_takes_the_words_too(void **state)
{
    struct subject_row subject = { .created = NOW };
    struct document_row d = make_document(&subject);
    struct buf name = { 0 }, caption = { 0 };
    bool has_name, has_caption;

    (void)state;
    must(slot_erase(store, &d.slot, 1, &err));
    assert_int_equal(document_words(store, &d, &name, &has_name, &caption,
                                    &has_caption, &err),
                     -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
    buf_free(&name);
    buf_free(&caption);
}

/* ext4 overwrites in place; btrfs, and whatever lies elsewhere, does not. */
static void a_place_that_keeps_former_bytes_is_named(void **state)
{
    (void)state;
    assert_null(slot_unsafe_kind(0xef53));
    assert_null(slot_unsafe_kind(0x01021994));
    assert_string_equal(slot_unsafe_kind(0x9123683e), "btrfs");
    assert_string_equal(slot_unsafe_kind((long)(int)0x9123683e), "btrfs");
    assert_string_equal(slot_unsafe_kind(0x6969), "NFS");
    assert_ptr_equal(slot_unsafe_place(store, 0), slot_unsafe_place(store, 1));
}

/* Overwrites the first copy of a slot with rubbish. */
static void damage(uint64_t slot)
{
    static const uint8_t rubbish[64] = { 1, 2, 3 };
    char path[256];
    int fd;

    (void)snprintf(path, sizeof(path), "%s/keys/slots", folder);
    fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, rubbish, 64, (off_t)(slot * 64)), 64);
    (void)close(fd);
}

static void damaged_slot_is_repaired_from_its_mirror(void **state)
{
    uint8_t before[SLOT_KEY_LEN], after[SLOT_KEY_LEN];
    struct store *reader = NULL;
    char dir[256];

    /* Read past the writer, which remembers keys. */
    (void)state;
    (void)snprintf(dir, sizeof(dir), "%s", folder);
    must(store_open(&reader, dir, NULL, STORE_READER, &random_system, &err));
    must(slot_key(reader, 1, before, &err));
    store_close(&reader);
    damage(1);
    assert_int_equal(slot_state(store, 1, &err), -1);
    must(slot_key(store, 1, after, &err));
    assert_memory_equal(before, after, sizeof(before));
    assert_int_equal(slot_state(store, 1, &err), 1);
}

static void destroyed_slot_is_not_repaired(void **state)
{
    uint64_t slot = 2;
    uint8_t key[SLOT_KEY_LEN];

    (void)state;
    must(slot_erase(store, &slot, 1, &err));
    damage(slot);
    assert_int_equal(slot_key(store, slot, key, &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void rollback_gives_a_slot_back(void **state)
{
    uint64_t first, second;

    (void)state;
    must(store_begin(store, &err));
    must(slot_alloc(store, &first, &err));
    store_rollback(store);
    must(store_begin(store, &err));
    must(slot_alloc(store, &second, &err));
    must(store_commit(store, &err));
    assert_int_equal(first, second);
}

static void restored_database_draws_no_slot_twice(void **state)
{
    uint64_t drawn, again;

    (void)state;
    must(store_begin(store, &err));
    must(slot_alloc(store, &drawn, &err));
    must(meta_set_int(store, "slot_next", 1, &err)); /* as an old backup */
    must(store_commit(store, &err));
    store_close(&store);
    must(store_open(&store, folder, NULL, STORE_WRITER, &random_system, &err));
    must(store_begin(store, &err));
    must(slot_alloc(store, &again, &err));
    store_rollback(store);
    assert_true(again > drawn);
}

static void second_writer_is_refused(void **state)
{
    struct store *other;

    (void)state;
    assert_int_equal(
        store_open(&other, folder, NULL, STORE_WRITER, &random_system, &err),
        -1);
    assert_int_equal(err.code, ERR_BUSY);
}

static void storage_is_made_once(void **state)
{
    (void)state;
    assert_int_equal(store_create(folder, NULL, NOW, &random_system, &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
}

static void ledger_rows_cannot_be_changed(void **state)
{
    static const char *const sql[] = { "UPDATE ledger SET entry = x'00'",
                                       "DELETE FROM ledger",
                                       "UPDATE keyring SET entry = x'00'",
                                       "DELETE FROM keyring",
                                       "DROP TABLE ledger" };

    (void)state;
    for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++)
        assert_int_equal(sqlite3_exec(store->db, sql[i], NULL, NULL, NULL) &
                             0xff,
                         SQLITE_AUTH);
}

static void reader_cannot_write(void **state)
{
    struct store *reader;

    (void)state;
    must(store_open(&reader, folder, NULL, STORE_READER, &random_system, &err));
    assert_int_equal(meta_set_int(reader, "x", 1, &err), -1);
    store_close(&reader);
}

static void message_is_seen_once_also_after_the_key_changed(void **state)
{
    uint64_t erase;

    (void)state;
    must(store_begin(store, &err));
    assert_int_equal(seen_add(store, "wamid.A", &err), 1);
    assert_int_equal(seen_add(store, "wamid.A", &err), 0);
    must(seen_rotate(store, NOW + 10 * MSEC_D, &erase, &err));
    assert_int_equal(erase, 0);
    assert_int_equal(seen_add(store, "wamid.A", &err), 0);
    must(seen_rotate(store, NOW + 20 * MSEC_D, &erase, &err));
    assert_true(erase != 0);
    assert_int_equal(seen_add(store, "wamid.A", &err), 1);
    must(store_commit(store, &err));
}

static void full_disk_is_said_and_passes(void **state)
{
    static uint8_t big[1u << 20];

    (void)state;
    (void)sqlite3_set_authorizer(store->db, NULL, NULL); /* pragmas, here */
    must(sql_exec(store, "PRAGMA max_page_count = 100", &err));
    must(store_begin(store, &err));
    assert_int_equal(meta_set_bytes(store, "big", big, sizeof(big), &err), -1);
    assert_int_equal(err.code, ERR_FULL);
    store_rollback(store);
    must(sql_exec(store, "PRAGMA max_page_count = 1000000", &err));
    must(store_begin(store, &err));
    must(meta_set_bytes(store, "big", big, sizeof(big), &err));
    must(store_commit(store, &err));
}

static int count_payload(void *arg, const char *payload)
{
    (void)payload;
    ++*(int *)arg;
    return 0;
}

static void payload_has_a_name_only_when_linked(void **state)
{
    char id[ID_SIZE];
    int n = 0, fd;

    (void)state;
    id_new(id, 'p', &random_system);
    fd = blob_new(store, &err);
    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, "x", 1), 0);
    must(blob_list(store, count_payload, &n, &err));
    assert_int_equal(n, 0);
    must(blob_link(store, fd, id, &err));
    (void)close(fd);
    must(blob_list(store, count_payload, &n, &err));
    assert_int_equal(n, 1);
    must(blob_unlink(store, id, &err));
    must(blob_unlink(store, id, &err)); /* twice is fine */
    assert_int_equal(blob_open(store, id, &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(header_and_words_come_back),
        TEST(nothing_of_a_customer_is_on_disk),
        TEST(erased_slot_turns_the_header_into_noise),
        TEST(erased_slot_takes_the_words_too),
        TEST(a_place_that_keeps_former_bytes_is_named),
        TEST(damaged_slot_is_repaired_from_its_mirror),
        TEST(destroyed_slot_is_not_repaired),
        TEST(rollback_gives_a_slot_back),
        TEST(restored_database_draws_no_slot_twice),
        TEST(second_writer_is_refused),
        TEST(storage_is_made_once),
        TEST(ledger_rows_cannot_be_changed),
        TEST(reader_cannot_write),
        TEST(message_is_seen_once_also_after_the_key_changed),
        TEST(full_disk_is_said_and_passes),
        TEST(payload_has_a_name_only_when_linked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
