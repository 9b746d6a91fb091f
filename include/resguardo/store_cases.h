/*
 * store: the files that people send, the cases that they are for, and what
 * those have and lack. Promises and conventions of store.h hold here.
 */
#ifndef RESGUARDO_STORE_CASES_H
#define RESGUARDO_STORE_CASES_H

#include "resguardo/store.h"

/* ---- attachments (attachment.c) ----------------------------------------- */

#define ITEM_NONE        ""  /* no procedure was picked */
#define ITEM_UNCLEAR     "?" /* theirs to say which it is for */
#define ITEM_ASKED       "!" /* … and they were asked */
#define ITEM_UNREQUESTED "-" /* no item asks for it */

struct attachment_row {
    char id[ID_SIZE], subject[ID_SIZE], payload[ID_SIZE];
    char policy[STORE_NAME_SIZE], number[STORE_NAME_SIZE];
    char kind[STORE_NAME_SIZE], state[STORE_NAME_SIZE];
    char announced_type[STORE_TYPE_SIZE];
    char purposes[STORE_LIST_SIZE];
    char item[STORE_NAME_SIZE];    /* or one of ITEM_ below */
    char case_id[STORE_CASE_SIZE]; /* "" none */
    char reason[STORE_NAME_SIZE];  /* "" none */
    msec received, deadline, lifetime, next_try;
    msec warn_at;  /* 0: warned, or nothing to warn of */
    int64_t turn;  /* place in the fair queue; 0: waits for next_try */
    uint64_t slot; /* its own, and its document's; when read */
    int64_t provider_s;
    int tries, hash_failures, judge_deaths;
    int told, meta_copy;
    unsigned epoch;   /* of the last order; 0: none yet */
    bool represented; /* not before the case's mandate is declared */
    unsigned matched; /* enum matched, or-ed */
};
/* What has to be said of how the item was found. */
enum matched {
    MATCHED_GUESS = 1 << 0,    /* by what it may be: they can say no */
    MATCHED_OTHER = 1 << 1,    /* of another case than the one picked last */
    MATCHED_MORE = 1 << 2,     /* the item had all that it takes */
    MATCHED_ELSEWHERE = 1 << 3 /* they named one that is not for the chat */
};
/* claims: canonical JSON {media_id, sha256, file_name, caption, wamid},
 * members absent when unknown; sealed under a slot allocated here. */
int attachment_add(struct store *, const struct attachment_row *,
                   const void *claims, size_t, struct error *);
/* Writes state, next_try, tries, hash_failures, judge_deaths, payload,
 * case_id, reason, told, meta_copy, deadline, warn_at, turn, epoch, item,
 * purposes, represented, matched. */
int attachment_update(struct store *, const struct attachment_row *,
                      struct error *);
int attachment_get(struct store *, const char *id, struct attachment_row *,
                   struct error *);
int attachment_claims(struct store *, const char *id, struct buf *,
                      struct error *);
typedef int (*attachment_each)(void *arg, const struct attachment_row *);
/* Of a person under a policy, in the given state; oldest first. Rows are read
 * before the first callback, so that it may write (unlike other lists). */
int attachment_of_subject(struct store *, const char *subject,
                          const char *policy, const char *state,
                          attachment_each, void *arg, struct error *);
/* The lists of purposes that this person's held files wait for, each list once:
 * however many files there are, few. Read before the first callback. Those of
 * voice messages only with `spoken`. */
int attachment_held_purposes(struct store *, const char *subject,
                             const char *policy, bool spoken,
                             int (*each)(void *arg, const char *purposes),
                             void *arg, struct error *);
/* How many files of a person are held under a policy, or -1. */
int64_t attachment_held(struct store *, const char *subject, const char *policy,
                        struct error *);
/* queued without a turn and next_try <= now; at most max. */
int attachment_waited(struct store *, msec now, size_t max, attachment_each,
                      void *arg, struct error *);
/* queued with a turn: lowest turn first, then nearest lifetime. */
int attachment_next(struct store *, size_t max, attachment_each, void *arg,
                    struct error *);
/* Highest turn of a person's files that are queued or under way, lowest of all
 * that are queued; 0 none, -1. */
int64_t attachment_last_turn(struct store *, const char *subject,
                             struct error *);
int64_t attachment_first_turn(struct store *, struct error *);
/* fetching or judging and next_try <= now; how many there are, or -1. */
int attachment_overdue(struct store *, msec now, size_t max, attachment_each,
                       void *arg, struct error *);
int64_t attachment_under_way(struct store *, struct error *);
/* Those of them that will be sealed to an epoch, or -1. */
int64_t attachment_of_epoch(struct store *, unsigned epoch, struct error *);
/* queued and warn_at <= now. */
int attachment_to_warn(struct store *, msec now, size_t max, attachment_each,
                       void *arg, struct error *);
