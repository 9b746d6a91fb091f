/*
 * The simulation: one seed, one world. Time, chance, disk, Meta, the intake and
 * the customers are ours; the registrar, its store and ledger are the
 * product's, untouched. `model` keeps what must hold, from what it saw go in
 * and from what it reads in the committed ledger, and knows nothing of how the
 * product decides.
 */
#ifndef SIMULATION_SIM_H
#define SIMULATION_SIM_H

#include <sqlite3.h>

#include "dice.h"
#include "disk.h"

#include "resguardo/registrar.h"

#include "service.h"

#define POLICIES 2
#define PURPOSES 3 /* at most, of one policy */
enum { ES, CO };
enum { CASE_PROCESSING, SENSITIVE, CONTACT };
extern const char *const sim_numbers[POLICIES];
extern const char *const sim_policies[POLICIES];
extern const char *const sim_purposes[PURPOSES];
unsigned sim_all_purposes(int policy); /* bits */

/* ---- what differs from seed to seed ------------------------------------ */

struct weather {
    uint32_t people;
    uint32_t mean_gap_s; /* between two things that one person does */
    uint32_t crash;      /* one step in so many; 0 never */
    uint32_t fault;      /* one step in so many; 0 never */
    uint32_t full_disk;  /* a lasting fault, one step in so many */
    uint32_t clock_jump; /* one step in so many */
    uint32_t trouble;    /* percent of calls to Graph that end badly */
    uint32_t duplicates; /* percent of webhooks that come again */
    uint32_t delay_s;    /* mean delay of a webhook */
    uint32_t window_ms;  /* what happens in so much time is one batch */
    uint32_t baja;       /* percent of doings that are withdrawals */
    uint32_t spite;      /* percent of fetches that meet a withdrawal */
    uint32_t power_cuts; /* every second death is one */
    uint32_t liar;       /* the disk says it synced and did not */
    uint32_t staff;      /* percent of doings that staff do something beside */
    bool reader_stays, same_second;
};

/* ---- people and what they send ----------------------------------------- */

enum message_kind {
    M_FILE,
    M_TEXT, /* means nothing */
    M_YES,  /* typed words */
    M_NO,
    M_OTHER,
    M_BAJA,
    M_STOP,  /* no more reminders */
    M_MINOR, /* they are under age */
    M_CODE,  /* six digits that staff told them, or others */
    M_SCORE, /* how it was, typed */
    M_GRANT, /* buttons */
    M_REFUSE,
    M_OTHER_BUTTON,
    M_WITHDRAW,
    M_ROW, /* of a list, or a button with an id of ours */
    M_ODD, /* acknowledged, no effect */
    M__MAX
};
enum applied { NOT_APPLIED, MAYBE_APPLIED, APPLIED, TOO_OLD };

struct message {
    uint32_t person;
    uint8_t policy, kind, file_kind, applied, odd;
    uint8_t purpose; /* buttons; PURPOSES: all */
    uint8_t leaves[PURPOSES + 1];
    uint8_t caption; /* place in sim_captions; of a score: 1 to 5 */
    bool unfetchable, posted;
    int64_t provider_s;
    char version[16], context[40];
    uint32_t row;            /* of the world's; code: of its checks; + 1 */
    uint32_t next_of_person; /* index + 1 */
};

struct button { /* one that a person has on their screen */
    uint8_t policy, kind, purpose;
    char version[16], context[40];
    uint32_t row, letter;
};
#define BUTTONS 60
#define ROWS    10 /* of a list */
#define ROW_ID  96

struct standing { /* one decision, as the ledger tells it */
    enum { S_NONE, S_GIVEN, S_REFUSED, S_WITHDRAWN } state;
    int64_t yes_s, no_s; /* as written in the leaves */
    int64_t true_no_s;   /* of the message that said so */
    uint64_t no_index;   /* leaf of the last no */
    uint32_t given;      /* how often */
};

