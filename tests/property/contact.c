/* The laws about writing to people who did not just write: Ley 2300 de 2023,
 * consent, opt-out, impersonation, children, and nobody's talk interrupted. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

static const struct policy_template *find_template(const struct world *w,
                                                   int policy, const char *id)
{
    const struct policy *p = policy_at(w, policy);

    for (size_t i = 0; i < p->ntemplates; i++)
        if (id != NULL && (strcmp(p->templates[i].id, id) == 0 ||
                           strcmp(p->templates[i].name, id) == 0))
            return &p->templates[i];
    return NULL;
}

/* Monday to Friday from seven to seven, Saturday from eight to three, never on
 * a Sunday or a holiday. */
static bool may_be_called(msec at)
{
    int day = local_day(CO, at), minute = local_minute(CO, at);
    int wd = weekday(day);

    if (wd == 6 || holiday_co(day))
        return false;
    return wd == 5 ? minute >= 8 * 60 && minute < 15 * 60
                   : minute >= 7 * 60 && minute < 19 * 60;
}

static bool any_hour(const struct world *w, const struct subject *s)
{
    int purpose = policy_purpose(policy_at(w, CO), "contact_out_of_hours");

    return purpose >= 0 && is_open(w, s, CO, purpose, w->now);
}

/* Contacts of this local day, with whichever of their references. */
static int contacts_today(const struct world *w, const struct subject *s,
                          const char *but)
{
    int today = local_day(CO, w->now), n = 0;

    for (int i = 0; i < w->nsubjects; i++) {
        const struct subject *t = &w->subjects[i];

        for (size_t k = 0; t->group == s->group && k < t->ncontacts && k < 64;
             k++)
            n += local_day(CO, t->contacts[k]) == today &&
                 strcmp(t->contact_id[k], but) != 0;
    }
    return n;
}

/* Whichever of their references it is under. */
static bool talks_to_agent(const struct world *w, const struct subject *s)
{
    for (int i = 0; i < w->nsubjects; i++)
        for (int p = 0; w->subjects[i].group == s->group && p < POLICIES; p++)
            if (w->subjects[i].mode[p] == AGENT)
                return true;
    return false;
}

static bool impersonated(const struct world *w, const struct subject *s)
{
    for (int i = 0; i < w->nsubjects; i++)
        if (w->subjects[i].group == s->group && w->subjects[i].holds > 0)
            return true;
    return false;
}

static bool said_stop(const struct world *w, const struct subject *s,
                      int policy)
{
    const struct policy *p = policy_at(w, policy);
    bool any = false;

    for (int i = 0; i < (int)p->npurposes; i++) {
        if ((p->asked & 1u << i) == 0 ||
            strcmp(p->purposes[i].id, "contact_out_of_hours") == 0)
            continue;
        any = true;
        if (s->basis[policy][i].is != SHUT || s->basis[policy][i].no_s == 0)
            return false;
    }
    return any;
}

static void note_contact(struct subject *s, msec at, const char *outbox)
{
    size_t k = s->ncontacts;

    for (size_t i = 0; i < s->ncontacts && i < 64; i++)
        if (strcmp(s->contact_id[i], outbox) == 0)
            k = i;
    s->contacts[k % 64] = at;
    SET(s->contact_id[k % 64], outbox);
    s->ncontacts += k == s->ncontacts;
}

void contact_never_arrived(struct world *w, const char *outbox)
{
    for (int i = 0; i < w->nsubjects; i++)
        for (size_t k = 0; k < w->subjects[i].ncontacts && k < 64; k++)
            if (strcmp(w->subjects[i].contact_id[k], outbox) == 0)
                w->subjects[i].contacts[k] = 0;
}

/* ---- it goes ------------------------------------------------------------ */

static void must_keep_the_hours(struct world *w, const struct subject *s,
                                const char *outbox)
{
    if (!may_be_called(w->now) && !any_hour(w, s))
        broken(w, s->person, "a contact outside the hours of Ley 2300");
    if (contacts_today(w, s, outbox) > 0)
        broken(w, s->person, "a second contact on one day");
}

