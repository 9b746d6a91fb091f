/*
 * store: what is destroyed, and how far that is. Promises and conventions of
 * store.h hold here.
 */
#ifndef RESGUARDO_STORE_ERASE_H
#define RESGUARDO_STORE_ERASE_H

#include "resguardo/store_cases.h"

/* ---- erasures (erasure.c) ----------------------------------------------- */

/* One destruction that was decided: kind "subject", "documents", "evidence";
 * cause "request", "retention", "blocking_over", "evidence_over", "restored";
 * state "waiting" (for `due`, or for the end of a hold), "running", "done";
 * step, of a running one, "cancel", "shred", "rekey", "finish". */
struct erasure_row {
    char id[ID_SIZE], subject[ID_SIZE];
    char kind[STORE_NAME_SIZE], ground[STORE_NAME_SIZE];
    char cause[STORE_NAME_SIZE];
    char state[STORE_NAME_SIZE], step[STORE_NAME_SIZE];
    msec requested, due;
    int64_t requested_by, approved_by; /* uids; -1 nobody */
    msec executed, finished;           /* 0: not yet */
    int64_t documents;                 /* destroyed so far */
    int64_t rekey; /* the change of the index key that must have ended */
    int64_t leaf;  /* place of the leaf that says it is done; -1 none yet */
    msec
        asked_until; /* so long Meta is asked to delete; 0 nothing was queued */
};
int erasure_add(struct store *, const struct erasure_row *, struct error *);
/* Writes state, step, approved_by, due, executed, finished, documents, rekey,
 * leaf and asked_until. */
int erasure_update(struct store *, const struct erasure_row *, struct error *);
int erasure_get(struct store *, const char *id, struct erasure_row *,
                struct error *);
/* The newest of this kind for a person. */
int erasure_of_subject(struct store *, const char *subject, const char *kind,
                       struct erasure_row *, struct error *);
/* The one that names this document and is not done. */
int erasure_of_document(struct store *, const char *document,
                        struct erasure_row *, struct error *);
/* Does anything keep it from being carried out now? 1 held, 0 not, -1. The one
 * place that knows (a legal hold on the person or on one of the documents). */
int erasure_is_held(struct store *, const struct erasure_row *, struct error *);
typedef int (*erasure_each)(void *arg, const struct erasure_row *);
/* waiting, due <= now and not held, nearest first, at most max; running and at
 * this step, oldest first. Rows are read before the first callback. */
int erasure_due(struct store *, msec now, size_t max, erasure_each, void *arg,
                struct error *);
int erasure_running(struct store *, const char *step, size_t max, erasure_each,
                    void *arg, struct error *);
/* Bytes that belong to the row: the certificate. Getter: 1, 0 (none yet), -1.
 */
int erasure_set_certificate(struct store *, const char *id, const void *,
                            size_t, struct error *);
int erasure_certificate(struct store *, const char *id, struct buf *,
                        struct error *);

struct erasure_item {
    char document[ID_SIZE], payload[ID_SIZE]; /* payload "": not yet */
    uint64_t slot;                            /* 0: not destroyed yet, or */
    bool gone;                                /* there was nothing left to */
    uint8_t payload_sha256[SHA256_LEN];
};
/* Names a document; again, with its slot, when that is destroyed. */
int erasure_item_put(struct store *, const char *erasure,
                     const struct erasure_item *, struct error *);
typedef int (*erasure_item_each)(void *arg, const struct erasure_item *);
/* From after a document ("" the first), at most max. */
int erasure_item_list(struct store *, const char *erasure, const char *after,
                      size_t max, erasure_item_each, void *arg, struct error *);
/* Of those that are not destroyed yet, at most max. */
int erasure_item_open(struct store *, const char *erasure, size_t max,
                      erasure_item_each, void *arg, struct error *);
int erasure_items_drop(struct store *, const char *erasure, struct error *);

/* ---- what a person leaves behind (shred.c) ------------------------------ */

