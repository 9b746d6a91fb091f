/*
 * What a case that was complete had and has no more: a document that its
 * procedure requires is blocked, because a yes was taken back, or is erased.
 * Nobody can look at it, so the case is open again and its item missing; what
 * was promised for it is promised anew once another came.
 */
#include "case_private.h"
#include "leaf_private.h"
#include "request_private.h"

#include <string.h>

int case_open_again(struct registrar *r, struct case_row *of,
                    const char *reason, struct error *err)
{
    json_t *leaf;

    if (case_reopen(r->store, of->id, err) != 0 ||
        outbox_drop_about(r->store, of->id, err) != 0)
        return -1;
    SET(of->state, "open");
    of->completed = 0;
    leaf = leaf_new(r, "case_reopened", of->subject, of->policy);
    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "case_id", of->id);
    leaf_text(leaf, "procedure", of->procedure);
    leaf_text(leaf, "reason", reason);
    return leaf_append(r, leaf, NULL, err) != 0
               ? -1
               : request_case_reopened(r, of, err);
}

/* Its last file, of one that cannot lack. */
static bool is_missing(const struct policy *policy, const struct case_row *of,
                       const char *item, const struct procedure_look *look)
{
    int place = item_find(policy, of, item);

    return place >= 0 && !look->has[place] &&
           policy->procedures[look->guide.procedure].items[place].required;
}

int case_loses(struct registrar *r, const struct document_row *gone,
               const char *reason, struct error *err)
{
    const struct policy *policy = policy_find(r->policies, gone->policy);
    struct procedure_look look;
    struct case_row of;
    int found;

    if (policy == NULL || gone->item[0] == '\0')
        return 0;
    found = case_get(r->store, gone->case_id, &of, err);
    if (found <= 0 || strcmp(of.state, "complete") != 0 ||
        item_find(policy, &of, gone->item) < 0)
        return found < 0 ? -1 : 0;
    if (procedure_look(r, policy, &of, &look, err) != 0)
        return -1;
    return is_missing(policy, &of, gone->item, &look)
               ? case_open_again(r, &of, reason, err)
               : 0;
}
