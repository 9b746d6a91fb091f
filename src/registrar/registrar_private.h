/*
 * The registrar's inside: one struct, one thread. Everything below is used by
 * that thread only, but the queue (queue.c), which has the lock.
 *
 * Functions that apply something return 0, or -1 with an error; an error of
 * the environment (error_is_environment) undoes the whole batch, any other
 * only the savepoint it happened in.
 */
#ifndef RESGUARDO_REGISTRAR_PRIVATE_H
#define RESGUARDO_REGISTRAR_PRIVATE_H

#include <pthread.h>
#include <string.h>

#include "resguardo/registrar.h"

/* Fetches that may be on their way at once; the rest waits as rows, so that
 * the nearest lifetime goes first. */
#define FETCHES_AT_ONCE 8
#define SENDS_AT_ONCE   64
/* An order or a message without an answer for this long was lost on the way;
 * longer than graph and the judge may take. */
#define FETCH_LEASE MSEC_H
#define SEND_LEASE  (10 * 60 * MSEC_S)
/* A status comes within a second or two of the message. */
#define STATUS_WAIT (5 * MSEC_S)
/* Rows of each kind that one batch looks after. */
#define PUMP_ROWS 32

/* Copies a text into a row's field, cut to its size, the rest zeroed. */
static inline void field_set(char *field, size_t cap, const char *value)
{
    size_t len = strnlen(value, cap - 1);

    memcpy(field, value, len);
    memset(field + len, 0, cap - len);
}
#define SET(field, value) field_set(field, sizeof(field), value)

/* ---- events ------------------------------------------------------------- */

enum event_kind {
    EVENT_WEBHOOK,
    EVENT_INTAKE,
    EVENT_SENT,
    EVENT_FORGOTTEN,
    EVENT_UNLINKED,
    EVENT_POLICIES,
    EVENT_TOKEN,
    EVENT_RECORD,
    EVENT_STAFF,
    EVENT_CHECKPOINT
};

/* Somebody blocked on an event; lives on their stack. */
struct waiter {
    bool done;
    int result;
    struct error err;
};

typedef int (*batch_step)(struct registrar *, void *arg, struct error *);

struct event {
    struct event *next;
    enum event_kind kind;
    uint64_t request;                  /* WEBHOOK */
    struct webhook *webhook;           /* WEBHOOK */
    struct intake_result intake;       /* INTAKE */
    char id[ID_SIZE];                  /* SENT: outbox; FORGOTTEN: attachment;
                                          UNLINKED: payload */
    enum send_end send;                /* SENT */
    int code;                          /* SENT */
    char *wamid;                       /* SENT */
    bool flag;                         /* FORGOTTEN: done */
    const struct policy_set *policies; /* POLICIES */
    const struct staff_access *access; /* RECORD, the waiter's */
    batch_step step;                   /* STAFF */
    void *arg;                         /* STAFF, the waiter's */
    struct buf *note;                  /* CHECKPOINT, the waiter's */
    struct waiter *waiter;             /* RECORD, STAFF, CHECKPOINT */
};
void event_free(struct event **);

/* ---- effects ------------------------------------------------------------ */

enum effect_kind {
    EFFECT_FETCH,
    EFFECT_CANCEL,
    EFFECT_SEND,
    EFFECT_FORGET,
    EFFECT_FORGET_CONTACT, /* body: the bsuid */
    EFFECT_UNLINK
};

struct effect {
    enum effect_kind kind;
    char id[ID_SIZE]; /* attachment, outbox, payload, what to forget */
    char number[33];
    char media_id[LIMIT_MEDIA_ID + 1];
    struct fetch_order order;
    struct buf body;
};

/* A bucket of messages: the time at which it will be full again says how
 * empty it is. */
struct pace_bucket {
    uint64_t key; /* of a person; 0 is an empty place */
    msec full;
    msec later;  /* of a number: when the last one that waits may go … */
    msec placed; /* … and when that was said */
};

struct pace {
    struct pace_bucket *buckets; /* of persons: open addressing */
    size_t places, used;         /* places: a power of two */
    uint8_t key[16];
    struct pace_bucket lines[LIMIT_NUMBERS]; /* as config->numbers */
};

