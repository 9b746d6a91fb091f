/* Cases and attachments: no name, no text of a customer, so no record. */
#include "desk_private.h"

#include <string.h>

/* Appends to a list; 0, or -1 so that the listing stops. */
static int append(json_t *list, json_t *value)
{
    return json_array_append_new(list, value);
}

static int add_case(void *arg, const struct case_row *row)
{
    return append(arg, shape_case(row));
}

static int add_attachment(void *arg, const struct attachment_row *row)
{
    return append(arg, shape_attachment(row));
}

int serve_case_list(struct request *r, struct error *e)
{
    json_t *list = json_array();

    e->code = ERR_NONE;
    if (case_list(r->store, request_query(r, "state"), add_case, list, e) !=
        0) {
        json_decref(list);
        return e->code != ERR_NONE
                   ? -1
                   : error_set(e, ERR_NOMEM, "no memory for a list");
    }
    return answer_json(r, list, e);
}

int serve_case_show(struct request *r, struct error *e)
{
    struct case_row row;
    int found = case_get(r->store, r->id, &row, e);

    if (found < 0)
        return -1;
    if (found == 0)
        return error_set(e, ERR_NOT_FOUND, "no such case");
    return answer_json(r, shape_case(&row), e);
}

int serve_attachment_list(struct request *r, struct error *e)
{
    json_t *list = json_array();

    e->code = ERR_NONE;
    if (attachment_list(r->store, request_query(r, "state"), add_attachment,
                        list, e) != 0) {
        json_decref(list);
        return e->code != ERR_NONE
                   ? -1
                   : error_set(e, ERR_NOMEM, "no memory for a list");
    }
    return answer_json(r, list, e);
}
