/* What agents do in a conversation: they take it, write, and hand it back. */
#include "keyring_private.h"
#include "leaf_private.h"
#include "mail_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <string.h>

#include "resguardo/registrar_work.h"

static bool is_mode(const struct conversation_row *row,
                    enum conversation_mode mode)
{
    return strcmp(row->mode, conversation_mode_names[mode]) == 0;
}

/* Nobody talks to who is blocked or gone. */
static int find(struct registrar *r, const struct conversation_order *o,
                struct conversation_row *row, struct error *err)
{
    struct subject_row subject;
    int found = conversation_get(r->store, o->id, row, err);

    if (found > 0)
        found = subject_get(r->store, row->subject, &subject, err);
    if (found < 0 || keyring_permits(r, &o->by, err) != 0)
        return -1;
    return found > 0 && subject.blocked == 0
               ? 0
               : error_set(err, ERR_NOT_FOUND, "no such conversation");
}

/* ---- take --------------------------------------------------------------- */

/* Nobody waited for an agent who began it. */
static int note_taken(struct registrar *r, const struct conversation_row *row,
                      struct handover_row *h, struct error *err)
{
    int found = handover_open(r->store, row->id, h, err);
    bool new = found == 0;

    if (found < 0)
        return -1;
    if (new) {
        memset(h, 0, sizeof(*h));
        id_new_at(h->id, 'w', r->now, r->random);
        SET(h->conversation, row->id);
        SET(h->subject, row->subject);
        SET(h->policy, row->policy);
    }
    if (h->taken == 0)
        h->taken = r->now;
    h->taken_by = row->who;
    return new ? handover_add(r->store, h, err)
               : handover_update(r->store, h, err);
}

static int take(struct registrar *r, void *arg, struct error *err)
{
    const struct conversation_order *o = arg;
    const struct policy *policy;
    struct conversation_row row;
    struct handover_row handover;
    json_t *more;

    if (find(r, o, &row, err) != 0)
        return -1;
    if (is_mode(&row, MODE_PERSON) && row.who == (int64_t)o->by.uid)
        return error_set(err, ERR_CONFLICT, "you have it already");
    if ((policy = policy_find(r->policies, row.policy)) == NULL)
        return error_set(err, ERR_CONFLICT, "its policy is loaded no more");
    SET(row.mode, conversation_mode_names[MODE_PERSON]);
    row.since = r->now;
    row.who = o->by.uid;
    row.due = r->now + policy->handover_silence;
    if (conversation_update(r->store, &row, err) != 0 ||
        note_taken(r, &row, &handover, err) != 0)
        return -1;
    (void)leaf_whole();
    more = json_object();
    leaf_text(more, "handover_id", handover.id);
    return conversation_record(r, &row, &o->by, "handover_taken", more, err);
}

int registrar_take_conversation(struct registrar *r,
                                struct conversation_order *o, struct error *err)
{
    return queue_staff(r, take, o, err);
}

/* ---- reply -------------------------------------------------------------- */

static int check_reply(const struct registrar *r,
                       const struct conversation_order *o,
                       const struct conversation_row *row, struct error *err)
{
    if (!is_mode(row, MODE_PERSON) || row->who != (int64_t)o->by.uid) {
        (void)error_set(err, ERR_NOT_PERMITTED,
                        "the conversation is not yours");
        return error_hint(err, "take it first: resguardo conversation take %s",
                          row->id);
    }
    if (row->heard + WHATSAPP_WINDOW <= r->now)
        return error_set(err, ERR_NOT_PERMITTED,
                         "customer_service_window: the customer last wrote "
                         "more than 24 hours ago, and nothing may be written "
                         "to them until they write again");
    if (row->kept >= LIMIT_CHAT_KEPT)
        return error_set(err, ERR_CONFLICT,
                         "the conversation has %d messages: no more are kept",
                         LIMIT_CHAT_KEPT);
    return 0;
}

static int write_reply(struct registrar *r, struct conversation_order *o,
                       struct conversation_row *row, struct error *err)
{
    struct staff_access by = o->by;
    struct chat_row chat = { .author = -1 };
    char commitment[65];
    json_t *more;

    SET(chat.subject, row->subject);
    SET(chat.policy, row->policy);
    SET(chat.conversation, row->id);
    SET(chat.kind, "out");
    if (mail_write(r, row->policy, row->subject, row->number, "reply", o->text,
                   chat.outbox, err) != 0 ||
        chat_keep(r, &chat, o->text, &by, commitment, err) != 0)
        return -1;
    SET(o->message, chat.id);
    (void)leaf_whole();
    more = json_object();
    leaf_text(more, "message_id", chat.id);
    leaf_text(more, "prepared", o->prepared);
    by.committed = "message";
    by.commitment = commitment;
    return conversation_record(r, row, &by, "agent_replied", more, err);
}

/* The first one of a hand-over is what the customer waited for. */
static int note_replied(struct registrar *r, const struct conversation_row *row,
                        struct error *err)
{
    struct handover_row handover;
    int found = handover_open(r->store, row->id, &handover, err);

    if (found <= 0 || handover.replied != 0)
        return found < 0 ? -1 : 0;
    handover.replied = r->now;
    return handover_update(r->store, &handover, err);
}

static int reply(struct registrar *r, void *arg, struct error *err)
{
    struct conversation_order *o = arg;
    const struct policy *policy;
    struct conversation_row row;

    if (find(r, o, &row, err) != 0 || check_reply(r, o, &row, err) != 0)
        return -1;
    policy = policy_find(r->policies, row.policy);
    if (o->prepared != NULL)
        o->text = policy == NULL
                      ? NULL
                      : policy_prepared(policy,
                                        person_language(r, policy, row.subject),
                                        o->prepared);
    if (o->text == NULL)
        return error_set(err, ERR_NOT_FOUND, "no such prepared text: %s",
                         o->prepared);
    if (write_reply(r, o, &row, err) != 0 || note_replied(r, &row, err) != 0)
        return -1;
    row.kept++;
    if (policy != NULL)
        row.due = r->now + policy->handover_silence;
    return conversation_update(r->store, &row, err);
}

int registrar_reply(struct registrar *r, struct conversation_order *o,
                    struct error *err)
{
    return queue_staff(r, reply, o, err);
}

/* ---- hand back ---------------------------------------------------------- */

static int hand_back(struct registrar *r, void *arg, struct error *err)
{
    const struct conversation_order *o = arg;
    const struct policy *policy;
    struct conversation_row row;
    bool open;

    if (find(r, o, &row, err) != 0)
        return -1;
    if (is_mode(&row, MODE_BOT))
        return error_set(err, ERR_CONFLICT, "the bot has it already");
    open = row.heard + WHATSAPP_WINDOW > r->now;
    policy = policy_find(r->policies, row.policy);
    if (conversation_end(r, &row, "agent", &o->by, err) != 0)
        return -1;
    return policy == NULL || !open
               ? 0
               : mail_say(r, policy, row.subject, row.number, "say",
                          person_language(r, policy, row.subject)
                              ->texts[TEXT_PERSON_BACK],
                          err);
}

int registrar_hand_back(struct registrar *r, struct conversation_order *o,
                        struct error *err)
{
    return queue_staff(r, hand_back, o, err);
}