/* Refusals of one user on one route for one reason. */
struct denied_place {
    bool used;
    struct denial what;
    uint64_t count, taken; /* not entered yet; entered by this batch */
    msec first, entered;   /* the first of the count; 0: never */
    bool due;              /* the batch looked at it */
};
struct denied {
    struct denied_place places[LIMIT_DENIED], others;
    bool fresh;   /* something is due at once */
    bool closing; /* all is due */
    msec looked;
};

/* What was said of the instance, and when. */
struct said_so {
    bool started;
    msec clock, behind;
};

/* Batches that failed one after the other: told at once, then once a minute. */
struct trouble {
    uint64_t n; /* since it was told */
    msec told;  /* 0: the last batch was fine */
};

/* What a batch counted, items of webhooks but for the first; added to the
 * status when it is committed, and to what is kept before (traffic.c). */
struct traffic {
    uint64_t webhooks, messages;
    uint64_t applied, statuses, ignored, duplicates;
    uint64_t failed;    /* statuses that could not be applied */
    uint64_t put_aside; /* messages that could not: dead letters */
};

struct breaker {
    int refusals; /* by Meta, for good, in a row */
    msec wait, until;
};

struct deep_check {
    pthread_t thread;     /* these three under the queue's lock */
    bool started;         /* and not joined */
    struct store *reader; /* what it reads from, to interrupt it */
    bool stop, damaged;   /* atomic */
    bool passed;          /* atomic: it ended, and found no damage */
    bool paused;          /* the registrar's: to be begun again */
};

/* A keyring that somebody may still be reading. */
struct former_ring {
    struct former_ring *next;
    struct keyring *ring;
};

struct registrar {
    const struct config *config;
    const struct policy_set *policies;
    struct store *store;
    struct ledger *ledger;
    struct shown_key *shown_key;   /* ledger_key.c; others read it */
    const struct keyring *keyring; /* changed under the lock */
    struct keyring *ring_owned;    /* the same, if it is ours */
    struct keyring *ring_next;     /* of the batch under way, or NULL */
    struct former_ring *formers;
    const struct registrar_effects *effects;
    const struct clock_source *clock;
    const struct random_source *random;

    /* The queue. `status` and `policies_now` are read by others under the
     * same lock. */
    pthread_mutex_t lock;
    pthread_cond_t wake, answered;
    struct event *first, **last;
    size_t queued;
    bool closing, draining, started;
    pthread_t thread;
    struct registrar_status status;
    const struct policy_set *policies_now; /* after the last batch */
    struct deep_check deep_check;
    struct denied denied; /* `looked` and the batch's marks are the writer's */
    struct registrar_instance instance; /* changed by the writer */

    /* The batch under way. */
    msec now;
    bool hopeful;      /* no savepoints: one failure, and all is done again */
    bool disappointed; /* … as it has to be */
    struct traffic counted, sums_next; /* what it makes of the sums */
    struct effect *pending;
    size_t npending, cap_pending;

    /* Between batches. */
    struct traffic sums; /* as they are committed, once they were read */
    bool sums_known;
    struct pace pace;
    struct breaker breaker;
    int64_t turn;       /* of the last file that was ordered */
    bool token_refused; /* nothing goes to Graph until it works again */
    bool answers;       /* given, and not let go */
    msec last_checkpoint, last_rotation, last_io_error, retry_at;
    msec last_upkeep;
    struct trouble trouble;
    struct said_so said;
    msec opened;        /* when it was … */
    uint64_t opened_at; /* … and how many entries there were */
    msec clock_behind;  /* the most that a message was ahead of us */
    bool bury;          /* approvals ended: their slots are to be erased */
    msec erase_again;   /* erasures are looked at again, and not before */
    bool erase_waits;   /* one is under way and cannot go on yet */
    unsigned wal_tries; /* to empty it, in a row */
    bool superseded;    /* some yeses are to a notice that changed since */
    bool broken;        /* store must be reopened */
    bool read_only; /* a second I/O error within a minute, or damage found */
    msec next_due;
    bool more;      /* the last pump left due rows that could go on at once */
    bool held_back; /* … or some that wait for something else than time */
    bool letters_ended; /* some have a slot that is to go */
    struct buf buried;  /* dead letters that need no more trying, as rows */
};

/* ---- queue.c ------------------------------------------------------------ */

int queue_post(struct registrar *, struct event *); /* takes it on 0 */
/* A payload that no row names has lost its file too. */
int queue_unlinked(struct registrar *, const char *payload);
/* Up to max events, in order; NULL when none. */
struct event *queue_take(struct registrar *, size_t max);
/* What one transaction takes: half of what waits, so that there is work while
 * it is made durable. */
