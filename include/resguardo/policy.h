/*
 * policy: policies/ID/ as checked structs: purposes, notices, accepted types,
 * texts. What is wrong in a file is ERR_CONFIG "FILE:LINE: key: what" (a file
 * that cannot be read is named alone) and the daemon does not start with it.
 * Everything is filled ({controller} and the rest) at load; nothing of a
 * customer ever enters a text, so every prompt and notice is one of a few known
 * byte strings.
 *
 *   policies/ID/policy.yaml                see docs/policy.md
 *   policies/ID/texts.LANG.yaml
 *   policies/ID/notices/VERSION/LANG.md    first layer, a line "---", the rest
 *   policies/ID/holidays.yaml, days.yaml   if named: see docs/procedures.md
 *
 * Immutable after load; safe to share between threads.
 */
#ifndef RESGUARDO_POLICY_H
#define RESGUARDO_POLICY_H

#include "resguardo/base.h"
#include "resguardo/calendar.h"
#include "resguardo/contact.h"
#include "resguardo/limits.h"
#include "resguardo/policy_texts.h"

#define POLICY_ID_SIZE 41
#define PURPOSE_SIZE   41 /* [a-z0-9_]{1,40} */
#define VERSION_SIZE   33 /* [a-z0-9.-]{1,32} */
#define LANGUAGE_SIZE  17 /* es-CO */
#define BUTTON_ID_SIZE 128

/* What the customer sent, as the webhook's `type` says. */
enum media_kind {
    KIND_IMAGE,
    KIND_DOCUMENT,
    KIND_AUDIO,
    KIND_VIDEO,
    KIND__MAX
};
extern const char *const media_kind_names[KIND__MAX];
/* Kind by name; KIND__MAX if it is none. */
enum media_kind media_kind_of(const char *name);

enum legal_basis {
    BASIS_CONSENT,
    BASIS_EXPLICIT_CONSENT,
    /* From here on nobody is asked: they are told (GDPR art. 6.1 b to f). */
    BASIS_CONTRACT,
    BASIS_LEGAL_OBLIGATION,
    BASIS_VITAL_INTEREST,
    BASIS_PUBLIC_INTEREST,
    BASIS_LEGITIMATE_INTEREST,
    BASIS__MAX
};
extern const char *const legal_basis_names[BASIS__MAX];
/* Does a purpose on this basis need a yes? */
bool basis_asks(enum legal_basis);
/* May people object to it (GDPR art. 21)? */
bool basis_objects(enum legal_basis);

/* Why Colombia asks for no authorization (Ley 1581 de 2012, art. 10). */
enum exemption {
    EXEMPTION_NONE,
    EXEMPTION_PUBLIC_AUTHORITY,
    EXEMPTION_PUBLIC_DATA,
    EXEMPTION_EMERGENCY,
    EXEMPTION_STATISTICS,
    EXEMPTION_CIVIL_REGISTRY,
    EXEMPTION__MAX
};
extern const char *const exemption_names[EXEMPTION__MAX];

/* When a purpose that no file waits for is asked about. */
enum purpose_ask {
    ASK_NOT,            /* in the chat never */
    ASK_MENU,           /* who wants to hear of it finds it there */
    ASK_AFTER_COMPLETE, /* once, when a case is complete; in the menu, too */
    ASK__MAX
};

/* What a policy may want two officers for. */
enum officer_action {
    ACTION_ERASE,
    ACTION_STAFF_ADD,
    ACTION_REVEAL,
    ACTION_RELEASE,
    ACTION_BULK_READ,
    ACTION_LINK,
    ACTION__MAX
};
extern const char *const officer_action_names[ACTION__MAX];

/* What a retention rule counts from, and what is done then. */
enum retention_trigger {
    TRIGGER_STORED,      /* the message that brought the file */
    TRIGGER_CASE_CLOSED, /* its case was closed */
    TRIGGER_WITHDRAWN,   /* a purpose that it rests on was withdrawn */
    TRIGGER__MAX
};

struct policy_rule {
    char id[PURPOSE_SIZE]; /* "" none; what procedures name it by */
    char types[LIMIT_RULE_TYPES][129];
    size_t ntypes; /* 0: all */
    enum retention_trigger trigger;
    msec after;
    bool block; /* kept apart for block_for first, then destroyed */
    msec block_for;
    char ground[PURPOSE_SIZE];
    char citation[LIMIT_CITATION + 1]; /* "" none */
};

