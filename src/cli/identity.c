/* The identity file: whose it is, is who can read. */
#include "cli.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)64 * 1024)

char *identity_default_path(void)
{
    const char *home = getenv("HOME");
    struct buf path = { 0 };

    if (home == NULL || home[0] == '\0') {
        const struct passwd *me = getpwuid(getuid());

        home = me != NULL ? me->pw_dir : NULL;
    }
    if (home == NULL ||
        buf_addf(&path, "%s/.config/resguardo/identity", home) != 0)
        return NULL;
    return (char *)path.p;
}

void identity_fingerprint(char out[static FINGERPRINT_SIZE],
                          const uint8_t recipient[static AGE_KEY_LEN])
{
    uint8_t hash[SHA256_LEN];

    sha256_of(hash, recipient, AGE_KEY_LEN);
    for (size_t i = 0; i < 8; i++) {
        hex_encode(out + i * 5, hash + i * 2, 2);
        out[i * 5 + 4] = i < 7 ? ' ' : '\0';
    }
}

/* ---- sealed with a passphrase ------------------------------------------- */

static bool begins(const struct secret *file, const char *mark)
{
    size_t at = 0, len = strlen(mark);

    while (at < file->len && strchr(" \t\r\n", file->p[at]) != NULL)
        at++;
    return file->len - at >= len && memcmp(file->p + at, mark, len) == 0;
}

/* What was in it; as much of `text` as is used. */
struct unsealed {
    struct secret *text;
    size_t len;
};

static int take_text(void *arg, const uint8_t *p, size_t n, struct error *e)
{
    struct unsealed *u = arg;

    if (n > u->text->len - u->len)
        return error_set(e, ERR_INPUT, "too long for an identity file");
    memcpy(u->text->p + u->len, p, n);
    u->len += n;
    return 0;
}

struct asking {
    const char *path, *passphrase_file;
};

static struct secret *ask(void *arg, struct error *e)
{
    const struct asking *a = arg;

    return passphrase_get(a->passphrase_file, a->path, false, e);
}

static int unseal(struct unsealed *u, const struct secret *file,
                  struct asking *a, struct error *e)
{
    struct age_opener *opener = NULL;
    int ok = -1;

    u->text = secret_new(FILE_MAX);
    if (u->text == NULL)
        return error_set(e, ERR_NOMEM, "no memory for an identity");
    if (age_opener_new(&opener, NULL, 0, take_text, u, e) != 0 ||
        age_opener_dearmor(opener, e) != 0)
        goto out;
    age_opener_ask(opener, LIMIT_AGE_WORK, ask, a);
    if (age_opener_add(opener, file->p, file->len, e) == 0)
        ok = age_opener_finish(opener, e);
out:
    age_opener_free(&opener);
    return ok;
}

/* ---- loading ------------------------------------------------------------ */

static int name_file(const char *path, struct error *e)
{
    const struct error was = *e;

    (void)error_set(e, was.code, "%s: %s", path, was.text);
    return error_hint(e, "%s", was.hint);
}

static void hint_passphrase(const char *file, struct error *e)
{
    if (file != NULL)
        (void)error_hint(e, "its passphrase is not the one in %s", file);
    else
        (void)error_hint(e, "run it again and type the passphrase that the "
                            "file was made with");
}

int identity_load_all(struct age_identities *ids, const char *path,
                      const char *passphrase_file, struct error *e)
{
    struct asking a = { path, passphrase_file };
    struct secret *file = secret_read_file(path, FILE_MAX, true, e);
    struct unsealed u = { 0 };
    int ok = -1;

    if (file == NULL)
        return -1;
    if (!begins(file, "age-encryption.org/") && !begins(file, "-----BEGIN AGE"))
        ok = age_identities_parse(ids, file->p, file->len, e);
    else if (unseal(&u, file, &a, e) == 0)
        ok = age_identities_parse(ids, u.text->p, u.len, e);
    if (ok != 0 && e->hint[0] == '\0' &&
        strstr(e->text, "another passphrase") != NULL)
        hint_passphrase(passphrase_file, e);
    if (ok != 0)
        (void)name_file(path, e);
    secret_free(&u.text);
    secret_free(&file);
    return ok;
}

struct secret *identity_load(const char *path, const char *passphrase_file,
                             struct error *e)
{
    struct age_identities ids = { 0 };
    struct secret *identity = NULL;

    if (path == NULL) {
        (void)error_set(e, ERR_INPUT, "there is no identity");
        (void)error_hint(e, "name yours with --identity FILE");
        return NULL;
    }
    if (identity_load_all(&ids, path, passphrase_file, e) == 0) {
        if (ids.n > 0) {
            identity = ids.list[0];
            ids.list[0] = NULL;
        } else {
            (void)error_set(e, ERR_INPUT, "%s: no identity of ours in it",
                            path);
        }
    }
    if (identity == NULL && e->hint[0] == '\0')
        (void)error_hint(e, "name yours with --identity FILE or "
                            "RESGUARDO_IDENTITY");
    age_identities_free(&ids);
    return identity;
}