struct event *queue_take_batch(struct registrar *);
/* Puts a list back at the front. */
void queue_return(struct registrar *, struct event *list);
void queue_answer(struct registrar *, struct event *, int result,
                  const struct error *);

/* A step that somebody waits for. */
int queue_staff(struct registrar *, batch_step, void *arg, struct error *);

/* ---- keyring_change.c --------------------------------------------------- */

/* The keyring after what was applied so far, committed or not. */
const struct keyring *keyring_newest(const struct registrar *);
/* Does who asks have the role and the key still, in this very transaction?
 * ERR_NOT_PERMITTED: they were revoked since the desk looked. */
int keyring_permits(const struct registrar *, const struct staff_access *,
                    struct error *);
/* A leaf of what staff did, and its evidence with the signature. */
json_t *keyring_leaf(struct registrar *, const char *event,
                     const struct staff_access *);
void keyring_leaf_signed(json_t *evidence, const struct staff_access *);
/* The steps of registrar_rewrap and registrar_prove (header_change.c); arg is
 * theirs. */
int headers_move(struct registrar *, void *arg, struct error *);
int headers_prove(struct registrar *, void *arg, struct error *);
/* The step of registrar_change_keyring; arg is the change. */
int keyring_apply(struct registrar *, void *arg, struct error *);
/* After a batch: what it made of the keyring counts, or never was. */
void keyring_committed(struct registrar *);
void keyring_undone(struct registrar *);
/* There were two officers once (meta). */
#define META_TWO_OFFICERS "two_officers"
/* With what the batch under way made of it. */
const struct keyring *keyring_newest(const struct registrar *);
/* Once nobody knows what was committed. */
int keyring_reload(struct registrar *, struct error *);
void keyring_close(struct registrar *);

/* ---- batch.c ------------------------------------------------------------ */

int batch_run(struct registrar *, struct event *list); /* events applied */
/* Answers a webhook; those of a batch are let go together. */
void batch_answer_one(struct registrar *, const struct event *,
                      unsigned status);
void batch_answered(struct registrar *);
/* Every COMMIT of the running registrar: one of unknown outcome is noted, and
 * the next batch begins with a fresh handle. */
int batch_commit(struct registrar *, struct error *);
int effect_add(struct registrar *, struct effect *, struct error *);
/* A transaction of our own between two batches, its effects released after the
 * commit. */
int batch_between(struct registrar *, batch_step, void *arg, struct error *);
/* Runs a step in a savepoint of its own, twice when it fails for a reason of
 * its own. 0 done; 1 given up (err says why, nothing of it remains); -1 the
 * environment failed. */
int batch_guard(struct registrar *, batch_step, void *arg, struct error *);

/* An access as a leaf, free text as a note. Members of `more` (may be NULL; it
 * is taken) go into the leaf's evidence. */
int staff_record(struct registrar *, const struct staff_access *, json_t *more,
                 struct error *);

/* ---- what we are (instance.c) and what we refused (denied.c) ------------ */

int instance_upkeep(struct registrar *, struct error *);
/* A message of this second came. */
void clock_compare(struct registrar *, int64_t provider_s);
/* In a batch: entries of the refusals that are due; then what became of it. */
int denied_enter(struct registrar *, struct error *);
void denied_committed(struct registrar *);
void denied_undone(struct registrar *);

/* Adds what the batch counted to the sums (traffic.c). */
int traffic_add(struct registrar *, struct error *);
void traffic_committed(struct registrar *);
/* Nobody knows what was committed: they are read again. */
void traffic_unsure(struct registrar *);

/* ---- what is due (pump.c) and where we begin (recover.c) ---------------- */

int pump_run(struct registrar *, struct error *);
int upkeep_run(struct registrar *, struct error *);
int recover_run(struct registrar *, struct error *);
int publish_notices(struct registrar *, struct error *);

/* ---- after ready (deep_check.c) ----------------------------------------- */

/* It found damage: nothing may be written any more. */
bool deep_check_failed(const struct registrar *);
/* It ended, and nothing speaks against writing. */
bool deep_check_passed(const struct registrar *);
/* Somebody else came upon damage. */
void deep_check_damaged(struct registrar *, const struct error *why);
/* Stops it, if it runs. */
void deep_check_end(struct registrar *);
/* A look at a large table keeps the WAL from being emptied: it is ended, and
 * begun again later. On the registrar's thread. */
