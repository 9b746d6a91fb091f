/* Signed notes (c2sp.org/signed-note). */
#include "note.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#define KEY_ID_LEN  NOTE_ID_LEN
#define KEY_LEN     32
#define SIGNATURE   (KEY_ID_LEN + crypto_sign_BYTES)
#define DASH        "\xe2\x80\x94 " /* em dash and a space */
#define MALFORMED   "the note is malformed: "
#define NAME_REASON "not a key name: it is empty, too long, or has spaces or +"

/* ---- names -------------------------------------------------------------- */

/* Unicode's White_Space, beyond ASCII. */
static bool is_wide_space(uint32_t c)
{
    return c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
           c == 0x202f || c == 0x205f || c == 0x3000;
}

static bool is_name(const char *s, size_t len)
{
    if (len == 0 || len >= LEDGER_ORIGIN_SIZE)
        return false;
    while (len > 0) {
        uint32_t c;
        size_t n = utf8_next(s, len, &c);

        if (n == 0 || c <= ' ' || c == 0x7f || c == '+' || is_wide_space(c))
            return false;
        s += n;
        len -= n;
    }
    return true;
}

/* First four bytes of SHA-256(name, LF, type, public key). */
static void key_id_of(uint8_t out[static KEY_ID_LEN], const char *name,
                      enum note_type type,
                      const uint8_t public_key[static KEY_LEN])
{
    const uint8_t between[] = { '\n', (uint8_t)type };
    crypto_hash_sha256_state state;
    uint8_t hash[LEDGER_HASH_LEN];

    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, (const uint8_t *)name,
                                    strlen(name));
    (void)crypto_hash_sha256_update(&state, between, sizeof(between));
    (void)crypto_hash_sha256_update(&state, public_key, KEY_LEN);
    (void)crypto_hash_sha256_final(&state, hash);
    memcpy(out, hash, KEY_ID_LEN);
}

static void key_id(uint8_t out[static KEY_ID_LEN], const char *name,
                   const uint8_t public_key[static KEY_LEN])
{
    key_id_of(out, name, NOTE_ED25519, public_key);
}

/* ---- verifier keys ------------------------------------------------------ */

int note_vkey_format(char out[static LEDGER_VKEY_SIZE], const char *name,
                     const uint8_t public_key[static KEY_LEN])
{
    uint8_t typed[1 + KEY_LEN], id[KEY_ID_LEN];
    char id_hex[HEX_SIZE(KEY_ID_LEN)], key64[BASE64_SIZE(1 + KEY_LEN)];

    if (!is_name(name, strlen(name)))
        return -1;
    key_id(id, name, public_key);
    hex_encode(id_hex, id, sizeof(id));
    typed[0] = NOTE_ED25519;
    memcpy(typed + 1, public_key, KEY_LEN);
    base64_encode(key64, typed, sizeof(typed), true);
    (void)snprintf(out, LEDGER_VKEY_SIZE, "%s+%s+%s", name, id_hex, key64);
    return 0;
}

int note_key_parse(const char *vkey, enum note_type type,
                   char name[static LEDGER_ORIGIN_SIZE],
                   uint8_t public_key[static KEY_LEN],
                   uint8_t id[static KEY_ID_LEN], struct error *e)
{
    const char *plus = strchr(vkey, '+');
    uint8_t typed[1 + KEY_LEN], said[KEY_ID_LEN];
    size_t name_len;

    if (plus == NULL || !is_name(vkey, (size_t)(plus - vkey)))
        return error_set(e, ERR_INPUT, "the verifier key has no name");
    name_len = (size_t)(plus - vkey);
    memcpy(name, vkey, name_len);
    name[name_len] = 0;

    /* NAME+HHHHHHHH+BASE64 */
    if (strnlen(plus + 1, 9) < 9 || plus[9] != '+' ||
        hex_decode(said, sizeof(said), plus + 1, 8, false) != 0)
        return error_set(e, ERR_INPUT, "the verifier key has no key id");
    if (base64_decode(typed, sizeof(typed), plus + 10, strlen(plus + 10),
                      true) != sizeof(typed) ||
        typed[0] != type)
        return error_set(e, ERR_INPUT, "the verifier key is not %s",
                         type == NOTE_ED25519 ? "Ed25519" : "a witness's");

    memcpy(public_key, typed + 1, KEY_LEN);
    key_id_of(id, name, type, public_key);
    if (memcmp(id, said, sizeof(said)) != 0)
        return error_set(e, ERR_INPUT,
                         "the verifier key does not match its key id");
    return 0;
}

