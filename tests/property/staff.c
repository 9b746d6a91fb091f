/* Staff: agents talk, officers decide, lists of reminders go out, at any hour
 * and to anybody. What the rules refuse is none of our business here. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

#include "resguardo/registrar_work.h"

static struct staff_access by(void)
{
    struct staff_access a = { .uid = 1, .name = "ana", .role = "officer" };

    a.reason = "4711";
    return a;
}

/* A random row's first column; false: there is none. */
static bool pick(struct world *w, const char *from, char *out, size_t cap)
{
    char sql[256];
    sqlite3_stmt *st = NULL;
    bool found = false;
    int64_t n = 0;

    (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s",
                   strchr(from, ' ') + 6);
    if (sqlite3_prepare_v2(w->db, sql, -1, &st, NULL) != SQLITE_OK)
        broken(w, -1, "%s: %s", sql, sqlite3_errmsg(w->db));
    if (sqlite3_step(st) == SQLITE_ROW)
        n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    if (n == 0)
        return false;
    (void)snprintf(sql, sizeof(sql), "SELECT %s ORDER BY 1 LIMIT 1 OFFSET %d",
                   from, (int)draw(w, (uint64_t)n));
    if (sqlite3_prepare_v2(w->db, sql, -1, &st, NULL) != SQLITE_OK)
        broken(w, -1, "%s: %s", sql, sqlite3_errmsg(w->db));
    if (sqlite3_step(st) == SQLITE_ROW) {
        (void)snprintf(out, cap, "%s",
                       (const char *)sqlite3_column_text(st, 0));
        found = true;
    }
    sqlite3_finalize(st);
    return found;
}

static int take(struct registrar *r, void *arg, struct error *e)
{
    return registrar_take_conversation(r, arg, e);
}

static int reply(struct registrar *r, void *arg, struct error *e)
{
    return registrar_reply(r, arg, e);
}

static int hand_back(struct registrar *r, void *arg, struct error *e)
{
    return registrar_hand_back(r, arg, e);
}

static int close_case(struct registrar *r, void *arg, struct error *e)
{
    return registrar_close_case(r, arg, e);
}

static int outbound(struct registrar *r, void *arg, struct error *e)
{
    return registrar_outbound(r, arg, e);
}

static int request(struct registrar *r, void *arg, struct error *e)
{
    return registrar_request(r, arg, e);
}

static int erase(struct registrar *r, void *arg, struct error *e)
{
    return registrar_erase(r, arg, e);
}

static int link_two(struct registrar *r, void *arg, struct error *e)
{
    return registrar_link(r, arg, e);
}

static int unlink_two(struct registrar *r, void *arg, struct error *e)
{
    return registrar_unlink(r, arg, e);
}

static int place(struct registrar *r, void *arg, struct error *e)
{
    return registrar_place_hold(r, arg, e);
}

static int lift(struct registrar *r, void *arg, struct error *e)
{
    return registrar_lift_hold(r, arg, e);
}

static int adult(struct registrar *r, void *arg, struct error *e)
{
    return registrar_clear_minor(r, arg, e);
}

static int work_case(struct registrar *r, void *arg, struct error *e)
{
    return registrar_work_case(r, arg, e);
}

/* ---- conversations ------------------------------------------------------ */

static void talk(struct world *w)
{
    struct conversation_order o = { .by = by(), .text = "4711 / 08-15" };
    struct error e;

    o.by.role = "agent";
    if (one_in(w, 2) && pick(w, "id FROM conversation WHERE mode = 'waiting'",
                             o.id, sizeof(o.id))) {
        (void)world_call(w, take, &o, &e);
        return;
    }
    if (!pick(w, "id FROM conversation WHERE mode = 'person'", o.id,
              sizeof(o.id)))
        return;
    if (one_in(w, 2)) {
        (void)world_call(w, hand_back, &o, &e);
        return;
    }
    if (one_in(w, 2)) {
        o.text = NULL;
        o.prepared = "greeting";
    }
    w->seen.replies += world_call(w, reply, &o, &e) == 0;
}

