/* What stays, what goes, and who has to agree. */
#ifndef RESGUARDO_KEEP_PRIVATE_H
#define RESGUARDO_KEEP_PRIVATE_H

#include "registrar_private.h"

#include "resguardo/registrar_person.h"

/* ---- a second officer (approval.c) -------------------------------------- */

/* First thing in the step of what may need one. 0: look at ->asked; where it is
 * set, return 0 at once, so that the question is committed and nothing else. */
int approval_use(struct registrar *, struct approval *,
                 const struct staff_access *by, struct error *);
/* After the step was committed: 0, or -1 with what is to be said when asked. */
int approval_answer(const struct approval *, struct error *);
/* Adds which approval it was and whose to the evidence of a leaf. */
void approval_evidence(json_t *evidence, const struct approval *);
/* Put on the keyring by one officer's word alone, less than a day ago? */
int newcomer_is(struct store *, uint32_t uid, msec now, bool *is,
                struct error *);
/* All that is asked about a person ends: they are erased. */
int approval_end_all(struct registrar *, const char *subject, struct error *);
/* Those that ran out, in a batch; slots of those that ended, between batches.
 */
int approval_upkeep(struct registrar *, struct error *);
int approval_bury(struct registrar *, struct error *);

/* ---- what stays how long (hold.c, block.c, retention.c) ----------------- */

int hold_upkeep(struct registrar *, struct error *);
/* Nobody sees this person any more until they are erased: open work ends
 * without a word, no message finds them, their documents are blocked. */
int subject_block(struct registrar *, const char *subject, msec until,
                  const struct erasure_row *, struct error *);
/* ERR_CONFLICT when it is too late: their erasure has begun. */
int subject_check_kept(struct registrar *, const char *subject, struct error *);
/* How long an erasure of this person has to block first; 0: not at all. */
int subject_block_for(struct registrar *, const char *subject, msec *,
                      struct error *);
/* What the rules say is due, some at a time. */
int retention_upkeep(struct registrar *, struct error *);
/* The policies of a person, NULL where one is loaded no more; all that are
 * loaded for whom none is known. -1, or how many (at most LIMIT_POLICIES). */
int person_policies(struct registrar *, const char *subject,
                    const struct policy *out[static LIMIT_POLICIES],
                    struct error *);

/* ---- erasure (erasure*.c, certificate.c) -------------------------------- */

/* Puts a destruction on record and in its row, inside a transaction. The row
 * comes filled but for id, state and requested; `documents` are named for kind
 * "documents". `leaf` is the leaf that says why (event erasure_ordered when
 * NULL); it gets erasure_id, ground, cause and due. */
int erasure_order(struct registrar *, struct erasure_row *,
                  const char (*documents)[ID_SIZE], size_t n, json_t *leaf,
                  struct error *);
/* When may a person that an officer wants erased be erased? Now, or at the end
 * of what blocks them first. The one place that knows. */
int erasure_due_of(struct registrar *, const struct erase_order *, msec *due,
                   struct error *);
/* An order whose row is filled (kind, subject, cause, due), before it enters:
 * how will whoever asked for this be told? ERR_NOT_PERMITTED: in no way. */
int erasure_tell_plan(struct registrar *, const struct erase_order *,
                      struct erasure_row *, struct error *);
/* It has entered, and blocked whom it blocks: they are told. */
int erasure_tell_begin(struct registrar *, const struct erase_order *,
                       struct erasure_row *, struct error *);
/* Ordered before, and staff say now how they were told: on record. */
int erasure_told(struct registrar *, const struct erase_order *,
                 struct erasure_row *, struct error *);
/* One bounded step of what is due or running, between batches, with
 * transactions of its own. True: there is more to do at once. With nothing to
 * do it looks once a second: a batch does not pay for it. */
bool erasure_work(struct registrar *);
/* At a start, before anybody is looked for: keys of the index and of the
 * de-duplication that are gone, because the database is older than the keys. */
int erasure_recover_keys(struct registrar *, struct error *);
/* Then: what keys/destroyed names and this database does not know. */
int erasure_recover(struct registrar *, struct error *);

/* The index under another key, as a step: a page of handles; arg is a struct
 * rekeying. */
struct rekeying {
    int more;       /* pages to go */
    uint64_t erase; /* the slot of the former key, behind the last page; 0 */
};
int erasure_step_handles(struct registrar *, void *arg, struct error *);
/* That slot, if a crash or a failure came before its end. 1, 0, -1. */
int erasure_former_key(struct registrar *, struct error *);

/* What the runs share. One step of one erasure: 1 something was done, 0 it has
 * to wait, -1. */
struct erasing {
    struct registrar *r;
    struct erasure_row row;
};
int erasure_shred(struct erasing *, struct error *);
int erasure_finish(struct erasing *, struct error *);
/* What the last message to the person comes to. */
int erasure_tell(struct erasing *, struct error *);
json_t *erasure_leaf(struct registrar *, const struct erasure_row *,
                     const char *event);
/* The leaf that says it is done, with the tree that it was added to. */
int erasure_leaf_done(struct erasing *, const char *event, struct error *);
/* RFC 8785; appended. Only what was looked at again is certified: ERR_VERIFY
 * when something is left. */
int certificate_make(struct registrar *, const struct erasure_row *,
                     struct buf *, struct error *);

/* ---- what Meta has to delete (forget.c) --------------------------------- */

/* Queued for when the person is gone; what cannot be read is passed over. The
 * time until which it is asked for raises *latest. */
int forget_media(struct registrar *, const struct attachment_row *,
                 msec *latest, struct error *);
/* An upload of ours: asked about at that time, or before (forget_hasten). */
int forget_upload(struct registrar *, const char *number, const char *media_id,
                  msec at, char id[static ID_SIZE], struct error *);
/* What goes to a person who is erased, at once. */
int forget_uploads(struct registrar *, const char *subject, msec *latest,
                   struct error *);
int forget_contacts(struct registrar *, const char *subject, msec *latest,
                    struct error *);
/* Asks for what is due, in a batch, or gives it up. */
int forget_ask(struct registrar *, struct error *);
int forget_answered(struct registrar *, const char *id, bool done,
                    struct error *);
/* Between batches: the slots of what was answered or given up. 1, 0, -1. */
int forget_sweep(struct registrar *, struct error *);

#endif
