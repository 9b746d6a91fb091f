/* Data subjects and how they are reached. */
#include "store_private.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

/* Characters of an id that say when it was made, to 8 ms. */
#define ORDERED 9

enum {
    ADD,
    GET,
    FIND,
    HANDLE_PUT,
    HANDLE_DROP_NAME,
    HANDLE_GET,
    NEWEST,
    HANDLE_DROP,
    HANDLE_EACH,
    HANDLE_REMOVE,
    SET_MINOR,
    SET_LANGUAGE,
    GAIN
};

#define COLUMNS                                                                \
    "s.id, s.content_slot, s.evidence_slot, s.created, s.contact,"             \
    " coalesce(s.blocked, 0), coalesce(s.block_until, 0), s.has, s.minor,"     \
    " coalesce(s.asks, 0), s.language"
/* What nearly everybody has from their first message on is written with the
 * person, and costs no write of its own. */
#define AT_FIRST ((unsigned)(PERSON_HANDLE | PERSON_PROMPT | PERSON_FILE))

static const char *const sql[] = {
    [ADD] = "INSERT INTO subject (id, content_slot, evidence_slot, created,"
            " contact, review, has) VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6)",
    [GET] = "SELECT " COLUMNS " FROM subject s WHERE s.id = ?1",
    [FIND] = "SELECT " COLUMNS " FROM handle h JOIN subject s"
             " ON s.id = h.subject WHERE h.kind = ?1 AND h.idx = ?2",
    [HANDLE_PUT] = "INSERT INTO handle (kind, idx, key_slot, subject,"
                   " value_sealed, seen) VALUES (?1, ?2, ?6, ?3, ?4, ?5)"
                   " ON CONFLICT (kind, idx) DO UPDATE SET"
                   " key_slot = excluded.key_slot,"
                   " subject = excluded.subject,"
                   " value_sealed = excluded.value_sealed,"
                   " seen = excluded.seen",
    [HANDLE_DROP_NAME] = "DELETE FROM handle WHERE subject = ?1"
                         " AND kind = 'name'",
    /* Left alone, the planner walks through everybody's numbers. */
    [NEWEST] = "SELECT kind, idx FROM handle INDEXED BY handle_subject"
               " WHERE subject = ?1 ORDER BY kind, seen",
    [HANDLE_GET] = "SELECT value_sealed, idx FROM handle"
                   " INDEXED BY handle_subject WHERE subject = ?1"
                   " AND kind = ?2 ORDER BY seen DESC LIMIT 1",
    [HANDLE_DROP] = "DELETE FROM handle WHERE kind = ?1 AND idx = ?2",
    [HANDLE_EACH] = "SELECT value_sealed, idx FROM handle"
                    " INDEXED BY handle_subject WHERE subject = ?1"
                    " AND kind = ?2 ORDER BY seen DESC",
    [HANDLE_REMOVE] = "DELETE FROM handle WHERE subject = ?1",
    [SET_MINOR] = "UPDATE subject SET minor = ?2 WHERE id = ?1",
    [SET_LANGUAGE] = "UPDATE subject SET language = ?2 WHERE id = ?1",
    [GAIN] = "UPDATE subject SET has = has | ?2 WHERE id = ?1",
};

const char *const handle_kinds[HANDLE__MAX] = { "phone", "bsuid", "parent",
                                                "name" };
STATEMENTS(SQL_SUBJECT)

int subject_add(struct store *store, struct subject_row *row, struct error *err)
{
    sqlite3_stmt *st;

    if (slot_alloc(store, &row->content_slot, err) != 0 ||
        slot_alloc(store, &row->evidence_slot, err) != 0 ||
        (st = get(store, ADD, err)) == NULL)
        return -1;
    sql_text(st, 1, row->id);
    sql_int(st, 2, (int64_t)row->content_slot);
    sql_int(st, 3, (int64_t)row->evidence_slot);
    sql_int(st, 4, row->created);
    sql_int(st, 5, row->created + LIMIT_REVIEW_D * MSEC_D);
    sql_int(st, 6, AT_FIRST);
    if (sql_run(store, st, err) != 0)
        return -1;
    row->contact = row->created;
    row->blocked = row->block_until = row->asks = 0;
    row->minor = 0;
    row->language[0] = '\0';
    row->has = AT_FIRST;
    store->person = *row;
    store->person_has = 0;
    store->person_known = store->mode == STORE_WRITER;
    return 0;
}

