/* Headers of age files: wraps a file key for its recipients, and back. */
#include "vault_private.h"

#include <sodium.h>
#include <string.h>

#define BASE64_KEY_LEN 43 /* 32 bytes without padding */

static const char version_line[] = AGE_VERSION;
static const char stanza_mark[] = "-> ";
static const char mac_mark[] = AGE_MAC_MARK;
static const char x25519[] = "X25519";
static const char scrypt[] = "scrypt";

static int header_error(struct error *err, const char *what)
{
    return error_set(err, ERR_INPUT, "header: %s", what);
}

/* HMAC-SHA256 of a header up to and including the mark "---". */
static void header_mac(uint8_t out[static HKDF_LEN],
                       const struct secret *file_key, const void *header,
                       size_t len)
{
    static const char info[] = "header";
    uint8_t key[HKDF_LEN];

    hkdf_sha256(key, file_key->p, file_key->len, NULL, 0, info,
                sizeof(info) - 1);
    crypto_auth_hmacsha256(out, header, len, key);
    sodium_memzero(key, sizeof(key));
}

/* ---- sealing ------------------------------------------------------------ */

static int add_stanza(struct buf *header,
                      const uint8_t recipient[static AGE_KEY_LEN],
                      const struct secret *file_key,
                      const struct random_source *random, struct error *err)
{
    uint8_t share[AGE_KEY_LEN];
    uint8_t body[AGE_WRAPPED_LEN];
    char share_text[BASE64_SIZE(sizeof(share))];
    char body_text[BASE64_SIZE(sizeof(body))];

    if (age_x25519_wrap(share, body, recipient, file_key->p, random) != 0)
        return error_set(err, ERR_INPUT,
                         "a recipient that protects nothing (low order)");
    base64_encode(share_text, share, sizeof(share), false);
    base64_encode(body_text, body, sizeof(body), false);
    if (buf_addf(header, "%s%s %s\n%s\n", stanza_mark, x25519, share_text,
                 body_text) != 0)
        return error_set(err, ERR_NOMEM, "no memory for a header");
    return 0;
}

static int add_passphrase(struct buf *header, const struct secret *passphrase,
                          unsigned work, const struct secret *file_key,
                          const struct random_source *random, struct error *err)
{
    uint8_t salt[AGE_SALT_LEN];
    uint8_t body[AGE_WRAPPED_LEN];
    char salt_text[BASE64_SIZE(sizeof(salt))];
    char body_text[BASE64_SIZE(sizeof(body))];

    random_fill(random, salt, sizeof(salt));
    if (age_scrypt_wrap(body, salt, work, passphrase, file_key->p) != 0)
        return error_set(err, ERR_NOMEM, "no memory for a passphrase's key");
    base64_encode(salt_text, salt, sizeof(salt), false);
    base64_encode(body_text, body, sizeof(body), false);
    if (buf_addf(header, "%s%s %s %u\n%s\n", stanza_mark, scrypt, salt_text,
                 work, body_text) != 0)
        return error_set(err, ERR_NOMEM, "no memory for a header");
    return 0;
}

/* What begins every header. */
static int add_version(struct buf *header, struct error *err)
{
    if (buf_addf(header, "%s\n", version_line) != 0)
        return error_set(err, ERR_NOMEM, "no memory for a header");
    return 0;
}

/* Ends a header, which then is appended to out. */
static int add_mac(struct buf *out, struct buf *header,
                   const struct secret *file_key, struct error *err)
{
    uint8_t mac[HKDF_LEN];
    char mac_text[BASE64_SIZE(sizeof(mac))];

    /* The MAC covers its own mark, but not the space after it. */
    if (buf_adds(header, mac_mark) != 0)
        return error_set(err, ERR_NOMEM, "no memory for a header");
    header_mac(mac, file_key, header->p, header->len);
    base64_encode(mac_text, mac, sizeof(mac), false);
    if (buf_addf(header, " %s\n", mac_text) != 0 ||
        buf_add(out, header->p, header->len) != 0)
        return error_set(err, ERR_NOMEM, "no memory for a header");
    return 0;
}

int age_header_seal(struct buf *out, const uint8_t (*recipients)[AGE_KEY_LEN],
                    size_t n, const struct secret *file_key,
                    const struct random_source *random, struct error *err)
{
    int ok = -1;
    struct buf header = { 0 };

    if (n == 0 || n > LIMIT_AGE_RECIPIENTS)
        return error_set(err, ERR_INPUT, "%zu recipients, not 1 to %u", n,
                         LIMIT_AGE_RECIPIENTS);
    if (add_version(&header, err) != 0)
        goto out;
    for (size_t i = 0; i < n; i++)
        if (add_stanza(&header, recipients[i], file_key, random, err) != 0)
            goto out;
    ok = add_mac(out, &header, file_key, err);
out:
    buf_free(&header);
    return ok;
}