void contact_send(struct world *w, struct subject *s, int policy,
                  const char *kind, json_t *body, const char *outbox)
{
    const struct policy_template *t;
    bool rating = strcmp(kind, "rating") == 0;

    if (rating) {
        w->seen.ratings++;
        if (policy == CO)
            must_keep_the_hours(w, s, outbox);
        if (talks_to_agent(w, s) || s->gone || s->ordered)
            broken(w, s->person, "asked how it was, at the wrong time");
        return;
    }
    if (json_object_get(body, "template") == NULL)
        return;
    if (strcmp(kind, "notice") != 0)
        broken(w, s->person, "a template of nobody's list");
    w->seen.templates++;
    t = find_template(w, policy,
                      json_str(json_object_get(body, "template"), "name"));
    if (t == NULL)
        broken(w, s->person, "a template that the policy has not");
    if (!is_open(w, s, policy, t->purpose, w->now))
        broken(w, s->person, "written to for what they did not authorise");
    if (s->gone || s->ordered)
        broken(w, s->person, "written to, and they are to be erased");
    if (talks_to_agent(w, s))
        broken(w, s->person, "interrupted while they talk to an agent");
    if (t->class == CLASS_REQUESTED_INFO)
        return;
    if (s->minor && !s->represented)
        broken(w, s->person, "a child is written to");
    if (said_stop(w, s, policy))
        broken(w, s->person, "written to, and they said stop");
    if (impersonated(w, s) &&
        (t->class == CLASS_COLLECTION || t->class == CLASS_ADVERTISING))
        broken(w, s->person, "collected from, and somebody used their name");
    if (policy != CO)
        return; /* that law is Colombia's */
    must_keep_the_hours(w, s, outbox);
    note_contact(s, w->now, outbox);
}

/* ---- it does not -------------------------------------------------------- */

/* A rule that says no has a reason in the world. */
static bool is_true(struct world *w, const char *rule, const struct subject *s,
                    int policy, const struct policy_template *t)
{
    if (strcmp(rule, "unknown_person") == 0)
        return s == NULL;
    if (strcmp(rule, "contact_day") == 0)
        return weekday(local_day(CO, w->now)) == 6 ||
               holiday_co(local_day(CO, w->now));
    if (strcmp(rule, "contact_hours") == 0)
        return !may_be_called(w->now) && !any_hour(w, s);
    if (strcmp(rule, "purpose_not_open") == 0 ||
        strcmp(rule, "purpose_withdrawn") == 0)
        return !is_open(w, s, policy, t->purpose, w->now);
    if (strcmp(rule, "person_has_conversation") == 0)
        return talks_to_agent(w, s);
    if (strcmp(rule, "impersonation_hold") == 0)
        return impersonated(w, s) &&
               (t->class == CLASS_COLLECTION || t->class == CLASS_ADVERTISING);
    if (strcmp(rule, "opted_out") == 0)
        return said_stop(w, s, policy) ||
               !is_open(w, s, policy, t->purpose, w->now);
    if (strcmp(rule, "being_erased") == 0)
        return s->ordered || s->gone;
    if (strcmp(rule, "number_left") == 0)
        return s->left;
    if (strcmp(rule, "under_age") == 0)
        return s->minor && !s->represented;
    if (strcmp(rule, "not_requested") == 0)
        return t->class == CLASS_REQUESTED_INFO &&
               w->now - s->wrote > 44 * MSEC_D;
    if (strcmp(rule, "other_channel_this_week") == 0)
        return policy == CO;
    if (strcmp(rule, "excluded_number") == 0)
        return t->class == CLASS_ADVERTISING;
    return strcmp(rule, "once_a_day") == 0 && policy == CO &&
           t->class != CLASS_REQUESTED_INFO;
}

void contact_leaf(struct world *w, json_t *leaf, bool queued)
{
    json_t *evidence = json_object_get(leaf, "evidence");
    int policy = policy_index(w, json_str(leaf, "policy"));
    const struct policy_template *t =
        find_template(w, policy, json_str(evidence, "template"));
    const char *id = json_str(leaf, "subject");
    const char *rule = json_str(evidence, "rule");
    struct subject *s = id == NULL ? NULL : subject_by_id(w, id);

    if (s != NULL)
        tell(w, s->person, "  outbound %s %s %s",
             json_str(evidence, "template"), queued ? "queued" : "denied",
             rule != NULL ? rule : "");
    if (queued || t == NULL)
        return;
    w->seen.denied++;
    if (rule == NULL || !is_true(w, rule, s, policy, t))
        broken(w, s != NULL ? s->person : -1, "denied without a reason: %s",
               rule != NULL ? rule : "no rule");
}