int note_vkey_parse(const char *vkey, char name[static LEDGER_ORIGIN_SIZE],
                    uint8_t public_key[static KEY_LEN], struct error *e)
{
    uint8_t id[KEY_ID_LEN];

    return note_key_parse(vkey, NOTE_ED25519, name, public_key, id, e);
}

/* ---- signing ------------------------------------------------------------ */

/* UTF-8 without control characters but LF. */
static bool is_plain(const char *text, size_t len)
{
    if (!utf8_valid(text, len))
        return false;
    for (size_t i = 0; i < len; i++)
        if ((text[i] >= 0 && text[i] < ' ' && text[i] != '\n') ||
            text[i] == 0x7f)
            return false;
    return true;
}

/* Key id and signature of text, under the seed. */
static int sign(uint8_t out[static SIGNATURE], const char *text,
                const char *name, const struct secret *seed)
{
    uint8_t public_key[KEY_LEN];
    struct secret *key = secret_new(crypto_sign_SECRETKEYBYTES);

    if (key == NULL)
        return -1;
    (void)crypto_sign_seed_keypair(public_key, key->p, seed->p);
    key_id(out, name, public_key);
    (void)crypto_sign_detached(out + KEY_ID_LEN, NULL, (const uint8_t *)text,
                               strlen(text), key->p);
    secret_free(&key);
    return 0;
}

/* Appends the signature line of a text that was checked. */
static int add_signature(struct buf *out, const char *text, const char *name,
                         const struct secret *seed, struct error *e)
{
    uint8_t signature[SIGNATURE];
    char base64[BASE64_SIZE(SIGNATURE)];

    if (sign(signature, text, name, seed) != 0)
        return error_set(e, ERR_NOMEM, "no memory to sign a note");
    base64_encode(base64, signature, sizeof(signature), true);
    return buf_addf(out, DASH "%s %s\n", name, base64) == 0
               ? 0
               : error_set(e, ERR_NOMEM, "no memory for a note");
}

static int check_signable(const char *text, const char *name,
                          const struct secret *seed, struct error *e)
{
    size_t len = strlen(text);

    if (seed->len != crypto_sign_SEEDBYTES)
        return error_set(e, ERR_INPUT, "a signing seed has 32 bytes");
    if (!is_name(name, strlen(name)))
        return error_set(e, ERR_INPUT, NAME_REASON);
    if (len == 0 || text[len - 1] != '\n' || !is_plain(text, len))
        return error_set(e, ERR_INPUT,
                         "a note is plain text that ends in a newline");
    return 0;
}

int note_sign(struct buf *out, const char *text, const char *name,
              const struct secret *seed, struct error *e)
{
    if (check_signable(text, name, seed, e) != 0)
        return -1;
    if (buf_addf(out, "%s\n", text) != 0)
        return error_set(e, ERR_NOMEM, "no memory for a note");
    return add_signature(out, text, name, seed, e);
}

int note_sign_too(struct buf *note, const char *text, const char *name,
                  const struct secret *seed, struct error *e)
{
    return check_signable(text, name, seed, e) != 0
               ? -1
               : add_signature(note, text, name, seed, e);
}

/* ---- opening ------------------------------------------------------------ */

/* A note under a key: the signed text is the first text_len bytes. */
struct opening {
    const char *text;
    size_t text_len;
    char name[LEDGER_ORIGIN_SIZE];
    uint8_t public_key[KEY_LEN], id[KEY_ID_LEN];
    bool valid;
    struct error *e;
};