/* How urgent a case or a person who waits is. */
enum priority {
    PRIORITY_LOW,
    PRIORITY_NORMAL,
    PRIORITY_HIGH,
    PRIORITY_URGENT,
    PRIORITY__MAX
};
extern const char *const priority_names[PRIORITY__MAX];
/* By name; PRIORITY__MAX if it is none. */
enum priority priority_of(const char *name);

/* What was left lying: a person who waits for an agent, one who has an agent
 * and no answer, or a case that nobody touched. */
enum escalation_of {
    ESCALATE_WAITING,
    ESCALATE_UNANSWERED,
    ESCALATE_UNTOUCHED,
    ESCALATE__MAX
};
struct policy_escalation {
    msec after;
    enum priority priority;
};

/* A text that agents send under its name. */
struct policy_prepared {
    char name[PURPOSE_SIZE];
    char *text; /* filled */
};

struct policy_purpose {
    char id[PURPOSE_SIZE];
    char *data_class; /* "necessary", "accessory", "sensitive" */
    bool sensitive;
    enum legal_basis basis;
    unsigned gates;   /* 1 << enum media_kind, or-ed */
    bool acknowledge; /* of another basis: they have to say that they read it */
    enum exemption exemption;
    msec valid_for;     /* a yes runs out after it; 0 never */
    bool expiry_blocks; /* … and with it what rests on it */
    bool substantial;   /* this notice version changed it: a yes to a former
                         * one is none any more */
    enum purpose_ask ask;
};

struct policy_type {
    char media_type[129];
    int64_t max_bytes;
};

/* Where a document is to be handed in: WhatsApp's rules do not let every kind
 * be asked for in a chat. */
enum item_channel {
    CHANNEL_IN_CHAT,
    CHANNEL_SECURE_LINK,
    CHANNEL_BRANCH,
    CHANNEL__MAX
};
extern const char *const item_channel_names[CHANNEL__MAX];

/* Can it be a child's? Then whoever sends it says first what they are to the
 * child, and that the child was heard. */
enum item_minors {
    MINORS_NO,
    MINORS_MAYBE, /* or a grown-up's: they say that, too */
    MINORS_ALWAYS
};

/* A document that a procedure asks for. */
struct policy_item {
    char id[PURPOSE_SIZE];
    bool required, sensitive;
    enum item_channel channel;
    unsigned kinds;    /* 1 << enum media_kind, or-ed; 0 if not in_chat */
    uint32_t types;    /* 1 << place in policy->types; 0 if not in_chat */
    unsigned purposes; /* 1 << place in policy->purposes: all must be open */
    int files_max;     /* two sides of a card are two files */
    int retention;     /* place in policy->rules, -1: none of its own */
    enum item_minors minors;
};
/* What people ask for, or what else has a date by which it must be done. */
enum request_type {
    REQUEST_ACCESS,      /* their data, or what was done with them */
    REQUEST_CORRECT,     /* something is wrong */
    REQUEST_ERASE,       /* all is to go */
    REQUEST_WITHDRAW,    /* a consent is taken back */
    REQUEST_COMPLAINT,   /* anything else that the law wants answered */
    REQUEST_OBJECT,      /* to what rests on somebody's interest (GDPR, 21) */
    REQUEST_RESTRICT,    /* keep it, and leave it alone (GDPR, 18) */
    REQUEST_PORTABILITY, /* in a form that a machine reads (GDPR, 20) */
    REQUEST_OTHER,       /* by a clock that staff named */
    REQUEST_SLA,         /* a case is complete: what we promised for it */
    REQUEST_INCIDENT,    /* nobody asked: something happened */
    REQUEST__MAX
};
extern const char *const request_type_names[REQUEST__MAX];
/* Those that a policy gives a clock to, and a chat can open. */
#define REQUEST_ASKED REQUEST_OTHER

/* Something that customers come for, its items in the order of asking. */
struct policy_procedure {
    char id[PURPOSE_SIZE];
    struct policy_item items[LIMIT_ITEMS];
    size_t nitems;
    int sla;               /* place in policy->clocks */
    msec unrequested_life; /* of files that no item asks for */
};

