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
 *
 * Here: its life, what programs post to it, what it asks of them, and what can
 * be asked of it. What staff do with it is in registrar_staff.h and beside it.
 */
#ifndef RESGUARDO_REGISTRAR_H
#define RESGUARDO_REGISTRAR_H

#include "resguardo/base.h"
#include "resguardo/config.h"
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

/* ---- what it asks of the rooms above it ---------------------------------- */

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

/* ---- its life ------------------------------------------------------------ */

struct registrar; /* opaque */
struct registrar_instance;
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

/* ---- what programs post -------------------------------------------------- */

struct webhook; /* webhook.h */

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

enum send_end { SEND_OK, SEND_RETRY, SEND_PERMANENT, SEND_UNKNOWN, SEND_TOKEN };

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
/* The token works again. */
int registrar_post_token(struct registrar *);

/* ---- what it puts on record of itself ------------------------------------ */

/* What this daemon is, for the ledger. */
struct registrar_instance {
    const char *version; /* static */
    char config_sha256[HEX_SIZE(SHA256_LEN)];
    char policies_sha256[HEX_SIZE(SHA256_LEN)];
    void (*clock_state)(struct clock_state *);
};
enum instance_event { INSTANCE_STARTED, INSTANCE_STOPPED, INSTANCE_CHANGED };
/* Enters that the daemon was told anew or ends; now (may be NULL) is what it is
 * from here on. Its start is entered by itself. Blocks the caller. */
int registrar_record_instance(struct registrar *, enum instance_event,
                              const struct registrar_instance *now,
                              struct error *);

/* A request that the desk refused. */
struct denial {
    uint32_t uid;
    char name[STAFF_NAME_SIZE]; /* "": not on the keyring */
    char route[48];             /* "GET /documents/:" and the like */
    char reason[12];            /* unknown, revoked, role, refused, others */
    char document[ID_SIZE];     /* that the route names and that is there; "" */
};
/* Counts a refusal, to be entered within a second; of the same user, route and
 * reason once a minute, with a number. Never blocks for long, never fails. */
void registrar_deny(struct registrar *, const struct denial *);

/* ---- what can be asked of it --------------------------------------------- */

struct registrar_status {
    bool ready, healthy, read_only;
    uint64_t ledger_size;
    /* Since the start: answered 200; what in them had no effect, and why. */
    uint64_t webhooks, ignored, duplicates;
    msec webhook_at; /* when the last one was answered; 0: none */
    bool token_refused;
    const char *storage; /* static: unchecked, checking, sound, damaged */
};
void registrar_get_status(struct registrar *, struct registrar_status *);
/* The keyring that counts now. It never changes and lives until close; a later
 * call may give another one. */
const struct keyring *registrar_keyring(struct registrar *);
/* The policies that count now; they live until close. */
const struct policy_set *registrar_policies(struct registrar *);
/* A signed checkpoint of all that is committed; blocks the caller. */
int registrar_checkpoint(struct registrar *, struct buf *note, struct error *);
/* Commits work: what /healthz says. */
bool registrar_healthy(struct registrar *);
/* What ever came in and what became of it, as it is committed; by any handle.
 * The caller releases it; NULL with error. */
json_t *registrar_traffic(struct store *, struct error *);
/* The log's verifier key of now; valid until close. Any thread. */
const char *registrar_vkey(const struct registrar *);

#endif
