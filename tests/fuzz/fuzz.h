/*
 * What every fuzz target includes. A target is one file, fuzz_NAME.c, that
 * defines LLVMFuzzerTestOneInput: its first comment says what must hold for
 * every input, and FUZZ_CHECK says it in code. Linked with clang's fuzzer it
 * looks for inputs that break it (make fuzz); linked with replay.c it is fed
 * the seeds (make test).
 */
#ifndef RESGUARDO_FUZZ_H
#define RESGUARDO_FUZZ_H

#undef NDEBUG
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resguardo/base.h"
#include "resguardo/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program when a property does not hold. */
#define FUZZ_CHECK(condition)                                                  \
    do {                                                                       \
        if (!(condition))                                                      \
            fuzz_fail(__FILE__, __LINE__, #condition);                         \
    } while (0)

__attribute__((noreturn)) static inline void fuzz_fail(const char *file,
                                                       int line,
                                                       const char *what)
{
    (void)fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

/* ---- input -------------------------------------------------------------- */

/* Takes an input apart from its front; past its end come zeros. */
struct fuzz_input {
    const uint8_t *p;
    size_t len;
};

static inline uint8_t fuzz_byte(struct fuzz_input *in)
{
    if (in->len == 0)
        return 0;
    in->len--;
    return *in->p++;
}

static inline unsigned fuzz_short(struct fuzz_input *in)
{
    unsigned low = fuzz_byte(in);

    return low | (unsigned)fuzz_byte(in) << 8;
}

/* At most n bytes; *got says how many. Pointers into the input. */
static inline const uint8_t *fuzz_bytes(struct fuzz_input *in, size_t n,
                                        size_t *got)
{
    const uint8_t *p = in->p;

    *got = n < in->len ? n : in->len;
    in->p += *got;
    in->len -= *got;
    return p;
}

/* Up to the next byte `end`, which is taken too, or the rest. */
static inline const uint8_t *fuzz_until(struct fuzz_input *in, uint8_t end,
                                        size_t *got)
{
    const uint8_t *at = in->len > 0 ? memchr(in->p, end, in->len) : NULL;
    const uint8_t *p =
        fuzz_bytes(in, at != NULL ? (size_t)(at - in->p) : in->len, got);

    if (at != NULL)
        (void)fuzz_byte(in);
    return p;
}

/* A private copy with a NUL, of exactly that size so that ASan sees an
 * overrun; the caller frees. */
static inline char *fuzz_string(const uint8_t *p, size_t len)
{
    char *s = malloc(len + 1);

    FUZZ_CHECK(s != NULL);
    if (len > 0)
        memcpy(s, p, len);
    s[len] = '\0';
    return s;
}

/* ---- what the core takes as inputs, so that an input replays exactly ---- */

static inline void fuzz_random_fill(void *arg, void *out, size_t n)
{
    uint64_t *state = arg;

    for (size_t i = 0; i < n; i++) {
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        ((uint8_t *)out)[i] = (uint8_t)(*state >> 56);
    }
}

#endif
