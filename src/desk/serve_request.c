/* Requests: what runs and until when, what was said of one, and what staff do
 * with them. */
#include "desk_private.h"

#include <stdlib.h>
#include <string.h>

#include "resguardo/registrar_person.h"

/* What takes an agent, and what an officer. */
static const struct {
    const char *name;
    enum request_action action;
    bool decides, reasoned;
} works[] = {
    { "ask", REQUEST_ASK, false, true },
    { "complete", REQUEST_COMPLETE, false, false },
    { "assign", REQUEST_ASSIGN, false, false },
    { "extend", REQUEST_EXTEND, true, true },
    { "close", REQUEST_CLOSE, true, true },
};
#define WORKS (sizeof(works) / sizeof(works[0]))

/* ---- rows --------------------------------------------------------------- */

static json_t *handler_name(const struct keyring *keyring,
                            const struct request_row *row)
{
    const struct keyring_staff *who =
        row->handler < 0 || keyring == NULL
            ? NULL
            : keyring_find(keyring, (uint32_t)row->handler);

    return shape_text(who != NULL ? who->name : "");
}

static json_t *shape_request(const struct keyring *keyring,
                             const struct request_row *row)
{
    return json_pack(
        "{s:s, s:o, s:s, s:s, s:s, s:o, s:s, s:o, s:o, s:s, s:s, s:o, s:o,"
        " s:o, s:s, s:s, s:i, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o}",
        "id", row->id, "subject", shape_text(row->subject), "policy",
        row->policy, "type", row->type, "kind", row->clock, "case_id",
        shape_text(row->case_id), "state", row->state, "received_at",
        shape_time(row->received), "opened_at", shape_time(row->opened), "due",
        row->due, "due_early", row->due_early, "due_at",
        shape_time(row->due_at), "due_early_at", shape_time(row->due_early_at),
        "warn_at", shape_time(row->warn_at), "zone", row->zone, "calendar",
        row->calendar, "extensions", row->extensions, "asked_at",
        shape_time(row->asked), "given_up_at", shape_time(row->give_up_at),
        "legend", row->legend != 0, "handler", handler_name(keyring, row),
        "outcome", shape_text(row->outcome), "ground", shape_text(row->ground),
        "closed_at", shape_time(row->closed), "requester_role",
        shape_text(row->requester), "identity_assurance",
        shape_text(row->assurance));
}

/* ---- lists -------------------------------------------------------------- */

struct listing {
    struct request *r;
    json_t *list, *blocked;
};

static int add_request(void *arg, const struct request_row *row)
{
    const struct listing *l = arg;

    if (json_object_get(l->blocked, row->subject) != NULL &&
        !blocked_shown(l->r))
        return 0;
    return json_array_append_new(l->list, shape_request(l->r->keyring, row));
}

int serve_request_list(struct request *r, struct error *e)
{
    struct listing l = { .r = r };
    msec before = INT64_MAX;
    int ok = -1;

    if (request_query_time(r, "due_before", &before, e) != 0 ||
        (l.blocked = blocked_people(r, e)) == NULL)
        return -1;
    e->code = ERR_NONE;
    l.list = json_array();
    ok = request_list(r->store, request_query(r, "state"), before, add_request,
                      &l, e);
    json_decref(l.blocked);
    if (ok == 0)
        return answer_json(r, l.list, e);
    json_decref(l.list);
    return e->code != ERR_NONE
               ? -1
               : error_set(e, ERR_NOMEM, "no memory for a list");
}

static int find(struct request *r, struct request_row *row, struct error *e)
{
    int found = id_valid(r->id, 'g') ? request_get(r->store, r->id, row, e) : 0;

    if (found == 0)
        return error_set(e, ERR_NOT_FOUND, "no such request");
    if (found < 0)
        return -1;
    return row->subject[0] == '\0'
               ? 0
               : blocked_check(r, row->subject, "request", e);
}

/* ---- one, with what was said of it -------------------------------------- */

/* An officer's where they are both. */
static const char *role_of(const struct request *r)
{
    return (r->staff.roles & ROLE_OFFICER) != 0 ? "officer" : "agent";
}

static json_t *words_of(struct store *store, const struct request_row *row,
                        struct error *e)
{
    struct buf text = { 0 };
    json_t *list = NULL;
    int found = request_words_get(store, row, &text, e);

