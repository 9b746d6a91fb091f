/*
 * registrar: the single writer. Events come in through a queue; one thread
 * applies them, each in a savepoint of the batch's transaction, and collects
 * effects, which are released only after the commit. Rows are the truth and
 * effects are hints: after a crash the registrar re-reads what is due and goes
 * on; start-up and recovery are one path. Clock and randomness are inputs.
 *
 * Promises: P1 (no fetch effect before the ledger holds, committed, an open
 * basis for every required purpose), P2 (a webhook answered 200 is committed
 * and takes effect exactly once), P5 (a read is committed before the desk is
 * answered), P6 (a checkpoint only after the commit).
 */
#ifndef RESGUARDO_REGISTRAR_H
#define RESGUARDO_REGISTRAR_H

#include "resguardo/base.h"
#include "resguardo/config.h"
#include "resguardo/dialogue.h"
#include "resguardo/ledger.h"
#include "resguardo/policy.h"
#include "resguardo/store_people.h"
#include "resguardo/store_cases.h"
#include "resguardo/store_talk.h"
#include "resguardo/store_keep.h"
#include "resguardo/store_erase.h"
#include "resguardo/store_log.h"
#include "resguardo/store_service.h"
#include "resguardo/vault.h"

/* ---- webhooks (webhook.c): parsing is pure and runs before the queue ---- */

enum webhook_kind {
    WEBHOOK_TEXT,
    WEBHOOK_BUTTON, /* interactive button_reply, or template button */
    WEBHOOK_FILE,
    WEBHOOK_LOST, /* something that WhatsApp does not hand over, or that we take
                   * none of: they should know */
    WEBHOOK_STATUS,
    WEBHOOK_MOVED, /* Meta: somebody has another number or user id (phone,
                    * bsuid) than before; `note` says which */
    WEBHOOK_OTHER  /* valid but without effect; `note` says what */
};

struct webhook_item {
    enum webhook_kind kind;
    const char *note; /* static, for counting: "reaction", "no_sender", … */
    char number[33];  /* phone_number_id it was sent to */
    char wamid[LIMIT_WAMID + 1];
    char phone[33];
    char bsuid[LIMIT_HANDLE + 1], parent[LIMIT_HANDLE + 1];
    char *name;                        /* profile name or NULL */
    char *former_phone, *former_bsuid; /* WEBHOOK_MOVED: as they were known, or
                                        * NULL */
    int64_t provider_s;
    char context[LIMIT_WAMID + 1]; /* wamid this answers, "" none */
    char *text;                    /* body or button id */
    /* WEBHOOK_FILE */
    enum media_kind media;
    char media_id[LIMIT_MEDIA_ID + 1]; /* "" when it is not digits */
    char announced_type[129];
    bool odd_sha256;   /* announced, but it does not decode */
    struct buf claims; /* of the sender, as RFC 8785 JSON: media_id, wamid,
                        * file_name, caption, sha256 (hex); what is unknown is
                        * left out */
    bool too_large;    /* Meta would not hand it over (131052) */
    /* WEBHOOK_STATUS */
    char status[17];
    char attempt[ID_SIZE]; /* biz_opaque_callback_data when it is ours */
    int64_t code;          /* why it failed, by Meta's number; 0 */
    /* The messages[] element: of a text or button as RFC 8785 JSON, which may
     * be evidence, of anything else as it came. */
    struct buf raw;
};

struct webhook {
    struct webhook_item *items;
    size_t n;
    size_t strange; /* changes, or whole envelopes, that are none of ours */
    uint8_t body_sha256[SHA256_LEN]; /* zeros where no item has raw */
};
/* Parses a signed body. NULL with ERR_INPUT when it is not JSON or has no
 * string `object` (400), or ERR_NOMEM. Anything else inside is an item. */
struct webhook *webhook_parse(const void *body, size_t, struct error *);
void webhook_free(struct webhook **);
/* "sha256=" and 64 lower-case hex digits, HMAC-SHA256 under any secret;
 * constant time in the comparison. */
bool webhook_signed(const char *signature, const void *body, size_t,
                    const struct secret *const *secrets, size_t n);

