/* What is blocked: who hears that it is there, and who may open it. */
#include "desk_private.h"

#include "resguardo/registrar_person.h"

#include <string.h>

bool blocked_shown(const struct request *r)
{
    return (r->staff.roles & ROLE_OFFICER) != 0;
}

static int put_person(void *arg, const char *subject)
{
    return json_object_set_new(arg, subject, json_true());
}

json_t *blocked_people(struct request *r, struct error *e)
{
    json_t *people = json_object();

    e->code = ERR_NONE;
    if (person_blocked_list(r->store, put_person, people, e) == 0)
        return people;
    if (e->code == ERR_NONE)
        (void)error_set(e, ERR_NOMEM, "no memory for a list");
    json_decref(people);
    return NULL;
}

int blocked_refuse(struct request *r, const char *what, struct error *e)
{
    r->hidden = true;
    return error_set(e, ERR_NOT_FOUND, "no such %s", what);
}

int blocked_check(struct request *r, const char *subject, const char *what,
                  struct error *e)
{
    struct subject_row row;
    int found = subject_get(r->store, subject, &row, e);

    if (found < 0)
        return -1;
    return found > 0 && row.blocked != 0 && !blocked_shown(r)
               ? blocked_refuse(r, what, e)
               : 0;
}

/* A policy that is loaded no more may have been one of those. */
bool blocked_hidden(const struct request *r, const struct document_row *row)
{
    const struct policy *policy =
        policy_find(registrar_policies(r->desk->needs.registrar), row->policy);

    return strcmp(row->state, "blocked") == 0 && !blocked_shown(r) &&
           (policy == NULL || policy->blocked_is_not_found ||
            strcmp(row->block_cause, "erase") == 0);
}

/* On whose demand, with its end. */
static int take_authority(struct request *r, const struct released_row *row,
                          struct buf *authority, struct error *e)
{
    buf_reset(authority);
    if (released_authority(r->store, row->id, authority, e) != 1)
        return -1;
    return buf_add(authority, "", 1) == 0
               ? 0
               : error_set(e, ERR_NOMEM, "no memory for a reading");
}

int blocked_released(struct request *r, const struct document_row *row,
                     struct buf *authority, struct error *e)
{
    msec now = clock_now(r->desk->needs.clock);
    struct released_row released;
    int found;

    if (blocked_hidden(r, row))
        return blocked_refuse(r, "document", e);
    found = blocked_shown(r) ? released_find(r->store, row->subject, row->id,
                                             r->staff.uid, now, &released, e)
                             : 0;
    if (found == 0) {
        (void)error_set(e, ERR_NOT_PERMITTED,
                        "the document is blocked: nobody reads it");
        return error_hint(e, "for an authority two officers release it: "
                             "resguardo document release");
    }
    return found < 0 ? -1 : take_authority(r, &released, authority, e);
}

int blocked_opens(struct request *r, const struct document_row *row,
                  struct error *e)
{
    struct subject_row person;
    int found;

    if (strcmp(row->state, "blocked") != 0 || !row->open_to ||
        !blocked_shown(r))
        return 0;
    found = subject_get(r->store, row->subject, &person, e);
    if (found <= 0 || person.blocked != 0)
        return found < 0 ? -1 : 0;
    return request_to_see(r->store, row->subject, e);
}

int blocked_ground(const json_t *body, bool *for_subject, struct error *e)
{
    const char *ground = json_str(body, "ground");

    *for_subject = ground != NULL && strcmp(ground, "subject_access") == 0;
    return ground == NULL || *for_subject || restriction_is_ground(ground)
               ? 0
               : error_set(e, ERR_INPUT, "no such ground to read on");
}

int blocked_person_released(struct request *r, const struct subject_row *row,
                            struct buf *authority, struct error *e)
{
    struct released_row released;
    int found;

    if (row->blocked == 0)
        return 0;
    found = released_find(r->store, row->id, "", r->staff.uid,
                          clock_now(r->desk->needs.clock), &released, e);
    if (found == 0) {
        (void)error_set(e, ERR_NOT_PERMITTED,
                        "the person is blocked: nobody takes them out");
        return error_hint(e, "for an authority two officers release it: "
                             "resguardo document release --subject");
    }
    return found < 0 ? -1 : take_authority(r, &released, authority, e);
}
