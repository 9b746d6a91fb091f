/*
 * store: who the people are and what they decided. Promises and conventions of
 * store.h hold here.
 */
#ifndef RESGUARDO_STORE_PEOPLE_H
#define RESGUARDO_STORE_PEOPLE_H

#include "resguardo/store.h"

/* ---- subjects (subject.c) ----------------------------------------------- */

enum handle_kind {
    HANDLE_PHONE,
    HANDLE_BSUID,
    HANDLE_PARENT,
    HANDLE_NAME,
    HANDLE__MAX
};
/* Where a person may have rows, so that a message reads none in vain. Whoever
 * has a row has its bit; a bit says no more than that there may be one. */
enum person_has {
    PERSON_CONSENT = 1 << 0,
    PERSON_PROMPT = 1 << 1,
    PERSON_FILE = 1 << 2, /* attachment */
    PERSON_CASE = 1 << 3,
    PERSON_GUIDE = 1 << 4,
    PERSON_CONVERSATION = 1 << 5,
    PERSON_UNCLEAR = 1 << 6, /* a file that is for no item yet */
    PERSON_HANDLE = 1 << 7,
    PERSON_REMINDED = 1 << 8, /* of something that can be answered */
    PERSON_PROMISE = 1 << 9,
    /* No rows: Meta said that they have another number or user id, so that who
     * writes from the number they had, and says no more, may be anybody. */
    PERSON_MOVED = 1 << 10,
    PERSON_ASKED = 1 << 12, /* a request of theirs waits for words of theirs,
                             * or has some for them */
    PERSON_ELSEWHERE = 1 << 13, /* contacts that were not in the chat */
    PERSON_VOICE = 1 << 14,     /* a file of theirs that is spoken */
    PERSON_LOST = 1 << 15       /* a document of theirs was blocked */
};
struct subject_row {
    char id[ID_SIZE];
    uint64_t content_slot, evidence_slot;
    msec created;
    /* Filled when read. */
    msec contact;              /* last heard of, to a day */
    msec blocked, block_until; /* 0: not */
    int minor; /* 1: they said that they are under age; 2: and a representative
                * answered for them */
    char language[STORE_NAME_SIZE]; /* that they chose; "" none */
    msec asks;    /* until when an answer to how it was is taken; 0: none is */
    unsigned has; /* enum person_has */
};
/* Allocates both slots. */
int subject_add(struct store *, struct subject_row *, struct error *);
int subject_get(struct store *, const char *id, struct subject_row *,
                struct error *);
/* A profile name finds nobody: many people share one. */
int subject_find(struct store *, enum handle_kind, const char *value,
                 char id[static ID_SIZE], struct error *);
int subject_set_language(struct store *, const char *id, const char *language,
                         struct error *);
int subject_set_minor(struct store *, const char *id, int minor,
                      struct error *);
/* What a message says of its sender, by kind; NULL or "": nothing. Adds what is
 * not the newest of its kind, or points an existing handle to this subject.
 * HANDLE_NAME is the profile name: one a subject, replaced. */
int subject_handles_put(struct store *, const struct subject_row *,
                        const char *const values[static HANDLE__MAX], msec seen,
                        struct error *);
int subject_handle_put(struct store *, const struct subject_row *,
                       enum handle_kind, const char *value, msec seen,
                       struct error *);
/* Out of the index: nothing finds this person any more; the values stay, sealed
 * under other names. */
int subject_handles_hide(struct store *, const struct subject_row *,
                         struct error *);
/* Newest handle of the kind. */
int subject_handle_get(struct store *, const char *id, enum handle_kind,
                       struct buf *, struct error *);
/* Every handle of a kind, opened. Those that cannot be, because their slot is
 * gone, are passed over. */
int handle_of_person(struct store *, const char *subject, enum handle_kind,
                     int (*each)(void *arg, const char *value), void *arg,
                     struct error *);

/* ---- decisions and prompts (consent.c) ---------------------------------- */

