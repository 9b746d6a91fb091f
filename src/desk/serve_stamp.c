/* Time stamps of checkpoints: one now, and those that there are. */
#include "desk_private.h"

#include <string.h>

/* Rows an answer, of up to 128 KiB each, seen are 6. */
#define PAGE 16

static json_t *shape(const struct stamp_row *row)
{
    char time[TIME_SIZE];

    time_format(time, row->stamped);
    return json_pack("{s:I, s:I, s:I, s:s, s:o, s:o, s:o}", "id",
                     (json_int_t)row->id, "index", (json_int_t)row->idx, "size",
                     (json_int_t)row->size, "stamped_at", time, "checkpoint",
                     json_base64(row->note.p, row->note.len), "query",
                     json_base64(row->query.p, row->query.len), "response",
                     json_base64(row->answer.p, row->answer.len));
}

int serve_stamp(struct request *r, struct error *e)
{
    const struct staff_access by = request_access(r, "checkpoint_stamped");
    struct stamp_row row;
    int ok = stamper_stamp(r->desk->needs.stamper, &by, &row, e);

    if (ok == 0)
        ok = answer_json(r, shape(&row), e);
    stamp_row_free(&row);
    return ok;
}

int serve_stamps(struct request *r, struct error *e)
{
    json_t *list = json_array();
    struct stamp_row row;
    uint64_t after = 0;
    int found = 1;

    if (request_query_number(r, "after", &after, e) != 0)
        found = -1;
    for (int n = 0; found > 0 && n < PAGE; n++) {
        found = stamp_next(r->store, (int64_t)after, &row, e);
        if (found <= 0)
            break;
        after = (uint64_t)row.id;
        if (json_array_append_new(list, shape(&row)) != 0)
            found = error_set(e, ERR_NOMEM, "no memory for a list");
        stamp_row_free(&row);
    }
    if (found < 0) {
        json_decref(list);
        return -1;
    }
    return answer_json(r, list, e);
}

/* Whom the operator trusts with the time: an auditor looks whether they do. */
int serve_authorities(struct request *r, struct error *e)
{
    const char *path = r->desk->needs.config->stamp_ca_file;
    struct buf pem = { 0 };
    int ok = 0;

    if (path != NULL)
        ok = file_read(path, LIMIT_CA_BYTES, &pem, e);
    if (ok == 0)
        ok = answer_text(r, pem.p, pem.len, e);
    buf_free(&pem);
    return ok;
}