struct person {
    char phone[20], bsuid[24];
    bool shows_phone, shows_bsuid, bsuid_later;
    char subject[ID_SIZE];
    uint32_t newest; /* message index + 1, chain by next_of_person */
    int64_t last_s;
    bool touched, acting;
    struct button buttons[BUTTONS];
    uint32_t nbuttons;
    struct standing standing[POLICIES][PURPOSES];
    bool child;                 /* and nobody answers for them */
    uint32_t check;             /* index + 1: a code that staff told them */
    uint32_t newest_attachment; /* index + 1 */
    int64_t to_tell[POLICIES][3], told[POLICIES][3];
    int64_t may_tell[POLICIES]; /* refused files of which it is not certain */
    msec last_receipt[POLICIES];
};
enum { TELL_STORED, TELL_QUARANTINED, TELL_REFUSED };

enum file_state {
    F_HELD,
    F_FETCHING,
    F_STORED,
    F_QUARANTINED,
    F_REFUSED,
    F_EXPIRED,
    F_DROPPED
};
enum { NO_ITEM = -1, UNREQUESTED = -2 };
struct attachment { /* as the ledger tells it */
    char id[ID_SIZE];
    uint32_t person;
    uint8_t policy, state, purposes;
    int8_t item;           /* of its case's procedure, or below */
    bool represented;      /* papers of somebody else */
    uint32_t of_case;      /* index + 1 */
    uint8_t before[ITEMS]; /* files that were announced before, in all */
    uint8_t elsewhere;     /* items that staff had by then: bits */
    uint64_t held_index;
    msec held_at;
    uint32_t document;       /* index + 1 */
    uint32_t next_of_person; /* index + 1 */
};

struct document {
    char id[ID_SIZE];
    uint32_t attachment, of_case;
    bool kept, blocked, retired; /* kept: somebody may read it */
    msec stored_at, blocked_at;
    uint8_t sha256[SHA256_LEN];
};

/* ---- what is under way ------------------------------------------------- */

#define POST_ITEMS 10
struct post { /* a webhook that Meta wants to see acknowledged */
    uint32_t items[POST_ITEMS]; /* messages, or statuses with STATUS_BIT */
    uint32_t n, tries;
    bool acked;
    msec born;
};
#define STATUS_BIT 0x80000000u

struct status {
    uint32_t letter;
    uint8_t what;
};

struct letter { /* an outbox row as Graph sees it */
    char outbox[ID_SIZE], attempt[ID_SIZE];
    char wamid[40];
    uint32_t person;
    uint8_t policy;
    bool prompt, unsure; /* an attempt had no known outcome */
    uint32_t accepted;
    struct button buttons[ROWS];
    uint32_t nbuttons;
    uint32_t attempts;
    uint32_t notice; /* of a list, index + 1 */
};

struct flight { /* a fetch order */
    struct fetch_order order;
    uint32_t life;
    bool cancelled, ended;
    uint8_t outcome;
};

enum happening_kind {
    H_ACT,     /* person */
    H_DELIVER, /* post */
    H_ANSWER,  /* post: Meta hears nothing and gives up waiting */
    H_JUDGING, /* flight */
    H_LANDED,  /* flight */
    H_GRAPH,   /* letter arrives at Graph */
    H_SENT,    /* letter: Graph's answer arrives here */
    H_SEEN,    /* letter: the person sees it */
    H_FORGOTTEN,
    H_TOKEN,
    H_STAFF, /* delivery: its bytes are there; or (detail) a check passed */
    H_TICK,  /* time passes */
    H__MAX
};
struct happening {
    msec at;
    uint64_t order;
    uint32_t kind, index, life, detail;
};

struct request { /* posted to the registrar, not answered yet */
    uint32_t post;
    bool open;
};

struct vec {
    void *p;
    size_t n, cap;
};
/* A fresh zeroed element at the end. */
void *vec_add(struct vec *, size_t size);
#define VEC_AT(v, type, i) ((type *)(v)->p + (i))

