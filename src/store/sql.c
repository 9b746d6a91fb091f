/* SQLite's calls, its codes as our errors. */
#include "store_private.h"

#include <string.h>

/* The first binding that failed since sql_get; the statement is not run. */
static _Thread_local int bind_failure;

int sql_error(struct store *store, int code, struct error *err)
{
    const char *what = store->db != NULL ? sqlite3_errstr(code) : "no database";

    switch (code & 0xff) {
    case SQLITE_FULL:
        return error_set(err, ERR_FULL, "storage is full");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(err, ERR_BUSY, "the database is locked");
    case SQLITE_NOMEM:
        return error_set(err, ERR_NOMEM, "no memory for the database");
    case SQLITE_CONSTRAINT:
        return error_set(err, ERR_CONFLICT, "the database refused: %s",
                         sqlite3_errstr(code));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return error_set(err, ERR_VERIFY, "the database is damaged: %s", what);
    case SQLITE_AUTH:
    case SQLITE_READONLY:
        return error_set(err, ERR_NOT_PERMITTED, "the database refused: %s",
                         what);
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_ERROR:
        return error_set(err, ERR_INTERNAL, "the database refused: %s (%d)",
                         what, code);
    default:
        return error_set(err, ERR_IO, "the database failed: %s (%d)", what,
                         code);
    }
}

sqlite3_stmt *sql_get(struct store *store, int number, const char *sql,
                      struct error *err)
{
    sqlite3_stmt **statement = &store->statements[number];

    if (*statement == NULL) {
        int code = sqlite3_prepare_v3(
            store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
        if (code != SQLITE_OK) {
            sql_error(store, code, err);
            return NULL;
        }
    }
    sqlite3_reset(*statement);
    sqlite3_clear_bindings(*statement);
    bind_failure = SQLITE_OK;
    return *statement;
}

/* Some errors make SQLite roll back the whole transaction: remember why. */
static int failed(struct store *store, int code, struct error *err)
{
    (void)sql_error(store, code, err);
    if (store->begun && store->undone == ERR_NONE &&
        sqlite3_get_autocommit(store->db) != 0)
        store->undone = err->code;
    return -1;
}

/* A write needs a transaction that is still there. */
static int may_run(struct store *store, sqlite3_stmt *statement,
                   struct error *err)
{
    if (bind_failure != SQLITE_OK)
        return sql_error(store, bind_failure, err);
    if (sqlite3_stmt_readonly(statement) != 0 ||
        sqlite3_get_autocommit(store->db) == 0)
        return 0;
    if (store->begun && store->undone != ERR_NONE)
        return error_set(err, store->undone, "the transaction was rolled back");
    return error_set(err, ERR_INTERNAL, "a write outside a transaction");
}

int sql_step(struct store *store, sqlite3_stmt *statement, struct error *err)
{
    int code;

    if (may_run(store, statement, err) != 0) {
        sql_done(statement);
        return -1;
    }
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        return 1;
    sql_done(statement);
    return code == SQLITE_DONE ? 0 : failed(store, code, err);
}

int sql_run(struct store *store, sqlite3_stmt *statement, struct error *err)
{
    int row = sql_step(store, statement, err);

    sql_done(statement);
    return row < 0 ? -1 : 0;
}

int sql_run_one(struct store *store, sqlite3_stmt *statement, struct error *err)
{
    if (sql_run(store, statement, err) != 0)
        return -1;
    if (sqlite3_changes(store->db) != 1)
        return error_set(err, ERR_INVARIANT, "no such row to change");
    return 0;
}

int sql_exec(struct store *store, const char *sql, struct error *err)
{
    int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? 0 : sql_error(store, code, err);
}

void sql_done(sqlite3_stmt *statement)
{
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

static void bound(int code)
{
    if (bind_failure == SQLITE_OK)
        bind_failure = code;
}

void sql_text(sqlite3_stmt *statement, int i, const char *value)
{
    bound(sqlite3_bind_text(statement, i, value, -1, SQLITE_STATIC));
}

void sql_text_or_null(sqlite3_stmt *statement, int i, const char *value)
{
    if (value != NULL && value[0] != '\0')
        sql_text(statement, i, value);
}

void sql_text_of(sqlite3_stmt *statement, int i, const void *p, size_t len)
{
    bound(
        sqlite3_bind_text64(statement, i, p, len, SQLITE_STATIC, SQLITE_UTF8));
}

void sql_int(sqlite3_stmt *statement, int i, int64_t value)
{
    bound(sqlite3_bind_int64(statement, i, value));
}

void sql_bytes(sqlite3_stmt *statement, int i, const void *p, size_t len)
{
    if (len == 0)
        bound(sqlite3_bind_zeroblob(statement, i, 0));
    else
        bound(sqlite3_bind_blob64(statement, i, p, len, SQLITE_STATIC));
}

void sql_column_text(sqlite3_stmt *statement, int i, char *out, size_t cap)
{
    const char *text = (const char *)sqlite3_column_text(statement, i);
    size_t len = text == NULL ? 0 : strlen(text);

    if (len >= cap)
        len = cap - 1;
    if (len > 0)
        memcpy(out, text, len);
    memset(out + len, 0, cap - len);
}

int sql_column_bytes(sqlite3_stmt *statement, int i, struct buf *out,
                     struct error *err)
{
    const void *p = sqlite3_column_blob(statement, i);
    size_t len = (size_t)sqlite3_column_bytes(statement, i);

    if (buf_add(out, len > 0 ? p : "", len) != 0)
        return error_set(err, ERR_NOMEM, "no memory for a value");
    return 0;
}

int sql_column_fixed(sqlite3_stmt *statement, int i, void *out, size_t n,
                     struct error *err)
{
    const void *p = sqlite3_column_blob(statement, i);

    if (p == NULL || (size_t)sqlite3_column_bytes(statement, i) != n)
        return error_set(err, ERR_VERIFY, "a value has the wrong length");
    memcpy(out, p, n);
    return 0;
}
