/*
 * Messages out: written as rows of the outbox, handed over at their pace, and
 * what Meta says of them.
 */
#ifndef RESGUARDO_MAIL_PRIVATE_H
#define RESGUARDO_MAIL_PRIVATE_H

#include "registrar_private.h"

/* ---- the outbox (mail.c) ------------------------------------------------- */

int mail_say(struct registrar *, const struct policy *, const char *subject,
             const char *number, const char *kind, const char *text,
             struct error *);
/* The same by names; id is out. */
int mail_write(struct registrar *, const char *policy, const char *subject,
               const char *number, const char *kind, const char *text,
               char id[static ID_SIZE], struct error *);
/* Takes the list or the buttons; quoted: the wamid it is about, or NULL. */
int mail_interactive(struct registrar *, const struct policy *,
                     const char *subject, const char *number,
                     json_t *interactive, const char *quoted, struct error *);
/* The same for the question how it was; its id comes out. */
int mail_rating(struct registrar *, const struct policy *, const char *subject,
                const char *number, json_t *interactive,
                char id[static ID_SIZE], struct error *);
/* A question about one purpose, to be handed over at a time. */
struct question {
    const struct policy *policy;
    const char *subject, *number;
    int purpose;
    enum prompt_form form;
    msec at;
};
int mail_question(struct registrar *, const struct question *, struct error *);
/* To who just wrote, now. */
int mail_prompt(struct registrar *, const struct deciding *, int purpose,
                enum prompt_form, struct error *);
/* A message as it goes to Meta, without a recipient; its id comes out. */
int mail_notice(struct registrar *, const struct policy *, const char *subject,
                const char *number, const struct buf *body,
                char id[static ID_SIZE], struct error *);
/* The same of a document: whether it may still go is asked of delivery.c. */
int mail_document(struct registrar *, const struct policy *,
                  const char *subject, const char *number,
                  const struct buf *body, char id[static ID_SIZE],
                  struct error *);
int mail_hand_over(struct registrar *, const struct outbox_row *,
                   struct error *);
/* The row now waits for the status of an attempt that may have arrived. */
void mail_unsure(const struct registrar *, struct outbox_row *);
/* A prompt that waited for its status in vain. */
int mail_ask_again(struct registrar *, const struct outbox_row *,
                   struct error *);
int mail_sent(struct registrar *, const char *outbox, enum send_end, int code,
              const char *wamid, struct error *);
int mail_status(struct registrar *, const struct webhook_item *,
                struct error *);

/* 1, 2, 4 … s, at most 5 min. */
msec backoff(int tries);

/* ---- whom it reaches (mail.c) -------------------------------------------- */

/* What they are written to by: their number, or their user id where we know no
 * number, or Meta said that they left it and somebody else has it now. 1, 0:
 * by nothing, -1. */
int mail_reach(struct registrar *, const char *subject, enum handle_kind *by,
               struct buf *out, struct error *);

/* ---- pace (pace.c) ------------------------------------------------------- */

/* Now, and a place is taken; or the time at which to ask again. */
msec pace_take(struct registrar *, const char *number, const char *subject);
/* When a message that is written now may go, as far as its number is concerned
 * and all that were written before: it is not looked at before. */
msec pace_expect(struct registrar *, const char *number);
int pace_open(struct registrar *, struct error *);
void pace_close(struct registrar *);

#endif