void deep_check_pause(struct registrar *);
int deep_check_resume(struct registrar *, struct error *);

/* ---- leaves (leaf.c) ---------------------------------------------------- */

/* {time, event_type, subject?, policy?}; NULL: no memory. */
json_t *leaf_new(struct registrar *, const char *event_type,
                 const char *subject, const char *policy);
/* Members, of a leaf or of what it will hold; absent values (NULL, "") are left
 * out. Errors surface in leaf_append, or when asked: since leaf_new, or the
 * last time, was every member added? */
bool leaf_whole(void);
void leaf_text(json_t *leaf, const char *key, const char *value);
void leaf_time(json_t *leaf, const char *key, msec);
void leaf_hash(json_t *leaf, const char *key, const uint8_t *, size_t);
/* Takes it; an empty one is said, too. */
void leaf_value(json_t *leaf, const char *key, json_t *value);
void leaf_object(json_t *leaf, const char *key, json_t *value); /* takes it */
/* Appends and releases the leaf, also on failure. leaf NULL: ERR_NOMEM. */
int leaf_append(struct registrar *, json_t *leaf, uint64_t *index,
                struct error *);
/* A leaf of texts alone, entered: what the commonest ones are. `more` is what
 * it has beside the time, the event, the person and the policy. */
int leaf_enter(struct registrar *, const char *event_type, const char *subject,
               const char *policy, const struct ledger_text *more, size_t n,
               struct error *);
/* hex of SHA-256(salt ‖ value) with a fresh 16-byte salt, both returned. */
#define SALT_LEN 16
void leaf_commit(struct registrar *, const void *value, size_t,
                 uint8_t salt[static SALT_LEN], char hex[static 65]);

/* ---- messages (message.c, dead_letter.c, person.c) ---------------------- */

/* When they said it: the provider's second, if that clock is not too far ahead
 * of ours. */
int64_t message_said_s(const struct registrar *, const struct webhook_item *);
int message_apply(struct registrar *, const struct webhook *,
                  const struct webhook_item *, struct error *);
/* A message that failed for a reason of its own (err) is kept for the next
 * start. -1: not even that. */
int dead_letter_keep(struct registrar *, const struct webhook *,
                     const struct webhook_item *, struct error *);
/* At a start, in its transaction; bury: after that was committed. */
int dead_letters_retry(struct registrar *, struct error *);
int dead_letters_bury(struct registrar *, struct error *);
/* In a batch, as long as their handles are found: those of a person who is to
 * be blocked are tried no more, and nobody reads them. */
int dead_letters_end(struct registrar *, const char *subject, struct error *);
/* Between batches: the slots and rows of such. 1, 0, -1. */
int dead_letters_sweep(struct registrar *, struct error *);
/* Between batches: those of a person who is to be erased, and what ended. */
int dead_letters_forget(struct registrar *, const char *subject,
                        struct error *);
/* Finds or adds the data subject an item is from. */
int person_resolve(struct registrar *, const struct webhook_item *,
                   struct subject_row *, struct error *);

/* ---- decisions (decision.c, plan.c, evidence.c) ------------------------- */

/* What a decision was made with; NULL item for none (a policy's own doing). */
struct deciding {
    const struct policy *policy;
    const struct subject_row *subject;
    const struct webhook *webhook;
    const struct webhook_item *item;
    struct conversation_row *talk; /* id "": a person was never asked for */
};
int plan_state(struct registrar *, const struct policy *, const char *subject,
               struct dialogue_state *, struct error *);
int plan_carry_out(struct registrar *, const struct deciding *,
                   const struct dialogue_state *, const struct dialogue_plan *,
                   struct error *);
/* One decision: state row and leaf with evidence, the prompt answered. */
int decision_record(struct registrar *, const struct deciding *,
                    const struct dialogue_state *,
                    const struct dialogue_action *, struct error *);
/* A yes that ends without a word of the person about it: Meta says so (reason
 * "meta_opt_out"), or who gave it was under age ("minor"). Nothing where there
 * is none, or only a no. */
int decision_by_itself(struct registrar *, const struct policy *,
                       const char *subject, int purpose, const char *reason,
                       int64_t provider_s, struct error *);