int identity_folders(const char *path, struct error *e)
{
    char *copy = strdup(path);
    int ok = 0;

    if (copy == NULL)
        return error_set(e, ERR_NOMEM, "no memory for a path");
    for (char *at = strchr(copy + 1, '/'); at != NULL && ok == 0;
         at = strchr(at + 1, '/')) {
        *at = '\0';
        if (mkdir(copy, 0700) != 0 && errno != EEXIST)
            ok = error_errno(e, ERR_IO, "cannot make the folder %s", copy);
        *at = '/';
    }
    free(copy);
    return ok;
}

/* ---- writing ------------------------------------------------------------ */

int identity_passphrase(const struct cli *cli, const char *path,
                        const char *file, struct secret **out, struct error *e)
{
    *out = NULL;
    if (cli->options[OPTION_NO_PASSPHRASE] != NULL)
        return file == NULL ? 0
                            : error_set(e, ERR_USAGE,
                                        "--no-passphrase and a file with one "
                                        "exclude each other");
    *out = passphrase_get(file, path, true, e);
    if (*out == NULL && file == NULL && e->code == ERR_IO)
        (void)error_hint(e, "give it with --passphrase-file FILE, or none with "
                            "--no-passphrase");
    return *out != NULL ? 0 : -1;
}

static int into_buf(void *arg, const uint8_t *p, size_t n, struct error *e)
{
    return buf_add(arg, p, n) == 0
               ? 0
               : error_set(e, ERR_NOMEM, "no memory for an identity");
}

/* As age -p -a does it. */
static int seal_text(struct buf *out, const struct buf *text,
                     const struct secret *passphrase, struct error *e)
{
    struct buf header = { 0 }, payload = { 0 };
    struct age_writer *writer = NULL;
    struct age_armor *armor = NULL;
    int ok = -1;

    if (age_writer_new_passphrase(&writer, passphrase, LIMIT_AGE_WORK_OURS,
                                  &random_system, &header, into_buf, &payload,
                                  e) == 0 &&
        age_writer_add(writer, text->p, text->len, e) == 0 &&
        age_writer_finish(writer, e) == 0 &&
        age_armor_new(&armor, into_buf, out, e) == 0 &&
        age_armor_add(armor, header.p, header.len, e) == 0 &&
        age_armor_add(armor, payload.p, payload.len, e) == 0)
        ok = age_armor_finish(armor, e);
    age_writer_free(&writer);
    age_armor_free(&armor);
    buf_free(&header);
    buf_free(&payload);
    return ok;
}

int identity_write(const char *path, const struct secret *identity,
                   const struct secret *passphrase, msec now, struct error *e)
{
    struct buf text = { 0 }, sealed = { 0 };
    const struct buf *content = passphrase != NULL ? &sealed : &text;
    int ok = -1;

    if (identity_folders(path, e) != 0)
        goto out;
    if (age_identity_file_format(&text, identity, now) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for an identity");
    else if (passphrase == NULL ||
             seal_text(&sealed, &text, passphrase, e) == 0)
        ok = file_create(path, content->p, content->len, e);
out:
    buf_free(&text);
    buf_free(&sealed);
    return ok;
}

/* ---- identity new ------------------------------------------------------- */

static int show_new(const struct cli *cli, const struct key *key,
                    struct error *e)
{
    char recipient[AGE_RECIPIENT_SIZE], fingerprint[FINGERPRINT_SIZE];
    uint8_t point[AGE_KEY_LEN];
    json_t *o;
    int ok;

    if (age_identity_recipient(point, key->identity) != 0)
        return error_set(e, ERR_INTERNAL, "not an identity of staff");
    age_recipient_format(recipient, point);
    identity_fingerprint(fingerprint, point);
    if (!cli->json) {
        (void)fprintf(stderr, "fingerprint %s\n", fingerprint);
        (void)puts(recipient);
        return output_end(stdout, e);
    }
    o = json_pack("{s:s, s:s, s:s}", "file", key->path, "fingerprint",
                  fingerprint, "recipient", recipient);
    ok = output_json(stdout, o, e);
    json_decref(o);
    return ok != 0 ? -1 : output_end(stdout, e);
}

int identity_run_new(const struct cli *cli, struct error *e)
{
    const char *out = cli->options[OPTION_OUT];
    const char *path = out != NULL ? out : cli->identity;
    struct key key = { 0 };
    int ok = -1;

    if (path == NULL) {
        (void)error_set(e, ERR_USAGE, "name a file with -o FILE");
    } else if (access(path, F_OK) == 0) {
        (void)error_set(e, ERR_CONFLICT, "%s is there already", path);
        (void)error_hint(e, "an identity is never overwritten; name another "
                            "file with -o FILE");
    } else if (key_prepare(&key, cli, path,
                           cli->options[OPTION_PASSPHRASE_FILE], e) == 0 &&
               key_write(&key, clock_now(&clock_system), e) == 0) {
        ok = show_new(cli, &key, e);
    }
    key_free(&key);
    return ok;
}

/* An identity given by mistake is a secret: it is not said again. */
int recipient_read(uint8_t out[static AGE_KEY_LEN], const char *option,
                   const char *value, struct error *e)
{
    if (age_recipient_parse(out, value, e) == 0)
        return 0;
    if (strncasecmp(value, "AGE-SECRET-KEY-", 15) == 0)
        return error_set(e, e->code, "%s: that is an identity, not a recipient",
                         option);
    return error_set(e, e->code, "%s %.100s: %s", option, value, e->text);
}
