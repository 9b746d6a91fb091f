/* Requests: what runs and until when, what was said of one, and what staff do
 * with them. */
#include "desk_private.h"

#include <stdlib.h>
#include <string.h>

/* What takes an agent, and what an officer. */
static const struct {
    const char *name;
    enum request_action action;
    bool decides, reasoned;
} works[] = {
    { "ask", REQUEST_ASK, false, true },
    { "complete", REQUEST_COMPLETE, false, false },
    { "assign", REQUEST_ASSIGN, false, false },
    { "extend", REQUEST_EXTEND, true, true },
    { "close", REQUEST_CLOSE, true, true },
};
#define WORKS (sizeof(works) / sizeof(works[0]))

/* ---- rows --------------------------------------------------------------- */

static json_t *handler_name(const struct request *r,
                            const struct request_row *row)
{
    const struct keyring_staff *who =
        row->handler < 0 ? NULL
                         : keyring_find(r->keyring, (uint32_t)row->handler);

    return shape_text(who != NULL ? who->name : "");
}

static json_t *shape_request(const struct request *r,
                             const struct request_row *row)
{
    return json_pack(
        "{s:s, s:o, s:s, s:s, s:s, s:o, s:s, s:o, s:o, s:s, s:s, s:o, s:o,"
        " s:o, s:s, s:s, s:i, s:o, s:o, s:b, s:o, s:o, s:o, s:o}",
        "id", row->id, "subject", shape_text(row->subject), "policy",
        row->policy, "type", row->type, "kind", row->clock, "case_id",
        shape_text(row->case_id), "state", row->state, "received_at",
        shape_time(row->received), "opened_at", shape_time(row->opened), "due",
        row->due, "due_early", row->due_early, "due_at",
        shape_time(row->due_at), "due_early_at", shape_time(row->due_early_at),
        "warn_at", shape_time(row->warn_at), "zone", row->zone, "calendar",
        row->calendar, "extensions", row->extensions, "asked_at",
        shape_time(row->asked), "given_up_at", shape_time(row->give_up_at),
        "legend", row->legend != 0, "handler", handler_name(r, row), "outcome",
        shape_text(row->outcome), "ground", shape_text(row->ground),
        "closed_at", shape_time(row->closed));
}

/* ---- lists -------------------------------------------------------------- */

struct listing {
    struct request *r;
    json_t *list, *blocked;
};

static int add_request(void *arg, const struct request_row *row)
{
    const struct listing *l = arg;

    if (json_object_get(l->blocked, row->subject) != NULL &&
        !blocked_shown(l->r))
        return 0;
    return json_array_append_new(l->list, shape_request(l->r, row));
}

int serve_request_list(struct request *r, struct error *e)
{
    struct listing l = { .r = r };
    msec before = INT64_MAX;
    int ok = -1;

    if (request_query_time(r, "due_before", &before, e) != 0 ||
        (l.blocked = blocked_people(r, e)) == NULL)
        return -1;
    e->code = ERR_NONE;
    l.list = json_array();
    ok = request_list(r->store, request_query(r, "state"), before, add_request,
                      &l, e);
    json_decref(l.blocked);
    if (ok == 0)
        return answer_json(r, l.list, e);
    json_decref(l.list);
    return e->code != ERR_NONE
               ? -1
               : error_set(e, ERR_NOMEM, "no memory for a list");
}

static int find(struct request *r, struct request_row *row, struct error *e)
{
    int found =
        id_valid(r->id, 'g') ? request_get(r->store, r->id, row, e) : 0;

    if (found == 0)
        return error_set(e, ERR_NOT_FOUND, "no such request");
    if (found < 0)
        return -1;
    return row->subject[0] == '\0'
               ? 0
               : blocked_check(r, row->subject, "request", e);
}

/* ---- one, with what was said of it -------------------------------------- */

/* An officer's where they are both. */
static const char *role_of(const struct request *r)
{
    return (r->staff.roles & ROLE_OFFICER) != 0 ? "officer" : "agent";
}

static json_t *words_of(struct request *r, const struct request_row *row,
                        struct error *e)
{
    struct buf text = { 0 };
    json_t *list = NULL;
    int found = request_words_get(r->store, row, &text, e);

    if (found >= 0)
        list = found > 0 ? json_parse(text.p, text.len, e) : json_array();
    buf_free(&text);
    return list;
}

/* Where the words of an erased person were there is nothing. */
static json_t *words_or_none(struct request *r, const struct request_row *row,
                             struct error *e)
{
    struct subject_row subject;
    int found = 1;

    if (row->subject[0] != '\0')
        found = subject_get(r->store, row->subject, &subject, e);
    if (found > 0 && row->subject[0] != '\0')
        found = slot_state(r->store, subject.content_slot, e);
    return found < 0 ? NULL : found == 0 ? json_array() : words_of(r, row, e);
}

