/* Legal holds, and what two officers release for an authority. */
#include "desk_private.h"

#include <string.h>

#include "resguardo/registrar_person.h"

/* ---- holds -------------------------------------------------------------- */

struct listing {
    const struct request *r;
    json_t *list;
};

static int add_hold(void *arg, const struct hold_row *row)
{
    const struct listing *l = arg;
    const struct keyring_staff *who =
        keyring_find(l->r->keyring, row->placed_by);

    return json_array_append_new(
        l->list, json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "id",
                           row->id, "kind", row->kind, "subject", row->subject,
                           "case_id", shape_text(row->case_id), "placed_at",
                           shape_time(row->placed), "placed_by",
                           shape_text(who != NULL ? who->name : ""), "until",
                           shape_time(row->until), "lifted_at",
                           shape_time(row->lifted)));
}

int serve_hold_list(struct request *r, struct error *e)
{
    struct listing l = { r, json_array() };

    e->code = ERR_NONE;
    if (hold_list(r->store, request_query(r, "all") != NULL, add_hold, &l, e) ==
        0)
        return answer_json(r, l.list, e);
    json_decref(l.list);
    return e->code != ERR_NONE
               ? -1
               : error_set(e, ERR_NOMEM, "no memory for a list");
}

int before_hold(struct request *r, struct error *e)
{
    struct hold_row row;
    int found = id_valid(r->id, 'h') ? hold_get(r->store, r->id, &row, e) : 0;

    if (found == 0)
        return error_set(e, ERR_NOT_FOUND, "no such hold");
    if (found > 0 && row.lifted != 0)
        return error_set(e, ERR_CONFLICT, "the hold was lifted already");
    return found < 0 ? -1 : 0;
}

/* Until when, if the body says so: a time to come. */
static int read_until(const struct request *r, const json_t *body, msec *out,
                      struct error *e)
{
    const char *text = json_str(body, "until");

    if (text == NULL)
        return 0;
    if (time_parse(text, out) != 0)
        return error_set(e, ERR_INPUT,
                         "until is not a time as RFC 3339 has it");
    return *out > clock_now(r->desk->needs.clock)
               ? 0
               : error_set(e, ERR_INPUT, "until is over already");
}

/* legal, which is usual, or another. */
static int read_kind(const json_t *body, enum hold_kind *kind, struct error *e)
{
    const char *text = json_str(body, "kind");

    *kind = HOLD_LEGAL;
    if (text == NULL)
        return 0;
    for (int k = 0; k < HOLD__MAX; k++)
        if (strcmp(text, hold_kind_names[k]) == 0) {
            *kind = (enum hold_kind)k;
            return 0;
        }
    return error_set(e, ERR_INPUT,
                     "kind is not legal, impersonation or judicial");
}

/* What all of these have: a reason, and a signature. NULL with error; the
 * access points into *body and *signature. */
static json_t *read_signed(struct request *r, struct staff_access *by,
                           struct staff_signature *signature, struct error *e)
{
    json_t *body = NULL;

    by->reason = request_reason(r, &body, e);
    if (by->reason != NULL &&
        request_signature(r, body, by->reason, signature, e) == 0) {
        by->signature = signature;
        return body;
    }
    json_decref(body);
    return NULL;
}

static int place(struct request *r, struct hold_order *o, struct error *e)
{
    struct staff_signature signature;
    json_t *body = read_signed(r, &o->by, &signature, e);
    int ok = -1;

    if (body != NULL && read_until(r, body, &o->until, e) == 0 &&
        read_kind(body, &o->kind, e) == 0 &&
        registrar_place_hold(r->desk->needs.registrar, o, e) == 0)
        ok = answer_json(r, json_pack("{s:s}", "id", o->id), e);
    json_decref(body);
    return ok;
}

int serve_hold_subject(struct request *r, struct error *e)
{
    struct hold_order o = { .by = request_access(r, NULL) };

    if (before_subject(r, e) != 0)
        return -1;
    memcpy(o.by.subject, r->id, sizeof(o.by.subject));
    return place(r, &o, e);
}

int serve_hold_case(struct request *r, struct error *e)
{
    struct hold_order o = { .by = request_access(r, NULL) };
    struct case_row row;
    int found = case_get(r->store, r->id, &row, e);

    if (found == 0)
        return error_set(e, ERR_NOT_FOUND, "no such case");
    if (found < 0)
        return -1;
    memcpy(o.by.subject, row.subject, sizeof(o.by.subject));
    memcpy(o.by.case_id, row.id, sizeof(o.by.case_id));
    return place(r, &o, e);
}

int serve_hold_lift(struct request *r, struct error *e)
{
    struct hold_order o = { .by = request_access(r, NULL) };
    struct staff_signature signature;
    json_t *body;
    int ok = -1;

    if (before_hold(r, e) != 0)
        return -1;
    memcpy(o.id, r->id, sizeof(o.id));
    body = read_signed(r, &o.by, &signature, e);
    if (body != NULL &&
        registrar_lift_hold(r->desk->needs.registrar, &o, e) == 0)
        ok = answer_json(r, json_pack("{s:s}", "id", o.id), e);
    json_decref(body);
    return ok;
}

/* ---- release ------------------------------------------------------------ */

static int release(struct request *r, struct release_order *o, struct error *e)
{
    struct staff_signature signature;
    char until[TIME_SIZE];
    json_t *body = read_signed(r, &o->by, &signature, e);
    int ok = -1;

    if (body == NULL)
        return -1;
    o->by.authority = request_text(body, "authority", e);
    if (o->by.authority != NULL &&
        registrar_release(r->desk->needs.registrar, o, e) == 0) {
        time_format(until, o->until);
        ok = answer_json(
            r, json_pack("{s:s, s:s}", "id", r->id, "until", until), e);
    }
    json_decref(body);
    return ok;
}

int before_release(struct request *r, struct error *e)
{
    struct document_row row;
    int found =
        id_valid(r->id, 'd') ? document_get(r->store, r->id, &row, e) : 0;

    if (found == 0)
        return error_set(e, ERR_NOT_FOUND, "no such document");
    return found < 0 ? -1 : 0;
}

int serve_release_document(struct request *r, struct error *e)
{
    struct release_order o = { .by = request_access(r, NULL) };

    if (before_release(r, e) != 0)
        return -1;
    memcpy(o.by.document, r->id, sizeof(o.by.document));
    return release(r, &o, e);
}

int serve_release_subject(struct request *r, struct error *e)
{
    struct release_order o = { .by = request_access(r, NULL) };

    if (before_subject(r, e) != 0)
        return -1;
    memcpy(o.by.subject, r->id, sizeof(o.by.subject));
    return release(r, &o, e);
}
