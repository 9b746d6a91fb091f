/*
 * The steps of a request that have a last day of their own: asking for what it
 * lacks, sending it on, and doing what no answer in time granted. Whoever works
 * on it hears of that day before it comes, not by a refusal after it.
 */
#include "leaf_private.h"
#include "registrar_private.h"
#include "request_private.h"

enum which { STEP_ASK, STEP_FORWARD, STEP_THEN, STEP__MAX };

static struct request_term *term_of(struct request_row *row, enum which which)
{
    return which == STEP_ASK       ? &row->ask
           : which == STEP_FORWARD ? &row->forward
                                   : &row->then;
}

static int clock_of(const struct legal_clock *clock, enum which which)
{
    /* Nobody is asked where nothing says how long they may be silent. */
    return which == STEP_ASK       ? (clock->give_up < 0 ? -1 : clock->ask)
           : which == STEP_FORWARD ? clock->forward
                                   : clock->then;
}

static void look_first(struct request_row *row)
{
    row->step_next = 0;
    for (enum which w = 0; w < STEP__MAX; w++) {
        msec next = term_of(row, w)->next;

        if (next != 0 && (row->step_next == 0 || next < row->step_next))
            row->step_next = next;
    }
}

static void begin(struct request_row *row, const struct policy *policy,
                  const struct legal_clock *clock, enum which which, msec from)
{
    struct request_term *term = term_of(row, which);
    int place = clock_of(clock, which);
    struct due due;

    if (place < 0 ||
        due_find(&policy->clocks[place], &policy->calendar, from, 0, &due) != 0)
        return;
    date_format(term->until, due.due);
    term->at = due.due_at;
    /* One that is over when it is heard of is nobody's to do any more. */
    term->next = due.warn_at;
    look_first(row);
}

void request_steps_begin(struct request_row *row, const struct policy *policy,
                         const struct legal_clock *clock)
{
    if (row->subject[0] == '\0')
        return;
    begin(row, policy, clock, STEP_ASK, row->received);
    begin(row, policy, clock, STEP_FORWARD, row->received);
}

/* The days after its last day, whenever that was noticed. */
void request_step_then(struct request_row *row, const struct policy *policy,
                       const struct legal_clock *clock)
{
    begin(row, policy, clock, STEP_THEN, row->due_at - 1);
}

void request_step_asked(struct request_row *row)
{
    row->ask = (struct request_term){ .next = 0 };
    look_first(row);
}

void request_steps_end(struct request_row *row)
{
    for (enum which w = 0; w < STEP__MAX; w++)
        term_of(row, w)->next = 0;
    row->step_next = 0;
}

/* ---- their time --------------------------------------------------------- */

static int say(struct registrar *r, const struct request_row *row,
               const struct request_term *term, enum which which, bool over,
               struct error *err)
{
    static const char *const names[STEP__MAX] = { "ask", "forward", "then" };
    json_t *more = json_object();

    log_event(over ? LOG_LEVEL_ALARM : LOG_LEVEL_WARN,
              over ? "request_step_over" : "request_step_due",
              "{s:s,s:s,s:s,s:s,s:s}", "request", row->id, "type", row->type,
              "clock", row->clock, "step", names[which], "until", term->until);
    leaf_text(more, "step", names[which]);
    leaf_text(more, "until", term->until);
    return request_leaf(r, row, over ? "request_step_over" : "request_step_due",
                        "system", more, err);
}

/* Its last day comes near: said once. When it is over there is nothing to do
 * any more, but for what was granted. */
static int advance(struct registrar *r, struct request_row *row,
                   enum which which, struct error *err)
{
    struct request_term *term = term_of(row, which);
    bool over = r->now >= term->at, granted = which == STEP_THEN;

    term->next = over || !granted ? 0 : term->at;
    if (over && !granted)
        return 0;
    return say(r, row, term, which, over, err);
}

static int step_row(struct registrar *r, void *arg, struct error *err)
{
    struct request_row *row = arg;

    for (enum which w = 0; w < STEP__MAX; w++)
        if (term_of(row, w)->next != 0 && term_of(row, w)->next <= r->now &&
            advance(r, row, w, err) != 0)
            return -1;
    look_first(row);
    return request_update(r->store, row, err);
}

struct looking {
    struct registrar *r;
    struct error *err;
};

static int look(void *arg, const struct request_row *found)
{
    struct looking *l = arg;
    struct request_row row = *found;
    int done = batch_guard(l->r, step_row, &row, l->err);

    if (done <= 0)
        return done;
    log_error("request_put_off", l->err);
    row = *found;
    row.step_next = l->r->now + 300 * MSEC_S;
    return request_update(l->r->store, &row, l->err);
}

int request_steps_upkeep(struct registrar *r, struct error *err)
{
    struct looking l = { r, err };

    return request_step_next(r->store, r->now, PUMP_ROWS, look, &l, err);
}
