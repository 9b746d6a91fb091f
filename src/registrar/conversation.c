/*
 * A person in the conversation: asked for, waited for, ended. While somebody
 * waits or talks, what the customer writes is kept for them (chat.c).
 */
#include "consent_private.h"
#include "leaf_private.h"
#include "mail_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE (60 * MSEC_S)

static bool is_mode(const struct conversation_row *row,
                    enum conversation_mode mode)
{
    return strcmp(row->mode, conversation_mode_names[mode]) == 0;
}

static void set_mode(struct registrar *r, struct conversation_row *row,
                     enum conversation_mode mode)
{
    SET(row->mode, conversation_mode_names[mode]);
    row->since = r->now;
    row->step = 0;
    row->due = 0;
    row->who = -1;
}

/* ---- on record ---------------------------------------------------------- */

static json_t *evidence_of(const struct conversation_row *row,
                           const struct handover_row *handover)
{
    json_t *evidence = json_object();

    leaf_text(evidence, "conversation_id", row->id);
    if (handover != NULL)
        leaf_text(evidence, "handover_id", handover->id);
    return evidence;
}

int conversation_record(struct registrar *r, const struct conversation_row *row,
                        const struct staff_access *by, const char *event,
                        json_t *more, struct error *err)
{
    struct staff_access access = *by;

    access.event_type = event;
    access.policy = row->policy;
    SET(access.subject, row->subject);
    leaf_text(more, "conversation_id", row->id);
    return staff_record(r, &access, more, err);
}

/* ---- heard -------------------------------------------------------------- */

/* Their clock may be ahead of ours; a window that is open longer than Meta's
 * only lets Meta refuse. */
static msec heard_at(const struct registrar *r, const struct deciding *d)
{
    msec at = d->item->provider_s * MSEC_S;

    return at < r->now ? at : r->now;
}

int conversation_look(struct registrar *r, const struct deciding *d,
                      struct dialogue_state *state, struct error *err)
{
    struct conversation_row *row = d->talk;
    int found = conversation_find(r->store, d->subject->id, d->policy->id,
                                  d->item->number, row, err);

    if (found <= 0) {
        memset(row, 0, sizeof(*row));
        return found;
    }
    for (int i = 0; i < MODE__MAX; i++)
        if (is_mode(row, (enum conversation_mode)i))
            state->mode = (enum conversation_mode)i;
    state->told = row->told;
    return 1;
}

int conversation_heard(struct registrar *r, const struct deciding *d,
                       struct dialogue_state *state, struct error *err)
{
    struct conversation_row *row = d->talk;
    int found = conversation_look(r, d, state, err);

    if (found <= 0)
        return found;
    if (heard_at(r, d) > row->heard)
        row->heard = heard_at(r, d);
    if (state->mode == MODE_PERSON)
        row->due = r->now + d->policy->handover_silence;
    return conversation_update(r->store, row, err);
}

/* ---- what the customer is told ------------------------------------------ */

/* Is somebody at the desk of this number at that instant? A policy that says
 * nothing of hours has somebody there always. If not, *opens is when there will
 * be; 0: nobody knows. */
static bool is_open(const struct policy *policy, const char *number, msec at,
                    msec *opens)
{
    const struct hours *hours = policy_hours(policy, number);

    *opens = at;
    if (hours == NULL || hours_open(hours, &policy->calendar, at))
        return true;
    if (hours_next(hours, &policy->calendar, at, opens) != 0)
        *opens = 0;
    return false;
}

/* Who asks at night waits from the morning on. */
static msec waits_since(const struct policy *policy,
                        const struct conversation_row *row)
{
    msec opens;

    return is_open(policy, row->number, row->since, &opens) || opens == 0
               ? row->since
               : opens;
}

/* As people there write it: 30/11/2026 08:00. */
static void format_when(char out[static DATE_WORDS_AT_SIZE],
                        const struct policy *policy,
                        const struct policy_language *l, msec at)
{
    msec of_day;
    civil_day day = zone_day(policy->calendar.zone, at, &of_day);

    date_words_at(out, l->tag, day, (int)(of_day / MINUTE));
}

static int by_length(const void *a, const void *b)
{
    msec x = *(const msec *)a, y = *(const msec *)b;

    return (x > y) - (x < y);
}

/* Minutes in which somebody was there. -1: nobody was, so it says nothing of
 * how long it takes when there is. */
static msec minutes_waited(const struct policy *policy, const char *number,
                           const struct handover_wait *w)
{
    const struct hours *hours = policy_hours(policy, number);
    msec all = (w->taken - w->asked) / MINUTE, open;

    if (hours == NULL)
        return all;
    open = hours_between(hours, &policy->calendar, w->asked, w->taken);
    return open == 0 && all > 0 ? -1 : open;
}

/* What the last ones waited while it was open, in whole minutes: the median.
 * How many agents there are nobody says, and who comes next neither: what
 * happened is honest. -1 failed, 0 nobody waited of late. */
