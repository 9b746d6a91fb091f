/*
 * How it was: one question once a case was closed, or a hand-over of somebody
 * without a case has ended; and its answer. Whether it may be asked is looked
 * at when it is due and again when it goes: it is never a reason to break the
 * window, the rules of contact or a conversation that a person has.
 */
#include "consent_private.h"
#include "leaf_private.h"
#include "mail_private.h"
#include "outward_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <string.h>

/* Of five: this and less. */
#define BADLY 2
/* What was in the way is looked at again. */
#define LOOK_AGAIN (10 * 60 * MSEC_S)

static bool is_state(const struct rating_row *row, const char *state)
{
    return strcmp(row->state, state) == 0;
}

/* ---- it is over --------------------------------------------------------- */

static int begin(struct registrar *r, const struct policy *policy,
                 struct rating_row *row, struct error *err)
{
    id_new_at(row->id, 'y', r->now, r->random);
    SET(row->policy, policy->id);
    row->made = r->now;
    row->due = r->now + policy->satisfaction.ask_after;
    return rating_add(r->store, row, err) < 0 ? -1 : 0;
}

int rating_case_closed(struct registrar *r, const struct case_row *of,
                       struct error *err)
{
    const struct policy *policy = policy_find(r->policies, of->policy);
    struct rating_row row = { .due = 0 };

    if (policy == NULL || !policy->satisfaction.asked)
        return 0;
    if (number_at(r, policy, of->subject, row.number, err) != 0)
        return -1;
    if (row.number[0] == '\0')
        return 0; /* they never wrote to one that there is */
    SET(row.subject, of->subject);
    SET(row.case_id, of->id);
    return begin(r, policy, &row, err);
}

static int is_case(void *arg, const struct case_row *row)
{
    return strcmp(row->policy, arg) == 0 && strcmp(row->state, "closed") != 0;
}

static int is_waiting(void *arg, const struct rating_row *row)
{
    (void)arg;
    return is_state(row, "waiting");
}

int rating_handover_ended(struct registrar *r,
                          const struct conversation_row *talk,
                          const struct handover_row *handover,
                          struct error *err)
{
    const struct policy *policy = policy_find(r->policies, talk->policy);
    struct rating_row row = { .due = 0 };
    int other;

    if (policy == NULL || !policy->satisfaction.asked || handover->taken == 0)
        return 0;
    SET(row.subject, talk->subject);
    SET(row.number, talk->number);
    SET(row.handover, handover->id);

    /* Who has a case is asked when that is closed. */
    other = case_of_person(r->store, row.subject, is_case,
                           (void *)(uintptr_t)policy->id, err);
    if (other == 0)
        other = rating_of_person(r->store, row.subject, is_waiting, NULL, err);
    return other != 0 ? (other < 0 ? -1 : 0) : begin(r, policy, &row, err);
}

/* ---- may they be asked? ------------------------------------------------- */

enum verdict { ASK, LATER, NEVER };
struct asking {
    const struct policy *policy;
    const struct rating_row *row;
    struct subject_row subject;
    bool goes;   /* it was queued, and goes now */
    msec window; /* until then WhatsApp lets us answer */
    msec at;     /* LATER: to be looked at again */
    enum verdict verdict;
};

static int is_busy(void *arg, const struct conversation_row *row)
{
    (void)arg;
    return strcmp(row->mode, conversation_mode_names[MODE_BOT]) != 0;
}

/* Somebody who is with us: a purpose of the policy is open, and none was taken
 * back. */
static int is_willing(struct registrar *r, const struct asking *a,
                      bool *willing, struct error *err)
{
    const struct policy *policy = a->policy;
    bool any = false, withdrawn = false;

    for (size_t i = 0; i < policy->npurposes; i++) {
        const char *purpose = policy->purposes[i].id;
        struct consent_row row;
        bool open;
        int found = consent_get(r->store, a->subject.id, policy->id, purpose,
                                &row, err);

        if (found < 0 ||
            gate_open(r, policy, a->subject.id, purpose, &open, err) != 0)
            return -1;
        any |= open;
        withdrawn |= found > 0 && strcmp(row.state, "withdrawn") == 0;
    }
    *willing = any && !withdrawn;
    return 0;
}

/* It answers what they came for, but nobody asked for it: it keeps the rules
 * for messages that we begin. */
