/*
 * contact: what we may send to a person who did not just write, and when. Pure:
 * a policy's data, what is known of former contacts and an instant go in, a
 * verdict with a rule's name comes out.
 *
 * Part of the room policy, which reads all of it from policy.yaml
 * (docs/reminders.md). Immutable after load; safe to share between threads.
 */
#ifndef RESGUARDO_CONTACT_H
#define RESGUARDO_CONTACT_H

#include "resguardo/base.h"
#include "resguardo/calendar.h"
#include "resguardo/limits.h"

struct policy;

/* ---- templates: messages that Meta approved (template.c) ---------------- */

/* What Meta takes it for. */
enum template_category {
    CATEGORY_AUTHENTICATION,
    CATEGORY_UTILITY,
    CATEGORY_MARKETING,
    CATEGORY__MAX
};
extern const char *const template_category_names[CATEGORY__MAX];

/* What the law takes it for. */
enum contact_class {
    CLASS_REQUESTED_INFO, /* somebody asked for it: no hours, no frequency */
    CLASS_PROACTIVE,
    CLASS_COLLECTION,
    CLASS_ADVERTISING,
    CLASS__MAX
};
extern const char *const contact_class_names[CLASS__MAX];

enum parameter_type {
    PARAMETER_AMOUNT, /* digits with their signs: "$ 1.250.000", "COP 90,50" */
    PARAMETER_DATE,   /* YYYY-MM-DD; said as the language writes days */
    PARAMETER_TEXT,   /* one line */
    PARAMETER__MAX
};
extern const char *const parameter_type_names[PARAMETER__MAX];

/* How far along what is owed is: a label for lists and records. */
enum template_stage {
    STAGE_NONE,
    STAGE_PREVENTIVE,
    STAGE_ADMINISTRATIVE,
    STAGE_PRELEGAL, /* of collection alone */
    STAGE__MAX
};
extern const char *const template_stage_names[STAGE__MAX]; /* "" for none */

/* What a template's button leads to (answer.c). */
enum answer_kind {
    ANSWER_STATUS,
    ANSWER_PROMISE, /* by when it will be paid */
    ANSWER_PROOF,   /* a document of a procedure shows that it was */
    ANSWER_PERSON,
    ANSWER_STOP,
    ANSWER__MAX
};
extern const char *const answer_names[ANSWER__MAX];

#define TEMPLATE_ID_SIZE   41 /* [a-z0-9_]{1,40}, as purposes */
#define TEMPLATE_NAME_SIZE 513

struct template_parameter {
    char name[TEMPLATE_ID_SIZE];
    enum parameter_type type;
    int max; /* characters */
};
/* A button, as Meta approved it. */
struct template_answer {
    enum answer_kind kind;
    char title[4 * LIMIT_TEMPLATE_BUTTON + 1];
};
struct policy_template {
    char id[TEMPLATE_ID_SIZE];
    char name[TEMPLATE_NAME_SIZE]; /* at Meta */
    char language[17];             /* Meta's code: es_CO */
    enum template_category category;
    enum contact_class class;
    int purpose;  /* place in policy->purposes: must be open */
    bool carries; /* a document in its header */
    struct template_parameter parameters[LIMIT_PARAMETERS];
    size_t nparameters;
    enum template_stage stage;
    char *body; /* as Meta approved it, or NULL: not known here */
    struct template_answer answers[ANSWER__MAX]; /* in the order of buttons */
    size_t nanswers;
    int procedure;    /* of proof: place in policy->procedures; else -1 */
    int promise_days; /* of promise: so many business days to pick from */
};

/* NULL, or what is wrong with a value for that parameter, fit to stand behind
 * "monto: ". Nothing of the value is in it. */
const char *template_fault(const struct template_parameter *, const char *);
/* A template that somebody names, with values by the names of its parameters.
 * template NULL: none. */
