/* What people answer to a reminder: a tap on its button, or a word. */
#include "dialogue_private.h"

#include <string.h>

/* Of the reminder that was answered; NULL: there is none. */
static const struct policy_template *reminder(const struct decide *d)
{
    const struct dialogue_state *s = &d->state;

    return s->reminder.id[0] == '\0'
               ? NULL
               : &s->policy->templates[s->reminder.template];
}

/* The same, if "OUTBOUND/…" names it and it has that button; *rest is what
 * follows. */
static const struct policy_template *named(const struct decide *d,
                                           const char **rest,
                                           enum answer_kind kind)
{
    const struct policy_template *t = reminder(d);
    size_t len = strcspn(*rest, "/");

    if (t == NULL || (*rest)[len] == '\0' || !template_offers(t, kind) ||
        strlen(d->state.reminder.id) != len ||
        memcmp(d->state.reminder.id, *rest, len) != 0)
        return NULL;
    *rest += len + 1;
    return t;
}

void answer_note(struct decide *d, enum answer_kind kind)
{
    struct dialogue_reminder *r = &d->state.reminder;
    const struct policy_template *t = reminder(d);

    if (t == NULL || !template_offers(t, kind) ||
        (r->answered & 1u << kind) != 0)
        return;
    decide_add(d, DO_ANSWERED, -1, -1)->value = (int)kind;
    r->answered |= 1u << kind;
}

/* ---- what each leads to ------------------------------------------------- */

/* Whom an agent talks to tells the agent. */
static bool is_with_bot(const struct decide *d)
{
    return d->state.mode != MODE_PERSON;
}

/* Who withdrew the notice, or never saw it, hears of it before anything is
 * handed in. True: they do now. */
static bool asked_first(struct decide *d)
{
    if (!decide_undecided(d))
        return false;
    if (!decide_any_open(d))
        decide_ask(d, decide_first_purpose(d), true);
    return true;
}

static void ask_promise(struct decide *d)
{
    if (tell_may(d))
        decide_add(d, DO_ASK_PROMISE, -1, -1);
}

static void lead_to(struct decide *d, enum answer_kind kind)
{
    const struct policy_template *t = reminder(d);

    answer_note(d, kind);
    if (!is_with_bot(d))
        return;
    if (d->state.minor == MINOR_SAID) {
        persons_remind(d);
        return;
    }
    if (kind == ANSWER_PROMISE)
        ask_promise(d);
    else if (asked_first(d))
        return;
    else if (kind == ANSWER_STATUS)
        (void)tell_status(d);
    else if (kind == ANSWER_PROOF)
        decide_add(d, DO_PROCEDURE, -1, -1)->value = t->procedure;
}

/* ---- taps --------------------------------------------------------------- */

static enum answer_kind kind_of(const char *rest)
{
    const char *name = strchr(rest, '/');

    for (int k = 0; name != NULL && k < ANSWER__MAX; k++)
        if (strcmp(name + 1, answer_names[k]) == 0)
            return (enum answer_kind)k;
    return ANSWER__MAX;
}

void answer_pick(struct decide *d, const char *rest)
{
    enum answer_kind kind = kind_of(rest);
    const char *end = rest;
    bool theirs = kind != ANSWER__MAX && named(d, &end, kind) != NULL;

    if (!theirs)
        d->state.reminder.id[0] = '\0';
    if (kind == ANSWER_STOP && notices_stop(d))
        return;
    if (kind == ANSWER_PERSON)
        (void)agent_ask(d);
    else if (theirs && kind != ANSWER_STOP)
        lead_to(d, kind);
    else
        (void)tell_menu(d);
}

/* "OUTBOUND/YYYY-MM-DD": a day of the list, though it may have been shown days
 * ago. */
void answer_promise_day(struct decide *d, const char *rest)
{
    const struct policy_template *t = named(d, &rest, ANSWER_PROMISE);
    const struct calendar *c = &d->state.policy->calendar;
    civil_day today, day;

    if (t == NULL || date_parse(rest, &day) != 0) {
        (void)tell_menu(d);
        return;
    }
    if (d->state.minor == MINOR_SAID) {
        persons_remind(d);
        return;
    }
    today = contact_day(c, d->now);
    if (day >= today && calendar_business(c, day) &&
        day <= calendar_add(c, today, t->promise_days))
        decide_add(d, DO_PROMISE, -1, -1)->value = day;
    else if (is_with_bot(d))
        ask_promise(d);
}

/* ---- words -------------------------------------------------------------- */

/* Once for a reminder: after that it is a text like any other. */
static bool said(struct decide *d, enum answer_kind kind)
{
    const struct policy_template *t = reminder(d);

    if (t == NULL || !template_offers(t, kind) || !is_with_bot(d) ||
        (d->state.reminder.answered & 1u << kind) != 0)
        return false;
    lead_to(d, kind);
    return true;
}

bool answer_promise(struct decide *d)
{
    return said(d, ANSWER_PROMISE);
}

bool answer_proof(struct decide *d)
{
    return said(d, ANSWER_PROOF);
}
