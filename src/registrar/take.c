/*
 * Whose a conversation is: an agent takes it, begins it, or hands it back. It
 * has one owner; who waits is whoever's came first, and what is a colleague's
 * is taken from them by name, or not at all.
 */
#include "consent_private.h"
#include "keyring_private.h"
#include "leaf_private.h"
#include "mail_private.h"
#include "outward_private.h"
#include "people_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <string.h>

/* Nobody talks to who is blocked or gone. */
int conversation_ordered(struct registrar *r,
                         const struct conversation_order *o,
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

/* ---- whose it is --------------------------------------------------------- */

static void agent_name(const struct registrar *r, int64_t uid,
                       char out[static STAFF_NAME_SIZE])
{
    const struct keyring_staff *who =
        keyring_find(keyring_newest(r), (uint32_t)uid);

    if (who != NULL)
        memcpy(out, who->name, STAFF_NAME_SIZE);
    else
        (void)snprintf(out, STAFF_NAME_SIZE, "%lld", (long long)uid);
}

/* A colleague has it. */
static int say_owner(const struct registrar *r,
                     const struct conversation_row *row, enum error_code code,
                     const char *before, struct error *err)
{
    char name[STAFF_NAME_SIZE], since[TIME_SIZE], spoke[TIME_SIZE];

    agent_name(r, row->who, name);
    time_format(since, row->since);
    time_format(spoke, row->spoke);
    if (row->spoke > row->since)
        (void)error_set(err, code, "%s%s has it since %s, and wrote at %s",
                        before, name, since, spoke);
    else
        (void)error_set(err, code, "%s%s has it since %s", before, name, since);
    return error_hint(err,
                      "to take it from them, on record: resguardo conversation "
                      "take %s --from %s",
                      row->id, name);
}

/* Why the assistant has it, and since when. */
static int say_assistant(struct registrar *r,
                         const struct conversation_row *row,
                         enum error_code code, const char *before,
                         struct error *err)
{
    struct handover_row last;
    char since[TIME_SIZE];
    bool chose, silence;
    int found = handover_last(r->store, row->id, &last, err);

    if (found < 0)
        return -1;
    chose = found > 0 && strcmp(last.how, "customer") == 0;
    silence = found > 0 && strcmp(last.how, "silence") == 0;
    time_format(since, row->since);
    (void)error_set(err, code, "%s%s at %s", before,
                    chose ? "the customer went back to the assistant"
                    : silence
                        ? "after a long silence the assistant has it again"
                        : "it was handed back to the assistant",
                    since);
    return error_hint(err, "%sresguardo conversation take %s%s",
                      chose ? "if there is need: " : "take it first: ", row->id,
                      chose ? " --from " HANDOVER_ASSISTANT : "");
}

int conversation_not_yours(struct registrar *r,
                           const struct conversation_row *row,
                           struct error *err)
{
    const char *const before = "the conversation is not yours: ";
    char since[TIME_SIZE];

    if (conversation_is(row, MODE_PERSON))
        return say_owner(r, row, ERR_NOT_PERMITTED, before, err);
    if (conversation_is(row, MODE_BOT))
        return say_assistant(r, row, ERR_NOT_PERMITTED, before, err);
    time_format(since, row->since);
    (void)error_set(err, ERR_NOT_PERMITTED, "%snobody has it since %s", before,
                    since);
    return error_hint(err, "take it first: resguardo conversation take %s",
                      row->id);
}

/* ---- take ---------------------------------------------------------------- */

/* Is that one the owner? By name, or by the number that who left the staff is
 * shown with. */
static bool is_from(const struct registrar *r,
                    const struct conversation_row *row, const char *from)
{
    char name[STAFF_NAME_SIZE];

    if (from == NULL || row->who < 0)
        return false;
    agent_name(r, row->who, name);
    return strcmp(name, from) == 0;
}

static int check_take(struct registrar *r, const struct conversation_order *o,
                      const struct conversation_row *row, struct error *err)
{
    struct handover_row last;
    int found;

    if (conversation_is(row, MODE_PERSON)) {
        /* Once more, where they took something back meanwhile: it is known. */
        if (row->who == (int64_t)o->by.uid)
            return row->withdrew != 0
                       ? 0
                       : error_set(err, ERR_CONFLICT, "you have it already");
        return is_from(r, row, o->from)
                   ? 0
                   : say_owner(r, row, ERR_CONFLICT, "", err);
    }
    if (!conversation_is(row, MODE_BOT) ||
        (o->from != NULL && strcmp(o->from, HANDOVER_ASSISTANT) == 0))
        return 0;
    if ((found = handover_last(r->store, row->id, &last, err)) < 0)
        return -1;
    return found > 0 && strcmp(last.how, "customer") == 0
               ? say_assistant(r, row, ERR_CONFLICT, "", err)
               : 0;
}

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

/* What stood unanswered still does: taking it is no answer. */
static int give(struct registrar *r, const struct conversation_order *o,
                struct conversation_row *row, const struct policy *policy,
                bool new, struct error *err)
{
    const int64_t from = row->who;
    struct handover_row handover;
    json_t *more;

    conversation_set(r, row, MODE_PERSON);
    row->who = o->by.uid;
    row->spoke = r->now;
    conversation_schedule(row, policy);
    if ((new ? conversation_add(r->store, row, err)
             : conversation_update(r->store, row, err)) != 0 ||
        note_taken(r, row, &handover, err) != 0)
        return -1;
    (void)leaf_whole();
    more = json_object();
    leaf_text(more, "handover_id", handover.id);
    if (from >= 0 && from != row->who)
        leaf_value(more, "from_uid", json_integer((json_int_t)from));
    return conversation_record(r, row, &o->by, "handover_taken", more, err);
}

static int take(struct registrar *r, void *arg, struct error *err)
{
    const struct conversation_order *o = arg;
    const struct policy *policy;
    struct conversation_row row;

    if (conversation_ordered(r, o, &row, err) != 0 ||
        check_take(r, o, &row, err) != 0)
        return -1;
    if ((policy = policy_find(r->policies, row.policy)) == NULL)
        return error_set(err, ERR_CONFLICT, "its policy is loaded no more");
    return give(r, o, &row, policy, false, err);
}

int registrar_take_conversation(struct registrar *r,
                                struct conversation_order *o, struct error *err)
{
    return queue_staff(r, take, o, err);
}

/* ---- open ---------------------------------------------------------------- */

static int forbids(struct error *err, const char *rule, const char *why)
{
    return error_set(err, ERR_NOT_PERMITTED, "%s: %s", rule, why);
}

/* May who did not ask for it be written to about this case? */
static int check_person(struct registrar *r, const struct case_row *of,
                        const struct policy *policy,
                        const struct subject_row *subject, struct error *err)
{
    bool open;
    int found;

    if (strcmp(of->state, "closed") == 0)
        return forbids(err, "case_closed", "there is nothing to talk about");
    if (subject->minor == MINOR_SAID)
        return forbids(err, "under_age", "nobody answers for them yet");
    if ((found = person_impersonated(r, of->subject, err)) != 0)
        return found < 0 ? -1
                         : forbids(err, "impersonation_hold",
                                   "somebody used the person's name, and may "
                                   "have the phone");
    if (gate_open(r, policy, of->subject, policy->purposes[0].id, &open, err) !=
        0)
        return -1;
    return open ? 0
                : forbids(err, "purpose_not_open",
                          "the person did not agree to it, or not any more");
}

/* Theirs at the number that they know; made where they never asked for a
 * person. *new. */
static int find_talk(struct registrar *r, const struct case_row *of,
                     const struct policy *policy,
                     const struct subject_row *subject,
                     struct conversation_row *row, bool *new, struct error *err)
{
    char number[STORE_NAME_SIZE];
    msec until = 0;
    int found;

    if (number_at(r, policy, of->subject, number, err) != 0 ||
        (number[0] != '\0' &&
         window_until(r, subject, policy->id, number, &until, err) != 0))
        return -1;
    if (until <= r->now)
        return forbids(err, "customer_service_window",
                       "the customer last wrote more than 24 hours ago, for "
                       "all that is known");
    found =
        conversation_find(r->store, of->subject, policy->id, number, row, err);
    if (found < 0)
        return -1;
    *new = found == 0;
    if (*new) {
        *row = (struct conversation_row){ .who = -1,
                                          .priority = PRIORITY_NORMAL,
                                          .heard = until - WHATSAPP_WINDOW };
        id_new_at(row->id, 'v', r->now, r->random);
        SET(row->subject, of->subject);
        SET(row->policy, of->policy);
        SET(row->number, number);
        SET(row->mode, conversation_mode_names[MODE_BOT]);
    } else if (until - WHATSAPP_WINDOW > row->heard) {
        row->heard = until - WHATSAPP_WINDOW;
    }
    return 0;
}

static int open_talk(struct registrar *r, void *arg, struct error *err)
{
    struct conversation_order *o = arg;
    struct subject_row subject;
    struct conversation_row row;
    const struct policy *policy;
    struct case_row of;
    bool new = false;
    int found = case_get(r->store, o->by.case_id, &of, err);

    if (found > 0)
        found = subject_get(r->store, of.subject, &subject, err);
    if (found < 0 || keyring_permits(r, &o->by, err) != 0)
        return -1;
    if (found == 0 || subject.blocked != 0)
        return error_set(err, ERR_NOT_FOUND, "no such case");
    if ((policy = policy_find(r->policies, of.policy)) == NULL)
        return error_set(err, ERR_CONFLICT, "its policy is loaded no more");
    if (check_person(r, &of, policy, &subject, err) != 0 ||
        find_talk(r, &of, policy, &subject, &row, &new, err) != 0)
        return -1;
    SET(o->id, row.id);
    if (!new &&check_take(r, o, &row, err) != 0)
        return -1;
    return give(r, o, &row, policy, new, err);
}

int registrar_open_conversation(struct registrar *r,
                                struct conversation_order *o, struct error *err)
{
    return queue_staff(r, open_talk, o, err);
}

/* ---- hand back ----------------------------------------------------------- */

static bool is_officer(const struct registrar *r, uint32_t uid)
{
    const struct keyring_staff *who = keyring_find(keyring_newest(r), uid);

    return who != NULL && (who->roles & ROLE_OFFICER) != 0;
}

/* Who waits has a place, and was not answered: nobody ends that. */
static int check_back(struct registrar *r, const struct conversation_order *o,
                      const struct conversation_row *row, struct error *err)
{
    if (conversation_is(row, MODE_BOT))
        return error_set(err, ERR_CONFLICT, "the bot has it already");
    if (conversation_is(row, MODE_WAITING)) {
        (void)error_set(err, ERR_CONFLICT, "nobody took it: they wait");
        return error_hint(err,
                          "take it, answer, then hand it back: resguardo "
                          "conversation take %s",
                          row->id);
    }
    if (row->who == (int64_t)o->by.uid ||
        (is_officer(r, o->by.uid) && o->by.reason != NULL))
        return 0;
    if (conversation_not_yours(r, row, err) == 0)
        return -1;
    return is_officer(r, o->by.uid)
               ? error_hint(err, "an officer hands it back with --reason")
               : -1;
}

static int hand_back(struct registrar *r, void *arg, struct error *err)
{
    const struct conversation_order *o = arg;
    const struct policy *policy;
    struct conversation_row row;
    bool open;

    if (conversation_ordered(r, o, &row, err) != 0 ||
        check_back(r, o, &row, err) != 0)
        return -1;
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
