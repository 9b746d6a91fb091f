/*
 * reveal: who people are, and what officers and readers said in words about
 * them. The desk has it on record before its first byte. Private to the
 * commands that have --reveal.
 */
#ifndef RESGUARDO_CLI_REVEAL_H
#define RESGUARDO_CLI_REVEAL_H

#include "cli.h"

/* Asks for all of them, some at a time, with --reason, signed: `subjects` is an
 * object whose keys are their ids. *people is an object of them: {subject,
 * phone, bsuid, parent, name, erased, reasons: {commitment: text}}, owned. */
int reveal_fetch(const struct cli *, const json_t *subjects, json_t **people,
                 struct error *);
/* Adds to a row, as "words", the reason that the entry commits to, where it was
 * revealed. -1: no memory. */
int reveal_reason(const json_t *people, const json_t *entry, json_t *row);

#endif
