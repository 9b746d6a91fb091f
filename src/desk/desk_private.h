/*
 * The desk's inside. A request is served on its connection's own thread, with
 * a reader's store handle of its own; nothing is shared but what the needs
 * hold, and that is safe to share.
 *
 * A function that serves returns 0 with the response set, or -1 with an error,
 * which becomes the answer (answer.c says which status).
 */
#ifndef RESGUARDO_DESK_PRIVATE_H
#define RESGUARDO_DESK_PRIVATE_H

#include <microhttpd.h>

#include "resguardo/desk.h"
#include "resguardo/registrar_staff.h"

struct nonces; /* opaque */
struct route;
struct desk {
    struct desk_needs needs;
    struct nonces *nonces;
    struct MHD_Daemon *daemon;
    char *socket;
    struct standing *standing;
    int sending; /* atomic: 1 while a document's bytes are in memory */
};

struct request {
    struct desk *desk;
    struct MHD_Connection *connection;
    const struct keyring *keyring; /* as it was when they asked */
    struct keyring_staff staff;    /* who asks */
    const char *role;              /* in which of their roles; static */
    const char *method, *path;     /* borrowed */
    const struct route *route;     /* what they ask for, or want a nonce for */
    const char *denied;            /* for what, if they are: static */
    bool hidden;                   /* "no such" thing, which is there */
    char id[ID_SIZE];              /* the path's one variable segment */
    struct buf body;
    bool too_large; /* the body was, and was not kept */
    bool sends;     /* it is the one document that is in memory now */
    struct store *store;
    struct MHD_Response *response;
    unsigned status;
};

/* ---- routes (route.c) --------------------------------------------------- */

typedef int (*route_serve)(struct request *, struct error *);
struct route {
    const char *method;
    const char *path; /* a segment may be "*" */
    unsigned role;    /* enum staff_role, 0: any known user */
    route_serve serve;
    /* Of a route that wants a signature: what can be said before it, so that
     * refusals come before anybody's identity is opened. */
    route_serve before;
};
/* Finds the route of a request, and its variable segment. ERR_NOT_FOUND. */
const struct route *route_find(const char *method, const char *path,
                               char id[static ID_SIZE], struct error *);
/* Is this one of the roles of a member? */
bool route_allows(const struct route *, unsigned roles);
const char *route_role(const struct route *);
/* In which of their roles a member uses it. */
const char *route_role_of(const struct route *, unsigned roles);
/* May who asks use this route? ERR_NOT_PERMITTED. */
int route_check(struct request *, const struct route *, struct error *);

/* ---- nonces (nonce.c): thread-safe -------------------------------------- */

#define NONCE_SIZE HEX_SIZE(32)
struct nonce_asked {
    uint32_t uid;
    const char *method, *path;
    msec now;
};
struct nonces *nonces_new(void); /* NULL: no memory */
void nonces_free(struct nonces **);
int nonce_issue(struct nonces *, const struct nonce_asked *,
                char out[static NONCE_SIZE], struct error *);
/* Was it issued for exactly this, lately? It never counts again. */
bool nonce_take(struct nonces *, const struct nonce_asked *, const char *nonce);

/* ---- answers (answer.c) ------------------------------------------------- */

unsigned answer_status(enum error_code);
/* Takes the value. */
int answer_json(struct request *, json_t *, struct error *);
int answer_text(struct request *, const void *, size_t, struct error *);
void answer_error(struct request *, const struct error *);
/* Beside an answer that is made; without memory there is none. */
int answer_header(struct request *, const char *name, const char *value,
                  struct error *);
/* Bytes that `read` gives as they are asked for: `size` of them, or as many as
 * there are (MHD_SIZE_UNKNOWN). `done` frees arg, also when this fails. */
int answer_stream(struct request *, const char *media_type, uint64_t size,
                  MHD_ContentReaderCallback read, void *arg,
                  MHD_ContentReaderFreeCallback done, struct error *);
/* For such a reader: what is made of a page and not yet sent, as far as there
 * is room. */
ssize_t answer_part(const struct buf *page, size_t *sent, char *out,
                    size_t max);

/* ---- what a request asks for (request.c) -------------------------------- */

/* A member of the keyring by name (or NULL). -1: there is none. */
int request_find_staff(const struct request *, const char *name, uint32_t *uid);
/* A parameter of the query; NULL when it is missing or empty. */
const char *request_query(const struct request *, const char *key);
/* A parameter that is a number or a time; unchanged when it is missing. */
int request_query_number(const struct request *, const char *key, uint64_t *,
                         struct error *);
int request_query_time(const struct request *, const char *key, msec *,
                       struct error *);
