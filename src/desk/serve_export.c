/*
 * All that there is of one person, in lines of JSON, a page at a time: rows,
 * the words sealed in them, what the ledger says of them and of who looked.
 * Recorded before the first byte, like every reading.
 */
#include "desk_private.h"

#include <stdlib.h>
#include <string.h>

#include "resguardo/dialogue.h"

/* Purposes of all policies. */
#define DECISIONS_MAX ((size_t)LIMIT_POLICIES * LIMIT_PURPOSES)

struct export
{
    struct store *store;
    const char *controller; /* the config's */
    char subject[ID_SIZE];
    size_t phase;
    uint64_t place;          /* how far a phase is */
    uint64_t entry, entries; /* how far the ledger is */
    json_t *cases;           /* their codes, as keys */
    json_t *notices;         /* POLICY/VERSION/LANGUAGE, as keys */
    json_t *hidden;          /* attachments whose document nobody reads */
    bool for_subject;        /* who asked to see also what they had blocked */
    struct buf page;         /* made and not yet sent, from `sent` on */
    size_t sent;
};

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for an export");
}

/* ---- lines -------------------------------------------------------------- */

/* Takes the value. */
static int put(struct export *x, const char *record, json_t *value,
               struct error *e)
{
    char *text = NULL;
    int ok = -1;

    if (json_object_set_new(value, "record", json_string(record)) == 0)
        text = json_dumps(value, JSON_COMPACT);
    if (text != NULL && buf_adds(&x->page, text) == 0 &&
        buf_adds(&x->page, "\n") == 0)
        ok = 0;
    free(text);
    json_decref(value);
    return ok == 0 ? 0 : no_memory(e);
}

static json_t *time_value(msec time)
{
    char text[TIME_SIZE];

    if (time == 0)
        return json_null();
    time_format(text, time);
    return json_string(text);
}

/* Sealed JSON of ours: an object, or null where it is damaged. */
static json_t *parsed(const struct buf *text)
{
    struct error ignored;
    json_t *value = json_parse(text->p, text->len, &ignored);

    return value != NULL ? value : json_null();
}

/* A notice that they saw goes along at the end. */
static int note_notice(struct export *x, const char *policy,
                       const char *version, const char *language,
                       struct error *e)
{
    struct buf key = { 0 };
    int ok = -1;

    if (policy == NULL || version == NULL || language == NULL)
        return 0;
    if (buf_addf(&key, "%s/%s/%s", policy, version, language) == 0)
        ok = json_object_set_new(x->notices, (const char *)key.p, json_true());
    buf_free(&key);
    return ok == 0 ? 0 : no_memory(e);
}

/* ---- the phases: 1 at the end of one, 0 when there is more --------------- */

static int put_person(struct export *x, struct error *e)
{
    struct subject_row row;
    char now[TIME_SIZE];
    json_t *linked;

    if (subject_get(x->store, x->subject, &row, e) != 1 ||
        (linked = linked_json(x->store, x->subject, e)) == NULL)
        return -1;
    time_format(now, clock_now(&clock_system));
    return put(x, "person",
               json_pack("{s:s, s:o, s:s, s:s, s:I, s:o, s:b, s:b, s:o}",
                         "subject", x->subject, "known_since",
                         time_value(row.created), "exported_at", now,
                         "controller", x->controller, "ledger_size",
                         (json_int_t)x->entries, "linked", linked, "minor",
                         row.minor != 0, "represented",
                         row.minor == MINOR_REPRESENTED, "language",
                         shape_text(row.language)),
               e) == 0
               ? 1
               : -1;
}

struct putting {
    struct export *x;
    struct error *err;
};

static int put_handle(void *arg, const char *kind, const char *value, msec seen)
{
    struct putting *p = arg;

    return put(p->x, "handle",
               json_pack("{s:s, s:s, s:o}", "type", kind, "value", value,
                         "seen_at", time_value(seen)),
               p->err);
}

static int put_handles(struct export *x, struct error *e)
{
    struct putting p = { x, e };

    return person_handles(x->store, x->subject, put_handle, &p, e) == 0 ? 1
                                                                        : -1;
}

/* A yes to a notice that changed the purpose since is there, and opens nothing
 * any more. */
