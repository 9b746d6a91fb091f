/* The identity files that an instance begins with. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory to set up");
}

/* ---- one ---------------------------------------------------------------- */

int key_prepare(struct key *k, const struct cli *cli, const char *path,
                const char *passphrase_file, struct error *e)
{
    k->path = strdup(path);
    if (k->path == NULL)
        return no_memory(e);
    k->fresh = access(path, F_OK) != 0;
    if (!k->fresh) {
        k->identity = identity_load(path, passphrase_file, e);
        return k->identity != NULL ? 0 : -1;
    }
    if (identity_passphrase(cli, path, passphrase_file, &k->passphrase, e) != 0)
        return -1;
    k->identity = age_identity_new(&random_system);
    return k->identity != NULL ? 0 : no_memory(e);
}

int key_write(struct key *k, msec now, struct error *e)
{
    if (!k->fresh || k->path == NULL)
        return 0;
    if (identity_write(k->path, k->identity, k->passphrase, now, e) != 0)
        return -1;
    k->written = true;
    return 0;
}

static void key_unwrite(struct key *k)
{
    if (k->written)
        (void)unlink(k->path);
    k->written = false;
}

void key_free(struct key *k)
{
    secret_free(&k->identity);
    secret_free(&k->passphrase);
    free(k->path);
    *k = (struct key){ 0 };
}

/* ---- both --------------------------------------------------------------- */

/* A file that answers for the officer does not answer for the custodian. */
static int check_both_files(const struct cli *cli, const char *custody,
                            struct error *e)
{
    if (cli->options[OPTION_PASSPHRASE_FILE] == NULL ||
        cli->options[OPTION_CUSTODY_PASSPHRASE_FILE] != NULL ||
        access(custody, F_OK) == 0)
        return 0;
    (void)error_set(e, ERR_USAGE,
                    "--passphrase-file is the officer's: the custodian needs "
                    "another passphrase");
    return error_hint(e, "give it with --custody-passphrase-file FILE, or the "
                         "custodian's recipient with --custody age1…");
}

static int prepare_custody(struct keys *k, const struct cli *cli,
                           struct error *e)
{
    const char *given = cli->options[OPTION_CUSTODY];
    const char *file = cli->options[OPTION_CUSTODY_PASSPHRASE_FILE];
    struct buf path = { 0 };
    int ok = -1;

    if (given != NULL && file != NULL)
        return error_set(e, ERR_USAGE,
                         "--custody and --custody-passphrase-file exclude each "
                         "other");
    if (given != NULL) {
        k->custody_given = true;
        if (age_recipient_parse(k->custody_recipient, given, e) == 0)
            return 0;
        return error_set(e, ERR_USAGE, "--custody: %s", e->text);
    }
    if (buf_addf(&path, "%s.custody", k->own.path) != 0)
        (void)no_memory(e);
    else if (check_both_files(cli, (const char *)path.p, e) == 0 &&
             key_prepare(&k->custody, cli, (const char *)path.p, file, e) == 0)
        ok = age_identity_recipient(k->custody_recipient, k->custody.identity);
    buf_free(&path);
    return ok;
}

static bool same_passphrase(const struct secret *a, const struct secret *b)
{
    return a != NULL && b != NULL && a->len == b->len &&
           sodium_memcmp(a->p, b->p, a->len) == 0;
}

/* Who reads documents must not also be the one who proves decisions. */
static int check_apart(const struct keys *k, struct error *e)
{
    uint8_t own[AGE_KEY_LEN];

    if (age_identity_recipient(own, k->own.identity) != 0)
        return error_set(e, ERR_INTERNAL, "not an identity of staff");
    if (memcmp(own, k->custody_recipient, sizeof(own)) == 0)
        return error_set(e, ERR_USAGE, "--custody is your own identity");
    return same_passphrase(k->own.passphrase, k->custody.passphrase)
               ? error_set(e, ERR_USAGE,
                           "the custodian needs another passphrase than yours")
               : 0;
}

int keys_prepare(struct keys *k, const struct cli *cli, struct error *e)
{
    if (cli->identity == NULL)
        return error_set(e, ERR_USAGE, "name an identity with --identity FILE");
    if (key_prepare(&k->own, cli, cli->identity,
                    cli->options[OPTION_PASSPHRASE_FILE], e) != 0 ||
        prepare_custody(k, cli, e) != 0)
        return -1;
    return check_apart(k, e);
}

int keys_write(struct keys *k, msec now, struct error *e)
{
    return key_write(&k->own, now, e) == 0 &&
                   key_write(&k->custody, now, e) == 0
               ? 0
               : -1;
}

void keys_unwrite(struct keys *k)
{
    key_unwrite(&k->own);
    key_unwrite(&k->custody);
}

void keys_tell(const struct keys *k)
{
    if (k->custody_given)
        return;
    (void)fprintf(stderr,
                  "move %s offline, to where only the institution's "
                  "custodian has it:\nit opens what proves each person's "
                  "decisions, and nothing here needs it\n",
                  k->custody.path);
    if (k->custody.passphrase != NULL)
        (void)fprintf(stderr,
                      "its passphrase goes to the custodian, apart from it\n");
}

void keys_free(struct keys *k)
{
    key_free(&k->own);
    key_free(&k->custody);
}
