/*
 * age encrypt, age decrypt: the code that seals and opens documents, for
 * anyone and without a daemon. Bytes stream through; a file appears under its
 * name complete or not at all, and a pipe gets only what is authentic.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_SIZE ((size_t)256 * 1024)

/* ---- where bytes come from ---------------------------------------------- */

static bool is_dash(const char *name)
{
    return name == NULL || strcmp(name, "-") == 0;
}

static int open_input(const struct cli *cli, struct error *e)
{
    int fd;

    if (is_dash(cli->argument))
        return STDIN_FILENO;
    fd = open(cli->argument, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return error_errno(e, ERR_IO, "cannot open %s", cli->argument);
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return fd;
}

/* Reads to the end; they may be somebody's secrets. */
static int pump(const struct cli *cli, int fd, age_sink sink, void *arg,
                struct error *e)
{
    struct secret *bytes = secret_new(READ_SIZE);
    int ok = -1;

    if (bytes == NULL)
        return error_set(e, ERR_NOMEM, "no memory for reading");
    for (;;) {
        ssize_t got = read(fd, bytes->p, bytes->len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            (void)error_errno(e, ERR_IO, "cannot read %s",
                              is_dash(cli->argument) ? "stdin" : cli->argument);
            break;
        }
        if (got == 0) {
            ok = 0;
            break;
        }
        if (sink(arg, bytes->p, (size_t)got, e) != 0)
            break;
    }
    secret_free(&bytes);
    return ok;
}

/* ---- where they go ------------------------------------------------------ */

static const char *out_path(const struct cli *cli)
{
    const char *path = cli->options[OPTION_OUT];

    return is_dash(path) ? NULL : path;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static int check_terminal(const struct cli *cli, struct error *e)
{
    if (cli->options[OPTION_OUT] != NULL || !isatty(STDOUT_FILENO))
        return 0;
    (void)error_set(e, ERR_USAGE, "the result is not for a terminal");
    return error_hint(e, "name a file with -o FILE, pipe it, or insist with "
                         "-o -");
}

static int check_passphrase(const struct cli *cli, struct error *e)
{
    if (cli->options[OPTION_ASK] != NULL &&
        cli->options[OPTION_PASSPHRASE_FILE] != NULL)
        return error_set(e, ERR_USAGE,
                         "-p and --passphrase-file exclude "
                         "each other");
    return 0;
}

static bool has_passphrase(const struct cli *cli)
{
    return cli->options[OPTION_ASK] != NULL ||
           cli->options[OPTION_PASSPHRASE_FILE] != NULL;
}

/* ---- encrypt ------------------------------------------------------------ */

static int seal_for_passphrase(struct sealing **s, const struct cli *cli,
                               struct error *e)
{
    struct secret *passphrase = passphrase_get(
        cli->options[OPTION_PASSPHRASE_FILE],
        is_dash(cli->argument) ? "the file" : cli->argument, true, e);
    int ok = passphrase == NULL ? -1 : sealing_for_passphrase(s, passphrase, e);

    secret_free(&passphrase);
    return ok;
}

static int seal_for_recipients(struct sealing **s, const struct cli *cli,
                               struct error *e)
{
    uint8_t to[LIMIT_AGE_RECIPIENTS][AGE_KEY_LEN];

    for (size_t i = 0; i < cli->nvalues; i++)
        if (recipient_read(to[i], "-r", cli->values[i], e) != 0)
            return -1;
    return sealing_for(s, (const uint8_t(*)[AGE_KEY_LEN])to, cli->nvalues, e);
}

/* The place first: a passphrase that was stretched for nothing took a second,
 * and somebody's patience. */
static int seal(const struct cli *cli, int in, struct error *e)
{
    struct sealing *s = NULL;
    struct outfile *file = NULL;
    int ok = -1;

    if (outfile_check(out_path(cli), e) == 0 &&
        (has_passphrase(cli) ? seal_for_passphrase(&s, cli, e)
                             : seal_for_recipients(&s, cli, e)) == 0 &&
        outfile_open(&file, out_path(cli), e) == 0 &&
        sealing_begin(s, file, cli->options[OPTION_ARMOR] != NULL, e) == 0 &&
        pump(cli, in, sealing_add, s, e) == 0 && sealing_end(s, e) == 0)
        ok = outfile_commit(file, e);
    sealing_free(&s);
    outfile_close(&file);
    return ok;
}

static int check_encrypt(const struct cli *cli, struct error *e)
{
    if (check_passphrase(cli, e) != 0)
        return -1;
    if (cli->nvalues > 0 && has_passphrase(cli)) {
        (void)error_set(e, ERR_USAGE, "a passphrase stands alone");
        return error_hint(e, "seal for recipients (-r) or with a passphrase");
    }
    if (cli->nvalues == 0 && !has_passphrase(cli)) {
        (void)error_set(e, ERR_USAGE, "for whom?");
        return error_hint(e, "-r age1…, or -p for a passphrase");
    }
    return cli->options[OPTION_ARMOR] != NULL ? 0 : check_terminal(cli, e);
}

int age_run_encrypt(const struct cli *cli, struct error *e)
{
    int in = -1, ok = -1;

    if (check_encrypt(cli, e) == 0 && (in = open_input(cli, e)) >= 0)
        ok = seal(cli, in, e);
    if (in > STDIN_FILENO)
        (void)close(in);
    return ok;
}

/* ---- decrypt ------------------------------------------------------------ */

struct unsealing {
    const struct cli *cli;
    struct age_identities identities;
    struct age_opener *opener;
    struct outfile *file;
};

static struct secret *ask(void *arg, struct error *e)
{
    const struct cli *cli = arg;

    return passphrase_get(cli->options[OPTION_PASSPHRASE_FILE],
                          is_dash(cli->argument) ? "the file" : cli->argument,
                          false, e);
}

/* There is no file before there is something authentic to put into it. */
static int need_file(struct unsealing *u, struct error *e)
{
    return u->file != NULL ? 0 : outfile_open(&u->file, out_path(u->cli), e);
}

static int write_plain(void *arg, const uint8_t *p, size_t n, struct error *e)
{
    struct unsealing *u = arg;

    return need_file(u, e) == 0 ? outfile_write(u->file, p, n, e) : -1;
}

static int add_sealed(void *arg, const uint8_t *p, size_t n, struct error *e)
{
    struct unsealing *u = arg;

    return age_opener_add(u->opener, p, n, e);
}

/* With identities a passphrase file is theirs: it does not answer for whatever
 * a stranger sealed, unless -p asks. */
static bool asks_for_file(const struct cli *cli)
{
    return cli->options[OPTION_ASK] != NULL ||
           (cli->nvalues == 0 && has_passphrase(cli));
}

static int load_identities(struct unsealing *u, struct error *e)
{
    const struct cli *cli = u->cli;

    for (size_t i = 0; i < cli->nvalues; i++)
        if (identity_load_all(&u->identities, cli->values[i],
                              cli->options[OPTION_PASSPHRASE_FILE], e) != 0)
            return -1;
    return 0;
}

static int begin_opening(struct unsealing *u, struct error *e)
{
    const struct cli *cli = u->cli;

    if (load_identities(u, e) != 0 ||
        age_opener_new(&u->opener,
                       (const struct secret *const *)u->identities.list,
                       u->identities.n, write_plain, u, e) != 0 ||
        age_opener_dearmor(u->opener, e) != 0)
        return -1;
    age_opener_threads(u->opener, process_cores());
    if (asks_for_file(cli))
        age_opener_ask(u->opener, LIMIT_AGE_WORK_STRANGER, ask,
                       (void *)(uintptr_t)cli);
    return 0;
}

static int unseal(struct unsealing *u, int in, struct error *e)
{
    if (pump(u->cli, in, add_sealed, u, e) != 0 ||
        age_opener_finish(u->opener, e) != 0 || need_file(u, e) != 0)
        return -1;
    return outfile_commit(u->file, e);
}

static int check_decrypt(const struct cli *cli, struct error *e)
{
    if (check_passphrase(cli, e) != 0)
        return -1;
    if (cli->nvalues == 0 && !has_passphrase(cli)) {
        (void)error_set(e, ERR_USAGE, "with what?");
        return error_hint(e, "-i IDENTITY, or -p for a passphrase");
    }
    return check_terminal(cli, e);
}

/* Nothing that it is made of: an identity or a sealed file that is lost to its
 * own result is lost for good. Before anything is stretched. */
static int check_place(const struct cli *cli, int in, struct error *e)
{
    const char *out = out_path(cli);
    struct stat there, st;

    if (outfile_check(out, e) != 0)
        return -1;
    if (out == NULL || stat(out, &there) != 0)
        return 0;
    if (fstat(in, &st) == 0 && is_same(&there, &st))
        return error_set(e, ERR_USAGE, "-o %s is the file to be opened", out);
    for (size_t i = 0; i < cli->nvalues; i++)
        if (stat(cli->values[i], &st) == 0 && is_same(&there, &st))
            return error_set(e, ERR_USAGE, "-o %s is an identity", out);
    if (cli->options[OPTION_PASSPHRASE_FILE] != NULL &&
        stat(cli->options[OPTION_PASSPHRASE_FILE], &st) == 0 &&
        is_same(&there, &st))
        return error_set(e, ERR_USAGE, "-o %s is the passphrase's file", out);
    return 0;
}

int age_run_decrypt(const struct cli *cli, struct error *e)
{
    struct unsealing u = { .cli = cli };
    int in = -1, ok = -1;

    if (check_decrypt(cli, e) == 0 && (in = open_input(cli, e)) >= 0 &&
        check_place(cli, in, e) == 0 && begin_opening(&u, e) == 0)
        ok = unseal(&u, in, e);
    if (ok != 0 && u.identities.foreign > 0 && e->hint[0] == '\0')
        (void)error_hint(e, "some identities are of a kind that is not spoken "
                            "here");
    age_opener_free(&u.opener);
    outfile_close(&u.file);
    age_identities_free(&u.identities);
    if (in > STDIN_FILENO)
        (void)close(in);
    return ok;
}
