/*
 * One random world around the real registrar: customers, staff, Meta and a
 * clock are ours; the registrar with its store, ledger, dialogue and policies
 * is the product's, untouched. What must hold is kept by code of the test's
 * own, from what it saw go in, what the committed ledger says and what comes
 * out; it asks none of the product's functions what is right.
 *
 *   world.c     storage, clock, a step, the log of what happened
 *   people.c    what customers do         staff.c   what staff do
 *   meta.c      what becomes of messages and files, and what people see
 *   model.c     what the ledger says, and the laws about consent
 *   message.c   the laws about one message: limits, language, how many
 *   days.c      the test's own calendar
 *   contact.c   the laws about writing to people    request.c  … about dates
 */
#ifndef PROPERTY_WORLD_H
#define PROPERTY_WORLD_H

#include <sqlite3.h>

#include "registrar/registrar_private.h"
#include "registrar/talk_private.h"

enum { ES, CO, BANK, POLICIES };
#define PURPOSES 8
#define PEOPLE   18
#define SUBJECTS 1024
#define SCREEN   24 /* taps that somebody can still do */
#define BATCH    256

/* ---- what a person said, and what the ledger made of it ----------------- */

enum said { SAID_NO_ALL, SAID_NO, SAID_YES, SAID_YES_WORD };
struct saying {
    enum said what;
    int policy, purpose; /* purpose -1: whichever was asked */
    int subject;         /* who they were then; -1 not known yet */
    int64_t second;
    msec at;
};

enum standing { NEVER, OPEN, SHUT, TOLD, READ };
struct subject { /* as the ledger knows them */
    char id[ID_SIZE];
    int person;
    struct {
        enum standing is;
        int64_t yes_s, no_s;
        msec until;
        bool asked; /* a question went out */
    } basis[POLICIES][PURPOSES];
    enum { BOT, WAITING, AGENT } mode[POLICIES];
    char conversation[POLICIES][ID_SIZE];
    bool minor, represented;
    bool ordered, gone; /* their erasure is ordered; they are blocked, erased */
    bool left;          /* the only number that we know */
    int holds;          /* somebody used their name */
    int group;          /* linked ones share it */
    msec wrote, answered_at;
    /* proactive messages that may have arrived */
    msec contacts[64];
    char contact_id[64][ID_SIZE];
    size_t ncontacts;
};

struct tap {
    char id[257];
    int policy, person;
};

struct person { /* whoever holds a phone */
    char phone[24];
    bool bot;           /* a machine that answers everything */
    bool careful;       /* reads, and mostly does what is asked */
    int subject;        /* index of who they are now; -1 not known yet */
    unsigned languages; /* that they may be written to in: 1 << LANG_* */
    msec chose;         /* one of them */
    struct tap screen[SCREEN];
    size_t ntaps;
    struct saying *said;
    size_t nsaid, said_cap;
    msec heard[POLICIES]; /* last wrote */
    msec out[64];         /* when the last messages to them went */
    size_t nout;
    char *log[60]; /* what happened to them, a ring */
    size_t nlog;
    msec file_first[POLICIES], file_last[POLICIES]; /* ends not told of */
    msec hinted[POLICIES]; /* that something did not arrive */
    int in_step;           /* messages that the event under way made */
};
enum { LANG_ES, LANG_EN, LANG_PT, LANG__MAX };

/* ---- files, requests, messages ------------------------------------------ */

struct attachment {
    char id[ID_SIZE], document[ID_SIZE], case_id[STORE_CASE_SIZE];
    int subject, policy;
    unsigned purposes;
    bool represented, permitted, stored, blocked;
};
struct request {
    char id[ID_SIZE], type[24], clock[48];
    int subject, policy;
    msec opened, began, asked, due_at;
    int due, due_early; /* days */
    int extensions;
    bool running, waits, over, for_other;
};
struct list_row { /* of the lists that staff sent */
    char outbound[ID_SIZE];
    int subject, class;
};

/* What is to happen. */
enum pending_kind { P_SENT, P_STATUS, P_FETCHED, P_BOT };
struct pending {
    msec at;
    enum pending_kind kind;
    char id[ID_SIZE]; /* outbox */
    char attempt[ID_SIZE], wamid[48], status[12];
    int person, policy;
    struct fetch_order order;
};

struct world {
    uint64_t seed, dice;
    msec now, began;
    long events, steps;
    bool with_notices; /* the Colombian policy asks about them */
    char folder[96], storage[112], policies_dir[112];
    struct config config;
    struct config_number numbers[POLICIES];
    struct policy_set *policies;
    struct keyring *keyring;
    struct secret *officer;
    struct registrar_effects effects;
    struct clock_source clock;
    struct random_source random;
    struct registrar *r;