/* Seals what proves it to the custody recipient; fills the leaf's evidence
 * and commitments. */
int evidence_decision(struct registrar *, const struct deciding *,
                      const struct prompt_row *, json_t *evidence,
                      json_t *commitments, struct error *);
/* Why a person was erased, in the officer's words and with their signature; for
 * who holds the custody identity. Fills the leaf's evidence and commitments. */
int evidence_erasure(struct registrar *, const struct erase_order *,
                     json_t *evidence, json_t *commitments, struct error *);
/* Leaves notice_presented and consent_requested, once a prompt. */
int prompt_presented(struct registrar *, struct prompt_row *, struct error *);
/* What of a notice a leaf names; of a purpose (-1: none). */
int leaf_notice(struct registrar *, json_t *leaf, const struct policy *,
                const char *version, const char *language, struct error *);
void leaf_purpose(json_t *leaf, const struct policy *, int purpose);
/* Why nobody has to be asked (Colombia), if that is so. */
void leaf_exemption(json_t *evidence, const struct policy *, int purpose);

/* ---- what is open (purposes.c, reached.c, validity.c) ------------------- */

/* The row of a purpose (one that says nothing, where there is none), and what
 * it means now. */
int purpose_standing(struct registrar *, const struct policy *,
                     const char *subject, int purpose, struct consent_row *,
                     enum consent_state *, struct error *);
enum gate {
    GATE_OPEN,
    GATE_WAITS, /* what is needed was not said, or is said no more */
    GATE_SHUT   /* refused or withdrawn, or nothing that could be asked for */
};
/* All purposes of the list together. */
int gate_of(struct registrar *, const struct policy *, const char *subject,
            const char *purposes, enum gate *, struct error *);
/* The message of a prompt reached the person: `how` is delivered, read or
 * reply. What rests on another basis than consent is open from here on. */
int notice_reached(struct registrar *, struct prompt_row *, const char *how,
                   struct error *);
/* The same, where a message of theirs quotes it. */
int notice_quoted(struct registrar *, const struct deciding *, struct error *);
/* When a yes of that second, to that version, runs out; 0 never. */
int consent_until(struct registrar *, const struct policy *, int purpose,
                  const char *version, int64_t yes_s, msec *, struct error *);
/* Yeses that ran out, some at a time. */
int consent_upkeep(struct registrar *, struct error *);
/* A file whose gate closed without a no waits again, and the person is asked
 * anew; after a no it is dropped. */
int attachment_closed(struct registrar *, const struct policy *,
                      struct attachment_row *, struct error *);

/* ---- requests (request.c, request_say.c, request_due.c) ----------------- */

/* Somebody asked for it in the chat; `words` (or NULL) are kept sealed. 0: it
 * is on record and the person was told by when they hear of it; 1: one of the
 * type runs already, nothing is said; 2: the policy has no clock for it,
 * nothing happened; -1. */
int request_open(struct registrar *, const struct deciding *, enum request_type,
                 const char *words, struct error *);
/* What they were asked for is kept with their request: silence ends it no more,
 * and staff are told until they go on with it. */
int request_answer(struct registrar *, const struct deciding *, struct error *);
/* A line of text for each request of the person that runs: what they asked for
 * (case_id ""), or what is promised for that case. */
int request_words(struct registrar *, const struct policy *,
                  const char *subject, const char *case_id, struct buf *out,
                  struct error *);
/* Consents were taken back: opened, done and answered at once. */
int request_withdrawn(struct registrar *, const struct deciding *,
                      struct error *);
/* Somebody else than the person asked for it. */
bool request_by_other(const struct request_row *);
/* And who they are is not known: it cannot be granted. */
bool request_unproven(const struct request_row *);
/* What was asked for was done: those of the type end as granted, but what
 * somebody else asked for without showing who they are. */
int request_done(struct registrar *, const char *subject, enum request_type,
                 struct error *);
/* The person is erased: all end. */
int request_person_gone(struct registrar *, const char *subject,
                        struct error *);
/* A case is complete, or closed: what was promised for it begins, or ends. The
 * clock is a place in the policy's. */
int request_sla(struct registrar *, const struct case_row *, const char *number,
                int clock, struct error *);
int request_case_closed(struct registrar *, const struct case_row *,
                        struct error *);
