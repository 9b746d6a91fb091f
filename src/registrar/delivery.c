/*
 * Documents that staff send to a customer. Who has the phone need not be the
 * person: staff give them a code over another channel, and they write it in the
 * chat. The bytes are never here; what is, is who wanted it, the hash of what
 * went, and that it went once.
 */
#include "persons.h"

#include <string.h>

#include <sodium.h>

/* A rule that forbids it, in words that name it. */
static int forbids(struct error *err, const char *rule, const char *why)
{
    return error_set(err, ERR_NOT_PERMITTED, "%s: %s", rule, why);
}

/* Of a case: may anything be sent to its person at all? */
static int look(struct registrar *r, const char *code, struct case_row *of,
                const struct policy **policy, struct error *err)
{
    struct subject_row subject;
    struct hold_row hold;
    bool open;
    int found = case_get(r->store, code, of, err);

    if (found > 0)
        found = subject_get(r->store, of->subject, &subject, err);
    if (found < 0)
        return -1;
    if (found == 0 || subject.blocked != 0)
        return error_set(err, ERR_NOT_FOUND, "no such case");
    *policy = policy_find(r->policies, of->policy);
    if (*policy == NULL || !(*policy)->send_documents)
        return forbids(err, "send_documents",
                       "the policy sends no documents in the chat");
    found = hold_impersonated(r->store, of->subject, &hold, err);
    if (found != 0)
        return found < 0 ? -1
                         : forbids(err, "impersonation_hold",
                                   "somebody used the person's name, and may "
                                   "have the phone");
    if (gate_open(r, *policy, of->subject, (*policy)->purposes[0].id, &open,
                  err) != 0)
        return -1;
    return open ? 0
                : forbids(err, "purpose_not_open",
                          "the person did not agree to it, or not any more");
}

static struct staff_access access_of(const struct staff_access *by,
                                     const struct case_row *of,
                                     const char *event)
{
    struct staff_access access = *by;

    access.event_type = event;
    SET(access.subject, of->subject);
    SET(access.case_id, of->id);
    access.policy = of->policy;
    return access;
}

/* ---- the code ----------------------------------------------------------- */

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

static int ask_code(struct registrar *r, void *arg, struct error *err)
{
    struct code_order *o = arg;
    struct identity_check_row row = { .until = r->now + LIMIT_CODE_LIFE };
    const struct policy *policy;
    struct subject_row subject;
    struct staff_access by;
    struct case_row of;
    json_t *more;

    if (keyring_permits(r, &o->by, err) != 0 ||
        look(r, o->by.case_id, &of, &policy, err) != 0 ||
        number_at(r, policy, of.subject, row.number, err) != 0 ||
        subject_get(r->store, of.subject, &subject, err) != 1)
        return -1;
    if (row.number[0] == '\0')
        return error_set(err, ERR_CONFLICT, "they never wrote to this policy");
    id_new_at(row.id, 'j', r->now, r->random);
    SET(row.subject, of.subject);
    SET(row.policy, of.policy);
    SET(row.case_id, of.id);
    draw_code(r, o->code);
    o->until = row.until;
    if (identity_check_add(r->store, &row, o->code, err) != 0)
        return -1;
    o->told = subject.contact > r->now - WHATSAPP_WINDOW;
    if (o->told && tell(r, policy, &row, DELIVERY_ASKED, err) != 0)
        return -1;
    by = access_of(&o->by, &of, "identity_check_asked");
    more = json_object();
    leaf_text(more, "check_id", row.id);
    return staff_record(r, &by, more, err);
}

int registrar_ask_code(struct registrar *r, struct code_order *order,
                       struct error *err)
{
    return queue_staff(r, ask_code, order, err);
}

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

/* ---- the order ---------------------------------------------------------- */

/* Did they write the code of this case lately? */
static int check_identity(struct registrar *r, const struct case_row *of,
                          char number[static STORE_NAME_SIZE],
                          struct error *err)
{
    struct identity_check_row row;
    bool ignored;
    int found = identity_check_newest(r->store, of->subject, of->policy, NULL,
                                      &row, &ignored, err);