/* The numbers (phone_number_id) that a person exchanged messages with. */
int number_of_person(struct store *, const char *subject,
                     int (*each)(void *arg, const char *number), void *arg,
                     struct error *);
/* A document's row and its attachment's; the payload id goes into `loose`. */
int document_remove(struct store *, const struct document_row *,
                    struct error *);
/* An attachment's row; a payload that is being written is loose already. */
int attachment_remove(struct store *, const char *id, struct error *);
/* All handles, so that nobody is found any more. */
int handle_remove(struct store *, const char *subject, struct error *);
/* Whatever is not closed yet. */
int case_close_all(struct store *, const char *subject, msec now,
                   struct error *);
/* At most max rows of what is sealed under the content slot beside documents,
 * attachments and handles (chat, outbox, outbound, prompts, notes, …); how many
 * went, or -1. 0: nothing is left. */
int64_t content_remove(struct store *, const char *subject, size_t max,
                       struct error *);
/* The same for what the evidence slot seals, and at the end consent, cases and
 * the person's row itself. */
int64_t evidence_remove(struct store *, const char *subject, size_t max,
                        struct error *);
/* Whose slot is it? found: 1, 0 (nobody's any more), -1. */
enum slot_use { SLOT_CONTENT, SLOT_EVIDENCE, SLOT_DOCUMENT };
int slot_owner(struct store *, uint64_t slot, enum slot_use *,
               char subject[static ID_SIZE], char document[static ID_SIZE],
               struct error *);

/* ---- the index key (rekey.c) -------------------------------------------- */

/* Begins to move all handles to a key of a new slot; look-ups try both until
 * the end. How many changes began and ended: an erasure waits until one that
 * began after it has ended. */
int rekey_counts(struct store *, int64_t *begun, int64_t *done, struct error *);
int rekey_begin(struct store *, struct error *);
/* Moves at most max handles. 1: more are left; 0: none, and *erase is the slot
 * to be erased after the commit (0: none); -1. */
int rekey_step(struct store *, size_t max, uint64_t *erase, struct error *);
/* The key's slot is erased, because the database is older than the keys: 1; or
 * 2, that of the former key of a change that is under way; 0; -1. Then all
 * handles move before anybody is looked for: with 1 by a change to be begun. */
int rekey_lost(struct store *, struct error *);
/* The slot of the last change, if a crash or a failing disk came before it was
 * erased; else 0. */
int rekey_left(struct store *, uint64_t *erase, struct error *);

/* ---- what Meta has to delete (forget.c) --------------------------------- */

struct forget_row {
    char id[ID_SIZE];
    char kind[STORE_NAME_SIZE]; /* "media", "contact" */
    char number[STORE_NAME_SIZE];
    uint64_t slot; /* its own; allocated by forget_add */
    msec until, next_try;
    int tries;
};
int forget_add(struct store *, struct forget_row *, const char *what,
               struct error *);
int forget_get(struct store *, const char *id, struct forget_row *,
               struct error *);
/* The media id or bsuid. */
int forget_what(struct store *, const struct forget_row *, struct buf *,
                struct error *);
/* Writes next_try and tries. */
int forget_update(struct store *, const struct forget_row *, struct error *);
/* Answered or given up: its slot is to be erased, then the row. */
int forget_end(struct store *, const char *id, struct error *);
typedef int (*forget_each)(void *arg, const struct forget_row *);
int forget_due(struct store *, msec now, size_t max, forget_each, void *arg,
               struct error *);
int forget_ended(struct store *, size_t max, forget_each, void *arg,
                 struct error *);
int forget_remove(struct store *, const char *id, struct error *);
/* What was uploaded for a delivery is asked about now; for all that goes to a
 * person, too: *until is the latest time up to which that is tried, 0 never.
 * What was answered stays as it is. */
int forget_hasten(struct store *, const char *forget, msec now, struct error *);
int forget_of_deliveries(struct store *, const char *subject, msec now,
                         msec *until, struct error *);

#endif