/* The reason in the body: neither missing, blank nor too long. NULL with
 * ERR_INPUT. *body owns it. */
const char *request_reason(const struct request *, json_t **body,
                           struct error *);
/* The body as JSON; NULL with ERR_INPUT. */
json_t *request_body(const struct request *, struct error *);
/* The signature in the body: a nonce that was issued for this and not used,
 * and the key that the keyring has of who asks. ERR_NOT_PERMITTED. */
int request_signature(const struct request *, const json_t *body,
                      const char *reason, struct staff_signature *,
                      struct error *);
/* An access of this request's person, to be filled and recorded. */
struct staff_access request_access(const struct request *,
                                   const char *event_type);
int request_record(const struct request *, const struct staff_access *,
                   struct error *);
/* The same for a reading of many documents at once, for which policies may ask
 * for a second officer. */
int request_record_bulk(const struct request *, struct staff_access *,
                        struct error *);
/* A text of the body that has to be there: neither blank nor longer than a
 * reason. NULL with ERR_INPUT. */
const char *request_text(const json_t *body, const char *key, struct error *);

/* ---- what is blocked (blocked.c) ---------------------------------------- */

/* Whoever is no officer never hears of it. */
bool blocked_shown(const struct request *);
/* Who is blocked: an object of ids. NULL with error. */
json_t *blocked_people(struct request *, struct error *);
/* Is this person? ERR_NOT_FOUND "no such WHAT" for who is not to hear of it. */
int blocked_check(struct request *, const char *subject, const char *what,
                  struct error *);
/* ERR_NOT_FOUND "no such WHAT" of what is there: they hear that it is not, and
 * the ledger that they asked. */
int blocked_refuse(struct request *, const char *what, struct error *);
/* Is this document one that whoever asks is not to hear of? */
bool blocked_hidden(const struct request *, const struct document_row *);
/* Who may read one that is blocked: an officer, while it is released to them,
 * on whose demand is appended. ERR_NOT_PERMITTED, ERR_NOT_FOUND. */
int blocked_released(struct request *, const struct document_row *,
                     struct buf *authority, struct error *);
/* Does the person wait to see this one, which is blocked for others alone? It
 * takes an officer. 1, 0, -1. */
int blocked_opens(struct request *, const struct document_row *,
                  struct error *);
/* Does the body say that it is for them? ERR_INPUT for another ground. */
int blocked_ground(const json_t *body, bool *for_subject, struct error *);
/* May all of this person be handed to an officer? The same where they are
 * blocked, if all of them was released; nothing is appended where not. */
int blocked_person_released(struct request *, const struct subject_row *,
                            struct buf *authority, struct error *);

/* ---- rows as JSON (shape.c): NULL when there is no memory --------------- */

/* Absent is null: a text NULL or "", a time 0. */
json_t *shape_text(const char *);
json_t *shape_time(msec);
json_t *shape_case(const struct case_row *);
json_t *shape_case_item(const struct policy_item *,
                        const struct case_item_row *);
json_t *shape_conversation(const struct conversation_row *);
/* Without the words. */
json_t *shape_chat(const struct chat_row *);
json_t *shape_attachment(const struct attachment_row *);
/* Name and caption may be NULL. */
json_t *shape_document(const struct document_row *, const char *file_name,
                       const char *caption);
json_t *shape_status(const struct registrar_status *,
                     const struct store_counts *, unsigned epoch, msec uptime,
                     const char *sandbox);

/* ---- what an operator should know of (attention.c) ---------------------- */

struct attention {
    const struct registrar_status *status;
    const struct store_counts *counts;
    const struct store_waiting *waiting;
    const struct log_alarms *alarms;
    uint64_t disk_free, disk_size; /* bytes; 0, 0: unknown */
    msec now, started;
    json_t *standing; /* as standing_list gives it; NULL: nothing */
};
/* The members of `status` that are counted here, into the object; with
 * "attention": what needs somebody, an array of {what, say, hint}, what is
 * worst first. -1: no memory. */
int attention_add(json_t *status, const struct attention *);

/* ---- data that are restricted (restricted.c) ----------------------------- */

/* NULL-ended: for what they are read all the same (GDPR, art. 18.2). */
extern const char *const restriction_grounds[];
/* Is a hold of that kind on the person, or on that case of theirs (NULL: any)?
 * 1, 0, -1. */
int restriction_find(struct request *, const char *subject, const char *case_id,
                     struct error *);
int restriction_refuse(struct error *);
/* Of art. 18.2, by its name; NULL is none. */
bool restriction_is_ground(const char *ground);
/* May they read it? An officer who names a ground in the body; then *said is
 * what the leaf says of that, else NULL: also where it is for the person, who
 * asked to see it, which is looked at, and said, with its record. */