    if (found < 0)
        return -1;
    if (found == 0 || row.passed == 0 || strcmp(row.case_id, of->id) != 0 ||
        row.passed + LIMIT_CODE_GOOD <= r->now) {
        (void)forbids(err, "identity_not_checked",
                      "the person has not written the code in the last hour");
        return error_hint(err,
                          "resguardo document code %s, and tell it to them "
                          "over another channel",
                          of->id);
    }
    memcpy(number, row.number, STORE_NAME_SIZE);
    return 0;
}

/* What is known of the file, and a commitment to its hash. */
static int describe(struct registrar *r, const struct delivery_order *o,
                    char commitment[static 65], struct buf *out,
                    struct error *err)
{
    char hex[HEX_SIZE(SHA256_LEN)], salt_hex[HEX_SIZE(SALT_LEN)];
    uint8_t salt[SALT_LEN];
    json_t *file;
    int ok = -1;

    leaf_commit(r, o->sha256, SHA256_LEN, salt, commitment);
    hex_encode(hex, o->sha256, SHA256_LEN);
    hex_encode(salt_hex, salt, sizeof(salt));
    file = json_pack("{s:s, s:s, s:I, s:s, s:s, s:s*}", "sha256", hex, "salt",
                     salt_hex, "size", (json_int_t)o->size, "name", o->name,
                     "commitment", commitment, "caption", o->caption);
    if (file == NULL || json_canonical(file, out) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a document");
    else
        ok = 0;
    json_decref(file);
    return ok;
}

static int order_one(struct registrar *r, void *arg, struct error *err)
{
    struct delivery_order *o = arg;
    struct delivery_row row = { .ordered_by = o->by.uid, .made = r->now };
    const struct policy *policy;
    struct buf file = { 0 };
    struct staff_access by;
    struct case_row of;
    char commitment[65];
    json_t *more;
    int ok = -1;

    if (keyring_permits(r, &o->by, err) != 0 ||
        look(r, o->by.case_id, &of, &policy, err) != 0 ||
        check_identity(r, &of, row.number, err) != 0)
        return -1;
    if (o->caption != NULL &&
        policy_prepared(policy, &policy->languages[0], o->caption) == NULL)
        return error_set(err, ERR_NOT_FOUND, "no such prepared text: %s",
                         o->caption);
    id_new_at(row.id, 'y', r->now, r->random);
    SET(row.subject, of.subject);
    SET(row.policy, of.policy);
    SET(row.case_id, of.id);
    SET(row.state, "ordered");
    SET(o->id, row.id);
    SET(o->number, row.number);
    if (describe(r, o, commitment, &file, err) == 0)
        ok = delivery_add(r->store, &row, file.p, file.len, err);
    buf_free(&file);
    if (ok != 0)
        return -1;
    by = access_of(&o->by, &of, "document_send_ordered");
    by.committed = "file";
    by.commitment = commitment;
    more = json_object();
    leaf_text(more, "delivery_id", row.id);
    leaf_value(more, "size", json_integer((json_int_t)o->size));
    leaf_text(more, "prepared", o->caption);
    return staff_record(r, &by, more, err);
}

int registrar_order_delivery(struct registrar *r, struct delivery_order *order,
                             struct error *err)
{
    return queue_staff(r, order_one, order, err);
}

/* ---- the end ------------------------------------------------------------ */

static int leave(struct registrar *r, const struct delivery_row *row,
                 const struct delivery_end *end, const char *reason,
                 const char *commitment, struct error *err)
{
    json_t *leaf =
        leaf_new(r, reason == NULL ? "document_sent" : "document_send_failed",
                 row->subject, row->policy);
    json_t *evidence = json_object(), *commitments = json_object();

    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "case_id", row->case_id);
    leaf_text(leaf, "channel", reason == NULL ? "whatsapp" : NULL);
    leaf_text(leaf, "reason", reason);
    leaf_text(evidence, "delivery_id", row->id);
    if (reason == NULL) {
        leaf_text(evidence, "media_type", end->media_type);
        leaf_value(evidence, "size", json_integer((json_int_t)end->size));
        leaf_text(commitments, "file", commitment);
    }
    leaf_object(leaf, "evidence", evidence);
    leaf_object(leaf, "commitments", commitments);
    return leaf_append(r, leaf, NULL, err);
}

