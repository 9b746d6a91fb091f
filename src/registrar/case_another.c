/*
 * What we took for a document without a word of theirs, and they say that it is
 * another. The file is kept apart and goes after the procedure's
 * unrequested_life; its item is missing, a complete case is open again, and
 * they are asked to send it once more and to write what it is.
 */
#include "case_private.h"
#include "consent_private.h"
#include "leaf_private.h"
#include "registrar_private.h"

#include <string.h>

/* The newest; id "" none. */
static int keep_guessed(void *arg, const struct attachment_row *row)
{
    struct attachment_row *newest = arg;

    if ((row->matched & MATCHED_GUESS) != 0 &&
        strcmp(row->item, ITEM_UNREQUESTED) != 0)
        *newest = *row;
    return 0;
}

/* 1, 0: there is none of which that can be said, -1. */
static int find(struct registrar *r, const struct deciding *d,
                struct document_row *document, struct case_row *of,
                struct error *err)
{
    struct attachment_row newest = { 0 };
    int found;

    if (attachment_of_subject(r->store, d->subject->id, d->policy->id, "stored",
                              keep_guessed, &newest, err) != 0)
        return -1;
    if (newest.id[0] == '\0')
        return 0;
    found = document_by_attachment(r->store, newest.id, document, err);
    if (found > 0 &&
        (strcmp(document->state, "stored") != 0 ||
         r->now - id_time(document->id) > LIMIT_GUESSED_H * MSEC_H))
        found = 0;
    if (found > 0)
        found = case_get(r->store, document->case_id, of, err);
    return found > 0 && strcmp(of->state, "closed") != 0 &&
                   item_find(d->policy, of, document->item) >= 0
               ? 1
           : found < 0 ? -1
                       : 0;
}

static int record(struct registrar *r, const struct document_row *document,
                  struct error *err)
{
    json_t *leaf =
        leaf_new(r, "document_denied", document->subject, document->policy);

    leaf_text(leaf, "actor", "subject");
    leaf_text(leaf, "document_id", document->id);
    leaf_text(leaf, "case_id", document->case_id);
    leaf_text(leaf, "item", document->item);
    return leaf_append(r, leaf, NULL, err);
}

static int set_apart(struct registrar *r, const struct deciding *d,
                     const struct document_row *document, struct case_row *of,
                     struct error *err)
{
    const struct policy_procedure *p =
        &d->policy->procedures[policy_procedure(d->policy, of->procedure)];
    struct procedure_look look;

    if (document_set_apart(r->store, document, r->now + p->unrequested_life,
                           err) != 0 ||
        record(r, document, err) != 0 ||
        procedure_look(r, d->policy, of, &look, err) != 0)
        return -1;
    return strcmp(of->state, "complete") == 0 && !look.complete
               ? case_open_again(r, of, NULL, err)
               : 0;
}

int case_another(struct registrar *r, const struct deciding *d,
                 const struct dialogue_state *state, struct error *err)
{
    struct document_row document;
    struct case_row of;
    int found = find(r, d, &document, &of, err), item;

    if (found < 0)
        return -1;
    if (found == 0)
        return guide_say_missing(r, d, state, err);
    item = item_find(d->policy, &of, document.item);
    if (set_apart(r, d, &document, &of, err) != 0)
        return -1;
    /* What they send now is for this one. */
    return case_set_picked(r->store, of.id, r->now, err) != 0
               ? -1
               : guide_say_another(r, d, &of, item, err);
}