/* held and deadline <= now, or queued and lifetime <= now; at most max. */
int attachment_expired(struct store *, msec now, size_t max, attachment_each,
                       void *arg, struct error *);
/* At their end (stored, refused, quarantined, expired) and not told. */
int attachment_untold(struct store *, const char *subject, const char *policy,
                      const char *number, attachment_each, void *arg,
                      struct error *);
/* Number queued, fetching or judging for a person under a policy, or -1. */
int64_t attachment_active(struct store *, const char *subject,
                          const char *policy, struct error *);
/* meta_copy = 1 and next_try <= now, at most max. */
int attachment_to_delete(struct store *, msec now, size_t max, attachment_each,
                         void *arg, struct error *);
/* All, newest first, state NULL for any; pages of LIMIT_READER_ROWS inside. */
int attachment_list(struct store *, const char *state, attachment_each,
                    void *arg, struct error *);
/* Of a person whatever policy and state, at most max (they are taken from the
 * front, so whoever deletes them comes to the end). */
int attachment_of_person(struct store *, const char *subject, size_t max,
                         attachment_each, void *arg, struct error *);

/* ---- cases and documents (cases.c, document.c) -------------------------- */

struct case_row {
    char id[STORE_CASE_SIZE];
    char subject[ID_SIZE];
    char policy[STORE_NAME_SIZE], state[STORE_NAME_SIZE];
    msec opened, closed;             /* closed 0: not */
    char procedure[STORE_NAME_SIZE]; /* "" none */
    msec completed;                  /* 0: not yet */
    int64_t documents;               /* filled when read */
    int64_t owner;     /* uid, -1 nobody; what follows is as case_add leaves
                        * it: nobody's, normal, touched when opened */
    int priority;      /* of policy.h */
    msec touched, due; /* due 0: no escalation is due */
    int step;
    /* Whose papers they are (of dialogue.h): "" and 0 are their own. */
    char relation[STORE_NAME_SIZE], mandate[STORE_NAME_SIZE];
    msec mandated;    /* last asked, or declared */
    bool represented; /* all of it is somebody else's */
};
int case_add(struct store *, const struct case_row *, struct error *);
int case_get(struct store *, const char *id, struct case_row *, struct error *);
/* Newest open case of a person under a policy. */
int case_find_open(struct store *, const char *subject, const char *policy,
                   struct case_row *, struct error *);
/* The open one of a procedure, of their own or (represented) for somebody else;
 * now the person comes for it (again). */
int case_find_picked(struct store *, const char *subject, const char *policy,
                     const char *procedure, bool represented, struct case_row *,
                     struct error *);
int case_set_picked(struct store *, const char *id, msec now, struct error *);
/* Of those with a procedure that are not closed, the one that was picked last.
 */
int case_find_procedure(struct store *, const char *subject, const char *policy,
                        struct case_row *, struct error *);
/* Writes relation, mandate and mandated. */
int case_set_mandate(struct store *, const struct case_row *, struct error *);
/* open → complete, once. */
int case_set_complete(struct store *, const char *id, msec now, struct error *);
/* Closes one that is not, and notes it at its documents. */
int case_close(struct store *, const char *id, msec now, struct error *);
int case_list(struct store *, const char *state,
              int (*each)(void *arg, const struct case_row *), void *arg,
              struct error *);
int case_of_person(struct store *, const char *subject,
                   int (*each)(void *arg, const struct case_row *), void *arg,
                   struct error *);

struct document_row {
    char id[ID_SIZE], attachment[ID_SIZE], subject[ID_SIZE], payload[ID_SIZE];
    char case_id[STORE_CASE_SIZE];
    char policy[STORE_NAME_SIZE], state[STORE_NAME_SIZE];
    char media_type[STORE_TYPE_SIZE];
    char purposes[STORE_LIST_SIZE];
    int64_t size, payload_size;
    msec received;
    uint64_t slot; /* its attachment's; filled by document_add */
    unsigned epoch;
    unsigned former_epoch; /* of the header before, while this one is
                            * unproven; 0: it is proven */
    uint32_t moved_by;     /* who moved it, then, and when */
    msec moved;
    uint8_t payload_sha256[SHA256_LEN];
    char item[STORE_NAME_SIZE]; /* as its attachment's */
    msec apart_until;           /* of what nobody asked for; 0 else */
    /* Filled when read; 0 and "" where it is not so. */
    msec case_closed, blocked, block_until;
    char block_cause[STORE_NAME_SIZE]; /* withdrawn, retention, erase */
    bool open_to; /* blocked, but for the person's own access */
};
/* With the attachment's slot: wraps the age header (AD: document id and payload
 * SHA-256), seals name and caption (NULL: none). */
int document_add(struct store *, struct document_row *, const void *header,
                 size_t header_len, const char *file_name, const char *caption,
                 struct error *);
int document_get(struct store *, const char *id, struct document_row *,
                 struct error *);
