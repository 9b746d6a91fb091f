/* Sealed documents: the header wrapped by the document's slot. */
#include "store_private.h"

#include <string.h>

enum {
    ADD,
    GET,
    STATE,
    HEADER,
    WORDS,
    LIST,
    LIST_CASE,
    OF_SUBJECT,
    OF_EPOCH,
    EPOCH_COUNT,
    SET_HEADER,
    OF_PERSON,
    BY_ATTACHMENT,
    SLOT,
    FORMER,
    PROVE_HEADER,
    UNPROVEN,
    UNPROVEN_COUNT
};

#define COLUMNS                                                                \
    "id, attachment, subject, case_id, policy, state, media_type, size,"       \
    " purposes, received, slot, epoch, payload, payload_size,"                 \
    " payload_sha256, item, apart_until"
#define PLACE  DOCUMENT_NCOLUMNS /* behind them, where it is asked for */
#define SELECT "SELECT " DOCUMENT_COLUMNS " FROM document d "

static const char *const sql[] = {
    [ADD] = "INSERT INTO document (" COLUMNS ", header_wrapped,"
            " file_name_sealed, caption_sealed) VALUES (?1, ?2, ?3, ?4, ?5,"
            " ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, nullif(?17, "
            "0), ?18,"
            " ?19, ?20)",
    [GET] = SELECT "WHERE id = ?1",
    [STATE] = "UPDATE document SET state = ?2 WHERE id = ?1",
    [HEADER] = "SELECT header_wrapped FROM document WHERE id = ?1",
    [WORDS] = "SELECT file_name_sealed, caption_sealed, slot FROM document"
              " WHERE id = ?1",
    [LIST] = SELECT "ORDER BY received, rowid",
    [LIST_CASE] = SELECT "WHERE case_id = ?1 ORDER BY received, rowid",
    [OF_SUBJECT] = SELECT "WHERE subject = ?1 AND policy = ?2 AND state = ?3"
                          " ORDER BY received, rowid",
    [OF_EPOCH] = "SELECT " DOCUMENT_COLUMNS ", d.rowid FROM document d"
                 " WHERE epoch = ?1"
                 " AND rowid > ?2 AND state <> 'erased'"
                 " ORDER BY rowid LIMIT ?3",
    [EPOCH_COUNT] = "SELECT count(*) FROM document WHERE epoch = ?1"
                    " AND state <> 'erased'",
    [SET_HEADER] = "UPDATE document SET epoch = ?3, header_wrapped = ?4,"
                   " former_epoch = ?5, moved_by = ?6, moved_at = ?8,"
                   " former_wrapped = coalesce(?7, former_wrapped)"
                   " WHERE id = ?1 AND epoch = ?2 AND state <> 'erased'",
    [OF_PERSON] = SELECT "WHERE subject = ?1 LIMIT ?2",
    [SLOT] = "SELECT slot FROM attachment WHERE id = ?1",
    [BY_ATTACHMENT] = SELECT "WHERE attachment = ?1",
    [FORMER] = "SELECT former_wrapped FROM document WHERE id = ?1"
               " AND former_wrapped IS NOT NULL",
    [PROVE_HEADER] = "UPDATE document SET former_epoch = NULL,"
                     " former_wrapped = NULL, moved_by = NULL, moved_at = NULL"
                     " WHERE id = ?1 AND epoch = ?2",
    [UNPROVEN] = SELECT "WHERE former_epoch IS NOT NULL AND former_epoch = ?1"
                        " AND id > ?2 AND state <> 'erased'"
                        " ORDER BY id LIMIT ?3",
    [UNPROVEN_COUNT] = "SELECT count(*) FROM document"
                       " WHERE former_epoch IS NOT NULL AND former_epoch = ?1"
                       " AND state <> 'erased'",
};
STATEMENTS(SQL_DOCUMENT)

