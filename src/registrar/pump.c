/*
 * What is due: rows are the truth, so every batch ends by looking at them. A
 * row that fails for a reason of its own is put off, never in the way.
 */
#include "registrar_private.h"

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

static int step_expire(struct registrar *r, void *arg, struct error *err)
{
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

/* Orders of this batch are not counted in r->fetching yet. */
static size_t free_places(const struct registrar *r)
{
    int n = r->fetching;

    for (size_t i = 0; i < r->npending; i++)
        n += r->pending[i].kind == EFFECT_FETCH;
    return n < FETCHES_AT_ONCE ? (size_t)(FETCHES_AT_ONCE - n) : 0;
}

/* ---- messages and receipts ---------------------------------------------- */

static int step_mail(struct registrar *r, void *arg, struct error *err)
{
    return mail_hand_over(r, arg, err);
}

static int each_mail(void *arg, const struct outbox_row *due)
{
    struct pump *p = arg;
    struct outbox_row row = *due;
    int done = batch_guard(p->r, step_mail, &row, p->err);

    p->mails++;
    if (done <= 0)
        return done;
    log_error("message_put_off", p->err);
    row = *due;
    row.next_try = p->r->now + PUT_OFF;
    return outbox_update(p->r->store, &row, NULL, p->err);
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
    size_t places;
    bool draining;

    r->more = false;
    pthread_mutex_lock(&r->lock);
    draining = r->draining;
    pthread_mutex_unlock(&r->lock);
    if (draining)
        return 0;
    if (attachment_expired(r->store, r->now, PUMP_ROWS, each_expired, &p,
                           err) != 0 ||
        burst_due(r->store, r->now, PUMP_ROWS, each_burst, &p, err) != 0)
        return -1;

    /* With a refused token nothing may go out. */
    if (r->token_refused)
        return 0;
    if (outbox_due(r->store, r->now, PUMP_ROWS, each_mail, &p, err) != 0)
        return -1;
    r->more = p.mails == PUMP_ROWS;
    places = free_places(r);
    if (places == 0)
        return 0;
    return attachment_due(r->store, r->now, places, each_due, &p, err);
}