static int put_consent(struct export *x, const struct consent_row *row,
                       struct error *e)
{
    bool yes = strcmp(row->state, "given") == 0 ||
               strcmp(row->state, "informed") == 0 ||
               strcmp(row->state, "acknowledged") == 0;
    int gone = !yes ? 0
                    : notice_superseded(x->store, row->policy,
                                        row->notice_version, row->purpose, e);

    if (gone < 0)
        return -1;
    return put(x, "consent",
               json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "policy",
                         row->policy, "purpose", row->purpose, "state",
                         gone > 0 ? "renewal_required" : row->state, "yes_at",
                         time_value(row->yes_s * MSEC_S), "no_at",
                         time_value(row->no_s * MSEC_S), "notice_version",
                         shape_text(row->notice_version), "valid_until",
                         time_value(row->expires)),
               e);
}

static int put_consents(struct export *x, struct error *e)
{
    struct consent_row *rows = calloc(DECISIONS_MAX, sizeof(*rows));
    size_t n = 0;
    int ok = rows == NULL ? no_memory(e)
                          : person_consents(x->store, x->subject, rows,
                                            DECISIONS_MAX, &n, e);

    for (size_t i = 0; ok == 0 && i < n; i++)
        ok = put_consent(x, &rows[i], e);
    free(rows);
    return ok == 0 ? 1 : -1;
}

static int put_case(struct export *x, const char *id, struct error *e)
{
    struct case_row row;
    int found = case_get(x->store, id, &row, e);

    if (found <= 0)
        return found;
    if (json_object_set_new(x->cases, id, json_true()) != 0)
        return no_memory(e);
    return put(x, "case", shape_case(&row), e);
}

static int put_attachment(struct export *x, const char *id, struct error *e)
{
    struct attachment_row row;
    struct buf claims = { 0 };
    bool hidden = json_object_get(x->hidden, id) != NULL;
    json_t *o;
    int found = attachment_get(x->store, id, &row, e), ok = -1;

    if (found <= 0)
        return found;
    if (!hidden)
        found = attachment_claims(x->store, id, &claims, e);
    if (found >= 0) {
        o = shape_attachment(&row);
        if (json_object_set_new(o, "announced_as", json_string(row.kind)) !=
                0 ||
            json_object_set_new(o, "claims",
                                hidden ? json_null() : parsed(&claims)) != 0) {
            json_decref(o);
            o = NULL;
        }
        ok = put(x, "attachment", o, e);
    }
    buf_free(&claims);
    return ok;
}

static int put_document(struct export *x, const char *id, struct error *e)
{
    struct document_row row;
    int found = document_get(x->store, id, &row, e);
    bool opened;
    json_t *o = NULL;

    if (found <= 0)
        return found;
    opened = x->for_subject && row.open_to && strcmp(row.state, "blocked") == 0;
    if (opened)
        memcpy(row.state, "stored", sizeof("stored"));
    else if (!document_has_words(&row) &&
             json_object_set_new(x->hidden, row.attachment, json_true()) != 0)
        return no_memory(e);
    o = document_json(x->store, &row, e);
    if (o != NULL && opened &&
        (json_object_set_new(o, "state", json_string("blocked")) != 0 ||
         json_object_set_new(o, "opened", json_true()) != 0)) {
        json_decref(o);
        return no_memory(e);
    }
    return o == NULL ? -1 : put(x, "document", o, e);
}

static int put_prompt(struct export *x, const char *id, struct error *e)
{
    struct prompt_row row;
    char hash[HEX_SIZE(SHA256_LEN)];
    int found = prompt_get(x->store, id, &row, e);

    if (found <= 0)
        return found;
    if (note_notice(x, row.policy, row.notice_version, row.language, e) != 0)
        return -1;
    hex_encode(hash, row.prompt_sha256, SHA256_LEN);
    return put(x, "prompt",
               json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:o, s:s}",
                         "id", row.id, "policy", row.policy, "purpose",
                         row.purpose, "notice_version", row.notice_version,
                         "language", row.language, "with_notice",
                         row.with_notice, "prompt_sha256", hash, "state",
                         row.state, "asked_at", time_value(row.asked),
                         "message_id", row.outbox),
               e);
}