struct map; /* id → number */
struct map *map_new(void);
void map_free(struct map **);
void map_put(struct map *, const char *id, uint32_t value);
bool map_get(const struct map *, const char *id, uint32_t *value);

/* ---- the world --------------------------------------------------------- */

struct world {
    uint64_t seed, limit;
    uint64_t events, steps, crashes, cuts, faults, jumps, restarts;
    struct weather weather;
    struct dice dice, product_dice, disk_dice;
    struct trace trace;

    msec now;   /* the true time */
    msec skew;  /* what the machine's clock is wrong by */
    bool calm;  /* faults have stopped */
    bool ticks; /* one is on its way */
    uint32_t life;
    uint32_t aftershocks; /* steps in which a crash is near */

    /* The product. */
    char folder[64], storage[96];
    struct config config;
    struct config_number config_numbers[POLICIES];
    struct policy_set *policies;
    struct keyring *keyring;
    struct secret *custody;
    struct registrar *registrar;
    struct store *reader; /* as the desk has one */
    int payloads;         /* folder, for the intake */
    bool releasing_ends;  /* the process dies while it hands effects over */
    uint32_t release_left;
    struct registrar_effects effects;
    struct clock_source clock;
    struct random_source random;

    /* What is under way. */
    struct vec heap, people, messages, posts, statuses, letters, flights,
        requests, forgets, unsettled;
    uint64_t order;
    struct map *letter_of, *flight_of, *subject_of, *attachment_of,
        *document_of;
    bool token_waits;
    uint32_t idle; /* steps in a row without anything new */
    bool behind;   /* the machine's clock was behind, at some time */

    /* The model. */
    struct vec attachments, documents, leaf_hashes;
    uint64_t leaves;
    uint32_t retired; /* documents that went by a rule */
    struct vec cases, asked, notices, talks, checks, deliveries;
    struct map *case_of, *asked_of, *notice_of, *talk_of, *check_of,
        *delivery_of, *question_of;
    struct vec questions;
    bool ending; /* people are being erased */

    /* Staff. */
    struct vec orders, errands, rows;
    uint32_t lists;
    struct vec dirty; /* people whose standing changed in this look */
    sqlite3_stmt *tail;
    struct ledger_tree tree;
    struct ledger_gate *gate;

    uint64_t erased; /* people, at the end */
    bool failed;
    char why[600];
};

/* A broken promise: said once, ends the run. */
__attribute__((format(printf, 2, 3))) void sim_fail(struct world *,
                                                    const char *fmt, ...);

/* world.c */
/* settings: NAME=NUMBER, NULL-ended. */
struct world *world_new(uint64_t seed, uint64_t limit, char *const *settings);
int weather_set(struct weather *, const char *);
void world_free(struct world **);
void happen(struct world *, msec at, enum happening_kind, uint32_t index,
            uint32_t detail);
bool happening_next(struct world *, msec until, struct happening *);
msec happening_due(const struct world *);

/* host.c: the machine that the product runs on */
int host_install(struct world *, struct error *);
void host_start(struct world *);
void host_step(struct world *);
void host_crash(struct world *);
void host_stop(struct world *); /* no clean close */
struct store *host_reader(struct world *);
void host_reader_done(struct world *);
void host_reader_close(struct world *);

/* people.c: customers, and what they do */
struct sim_caption {
    const char *text, *title; /* the document that it names, or NULL */
};
#define CAPTIONS 10
extern const struct sim_caption sim_captions[CAPTIONS];
void people_come(struct world *);
/* 0: whatever comes to mind; 1: the newest question is answered; 2: all is
 * withdrawn; 3: a code is typed. */
void people_act(struct world *, uint32_t person, uint32_t how);
void people_seen(struct world *, uint32_t letter);
/* An id of a button or row, kept; index + 1. */
uint32_t row_new(struct world *, const char *id);
const char *row_id(const struct world *, uint32_t row);