/* ---- what the registrar asks of the rooms above it ---------------------- */

struct fetch_order {
    char attachment[ID_SIZE];
    char payload[ID_SIZE];
    char number[33];
    char media_id[LIMIT_MEDIA_ID + 1];
    int64_t max_bytes;
    bool has_sha256;
    uint8_t sha256[SHA256_LEN]; /* from the webhook */
    bool last_hash_try; /* a second wrong hash is kept, for quarantine */
    unsigned epoch;
    uint8_t recipient[AGE_KEY_LEN];
    const struct policy *policy; /* what is accepted; outlives the order */
};

/* Bound by resguardod; all are called on the registrar's thread after the
 * commit and must not block. */
struct registrar_effects {
    void *arg;
    void (*answer)(void *arg, uint64_t request, unsigned status);
    void (*answered)(void *arg); /* after a batch's answers; may be NULL */
    void (*fetch)(void *arg, const struct fetch_order *);
    void (*cancel)(void *arg, const char *attachment);
    /* body: the whole JSON request to /{number}/messages */
    void (*send)(void *arg, const char *outbox, const char *number,
                 const char *body, size_t);
    void (*forget)(void *arg, const char *what, const char *number,
                   const char *media_id);
    void (*forget_contact)(void *arg, const char *what, const char *number,
                           const char *bsuid);
};

/* ---- events ------------------------------------------------------------- */

/* How a fetch ended; posted once an order (intake), after at most one
 * INTAKE_JUDGING, which is progress and no end. */
enum intake_end {
    INTAKE_JUDGING,    /* all bytes are there; only `attachment` is set */
    INTAKE_STORED,     /* judged and accepted; payload linked under its id */
    INTAKE_RETRY,      /* again later */
    INTAKE_REFUSED,    /* for good: reason "type", "size", "unavailable" */
    INTAKE_BAD_HASH,   /* the announced hash does not fit; judged and linked
                          when order.last_hash_try, else gone */
    INTAKE_JUDGE_DIED, /* two judges died over it; linked, for quarantine */
    INTAKE_CANCELLED,
    INTAKE_TOKEN, /* the access token is refused */
    INTAKE__MAX
};
struct intake_result {
    char attachment[ID_SIZE], payload[ID_SIZE];
    enum intake_end end;
    char reason[STORE_NAME_SIZE]; /* "unavailable", "size", "host", … */
    bool linked;                  /* the payload file exists under its id */
    int64_t size, payload_size;
    unsigned epoch; /* of the order: the header is sealed to it */
    uint8_t payload_sha256[SHA256_LEN];
    char media_type[STORE_TYPE_SIZE];
    char finding[STORE_NAME_SIZE];
    struct buf header; /* age header; ownership passes */
};

/* The signature of a request: whose key says that they asked for this. With
 * body_sha256 ("": it had only a reason) an auditor can check it. */
struct staff_signature {
    char nonce[HEX_SIZE(32)];
    char body_sha256[HEX_SIZE(SHA256_LEN)];
    uint8_t sign_key[SIGN_PUBLIC_LEN];
    uint8_t signature[SIGN_LEN];
};

/* What may need a second officer (approval.c), of one request. */
struct approval {
    enum officer_action action;
    const char *policy; /* whose rule counts; NULL: of all that the person of
                         * the access has rows under, and where there is no
                         * person any policy that is loaded */
    bool always;        /* whatever policies say */
    const struct buf *what; /* exactly what is asked, RFC 8785 JSON: the same
                             * when the same is asked again. It may name a
                             * person: it is sealed under a slot of its own */
    /* What comes of it. */
    bool asked;       /* nothing was done: another officer is to approve */
    char id[ID_SIZE]; /* "" where none was needed */
    uint32_t second;  /* who approved */
    char second_name[STAFF_NAME_SIZE];
};

