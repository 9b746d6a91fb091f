/*
 * What staff looked at and cannot use, a blurred photo or the page that lacks:
 * its item is missing until another comes, also where more files of it are
 * there; the customer is told how to do it better, and a case that was complete
 * is open. The document is kept apart and goes after the
 * procedure's unrequested_life, as what nobody asked for does.
 */
#include "case_private.h"
#include "leaf_private.h"
#include "registrar_private.h"
#include "request_private.h"
#include "talk_private.h"

#include <string.h>

static int find(struct registrar *r, const struct case_order *o,
                const struct case_row *of, struct document_row *document,
                struct error *err)
{
    int found = document_get(r->store, o->by.document, document, err);

    if (found < 0)
        return -1;
    if (found == 0 || strcmp(document->case_id, of->id) != 0 ||
        strcmp(document->state, "stored") != 0)
        return error_set(err, ERR_NOT_FOUND, "no such document in this case");
    return 0;
}

/* Its item, in what the policy says now. */
static int find_item(const struct policy *policy, const struct case_row *of,
                     const struct document_row *document, struct error *err)
{
    int item = policy == NULL ? -1 : item_find(policy, of, document->item);

    if (item < 0)
        (void)error_set(err, ERR_CONFLICT,
                        "it is no document that the case's procedure asks for");
    return item;
}

static int record(struct registrar *r, const struct case_order *o,
                  const struct case_row *of,
                  const struct document_row *document, struct error *err)
{
    struct staff_access by = o->by;
    json_t *more;

    by.event_type = "document_returned";
    by.policy = of->policy;
    SET(by.subject, of->subject);
    SET(by.case_id, of->id);
    (void)leaf_whole();
    more = json_object();
    leaf_text(more, "item", document->item);
    leaf_text(more, "ground", return_ground_names[o->ground]);
    return staff_record(r, &by, more, err);
}

/* What was promised from when it was complete is promised anew once it is. */
static int reopen(struct registrar *r, struct case_row *of, struct error *err)
{
    json_t *leaf;

    if (case_reopen(r->store, of->id, err) != 0)
        return -1;
    SET(of->state, "open");
    of->completed = 0;
    leaf = leaf_new(r, "case_reopened", of->subject, of->policy);
    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "case_id", of->id);
    leaf_text(leaf, "procedure", of->procedure);
    return leaf_append(r, leaf, NULL, err) != 0
               ? -1
               : request_case_reopened(r, of, err);
}

/* Where that can be done: else an officer's template has to say it, or the
 * agent who has the conversation. */
static int tell(struct registrar *r, struct case_order *o,
                const struct policy *policy, const struct case_row *of,
                int item, struct error *err)
{
    struct unasked u;
    int open = unasked_open(r, policy, of->subject, &u, err);

    o->told = open > 0 && !u.silent;
    return !o->told ? open < 0 ? -1 : 0
                    : guide_say_returned(r, &u.d, of, item, o->ground, err);
}

int case_return(struct registrar *r, struct case_order *o, struct case_row *of,
                struct error *err)
{
    const struct policy *policy = policy_find(r->policies, of->policy);
    struct document_row document;
    struct procedure_look look;
    int item, procedure;

    if (find(r, o, of, &document, err) != 0 ||
        (item = find_item(policy, of, &document, err)) < 0)
        return -1;
    procedure = policy_procedure(policy, of->procedure);
    if (document_set_apart(r->store, &document,
                           r->now +
                               policy->procedures[procedure].unrequested_life,
                           err) != 0 ||
        case_item_return(r->store, of->id, document.item, r->now, err) != 0 ||
        record(r, o, of, &document, err) != 0 ||
        procedure_look(r, policy, of, &look, err) != 0)
        return -1;
    o->reopened = strcmp(of->state, "complete") == 0 && !look.complete;
    if (o->reopened && reopen(r, of, err) != 0)
        return -1;
    /* What they send now is for this one. */
    return case_set_picked(r->store, of->id, r->now, err) != 0
               ? -1
               : tell(r, o, policy, of, item, err);
}