struct template_given {
    const char *template;
    const char *names[LIMIT_PARAMETERS], *values[LIMIT_PARAMETERS];
    size_t n;
};
/* The values in the order of the parameters, each without a fault. NULL, or
 * what is wrong with *which of them. */
const char *template_sort(const struct policy_template *,
                          const struct template_given *,
                          const char *out[static LIMIT_PARAMETERS],
                          const char **which);
/* What goes in the header of one that carries a document. */
struct template_document {
    const char *media_id, *name;
};
/* Appends the message's object without a recipient, RFC 8785. Values are as
 * many as parameters, and have no fault; the document is NULL exactly for a
 * template that carries none; `outbound` is our id of it, which its buttons
 * bring back. -1: no memory. */
int template_message(const struct policy_template *, const char *const *values,
                     const struct template_document *, const char *outbound,
                     struct buf *out);
/* Has it a button that leads there? */
bool template_offers(const struct policy_template *, enum answer_kind);
/* Does a text ask why something is unpaid, which Ley 2300 de 2023 forbids? By
 * its words, in Spanish, Portuguese and English. 1, 0, -1: no memory. */
int template_asks_why(const char *text);

#define ANSWER_ID_SIZE 80
/* "answer/OUTBOUND/KIND" */
void answer_format(char out[static ANSWER_ID_SIZE], const char *outbound,
                   enum answer_kind);
/* "promise/OUTBOUND/YYYY-MM-DD" */
void promise_format(char out[static ANSWER_ID_SIZE], const char *outbound,
                    civil_day);

/* ---- rules of contact (contact.c) --------------------------------------- */

struct contact_rules {
    bool any; /* the policy has some */
    char citation[LIMIT_CITATION + 1];
    struct hours hours; /* by the policy's calendar */
    int per_day;        /* contacts a local day */
    bool one_channel;   /* a week, Monday to Sunday */
    int out_of_hours;   /* place of the purpose that lifts the hours; -1 */
};

/* What is known of a person. */
struct contact_facts {
    enum contact_class class;
    bool consented;    /* the template's purpose is given now */
    bool withdrawn;    /* … or was taken back, or refused */
    bool opted_out;    /* they said no to all that is asked about notices */
    bool promised;     /* they said by when they pay, and it is not over */
    bool excluded;     /* their number is on a list of those who want no
                        * advertising */
    bool impersonated; /* somebody used their name: a hold says so */
    bool restricted;   /* … or that their data are not to be used */
    bool left;         /* they have another number now, and it is not known */
    bool under_age;    /* they said so, and nobody answers for them */
    bool any_hour;     /* the purpose of out_of_hours is given */
    int64_t today;     /* contacts on the local day of now */
    bool has_other;    /* the last contact over another channel is known */
    civil_day other;   /* … and was on that day */
    msec wrote;        /* they last wrote to us; 0 never */
};
/* NULL: it may go now. Else the rule that forbids it, constant: number_left,
 * purpose_not_open, purpose_withdrawn, opted_out, excluded_number,
 * impersonation_hold, restriction_hold, under_age, promise_running,
 * not_requested, contact_day, contact_hours, once_a_day,
 * other_channel_this_week. */
const char *contact_forbids(const struct contact_rules *,
                            const struct calendar *,
                            const struct contact_facts *, msec now);
/* The same of a contact that staff say was made, whoever agreed to it: only the
 * clock and how often is asked (contact_day to other_channel_this_week). */
const char *contact_against(const struct contact_rules *,
                            const struct calendar *,
                            const struct contact_facts *, msec at);
/* Monday to Sunday. */
bool contact_same_week(civil_day, civil_day);
/* Is it the name of one of these, or of those that ask no clock:
 * unknown_person, being_erased, person_has_conversation, template_gone? */
bool contact_is_rule(const char *name);
/* Does a message of this class count as a contact? */
bool contact_counts(enum contact_class);
/* The local day. */
civil_day contact_day(const struct calendar *, msec);

#endif
