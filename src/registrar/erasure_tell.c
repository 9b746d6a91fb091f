/*
 * Who asked to be erased is told before they are: by a last message, while we
 * still know where it goes, or in a way that the officer names. Nobody is
 * destroyed in a hurry over that: until Graph took the message, or somebody
 * says how else they were told, the erasure waits and the request runs on.
 * Where the law has them blocked first that is done at once, and the request is
 * answered when they were told of it.
 */
#include "keep_private.h"
#include "leaf_private.h"
#include "people_private.h"
#include "request_private.h"

/* A message that did not go by then is not waited for by who ordered it. */
#define SOON    (60 * MSEC_S)
#define LOOK    MSEC_S
#define LATER   (60 * MSEC_S)
#define ALARMED MSEC_D

/* What would be answered, or cut short, by an erasure. */
struct asked {
    bool blocks; /* that ends only what asks for it */
    bool any;
    bool others;            /* somebody else asks for them */
    struct request_row own; /* that to erase them; id "": there is none */
};

static bool blocks_first(const struct erasure_row *row)
{
    return strcmp(row->cause, "blocking_over") == 0;
}

static int see_request(void *arg, const struct request_row *row)
{
    struct asked *a = arg;
    bool erase = strcmp(row->type, request_type_names[REQUEST_ERASE]) == 0;

    if (strcmp(row->type, request_type_names[REQUEST_SLA]) == 0 ||
        (a->blocks && (!erase || request_unproven(row))))
        return 0;
    a->any = true;
    if (request_by_other(row))
        a->others = true;
    else if (erase)
        a->own = *row;
    return 0;
}

static int find_asked(struct registrar *r, const struct erasure_row *row,
                      struct asked *out, struct error *err)
{
    *out = (struct asked){ .blocks = blocks_first(row) };
    return request_of_person(r->store, row->subject, true, see_request, out,
                             err);
}

/* Which text says it, in their policy; false: none does. */
static bool last_text(struct registrar *r, const struct asked *a,
                      enum request_text *text)
{
    struct error gone = { 0 };
    struct request_of of;

    *text = a->blocks ? REQUEST_TEXT_BLOCKED : REQUEST_TEXT_ERASED;
    return request_policy(r, &a->own, &of, &gone) == 0 &&
           of.language->requests[*text] != NULL;
}

static int can_say(struct registrar *r, const struct asked *a, bool *can,
                   struct error *err)
{
    enum request_text text;

    *can = false;
    if (a->own.id[0] == '\0' || a->others || !last_text(r, a, &text))
        return 0;
    return request_window(r, &a->own, can, err);
}

static int say_last(struct registrar *r, const struct asked *a,
                    struct erasure_row *row, struct error *err)
{
    struct error gone = { 0 };
    struct request_of of;
    enum request_text text;
    char day[DATE_SIZE] = "";

    if (!last_text(r, a, &text))
        return error_set(err, ERR_INVARIANT, "an erasure without its words");
    if (request_policy(r, &a->own, &of, &gone) == 0)
        date_format(day, zone_day(of.policy->calendar.zone, row->due, NULL));
    row->untold = r->now + LOOK;
    return request_tell_as(r, &a->own, text, day, NULL, row->farewell, err);
}

/* ---- an officer's order ------------------------------------------------- */

static int refuse(const struct asked *a, struct error *err)
{
    (void)error_set(
        err, ERR_NOT_PERMITTED, "rule notice_to_person: %s",
        a->others ? "who asked is not in the person's chat, and nobody says "
                    "how they were told"
        : a->own.id[0] == '\0'
            ? "what they asked for ends unanswered, and nobody says how they "
              "were told"
            : "no message can be written to them (WhatsApp: 24 hours after "
              "theirs), and nobody says how else they were told");
    return error_hint(err, "--told TEXT says how they were told of it");
}

int erasure_tell_plan(struct registrar *r, const struct erase_order *order,
                      struct erasure_row *row, struct error *err)
{
    struct asked a;
    bool can = false;
    int held = 0;

    if (find_asked(r, row, &a, err) != 0)
        return -1;
    if (!a.any)
        return 0;
    if (order->told != NULL) {
        SET(row->notice, "elsewhere");
        return 0;
    }
    /* Nothing is done yet that could be told. */
    if (!a.blocks && (held = erasure_is_held(r->store, row, err)) < 0)
        return -1;
    if (held == 0 && can_say(r, &a, &can, err) != 0)
        return -1;
    if (held == 0 && !can)
        return refuse(&a, err);
    row->untold = held > 0 ? r->now + LATER : r->now;
    return 0;
}

