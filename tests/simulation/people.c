/* Customers: what they have in front of them, and what they do about it. */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PERSON(w, i)  VEC_AT(&(w)->people, struct person, i)
#define MESSAGE(w, i) VEC_AT(&(w)->messages, struct message, i)

#define FILE_KINDS 6 /* meta.c */

/* What they call a file. */
const struct sim_caption sim_captions[CAPTIONS] = {
    { "c", NULL },
    { "mi cédula", "cédula" },
    { "el soporte, gracias", "soporte" },
    { "certificado bancario", "bancario" },
    { "registro civil del niño", "registro" },
    { "certificado de estudio", "estudio" },
    { "recibo", "recibo" },
    { "formato", "formato" },
    { "mis ingresos", "ingresos" },
    { "domicilio", "domicilio" },
};

/* Rows that people still have from a list of last month, or tap again. */
static const char *const known_rows[POLICIES][12] = {
    [ES] = { "procedure/alta_cuenta", "procedure/reclamacion_recibo",
             "procedure/cambio_datos", "request/access", "request/erase",
             "request/complaint", "for/parent_guardian/alta_cuenta",
             "for/heir/cambio_datos", "menu/status", "menu/missing",
             "person/ask", "language/es-ES" },
    [CO] = { "procedure/cesantias", "procedure/beneficiario",
             "procedure/actualizacion", "request/access", "request/correct",
             "request/complaint", "for/attorney/cesantias",
             "for/parent_guardian/beneficiario", "menu/notices", "menu/missing",
             "person/ask", "person/back" },
};

void people_come(struct world *w)
{
    for (uint32_t i = 0; i < w->weather.people; i++) {
        struct person *p = vec_add(&w->people, sizeof(*p));
        uint32_t sort = dice_below(&w->dice, 10);

        (void)snprintf(p->phone, sizeof(p->phone), "57300%07u", i);
        (void)snprintf(p->bsuid, sizeof(p->bsuid), "CO.%010u", i);
        p->shows_phone = sort != 0;
        p->shows_bsuid = sort < 4 && sort != 3;
        p->bsuid_later = sort == 3;
        happen(w, w->now + dice_around(&w->dice, 1000 * w->weather.mean_gap_s),
               H_ACT, i, 0);
    }
}

uint32_t row_new(struct world *w, const char *id)
{
    char *row = vec_add(&w->rows, ROW_ID);

    (void)snprintf(row, ROW_ID, "%s", id);
    return (uint32_t)w->rows.n;
}

const char *row_id(const struct world *w, uint32_t row)
{
    return row == 0 ? "" : (const char *)w->rows.p + (size_t)(row - 1) * ROW_ID;
}

static uint32_t message_new(struct world *w, uint32_t person, int policy,
                            enum message_kind kind)
{
    struct person *p = PERSON(w, person);
    struct message *m = vec_add(&w->messages, sizeof(*m));
    uint32_t index = (uint32_t)w->messages.n - 1;

    m->person = person;
    m->policy = (uint8_t)policy;
    m->kind = (uint8_t)kind;
    m->purpose = PURPOSES;
    m->provider_s = w->now / MSEC_S;
    if (m->provider_s <= p->last_s)
        m->provider_s =
            p->last_s + !(w->weather.same_second && dice_one_in(&w->dice, 4));
    p->last_s = m->provider_s;
    m->next_of_person = p->newest;
    p->newest = index + 1;
    if (p->bsuid_later && dice_one_in(&w->dice, 10))
        p->shows_bsuid = true;
    return index;
}

/* ---- doings ------------------------------------------------------------- */

static msec small_delay(struct world *w)
{
    return dice_around(&w->dice, 1000 * (msec)w->weather.delay_s);
}