    sqlite3 *db; /* a reader of our own */
    sqlite3_stmt *tail, *outbox;
    uint64_t leaves; /* read so far */

    struct person people[PEOPLE];
    struct subject subjects[SUBJECTS];
    int nsubjects;
    struct attachment *files;
    size_t nfiles, files_cap;
    struct request *requests;
    size_t nrequests, requests_cap;
    struct pending *pending;
    size_t npending, pending_cap;
    char represented_cases[512][STORE_CASE_SIZE];
    size_t nrepresented;
    struct fetch_order fetches[BATCH];
    char again[128][ID_SIZE]; /* messages that may be sent once more */
    size_t nagain;
    struct {
        char outbox[ID_SIZE];
        char *body;
    } sends[BATCH];
    size_t nfetches, nsends;
    int actor;   /* whose doing the event under way is, -1 */
    bool silent; /* … and it is one that nobody answers */
    bool lost;   /* … and it is one that WhatsApp does not hand over */
    unsigned wamids;

    struct { /* that anything happened at all */
        long fetched, stored, granted, withdrawn, sent, templates, denied,
            requests, overdue, accepted, persons, minors, linked, erased,
            receipts, ratings, replies, languages, hints;
    } seen;
};

/* ---- world.c ------------------------------------------------------------ */

int world_open(struct world *, uint64_t seed);
void world_close(struct world *);
uint64_t draw(struct world *, uint64_t below);
bool one_in(struct world *, uint64_t n);
/* Says what broke and what happened to that person before, and ends. */
_Noreturn void broken(struct world *, int person, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A line of a person's log; -1 is nobody. */
void tell(struct world *, int person, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void world_step(struct world *);
/* Steps until nothing is left to do at this instant. */
void world_settle(struct world *);
/* Time passes: what is due on the way happens when it is due. */
void world_pass(struct world *, msec until);
/* What staff want, done while the world steps. */
int world_call(struct world *,
               int (*)(struct registrar *, void *, struct error *), void *arg,
               struct error *);
int policy_index(const struct world *, const char *id);
const struct policy *policy_at(const struct world *, int policy);
void *grown(void *list, size_t n, size_t *cap, size_t one);

/* ---- people.c, staff.c, meta.c ------------------------------------------ */

void people_act(struct world *);
void people_post(struct world *, int person, int policy, const char *message,
                 msec at);
void bot_answers(struct world *, int person, int policy);
void staff_act(struct world *);
void meta_send(struct world *, const char *outbox, const char *body);
void meta_fetch(struct world *, const struct fetch_order *);
void meta_due(struct world *, const struct pending *);
void pending_add(struct world *, const struct pending *);

/* ---- the laws ----------------------------------------------------------- */

void model_leaf(struct world *, json_t *leaf);
void model_settled(struct world *); /* after each step */
struct subject *subject_by_id(struct world *, const char *id);
struct attachment *file_by_id(struct world *, const char *id);
bool is_open(const struct world *, const struct subject *, int policy,
             int purpose, msec at);
unsigned purposes_mask_of(struct world *, int policy, const char *list);
/* Can whoever this is reach a person now, by a word and by a tap? */
void person_is_near(struct world *, int person, int policy);

/* again: the same message was tried before. */
void message_check(struct world *, int person, int policy, const char *kind,
                   msec created, json_t *body, bool again);

void contact_leaf(struct world *, json_t *leaf, bool queued);
void contact_send(struct world *, struct subject *, int policy,
                  const char *kind, json_t *body, const char *outbox);
void contact_never_arrived(struct world *, const char *outbox);

void request_leaf_seen(struct world *, const char *event, json_t *leaf);
void request_settled(struct world *);
/* The next instant at which a last day is over. */
msec request_next_end(const struct world *);
void request_must_run(struct world *, int person, int policy, const char *type);

/* ---- days.c ------------------------------------------------------------- */

/* Days since 1970 by the Gregorian calendar; weekday 0 is Monday. */
int day_of(int year, int month, int day);
void day_split(int day, int *year, int *month, int *dom);
int weekday(int day);
bool holiday_co(int day);
bool holiday_es(int day);
bool business(int policy, int day);
/* Minutes that the clocks of a place are ahead of UTC at an instant. */
int ahead(int policy, msec at);
int local_day(int policy, msec at);
int local_minute(int policy, msec at);
msec midnight(int policy, int day); /* the day's first instant */
int parse_day(const char *);
void days_self_check(void);

#endif
