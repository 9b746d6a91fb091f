/* What an agent writes to a customer. */
#include "keyring_private.h"
#include "leaf_private.h"
#include "mail_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <string.h>

#include "resguardo/registrar_work.h"

/* ---- reply -------------------------------------------------------------- */

static int check_reply(struct registrar *r, const struct conversation_order *o,
                       const struct conversation_row *row, struct error *err)
{
    char at[TIME_SIZE];

    if (!conversation_is(row, MODE_PERSON) || row->who != (int64_t)o->by.uid)
        return conversation_not_yours(r, row, err);
    if (row->withdrew != 0) {
        time_format(at, row->withdrew);
        (void)error_set(err, ERR_NOT_PERMITTED,
                        "the customer took back what they had agreed to, at %s",
                        at);
        return error_hint(err,
                          "read it, then take it again to go on: resguardo "
                          "conversation take %s",
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

    if (conversation_ordered(r, o, &row, err) != 0 ||
        check_reply(r, o, &row, err) != 0)
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
    row.spoke = r->now;
    row.unanswered = 0;
    row.step = 0;
    row.priority = PRIORITY_NORMAL;
    conversation_schedule(&row, policy);
    return conversation_update(r->store, &row, err);
}

int registrar_reply(struct registrar *r, struct conversation_order *o,
                    struct error *err)
{
    return queue_staff(r, reply, o, err);
}