/* A decoded signature: one of our key must hold, others may say anything. */
static int check_signature(void *arg, const char *line, size_t line_len,
                           const char *name, size_t name_len,
                           const uint8_t *blob, size_t len)
{
    struct opening *o = arg;

    (void)line;
    (void)line_len;
    if (strlen(o->name) != name_len || memcmp(o->name, name, name_len) != 0 ||
        memcmp(blob, o->id, KEY_ID_LEN) != 0)
        return 0;
    if (len != SIGNATURE ||
        crypto_sign_verify_detached(blob + KEY_ID_LEN, (const uint8_t *)o->text,
                                    o->text_len, o->public_key) != 0)
        return error_set(o->e, ERR_VERIFY,
                         "the signature of the note is wrong");
    o->valid = true;
    return 0;
}

/* One line, without its newline: em dash, name, base64(key id, signature). */
static int check_line(const char *line, size_t len, note_line each, void *arg,
                      struct error *e)
{
    const size_t dash = sizeof(DASH) - 1;
    struct buf blob = { 0 };
    const char *name = line + dash, *space;
    size_t rest, name_len;
    ssize_t n;
    int ok = -1;

    if (len <= dash || memcmp(line, DASH, dash) != 0)
        return error_set(e, ERR_INPUT, MALFORMED "a line is no signature");
    rest = len - dash;
    space = memchr(name, ' ', rest);
    if (space == NULL || !is_name(name, (size_t)(space - name)))
        return error_set(e, ERR_INPUT, MALFORMED "a signature has no name");
    name_len = (size_t)(space - name);
    rest -= name_len + 1;

    if (buf_reserve(&blob, rest) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory to open a note");
        goto out;
    }
    n = base64_decode(blob.p, rest, space + 1, rest, true);
    if (n <= KEY_ID_LEN) {
        (void)error_set(e, ERR_INPUT, MALFORMED "a signature is not base64");
        goto out;
    }
    ok = each(arg, line, len, name, name_len, blob.p, (size_t)n);
out:
    buf_free(&blob);
    return ok;
}

/* Text and signatures part at the last blank line; the length of the text
 * with its newline, 0 if there is none. */
static size_t split(const char *note, size_t len)
{
    for (size_t i = len; i >= 2; i--)
        if (note[i - 1] == '\n' && note[i - 2] == '\n')
            return i - 1;
    return 0;
}

static int check_lines(const char *lines, size_t len, note_line each, void *arg,
                       struct error *e)
{
    if (len == 0 || lines[len - 1] != '\n')
        return error_set(e, ERR_INPUT,
                         MALFORMED "it does not end in a signature line");
    while (len > 0) {
        const char *end = memchr(lines, '\n', len);
        size_t n = (size_t)(end - lines);

        if (check_line(lines, n, each, arg, e) != 0)
            return -1;
        lines += n + 1;
        len -= n + 1;
    }
    return 0;
}

int note_walk(const char *note, size_t len, size_t *text_len, note_line each,
              void *arg, struct error *e)
{
    if (!is_plain(note, len))
        return error_set(e, ERR_INPUT, MALFORMED "it is not plain text");
    *text_len = split(note, len);
    if (*text_len == 0)
        return error_set(e, ERR_INPUT, MALFORMED "it has no blank line");
    return check_lines(note + *text_len + 1, len - *text_len - 1, each, arg, e);
}

int note_open(const char *note, size_t len, const char *vkey, size_t *text_len,
              struct error *e)
{
    struct opening o = { .text = note, .e = e };

    if (note_vkey_parse(vkey, o.name, o.public_key, e) != 0)
        return -1;
    key_id(o.id, o.name, o.public_key);
    if (note_walk(note, len, &o.text_len, check_signature, &o, e) != 0)
        return -1;
    if (!o.valid)
        return error_set(e, ERR_VERIFY, "the note is not signed by %s", o.name);
    *text_len = o.text_len;
    return 0;
}
