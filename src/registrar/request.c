/*
 * What people ask for, from the chat and by what they do: a row with a date
 * each. Some end by themselves: what was asked for was done.
 */
#include "consent_private.h"
#include "leaf_private.h"
#include "message_private.h"
#include "registrar_private.h"
#include "request_private.h"
#include "talk_private.h"

/* ---- a row and its dates ------------------------------------------------ */

int request_policy(struct registrar *r, const struct request_row *row,
                   struct request_of *of, struct error *err)
{
    int clock = -1;

    of->policy = policy_find(r->policies, row->policy);
    if (of->policy != NULL)
        clock = policy_clock(of->policy, row->clock);
    if (clock < 0)
        return error_set(err, ERR_NOT_FOUND, "no policy has the clock %s now",
                         row->clock);
    of->clock = &of->policy->clocks[clock];
    of->language = person_language(r, of->policy, row->subject);
    of->title = of->language->clocks[clock];
    for (int t = 0; t < REQUEST_ASKED; t++)
        if (strcmp(row->type, request_type_names[t]) == 0 &&
            of->language->request_titles[t] != NULL)
            of->title = of->language->request_titles[t];
    return 0;
}

bool request_runs(const struct request_row *row)
{
    return row->closed == 0;
}

msec request_next_of(const struct request_row *row)
{
    if (!request_runs(row))
        return 0;
    if (strcmp(row->state, "incomplete") == 0)
        return row->give_up_at;
    return row->step == 0   ? row->warn_at
           : row->step == 1 ? row->due_early_at
                            : row->due_at;
}

int request_count(struct registrar *r, struct request_row *row,
                  struct error *err)
{
    struct request_of of;
    const struct calendar *c;
    struct due due;

    if (request_policy(r, row, &of, err) != 0)
        return -1;
    c = &of.policy->calendar;
    if (due_find(of.clock, c, row->began, row->extensions, &due) != 0)
        return error_set(err, ERR_NOT_PERMITTED,
                         "rule extension_times (%s): it was extended as often "
                         "as it may be",
                         of.clock->citation);
    if (due.unknown_year)
        log_event(LOG_LEVEL_WARN, "holidays_unknown", "{s:s,s:s}", "policy",
                  row->policy, "request", row->id);
    date_format(row->due, due.due);
    date_format(row->due_early, due.due_early);
    row->due_at = due.due_at;
    row->due_early_at = due.due_early_at;
    row->warn_at = due.warn_at;
    row->step = 0;
    SET(row->zone, c->timezone);
    SET(row->calendar, c->version);
    row->next = request_next_of(row);
    return 0;
}

void request_shorten(struct request_row *row, const struct calendar *c,
                     civil_day last)
{
    msec end = zone_instant(c->zone, last + 1, 0);

    if (end >= row->due_at)
        return;
    row->warn_at -= row->due_at - end;
    row->due_at = end;
    date_format(row->due, last);
    if (row->due_early_at > end) {
        row->due_early_at = end;
        date_format(row->due_early, last);
    }
    row->next = request_next_of(row);
}

void request_end(struct request_row *row, const char *state,
                 const char *outcome, const char *ground, msec now)
{
    SET(row->state, state);
    SET(row->outcome, outcome);
    SET(row->ground, ground);
    row->closed = now;
    row->next = 0;
    request_steps_end(row);
}

int request_start(struct registrar *r, struct request_row *row, int clock,
                  struct error *err)
{
    const struct policy *policy = policy_find(r->policies, row->policy);

    if (policy == NULL || clock < 0 || clock >= (int)policy->nclocks)
        return error_set(err, ERR_INVARIANT, "a request without a clock");
    id_new_at(row->id, 'g', r->now, r->random);
    SET(row->clock, policy->clocks[clock].id);
    SET(row->state, "open");
    row->opened = r->now;
    row->began = row->received;
    row->handler = -1;
    if (policy->clocks[clock].legend && row->subject[0] != '\0')
        row->legend = r->now;
    if (request_count(r, row, err) != 0)
        return -1;
    request_steps_begin(row, policy, &policy->clocks[clock]);
    return request_add(r->store, row, err);
}

/* ---- from the chat ------------------------------------------------------ */

static void row_of(const struct registrar *r, const struct deciding *d,
                   enum request_type type, struct request_row *row)
{
    *row =
        (struct request_row){ .received = message_said_s(r, d->item) * MSEC_S };
    SET(row->subject, d->subject->id);
    SET(row->policy, d->policy->id);
    SET(row->type, request_type_names[type]);
    SET(row->number, d->item->number);
    SET(row->requester, "subject");
    SET(row->assurance, "wa_account");
}

static int open_leaf(struct registrar *r, const struct request_row *row,
                     const char *actor, struct error *err)
{
    json_t *more = json_object();

    leaf_time(more, "received", row->received);
    leaf_text(more, "channel", "whatsapp");
    return request_leaf(r, row, "request_opened", actor, more, err);
}

/* What it is about is theirs to say: what they write next belongs to it. They
 * are asked for that where the policy has words for it. */