/* Set apart is what this law means by erased. */
static int answered(struct registrar *r, const struct erasure_row *row,
                    struct error *err)
{
    return blocks_first(row)
               ? request_done(r, row->subject, REQUEST_ERASE, row->notice, err)
               : 0;
}

int erasure_tell_begin(struct registrar *r, const struct erase_order *order,
                       struct erasure_row *row, struct error *err)
{
    struct asked a;

    if (find_asked(r, row, &a, err) != 0 ||
        (a.own.id[0] != '\0' && request_note(r, &a.own, order->by.name, "told",
                                             order->told, err) != 0))
        return -1;
    if (row->untold == 0)
        return answered(r, row, err);
    if (row->untold > r->now)
        return 0;
    return say_last(r, &a, row, err) != 0 ? -1
                                          : erasure_update(r->store, row, err);
}

int erasure_told(struct registrar *r, const struct erase_order *order,
                 struct erasure_row *row, struct error *err)
{
    struct staff_access by = order->by;

    if (row->untold == 0 || order->told == NULL)
        return 0;
    row->untold = 0;
    SET(row->notice, "elsewhere");
    r->erase_again = 0;
    by.event_type = "erasure_told";
    if (erasure_update(r->store, row, err) != 0 || answered(r, row, err) != 0)
        return -1;
    return staff_record(
        r, &by,
        json_pack("{s:s, s:s}", "erasure_id", row->id, "notice", row->notice),
        err);
}

/* ---- what became of the message ----------------------------------------- */

/* Not told, yet: staff hear of it, once, and each day. */
static int untold(struct erasing *e, msec next, struct error *err)
{
    if (strcmp(e->row.notice, "failed") != 0 || next >= ALARMED)
        log_event(LOG_LEVEL_ALARM, "erasure_untold", "{s:s,s:s}", "erasure",
                  e->row.id, "subject", e->row.subject);
    SET(e->row.notice, "failed");
    e->row.untold = e->r->now + next;
    return erasure_update(e->r->store, &e->row, err);
}

static int say_now(struct erasing *e, const struct asked *a, struct error *err)
{
    bool can;

    if (can_say(e->r, a, &can, err) != 0)
        return -1;
    if (!can)
        return untold(e, ALARMED, err);
    return say_last(e->r, a, &e->row, err) != 0
               ? -1
               : erasure_update(e->r->store, &e->row, err);
}

static int look_at(struct erasing *e, struct error *err)
{
    struct registrar *r = e->r;
    struct outbox_row last;
    int found = outbox_get(r->store, e->row.farewell, &last, err);

    if (found < 0)
        return -1;
    if (found == 0 || strcmp(last.state, "failed") == 0)
        return untold(e, ALARMED, err);
    if (strcmp(last.state, "sent") != 0 && r->now - last.created >= SOON)
        return untold(e, LATER, err);
    if (strcmp(last.state, "sent") != 0) {
        e->row.untold = r->now + LOOK;
        return erasure_update(r->store, &e->row, err);
    }
    e->row.untold = 0;
    SET(e->row.notice, "message");
    r->erase_again = 0;
    return erasure_update(r->store, &e->row, err) != 0
               ? -1
               : answered(r, &e->row, err);
}

static int step_tell(struct registrar *r, void *arg, struct error *err)
{
    struct erasing *e = arg;
    struct asked a;
    int held = 0;

    if (find_asked(r, &e->row, &a, err) != 0)
        return -1;
    if (!a.any || strcmp(e->row.state, "waiting") != 0) {
        e->row.untold = 0; /* it was answered meanwhile */
        return erasure_update(r->store, &e->row, err);
    }
    if (e->row.farewell[0] != '\0')
        return look_at(e, err);
    if (!a.blocks && (held = erasure_is_held(r->store, &e->row, err)) < 0)
        return -1;
    if (held == 0)
        return say_now(e, &a, err);
    e->row.untold = r->now + LATER;
    return erasure_update(r->store, &e->row, err);
}

int erasure_tell(struct erasing *e, struct error *err)
{
    return batch_between(e->r, step_tell, e, err) == 0 ? 1 : -1;
}
