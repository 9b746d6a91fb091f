/* What was erased is gone, and what is gone was erased. */
#include "audit_private.h"

#include <string.h>

/* ---- learning ----------------------------------------------------------- */

static int add(struct audit *a, const char *subject, int what)
{
    json_int_t known = json_integer_value(json_object_get(a->erased, subject));

    return audit_put(a, a->erased, subject, json_integer(known | what));
}

static int forget(struct audit *a, const json_t *leaf)
{
    const char *document = json_str(leaf, "document_id");
    const char *attachment = json_str(leaf, "attachment_id");

    if (document != NULL && json_object_del(a->bound, document) != 0)
        return audit_fault(a, "document %s: erased, and it never was",
                           document);
    if (attachment != NULL)
        (void)json_object_del(a->ended, attachment);
    return 0;
}

int audit_learn_erasure(struct audit *a, const json_t *leaf)
{
    const char *event = json_str(leaf, "event_type");
    const char *subject = json_str(leaf, "subject");
    const char *scope = json_str(leaf, "scope");

    if (subject == NULL || scope == NULL)
        return 0;
    if (strcmp(event, "document_erased") == 0)
        return forget(a, leaf);
    if (strcmp(event, "erasure_started") == 0)
        return strcmp(scope, "subject") == 0    ? add(a, subject, LEAVING)
               : strcmp(scope, "evidence") == 0 ? add(a, subject, PROOF_LEAVING)
                                                : 0;
    if (strcmp(event, "subject_erased") == 0)
        return add(a, subject, LEAVING | GONE);
    if (strcmp(event, "evidence_erased") == 0)
        return add(a, subject, PROOF_LEAVING | PROOF_GONE);
    return 0;
}

bool audit_erased(const struct audit *a, const char *subject, int what)
{
    return subject != NULL &&
           (json_integer_value(json_object_get(a->erased, subject)) & what) !=
               0;
}

/* ---- what goes while we look -------------------------------------------- */

static bool is_running(int found, const struct erasure_row *row)
{
    return found > 0 && strcmp(row->state, "waiting") != 0;
}

bool audit_person_goes(struct audit *a, const char *subject, const char *kind)
{
    struct erasure_row row;
    struct error ignored = { 0 };

    return subject != NULL &&
           is_running(
               erasure_of_subject(a->store, subject, kind, &row, &ignored),
               &row);
}

/* Its row is gone meanwhile, or will be: its slot and file may be already. */
bool audit_document_goes(struct audit *a, const struct document_row *document)
{
    struct document_row now;
    struct erasure_row row;
    struct error ignored = { 0 };

    return document_get(a->store, document->id, &now, &ignored) == 0 ||
           audit_person_goes(a, document->subject, "subject") ||
           is_running(
               erasure_of_document(a->store, document->id, &row, &ignored),
               &row);
}