static int rule_of_contact(struct registrar *r, struct asking *a,
                           struct error *err)
{
    const struct contact_rules *rules = &a->policy->contact;
    const struct calendar *c = &a->policy->calendar;
    struct contact_facts facts = { .class = CLASS_PROACTIVE,
                                   .consented = true };
    const char *rule;

    if (!rules->any)
        return 0;
    if (rules->out_of_hours >= 0 &&
        gate_open(r, a->policy, a->subject.id,
                  a->policy->purposes[rules->out_of_hours].id, &facts.any_hour,
                  err) != 0)
        return -1;
    facts.today =
        outbound_today(r, a->subject.id, contact_day(c, r->now), "", err);
    if (facts.today < 0)
        return -1;
    rule = contact_forbids(rules, c, &facts, r->now);
    if (rule == NULL)
        return 0;
    a->verdict = NEVER;
    if ((strcmp(rule, "contact_day") == 0 ||
         strcmp(rule, "contact_hours") == 0) &&
        hours_next(&rules->hours, c, r->now, &a->at) == 0)
        a->verdict = LATER;
    return 0;
}

/* Another question is in front of them, or somebody has them, or waits to,
 * under any number of theirs. */
static int is_interrupted(struct registrar *r, struct asking *a,
                          struct error *err)
{
    char theirs[LIMIT_LINKED][ID_SIZE];
    struct prompt_row prompt;
    size_t n, ntheirs = 0;
    int busy = link_group(r->store, a->subject.id, theirs, &ntheirs, err);

    for (size_t i = 0; busy == 0 && i < ntheirs; i++)
        busy = conversation_of_person(r->store, theirs[i], is_busy, NULL, err);
    if (busy < 0 || prompt_list_open(r->store, a->subject.id, a->policy->id,
                                     &prompt, 1, &n, err) != 0)
        return -1;
    if (busy > 0 || n > 0) {
        a->verdict = LATER;
        a->at = r->now + LOOK_AGAIN;
    }
    return 0;
}

/* Those that nothing changes: never then. 1, 0, -1. */
static int is_out(struct registrar *r, struct asking *a, struct error *err)
{
    struct erasure_row erasure;
    bool willing;
    msec last;
    int found = subject_get(r->store, a->row->subject, &a->subject, err);

    if (found <= 0 || a->subject.blocked != 0)
        return found < 0 ? -1 : 1;
    found =
        erasure_of_subject(r->store, a->subject.id, "subject", &erasure, err);
    if (found != 0)
        return found;
    if (is_willing(r, a, &willing, err) != 0 ||
        window_until(r, &a->subject, a->row->policy, a->row->number, &a->window,
                     err) != 0 ||
        (last = rating_last(r->store, a->subject.id, err)) < 0)
        return -1;
    return !willing || r->now >= a->window ||
           (!a->goes && last != 0 &&
            r->now - last < a->policy->satisfaction.quiet);
}

static int judge(struct registrar *r, struct asking *a, struct error *err)
{
    int out;

    a->verdict = NEVER;
    a->policy = policy_find(r->policies, a->row->policy);
    if (a->policy == NULL || !a->policy->satisfaction.asked)
        return 0;
    if ((out = is_out(r, a, err)) != 0)
        return out < 0 ? -1 : 0;
    a->verdict = ASK;
    if (rule_of_contact(r, a, err) != 0 ||
        (a->verdict == ASK && is_interrupted(r, a, err) != 0))
        return -1;
    if (a->verdict == LATER && a->at >= a->window)
        a->verdict = NEVER;
    return 0;
}

/* ---- asking ------------------------------------------------------------- */

static json_t *rows_of(const struct policy_language *l, const char *id)
{
    json_t *rows = json_array();

    for (int t = RATING_TEXT_FIVE; t <= RATING_TEXT_ONE; t++) {
        char row[BUTTON_ID_SIZE];

        (void)snprintf(row, sizeof(row), "rate/%s/%d", id,
                       5 - (t - RATING_TEXT_FIVE));
        if (json_array_append_new(rows, json_pack("{s:s,s:s}", "id", row,
                                                  "title", l->rating[t])) !=
            0) {
            json_decref(rows);
            return NULL;
        }
    }
    return rows;
}

static int ask(struct registrar *r, const struct policy *policy,
               struct rating_row *row, struct error *err)
{
    const struct policy_language *l = person_language(r, policy, row->subject);
    const char *const pairs[] = { "case", row->case_id, NULL };
    enum rating_text body =
        row->case_id[0] != '\0' ? RATING_TEXT_ASK : RATING_TEXT_ASK_PERSON;
    struct buf text = { 0 };
    json_t *list = NULL;
    int ok = -1;