int restriction_check(struct request *, const char *subject,
                      const char *case_id, const json_t *body, bool for_subject,
                      json_t **said, struct error *);

/* ---- what its files say (standing.c) ------------------------------------- */

struct standing *standing_new(void);
void standing_free(struct standing **);
/* What of them is not in force, or fits nothing: {what, say, hint}. NULL: no
 * memory. */
json_t *standing_list(const struct desk *);

/* What a policy says, as an object (serve_policies.c). */
json_t *policy_facts(const struct policy *, const struct config *);

/* A document's row with the customer's words, where they may be seen
 * (serve_document.c). */
json_t *document_json(struct store *, const struct document_row *,
                      struct error *);
bool document_has_words(const struct document_row *);

/* ---- lines out of the ledger, page by page (lines.c) -------------------- */

/* Appends what one entry makes to out: a line, or nothing. */
typedef int (*lines_entry)(void *arg, uint64_t index, const uint8_t *entry,
                           size_t, const uint8_t *leaf, struct buf *out);
/* Answers with the lines of entries [from, to). Takes the request's store;
 * `done` frees arg, also when this fails. */
int lines_answer(struct request *, uint64_t from, uint64_t to, lines_entry,
                 void *arg, void (*done)(void *), struct error *);

/* ---- the live store against itself (audit.c) ---------------------------- */

struct audit; /* opaque */
struct audit *audit_new(struct store *);
void audit_free(struct audit **);
/* First: what files and rows say, all at one size of the ledger. */
int audit_look(struct audit *, struct error *);
/* Then: what a later checkpoint, the entries before it and the keyring say.
 * Fails only when it could not be done; faults are no failure. */
int audit_judge(struct audit *, const struct buf *note, const char *vkey,
                const struct keyring *, struct error *);
/* Array of sentences; borrowed. */
json_t *audit_faults(const struct audit *);

/* ---- the routes' functions ---------------------------------------------- */

int serve_status(struct request *, struct error *);
int serve_reveal(struct request *, struct error *);
int serve_access(struct request *, struct error *);
int serve_reconcile(struct request *, struct error *);
int serve_check(struct request *, struct error *);
int serve_nonce(struct request *, struct error *);
int serve_keyring(struct request *, struct error *);
int serve_keyring_change(struct request *, struct error *);
int serve_keyring_key(struct request *, struct error *);
int serve_grant(struct request *, struct error *);
int serve_staff(struct request *, struct error *);
int serve_user(struct request *, struct error *);
int serve_vault(struct request *, struct error *);
int serve_headers(struct request *, struct error *);
int serve_unproven(struct request *, struct error *);
int serve_rewrap(struct request *, struct error *);
int serve_proof(struct request *, struct error *);
int serve_escrow(struct request *, struct error *);
int before_nothing(struct request *, struct error *);
int before_read(struct request *, struct error *);
int serve_case_list(struct request *, struct error *);
int serve_case_show(struct request *, struct error *);
int before_case_read(struct request *, struct error *);
int serve_case_read(struct request *, struct error *);
int serve_case_work(struct request *, struct error *);
int serve_case_open(struct request *, struct error *);
int serve_case_notes(struct request *, struct error *);
/* The one of the path; of who is blocked nobody hears. As lists have it. */
int conversation_of_request(struct request *, struct conversation_row *,
                            struct error *);
json_t *conversation_json(struct request *, const struct conversation_row *,
                          struct error *);
int serve_conversation_list(struct request *, struct error *);
int before_conversation(struct request *, struct error *);
int serve_conversation_read(struct request *, struct error *);
int serve_conversation_take(struct request *, struct error *);
int serve_conversation_reply(struct request *, struct error *);
int serve_conversation_open(struct request *, struct error *);
int serve_conversation_back(struct request *, struct error *);
/* What happened with a case and its person: an array, the newest last. NULL
 * with error. */
json_t *timeline_of(struct request *, const struct case_row *, struct error *);
/* The name of a member of staff, or their uid as text; into out. */
const char *staff_name(const struct request *, int64_t uid,
                       char out[static STAFF_NAME_SIZE]);
