/* keys/ledger: the signing key in the form of Go's note package. */
#include "key.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#define FILE_NAME "ledger"
#define PREFIX    "PRIVATE+KEY+"
#define TYPE      0x01 /* Ed25519 */
#define TYPED_LEN (1 + crypto_sign_SEEDBYTES)
#define ID_HEX    8 /* hex digits of the key id */

static int path_of(struct buf *out, const char *keys_dir, struct error *e)
{
    if (buf_addf(out, "%s" FILE_NAME, keys_dir) != 0)
        return error_set(e, ERR_NOMEM, "no memory for a path");
    return 0;
}

/* The verifier key that goes with origin and seed. */
static int derive(struct ledger_key *k, struct error *e)
{
    struct secret *pair = secret_new(crypto_sign_SECRETKEYBYTES);
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];

    if (pair == NULL)
        return error_set(e, ERR_NOMEM, "no memory for the ledger's key");
    (void)crypto_sign_seed_keypair(public_key, pair->p, k->seed->p);
    secret_free(&pair);
    if (note_vkey_format(k->vkey, k->origin, public_key) != 0)
        return error_set(e, ERR_INPUT, "%s cannot be the name of a ledger",
                         k->origin);
    return 0;
}

/* ---- writing ------------------------------------------------------------ */

/* The line of the file; NULL: no memory. */
static struct secret *format(const struct ledger_key *k)
{
    struct secret *typed = secret_new(TYPED_LEN), *line = NULL, *done = NULL;
    size_t head = strlen(PREFIX) + strlen(k->origin) + 1 + ID_HEX + 1;

    line = secret_new(head + BASE64_SIZE(TYPED_LEN));
    if (typed == NULL || line == NULL)
        goto out;

    /* The vkey has the key id behind the origin. */
    (void)snprintf((char *)line->p, line->len, PREFIX "%s+%.*s+", k->origin,
                   ID_HEX, k->vkey + strlen(k->origin) + 1);
    typed->p[0] = TYPE;
    memcpy(typed->p + 1, k->seed->p, crypto_sign_SEEDBYTES);
    base64_encode((char *)line->p + head, typed->p, typed->len, true);
    line->p[line->len - 1] = '\n';
    done = line;
    line = NULL;
out:
    secret_free(&typed);
    secret_free(&line);
    return done;
}

int ledger_key_create(struct ledger_key *k, const char *keys_dir,
                      const char *origin, struct secret **seed, struct error *e)
{
    struct buf path = { 0 };
    struct secret *line = NULL;
    int ok = -1;

    memset(k, 0, sizeof(*k));
    k->seed = *seed;
    *seed = NULL;
    (void)snprintf(k->origin, sizeof(k->origin), "%s", origin);
    if (derive(k, e) != 0 || path_of(&path, keys_dir, e) != 0)
        goto out;
    line = format(k);
    if (line == NULL) {
        (void)error_set(e, ERR_NOMEM, "no memory for the ledger's key");
        goto out;
    }
    ok = file_create((const char *)path.p, line->p, line->len, e);
out:
    secret_free(&line);
    buf_free(&path);
    if (ok != 0)
        ledger_key_wipe(k);
    return ok;
}

/* ---- reading ------------------------------------------------------------ */

/* Decodes the seed; NULL when it is malformed, or no memory. */
static struct secret *parse_seed(const char *text)
{
    struct secret *typed = secret_new(TYPED_LEN), *seed = NULL;

    if (typed != NULL &&
        base64_decode(typed->p, typed->len, text, strlen(text), true) ==
            TYPED_LEN &&
        typed->p[0] == TYPE)
        seed = secret_copy(typed->p + 1, crypto_sign_SEEDBYTES);
    secret_free(&typed);
    return seed;
}

static int parse(struct ledger_key *k, struct secret *file, struct error *e)
{
    char *line = (char *)file->p, *name = line + strlen(PREFIX), *plus;

    /* One line, and nothing after it. */
    if (file->len == 0 || strlen(line) != file->len ||
        line[file->len - 1] != '\n' ||
        strncmp(line, PREFIX, strlen(PREFIX)) != 0)
        goto malformed;
    line[file->len - 1] = 0;
    plus = strchr(name, '+');
    if (plus == NULL || plus - name >= LEDGER_ORIGIN_SIZE ||
        strnlen(plus + 1, ID_HEX + 1) != ID_HEX + 1 || plus[1 + ID_HEX] != '+')
        goto malformed;
    memcpy(k->origin, name, (size_t)(plus - name));

    k->seed = parse_seed(plus + ID_HEX + 2);
    if (k->seed == NULL)
        goto malformed;
    if (derive(k, e) != 0)
        return -1;
    if (strncmp(k->vkey, name, (size_t)(plus - name) + 1 + ID_HEX) == 0)
        return 0;
malformed:
    return error_set(e, ERR_INPUT, "keys/" FILE_NAME " is malformed");
}

int ledger_key_load(struct ledger_key *k, const char *keys_dir, struct error *e)
{
    struct buf path = { 0 };
    struct secret *file = NULL;
    int ok = -1;

    memset(k, 0, sizeof(*k));
    if (path_of(&path, keys_dir, e) != 0)
        goto out;
    file = secret_read_file((const char *)path.p, LEDGER_VKEY_SIZE, true, e);
    if (file != NULL)
        ok = parse(k, file, e);
out:
    secret_free(&file);
    buf_free(&path);
    if (ok != 0)
        ledger_key_wipe(k);
    return ok;
}

void ledger_key_wipe(struct ledger_key *k)
{
    secret_free(&k->seed);
    memset(k, 0, sizeof(*k));
}