/* What staff did, to be on record before anything leaves. */
struct staff_access {
    const char *event_type; /* document_read, documents_listed, … (static) */
    uint32_t uid;
    char name[STAFF_NAME_SIZE];
    const char *role;       /* static */
    char document[ID_SIZE]; /* or "" */
    const char *state;      /* that the document must be in still, or NULL */
    char case_id[STORE_CASE_SIZE];
    char subject[ID_SIZE]; /* or "" */
    bool whole;            /* all of the person goes out: not while blocked,
                            * but as released to uid, on ->authority */
    const char *reason;    /* or NULL; sealed, the leaf commits to it */
    const char *filter;    /* canonical JSON of an export's filter, or NULL */
    const char *export_id; /* under which filter and salt are kept, or NULL:
                            * with the person, if there is one */
    json_t *evidence;      /* or NULL; borrowed: more of the leaf's evidence,
                            * ids, numbers and hashes */
    const struct staff_signature *signature; /* or NULL; sealed beside the
                                              * reason where there is one */
    char approval_id[ID_SIZE];               /* that it is about, or "" */
    const char *policy;                      /* or NULL */
    const char *authority; /* on whose demand, or NULL; as the reason */
    const char *committed; /* what else is committed to, or NULL: a name of
                            * commitments (static), and its value */
    const char *commitment;
    struct approval *approval; /* that it needs, or NULL */
};

/* A second officer's word. */
struct approval_decision {
    struct staff_access by; /* who, why; its event_type is not used */
    char id[ID_SIZE];
    bool grant;
    uint8_t what_sha256[SHA256_LEN]; /* grant: of what they saw */
};

/* Entries for the keyring, signed by the CLI of who asks, and the grants that
 * they call for: a new epoch one for each reader, a new reader one for the
 * newest epoch and each that has documents. One of [staff], [revoke, epoch],
 * [epoch], [key], or no entry and grants for one who reads already: they stand
 * beside the first that this reader has, which may be missing or may not open,
 * and replace those that were given after it. */
struct keyring_line {
    struct buf entry;
    uint8_t signature[SIGN_LEN];
};
struct keyring_grant {
    unsigned epoch;
    uint32_t uid;
    struct buf file;
};
struct keyring_change {
    struct staff_access by; /* its event_type is not used */
    uint64_t size;          /* of the keyring that the entries follow */
    struct keyring_line lines[2];
    size_t nlines;
    struct keyring_grant *grants;
    size_t ngrants;
    struct approval *approval; /* the registrar's */
};

/* A legal hold, to be placed or lifted. */
struct hold_order {
    struct staff_access by; /* subject, case, reason, signature */
    char id[ID_SIZE];       /* of the hold; out when placed */
    msec until;             /* 0: until it is lifted */
    enum hold_kind kind;
};

/* What staff do with a request (request_staff.c). */
enum request_action {
    REQUEST_OPEN,     /* for a person (by.subject), or an incident (nobody) */
    REQUEST_ASK,      /* the person, for what it lacks: the term waits */
    REQUEST_COMPLETE, /* it is there: the term begins anew */
    REQUEST_EXTEND,
    REQUEST_ASSIGN,
    REQUEST_CLOSE,
    REQUEST_ACTION__MAX
};
struct request_order {
    struct staff_access by; /* subject, reason, signature; its event_type is
                             * not used */
    enum request_action action;
    char id[ID_SIZE];   /* of the request; out when opened */
    const char *policy; /* open: NULL where the person has but one */
    const char *kind;   /* open: what it is, by request_type_names, or one of
                         * the policy's clocks */
    msec received;      /* open: 0 now; an incident: when it was found */
    msec escalated;     /* open, incident: who answers for it knew; 0 now */
    const char *told;   /* how the person was told in another way than here, or
                         * NULL: by a message now, or not at all if that is not
                         * possible and the action does without */
    const char *until;  /* extend: the new last day, YYYY-MM-DD */
    const char *outcome, *ground; /* close; ground NULL but for a refusal */
    const char *requester;        /* open: who asks; NULL: the person */
    const char *assurance; /* open, complete, close: how it is known that they
                            * are it; NULL: as it was, or nothing yet */
    uint32_t handler;      /* assign: uid */
    bool forwarded_late;   /* out, close: sent on after the law's day for it */
};
/* NULL-ended: how staff may end a request, and why one may be refused. */
extern const char *const request_outcomes[];
extern const char *const request_grounds[];
/* NULL-ended: who may ask (Ley 1581 de 2012, art. 14; Decreto 1377 de 2013,
 * art. 20), the person first; and how who they are is known, "unverified"
 * first.
 */