/* Those whose time came, some at a time. */
int request_upkeep(struct registrar *, struct error *);

/* ---- attachments (attachment_life.c, intake_end.c, receipt.c) ----------- */

/* What the sender said of a file; the caller releases it. NULL with error. */
json_t *claims_read(struct registrar *, const char *attachment, struct error *);
int attachment_hold(struct registrar *, const struct policy *,
                    const struct subject_row *, const struct webhook_item *,
                    unsigned *needs, struct error *);
/* A turn in the fair queue: a person's files one a round. */
int attachment_enqueue(struct registrar *, struct attachment_row *,
                       struct error *);
/* held and all purposes given → queued. */
int attachment_release(struct registrar *, const struct policy *,
                       const char *subject, struct error *);
/* Whatever has not ended and needs this purpose → dropped. */
int attachment_drop(struct registrar *, const struct policy *,
                    const char *subject, const char *purpose, struct error *);
/* Whatever has not ended → dropped, for this reason. */
int attachment_drop_all(struct registrar *, const char *policy,
                        const char *subject, const char *reason,
                        struct error *);
/* queued → fetching, or its end when the gate, the policy or the id say so. */
int attachment_fetch(struct registrar *, const struct attachment_row *,
                     struct error *);
/* Asks Meta to delete its copy, until it says that it did. */
int attachment_forget(struct registrar *, struct attachment_row *,
                      struct error *);
/* An end: state, reason, leaf (type `event`), Meta's copy, receipt. */
int attachment_end(struct registrar *, struct attachment_row *,
                   const char *state, const char *reason, struct error *);
int intake_apply(struct registrar *, struct intake_result *, struct error *);
/* Documents that rest on the purpose → blocked. */
int document_block(struct registrar *, const struct policy *,
                   const char *subject, const char *purpose, struct error *);
/* Are all of them open? */
int gate_open(struct registrar *, const struct policy *, const char *subject,
              const char *purposes, bool *open, struct error *);
unsigned purposes_mask(const struct policy *, const char *list);
void purposes_list(const struct policy *, unsigned mask,
                   char out[static STORE_LIST_SIZE]);
bool purposes_has(const char *list, const char *purpose);
/* A file reached an end: the person's receipt is due a little later. */
int receipt_note(struct registrar *, const struct attachment_row *,
                 struct error *);
int receipt_send(struct registrar *, const struct burst_row *, struct error *);

/* ---- procedures (procedure.c, guide.c, guide_files.c, menu.c) ------------ */

/* What a case's procedure has. */
struct procedure_look {
    struct dialogue_guide guide; /* procedure -1: it has none */
    bool has[LIMIT_ITEMS];       /* kept, or taken by another channel */
    bool here;                   /* all that is for this chat and required */
    bool complete;               /* all that is required */
    bool under_way;
};
int procedure_look(struct registrar *, const struct policy *,
                   const struct case_row *, struct procedure_look *,
                   struct error *);
/* Place of an item in the case's procedure, -1. */
int item_find(const struct policy *, const struct case_row *, const char *item);
/* As records name it. */
const char *item_said(const char *item);
/* Does this file wait until the person says what it is? */
bool item_unclear(const struct attachment_row *);
int procedure_state(struct registrar *, const struct policy *,
                    const char *subject, struct dialogue_state *,
                    struct error *);
/* Counts an answer of ours; a choice of theirs begins anew. Of all else
 * nothing. */
int procedure_answered(struct registrar *, const struct deciding *,
                       const struct dialogue_action *, struct error *);
int procedure_pick(struct registrar *, const struct deciding *, int procedure,
                   struct error *);
/* A new file's item, case and purposes; wrong: its kind is not taken there. */
int procedure_match(struct registrar *, const struct policy *,
                    const struct webhook_item *, struct attachment_row *,
                    unsigned *needs, bool *wrong, struct error *);
int procedure_item(struct registrar *, const struct deciding *,
                   const struct dialogue_action *, struct error *);
/* A number of the policy that they exchanged messages with; "" none. */
int number_at(struct registrar *, const struct policy *, const char *subject,
              char out[static STORE_NAME_SIZE], struct error *);
/* open → complete, on record; what the policy promises for it begins. */
int case_complete(struct registrar *, struct case_row *, struct error *);
/* An unclear file is for this item (NULL: for none), and goes on. */
int attachment_explain(struct registrar *, const struct policy *,
                       struct attachment_row *, const struct policy_item *,
                       struct error *);
