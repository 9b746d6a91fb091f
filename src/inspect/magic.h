/*
 * magic: libmagic with the flags that keep it to pattern matching on a
 * bounded prefix. Only the judge may reference this file: the daemon is not
 * linked with libmagic.
 */
#ifndef RESGUARDO_INSPECT_MAGIC_H
#define RESGUARDO_INSPECT_MAGIC_H

#include "resguardo/inspect.h"

/* Bytes of a file that libmagic is shown. */
#define MAGIC_PREFIX LIMIT_JUDGE_READ

/* The media type of a file that starts with these bytes, into the verdict;
 * "" when libmagic names none. -1 when libmagic fails. */
int inspect_magic_type(void *magic, const uint8_t *, size_t,
                       struct inspect_verdict *, struct error *);

/* Frees a cookie of inspect_magic_open; NULL is accepted. */
void inspect_magic_close(void *magic);

#endif
