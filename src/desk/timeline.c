/*
 * The history of a case and of its person under the same policy, in one list:
 * what came, what went, what was decided, who had it and what they did. Rows
 * tell what comes and goes; decisions and what staff did are the ledger's own
 * entries. Kinds, times and ids; no word of anybody.
 */
#include "desk_private.h"

#include <stdlib.h>
#include <string.h>

struct event {
    msec at;
    size_t nth; /* added: the order of what was at the same time */
    char what[STORE_NAME_SIZE];
    char id[ID_SIZE];
    char detail[2 * STORE_NAME_SIZE];
    int64_t who;                 /* uid, -1 */
    char actor[STAFF_NAME_SIZE]; /* as the ledger names them, or "" */
};

struct timeline {
    struct request *r;
    const struct case_row *of;
    struct buf events; /* struct event */
    struct error *err;
};

static int append(struct timeline *t, struct event *event)
{
    event->nth = t->events.len / sizeof(*event);
    return buf_add(&t->events, event, sizeof(*event)) == 0
               ? 0
               : error_set(t->err, ERR_NOMEM, "no memory for a timeline");
}

/* At 0 it did not happen. */
static int add(struct timeline *t, msec at, const char *what, const char *id,
               const char *detail, int64_t who)
{
    struct event event = { .at = at, .who = who };

    if (at == 0)
        return 0;
    memcpy(event.what, what, strnlen(what, sizeof(event.what) - 1));
    memcpy(event.id, id, strnlen(id, sizeof(event.id) - 1));
    memcpy(event.detail, detail, strnlen(detail, sizeof(event.detail) - 1));
    return append(t, &event);
}

static bool is_ours(const struct timeline *t, const char *policy)
{
    return strcmp(policy, t->of->policy) == 0;
}

/* ---- rows --------------------------------------------------------------- */

static int add_file(struct timeline *t, const char *id)
{
    struct attachment_row row;
    int found = attachment_get(t->r->store, id, &row, t->err);

    if (found <= 0 || !is_ours(t, row.policy))
        return found < 0 ? -1 : 0;
    return add(t, row.received, "file_received", row.id, row.state, -1);
}

/* Those of this case; of what is kept apart, nobody asked for it or staff sent
 * it back, that it is. */
static int add_document(struct timeline *t, const char *id)
{
    struct document_row row;
    int found = document_get(t->r->store, id, &row, t->err);

    if (found <= 0 || strcmp(row.case_id, t->of->id) != 0 ||
        blocked_hidden(t->r, &row))
        return found < 0 ? -1 : 0;
    return add(t, row.received, "document", row.id,
               strcmp(row.item, ITEM_UNREQUESTED) == 0 &&
                       strcmp(row.state, "stored") == 0
                   ? "unrequested"
                   : row.state,
               -1);
}

/* An agent's is told once, by what was kept of it. */
static int add_sent(struct timeline *t, const char *id)
{
    struct outbox_row row;
    int found = outbox_get(t->r->store, id, &row, t->err);

    if (found <= 0 || !is_ours(t, row.policy) || strcmp(row.kind, "reply") == 0)
        return found < 0 ? -1 : 0;
    return add(t, row.created, "message_sent", row.id, row.kind, -1);
}

static int add_chat(struct timeline *t, const char *id)
{
    struct chat_row row;
    int found = chat_get(t->r->store, id, &row, t->err);
    const char *what;

    if (found <= 0 || !is_ours(t, row.policy) ||
        (row.case_id[0] != '\0' && strcmp(row.case_id, t->of->id) != 0))
        return found < 0 ? -1 : 0;
    what = strcmp(row.kind, "in") == 0        ? "message_received"
           : strcmp(row.kind, "out") == 0     ? "agent_replied"
           : strcmp(row.kind, "comment") == 0 ? "comment"
                                              : "note";
    return add(t, row.made, what, row.id, row.sent, row.author);
}

static int add_handover(struct timeline *t, const char *id)
{
    struct handover_row row;
    int found = handover_get(t->r->store, id, &row, t->err);

    if (found <= 0 || !is_ours(t, row.policy))
        return found < 0 ? -1 : 0;
    return add(t, row.asked, "handover_asked", row.id, "", -1) != 0 ||
                   add(t, row.taken, "handover_taken", row.id, "",
                       row.taken_by) != 0
               ? -1
               : add(t, row.ended, "handover_ended", row.id, row.how, -1);
}

