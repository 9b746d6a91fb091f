/*
 * The institution: an officer who does now this, now that, by the product's own
 * orders. Each order has a nonce, which its leaf names: whatever dies, an order
 * that was answered "done" is on record once, one that was refused never, and
 * one that nobody heard of any more at most once.
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "registrar/registrar_private.h"

#include "resguardo/registrar_person.h"
#include "resguardo/registrar_work.h"

#define PERSON(w, i)  VEC_AT(&(w)->people, struct person, i)
#define OF_CASE(w, i) VEC_AT(&(w)->cases, struct sim_case, i)
#define ORDER(w, i)   VEC_AT(&(w)->orders, struct sim_order, i)
#define LIST_ROWS     4
#define OFFICER       1000

struct sim_errand {
    uint32_t order; /* index */
    uint32_t about; /* person, case, delivery: as it takes */
    bool posted;
    struct waiter waiter;
    struct staff_signature signature;
    struct staff_access access;
    union {
        struct case_order work;
        struct conversation_order talk;
        struct request_order request;
        struct outbound_order list;
        struct code_order code;
        struct delivery_order delivery;
        struct delivery_end end;
    };
    struct outbound_item items[LIST_ROWS];
    char until[16], to[LIST_ROWS][24];
};

enum errand_kind {
    E_LIST,
    E_CLOSE_CASE,
    E_RECEIVE,
    E_TALK,
    E_REQUEST_WORK,
    E_ASK_CODE,
    E_ORDER,
    E_CLEAR,
    E_END, /* of a delivery: has no nonce of its own */
    ERRAND__MAX
};

/* ---- asking -------------------------------------------------------------- */

/* What blocks a thread of the desk until it is answered is only posted here:
 * the answer is looked at after each step. */
int __wrap_queue_staff(struct registrar *r, batch_step step, void *arg,
                       struct error *err);

static struct sim_errand *posting;

int __wrap_queue_staff(struct registrar *r, batch_step step, void *arg,
                       struct error *err)
{
    struct event *event = calloc(1, sizeof(*event));

    (void)err;
    if (event == NULL)
        abort();
    event->kind = EVENT_STAFF;
    event->step = step;
    event->arg = arg;
    event->waiter = &posting->waiter;
    posting->posted = queue_post(r, event) == 0;
    if (!posting->posted)
        event_free(&event);
    return 0;
}

static void sign(struct world *w, struct staff_access *by, struct sim_errand *e,
                 const char *role)
{
    const struct keyring_staff *me = keyring_find(w->keyring, OFFICER);

    (void)snprintf(e->signature.nonce, sizeof(e->signature.nonce), "%064x",
                   e->order + 1);
    (void)snprintf(e->signature.body_sha256, sizeof(e->signature.body_sha256),
                   "%064x", 1);
    memcpy(e->signature.sign_key, me->sign_key, SIGN_PUBLIC_LEN);
    by->uid = OFFICER;
    SET(by->name, me->name);
    by->role = role;
    by->signature = &e->signature;
}

static struct sim_errand *errand_new(struct world *w, enum errand_kind kind)
{
    struct sim_errand *e = calloc(1, sizeof(*e));
    struct sim_order *o = vec_add(&w->orders, sizeof(*o));

    if (e == NULL)
        abort();
    o->kind = (uint8_t)kind;
    e->order = (uint32_t)w->orders.n - 1;
    posting = e;
    return e;
}

static void post(struct world *w, struct sim_errand *e)
{
    if (e->posted) {
        *(struct sim_errand **)vec_add(&w->errands, sizeof(e)) = e;
        w->events++;
        return;
    }
    ORDER(w, e->order)->state = O_FAILED;
    free(e);
}

/* ---- which --------------------------------------------------------------- */

/* A case that is not closed, index, mostly of somebody who agreed; -1. */
static int64_t some_case(struct world *w)
{
    for (int i = 0; i < 12 && w->cases.n > 0; i++) {
        uint32_t at = dice_below(&w->dice, (uint32_t)w->cases.n);
        const struct sim_case *c = OF_CASE(w, at);

        if (c->state != C_CLOSED &&
            (i > 6 ||
             PERSON(w, c->person)->standing[c->policy][CASE_PROCESSING].state ==
                 S_GIVEN))
            return at;
    }
    return -1;
}