/* What a whole message can mean. */
enum policy_word {
    WORD_NONE,
    WORD_YES,
    WORD_NO,
    WORD_OTHER,
    WORD_WITHDRAW,
    WORD_PERSON, /* I want to talk to a person */
    WORD_BACK,   /* … and to the bot again */
    WORD_MENU,   /* these four: a policy without procedures has none */
    WORD_STATUS,
    WORD_MISSING,
    WORD_DATA,
    WORD_ACK,    /* read: only where the policy asks for it */
    WORD_BEHALF, /* the papers are of another person; this one and the next
                  * may have no words */
    WORD_MINOR,  /* I am under age */
    WORD_STOP,   /* no more notices; only where some are asked about */
    /* What the law lets them ask for, and a text that speaks of it; any of them
     * may have no words. */
    WORD_ACCESS,
    WORD_CORRECT,
    WORD_ERASE,
    WORD_COMPLAINT,
    WORD_OBJECT,
    WORD_RESTRICT,
    WORD_PORTABILITY,
    WORD_RIGHTS,
    WORD_PROMISE, /* these two answer a reminder, and may have no words: they */
    WORD_PROOF,   /* will pay; they have paid */
    WORD_ANOTHER, /* what was taken for a document is another; may have none */
    /* These four may have no words. */
    WORD_END,   /* stop: notices, or all that was agreed to? */
    WORD_HELP,  /* they do not know how to go on */
    WORD_PLACE, /* how long still, of who waits for a person */
    WORD_WHERE, /* offices, their hours */
    /* Write to me in this language: so much more than its place in the policy's
     */
    WORD_LANGUAGE,
    WORD_LANGUAGE_LAST = WORD_LANGUAGE + LIMIT_LANGUAGES - 1
};

/* What a longer text speaks of, anywhere in it. Of several the first counts. */
enum policy_phrase {
    PHRASE_NONE,
    PHRASE_END,    /* no more messages, or a yes is taken back */
    PHRASE_NUMBER, /* they have a new number */
    PHRASE_PERSON, /* they want to talk to one */
    PHRASE_RIGHTS, /* what the law lets them ask for: the words `rights` */
    PHRASE__MAX
};
/* What a text means. */
struct policy_meaning {
    enum policy_word word; /* of the whole message, courtesies aside */
    const char *id; /* the tap whose title was typed, or NULL; owned by the
                     * policy */
    bool nearly; /* a yes or a no with something around it, or what is said in
                  * the place of a yes: it decides nothing */
    enum policy_phrase phrase; /* where it is none of those */
};

/* The forms in which a purpose is put to a person. */
enum prompt_form {
    PROMPT_SHORT,   /* the question alone */
    PROMPT_FIRST,   /* with the notice's first layer before it */
    PROMPT_RENEWED, /* the same, and what changed since they said yes */
    PROMPT__MAX
};
struct policy_prompt {
    char *interactive; /* RFC 8785 bytes of the `interactive` object; of what
                        * asks nothing, of the `text` object; NULL: no such
                        * form */
    uint8_t sha256[SHA256_LEN]; /* of those bytes: prompt_sha256 */
};

struct policy_language {
    char tag[LANGUAGE_SIZE];
    char *notice; /* filled bytes of the current version's LANG.md */
    size_t notice_len;
    uint8_t notice_sha256[SHA256_LEN];
    char *notice_path; /* for errors */
    /* At most 1024 characters each. On another basis than consent there is
     * PROMPT_FIRST alone. */
    struct policy_prompt prompts[LIMIT_PURPOSES][PROMPT__MAX];
    char *titles[LIMIT_PURPOSES]; /* what people call it, or NULL */
    char
        *ends[LIMIT_PURPOSES]; /* the button that withdraws it alone, or NULL */
    char *bases[BASIS__MAX];   /* in words; NULL where none rests on it */
    char *texts[TEXT__MAX]; /* filled, but for {stored} {case} {refused} … */
    struct policy_prepared prepared[LIMIT_PREPARED];
    size_t nprepared;
    /* Filled; what this language lacks is another's. As policy->procedures and
     * policy->clocks. */
    struct procedure_texts procedures[LIMIT_PROCEDURES];
    char *clocks[LIMIT_CLOCKS];
    char *menu[MENU__MAX];             /* NULL without procedures; so is chat */
    char *chat[CHAT__MAX];             /* filled, but for what is said above */
    char *requests[REQUEST_TEXT__MAX]; /* NULL where no request has a clock */
    char *request_titles[REQUEST_ASKED]; /* by type; NULL: the clock's */
    char *persons[PERSONS__MAX];         /* NULL: see there */
    char *rating[RATING_TEXT__MAX];      /* NULL where nobody is asked */
    char *delivery[DELIVERY__MAX];       /* NULL where no document is sent */
    char *contact[CONTACT__MAX]; /* NULL where nothing is asked by itself */
    char *promise[PROMISE__MAX]; /* NULL where no template asks for one */
    char *name;  /* the first of the words that ask for it; NULL: nobody can */
    char *offer; /* how the others' first message names it, or NULL */
    char *choice[CHOICE__MAX]; /* NULL where the first language has no name */
    char *spoken[SPOKEN__MAX]; /* any may be NULL */
};