static msec estimate(struct registrar *r, const struct policy *policy,
                     const char *number, struct error *err)
{
    struct handover_wait last[LIMIT_WAITS];
    msec waits[LIMIT_WAITS];
    size_t found, n = 0;

    if (handover_waits(r->store, policy->id, r->now - LIMIT_WAITS_D * MSEC_D,
                       last, LIMIT_WAITS, &found, err) != 0)
        return -1;
    for (size_t i = 0; i < found; i++)
        if ((waits[n] = minutes_waited(policy, number, &last[i])) >= 0)
            n++;
    if (n == 0)
        return 0;
    qsort(waits, n, sizeof(waits[0]), by_length);
    return waits[n / 2] < 1 ? 1 : waits[n / 2];
}

static int fill(struct buf *out, const char *text, const char *key,
                const char *value)
{
    const char *const pairs[] = { key, value, NULL };

    if (out->len > 0 && buf_adds(out, "\n") != 0)
        return -1;
    return policy_fill(out, text, pairs);
}

static int place_words(struct registrar *r, const struct conversation_row *row,
                       const struct policy *policy, struct buf *out,
                       struct error *err)
{
    const struct policy_language *l = person_language(r, policy, row->subject);
    char *const *texts = l->texts;
    int64_t position = conversation_position(r->store, row, err);
    char number[24], minutes[24], when[DATE_WORDS_AT_SIZE];
    msec wait, opens;
    int ok;

    if (position < 0 || (wait = estimate(r, policy, row->number, err)) < 0)
        return -1;
    (void)snprintf(number, sizeof(number), "%lld", (long long)position);
    (void)snprintf(minutes, sizeof(minutes), "%lld", (long long)wait);
    ok = fill(out, texts[TEXT_PERSON_WAITING], "position", number);
    if (ok == 0 && !is_open(policy, row->number, r->now, &opens) &&
        opens != 0) {
        format_when(when, policy, l, opens);
        ok = fill(out, texts[TEXT_PERSON_CLOSED], "opens", when);
    } else if (ok == 0) {
        ok = fill(
            out,
            texts[wait > 0 ? TEXT_PERSON_ESTIMATE : TEXT_PERSON_NO_ESTIMATE],
            "minutes", minutes);
    }
    return ok == 0 ? 0 : error_set(err, ERR_NOMEM, "no memory for a message");
}

static int tell_place(struct registrar *r, struct conversation_row *row,
                      const struct policy *policy, struct error *err)
{
    struct buf text = { 0 };
    int ok = place_words(r, row, policy, &text, err);

    row->told = r->now;
    if (ok == 0)
        ok = conversation_update(r->store, row, err);
    if (ok == 0)
        ok = mail_say(r, policy, row->subject, row->number, "say",
                      (const char *)text.p, err);
    buf_free(&text);
    return ok;
}

/* ---- asked for ---------------------------------------------------------- */

static int asked(struct registrar *r, const struct deciding *d,
                 struct conversation_row *row, const char *reminder,
                 struct error *err)
{
    struct handover_row handover = { .asked = r->now, .taken_by = -1 };
    json_t *leaf = leaf_new(r, "handover_asked", d->subject->id, d->policy->id);
    json_t *evidence;

    id_new_at(handover.id, 'w', r->now, r->random);
    SET(handover.conversation, row->id);
    SET(handover.subject, row->subject);
    SET(handover.policy, row->policy);
    leaf_text(leaf, "actor", "subject");
    leaf_text(leaf, "channel", "whatsapp");
    SET(handover.outbound, reminder);
    evidence = evidence_of(row, &handover);
    leaf_text(evidence, "outbound_id", reminder);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err) != 0
               ? -1
               : handover_add(r->store, &handover, err);
}

int conversation_ask(struct registrar *r, const struct deciding *d,
                     const char *reminder, bool again, struct error *err)
{
    struct conversation_row *row = d->talk;
    bool new = row->id[0] == '\0';

    if (again)
        return tell_place(r, row, d->policy, err);
    if (new) {
        id_new_at(row->id, 'v', r->now, r->random);
        SET(row->subject, d->subject->id);
        SET(row->policy, d->policy->id);
        SET(row->number, d->item->number);
        row->heard = heard_at(r, d);
    }
    set_mode(r, row, MODE_WAITING);
    row->priority = PRIORITY_NORMAL;
    row->due = policy_escalates(d->policy, ESCALATE_WAITING,
                                waits_since(d->policy, row), 0);
    if ((new ? conversation_add(r->store, row, err)
             : conversation_update(r->store, row, err)) != 0 ||
        asked(r, d, row, reminder, err) != 0)
        return -1;
    return tell_place(r, row, d->policy, err);
}

int conversation_keep(struct registrar *r, const struct deciding *d,
                      struct error *err)
{
    struct conversation_row *row = d->talk;
    struct chat_row chat = { .author = -1 };

    if (row->kept >= LIMIT_CHAT_KEPT ||
        strlen(d->item->text) > LIMIT_CHAT_BYTES) {
        log_event(LOG_LEVEL_ALARM, "chat_not_kept", "{s:s,s:I}", "conversation",
                  row->id, "kept", (json_int_t)row->kept);
        return 0;
    }
    SET(chat.subject, row->subject);
    SET(chat.policy, row->policy);
    SET(chat.conversation, row->id);
    SET(chat.kind, "in");
    row->kept++;
    return conversation_update(r->store, row, err) != 0
               ? -1
               : chat_keep(r, &chat, d->item->text, NULL, NULL, err);
}

