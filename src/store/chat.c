/* What was written: age files whose headers hang on the person's slot. */
#include "columns_private.h"

#include <string.h>

enum { ADD, GET, BYTES, OF_CONVERSATION, OF_CASE, CASE_COUNT, EPOCH_COUNT };

#define SELECT                                                                 \
    "SELECT c.id, c.subject, c.policy, c.conversation, c.case_id, c.kind,"     \
    " c.made, c.author, c.outbox, c.epoch, o.state"                            \
    " FROM chat c LEFT JOIN outbox o ON o.id = c.outbox "

static const char *const sql[] = {
    [ADD] = "INSERT INTO chat (id, subject, policy, conversation, case_id,"
            " kind, made, author, outbox, epoch, header_wrapped, payload)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?12, ?13)",
    [GET] = SELECT "WHERE c.id = ?1",
    [BYTES] = "SELECT c.header_wrapped, c.payload, s.content_slot FROM chat c"
              " JOIN subject s ON s.id = c.subject WHERE c.id = ?1",
    [OF_CONVERSATION] = SELECT
    "WHERE c.id IN (SELECT id FROM chat WHERE conversation = ?1 ORDER BY id"
    " DESC LIMIT ?2) ORDER BY c.id",
    [OF_CASE] = SELECT "WHERE c.id IN (SELECT id FROM chat WHERE case_id = ?1"
                       " ORDER BY id DESC LIMIT ?2) ORDER BY c.id",
    [CASE_COUNT] = "SELECT count(*) FROM chat WHERE case_id = ?1",
    [EPOCH_COUNT] = "SELECT count(*) FROM chat WHERE epoch = ?1",
};
STATEMENTS(SQL_CHAT)

#define ROW struct chat_row
static const struct column columns[] = {
    VALUE(id),      VALUE(subject), VALUE(policy), MAYBE(conversation),
    MAYBE(case_id), VALUE(kind),    VALUE(made),   WHO(author),
    MAYBE(outbox),  VALUE(epoch),   VALUE(sent)
};
ROW_READ(row_read, columns)

int chat_add(struct store *store, const struct chat_row *row,
             const void *age_file, size_t len, size_t header_len,
             struct error *err)
{
    const uint8_t *file = age_file;
    struct subject_row subject;
    struct buf wrapped = { 0 };
    sqlite3_stmt *st;
    int ok = -1;

    if (header_len > len)
        return error_set(err, ERR_INTERNAL, "a header longer than its file");
    if (subject_need(store, row->subject, &subject, err) != 0 ||
        field_wrap(store, subject.content_slot, row->id, strlen(row->id), file,
                   header_len, &wrapped, err) != 0 ||
        (st = get(store, ADD, err)) == NULL)
        goto out;
    columns_bind(st, columns, row);
    sql_bytes(st, 12, wrapped.p, wrapped.len);
    sql_bytes(st, 13, file + header_len, len - header_len);
    ok = sql_run(store, st, err);
out:
    buf_free(&wrapped);
    return ok;
}

int chat_get(struct store *store, const char *id, struct chat_row *out,
             struct error *err)
{
    sqlite3_stmt *st = get(store, GET, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_one(store, st, row_read, out, err);
}

int chat_file(struct store *store, const char *id, struct buf *out,
              struct error *err)
{
    sqlite3_stmt *st = get(store, BYTES, err);
    struct buf wrapped = { 0 };
    int row;

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    if ((row = sql_step(store, st, err)) == 1 &&
        (sql_column_bytes(st, 0, &wrapped, err) != 0 ||
         field_unwrap(store, (uint64_t)sqlite3_column_int64(st, 2), id,
                      strlen(id), wrapped.p, wrapped.len, out, err) != 0 ||
         sql_column_bytes(st, 1, out, err) != 0))
        row = -1;
    sql_done(st);
    buf_free(&wrapped);
    if (row == 0)
        return error_set(err, ERR_NOT_FOUND, "no such message");
    return row < 0 ? -1 : 0;
}

ROWS_EACH(each_row, struct chat_row, row_read)

static int each_of(struct store *store, int which, const char *id, size_t max,
                   chat_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    sql_int(st, 2, (int64_t)max);
    return each_row(store, st, each, arg, err);
}

int chat_of_conversation(struct store *store, const char *id, size_t max,
                         chat_each each, void *arg, struct error *err)
{
    return each_of(store, OF_CONVERSATION, id, max, each, arg, err);
}

int chat_of_case(struct store *store, const char *case_id, size_t max,
                 chat_each each, void *arg, struct error *err)
{
    return each_of(store, OF_CASE, case_id, max, each, arg, err);
}

int64_t chat_case_count(struct store *store, const char *case_id,
                        struct error *err)
{
    sqlite3_stmt *st = get(store, CASE_COUNT, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, case_id);
    return row_number(store, st, err);
}

int64_t chat_epoch_count(struct store *store, unsigned epoch, struct error *err)
{
    sqlite3_stmt *st = get(store, EPOCH_COUNT, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, (int64_t)epoch);
    return row_number(store, st, err);
}
