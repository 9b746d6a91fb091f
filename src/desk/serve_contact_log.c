/*
 * The contact log: every reminder and notice that went, or that a rule forbade,
 * with class, stage, hour, channel and rule, what was answered, and what staff
 * noted of other channels; out of the ledger, a page at a time. Who took it out
 * is on record before its first byte.
 */
#include "desk_private.h"

#include <stdlib.h>
#include <string.h>

struct contact_log {
    struct registrar *registrar;
    msec since, until;
    char subject[ID_SIZE];
    char policy[STORE_NAME_SIZE], template[STORE_NAME_SIZE];
    char rule[STORE_NAME_SIZE]; /* "" any, as the others */
};

/* ---- one entry ---------------------------------------------------------- */

static const char *result_of(const json_t *leaf)
{
    static const struct {
        const char *event, *result;
    } results[] = { { "outbound_queued", "sent" },
                    { "outbound_denied", "denied" },
                    { "outbound_answered", "answered" },
                    { "contact_noted", "noted" } };
    const char *event = json_str(leaf, "event_type");
    const char *direction =
        json_str(json_object_get(leaf, "evidence"), "direction");

    if (direction != NULL && strcmp(direction, "out") != 0)
        return NULL; /* they came to us */

    for (size_t i = 0;
         event != NULL && i < sizeof(results) / sizeof(results[0]); i++)
        if (strcmp(event, results[i].event) == 0)
            return results[i].result;
    return NULL;
}

static bool is_wanted(const char *wanted, const json_t *of, const char *key)
{
    const char *value = json_str(of, key);

    return wanted[0] == '\0' || (value != NULL && strcmp(value, wanted) == 0);
}

static bool passes(const struct contact_log *log, const json_t *leaf, msec at)
{
    const json_t *evidence = json_object_get(leaf, "evidence");

    return at >= log->since && at < log->until &&
           is_wanted(log->subject, leaf, "subject") &&
           is_wanted(log->policy, leaf, "policy") &&
           is_wanted(log->template, evidence, "template") &&
           (is_wanted(log->rule, evidence, "rule") ||
            is_wanted(log->rule, evidence, "against"));
}

/* The hour that the rules go by: of the policy's calendar, as it is now. */
static json_t *local_time(const struct contact_log *log, const json_t *leaf,
                          msec at)
{
    const char *id = json_str(leaf, "policy");
    const struct policy *p =
        id == NULL ? NULL : policy_find(registrar_policies(log->registrar), id);
    char day[DATE_SIZE];
    msec of_day;

    if (p == NULL || p->calendar.zone == NULL)
        return json_null();
    date_format(day, zone_day(p->calendar.zone, at, &of_day));
    return json_sprintf("%s %02d:%02d:%02d", day, (int)(of_day / MSEC_H),
                        (int)(of_day / (60 * MSEC_S) % 60),
                        (int)(of_day / MSEC_S % 60));
}

/* What a row says of an entry: the leaf's own, or of its evidence; what staff
 * noted has the channel there, and the rule that it was against. */
static json_t *member(const json_t *leaf, const char *key)
{
    const json_t *evidence = json_object_get(leaf, "evidence");
    json_t *value = json_object_get(leaf, key);

    if (value == NULL)
        value = json_object_get(evidence, key);
    if (value == NULL && strcmp(key, "rule") == 0)
        value = json_object_get(evidence, "against");
    return value == NULL ? json_null() : json_incref(value);
}

static json_t *row_of(const struct contact_log *log, const json_t *leaf,
                      uint64_t index, const char *result, msec at)
{
    static const char *const keys[] = { "subject",     "policy",   "purpose",
                                        "channel",     "template", "class",
                                        "stage",       "rule",     "answer",
                                        "outbound_id", "batch",    "row" };
    json_t *o = json_pack("{s:I, s:s, s:o, s:s}", "index", (json_int_t)index,
                          "time", json_str(leaf, "time"), "local_time",
                          local_time(log, leaf, at), "result", result);
    int ok = o == NULL ? -1 : 0;

    for (size_t i = 0; ok == 0 && i < sizeof(keys) / sizeof(keys[0]); i++)
        ok = json_object_set_new(o, keys[i], member(leaf, keys[i]));
    if (ok == 0)
        return o;
    json_decref(o);
    return NULL;
}