int document_set_state(struct store *, const char *id, const char *state,
                       struct error *);
/* The age header, unwrapped. ERR_NOT_FOUND when its slot was erased. */
int document_header(struct store *, const struct document_row *, struct buf *,
                    struct error *);
/* The header before, of an unproven one. */
int document_former(struct store *, const struct document_row *, struct buf *,
                    struct error *);
/* Name and caption, NUL-terminated; *_found false when there is none. */
int document_words(struct store *, const struct document_row *,
                   struct buf *name, bool *name_found, struct buf *caption,
                   bool *caption_found, struct error *);
typedef int (*document_each)(void *arg, const struct document_row *);
/* All, oldest first; case_id NULL for any. */
int document_list(struct store *, const char *case_id, document_each, void *arg,
                  struct error *);
/* How many are sealed to an epoch; erased ones are sealed to none. */
int document_epoch_count(struct store *, unsigned epoch, int64_t *,
                         struct error *);
/* At most `limit` of an epoch, in the order of their places, from after one
 * (0: all); *place is the last one's. */
int document_of_epoch(struct store *, unsigned epoch, unsigned limit,
                      uint64_t *place, document_each, void *arg,
                      struct error *);
/* Another header, of another epoch, for a row that was just read and is not
 * erased. It is unproven: the last proven one stays beside it. */
int document_set_header(struct store *, const struct document_row *,
                        unsigned epoch, uint32_t moved_by, msec moved,
                        const void *header, size_t, struct error *);
/* The header of a row that was just read opens: the former one goes. */
int document_prove_header(struct store *, const struct document_row *,
                          struct error *);
/* How many unproven headers came from an epoch; at most `limit` of them in the
 * order of their ids, from after one ("": all). */
int document_unproven_count(struct store *, unsigned former_epoch, int64_t *,
                            struct error *);
int document_unproven(struct store *, unsigned former_epoch, const char *after,
                      unsigned limit, document_each, void *arg, struct error *);
/* Stored documents of a person under a policy (rows read beforehand). */
int document_of_subject(struct store *, const char *subject, const char *policy,
                        const char *state, document_each, void *arg,
                        struct error *);
/* Of a person whatever policy and state, at most max, from the front. */
int document_of_person(struct store *, const char *subject, size_t max,
                       document_each, void *arg, struct error *);
int document_by_attachment(struct store *, const char *attachment,
                           struct document_row *, struct error *);

/* ---- work on cases (cases.c) -------------------------------------------- */

/* Writes owner, priority, touched, due and step. */
int case_work(struct store *, const struct case_row *, struct error *);
/* Nobody owns what this one owned and is not closed: how many; -1. */
int64_t case_release(struct store *, int64_t uid, struct error *);
/* due <= now, nearest first, at most max (rows read first). */
int case_due(struct store *, msec now, size_t max,
             int (*each)(void *arg, const struct case_row *), void *arg,
             struct error *);
/* A document and its attachment go under another case. */
int document_move(struct store *, const struct document_row *,
                  const struct case_row *to, struct error *);

/* ---- what is sent back (case_return.c) ---------------------------------- */

/* No item asks for the document any more: it goes at `until`. */
int document_set_apart(struct store *, const struct document_row *, msec until,
                       struct error *);
/* A complete case is open again. */
int case_reopen(struct store *, const char *id, struct error *);

/* ---- what a case has and lacks (guide.c) -------------------------------- */

/* What there is for one item of a case. */
struct case_item_row {
    char item[STORE_NAME_SIZE]; /* or one of ITEM_ */
    int64_t kept;      /* documents that can be read, since one was sent back */
    int64_t under_way; /* announced, not at their end */
    int64_t refused;
    bool taken; /* staff have it by another channel */
};
/* Those of which there is anything, at most max; *n is out. */
int case_items(struct store *, const char *case_id, struct case_item_row *,
               size_t max, size_t *n, struct error *);
/* Staff have it. Done twice it stays as it was. */
int case_item_take(struct store *, const char *case_id, const char *item,
                   uint32_t uid, msec now, struct error *);
/* A document of it was sent back: it lacks until another comes. */
int case_item_return(struct store *, const char *case_id, const char *item,
                     msec now, struct error *);
/* Announced, not at their end and theirs to explain: oldest first. */
struct unclear_row {
    char attachment[ID_SIZE];
    char procedure[STORE_NAME_SIZE]; /* of its case; "" none */
    bool asked;
};
int attachment_unclear(struct store *, const char *subject, const char *policy,
                       struct unclear_row *, size_t max, size_t *n,
                       struct error *);

/* Answers since `since`; all 0 when there is no row. */
struct guide_row {
    msec since, menu, hinted, lined;
    int64_t answers;
};
int guide_get(struct store *, const char *subject, const char *policy,
              struct guide_row *, struct error *);
int guide_put(struct store *, const char *subject, const char *policy,
              const struct guide_row *, struct error *);

#endif
