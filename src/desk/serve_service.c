/*
 * What a report of the service is counted from: lines of times and of yes or
 * no, one a case, hand-over, request and question. No id, no person, no word.
 * On record before its first byte: it says how people work.
 */
#include "desk_private.h"

#include <stdlib.h>
#include <string.h>

struct answer {
    struct store *store;
    const struct policy_set *policies;
    char policy[STORE_NAME_SIZE]; /* "": all */
    msec from, until, now;
    enum service_kind kind; /* under way */
    struct service_row after;
    struct error err;
    struct buf page; /* made and not yet sent, from `sent` on */
    size_t sent;
};

static void answer_free(void *arg)
{
    struct answer *x = arg;

    store_close(&x->store);
    buf_free(&x->page);
    free(x);
}

/* ---- lines -------------------------------------------------------------- */

static json_t *span_of(msec from, msec until)
{
    if (until == 0)
        return json_null();
    return json_integer(until > from ? until - from : 0);
}

/* Minutes in which somebody was to be there; a policy without hours has
 * somebody there always. */
static json_t *open_span(const struct answer *x, const struct service_row *row)
{
    const struct policy *policy = policy_find(x->policies, row->policy);
    const struct hours *hours =
        policy == NULL ? NULL : policy_hours(policy, row->number);

    if (row->first == 0 || hours == NULL)
        return span_of(row->begun, row->first);
    return json_integer(
        hours_between(hours, &policy->calendar, row->begun, row->first) * 60 *
        MSEC_S);
}

static json_t *yes_or_unknown(const struct service_row *row, bool yes)
{
    return row->gone ? json_null() : json_boolean(yes);
}

static json_t *line_of(const struct answer *x, const struct service_row *row)
{
    switch (x->kind) {
    case SERVICE_CASE_OPENED:
        return json_pack("{s:s, s:s, s:s, s:I, s:o}", "row", "opened", "policy",
                         row->policy, "procedure", row->procedure, "at",
                         (json_int_t)row->at, "first",
                         span_of(row->begun, row->first));
    case SERVICE_CASE_CLOSED:
        return json_pack(
            "{s:s, s:s, s:s, s:I, s:o, s:o, s:o}", "row", "closed", "policy",
            row->policy, "procedure", row->procedure, "at", (json_int_t)row->at,
            "took", row->gone ? json_null() : span_of(row->begun, row->ended),
            "person", yes_or_unknown(row, row->person), "elsewhere",
            yes_or_unknown(row, row->elsewhere));
    case SERVICE_HANDOVER:
        return json_pack("{s:s, s:s, s:I, s:b, s:o, s:o}", "row", "handover",
                         "policy", row->policy, "at", (json_int_t)row->at,
                         "taken", row->taken != 0, "first",
                         span_of(row->begun, row->first), "first_open",
                         open_span(x, row));
    case SERVICE_REQUEST:
    case SERVICE_OVERDUE:
        return json_pack("{s:s, s:s, s:s, s:s, s:b, s:I, s:b}", "row",
                         x->kind == SERVICE_REQUEST ? "ended" : "overdue",
                         "policy", row->policy, "procedure", row->procedure,
                         "clock", row->state, "promise", row->promise, "at",
                         (json_int_t)row->at, "in_time",
                         row->ended != 0 && row->ended < row->due);
    case SERVICE_RATING:
        return json_pack(
            "{s:s, s:s, s:s, s:I, s:o}", "row", "rating", "policy", row->policy,
            "procedure", row->procedure, "at", (json_int_t)row->at, "score",
            row->score == 0 ? json_null() : json_integer(row->score));
    case SERVICE__MAX:
        break;
    }
    return NULL;
}

static int add_line(void *arg, const struct service_row *row)
{
    struct answer *x = arg;
    json_t *o;
    int ok;

    if (x->policy[0] != '\0' && strcmp(x->policy, row->policy) != 0)
        return 0;
    o = line_of(x, row);
    ok = o == NULL || json_canonical(o, &x->page) != 0 ||
         buf_adds(&x->page, "\n") != 0;
    json_decref(o);
    return ok ? error_set(&x->err, ERR_NOMEM, "no memory for a line") : 0;
}

/* ---- the answer --------------------------------------------------------- */

/* What is overdue is so now, whatever the time of the report. */
static int next_page(struct answer *x)
{
    bool overdue = x->kind == SERVICE_OVERDUE;
    int64_t n;

    buf_reset(&x->page);
    x->sent = 0;
    n = service_page(x->store, x->kind, overdue ? 0 : x->from,
                     overdue ? x->now : x->until, &x->after, add_line, x,
                     &x->err);
    if (n < 0)
        return -1;
    if (n < LIMIT_SERVICE_ROWS) {
        x->kind++;
        x->after = (struct service_row){ .at = 0 };
    }
    return 0;
}

static ssize_t read_answer(void *arg, uint64_t position, char *out, size_t max)
{
    struct answer *x = arg;

    (void)position;
    while (x->sent == x->page.len) {
        if (x->kind == SERVICE__MAX)
            return MHD_CONTENT_READER_END_OF_STREAM;
        if (next_page(x) != 0) {
            log_error("service_report", &x->err);
            return MHD_CONTENT_READER_END_WITH_ERROR;
        }
    }
    return answer_part(&x->page, &x->sent, out, max);
}

static int record(struct request *r, struct error *e)
{
    struct staff_access access = request_access(r, "service_reported");
    json_t *filter = json_pack(
        "{s:s*, s:s*, s:s*}", "policy", request_query(r, "policy"), "since",
        request_query(r, "since"), "until", request_query(r, "until"));
    struct buf text = { 0 };
    int ok = -1;

    /* As an auditor, where they are both. */
    access.role = (r->staff.roles & ROLE_AUDITOR) != 0 ? "auditor" : "officer";
    if (filter == NULL || json_canonical(filter, &text) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for a filter");
    } else {
        access.filter = (const char *)text.p;
        ok = request_record(r, &access, e);
    }
    json_decref(filter);
    buf_free(&text);
    return ok;
}

/* A policy that was never there has nothing to report. */
static int read_policy(struct request *r, struct answer *x, struct error *e)
{
    const char *policy = request_query(r, "policy");

    if (policy == NULL)
        return 0;
    if (policy_find(x->policies, policy) == NULL)
        return error_set(e, ERR_NOT_FOUND, "no such policy: %s", policy);
    (void)snprintf(x->policy, sizeof(x->policy), "%s", policy);
    return 0;
}

int serve_service(struct request *r, struct error *e)
{
    struct answer *x = calloc(1, sizeof(*x));

    if (x == NULL)
        return error_set(e, ERR_NOMEM, "no memory for an answer");
    x->policies = registrar_policies(r->desk->needs.registrar);
    x->now = clock_now(r->desk->needs.clock);
    x->until = INT64_MAX;
    if (request_query_time(r, "since", &x->from, e) != 0 ||
        request_query_time(r, "until", &x->until, e) != 0 ||
        read_policy(r, x, e) != 0 || record(r, e) != 0) {
        answer_free(x);
        return -1;
    }
    x->store = r->store;
    r->store = NULL;
    return answer_stream(r, "application/jsonl", MHD_SIZE_UNKNOWN, read_answer,
                         x, answer_free, e);
}
