/*
 * The registrar's inside: one struct, one thread. Everything below is used by
 * that thread only, but the queue (queue.c), which has the lock. What its
 * files do for each other is in the *_private.h beside this one, by noun; a
 * file includes those that it uses.
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
#include "resguardo/registrar_staff.h"
#include "resguardo/webhook.h"

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

/* What a decision is made with (consent_private.h). */
struct deciding;

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

/* ---- batch.c ------------------------------------------------------------ */

int batch_run(struct registrar *, struct event *list); /* events applied */
/* Answers a webhook; those of a batch are let go together. */
void batch_answer_one(struct registrar *, const struct event *,
                      unsigned status);
void batch_answered(struct registrar *);
/* Every COMMIT of the running registrar: one of unknown outcome is noted, and
 * the next batch begins with a fresh handle. */
int batch_commit(struct registrar *, struct error *);
/* A transaction of our own between two batches, its effects released after the
 * commit. */
int batch_between(struct registrar *, batch_step, void *arg, struct error *);
/* Runs a step in a savepoint of its own, twice when it fails for a reason of
 * its own. 0 done; 1 given up (err says why, nothing of it remains); -1 the
 * environment failed. */
int batch_guard(struct registrar *, batch_step, void *arg, struct error *);

/* ---- effect.c ----------------------------------------------------------- */

/* Takes it. */
int effect_add(struct registrar *, struct effect *, struct error *);
/* Forgets those behind the first n: what wanted them was undone. */
void effects_cut(struct registrar *, size_t n);
/* After the commit. */
void effects_release(struct registrar *);

/* ---- event.c ------------------------------------------------------------ */

/* 0, or -1 when the environment failed and the batch must be undone. What
 * became of staff's is noted in the event. */
int event_apply(struct registrar *, struct event *, struct error *);

#endif