/* ---- lists -------------------------------------------------------------- */

static const char *value_of(const struct template_parameter *p)
{
    return p->type == PARAMETER_DATE     ? "2026-12-24"
           : p->type == PARAMETER_AMOUNT ? "$ 1.250.000"
                                         : "la factura 4711";
}

static void remind(struct world *w)
{
    int policy = one_in(w, 4) ? (int)draw(w, POLICIES) : CO;
    const struct policy *p = policy_at(w, policy);
    const struct policy_template *t = &p->templates[draw(w, p->ntemplates)];
    struct outbound_item items[6] = { 0 };
    struct outbound_order o = { .by = by(),
                                .policy = p->id,
                                .template = t->id,
                                .items = items,
                                .n = 1 + draw(w, 6) };
    struct error e;

    if (t->carries) /* is no list's */
        return;
    (void)snprintf(o.batch, sizeof(o.batch), "%016llx%016llx",
                   (unsigned long long)draw(w, UINT64_MAX),
                   (unsigned long long)draw(w, UINT64_MAX));
    for (size_t i = 0; i < o.n; i++) {
        items[i].row = (int64_t)i + 1;
        items[i].to = w->people[draw(w, PEOPLE)].phone;
        items[i].phone = true;
        for (size_t k = 0; k < t->nparameters; k++)
            items[i].values[k] = value_of(&t->parameters[k]);
        for (size_t k = 0; k < i; k++)
            if (items[k].to == items[i].to)
                items[i].to = "573009999999";
    }
    if (world_call(w, outbound, &o, &e) != 0)
        broken(w, -1, "a list was not taken: %s", e.text);
}

/* ---- requests ----------------------------------------------------------- */

static void extend(struct world *w, struct request_order *o, char until[40])
{
    int y, m, d, day = local_day(CO, w->now) + (int)draw(w, 60);

    day_split(day, &y, &m, &d);
    (void)snprintf(until, 40, "%04d-%02d-%02d", y, m, d);
    o->action = REQUEST_EXTEND;
    o->until = until;
}

static void open_request(struct world *w, struct request_order *o)
{
    static const char *const kinds[] = { "access",
                                         "correct",
                                         "complaint",
                                         "reclamo_financiero",
                                         "peticion_documentos",
                                         "peticion_consulta",
                                         "reclamacion",
                                         "erase" };

    o->action = REQUEST_OPEN;
    o->kind = kinds[draw(w, 8)];
    o->policy = policy_at(w, (int)draw(w, POLICIES))->id;
    o->received = w->now - (msec)draw(w, 20 * MSEC_D);
    if (one_in(w, 4))
        o->requester = "heir";
    if (one_in(w, 8)) {
        o->by.subject[0] = '\0';
        o->kind = one_in(w, 2) ? "brecha" : "incidente";
    }
}

static void handle(struct world *w)
{
    struct request_order o = { .by = by() };
    char until[40];
    struct error e;

    if (!one_in(w, 3))
        o.told = "a letter";
    if (one_in(w, 3)) {
        if (!pick(w, "id FROM subject", o.by.subject, ID_SIZE))
            return;
        open_request(w, &o);
        (void)world_call(w, request, &o, &e);
        return;
    }
    if (!pick(w, "id FROM request WHERE closed IS NULL", o.id, sizeof(o.id)))
        return;
    switch (draw(w, 5)) {
    case 0:
        o.action = REQUEST_ASK;
        break;
    case 1:
        o.action = REQUEST_COMPLETE;
        break;
    case 2:
    case 3:
        extend(w, &o, until);
        break;
    default:
        o.action = REQUEST_CLOSE;
        o.outcome = one_in(w, 3) ? "refused" : "granted";
        if (strcmp(o.outcome, "refused") == 0)
            o.ground = "legal_duty";
        break;
    }
    (void)world_call(w, request, &o, &e);
}