static void send_list(struct world *w)
{
    static const char *const templates[] = { "documento_pendiente", "cobro",
                                             "oferta", "respuesta_lista" };
    struct sim_errand *e = errand_new(w, E_LIST);
    int policy = dice_one_in(&w->dice, 4) ? ES : CO;
    uint32_t which = policy == ES ? 0 : dice_below(&w->dice, 4);
    struct error err;

    sign(w, &e->list.by, e, "officer");
    e->list.policy = sim_policies[policy];
    e->list.template = templates[which];
    /* Lists come again: what was queued is not queued twice. */
    if (w->lists == 0 || !dice_one_in(&w->dice, 3))
        w->lists++;
    (void)snprintf(e->list.batch, sizeof(e->list.batch), "%031x%x", w->lists,
                   which + 4 * (uint32_t)policy);
    e->list.items = e->items;
    e->list.n = LIST_ROWS;
    for (uint32_t i = 0; i < LIST_ROWS; i++) {
        struct outbound_item *item = &e->items[i];
        /* The same list has the same people. */
        uint32_t who = (w->lists * 7 + i) % (w->weather.people + 1);

        item->row = (int64_t)i + 1;
        (void)snprintf(e->to[i], sizeof(e->to[i]), "57300%07u", who);
        item->to = e->to[i];
        item->phone = true;
        item->values[0] = which == 1 ? "$ 1.000" : "su caso";
        item->values[1] = policy == ES ? "2027-01-15" : "su cédula";
        item->values[2] = "2027-01-15";
    }
    (void)registrar_outbound(w->registrar, &e->list, &err);
    post(w, e);
}

static void close_case(struct world *w)
{
    int64_t at = some_case(w);
    struct sim_errand *e;
    struct error err;

    if (at < 0)
        return;
    e = errand_new(w, E_CLOSE_CASE);
    sign(w, &e->access, e, "agent");
    SET(e->access.case_id, OF_CASE(w, at)->id);
    (void)registrar_close_case(w->registrar, &e->access, &err);
    post(w, e);
}

/* Mostly one that is not for the chat. */
static const char *item_elsewhere(struct world *w, const struct sim_case *c)
{
    const struct sim_item *items = sim_procedures[c->procedure].items;
    uint32_t any = dice_below(&w->dice, ITEMS);

    for (int i = 0; i < ITEMS && !dice_one_in(&w->dice, 4); i++)
        if (items[i].id != NULL && items[i].kinds == 0)
            return items[i].id;
    return items[any].id != NULL ? items[any].id : items[0].id;
}

static void receive(struct world *w)
{
    int64_t at = some_case(w);
    const struct sim_case *c = at < 0 ? NULL : OF_CASE(w, at);
    struct sim_errand *e;
    struct error err;

    if (c == NULL || c->procedure < 0)
        return;
    e = errand_new(w, E_RECEIVE);
    sign(w, &e->work.by, e, "agent");
    SET(e->work.by.case_id, c->id);
    e->work.work = CASE_RECEIVED;
    e->work.item = item_elsewhere(w, c);
    (void)registrar_work_case(w->registrar, &e->work, &err);
    post(w, e);
}

static void talk(struct world *w)
{
    const struct sim_talk *t;
    struct sim_errand *e;
    struct error err;

    if (w->talks.n == 0)
        return;
    t = VEC_AT(&w->talks, struct sim_talk,
               dice_below(&w->dice, (uint32_t)w->talks.n));
    e = errand_new(w, E_TALK);
    sign(w, &e->talk.by, e, "agent");
    SET(e->talk.id, t->id);
    if (t->mode != T_PERSON) {
        (void)registrar_take_conversation(w->registrar, &e->talk, &err);
    } else if (dice_below(&w->dice, 2) == 0) {
        (void)registrar_hand_back(w->registrar, &e->talk, &err);
    } else {
        e->talk.text = "Con gusto, ya lo miro.";
        (void)registrar_reply(w->registrar, &e->talk, &err);
    }
    post(w, e);
}

static void open_request(struct world *w, struct request_order *o)
{
    const struct person *p = PERSON(w, dice_below(&w->dice, w->weather.people));
    int policy = (int)dice_below(&w->dice, POLICIES);

    o->action = REQUEST_OPEN;
    SET(o->by.subject, p->subject);
    o->policy = sim_policies[policy];
    o->kind = dice_below(&w->dice, 2) ? "access" : "correct";
    o->by.reason = "carta";
}

static void change_request(struct world *w, struct sim_errand *e,
                           const struct sim_request *q)
{
    struct request_order *o = &e->request;
    struct date d;

    SET(o->id, q->id);
    o->by.reason = "se necesita";
    o->told = dice_below(&w->dice, 2) ? "por teléfono" : NULL;
    switch (q->waits ? 3 + dice_below(&w->dice, 2) : dice_below(&w->dice, 4)) {
    case 0:
        o->action = REQUEST_EXTEND;
        d = date_of((civil_day)q->due + 1 + (int)dice_below(&w->dice, 12));
        (void)snprintf(e->until, sizeof(e->until), "%04d-%02d-%02d", d.year,
                       d.month, d.day);
        o->until = e->until;
        break;
    case 1:
        o->action = REQUEST_ASK;
        break;
    case 2:
        o->action = REQUEST_ASSIGN;
        o->handler = OFFICER;
        break;
    case 4:
        o->action = REQUEST_COMPLETE;
        break;
    default:
        o->action = REQUEST_CLOSE;
        o->outcome = dice_below(&w->dice, 2) ? "granted" : "forwarded";
        break;
    }
}

