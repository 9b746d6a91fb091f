/* Documents that go to customers, and the code that somebody gave them for it.
 */
#include "columns_private.h"

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
    "id, subject, policy, number, case_id, state, reason, ordered_by, made,"   \
    " outbox, template, forget"

static const char *const sql[] = {
    [C_ADD] = "INSERT INTO identity_check (" CHECK_COLUMNS ", code_idx)"
              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [C_UPDATE] = "UPDATE identity_check SET until = ?6, tries = ?7, passed = ?8"
                 " WHERE id = ?1",
    [C_NEWEST] = "SELECT " CHECK_COLUMNS ", code_idx FROM identity_check"
                 " WHERE subject = ?1 AND policy = ?2"
                 " ORDER BY rowid DESC LIMIT 1",
    [C_VOID] = "UPDATE identity_check SET until = 0, passed = 0"
               " WHERE subject = ?1",
    [C_STOOD] = "SELECT count(*) FROM identity_check WHERE subject = ?1"
                " AND policy = ?2 AND case_id = ?3 AND passed > 0"
                " AND passed <= ?4",
    [D_ADD] = "INSERT INTO delivery (" DELIVERY_COLUMNS ", file_sealed)"
              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
              " ?13)",
    [D_UPDATE] = "UPDATE delivery SET state = ?6, reason = ?7, outbox = ?10,"
                 " template = ?11, forget = ?12 WHERE id = ?1",
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

#define ROW struct identity_check_row
static const struct column check_columns[] = { VALUE(id),      VALUE(subject),
                                               VALUE(policy),  VALUE(number),
                                               VALUE(case_id), VALUE(until),
                                               VALUE(tries),   VALUE(passed) };
ROW_READ(check_row_read, check_columns)

struct check_read {
    struct identity_check_row row;
    uint8_t index[INDEX_LEN];
};

static int check_read(sqlite3_stmt *st, void *out, struct error *err)
{
    struct check_read *c = out;

    if (check_row_read(st, &c->row, err) != 0)
        return -1;
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
    columns_bind(st, check_columns, row);
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
    columns_bind(st, check_columns, row);
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

#undef ROW
#define ROW struct delivery_row
static const struct column columns[] = {
    VALUE(id),      VALUE(subject), VALUE(policy),   VALUE(number),
    VALUE(case_id), VALUE(state),   MAYBE(reason),   VALUE(ordered_by),
    VALUE(made),    MAYBE(outbox),  MAYBE(template), MAYBE(forget)
};
ROW_READ(row_read, columns)

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
    columns_bind(st, columns, row);
    sql_bytes(st, 13, sealed.p, sealed.len);
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
    columns_bind(st, columns, row);
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
