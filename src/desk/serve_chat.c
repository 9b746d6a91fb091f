/*
 * What was written: sealed, and handing it out is a reading on record. Staff's
 * programs open it. Beside it what came and what happened meanwhile, which has
 * no words.
 */
#include "desk_private.h"

#include <string.h>

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a conversation");
}

/* ---- what happened ------------------------------------------------------- */

struct happening {
    struct request *r;
    const struct conversation_row *of;
    msec from; /* what was before says nothing about this conversation */
    json_t *files, *events;
    struct error *err;
};

static bool is_ours(const struct happening *h, const char *policy, msec at)
{
    return at >= h->from && strcmp(policy, h->of->policy) == 0;
}

/* At 0 it did not happen. */
static int put_event(struct happening *h, msec at, const char *what,
                     const char *detail, int64_t who)
{
    char name[STAFF_NAME_SIZE];
    json_t *o;

    if (at == 0 || at < h->from)
        return 0;
    o = json_pack(
        "{s:s, s:o, s:s, s:o, s:o}", "kind", "event", "at", shape_time(at),
        "text", what, "sent", shape_text(detail), "author",
        who < 0 ? json_null() : json_string(staff_name(h->r, who, name)));
    return json_array_append_new(h->events, o) == 0 ? 0 : no_memory(h->err);
}

static int put_handover(struct happening *h, const char *id)
{
    struct handover_row row;
    int found = handover_get(h->r->store, id, &row, h->err);

    if (found <= 0 || strcmp(row.conversation, h->of->id) != 0)
        return found < 0 ? -1 : 0;
    return put_event(h, row.asked, "asked for a person", "", -1) != 0 ||
                   put_event(h, row.taken, "an agent took it", "",
                             row.taken_by) != 0
               ? -1
               : put_event(h, row.ended,
                           strcmp(row.how, "customer") == 0
                               ? "chose the assistant"
                               : "given back to the assistant",
                           row.how, -1);
}

/* The last yes and the last no of each purpose. */
static int put_decision(void *arg, const struct consent_row *row)
{
    struct happening *h = arg;
    const bool withdrew = strcmp(row->state, "withdrawn") == 0;

    if (strcmp(row->policy, h->of->policy) != 0)
        return 0;
    return put_event(h, row->yes_s * MSEC_S, "agreed", row->purpose, -1) != 0
               ? -1
               : put_event(h, row->no_s * MSEC_S,
                           withdrew ? "withdrew" : "refused", row->purpose, -1);
}

static int put_file(struct happening *h, const char *id, const char *document,
                    const char *state, const char *type, msec at)
{
    json_t *o = json_pack(
        "{s:s, s:o, s:s, s:o, s:s, s:o, s:o, s:o}", "kind", "file", "at",
        shape_time(at), "id", id, "document_id", shape_text(document), "sent",
        state, "type", shape_text(type), "author", json_null(), "text",
        json_sprintf("%s %s (%s)", document[0] != '\0' ? "document" : "file",
                     document[0] != '\0' ? document : id,
                     type[0] != '\0' ? type : "unknown"));

    return json_array_append_new(h->files, o) == 0 ? 0 : no_memory(h->err);
}

/* A file that became no document: held, on its way, refused, and so on. */
static int put_attachment(struct happening *h, const char *id)
{
    struct attachment_row row;
    int found = attachment_get(h->r->store, id, &row, h->err);

    if (found <= 0 || !is_ours(h, row.policy, row.received) ||
        strcmp(row.state, "stored") == 0 ||
        strcmp(row.state, "quarantined") == 0)
        return found < 0 ? -1 : 0;
    return put_file(h, row.id, "", row.state, row.announced_type, row.received);
}

static int put_document(struct happening *h, const char *id)
{
    struct document_row row;
    int found = document_get(h->r->store, id, &row, h->err);

    if (found <= 0 || !is_ours(h, row.policy, row.received) ||
        blocked_hidden(h->r, &row))
        return found < 0 ? -1 : 0;
    return put_file(h, row.attachment, row.id, row.state, row.media_type,
                    row.received);
}

static int each_row(struct happening *h, enum person_rows which,
                    int (*each)(struct happening *, const char *id))
{
    char ids[PERSON_PAGE][ID_SIZE];
    uint64_t place = 0;
    size_t n;

    do {
        if (person_page(h->r->store, h->of->subject, which, &place, ids, &n,
                        h->err) != 0)
            return -1;
        for (size_t i = 0; i < n; i++)
            if (each(h, ids[i]) != 0)
                return -1;
    } while (n == PERSON_PAGE);
    return 0;
}

/* From the window before the hand-over that runs, or ran last: what is talked
 * about was sent then. */
