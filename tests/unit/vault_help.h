/* What the tests of the vault share: people with keys, bytes, whole files. */
#ifndef RESGUARDO_UNIT_VAULT_HELP_H
#define RESGUARDO_UNIT_VAULT_HELP_H

#include "unit.h"

#include <sodium.h>

#include "vault/vault_private.h"

/* C17 adds no const to the elements of an array by itself. */
#define KEYS(recipients) ((const uint8_t(*)[AGE_KEY_LEN])(recipients))

struct person {
    struct secret *identity;
    uint8_t recipient[1][AGE_KEY_LEN];
};

static inline struct person person_new(void)
{
    struct person p;
    p.identity = age_identity_new(&random_system);
    assert_non_null(p.identity);
    assert_int_equal(age_identity_recipient(p.recipient[0], p.identity), 0);
    return p;
}

static inline void person_free(struct person *p)
{
    secret_free(&p->identity);
}

/* Bytes that differ from chunk to chunk. */
static inline struct buf bytes_new(size_t n)
{
    struct buf b = { 0 };
    uint8_t *p = malloc(n + 1);
    assert_non_null(p);
    randombytes_buf(p, n);
    assert_int_equal(buf_add(&b, p, n), 0);
    free(p);
    return b;
}

static inline void seal_for(struct buf *out, const struct person *p,
                            const void *data, size_t n)
{
    struct error err;
    assert_int_equal(
        age_seal(out, KEYS(p->recipient), 1, &random_system, data, n, &err), 0);
}

static inline int open_with(struct buf *out, const struct person *p,
                            const void *data, size_t n, struct error *err)
{
    const struct secret *identities[] = { p->identity };
    return age_open(out, identities, 1, data, n, err);
}

static inline void assert_begins(const char *text, const char *prefix)
{
    if (strncmp(text, prefix, strlen(prefix)) != 0)
        fail_msg("\"%s\" does not begin with \"%s\"", text, prefix);
}

/* Opening these bytes fails with this class and gives nothing. */
static inline void assert_refused(const struct person *p, const void *data,
                                  size_t n, const char *prefix)
{
    struct error err;
    struct buf out = { 0 };
    assert_int_equal(open_with(&out, p, data, n, &err), -1);
    assert_int_equal(out.len, 0);
    assert_begins(err.text, prefix);
    buf_free(&out);
}

static inline int sink_to_buf(void *arg, const uint8_t *p, size_t n,
                              struct error *err)
{
    (void)err;
    return buf_add(arg, p, n);
}

static inline size_t header_size(const struct buf *file)
{
    const uint8_t *mark = memmem(file->p, file->len, "\n--- ", 5);
    assert_non_null(mark);
    const uint8_t *end =
        memchr(mark + 1, '\n', file->len - (size_t)(mark + 1 - file->p));
    assert_non_null(end);
    return (size_t)(end + 1 - file->p);
}

#endif
