/*
 * init: the one command that writes storage without the desk. Keys are made in
 * memory first, or come in a file that the officer's machine made; an existing
 * storage is refused before anything else is written, and what was made here is
 * taken back when that fails.
 */
#include "cli.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resguardo/config.h"
#include "resguardo/ledger.h"
#include "resguardo/store_log.h"

#define KEYRING_FILE_MAX ((size_t)64 * 1024)

struct setup {
    const struct cli *cli;
    struct config *config;
    msec now;
    struct keys keys; /* none of them with --keyring */
    struct founding founding;
    struct store *store;
};

static bool is_import(const struct setup *s)
{
    return s->cli->options[OPTION_KEYRING] != NULL;
}

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory to set up");
}

/* ---- keys --------------------------------------------------------------- */

/* What this machine calls a user; one without a name goes by the number. */
static void name_of(uint32_t uid, char out[static STAFF_NAME_SIZE])
{
    const struct passwd *user = getpwuid(uid);

    if (user != NULL && strlen(user->pw_name) < STAFF_NAME_SIZE &&
        utf8_valid(user->pw_name, strlen(user->pw_name)))
        memcpy(out, user->pw_name, strlen(user->pw_name) + 1);
    else
        (void)snprintf(out, STAFF_NAME_SIZE, "%u", (unsigned)uid);
}

static int make_founding(struct setup *s, struct error *e)
{
    char name[STAFF_NAME_SIZE];

    name_of((uint32_t)getuid(), name);
    if (keys_prepare(&s->keys, s->cli, e) != 0)
        return -1;
    return founding_make(&s->founding, &s->keys, (uint32_t)getuid(), name,
                         s->now, e);
}

/* The officer's uid is what the kernel will say of them here. */
static int check_user(const struct setup *s, struct error *e)
{
    const struct keyring_staff *officer = founding_officer(&s->founding);
    char name[STAFF_NAME_SIZE];

    name_of(officer->uid, name);
    if (strcmp(name, officer->name) == 0)
        return 0;
    (void)error_set(
        e, ERR_INPUT,
        "the keyring is for %s, uid %u; that user is called %s here",
        officer->name, (unsigned)officer->uid, name);
    return error_hint(e, "make the Unix user first, then vault init with its "
                         "--name and --uid");
}

static int read_founding(struct setup *s, struct error *e)
{
    const char *path = s->cli->options[OPTION_KEYRING];
    struct buf file = { 0 };
    int ok = file_read(path, KEYRING_FILE_MAX, &file, e);

    if (ok == 0 && founding_parse(&s->founding, file.p, file.len, e) != 0) {
        struct error why = *e;

        ok = error_set(e, why.code, "%s: %s", path, why.text);
    }
    buf_free(&file);
    return ok == 0 ? check_user(s, e) : -1;
}

static int check_usage(const struct cli *cli, struct error *e)
{
    static const enum option others[] = { OPTION_CUSTODY, OPTION_NO_PASSPHRASE,
                                          OPTION_PASSPHRASE_FILE,
                                          OPTION_CUSTODY_PASSPHRASE_FILE };

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (cli->options[OPTION_KEYRING] != NULL &&
            cli->options[others[i]] != NULL)
            return error_set(e, ERR_USAGE,
                             "--keyring brings its keys: no other option goes "
                             "with it");
    return 0;
}

static int prepare(struct setup *s, struct error *e)
{
    s->now = clock_now(&clock_system);
    if (config_load(&s->config, s->cli->options[OPTION_CONFIG], e) != 0 ||
        store_check_absent(s->config->storage, s->config->slots_mirror, e) != 0)
        return -1;
    return is_import(s) ? read_founding(s, e) : make_founding(s, e);
}

/* ---- rows --------------------------------------------------------------- */

static int put_founding(struct setup *s, struct error *e)
{
    const struct founding *f = &s->founding;

    for (size_t i = 0; i < FOUNDING_ENTRIES; i++)
        if (keyring_row_add(s->store, i, f->entries[i].p, f->entries[i].len,
                            f->signatures[i], SIGN_LEN, e) != 0)
            return -1;
    return keyring_grant_put(s->store, 1, founding_officer(f)->uid, f->grant.p,
                             f->grant.len, e);
}

static int pin(struct setup *s, const char *name, const char *text,
               struct error *e)
{
    struct buf path = { 0 };
    int ok;

    if (buf_addf(&path, "%s%s", store_keys_dir(s->store), name) != 0)
        ok = no_memory(e);
    else
        ok = file_create((char *)path.p, text, strlen(text), e);
    buf_free(&path);
    return ok;
}

