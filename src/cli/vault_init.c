/*
 * vault init: on the officer's own machine. Makes identity, custody identity,
 * and the file that init --keyring takes on the server, so that whoever
 * controls the server never had a key.
 */
#include "cli.h"

#include <string.h>
#include <unistd.h>

static int read_uid(const struct cli *cli, uint32_t *out, struct error *e)
{
    const char *text = cli->options[OPTION_UID];
    int64_t uid;

    if (decimal_parse(text, strlen(text), UINT32_MAX - 1, &uid) != 0) {
        (void)error_set(e, ERR_USAGE, "--uid is not the number of a user");
        return error_hint(e, "on the server: id -u NAME");
    }
    *out = (uint32_t)uid;
    return 0;
}

/* This person seals nothing for another keyring at that address. */
static int pin_root(const struct cli *cli, const struct founding *f,
                    struct error *e)
{
    char root[HEX_SIZE(KEYRING_HASH_LEN)];
    struct known *known = NULL;
    int ok = -1;

    founding_root(f, root);
    if (known_open(&known, cli->identity, cli->socket, e) == 0 &&
        known_set(known, "keyring_root", root, e) == 0 &&
        known_forget(known, "keyring_head", e) == 0 &&
        known_forget(known, "ledger_key", e) == 0 &&
        known_forget(known, "checkpoint", e) == 0 &&
        known_forget(known, "seen", e) == 0)
        ok = known_save(known, e);
    known_close(&known);
    return ok;
}

static int show(const struct cli *cli, const struct founding *f,
                struct error *e)
{
    const struct keyring_staff *officer = founding_officer(f);
    char recipient[AGE_RECIPIENT_SIZE], root[HEX_SIZE(KEYRING_HASH_LEN)];
    uint8_t custody[AGE_KEY_LEN];

    founding_root(f, root);
    age_recipient_format(recipient, officer->recipient);
    (void)printf("keyring root %s\nofficer %s, uid %u, %s\n", root,
                 officer->name, (unsigned)officer->uid, recipient);
    (void)keyring_custody(f->ring, custody);
    age_recipient_format(recipient, custody);
    (void)printf("custody %s\n", recipient);
    (void)fprintf(stderr,
                  "the root is pinned for %s\ntake %s to the server, and run "
                  "there: resguardo init --config FILE --keyring FILE\nwhat it "
                  "prints as keyring root must be this one\n",
                  cli->socket, cli->options[OPTION_OUT]);
    return output_end(stdout, e);
}

static int write_all(const struct cli *cli, struct keys *keys,
                     const struct founding *f, msec now, struct error *e)
{
    const char *path = cli->options[OPTION_OUT];
    struct buf file = { 0 };
    bool made = false;
    int ok = -1;

    if (founding_format(f, &file, e) != 0)
        goto out;
    ok = keys_write(keys, now, e);
    if (ok == 0) {
        ok = file_create(path, file.p, file.len, e);
        made = ok == 0;
    }
    if (ok == 0)
        ok = pin_root(cli, f, e);
    if (ok != 0) {
        if (made)
            (void)unlink(path);
        keys_unwrite(keys);
    }
out:
    buf_free(&file);
    return ok;
}

int vault_run_init(const struct cli *cli, struct error *e)
{
    const char *name = cli->options[OPTION_NAME];
    const msec now = clock_now(&clock_system);
    struct founding f = { 0 };
    struct keys keys = { 0 };
    uint32_t uid = 0;
    int ok = -1;

    if (read_uid(cli, &uid, e) != 0)
        return -1;
    if (strlen(name) >= STAFF_NAME_SIZE)
        return error_set(e, ERR_USAGE, "--name is not the name of a Unix user");
    if (access(cli->options[OPTION_OUT], F_OK) == 0)
        return error_set(e, ERR_CONFLICT, "%s is there already",
                         cli->options[OPTION_OUT]);
    if (keys_prepare(&keys, cli, e) != 0 ||
        founding_make(&f, &keys, uid, name, now, e) != 0) {
        if (e->code == ERR_VERIFY) /* the keyring's rules, of what was typed */
            e->code = ERR_USAGE;
        goto out;
    }
    if (write_all(cli, &keys, &f, now, e) != 0)
        goto out;
    keys_tell(&keys);
    ok = show(cli, &f, e);
out:
    founding_free(&f);
    keys_free(&keys);
    return ok;
}
