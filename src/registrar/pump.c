/*
 * What is due: rows are the truth, so every batch ends by looking at them. A
 * row that fails for a reason of its own is put off, never in the way.
 */
#include "attachment_private.h"
#include "case_private.h"
#include "keep_private.h"
#include "mail_private.h"
#include "registrar_private.h"
#include "upkeep_private.h"

#include <string.h>

#define PUT_OFF (300 * MSEC_S)

struct pump {
    struct registrar *r;
    struct error *err;
    size_t mails;
};

/* ---- attachments -------------------------------------------------------- */

static int step_fetch(struct registrar *r, void *arg, struct error *err)
{
    return attachment_fetch(r, arg, err);
}

/* Nobody said which document it is: it is kept as one that nobody asked for,
 * if it may be kept, as long as Meta's copy lives. */
static int step_expire(struct registrar *r, void *arg, struct error *err)
{
    struct attachment_row *row = arg;

    if (item_unclear(row) && r->now < row->lifetime) {
        if (attachment_unexplained(r, row, err) != 0)
            return -1;
        if (strcmp(row->state, "held") != 0)
            return 0;
    }
    return attachment_end(r, arg, "expired", "expired", err);
}

static int guard_attachment(struct pump *p, batch_step step,
                            const struct attachment_row *due)
{
    struct attachment_row row = *due;
    int done = batch_guard(p->r, step, &row, p->err);

    if (done <= 0)
        return done;
    log_error("attachment_put_off", p->err);
    row = *due;
    row.next_try = row.deadline = p->r->now + PUT_OFF;
    row.turn = 0;
    return attachment_update(p->r->store, &row, p->err);
}

static int each_expired(void *arg, const struct attachment_row *row)
{
    return guard_attachment(arg, step_expire, row);
}

static int each_due(void *arg, const struct attachment_row *row)
{
    return guard_attachment(arg, step_fetch, row);
}

/* Its backoff is over: a turn in the queue. */
static int each_waited(void *arg, const struct attachment_row *waited)
{
    struct pump *p = arg;
    struct attachment_row row = *waited;

    return attachment_enqueue(p->r, &row, p->err);
}

/* No answer came, whatever became of it: one that comes later finds another
 * payload id and is discarded. */
static int each_overdue(void *arg, const struct attachment_row *lost)
{
    struct pump *p = arg;
    struct attachment_row row = *lost;

    log_event(LOG_LEVEL_WARN, "fetch_without_end", "{s:s}", "attachment",
              row.id);
    return attachment_enqueue(p->r, &row, p->err);
}

static int each_to_warn(void *arg, const struct attachment_row *late)
{
    struct pump *p = arg;
    struct attachment_row row = *late;
    char when[TIME_SIZE];

    time_format(when, row.lifetime);
    log_event(LOG_LEVEL_ALARM, "media_expires_soon", "{s:s,s:s,s:i}",
              "attachment", row.id, "at", when, "tries", row.tries);
    row.warn_at = 0;
    return attachment_update(p->r->store, &row, p->err);
}

/* Meta's copy of what we will not fetch; its id's end deletes it, too. */
static int step_forget(struct registrar *r, void *arg, struct error *err)
{
    struct attachment_row *row = arg;

    if (r->now >= row->lifetime)
        row->meta_copy = 2;
    else if (attachment_forget(r, row, err) != 0)
        return -1;
    return attachment_update(r->store, row, err);
}

static int each_to_forget(void *arg, const struct attachment_row *ended)
{
    struct pump *p = arg;
    struct attachment_row row = *ended;
    int done = batch_guard(p->r, step_forget, &row, p->err);

    if (done <= 0)
        return done;
    log_error("forget_put_off", p->err);
    row = *ended;
    row.next_try = p->r->now + PUT_OFF;
    return attachment_update(p->r->store, &row, p->err);
}

