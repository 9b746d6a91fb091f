/*
 * Data that are kept and not used (GDPR, art. 18): a hold says so, the person
 * hears of it before it ends, and a request for it is granted once it is there.
 */
#include "registrar_private.h"
#include "request_private.h"
#include "restriction_private.h"

#include "resguardo/registrar_person.h"

struct asked {
    struct request_row row;
    bool found;
};

/* The last one, whether it runs or was answered. */
static int see_asked(void *arg, const struct request_row *row)
{
    struct asked *a = arg;

    if (strcmp(row->type, request_type_names[REQUEST_RESTRICT]) == 0) {
        a->row = *row;
        a->found = true;
    }
    return 0;
}

/* In the chat in which they asked for it, where that can be done now. */
static int tell(struct registrar *r, const char *subject, const char *reason,
                bool *told, struct error *err)
{
    struct asked a = { .found = false };
    struct request_of of;
    struct error gone = { 0 };
    bool open = false;

    *told = false;
    if (request_of_person(r->store, subject, false, see_asked, &a, err) != 0)
        return -1;
    if (!a.found || request_policy(r, &a.row, &of, &gone) != 0 ||
        of.language->requests[REQUEST_TEXT_LIFTED] == NULL)
        return 0;
    if (request_window(r, &a.row, &open, err) != 0)
        return -1;
    if (!open)
        return 0;
    *told = true;
    return request_tell(r, &a.row, REQUEST_TEXT_LIFTED, a.row.due, reason, err);
}

int restriction_lift(struct registrar *r, const struct hold_row *row,
                     const struct hold_order *o, const char **notice,
                     struct error *err)
{
    bool told;

    if (strcmp(row->kind, hold_kind_names[HOLD_RESTRICTION]) != 0)
        return 0;
    *notice = "elsewhere";
    if (o->told != NULL)
        return 0;
    *notice = "message";
    if (tell(r, row->subject, o->by.reason, &told, err) != 0)
        return -1;
    if (told)
        return 0;
    (void)error_set(err, ERR_NOT_PERMITTED,
                    "rule notice_to_person (GDPR, art. 18.3): no message can "
                    "be written to them, and nobody says how else they were "
                    "told");
    return error_hint(err, "tell them before it ends, and say how: --told");
}

int restriction_place(const struct hold_order *o, struct error *err)
{
    return o->kind != HOLD_RESTRICTION || o->until == 0
               ? 0
               : error_set(err, ERR_INPUT,
                           "a restriction ends when the person was told, and "
                           "by no day");
}

int restriction_granted(struct registrar *r, const struct request_row *row,
                        const char *outcome, struct error *err)
{
    struct hold_row hold;
    int found;

    if (strcmp(row->type, request_type_names[REQUEST_RESTRICT]) != 0 ||
        (strcmp(outcome, "granted") != 0 && strcmp(outcome, "partial") != 0))
        return 0;
    found = hold_of_kind(r->store, row->subject, HOLD_RESTRICTION, NULL, &hold,
                         err);
    if (found != 0)
        return found < 0 ? -1 : 0;
    (void)error_set(err, ERR_NOT_PERMITTED,
                    "rule not_restricted (GDPR, art. 18): nothing of theirs is "
                    "restricted");
    return error_hint(err, "resguardo hold add %s --kind restriction does it",
                      row->subject);
}
