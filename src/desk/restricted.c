/*
 * A person whose data are restricted (GDPR, art. 18): they are kept, and nobody
 * reads them but for the grounds of art. 18.2, which an officer names, or for
 * themselves, who asked to see them (art. 15).
 */
#include "desk_private.h"

#include <string.h>

const char *const restriction_grounds[] = { "consent", "legal_claims",
                                            "others_rights", "public_interest",
                                            NULL };

bool restriction_is_ground(const char *ground)
{
    for (size_t i = 0; ground != NULL && restriction_grounds[i] != NULL; i++)
        if (strcmp(restriction_grounds[i], ground) == 0)
            return true;
    return false;
}

int restriction_find(struct request *r, const char *subject,
                     const char *case_id, struct error *e)
{
    struct hold_row hold;

    return hold_of_kind(r->store, subject, HOLD_RESTRICTION, case_id, &hold, e);
}

int restriction_refuse(struct error *e)
{
    (void)error_set(e, ERR_NOT_PERMITTED,
                    "rule restriction (GDPR, art. 18.2): the data are kept, "
                    "and nobody reads them");
    return error_hint(e, "an officer may, with --ground consent, legal_claims, "
                         "others_rights or public_interest");
}

int restriction_check(struct request *r, const char *subject,
                      const char *case_id, const json_t *body, bool for_subject,
                      json_t **said, struct error *e)
{
    const char *ground = json_str(body, "ground");
    int found = restriction_find(r, subject, case_id, e);

    *said = NULL;
    if (found <= 0)
        return found;
    /* Their own wish; that they asked is looked at where it is recorded. */
    if (for_subject && (r->staff.roles & ROLE_OFFICER) != 0)
        return 0;
    if (ground == NULL || !restriction_is_ground(ground) ||
        (r->staff.roles & ROLE_OFFICER) == 0)
        return restriction_refuse(e);
    *said = json_pack("{s:s}", "ground", ground);
    return *said != NULL ? 0
                         : error_set(e, ERR_NOMEM, "no memory for a ground");
}