struct consent_row {
    char subject[ID_SIZE];
    char policy[STORE_NAME_SIZE], purpose[STORE_NAME_SIZE];
    char state[STORE_NAME_SIZE];
    int64_t yes_s, no_s;
    msec reprompted;
    char notice_version[STORE_NAME_SIZE]; /* of the last yes, or delivered */
    msec expires;                         /* of a yes; 0 never */
};
int consent_get(struct store *, const char *subject, const char *policy,
                const char *purpose, struct consent_row *, struct error *);
int consent_put(struct store *, const struct consent_row *, struct error *);
int consent_list(struct store *,
                 int (*each)(void *arg, const struct consent_row *), void *arg,
                 struct error *);
/* Yeses that ran out by now, at most `max` of them, the oldest first. Read
 * before the first callback. */
int consent_due(struct store *, msec now, size_t max,
                int (*each)(void *arg, const struct consent_row *), void *arg,
                struct error *);
int consent_of_person(struct store *, const char *subject,
                      int (*each)(void *arg, const struct consent_row *),
                      void *arg, struct error *);

struct prompt_row {
    char id[ID_SIZE], subject[ID_SIZE], outbox[ID_SIZE];
    char policy[STORE_NAME_SIZE], purpose[STORE_NAME_SIZE];
    char notice_version[STORE_NAME_SIZE], language[STORE_NAME_SIZE];
    char state[STORE_NAME_SIZE];
    bool with_notice, presented;
    uint8_t prompt_sha256[SHA256_LEN];
    msec asked;
    int64_t handed_s;
};
int prompt_add(struct store *, const struct prompt_row *, struct error *);
/* Writes state, handed_s, presented. */
int prompt_update(struct store *, const struct prompt_row *, struct error *);
int prompt_get(struct store *, const char *id, struct prompt_row *,
               struct error *);
int prompt_by_outbox(struct store *, const char *outbox, struct prompt_row *,
                     struct error *);
/* Was this question ever put to the person, answered or not? 1, 0, -1. */
int prompt_was_put(struct store *, const char *subject, const char *policy,
                   const char *purpose, const char *version, struct error *);
/* Open prompts of a person under a policy, as they were put; *n <= cap. */
int prompt_list_open(struct store *, const char *subject, const char *policy,
                     struct prompt_row *, size_t cap, size_t *n,
                     struct error *);

/* ---- evidence and notes (evidence.c) ------------------------------------ */

/* `age_file` of `header_len` + payload bytes; the header is wrapped under the
 * subject's evidence slot. kind: "person", "decision", "erasure". */
int evidence_add(struct store *, const char *id, const struct subject_row *,
                 const char *kind, const void *age_file, size_t len,
                 size_t header_len, msec now, struct error *);
/* The whole age file again. */
int evidence_get(struct store *, const char *id, struct buf *, struct error *);
/* Every id, for `check`; the callback asks the store nothing. */
int evidence_list(struct store *, int (*each)(void *arg, const char *id),
                  void *arg, struct error *);
/* What there is, without what is in it: at most LIMIT_READER_ROWS, in the order
 * of their ids, from after one ("" for the first). */
struct evidence_row {
    char id[ID_SIZE], subject[ID_SIZE];
    char kind[STORE_NAME_SIZE];
    msec created;
    uint8_t payload_sha256[SHA256_LEN]; /* of the age file without its header */
};
int evidence_page(struct store *, const char *after,
                  int (*each)(void *arg, const struct evidence_row *),
                  void *arg, struct error *);
int64_t evidence_count(struct store *, const char *subject, const char *kind,
                       struct error *);
int note_add(struct store *, const char *id, const char *subject,
             const void *text, size_t, struct error *);
int note_get(struct store *, const char *id, struct buf *, struct error *);

/* ---- links (link.c) ----------------------------------------------------- */

