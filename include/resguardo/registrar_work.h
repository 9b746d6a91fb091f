/*
 * The work of agents, on record: cases, conversations, promises, documents to
 * customers, reminders.
 */
#ifndef RESGUARDO_REGISTRAR_WORK_H
#define RESGUARDO_REGISTRAR_WORK_H

#include "resguardo/contact.h"
#include "resguardo/registrar_staff.h"

/* ---- cases --------------------------------------------------------------- */

/* Where a person is met beside the chat; NULL behind the last. */
#define CHANNELS_ELSEWHERE 7
extern const char *const contact_channels[CHANNELS_ELSEWHERE + 1];
enum case_work {
    CASE_NOTE,     /* text */
    CASE_ASSIGN,   /* to uid */
    CASE_PRIORITY, /* priority */
    CASE_MOVE,     /* by->document here */
    CASE_RECEIVED, /* item came by another channel */
    CASE_RETURN,   /* by->document is no good: ground */
    CASE_CONTACT,  /* one that was not in the chat: channel, ours, day, and
                    * text, which may be NULL */
    CASE_OPEN      /* of by->subject under by->policy; by->case_id is out */
};
struct case_order {
    struct staff_access by; /* case_id; its event_type is not used */
    enum case_work work;
    const char *text;
    uint32_t to;
    enum priority priority;
    const char *item; /* of its procedure */
    const char *channel;
    bool ours;           /* we went to them */
    bool has_day;        /* else it was now */
    civil_day day;       /* of the policy's calendar */
    const char *against; /* out, of a contact: the rule that it was against */
    enum return_ground ground;
    bool at_once; /* whatever the hour: what is said waits for no hours */
    bool told, reopened; /* out: we can say so (WhatsApp lets us, no agent has
                          * them); of a return: the case was complete */
    bool late;           /* out: … but for the hours of contact, which begin
                          * when WhatsApp takes it no more */
    msec waits_until;    /* out: told when they begin; 0: now */
};
/* A case is closed, on record. ERR_CONFLICT: it was. */
int registrar_close_case(struct registrar *, const struct staff_access *,
                         struct error *);
/* Work on a case, on record, with what is to be kept of it. ERR_CONFLICT where
 * the case is closed (but for notes); ERR_NOT_FOUND for what is not there,
 * and for a document of another person. */
int registrar_work_case(struct registrar *, struct case_order *,
                        struct error *);

/* ---- conversations ------------------------------------------------------- */

/* An agent and a conversation, or a case. */
struct conversation_order {
    struct staff_access by; /* its event_type is not used */
    char id[ID_SIZE];       /* of the conversation */
    const char *text;       /* a reply's */
    const char *prepared;   /* the name it is prepared under, or NULL */
    const char *from;       /* take: from whom, who has it now: a name of staff,
                             * or HANDOVER_ASSISTANT; NULL from nobody */
    char message[ID_SIZE];  /* out: a reply's, in chat */
};
/* Whom a customer chose over a person. */
#define HANDOVER_ASSISTANT "assistant"
/* An agent has the conversation from now on. ERR_CONFLICT, with who has it
 * since when: it is theirs already, or another one's, or the customer went back
 * to the assistant, and ->from does not say so. */
int registrar_take_conversation(struct registrar *, struct conversation_order *,
                                struct error *);
/* By the agent who begins it: with by->case_id, whose person is written to; the
 * conversation's id is out. ERR_NOT_PERMITTED "RULE: why": case_closed,
 * purpose_not_open, customer_service_window. ERR_CONFLICT as above. */
int registrar_open_conversation(struct registrar *, struct conversation_order *,
                                struct error *);
/* It is the assistant's again, by who has it; of another one by an officer with
 * by->reason (ERR_NOT_PERMITTED). ERR_CONFLICT: the assistant has it, or nobody
 * took it yet. */
int registrar_hand_back(struct registrar *, struct conversation_order *,
                        struct error *);
/* Writes to the customer, and keeps it sealed. ERR_NOT_PERMITTED: somebody else
 * has the conversation, they took something back since the agent took it, or
 * "customer_service_window": they last wrote more than 24 hours ago. */
int registrar_reply(struct registrar *, struct conversation_order *,
                    struct error *);

/* ---- documents to customers ---------------------------------------------- */

