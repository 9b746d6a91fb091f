/* keys/ledger: the signing key in the form of Go's note package. */
#include "key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#define PREFIX    "PRIVATE+KEY+"
#define TYPE      0x01 /* Ed25519 */
#define TYPED_LEN (1 + crypto_sign_SEEDBYTES)
#define ID_HEX    8 /* hex digits of the key id */

static int path_of(struct buf *out, const char *keys_dir, const char *name,
                   struct error *e)
{
    if (buf_addf(out, "%s%s", keys_dir, name) != 0)
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

int ledger_key_draw(struct ledger_key *k, const char *origin,
                    const struct random_source *random, struct error *e)
{
    memset(k, 0, sizeof(*k));
    (void)snprintf(k->origin, sizeof(k->origin), "%s", origin);
    k->seed = secret_new(crypto_sign_SEEDBYTES);
    if (k->seed == NULL)
        return error_set(e, ERR_NOMEM, "no memory for the ledger's key");
    random_fill(random, k->seed->p, k->seed->len);
    if (derive(k, e) == 0)
        return 0;
    ledger_key_wipe(k);
    return -1;
}

static int write_key(const struct ledger_key *k, const char *path,
                     int (*write_file)(const char *, const void *, size_t,
                                       struct error *),
                     struct error *e)
{
    struct secret *line = format(k);
    int ok;

    if (line == NULL)
        return error_set(e, ERR_NOMEM, "no memory for the ledger's key");
    ok = write_file(path, line->p, line->len, e);
    secret_free(&line);
    return ok;
}

int ledger_key_create(const struct ledger_key *k, const char *keys_dir,
                      struct error *e)
{
    struct buf path = { 0 };
    int ok = -1;

    if (path_of(&path, keys_dir, LEDGER_KEY, e) == 0)
        ok = write_key(k, (const char *)path.p, file_create, e);
    buf_free(&path);
    return ok;
}

/* Zeros over the bytes of the file that is there. */
static int overwrite(const char *path, struct error *e)
{
    static const uint8_t zeros[LEDGER_VKEY_SIZE];
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW), ok = -1;
    struct stat st;

    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        size_t n = st.st_size < (off_t)sizeof(zeros) ? (size_t)st.st_size
                                                     : sizeof(zeros);

        ok = fd_write_all(fd, zeros, n) == 0 && fdatasync(fd) == 0 ? 0 : -1;
    }
    if (ok != 0)
        (void)error_errno(e, ERR_IO, "cannot overwrite %s", path);
    if (fd >= 0)
        (void)close(fd);
    return ok;
}

int ledger_key_replace(const struct ledger_key *k, const char *keys_dir,
                       const char *name, struct error *e)
{
    struct buf path = { 0 };
    int ok = -1;

    if (path_of(&path, keys_dir, name, e) == 0 &&
        overwrite((const char *)path.p, e) == 0)
        ok = write_key(k, (const char *)path.p, file_replace, e);
    buf_free(&path);
    return ok;
}

int ledger_key_drop(const char *keys_dir, const char *name, struct error *e)
{
    struct buf path = { 0 };
    int ok = -1;

    if (path_of(&path, keys_dir, name, e) == 0 &&
        overwrite((const char *)path.p, e) == 0)
        ok = unlink((const char *)path.p) == 0 || errno == ENOENT
                 ? 0
                 : error_errno(e, ERR_IO, "cannot remove %s",
                               (const char *)path.p);
    buf_free(&path);
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
    return error_set(e, ERR_INPUT, "the ledger's signing key is malformed");
}

int ledger_key_load(struct ledger_key *k, const char *keys_dir,
                    const char *name, struct error *e)
{
    struct buf path = { 0 };
    struct secret *file = NULL;
    int ok = -1;

    memset(k, 0, sizeof(*k));
    if (path_of(&path, keys_dir, name, e) != 0)
        goto out;
    if (access((const char *)path.p, F_OK) != 0 && errno == ENOENT) {
        (void)error_set(e, ERR_VERIFY, "%s is missing", (const char *)path.p);
        (void)error_hint(e, "put it back from a copy of the keys; if it is "
                            "lost: resguardo ledger reopen");
        goto out;
    }
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
