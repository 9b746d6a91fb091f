/*
 * record: consent records as ISO/IEC TS 27560 wants them, in the words of the
 * W3C Data Privacy Vocabulary (JSON-LD). Pure; made of rows of the consent log
 * (or entries, which have the same names) and of what a policy says.
 */
#ifndef RESGUARDO_CLI_RECORD_H
#define RESGUARDO_CLI_RECORD_H

#include "cli.h"

/* The policy of that name among those that the desk has (GET /policies). NULL:
 * ERR_VERIFY, a record of it could not be complete. */
const json_t *record_policy(const json_t *policies, const char *id,
                            struct error *);
/* The value of "@context". */
json_t *record_context(void);
/* Appends to `out` a record for each purpose in the rows, which are all of one
 * person and one policy, oldest first. -1: no memory. */
int record_add(json_t *out, const json_t *policy, const json_t *rows);

#endif