static int put_message(struct export *x, const char *id, struct error *e)
{
    struct outbox_row row;
    struct buf body = { 0 };
    int found = outbox_get(x->store, id, &row, e), ok = -1;

    if (found <= 0)
        return found;
    /* An agent's words went when they were sent: the chat has them. */
    if (strcmp(row.kind, "reply") == 0 ||
        outbox_body(x->store, id, &body, e) == 0)
        ok = put(x, "message",
                 json_pack(
                     "{s:s, s:s, s:s, s:s, s:s?, s:o, s:o}", "id", row.id,
                     "policy", row.policy, "type", row.kind, "state", row.state,
                     "delivery", row.delivery[0] != '\0' ? row.delivery : NULL,
                     "made_at", time_value(row.created), "body", parsed(&body)),
                 e);
    buf_free(&body);
    return ok;
}

/* Sealed: who exports opens it. */
static int put_chat(struct export *x, const char *id, struct error *e)
{
    struct chat_row row;
    struct buf file = { 0 };
    int found = chat_get(x->store, id, &row, e), ok = -1;
    json_t *o;

    if (found <= 0)
        return found;
    if (chat_file(x->store, id, &file, e) == 0) {
        o = shape_chat(&row);
        if (json_object_set_new(o, "sealed", json_base64(file.p, file.len)) !=
            0) {
            json_decref(o);
            o = NULL;
        }
        ok = put(x, "chat", o, e);
    }
    buf_free(&file);
    return ok;
}

static int put_handover(struct export *x, const char *id, struct error *e)
{
    struct handover_row row;
    int found = handover_get(x->store, id, &row, e);

    if (found <= 0)
        return found;
    return put(x, "handover",
               json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:s?}", "id", row.id,
                         "conversation_id", row.conversation, "policy",
                         row.policy, "asked_at", time_value(row.asked),
                         "taken_at", time_value(row.taken), "ended_at",
                         time_value(row.ended), "how",
                         row.how[0] != '\0' ? row.how : NULL),
               e);
}

static int put_page(struct export *x, enum person_rows which,
                    int (*each)(struct export *, const char *, struct error *),
                    struct error *e)
{
    char ids[PERSON_PAGE][ID_SIZE];
    size_t n;

    if (person_page(x->store, x->subject, which, &x->place, ids, &n, e) != 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (each(x, ids[i], e) != 0)
            return -1;
    return n < PERSON_PAGE ? 1 : 0;
}

static int put_cases(struct export *x, struct error *e)
{
    return put_page(x, PERSON_CASES, put_case, e);
}

static int put_attachments(struct export *x, struct error *e)
{
    return put_page(x, PERSON_ATTACHMENTS, put_attachment, e);
}

static int put_documents(struct export *x, struct error *e)
{
    return put_page(x, PERSON_DOCUMENTS, put_document, e);
}

static int put_prompts(struct export *x, struct error *e)
{
    return put_page(x, PERSON_PROMPTS, put_prompt, e);
}

static int put_messages(struct export *x, struct error *e)
{
    return put_page(x, PERSON_MESSAGES, put_message, e);
}

static int put_handovers(struct export *x, struct error *e)
{
    return put_page(x, PERSON_HANDOVERS, put_handover, e);
}

static int put_chats(struct export *x, struct error *e)
{
    return put_page(x, PERSON_CHAT, put_chat, e);
}

static int put_request(void *arg, const struct request_row *row)
{
    struct putting *p = arg;
    json_t *o = request_json(p->x->store, NULL, row, p->err);

    return o == NULL ? -1 : put(p->x, "request", o, p->err);
}

static int put_requests(struct export *x, struct error *e)
{
    struct putting p = { x, e };

    return request_of_person(x->store, x->subject, false, put_request, &p, e) ==
                   0
               ? 1
               : -1;
}

static int put_rating(void *arg, const struct rating_row *row)
{
    struct putting *p = arg;

    if (row->asked == 0)
        return 0;
    return put(
        p->x, "rating",
        json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "id", row->id,
                  "policy", row->policy, "case_id", shape_text(row->case_id),
                  "handover_id", shape_text(row->handover), "asked_at",
                  time_value(row->asked), "rated_at", time_value(row->rated),
                  "rating",
                  row->score == 0 ? json_null() : json_integer(row->score)),
        p->err);
}

static int put_ratings(struct export *x, struct error *e)
{
    struct putting p = { x, e };

    return rating_of_person(x->store, x->subject, put_rating, &p, e) == 0 ? 1
                                                                          : -1;
}

