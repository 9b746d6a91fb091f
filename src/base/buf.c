/* A growing run of bytes; what it held is wiped wherever it moves. */
#include "resguardo/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define FIRST_CAP 64u

/* realloc would leave the old bytes behind in freed memory. */
int buf_reserve(struct buf *b, size_t n)
{
    size_t need, cap;
    uint8_t *p;

    if (n >= SIZE_MAX / 2 || b->len >= SIZE_MAX / 2 - n)
        return -1;
    need = b->len + n + 1;
    if (b->p != NULL && need <= b->cap)
        return 0;

    cap = b->cap < FIRST_CAP / 2 ? FIRST_CAP : b->cap * 2;
    if (cap < need)
        cap = need;
    p = malloc(cap);
    if (p == NULL)
        return -1;

    if (b->p != NULL) {
        memcpy(p, b->p, b->len);
        sodium_memzero(b->p, b->cap);
        free(b->p);
    }
    p[b->len] = 0;
    b->p = p;
    b->cap = cap;
    return 0;
}

int buf_add(struct buf *b, const void *bytes, size_t n)
{
    if (buf_reserve(b, n) != 0)
        return -1;
    if (n > 0)
        memcpy(b->p + b->len, bytes, n);
    b->len += n;
    b->p[b->len] = 0;
    return 0;
}

int buf_adds(struct buf *b, const char *s)
{
    return buf_add(b, s, strlen(s));
}

int buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    size_t room;
    int n;

    /* Mostly there is room for it already. */
    if (buf_reserve(b, 0) != 0)
        return -1;
    room = b->cap - b->len;
    va_start(ap, fmt);
    n = vsnprintf((char *)b->p + b->len, room, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < room) {
        b->len += (size_t)n;
        return 0;
    }
    b->p[b->len] = '\0';
    if (n < 0 || buf_reserve(b, (size_t)n) != 0)
        return -1;

    va_start(ap, fmt);
    (void)vsnprintf((char *)b->p + b->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)n;
    return 0;
}

void buf_reset(struct buf *b)
{
    if (b->p != NULL)
        sodium_memzero(b->p, b->cap);
    b->len = 0;
}

void buf_free(struct buf *b)
{
    buf_reset(b);
    free(b->p);
    *b = (struct buf){ 0 };
}