static void work_request(struct world *w)
{
    struct sim_errand *e;
    const struct sim_request *q = NULL;
    struct error err;

    for (int i = 0; i < 8 && w->asked.n > 0 && q == NULL; i++) {
        q = VEC_AT(&w->asked, struct sim_request,
                   dice_below(&w->dice, (uint32_t)w->asked.n));
        q = q->closed ? NULL : q;
    }
    e = errand_new(w, E_REQUEST_WORK);
    sign(w, &e->request.by, e, "officer");
    if (q == NULL || dice_one_in(&w->dice, 5))
        open_request(w, &e->request);
    else
        change_request(w, e, q);
    if (e->request.action == REQUEST_OPEN && e->request.by.subject[0] == '\0')
        SET(e->request.by.subject, "s00000000000000000000000000");
    (void)registrar_request(w->registrar, &e->request, &err);
    post(w, e);
}

/* ---- documents ----------------------------------------------------------- */

static void ask_code(struct world *w)
{
    int64_t at = some_case(w);
    struct sim_errand *e;
    struct error err;

    if (at < 0)
        return;
    e = errand_new(w, E_ASK_CODE);
    e->about = (uint32_t)at;
    sign(w, &e->code.by, e, "agent");
    SET(e->code.by.case_id, OF_CASE(w, at)->id);
    (void)registrar_ask_code(w->registrar, &e->code, &err);
    post(w, e);
}

static void order_delivery(struct world *w, uint32_t of_case)
{
    struct sim_errand *e = errand_new(w, E_ORDER);
    struct error err;

    e->about = of_case;
    sign(w, &e->delivery.by, e, "agent");
    SET(e->delivery.by.case_id, OF_CASE(w, of_case)->id);
    e->delivery.by.reason = "lo pidió";
    e->delivery.size = 1000;
    e->delivery.name = "extracto.pdf";
    (void)registrar_order_delivery(w->registrar, &e->delivery, &err);
    post(w, e);
}

/* Of somebody who wrote the code, mostly. */
static void send_document(struct world *w)
{
    int64_t at = some_case(w);

    for (size_t i = w->checks.n; i-- > 0 && !dice_one_in(&w->dice, 4);) {
        const struct sim_check *c = VEC_AT(&w->checks, struct sim_check, i);

        if (c->passed != 0) {
            at = c->of_case;
            break;
        }
    }
    if (at >= 0)
        order_delivery(w, (uint32_t)at);
}

void staff_checked(struct world *w, uint32_t check)
{
    const struct sim_check *c = VEC_AT(&w->checks, struct sim_check, check);

    if (!w->calm)
        order_delivery(w, c->of_case);
}

/* Meta has its bytes, or the judge says no. */
void staff_deliver(struct world *w, uint32_t delivery)
{
    const struct sim_delivery *d =
        VEC_AT(&w->deliveries, struct sim_delivery, delivery);
    struct sim_errand *e = errand_new(w, E_END);
    struct error err;

    e->about = delivery;
    SET(e->end.id, d->id);
    e->end.number =
        sim_numbers[VEC_AT(&w->cases, struct sim_case, d->of_case)->policy];
    e->end.reason = dice_one_in(&w->dice, 5) ? "judge" : NULL;
    e->end.media_id = "4711";
    e->end.media_type = "application/pdf";
    e->end.size = 1000;
    (void)registrar_end_delivery(w->registrar, &e->end, &err);
    post(w, e);
}

static void clear_minor(struct world *w)
{
    uint32_t who = dice_below(&w->dice, w->weather.people);
    struct sim_errand *e;
    struct error err;

    for (uint32_t i = 0; i < w->weather.people && !PERSON(w, who)->child; i++)
        who = (who + 1) % w->weather.people;
    if (!PERSON(w, who)->child)
        return;
    e = errand_new(w, E_CLEAR);
    sign(w, &e->access, e, "officer");
    SET(e->access.subject, PERSON(w, who)->subject);
    e->access.reason = "trajo su cédula";
    (void)registrar_clear_minor(w->registrar, &e->access, &err);
    post(w, e);
}