extern const char *const request_requesters[];
extern const char *const request_assurances[];

/* Two references that are one person, or are not: by.subject is the newer one,
 * by.reason how that is known. */
struct link_order {
    struct staff_access by; /* subject, reason, signature; its event_type is not
                             * used */
    const char *former;
    const char *kind;  /* link: one of link_kinds */
    const char *proof; /* link: one of link_proofs; NULL: no consent of the
                        * former one comes over */
    char id[ID_SIZE];  /* of the link; out */
};
/* Somebody answers for a person under age, or for whose papers a case is; or
 * does no more. by.reason: how that is known. */
struct represent_order {
    struct staff_access by; /* subject, reason, signature; its event_type is not
                             * used. case_id: a case of theirs, ""; policy: of
                             * the procedure. Out: case_id */
    bool ends;
    const char *relation; /* by relation_names, but adult; NULL where it ends */
    const char *heard;    /* heard, too_young; NULL for who is no child */
    const char *procedure; /* a case of it for somebody else, or NULL */
};
/* NULL-ended. */
extern const char *const link_kinds[];
extern const char *const link_proofs[];

/* What is blocked, opened for an authority: by->document, or all of
 * by->subject. */
struct release_order {
    struct staff_access by; /* reason, authority, signature */
    msec until;             /* out */
};

/* Headers of another epoch for documents that are there. `former` is the epoch
 * of the header that was opened for it: the one in place, or the proven one
 * before it. */
struct rewrap_item {
    char document[ID_SIZE];
    unsigned former;
    struct buf header;
};
struct rewrap {
    struct staff_access by;
    unsigned epoch;
    struct rewrap_item *items;
    size_t n;
    size_t done; /* those that had not changed meanwhile */
};
/* Headers that somebody took from the desk again and opened. */
struct proof_item {
    char document[ID_SIZE];
    uint8_t sha256[SHA256_LEN]; /* of the header */
};
struct proof {
    struct staff_access by;
    struct proof_item *items;
    size_t n;
    size_t done;
};
/* A kit that is about to be printed. */
struct escrow {
    struct staff_access by;
    unsigned epoch;
    uint8_t recipient_sha256[SHA256_LEN];
};
/* A page of headers that is about to leave. */
struct headers_read {
    struct staff_access by;
    unsigned epoch;
    bool unproven;
    size_t n;
};

/* Reminders and notices by a template, to people of a list. */
struct outbound_item {
    int64_t row;    /* of the list, from 1 */
    const char *to; /* a phone number's digits, or a user id */
    bool phone;
    const char *values[LIMIT_PARAMETERS];
    bool has_other;  /* the last contact over another channel … */
    civil_day other; /* … was on that day */
    /* What came of it: queued, denied (by rule), known (it was queued before);
     * both constant. */
    const char *state, *rule;
    char id[ID_SIZE]; /* "" for who is not known here */
};
struct outbound_order {
    struct staff_access by; /* signature; its event_type is not used */
    const char *policy, *template;
    char batch[33]; /* 32 hex digits: the same list has the same */
    struct outbound_item *items;
    size_t n;
};
/* Numbers that want no advertising come to a list, or leave it. */
struct exclusion_order {
    struct staff_access by;
    char list[HEX_SIZE(SHA256_LEN)]; /* which file they are from */
    const char **numbers;            /* digits */
    size_t n;
    bool leave;
};

/* What became of a promise to pay (promise.c). */
struct promise_order {
    struct staff_access by; /* signature; its event_type is not used */
    char id[ID_SIZE];
    bool kept; /* else it was broken */
};

