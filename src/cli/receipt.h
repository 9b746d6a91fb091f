/*
 * receipt: what `consent receipt` hands on, in other forms than the desk's own.
 * Made of a receipt that was checked. Private to the command.
 */
#ifndef RESGUARDO_CLI_RECEIPT_H
#define RESGUARDO_CLI_RECEIPT_H

#include "cli.h"

/* Kantara's Consent Receipt 1.1.0, with its members and no others. The caller
 * frees; NULL: no memory. */
json_t *receipt_kantara(const json_t *receipt);
/* JSON-LD with a record for each policy and purpose; NULL with error. */
json_t *receipt_27560(const json_t *receipt, const json_t *policies,
                      struct error *);
/* To print: what was shown and decided, and how to verify that alone. */
int receipt_page(struct buf *, const json_t *receipt, const json_t *policies,
                 bool english, struct error *);
/* All forms into a folder, each entry with its proof beside it. */
int receipt_folder(struct outfolder *, const json_t *receipt,
                   const json_t *policies, bool english, struct error *);

#endif
