/*
 * A receipt under way: what serve_receipt.c makes of the entries that
 * receipt_entries.c finds. Private to the desk.
 */
#ifndef RESGUARDO_DESK_RECEIPT_PRIVATE_H
#define RESGUARDO_DESK_RECEIPT_PRIVATE_H

#include "desk_private.h"

struct receipt {
    struct request *r;
    char subject[ID_SIZE];
    struct document_row document; /* id "": of all that the person decided */
    struct case_row of;           /* id "": not of one case's policy alone */
    bool settled;                 /* its end was seen: later ones are no part */
    struct buf note;
    struct ledger_checkpoint now;
    struct buf places;                  /* of the events in the log */
    json_t *events, *notices, *prompts; /* texts by their hash */
    json_t *states;                     /* policy/purpose: the latest */
    msec given, decided;                /* the latest yes, decision; 0: none */
    struct error *e;
};

/* All entries that belong in it, in the log's order, each to receipt_add_event;
 * their places go to x->places. */
int receipt_see_entries(struct receipt *);
int receipt_add_event(struct receipt *, const json_t *leaf,
                      const uint8_t *entry, size_t);

#endif