/* Somebody's words are in it: a look is on record. */
int serve_request_show(struct request *r, struct error *e)
{
    struct staff_access access = request_access(r, "request_shown");
    struct request_row row;
    json_t *words, *o;
    int ok;

    if (find(r, &row, e) != 0)
        return -1;
    access.role = role_of(r);
    access.policy = row.policy;
    memcpy(access.subject, row.subject, sizeof(access.subject));
    memcpy(access.case_id, row.case_id, sizeof(access.case_id));
    access.evidence = json_pack("{s:s}", "request_id", row.id);
    ok = request_record(r, &access, e);
    json_decref(access.evidence);
    if (ok != 0 || (words = words_or_none(r, &row, e)) == NULL)
        return -1;
    o = shape_request(r, &row);
    if (json_object_set_new(o, "words", words) != 0) {
        json_decref(o);
        o = NULL;
    }
    return answer_json(r, o, e);
}

/* ---- what staff do ------------------------------------------------------ */

static int find_staff(const struct request *r, const char *name, uint32_t *uid)
{
    const struct keyring_staff *staff;

    for (size_t i = 0; (staff = keyring_staff_at(r->keyring, i)) != NULL; i++)
        if (name != NULL && strcmp(staff->name, name) == 0) {
            *uid = staff->uid;
            return 0;
        }
    return -1;
}

static int read_time(const json_t *body, const char *key, msec *out,
                     struct error *e)
{
    const char *text = json_str(body, key);

    return text == NULL || time_parse(text, out) == 0
               ? 0
               : error_set(e, ERR_INPUT, "%s is not a time as RFC 3339 has it",
                           key);
}

static int read_order(const struct request *r, const json_t *body,
                      struct request_order *o, struct error *e)
{
    const char *handler = json_str(body, "handler");

    if (json_object_get(body, "told") != NULL &&
        (o->told = request_text(body, "told", e)) == NULL)
        return -1;
    o->policy = json_str(body, "policy");
    o->kind = json_str(body, "kind");
    o->until = json_str(body, "until");
    o->outcome = json_str(body, "outcome");
    o->ground = json_str(body, "ground");
    if (o->action == REQUEST_OPEN && o->kind == NULL)
        return error_set(e, ERR_INPUT, "what is asked for?");
    if (o->action == REQUEST_ASSIGN &&
        find_staff(r, handler, &o->handler) != 0)
        return error_set(e, ERR_NOT_FOUND, "no such member of staff");
    return read_time(body, "received", &o->received, e) != 0
               ? -1
               : read_time(body, "escalated", &o->escalated, e);
}

/* Signed, with its reason where there has to be one; answers with the row. */
static int carry_out(struct request *r, struct request_order *o,
                     const json_t *body, bool reasoned, struct error *e)
{
    struct staff_signature signature;
    struct request_row row;

    if (reasoned && (o->by.reason = request_text(body, "reason", e)) == NULL)
        return -1;
    if (read_order(r, body, o, e) != 0 ||
        request_signature(r, body, reasoned ? o->by.reason : "", &signature,
                          e) != 0)
        return -1;
    o->by.signature = &signature;
    if (registrar_request(r->desk->needs.registrar, o, e) != 0)
        return -1;
    return request_get(r->store, o->id, &row, e) == 1
               ? answer_json(r, shape_request(r, &row), e)
               : -1;
}

int before_request(struct request *r, struct error *e)
{
    struct request_row row;

    return find(r, &row, e);
}

static int work(struct request *r, bool decides, struct error *e)
{
    struct request_order o = { .by = request_access(r, NULL) };
    json_t *body = request_body(r, e);
    const char *name = json_str(body, "action");
    size_t i = 0;
    int ok = -1;

    if (body == NULL || before_request(r, e) != 0)
        goto out;
    while (i < WORKS && (name == NULL || works[i].decides != decides ||
                         strcmp(works[i].name, name) != 0))
        i++;
    if (i == WORKS) {
        (void)error_set(e, ERR_INPUT, "no such work on a request");
        goto out;
    }
    o.action = works[i].action;
    memcpy(o.id, r->id, sizeof(o.id));
    ok = carry_out(r, &o, body, works[i].reasoned, e);
out:
    json_decref(body);
    return ok;
}

int serve_request_work(struct request *r, struct error *e)
{
    return work(r, false, e);
}

int serve_request_decide(struct request *r, struct error *e)
{
    return work(r, true, e);
}

static int open_one(struct request *r, const char *subject, struct error *e)
{
    struct request_order o = { .by = request_access(r, NULL),
                               .action = REQUEST_OPEN };
    json_t *body = request_body(r, e);
    int ok = -1;

    if (body != NULL) {
        memcpy(o.by.subject, subject, strnlen(subject, ID_SIZE - 1));
        ok = carry_out(r, &o, body, true, e);
    }
    json_decref(body);
    return ok;
}

int before_request_open(struct request *r, struct error *e)
{
    return before_subject(r, e) != 0 ? -1
                                     : blocked_check(r, r->id, "person", e);
}