/* Its time to be explained is over: it is one that nobody asked for. */
int attachment_unexplained(struct registrar *, struct attachment_row *,
                           struct error *);

int guide_send_menu(struct registrar *, const struct deciding *,
                    struct error *);
int guide_ask_item(struct registrar *, const struct deciding *,
                   const char *attachment, struct error *);
int guide_say_needed(struct registrar *, const struct deciding *,
                     const struct case_row *, struct error *);
int guide_say_status(struct registrar *, const struct deciding *,
                     struct error *);
int guide_say_missing(struct registrar *, const struct deciding *,
                      struct error *);
int guide_say_data(struct registrar *, const struct deciding *,
                   const struct dialogue_state *, struct error *);
/* Sends the text with what can be asked about one's data, as far as the policy
 * has a clock for it; without any the text alone. */
int guide_send_data(struct registrar *, const struct deciding *,
                    const char *text, struct error *);
/* Opens what they picked there; one that runs already is told. */
int guide_request(struct registrar *, const struct deciding *,
                  const struct dialogue_state *, enum request_type,
                  struct error *);
/* At a number of the policy that they wrote to. */
int guide_say_complete(struct registrar *, const struct policy *,
                       const struct case_row *, struct error *);
/* What a burst brought for a procedure's case. */
#define WRONG_SAID 2
struct guide_burst {
    char case_id[STORE_CASE_SIZE]; /* "" none */
    char wrong[WRONG_SAID][STORE_NAME_SIZE];
    size_t nwrong;
    bool unrequested;
    bool completed; /* out: its case needs nothing more */
};
/* Appends what that means for the case; nothing for one without a procedure. */
int guide_receipt(struct registrar *, const struct policy *,
                  struct guide_burst *, struct buf *, struct error *);
/* Open cases of theirs that have all that they need, though no receipt is about
 * them: complete, and told. */
int guide_settle(struct registrar *, const struct policy *, const char *subject,
                 struct error *);

/* ---- a person in the conversation (conversation.c, reply.c, chat.c) ------ */

/* Whom this item is for, read into d->talk; that they wrote is noted. */
int conversation_heard(struct registrar *, const struct deciding *,
                       struct dialogue_state *, struct error *);
/* What the plan wants done; the reminder ("" none) that it answers. */
int conversation_ask(struct registrar *, const struct deciding *,
                     const char *reminder, bool again, struct error *);
int conversation_back(struct registrar *, const struct deciding *,
                      struct error *);
int conversation_keep(struct registrar *, const struct deciding *,
                      struct error *);
/* The hand-over ends, if one is open, and the conversation is the bot's: how is
 * customer, agent, silence, blocked or erased. `by` NULL: nobody of staff. */
int conversation_end(struct registrar *, struct conversation_row *,
                     const char *how, const struct staff_access *by,
                     struct error *);
/* All of a person: they are blocked or erased. */
int conversation_end_all(struct registrar *, const char *subject,
                         const char *how, struct error *);
/* Silence and escalations, in a batch. */
int conversation_upkeep(struct registrar *, struct error *);
/* An access as a leaf about a conversation; takes `more`. */
int conversation_record(struct registrar *, const struct conversation_row *,
                        const struct staff_access *, const char *event,
                        json_t *more, struct error *);
/* A text, sealed to those who read the newest epoch. `by` of staff, or NULL;
 * the commitment to it is written to hex, where that is not NULL. */
int chat_keep(struct registrar *, struct chat_row *, const char *text,
              const struct staff_access *by, char *hex, struct error *);
/* When a case that was touched now gets more urgent; 0 never. */
msec case_escalates(const struct registrar *, const char *policy);
int case_upkeep(struct registrar *, struct error *);
/* A new one, with its leaf: by staff or (NULL) of itself. The row comes with
 * subject and policy. */
int case_new(struct registrar *, struct case_row *, const struct staff_access *,
             struct error *);

/* ---- how it was (rating.c) ----------------------------------------------- */

/* A case was closed by staff, or a hand-over has ended: they are asked later,
 * if the policy says so and if they may be. */
int rating_case_closed(struct registrar *, const struct case_row *,
                       struct error *);
int rating_handover_ended(struct registrar *, const struct conversation_row *,
                          const struct handover_row *, struct error *);