int serve_attachment_list(struct request *, struct error *);
int serve_document_list(struct request *, struct error *);
int serve_document_show(struct request *, struct error *);
int serve_document_read(struct request *, struct error *);
int before_case(struct request *, struct error *);
int before_subject(struct request *, struct error *);
int before_hold(struct request *, struct error *);
int before_release(struct request *, struct error *);
int serve_case_close(struct request *, struct error *);
int serve_service(struct request *, struct error *);
int serve_hold_case(struct request *, struct error *);
int serve_hold_subject(struct request *, struct error *);
int serve_hold_list(struct request *, struct error *);
int serve_hold_lift(struct request *, struct error *);
int serve_release_document(struct request *, struct error *);
int serve_release_subject(struct request *, struct error *);
int serve_retention(struct request *, struct error *);
int serve_request_list(struct request *, struct error *);
int serve_request_show(struct request *, struct error *);
int serve_request_report(struct request *, struct error *);
int before_request(struct request *, struct error *);
int serve_request_work(struct request *, struct error *);
int serve_request_decide(struct request *, struct error *);
int before_request_open(struct request *, struct error *);
int serve_request_open(struct request *, struct error *);
int serve_incident_open(struct request *, struct error *);
/* A request with what was said of it; keyring NULL: nobody's names. */
json_t *request_json(struct store *, const struct keyring *,
                     const struct request_row *, struct error *);
/* Adds the marks of a person's data, of that case: while a claim about them
 * runs, or a hold that says why is in force. */
int legends_add(struct request *, json_t *, const char *subject,
                const char *case_id, struct error *);
int serve_approval_list(struct request *, struct error *);
int serve_approval_show(struct request *, struct error *);
int before_approval(struct request *, struct error *);
int serve_approval_grant(struct request *, struct error *);
int serve_approval_refuse(struct request *, struct error *);
int serve_subject_find(struct request *, struct error *);
int serve_subject_erase(struct request *, struct error *);
/* The other references of a person, as a list; NULL with error (serve_link.c).
 */
json_t *linked_json(struct store *, const char *subject, struct error *);
int serve_subject_links(struct request *, struct error *);
int serve_subject_link(struct request *, struct error *);
int serve_subject_unlink(struct request *, struct error *);
int serve_subject_adult(struct request *, struct error *);
int serve_subject_show(struct request *, struct error *);
int serve_subject_represent(struct request *, struct error *);
int serve_suggestions(struct request *, struct error *);
int serve_subject_erasure(struct request *, struct error *);
int serve_erasure(struct request *, struct error *);
int before_export(struct request *, struct error *);
int serve_export(struct request *, struct error *);
int serve_ledger_checkpoint(struct request *, struct error *);
int serve_ledger_key(struct request *, struct error *);
int serve_ledger_rotate(struct request *, struct error *);
int serve_ledger_history(struct request *, struct error *);
int serve_cosign(struct request *, struct error *);
int serve_cosigned(struct request *, struct error *);
/* Adds the cosignatures that are kept of this very checkpoint. */
int witness_lines(const struct request *, struct buf *note, struct error *);
/* ERR_CONFIG: one of the configuration's keys is none. */
int witnesses_check(const struct config *, struct error *);
int serve_ledger_entries(struct request *, struct error *);
int serve_ledger_bundle(struct request *, struct error *);
int serve_stamp(struct request *, struct error *);
int serve_stamps(struct request *, struct error *);
int serve_authorities(struct request *, struct error *);
int serve_ledger_report(struct request *, struct error *);
int serve_notice(struct request *, struct error *);
int serve_evidence(struct request *, struct error *);
int serve_receipt(struct request *, struct error *);
int serve_custody(struct request *, struct error *);
int serve_affected(struct request *, struct error *);
int serve_templates(struct request *, struct error *);
int serve_outbound(struct request *, struct error *);
int serve_exclude(struct request *, struct error *);
int serve_contact_log(struct request *, struct error *);
int serve_promise_list(struct request *, struct error *);
int serve_promise_decide(struct request *, struct error *);
int before_promise(struct request *, struct error *);
int serve_code(struct request *, struct error *);
int serve_code_state(struct request *, struct error *);
int serve_delivery_order(struct request *, struct error *);
int serve_delivery_file(struct request *, struct error *);
/* Does this request bring a document, and may it? Then its body may be as large
 * as one, and no other does so until delivery_over. */
void delivery_admit(struct request *, const char *method, const char *path);
void delivery_over(struct request *);
int serve_policies(struct request *, struct error *);
/* Signs a checkpoint into note, then records the access with its size and
 * root: what an answer made of entries before it has told. */
int bundle_begin(struct request *, struct staff_access *, struct buf *note,
                 struct ledger_checkpoint *, struct error *);
int serve_consent(struct request *, struct error *);
int serve_consent_exports(struct request *, struct error *);

/* The socket (socket.c): listening, 0660; -1 with error. */
int socket_listen(const char *path, struct error *);
/* The uid at the other end, -1 unknown. */
int socket_peer(int fd, uint32_t *uid);

#endif