int serve_request_open(struct request *r, struct error *e)
{
    return before_request_open(r, e) == 0 ? open_one(r, r->id, e) : -1;
}

int serve_incident_open(struct request *r, struct error *e)
{
    return open_one(r, "", e);
}

/* ---- marks on data ------------------------------------------------------ */

static int add_legend(void *arg, const struct request_row *row)
{
    if (row->legend == 0)
        return 0;
    return json_array_append_new(
        arg, json_pack("{s:s, s:s, s:s, s:s, s:o}", "text",
                       "reclamo en trámite", "request_id", row->id, "type",
                       row->type, "kind", row->clock, "since",
                       shape_time(row->legend)));
}

int legends_add(struct request *r, json_t *o, const char *subject,
                struct error *e)
{
    json_t *list = json_array();

    e->code = ERR_NONE;
    if (list != NULL &&
        request_of_person(r->store, subject, true, add_legend, list, e) == 0 &&
        json_object_set(o, "legends", list) == 0) {
        json_decref(list);
        return 0;
    }
    json_decref(list);
    return e->code != ERR_NONE ? -1
                               : error_set(e, ERR_NOMEM, "no memory for a row");
}

/* ---- half a year, counted ----------------------------------------------- */

struct tally {
    json_t *counts; /* "policy|clock|type|outcome" -> {n, in_time, extended} */
    struct error *err;
};

static int count_up(json_t *o, const char *key, bool one)
{
    return json_object_set_new(
        o, key,
        json_integer(json_integer_value(json_object_get(o, key)) + (one ? 1
                                                                        : 0)));
}

static int count_one(void *arg, const struct request_row *row)
{
    const struct tally *t = arg;
    struct buf key = { 0 };
    json_t *o;
    int ok = -1;

    if (row->subject[0] == '\0' || strcmp(row->type, "sla") == 0)
        return 0;
    if (buf_addf(&key, "%s|%s|%s|%s", row->policy, row->clock, row->type,
                 row->outcome[0] != '\0' ? row->outcome : row->state) != 0)
        goto out;
    o = json_object_get(t->counts, (const char *)key.p);
    if (o == NULL) {
        o = json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:i}", "policy",
                      row->policy, "kind", row->clock, "type", row->type,
                      "outcome",
                      row->outcome[0] != '\0' ? row->outcome : row->state,
                      "requests", 0, "in_time", 0, "extended", 0);
        if (json_object_set_new(t->counts, (const char *)key.p, o) != 0)
            goto out;
    }
    ok = count_up(o, "requests", true) != 0 ||
                 count_up(o, "in_time",
                          row->closed != 0 && row->closed < row->due_at) != 0 ||
                 count_up(o, "extended", row->extensions > 0) != 0
             ? -1
             : 0;
out:
    buf_free(&key);
    return ok == 0 ? 0 : error_set(t->err, ERR_NOMEM, "no memory for counts");
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* By their keys, so that the same rows always give the same answer. */
static json_t *sorted(json_t *counts)
{
    size_t n = json_object_size(counts), i = 0;
    const char **keys = calloc(n + 1, sizeof(*keys));
    json_t *list = json_array(), *value;
    const char *key;

    if (keys != NULL) {
        json_object_foreach(counts, key, value)
        {
            keys[i++] = key;
        }
        qsort(keys, n, sizeof(*keys), compare_keys);
        for (i = 0; i < n; i++)
            (void)json_array_append(list, json_object_get(counts, keys[i]));
    }
    free(keys);
    return list;
}

/* Days of each policy's own calendar: from the first of January or July. */
static int count_half(struct request *r, struct tally *t, int year, int half)
{
    const struct policy_set *set =
        registrar_policies(r->desk->needs.registrar);
    civil_day from = date_day(year, half == 1 ? 1 : 7, 1);
    civil_day until = half == 1 ? date_day(year, 7, 1) : date_day(year + 1, 1, 1);

    for (size_t i = 0; i < set->n; i++) {
        const struct policy *p = set->policies[i];

        if (request_received(r->store, p->id,
                             zone_instant(p->calendar.zone, from, 0),
                             zone_instant(p->calendar.zone, until, 0),
                             count_one, t, t->err) != 0)
            return -1;
    }
    return 0;
}

int serve_request_report(struct request *r, struct error *e)
{
    struct tally t = { .err = e };
    uint64_t year = 0, half = 0;
    json_t *list = NULL;
    int ok = -1;

    if (request_query_number(r, "year", &year, e) != 0 ||
        request_query_number(r, "half", &half, e) != 0)
        return -1;
    if (year < 2000 || year > 9998 || half < 1 || half > 2)
        return error_set(e, ERR_INPUT, "a half is 1 or 2 of a year");
    if ((t.counts = json_object()) == NULL)
        return error_set(e, ERR_NOMEM, "no memory for counts");
    if (count_half(r, &t, (int)year, (int)half) == 0)
        list = sorted(t.counts);
    if (list != NULL)
        ok = answer_json(r, list, e);
    json_decref(t.counts);
    return ok;
}
