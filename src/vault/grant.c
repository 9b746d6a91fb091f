/* What hands secrets on: grants, enrolments, headers of another epoch. */
#include "vault_private.h"

#include <sodium.h>
#include <string.h>

static int seal_to(struct buf *out, const uint8_t recipient[static AGE_KEY_LEN],
                   const struct random_source *random, const void *bytes,
                   size_t len, struct error *err)
{
    uint8_t to[1][AGE_KEY_LEN];

    memcpy(to[0], recipient, AGE_KEY_LEN);
    return age_seal(out, (const uint8_t(*)[AGE_KEY_LEN])to, 1, random, bytes,
                    len, err);
}

/* ---- enrolments --------------------------------------------------------- */

int enrolment_seal(struct keyring_staff *staff,
                   const struct random_source *random, struct error *err)
{
    struct secret *once = age_identity_new(random);
    struct buf file = { 0 };
    int ok = -1;

    if (once == NULL || staff_sign_public(staff->sign_key, once) != 0) {
        (void)error_set(err, ERR_NOMEM, "no memory for an enrolment");
        goto out;
    }
    if (seal_to(&file, staff->recipient, random, once->p, once->len, err) != 0)
        goto out;
    if (file.len != ENROLMENT_LEN) {
        (void)error_set(err, ERR_INTERNAL, "an enrolment of another size");
        goto out;
    }
    memcpy(staff->enrolment, file.p, ENROLMENT_LEN);
    staff->enrols = true;
    ok = 0;
out:
    secret_free(&once);
    buf_free(&file);
    return ok;
}

struct secret *enrolment_open(const struct keyring_staff *staff,
                              const struct secret *identity, struct error *err)
{
    struct buf plain = { 0 };
    struct secret *once = NULL;

    if (age_open(&plain, &identity, 1, staff->enrolment, ENROLMENT_LEN, err) !=
        0)
        goto out;
    if (plain.len != AGE_KEY_LEN)
        (void)error_set(err, ERR_VERIFY, "an enrolment of another size");
    else if ((once = secret_copy(plain.p, plain.len)) == NULL)
        (void)error_set(err, ERR_NOMEM, "no memory for an enrolment");
out:
    buf_free(&plain);
    return once;
}

/* ---- grants ------------------------------------------------------------- */

int grant_seal(struct buf *out, const struct secret *epoch,
               const uint8_t recipient[static AGE_KEY_LEN], msec now,
               const struct random_source *random, struct error *err)
{
    struct buf text = { 0 };
    int ok = -1;

    if (age_identity_file_format(&text, epoch, now) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a grant");
    else
        ok = seal_to(out, recipient, random, text.p, text.len, err);
    buf_free(&text);
    return ok;
}

int grant_check(const void *file, size_t len, struct error *err)
{
    size_t header = 0;
    int64_t plain;

    if (len > LIMIT_GRANT)
        return error_set(err, ERR_INPUT, "a grant of over %zu bytes",
                         LIMIT_GRANT);
    if (age_header_check(file, len, &header, err) != 0)
        return error_set(err, ERR_INPUT, "a grant: %s", err->text);
    plain = age_plain_size((int64_t)(len - header));
    return plain > 0 ? 0
                     : error_set(err, ERR_INPUT, "a grant with nothing in it");
}

/* The secret of an epoch must be that of the recipient which officers signed.
 */
static int check_epoch(const struct keyring *ring, unsigned epoch,
                       const struct secret *identity, struct error *err)
{
    uint8_t own[AGE_KEY_LEN], signed_one[AGE_KEY_LEN];

    if (age_identity_recipient(own, identity) != 0 ||
        keyring_epoch_recipient(ring, epoch, signed_one) != 0 ||
        sodium_memcmp(own, signed_one, sizeof(own)) != 0)
        return error_set(err, ERR_VERIFY,
                         "the grant of epoch %u is not of the signed epoch",
                         epoch);
    return 0;
}

struct secret *grant_open(const struct keyring *ring, unsigned epoch,
                          const struct secret *identity, const void *file,
                          size_t len, struct error *err)
{
    struct buf text = { 0 };
    struct secret *secret = NULL;

    if (age_open(&text, &identity, 1, file, len, err) != 0) {
        (void)error_set(err, err->code, "the grant of epoch %u: %s", epoch,
                        err->text);
        (void)error_hint(err, "is this the identity that officers added?");
        goto out;
    }
    secret = age_identity_file_parse(text.p, text.len, err);
    if (secret != NULL && check_epoch(ring, epoch, secret, err) != 0)
        secret_free(&secret);
out:
    buf_free(&text);
    return secret;
}

/* ---- headers ------------------------------------------------------------ */

/* Whoever keeps `sealed` instead of the former header loses nothing. */
static int check_same(const struct buf *sealed, const struct secret *epoch,
                      const struct secret *file_key, struct error *err)
{
    size_t took = 0;
    struct secret *again =
        age_header_open(sealed->p, sealed->len, &epoch, 1, &took, err);
    bool same = again != NULL && took == sealed->len &&
                sodium_memcmp(again->p, file_key->p, AGE_FILE_KEY_LEN) == 0;

    secret_free(&again);
    return same ? 0
                : error_set(err, ERR_INTERNAL, "a header that does not open");
}

int header_rewrap(struct buf *out, const void *header, size_t len,
                  const struct secret *former, const struct secret *epoch,
                  const struct random_source *random, struct error *err)
{
    uint8_t to[1][AGE_KEY_LEN];
    struct buf sealed = { 0 };
    size_t took = 0;
    struct secret *file_key =
        age_header_open(header, len, &former, 1, &took, err);
    int ok = -1;

    if (file_key == NULL)
        return -1;
    if (took != len) {
        (void)error_set(err, ERR_VERIFY, "header: bytes follow it");
        goto out;
    }
    if (age_identity_recipient(to[0], epoch) != 0) {
        (void)error_set(err, ERR_INTERNAL, "not the identity of an epoch");
        goto out;
    }
    if (age_header_seal(&sealed, (const uint8_t(*)[AGE_KEY_LEN])to, 1, file_key,
                        random, err) != 0 ||
        check_same(&sealed, epoch, file_key, err) != 0)
        goto out;
    ok = buf_add(out, sealed.p, sealed.len);
    if (ok != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a header");
out:
    secret_free(&file_key);
    buf_free(&sealed);
    return ok;
}

int header_same(const void *header, size_t len, const struct secret *epoch,
                const void *former, size_t former_len,
                const struct secret *former_epoch, struct error *err)
{
    size_t took = 0, former_took = 0;
    struct secret *after = age_header_open(header, len, &epoch, 1, &took, err);
    struct secret *before = NULL;
    int ok = -1;

    if (after != NULL)
        before = age_header_open(former, former_len, &former_epoch, 1,
                                 &former_took, err);
    if (before == NULL)
        goto out;
    if (took == len && former_took == former_len &&
        sodium_memcmp(after->p, before->p, AGE_FILE_KEY_LEN) == 0)
        ok = 0;
    else
        (void)error_set(err, ERR_VERIFY, "header: it opens another file");
out:
    secret_free(&after);
    secret_free(&before);
    return ok;
}
