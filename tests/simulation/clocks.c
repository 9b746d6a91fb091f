/*
 * The model of requests: each has a date that the model counts itself, runs
 * once, is overdue once after it, and ends once.
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASKED(w, i)   VEC_AT(&(w)->asked, struct sim_request, i)
#define OF_CASE(w, i) VEC_AT(&(w)->cases, struct sim_case, i)

static void broken(struct world *w, const struct leaf *l, const char *what)
{
    sim_fail(w, "leaf %llu: %s: %s", (unsigned long long)l->index, l->event,
             what);
}

/* ---- dates --------------------------------------------------------------- */

static bool day_of(struct world *w, const struct leaf *l, civil_day *day)
{
    char text[16];

    if (leaf_field(l->json, "\"due\":\"", text, sizeof(text)) &&
        date_parse(text, day) == 0)
        return true;
    broken(w, l, "no date");
    return false;
}

static void set_due(struct sim_request *q, civil_day day)
{
    q->due = day;
    q->due_at = local_begin(q->policy, day + 1);
    q->overdue = 0;
}

/* The day that the leaf says, and (exact) is it the clock's? */
static void take_due(struct world *w, const struct leaf *l,
                     struct sim_request *q, bool exact)
{
    civil_day day = 0;
    bool known;
    int64_t due = due_day(q->policy, q->clock, q->began, q->extensions, &known);

    if (!day_of(w, l, &day))
        return;
    if (known && (exact ? day != due : day > due || day <= q->due))
        sim_fail(w,
                 "leaf %llu: %s is due on day %lld, by the model on day %lld",
                 (unsigned long long)l->index, q->clock, (long long)day,
                 (long long)due);
    set_due(q, day);
}

/* ---- opened -------------------------------------------------------------- */

static bool is_request(struct world *w, const struct message *m,
                       const void *arg)
{
    const struct sim_request *q = arg;
    char id[ROW_ID];

    if (strcmp(q->type, "withdraw") == 0) /* with what took a yes back */
        return m->kind == M_BAJA || m->kind == M_WITHDRAW ||
               m->kind == M_REFUSE || m->kind == M_OTHER_BUTTON ||
               m->kind == M_NO || m->kind == M_OTHER || m->kind == M_STOP ||
               m->kind == M_ROW;
    (void)snprintf(id, sizeof(id), "request/%s", q->type);
    return m->kind == M_ROW && strcmp(row_id(w, m->row), id) == 0;
}

/* One of a kind runs at a time. */
static void check_only(struct world *w, const struct leaf *l,
                       const struct sim_request *q)
{
    for (size_t i = 0; i + 1 < w->asked.n; i++) {
        const struct sim_request *o = ASKED(w, i);

        if (!o->closed && o->person == q->person && o->policy == q->policy &&
            strcmp(o->type, q->type) == 0 && o->of_case == q->of_case &&
            strcmp(q->type, "other") != 0)
            broken(w, l, "one of the kind runs already");
    }
}

static void check_promise(struct world *w, const struct leaf *l,
                          struct sim_request *q)
{
    int64_t at = leaf_case(w, l);

    if (at < 0)
        return;
    q->of_case = (uint32_t)at + 1;
    if (OF_CASE(w, at)->state != C_COMPLETE || OF_CASE(w, at)->promises++ != 0)
        broken(w, l, "promised twice, or for nothing");
    if (strcmp(sim_procedures[OF_CASE(w, at)->procedure].clock, q->clock) != 0)
        broken(w, l, "another clock was promised");
}

static void on_opened(struct world *w, const struct leaf *l, const char *id)
{
    struct sim_request *q = vec_add(&w->asked, sizeof(*q));

    (void)snprintf(q->id, sizeof(q->id), "%s", id);
    (void)leaf_field(l->json, "\"clock\":\"", q->clock, sizeof(q->clock));
    (void)leaf_field(l->json, "\"type\":\"", q->type, sizeof(q->type));
    q->person = l->who;
    q->policy = (uint8_t)l->policy;
    q->by_chat = strstr(l->json, "\"channel\":\"whatsapp\"") != NULL;
    q->began = leaf_msec(l, "\"received\":\"");
    map_put(w->asked_of, q->id, (uint32_t)w->asked.n - 1);
    if (strcmp(q->type, "sla") == 0) {
        q->began = leaf_msec(l, "\"time\":\"");
        check_promise(w, l, q);
    }
    check_only(w, l, q);
    take_due(w, l, q, true);
    if (q->by_chat) {
        const struct person *p = VEC_AT(&w->people, struct person, l->who);
        bool said = false;

        for (uint32_t i = p->newest; i != 0 && !said;) {
            const struct message *m =
                VEC_AT(&w->messages, struct message, i - 1);

            i = m->next_of_person;
            if (m->provider_s * MSEC_S < q->began)
                break;
            said = m->posted && m->policy == q->policy &&
                   (m->provider_s * MSEC_S == q->began || w->behind) &&
                   is_request(w, m, q);
        }
        if (!said)
            broken(w, l, "nobody asked for it");
    }
}

/* ---- on its way ---------------------------------------------------------- */