/* A code that staff tell a customer over another channel (delivery.c). */
struct code_order {
    struct staff_access by; /* case_id, signature; event_type is not used */
    char code[LIMIT_CODE_LEN + 1]; /* out */
    msec until;                    /* out */
    struct template_given with;    /* what tells them outside of the window */
    const char *told; /* out: "chat", "template", or NULL: nobody told them that
                       * a code is awaited */
    const char *rule; /* inner */
};
/* Draws a code for the person of a case, good for half an hour. The rules that
 * forbid it, and any sending, are ERR_NOT_PERMITTED "RULE: why":
 * send_documents, purpose_not_open, impersonation_hold; and those of contact,
 * where a template would have to tell them: no code is drawn then. */
int registrar_ask_code(struct registrar *, struct code_order *, struct error *);

/* A document that staff want to send to a customer. */
struct delivery_order {
    struct staff_access by; /* case_id, reason, signature; as above */
    uint8_t sha256[SHA256_LEN];
    size_t size;
    const char *name;             /* that the customer sees */
    const char *caption;          /* the name of a prepared text, or NULL */
    struct template_given with;   /* what carries it outside of the window */
    const char *rule;             /* inner */
    char id[ID_SIZE];             /* out: of the delivery */
    char number[STORE_NAME_SIZE]; /* out: that it goes from */
};
/* Puts on record what is about to be sent, before there is a byte of it. Rules
 * besides: identity_not_checked, they did not write the code of this case, or
 * it counts no more; window_closed, and no template to carry it; those of
 * contact.
 */
int registrar_order_delivery(struct registrar *, struct delivery_order *,
                             struct error *);

/* What came of its bytes. */
struct delivery_end {
    char id[ID_SIZE];
    const char *reason; /* NULL: Meta has them, under media_id; else why not:
                         * static, of docs/ledger.md */
    const char *media_id, *media_type, *number;
    size_t size;
    bool refused; /* out: the rules forbid it by now; it is on record */
    bool over;    /* inner */
};
/* The document goes into the outbox, once, or that it does not is on record.
 * ERR_CONFLICT: it ended already. Either way Meta is asked to delete what it
 * has, when the message has arrived or at once. */
int registrar_end_delivery(struct registrar *, struct delivery_end *,
                           struct error *);

/* ---- reminders, and what came of them ------------------------------------ */

/* Reminders and notices by a template, to people of a list. */
struct outbound_item {
    int64_t row;    /* of the list, from 1 */
    const char *to; /* a phone number's digits, or a user id */
    bool phone;
    const char *values[LIMIT_PARAMETERS];
    bool has_other;  /* the last contact over another channel … */
    civil_day other; /* … was on that day */
    /* What came of it: queued, denied (by rule), known (it was queued before);
     * both constant. */
    const char *state, *rule;
    char id[ID_SIZE]; /* "" for who is not known here */
};
struct outbound_order {
    struct staff_access by; /* signature; its event_type is not used */
    const char *policy, *template;
    char batch[33]; /* 32 hex digits: the same list has the same */
    struct outbound_item *items;
    size_t n;
};
/* Puts what the rules of contact allow into the outbox, each row once, and both
 * on record; blocks the caller. ERR_INPUT: no such policy or template, or a
 * value that is none; nothing was queued then. */
int registrar_outbound(struct registrar *, struct outbound_order *,
                       struct error *);

/* Numbers that want no advertising come to a list, or leave it. */
struct exclusion_order {
    struct staff_access by;
    char list[HEX_SIZE(SHA256_LEN)]; /* which file they are from */
    const char **numbers;            /* digits */
    size_t n;
    bool leave;
    size_t changed; /* set: for how many it was otherwise before */
};
/* Numbers that get no advertising from now on, or do again; on record as how
 * many. */
int registrar_exclude(struct registrar *, struct exclusion_order *,
                      struct error *);

/* What became of a promise to pay (promise.c). */
struct promise_order {
    struct staff_access by; /* signature; its event_type is not used */
    char id[ID_SIZE];
    bool kept; /* else it was broken */
};
/* Staff say whether a promise was kept, once. ERR_NOT_FOUND; ERR_CONFLICT: it
 * was decided, or its person named another day. */
int registrar_decide_promise(struct registrar *, const struct promise_order *,
                             struct error *);

#endif
