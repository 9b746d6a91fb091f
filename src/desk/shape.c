/* Rows as the JSON that staff's programs read. Absent is null. */
#include "desk_private.h"

#include <string.h>

json_t *shape_text(const char *text)
{
    return text == NULL || text[0] == '\0' ? json_null() : json_string(text);
}

json_t *shape_time(msec time)
{
    char text[TIME_SIZE];

    if (time == 0)
        return json_null();
    time_format(text, time);
    return json_string(text);
}

static const char *priority(int n)
{
    return priority_names[n >= 0 && n < PRIORITY__MAX ? n : PRIORITY_NORMAL];
}

static json_t *uid_or_null(int64_t uid)
{
    return uid < 0 ? json_null() : json_integer((json_int_t)uid);
}

json_t *shape_case(const struct case_row *row)
{
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:I, s:o, s:s, s:o, s:o}",
        "id", row->id, "state", row->state, "subject", row->subject, "policy",
        row->policy, "procedure", shape_text(row->procedure), "completed_at",
        shape_time(row->completed), "opened_at", shape_time(row->opened),
        "closed_at", shape_time(row->closed), "documents",
        (json_int_t)row->documents, "owner_uid", uid_or_null(row->owner),
        "priority", priority(row->priority), "relation",
        shape_text(row->relation), "mandate", shape_text(row->mandate));
}

json_t *shape_conversation(const struct conversation_row *row)
{
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:I}", "id",
        row->id, "subject", row->subject, "policy", row->policy, "state",
        row->mode, "since", shape_time(row->since), "priority",
        priority(row->priority), "agent_uid", uid_or_null(row->who), "heard_at",
        shape_time(row->heard), "window_until",
        shape_time(row->heard + WHATSAPP_WINDOW), "unanswered_since",
        shape_time(row->unanswered), "messages", (json_int_t)row->kept);
}

json_t *shape_chat(const struct chat_row *row)
{
    return json_pack("{s:s, s:o, s:o, s:s, s:o, s:o, s:o}", "id", row->id,
                     "conversation_id", shape_text(row->conversation),
                     "case_id", shape_text(row->case_id), "kind", row->kind,
                     "at", shape_time(row->made), "author_uid",
                     uid_or_null(row->author), "sent", shape_text(row->sent));
}

/* An item's id; unclear: theirs to say; unrequested: nobody asked for it. */
static json_t *shape_item(const char *item)
{
    if (strcmp(item, ITEM_UNREQUESTED) == 0)
        return json_string("unrequested");
    if (strcmp(item, ITEM_UNCLEAR) == 0 || strcmp(item, ITEM_ASKED) == 0)
        return json_string("unclear");
    return shape_text(item);
}

json_t *shape_attachment(const struct attachment_row *row)
{
    return json_pack("{s:s, s:s, s:o, s:o, s:s, s:o, s:o, s:o}", "id", row->id,
                     "subject", row->subject, "item", shape_item(row->item),
                     "case_id", shape_text(row->case_id), "state", row->state,
                     "announced_type", shape_text(row->announced_type),
                     "reason", shape_text(row->reason), "received_at",
                     shape_time(row->received));
}

json_t *shape_case_item(const struct policy_item *item,
                        const struct case_item_row *row)
{
    const char *state = row->kept > 0        ? "stored"
                        : row->taken         ? "received"
                        : row->under_way > 0 ? "under_way"
                        : row->refused > 0   ? "refused"
                                             : "missing";

    return json_pack("{s:s, s:s, s:b, s:s, s:I}", "id", item->id, "state",
                     state, "required", item->required, "channel",
                     item_channel_names[item->channel], "documents",
                     (json_int_t)row->kept);
}

/* "a,b" as ["a", "b"]. */
static json_t *list_of(const char *text)
{
    json_t *list = json_array();

    while (*text != '\0') {
        size_t len = strcspn(text, ",");

        if (json_array_append_new(list, json_stringn(text, len)) != 0) {
            json_decref(list);
            return NULL;
        }
        text += len;
        text += *text == ',';
    }
    return list;
}

json_t *shape_document(const struct document_row *row, const char *file_name,
                       const char *caption)
{
    char hash[HEX_SIZE(SHA256_LEN)];

    hex_encode(hash, row->payload_sha256, SHA256_LEN);
    return json_pack(
        "{s:s, s:s, s:o, s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:s}", "id",
        row->id, "case_id", row->case_id, "item", shape_item(row->item),
        "subject", row->subject, "state", row->state, "media_type",
        row->media_type, "size", (json_int_t)row->size, "file_name",
        shape_text(file_name), "caption", shape_text(caption), "purposes",
        list_of(row->purposes), "received_at", shape_time(row->received),
        "payload_sha256", hash);
}

/* ---- status ------------------------------------------------------------- */

static json_t *attachment_counts(const struct store_counts *counts)
{
    static const char *const states[] = { "held",        "queued",  "fetching",
                                          "judging",     "stored",  "refused",
                                          "quarantined", "expired", "dropped" };
    const size_t rows =
        sizeof(counts->attachments) / sizeof(counts->attachments[0]);
    json_t *o = json_object();

    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        json_int_t n = 0;

        for (size_t k = 0; k < rows; k++)
            if (strcmp(counts->attachments[k].state, states[i]) == 0)
                n = counts->attachments[k].n;
        if (json_object_set_new(o, states[i], json_integer(n)) != 0) {
            json_decref(o);
            return NULL;
        }
    }
    return o;
}

json_t *shape_status(const struct registrar_status *status,
                     const struct store_counts *counts, unsigned epoch,
                     msec uptime, const char *sandbox)
{
    json_t *box = sandbox == NULL ? NULL : json_loads(sandbox, 0, NULL);
    json_t *webhooks = json_pack("{s:I, s:I, s:I, s:o}", "answered",
                                 (json_int_t)status->webhooks, "ignored",
                                 (json_int_t)status->ignored, "duplicates",
                                 (json_int_t)status->duplicates, "last_at",
                                 shape_time(status->webhook_at));

    return json_pack(
        "{s:s, s:b, s:b, s:b, s:s?, s:b, s:I, s:I, s:I, s:o, s:I, s:I,"
        " s:o, s:I, s:o}",
        "version", RESGUARDO_VERSION, "ready", status->ready, "healthy",
        status->healthy, "read_only", status->read_only, "storage",
        status->storage, "token_refused", status->token_refused,
        "uptime_seconds", (json_int_t)(uptime / MSEC_S), "ledger_size",
        (json_int_t)status->ledger_size, "outbox_pending",
        (json_int_t)counts->outbox_pending, "attachments",
        attachment_counts(counts), "documents", (json_int_t)counts->documents,
        "dead_letters", (json_int_t)counts->dead_letters, "webhooks", webhooks,
        "epoch", (json_int_t)epoch, "sandbox", box != NULL ? box : json_null());
}