/* What is due, in a batch. */
int rating_upkeep(struct registrar *, struct error *);
/* Just before the question goes. *ended: it does not, and was never asked. */
int rating_recheck(struct registrar *, const struct outbox_row *, bool *ended,
                   struct error *);
/* Is there a question that this item may answer? */
int rating_state(struct registrar *, const struct deciding *,
                 struct dialogue_state *, struct error *);
/* What the plan wants done. */
int rating_take(struct registrar *, const struct deciding *,
                const struct dialogue_state *, int score, struct error *);
int rating_comment(struct registrar *, const struct deciding *,
                   const struct dialogue_state *, struct error *);
int rating_comment_end(struct registrar *, const struct dialogue_state *,
                       struct error *);
/* They took something back: nothing is asked any more. */
int rating_stop(struct registrar *, const char *subject, struct error *);

/* ---- messages out (mail.c) ---------------------------------------------- */

int mail_say(struct registrar *, const struct policy *, const char *subject,
             const char *number, const char *kind, const char *text,
             struct error *);
/* The same by names; id is out. */
int mail_write(struct registrar *, const char *policy, const char *subject,
               const char *number, const char *kind, const char *text,
               char id[static ID_SIZE], struct error *);
/* Takes the list or the buttons; quoted: the wamid it is about, or NULL. */
int mail_interactive(struct registrar *, const struct policy *,
                     const char *subject, const char *number,
                     json_t *interactive, const char *quoted, struct error *);
/* The same for the question how it was; its id comes out. */
int mail_rating(struct registrar *, const struct policy *, const char *subject,
                const char *number, json_t *interactive,
                char id[static ID_SIZE], struct error *);
/* A question about one purpose, to be handed over at a time. */
struct question {
    const struct policy *policy;
    const char *subject, *number;
    int purpose;
    enum prompt_form form;
    msec at;
};
int mail_question(struct registrar *, const struct question *, struct error *);
/* To who just wrote, now. */
int mail_prompt(struct registrar *, const struct deciding *, int purpose,
                enum prompt_form, struct error *);
/* A message as it goes to Meta, without a recipient; its id comes out. */
int mail_notice(struct registrar *, const struct policy *, const char *subject,
                const char *number, const struct buf *body,
                char id[static ID_SIZE], struct error *);
/* The same of a document: whether it may still go is asked of delivery.c. */
int mail_document(struct registrar *, const struct policy *,
                  const char *subject, const char *number,
                  const struct buf *body, char id[static ID_SIZE],
                  struct error *);
int mail_hand_over(struct registrar *, const struct outbox_row *,
                   struct error *);
/* The row now waits for the status of an attempt that may have arrived. */
void mail_unsure(const struct registrar *, struct outbox_row *);
/* A prompt that waited for its status in vain. */
int mail_ask_again(struct registrar *, const struct outbox_row *,
                   struct error *);
int mail_sent(struct registrar *, const char *outbox, enum send_end, int code,
              const char *wamid, struct error *);
int mail_status(struct registrar *, const struct webhook_item *,
                struct error *);

/* 1, 2, 4 … s, at most 5 min. */
msec backoff(int tries);

/* ---- breaker (breaker.c) ------------------------------------------------ */

/* Meta refused an id for good. True: too many in a row, keep the file. */
bool breaker_refused(struct registrar *);
/* An id was resolved: all is well. */
void breaker_resolved(struct registrar *);
/* How many of the free places may be used now. */
size_t breaker_places(const struct registrar *, size_t places);

/* ---- pace (pace.c) ------------------------------------------------------ */

/* Now, and a place is taken; or the time at which to ask again. */
msec pace_take(struct registrar *, const char *number, const char *subject);
/* When a message that is written now may go, as far as its number is concerned
 * and all that were written before: it is not looked at before. */
msec pace_expect(struct registrar *, const char *number);
int pace_open(struct registrar *, struct error *);
void pace_close(struct registrar *);

/* ---- the ledger's key (ledger_key.c) ------------------------------------ */

/* Shows others the key of now. */
int ledger_key_show(struct registrar *, struct error *);
void ledger_key_close(struct registrar *);
/* ledger_checkpoint, which may be where the key is exchanged. */
int ledger_key_checkpoint(struct registrar *, struct buf *note, struct error *);

#include "outward_private.h"

#include "keep_private.h"

#endif
