/* Documents that go to customers, and the code that somebody gave them for it.
 */
#include "store_private.h"

#include <string.h>

enum {
    C_ADD,
    C_UPDATE,
    C_NEWEST,
    C_VOID,
    C_STOOD,
    D_ADD,
    D_UPDATE,
    D_GET,
    D_OF_MESSAGE,
    D_FILE,
    D_LATE
};

#define CHECK_COLUMNS                                                          \
    "id, subject, policy, number, case_id, until, tries, passed"
#define DELIVERY_COLUMNS                                                       \
    "id, subject, policy, number, case_id, state, coalesce(reason, ''),"       \
    " ordered_by, made, coalesce(outbox, ''), coalesce(template, ''),"         \
    " coalesce(forget, '')"

static const char *const sql[] = {
    [C_ADD] = "INSERT INTO identity_check (" CHECK_COLUMNS ", code_idx)"
              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [C_UPDATE] = "UPDATE identity_check SET until = ?2, tries = ?3, passed = ?4"
                 " WHERE id = ?1",
    [C_NEWEST] = "SELECT " CHECK_COLUMNS ", code_idx FROM identity_check"
                 " WHERE subject = ?1 AND policy = ?2"
                 " ORDER BY rowid DESC LIMIT 1",
    [C_VOID] = "UPDATE identity_check SET until = 0, passed = 0"
               " WHERE subject = ?1",
    [C_STOOD] = "SELECT count(*) FROM identity_check WHERE subject = ?1"
                " AND policy = ?2 AND case_id = ?3 AND passed > 0"
                " AND passed <= ?4",
    [D_ADD] = "INSERT INTO delivery (id, subject, policy, number, case_id,"
              " state, reason, ordered_by, made, outbox, file_sealed,"
              " template, forget) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
              " ?10, ?11, ?12, ?13)",
    [D_UPDATE] = "UPDATE delivery SET state = ?2, reason = ?3, outbox = ?4,"
                 " template = ?5, forget = ?6 WHERE id = ?1",
    [D_GET] = "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE id = ?1",
    [D_OF_MESSAGE] =
        "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE outbox = ?1",
    [D_FILE] = "SELECT d.file_sealed, s.content_slot FROM delivery d"
               " JOIN subject s ON s.id = d.subject WHERE d.id = ?1",
    [D_LATE] = "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE made < ?1"
               " AND state = 'ordered' ORDER BY made LIMIT ?2",
};
STATEMENTS(SQL_DELIVERY)

/* ---- the code ----------------------------------------------------------- */

/* Under a key that goes with the person: six digits are no secret to who has
 * the row and the key of nothing. */
static int code_index(struct store *store, const char *subject,
                      const char *check, const char *code,
                      uint8_t out[static INDEX_LEN], struct error *err)
{
    struct subject_row row;
    struct buf value = { 0 };
    int ok = -1;

    if (subject_need(store, subject, &row, err) != 0)
        return -1;
    if (buf_addf(&value, "%s:%s", check, code) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a code");
    else
        ok = field_index(store, (int64_t)row.content_slot, "code",
                         (const char *)value.p, out, err);
    buf_free(&value);
    return ok;
}

struct check_read {
    struct identity_check_row row;
    uint8_t index[INDEX_LEN];
};

static int check_read(sqlite3_stmt *st, void *out, struct error *err)
{
    struct check_read *c = out;

    memset(c, 0, sizeof(*c));
    COLUMN_TEXT(st, 0, c->row.id);
    COLUMN_TEXT(st, 1, c->row.subject);
    COLUMN_TEXT(st, 2, c->row.policy);
    COLUMN_TEXT(st, 3, c->row.number);
    COLUMN_TEXT(st, 4, c->row.case_id);
    c->row.until = sqlite3_column_int64(st, 5);
    c->row.tries = sqlite3_column_int(st, 6);
    c->row.passed = sqlite3_column_int64(st, 7);
    return sql_column_fixed(st, 8, c->index, INDEX_LEN, err);
}

int identity_check_add(struct store *store,
                       const struct identity_check_row *row, const char *code,
                       struct error *err)
{
    uint8_t index[INDEX_LEN];
    sqlite3_stmt *st;

    if (code_index(store, row->subject, row->id, code, index, err) != 0 ||
        (st = get(store, C_ADD, err)) == NULL)
        return -1;
    sql_text(st, 1, row->id);
    sql_text(st, 2, row->subject);
    sql_text(st, 3, row->policy);
    sql_text(st, 4, row->number);
    sql_text(st, 5, row->case_id);
    sql_int(st, 6, row->until);
    sql_int(st, 7, row->tries);
    sql_int(st, 8, row->passed);
    sql_bytes(st, 9, index, sizeof(index));
    return sql_run(store, st, err);
}

int identity_check_update(struct store *store,
                          const struct identity_check_row *row,
                          struct error *err)
{
    sqlite3_stmt *st = get(store, C_UPDATE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, row->id);
    sql_int(st, 2, row->until);
    sql_int(st, 3, row->tries);
    sql_int(st, 4, row->passed);
    return sql_run_one(store, st, err);
}

int identity_check_newest(struct store *store, const char *subject,
                          const char *policy, const char *code,
                          struct identity_check_row *out, bool *is,
                          struct error *err)
{
    sqlite3_stmt *st = get(store, C_NEWEST, err);
    uint8_t index[INDEX_LEN];
    struct check_read c;
    int found;

    *is = false;
    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, policy);
    found = row_one(store, st, check_read, &c, err);
    if (found <= 0)
        return found;
    *out = c.row;
    if (code == NULL)
        return 1;
    if (code_index(store, subject, c.row.id, code, index, err) != 0)
        return -1;
    *is = memcmp(index, c.index, INDEX_LEN) == 0;
    return 1;
}

