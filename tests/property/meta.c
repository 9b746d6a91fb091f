/* Meta: messages arrive or do not, files come or do not, and people see what
 * they can tap. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- what they see ------------------------------------------------------ */

static void show(struct world *w, struct person *p, int policy,
                 struct subject *s, const char *id)
{
    struct tap *tap;
    char purpose[64];
    int which;

    if (id == NULL)
        return;
    if (p->ntaps == SCREEN)
        memmove(&p->screen[0], &p->screen[1],
                --p->ntaps * sizeof(p->screen[0]));
    tap = &p->screen[p->ntaps++];
    tap->policy = policy;
    (void)snprintf(tap->id, sizeof(tap->id), "%s", id);
    if (sscanf(id, "grant/%63[a-z0-9_]/", purpose) == 1 ||
        sscanf(id, "ack/%63[a-z0-9_]/", purpose) == 1) {
        which = policy_purpose(policy_at(w, policy), purpose);
        if (which >= 0)
            s->basis[policy][which].asked = true;
    }
}

/* Buttons and rows, in the order that makes the first the newest. */
static void show_all(struct world *w, int person, int policy, struct subject *s,
                     json_t *interactive)
{
    json_t *action = json_object_get(interactive, "action"), *one, *row;
    struct person *p = &w->people[person];
    size_t i, k;

    json_array_foreach(json_object_get(action, "buttons"), i, one)
        show(w, p, policy, s, json_str(json_object_get(one, "reply"), "id"));
    json_array_foreach(json_object_get(action, "sections"), i, one)
        json_array_foreach(json_object_get(one, "rows"), k, row)
            show(w, p, policy, s, json_str(row, "id"));
}

static void note_message(struct world *w, int person, int policy,
                         const char *kind, json_t *body)
{
    json_t *interactive = json_object_get(body, "interactive");
    const char *text =
        json_str(json_object_get(interactive != NULL ? interactive : body,
                                 interactive != NULL ? "body" : "text"),
                 interactive != NULL ? "text" : "body");

    if (text == NULL)
        text = json_str(json_object_get(body, "template"), "name");
    tell(w, person, "%d < %s: %s", policy, kind, text != NULL ? text : "?");
}

static int person_of(const struct world *w, const char *to)
{
    for (int i = 0; to != NULL && to[0] == '+' && i < PEOPLE; i++)
        if (strcmp(w->people[i].phone, to + 1) == 0)
            return i;
    return -1;
}

/* ---- messages ----------------------------------------------------------- */

static void will_end(struct world *w, const char *outbox, int person,
                     int policy, const char *attempt)
{
    struct pending p = { .at = w->now + 50 + (msec)draw(w, 3000),
                         .kind = P_SENT,
                         .person = person,
                         .policy = policy };

    SET(p.id, outbox);
    SET(p.attempt, attempt != NULL ? attempt : "");
    pending_add(w, &p);
}

/* It did not arrive, or nobody knows: the same message may come once more. */
static void may_come_again(struct world *w, const char *outbox)
{
    SET(w->again[w->nagain++ % 128], outbox);
}

static bool comes_again(const struct world *w, const char *outbox)
{
    for (size_t i = 0; i < 128; i++)
        if (strcmp(w->again[i], outbox) == 0)
            return true;
    return false;
}

void meta_send(struct world *w, const char *outbox, const char *body)
{
    struct error e = { 0 };
    json_t *message = json_parse(body, strlen(body), &e);
    const char *kind;
    struct subject *s;
    int person, policy;
    msec created;

    (void)sqlite3_reset(w->outbox);
    (void)sqlite3_bind_text(w->outbox, 1, outbox, -1, SQLITE_TRANSIENT);
    if (message == NULL || sqlite3_step(w->outbox) != SQLITE_ROW)
        broken(w, -1, "a message that is no JSON, or has no row");
    s = subject_by_id(w, (const char *)sqlite3_column_text(w->outbox, 0));
    policy = policy_index(w, (const char *)sqlite3_column_text(w->outbox, 1));
    kind = (const char *)sqlite3_column_text(w->outbox, 2);
    created = sqlite3_column_int64(w->outbox, 3);
    person = person_of(w, json_str(message, "to"));
    w->seen.sent++;
    if (s != NULL && s->left)
        broken(w, s->person, "written to at a number that they left");

    if (person >= 0) { /* else: a number that nobody has any more */
        note_message(w, person, policy, kind, message);
        message_check(w, person, policy, kind, created, message,
                      comes_again(w, outbox));
        show_all(w, person, policy, s, json_object_get(message, "interactive"));
    }
    contact_send(w, s, policy, kind, message, outbox);
    will_end(w, outbox, person, policy,
             json_str(message, "biz_opaque_callback_data"));
    (void)sqlite3_reset(w->outbox);
    json_decref(message);
}

static void status_later(struct world *w, const struct pending *of,
                         const char *status, msec after)
{
    struct pending p = *of;

    p.kind = P_STATUS;
    p.at = w->now + after;
    SET(p.status, status);
    pending_add(w, &p);
}