/* Files, as many as there are places. */
static int pump_files(struct pump *p)
{
    struct registrar *r = p->r;
    int64_t under_way;
    size_t places = 0;

    if (attachment_to_warn(r->store, r->now, PUMP_ROWS, each_to_warn, p,
                           p->err) != 0 ||
        attachment_overdue(r->store, r->now, PUMP_ROWS, each_overdue, p,
                           p->err) != 0 ||
        attachment_waited(r->store, r->now, PUMP_ROWS, each_waited, p,
                          p->err) != 0 ||
        (under_way = attachment_under_way(r->store, p->err)) < 0)
        return -1;
    if (under_way < FETCHES_AT_ONCE && !r->token_refused)
        places = breaker_places(r, FETCHES_AT_ONCE - (size_t)under_way);
    r->held_back |= places == 0;
    if (!r->token_refused &&
        attachment_to_delete(r->store, r->now, PUMP_ROWS, each_to_forget, p,
                             p->err) != 0)
        return -1;
    if (places == 0)
        return 0;
    return attachment_next(r->store, places, each_due, p, p->err);
}

/* ---- messages and receipts ---------------------------------------------- */

static int step_mail(struct registrar *r, void *arg, struct error *err)
{
    return mail_hand_over(r, arg, err);
}

static int step_unsure(struct registrar *r, void *arg, struct error *err)
{
    return mail_ask_again(r, arg, err);
}

static int guard_mail(struct pump *p, batch_step step,
                      const struct outbox_row *due)
{
    struct outbox_row row = *due;
    int done = batch_guard(p->r, step, &row, p->err);

    if (done <= 0)
        return done;
    log_error("message_put_off", p->err);
    row = *due;
    row.next_try = p->r->now + PUT_OFF;
    return outbox_update(p->r->store, &row, NULL, p->err);
}

static int each_mail(void *arg, const struct outbox_row *due)
{
    struct pump *p = arg;

    p->mails++;
    return guard_mail(p, step_mail, due);
}

static int each_unsure(void *arg, const struct outbox_row *due)
{
    return guard_mail(arg, step_unsure, due);
}

/* The answer was lost between graph and us. */
static int each_unanswered(void *arg, const struct outbox_row *lost)
{
    struct pump *p = arg;
    struct outbox_row row = *lost;

    mail_unsure(p->r, &row);
    return outbox_update(p->r->store, &row, NULL, p->err);
}

/* Messages, as many as may be on their way at once. With a refused token
 * nothing may go out. */
static int pump_messages(struct pump *p)
{
    struct registrar *r = p->r;
    int64_t under_way;
    size_t places;

    if (outbox_overdue(r->store, r->now, PUMP_ROWS, each_unanswered, p,
                       p->err) != 0 ||
        (under_way = outbox_under_way(r->store, p->err)) < 0)
        return -1;
    if (r->token_refused || under_way >= SENDS_AT_ONCE) {
        r->held_back = true;
        return 0;
    }
    places = (size_t)(SENDS_AT_ONCE - under_way);
    places = places < PUMP_ROWS ? places : PUMP_ROWS;
    if (outbox_unsure(r->store, r->now, places, each_unsure, p, p->err) != 0 ||
        outbox_due(r->store, r->now, places, each_mail, p, p->err) != 0)
        return -1;
    r->more |= p->mails == places;
    return 0;
}

static int step_receipt(struct registrar *r, void *arg, struct error *err)
{
    return receipt_send(r, arg, err);
}

static int each_burst(void *arg, const struct burst_row *due)
{
    struct pump *p = arg;
    struct burst_row row = *due;
    int done = batch_guard(p->r, step_receipt, &row, p->err);

    if (done <= 0)
        return done;
    log_error("receipt_put_off", p->err);
    row.due = p->r->now + PUT_OFF;
    return burst_put(p->r->store, &row, p->err);
}

int pump_run(struct registrar *r, struct error *err)
{
    struct pump p = { r, err, 0 };
    bool draining;

    r->more = r->held_back = false;
    pthread_mutex_lock(&r->lock);
    draining = r->draining;
    pthread_mutex_unlock(&r->lock);
    if (draining)
        return 0;
    if (attachment_expired(r->store, r->now, PUMP_ROWS, each_expired, &p,
                           err) != 0 ||
        burst_due(r->store, r->now, PUMP_ROWS, each_burst, &p, err) != 0 ||
        upkeep_run(r, err) != 0)
        return -1;
    if (forget_ask(r, err) != 0)
        return -1;
    return pump_messages(&p) == 0 && pump_files(&p) == 0 ? 0 : -1;
}