/* meta.c: webhooks */
void meta_post(struct world *, const uint32_t *items, uint32_t n, msec delay);
void meta_deliver(struct world *, uint32_t post);
void meta_answer(struct world *, uint64_t request, unsigned status);
void meta_lost(struct world *); /* the process is gone, answers with it */

/* graph.c: sends, fetches, deletes */
void graph_bind(struct world *);
void graph_arrives(struct world *, const struct happening *);
void graph_answers(struct world *, const struct happening *);
void graph_lands(struct world *, const struct happening *);
void graph_settled(struct world *); /* what was answered is committed */
void graph_crash(struct world *);

/* policies.c */
struct policy_set *policies_of_world(const char *folder, struct error *);

/* staff.c: what the institution does */
void staff_act(struct world *);
void staff_deliver(struct world *, uint32_t delivery);
void staff_checked(struct world *, uint32_t check); /* it is them */
void staff_answered(struct world *);                /* after a step */
void staff_lost(struct world *);                    /* the process is gone */
uint32_t staff_order(const char *json); /* whose leaf, index + 1; 0 nobody's */
void staff_leaf(struct world *, const char *json, uint64_t index);
void staff_check(struct world *);

/* casework.c, clocks.c, outward.c: what a leaf means for them. False: nothing.
 */
struct leaf {
    uint64_t index;
    const char *json;
    char event[32], subject[ID_SIZE], policy_id[48], purposes[96];
    uint32_t who;
    int policy;
};
bool casework_leaf(struct world *, const struct leaf *);
bool clocks_leaf(struct world *, const struct leaf *);
bool outward_leaf(struct world *, const struct leaf *);
/* A file that was announced: what it is for, and what it needs. */
void casework_held(struct world *, const struct leaf *, struct attachment *);
/* The case that a document is filed under, index; -1: it may not be. */
int64_t casework_filed(struct world *, const struct leaf *,
                       const struct attachment *);
/* May papers of somebody else be taken? */
bool casework_mandate(struct world *, const struct attachment *);
/* Who sent it, and as what: at the end. */
void casework_message(struct world *, const struct attachment *,
                      const struct message *);
/* A letter is about to go, or arrived. */
void casework_letter(struct world *, uint32_t letter);
void outward_letter(struct world *, uint32_t letter, const char *json);
void outward_accepted(struct world *, uint32_t letter);
void outward_refused(struct world *, uint32_t letter);
void casework_rows(struct world *);
void clocks_rows(struct world *);
void clocks_end(struct world *); /* months have passed */
void casework_end(struct world *);
/* A leaf's time; a member of it that has one. */
msec leaf_msec(const struct leaf *, const char *key);
/* -1: not a number. */
int64_t leaf_number(const struct leaf *, const char *key);
typedef bool (*message_fits)(struct world *, const struct message *,
                             const void *arg);
bool leaf_was_sent(struct world *, const struct leaf *, message_fits,
                   const void *arg);
/* The case, index; -1 with a failure. */
int64_t leaf_case(struct world *, const struct leaf *);
typedef void (*row_fn)(struct world *, sqlite3_stmt *);
void final_each(struct world *, const char *sql, row_fn);
#define TEXT(st, i) ((const char *)sqlite3_column_text(st, i))

/* model.c */
void model_look(struct world *); /* new leaves, and what they must obey */
void model_learn(struct world *, bool all);
void model_crashed(struct world *);
bool leaf_field(const char *json, const char *key, char *out, size_t cap);
int policy_number(const char *id);
unsigned purposes_of(int policy, int file_kind);
int purpose_number(const char *id);

/* final.c */
void final_check(struct world *);
void final_rows(struct world *);  /* what holds at any time */
void final_ended(struct world *); /* nothing is under way */
void final_ledger(struct world *);

/* erase.c */
void erase_some(struct world *);

#endif
