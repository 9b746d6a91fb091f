/*
 * What customers come for, and what the institution does for them: cases,
 * requests, reminders, conversations, as the committed ledger tells them.
 * Included by sim.h; the model's side of it is in casework.c, clocks.c and
 * outward.c.
 */
#ifndef SIMULATION_SERVICE_H
#define SIMULATION_SERVICE_H

/* ---- the policies, told once more (tables.c) ---------------------------- */

#define ITEMS 3 /* at most, of one procedure */
struct sim_item {
    const char *id;
    const char *title; /* words of it that no other item has; NULL not here */
    uint32_t kinds;    /* of file: 1 << place in file_kinds; 0: not here */
    uint8_t purposes;  /* bits */
    uint8_t files_max;
    bool required, child;
};
struct sim_procedure {
    uint8_t policy;
    const char *id, *clock;
    struct sim_item items[ITEMS];
};
#define PROCEDURES 6
extern const struct sim_procedure sim_procedures[PROCEDURES];
int sim_procedure(int policy, const char *id); /* place, -1 */
int sim_item(int procedure, const char *id);   /* place, -1 */

/* A local day, as days since 1970; its first instant. */
int64_t local_day(int policy, msec);
msec local_begin(int policy, int64_t day);
bool business_day(int policy, int64_t day);
/* The last day for an answer, by the policy's clock; *known: the model knows
 * the holidays until then. */
int64_t due_day(int policy, const char *clock, msec began, int extensions,
                bool *known);
/* Ley 2300: may somebody be written to who did not ask for it? */
enum sim_hours { HOURS_OPEN, HOURS_SHUT, HOURS_NO_DAY };
enum sim_hours contact_hours_at(int policy, msec);

/* ---- as the ledger tells it --------------------------------------------- */

struct sim_case {
    char id[STORE_CASE_SIZE];
    uint32_t person;
    uint8_t policy;
    int8_t procedure; /* -1 none */
    enum { C_OPEN, C_COMPLETE, C_CLOSED } state;
    bool mandate;      /* declared */
    bool own, another; /* whose papers: some are theirs, all somebody else's */
    uint8_t elsewhere; /* items that staff received: bits */
    uint8_t stored[ITEMS]; /* files kept, ever */
    uint8_t announced[ITEMS];
    uint32_t rated, promises;
    msec closed_at;
};

struct sim_request {
    char id[ID_SIZE], clock[32], type[16];
    uint32_t person;
    uint8_t policy, overdue, extensions;
    bool closed, waits, replied, by_chat;
    int64_t due;
    msec due_at, began;
    uint32_t of_case; /* index + 1 */
};

struct sim_notice { /* one row of a list that may go out */
    char id[ID_SIZE];
    uint32_t person;
    uint8_t policy, class, purpose;
    int64_t day; /* that it counts on */
    bool queued, ended;
    uint32_t accepted; /* by Graph */
    bool failed;       /* Graph, or a status, said so */
};

struct sim_talk {
    char id[ID_SIZE], handover[ID_SIZE];
    uint32_t person;
    uint8_t policy;
    enum { T_BOT, T_WAITING, T_PERSON } mode;
};

struct sim_check { /* that somebody is who they are */
    char id[ID_SIZE], code[LIMIT_CODE_LEN + 1];
    uint32_t person, of_case;
    uint32_t order; /* index + 1 */
    uint8_t policy;
    bool failed;
    msec passed; /* 0 not */
};

struct sim_delivery {
    char id[ID_SIZE];
    uint32_t person, of_case;
    bool sent, failed;
    uint32_t letters;
};

struct sim_question { /* about a file, or how it was: by its id */
    uint32_t letters;
};

struct world;
void service_begin(struct world *);
void service_end(struct world *);
/* In figures, for who looks at a world. */
void service_said(const struct world *, char *out, size_t cap);

/* ---- what staff order (staff.c) ------------------------------------------ */

enum order_state { O_PENDING, O_DONE, O_FAILED, O_MAYBE };
struct sim_order {
    uint8_t state, kind, leaves;
};

#endif
