/*
 * store: what is said to people and by them, and who of ours talks to them.
 * Promises and conventions of store.h hold here.
 */
#ifndef RESGUARDO_STORE_TALK_H
#define RESGUARDO_STORE_TALK_H

#include "resguardo/store.h"

/* ---- de-duplication (seen.c) -------------------------------------------- */

/* 1: new, and now remembered; 0: seen before; -1. */
int seen_add(struct store *, const char *wamid, struct error *);
/* A database that is older than the keys: other keys for those that are gone.
 * Inside a transaction. */
int seen_repair(struct store *, msec now, struct error *);
/* Replaces the key every 10 days; returns in *erase the slot whose rows were
 * deleted (erase it after the commit), 0 if none; again after a crash that
 * came before the erasing. */
int seen_rotate(struct store *, msec now, uint64_t *erase, struct error *);

/* ---- outbox and bursts (outbox.c) --------------------------------------- */

struct outbox_row {
    char id[ID_SIZE], subject[ID_SIZE], attempt[ID_SIZE];
    char policy[STORE_NAME_SIZE], number[STORE_NAME_SIZE];
    char kind[STORE_NAME_SIZE], state[STORE_NAME_SIZE];
    char delivery[STORE_NAME_SIZE];
    msec created, next_try;
    int tries;
};
/* body: the message object without a recipient; sealed. */
int outbox_add(struct store *, const struct outbox_row *, const void *body,
               size_t, struct error *);
/* Writes state, attempt, delivery, next_try, tries; wamid when not NULL. */
int outbox_update(struct store *, const struct outbox_row *, const char *wamid,
                  struct error *);
/* Writes delivery alone, which is in no index. */
int outbox_delivered(struct store *, const char *id, const char *delivery,
                     struct error *);
int outbox_get(struct store *, const char *id, struct outbox_row *,
               struct error *);
int outbox_body(struct store *, const char *id, struct buf *, struct error *);
/* Its words go; they are not asked for again. */
int outbox_wipe(struct store *, const char *id, struct error *);
int outbox_by_wamid(struct store *, const char *wamid, struct outbox_row *,
                    struct error *);
int outbox_by_attempt(struct store *, const char *attempt, struct outbox_row *,
                      struct error *);
typedef int (*outbox_each)(void *arg, const struct outbox_row *);
/* pending and next_try <= now, oldest first, at most max (rows read first). */
int outbox_due(struct store *, msec now, size_t max, outbox_each, void *arg,
               struct error *);
/* sending and next_try <= now; how many there are, or -1. */
int outbox_overdue(struct store *, msec now, size_t max, outbox_each, void *arg,
                   struct error *);
int64_t outbox_under_way(struct store *, struct error *);
/* Prompts in unknown and next_try <= now. */
int outbox_unsure(struct store *, msec now, size_t max, outbox_each, void *arg,
                  struct error *);

struct burst_row {
    char subject[ID_SIZE];
    char policy[STORE_NAME_SIZE], number[STORE_NAME_SIZE];
    msec first_end, due;
};
int burst_get(struct store *, const char *subject, const char *policy,
              const char *number, struct burst_row *, struct error *);
int burst_put(struct store *, const struct burst_row *, struct error *);
int burst_delete(struct store *, const struct burst_row *, struct error *);
int burst_due(struct store *, msec now, size_t max,
              int (*each)(void *arg, const struct burst_row *), void *arg,
              struct error *);
/* Earliest time at which anything is due (outbox, attachments, holds, bursts);
 * INT64_MAX when nothing is. */
int store_next_due(struct store *, msec *, struct error *);

/* ---- conversations (conversation.c) ------------------------------------- */

struct conversation_row {
    char id[ID_SIZE], subject[ID_SIZE];
    char policy[STORE_NAME_SIZE], number[STORE_NAME_SIZE];
    char mode[STORE_NAME_SIZE]; /* bot, waiting, person */
    msec since;                 /* of the mode */
    int64_t who;                /* uid, -1 nobody */
    msec heard, told;
    int64_t kept;
    int priority, step;
    msec due; /* 0: nothing is */
};
int conversation_add(struct store *, const struct conversation_row *,
                     struct error *);
/* Writes all but whose it is. */
int conversation_update(struct store *, const struct conversation_row *,
                        struct error *);
int conversation_get(struct store *, const char *id, struct conversation_row *,
                     struct error *);
int conversation_find(struct store *, const char *subject, const char *policy,
                      const char *number, struct conversation_row *,
                      struct error *);
typedef int (*conversation_each)(void *arg, const struct conversation_row *);
/* Of one mode: the most urgent first, then who came first. */
int conversation_list(struct store *, const char *mode, conversation_each,
                      void *arg, struct error *);
/* due <= now, nearest first, at most max; of a person all (both read before the
 * first callback). */
int conversation_due(struct store *, msec now, size_t max, conversation_each,
                     void *arg, struct error *);
int conversation_of_person(struct store *, const char *subject,
                           conversation_each, void *arg, struct error *);