static int put_promise(void *arg, const struct promise_row *row)
{
    struct putting *p = arg;
    char day[DATE_SIZE];

    date_format(day, row->day);
    return put(p->x, "promise",
               json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "id", row->id,
                         "policy", row->policy, "template", row->template,
                         "due", day, "state", row->state, "made_at",
                         time_value(row->made), "decided_at",
                         time_value(row->decided)),
               p->err);
}

static int put_promises(struct export *x, struct error *e)
{
    struct putting p = { x, e };

    return promise_of_person(x->store, x->subject, put_promise, &p, e) == 0
               ? 1
               : -1;
}

static int put_contact(void *arg, const struct elsewhere_row *row)
{
    struct putting *p = arg;

    return put(p->x, "contact",
               json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "id", row->id,
                         "policy", row->policy, "case_id", row->case_id,
                         "channel", row->channel, "direction",
                         row->ours ? "out" : "in", "at", time_value(row->at)),
               p->err);
}

static int put_contacts(struct export *x, struct error *e)
{
    struct putting p = { x, e };

    return elsewhere_of_person(x->store, x->subject, put_contact, &p, e) == 0
               ? 1
               : -1;
}

/* ---- what the ledger says ----------------------------------------------- */

static bool holds(const uint8_t *entry, size_t len, const char *text)
{
    return memmem(entry, len, text, strlen(text)) != NULL;
}

/* Theirs, of a case of theirs, or a list of everything that was stored. */
static bool concerns(const struct export *x, const json_t *leaf)
{
    const char *subject = json_str(leaf, "subject");
    const char *code = json_str(leaf, "case_id");
    const char *event = json_str(leaf, "event_type");

    if (subject != NULL)
        return strcmp(subject, x->subject) == 0;
    if (code != NULL)
        return json_object_get(x->cases, code) != NULL;
    return event != NULL && strcmp(event, "documents_listed") == 0;
}

static int put_entry(void *arg, uint64_t index, const uint8_t *entry,
                     size_t len, const uint8_t *hash)
{
    struct putting *p = arg;
    json_t *leaf;
    int ok = 0;

    (void)index;
    (void)hash;
    if (!holds(entry, len, p->x->subject) &&
        !holds(entry, len, "\"case_id\"") &&
        !holds(entry, len, "\"documents_listed\""))
        return 0;
    leaf = json_parse(entry, len, p->err);
    if (leaf == NULL)
        return -1;
    if (concerns(p->x, leaf))
        ok = note_notice(p->x, json_str(leaf, "policy"),
                         json_str(leaf, "notice_version"),
                         json_str(leaf, "language"), p->err) == 0
                 ? put(p->x, "event", json_incref(leaf), p->err)
                 : -1;
    json_decref(leaf);
    return ok;
}

static int put_events(struct export *x, struct error *e)
{
    uint64_t end = x->entry + LIMIT_READER_ROWS;
    struct putting p = { x, e };

    if (end > x->entries)
        end = x->entries;
    if (ledger_row_list(x->store, x->entry, end, put_entry, &p, e) != 0)
        return -1;
    x->entry = end;
    return end == x->entries ? 1 : 0;
}

static int put_notice(struct export *x, const char *key, struct error *e)
{
    char name[POLICY_ID_SIZE + VERSION_SIZE + LANGUAGE_SIZE + 2];
    char *version, *language, hash[HEX_SIZE(SHA256_LEN)];
    uint8_t sum[SHA256_LEN];
    struct buf text = { 0 };
    int found, ok = -1;

    if (strlen(key) >= sizeof(name))
        return 0;
    (void)strcpy(name, key);
    version = strchr(name, '/');
    *version++ = '\0';
    language = strchr(version, '/');
    *language++ = '\0';
    found = notice_get(x->store, name, version, language, &text, e);
    if (found == 0)
        ok = 0;
    if (found > 0) {
        sha256_of(sum, text.p, text.len);
        hex_encode(hash, sum, sizeof(sum));
        ok = put(x, "notice",
                 json_pack("{s:s, s:s, s:s, s:s, s:s}", "policy", name,
                           "notice_version", version, "language", language,
                           "notice_sha256", hash, "text", (const char *)text.p),
                 e);
    }
    buf_free(&text);
    return ok;
}

static int put_notices(struct export *x, struct error *e)
{
    const char *key;
    json_t *value;

    json_object_foreach(x->notices, key, value)
    {
        if (put_notice(x, key, e) != 0)
            return -1;
    }
    return 1;
}

