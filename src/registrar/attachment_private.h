/*
 * A file of a customer, from the message that names it to its end, and the
 * receipt for it.
 */
#ifndef RESGUARDO_ATTACHMENT_PRIVATE_H
#define RESGUARDO_ATTACHMENT_PRIVATE_H

#include "registrar_private.h"

/* ---- its life (attachment_life.c, intake_end.c, unasked.c …) ------------ */

/* What the sender said of a file; the caller releases it. NULL with error. */
json_t *claims_read(struct registrar *, const char *attachment, struct error *);
int attachment_hold(struct registrar *, const struct policy *,
                    const struct subject_row *, const struct webhook_item *,
                    unsigned *needs, struct error *);
/* A turn in the fair queue: a person's files one a round. */
int attachment_enqueue(struct registrar *, struct attachment_row *,
                       struct error *);
/* held and all purposes given → queued. */
int attachment_release(struct registrar *, const struct policy *,
                       const char *subject, struct error *);
/* Whatever has not ended and needs this purpose → dropped. */
int attachment_drop(struct registrar *, const struct policy *,
                    const char *subject, const char *purpose, struct error *);
/* Whatever has not ended → dropped, for this reason. */
int attachment_drop_all(struct registrar *, const char *policy,
                        const char *subject, const char *reason,
                        struct error *);
/* queued → fetching, or its end when the gate, the policy or the id say so. */
int attachment_fetch(struct registrar *, const struct attachment_row *,
                     struct error *);
/* Asks Meta to delete its copy, until it says that it did. */
int attachment_forget(struct registrar *, struct attachment_row *,
                      struct error *);
/* An end: state, reason, leaf (type `event`), Meta's copy, receipt. */
int attachment_end(struct registrar *, struct attachment_row *,
                   const char *state, const char *reason, struct error *);
int intake_apply(struct registrar *, struct intake_result *, struct error *);
/* Documents that rest on the purpose → blocked. */
int document_block(struct registrar *, const struct policy *,
                   const char *subject, const char *purpose, struct error *);
/* A file whose gate closed without a no waits again, and the person is asked
 * anew; after a no it is dropped. */
int attachment_closed(struct registrar *, const struct policy *,
                      struct attachment_row *, struct error *);
/* An unclear file is for this item (NULL: for none), and goes on. */
int attachment_explain(struct registrar *, const struct policy *,
                       struct attachment_row *, const struct policy_item *,
                       struct error *);
/* Its time to be explained is over: it is one that nobody asked for. */
int attachment_unexplained(struct registrar *, struct attachment_row *,
                           struct error *);
/* As if this file had just come; or, once, all of theirs that wait. */
int attachment_ask(struct registrar *, const struct policy *,
                   const struct attachment_row *, struct error *);
int attachment_ask_all(struct registrar *, const struct policy *,
                       const char *subject, struct error *);

/* ---- the receipt (receipt.c) --------------------------------------------- */

/* A file reached an end: the person's receipt is due a little later. */
int receipt_note(struct registrar *, const struct attachment_row *,
                 struct error *);
int receipt_send(struct registrar *, const struct burst_row *, struct error *);

/* ---- too many ids refused (breaker.c) ------------------------------------ */

/* Meta refused an id for good. True: too many in a row, keep the file. */
bool breaker_refused(struct registrar *);
/* An id was resolved: all is well. */
void breaker_resolved(struct registrar *);
/* How many of the free places may be used now. */
size_t breaker_places(const struct registrar *, size_t places);

#endif