int identity_check_void(struct store *store, const char *subject,
                        struct error *err)
{
    sqlite3_stmt *st = get(store, C_VOID, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    return sql_run(store, st, err);
}

int identity_check_stands(struct store *store, const char *subject,
                          const char *policy, const char *case_id, msec at,
                          struct error *err)
{
    sqlite3_stmt *st = get(store, C_STOOD, err);
    int64_t n;

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, policy);
    sql_text(st, 3, case_id);
    sql_int(st, 4, at);
    n = row_number(store, st, err);
    return n < 0 ? -1 : n > 0;
}

/* ---- the document ------------------------------------------------------- */

static int row_read(sqlite3_stmt *st, void *out, struct error *err)
{
    struct delivery_row *row = out;

    (void)err;
    memset(row, 0, sizeof(*row));
    COLUMN_TEXT(st, 0, row->id);
    COLUMN_TEXT(st, 1, row->subject);
    COLUMN_TEXT(st, 2, row->policy);
    COLUMN_TEXT(st, 3, row->number);
    COLUMN_TEXT(st, 4, row->case_id);
    COLUMN_TEXT(st, 5, row->state);
    COLUMN_TEXT(st, 6, row->reason);
    row->ordered_by = (uint32_t)sqlite3_column_int64(st, 7);
    row->made = sqlite3_column_int64(st, 8);
    COLUMN_TEXT(st, 9, row->outbox);
    COLUMN_TEXT(st, 10, row->template);
    COLUMN_TEXT(st, 11, row->forget);
    return 0;
}

int delivery_add(struct store *store, const struct delivery_row *row,
                 const void *file, size_t len, struct error *err)
{
    struct subject_row subject;
    struct buf sealed = { 0 };
    sqlite3_stmt *st;
    int ok = -1;

    if (subject_need(store, row->subject, &subject, err) != 0 ||
        field_seal(store, subject.content_slot, "delivery", "file", row->id,
                   file, len, &sealed, err) != 0 ||
        (st = get(store, D_ADD, err)) == NULL)
        goto out;
    sql_text(st, 1, row->id);
    sql_text(st, 2, row->subject);
    sql_text(st, 3, row->policy);
    sql_text(st, 4, row->number);
    sql_text(st, 5, row->case_id);
    sql_text(st, 6, row->state);
    sql_text_or_null(st, 7, row->reason);
    sql_int(st, 8, row->ordered_by);
    sql_int(st, 9, row->made);
    sql_text_or_null(st, 10, row->outbox);
    sql_bytes(st, 11, sealed.p, sealed.len);
    sql_text_or_null(st, 12, row->template);
    sql_text_or_null(st, 13, row->forget);
    ok = sql_run(store, st, err);
out:
    buf_free(&sealed);
    return ok;
}

int delivery_update(struct store *store, const struct delivery_row *row,
                    struct error *err)
{
    sqlite3_stmt *st = get(store, D_UPDATE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, row->id);
    sql_text(st, 2, row->state);
    sql_text_or_null(st, 3, row->reason);
    sql_text_or_null(st, 4, row->outbox);
    sql_text_or_null(st, 5, row->template);
    sql_text_or_null(st, 6, row->forget);
    return sql_run_one(store, st, err);
}

static int by_text(struct store *store, int which, const char *value,
                   struct delivery_row *out, struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, value);
    return row_one(store, st, row_read, out, err);
}

int delivery_get(struct store *store, const char *id, struct delivery_row *out,
                 struct error *err)
{
    return by_text(store, D_GET, id, out, err);
}

int delivery_of_message(struct store *store, const char *outbox,
                        struct delivery_row *out, struct error *err)
{
    return by_text(store, D_OF_MESSAGE, outbox, out, err);
}

int delivery_file(struct store *store, const char *id, struct buf *out,
                  struct error *err)
{
    sqlite3_stmt *st = get(store, D_FILE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_open(store, st, "delivery", "file", id, out, err);
}

ROWS_EACH(each_row, struct delivery_row, row_read)

int delivery_late(struct store *store, msec before, size_t max,
                  int (*each)(void *arg, const struct delivery_row *),
                  void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, D_LATE, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, before);
    sql_int(st, 2, (int64_t)max);
    return each_row(store, st, each, arg, err);
}