/* The place of one that waits, 1 the next; -1. */
int64_t conversation_position(struct store *, const struct conversation_row *,
                              struct error *);

struct handover_row {
    char id[ID_SIZE], conversation[ID_SIZE], subject[ID_SIZE];
    char policy[STORE_NAME_SIZE];
    msec asked, taken, ended; /* 0: not; asked 0: the agent began it */
    int64_t taken_by;         /* uid, -1 nobody */
    char how[STORE_NAME_SIZE];
    msec replied;           /* an agent first wrote; 0: not */
    char outbound[ID_SIZE]; /* the reminder that it answers; "" none */
};
int handover_add(struct store *, const struct handover_row *, struct error *);
/* Writes taken, taken_by, ended, how, replied. */
int handover_update(struct store *, const struct handover_row *,
                    struct error *);
/* The one that has not ended. */
int handover_open(struct store *, const char *conversation,
                  struct handover_row *, struct error *);
int handover_get(struct store *, const char *id, struct handover_row *,
                 struct error *);
struct handover_wait {
    msec asked, taken;
};
/* Those of a policy who were taken last, later than `after`; at most `max`. */
int handover_waits(struct store *, const char *policy, msec after,
                   struct handover_wait *, size_t max, size_t *n,
                   struct error *);

/* ---- what was written (chat.c) ------------------------------------------ */

struct chat_row {
    char id[ID_SIZE], subject[ID_SIZE];
    char policy[STORE_NAME_SIZE];
    char conversation[ID_SIZE]; /* or "" */
    char case_id[STORE_CASE_SIZE];
    char kind[STORE_NAME_SIZE]; /* in, out, note, comment */
    msec made;
    int64_t author; /* uid of staff, -1 */
    char outbox[ID_SIZE];
    unsigned epoch;
    char sent[STORE_NAME_SIZE]; /* state of the message that carries it;
                                 * filled when read */
};
/* `age_file` of `header_len` + payload bytes, for the readers of the epoch. */
int chat_add(struct store *, const struct chat_row *, const void *age_file,
             size_t len, size_t header_len, struct error *);
int chat_get(struct store *, const char *id, struct chat_row *, struct error *);
/* The age file. ERR_NOT_FOUND when its slot is erased. */
int chat_file(struct store *, const char *id, struct buf *, struct error *);
typedef int (*chat_each)(void *arg, const struct chat_row *);
/* The newest of a conversation, or notes of a case, oldest first; at most max
 * (rows read before the first callback). */
int chat_of_conversation(struct store *, const char *id, size_t max, chat_each,
                         void *arg, struct error *);
int chat_of_case(struct store *, const char *case_id, size_t max, chat_each,
                 void *arg, struct error *);
int64_t chat_case_count(struct store *, const char *case_id, struct error *);
/* How many need this epoch to be read. */
int64_t chat_epoch_count(struct store *, unsigned epoch, struct error *);

/* ---- contacts that were not in the chat (elsewhere.c) ------------------- */

struct elsewhere_row {
    char id[ID_SIZE], subject[ID_SIZE];
    char policy[STORE_NAME_SIZE], case_id[STORE_CASE_SIZE];
    char channel[STORE_NAME_SIZE]; /* phone, branch, email … */
    bool ours;                     /* we went to them; else they came to us */
    civil_day day;                 /* of the policy's calendar */
    msec at;                       /* noon, where only the day is known */
    int64_t noted_by;              /* uid */
};
int elsewhere_add(struct store *, const struct elsewhere_row *, struct error *);
/* The last day on which we went to them. 1, 0 there is none, -1. */
int elsewhere_last(struct store *, const char *subject, civil_day *,
                   struct error *);
typedef int (*elsewhere_each)(void *arg, const struct elsewhere_row *);
/* Oldest first. */
int elsewhere_of_person(struct store *, const char *subject, elsewhere_each,
                        void *arg, struct error *);

/* ---- reminders and notices (outbound.c) --------------------------------- */

struct outbound_row {
    char id[ID_SIZE], subject[ID_SIZE], outbox[ID_SIZE];
    char policy[STORE_NAME_SIZE], template[STORE_NAME_SIZE];
    char class[STORE_NAME_SIZE], state[STORE_NAME_SIZE];
    char rule[STORE_NAME_SIZE], batch[STORE_NAME_SIZE];
    int64_t row;
    bool counts;
    civil_day day;
    msec made;
    unsigned answered; /* 1 << what, or-ed */
    bool answerable;   /* when it is written: they may answer it */
};
int outbound_add(struct store *, const struct outbound_row *, struct error *);
/* Writes state, rule, outbox, day, made, and answered to nothing. */
int outbound_update(struct store *, const struct outbound_row *,
                    struct error *);
/* By the row of a list, or by the message. 1, 0, -1. */
int outbound_of_row(struct store *, const char *batch, int64_t row,
                    struct outbound_row *, struct error *);
int outbound_of_message(struct store *, const char *outbox,
                        struct outbound_row *, struct error *);
int outbound_get(struct store *, const char *id, struct outbound_row *,
                 struct error *);
