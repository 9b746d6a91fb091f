/*
 * What needs somebody, in one list: an operator who looks at nothing else has
 * seen it. Each says what to do, and what is worst comes first.
 */
#include "desk_private.h"

#include <inttypes.h>
#include <string.h>

struct list {
    json_t *items;
    bool failed;
};

/* Takes the sentence. */
static void add(struct list *l, const char *what, json_t *say, const char *hint)
{
    json_t *item =
        json_pack("{s:s, s:o, s:s}", "what", what, "say", say, "hint", hint);

    if (item == NULL || json_array_append_new(l->items, item) != 0)
        l->failed = true;
}

static json_t *some(int64_t n, const char *one, const char *many)
{
    return n == 1 ? json_sprintf("1 %s", one)
                  : json_sprintf("%" PRId64 " %s", n, many);
}

/* ---- the machine -------------------------------------------------------- */

static void add_damage(struct list *l, const struct attention *a)
{
    const struct registrar_status *s = a->status;

    if (s->storage != NULL && strcmp(s->storage, "damaged") == 0)
        add(l, "storage_damaged",
            json_string("the storage does not fit together: nothing is "
                        "written any more"),
            "copy the storage as it is, then run: resguardo check");
    else if (s->read_only)
        add(l, "read_only",
            json_string("the disk failed: nothing is written until a restart"),
            "look at the disk, copy the storage, then restart the daemon");
    else if (!s->healthy)
        add(l, "unhealthy",
            json_string("commits do not work: webhooks are answered 503"),
            "look at the log; a full disk and a lock go by themselves");
    if (s->storage != NULL && strcmp(s->storage, "unchecked") == 0 &&
        s->ready && a->now - a->started > LIMIT_STATUS_CHECK)
        add(l, "storage_unchecked",
            json_string("the deep check of the storage could not be made"),
            "restart the daemon");
}

static void add_disk(struct list *l, const struct attention *a)
{
    if (a->disk_size == 0 || a->disk_free >= LIMIT_STATUS_DISK_FREE)
        return;
    add(l, "disk_low",
        json_sprintf("%" PRIu64 " MiB are free where the storage is",
                     a->disk_free >> 20),
        "make room: with none, webhooks are answered 503");
}

static void add_meta(struct list *l, const struct attention *a)
{
    msec heard =
        a->status->webhook_at != 0 ? a->status->webhook_at : a->started;

    if (a->status->token_refused)
        add(l, "token_refused", json_string("Meta refuses the access token"),
            "renew it, then reload the daemon");
    if (a->now - heard > LIMIT_STATUS_SILENCE)
        add(l, "webhook_silence",
            json_sprintf("no webhook for %" PRId64 " hours",
                         (a->now - heard) / (3600 * MSEC_S)),
            "look at the proxy, its certificate and the app's subscription");
}

static void add_alarms(struct list *l, const struct attention *a)
{
    char at[TIME_SIZE];

    if (a->counts->dead_letters > 0)
        add(l, "dead_letters",
            some(a->counts->dead_letters, "message could not be applied",
                 "messages could not be applied"),
            "they are kept and tried again at each start: report it");
    if (a->alarms->n == 0 || a->now - a->alarms->at > LIMIT_STATUS_ALARM)
        return;
    time_format(at, a->alarms->at);
    add(l, "alarms",
        json_sprintf("%" PRIu64 " %s since the start, the last one %s at %s",
                     a->alarms->n, a->alarms->n == 1 ? "alarm" : "alarms",
                     a->alarms->event, at),
        "look for level alarm in the daemon's log");
}

/* What the files say, and nobody follows. */
static void add_standing(struct list *l, const struct attention *a)
{
    if (a->standing != NULL && json_array_extend(l->items, a->standing) != 0)
        l->failed = true;
}

/* ---- people who wait ---------------------------------------------------- */

static void add_waiting(struct list *l, const struct attention *a)
{
    const struct store_waiting *w = a->waiting;
    const int64_t soon = w->due > w->overdue ? w->due - w->overdue : 0;

    if (w->overdue > 0)
        add(l, "requests_overdue",
            some(w->overdue, "request is overdue", "requests are overdue"),
            "resguardo request list --state overdue");
    if (soon > 0)
        add(l, "requests_due",
            some(soon, "request is due within a day",
                 "requests are due within a day"),
            "resguardo request list");
    if (w->handovers > 0 && a->now - w->handover_since > LIMIT_STATUS_HANDOVER)
        add(l, "handover_waits",
            json_sprintf("somebody waits for a person for %" PRId64 " minutes",
                         (a->now - w->handover_since) / (60 * MSEC_S)),
            "resguardo conversation list --state waiting");
    if (w->unanswered > 0 &&
        a->now - w->unanswered_since > LIMIT_STATUS_HANDOVER)
        add(l, "handover_unanswered",
            json_sprintf("a customer whom an agent has is without an answer for"
                         " %" PRId64 " minutes",
                         (a->now - w->unanswered_since) / (60 * MSEC_S)),
            "resguardo conversation list --state person");
    if (w->approvals > 0)
        add(l, "approvals",
            some(w->approvals, "approval waits for a second officer",
                 "approvals wait for a second officer"),
            "resguardo approval list");
}

/* ---- all of it ---------------------------------------------------------- */

int attention_add(json_t *status, const struct attention *a)
{
    const struct store_waiting *w = a->waiting;
    struct list l = { .items = json_array() };
    int ok = 0;

    add_damage(&l, a);
    add_disk(&l, a);
    add_meta(&l, a);
    add_standing(&l, a);
    add_alarms(&l, a);
    add_waiting(&l, a);
    ok |= json_object_set_new(
        status, "requests",
        json_pack("{s:I, s:I}", "overdue", (json_int_t)w->overdue,
                  "due_within_a_day",
                  (json_int_t)(w->due > w->overdue ? w->due - w->overdue : 0)));
    ok |= json_object_set_new(
        status, "handovers",
        json_pack("{s:I, s:o, s:I, s:o}", "waiting", (json_int_t)w->handovers,
                  "since", shape_time(w->handover_since), "unanswered",
                  (json_int_t)w->unanswered, "unanswered_since",
                  shape_time(w->unanswered_since)));
    ok |= json_object_set_new(status, "approvals",
                              json_integer((json_int_t)w->approvals));
    ok |= json_object_set_new(status, "storage_free_bytes",
                              a->disk_size == 0
                                  ? json_null()
                                  : json_integer((json_int_t)a->disk_free));
    ok |= json_object_set_new(status, "alarms",
                              json_pack("{s:I, s:o, s:o}", "count",
                                        (json_int_t)a->alarms->n, "last",
                                        shape_text(a->alarms->event), "last_at",
                                        shape_time(a->alarms->at)));
    ok |= json_object_set_new(status, "attention", l.items);
    return ok != 0 || l.failed ? -1 : 0;
}