/* What they are asked for: a document of the newest case, as it is to be. */
static void ask_for(struct world *w, struct message *m)
{
    const struct sim_item *item = NULL;

    for (size_t i = w->cases.n, n = 0; i-- > 0 && n < 60; n++) {
        const struct sim_case *c = VEC_AT(&w->cases, struct sim_case, i);

        if (c->person != m->person || c->policy != m->policy ||
            c->procedure < 0 || c->state != C_OPEN)
            continue;
        item = &sim_procedures[c->procedure].items[dice_below(&w->dice, ITEMS)];
        break;
    }
    if (item == NULL || item->title == NULL || item->kinds == 0)
        return;
    m->file_kind = (item->kinds & 1u) != 0 && dice_below(&w->dice, 2) ? 0 : 1;
    for (uint8_t i = 0; i < CAPTIONS; i++)
        if (sim_captions[i].title != NULL &&
            strcmp(sim_captions[i].title, item->title) == 0)
            m->caption = i;
}

/* Photos of one album: webhooks of their own, or together, or both. Half of
 * them say what they are. */
static void send_files(struct world *w, uint32_t person, int policy)
{
    uint32_t n = dice_below(&w->dice, 2) ? 1 : 1 + dice_below(&w->dice, 6);
    uint32_t items[POST_ITEMS], filled = 0;
    bool together = dice_one_in(&w->dice, 3);

    for (uint32_t i = 0; i < n; i++) {
        uint32_t m = message_new(w, person, policy, M_FILE);
        MESSAGE(w, m)->file_kind = (uint8_t)dice_below(&w->dice, FILE_KINDS);
        if (dice_below(&w->dice, 2))
            MESSAGE(w, m)->file_kind = (uint8_t)dice_below(&w->dice, 2);
        if (dice_below(&w->dice, 2))
            MESSAGE(w, m)->caption = (uint8_t)dice_below(&w->dice, CAPTIONS);
        if (dice_below(&w->dice, 2))
            ask_for(w, MESSAGE(w, m));
        MESSAGE(w, m)->unfetchable = dice_one_in(&w->dice, 40);
        items[filled++] = m;
        if (!together || filled == POST_ITEMS || i + 1 == n) {
            meta_post(w, items, filled, small_delay(w));
            filled = 0;
        }
    }
}

static void send_one(struct world *w, uint32_t person, int policy,
                     enum message_kind kind)
{
    uint32_t m = message_new(w, person, policy, kind);

    if (kind == M_WITHDRAW)
        (void)snprintf(MESSAGE(w, m)->version, 16, "2026-11");
    if (kind == M_WITHDRAW && policy == CO && dice_below(&w->dice, 2))
        MESSAGE(w, m)->purpose = (uint8_t)dice_below(&w->dice, PURPOSES);
    if (kind == M_CODE)
        MESSAGE(w, m)->row = PERSON(w, person)->check;
    if (kind == M_CODE || kind == M_SCORE)
        MESSAGE(w, m)->caption = (uint8_t)(1 + dice_below(&w->dice, 5));
    MESSAGE(w, m)->odd = (uint8_t)dice_below(&w->dice, 6);
    meta_post(w, &m, 1, small_delay(w));
}

static void tap(struct world *w, uint32_t person, int policy, uint32_t row)
{
    uint32_t m = message_new(w, person, policy, M_ROW);

    MESSAGE(w, m)->row = row;
    meta_post(w, &m, 1, small_delay(w));
}

static void press(struct world *w, uint32_t person, const struct button *b)
{
    uint32_t m;
    struct message *msg;

    if (b->kind == M_ROW) {
        tap(w, person, b->policy, b->row);
        return;
    }
    m = message_new(w, person, b->policy, b->kind);
    msg = MESSAGE(w, m);
    msg->purpose = b->purpose;
    memcpy(msg->version, b->version, sizeof(msg->version));
    if (!dice_one_in(&w->dice, 5))
        memcpy(msg->context, b->context, sizeof(msg->context));
    if (dice_one_in(&w->dice, 50))
        (void)snprintf(msg->version, sizeof(msg->version), "2020-01");
    meta_post(w, &m, 1, small_delay(w));
}

