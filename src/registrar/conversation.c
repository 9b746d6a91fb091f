/*
 * A person in the conversation: asked for, waited for, ended. While somebody
 * waits or talks, what the customer writes is kept for them (chat.c).
 */
#include "consent_private.h"
#include "leaf_private.h"
#include "mail_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <string.h>

bool conversation_is(const struct conversation_row *row,
                     enum conversation_mode mode)
{
    return strcmp(row->mode, conversation_mode_names[mode]) == 0;
}

void conversation_set(struct registrar *r, struct conversation_row *row,
                      enum conversation_mode mode)
{
    SET(row->mode, conversation_mode_names[mode]);
    row->since = r->now;
    row->step = 0;
    row->due = 0;
    row->who = -1;
    row->withdrew = 0;
    if (mode == MODE_BOT)
        row->unanswered = row->spoke = 0;
}

/* ---- on record ---------------------------------------------------------- */

json_t *conversation_evidence(const struct conversation_row *row,
                              const struct handover_row *handover)
{
    json_t *evidence = json_object();

    leaf_text(evidence, "conversation_id", row->id);
    if (handover != NULL)
        leaf_text(evidence, "handover_id", handover->id);
    return evidence;
}

int conversation_record(struct registrar *r, const struct conversation_row *row,
                        const struct staff_access *by, const char *event,
                        json_t *more, struct error *err)
{
    struct staff_access access = *by;

    access.event_type = event;
    access.policy = row->policy;
    SET(access.subject, row->subject);
    leaf_text(more, "conversation_id", row->id);
    return staff_record(r, &access, more, err);
}

/* ---- heard -------------------------------------------------------------- */

/* Their clock may be ahead of ours; a window that is open longer than Meta's
 * only lets Meta refuse. */
static msec heard_at(const struct registrar *r, const struct deciding *d)
{
    msec at = d->item->provider_s * MSEC_S;

    return at < r->now ? at : r->now;
}

int conversation_look(struct registrar *r, const struct deciding *d,
                      struct dialogue_state *state, struct error *err)
{
    struct conversation_row *row = d->talk;
    int found = conversation_find(r->store, d->subject->id, d->policy->id,
                                  d->item->number, row, err);

    if (found <= 0) {
        memset(row, 0, sizeof(*row));
        return found;
    }
    for (int i = 0; i < MODE__MAX; i++)
        if (conversation_is(row, (enum conversation_mode)i))
            state->mode = (enum conversation_mode)i;
    state->told = row->told;
    return 1;
}

/* What is for a person stands unanswered, from the first of it on. */
static void await_answer(struct registrar *r, const struct deciding *d)
{
    struct conversation_row *row = d->talk;

    if (conversation_is(row, MODE_BOT) || row->unanswered != 0)
        return;
    row->unanswered = r->now;
    conversation_schedule(row, d->policy);
}

int conversation_heard(struct registrar *r, const struct deciding *d,
                       struct dialogue_state *state, struct error *err)
{
    struct conversation_row *row = d->talk;
    int found = conversation_look(r, d, state, err);

    if (found <= 0)
        return found;
    if (heard_at(r, d) > row->heard)
        row->heard = heard_at(r, d);
    if (d->item->kind == WEBHOOK_FILE || d->item->kind == WEBHOOK_LOST)
        await_answer(r, d);
    return conversation_update(r->store, row, err);
}

/* ---- asked for ---------------------------------------------------------- */

static int asked(struct registrar *r, const struct deciding *d,
                 const char *reminder, int64_t place, struct error *err)
{
    const struct conversation_row *row = d->talk;
    struct handover_row handover = { .asked = r->now,
                                     .taken_by = -1,
                                     .place = place };
    json_t *leaf = leaf_new(r, "handover_asked", d->subject->id, d->policy->id);
    json_t *evidence;

    id_new_at(handover.id, 'w', r->now, r->random);
    SET(handover.conversation, row->id);
    SET(handover.subject, row->subject);
    SET(handover.policy, row->policy);
    leaf_text(leaf, "actor", "subject");
    leaf_text(leaf, "channel", "whatsapp");
    SET(handover.outbound, reminder);
    evidence = conversation_evidence(row, &handover);
    leaf_text(evidence, "outbound_id", reminder);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err) != 0
               ? -1
               : handover_add(r->store, &handover, err);
}