static bool hears(struct registrar *r, const struct deciding *d,
                  enum request_type type, struct request_row *row)
{
    const struct policy_language *l =
        person_language(r, d->policy, d->subject->id);

    if ((type != REQUEST_CORRECT && type != REQUEST_COMPLAINT &&
         type != REQUEST_OBJECT) ||
        l->requests[REQUEST_TEXT_TELL] == NULL)
        return false;
    row->hears = r->now + LIMIT_REQUEST_HEARD_H * MSEC_H;
    return true;
}

/* It runs already: that is noted, and they may say more of it. */
static int ask_again(struct registrar *r, const struct deciding *d,
                     enum request_type type, const char *words,
                     struct request_row *running, struct error *err)
{
    if (request_note(r, running, "subject", "said", words, err) != 0)
        return err->code == ERR_NOT_PERMITTED ? 1 : -1;
    if (strcmp(running->state, "incomplete") == 0 ||
        !hears(r, d, type, running))
        return 1;
    return request_update(r->store, running, err) != 0 ? -1 : 3;
}

int request_open(struct registrar *r, const struct deciding *d,
                 enum request_type type, const char *words, struct error *err)
{
    struct request_row row, running;
    int clock = type < REQUEST_ASKED ? d->policy->requests[type] : -1, found;

    if (clock < 0)
        return 2;
    row_of(r, d, type, &row);
    found = request_find(r->store, row.subject, row.policy, row.type, true,
                         &running, err);
    if (found < 0)
        return -1;
    if (found > 0)
        return ask_again(r, d, type, words, &running, err);
    (void)hears(r, d, type, &row);
    if (request_start(r, &row, clock, err) != 0 ||
        open_leaf(r, &row, "subject", err) != 0 ||
        request_note(r, &row, "subject", "asked", words, err) != 0)
        return -1;
    return request_tell(r, &row, REQUEST_TEXT_RECEIVED, row.due, NULL, err);
}

/* ---- answered by the person --------------------------------------------- */

/* Silence is what ends a request that lacks something: it is over. If what came
 * is all that lacked, the term counts from here. */
static int no_silence(struct registrar *r, struct request_row *row,
                      struct error *err)
{
    row->give_up_at = 0;
    row->began = r->now;
    if (request_count(r, row, err) != 0)
        return -1;
    row->next = r->now;
    return request_update(r->store, row, err) != 0
               ? -1
               : request_leaf(r, row, "request_replied", "subject", NULL, err);
}

/* What one is about that they just made. True: the first, which is thanked for;
 * more may follow at once. */
static int heard(struct registrar *r, struct request_row *row, bool *first,
                 struct error *err)
{
    const msec more = r->now + LIMIT_REQUEST_MORE_M * 60 * MSEC_S;

    *first = row->hears > more;
    row->hears = more;
    return request_update(r->store, row, err);
}

/* As much of it as there is room for. */
static int keep_said(struct registrar *r, const struct request_row *row,
                     enum dialogue_answer by, const char *text,
                     struct error *err)
{
    if (request_note(r, row, "subject", by == ANSWER_FILE ? "sent" : "answered",
                     text, err) == 0)
        return 0;
    if (err->code != ERR_NOT_PERMITTED)
        return -1;
    err->code = ERR_NONE;
    return 0;
}

/* Which request they answer. What an agent reads, and a file, is kept
 * elsewhere, and only ends a silence; but who was just asked what theirs is
 * about was told that their words are added to it, whoever else reads them. */
static int answered_one(struct registrar *r, const struct deciding *d,
                        enum dialogue_answer by, struct request_row *row,
                        struct error *err)
{
    const char *who = d->subject->id, *policy = d->policy->id;
    int found = request_lacking(r->store, who, policy,
                                by == ANSWER_WORDS ? r->now : 0, row, err);

    if (found < 0 || by == ANSWER_WORDS || (found > 0 && row->give_up_at != 0))
        return found;
    if (by == ANSWER_FILE)
        return 0;
    found = request_lacking(r->store, who, policy, r->now, row, err);
    return found > 0 && strcmp(row->state, "incomplete") == 0 ? 0 : found;
}

int request_answer(struct registrar *r, const struct deciding *d,
                   enum dialogue_answer by, struct error *err)
{
    struct request_row row = { .slot = 0 };
    const char *text = d->item->text != NULL ? d->item->text : "";
    bool first = true;
    int found = answered_one(r, d, by, &row, err);

    if (found <= 0)
        return found;
    if (keep_said(r, &row, by, text, err) != 0)
        return -1;
    if (strcmp(row.state, "incomplete") != 0) {
        if (heard(r, &row, &first, err) != 0)
            return -1;
    } else if (row.give_up_at == 0) {
        return 0; /* it goes with what they said before, and were thanked for */
    } else if (no_silence(r, &row, err) != 0) {
        return -1;
    }
    return !first || by == ANSWER_TO_PERSON
               ? 0
               : request_tell(r, &row, REQUEST_TEXT_NOTED, row.due, NULL, err);
}

