/*
 * registrar: what an erasure is for. An older copy of database and payloads,
 * all keys that there are today and every identity of staff together open
 * nothing of an erased person, and do not find them by their true number.
 *
 * Guessing every mobile number of a country is this question asked often: what
 * finds nobody with the right number finds nobody with any.
 */
#include "registrar_help.h"

#include <unistd.h>

#include "registrar/keep_private.h"
#include "store/store_private.h"

#define WHO   "34600000001"
#define OTHER "34600000002"
#define BSUID "ES.4711abc"

/* ---- the story ---------------------------------------------------------- */

static void give(struct fixture *f, const char *who, const char *bsuid)
{
    size_t order;
    char from[96], wamid[64];

    (void)snprintf(from, sizeof(from), "%s\",\"from_user_id\":\"%s", who,
                   bsuid);
    (void)snprintf(wamid, sizeof(wamid), "wamid.first.%s", who);
    help_message(f, from, wamid,
                 "\"type\":\"text\",\"text\":{\"body\":\"hola\"}");
    help_consenting(f, who);
    order = f->nfetches;
    (void)snprintf(wamid, sizeof(wamid), "wamid.photo.%s", who);
    help_photo(f, who, wamid);
    help_judged(f, order, "image/jpeg");
}

static int step_order(struct registrar *r, void *arg, struct error *err)
{
    struct erasure_row *row = arg;

    return erasure_order(r, row, NULL, 0, NULL, err);
}

static void erase(struct fixture *f, const char *subject)
{
    struct erasure_row row = { .requested_by = -1, .due = f->now };

    SET(row.kind, "subject");
    SET(row.subject, subject);
    SET(row.ground, "request");
    SET(row.cause, "request");
    assert_int_equal(batch_between(f->r, step_order, &row, &f->e), 0);
    for (int i = 0; i < 200 && strcmp(row.state, "done") != 0; i++) {
        (void)registrar_step(f->r);
        assert_int_equal(erasure_get(f->r->store, row.id, &row, &f->e), 1);
    }
    assert_string_equal(row.state, "done");
}

static void shell(const char *from, const char *line, const char *to)
{
    char command[1024];

    (void)snprintf(command, sizeof(command), "A='%.200s' B='%.200s'; %s", from,
                   to, line);
    assert_int_equal(system(command), 0);
}

/* ---- who tries ---------------------------------------------------------- */

/* Everything that a slot's bytes could be good for, on one row. */
struct attempt {
    const char *table, *column, *sql;
    bool header; /* wrapped under the slot itself */
};

static const struct attempt attempts[] = {
    { "handle", "value",
      "SELECT value_sealed, subject || '/' || kind || '/' || lower(hex(idx))"
      " FROM handle WHERE subject = ?1",
      false },
    { "attachment", "claims",
      "SELECT claims_sealed, id FROM attachment WHERE subject = ?1", false },
    { "outbox", "body", "SELECT body_sealed, id FROM outbox WHERE subject = ?1",
      false },
    { "document", "header",
      "SELECT header_wrapped, id, payload_sha256 FROM document"
      " WHERE subject = ?1",
      true },
};

static bool opens(struct store *s, const struct attempt *a, sqlite3_stmt *st,
                  uint64_t slot)
{
    const char *row = (const char *)sqlite3_column_text(st, 1);
    struct buf sealed = { 0 }, ad = { 0 }, plain = { 0 };
    struct error e = { 0 };
    int ok;

    assert_int_equal(sql_column_bytes(st, 0, &sealed, &e), 0);
    if (a->header) {
        assert_int_equal(buf_adds(&ad, row), 0);
        assert_int_equal(sql_column_bytes(st, 2, &ad, &e), 0);
        ok = field_unwrap(s, slot, ad.p, ad.len, sealed.p, sealed.len, &plain,
                          &e);
    } else {
        ok = field_open(s, slot, a->table, a->column, row, sealed.p, sealed.len,
                        &plain, &e);
    }
    buf_free(&sealed);
    buf_free(&ad);
    buf_free(&plain);
    return ok == 0;
}

/* Rows of a person that any slot opens; of how many. */
static size_t opened_by_any(struct store *s, const char *subject, size_t *all)
{
    size_t n = 0;

    *all = 0;
    for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
        sqlite3_stmt *st = NULL;

        assert_int_equal(
            sqlite3_prepare_v2(s->db, attempts[i].sql, -1, &st, NULL),
            SQLITE_OK);
        sqlite3_bind_text(st, 1, subject, -1, SQLITE_STATIC);
        while (sqlite3_step(st) == SQLITE_ROW) {
            bool open = false;

            ++*all;
            for (uint64_t slot = 1; !open && slot <= s->slots.filled; slot++)
                open = opens(s, &attempts[i], st, slot);
            n += open;
        }
        sqlite3_finalize(st);
    }
    return n;
}

/* Is there a handle that any slot's index key makes of this value? */
static bool found_by_any(struct store *s, enum handle_kind kind,
                         const char *value)
{
    sqlite3_stmt *st = NULL;
    bool found = false;

    assert_int_equal(sqlite3_prepare_v2(s->db,
                                        "SELECT 1 FROM handle WHERE idx = ?1",
                                        -1, &st, NULL),
                     SQLITE_OK);
    for (uint64_t slot = 1; !found && slot <= s->slots.filled; slot++) {
        uint8_t index[INDEX_LEN];
        struct error e = { 0 };

        if (field_index(s, (int64_t)slot, handle_kinds[kind], value, index,
                        &e) != 0)
            continue;
        sqlite3_reset(st);
        sqlite3_bind_blob(st, 1, index, sizeof(index), SQLITE_STATIC);
        found = sqlite3_step(st) == SQLITE_ROW;
    }
    sqlite3_finalize(st);
    return found;
}

