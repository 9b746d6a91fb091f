/* The rows that a bound statement gives: one, or all of them. */
#include "store_private.h"

#include <stdlib.h>
#include <string.h>

int row_one(struct store *store, sqlite3_stmt *statement, row_reader read,
            void *out, struct error *err)
{
    int row = sql_step(store, statement, err);

    if (row == 1 && read(statement, out, err) != 0)
        row = -1;
    sql_done(statement);
    return row;
}

int row_int(sqlite3_stmt *statement, void *out, struct error *err)
{
    int64_t *n = out;

    (void)err;
    *n = sqlite3_column_int64(statement, 0);
    return 0;
}

int row_bytes(sqlite3_stmt *statement, void *out, struct error *err)
{
    return sql_column_bytes(statement, 0, out, err);
}

int64_t row_number(struct store *store, sqlite3_stmt *statement,
                   struct error *err)
{
    int64_t n;

    return row_one(store, statement, row_int, &n, err) == 1 ? n : -1;
}

struct sealed {
    struct buf bytes;
    uint64_t slot;
};

static int sealed_read(sqlite3_stmt *statement, void *out, struct error *err)
{
    struct sealed *sealed = out;

    sealed->slot = (uint64_t)sqlite3_column_int64(statement, 1);
    return sql_column_bytes(statement, 0, &sealed->bytes, err);
}

int row_open(struct store *store, sqlite3_stmt *statement, const char *table,
             const char *column, const char *row, struct buf *out,
             struct error *err)
{
    struct sealed sealed = { .slot = 0 };
    int found = row_one(store, statement, sealed_read, &sealed, err);

    if (found == 1 &&
        field_open(store, sealed.slot, table, column, row, sealed.bytes.p,
                   sealed.bytes.len, out, err) != 0)
        found = -1;
    buf_free(&sealed.bytes);
    return found;
}

/* A place for one row more. */
static void *row_place(struct rows *rows, struct error *err)
{
    size_t cap = rows->cap == 0 ? 16 : 2 * rows->cap;
    char *grown;

    if (rows->n == rows->cap) {
        grown = reallocarray(rows->p, cap, rows->size);
        if (grown == NULL) {
            (void)error_set(err, ERR_NOMEM, "no memory for a list");
            return NULL;
        }
        rows->p = grown;
        rows->cap = cap;
    }
    return rows->p + rows->size * rows->n;
}

int rows_read(struct store *store, sqlite3_stmt *statement, row_reader read,
              size_t size, struct rows *out, struct error *err)
{
    int row;

    *out = (struct rows){ .size = size };
    while ((row = sql_step(store, statement, err)) > 0) {
        void *place = row_place(out, err);

        if (place == NULL || read(statement, place, err) != 0) {
            row = -1;
            break;
        }
        out->n++;
    }
    sql_done(statement);
    return row;
}

const void *rows_next(struct rows *rows)
{
    return rows->next < rows->n ? rows->p + rows->size * rows->next++ : NULL;
}

void rows_free(struct rows *rows)
{
    free(rows->p);
    *rows = (struct rows){ 0 };
}

int rows_each_text(struct store *store, sqlite3_stmt *statement, size_t cap,
                   int (*each)(void *arg, const char *text), void *arg,
                   struct error *err)
{
    char text[STORE_LIST_SIZE];
    struct buf texts = { 0 };
    int row, stop = 0;

    while ((row = sql_step(store, statement, err)) > 0) {
        sql_column_text(statement, 0, text,
                        cap < sizeof(text) ? cap : sizeof(text));
        if (buf_add(&texts, text, strlen(text) + 1) != 0) {
            row = error_set(err, ERR_NOMEM, "no memory for a list");
            break;
        }
    }
    sql_done(statement);
    for (size_t at = 0; row == 0 && stop == 0 && at < texts.len;
         at += strlen((const char *)texts.p + at) + 1)
        stop = each(arg, (const char *)texts.p + at);
    buf_free(&texts);
    return row < 0 ? -1 : stop;
}