int document_row_read(sqlite3_stmt *st, void *out, struct error *err)
{
    struct document_row *row = out;

    memset(row, 0, sizeof(*row));
    COLUMN_TEXT(st, 0, row->id);
    COLUMN_TEXT(st, 1, row->attachment);
    COLUMN_TEXT(st, 2, row->subject);
    COLUMN_TEXT(st, 3, row->case_id);
    COLUMN_TEXT(st, 4, row->policy);
    COLUMN_TEXT(st, 5, row->state);
    COLUMN_TEXT(st, 6, row->media_type);
    row->size = sqlite3_column_int64(st, 7);
    COLUMN_TEXT(st, 8, row->purposes);
    row->received = sqlite3_column_int64(st, 9);
    row->slot = (uint64_t)sqlite3_column_int64(st, 10);
    row->epoch = (unsigned)sqlite3_column_int(st, 11);
    COLUMN_TEXT(st, 12, row->payload);
    row->payload_size = sqlite3_column_int64(st, 13);
    row->case_closed = sqlite3_column_int64(st, 15);
    row->blocked = sqlite3_column_int64(st, 16);
    COLUMN_TEXT(st, 17, row->block_cause);
    row->block_until = sqlite3_column_int64(st, 18);
    row->former_epoch = (unsigned)sqlite3_column_int(st, 19);
    row->moved_by = (uint32_t)sqlite3_column_int64(st, 20);
    row->moved = sqlite3_column_int64(st, 21);
    COLUMN_TEXT(st, 22, row->item);
    row->apart_until = sqlite3_column_int64(st, 23);
    return sql_column_fixed(st, 14, row->payload_sha256, SHA256_LEN, err);
}

/* document id ‖ payload SHA-256, and a mark on a former header, so that none
 * stands in the other's place. */
#define ASSOCIATED_SIZE (ID_SIZE + SHA256_LEN + 1)
static size_t associated(const struct document_row *row, bool former,
                         uint8_t out[static ASSOCIATED_SIZE])
{
    size_t len = strlen(row->id);

    memcpy(out, row->id, len);
    memcpy(out + len, row->payload_sha256, SHA256_LEN);
    len += SHA256_LEN;
    if (former)
        out[len++] = 'f';
    return len;
}

static int seal_words(struct store *store, const struct document_row *row,
                      const char *column, const char *text, struct buf *out,
                      struct error *err)
{
    if (text == NULL)
        return 0;
    return field_seal(store, row->slot, "document", column, row->id, text,
                      strlen(text), out, err);
}

static void bind_row(sqlite3_stmt *st, const struct document_row *row)
{
    sql_text(st, 1, row->id);
    sql_text(st, 2, row->attachment);
    sql_text(st, 3, row->subject);
    sql_text(st, 4, row->case_id);
    sql_text(st, 5, row->policy);
    sql_text(st, 6, row->state);
    sql_text(st, 7, row->media_type);
    sql_int(st, 8, row->size);
    sql_text(st, 9, row->purposes);
    sql_int(st, 10, row->received);
    sql_int(st, 11, (int64_t)row->slot);
    sql_int(st, 12, row->epoch);
    sql_text(st, 13, row->payload);
    sql_int(st, 14, row->payload_size);
    sql_bytes(st, 15, row->payload_sha256, SHA256_LEN);
    sql_text(st, 16, row->item);
    sql_int(st, 17, row->apart_until);
}

/* What a file is sealed under from its announcement on. */
static int slot_of(struct store *store, const char *attachment, uint64_t *slot,
                   struct error *err)
{
    sqlite3_stmt *st = get(store, SLOT, err);
    int row;

    if (st == NULL)
        return -1;
    sql_text(st, 1, attachment);
    if ((row = sql_step(store, st, err)) == 1)
        *slot = (uint64_t)sqlite3_column_int64(st, 0);
    sql_done(st);
    if (row == 0)
        (void)error_set(err, ERR_INVARIANT, "a document of no attachment");
    return row == 1 ? 0 : -1;
}

int document_add(struct store *store, struct document_row *row,
                 const void *header, size_t header_len, const char *file_name,
                 const char *caption, struct error *err)
{
    uint8_t ad[ASSOCIATED_SIZE];
    struct buf wrapped = { 0 }, name = { 0 }, words = { 0 };
    sqlite3_stmt *st;
    int ok = -1;

    if (slot_of(store, row->attachment, &row->slot, err) != 0 ||
        field_wrap(store, row->slot, ad, associated(row, false, ad), header,
                   header_len, &wrapped, err) != 0 ||
        seal_words(store, row, "file_name", file_name, &name, err) != 0 ||
        seal_words(store, row, "caption", caption, &words, err) != 0 ||
        (st = get(store, ADD, err)) == NULL)
        goto out;
    bind_row(st, row);
    sql_bytes(st, 18, wrapped.p, wrapped.len);
    if (name.len > 0)
        sql_bytes(st, 19, name.p, name.len);
    if (words.len > 0)
        sql_bytes(st, 20, words.p, words.len);
    ok = sql_run(store, st, err);
out:
    buf_free(&wrapped);
    buf_free(&name);
    buf_free(&words);
    return ok;
}