struct link_row {
    char id[ID_SIZE];                       /* l… */
    char subject[ID_SIZE], former[ID_SIZE]; /* the newer one, and the other */
    char kind[STORE_NAME_SIZE];             /* number_change, two_numbers */
    char proof[STORE_NAME_SIZE]; /* "": consent was not carried over */
    msec linked, ended;          /* ended 0: in force */
    uint32_t linked_by;
    int64_t ended_by; /* uid; -1 not ended, or one of the two was erased */
};
int link_add(struct store *, const struct link_row *, struct error *);
/* Writes ended and ended_by; what it carried is nothing any more. */
int link_end(struct store *, const struct link_row *, struct error *);
/* In force, between the two, whichever is the newer one. */
int link_find(struct store *, const char *one, const char *other,
              struct link_row *, struct error *);
typedef int (*link_each)(void *arg, const struct link_row *);
/* In force, that name this reference; read before the first callback. */
int link_of(struct store *, const char *subject, link_each, void *arg,
            struct error *);
/* Every reference that is the same person, by links of links; the one that is
 * asked about comes first. At most LIMIT_LINKED; *n is out. */
int link_group(struct store *, const char *subject,
               char group[static LIMIT_LINKED][ID_SIZE], size_t *n,
               struct error *);

struct carried_row {
    char policy[STORE_NAME_SIZE], purpose[STORE_NAME_SIZE];
    int64_t yes_s;
};
int carried_add(struct store *, const char *link, const struct carried_row *,
                struct error *);
/* Read before the first callback. */
int carried_of(struct store *, const char *link,
               int (*each)(void *arg, const struct carried_row *), void *arg,
               struct error *);

/* ---- what Meta says (suggestion.c) -------------------------------------- */

/* They have another number or user id now: from here on the number that they
 * had is no proof of who writes. Getter: 1, 0, -1. */
int suggestion_moved(struct store *, const char *subject, struct error *);
int suggestion_set_moved(struct store *, const char *subject, struct error *);
int suggestion_clear_moved(struct store *, const char *subject, struct error *);

struct suggestion_row {
    char subject[ID_SIZE];     /* as they were known */
    char how[STORE_NAME_SIZE]; /* user_changed_number, user_changed_user_id */
    msec made;
};
/* now: JSON {phone?, user_id?}, sealed with the person. Takes the place of
 * what was said of them before; what is older than LIMIT_SUGGESTION_D goes. */
int suggestion_put(struct store *, const struct suggestion_row *,
                   const void *now, size_t, struct error *);
int suggestion_remove(struct store *, const char *subject, struct error *);
/* Appends what it says. 1, 0 none, -1. */
int suggestion_now(struct store *, const char *subject, struct buf *,
                   struct error *);
/* The newest first, at most LIMIT_READER_ROWS; read before the first callback.
 */
int suggestion_list(struct store *,
                    int (*each)(void *arg, const struct suggestion_row *),
                    void *arg, struct error *);

/* ---- what there is of one person (person.c) ----------------------------- */

enum person_rows {
    PERSON_CASES,
    PERSON_ATTACHMENTS,
    PERSON_DOCUMENTS,
    PERSON_PROMPTS,
    PERSON_MESSAGES, /* outbox */
    PERSON_CHAT,
    PERSON_HANDOVERS,
    PERSON__MAX
};
#define PERSON_PAGE 128u
/* The ids of a page of their rows, in the order in which they came, from after
 * a place (0: all), which moves; *n is less than PERSON_PAGE at the end. */
int person_page(struct store *, const char *subject, enum person_rows,
                uint64_t *place, char ids[static PERSON_PAGE][ID_SIZE],
                size_t *n, struct error *);
/* Every handle, of each kind the oldest first. */
int person_handles(struct store *, const char *subject,
                   int (*each)(void *arg, const char *kind, const char *value,
                               msec seen),
                   void *arg, struct error *);
/* What staff said in words about them: each note, opened. */
int person_notes(struct store *, const char *subject,
                 int (*each)(void *arg, const struct buf *text), void *arg,
                 struct error *);
/* Every decision's state; at most `cap` of them. */
int person_consents(struct store *, const char *subject, struct consent_row *,
                    size_t cap, size_t *n, struct error *);

#endif