    if (policy_fill(&text, l->rating[body], pairs) == 0)
        list = json_pack("{s:s,s:{s:s},s:{s:s,s:[{s:o}]}}", "type", "list",
                         "body", "text", (const char *)text.p, "action",
                         "button", l->rating[RATING_TEXT_BUTTON], "sections",
                         "rows", rows_of(l, row->id));
    if (list == NULL)
        (void)error_set(err, ERR_NOMEM, "no memory for a question");
    else
        ok = mail_rating(r, policy, row->subject, row->number, list,
                         row->outbox, err);
    buf_free(&text);
    if (ok != 0)
        return -1;
    SET(row->state, "asked");
    row->asked = r->now;
    row->due = r->now + LIMIT_RATING_TAP_D * MSEC_D;
    return rating_update(r->store, row, err);
}

/* Nothing is asked, or taken, any more. */
static int end(struct registrar *r, struct rating_row *row, struct error *err)
{
    if (!is_state(row, "rated"))
        SET(row->state, "ended");
    row->due = 0;
    return rating_update(r->store, row, err);
}

static int step_due(struct registrar *r, void *arg, struct error *err)
{
    struct rating_row *row = arg;
    struct asking a = { .row = row };

    if (!is_state(row, "waiting"))
        return end(r, row, err);
    if (judge(r, &a, err) != 0)
        return -1;
    switch (a.verdict) {
    case ASK:
        return ask(r, a.policy, row, err);
    case LATER:
        row->due = a.at;
        return rating_update(r->store, row, err);
    case NEVER:
        break;
    }
    return end(r, row, err);
}

struct looking {
    struct registrar *r;
    struct error *err;
};

static int each_due(void *arg, const struct rating_row *due)
{
    struct looking *l = arg;
    struct rating_row row = *due;
    int done = batch_guard(l->r, step_due, &row, l->err);

    if (done <= 0)
        return done;
    log_error("rating_put_off", l->err);
    row = *due;
    row.due = l->r->now + LOOK_AGAIN;
    return rating_update(l->r->store, &row, l->err);
}

int rating_upkeep(struct registrar *r, struct error *err)
{
    struct looking l = { r, err };

    return rating_due(r->store, r->now, PUMP_ROWS, each_due, &l, err);
}

/* Just before it goes. One that is not to go was never asked. */
int rating_recheck(struct registrar *r, const struct outbox_row *due,
                   bool *ended, struct error *err)
{
    struct rating_row row;
    struct outbox_row message = *due;
    struct asking a = { .row = &row, .goes = true };
    int found = rating_of_message(r->store, due->id, &row, err);

    *ended = false;
    if (found < 0 || (found > 0 && judge(r, &a, err) != 0))
        return -1;
    if (found > 0 && a.verdict == ASK && is_state(&row, "asked"))
        return 0;
    *ended = true;
    SET(message.state, "failed");
    if (outbox_update(r->store, &message, NULL, err) != 0)
        return -1;
    if (found == 0 || !is_state(&row, "asked"))
        return 0;
    row.asked = 0;
    row.outbox[0] = '\0';
    return end(r, &row, err);
}

/* ---- answered ----------------------------------------------------------- */

/* Of the question whose row was tapped, else of the newest that waits for an
 * answer: most people have none, and their mark says so. */
static int find(struct registrar *r, const struct deciding *d,
                struct rating_row *row, struct error *err)
{
    const struct webhook_item *item = d->item;
    char id[ID_SIZE];
    size_t len;

    if (item->kind == WEBHOOK_BUTTON &&
        strncmp(item->text, "rate/", strlen("rate/")) == 0) {
        const char *rest = item->text + strlen("rate/");

        len = strcspn(rest, "/");
        len = len < ID_SIZE ? len : 0;
        memcpy(id, rest, len);
        id[len] = '\0';
        return id_valid(id, 'y') ? rating_get(r->store, id, row, err) : 0;
    }
    return d->subject->asks <= r->now
               ? 0
               : rating_open(r->store, d->subject->id, d->policy->id, row, err);
}

int rating_state(struct registrar *r, const struct deciding *d,
                 struct dialogue_state *state, struct error *err)
{
    struct rating_row row;
    int found = find(r, d, &row, err);

