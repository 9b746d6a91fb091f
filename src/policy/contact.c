/*
 * May this go out now? Ley 2300 de 2023 gave the shape: hours and days, once a
 * day, one channel a week; and none of it for what a person asked for (art. 8).
 */
#include "resguardo/contact.h"

#include <string.h>

#include "resguardo/policy.h"

bool contact_counts(enum contact_class class)
{
    return class != CLASS_REQUESTED_INFO;
}

civil_day contact_day(const struct calendar *c, msec now)
{
    /* Without a calendar nothing is counted by local days. */
    return c->zone != NULL ? zone_day(c->zone, now, NULL)
                           : (civil_day)(now / MSEC_D);
}

/* A closed day is another rule than a closed hour: the answer to "when then?"
 * differs. */
static const char *by_time(const struct contact_rules *rules,
                           const struct calendar *c, msec now)
{
    civil_day day = contact_day(c, now);

    if (hours_open(&rules->hours, c, now))
        return NULL;
    return calendar_closed(c, day) ||
                   rules->hours.week[date_weekday(day)].n == 0
               ? "contact_day"
               : "contact_hours";
}

bool contact_same_week(civil_day a, civil_day b)
{
    return a - date_weekday(a) == b - date_weekday(b);
}

static const char *by_frequency(const struct contact_rules *rules,
                                const struct calendar *c,
                                const struct contact_facts *facts, msec now)
{
    if (facts->today >= rules->per_day)
        return "once_a_day";
    if (rules->one_channel && facts->has_other &&
        contact_same_week(facts->other, contact_day(c, now)))
        return "other_channel_this_week";
    return NULL;
}

bool contact_is_rule(const char *name)
{
    static const char *const names[] = {
        "unknown_person",
        "being_erased",
        "number_left",
        "purpose_not_open",
        "purpose_withdrawn",
        "opted_out",
        "excluded_number",
        "impersonation_hold",
        "restriction_hold",
        "under_age",
        "promise_running",
        "not_requested",
        "contact_day",
        "contact_hours",
        "once_a_day",
        "template_gone",
        "other_channel_this_week",
        "person_has_conversation",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Whatever the hour: nobody is written to who did not agree to it, or wants no
 * more of it. */
static const char *by_person(const struct contact_facts *facts)
{
    bool advertising = facts->class == CLASS_ADVERTISING;

    if (facts->left)
        return "number_left";
    if (facts->restricted)
        return "restriction_hold";
    if (facts->impersonated &&
        (advertising || facts->class == CLASS_COLLECTION))
        return "impersonation_hold";
    if (facts->excluded && advertising)
        return "excluded_number";
    if (!facts->consented && !facts->withdrawn)
        return "purpose_not_open";
    if (!facts->consented)
        return advertising ? "opted_out" : "purpose_withdrawn";
    if (!contact_counts(facts->class))
        return NULL;
    if (facts->opted_out)
        return "opted_out";
    if (facts->under_age)
        return "under_age";
    return facts->promised && facts->class == CLASS_COLLECTION
               ? "promise_running"
               : NULL;
}

const char *contact_against(const struct contact_rules *rules,
                            const struct calendar *c,
                            const struct contact_facts *facts, msec at)
{
    const char *rule = NULL;

    if (!rules->any)
        return NULL;
    if (!facts->any_hour)
        rule = by_time(rules, c, at);
    return rule != NULL ? rule : by_frequency(rules, c, facts, at);
}

const char *contact_forbids(const struct contact_rules *rules,
                            const struct calendar *c,
                            const struct contact_facts *facts, msec now)
{
    const char *rule = NULL;

    if ((rule = by_person(facts)) != NULL)
        return rule;
    if (facts->class == CLASS_REQUESTED_INFO)
        return facts->wrote > now - LIMIT_REQUESTED_D * MSEC_D
                   ? NULL
                   : "not_requested";
    return contact_against(rules, c, facts, now);
}
