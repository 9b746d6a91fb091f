/*
 * Requests whose time comes: warned of before, alarmed of at the stricter date,
 * overdue after the law's own, which may be a yes by itself. Each step is in
 * its row, so that a restart repeats none, and a clock that jumps skips none.
 */
#include "registrar_private.h"
#include "request_private.h"

/* One that stays overdue is alarmed of again, once in this time. */
#define REMIND MSEC_D

static void say(const struct request_row *row, enum log_level level,
                const char *event)
{
    log_event(level, event, "{s:s,s:s,s:s,s:s,s:s}", "request", row->id, "type",
              row->type, "clock", row->clock, "due", row->due, "due_early",
              row->due_early);
}

static int pass_due(struct registrar *r, struct request_row *row,
                    struct error *err)
{
    struct request_of of;
    struct error gone = { 0 };
    bool accepted =
        request_policy(r, row, &of, &gone) == 0 && of.clock->deemed_accepted;

    row->step = 3;
    row->next = r->now + REMIND;
    SET(row->state, accepted ? "deemed_accepted" : "overdue");
    say(row, LOG_LEVEL_ALARM,
        accepted ? "request_deemed_accepted" : "request_overdue");
    return request_leaf(
        r, row, accepted ? "request_deemed_accepted" : "request_overdue",
        "system", NULL, err);
}

bool request_forward_over(const struct registrar *r,
                          const struct request_row *row,
                          const struct request_of *of)
{
    const struct policy *p = of->policy;
    struct due until;

    return of->clock->forward >= 0 &&
           due_find(&p->clocks[of->clock->forward], &p->calendar, row->received,
                    0, &until) == 0 &&
           r->now >= until.due_at;
}

/* They were asked, told until when, and said nothing; who said something waits
 * for staff, who are told each day. */
static int give_up(struct registrar *r, struct request_row *row,
                   struct error *err)
{
    if (row->give_up_at == 0) {
        if (r->now >= row->due_at)
            return pass_due(r, row, err);
        say(row, LOG_LEVEL_WARN, "request_replied");
        row->next =
            r->now + REMIND < row->due_at ? r->now + REMIND : row->due_at;
        return 0;
    }
    request_end(row, "closed", "abandoned", "", r->now);
    return request_leaf(r, row, "request_closed", "system", NULL, err);
}

/* One step of one row. */
static int advance(struct registrar *r, struct request_row *row,
                   struct error *err)
{
    if (strcmp(row->state, "incomplete") == 0)
        return give_up(r, row, err);
    switch (row->step) {
    case 0:
        say(row, LOG_LEVEL_WARN, "request_due_soon");
        break;
    case 1:
        if (row->due_early_at < row->due_at)
            say(row, LOG_LEVEL_ALARM, "request_due");
        break;
    case 2:
        return pass_due(r, row, err);
    default:
        say(row, LOG_LEVEL_ALARM, "request_still_overdue");
        row->next = r->now + REMIND;
        return 0;
    }
    row->step++;
    row->next = request_next_of(row);
    return 0;
}

static int step_row(struct registrar *r, void *arg, struct error *err)
{
    struct request_row *row = arg;

    while (row->next != 0 && row->next <= r->now)
        if (advance(r, row, err) != 0)
            return -1;
    return request_update(r->store, row, err);
}

struct looking {
    struct registrar *r;
    struct error *err;
};

/* One that fails for a reason of its own is not in the others' way. */
static int look(void *arg, const struct request_row *found)
{
    struct looking *l = arg;
    struct request_row row = *found;
    int done = batch_guard(l->r, step_row, &row, l->err);

    if (done <= 0)
        return done;
    log_error("request_put_off", l->err);
    row = *found;
    row.next = l->r->now + 300 * MSEC_S;
    return request_update(l->r->store, &row, l->err);
}

int request_upkeep(struct registrar *r, struct error *err)
{
    struct looking l = { r, err };

    return request_next(r->store, r->now, PUMP_ROWS, look, &l, err);
}