static int see_entry(void *arg, uint64_t index, const uint8_t *entry,
                     size_t len, const uint8_t *leaf_hash, struct buf *out)
{
    static const char *const marks[] = { "\"outbound_", "\"contact_noted\"" };
    const struct contact_log *log = arg;
    struct error e = { 0 };
    const char *result;
    json_t *leaf, *row;
    msec at;
    int ok = 0;

    (void)leaf_hash;
    if (memmem(entry, len, marks[0], strlen(marks[0])) == NULL &&
        memmem(entry, len, marks[1], strlen(marks[1])) == NULL)
        return 0;
    if ((leaf = json_parse(entry, len, &e)) == NULL)
        return -1;
    result = result_of(leaf);
    if (result != NULL && ledger_entry_time(entry, len, &at) == 0 &&
        passes(log, leaf, at)) {
        row = row_of(log, leaf, index, result, at);
        ok = row != NULL && json_canonical(row, out) == 0 ? buf_adds(out, "\n")
                                                          : -1;
        json_decref(row);
    }
    json_decref(leaf);
    return ok;
}

/* ---- the request -------------------------------------------------------- */

static int take(const struct request *r, const char *key, char *out, size_t cap,
                struct error *e)
{
    const char *text = request_query(r, key);

    if (text == NULL)
        return 0;
    if (text[0] == '\0' || strlen(text) >= cap)
        return error_set(e, ERR_INPUT, "%s is too long, or empty", key);
    memcpy(out, text, strlen(text) + 1);
    return 0;
}

static int read_query(struct contact_log *log, const struct request *r,
                      struct error *e)
{
    log->since = INT64_MIN;
    log->until = INT64_MAX;
    if (request_query_time(r, "since", &log->since, e) != 0 ||
        request_query_time(r, "until", &log->until, e) != 0 ||
        take(r, "subject", log->subject, sizeof(log->subject), e) != 0 ||
        take(r, "policy", log->policy, sizeof(log->policy), e) != 0 ||
        take(r, "template", log->template, sizeof(log->template), e) != 0 ||
        take(r, "rule", log->rule, sizeof(log->rule), e) != 0)
        return -1;
    if (log->rule[0] != '\0' && !contact_is_rule(log->rule))
        return error_set(e, ERR_INPUT, "no such rule");
    return log->subject[0] == '\0' || id_valid(log->subject, 's')
               ? 0
               : error_set(e, ERR_INPUT, "subject is no id of a person");
}

/* Names of ours that are there today. What else somebody looks for is their own
 * text, and nothing of it is for the ledger: the record says that more was
 * read. */
static bool is_policy(const struct contact_log *log)
{
    return policy_find(registrar_policies(log->registrar), log->policy) != NULL;
}

static bool is_template(const struct contact_log *log)
{
    const struct policy_set *all = registrar_policies(log->registrar);

    for (size_t i = 0; i < all->n; i++)
        if (policy_template(all->policies[i], log->template) != NULL)
            return true;
    return false;
}

static int put_time(json_t *o, const char *key, msec time, msec none)
{
    char text[TIME_SIZE];

    if (time == none)
        return 0;
    time_format(text, time);
    return json_object_set_new(o, key, json_string(text));
}

/* What was asked, as it stands on record: ids, names of ours and times. */
static json_t *question(const struct contact_log *log, uint64_t entries)
{
    json_t *o = json_pack("{s:I}", "entries", (json_int_t)entries);

    if (put_time(o, "since", log->since, INT64_MIN) == 0 &&
        put_time(o, "until", log->until, INT64_MAX) == 0 &&
        (!is_template(log) ||
         json_object_set_new(o, "template", json_string(log->template)) == 0) &&
        (log->rule[0] == '\0' ||
         json_object_set_new(o, "rule", json_string(log->rule)) == 0))
        return o;
    json_decref(o);
    return NULL;
}

static int record(const struct request *r, const struct contact_log *log,
                  uint64_t entries, struct error *e)
{
    struct staff_access by = request_access(r, "outbound_log_read");
    int ok = -1;

    memcpy(by.subject, log->subject, sizeof(by.subject));
    by.policy = is_policy(log) ? log->policy : NULL;
    by.evidence = question(log, entries);
    if (by.evidence == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory for a record");
    else
        ok = request_record(r, &by, e);
    json_decref(by.evidence);
    return ok;
}

int serve_contact_log(struct request *r, struct error *e)
{
    struct contact_log *log = calloc(1, sizeof(*log));
    struct registrar_status status;
    struct ledger_span span = { 0 };

    if (log == NULL)
        return error_set(e, ERR_NOMEM, "no memory for an answer");
    log->registrar = r->desk->needs.registrar;
    registrar_get_status(log->registrar, &status);
    if (read_query(log, r, e) != 0 ||
        ledger_find_times(r->store, status.ledger_size, log->since, log->until,
                          &span, e) != 0 ||
        record(r, log, status.ledger_size, e) != 0) {
        free(log);
        return -1;
    }
    return lines_answer(r, span.from, span.to, see_entry, log, free, e);
}
