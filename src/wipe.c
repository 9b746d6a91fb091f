/*
 * What is given back to the heap is wiped first, whoever gives it back: a file
 * passes through curl's buffers, names and numbers through jansson's, SQLite's
 * and libmicrohttpd's, and none of them cleans up. Linked into each of our
 * programs; the C library's heap stays the one that is used.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#ifdef __has_feature
#define HAS(feature) __has_feature(feature)
#else
#define HAS(feature) 0
#endif

/* A sanitizer has a heap of its own. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) &&         \
    !HAS(address_sanitizer) && !HAS(thread_sanitizer)

void __libc_free(void *);
void *__libc_realloc(void *, size_t);

void free(void *p)
{
    if (p == NULL)
        return;
    explicit_bzero(p, malloc_usable_size(p));
    __libc_free(p);
}

/* Never in place where it grows: the C library may move it, and leave what was
 * there behind. */
void *realloc(void *p, size_t size)
{
    size_t had = p == NULL ? 0 : malloc_usable_size(p);
    void *grown;

    if (p == NULL || size == 0)
        return __libc_realloc(p, size);
    if (size <= had) {
        explicit_bzero((char *)p + size, had - size);
        return __libc_realloc(p, size);
    }
    grown = malloc(size);
    if (grown == NULL)
        return NULL;
    memcpy(grown, p, had);
    free(p);
    return grown;
}

#else
typedef int nothing_here;
#endif
