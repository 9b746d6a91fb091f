/*
 * Contacts with a person that were not in the chat: staff note them, so that a
 * case's history has all of them, and so that the rules of contact know of
 * those that went out from us.
 */
#include "case_private.h"
#include "leaf_private.h"
#include "registrar_private.h"

#include <string.h>

const char *const contact_channels[CHANNELS_ELSEWHERE + 1] = {
    "phone", "branch", "email", "letter", "sms", "visit", "other", NULL
};

#define NOON (12 * MSEC_H)

static bool is_channel(const char *name)
{
    for (size_t i = 0; name != NULL && contact_channels[i] != NULL; i++)
        if (strcmp(contact_channels[i], name) == 0)
            return true;
    return false;
}

static int find_day(const struct registrar *r, const struct policy *policy,
                    const struct case_order *o, struct elsewhere_row *row,
                    struct error *err)
{
    civil_day today = contact_day(&policy->calendar, r->now);

    row->day = o->has_day ? o->day : today;
    row->at = row->day == today
                  ? r->now
                  : zone_instant(policy->calendar.zone, row->day, NOON);
    if (row->day > today)
        return error_set(err, ERR_INPUT, "that day is yet to come");
    return today - row->day <= LIMIT_NOTED_D
               ? 0
               : error_set(err, ERR_INPUT, "that was over %d days ago",
                           LIMIT_NOTED_D);
}

int case_contact(struct registrar *r, const struct case_order *o,
                 const struct case_row *of, struct error *err)
{
    const struct policy *policy = policy_find(r->policies, of->policy);
    struct elsewhere_row row = { .ours = o->ours, .noted_by = o->by.uid };
    struct staff_access by = o->by;
    char day[DATE_SIZE];
    json_t *more;

    if (policy == NULL)
        return error_set(err, ERR_CONFLICT, "its policy is loaded no more");
    if (!is_channel(o->channel))
        return error_set(err, ERR_INPUT, "no such channel");
    if (find_day(r, policy, o, &row, err) != 0)
        return -1;
    id_new_at(row.id, 'c', r->now, r->random);
    SET(row.subject, of->subject);
    SET(row.policy, of->policy);
    SET(row.case_id, of->id);
    SET(row.channel, o->channel);
    if (elsewhere_add(r->store, &row, err) != 0)
        return -1;
    by.event_type = "contact_noted";
    by.policy = of->policy;
    SET(by.subject, of->subject);
    SET(by.case_id, of->id);
    date_format(day, row.day);
    (void)leaf_whole();
    more = json_object();
    leaf_text(more, "contact_id", row.id);
    leaf_text(more, "channel", row.channel);
    leaf_text(more, "direction", row.ours ? "out" : "in");
    leaf_text(more, "day", day);
    return staff_record(r, &by, more, err);
}