/* One of the rows of the list in front of them. */
static void pick(struct world *w, uint32_t person)
{
    const struct person *p = PERSON(w, person);
    const struct button *last = &p->buttons[p->nbuttons - 1];
    uint32_t n = 0;

    while (n < p->nbuttons &&
           p->buttons[p->nbuttons - 1 - n].letter == last->letter)
        n++;
    press(w, person, last - dice_below(&w->dice, n));
}

/* Answers the newest question on the screen. */
static void react(struct world *w, uint32_t person)
{
    struct person *p = PERSON(w, person);
    uint32_t way = dice_below(&w->dice, 20), kind;

    if (p->nbuttons == 0)
        return;
    if (p->buttons[p->nbuttons - 1].kind == M_ROW) {
        pick(w, person);
        return;
    }
    kind = way < 13 ? M_GRANT : way < 15 ? M_REFUSE : M_OTHER_BUTTON;
    if (way >= 16) {
        send_one(w, person, p->buttons[p->nbuttons - 1].policy,
                 way < 19 ? M_YES : M_NO);
        return;
    }
    for (uint32_t i = p->nbuttons; i-- > 0;)
        if (p->buttons[i].kind == kind) {
            press(w, person, &p->buttons[i]);
            return;
        }
}

/* Rarely: what changes who may decide, or ends what they are written to for. */
static enum message_kind rare(struct world *w)
{
    uint32_t way = dice_below(&w->dice, 8);

    return way == 0 ? M_MINOR : way < 3 ? M_STOP : way < 6 ? M_SCORE : M_CODE;
}

static void say(struct world *w, uint32_t person, int policy, uint32_t what)
{
    struct person *p = PERSON(w, person);

    if (what < 10)
        send_one(w, person, policy, M_TEXT);
    else if (what < 18)
        send_one(w, person, policy, M_YES + dice_below(&w->dice, 3));
    else if (what < 28)
        tap(w, person, policy,
            row_new(w, known_rows[policy][dice_below(&w->dice, 12)]));
    else if (what < 33)
        send_one(w, person, policy, rare(w));
    else if (what < 46 && p->nbuttons > 0)
        press(w, person, &p->buttons[dice_below(&w->dice, p->nbuttons)]);
    else
        send_one(w, person, policy, M_ODD);
}

void people_act(struct world *w, uint32_t person, uint32_t how)
{
    uint32_t what = dice_below(&w->dice, 100);
    int policy = dice_one_in(&w->dice, 10) ? (int)(person + 1) % POLICIES
                                           : (int)person % POLICIES;

    if (how == 1)
        react(w, person);
    else if (how == 2)
        send_one(w, person, (int)dice_below(&w->dice, POLICIES), M_BAJA);
    else if (how == 3)
        send_one(
            w, person,
            VEC_AT(&w->checks, struct sim_check, PERSON(w, person)->check - 1)
                ->policy,
            M_CODE);
    else if (dice_percent(&w->dice, w->weather.baja))
        send_one(w, person, policy,
                 dice_below(&w->dice, 3) ? M_BAJA : M_WITHDRAW);
    else if (what < 50)
        send_files(w, person, policy);
    else
        say(w, person, policy, what - 50);
}

/* A message of ours appears on the person's screen. */
void people_seen(struct world *w, uint32_t letter)
{
    const struct letter *l = VEC_AT(&w->letters, struct letter, letter);
    struct person *p = PERSON(w, l->person);

    for (uint32_t i = 0; i < l->nbuttons; i++) {
        if (p->nbuttons == BUTTONS) {
            memmove(p->buttons, p->buttons + ROWS,
                    (BUTTONS - ROWS) * sizeof(p->buttons[0]));
            p->nbuttons -= ROWS;
        }
        p->buttons[p->nbuttons++] = l->buttons[i];
    }
    if (l->nbuttons > 0 && dice_below(&w->dice, 3) > 0)
        happen(w, w->now + dice_around(&w->dice, 60 * MSEC_S), H_ACT, l->person,
               1);
}