/* ---- ended by what was done --------------------------------------------- */

static int end_by_itself(struct registrar *r, struct request_row *row,
                         const char *state, const char *outcome,
                         const char *notice, struct error *err)
{
    json_t *more = json_object();

    request_end(row, state, outcome, "", r->now);
    if (request_update(r->store, row, err) != 0) {
        json_decref(more);
        return -1;
    }
    leaf_text(more, "notice", notice);
    return request_leaf(r, row, "request_closed", "system", more, err);
}

/* It took effect with the message: a request that was never open for long, but
 * is counted, and was answered in time. */
int request_withdrawn(struct registrar *r, const struct deciding *d,
                      struct error *err)
{
    struct request_row row;
    int clock = d->policy->requests[REQUEST_WITHDRAW];

    if (clock < 0)
        return 0;
    row_of(r, d, REQUEST_WITHDRAW, &row);
    if (request_start(r, &row, clock, err) != 0 ||
        open_leaf(r, &row, "subject", err) != 0)
        return -1;
    return end_by_itself(r, &row, "answered", "granted", NULL, err);
}

bool request_unproven(const struct request_row *row)
{
    return request_by_other(row) &&
           (strcmp(row->assurance, "unverified") == 0 ||
            strcmp(row->assurance, "wa_account") == 0);
}

static int is_to_see(void *arg, const struct request_row *row)
{
    (void)arg;
    return (strcmp(row->type, request_type_names[REQUEST_ACCESS]) == 0 ||
            strcmp(row->type, request_type_names[REQUEST_PORTABILITY]) == 0) &&
           !request_unproven(row);
}

int request_to_see(struct store *store, const char *subject, struct error *err)
{
    return request_of_person(store, subject, true, is_to_see, NULL, err);
}

struct ending {
    struct registrar *r;
    const char *type;    /* NULL: all */
    const char *case_id; /* NULL: any */
    const char *state, *outcome;
    const char *notice; /* how who asked was told, or NULL */
    struct error *err;
};

static int end_one(void *arg, const struct request_row *found)
{
    const struct ending *e = arg;
    struct request_row row = *found;

    if ((e->type != NULL && strcmp(row.type, e->type) != 0) ||
        (e->case_id != NULL && strcmp(row.case_id, e->case_id) != 0))
        return 0;
    /* What was done was done for somebody who may ask. */
    if (strcmp(e->outcome, "granted") == 0 && request_unproven(&row))
        return 0;
    return end_by_itself(e->r, &row, e->state, e->outcome,
                         strcmp(row.type, request_type_names[REQUEST_SLA]) != 0
                             ? e->notice
                             : NULL,
                         e->err);
}

static int end_some(struct ending *e, const char *subject)
{
    return request_of_person(e->r->store, subject, true, end_one, e, e->err);
}

int request_done(struct registrar *r, const char *subject,
                 enum request_type type, const char *notice, struct error *err)
{
    struct ending e = { .r = r,
                        .type = request_type_names[type],
                        .state = "answered",
                        .outcome = "granted",
                        .notice = notice,
                        .err = err };

    return end_some(&e, subject);
}

int request_person_gone(struct registrar *r, const char *subject,
                        const char *notice, struct error *err)
{
    struct ending e = { .r = r,
                        .state = "closed",
                        .outcome = "erased",
                        .notice = notice,
                        .err = err };

    return request_done(r, subject, REQUEST_ERASE, notice, err) != 0
               ? -1
               : end_some(&e, subject);
}

/* ---- promised for a case ------------------------------------------------ */

int request_sla(struct registrar *r, const struct case_row *of,
                const char *number, int clock, struct error *err)
{
    struct request_row row = { .received = r->now };

    SET(row.subject, of->subject);
    SET(row.policy, of->policy);
    SET(row.type, request_type_names[REQUEST_SLA]);
    SET(row.case_id, of->id);
    SET(row.number, number);
    return request_start(r, &row, clock, err) != 0
               ? -1
               : request_leaf(r, &row, "request_opened", "system", NULL, err);
}

int request_promises_end(struct registrar *r, const char *subject,
                         struct error *err)
{
    struct ending e = { .r = r,
                        .type = request_type_names[REQUEST_SLA],
                        .state = "closed",
                        .outcome = "erased",
                        .err = err };

    return end_some(&e, subject);
}

int request_case_reopened(struct registrar *r, const struct case_row *of,
                          struct error *err)
{
    struct ending e = { .r = r,
                        .type = request_type_names[REQUEST_SLA],
                        .case_id = of->id,
                        .state = "closed",
                        .outcome = "reopened",
                        .err = err };

    return end_some(&e, of->subject);
}

int request_case_closed(struct registrar *r, const struct case_row *of,
                        struct error *err)
{
    struct ending e = { .r = r,
                        .type = request_type_names[REQUEST_SLA],
                        .case_id = of->id,
                        .state = "closed",
                        .outcome = "done",
                        .err = err };

    return end_some(&e, of->subject);
}
