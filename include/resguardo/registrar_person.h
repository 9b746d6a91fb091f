/*
 * A person and what is kept of them, on record: their requests, who they are
 * and who answers for them, holds, what is blocked, and erasure.
 */
#ifndef RESGUARDO_REGISTRAR_PERSON_H
#define RESGUARDO_REGISTRAR_PERSON_H

#include "resguardo/registrar_staff.h"

/* ---- requests ------------------------------------------------------------ */

/* What staff do with a request (request_staff.c). */
enum request_action {
    REQUEST_OPEN,     /* for a person (by.subject), or an incident (nobody) */
    REQUEST_ASK,      /* the person, for what it lacks: the term waits */
    REQUEST_COMPLETE, /* it is there: the term begins anew */
    REQUEST_EXTEND,
    REQUEST_ASSIGN,
    REQUEST_CLOSE,
    REQUEST_ACTION__MAX
};
struct request_order {
    struct staff_access by; /* subject, reason, signature; its event_type is
                             * not used */
    enum request_action action;
    char id[ID_SIZE];   /* of the request; out when opened */
    const char *policy; /* open: NULL where the person has but one */
    const char *kind;   /* open: what it is, by request_type_names, or one of
                         * the policy's clocks */
    msec received;      /* open: 0 now; an incident: when it was found */
    msec escalated;     /* open, incident: who answers for it knew; 0 now */
    const char *told;   /* how the person was told in another way than here, or
                         * NULL: by a message now, or not at all if that is not
                         * possible and the action does without */
    const char *until;  /* extend: the new last day, YYYY-MM-DD */
    const char *outcome, *ground; /* close; ground NULL but for a refusal */
    const char *requester;        /* open: who asks; NULL: the person */
    const char *assurance; /* open, complete, close: how it is known that they
                            * are it; NULL: as it was, or nothing yet */
    uint32_t handler;      /* assign: uid */
    bool forwarded_late;   /* out, close: sent on after the law's day for it */
};
/* NULL-ended: how staff may end a request, and why one may be refused. */
extern const char *const request_outcomes[];
extern const char *const request_grounds[];
/* NULL-ended: who may ask (Ley 1581 de 2012, art. 14; Decreto 1377 de 2013,
 * art. 20), the person first; and how who they are is known, "unverified"
 * first.
 */
extern const char *const request_requesters[];
extern const char *const request_assurances[];
/* Does it, on record. ERR_NOT_FOUND; ERR_CONFLICT: it ended already;
 * ERR_NOT_PERMITTED with the rule that says no, and the law behind it. */
int registrar_request(struct registrar *, struct request_order *,
                      struct error *);

/* ---- who is one person --------------------------------------------------- */

/* Two references that are one person, or are not: by.subject is the newer one,
 * by.reason how that is known. */
struct link_order {
    struct staff_access by; /* subject, reason, signature; its event_type is not
                             * used */
    const char *former;
    const char *kind;  /* link: one of link_kinds */
    const char *proof; /* link: one of link_proofs; NULL: no consent of the
                        * former one comes over */
    char id[ID_SIZE];  /* of the link; out */
};
/* NULL-ended. */
extern const char *const link_kinds[];
extern const char *const link_proofs[];

/* Links the two, or ends that; on record. ERR_NOT_FOUND: nobody, or not linked;
 * ERR_CONFLICT: they are one person already, or one of them is blocked or goes.
 * A link that needs a second officer is ERR_NOT_PERMITTED until they approved.
 */
int registrar_link(struct registrar *, struct link_order *, struct error *);
int registrar_unlink(struct registrar *, struct link_order *, struct error *);

/* ---- who answers for whom ------------------------------------------------ */

/* Somebody answers for a person under age, or for whose papers a case is; or
 * does no more. by.reason: how that is known. */
struct represent_order {
    struct staff_access by; /* subject, reason, signature; its event_type is not
                             * used. case_id: a case of theirs, ""; policy: of
                             * the procedure. Out: case_id */
    bool ends;
    const char *relation; /* by relation_names, but adult; NULL where it ends */
    const char *heard;    /* heard, too_young; NULL for who is no child */
    const char *procedure; /* a case of it for somebody else, or NULL */
};
/* Declares, or ends, a mandate: of the case, of a new one, or (neither) of
 * by.subject who said that they are under age. What waited for it goes on.
 * ERR_CONFLICT: it is so already, or nobody has to answer for that. */
int registrar_represent(struct registrar *, struct represent_order *,
                        struct error *);
/* by->subject is of age: their own yes counts again, with all references.
 * ERR_CONFLICT: they never said anything else. */
int registrar_clear_minor(struct registrar *, const struct staff_access *,
                          struct error *);

/* ---- what is kept, and for how long -------------------------------------- */

/* A legal hold, to be placed or lifted. */
struct hold_order {
    struct staff_access by; /* subject, case, reason, signature */
    char id[ID_SIZE];       /* of the hold; out when placed */
    msec until;             /* 0: until it is lifted */
    enum hold_kind kind;
};
/* Places a hold on by->subject (and by->case_id), or lifts hold->id. */
int registrar_place_hold(struct registrar *, struct hold_order *,
                         struct error *);
int registrar_lift_hold(struct registrar *, struct hold_order *,
                        struct error *);
/* How long after the time that `by` counts from a document of this type is due,
 * -1: never by it; *rule says why, NULL for a withdrawal that `erasure: block`
 * of the policy keeps apart. Not for DUE_BLOCKED. */
msec retention_period(const struct policy *, enum due_by by,
                      const char *media_type, const struct policy_rule **rule);

/* ---- what is blocked, and what goes -------------------------------------- */

/* What is blocked, opened for an authority: by->document, or all of
 * by->subject. */
struct release_order {
    struct staff_access by; /* reason, authority, signature */
    msec until;             /* out */
};
/* Opens what is blocked to who asks, for LIMIT_RELEASE_H; two officers always.
 * ERR_CONFLICT: it is not blocked (any more). */
int registrar_release(struct registrar *, struct release_order *,
                      struct error *);

/* An officer's order to erase a person. */
struct erase_order {
    struct staff_access by; /* subject, reason, signature; its event_type is
                             * not used */
    const char *ground;
    char erasure[ID_SIZE]; /* out: the erasure that does it, maybe one that was
                            * ordered before */
};
/* Why a person, or a document, is erased: withdrawn, request, objection,
 * purpose_ended, unlawful, legal_duty, minor; and, for ourselves, retention,
 * evidence_over, restored. */
bool erasure_ground_valid(const char *ground);
/* Those that an officer can give; NULL ends them. */
extern const char *const erasure_grounds[];
/* Orders an erasure, on record; blocks the caller until that is committed, not
 * until it is done. ERR_NOT_FOUND: nobody has this id. */
int registrar_erase(struct registrar *, struct erase_order *, struct error *);

#endif