/* ---- the answer --------------------------------------------------------- */

/* Cases before events, which are found by them; documents before attachments,
 * whose words are hidden with them; notices last. */
static int (*const phases[])(struct export *, struct error *) = {
    put_person,    put_handles,     put_consents, put_cases,
    put_documents, put_attachments, put_prompts,  put_messages,
    put_handovers, put_chats,       put_requests, put_ratings,
    put_promises,  put_contacts,    put_events,   put_notices,
};
#define PHASES (sizeof(phases) / sizeof(phases[0]))

static void export_free(void *arg)
{
    struct export *x = arg;

    store_close(&x->store);
    json_decref(x->cases);
    json_decref(x->notices);
    json_decref(x->hidden);
    buf_free(&x->page);
    free(x);
}

static int next_page(struct export *x)
{
    struct error e = { 0 };
    int done;

    buf_reset(&x->page);
    x->sent = 0;
    done = phases[x->phase](x, &e);
    if (done < 0)
        log_error("export", &e);
    if (done > 0) {
        x->phase++;
        x->place = 0;
    }
    return done < 0 ? -1 : 0;
}

static ssize_t read_export(void *arg, uint64_t position, char *out, size_t max)
{
    struct export *x = arg;

    (void)position;
    while (x->sent == x->page.len) {
        if (x->phase == PHASES)
            return MHD_CONTENT_READER_END_OF_STREAM;
        if (next_page(x) != 0)
            return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    return answer_part(&x->page, &x->sent, out, max);
}

/* Takes the request's store. */
static int answer_export(struct request *r, bool for_subject, struct error *e)
{
    struct export *x = calloc(1, sizeof(*x));
    struct registrar_status status;

    if (x == NULL)
        return no_memory(e);
    registrar_get_status(r->desk->needs.registrar, &status);
    *x = (struct export){ .store = r->store,
                          .controller = r->desk->needs.config->controller,
                          .entries = status.ledger_size,
                          .cases = json_object(),
                          .notices = json_object(),
                          .hidden = json_object(),
                          .for_subject = for_subject };
    memcpy(x->subject, r->id, sizeof(x->subject));
    r->store = NULL;
    return answer_stream(r, "application/jsonl", MHD_SIZE_UNKNOWN, read_export,
                         x, export_free, e);
}

/* Of somebody who was erased nothing opens any more; of somebody who is blocked
 * nothing goes out but for an authority. */
static int check_export(struct request *r, struct buf *authority,
                        struct error *e)
{
    struct subject_row row;
    int found =
        id_valid(r->id, 's') ? subject_get(r->store, r->id, &row, e) : 0;

    if (found == 0)
        return error_set(e, ERR_NOT_FOUND, "no such person");
    found = found < 0 ? -1 : slot_state(r->store, row.content_slot, e);
    if (found == 0) {
        (void)error_set(e, ERR_NOT_FOUND, "the person was erased");
        return error_hint(e, "consent export --subject shows what the ledger "
                             "keeps");
    }
    return found < 0 ? -1 : blocked_person_released(r, &row, authority, e);
}

int before_export(struct request *r, struct error *e)
{
    struct buf authority = { 0 };
    int ok = check_export(r, &authority, e);

    buf_free(&authority);
    return ok;
}

int serve_export(struct request *r, struct error *e)
{
    struct staff_access access = request_access(r, "subject_exported");
    struct staff_signature signature;
    struct buf authority = { 0 };
    json_t *body = NULL, *ground = NULL;
    int ok = -1;

    if (check_export(r, &authority, e) != 0)
        goto out;
    memcpy(access.subject, r->id, sizeof(access.subject));
    access.whole = true;
    if (authority.len > 0)
        access.authority = (const char *)authority.p;
    access.reason = request_reason(r, &body, e);
    if (access.reason == NULL ||
        blocked_ground(body, &access.for_subject, e) != 0 ||
        request_signature(r, body, access.reason, &signature, e) != 0 ||
        restriction_check(r, r->id, NULL, body, access.for_subject, &ground,
                          e) != 0)
        goto out;
    access.signature = &signature;
    access.evidence = ground;
    if (request_record_bulk(r, &access, e) == 0)
        ok = answer_export(r, access.for_subject, e);
out:
    buf_free(&authority);
    json_decref(ground);
    json_decref(body);
    return ok;
}