int age_header_seal_passphrase(struct buf *out, const struct secret *passphrase,
                               unsigned work, const struct secret *file_key,
                               const struct random_source *random,
                               struct error *err)
{
    int ok = -1;
    struct buf header = { 0 };

    if (work == 0 || work > LIMIT_AGE_WORK)
        return error_set(err, ERR_INPUT, "work factor %u, not 1 to %u", work,
                         LIMIT_AGE_WORK);
    if (add_version(&header, err) == 0 &&
        add_passphrase(&header, passphrase, work, file_key, random, err) == 0)
        ok = add_mac(out, &header, file_key, err);
    buf_free(&header);
    return ok;
}

/* ---- opening ------------------------------------------------------------ */

/* What is gathered while the header is read. */
struct opening {
    const struct age_keys *keys;
    struct secret *file_key; /* of the first stanza that opened */
    size_t stanzas, x25519;
    bool scrypt; /* it is alone, and this is in it */
    unsigned work;
    uint8_t salt[AGE_SALT_LEN], body[AGE_WRAPPED_LEN];
};

/* All stanzas wrap one file key: two that differ were not made by age. */
static int take_key(struct opening *o,
                    const uint8_t file_key[static AGE_FILE_KEY_LEN],
                    struct error *err)
{
    if (o->file_key == NULL) {
        o->file_key = secret_copy(file_key, AGE_FILE_KEY_LEN);
        if (o->file_key == NULL)
            return error_set(err, ERR_NOMEM, "no memory for a file key");
        return 0;
    }
    if (sodium_memcmp(o->file_key->p, file_key, AGE_FILE_KEY_LEN) != 0)
        return header_error(err, "its stanzas hold different file keys");
    return 0;
}

/* An X25519 stanza is well formed whoever it is for. */
static int try_x25519(struct opening *o, const struct age_stanza *stanza,
                      struct error *err)
{
    int ok = -1;
    uint8_t share[AGE_KEY_LEN];
    uint8_t file_key[AGE_FILE_KEY_LEN];

    if (stanza->args != 2 ||
        base64_decode(share, sizeof(share), stanza->arg[1].p,
                      stanza->arg[1].len, false) != sizeof(share) ||
        stanza->body_len != AGE_WRAPPED_LEN)
        return header_error(err, "malformed X25519 stanza");
    if (!age_x25519_valid(share))
        return header_error(err, "X25519 stanza with a low-order share");
    for (size_t i = 0; i < o->keys->n; i++) {
        int found = age_x25519_unwrap(file_key, share, stanza->body,
                                      o->keys->identities[i]);
        if (found < 0) {
            (void)error_set(err, ERR_INTERNAL, "not an X25519 identity");
            goto out;
        }
        if (found > 0 && take_key(o, file_key, err) != 0)
            goto out;
    }
    ok = 0;
out:
    sodium_memzero(file_key, sizeof(file_key));
    return ok;
}

/* A passphrase is asked for when the whole header is known to be one. */
static int keep_scrypt(struct opening *o, const struct age_stanza *stanza,
                       struct error *err)
{
    const struct age_word *salt = &stanza->arg[1], *work = &stanza->arg[2];
    const unsigned most = o->keys->work != 0 ? o->keys->work : LIMIT_AGE_WORK;
    int64_t number = 0;

    if (stanza->args != 3 ||
        base64_decode(o->salt, sizeof(o->salt), salt->p, salt->len, false) !=
            sizeof(o->salt) ||
        stanza->body_len != AGE_WRAPPED_LEN || work->p[0] == '0' ||
        decimal_parse(work->p, work->len, INT64_MAX, &number) != 0)
        return header_error(err, "malformed scrypt stanza");
    if (number > most)
        return error_set(err, ERR_INPUT,
                         "header: work factor %lld of a passphrase, at most %u",
                         (long long)number, most);
    o->work = (unsigned)number;
    memcpy(o->body, stanza->body, sizeof(o->body));
    return 0;
}

static int try_passphrase(struct opening *o, struct error *err)
{
    struct secret *passphrase = o->keys->ask(o->keys->arg, err);
    uint8_t file_key[AGE_FILE_KEY_LEN];
    int found, ok = -1;

    if (passphrase == NULL)
        return -1;
    found = age_scrypt_unwrap(file_key, o->body, o->salt, o->work, passphrase);
    if (found < 0)
        (void)error_set(err, ERR_NOMEM,
                        "no memory for a passphrase of work factor %u",
                        o->work);
    else if (found == 0)
        (void)error_set(err, ERR_INPUT,
                        "no identity matched: it is another passphrase");
    else
        ok = take_key(o, file_key, err);
    sodium_memzero(file_key, sizeof(file_key));
    secret_free(&passphrase);
    return ok;
}