static int get_one(struct store *store, int which, const char *id,
                   struct document_row *out, struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_one(store, st, document_row_read, out, err);
}

int document_get(struct store *store, const char *id, struct document_row *out,
                 struct error *err)
{
    return get_one(store, GET, id, out, err);
}

int document_by_attachment(struct store *store, const char *attachment,
                           struct document_row *out, struct error *err)
{
    return get_one(store, BY_ATTACHMENT, attachment, out, err);
}

int document_set_state(struct store *store, const char *id, const char *state,
                       struct error *err)
{
    sqlite3_stmt *st = get(store, STATE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    sql_text(st, 2, state);
    return sql_run_one(store, st, err);
}

static int open_header(struct store *store, const struct document_row *row,
                       bool former, struct buf *out, struct error *err)
{
    uint8_t ad[ASSOCIATED_SIZE];
    struct buf wrapped = { 0 };
    sqlite3_stmt *st = get(store, former ? FORMER : HEADER, err);
    int found;

    if (st == NULL)
        return -1;
    sql_text(st, 1, row->id);
    if ((found = sql_step(store, st, err)) == 1 &&
        sql_column_bytes(st, 0, &wrapped, err) != 0)
        found = -1;
    sql_done(st);
    if (found == 0)
        error_set(err, ERR_NOT_FOUND,
                  former ? "no former header" : "no such document");
    if (found == 1 &&
        field_unwrap(store, row->slot, ad, associated(row, former, ad),
                     wrapped.p, wrapped.len, out, err) != 0)
        found = -1;
    buf_free(&wrapped);
    return found == 1 ? 0 : -1;
}

int document_header(struct store *store, const struct document_row *row,
                    struct buf *out, struct error *err)
{
    return open_header(store, row, false, out, err);
}

int document_former(struct store *store, const struct document_row *row,
                    struct buf *out, struct error *err)
{
    return open_header(store, row, true, out, err);
}

static int open_words(struct store *store, sqlite3_stmt *st, int column,
                      const char *name, const char *id, struct buf *out,
                      bool *found, struct error *err)
{
    struct buf sealed = { 0 };
    int ok;

    *found = sqlite3_column_type(st, column) != SQLITE_NULL;
    if (!*found)
        return 0;
    ok = sql_column_bytes(st, column, &sealed, err);
    if (ok == 0)
        ok = field_open(store, (uint64_t)sqlite3_column_int64(st, 2),
                        "document", name, id, sealed.p, sealed.len, out, err);
    buf_free(&sealed);
    return ok;
}

int document_words(struct store *store, const struct document_row *row,
                   struct buf *name, bool *name_found, struct buf *caption,
                   bool *caption_found, struct error *err)
{
    sqlite3_stmt *st = get(store, WORDS, err);
    int found, ok = -1;

    if (st == NULL)
        return -1;
    sql_text(st, 1, row->id);
    found = sql_step(store, st, err);
    if (found == 0)
        error_set(err, ERR_NOT_FOUND, "no such document");
    if (found == 1 && open_words(store, st, 0, "file_name", row->id, name,
                                 name_found, err) == 0)
        ok = open_words(store, st, 1, "caption", row->id, caption,
                        caption_found, err);
    sql_done(st);
    return ok;
}

ROWS_EACH(each_row, struct document_row, document_row_read)

int document_list(struct store *store, const char *case_id, document_each each,
                  void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, case_id == NULL ? LIST : LIST_CASE, err);

    if (st == NULL)
        return -1;
    if (case_id != NULL)
        sql_text(st, 1, case_id);
    return each_row(store, st, each, arg, err);
}