static int find_from(struct happening *h)
{
    struct handover_row row;
    int found = handover_open(h->r->store, h->of->id, &row, h->err);

    if (found == 0)
        found = handover_last(h->r->store, h->of->id, &row, h->err);
    h->from = found <= 0 ? 0 : row.asked != 0 ? row.asked : row.taken;
    h->from -= WHATSAPP_WINDOW;
    return found < 0 ? -1 : 0;
}

/* files and events, into the answer. */
static int put_happened(struct request *r, const struct conversation_row *of,
                        json_t *answer, struct error *e)
{
    struct happening h = { .r = r,
                           .of = of,
                           .files = json_array(),
                           .events = json_array(),
                           .err = e };
    int ok = -1;

    if (h.files == NULL || h.events == NULL)
        (void)no_memory(e);
    else if (find_from(&h) == 0 &&
             each_row(&h, PERSON_ATTACHMENTS, put_attachment) == 0 &&
             each_row(&h, PERSON_DOCUMENTS, put_document) == 0 &&
             each_row(&h, PERSON_HANDOVERS, put_handover) == 0 &&
             consent_of_person(r->store, of->subject, put_decision, &h, e) == 0)
        ok = json_object_set(answer, "files", h.files) == 0 &&
                     json_object_set(answer, "events", h.events) == 0
                 ? 0
                 : no_memory(e);
    json_decref(h.files);
    json_decref(h.events);
    return ok;
}

/* ---- what was written ---------------------------------------------------- */

struct reading {
    struct request *r;
    json_t *list;
    struct error *err;
};

static int add_message(void *arg, const struct chat_row *row)
{
    struct reading *d = arg;
    char name[STAFF_NAME_SIZE];
    struct buf file = { 0 };
    json_t *o = NULL;
    int ok = -1;

    if (chat_file(d->r->store, row->id, &file, d->err) != 0)
        goto out;
    o = shape_chat(row);
    if (json_object_set_new(o, "sealed", json_base64(file.p, file.len)) != 0 ||
        json_object_set_new(
            o, "author",
            row->author < 0
                ? json_null()
                : json_string(staff_name(d->r, row->author, name))) != 0 ||
        json_array_append(d->list, o) != 0)
        (void)no_memory(d->err);
    else
        ok = 0;
out:
    json_decref(o);
    buf_free(&file);
    return ok;
}

/* Signed, with a reason, on record: then the words. */
static int record_reading(struct request *r, struct staff_access *access,
                          struct error *e)
{
    struct staff_signature signature;
    json_t *body = NULL;
    int ok = -1;

    access->reason = request_reason(r, &body, e);
    if (access->reason != NULL &&
        request_signature(r, body, access->reason, &signature, e) == 0) {
        access->signature = &signature;
        access->whole = true;
        ok = request_record(r, access, e);
    }
    access->reason = NULL;
    access->signature = NULL;
    json_decref(body);
    return ok;
}

int serve_conversation_read(struct request *r, struct error *e)
{
    struct staff_access access = request_access(r, "chat_read");
    struct reading d = { r, json_array(), e };
    struct conversation_row row;
    json_t *o = NULL;
    int ok = -1;

    if (conversation_of_request(r, &row, e) != 0)
        goto out;
    memcpy(access.subject, row.subject, sizeof(access.subject));
    access.policy = row.policy;
    access.evidence = json_pack("{s:s}", "conversation_id", row.id);
    if (access.evidence == NULL || d.list == NULL) {
        (void)no_memory(e);
        goto out;
    }
    if (record_reading(r, &access, e) != 0 ||
        chat_of_conversation(r->store, row.id, LIMIT_CHAT_SHOWN, add_message,
                             &d, e) != 0 ||
        (o = conversation_json(r, &row, e)) == NULL)
        goto out;
    ok = json_object_set(o, "chat", d.list) == 0 ? put_happened(r, &row, o, e)
                                                 : no_memory(e);
    if (ok == 0)
        ok = answer_json(r, json_incref(o), e);
out:
    json_decref(access.evidence);
    json_decref(d.list);
    json_decref(o);
    return ok;
}

int serve_case_notes(struct request *r, struct error *e)
{
    struct staff_access access = request_access(r, "chat_read");
    struct reading d = { r, json_array(), e };
    struct case_row row;
    int ok = -1;

    if (before_case(r, e) != 0 || case_get(r->store, r->id, &row, e) != 1)
        goto out;
    memcpy(access.subject, row.subject, sizeof(access.subject));
    memcpy(access.case_id, row.id, sizeof(access.case_id));
    access.policy = row.policy;
    if (d.list == NULL)
        (void)no_memory(e);
    else if (record_reading(r, &access, e) == 0 &&
             chat_of_case(r->store, row.id, LIMIT_CHAT_SHOWN, add_message, &d,
                          e) == 0)
        ok = answer_json(r, json_incref(d.list), e);
out:
    json_decref(d.list);
    return ok;
}
