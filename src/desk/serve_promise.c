/* By when people said that they will pay, and what became of it. */
#include "desk_private.h"

#include <string.h>

#include "resguardo/registrar_work.h"

/* An open one whose day is over is due: somebody has to say what became of it.
 * No row changes for that. */
static const char *const states[] = { "open", "due", "kept", "broken",
                                      "replaced" };

static const char *state_of(const struct promise_row *row, msec now)
{
    return strcmp(row->state, "open") == 0 && row->until <= now ? "due"
                                                                : row->state;
}

struct listing {
    struct request *r;
    json_t *list, *blocked;
    const char *wanted; /* or NULL */
    msec now;
};

static json_t *shape_promise(struct request *r, const struct promise_row *row,
                             msec now)
{
    char day[DATE_SIZE], name[STAFF_NAME_SIZE];

    date_format(day, row->day);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "id",
                     row->id, "state", state_of(row, now), "due", day,
                     "subject", row->subject, "policy", row->policy, "template",
                     row->template, "outbound_id", row->outbound, "made_at",
                     shape_time(row->made), "decided_at",
                     shape_time(row->decided), "decided_by",
                     row->decided_by < 0
                         ? json_null()
                         : json_string(staff_name(r, row->decided_by, name)));
}

static int add_promise(void *arg, const struct promise_row *row)
{
    const struct listing *l = arg;

    if (json_object_get(l->blocked, row->subject) != NULL &&
        !blocked_shown(l->r))
        return 0;
    if (l->wanted != NULL && strcmp(l->wanted, state_of(row, l->now)) != 0)
        return 0;
    return json_array_append_new(l->list, shape_promise(l->r, row, l->now));
}

/* The states of rows that may be of that state in a list. */
static bool is_read(const char *wanted, const char *state)
{
    if (strcmp(state, "due") == 0)
        return false;
    if (wanted == NULL)
        return true;
    return strcmp(strcmp(wanted, "due") == 0 ? "open" : wanted, state) == 0;
}

int serve_promise_list(struct request *r, struct error *e)
{
    struct listing l = { .r = r,
                         .wanted = request_query(r, "state"),
                         .now = clock_now(r->desk->needs.clock) };
    bool known = l.wanted == NULL;
    int ok = 0;

    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        known |= l.wanted != NULL && strcmp(l.wanted, states[i]) == 0;
    if (!known)
        return error_set(e, ERR_INPUT, "no state of a promise");
    if ((l.blocked = blocked_people(r, e)) == NULL)
        return -1;
    e->code = ERR_NONE;
    l.list = json_array();
    for (size_t i = 0; ok == 0 && i < sizeof(states) / sizeof(states[0]); i++)
        if (is_read(l.wanted, states[i]))
            ok = promise_list(r->store, states[i], add_promise, &l, e);
    json_decref(l.blocked);
    if (ok == 0)
        return answer_json(r, l.list, e);
    json_decref(l.list);
    return e->code != ERR_NONE
               ? -1
               : error_set(e, ERR_NOMEM, "no memory for a list");
}

/* ---- kept, or broken ---------------------------------------------------- */

int before_promise(struct request *r, struct error *e)
{
    struct promise_row row;
    int found =
        id_valid(r->id, 'm') ? promise_get(r->store, r->id, &row, e) : 0;

    if (found == 0)
        return error_set(e, ERR_NOT_FOUND, "no such promise");
    if (found < 0)
        return -1;
    return blocked_check(r, row.subject, "promise", e);
}

int serve_promise_decide(struct request *r, struct error *e)
{
    struct promise_order o = { .by = request_access(r, NULL) };
    struct staff_signature signature;
    json_t *body = NULL;
    const char *state;
    int ok = -1;

    if (before_promise(r, e) != 0 || (body = request_body(r, e)) == NULL)
        return -1;
    memcpy(o.id, r->id, sizeof(o.id));
    o.by.signature = &signature;
    state = json_str(body, "state");
    o.kept = state != NULL && strcmp(state, "kept") == 0;
    if (state == NULL || (!o.kept && strcmp(state, "broken") != 0))
        (void)error_set(e, ERR_INPUT, "state is neither kept nor broken");
    else if (request_signature(r, body, "", &signature, e) == 0 &&
             registrar_decide_promise(r->desk->needs.registrar, &o, e) == 0)
        ok = answer_json(r, json_pack("{s:s, s:s}", "id", o.id, "state", state),
                         e);
    json_decref(body);
    return ok;
}