    if (found >= 0)
        list = found > 0 ? json_parse(text.p, text.len, e) : json_array();
    buf_free(&text);
    return list;
}

/* Where the words of an erased person were there is nothing. */
static json_t *words_or_none(struct store *store, const struct request_row *row,
                             struct error *e)
{
    struct subject_row subject = { .content_slot = 0 };
    int found = 1;

    if (row->subject[0] != '\0')
        found = subject_get(store, row->subject, &subject, e);
    if (found > 0 && row->subject[0] != '\0')
        found = slot_state(store, subject.content_slot, e);
    return found < 0    ? NULL
           : found == 0 ? json_array()
                        : words_of(store, row, e);
}

json_t *request_json(struct store *store, const struct keyring *keyring,
                     const struct request_row *row, struct error *e)
{
    json_t *words = words_or_none(store, row, e), *o;

    if (words == NULL)
        return NULL;
    o = shape_request(keyring, row);
    if (json_object_set_new(o, "words", words) == 0)
        return o;
    json_decref(o);
    (void)error_set(e, ERR_NOMEM, "no memory for a request");
    return NULL;
}

/* Somebody's words are in it: a look is on record. */
int serve_request_show(struct request *r, struct error *e)
{
    struct staff_access access = request_access(r, "request_shown");
    struct request_row row;
    json_t *o;
    int ok;

    if (find(r, &row, e) != 0)
        return -1;
    access.role = role_of(r);
    access.policy = row.policy;
    memcpy(access.subject, row.subject, sizeof(access.subject));
    memcpy(access.case_id, row.case_id, sizeof(access.case_id));
    access.evidence = json_pack("{s:s}", "request_id", row.id);
    ok = request_record(r, &access, e);
    json_decref(access.evidence);
    if (ok != 0 || (o = request_json(r->store, r->keyring, &row, e)) == NULL)
        return -1;
    return answer_json(r, o, e);
}

/* ---- what staff do ------------------------------------------------------ */

static int read_time(const json_t *body, const char *key, msec *out,
                     struct error *e)
{
    const char *text = json_str(body, key);

    return text == NULL || time_parse(text, out) == 0
               ? 0
               : error_set(e, ERR_INPUT, "%s is not a time as RFC 3339 has it",
                           key);
}

static int read_order(const struct request *r, const json_t *body,
                      struct request_order *o, struct error *e)
{
    const char *handler = json_str(body, "handler");

    if (json_object_get(body, "told") != NULL &&
        (o->told = request_text(body, "told", e)) == NULL)
        return -1;
    o->policy = json_str(body, "policy");
    o->kind = json_str(body, "kind");
    o->until = json_str(body, "until");
    o->outcome = json_str(body, "outcome");
    o->ground = json_str(body, "ground");
    o->requester = json_str(body, "requester_role");
    o->assurance = json_str(body, "identity_assurance");
    if (o->action == REQUEST_OPEN && o->kind == NULL)
        return error_set(e, ERR_INPUT, "what is asked for?");
    if (o->action == REQUEST_ASSIGN &&
        request_find_staff(r, handler, &o->handler) != 0)
        return error_set(e, ERR_NOT_FOUND, "no such member of staff");
    return read_time(body, "received", &o->received, e) != 0
               ? -1
               : read_time(body, "escalated", &o->escalated, e);
}

/* The row, and what whoever closed it has to hear. */
static json_t *shape_done(struct request *r, const struct request_row *row,
                          const struct request_order *o)
{
    json_t *shape = shape_request(r->keyring, row);

    if (shape != NULL && o->forwarded_late &&
        json_object_set_new(shape, "forwarded_late", json_true()) != 0) {
        json_decref(shape);
        return NULL;
    }
    return shape;
}

/* Signed, with its reason where there has to be one; answers with the row. */
static int carry_out(struct request *r, struct request_order *o,
                     const json_t *body, bool reasoned, struct error *e)
{
    struct staff_signature signature;
    struct request_row row;

    if (reasoned && (o->by.reason = request_text(body, "reason", e)) == NULL)
        return -1;
    if (read_order(r, body, o, e) != 0 ||
        request_signature(r, body, reasoned ? o->by.reason : "", &signature,
                          e) != 0)
        return -1;
    o->by.signature = &signature;
    if (registrar_request(r->desk->needs.registrar, o, e) != 0)
        return -1;
    return request_get(r->store, o->id, &row, e) == 1
               ? answer_json(r, shape_done(r, &row, o), e)
               : -1;
}

