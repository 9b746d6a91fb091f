/* Cases and attachments: no name, no text of a customer, so no record. */
#include "desk_private.h"

#include <string.h>

#include "resguardo/registrar_work.h"

/* A list, without those whom whoever asks is not to hear of. */
struct listing {
    struct request *r;
    json_t *list, *blocked;
};

static int listing_open(struct listing *l, struct request *r, struct error *e)
{
    *l = (struct listing){ .r = r, .blocked = blocked_people(r, e) };
    e->code = l->blocked != NULL ? ERR_NONE : e->code;
    l->list = json_array();
    return l->blocked != NULL ? 0 : -1;
}

static int listing_end(struct listing *l, int ok, struct error *e)
{
    json_decref(l->blocked);
    if (ok == 0)
        return answer_json(l->r, l->list, e);
    json_decref(l->list);
    return e->code != ERR_NONE
               ? -1
               : error_set(e, ERR_NOMEM, "no memory for a list");
}

/* The state stays what it is: it was asked for by it. Takes the value; 0, or -1
 * so that the listing stops. */
static int append(struct listing *l, const char *subject, json_t *value)
{
    if (json_object_get(l->blocked, subject) == NULL)
        return json_array_append_new(l->list, value);
    if (!blocked_shown(l->r)) {
        json_decref(value);
        return 0;
    }
    return json_object_set_new(value, "blocked", json_true()) != 0
               ? -1
               : json_array_append_new(l->list, value);
}

static int add_case(void *arg, const struct case_row *row)
{
    return append(arg, row->subject, shape_case(row));
}

static int add_attachment(void *arg, const struct attachment_row *row)
{
    return append(arg, row->subject, shape_attachment(row));
}

int serve_case_list(struct request *r, struct error *e)
{
    struct listing l;
    int ok = listing_open(&l, r, e);

    if (ok == 0 && request_query(r, "overdue") != NULL)
        ok = case_overdue(r->store, clock_now(r->desk->needs.clock), add_case,
                          &l, e);
    else if (ok == 0)
        ok = case_list(r->store, request_query(r, "state"), add_case, &l, e);
    return listing_end(&l, ok, e);
}

static int find(struct request *r, struct case_row *row, struct error *e)
{
    int found = case_get(r->store, r->id, row, e);

    if (found < 0)
        return -1;
    if (found == 0)
        return error_set(e, ERR_NOT_FOUND, "no such case");
    return blocked_check(r, row->subject, "case", e);
}

/* Who works on it, what there is to read, and what happened. */
static int add_work(struct request *r, const struct case_row *row, json_t *o,
                    struct error *e)
{
    char name[STAFF_NAME_SIZE];
    int64_t notes = chat_case_count(r->store, row->id, e);
    json_t *timeline = notes < 0 ? NULL : timeline_of(r, row, e);

    if (timeline == NULL)
        return -1;
    if (json_object_set_new(o, "owner",
                            row->owner < 0 ? json_null()
                                           : json_string(staff_name(
                                                 r, row->owner, name))) != 0 ||
        json_object_set_new(o, "notes", json_integer((json_int_t)notes)) != 0) {
        json_decref(timeline);
        return error_set(e, ERR_NOMEM, "no memory for a case");
    }
    return json_object_set_new(o, "timeline", timeline) == 0
               ? 0
               : error_set(e, ERR_NOMEM, "no memory for a case");
}

/* What its procedure needs, in the policy's order, and what there is of it. */
static json_t *items_of(struct request *r, const struct case_row *row,
                        struct error *e)
{
    const struct policy *policy =
        policy_find(registrar_policies(r->desk->needs.registrar), row->policy);
    int at = policy == NULL ? -1 : policy_procedure(policy, row->procedure);
    struct case_item_row rows[2 * LIMIT_ITEMS];
    json_t *list = json_array();
    size_t n;

    if (at < 0)
        return list;
    if (case_items(r->store, row->id, rows, 2 * LIMIT_ITEMS, &n, e) != 0) {
        json_decref(list);
        return NULL;
    }
    for (size_t i = 0; i < policy->procedures[at].nitems; i++) {
        const struct policy_item *item = &policy->procedures[at].items[i];
        struct case_item_row none = { .kept = 0 }, *found = &none;

        for (size_t k = 0; k < n; k++)
            if (strcmp(rows[k].item, item->id) == 0)
                found = &rows[k];
        if (json_array_append_new(list, shape_case_item(item, found)) != 0) {
            json_decref(list);
            (void)error_set(e, ERR_NOMEM, "no memory for a case");
            return NULL;
        }
    }
    return list;
}

int serve_case_show(struct request *r, struct error *e)
{
    struct case_row row;
    struct subject_row subject;
    json_t *o, *items;

    if (find(r, &row, e) != 0 ||
        subject_get(r->store, row.subject, &subject, e) < 0)
        return -1;
    o = shape_case(&row);
    if (subject.blocked != 0)
        (void)json_object_set_new(o, "blocked", json_true());
    if ((items = items_of(r, &row, e)) == NULL ||
        json_object_set_new(o, "items", items) != 0 ||
        add_work(r, &row, o, e) != 0 ||
        legends_add(r, o, row.subject, row.id, e) != 0) {
        json_decref(o);
        return -1;
    }
    return answer_json(r, o, e);
}

int serve_attachment_list(struct request *r, struct error *e)
{
    struct listing l;
    int ok = listing_open(&l, r, e);

    if (ok == 0)
        ok = attachment_list(r->store, request_query(r, "state"),
                             add_attachment, &l, e);
    return listing_end(&l, ok, e);
}

/* ---- closing ------------------------------------------------------------ */

int before_case(struct request *r, struct error *e)
{
    struct case_row row;

    return find(r, &row, e);
}

int serve_case_close(struct request *r, struct error *e)
{
    struct staff_access access = request_access(r, NULL);
    struct staff_signature signature;
    json_t *body = request_body(r, e);
    int ok = -1;

    if (body != NULL && before_case(r, e) == 0 &&
        request_signature(r, body, "", &signature, e) == 0) {
        access.signature = &signature;
        memcpy(access.case_id, r->id, sizeof(access.case_id) - 1);
        ok = registrar_close_case(r->desk->needs.registrar, &access, e);
    }
    json_decref(body);
    return ok == 0 ? answer_json(r,
                                 json_pack("{s:s, s:s}", "id", access.case_id,
                                           "state", "closed"),
                                 e)
                   : -1;
}