static void row_read(sqlite3_stmt *st, struct subject_row *row)
{
    memset(row, 0, sizeof(*row));
    COLUMN_TEXT(st, 0, row->id);
    row->content_slot = (uint64_t)sqlite3_column_int64(st, 1);
    row->evidence_slot = (uint64_t)sqlite3_column_int64(st, 2);
    row->created = sqlite3_column_int64(st, 3);
    row->contact = sqlite3_column_int64(st, 4);
    row->blocked = sqlite3_column_int64(st, 5);
    row->block_until = sqlite3_column_int64(st, 6);
    row->has = (unsigned)sqlite3_column_int(st, 7);
    row->minor = sqlite3_column_int(st, 8);
    row->asks = sqlite3_column_int64(st, 9);
    COLUMN_TEXT(st, 10, row->language);
}

/* Several rows of one person are written in a row. */
static void remember(struct store *store, const struct subject_row *row)
{
    store->person = *row;
    store->person_has = row->has;
    store->person_known = store->mode == STORE_WRITER;
}

static bool knows(const struct store *store, const char *id)
{
    return store->person_known && strcmp(store->person.id, id) == 0;
}

int subject_set_minor(struct store *store, const char *id, int minor,
                      struct error *err)
{
    sqlite3_stmt *st = get(store, SET_MINOR, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    sql_int(st, 2, minor);
    subject_changed(store);
    return sql_run_one(store, st, err);
}

int subject_set_language(struct store *store, const char *id,
                         const char *language, struct error *err)
{
    sqlite3_stmt *st = get(store, SET_LANGUAGE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    sql_text(st, 2, language);
    subject_changed(store);
    return sql_run_one(store, st, err);
}

int subject_get(struct store *store, const char *id, struct subject_row *out,
                struct error *err)
{
    sqlite3_stmt *st;
    int row;

    if (knows(store, id)) {
        *out = store->person;
        return 1;
    }
    if ((st = get(store, GET, err)) == NULL)
        return -1;
    sql_text(st, 1, id);
    if ((row = sql_step(store, st, err)) != 1)
        return row;
    row_read(st, out);
    sql_done(st);
    remember(store, out);
    return 1;
}

int subject_has(struct store *store, const char *id, enum person_has what,
                struct error *err)
{
    struct subject_row row;
    int found = 1;

    if (store->mode != STORE_WRITER)
        return 1;
    if (!knows(store, id))
        found = subject_get(store, id, &row, err);
    return found <= 0 ? found : (store->person_has & (unsigned)what) != 0;
}

int subject_gains(struct store *store, const char *id, enum person_has what,
                  struct error *err)
{
    sqlite3_stmt *st;
    int has = subject_has(store, id, what, err);

    if (has != 0)
        return has < 0 ? -1 : 0;
    if (!knows(store, id))
        return error_set(err, ERR_INVARIANT, "a row of nobody");
    store->person_has |= (unsigned)what;
    if ((store->person.has & (unsigned)what) != 0)
        return 0;
    store->person.has |= (unsigned)what;
    if ((st = get(store, GAIN, err)) == NULL)
        return -1;
    sql_text(st, 1, id);
    sql_int(st, 2, what);
    return sql_run_one(store, st, err);
}

void subject_changed(struct store *store)
{
    store->person_known = false;
}

int subject_need(struct store *store, const char *id, struct subject_row *out,
                 struct error *err)
{
    int found = subject_get(store, id, out, err);

    if (found == 0)
        error_set(err, ERR_INVARIANT, "a row of nobody");
    return found == 1 ? 0 : -1;
}

static int find_under(struct store *store, int64_t key_slot,
                      enum handle_kind kind, const char *value,
                      char id[static ID_SIZE], struct error *err)
{
    struct subject_row person;
    uint8_t index[INDEX_LEN];
    sqlite3_stmt *st;
    int row;

    if (field_index(store, key_slot, handle_kinds[kind], value, index, err) !=
            0 ||
        (st = get(store, FIND, err)) == NULL)
        return -1;
    sql_text(st, 1, handle_kinds[kind]);
    sql_bytes(st, 2, index, sizeof(index));
    if ((row = sql_step(store, st, err)) == 1) {
        row_read(st, &person);
        memcpy(id, person.id, ID_SIZE);
    }
    sql_done(st);
    if (row == 1 && !knows(store, id))
        remember(store, &person);
    return row;
}

/* While handles move to another key, each is under one of two. A key that is
 * gone finds nobody. */
int subject_find(struct store *store, enum handle_kind kind, const char *value,
                 char id[static ID_SIZE], struct error *err)
{
    int found;

    if (meta_numbers(store, err) != 0)
        return -1;
    found = find_under(store, store->index_slot, kind, value, id, err);
    if (found != 0 || store->index_former == 0)
        return found;
    found = find_under(store, store->index_former, kind, value, id, err);
    return found < 0 && err->code == ERR_NOT_FOUND ? 0 : found;
}

void handle_row_name(char out[static HANDLE_ROW_SIZE], enum handle_kind kind,
                     const char *subject, const uint8_t index[static INDEX_LEN])
{
    char hex[HEX_SIZE(INDEX_LEN)];

    hex_encode(hex, index, INDEX_LEN);
    out = stpcpy(out, subject);
    *out++ = '/';
    out = stpcpy(out, handle_kinds[kind]);
    *out++ = '/';
    (void)stpcpy(out, hex);
}

/* Profile names are shared by many: a name's index is the person's alone, and
 * lies in the order of the persons. */
int handle_index(struct store *store, int64_t key_slot, const char *subject,
                 enum handle_kind kind, const char *value,
                 uint8_t index[static INDEX_LEN], struct error *err)
{
    struct buf whose = { 0 };
    int ok = -1;

    if (kind != HANDLE_NAME)
        return field_index(store, key_slot, handle_kinds[kind], value, index,
                           err);
    if (buf_addf(&whose, "%s/%s", subject, value) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a name");
    else
        ok = field_index(store, key_slot, handle_kinds[kind], (char *)whose.p,
                         index, err);
    if (ok == 0)
        memcpy(index, subject + 1, ORDERED);
    buf_free(&whose);
    return ok;
}

int handle_kind_of(const char *name)
{
    for (int i = 0; name != NULL && i < HANDLE__MAX; i++)
        if (strcmp(handle_kinds[i], name) == 0)
            return i;
    return -1;
}

/* The newest of each kind; all zero where there is none. */
static int newest_read(struct store *store, const char *subject,
                       uint8_t newest[static HANDLE__MAX][INDEX_LEN],
                       struct error *err)
{
    int row, has = subject_has(store, subject, PERSON_HANDLE, err);
    sqlite3_stmt *st;

    if (has <= 0)
        return has;
    if ((st = get(store, NEWEST, err)) == NULL)
        return -1;
    sql_text(st, 1, subject);
    while ((row = sql_step(store, st, err)) > 0) {
        int kind = handle_kind_of((const char *)sqlite3_column_text(st, 0));

        if (kind >= 0 &&
            sql_column_fixed(st, 1, newest[kind], INDEX_LEN, err) != 0) {
            row = -1;
            break;
        }
    }
    sql_done(st);
    return row;
}

static int handle_put(struct store *store, const struct subject_row *subject,
                      enum handle_kind kind, bool replaced, const char *value,
                      const uint8_t index[static INDEX_LEN], msec seen,
                      struct error *err)
{
    struct buf sealed = { 0 };
    sqlite3_stmt *st;
    char name[HANDLE_ROW_SIZE];
    int ok = -1;

    if (subject_gains(store, subject->id, PERSON_HANDLE, err) != 0)
        goto out;
    if (kind == HANDLE_NAME && replaced) {
        if ((st = get(store, HANDLE_DROP_NAME, err)) == NULL)
            goto out;
        sql_text(st, 1, subject->id);
        if (sql_run(store, st, err) != 0)
            goto out;
    }
    handle_row_name(name, kind, subject->id, index);
    if (field_seal(store, subject->content_slot, "handle", "value", name, value,
                   strlen(value), &sealed, err) != 0 ||
        (st = get(store, HANDLE_PUT, err)) == NULL)
        goto out;
    sql_text(st, 1, handle_kinds[kind]);
    sql_bytes(st, 2, index, INDEX_LEN);
    sql_text(st, 3, subject->id);
    sql_bytes(st, 4, sealed.p, sealed.len);
    sql_int(st, 5, seen);
    sql_int(st, 6, store->index_slot);
    ok = sql_run(store, st, err);
out:
    buf_free(&sealed);
    return ok;
}

/* The row that has not moved to the current key yet: 1 when it is this person's
 * newest, else it is taken away, whosever it is, and 0; -1. */
static int former_row(struct store *store, const char *subject,
                      enum handle_kind kind, const char *value,
                      const uint8_t newest[static INDEX_LEN], struct error *err)
{
    uint8_t index[INDEX_LEN];
    sqlite3_stmt *st;

    if (store->index_former == 0)
        return 0;
    if (handle_index(store, store->index_former, subject, kind, value, index,
                     err) != 0)
        return err->code == ERR_NOT_FOUND ? 0 : -1;
    if (memcmp(newest, index, sizeof(index)) == 0)
        return 1;
    if ((st = get(store, HANDLE_DROP, err)) == NULL)
        return -1;
    sql_text(st, 1, handle_kinds[kind]);
    sql_bytes(st, 2, index, sizeof(index));
    return sql_run(store, st, err);
}

int subject_handles_put(struct store *store, const struct subject_row *subject,
                        const char *const values[static HANDLE__MAX], msec seen,
                        struct error *err)
{
    uint8_t newest[HANDLE__MAX][INDEX_LEN] = { 0 }, index[INDEX_LEN];

    if (meta_numbers(store, err) != 0 ||
        newest_read(store, subject->id, newest, err) != 0)
        return -1;
    for (int kind = 0; kind < HANDLE__MAX; kind++) {
        const char *value = values[kind];
        int former;

        if (value == NULL || value[0] == '\0')
            continue;
        if (handle_index(store, store->index_slot, subject->id,
                         (enum handle_kind)kind, value, index, err) != 0)
            return -1;
        if (memcmp(newest[kind], index, sizeof(index)) == 0)
            continue;
        former = former_row(store, subject->id, (enum handle_kind)kind, value,
                            newest[kind], err);
        if (former < 0)
            return -1;
        if (former == 0 &&
            handle_put(store, subject, (enum handle_kind)kind,
                       sodium_is_zero(newest[kind], INDEX_LEN) == 0, value,
                       index, seen, err) != 0)
            return -1;
    }
    return 0;
}

int subject_handle_put(struct store *store, const struct subject_row *subject,
                       enum handle_kind kind, const char *value, msec seen,
                       struct error *err)
{
    const char *values[HANDLE__MAX] = { 0 };

    values[kind] = value;
    return subject_handles_put(store, subject, values, seen, err);
}

int subject_handle_get(struct store *store, const char *id,
                       enum handle_kind kind, struct buf *out,
                       struct error *err)
{
    struct subject_row subject;
    struct buf sealed = { 0 };
    uint8_t index[INDEX_LEN];
    sqlite3_stmt *st;
    char name[HANDLE_ROW_SIZE];
    int row = subject_get(store, id, &subject, err);

    if (row != 1)
        return row;
    if ((st = get(store, HANDLE_GET, err)) == NULL)
        return -1;
    sql_text(st, 1, id);
    sql_text(st, 2, handle_kinds[kind]);
    if ((row = sql_step(store, st, err)) == 1 &&
        (sql_column_bytes(st, 0, &sealed, err) != 0 ||
         sql_column_fixed(st, 1, index, sizeof(index), err) != 0))
        row = -1;
    sql_done(st);
    if (row == 1) {
        handle_row_name(name, kind, id, index);
        if (field_open(store, subject.content_slot, "handle", "value", name,
                       sealed.p, sealed.len, out, err) != 0)
            row = -1;
    }
    buf_free(&sealed);
    return row;
}

/* One of a person's handles, opened and shown. */
static int show(struct store *store, const struct subject_row *subject,
                enum handle_kind kind, sqlite3_stmt *st,
                int (*each)(void *arg, const char *value), void *arg,
                struct error *err)
{
    struct buf sealed = { 0 }, value = { 0 };
    uint8_t index[INDEX_LEN];
    char name[HANDLE_ROW_SIZE];
    int ok = -1;

    if (sql_column_bytes(st, 0, &sealed, err) != 0 ||
        sql_column_fixed(st, 1, index, sizeof(index), err) != 0)
        goto out;
    handle_row_name(name, kind, subject->id, index);
    if (field_open(store, subject->content_slot, "handle", "value", name,
                   sealed.p, sealed.len, &value, err) == 0)
        ok = each(arg, (const char *)value.p);
    else if (err->code == ERR_NOT_FOUND)
        ok = 0;
out:
    buf_free(&sealed);
    buf_free(&value);
    return ok;
}

int handle_of_person(struct store *store, const char *id, enum handle_kind kind,
                     int (*each)(void *arg, const char *value), void *arg,
                     struct error *err)
{
    struct subject_row subject;
    sqlite3_stmt *st;
    int row = subject_get(store, id, &subject, err), stop = 0;

    if (row != 1)
        return row;
    if ((st = get(store, HANDLE_EACH, err)) == NULL)
        return -1;
    sql_text(st, 1, id);
    sql_text(st, 2, handle_kinds[kind]);
    while (stop == 0 && (row = sql_step(store, st, err)) > 0)
        stop = show(store, &subject, kind, st, each, arg, err);
    sql_done(st);
    return stop != 0 ? stop : row;
}

int handle_remove(struct store *store, const char *subject, struct error *err)
{
    sqlite3_stmt *st = get(store, HANDLE_REMOVE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    return sql_run(store, st, err);
}