/* An agent and a conversation, or a case. */
struct conversation_order {
    struct staff_access by; /* its event_type is not used */
    char id[ID_SIZE];       /* of the conversation */
    const char *text;       /* a reply's */
    const char *prepared;   /* the name it is prepared under, or NULL */
    char message[ID_SIZE];  /* out: a reply's, in chat */
};
/* Where a person is met beside the chat; NULL behind the last. */
#define CHANNELS_ELSEWHERE 7
extern const char *const contact_channels[CHANNELS_ELSEWHERE + 1];
enum case_work {
    CASE_NOTE,     /* text */
    CASE_ASSIGN,   /* to uid */
    CASE_PRIORITY, /* priority */
    CASE_MOVE,     /* by->document here */
    CASE_RECEIVED, /* item came by another channel */
    CASE_RETURN,   /* by->document is no good: ground */
    CASE_CONTACT,  /* one that was not in the chat: channel, ours, day, and
                    * text, which may be NULL */
    CASE_OPEN      /* of by->subject under by->policy; by->case_id is out */
};
struct case_order {
    struct staff_access by; /* case_id; its event_type is not used */
    enum case_work work;
    const char *text;
    uint32_t to;
    enum priority priority;
    const char *item; /* of its procedure */
    const char *channel;
    bool ours;     /* we went to them */
    bool has_day;  /* else it was now */
    civil_day day; /* of the policy's calendar */
    enum return_ground ground;
    bool told, reopened; /* out, of a return: we could say so now (WhatsApp lets
                          * us, no agent has them); the case was complete */
};

/* A code that staff tell a customer over another channel (delivery.c). */
struct code_order {
    struct staff_access by; /* case_id, signature; event_type is not used */
    char code[LIMIT_CODE_LEN + 1]; /* out */
    msec until;                    /* out */
    struct template_given with;    /* what tells them outside of the window */
    const char *told; /* out: "chat", "template", or NULL: nobody told them that
                       * a code is awaited */
    const char *rule; /* inner */
};
/* A document that staff want to send to a customer. */
struct delivery_order {
    struct staff_access by; /* case_id, reason, signature; as above */
    uint8_t sha256[SHA256_LEN];
    size_t size;
    const char *name;             /* that the customer sees */
    const char *caption;          /* the name of a prepared text, or NULL */
    struct template_given with;   /* what carries it outside of the window */
    const char *rule;             /* inner */
    char id[ID_SIZE];             /* out: of the delivery */
    char number[STORE_NAME_SIZE]; /* out: that it goes from */
};
/* What came of its bytes. */
struct delivery_end {
    char id[ID_SIZE];
    const char *reason; /* NULL: Meta has them, under media_id; else why not:
                         * static, of docs/ledger.md */
    const char *media_id, *media_type, *number;
    size_t size;
    bool refused; /* out: the rules forbid it by now; it is on record */
    bool over;    /* inner */
};

/* An officer's order to erase a person. */
struct erase_order {
    struct staff_access by; /* subject, reason, signature; its event_type is
                             * not used */
    const char *ground;
    char erasure[ID_SIZE]; /* out: the erasure that does it, maybe one that was
                            * ordered before */
};
/* Why a person, or a document, is erased: withdrawn, request, objection,
 * purpose_ended, unlawful, legal_duty, minor; and, for ourselves, retention,
 * evidence_over, restored. */
bool erasure_ground_valid(const char *ground);
/* Those that an officer can give; NULL ends them. */
extern const char *const erasure_grounds[];

enum send_end { SEND_OK, SEND_RETRY, SEND_PERMANENT, SEND_UNKNOWN, SEND_TOKEN };

struct registrar_status {
    bool ready, healthy, read_only;
    uint64_t ledger_size;
    /* Since the start: answered 200; what in them had no effect, and why. */
    uint64_t webhooks, ignored, duplicates;
    msec webhook_at; /* when the last one was answered; 0: none */
    bool token_refused;
    const char *storage; /* static: unchecked, checking, sound, damaged */
};

/* What this daemon is, for the ledger. */
struct registrar_instance {
    const char *version; /* static */
    char config_sha256[HEX_SIZE(SHA256_LEN)];
    char policies_sha256[HEX_SIZE(SHA256_LEN)];
    void (*clock_state)(struct clock_state *);
};
enum instance_event { INSTANCE_STARTED, INSTANCE_STOPPED, INSTANCE_CHANGED };

