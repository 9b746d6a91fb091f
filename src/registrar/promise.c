/*
 * By when somebody says that they will pay: asked for with a list of days,
 * never why it is unpaid; one at a time; and what staff say of it when its day
 * came.
 */
#include "consent_private.h"
#include "keyring_private.h"
#include "leaf_private.h"
#include "mail_private.h"
#include "outward_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <string.h>

#include "resguardo/registrar_work.h"

/* ---- asked -------------------------------------------------------------- */

/* "lunes 30": which one stands under it. */
static void day_title(char *out, size_t cap, const struct policy_language *l,
                      civil_day day)
{
    (void)snprintf(out, cap, "%s %d",
                   l->promise[PROMISE_MONDAY + date_weekday(day)],
                   date_of(day).day);
}

/* The next business days; behind them a person. */
int promise_ask(struct registrar *r, const struct deciding *d,
                const struct dialogue_state *state, struct error *err)
{
    const struct policy_language *l = language_of(r, d);
    const struct calendar *c = &d->policy->calendar;
    const struct policy_template *t =
        &d->policy->templates[state->reminder.template];
    civil_day today = contact_day(c, r->now);
    struct list_message list = { json_array(), LIMIT_ROWS, false };

    for (int i = 1; i <= t->promise_days; i++) {
        civil_day day = calendar_add(c, today, i);
        char id[ANSWER_ID_SIZE], title[LIMIT_ROW_TITLE * 4 + 1];
        char whole[DAY_SIZE];

        promise_format(id, state->reminder.id, day);
        day_title(title, sizeof(title), l, day);
        language_day(whole, l, day);
        list_row(&list, id, title, whole);
    }
    list_row(&list, "person/ask", l->menu[MENU_PERSON], NULL);
    return list_send(r, d, &list, NULL, l->promise[PROMISE_ASK],
                     l->promise[PROMISE_BUTTON], NULL, err);
}

/* ---- made --------------------------------------------------------------- */

static json_t *evidence_of(const struct promise_row *row)
{
    json_t *evidence = json_object();
    char due[DATE_SIZE];

    date_format(due, row->day);
    leaf_text(evidence, "promise_id", row->id);
    leaf_text(evidence, "outbound_id", row->outbound);
    leaf_text(evidence, "template", row->template);
    leaf_text(evidence, "due", due);
    return evidence;
}

static int made_leaf(struct registrar *r, const struct deciding *d,
                     const struct promise_row *row, const char *former,
                     struct error *err)
{
    json_t *leaf = leaf_new(r, "promise_made", row->subject, row->policy);
    json_t *evidence = evidence_of(row);

    leaf_text(leaf, "actor", "subject");
    leaf_text(leaf, "channel", "whatsapp");
    leaf_time(leaf, "provider_time", d->item->provider_s * MSEC_S);
    leaf_text(evidence, "replaces", former);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

static int tell(struct registrar *r, const struct deciding *d, civil_day day,
                struct error *err)
{
    const struct policy_language *l = language_of(r, d);
    char when[DAY_SIZE];
    const char *const pairs[] = { "day", when, NULL };
    struct buf text = { 0 };
    int ok = -1;

    language_day(when, l, day);
    if (policy_fill(&text, l->promise[PROMISE_MADE], pairs) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a message");
    else
        ok = mail_say(r, d->policy, d->subject->id, d->item->number, "say",
                      (const char *)text.p, err);
    buf_free(&text);
    return ok;
}

/* The one that runs, under any reference of theirs: they are one person. */
static int find_open(struct registrar *r, const struct deciding *d,
                     struct promise_row *row, struct error *err)
{
    char group[LIMIT_LINKED][ID_SIZE];
    int found = 0;
    size_t n;

    if (link_group(r->store, d->subject->id, group, &n, err) != 0)
        return -1;
    for (size_t i = 0; found == 0 && i < n; i++)
        found = promise_open(r->store, group[i], d->policy->id, row, err);
    return found;
}

/* One at a time: another day takes the place of the former. */
static int replace(struct registrar *r, struct promise_row *former,
                   struct error *err)
{
    SET(former->state, "replaced");
    former->decided = r->now;
    former->decided_by = -1;
    return promise_update(r->store, former, err);
}

int promise_make(struct registrar *r, const struct deciding *d,
                 const struct dialogue_state *state, civil_day day,
                 struct error *err)
{
    const struct policy_template *t =
        &d->policy->templates[state->reminder.template];
    struct promise_row former,
        row = { .day = day, .made = r->now, .decided_by = -1 };
    int found = find_open(r, d, &former, err);

    if (found < 0)
        return -1;
    if (found > 0 && former.day == day) /* said again */
        return tell(r, d, day, err);
    if (found > 0 && replace(r, &former, err) != 0)
        return -1;
    id_new_at(row.id, 'm', r->now, r->random);
    SET(row.subject, d->subject->id);
    SET(row.policy, d->policy->id);
    SET(row.template, t->id);
    SET(row.outbound, state->reminder.id);
    SET(row.state, "open");
    row.until = zone_instant(d->policy->calendar.zone, day + 1, 0);
    return promise_add(r->store, &row, err) != 0 ||
                   made_leaf(r, d, &row, found > 0 ? former.id : NULL, err) != 0
               ? -1
               : tell(r, d, day, err);
}

/* ---- kept, or not ------------------------------------------------------- */

static int decide(struct registrar *r, void *arg, struct error *err)
{
    const struct promise_order *o = arg;
    struct staff_access by = o->by;
    struct promise_row row;
    int found;

    if (keyring_permits(r, &by, err) != 0)
        return -1;
    found = promise_get(r->store, o->id, &row, err);
    if (found < 0)
        return -1;
    if (found == 0)
        return error_set(err, ERR_NOT_FOUND, "no such promise");
    if (strcmp(row.state, "open") != 0)
        return error_set(err, ERR_CONFLICT, "the promise is %s already",
                         row.state);
    SET(row.state, o->kept ? "kept" : "broken");
    row.decided = r->now;
    row.decided_by = by.uid;
    by.event_type = o->kept ? "promise_kept" : "promise_broken";
    by.policy = row.policy;
    SET(by.subject, row.subject);
    (void)leaf_whole();
    return promise_update(r->store, &row, err) != 0
               ? -1
               : staff_record(r, &by, evidence_of(&row), err);
}

int registrar_decide_promise(struct registrar *r,
                             const struct promise_order *order,
                             struct error *err)
{
    return queue_staff(r, decide, (void *)(uintptr_t)order, err);
}
