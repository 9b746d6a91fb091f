/* registrar: the keyring's rows at a start, when somebody had their hands in
 * them. */
#include "registrar_help.h"

#include <sqlite3.h>

#include "resguardo/registrar_keys.h"

static struct keyring *opened;

/* The daemon's start, without the daemon: 0 or the error's code. */
static enum error_code start(struct fixture *f)
{
    struct store *s = NULL;
    struct error e = { 0 };

    assert_int_equal(
        store_open(&s, f->dir, NULL, STORE_READER, &random_system, &e), 0);
    keyring_free(&opened);
    (void)keyring_log_open(s, &opened, &e);
    assert_int_equal(opened == NULL, e.code != ERR_NONE);
    store_close(&s);
    return e.code;
}

/* Root and head as init pins them. */
static void pin_keyring(struct fixture *f)
{
    uint8_t root[KEYRING_HASH_LEN];
    char hex[HEX_SIZE(KEYRING_HASH_LEN)], path[192];

    keyring_root(f->keyring, root);
    hex_encode(hex, root, sizeof(root));
    (void)snprintf(path, sizeof(path), "%skeyring-root",
                   store_keys_dir(f->r->store));
    assert_int_equal(file_create(path, hex, strlen(hex), &f->e), 0);
    assert_int_equal(keyring_log_pin(f->r->store, f->keyring, &f->e), 0);
}

static int begin(void **state)
{
    if (help_setup(state) != 0)
        return -1;
    pin_keyring(*state);
    return 0;
}

static int end(void **state)
{
    keyring_free(&opened);
    return help_teardown(state);
}

static void tamper(struct fixture *f, const char *sql)
{
    char path[192];
    sqlite3 *db = NULL;

    (void)snprintf(path, sizeof(path), "%s/resguardo.db", f->dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, UNIT_UNGUARD, NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void sound_rows_are_taken(void **state)
{
    assert_int_equal(start(*state), ERR_NONE);
    assert_int_equal(keyring_size(opened), 2);
}

static void slipped_row_is_refused(void **state)
{
    tamper(*state, "INSERT INTO keyring SELECT 2, entry, signature FROM keyring"
                   " WHERE seq = 1");
    assert_int_equal(start(*state), ERR_VERIFY);
}

static void reordered_rows_are_refused(void **state)
{
    tamper(*state, "UPDATE keyring SET seq = seq + 10;"
                   "UPDATE keyring SET seq = 0 WHERE seq = 11");
    assert_int_equal(start(*state), ERR_VERIFY);
}

static void swapped_recipient_is_refused(void **state)
{
    tamper(*state, "UPDATE keyring SET entry = CAST(replace(CAST(entry AS TEXT)"
                   ", 'ana', 'eve') AS BLOB) WHERE seq = 0");
    assert_int_equal(start(*state), ERR_VERIFY);
}

static void empty_log_is_refused(void **state)
{
    tamper(*state, "DELETE FROM keyring");
    assert_int_equal(start(*state), ERR_VERIFY);
}

static void cut_signature_is_refused(void **state)
{
    tamper(*state, "UPDATE keyring SET signature = x'00' WHERE seq = 1");
    assert_int_equal(start(*state), ERR_VERIFY);
}

static void log_that_is_shorter_than_pinned_is_refused(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(start(f), ERR_NONE);
    tamper(f, "DELETE FROM keyring WHERE seq = 1");
    assert_int_equal(start(f), ERR_VERIFY);
}

static void pin_of_another_log_is_refused(void **state)
{
    struct fixture *f = *state;
    char path[192], text[80];

    assert_int_equal(start(f), ERR_NONE);
    (void)snprintf(path, sizeof(path), "%skeyring-head",
                   store_keys_dir(f->r->store));
    (void)snprintf(text, sizeof(text), "1 %064d\n", 0);
    assert_int_equal(file_replace(path, text, strlen(text), &f->e), 0);
    assert_int_equal(start(f), ERR_VERIFY);
    assert_int_equal(file_replace(path, "rubbish", 7, &f->e), 0);
    assert_int_equal(start(f), ERR_VERIFY);
}

/* Whoever takes the pin away may have put an older log back. */
static void missing_pin_is_no_first_start(void **state)
{
    struct fixture *f = *state;
    char path[192];

    (void)snprintf(path, sizeof(path), "%skeyring-head",
                   store_keys_dir(f->r->store));
    assert_int_equal(start(f), ERR_NONE);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(start(f), ERR_VERIFY);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sound_rows_are_taken),
        TEST(slipped_row_is_refused),
        TEST(reordered_rows_are_refused),
        TEST(swapped_recipient_is_refused),
        TEST(empty_log_is_refused),
        TEST(cut_signature_is_refused),
        TEST(log_that_is_shorter_than_pinned_is_refused),
        TEST(pin_of_another_log_is_refused),
        TEST(missing_pin_is_no_first_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