/* What the daemon holds the keyring against: where it begins, and how far it
 * had come. Beside the keys, not in the database. */
static int pin_keyring(struct setup *s, struct error *e)
{
    uint8_t hash[KEYRING_HASH_LEN];
    char root[HEX_SIZE(KEYRING_HASH_LEN)], head[HEX_SIZE(KEYRING_HASH_LEN)];
    char line[sizeof(head) + 24];

    keyring_root(s->founding.ring, hash);
    hex_encode(root, hash, sizeof(hash));
    keyring_head(s->founding.ring, hash);
    hex_encode(head, hash, sizeof(hash));
    (void)snprintf(line, sizeof(line), "%llu %s\n",
                   (unsigned long long)keyring_size(s->founding.ring), head);
    if (pin(s, "keyring-root", root, e) != 0)
        return -1;
    return pin(s, "keyring-head", line, e);
}

static int put_rows(struct setup *s, struct error *e)
{
    if (store_begin(s->store, e) != 0)
        return -1;
    if (put_founding(s, e) == 0 && pin_keyring(s, e) == 0 &&
        ledger_create(s->store, s->config->public_host, &random_system, e) == 0)
        return store_commit(s->store, e);
    store_rollback(s->store);
    return -1;
}

/* ---- what this person knows from now on --------------------------------- */

static int write_known(struct setup *s, struct error *e)
{
    char root[HEX_SIZE(KEYRING_HASH_LEN)];
    struct ledger *ledger = NULL;
    struct known *known = NULL;
    int ok = -1;

    founding_root(&s->founding, root);
    if (ledger_open(&ledger, s->store, e) == 0 &&
        known_open(&known, s->keys.own.path, s->config->socket, e) == 0 &&
        known_set(known, "keyring_root", root, e) == 0 &&
        known_forget(known, "keyring_head", e) == 0 &&
        known_set(known, "ledger_key", ledger_vkey(ledger), e) == 0 &&
        known_forget(known, "checkpoint", e) == 0)
        ok = known_save(known, e);
    known_close(&known);
    ledger_close(&ledger);
    return ok;
}

/* What it means to have it all on one machine. */
static void warn_of_one_machine(void)
{
    (void)fprintf(stderr,
                  "whoever controls this machine now can have every key that "
                  "was made: where that matters, run vault init on the "
                  "officer's own machine and init --keyring here\n");
}

static int show(const struct setup *s, struct error *e)
{
    const struct keyring_staff *officer = founding_officer(&s->founding);
    char recipient[AGE_RECIPIENT_SIZE], root[HEX_SIZE(KEYRING_HASH_LEN)];
    uint8_t custody[AGE_KEY_LEN];

    age_recipient_format(recipient, officer->recipient);
    (void)printf("storage %s\nofficer %s, %s\n", s->config->storage,
                 officer->name, recipient);
    (void)keyring_custody(s->founding.ring, custody);
    age_recipient_format(recipient, custody);
    founding_root(&s->founding, root);
    (void)printf("custody %s\nkeyring root %s\n", recipient, root);
    if (!is_import(s)) {
        keys_tell(&s->keys);
        warn_of_one_machine();
    }
    return output_end(stdout, e);
}

/* ---- the command -------------------------------------------------------- */

/* What fails here leaves a storage behind that is not finished. */
static int fill(struct setup *s, struct error *e)
{
    if (store_open(&s->store, s->config->storage, s->config->slots_mirror,
                   STORE_WRITER, &random_system, e) == 0 &&
        put_rows(s, e) == 0)
        return 0;
    return error_hint(e, "remove the unfinished %s and run init again",
                      s->config->storage);
}

/* The storage, complete, or an error with the keys taken back; they are
 * written first, because nothing can be made without them. */
static int make(struct setup *s, struct error *e)
{
    struct error why = { 0 };

    if (keys_write(&s->keys, s->now, e) != 0 ||
        store_create(s->config->storage, s->config->slots_mirror, s->now,
                     &random_system, e) != 0 ||
        fill(s, e) != 0) {
        keys_unwrite(&s->keys);
        return -1;
    }

    /* The instance is whole; without this line the first contact pins. */
    if (!is_import(s) && write_known(s, &why) != 0)
        (void)fprintf(stderr, "warning: %s\n", why.text);
    return 0;
}

int init_run(const struct cli *cli, struct error *e)
{
    struct setup s = { .cli = cli };
    int ok = -1;

    if (check_usage(cli, e) == 0 && prepare(&s, e) == 0 && make(&s, e) == 0)
        ok = show(&s, e);
    store_close(&s.store);
    founding_free(&s.founding);
    keys_free(&s.keys);
    config_free(&s.config);
    return ok;
}