/* ---- persons ------------------------------------------------------------ */

static void connect(struct world *w)
{
    struct link_order o = { .by = by() };
    char former[ID_SIZE];
    struct error e;

    if (!pick(w, "id FROM subject", o.by.subject, ID_SIZE) ||
        !pick(w, "id FROM subject", former, sizeof(former)))
        return;
    o.former = former;
    o.kind = one_in(w, 2) ? link_kinds[0] : link_kinds[1];
    if (one_in(w, 2))
        o.proof = link_proofs[0];
    (void)world_call(w, link_two, &o, &e);
}

static void disconnect(struct world *w)
{
    struct link_order o = { .by = by() };
    char former[ID_SIZE];
    sqlite3_stmt *st = NULL;
    struct error e;

    if (sqlite3_prepare_v2(w->db,
                           "SELECT subject, former FROM link WHERE ended IS"
                           " NULL LIMIT 1",
                           -1, &st, NULL) != SQLITE_OK)
        broken(w, -1, "links cannot be read");
    if (sqlite3_step(st) == SQLITE_ROW) {
        SET(o.by.subject, (const char *)sqlite3_column_text(st, 0));
        SET(former, (const char *)sqlite3_column_text(st, 1));
        o.former = former;
    }
    sqlite3_finalize(st);
    if (o.former != NULL)
        (void)world_call(w, unlink_two, &o, &e);
}

static void hold(struct world *w)
{
    struct hold_order o = { .by = by(), .kind = HOLD_IMPERSONATION };
    struct error e;

    if (pick(w, "id FROM hold WHERE lifted IS NULL", o.id, sizeof(o.id)) &&
        one_in(w, 2)) {
        (void)world_call(w, lift, &o, &e);
        return;
    }
    o.id[0] = '\0';
    if (pick(w, "id FROM subject", o.by.subject, ID_SIZE))
        (void)world_call(w, place, &o, &e);
}

static void erase_somebody(struct world *w)
{
    struct erase_order o = { .by = by(), .ground = "request" };
    struct error e;

    if (pick(w, "id FROM subject", o.by.subject, ID_SIZE))
        (void)world_call(w, erase, &o, &e);
}

static void is_adult(struct world *w)
{
    struct staff_access a = by();
    struct error e;

    a.event_type = "minor_cleared";
    if (pick(w, "id FROM subject WHERE minor > 0", a.subject, ID_SIZE))
        (void)world_call(w, adult, &a, &e);
}

/* ---- cases -------------------------------------------------------------- */

static void end_case(struct world *w)
{
    struct staff_access a = by();
    struct error e;

    a.role = "agent";
    if (pick(w, "id FROM cases WHERE state <> 'closed'", a.case_id,
             sizeof(a.case_id)))
        (void)world_call(w, close_case, &a, &e);
}

static void receive_item(struct world *w)
{
    static const char *const items[] = { "certificado_bancario", "cedula",
                                         "soporte", "recibo_servicio", "dni" };
    struct case_order o = { .by = by(), .work = CASE_RECEIVED };
    struct error e;

    o.by.role = "agent";
    o.item = items[draw(w, 5)];
    if (pick(w, "id FROM cases WHERE state = 'open' AND procedure <> ''",
             o.by.case_id, sizeof(o.by.case_id)))
        (void)world_call(w, work_case, &o, &e);
}

/* ---- one thing ---------------------------------------------------------- */

void staff_act(struct world *w)
{
    uint64_t what = draw(w, 100);

    world_settle(w);
    if (what < 30)
        talk(w);
    else if (what < 55)
        remind(w);
    else if (what < 75)
        handle(w);
    else if (what < 80)
        connect(w);
    else if (what < 82)
        disconnect(w);
    else if (what < 86)
        hold(w);
    else if (what < 87)
        erase_somebody(w);
    else if (what < 89)
        is_adult(w);
    else if (what < 93)
        end_case(w);
    else
        receive_item(w);
}