static void on_overdue(struct world *w, const struct leaf *l,
                       struct sim_request *q)
{
    if (q->overdue++ != 0)
        broken(w, l, "twice");
    if (leaf_msec(l, "\"time\":\"") < q->due_at)
        broken(w, l, "its last day is not over");
    if (q->waits && !q->replied)
        broken(w, l, "its term does not run");
}

static void on_extended(struct world *w, const struct leaf *l,
                        struct sim_request *q)
{
    if (leaf_msec(l, "\"time\":\"") >= q->due_at || q->extensions > 0)
        broken(w, l, "too late, or too often");
    q->extensions++;
    take_due(w, l, q, false);
}

static void on_asked(struct world *w, const struct leaf *l,
                     struct sim_request *q)
{
    civil_day day = 0;

    if (q->waits || (strcmp(q->clock, "reclamo") != 0 &&
                     strncmp(q->clock, "peticion", 8) != 0))
        broken(w, l, "its clock does not wait");
    q->waits = true;
    if (day_of(w, l, &day)) /* until which they may be silent */
        set_due(q, day);
}

static void on_replied(struct world *w, const struct leaf *l,
                       struct sim_request *q)
{
    if (!q->waits || q->replied)
        broken(w, l, "nobody asked them");
    q->replied = true;
    q->began = leaf_msec(l, "\"time\":\"");
    take_due(w, l, q, true);
}

static void on_whole(struct world *w, const struct leaf *l,
                     struct sim_request *q)
{
    if (!q->waits)
        broken(w, l, "nothing lacked");
    q->waits = false;
    if (!q->replied) /* else since then */
        q->began = leaf_msec(l, "\"time\":\"");
    take_due(w, l, q, true);
}

static void on_closed(struct world *w, const struct leaf *l,
                      struct sim_request *q)
{
    (void)w, (void)l;
    q->closed = true;
}

static void on_assigned(struct world *w, const struct leaf *l,
                        struct sim_request *q)
{
    (void)w, (void)l, (void)q;
}

bool clocks_leaf(struct world *w, const struct leaf *l)
{
    static const struct {
        const char *event;
        void (*fn)(struct world *, const struct leaf *, struct sim_request *);
    } steps[] = { { "request_overdue", on_overdue },
                  { "request_deemed_accepted", on_overdue },
                  { "request_extended", on_extended },
                  { "request_asked", on_asked },
                  { "request_replied", on_replied },
                  { "request_completed", on_whole },
                  { "request_assigned", on_assigned },
                  { "request_closed", on_closed } };
    struct sim_request *q;
    char id[ID_SIZE];
    uint32_t index;

    if (strncmp(l->event, "request_", 8) != 0)
        return false;
    (void)leaf_field(l->json, "\"request_id\":\"", id, sizeof(id));
    if (strcmp(l->event, "request_opened") == 0) {
        if (map_get(w->asked_of, id, &index))
            broken(w, l, "a second one of that name");
        else
            on_opened(w, l, id);
        return true;
    }
    if (!map_get(w->asked_of, id, &index)) {
        broken(w, l, "of nothing that was asked for");
        return true;
    }
    q = ASKED(w, index);
    if (q->closed)
        broken(w, l, "it had ended");
    if (q->person != l->who)
        broken(w, l, "it is somebody else's");
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        if (strcmp(l->event, steps[i].event) == 0)
            steps[i].fn(w, l, q);
    return true;
}

/* ---- rows ---------------------------------------------------------------- */

static void row_request(struct world *w, sqlite3_stmt *st)
{
    const struct sim_request *q;
    uint32_t index;
    civil_day due = 0;

    if (!map_get(w->asked_of, TEXT(st, 0), &index)) {
        sim_fail(w, "request %s is in no leaf", TEXT(st, 0));
        return;
    }
    q = ASKED(w, index);
    if (date_parse(TEXT(st, 1), &due) != 0 || due != q->due)
        sim_fail(w, "request %s is due on %s, the ledger says otherwise", q->id,
                 TEXT(st, 1));
    if ((sqlite3_column_type(st, 2) != SQLITE_NULL) != q->closed ||
        (sqlite3_column_type(st, 3) == SQLITE_NULL) != q->closed)
        sim_fail(w, "request %s: the ledger says that it %s", q->id,
                 q->closed ? "ended" : "runs");
    if (q->of_case != 0 && !q->closed &&
        OF_CASE(w, q->of_case - 1)->state == C_CLOSED)
        sim_fail(w, "request %s was promised for a case that is closed", q->id);
}

void clocks_rows(struct world *w)
{
    final_each(w, "SELECT id, due, closed, next FROM request", row_request);
}

/* Time went on without a fault: whatever is late was said to be. A day is for
 * a clock that was wrong when it was looked at. */
void clocks_end(struct world *w)
{
    for (size_t i = 0; i < w->asked.n; i++) {
        const struct sim_request *q = ASKED(w, i);

        if (!q->closed && (!q->waits || q->replied) && q->overdue == 0 &&
            q->due_at + MSEC_D < w->now)
            sim_fail(w, "request %s of %s was due, and nobody says so", q->id,
                     q->clock);
    }
}
