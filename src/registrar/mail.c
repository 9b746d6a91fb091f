/*
 * Messages to customers: written as rows, handed to Graph one attempt at a
 * time, each attempt with an id that its statuses carry back.
 */
#include "consent_private.h"
#include "mail_private.h"
#include "outward_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <stdlib.h>
#include <string.h>

#define GIVE_UP         (24 * MSEC_H) /* the customer service window */
#define CODE_PAIR_LIMIT 131056
#define CODE_OPTED_OUT  131050 /* they told WhatsApp: no more marketing */

msec backoff(int tries)
{
    msec wait = MSEC_S;

    while (tries-- > 0 && wait < 300 * MSEC_S)
        wait *= 2;
    return wait < 300 * MSEC_S ? wait : 300 * MSEC_S;
}

/* In its own time; w->at is when. body: JSON, an object without a recipient. */
static int add_at(struct registrar *r, const struct waits *w,
                  const char *policy, const char *subject, const char *number,
                  const char *kind, const struct buf *body,
                  char id[static ID_SIZE], struct error *err)
{
    const msec expected = pace_expect(r, number);
    struct outbox_row row = { .created = r->now,
                              .heeds = w->heeds,
                              .next_try = w->at > expected ? w->at : expected };

    id_new_at(id, 'o', r->now, r->random);
    memcpy(row.id, id, sizeof(row.id));
    memcpy(row.subject, subject, strnlen(subject, ID_SIZE - 1));
    memcpy(row.policy, policy, strlen(policy));
    memcpy(row.number, number, strlen(number));
    memcpy(row.kind, kind, strlen(kind));
    memcpy(row.state, "pending", sizeof("pending"));
    if (w->about != NULL)
        SET(row.about, w->about);
    return outbox_add(r->store, &row, body->p, body->len, err);
}

static int add(struct registrar *r, const char *policy, const char *subject,
               const char *number, const char *kind, const struct buf *body,
               char id[static ID_SIZE], struct error *err)
{
    const struct waits now = { .at = r->now };

    return add_at(r, r->waits != NULL ? r->waits : &now, policy, subject,
                  number, kind, body, id, err);
}

int mail_say(struct registrar *r, const struct policy *policy,
             const char *subject, const char *number, const char *kind,
             const char *text, struct error *err)
{
    char id[ID_SIZE];

    return mail_write(r, policy->id, subject, number, kind, text, id, err);
}