struct policy {
    char id[POLICY_ID_SIZE];
    char jurisdiction[3]; /* "CO", "ES" */
    char notice_version[VERSION_SIZE];
    struct policy_purpose purposes[LIMIT_PURPOSES];
    size_t npurposes;
    /* 1 << place in purposes, or-ed: those on another basis than consent, and
     * those of them that have to be acknowledged. */
    unsigned informs, acknowledges;
    unsigned asked; /* 1 << place of those that have `ask`, or-ed */
    struct policy_type types[LIMIT_TYPES];
    size_t ntypes;
    struct policy_language languages[LIMIT_LANGUAGES]; /* [0] is the default */
    size_t nlanguages;
    msec hold_time;      /* an attachment waits at most this long for a yes */
    msec receipt_quiet;  /* after the last file of a burst */
    msec receipt_max;    /* but never longer than this after the first */
    msec evidence_until; /* after the end of processing */
    struct policy_rule rules[LIMIT_RULES];
    size_t nrules;
    /* Of each, in the order of their times. */
    struct policy_escalation escalations[ESCALATE__MAX][LIMIT_ESCALATIONS];
    size_t nescalations[ESCALATE__MAX];
    msec handover_silence; /* an agent's conversation ends after it */
    msec persons_after;    /* without documents and word: erased; 0 never */
    bool erasure_blocks;   /* an erasure blocks first, for block_for */
    msec block_for;
    unsigned two_officers; /* 1 << enum officer_action, or-ed */
    int minor_age;         /* who is younger consents by a representative */
    json_t *about; /* controller, contact_email …: what the texts were filled
                    * with, by the names of docs/policy.md */
    struct calendar calendar;
    struct hours hours[LIMIT_HOURS];
    size_t nhours;
    struct legal_clock clocks[LIMIT_CLOCKS];
    size_t nclocks;
    /* Place in clocks of what people ask for; -1: the policy has none. */
    int requests[REQUEST_ASKED];
    struct policy_procedure procedures[LIMIT_PROCEDURES];
    size_t nprocedures;
    /* Where items of channel secure_link go: an https URL in which {case} and
     * {procedure} are filled when it is told; "" none. */
    char secure_link[LIMIT_LINK + 1];
    struct policy_template templates[LIMIT_TEMPLATES];
    size_t ntemplates;
    bool promises; /* a template asks for them */
    struct contact_rules contact;
    struct {
        bool asked;     /* how it was, after the end */
        msec ask_after; /* so long */
        msec quiet;     /* and not again for so long */
    } satisfaction;
    bool send_documents;    /* to customers, in the chat */
    msec identity_lasts;    /* how long a right code counts */
    bool unanswered_person; /* who writes again what has no meaning waits for a
                             * person */
    json_t *warnings;       /* strings "FILE: what": it works, but look at it */
    json_t *record;  /* what consent records say beside it: storage_locations,
                      * recipients (lists), party_type, withdrawal_method,
                      * personal_data (a list for each purpose) */
    bool represents; /* somebody can write for somebody else: there are texts */
    bool blocked_is_not_found;      /* Spain: agents get 3 instead of 4 */
    struct policy_words *words;     /* opaque: folded whole messages */
    struct policy_phrases *phrases; /* opaque: what stands in longer ones */
};

struct policy_set {
    struct policy *policies[LIMIT_POLICIES];
    size_t n;
};

/* Loads the named policies (each once) from folder `dir`. */
struct policy_set *policy_set_load(const char *dir, const char *const *ids,
                                   size_t n, const char *controller,
                                   const char *public_url, struct error *);
void policy_set_free(struct policy_set **);
/* One policy folder by its path, for `policy check`. */
struct policy *policy_load(const char *folder, const char *controller,
                           const char *public_url, struct error *);
void policy_free(struct policy **);
const struct policy *policy_find(const struct policy_set *, const char *id);

