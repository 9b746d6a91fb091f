/*
 * What becomes of a document for a customer: it goes once, or why not is on
 * record; and what Meta got for it is deleted there, as soon as the message has
 * arrived, or never will, and after two days whatever is known.
 */
#include "keep_private.h"
#include "leaf_private.h"
#include "mail_private.h"
#include "outward_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <string.h>

#include "resguardo/registrar_work.h"

#define KEPT (LIMIT_UPLOAD_H * MSEC_H)

/* ---- on record ---------------------------------------------------------- */

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
    if (delivery_update(r->store, row, err) != 0 ||
        (row->forget[0] != '\0' &&
         forget_hasten(r->store, row->forget, r->now, err) != 0))
        return -1;
    return leave(r, row, NULL, reason, NULL, err);
}

/* It had gone, as far as we were concerned; staff see that it did not. */
static int undelivered(struct registrar *r, struct delivery_row *row,
                       const char *reason, struct error *err)
{
    json_t *leaf =
        leaf_new(r, "document_undelivered", row->subject, row->policy);
    json_t *evidence = json_object();

    SET(row->state, "failed");
    SET(row->reason, reason);
    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "case_id", row->case_id);
    leaf_text(leaf, "reason", reason);
    leaf_text(evidence, "delivery_id", row->id);
    leaf_object(leaf, "evidence", evidence);
    if (leaf_append(r, leaf, NULL, err) != 0 ||
        delivery_update(r->store, row, err) != 0)
        return -1;
    return row->forget[0] == '\0'
               ? 0
               : forget_hasten(r->store, row->forget, r->now, err);
}

/* ---- the message -------------------------------------------------------- */

/* The file that Meta has, its name, and the policy's words. */
static int freely(struct registrar *r, const struct delivery_row *row,
                  const struct policy *policy, const char *media_id,
                  const json_t *file, struct buf *body, struct error *err)
{
    const char *caption = json_str(file, "caption");
    json_t *message = json_pack(
        "{s:s, s:{s:s, s:s?, s:s*}}", "type", "document", "document", "id",
        media_id, "filename", json_str(file, "name"), "caption",
        caption == NULL
            ? NULL
            : policy_prepared(policy, person_language(r, policy, row->subject),
                              caption));
    int ok = message == NULL || json_canonical(message, body) != 0
                 ? error_set(err, ERR_NOMEM, "no memory for a message")
                 : 0;

    json_decref(message);
    return ok;
}

/* The same in the header of a template: a contact, if rules let it. one->rule
 * else, or where the policy has no such template any more. */
static int by_template(struct registrar *r, const struct delivery_row *row,
                       struct outbound_one *one, const char *media_id,
                       const json_t *file, struct buf *body, struct error *err)
{
    const struct template_document document = { media_id,
                                                json_str(file, "name") };
    struct template_given given = { .template = row->template };
    json_t *of = json_object_get(file, "values"), *value;
    const char *values[LIMIT_PARAMETERS], *name;

    json_object_foreach(of, name, value)
    {
        if (given.n < LIMIT_PARAMETERS) {
            given.names[given.n] = name;
            given.values[given.n++] = json_string_value(value);
        }
    }
    if (delivery_template(one->policy, &given, true, &one->template, values,
                          err) != 0) {
        one->rule = "template_gone";
        return 0;
    }
    if (outbound_ask(r, one, err) != 0)
        return -1;
    return one->rule != NULL || template_message(one->template, values,
                                                 &document, one->id, body) == 0
               ? 0
               : error_set(err, ERR_NOMEM, "no memory for a message");
}

/* Into the outbox; *rule: what forbids it by now. */
static int queue_message(struct registrar *r, struct delivery_row *row,
                         const struct policy *policy, const char *media_id,
                         const json_t *file, const char **rule,
                         struct error *err)
{
    struct outbound_one one = { .policy = policy,
                                .subject = row->subject,
                                .number = row->number };
    struct buf body = { 0 };
    bool open;
    int ok =
        identity_window(r, row->subject, row->policy, row->number, &open, err);

    if (ok == 0 && open) {
        row->template[0] = '\0';
        ok = freely(r, row, policy, media_id, file, &body, err);
    } else if (ok == 0 && row->template[0] == '\0') {
        one.rule = "window_closed";
    } else if (ok == 0) {
        ok = by_template(r, row, &one, media_id, file, &body, err);
    }
    if (ok == 0 && one.rule == NULL)
        ok = mail_document(r, policy, row->subject, row->number, &body,
                           row->outbox, err);
    if (ok == 0 && one.rule == NULL && one.template != NULL)
        ok = outbound_enter(r, &one, row->outbox, err);
    *rule = one.rule;
    buf_free(&body);
    return ok;
}