/* A request that the desk refused. */
struct denial {
    uint32_t uid;
    char name[STAFF_NAME_SIZE]; /* "": not on the keyring */
    char route[48];             /* "GET /documents/:" and the like */
    char reason[12];            /* unknown, revoked, role, refused, others */
    char document[ID_SIZE];     /* that the route names and that is there; "" */
};

struct registrar; /* opaque */
struct registrar_needs {
    const struct config *config;
    const struct policy_set *policies;
    struct store *store; /* the writer; ownership passes */
    const struct keyring *keyring;
    const struct registrar_effects *effects;
    const struct clock_source *clock;
    const struct random_source *random;
    const struct registrar_instance *instance; /* NULL: nothing is said of it */
};
/* Opens the ledger, publishes notices that are new (ERR_CONFIG naming the file
 * when a published version changed), recovers. Starts no thread. */
int registrar_open(struct registrar **, const struct registrar_needs *,
                   struct error *);
/* The thread; registrar_step instead applies what is queued and due, for tests
 * and replays: returns the number of events applied, -1 on a fatal error. */
int registrar_start(struct registrar *, struct error *);
int registrar_step(struct registrar *);
/* Once, after `ready`: every table and every entry of the ledger are looked
 * through, at the lowest priority, on a thread of its own. Damage is alarmed,
 * and from then on all is read-only: webhooks get 503, nothing is read either
 * (that would have to be recorded); `check` and `ledger verify` still answer.
 */
int registrar_check_storage(struct registrar *, struct error *);
/* When something is due next (msec of the clock); INT64_MAX never. */
msec registrar_next_due(struct registrar *);
/* Begins nothing new towards Graph from now on; what is under way may end. */
void registrar_drain(struct registrar *);
/* Finishes the batch, answers what waits 503, ends. */
void registrar_close(struct registrar **);

/* Posts; all thread-safe. -1 (503) when the queue is full or closing; the
 * webhook's ownership passes only on 0. */
int registrar_post_webhook(struct registrar *, uint64_t request,
                           struct webhook *);
int registrar_post_intake(struct registrar *, struct intake_result *);
int registrar_post_sent(struct registrar *, const char *outbox, enum send_end,
                        int code, const char *wamid);
int registrar_post_forgotten(struct registrar *, const char *what, bool done);
/* New policies (SIGHUP); the old set must stay alive until close. */
int registrar_post_policies(struct registrar *, const struct policy_set *);
/* Enters that the daemon was told anew or ends; now (may be NULL) is what it is
 * from here on. Its start is entered by itself. Blocks the caller. */
int registrar_record_instance(struct registrar *, enum instance_event,
                              const struct registrar_instance *now,
                              struct error *);
/* Counts a refusal, to be entered within a second; of the same user, route and
 * reason once a minute, with a number. Never blocks for long, never fails. */
void registrar_deny(struct registrar *, const struct denial *);
/* The token works again. */
int registrar_post_token(struct registrar *);
/* Commits the access and returns 0, or -1; blocks the caller (desk). One that
 * needs a second officer is ERR_WAITS until they approved. A document
 * that left the state it was seen in is ERR_CONFLICT, and nothing on record:
 * a withdrawal may have come in between. */
int registrar_record(struct registrar *, const struct staff_access *,
                     struct error *);
/* Checks a change by the keyring's rules, commits it with its grants and
 * leaves, and works with it from then on; blocks the caller. ERR_CONFLICT when
 * the keyring is not of the size that the change follows. */
int registrar_change_keyring(struct registrar *, const struct keyring_change *,
                             struct error *);
/* Approves, refuses or takes back. ERR_NOT_PERMITTED when this officer may not:
 * who asked, who signs with the same key, who is on the keyring for less than a
 * day by one officer's word. ERR_CONFLICT when it ended meanwhile. */
int registrar_decide_approval(struct registrar *,
                              const struct approval_decision *, struct error *);
/* A case is closed, on record. ERR_CONFLICT: it was. */
int registrar_close_case(struct registrar *, const struct staff_access *,
                         struct error *);