static int take_stanza(struct opening *o, struct age_lines *lines,
                       const char *line, size_t len, struct error *err)
{
    struct age_stanza stanza;

    if (age_stanza_read(&stanza, lines, line, len) != 0)
        return header_error(err, "malformed stanza");
    o->stanzas++;
    o->scrypt = o->scrypt || age_stanza_is(&stanza, scrypt);
    if (o->scrypt && o->stanzas > 1)
        return header_error(err, "a passphrase among other recipients");
    if (o->scrypt)
        return keep_scrypt(o, &stanza, err);
    if (!age_stanza_is(&stanza, x25519))
        return 0;
    o->x25519++;
    return try_x25519(o, &stanza, err);
}

/* Reads everything up to the line of the MAC; *line is that line. */
static int read_stanzas(struct opening *o, struct age_lines *lines,
                        const char **line, size_t *len, struct error *err)
{
    const size_t mark = sizeof(stanza_mark) - 1;

    if (age_stanza_line(lines, line, len) != 0 ||
        *len != sizeof(version_line) - 1 ||
        memcmp(*line, version_line, *len) != 0)
        return header_error(err, "not an age v1 file");
    for (;;) {
        if (age_stanza_line(lines, line, len) != 0)
            return header_error(err, "ends early or is too long");
        if (*len < mark || memcmp(*line, stanza_mark, mark) != 0)
            break;
        if (take_stanza(o, lines, *line + mark, *len - mark, err) != 0)
            return -1;
    }
    if (o->stanzas == 0)
        return header_error(err, "no recipient");
    return 0;
}

/* "--- " and the MAC, nothing else. */
static int read_mac(uint8_t mac[static HKDF_LEN], const char *line, size_t len,
                    struct error *err)
{
    const size_t mark = sizeof(mac_mark) - 1;

    if (len != mark + 1 + BASE64_KEY_LEN || memcmp(line, mac_mark, mark) != 0 ||
        line[mark] != ' ' ||
        base64_decode(mac, HKDF_LEN, line + mark + 1, BASE64_KEY_LEN, false) !=
            HKDF_LEN)
        return header_error(err, "malformed MAC line");
    return 0;
}

struct secret *age_header_open_with(const uint8_t *in, size_t len,
                                    const struct age_keys *keys,
                                    size_t *header_len, struct error *err)
{
    struct opening o = { .keys = keys };
    struct age_lines lines;
    const char *line = NULL;
    size_t line_len = 0;
    uint8_t stated[HKDF_LEN], computed[HKDF_LEN];

    /* Grammar first, for the whole header, whoever it is for. */
    age_stanza_begin(&lines, in,
                     len < LIMIT_AGE_HEADER ? len : LIMIT_AGE_HEADER);
    if (read_stanzas(&o, &lines, &line, &line_len, err) != 0 ||
        read_mac(stated, line, line_len, err) != 0)
        goto fail;
    if (o.scrypt && keys->ask != NULL && try_passphrase(&o, err) != 0)
        goto fail;
    if (o.file_key == NULL) {
        (void)error_set(err, ERR_INPUT, "no identity matched");
        if (o.scrypt)
            (void)error_hint(err, "it was sealed with a passphrase");
        goto fail;
    }

    /* Only a key that authenticates the header leaves this function. */
    size_t covered =
        (size_t)((const uint8_t *)line - in) + sizeof(mac_mark) - 1;
    header_mac(computed, o.file_key, in, covered);
    if (sodium_memcmp(computed, stated, sizeof(stated)) != 0) {
        (void)error_set(err, ERR_VERIFY, "header mac does not hold");
        goto fail;
    }
    *header_len = (size_t)((const uint8_t *)lines.next - in);
    return o.file_key;
fail:
    secret_free(&o.file_key);
    return NULL;
}

int age_header_check(const uint8_t *in, size_t len, size_t *header_len,
                     struct error *err)
{
    static const struct age_keys nobody = { 0 };
    struct opening o = { .keys = &nobody };
    struct age_lines lines;
    const char *line = NULL;
    size_t line_len = 0;
    uint8_t stated[HKDF_LEN];

    age_stanza_begin(&lines, in,
                     len < LIMIT_AGE_HEADER ? len : LIMIT_AGE_HEADER);
    if (read_stanzas(&o, &lines, &line, &line_len, err) != 0 ||
        read_mac(stated, line, line_len, err) != 0)
        return -1;
    if (o.stanzas != 1 || o.x25519 != 1)
        return header_error(err, "not for one X25519 recipient alone");
    *header_len = (size_t)((const uint8_t *)lines.next - in);
    return 0;
}

struct secret *age_header_open(const uint8_t *in, size_t len,
                               const struct secret *const *identities, size_t n,
                               size_t *header_len, struct error *err)
{
    const struct age_keys keys = { .identities = identities, .n = n };

    return age_header_open_with(in, len, &keys, header_len, err);
}
