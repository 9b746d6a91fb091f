/* Evidence and sealed notes. */
#include "store_private.h"

#include <string.h>

enum { ADD, GET, COUNT, LIST, N_ADD, N_GET, PAGE };

static const char *const sql[] = {
    [ADD] = "INSERT INTO evidence (id, subject, kind, created, header_wrapped,"
            " payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [GET] = "SELECT e.header_wrapped, e.payload, s.evidence_slot"
            " FROM evidence e JOIN subject s ON s.id = e.subject"
            " WHERE e.id = ?1",
    [COUNT] = "SELECT count(*) FROM evidence WHERE subject = ?1 AND kind = ?2",
    [LIST] = "SELECT id FROM evidence",
    [N_ADD] = "INSERT INTO note (id, subject, text_sealed)"
              " VALUES (?1, ?2, ?3)",
    [N_GET] = "SELECT n.text_sealed, s.content_slot FROM note n"
              " JOIN subject s ON s.id = n.subject WHERE n.id = ?1",
    [PAGE] = "SELECT id, subject, kind, created, payload FROM evidence"
             " WHERE id > ?1 ORDER BY id LIMIT ?2",
};
STATEMENTS(SQL_EVIDENCE)

int evidence_add(struct store *store, const char *id,
                 const struct subject_row *subject, const char *kind,
                 const void *age_file, size_t len, size_t header_len, msec now,
                 struct error *err)
{
    const uint8_t *file = age_file;
    struct buf wrapped = { 0 };
    sqlite3_stmt *st;
    int ok = -1;

    if (header_len > len)
        return error_set(err, ERR_INTERNAL, "a header longer than its file");
    if (field_wrap(store, subject->evidence_slot, id, strlen(id), file,
                   header_len, &wrapped, err) != 0 ||
        (st = get(store, ADD, err)) == NULL)
        goto out;
    sql_text(st, 1, id);
    sql_text(st, 2, subject->id);
    sql_text(st, 3, kind);
    sql_int(st, 4, now);
    sql_bytes(st, 5, wrapped.p, wrapped.len);
    sql_bytes(st, 6, file + header_len, len - header_len);
    ok = sql_run(store, st, err);
out:
    buf_free(&wrapped);
    return ok;
}

int evidence_get(struct store *store, const char *id, struct buf *out,
                 struct error *err)
{
    sqlite3_stmt *st = get(store, GET, err);
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
    return row;
}

int64_t evidence_count(struct store *store, const char *subject,
                       const char *kind, struct error *err)
{
    sqlite3_stmt *st = get(store, COUNT, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, kind);
    return row_number(store, st, err);
}

int evidence_list(struct store *store, int (*each)(void *arg, const char *id),
                  void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, LIST, err);
    int row, stop = 0;

    if (st == NULL)
        return -1;
    while (stop == 0 && (row = sql_step(store, st, err)) > 0) {
        char id[ID_SIZE];

        COLUMN_TEXT(st, 0, id);
        stop = each(arg, id);
    }
    sql_done(st);
    return stop != 0 ? stop : row;
}

int evidence_page(struct store *store, const char *after,
                  int (*each)(void *arg, const struct evidence_row *),
                  void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, PAGE, err);
    struct evidence_row seen;
    int row, stop = 0;

    if (st == NULL)
        return -1;
    sql_text(st, 1, after);
    sql_int(st, 2, LIMIT_READER_ROWS);
    while (stop == 0 && (row = sql_step(store, st, err)) > 0) {
        memset(&seen, 0, sizeof(seen));
        COLUMN_TEXT(st, 0, seen.id);
        COLUMN_TEXT(st, 1, seen.subject);
        COLUMN_TEXT(st, 2, seen.kind);
        seen.created = sqlite3_column_int64(st, 3);
        sha256_of(seen.payload_sha256, sqlite3_column_blob(st, 4),
                  (size_t)sqlite3_column_bytes(st, 4));
        stop = each(arg, &seen);
    }
    sql_done(st);
    return stop != 0 ? stop : row;
}

/* ---- notes -------------------------------------------------------------- */

int note_add(struct store *store, const char *id, const char *subject,
             const void *text, size_t len, struct error *err)
{
    struct subject_row row;
    struct buf sealed = { 0 };
    sqlite3_stmt *st;
    int ok = -1;

    if (subject_need(store, subject, &row, err) != 0 ||
        field_seal(store, row.content_slot, "note", "text", id, text, len,
                   &sealed, err) != 0 ||
        (st = get(store, N_ADD, err)) == NULL)
        goto out;
    sql_text(st, 1, id);
    sql_text(st, 2, subject);
    sql_bytes(st, 3, sealed.p, sealed.len);
    ok = sql_run(store, st, err);
out:
    buf_free(&sealed);
    return ok;
}

int note_get(struct store *store, const char *id, struct buf *out,
             struct error *err)
{
    sqlite3_stmt *st = get(store, N_GET, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_open(store, st, "note", "text", id, out, err);
}
