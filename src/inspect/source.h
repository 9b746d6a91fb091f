/*
 * source: the file under judgement, read by exact ranges. What lies outside
 * the file is never asked for.
 */
#ifndef RESGUARDO_INSPECT_SOURCE_H
#define RESGUARDO_INSPECT_SOURCE_H

#include "resguardo/inspect.h"

struct inspect_source {
    int64_t size;
    inspect_read read;
    void *arg;
};

/* Reads exactly len bytes at offset, in steps of LIMIT_JUDGE_READ. -1 with
 * ERR_INPUT when the range is not inside the file, or the callback's error. */
int inspect_source_read(const struct inspect_source *, int64_t offset,
                        uint8_t *out, size_t len, struct error *);

#endif
