/*
 * What staff do, as the registrar takes it: who asks, with what signature and
 * whose approval. All of it is on record before anything leaves (P5). The
 * orders themselves are beside this, by what they are about: registrar_work.h
 * (cases, conversations, documents out), registrar_person.h (a person and what
 * is kept of them), registrar_keys.h (keys, headers, checkpoints).
 *
 * Functions that take an order block the caller until it is committed or
 * refused. One that needs a second officer is ERR_WAITS until they approved.
 */
#ifndef RESGUARDO_REGISTRAR_STAFF_H
#define RESGUARDO_REGISTRAR_STAFF_H

#include "resguardo/registrar.h"

/* ---- who asks ------------------------------------------------------------ */

/* The signature of a request: whose key says that they asked for this. With
 * body_sha256 ("": it had only a reason) an auditor can check it. */
struct staff_signature {
    char nonce[HEX_SIZE(32)];
    char body_sha256[HEX_SIZE(SHA256_LEN)];
    uint8_t sign_key[SIGN_PUBLIC_LEN];
    uint8_t signature[SIGN_LEN];
};

/* What may need a second officer (approval.c), of one request. */
struct approval {
    enum officer_action action;
    const char *policy; /* whose rule counts; NULL: of all that the person of
                         * the access has rows under, and where there is no
                         * person any policy that is loaded */
    bool always;        /* whatever policies say */
    const struct buf *what; /* exactly what is asked, RFC 8785 JSON: the same
                             * when the same is asked again. It may name a
                             * person: it is sealed under a slot of its own */
    /* What comes of it. */
    bool asked;       /* nothing was done: another officer is to approve */
    char id[ID_SIZE]; /* "" where none was needed */
    uint32_t second;  /* who approved */
    char second_name[STAFF_NAME_SIZE];
};

/* What staff did, to be on record before anything leaves. */
struct staff_access {
    const char *event_type; /* document_read, documents_listed, … (static) */
    uint32_t uid;
    char name[STAFF_NAME_SIZE];
    const char *role;       /* static */
    char document[ID_SIZE]; /* or "" */
    const char *state;      /* that the document must be in still, or NULL */
    char case_id[STORE_CASE_SIZE];
    char subject[ID_SIZE]; /* or "" */
    bool whole;            /* all of the person goes out: not while blocked,
                            * but as released to uid, on ->authority */
    const char *reason;    /* or NULL; sealed, the leaf commits to it */
    const char *filter;    /* canonical JSON of an export's filter, or NULL */
    const char *export_id; /* under which filter and salt are kept, or NULL:
                            * with the person, if there is one */
    json_t *evidence;      /* or NULL; borrowed: more of the leaf's evidence,
                            * ids, numbers and hashes */
    const struct staff_signature *signature; /* or NULL; sealed beside the
                                              * reason where there is one */
    char approval_id[ID_SIZE];               /* that it is about, or "" */
    const char *policy;                      /* or NULL */
    const char *authority; /* on whose demand, or NULL; as the reason */
    const char *committed; /* what else is committed to, or NULL: a name of
                            * commitments (static), and its value */
    const char *commitment;
    struct approval *approval; /* that it needs, or NULL */
};
/* Commits the access and returns 0, or -1; blocks the caller (desk). One that
 * needs a second officer is ERR_WAITS until they approved. A document
 * that left the state it was seen in is ERR_CONFLICT, and nothing on record:
 * a withdrawal may have come in between. */
int registrar_record(struct registrar *, const struct staff_access *,
                     struct error *);

/* ---- a second officer ---------------------------------------------------- */

/* A second officer's word. */
struct approval_decision {
    struct staff_access by; /* who, why; its event_type is not used */
    char id[ID_SIZE];
    bool grant;
    uint8_t what_sha256[SHA256_LEN]; /* grant: of what they saw */
};
/* Approves, refuses or takes back. ERR_NOT_PERMITTED when this officer may not:
 * who asked, who signs with the same key, who is on the keyring for less than a
 * day by one officer's word. ERR_CONFLICT when it ended meanwhile. */
int registrar_decide_approval(struct registrar *,
                              const struct approval_decision *, struct error *);

#endif
