/* A row's columns in one table, for what is bound and what is read. */
#include "columns_private.h"

#include <string.h>

static int64_t number_get(const struct column *c, const void *member)
{
    int64_t wide = 0;
    uint32_t narrow = 0;
    bool flag = false;

    switch (c->kind) {
    case COLUMN_WIDE:
        memcpy(&wide, member, sizeof(wide));
        return wide;
    case COLUMN_FLAG:
        memcpy(&flag, member, sizeof(flag));
        return flag;
    default:
        memcpy(&narrow, member, sizeof(narrow));
        return c->kind == COLUMN_INT ? (int32_t)narrow : (int64_t)narrow;
    }
}

static void number_set(const struct column *c, void *member, int64_t value)
{
    uint32_t narrow = (uint32_t)value;
    bool flag = value != 0;

    if (c->kind == COLUMN_WIDE)
        memcpy(member, &value, sizeof(value));
    else if (c->kind == COLUMN_FLAG)
        memcpy(member, &flag, sizeof(flag));
    else
        memcpy(member, &narrow, sizeof(narrow));
}

void columns_bind_n(sqlite3_stmt *st, const struct column *columns, size_t n,
                    const void *row)
{
    size_t places = (size_t)sqlite3_bind_parameter_count(st);

    for (size_t i = 0; i < n && i < places; i++) {
        const struct column *c = &columns[i];
        const char *member = (const char *)row + c->at;
        int64_t value;

        if (c->kind == COLUMN_CHARS) {
            if (c->none == NONE_EMPTY)
                sql_text_or_null(st, (int)i + 1, member);
            else
                sql_text(st, (int)i + 1, member);
            continue;
        }
        value = number_get(c, member);
        if ((c->none != NONE_EMPTY || value != 0) &&
            (c->none != NONE_MINUS || value != -1))
            sql_int(st, (int)i + 1, value);
    }
}

void columns_read_n(sqlite3_stmt *st, const struct column *columns, size_t n,
                    void *row, size_t size)
{
    memset(row, 0, size);
    for (size_t i = 0; i < n; i++) {
        const struct column *c = &columns[i];
        char *member = (char *)row + c->at;

        if (c->kind == COLUMN_CHARS)
            sql_column_text(st, (int)i, member, c->size);
        else if (c->none == NONE_MINUS &&
                 sqlite3_column_type(st, (int)i) == SQLITE_NULL)
            number_set(c, member, -1);
        else
            number_set(c, member, sqlite3_column_int64(st, (int)i));
    }
}