int document_of_subject(struct store *store, const char *subject,
                        const char *policy, const char *state,
                        document_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, OF_SUBJECT, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, policy);
    sql_text(st, 3, state);
    return each_row(store, st, each, arg, err);
}

int document_of_person(struct store *store, const char *subject, size_t max,
                       document_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, OF_PERSON, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_int(st, 2, (int64_t)max);
    return each_row(store, st, each, arg, err);
}

static int count(struct store *store, int which, unsigned epoch, int64_t *out,
                 struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, epoch);
    return row_one(store, st, row_int, out, err) == 1 ? 0 : -1;
}

int document_epoch_count(struct store *store, unsigned epoch, int64_t *out,
                         struct error *err)
{
    return count(store, EPOCH_COUNT, epoch, out, err);
}

int document_unproven_count(struct store *store, unsigned former_epoch,
                            int64_t *out, struct error *err)
{
    return count(store, UNPROVEN_COUNT, former_epoch, out, err);
}

int document_unproven(struct store *store, unsigned former_epoch,
                      const char *after, unsigned limit, document_each each,
                      void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, UNPROVEN, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, former_epoch);
    sql_text(st, 2, after);
    sql_int(st, 3, limit);
    return each_row(store, st, each, arg, err);
}

struct placed {
    struct document_row row;
    uint64_t place;
};

static int placed_read(sqlite3_stmt *st, void *out, struct error *err)
{
    struct placed *placed = out;

    placed->place = (uint64_t)sqlite3_column_int64(st, PLACE);
    return document_row_read(st, &placed->row, err);
}

int document_of_epoch(struct store *store, unsigned epoch, unsigned limit,
                      uint64_t *place, document_each each, void *arg,
                      struct error *err)
{
    sqlite3_stmt *st = get(store, OF_EPOCH, err);
    const struct placed *placed;
    struct rows rows;
    int stop;

    if (st == NULL)
        return -1;
    sql_int(st, 1, epoch);
    sql_int(st, 2, (int64_t)*place);
    sql_int(st, 3, limit);
    stop = rows_read(store, st, placed_read, sizeof(*placed), &rows, err);
    while (stop == 0 && (placed = rows_next(&rows)) != NULL) {
        *place = placed->place;
        stop = each(arg, &placed->row);
    }
    rows_free(&rows);
    return stop;
}

/* The header that it has, as a former one. */
static int wrap_former(struct store *store, const struct document_row *row,
                       struct buf *out, struct error *err)
{
    uint8_t ad[ASSOCIATED_SIZE];
    struct buf header = { 0 };
    int ok = -1;

    if (document_header(store, row, &header, err) == 0)
        ok = field_wrap(store, row->slot, ad, associated(row, true, ad),
                        header.p, header.len, out, err);
    buf_free(&header);
    return ok;
}

int document_set_header(struct store *store, const struct document_row *row,
                        unsigned epoch, uint32_t moved_by, msec moved,
                        const void *header, size_t len, struct error *err)
{
    bool proven = row->former_epoch == 0;
    uint8_t ad[ASSOCIATED_SIZE];
    struct buf wrapped = { 0 }, former = { 0 };
    sqlite3_stmt *st = NULL;
    int ok = -1;

    if ((!proven || wrap_former(store, row, &former, err) == 0) &&
        field_wrap(store, row->slot, ad, associated(row, false, ad), header,
                   len, &wrapped, err) == 0)
        st = get(store, SET_HEADER, err);
    if (st != NULL) {
        sql_text(st, 1, row->id);
        sql_int(st, 2, row->epoch);
        sql_int(st, 3, epoch);
        sql_bytes(st, 4, wrapped.p, wrapped.len);
        sql_int(st, 5, proven ? row->epoch : row->former_epoch);
        sql_int(st, 6, moved_by);
        if (proven)
            sql_bytes(st, 7, former.p, former.len);
        sql_int(st, 8, moved);
        ok = sql_run_one(store, st, err);
    }
    buf_free(&wrapped);
    buf_free(&former);
    return ok;
}

int document_prove_header(struct store *store, const struct document_row *row,
                          struct error *err)
{
    sqlite3_stmt *st = get(store, PROVE_HEADER, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, row->id);
    sql_int(st, 2, row->epoch);
    return sql_run_one(store, st, err);
}