int before_request(struct request *r, struct error *e)
{
    struct request_row row;

    return find(r, &row, e);
}

static int work(struct request *r, bool decides, struct error *e)
{
    struct request_order o = { .by = request_access(r, NULL) };
    json_t *body = request_body(r, e);
    const char *name = json_str(body, "action");
    size_t i = 0;
    int ok = -1;

    if (body == NULL || before_request(r, e) != 0)
        goto out;
    while (i < WORKS && (name == NULL || works[i].decides != decides ||
                         strcmp(works[i].name, name) != 0))
        i++;
    if (i == WORKS) {
        (void)error_set(e, ERR_INPUT, "no such work on a request");
        goto out;
    }
    o.action = works[i].action;
    memcpy(o.id, r->id, sizeof(o.id));
    ok = carry_out(r, &o, body, works[i].reasoned, e);
out:
    json_decref(body);
    return ok;
}

int serve_request_work(struct request *r, struct error *e)
{
    return work(r, false, e);
}

int serve_request_decide(struct request *r, struct error *e)
{
    return work(r, true, e);
}

static int open_one(struct request *r, const char *subject, struct error *e)
{
    struct request_order o = { .by = request_access(r, NULL),
                               .action = REQUEST_OPEN };
    json_t *body = request_body(r, e);
    int ok = -1;

    if (body != NULL) {
        memcpy(o.by.subject, subject, strnlen(subject, ID_SIZE - 1));
        ok = carry_out(r, &o, body, true, e);
    }
    json_decref(body);
    return ok;
}

int before_request_open(struct request *r, struct error *e)
{
    return before_subject(r, e) != 0 ? -1
                                     : blocked_check(r, r->id, "person", e);
}

int serve_request_open(struct request *r, struct error *e)
{
    return before_request_open(r, e) == 0 ? open_one(r, r->id, e) : -1;
}

int serve_incident_open(struct request *r, struct error *e)
{
    return open_one(r, "", e);
}

/* ---- marks on data ------------------------------------------------------ */

static int add_legend(void *arg, const struct request_row *row)
{
    if (row->legend == 0)
        return 0;
    return json_array_append_new(
        arg,
        json_pack("{s:s, s:s, s:s, s:s, s:o}", "text", "reclamo en trámite",
                  "request_id", row->id, "type", row->type, "kind", row->clock,
                  "since", shape_time(row->legend)));
}

/* Whoever looks at the data sees that somebody else may have given them (Ley
 * 2157 de 2021, art. 7), or that a court has them before it (Ley 1581 de 2012,
 * art. 18, lit. h). */
static int add_hold(struct request *r, json_t *list, const char *subject,
                    const char *case_id, enum hold_kind kind, const char *text,
                    struct error *e)
{
    struct hold_row hold;
    int found = hold_of_kind(r->store, subject, kind, case_id, &hold, e);

    if (found <= 0)
        return found;
    return json_array_append_new(
        list, json_pack("{s:s, s:s, s:s, s:o}", "text", text, "hold_id",
                        hold.id, "type", hold_kind_names[kind], "since",
                        shape_time(hold.placed)));
}

/* A name is all of a person's; a court's case may be about one of theirs. */
static int add_holds(struct request *r, json_t *list, const char *subject,
                     const char *case_id, struct error *e)
{
    return add_hold(r, list, subject, NULL, HOLD_IMPERSONATION,
                    "Víctima de Falsedad Personal", e) != 0
               ? -1
               : add_hold(r, list, subject, case_id, HOLD_JUDICIAL,
                          "información en discusión judicial", e);
}

int legends_add(struct request *r, json_t *o, const char *subject,
                const char *case_id, struct error *e)
{
    json_t *list = json_array();

    e->code = ERR_NONE;
    if (list != NULL && add_holds(r, list, subject, case_id, e) == 0 &&
        request_of_person(r->store, subject, true, add_legend, list, e) == 0 &&
        json_object_set(o, "legends", list) == 0) {
        json_decref(list);
        return 0;
    }
    json_decref(list);
    return e->code != ERR_NONE ? -1
                               : error_set(e, ERR_NOMEM, "no memory for a row");
}