int conversation_ask(struct registrar *r, const struct deciding *d,
                     const char *reminder, bool again, struct error *err)
{
    struct conversation_row *row = d->talk;
    bool new = row->id[0] == '\0';
    int64_t place;

    if (again)
        return (place = conversation_position(r->store, row, err)) < 0
                   ? -1
                   : conversation_tell(r, row, d->policy, place, err);
    if (new) {
        id_new_at(row->id, 'v', r->now, r->random);
        SET(row->subject, d->subject->id);
        SET(row->policy, d->policy->id);
        SET(row->number, d->item->number);
        row->heard = heard_at(r, d);
    }
    conversation_set(r, row, MODE_WAITING);
    row->priority = PRIORITY_NORMAL;
    row->unanswered = r->now;
    row->spoke = 0;
    conversation_schedule(row, d->policy);
    if ((new ? conversation_add(r->store, row, err)
             : conversation_update(r->store, row, err)) != 0 ||
        (place = conversation_position(r->store, row, err)) < 0 ||
        asked(r, d, reminder, place, err) != 0)
        return -1;
    return conversation_tell(r, row, d->policy, place, err);
}

int conversation_keep(struct registrar *r, const struct deciding *d,
                      struct error *err)
{
    struct conversation_row *row = d->talk;
    struct chat_row chat = { .author = -1 };

    /* A "thank you" waits for nothing. */
    if (!policy_courtesy(d->item->text))
        await_answer(r, d);
    if (row->kept >= LIMIT_CHAT_KEPT ||
        strlen(d->item->text) > LIMIT_CHAT_BYTES) {
        log_event(LOG_LEVEL_ALARM, "chat_not_kept", "{s:s,s:I}", "conversation",
                  row->id, "kept", (json_int_t)row->kept);
        return conversation_update(r->store, row, err);
    }
    SET(chat.subject, row->subject);
    SET(chat.policy, row->policy);
    SET(chat.conversation, row->id);
    SET(chat.kind, "in");
    row->kept++;
    return conversation_update(r->store, row, err) != 0
               ? -1
               : chat_keep(r, &chat, d->item->text, NULL, NULL, err);
}

/* ---- ends --------------------------------------------------------------- */

static int ended_leaf(struct registrar *r, const struct conversation_row *row,
                      const struct handover_row *handover, const char *how,
                      struct error *err)
{
    json_t *leaf = leaf_new(r, "handover_ended", row->subject, row->policy);

    leaf_text(leaf, "actor",
              strcmp(how, "customer") == 0 ? "subject" : "system");
    leaf_text(leaf, "reason", how);
    leaf_object(leaf, "evidence", conversation_evidence(row, handover));
    return leaf_append(r, leaf, NULL, err);
}

/* Not because the person goes. */
static bool by_will(const char *how)
{
    return strcmp(how, "blocked") != 0 && strcmp(how, "erased") != 0;
}

int conversation_end(struct registrar *r, struct conversation_row *row,
                     const char *how, const struct staff_access *by,
                     struct error *err)
{
    struct handover_row handover;
    int found = handover_open(r->store, row->id, &handover, err);
    json_t *more;

    if (found < 0)
        return -1;
    conversation_set(r, row, MODE_BOT);
    if (conversation_update(r->store, row, err) != 0)
        return -1;
    if (found == 0)
        return error_set(err, ERR_INVARIANT, "no hand-over to be ended");
    handover.ended = r->now;
    SET(handover.how, how);
    if (handover_update(r->store, &handover, err) != 0 ||
        (by_will(how) && rating_handover_ended(r, row, &handover, err) != 0))
        return -1;
    if (by == NULL)
        return ended_leaf(r, row, &handover, how, err);
    (void)leaf_whole();
    more = json_object();
    leaf_text(more, "handover_id", handover.id);
    return conversation_record(r, row, by, "handover_ended", more, err);
}

int conversation_withdrawn(struct registrar *r, const struct deciding *d,
                           struct error *err)
{
    struct conversation_row *row = d->talk;

    if (row->id[0] == '\0' || !conversation_is(row, MODE_PERSON))
        return 0;
    row->withdrew = r->now;
    return conversation_update(r->store, row, err);
}

int conversation_back(struct registrar *r, const struct deciding *d,
                      struct error *err)
{
    if (conversation_end(r, d->talk, "customer", NULL, err) != 0)
        return -1;
    return mail_say(r, d->policy, d->subject->id, d->item->number, "say",
                    language_of(r, d)->texts[TEXT_PERSON_BACK], err);
}

struct ending {
    struct registrar *r;
    const char *how;
    struct error *err;
};

static int end_one(void *arg, const struct conversation_row *found)
{
    struct ending *e = arg;
    struct conversation_row row = *found;

    return conversation_is(&row, MODE_BOT)
               ? 0
               : conversation_end(e->r, &row, e->how, NULL, e->err);
}

int conversation_end_all(struct registrar *r, const char *subject,
                         const char *how, struct error *err)
{
    struct ending e = { r, how, err };

    return conversation_of_person(r->store, subject, end_one, &e, err);
}