static int fail(struct registrar *r, struct delivery_row *row,
                const char *reason, struct error *err)
{
    SET(row->state, "failed");
    SET(row->reason, reason);
    return delivery_update(r->store, row, err) != 0
               ? -1
               : leave(r, row, NULL, reason, NULL, err);
}

/* The message: the file that Meta has, its name, and the policy's words. */
static int queue_message(struct registrar *r, struct delivery_row *row,
                         const struct policy *policy, const char *media_id,
                         const json_t *file, struct error *err)
{
    const char *caption = json_str(file, "caption");
    json_t *message = json_pack(
        "{s:s, s:{s:s, s:s?, s:s*}}", "type", "document", "document", "id",
        media_id, "filename", json_str(file, "name"), "caption",
        caption == NULL
            ? NULL
            : policy_prepared(policy, person_language(r, policy, row->subject),
                              caption));
    struct buf body = { 0 };
    int ok = -1;

    if (message == NULL || json_canonical(message, &body) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a message");
    else
        ok = mail_document(r, policy, row->subject, row->number, &body,
                           row->outbox, err);
    json_decref(message);
    buf_free(&body);
    return ok;
}

/* The rules again: the upload took its time. NULL, or the reason against it;
 * *policy is set then. */
static const char *late_reason(struct registrar *r,
                               const struct delivery_row *row,
                               const struct policy **policy, struct error *err)
{
    struct case_row of;
    int ok = look(r, row->case_id, &of, policy, err);

    if (ok == 0)
        return NULL;
    return err->code == ERR_NOT_PERMITTED || err->code == ERR_NOT_FOUND
               ? "not_permitted"
               : "";
}

static int end_one(struct registrar *r, void *arg, struct error *err)
{
    struct delivery_end *end = arg;
    const struct policy *policy = NULL;
    struct delivery_row row;
    struct buf text = { 0 };
    const char *reason = end->reason;
    json_t *file = NULL;
    int ok = -1, found = delivery_get(r->store, end->id, &row, err);

    if (found <= 0 || strcmp(row.state, "ordered") != 0)
        return found < 0 ? -1
                         : error_set(err, ERR_CONFLICT,
                                     "the order is over: order it again");
    if (reason == NULL && (reason = late_reason(r, &row, &policy, err)) != NULL)
        end->refused = true;
    if (reason != NULL)
        return reason[0] == '\0' ? -1 : fail(r, &row, reason, err);
    if (delivery_file(r->store, row.id, &text, err) == 1 &&
        (file = json_parse(text.p, text.len, err)) != NULL &&
        queue_message(r, &row, policy, end->media_id, file, err) == 0) {
        SET(row.state, "sent");
        ok = delivery_update(r->store, &row, err) != 0
                 ? -1
                 : leave(r, &row, end, NULL, json_str(file, "commitment"), err);
    }
    json_decref(file);
    buf_free(&text);
    return ok;
}

int registrar_end_delivery(struct registrar *r, struct delivery_end *end,
                           struct error *err)
{
    return queue_staff(r, end_one, end, err);
}

struct late {
    struct registrar *r;
    struct error *err;
};

static int give_up(void *arg, const struct delivery_row *found)
{
    const struct late *l = arg;
    struct delivery_row row = *found;

    return fail(l->r, &row, "time", l->err);
}

int delivery_upkeep(struct registrar *r, struct error *err)
{
    struct late l = { r, err };

    return delivery_late(r->store, r->now - LIMIT_SEND_WAIT, PUMP_ROWS, give_up,
                         &l, err);
}
