/* The rows that a bound statement gives: one, or all of them. */
#include "store_private.h"

#include <stdlib.h>

int row_one(struct store *store, sqlite3_stmt *statement, row_reader read,
            void *out, struct error *err)
{
    int row = sql_step(store, statement, err);

    if (row == 1 && read(statement, out, err) != 0)
        row = -1;
    sql_done(statement);
    return row;
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