/* Takes the message; NULL: there was no memory for it. */
static int add_message(struct registrar *r, const char *policy,
                       const char *subject, const char *number,
                       const char *kind, json_t *message,
                       char id[static ID_SIZE], struct error *err)
{
    struct buf body = { 0 };
    int ok = -1;

    if (message == NULL || json_canonical(message, &body) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a message");
    else
        ok = add(r, policy, subject, number, kind, &body, id, err);
    json_decref(message);
    buf_free(&body);
    return ok;
}

int mail_write(struct registrar *r, const char *policy, const char *subject,
               const char *number, const char *kind, const char *text,
               char id[static ID_SIZE], struct error *err)
{
    return add_message(r, policy, subject, number, kind,
                       json_pack("{s:s,s:{s:s,s:b}}", "type", "text", "text",
                                 "body", text, "preview_url", 0),
                       id, err);
}

/* Takes the list or the buttons. */
static int interactive_as(struct registrar *r, const char *policy,
                          const char *subject, const char *number,
                          const char *kind, json_t *interactive,
                          const char *quoted, char id[static ID_SIZE],
                          struct error *err)
{
    json_t *message = json_pack("{s:s,s:o}", "type", "interactive",
                                "interactive", interactive);

    if (message != NULL && quoted != NULL &&
        json_object_set_new(message, "context",
                            json_pack("{s:s}", "message_id", quoted)) != 0) {
        json_decref(message);
        message = NULL;
    }
    return add_message(r, policy, subject, number, kind, message, id, err);
}

int mail_interactive(struct registrar *r, const struct policy *policy,
                     const char *subject, const char *number,
                     json_t *interactive, const char *quoted, struct error *err)
{
    char id[ID_SIZE];

    return interactive_as(r, policy->id, subject, number, "say", interactive,
                          quoted, id, err);
}

int mail_rating(struct registrar *r, const struct policy *policy,
                const char *subject, const char *number, json_t *interactive,
                char id[static ID_SIZE], struct error *err)
{
    return interactive_as(r, policy->id, subject, number, "rating", interactive,
                          NULL, id, err);
}

int mail_notice(struct registrar *r, const struct policy *policy,
                const char *subject, const char *number, const struct buf *body,
                char id[static ID_SIZE], struct error *err)
{
    return add(r, policy->id, subject, number, "notice", body, id, err);
}

int mail_document(struct registrar *r, const struct policy *policy,
                  const char *subject, const char *number,
                  const struct buf *body, char id[static ID_SIZE],
                  struct error *err)
{
    return add(r, policy->id, subject, number, "document", body, id, err);
}

int mail_question(struct registrar *r, const struct question *q,
                  struct error *err)
{
    const struct policy *policy = q->policy;
    const struct policy_language *language =
        person_language(r, policy, q->subject);
    const struct policy_purpose *about = &policy->purposes[q->purpose];
    const char *type =
        basis_asks(about->basis) || about->acknowledge ? "interactive" : "text";
    const struct policy_prompt *prompt;
    const struct waits when = { .at = q->at, .heeds = q->heeds };
    struct prompt_row row = { .asked = r->now };
    enum prompt_form form = q->form;
    struct buf body = { 0 };
    int ok = -1;

    if (!basis_asks(about->basis) && form == PROMPT_SHORT)
        form = PROMPT_FIRST;
    /* A notice after the one that changed says nothing of what changed. */
    while (form > PROMPT_SHORT &&
           language->prompts[q->purpose][form].interactive == NULL)
        form--;
    prompt = &language->prompts[q->purpose][form];
    row.with_notice = form != PROMPT_SHORT;

    /* The policy's bytes as they are: they are what the leaf's hash is of. */
    if (buf_addf(&body, "{\"%s\":", type) != 0 ||
        buf_adds(&body, prompt->interactive) != 0 ||
        buf_addf(&body, ",\"type\":\"%s\"}", type) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a message");
    else
        ok = add_at(r, &when, policy->id, q->subject, q->number, "prompt",
                    &body, row.outbox, err);
    buf_free(&body);
    if (ok != 0)
        return -1;
    id_new_at(row.id, 'q', r->now, r->random);
    SET(row.subject, q->subject);
    SET(row.policy, policy->id);
    SET(row.purpose, policy->purposes[q->purpose].id);
    SET(row.notice_version, policy->notice_version);
    SET(row.language, language->tag);
    SET(row.state, "open");
    memcpy(row.prompt_sha256, prompt->sha256, SHA256_LEN);
    return prompt_add(r->store, &row, err);
}

int mail_prompt(struct registrar *r, const struct deciding *d, int purpose,
                enum prompt_form form, struct error *err)
{
    const struct question q = { d->policy, d->subject->id, d->item->number,
                                purpose,   form,           r->now,
                                0 };

    return mail_question(r, &q, err);
}

/* ---- handing over ------------------------------------------------------- */

int mail_reach(struct registrar *r, const char *subject, enum handle_kind *by,
               struct buf *out, struct error *err)
{
    int found = subject_handle_get(r->store, subject, HANDLE_PHONE, out, err);
    int left = found < 0 ? -1 : suggestion_moved(r->store, subject, err);

    *by = HANDLE_PHONE;
    if (left < 0 || (found > 0 && left == 0))
        return left < 0 ? -1 : 1;
    buf_reset(out);
    *by = HANDLE_BSUID;
    return subject_handle_get(r->store, subject, HANDLE_BSUID, out, err);
}

/* The recipient: a phone number with its plus, or the user id. 1, 0: there is
 * none, -1. */
static int address(struct registrar *r, const char *subject, json_t *request,
                   struct error *err)
{
    struct buf value = { 0 };
    enum handle_kind by;
    int found = mail_reach(r, subject, &by, &value, err), ok = 0;

    if (found > 0 && by == HANDLE_PHONE)
        ok = json_object_set_new(request, "to",
                                 json_sprintf("+%s", (char *)value.p));
    else if (found > 0)
        ok = json_object_set_new(request, "recipient",
                                 json_string((char *)value.p));
    if (ok != 0)
        found = error_set(err, ERR_NOMEM, "no memory for a message");
    buf_free(&value);
    return found;
}

/* Who gets it and which attempt it is, then the message as it was written. 1,
 * 0: nobody can be reached, -1. */
static int compose(struct registrar *r, const struct outbox_row *row,
                   struct buf *out, struct error *err)
{
    json_t *envelope = json_pack("{s:s,s:s,s:s}", "messaging_product",
                                 "whatsapp", "recipient_type", "individual",
                                 "biz_opaque_callback_data", row->attempt);
    struct buf body = { 0 };
    int ok = -1;

    if (outbox_body(r->store, row->id, &body, err) != 0 ||
        (ok = address(r, row->subject, envelope, err)) <= 0)
        goto out;
    ok = -1;
    if (envelope == NULL || body.len < 2 ||
        json_canonical(envelope, out) != 0) {
        (void)error_set(err, ERR_NOMEM, "no memory for a message");
        goto out;
    }
    out->p[out->len - 1] = ',';
    if (buf_add(out, body.p + 1, body.len - 1) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a message");
    else
        ok = 1;
out:
    json_decref(envelope);
    buf_free(&body);
    return ok;
}

/* A prompt's typed yes counts from the second it was handed over. One that may
 * have arrived the first time keeps that second. */
static int note_handed(struct registrar *r, const struct outbox_row *due,
                       struct prompt_row *prompt, struct error *err)
{
    if (prompt->id[0] == '\0' ||
        (prompt->handed_s != 0 && strcmp(due->state, "unknown") == 0))
        return 0;
    prompt->handed_s = r->now / MSEC_S;
    return prompt_update(r->store, prompt, err);
}

/* A question that was answered, or ended, while its message waited is not put
 * any more: not to who said no, nor to who shall not be asked. */
static int recheck_prompt(struct registrar *r, const struct outbox_row *due,
                          struct prompt_row *prompt, bool *ended,
                          struct error *err)
{
    struct outbox_row row = *due;
    int found = prompt_by_outbox(r->store, due->id, prompt, err);

    *ended = found == 0 || (found > 0 && strcmp(prompt->state, "open") != 0);
    if (found < 0)
        return -1;
    if (!*ended)
        return (due->heeds & HEEDS_ASKING) == 0
                   ? 0
                   : notices_recheck(r, due, prompt, ended, err);
    if (found > 0 && prompt->presented)
        SET(row.state, "sent");
    else
        SET(row.state, "failed");
    return outbox_update(r->store, &row, NULL, err);
}

/* Is it still to go, as it was when it was written? Fills the prompt of a
 * message that is one. */
static int recheck(struct registrar *r, const struct outbox_row *due,
                   struct prompt_row *prompt, bool *ended, struct error *err)
{
    int ok = due->heeds == 0 ? 0 : waits_recheck(r, due, ended, err);

    prompt->id[0] = '\0';
    if (ok != 0 || *ended)
        return ok;
    if (strcmp(due->kind, "prompt") == 0)
        return recheck_prompt(r, due, prompt, ended, err);
    if (strcmp(due->kind, "notice") == 0)
        return outbound_recheck(r, due, ended, err);
    if (strcmp(due->kind, "document") == 0)
        return delivery_recheck(r, due, ended, err);
    return strcmp(due->kind, "rating") == 0 ? rating_recheck(r, due, ended, err)
                                            : 0;
}

static int unreachable(struct registrar *, const struct outbox_row *,
                       struct error *);

int mail_hand_over(struct registrar *r, const struct outbox_row *due,
                   struct error *err)
{
    struct outbox_row row = *due;
    struct effect effect = { .kind = EFFECT_SEND };
    struct prompt_row prompt;
    bool ended = false;
    int reached;
    msec at;

    if (recheck(r, due, &prompt, &ended, err) != 0)
        return -1;
    if (ended)
        return 0;
    at = pace_take(r, row.number, row.subject);
    if (at > r->now) {
        row.next_try = at;
        return outbox_update(r->store, &row, NULL, err);
    }
    row.next_try = r->now + SEND_LEASE;
    id_new_at(row.attempt, 't', r->now, r->random);
    memcpy(row.state, "sending", sizeof("sending"));
    memcpy(effect.id, row.id, sizeof(effect.id));
    memcpy(effect.number, row.number, strnlen(row.number, 32));
    reached = compose(r, &row, &effect.body, err);
    if (reached <= 0 || outbox_update(r->store, &row, NULL, err) != 0 ||
        note_handed(r, due, &prompt, err) != 0) {
        buf_free(&effect.body);
        return reached == 0 ? unreachable(r, due, err) : -1;
    }
    return effect_add(r, &effect, err);
}

/* ---- what came of it ---------------------------------------------------- */

static int prompt_after(struct registrar *r, const char *outbox, bool shown,
                        struct error *err)
{
    struct prompt_row prompt;
    int found = prompt_by_outbox(r->store, outbox, &prompt, err);

    if (found <= 0)
        return found;
    if (shown && prompt.handed_s == 0) {
        prompt.handed_s = r->now / MSEC_S;
        if (prompt_update(r->store, &prompt, err) != 0)
            return -1;
    }
    if (shown)
        return prompt_presented(r, &prompt, err);
    if (strcmp(prompt.state, "open") == 0) {
        memcpy(prompt.state, "failed", sizeof("failed"));
        return prompt_update(r->store, &prompt, err);
    }
    return 0;
}

static void try_again(struct registrar *r, struct outbox_row *row, int code)
{
    msec wait = backoff(row->tries);

    if (code == CODE_PAIR_LIMIT)
        wait = backoff(2 * row->tries);
    row->tries++;
    row->next_try = r->now + wait;
    memcpy(row->state, "pending", sizeof("pending"));
}

void mail_unsure(const struct registrar *r, struct outbox_row *row)
{
    memcpy(row->state, "unknown", sizeof("unknown"));
    row->next_try = r->now + STATUS_WAIT + backoff(row->tries++);
}

/* A prompt whose status never came is sent again: better asked twice than
 * never. One that was answered did arrive. */
int mail_ask_again(struct registrar *r, const struct outbox_row *unsure,
                   struct error *err)
{
    struct outbox_row row = *unsure;
    struct prompt_row prompt;
    int found = prompt_by_outbox(r->store, row.id, &prompt, err);

    if (found < 0)
        return -1;
    if (found > 0 && strcmp(prompt.state, "open") == 0 &&
        r->now - row.created <= GIVE_UP)
        return mail_hand_over(r, &row, err);
    if (found > 0 && prompt.presented)
        memcpy(row.state, "sent", sizeof("sent"));
    else
        memcpy(row.state, "failed", sizeof("failed"));
    if (outbox_update(r->store, &row, NULL, err) != 0)
        return -1;
    return prompt_after(r, row.id, false, err);
}

/* An agent's words are kept where staff alone opens them; here they go as soon
 * as they are not to be sent again. */
static int forget_reply(struct registrar *r, const struct outbox_row *row,
                        struct error *err)
{
    if (strcmp(row->kind, "reply") != 0 ||
        (strcmp(row->state, "sent") != 0 && strcmp(row->state, "failed") != 0))
        return 0;
    return outbox_wipe(r->store, row->id, err);
}

/* Of a document: Meta's copy goes once nobody waits for it any more. */
static int settle(struct registrar *r, const struct outbox_row *row, bool over,
                  bool failed, struct error *err)
{
    return !over || strcmp(row->kind, "document") != 0
               ? 0
               : delivery_settled(r, row->id, failed, err);
}

/* There is no number and no user id of theirs that we know: it never goes. */
static int unreachable(struct registrar *r, const struct outbox_row *due,
                       struct error *err)
{
    struct outbox_row row = *due;

    log_event(LOG_LEVEL_WARN, "message_to_nobody", "{s:s}", "kind", row.kind);
    memcpy(row.state, "failed", sizeof("failed"));
    return outbox_update(r->store, &row, NULL, err) != 0 ||
                   forget_reply(r, &row, err) != 0 ||
                   settle(r, &row, true, true, err) != 0
               ? -1
               : prompt_after(r, row.id, false, err);
}

int mail_sent(struct registrar *r, const char *outbox, enum send_end end,
              int code, const char *wamid, struct error *err)
{
    struct outbox_row row;
    int found = outbox_get(r->store, outbox, &row, err);

    /* An answer that comes after its lease still tells: what was accepted is
     * not put again. */
    if (found <= 0 || (strcmp(row.state, "sending") != 0 &&
                       strcmp(row.state, "unknown") != 0 &&
                       (strcmp(row.state, "pending") != 0 || end != SEND_OK)))
        return found < 0 ? -1 : 0;

    switch (end) {
    case SEND_OK:
        memcpy(row.state, "sent", sizeof("sent"));
        break;
    case SEND_RETRY:
        try_again(r, &row, code);
        if (row.next_try - row.created > GIVE_UP)
            memcpy(row.state, "failed", sizeof("failed"));
        break;
    case SEND_UNKNOWN:
        mail_unsure(r, &row);
        break;
    case SEND_TOKEN:
        r->token_refused = true;
        log_event(LOG_LEVEL_ALARM, "access_token_refused", NULL);
        memcpy(row.state, "pending", sizeof("pending"));
        row.next_try = r->now;
        break;
    case SEND_PERMANENT:
        log_event(LOG_LEVEL_WARN, "message_refused", "{s:i}", "code", code);
        memcpy(row.state, "failed", sizeof("failed"));
        break;
    }
    if (outbox_update(r->store, &row, end == SEND_OK ? wamid : NULL, err) !=
            0 ||
        forget_reply(r, &row, err) != 0 ||
        settle(r, &row, strcmp(row.state, "failed") == 0, true, err) != 0 ||
        (code == CODE_OPTED_OUT &&
         outbound_opted_out(r, &row, r->now / MSEC_S, err) != 0))
        return -1;
    if (end == SEND_OK)
        return prompt_after(r, outbox, true, err);
    if (strcmp(row.state, "failed") == 0)
        return prompt_after(r, outbox, false, err);
    return 0;
}

static int rank(const char *delivery)
{
    static const char *const order[] = { "",          "sent", "failed",
                                         "delivered", "read", "played" };

    for (int i = 0; i < (int)(sizeof(order) / sizeof(order[0])); i++)
        if (strcmp(order[i], delivery) == 0)
            return i;
    return -1;
}

/* Only who was told of something that rests on no consent of theirs is looked
 * at. */
static int reached(struct registrar *r, const struct outbox_row *row,
                   const char *how, struct error *err)
{
    const struct policy *policy = policy_find(r->policies, row->policy);
    struct prompt_row prompt;
    int found;

    if (policy == NULL || policy->informs == 0)
        return 0;
    found = prompt_by_outbox(r->store, row->id, &prompt, err);
    return found <= 0 ? found : notice_reached(r, &prompt, how, err);
}

/* Statuses come in any order, and may come before Graph's own answer. */
int mail_status(struct registrar *r, const struct webhook_item *item,
                struct error *err)
{
    struct outbox_row row;
    int found = outbox_by_wamid(r->store, item->wamid, &row, err), ok;
    bool known = found > 0, failed = strcmp(item->status, "failed") == 0;

    if (found == 0 && item->attempt[0] != '\0')
        found = outbox_by_attempt(r->store, item->attempt, &row, err);
    if (found <= 0)
        return found;
    if (rank(item->status) <= rank(row.delivery))
        return 0;

    if (known && strcmp(row.state, "sent") == 0)
        ok = outbox_delivered(r->store, row.id, item->status, err);
    else {
        /* A status proves what a crash had left open. */
        memcpy(row.delivery, item->status, strlen(item->status) + 1);
        if (strcmp(row.state, "sent") != 0)
            memcpy(row.state, failed ? "failed" : "sent",
                   failed ? sizeof("failed") : sizeof("sent"));
        ok = outbox_update(r->store, &row, item->wamid, err);
    }
    if (ok == 0)
        ok = forget_reply(r, &row, err);
    if (ok == 0)
        ok = settle(r, &row, rank(item->status) > rank("sent"), failed, err);
    if (ok == 0 && item->code == CODE_OPTED_OUT)
        ok = outbound_opted_out(r, &row, item->provider_s, err);
    if (ok != 0 || strcmp(row.kind, "prompt") != 0)
        return ok;
    if (prompt_after(r, row.id, !failed, err) != 0)
        return -1;
    return rank(item->status) > rank("failed")
               ? reached(r, &row, item->status, err)
               : 0;
}