/* Work on a case, on record, with what is to be kept of it. ERR_CONFLICT where
 * the case is closed (but for notes); ERR_NOT_FOUND for what is not there,
 * and for a document of another person. */
int registrar_work_case(struct registrar *, struct case_order *,
                        struct error *);
/* An agent has the conversation from now on; it is the bot's again.
 * ERR_CONFLICT: it was so already. */
int registrar_take_conversation(struct registrar *, struct conversation_order *,
                                struct error *);
int registrar_hand_back(struct registrar *, struct conversation_order *,
                        struct error *);
/* Writes to the customer, and keeps it sealed. ERR_NOT_PERMITTED: another one
 * has the conversation, or "customer_service_window": they last wrote more than
 * 24 hours ago. */
int registrar_reply(struct registrar *, struct conversation_order *,
                    struct error *);
/* Places a hold on by->subject (and by->case_id), or lifts hold->id. */
int registrar_place_hold(struct registrar *, struct hold_order *,
                         struct error *);
int registrar_lift_hold(struct registrar *, struct hold_order *,
                        struct error *);
/* Links the two, or ends that; on record. ERR_NOT_FOUND: nobody, or not linked;
 * ERR_CONFLICT: they are one person already, or one of them is blocked or goes.
 * A link that needs a second officer is ERR_NOT_PERMITTED until they approved.
 */
int registrar_link(struct registrar *, struct link_order *, struct error *);
int registrar_unlink(struct registrar *, struct link_order *, struct error *);
/* by->subject is of age: their own yes counts again, with all references.
 * ERR_CONFLICT: they never said anything else. */
int registrar_clear_minor(struct registrar *, const struct staff_access *,
                          struct error *);
/* Declares, or ends, a mandate: of the case, of a new one, or (neither) of
 * by.subject who said that they are under age. What waited for it goes on.
 * ERR_CONFLICT: it is so already, or nobody has to answer for that. */
int registrar_represent(struct registrar *, struct represent_order *,
                        struct error *);
/* Does it, on record. ERR_NOT_FOUND; ERR_CONFLICT: it ended already;
 * ERR_NOT_PERMITTED with the rule that says no, and the law behind it. */
int registrar_request(struct registrar *, struct request_order *,
                      struct error *);
/* How long after the time that `by` counts from a document of this type is due,
 * -1: never by it; *rule says why, NULL for a withdrawal that `erasure: block`
 * of the policy keeps apart. Not for DUE_BLOCKED. */
msec retention_period(const struct policy *, enum due_by by,
                      const char *media_type, const struct policy_rule **rule);
/* Opens what is blocked to who asks, for LIMIT_RELEASE_H; two officers always.
 * ERR_CONFLICT: it is not blocked (any more). */
int registrar_release(struct registrar *, struct release_order *,
                      struct error *);
/* Puts what the rules of contact allow into the outbox, each row once, and both
 * on record; blocks the caller. ERR_INPUT: no such policy or template, or a
 * value that is none; nothing was queued then. */
int registrar_outbound(struct registrar *, struct outbound_order *,
                       struct error *);
/* Draws a code for the person of a case, good for half an hour. The rules that
 * forbid it, and any sending, are ERR_NOT_PERMITTED "RULE: why":
 * send_documents, purpose_not_open, impersonation_hold; and those of contact,
 * where a template would have to tell them: no code is drawn then. */
int registrar_ask_code(struct registrar *, struct code_order *, struct error *);
/* Puts on record what is about to be sent, before there is a byte of it. Rules
 * besides: identity_not_checked, they did not write the code of this case, or
 * it counts no more; window_closed, and no template to carry it; those of
 * contact.
 */
int registrar_order_delivery(struct registrar *, struct delivery_order *,
                             struct error *);
/* The document goes into the outbox, once, or that it does not is on record.
 * ERR_CONFLICT: it ended already. Either way Meta is asked to delete what it
 * has, when the message has arrived or at once. */
int registrar_end_delivery(struct registrar *, struct delivery_end *,
                           struct error *);