/* Adds to the warnings something that does not keep the policy from working. */
int policy_warn(struct policy *, struct error *, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Purposes (bit i = purposes[i]) that gate a file of this kind and announced
 * type; a type image/x counts as image in any kind of message. */
unsigned policy_gates(const struct policy *, enum media_kind,
                      const char *announced_type);
/* Largest size any accepted type may have (the cap while streaming). */
int64_t policy_max_bytes(const struct policy *);
/* NULL if accepted; else "type" or "size". */
const char *policy_refuses(const struct policy *, const char *media_type,
                           int64_t size);
/* True when no accepted type can be of this announced top-level type
 * (audio, video): then the file is refused without being fetched. */
bool policy_rules_out(const struct policy *, enum media_kind);
/* The rule for documents of this type: the first that names it, or names all,
 * with this trigger. NULL: none, they stay. */
const struct policy_rule *policy_rule_for(const struct policy *,
                                          enum retention_trigger,
                                          const char *media_type);
/* The time of the next escalation of what lies since `since` and was escalated
 * `step` times; 0: there is none. */
msec policy_escalates(const struct policy *, enum escalation_of, msec since,
                      int step);
/* Is somebody at the desk of this number at that instant? A policy that says
 * nothing of hours has somebody there always. If not, *opens is when there will
 * be; 0: nobody knows. */
bool policy_is_open(const struct policy *, const char *number, msec at,
                    msec *opens);
/* Whoever asks at night waits from the morning on: `at`, or when it opens. */
msec policy_open_since(const struct policy *, const char *number, msec at);
/* A prepared text in this language, else in the policy's first; NULL: there is
 * none. */
const char *policy_prepared(const struct policy *,
                            const struct policy_language *, const char *name);
int policy_purpose(const struct policy *, const char *id); /* index or -1 */
/* What a notice version fixes beside its words, for `notice_published`:
 * {purposes: [{purpose, legal_basis, exemption?, acknowledge?, valid_for?
 * (seconds), substantial?}]}, of those with anything but a plain consent; an
 * empty object where there are none. NULL: no memory. */
json_t *policy_terms(const struct policy *);
int policy_clock(const struct policy *, const char *id);     /* index or -1 */
int policy_procedure(const struct policy *, const char *id); /* index or -1 */
/* A template by its id; NULL: the policy has none. */
const struct policy_template *policy_template(const struct policy *,
                                              const char *id);
/* The opening hours of a number of ours: the first table that names it, or is
 * for all. NULL: none, nothing was said about hours. */
const struct hours *policy_hours(const struct policy *,
                                 const char *phone_number_id);
/* The language of this tag, else one of the same language (es-CO, es-ES), else
 * the first; so it is for NULL and "". */
const struct policy_language *policy_language(const struct policy *,
                                              const char *tag);
/* Meaning of a whole typed message in any of the policy's languages. */
enum policy_word policy_word_of(const struct policy *, const char *text);
/* How old somebody says that they are: by a pattern of the words that say "I am
 * under age", as the whole message or a sentence of its own in it, in digits or
 * (to 17) in words. Of two ages the younger one; 0: they do not say. */
int policy_age_said(const struct policy *, const char *text);
/* What a text means: a word as the whole message; else without the courtesies
 * around it, where it decides nothing; else the title of a row; else a phrase
 * that stands in its first LIMIT_RIGHTS_LOOK bytes, as words of their own. A
 * yes, a no and a withdrawal are never anything but the whole message. */
void policy_meaning_of(const struct policy *, const char *text,
                       struct policy_meaning *);
/* Is the whole message one that wants no answer ("gracias", "ok")? */
bool policy_courtesy(const char *text);

/* A button's id: VERB/PURPOSE/NOTICE_VERSION. Verbs grant, refuse, other,
 * withdraw, ack; PURPOSE may be "all" for withdraw. -1: not one of ours. */
enum button_verb {
    BUTTON_GRANT,
    BUTTON_REFUSE,
    BUTTON_OTHER,
    BUTTON_WITHDRAW,
    BUTTON_ACK,
    BUTTON__MAX
};
int button_parse(const char *id, enum button_verb *,
                 char purpose[static PURPOSE_SIZE],
                 char version[static VERSION_SIZE]);
int button_format(char out[static BUTTON_ID_SIZE], enum button_verb,
                  const char *purpose, const char *version);

/* Fills {name} in a template from pairs name, value, …, NULL. An unknown
 * name stays as it is. */
int policy_fill(struct buf *out, const char *text, const char *const *pairs);

#endif