static int add_rows(struct timeline *t, enum person_rows which,
                    int (*each)(struct timeline *, const char *id))
{
    char ids[PERSON_PAGE][ID_SIZE];
    uint64_t place = 0;
    size_t n;

    do {
        if (person_page(t->r->store, t->of->subject, which, &place, ids, &n,
                        t->err) != 0)
            return -1;
        for (size_t i = 0; i < n; i++)
            if (each(t, ids[i]) != 0)
                return -1;
    } while (n == PERSON_PAGE);
    return 0;
}

/* How it was, about this case or about a hand-over under its policy. */
static int add_rating(void *arg, const struct rating_row *row)
{
    struct timeline *t = arg;
    char score[8] = "";

    if (!is_ours(t, row->policy) ||
        (row->case_id[0] != '\0' && strcmp(row->case_id, t->of->id) != 0))
        return 0;
    if (row->score != 0)
        (void)snprintf(score, sizeof(score), "%d", row->score);
    return add(t, row->rated, "case_rated", row->id, score, -1);
}

/* The newest code of theirs, if it was for this case: staff see that it was
 * written, and send. */
static int add_check(struct timeline *t)
{
    struct identity_check_row row;
    bool ignored;
    int found =
        identity_check_newest(t->r->store, t->of->subject, t->of->policy, NULL,
                              &row, &ignored, t->err);

    if (found <= 0 || strcmp(row.case_id, t->of->id) != 0)
        return found < 0 ? -1 : 0;
    return add(t, row.passed, "identity_checked", row.id, "", -1);
}

static int add_promise(void *arg, const struct promise_row *row)
{
    struct timeline *t = arg;
    const char *end = strcmp(row->state, "kept") == 0     ? "promise_kept"
                      : strcmp(row->state, "broken") == 0 ? "promise_broken"
                                                          : "promise_replaced";
    char day[DATE_SIZE];

    if (!is_ours(t, row->policy))
        return 0;
    date_format(day, row->day);
    return add(t, row->made, "promise_made", row->id, day, -1) != 0
               ? -1
               : add(t, row->decided, end, row->id, day, row->decided_by);
}

static int add_elsewhere(void *arg, const struct elsewhere_row *row)
{
    struct timeline *t = arg;

    if (!is_ours(t, row->policy) || strcmp(row->case_id, t->of->id) != 0)
        return 0;
    return add(t, row->at, row->ours ? "contact_out" : "contact_in", row->id,
               row->channel, row->noted_by);
}

/* ---- entries of the ledger ----------------------------------------------- */

/* Theirs under this policy; of a case, if it is of this one. */
static bool is_about(const struct timeline *t, const json_t *leaf)
{
    const char *policy = json_str(leaf, "policy");
    const char *of = json_str(leaf, "case_id");

    return policy != NULL && is_ours(t, policy) &&
           (of == NULL || strcmp(of, t->of->id) == 0);
}

/* Is it about a document of which they do not hear that it is there? 1, 0, -1.
 */
static int is_hidden(const struct timeline *t, const char *document)
{
    struct document_row row;
    int found = document == NULL
                    ? 0
                    : document_get(t->r->store, document, &row, t->err);

    return found <= 0 ? found : blocked_hidden(t->r, &row);
}

/* What it is about: a purpose, an item and why it was sent back, a priority,
 * whom a case was given to, the case that a document came from. */
static void say_detail(const struct timeline *t, const json_t *leaf, char *out,
                       size_t cap)
{
    static const char *const keys[] = { "item", "priority", "from_case",
                                        "relation", "outcome" };
    const json_t *evidence = json_object_get(leaf, "evidence");
    const json_t *uid = json_object_get(evidence, "uid");
    const char *detail = json_str(leaf, "purpose"), *ground;
    char name[STAFF_NAME_SIZE];

    if (detail == NULL)
        detail = json_str(leaf, "item");
    for (size_t i = 0; detail == NULL && i < sizeof(keys) / sizeof(keys[0]);
         i++)
        detail = json_str(evidence, keys[i]);
    if (detail == NULL && uid != NULL)
        detail = staff_name(t->r, json_integer_value(uid), name);
    ground = json_str(evidence, "ground");
    (void)snprintf(out, cap, "%s%s%s", detail == NULL ? "" : detail,
                   ground == NULL ? "" : " ", ground == NULL ? "" : ground);
}

