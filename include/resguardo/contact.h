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

#define TEMPLATE_ID_SIZE   41 /* [a-z0-9_]{1,40}, as purposes */
#define TEMPLATE_NAME_SIZE 513

struct template_parameter {
    char name[TEMPLATE_ID_SIZE];
    enum parameter_type type;
    int max; /* characters */
};
struct policy_template {
    char id[TEMPLATE_ID_SIZE];
    char name[TEMPLATE_NAME_SIZE]; /* at Meta */
    char language[17];             /* Meta's code: es_CO */
    enum template_category category;
    enum contact_class class;
    int purpose; /* place in policy->purposes: must be open */
    struct template_parameter parameters[LIMIT_PARAMETERS];
    size_t nparameters;
};

/* NULL, or what is wrong with a value for that parameter, fit to stand behind
 * "monto: ". Nothing of the value is in it. */
const char *template_fault(const struct template_parameter *, const char *);
/* Appends the message's object without a recipient, RFC 8785. Values are as
 * many as parameters, and have no fault. -1: no memory. */
int template_message(const struct policy_template *, const char *const *values,
                     struct buf *out);

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
    bool excluded;     /* their number is on a list of those who want no
                        * advertising */
    bool impersonated; /* somebody used their name: a hold says so */
    bool under_age;    /* they said so, and nobody answers for them */
    bool any_hour;     /* the purpose of out_of_hours is given */
    int64_t today;     /* contacts on the local day of now */
    bool has_other;    /* the last contact over another channel is known */
    civil_day other;   /* … and was on that day */
    msec wrote;        /* they last wrote to us; 0 never */
};
/* NULL: it may go now. Else the rule that forbids it, constant:
 * purpose_not_open, purpose_withdrawn, opted_out, excluded_number,
 * impersonation_hold, under_age, not_requested, contact_day, contact_hours,
 * once_a_day, other_channel_this_week. */
const char *contact_forbids(const struct contact_rules *,
                            const struct calendar *,
                            const struct contact_facts *, msec now);
/* Does a message of this class count as a contact? */
bool contact_counts(enum contact_class);
/* The local day. */
civil_day contact_day(const struct calendar *, msec);

#endif