void staff_act(struct world *w)
{
    uint32_t what = dice_below(&w->dice, 100);

    if (what < 20)
        send_list(w);
    else if (what < 28)
        close_case(w);
    else if (what < 45)
        receive(w);
    else if (what < 60)
        talk(w);
    else if (what < 72)
        work_request(w);
    else if (what < 86)
        ask_code(w);
    else if (what < 96)
        send_document(w);
    else
        clear_minor(w);
}

/* ---- answered ------------------------------------------------------------ */

/* What an officer hears may be told to the customer. */
static void use_code(struct world *w, const struct sim_errand *e)
{
    struct sim_check *c;

    for (size_t i = w->checks.n; i-- > 0;) {
        c = VEC_AT(&w->checks, struct sim_check, i);
        if (c->order != e->order + 1)
            continue;
        memcpy(c->code, e->code.code, sizeof(c->code));
        PERSON(w, c->person)->check = (uint32_t)i + 1;
        if (dice_below(&w->dice, 3) > 0)
            happen(w, w->now + dice_around(&w->dice, 300 * MSEC_S), H_ACT,
                   c->person, 3);
        return;
    }
}

static void use_delivery(struct world *w, const struct sim_errand *e)
{
    uint32_t index;

    if (!map_get(w->delivery_of, e->delivery.id, &index))
        sim_fail(w, "delivery %s was ordered, and is in no leaf",
                 e->delivery.id);
    else if (!dice_one_in(&w->dice, 8)) /* else the bytes never come */
        happen(w, w->now + dice_around(&w->dice, 3 * MSEC_S), H_STAFF, index,
               0);
}

/* Each row of a list went, or was denied by a rule that is on record. */
static void check_list(struct world *w, const struct sim_errand *e)
{
    for (size_t i = 0; i < LIST_ROWS; i++)
        if (e->items[i].state == NULL || (strcmp(e->items[i].state, "denied") ==
                                          0) != (e->items[i].rule != NULL))
            sim_fail(w, "row %zu of a list was forgotten", i + 1);
}

static void done(struct world *w, const struct sim_errand *e)
{
    struct sim_order *o = ORDER(w, e->order);
    enum error_code code = e->waiter.err.code;

    if (e->waiter.result != 0) {
        o->state = error_is_environment(code) ? O_MAYBE : O_FAILED;
        if (code == ERR_INVARIANT || code == ERR_INTERNAL)
            sim_fail(w, "an order of staff broke: %s", e->waiter.err.text);
        return;
    }
    o->state = O_DONE;
    model_look(w);
    if (w->failed)
        return;
    if (o->kind == E_ASK_CODE)
        use_code(w, e);
    if (o->kind == E_ORDER)
        use_delivery(w, e);
    if (o->kind == E_LIST)
        check_list(w, e);
}

void staff_answered(struct world *w)
{
    struct sim_errand **all = w->errands.p;
    size_t kept = 0, n = w->errands.n;

    for (size_t i = 0; i < n; i++) {
        if (!all[i]->waiter.done) {
            all[kept++] = all[i];
            continue;
        }
        done(w, all[i]);
        free(all[i]);
        all = w->errands.p;
    }
    w->errands.n = kept;
}

void staff_lost(struct world *w)
{
    struct sim_errand **all = w->errands.p;

    for (size_t i = 0; i < w->errands.n; i++) {
        ORDER(w, all[i]->order)->state = O_MAYBE;
        free(all[i]);
    }
    w->errands.n = 0;
}

/* ---- on record ----------------------------------------------------------- */

uint32_t staff_order(const char *json)
{
    char nonce[HEX_SIZE(32)];

    return leaf_field(json, "\"nonce\":\"", nonce, sizeof(nonce))
               ? (uint32_t)strtoul(nonce, NULL, 16)
               : 0;
}

void staff_leaf(struct world *w, const char *json, uint64_t index)
{
    uint32_t order = staff_order(json);

    if (strstr(json, "\"nonce\":\"") == NULL)
        return;
    if (order == 0 || order > w->orders.n)
        sim_fail(w, "leaf %llu: nobody ordered it", (unsigned long long)index);
    else if (ORDER(w, order - 1)->leaves++ != 0)
        sim_fail(w, "leaf %llu: order %u is on record twice",
                 (unsigned long long)index, order);
}

/* Once the model has seen all that is committed. */
void staff_check(struct world *w)
{
    for (size_t i = 0; i < w->orders.n; i++) {
        const struct sim_order *o = ORDER(w, i);

        if (o->kind == E_END)
            continue;
        if (o->state == O_DONE && o->leaves != 1)
            sim_fail(w, "order %zu of kind %d was done, and is not on record",
                     i + 1, o->kind);
        if (o->state == O_FAILED && o->leaves != 0)
            sim_fail(w, "order %zu of kind %d was refused, and is on record",
                     i + 1, o->kind);
    }
}
