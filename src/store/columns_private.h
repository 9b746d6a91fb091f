/*
 * The columns of a row, in one table for what is bound and what is read, in the
 * order of the SELECT. INSERT and UPDATE give ?N to the N-th, so that a column
 * stands in one place in C; what they have besides the row comes behind it.
 *
 * What every message reads or writes (subject, consent, case, attachment,
 * document, outbox, seen) is spelt out instead.
 */
#ifndef RESGUARDO_STORE_COLUMNS_PRIVATE_H
#define RESGUARDO_STORE_COLUMNS_PRIVATE_H

#include "store_private.h"

#include <stddef.h>

enum column_kind {
    COLUMN_CHARS, /* a text in an array */
    COLUMN_INT,
    COLUMN_UNSIGNED,
    COLUMN_WIDE, /* 64 bits */
    COLUMN_FLAG
};
/* Which value NULL stands for. */
enum column_none { NONE_NEVER, NONE_EMPTY, NONE_MINUS };
struct column {
    uint16_t at, size; /* of the member */
    enum column_kind kind;
    enum column_none none;
};
/* ROW is #defined as the type of the row. NULL is nothing for VALUE, "" or 0
 * for MAYBE, -1 for WHO. */
#define VALUE(member) COLUMN(member, NONE_NEVER)
#define MAYBE(member) COLUMN(member, NONE_EMPTY)
#define WHO(member)   COLUMN(member, NONE_MINUS)
#define COLUMN(member, null)                                                   \
    {                                                                          \
        offsetof(ROW, member), sizeof(((ROW *)0)->member),                     \
            COLUMN_KIND(member), null                                          \
    }
#define COLUMN_KIND(member)                                                    \
    _Generic(((ROW *)0)->member, char *: COLUMN_CHARS, int: COLUMN_INT,        \
             unsigned: COLUMN_UNSIGNED, int64_t: COLUMN_WIDE,                  \
             uint64_t: COLUMN_WIDE, bool: COLUMN_FLAG)
/* Binds every member to its ?N, as far as the statement has places, whether it
 * uses them or not. */
#define columns_bind(st, columns, row)                                         \
    columns_bind_n(st, columns, sizeof(columns) / sizeof((columns)[0]), row)
void columns_bind_n(sqlite3_stmt *, const struct column *, size_t n,
                    const void *row);
void columns_read_n(sqlite3_stmt *, const struct column *, size_t n, void *row,
                    size_t size);
/* Defines the row_reader NAME: all that is not in the table becomes 0. */
#define ROW_READ(name, columns)                                                \
    static int name(sqlite3_stmt *st, void *row, struct error *err)            \
    {                                                                          \
        (void)err;                                                             \
        columns_read_n(st, columns, sizeof(columns) / sizeof((columns)[0]),    \
                       row, sizeof(ROW));                                      \
        return 0;                                                              \
    }

#endif