/* Those that went to a person under a policy on that day or later, the newest
 * first, at most max; none for who never got one that can be answered. */
int outbound_recent(struct store *, const char *subject, const char *policy,
                    civil_day since, struct outbound_row *, size_t max,
                    size_t *n, struct error *);
/* Writes answered. */
int outbound_answer(struct store *, const struct outbound_row *,
                    struct error *);
/* What counts as a contact of a person on that day, and did not fail, besides
 * one (may be ""); -1. */
int64_t outbound_contacts(struct store *, const char *subject, civil_day,
                          const char *besides, struct error *);

/* ---- promises (promise.c) ----------------------------------------------- */

struct promise_row {
    char id[ID_SIZE]; /* m… */
    char subject[ID_SIZE];
    char policy[STORE_NAME_SIZE], template[STORE_NAME_SIZE];
    char outbound[ID_SIZE];      /* the reminder that it answers */
    char state[STORE_NAME_SIZE]; /* open, kept, broken, replaced */
    civil_day day;
    msec until; /* over from then on */
    msec made, decided;
    int64_t decided_by; /* uid; -1: nobody, or the person changed it */
};
int promise_add(struct store *, const struct promise_row *, struct error *);
/* Writes state, decided, decided_by. */
int promise_update(struct store *, const struct promise_row *, struct error *);
/* 1, 0, -1, as the next two. */
int promise_get(struct store *, const char *id, struct promise_row *,
                struct error *);
/* The one of a person and policy that is neither kept, broken nor replaced. */
int promise_open(struct store *, const char *subject, const char *policy,
                 struct promise_row *, struct error *);
/* Does one of theirs, under any policy, run at that time? */
int promise_runs(struct store *, const char *subject, msec now, struct error *);
typedef int (*promise_each)(void *arg, const struct promise_row *);
/* Of a state, nearest day first; a callback that returns not 0 ends it. */
int promise_list(struct store *, const char *state, promise_each, void *arg,
                 struct error *);
/* All of a person, oldest first; read before the first callback. */
int promise_of_person(struct store *, const char *subject, promise_each,
                      void *arg, struct error *);

/* ---- who wants no advertising (exclusion.c) ----------------------------- */

/* Numbers as Meta writes them, digits alone. What is there already stays, what
 * is not is taken out by nothing. */
int exclusion_add(struct store *, const char *number, msec now, struct error *);
int exclusion_remove(struct store *, const char *number, struct error *);
/* 1, 0, -1. */
int exclusion_has(struct store *, const char *number, struct error *);

/* ---- documents to customers (delivery.c) -------------------------------- */

struct identity_check_row {
    char id[ID_SIZE], subject[ID_SIZE];
    char policy[STORE_NAME_SIZE], number[STORE_NAME_SIZE];
    char case_id[STORE_CASE_SIZE];
    msec until;
    int tries;
    msec passed; /* 0: not */
};
int identity_check_add(struct store *, const struct identity_check_row *,
                       const char *code, struct error *);
/* Writes until, tries, passed. */
int identity_check_update(struct store *, const struct identity_check_row *,
                          struct error *);
/* The last one of a person under a policy, and *is that its code (NULL: not
 * asked). 1, 0, -1. */
int identity_check_newest(struct store *, const char *subject,
                          const char *policy, const char *code,
                          struct identity_check_row *, bool *is,
                          struct error *);

/* Those of a person count no more. */
int identity_check_void(struct store *, const char *subject, struct error *);
/* Had they passed one about that case by then, which counts still? 1, 0, -1. */
int identity_check_stands(struct store *, const char *subject,
                          const char *policy, const char *case_id, msec at,
                          struct error *);

struct delivery_row {
    char id[ID_SIZE], subject[ID_SIZE];
    char policy[STORE_NAME_SIZE], number[STORE_NAME_SIZE];
    char case_id[STORE_CASE_SIZE], state[STORE_NAME_SIZE];
    char reason[STORE_NAME_SIZE]; /* "" none */
    uint32_t ordered_by;
    msec made;
    char template[STORE_NAME_SIZE];        /* "" none */
    char outbox[ID_SIZE], forget[ID_SIZE]; /* "" none */
};
/* file: what is known of the file, JSON; sealed with the person. */
int delivery_add(struct store *, const struct delivery_row *, const void *file,
                 size_t, struct error *);
/* Writes state, reason, template, outbox, forget. */
int delivery_update(struct store *, const struct delivery_row *,
                    struct error *);
int delivery_get(struct store *, const char *id, struct delivery_row *,
                 struct error *);
int delivery_of_message(struct store *, const char *outbox,
                        struct delivery_row *, struct error *);
/* Appends what is known of the file. 1, 0, -1. */
int delivery_file(struct store *, const char *id, struct buf *out,
                  struct error *);
/* Those that were ordered before then and still await their bytes, at most max
 * (rows read first). */
int delivery_late(struct store *, msec before, size_t max,
                  int (*each)(void *arg, const struct delivery_row *),
                  void *arg, struct error *);

#endif