static void staff_opens_no_evidence(struct fixture *f, struct store *s,
                                    const char *subject)
{
    sqlite3_stmt *st = NULL;
    size_t n = 0;

    assert_int_equal(
        sqlite3_prepare_v2(s->db, "SELECT id FROM evidence WHERE subject = ?1",
                           -1, &st, NULL),
        SQLITE_OK);
    sqlite3_bind_text(st, 1, subject, -1, SQLITE_STATIC);
    for (; sqlite3_step(st) == SQLITE_ROW; n++) {
        const char *id = (const char *)sqlite3_column_text(st, 0);
        const struct secret *me[] = { f->officer };
        struct buf file = { 0 }, plain = { 0 };
        struct error e = { 0 };

        assert_int_equal(evidence_get(s, id, &file, &e), 1);
        assert_int_equal(age_open(&plain, me, 1, file.p, file.len, &e), -1);
        assert_non_null(strstr(e.text, "no identity matched"));
        buf_free(&file);
    }
    sqlite3_finalize(st);
    assert_in_range(n, 2, 99);
}

/* ---- the promise -------------------------------------------------------- */

static void an_older_copy_and_all_keys_open_nothing(void **state)
{
    struct fixture *f = *state;
    char backup[160], subject[ID_SIZE], other[ID_SIZE];
    struct store *s = NULL;
    size_t all, n;

    give(f, WHO, BSUID);
    give(f, OTHER, "ES.4712");
    assert_int_equal(
        subject_find(f->r->store, HANDLE_PHONE, WHO, subject, &f->e), 1);
    assert_int_equal(
        subject_find(f->r->store, HANDLE_PHONE, OTHER, other, &f->e), 1);
    registrar_close(&f->r);
    (void)snprintf(backup, sizeof(backup), "%s/backup", f->folder);
    shell(f->dir, "cp -a $A $B", backup);

    /* The copy with the keys of that day: the attempts are worth something. */
    assert_int_equal(
        store_open(&s, backup, NULL, STORE_READER, &random_system, &f->e), 0);
    n = opened_by_any(s, subject, &all);
    assert_int_equal(n, all);
    assert_in_range(all, 6, 99);
    assert_true(found_by_any(s, HANDLE_PHONE, WHO));
    assert_true(found_by_any(s, HANDLE_BSUID, BSUID));
    store_close(&s);

    help_open(f);
    erase(f, subject);
    registrar_close(&f->r);

    /* The copy with the keys of today. The other person's rows show that these
     * are the right keys: what they have still opens, though nobody finds it
     * by a number, for the index key is gone for all. */
    shell(f->dir, "rm -rf $B/keys && cp -a $A/keys $B/", backup);
    assert_int_equal(
        store_open(&s, backup, NULL, STORE_READER, &random_system, &f->e), 0);
    assert_int_equal(opened_by_any(s, subject, &all), 0);
    assert_in_range(all, 6, 99);
    n = opened_by_any(s, other, &all);
    assert_int_equal(n, all);
    assert_false(found_by_any(s, HANDLE_PHONE, WHO));
    assert_false(found_by_any(s, HANDLE_BSUID, BSUID));
    assert_false(found_by_any(s, HANDLE_PHONE, OTHER));
    staff_opens_no_evidence(f, s, subject);
    store_close(&s);
    help_open(f);
}

/* The bytes that were the keys are in no file any more. */
static void no_file_holds_what_was_a_key(void **state)
{
    static const char *const sql[] = {
        "SELECT content_slot FROM subject ORDER BY created LIMIT 1",
        "SELECT slot FROM document ORDER BY received LIMIT 1",
        "SELECT value FROM meta WHERE key = 'index_slot'"
    };
    struct fixture *f = *state;
    uint8_t keys[3][SLOT_KEY_LEN];
    char subject[ID_SIZE], path[256];

    give(f, WHO, BSUID);
    assert_int_equal(
        subject_find(f->r->store, HANDLE_PHONE, WHO, subject, &f->e), 1);
    for (size_t i = 0; i < 3; i++) {
        sqlite3_stmt *st = NULL;

        assert_int_equal(
            sqlite3_prepare_v2(f->r->store->db, sql[i], -1, &st, NULL),
            SQLITE_OK);
        assert_int_equal(sqlite3_step(st), SQLITE_ROW);
        assert_int_equal(slot_key(f->r->store,
                                  (uint64_t)sqlite3_column_int64(st, 0),
                                  keys[i], &f->e),
                         0);
        sqlite3_finalize(st);
    }
    for (int pass = 0; pass < 2; pass++) {
        static const char *const files[] = { "keys/slots", "keys/slots.mirror",
                                             "keys/destroyed", "resguardo.db",
                                             "resguardo.db-wal" };

        for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
            struct buf bytes = { 0 };

            (void)snprintf(path, sizeof(path), "%.127s/%s", f->dir, files[i]);
            (void)file_read(path, (size_t)1 << 28, &bytes, &f->e);
            for (size_t k = 0; k < 3 && bytes.len > 0; k++)
                assert_int_equal(
                    memmem(bytes.p, bytes.len, keys[k], SLOT_KEY_LEN) != NULL,
                    pass == 0 && i < 2);
            buf_free(&bytes);
        }
        if (pass == 0)
            erase(f, subject);
    }
}

#define T(name) cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_older_copy_and_all_keys_open_nothing),
        T(no_file_holds_what_was_a_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
