/*
 * store, continued: who talks to a person, what was written meanwhile, and the
 * work on cases. Included by store.h, whose promises and conventions hold here.
 */
#ifndef RESGUARDO_STORE_TALK_H
#define RESGUARDO_STORE_TALK_H

#include "resguardo/store.h"

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

/* ---- work on cases (cases.c) -------------------------------------------- */

/* Writes owner, priority, touched, due and step. */
int case_work(struct store *, const struct case_row *, struct error *);
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
/* What was uploaded for it (a row of forget) is asked about now; for all that
 * goes to a person, too: *until is the latest time up to which that is tried, 0
 * never. What was answered stays as it is. */
int forget_hasten(struct store *, const char *forget, msec now, struct error *);
int forget_of_deliveries(struct store *, const char *subject, msec now,
                         msec *until, struct error *);

#endif