/* ---- the end ------------------------------------------------------------ */

/* The rules again: the upload took its time, and Meta may have said meanwhile
 * that somebody else has the number. NULL, or the reason against it; *policy is
 * set then. */
static const char *late_reason(struct registrar *r,
                               const struct delivery_row *row,
                               const struct policy **policy, struct error *err)
{
    struct case_row of;
    int stands, ok = delivery_allowed(r, row->case_id, &of, policy, err);

    if (ok == 0) {
        stands = identity_check_stands(r->store, row->subject, row->policy,
                                       row->case_id, row->made, err);
        return stands > 0 ? NULL : stands == 0 ? "not_permitted" : "";
    }
    return err->code == ERR_NOT_PERMITTED || err->code == ERR_NOT_FOUND
               ? "not_permitted"
               : "";
}

/* It goes, or does not; end->refused says which. */
static int send_it(struct registrar *r, struct delivery_row *row,
                   struct delivery_end *end, struct error *err)
{
    const struct policy *policy = NULL;
    const char *rule = NULL, *reason = late_reason(r, row, &policy, err);
    struct buf text = { 0 };
    json_t *file = NULL;
    int ok = -1;

    end->refused = reason != NULL;
    if (reason != NULL)
        return reason[0] == '\0' ? -1 : fail(r, row, reason, err);
    if (delivery_file(r->store, row->id, &text, err) == 1 &&
        (file = json_parse(text.p, text.len, err)) != NULL)
        ok = queue_message(r, row, policy, end->media_id, file, &rule, err);
    if (ok == 0 && rule != NULL) {
        end->refused = true;
        ok = fail(r, row, "not_permitted", err);
    } else if (ok == 0) {
        SET(row->state, "sent");
        ok = delivery_update(r->store, row, err) != 0
                 ? -1
                 : leave(r, row, end, NULL, json_str(file, "commitment"), err);
    }
    json_decref(file);
    buf_free(&text);
    return ok;
}

static int end_one(struct registrar *r, void *arg, struct error *err)
{
    struct delivery_end *end = arg;
    struct delivery_row row;
    bool uploaded = end->media_id != NULL && end->media_id[0] != '\0';
    int found = delivery_get(r->store, end->id, &row, err);

    if (found < 0)
        return -1;
    end->over = found == 0 || strcmp(row.state, "ordered") != 0;
    /* Rows are the truth: from here on somebody asks Meta to delete it. */
    if (uploaded &&
        forget_upload(r, end->number, end->media_id,
                      end->over ? r->now : r->now + KEPT, row.forget, err) != 0)
        return -1;
    if (end->over)
        return 0;
    return end->reason != NULL ? fail(r, &row, end->reason, err)
                               : send_it(r, &row, end, err);
}

int registrar_end_delivery(struct registrar *r, struct delivery_end *end,
                           struct error *err)
{
    if (queue_staff(r, end_one, end, err) != 0)
        return -1;
    return !end->over ? 0
                      : error_set(err, ERR_CONFLICT,
                                  "the order is over: order it again");
}

/* ---- on its way --------------------------------------------------------- */

int delivery_recheck(struct registrar *r, const struct outbox_row *due,
                     bool *ended, struct error *err)
{
    struct outbox_row message = *due;
    const struct policy *policy;
    struct delivery_row row;
    const char *reason;
    int found = delivery_of_message(r->store, due->id, &row, err);

    *ended = false;
    if (found <= 0)
        return found < 0
                   ? -1
                   : error_set(err, ERR_INVARIANT, "a document of no order");
    reason = late_reason(r, &row, &policy, err);
    if (reason != NULL && reason[0] == '\0')
        return -1;
    if (reason == NULL && row.template[0] != '\0' &&
        outbound_recheck(r, due, ended, err) != 0)
        return -1;
    if (reason == NULL && !*ended)
        return 0;
    *ended = true;
    SET(message.state, "failed");
    return outbox_update(r->store, &message, NULL, err) != 0
               ? -1
               : undelivered(r, &row, "not_permitted", err);
}

int delivery_settled(struct registrar *r, const char *outbox, bool failed,
                     struct error *err)
{
    struct delivery_row row;
    int found = delivery_of_message(r->store, outbox, &row, err);

    if (found <= 0)
        return found;
    if (failed && strcmp(row.state, "sent") == 0)
        return undelivered(r, &row, "refused", err);
    return row.forget[0] == '\0'
               ? 0
               : forget_hasten(r->store, row.forget, r->now, err);
}

/* ---- orders whose bytes never came -------------------------------------- */

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