/* Staff say whether a promise was kept, once. ERR_NOT_FOUND; ERR_CONFLICT: it
 * was decided, or its person named another day. */
int registrar_decide_promise(struct registrar *, const struct promise_order *,
                             struct error *);
/* Numbers that get no advertising from now on, or do again; on record as how
 * many. */
int registrar_exclude(struct registrar *, const struct exclusion_order *,
                      struct error *);
/* Orders an erasure, on record; blocks the caller until that is committed, not
 * until it is done. ERR_NOT_FOUND: nobody has this id. */
int registrar_erase(struct registrar *, struct erase_order *, struct error *);
/* Puts the headers in place, with one leaf that names each and its hashes;
 * blocks the caller. ERR_INPUT for what is no header to one recipient. */
int registrar_rewrap(struct registrar *, struct rewrap *, struct error *);
/* Gives up the headers before those that were opened; ERR_NOT_PERMITTED for
 * those that are not theirs to prove. */
int registrar_prove(struct registrar *, struct proof *, struct error *);
/* 0, or ERR_NOT_PERMITTED with why this officer does not prove the unproven
 * header of a row: they moved it themselves and there is another officer, or
 * there was one and it is no month ago; or one of the two is new. */
int header_check_prover(struct store *, const struct keyring *,
                        const struct document_row *, uint32_t uid, msec now,
                        struct error *);
/* An officer seals an epoch's secret for who is not on the keyring. */
int registrar_record_escrow(struct registrar *, struct escrow *,
                            struct error *);
int registrar_record_headers(struct registrar *, struct headers_read *,
                             struct error *);
/* What came of asking an authority of time about a checkpoint. */
struct stamp_record {
    const struct staff_access *by; /* who wanted it now; NULL: the daemon */
    struct stamp_row row;          /* size and all that the caller has */
    uint8_t root[SHA256_LEN];      /* of the tree */
    enum stamp_failure why;        /* STAMP_OK, or why there is none */
};
/* Puts it on record: a stamp that the caller checked, with its row, or that
 * there is none. Blocks the caller. */
int registrar_record_stamp(struct registrar *, struct stamp_record *,
                           struct error *);
/* The keyring that counts now. It never changes and lives until close; a later
 * call may give another one. */
const struct keyring *registrar_keyring(struct registrar *);
/* The policies that count now; they live until close. */
const struct policy_set *registrar_policies(struct registrar *);
/* A signed checkpoint of all that is committed; blocks the caller. */
int registrar_checkpoint(struct registrar *, struct buf *note, struct error *);
void registrar_get_status(struct registrar *, struct registrar_status *);
/* Commits work: what /healthz says. */
bool registrar_healthy(struct registrar *);
/* What ever came in and what became of it, as it is committed; by any handle.
 * The caller releases it; NULL with error. */
json_t *registrar_traffic(struct store *, struct error *);
/* Records the exchange of the ledger's key and signs the checkpoint with both:
 * appended to note. When only that fails it is done with the next one. */
int registrar_rotate_ledger_key(struct registrar *, const struct staff_access *,
                                struct buf *note, struct error *);
/* Keeps a checkpoint that is signed by us and cosigned, beside the lines that
 * are stored of it, which are added to the note. */
struct cosigned {
    uint64_t size;
    struct buf *note;
};
int registrar_keep_cosigned(struct registrar *, struct cosigned *,
                            struct error *);
/* The log's verifier key of now; valid until close. Any thread. */
const char *registrar_vkey(const struct registrar *);

/* ---- the keyring's rows (keyring_log.c) --------------------------------- */

/* Reads the log to a keyring of nothing. ERR_VERIFY when an entry does not
 * hold. */
int keyring_log_replay(struct store *, struct keyring *, struct error *);
/* The same against what is pinned beside the keys: its root, and the longest
 * log ever worked with, so that a database put back from an older copy brings
 * no revoked reader back. The caller frees. */
int keyring_log_open(struct store *, struct keyring **, struct error *);
/* Pins how long the log is now. */
int keyring_log_pin(struct store *, const struct keyring *, struct error *);

#endif
