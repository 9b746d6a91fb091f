/*
 * A message that came in: whose it is, what it does, and where it is kept when
 * it cannot do it.
 */
#ifndef RESGUARDO_MESSAGE_PRIVATE_H
#define RESGUARDO_MESSAGE_PRIVATE_H

#include "registrar_private.h"

/* When they said it: the provider's second, if that clock is not too far ahead
 * of ours. */
int64_t message_said_s(const struct registrar *, const struct webhook_item *);
int message_apply(struct registrar *, const struct webhook *,
                  const struct webhook_item *, struct error *);
/* A message that failed for a reason of its own (err) is kept for the next
 * start. -1: not even that. */
int dead_letter_keep(struct registrar *, const struct webhook *,
                     const struct webhook_item *, struct error *);
/* At a start, in its transaction; bury: after that was committed. */
int dead_letters_retry(struct registrar *, struct error *);
int dead_letters_bury(struct registrar *, struct error *);
/* In a batch, as long as their handles are found: those of a person who is to
 * be blocked are tried no more, and nobody reads them. */
int dead_letters_end(struct registrar *, const char *subject, struct error *);
/* Between batches: the slots and rows of such. 1, 0, -1. */
int dead_letters_sweep(struct registrar *, struct error *);
/* Between batches: those of a person who is to be erased, and what ended. */
int dead_letters_forget(struct registrar *, const char *subject,
                        struct error *);
/* Finds or adds the data subject an item is from. */
int person_resolve(struct registrar *, const struct webhook_item *,
                   struct subject_row *, struct error *);

#endif