static void post_status(struct world *w, const struct pending *p,
                        const char *status)
{
    struct error e = { 0 };
    struct buf text = { 0 };
    struct webhook *webhook;

    if (buf_addf(&text,
                 "{\"object\":\"whatsapp_business_account\",\"entry\":[{"
                 "\"changes\":[{\"field\":\"messages\",\"value\":{\"metadata\":"
                 "{\"phone_number_id\":\"800%d\"},\"statuses\":[{\"id\":\"%s\","
                 "\"status\":\"%s\",\"timestamp\":\"%lld\","
                 "\"biz_opaque_callback_data\":\"%s\"}]}}]}]}",
                 p->policy, p->wamid, status, (long long)(w->now / MSEC_S),
                 p->attempt) != 0)
        abort();
    webhook = webhook_parse(text.p, text.len, &e);
    if (webhook == NULL || registrar_post_webhook(w->r, 1, webhook) != 0)
        broken(w, -1, "a status was not taken: %s", e.text);
    buf_free(&text);
}

static void sent(struct world *w, struct pending *p)
{
    uint64_t how = draw(w, 40);

    (void)snprintf(p->wamid, sizeof(p->wamid), "wamid.OUT%u", w->wamids++);
    if (how == 0) {
        (void)registrar_post_sent(w->r, p->id, SEND_PERMANENT, 131026, NULL);
        contact_never_arrived(w, p->id);
        return;
    }
    if (how < 3)
        may_come_again(w, p->id);
    if (how == 1) {
        (void)registrar_post_sent(w->r, p->id, SEND_RETRY, 130429, NULL);
        contact_never_arrived(w, p->id);
        return;
    }
    if (how == 2) /* arrived, and we were not told */
        (void)registrar_post_sent(w->r, p->id, SEND_UNKNOWN, 0, NULL);
    else
        (void)registrar_post_sent(w->r, p->id, SEND_OK, 0, p->wamid);
    /* Mostly both come at once; a step for each is what costs time here. */
    if (how < 30 && how > 2)
        post_status(w, p, "delivered");
    else
        status_later(w, p, "delivered", 500 + (msec)draw(w, 4000));
    if (one_in(w, 8))
        status_later(w, p, "read", 6 * MSEC_S + (msec)draw(w, MSEC_H));
    if (p->person >= 0 && w->people[p->person].bot) {
        struct pending bot = { .at = w->now + MSEC_S,
                               .kind = P_BOT,
                               .person = p->person,
                               .policy = p->policy };
        pending_add(w, &bot);
    }
}

static void status(struct world *w, const struct pending *p)
{
    world_settle(w); /* what else was due is not of this status */
    post_status(w, p, p->status);
    w->actor = p->person;
    w->silent = true;
    world_step(w);
    w->silent = false;
    w->actor = -1;
}

/* ---- files -------------------------------------------------------------- */

void meta_fetch(struct world *w, const struct fetch_order *order)
{
    struct attachment *a = file_by_id(w, order->attachment);
    struct pending p = { .at = w->now + 100 + (msec)draw(w, 20000),
                         .kind = P_FETCHED,
                         .order = *order };

    if (a == NULL || !a->permitted)
        broken(w, -1, "a file is asked for, and the ledger does not say so");
    a->permitted = false;
    w->seen.fetched++;
    tell(w, w->subjects[a->subject].person, "  a file is fetched");
    pending_add(w, &p);
}

static const char *judged_as(struct world *w)
{
    static const char *const types[] = { "image/jpeg", "application/pdf",
                                         "image/png", "audio/ogg" };

    return types[draw(w, 4)];
}

static void link_payload(struct world *w, struct intake_result *result)
{
    struct error e = { 0 };
    int fd = blob_new(w->r->store, &e);

    if (fd < 0 || blob_link(w->r->store, fd, result->payload, &e) != 0 ||
        buf_adds(&result->header, "header") != 0)
        broken(w, -1, "no payload: %s", e.text);
    (void)close(fd);
    result->linked = true;
    result->size = 3;
    result->payload_size = 51;
    memset(result->payload_sha256, 7, SHA256_LEN);
}

static void fetched(struct world *w, const struct fetch_order *order)
{
    struct intake_result result = { .end = INTAKE_STORED,
                                    .epoch = order->epoch };
    uint64_t how = draw(w, 20);

    SET(result.attachment, order->attachment);
    SET(result.payload, order->payload);
    if (how == 0) {
        result.end = INTAKE_REFUSED;
        SET(result.reason, "type");
    } else if (how == 1) {
        result.end = INTAKE_RETRY;
    } else if (how == 2) {
        result.end = INTAKE_REFUSED;
        SET(result.reason, "unavailable");
    } else {
        if (how == 3) {
            result.end = INTAKE_JUDGE_DIED;
        }
        SET(result.media_type, judged_as(w));
        link_payload(w, &result);
    }
    if (registrar_post_intake(w->r, &result) != 0)
        broken(w, -1, "the end of a fetch was not taken");
}

void meta_due(struct world *w, const struct pending *due)
{
    struct pending p = *due;

    switch (p.kind) {
    case P_SENT:
        sent(w, &p);
        break;
    case P_STATUS:
        status(w, &p);
        break;
    case P_FETCHED:
        fetched(w, &p.order);
        break;
    case P_BOT:
        bot_answers(w, p.person, p.policy);
        break;
    }
}
