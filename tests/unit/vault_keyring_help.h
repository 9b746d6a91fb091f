/* A keyring with one officer (ana, uid 1000), and its log as it is stored. */
#ifndef RESGUARDO_UNIT_VAULT_KEYRING_HELP_H
#define RESGUARDO_UNIT_VAULT_KEYRING_HELP_H

#include "vault_help.h"

#define LOG_MAX 16

struct stored {
    struct buf bytes;
    uint8_t sig[SIGN_LEN];
};

struct ring {
    struct keyring *k;
    struct person ana, eva, custody;
    const struct person *signer;
    struct stored log[LOG_MAX];
    size_t n;
};

static inline struct stored *next_stored(struct ring *r)
{
    assert_true(r->n < LOG_MAX);
    return &r->log[r->n++];
}

static inline int ring_new(void **state)
{
    struct error err;
    struct ring *r = calloc(1, sizeof(*r));
    assert_non_null(r);
    r->k = keyring_new();
    assert_non_null(r->k);
    r->ana = person_new();
    r->eva = person_new();
    r->custody = person_new();
    r->signer = &r->ana;
    struct stored *s = next_stored(r);
    assert_int_equal(keyring_sign_root(r->k, r->ana.identity, 1000, "ana",
                                       r->custody.recipient[0], 0, &s->bytes,
                                       s->sig, &err),
                     0);
    *state = r;
    return 0;
}

static inline int ring_free(void **state)
{
    struct ring *r = *state;
    for (size_t i = 0; i < LOG_MAX; i++)
        buf_free(&r->log[i].bytes);
    keyring_free(&r->k);
    person_free(&r->ana);
    person_free(&r->eva);
    person_free(&r->custody);
    free(r);
    return 0;
}

static inline struct keyring_staff member(const struct person *p, uint32_t uid,
                                          const char *name, unsigned roles)
{
    struct keyring_staff m = { .uid = uid, .roles = roles };
    (void)snprintf(m.name, sizeof(m.name), "%s", name);
    memcpy(m.recipient, p->recipient[0], AGE_KEY_LEN);
    assert_int_equal(staff_sign_public(m.sign_key, p->identity), 0);
    return m;
}

static inline void add_staff(struct ring *r, const struct person *p,
                             uint32_t uid, const char *name, unsigned roles)
{
    struct error err;
    struct stored *s = next_stored(r);
    struct keyring_staff m = member(p, uid, name, roles);
    if (keyring_sign_staff(r->k, r->signer->identity, &m, 1000, &s->bytes,
                           s->sig, &err) != 0)
        fail_msg("%s", err.text);
}

static inline void add_epoch(struct ring *r, const struct person *p)
{
    struct error err;
    struct stored *s = next_stored(r);
    if (keyring_sign_epoch(r->k, r->signer->identity, p->recipient[0], 1000,
                           &s->bytes, s->sig, &err) != 0)
        fail_msg("%s", err.text);
}

static inline void add_revoke(struct ring *r, uint32_t uid)
{
    struct error err;
    struct stored *s = next_stored(r);
    if (keyring_sign_revoke(r->k, r->signer->identity, uid, 1000, &s->bytes,
                            s->sig, &err) != 0)
        fail_msg("%s", err.text);
}

static inline void assert_accepted(struct keyring *k, const struct stored *s)
{
    struct error err;
    if (keyring_add(k, s->bytes.p, s->bytes.len, s->sig, &err) != 0)
        fail_msg("%s", err.text);
}

/* Refused for this reason, and the keyring is as it was. */
static inline void assert_not_added(struct keyring *k, const struct stored *s,
                                    const char *why)
{
    struct error err;
    char text[256];
    uint8_t before[KEYRING_HASH_LEN], after[KEYRING_HASH_LEN];
    uint64_t size = keyring_size(k);

    keyring_head(k, before);
    assert_int_equal(keyring_add(k, s->bytes.p, s->bytes.len, s->sig, &err),
                     -1);
    assert_int_equal(err.code, ERR_VERIFY);
    (void)snprintf(text, sizeof(text), "keyring entry %llu: %s",
                   (unsigned long long)size, why);
    assert_begins(err.text, text);
    keyring_head(k, after);
    assert_int_equal(keyring_size(k), size);
    assert_memory_equal(before, after, KEYRING_HASH_LEN);
}

/* Signs bytes as they are, whatever they say. */
static inline void sign_bytes(struct stored *s, const struct person *signer)
{
    struct buf covered = { 0 };
    assert_int_equal(keyring_entry_signed(&covered, s->bytes.p, s->bytes.len),
                     0);
    assert_int_equal(
        staff_sign(s->sig, signer->identity, covered.p, covered.len), 0);
    buf_free(&covered);
}

/* The next entry after the log, ready to be spoilt. */
static inline struct keyring_entry next_entry(const struct ring *r,
                                              enum keyring_type type)
{
    struct keyring_entry e = { .type = type, .seq = keyring_size(r->k) };
    keyring_head(r->k, e.prev);
    assert_int_equal(staff_sign_public(e.signer, r->signer->identity), 0);
    return e;
}

static inline void write_entry(struct stored *s, const struct keyring_entry *e,
                               const struct person *signer)
{
    buf_reset(&s->bytes);
    assert_int_equal(keyring_entry_format(e, &s->bytes), 0);
    sign_bytes(s, signer);
}

#endif
