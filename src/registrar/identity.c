/*
 * Is it them? Who has the phone need not be the person: staff give them a code
 * over another channel, and they write it in the chat, where documents of their
 * case can go from then on, as long as the policy lets that count.
 */
#include "consent_private.h"
#include "keyring_private.h"
#include "leaf_private.h"
#include "mail_private.h"
#include "outward_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <string.h>

#include "resguardo/registrar_work.h"

/* ---- asked for ---------------------------------------------------------- */

/* Six digits, each as likely as the others. */
static void draw_code(struct registrar *r, char out[static LIMIT_CODE_LEN + 1])
{
    uint8_t byte;

    for (size_t i = 0; i < LIMIT_CODE_LEN;) {
        random_fill(r->random, &byte, 1);
        if (byte < 250)
            out[i++] = (char)('0' + byte % 10);
    }
    out[LIMIT_CODE_LEN] = '\0';
}

/* Said where WhatsApp lets us; else they write the code all the same. */
static int tell(struct registrar *r, const struct policy *policy,
                const struct identity_check_row *row, enum delivery_text text,
                struct error *err)
{
    const char *const pairs[] = { "case", row->case_id, NULL };
    struct buf words = { 0 };
    int ok = -1;

    if (policy_fill(&words,
                    person_language(r, policy, row->subject)->delivery[text],
                    pairs) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a message");
    else
        ok = mail_say(r, policy, row->subject, row->number, "say",
                      (const char *)words.p, err);
    buf_free(&words);
    return ok;
}

/* The template says that a code is awaited, if rules of contact let it: o->rule
 * else. */
static int tell_by_template(struct registrar *r, const struct policy *policy,
                            const struct identity_check_row *row,
                            struct code_order *o, struct error *err)
{
    const char *values[LIMIT_PARAMETERS];
    struct outbound_one one = { .policy = policy,
                                .subject = row->subject,
                                .number = row->number };
    struct buf body = { 0 };
    char outbox[ID_SIZE];
    int ok = -1;

    if (delivery_template(policy, &o->with, false, &one.template, values,
                          err) != 0 ||
        outbound_ask(r, &one, err) != 0)
        return -1;
    o->rule = one.rule;
    if (o->rule != NULL)
        return 0;
    o->told = "template";
    if (template_message(one.template, values, NULL, one.id, &body) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a message");
    else if (mail_notice(r, policy, row->subject, row->number, &body, outbox,
                         err) == 0)
        ok = outbound_enter(r, &one, outbox, err);
    buf_free(&body);
    return ok;
}

/* In the chat where that may be; else by a template, if staff named one. */
static int announce(struct registrar *r, const struct policy *policy,
                    const struct identity_check_row *row, struct code_order *o,
                    struct error *err)
{
    const struct policy_template *ignored;
    const char *values[LIMIT_PARAMETERS];
    bool open;

    /* A slip in its values is told, whether it is needed today or not. */
    if (o->with.template != NULL &&
        delivery_template(policy, &o->with, false, &ignored, values, err) != 0)
        return -1;
    if (identity_window(r, row->subject, row->policy, row->number, &open,
                        err) != 0)
        return -1;
    if (!open)
        return o->with.template == NULL
                   ? 0
                   : tell_by_template(r, policy, row, o, err);
    o->told = "chat";
    return tell(r, policy, row, DELIVERY_ASKED, err);
}

static int ask_code(struct registrar *r, void *arg, struct error *err)
{
    struct code_order *o = arg;
    struct identity_check_row row = { .until = r->now + LIMIT_CODE_LIFE };
    const struct policy *policy;
    struct staff_access by;
    struct case_row of;
    json_t *more;

    o->told = o->rule = NULL;
    if (keyring_permits(r, &o->by, err) != 0 ||
        delivery_allowed(r, o->by.case_id, &of, &policy, err) != 0 ||
        number_at(r, policy, of.subject, row.number, err) != 0)
        return -1;
    if (row.number[0] == '\0')
        return error_set(err, ERR_CONFLICT, "they never wrote to this policy");
    id_new_at(row.id, 'j', r->now, r->random);
    SET(row.subject, of.subject);
    SET(row.policy, of.policy);
    SET(row.case_id, of.id);
    if (announce(r, policy, &row, o, err) != 0)
        return -1;
    if (o->rule != NULL)
        return 0;
    draw_code(r, o->code);
    o->until = row.until;
    if (identity_check_add(r->store, &row, o->code, err) != 0)
        return -1;
    by = delivery_access(&o->by, &of, "identity_check_asked");
    more = json_object();
    leaf_text(more, "check_id", row.id);
    leaf_text(more, "told", o->told);
    return staff_record(r, &by, more, err);
}

int registrar_ask_code(struct registrar *r, struct code_order *order,
                       struct error *err)
{
    if (queue_staff(r, ask_code, order, err) != 0)
        return -1;
    return order->rule == NULL
               ? 0
               : delivery_forbids(err, order->rule,
                                  "the template may not go to them now");
}

/* ---- written ------------------------------------------------------------ */

static int check_leaf(struct registrar *r, const struct deciding *d,
                      const struct identity_check_row *row, const char *event,
                      struct error *err)
{
    json_t *leaf = leaf_new(r, event, row->subject, row->policy);
    json_t *evidence = json_object();

