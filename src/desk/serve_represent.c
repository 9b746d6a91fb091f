/* Who answers for a person, or for whose papers a case is: declared and ended
 * by an officer. */
#include "desk_private.h"

#include <string.h>

#include "resguardo/registrar_person.h"

static int no_case(struct error *e)
{
    return error_set(e, ERR_NOT_FOUND, "they have no such case");
}

static int read_order(const json_t *body, struct represent_order *o,
                      struct error *e)
{
    const char *code = json_str(body, "case");

    o->ends = json_is_true(json_object_get(body, "ends"));
    o->relation = json_str(body, "relation");
    o->heard = json_str(body, "child_heard");
    o->procedure = json_str(body, "procedure");
    o->by.policy = json_str(body, "policy");
    if (code != NULL && strlen(code) >= sizeof(o->by.case_id))
        return no_case(e);
    if (code != NULL)
        memcpy(o->by.case_id, code, strlen(code) + 1);
    if (code != NULL && o->procedure != NULL)
        return error_set(e, ERR_INPUT, "a case that is there, or a procedure");
    return 0;
}

int serve_subject_represent(struct request *r, struct error *e)
{
    struct represent_order o = { .by = request_access(r, NULL) };
    struct staff_signature signature;
    json_t *body = NULL;
    int ok = -1;

    if (before_subject(r, e) != 0 ||
        (o.by.reason = request_reason(r, &body, e)) == NULL ||
        read_order(body, &o, e) != 0 ||
        request_signature(r, body, o.by.reason, &signature, e) != 0)
        goto out;
    memcpy(o.by.subject, r->id, sizeof(o.by.subject));
    o.by.signature = &signature;
    if (registrar_represent(r->desk->needs.registrar, &o, e) == 0)
        ok = answer_json(r,
                         json_pack("{s:s, s:o}", "subject", r->id, "case_id",
                                   shape_text(o.by.case_id)),
                         e);
out:
    json_decref(body);
    return ok;
}
