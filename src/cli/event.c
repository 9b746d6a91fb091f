/* From an entry of the ledger to what others are told of it. */
#include "events.h"

#include <inttypes.h>
#include <string.h>

/* Whatever is not here stays in the house: who read what, keys, staff. */
static const struct {
    const char *entry, *event;
} names[] = {
    { "case_opened", "case.opened" },
    { "case_completed", "case.complete" },
    { "case_reopened", "case.reopened" },
    { "case_closed", "case.closed" },
    { "media_stored", "document.stored" },
    { "media_quarantined", "document.quarantined" },
    { "media_refused", "document.refused" },
    { "document_moved", "document.moved" },
    { "document_returned", "document.returned" },
    { "document_denied", "document.denied" },
    { "document_blocked", "document.blocked" },
    { "document_erased", "document.erased" },
    { "consent_given", "consent.given" },
    { "consent_refused", "consent.refused" },
    { "consent_withdrawn", "consent.withdrawn" },
    { "subject_blocked", "subject.blocked" },
    { "subject_erased", "subject.erased" },
    { "request_opened", "request.opened" },
    { "request_extended", "request.extended" },
    { "request_overdue", "request.overdue" },
    { "request_deemed_accepted", "request.deemed_accepted" },
    { "request_closed", "request.closed" },
    { "request_step_due", "request.step_due" },
    { "request_step_over", "request.step_over" },
    { "handover_asked", "handover.waiting" },
    { "handover_escalated", "handover.escalated" },
    { "handover_taken", "handover.taken" },
    { "handover_returned", "handover.returned" },
    { "handover_ended", "handover.ended" },
    { "contact_noted", "contact.noted" },
    { "outbound_queued", "outbound.queued" },
    { "outbound_denied", "outbound.denied" },
    { "outbound_answered", "outbound.answered" },
    { "promise_made", "promise.made" },
    { "promise_kept", "promise.kept" },
    { "promise_broken", "promise.broken" },
    { "case_rated", "case.rated" },
};

/* Ids, times and words of closed lists, where the entry or its evidence has
 * them. Names of staff, hashes, nonces and commitments are not for others. */
static const char *const members[] = {
    "subject",     "policy",     "case_id",       "procedure",
    "document_id", "item",       "attachment_id", "purpose",
    "legal_basis", "channel",    "language",      "provider_time",
    "reason",      "request_id", "kind",          "outcome",
    "due",         "until",      "priority",      "conversation_id",
    "handover_id", "template",   "class",         "rule",
    "batch",       "row",        "outbound_id",   "rating",
    "erasure_id",  "ground",     "scope",         "documents",
    "stage",       "answer",     "promise_id",    "replaces",
    "contact_id",  "direction",  "type",          "clock",
    "step",
};

void event_out_free(struct event_out *event)
{
    buf_free(&event->body);
    memset(event, 0, sizeof(*event));
}

static const char *name_of(const char *entry)
{
    for (size_t i = 0; entry != NULL && i < sizeof(names) / sizeof(names[0]);
         i++)
        if (strcmp(names[i].entry, entry) == 0)
            return names[i].event;
    return NULL;
}

/* Rows of requests call their clock their kind. */
static int add_kind(json_t *out, const json_t *evidence)
{
    json_t *clock = json_object_get(evidence, "clock");

    return !json_is_string(clock) || json_object_get(out, "kind") != NULL
               ? 0
               : json_object_set(out, "kind", clock);
}

/* What is neither a word nor a number has no place here. */
static int copy_members(json_t *out, const json_t *entry)
{
    const json_t *evidence = json_object_get(entry, "evidence");

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        json_t *value = json_object_get(entry, members[i]);

        if (value == NULL)
            value = json_object_get(evidence, members[i]);
        if (!json_is_string(value) && !json_is_integer(value))
            continue;
        if (json_object_set(out, members[i], value) != 0)
            return -1;
    }
    return add_kind(out, evidence);
}

static int write_body(struct event_out *event, const char *origin,
                      uint64_t index, const json_t *entry, struct error *e)
{
    json_t *o =
        json_pack("{s:i, s:s, s:s, s:s, s:I, s:s}", "v", 1, "id", event->id,
                  "event", event->name, "origin", origin, "index",
                  (json_int_t)index, "time", json_str(entry, "time"));
    int ok = -1;

    if (o == NULL || copy_members(o, entry) != 0 ||
        json_canonical(o, &event->body) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for an event");
    else
        ok = 1;
    json_decref(o);
    return ok;
}

int event_make(struct event_out *event, const char *origin, uint64_t index,
               const void *bytes, size_t len, struct error *e)
{
    struct error why = { 0 };
    json_t *entry = json_parse(bytes, len, &why);
    const json_t *place = json_object_get(entry, "index");
    int ok = -1;

    *event = (struct event_out){ 0 };
    if (json_str(entry, "time") == NULL || !json_is_integer(place) ||
        (uint64_t)json_integer_value(place) != index) {
        (void)error_set(e, why.code == ERR_NOMEM ? ERR_NOMEM : ERR_VERIFY,
                        "entry %" PRIu64 " is none", index);
        goto out;
    }
    event->name = name_of(json_str(entry, "event_type"));
    if (event->name == NULL) {
        ok = 0;
        goto out;
    }
    (void)snprintf(event->id, sizeof(event->id), "%s/%" PRIu64, origin, index);
    ok = write_body(event, origin, index, entry, e);
out:
    json_decref(entry);
    return ok;
}

void event_sign(char out[static EVENT_SIGNATURE_SIZE],
                const struct secret *secret, const struct buf *body)
{
    uint8_t mac[SHA256_LEN];

    sha256_hmac(mac, secret->p, secret->len, body->p, body->len);
    memcpy(out, "sha256=", 7);
    hex_encode(out + 7, mac, sizeof(mac));
}