    leaf_text(leaf, "actor", "subject");
    leaf_text(leaf, "case_id", row->case_id);
    leaf_text(leaf, "channel", "whatsapp");
    leaf_time(leaf, "provider_time", d->item->provider_s * MSEC_S);
    leaf_text(evidence, "check_id", row->id);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

/* Written at the number that it was asked at, and in time. */
static bool is_awaited(const struct registrar *r, const struct deciding *d,
                       const struct identity_check_row *row)
{
    return row->passed == 0 && row->tries < LIMIT_CODE_TRIES &&
           r->now < row->until && strcmp(row->number, d->item->number) == 0;
}

int delivery_code(struct registrar *r, const struct deciding *d, bool *was,
                  struct error *err)
{
    const char *text = d->item->text;
    struct identity_check_row row;
    bool right;
    int found;

    /* Nothing is read for who writes anything but six digits. */
    *was = false;
    if (!d->policy->send_documents || d->item->kind != WEBHOOK_TEXT ||
        text == NULL || strlen(text) != LIMIT_CODE_LEN ||
        strspn(text, "0123456789") != LIMIT_CODE_LEN)
        return 0;
    found = identity_check_newest(r->store, d->subject->id, d->policy->id, text,
                                  &row, &right, err);
    if (found <= 0 || !is_awaited(r, d, &row))
        return found < 0 ? -1 : 0;
    *was = true;
    if (right)
        row.passed = r->now;
    else
        row.tries++;
    if (identity_check_update(r->store, &row, err) != 0 ||
        tell(r, d->policy, &row, right ? DELIVERY_RIGHT : DELIVERY_WRONG,
             err) != 0)
        return -1;
    return !right && row.tries < LIMIT_CODE_TRIES
               ? 0
               : check_leaf(
                     r, d, &row,
                     right ? "identity_checked" : "identity_check_failed", err);
}

/* ---- does it count? ----------------------------------------------------- */

int identity_counts(struct registrar *r, const struct policy *policy,
                    const struct case_row *of, struct identity_check_row *row,
                    struct error *err)
{
    bool ignored;
    int found = identity_check_newest(r->store, of->subject, of->policy, NULL,
                                      row, &ignored, err);

    if (found < 0)
        return -1;
    if (found > 0 && row->passed != 0 && strcmp(row->case_id, of->id) == 0 &&
        row->passed + policy->identity_lasts > r->now)
        return 0;
    (void)delivery_forbids(err, "identity_not_checked",
                           "the person has not written the code, or too long "
                           "ago");
    return error_hint(err,
                      "resguardo document code %s, and tell it to them over "
                      "another channel",
                      of->id);
}

int identity_window(struct registrar *r, const char *subject,
                    const char *policy, const char *number, bool *open,
                    struct error *err)
{
    struct subject_row person;
    int found = subject_get(r->store, subject, &person, err);

    if (found <= 0)
        return found < 0 ? -1
                         : error_set(err, ERR_INVARIANT, "a case of nobody");
    return window_open(r, &person, policy, number, open, err);
}
