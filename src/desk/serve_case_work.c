/* Work on cases: opened, assigned, more or less urgent, noted, put together. */
#include "desk_private.h"

#include <string.h>

#include "resguardo/registrar_work.h"

/* As enum case_work. */
static const char *const works[] = { "note",     "assign", "priority", "move",
                                     "received", "return", "contact" };
#define WORKS (sizeof(works) / sizeof(works[0]))

static enum case_work work_of(const char *name)
{
    for (size_t i = 0; name != NULL && i < WORKS; i++)
        if (strcmp(works[i], name) == 0)
            return (enum case_work)i;
    return CASE_OPEN; /* which is none of a case that is there */
}

static int read_note(const json_t *body, struct case_order *o, struct error *e)
{
    if ((o->text = request_text(body, "text", e)) == NULL)
        return -1;
    return strlen(o->text) <= LIMIT_CHAT_BYTES
               ? 0
               : error_set(e, ERR_INPUT, "the note is too long");
}

static int read_return(const json_t *body, struct case_order *o,
                       struct error *e)
{
    const char *document = json_str(body, "value");
    const char *ground = json_str(body, "ground");
    int i = 0;

    if (document == NULL || !id_valid(document, 'd'))
        return error_set(e, ERR_NOT_FOUND, "no such document");
    memcpy(o->by.document, document, strlen(document) + 1);
    while (i < RETURN__MAX &&
           (ground == NULL || strcmp(return_ground_names[i], ground) != 0))
        i++;
    o->ground = (enum return_ground)i;
    return i < RETURN__MAX
               ? 0
               : error_set(e, ERR_INPUT,
                           "ground is none that a document is sent back for");
}

static int read_contact(const json_t *body, struct case_order *o,
                        struct error *e)
{
    const char *direction = json_str(body, "direction");
    const char *day = json_str(body, "day");

    o->channel = json_str(body, "value");
    o->ours = direction != NULL && strcmp(direction, "out") == 0;
    if (!o->ours && (direction == NULL || strcmp(direction, "in") != 0))
        return error_set(e, ERR_INPUT, "direction is neither in nor out");
    o->has_day = day != NULL;
    if (day != NULL && date_parse(day, &o->day) != 0)
        return error_set(e, ERR_INPUT, "day is no day");
    return json_object_get(body, "text") == NULL ? 0 : read_note(body, o, e);
}

static int read_order(const struct request *r, const json_t *body,
                      struct case_order *o, struct error *e)
{
    const char *value = json_str(body, "value");

    o->work = work_of(json_str(body, "work"));
    switch (o->work) {
    case CASE_NOTE:
        return read_note(body, o, e);
    case CASE_ASSIGN:
        return request_find_staff(r, value, &o->to) == 0
                   ? 0
                   : error_set(e, ERR_NOT_FOUND, "no such agent");
    case CASE_PRIORITY:
        o->priority = value == NULL ? PRIORITY__MAX : priority_of(value);
        return o->priority != PRIORITY__MAX
                   ? 0
                   : error_set(e, ERR_INPUT,
                               "a priority is low, normal, high or urgent");
    case CASE_MOVE:
        if (value == NULL || !id_valid(value, 'd'))
            return error_set(e, ERR_NOT_FOUND, "no such document");
        memcpy(o->by.document, value, strlen(value) + 1);
        return 0;
    case CASE_RECEIVED:
        o->item = value;
        return value != NULL
                   ? 0
                   : error_set(e, ERR_INPUT, "which item was received?");
    case CASE_RETURN:
        return read_return(body, o, e);
    case CASE_CONTACT:
        return read_contact(body, o, e);
    case CASE_OPEN:
        break;
    }
    return error_set(e, ERR_INPUT, "no such work on a case");
}

/* Refused as if it were not there: a document that they are not to hear of. */
static int check_document(struct request *r, const struct case_order *o,
                          struct error *e)
{
    struct document_row row;
    int found;

    if (o->work != CASE_MOVE && o->work != CASE_RETURN)
        return 0;
    found = document_get(r->store, o->by.document, &row, e);
    if (found > 0 && blocked_hidden(r, &row))
        return blocked_refuse(r, "document", e);
    if (found == 0)
        return error_set(e, ERR_NOT_FOUND, "no such document");
    return found < 0 ? -1 : 0;
}

static json_t *done_json(const struct case_order *o)
{
    return o->work == CASE_RETURN
               ? json_pack("{s:s, s:b, s:b}", "id", o->by.case_id, "told",
                           o->told, "reopened", o->reopened)
               : json_pack("{s:s}", "id", o->by.case_id);
}

int serve_case_work(struct request *r, struct error *e)
{
    struct case_order o = { .by = request_access(r, NULL) };
    struct staff_signature signature;
    json_t *body = NULL;
    int ok = -1;

    if (before_case(r, e) != 0 || (body = request_body(r, e)) == NULL ||
        read_order(r, body, &o, e) != 0 || check_document(r, &o, e) != 0 ||
        request_signature(r, body, "", &signature, e) != 0)
        goto out;
    o.by.signature = &signature;
    memcpy(o.by.case_id, r->id, sizeof(o.by.case_id) - 1);
    if (registrar_work_case(r->desk->needs.registrar, &o, e) == 0)
        ok = answer_json(r, done_json(&o), e);
out:
    json_decref(body);
    return ok;
}

int serve_case_open(struct request *r, struct error *e)
{
    struct case_order o = { .by = request_access(r, NULL), .work = CASE_OPEN };
    struct staff_signature signature;
    json_t *body = NULL;
    int ok = -1;

    if (before_subject(r, e) != 0 || (body = request_body(r, e)) == NULL ||
        request_signature(r, body, "", &signature, e) != 0)
        goto out;
    o.by.policy = json_str(body, "policy");
    if (o.by.policy == NULL) {
        (void)error_set(e, ERR_INPUT, "under which policy?");
        goto out;
    }
    o.by.signature = &signature;
    memcpy(o.by.subject, r->id, sizeof(o.by.subject));
    if (registrar_work_case(r->desk->needs.registrar, &o, e) == 0)
        ok = answer_json(r,
                         json_pack("{s:s, s:s}", "id", o.by.case_id, "subject",
                                   o.by.subject),
                         e);
out:
    json_decref(body);
    return ok;
}