static int add_entry(struct timeline *t, const struct buf *entry)
{
    struct event event = { .who = -1 };
    const char *actor, *document, *what;
    json_t *leaf;
    int ok = 0;

    if (ledger_entry_time(entry->p, entry->len, &event.at) != 0 ||
        (leaf = json_parse((const char *)entry->p, entry->len, t->err)) == NULL)
        return error_set(t->err, ERR_VERIFY, "an entry is no JSON");
    what = json_str(leaf, "event_type");
    actor = json_str(leaf, "actor");
    document = json_str(leaf, "document_id");
    if (what != NULL && is_about(t, leaf) &&
        (ok = is_hidden(t, document)) == 0) {
        (void)snprintf(event.what, sizeof(event.what), "%s", what);
        if (actor != NULL && strcmp(actor, "subject") != 0 &&
            strcmp(actor, "system") != 0)
            (void)snprintf(event.actor, sizeof(event.actor), "%s", actor);
        if (document != NULL)
            (void)snprintf(event.id, sizeof(event.id), "%s", document);
        say_detail(t, leaf, event.detail, sizeof(event.detail));
        ok = append(t, &event);
    }
    json_decref(leaf);
    return ok < 0 ? -1 : 0;
}

static int add_entries(struct timeline *t)
{
    uint64_t *idx = calloc(LIMIT_TIMELINE, sizeof(*idx));
    struct buf entry = { 0 };
    size_t n = 0;
    int ok = -1;

    if (idx == NULL)
        return error_set(t->err, ERR_NOMEM, "no memory for a timeline");
    if (happened_newest(t->r->store, t->of->subject, LIMIT_TIMELINE, idx, &n,
                        t->err) != 0)
        goto out;
    /* The oldest first: one order of staff makes several at one time. */
    while (n-- > 0) {
        int found;

        buf_reset(&entry);
        found = ledger_row_get(t->r->store, idx[n], &entry, t->err);
        if (found < 0 || (found > 0 && add_entry(t, &entry) != 0))
            goto out;
    }
    ok = 0;
out:
    buf_free(&entry);
    free(idx);
    return ok;
}

/* ---- the list ----------------------------------------------------------- */

static int by_time(const void *a, const void *b)
{
    const struct event *x = a, *y = b;

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->nth < y->nth ? -1 : x->nth > y->nth;
}

static json_t *event_json(const struct request *r, const struct event *event)
{
    char at[TIME_SIZE], name[STAFF_NAME_SIZE];

    time_format(at, event->at);
    return json_pack(
        "{s:s, s:s, s:o, s:o, s:o}", "time", at, "event", event->what, "id",
        shape_text(event->id), "detail", shape_text(event->detail), "actor",
        event->who >= 0 ? json_string(staff_name(r, event->who, name))
                        : shape_text(event->actor));
}

static json_t *list_of(struct timeline *t)
{
    size_t n = t->events.len / sizeof(struct event);
    struct event *events = calloc(n + 1, sizeof(*events));
    json_t *list = json_array();
    size_t first = n > LIMIT_TIMELINE ? n - LIMIT_TIMELINE : 0;

    if (events != NULL && n > 0) {
        memcpy(events, t->events.p, n * sizeof(*events));
        qsort(events, n, sizeof(*events), by_time);
    }
    for (size_t i = first; events != NULL && list != NULL && i < n; i++)
        if (json_array_append_new(list, event_json(t->r, &events[i])) != 0) {
            json_decref(list);
            list = NULL;
        }
    if (events == NULL || list == NULL)
        (void)error_set(t->err, ERR_NOMEM, "no memory for a timeline");
    free(events);
    return list;
}

json_t *timeline_of(struct request *r, const struct case_row *of,
                    struct error *e)
{
    struct timeline t = { .r = r, .of = of, .err = e };
    json_t *list = NULL;

    if (add(&t, of->opened, "case_opened", "", "", -1) == 0 &&
        add_rows(&t, PERSON_ATTACHMENTS, add_file) == 0 &&
        add_rows(&t, PERSON_DOCUMENTS, add_document) == 0 &&
        add_rows(&t, PERSON_MESSAGES, add_sent) == 0 &&
        add_rows(&t, PERSON_CHAT, add_chat) == 0 &&
        add_rows(&t, PERSON_HANDOVERS, add_handover) == 0 &&
        add_check(&t) == 0 && add_entries(&t) == 0 &&
        rating_of_person(r->store, of->subject, add_rating, &t, e) == 0 &&
        promise_of_person(r->store, of->subject, add_promise, &t, e) == 0 &&
        elsewhere_of_person(r->store, of->subject, add_elsewhere, &t, e) == 0)
        list = list_of(&t);
    buf_free(&t.events);
    return list;
}