    if (found <= 0)
        return found;
    if (strcmp(row.subject, d->subject->id) != 0 ||
        strcmp(row.policy, d->policy->id) != 0 || row.due <= r->now)
        return 0;
    if (is_state(&row, "asked"))
        state->rating.stage = RATING_ASKED;
    else if (is_state(&row, "rated"))
        state->rating.stage = RATING_COMMENT;
    SET(state->rating.id, row.id);
    state->rating.asked = row.asked;
    return 0;
}

static int rated_leaf(struct registrar *r, const struct deciding *d,
                      const struct rating_row *row, struct error *err)
{
    json_t *leaf = leaf_new(r, "case_rated", row->subject, row->policy);
    json_t *evidence = json_object();

    leaf_text(leaf, "actor", "subject");
    leaf_text(leaf, "channel", "whatsapp");
    leaf_text(leaf, "case_id", row->case_id);
    leaf_time(leaf, "provider_time", d->item->provider_s * MSEC_S);
    leaf_value(evidence, "rating", json_integer(row->score));
    leaf_text(evidence, "handover_id", row->handover);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

static int get(struct registrar *r, const struct dialogue_state *state,
               struct rating_row *row, struct error *err)
{
    int found = rating_get(r->store, state->rating.id, row, err);

    return found > 0    ? 0
           : found == 0 ? error_set(err, ERR_INVARIANT, "no such question")
                        : -1;
}

/* Who was badly served is not thanked with joy. */
static const char *answer_to(const struct policy_language *l, int score)
{
    const char *sorry = l->rating[RATING_TEXT_SORRY];

    return score <= BADLY && sorry != NULL ? sorry
                                           : l->rating[RATING_TEXT_THANKS];
}

int rating_take(struct registrar *r, const struct deciding *d,
                const struct dialogue_state *state, int score,
                struct error *err)
{
    struct rating_row row;

    if (get(r, state, &row, err) != 0)
        return -1;
    SET(row.state, "rated");
    row.rated = r->now;
    row.score = score;
    /* Whom somebody talks to, or is about to, gets no word of ours. */
    row.due =
        state->mode == MODE_BOT ? r->now + LIMIT_RATING_COMMENT_S * MSEC_S : 0;
    if (rating_update(r->store, &row, err) != 0 ||
        rated_leaf(r, d, &row, err) != 0)
        return -1;
    return row.due == 0
               ? 0
               : mail_say(r, d->policy, row.subject, d->item->number, "say",
                          answer_to(language_of(r, d), score), err);
}

/* To whom the case, or the conversation, is: staff open it there. */
static int keep(struct registrar *r, const struct deciding *d,
                const struct rating_row *row, struct error *err)
{
    struct chat_row chat = { .author = -1 };
    struct handover_row handover;
    int found;

    SET(chat.subject, row->subject);
    SET(chat.policy, row->policy);
    SET(chat.case_id, row->case_id);
    SET(chat.kind, "comment");
    if (row->case_id[0] == '\0') {
        found = handover_get(r->store, row->handover, &handover, err);
        if (found <= 0)
            return found;
        SET(chat.conversation, handover.conversation);
    }
    return chat_keep(r, &chat, d->item->text, NULL, NULL, err);
}

int rating_comment(struct registrar *r, const struct deciding *d,
                   const struct dialogue_state *state,
                   const struct dialogue_action *action, struct error *err)
{
    struct rating_row row;

    if (get(r, state, &row, err) != 0)
        return -1;
    if (strlen(d->item->text) > LIMIT_CHAT_BYTES) {
        log_event(LOG_LEVEL_ALARM, "chat_not_kept", "{s:s}", "rating", row.id);
        return end(r, &row, err);
    }
    if (keep(r, d, &row, err) != 0 || end(r, &row, err) != 0)
        return -1;
    return action->silent
               ? 0
               : mail_say(r, d->policy, row.subject, d->item->number, "say",
                          language_of(r, d)->rating[RATING_TEXT_NOTED], err);
}

int rating_comment_end(struct registrar *r, const struct dialogue_state *state,
                       struct error *err)
{
    struct rating_row row;

    return get(r, state, &row, err) != 0 ? -1 : end(r, &row, err);
}

static int end_one(void *arg, const struct rating_row *found)
{
    struct looking *l = arg;
    struct rating_row row = *found;

    return row.due == 0 ? 0 : end(l->r, &row, l->err);
}

int rating_stop(struct registrar *r, const char *subject, struct error *err)
{
    struct looking l = { r, err };

    return rating_of_person(r->store, subject, end_one, &l, err);
}
