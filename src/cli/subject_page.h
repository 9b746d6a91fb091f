/*
 * The page of an export: what a person's file says, for them to read. Bytes in,
 * bytes out.
 */
#ifndef RESGUARDO_CLI_SUBJECT_PAGE_H
#define RESGUARDO_CLI_SUBJECT_PAGE_H

#include "resguardo/base.h"

struct page; /* opaque */
/* "es / en" of a word of ours, or the text as it is. */
int page_word(struct buf *out, const char *text);
struct page *page_new(void);
/* A row of the export, of the record that the desk called it. */
int page_add(struct page *, const char *record, const json_t *row);
int page_write(const struct page *, struct buf *html);
void page_free(struct page **);

#endif