/* ---- ends --------------------------------------------------------------- */

static int ended_leaf(struct registrar *r, const struct conversation_row *row,
                      const struct handover_row *handover, const char *how,
                      struct error *err)
{
    json_t *leaf = leaf_new(r, "handover_ended", row->subject, row->policy);

    leaf_text(leaf, "actor",
              strcmp(how, "customer") == 0 ? "subject" : "system");
    leaf_text(leaf, "reason", how);
    leaf_object(leaf, "evidence", evidence_of(row, handover));
    return leaf_append(r, leaf, NULL, err);
}

/* Not because the person goes. */
static bool by_will(const char *how)
{
    return strcmp(how, "blocked") != 0 && strcmp(how, "erased") != 0;
}

int conversation_end(struct registrar *r, struct conversation_row *row,
                     const char *how, const struct staff_access *by,
                     struct error *err)
{
    struct handover_row handover;
    int found = handover_open(r->store, row->id, &handover, err);
    json_t *more;

    if (found < 0)
        return -1;
    set_mode(r, row, MODE_BOT);
    if (conversation_update(r->store, row, err) != 0)
        return -1;
    if (found == 0)
        return error_set(err, ERR_INVARIANT, "no hand-over to be ended");
    handover.ended = r->now;
    SET(handover.how, how);
    if (handover_update(r->store, &handover, err) != 0 ||
        (by_will(how) && rating_handover_ended(r, row, &handover, err) != 0))
        return -1;
    if (by == NULL)
        return ended_leaf(r, row, &handover, how, err);
    (void)leaf_whole();
    more = json_object();
    leaf_text(more, "handover_id", handover.id);
    return conversation_record(r, row, by, "handover_ended", more, err);
}

int conversation_back(struct registrar *r, const struct deciding *d,
                      struct error *err)
{
    if (conversation_end(r, d->talk, "customer", NULL, err) != 0)
        return -1;
    return mail_say(r, d->policy, d->subject->id, d->item->number, "say",
                    language_of(r, d)->texts[TEXT_PERSON_BACK], err);
}

struct ending {
    struct registrar *r;
    const char *how;
    struct error *err;
};

static int end_one(void *arg, const struct conversation_row *found)
{
    struct ending *e = arg;
    struct conversation_row row = *found;

    return is_mode(&row, MODE_BOT)
               ? 0
               : conversation_end(e->r, &row, e->how, NULL, e->err);
}

int conversation_end_all(struct registrar *r, const char *subject,
                         const char *how, struct error *err)
{
    struct ending e = { r, how, err };

    return conversation_of_person(r->store, subject, end_one, &e, err);
}

/* ---- silence and escalation --------------------------------------------- */

/* More urgent than it was, never less: somebody may have said so. */
static int escalate(struct registrar *r, struct conversation_row *row,
                    const struct policy *policy, struct error *err)
{
    const struct policy_escalation *rule =
        &policy->escalations[ESCALATE_WAITING][row->step];
    json_t *leaf, *evidence;

    if ((int)rule->priority > row->priority)
        row->priority = (int)rule->priority;
    row->step++;
    row->due =
        policy_escalates(policy, ESCALATE_WAITING, row->since, row->step);
    if (conversation_update(r->store, row, err) != 0)
        return -1;
    log_event(LOG_LEVEL_ALARM, "handover_waits", "{s:s,s:s,s:I}",
              "conversation", row->id, "priority",
              priority_names[row->priority], "seconds",
              (json_int_t)((r->now - row->since) / MSEC_S));
    leaf = leaf_new(r, "handover_escalated", row->subject, row->policy);
    leaf_text(leaf, "actor", "system");
    evidence = evidence_of(row, NULL);
    leaf_text(evidence, "priority", priority_names[row->priority]);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

static int step_due(struct registrar *r, void *arg, struct error *err)
{
    struct conversation_row *row = arg;
    const struct policy *policy = policy_find(r->policies, row->policy);

    if (is_mode(row, MODE_PERSON))
        return conversation_end(r, row, "silence", NULL, err);
    if (policy != NULL && is_mode(row, MODE_WAITING) &&
        (size_t)row->step < policy->nescalations[ESCALATE_WAITING])
        return escalate(r, row, policy, err);
    row->due = 0; /* the policy has no such step any more */
    return conversation_update(r->store, row, err);
}

static int each_due(void *arg, const struct conversation_row *due)
{
    struct ending *e = arg;
    struct conversation_row row = *due;
    int done = batch_guard(e->r, step_due, &row, e->err);

    if (done <= 0)
        return done;
    log_error("conversation_put_off", e->err);
    row = *due;
    row.due = e->r->now + 5 * MINUTE;
    return conversation_update(e->r->store, &row, e->err);
}

int conversation_upkeep(struct registrar *r, struct error *err)
{
    struct ending e = { r, NULL, err };

    return conversation_due(r->store, r->now, PUMP_ROWS, each_due, &e, err);
}
