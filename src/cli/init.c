/*
 * init: the one command that writes storage without the desk. Keys are made in
 * memory first; an existing storage is refused before anything else is
 * written, and what was made here is taken back when that fails.
 */
#include "cli.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resguardo/config.h"
#include "resguardo/ledger.h"
#include "resguardo/store.h"

/* An identity file: read if it is there, otherwise made. */
struct key {
    char *path;
    struct secret *identity;
    bool fresh, written;
};

struct setup {
    const struct cli *cli;
    struct config *config;
    msec now;
    uint32_t uid;
    char name[STAFF_NAME_SIZE];
    struct key own, custody;
    bool custody_given; /* --custody: its identity is elsewhere */
    uint8_t custody_recipient[AGE_KEY_LEN];
    struct store *store;
    struct keyring *keyring;
    struct buf entry; /* of the keyring, one after the other */
    uint8_t signature[SIGN_LEN];
    uint64_t seq;
};

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory to set up");
}

/* ---- keys --------------------------------------------------------------- */

static int key_prepare(struct key *k, const char *path, struct error *e)
{
    k->path = strdup(path);
    if (k->path == NULL)
        return no_memory(e);
    k->fresh = access(path, F_OK) != 0;
    k->identity =
        k->fresh ? age_identity_new(&random_system) : identity_load(path, e);
    if (k->identity == NULL)
        return k->fresh ? no_memory(e) : -1;
    return 0;
}

static int key_write(struct key *k, msec now, struct error *e)
{
    if (!k->fresh)
        return 0;
    if (identity_write(k->path, k->identity, now, e) != 0)
        return -1;
    k->written = true;
    return 0;
}

/* Takes back what nothing hangs on yet. */
static void key_unwrite(struct key *k)
{
    if (k->written)
        (void)unlink(k->path);
    k->written = false;
}

static void key_wipe(struct key *k)
{
    secret_free(&k->identity);
    free(k->path);
}

static int prepare_custody(struct setup *s, struct error *e)
{
    const char *given = s->cli->options[OPTION_CUSTODY];
    struct buf path = { 0 };
    int ok = -1;

    if (given != NULL) {
        s->custody_given = true;
        if (age_recipient_parse(s->custody_recipient, given, e) == 0)
            return 0;
        return error_set(e, ERR_USAGE, "--custody: %s", e->text);
    }
    if (buf_addf(&path, "%s.custody", s->own.path) != 0)
        (void)no_memory(e);
    else if (key_prepare(&s->custody, (const char *)path.p, e) == 0)
        ok = age_identity_recipient(s->custody_recipient, s->custody.identity);
    buf_free(&path);
    return ok;
}

/* Who reads documents must not also be the one who proves decisions. */
static int check_apart(const struct setup *s, struct error *e)
{
    uint8_t own[AGE_KEY_LEN];

    if (age_identity_recipient(own, s->own.identity) != 0)
        return error_set(e, ERR_INTERNAL, "not an identity of staff");
    if (memcmp(own, s->custody_recipient, sizeof(own)) == 0)
        return error_set(e, ERR_USAGE, "--custody is your own identity");
    return 0;
}

/* The real user; one without a name goes by the number. */
static void prepare_person(struct setup *s)
{
    const struct passwd *me;

    s->uid = (uint32_t)getuid();
    me = getpwuid(getuid());
    if (me != NULL && strlen(me->pw_name) < sizeof(s->name) &&
        utf8_valid(me->pw_name, strlen(me->pw_name)))
        memcpy(s->name, me->pw_name, strlen(me->pw_name) + 1);
    else
        (void)snprintf(s->name, sizeof(s->name), "%u", (unsigned)s->uid);
}

static int prepare(struct setup *s, struct error *e)
{
    s->now = clock_now(&clock_system);
    prepare_person(s);
    if (config_load(&s->config, s->cli->options[OPTION_CONFIG], e) != 0)
        return -1;
    if (s->cli->identity == NULL)
        return error_set(e, ERR_USAGE, "name an identity with --identity FILE");
    if (key_prepare(&s->own, s->cli->identity, e) != 0 ||
        prepare_custody(s, e) != 0)
        return -1;
    return check_apart(s, e);
}

/* ---- rows --------------------------------------------------------------- */

/* Stores the entry that was just signed. */
static int put_entry(struct setup *s, struct error *e)
{
    return keyring_row_add(s->store, s->seq++, s->entry.p, s->entry.len,
                           s->signature, sizeof(s->signature), e);
}

static int put_people(struct setup *s, struct error *e)
{
    struct keyring_staff me = { .uid = s->uid, .roles = ROLE__ALL };

    memcpy(me.name, s->name, sizeof(me.name));
    if (age_identity_recipient(me.recipient, s->own.identity) != 0 ||
        staff_sign_public(me.sign_key, s->own.identity) != 0)
        return error_set(e, ERR_INTERNAL, "not an identity of staff");
    if (keyring_sign_root(s->keyring, s->own.identity, s->uid, s->name,
                          s->custody_recipient, s->now, &s->entry, s->signature,
                          e) != 0 ||
        put_entry(s, e) != 0)
        return -1;
    if (keyring_sign_staff(s->keyring, s->own.identity, &me, s->now, &s->entry,
                           s->signature, e) != 0)
        return -1;
    return put_entry(s, e);
}

/* The grant is an age file of an identity file, so that age itself opens it. */
static int put_grant(struct setup *s, const struct secret *epoch,
                     struct error *e)
{
    uint8_t me[1][AGE_KEY_LEN];
    struct buf text = { 0 }, file = { 0 };
    int ok = -1;

    if (age_identity_recipient(me[0], s->own.identity) != 0 ||
        age_identity_file_format(&text, epoch, s->now) != 0)
        (void)no_memory(e);
    else if (age_seal(&file, (const uint8_t(*)[AGE_KEY_LEN])me, 1,
                      &random_system, text.p, text.len, e) == 0)
        ok = keyring_grant_put(s->store, 1, s->uid, file.p, file.len, e);
    buf_free(&text);
    buf_free(&file);
    return ok;
}

static int put_epoch(struct setup *s, struct error *e)
{
    struct secret *epoch = age_identity_new(&random_system);
    uint8_t recipient[AGE_KEY_LEN];
    int ok = -1;

    if (epoch == NULL || age_identity_recipient(recipient, epoch) != 0)
        (void)no_memory(e);
    else if (keyring_sign_epoch(s->keyring, s->own.identity, recipient, s->now,
                                &s->entry, s->signature, e) == 0 &&
             put_entry(s, e) == 0)
        ok = put_grant(s, epoch, e);
    secret_free(&epoch);
    return ok;
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

    keyring_root(s->keyring, hash);
    hex_encode(root, hash, sizeof(hash));
    keyring_head(s->keyring, hash);
    hex_encode(head, hash, sizeof(hash));
    (void)snprintf(line, sizeof(line), "%llu %s\n",
                   (unsigned long long)keyring_size(s->keyring), head);
    if (pin(s, "keyring-root", root, e) != 0)
        return -1;
    return pin(s, "keyring-head", line, e);
}

static int put_rows(struct setup *s, struct error *e)
{
    if (store_begin(s->store, e) != 0)
        return -1;
    if (put_people(s, e) == 0 && put_epoch(s, e) == 0 &&
        pin_keyring(s, e) == 0 &&
        ledger_create(s->store, s->config->public_host, &random_system, e) == 0)
        return store_commit(s->store, e);
    store_rollback(s->store);
    return -1;
}

/* ---- what this person knows from now on --------------------------------- */

static int write_known(struct setup *s, struct error *e)
{
    uint8_t root[KEYRING_HASH_LEN];
    char hex[HEX_SIZE(KEYRING_HASH_LEN)];
    struct ledger *ledger = NULL;
    struct known *known = NULL;
    int ok = -1;

    keyring_root(s->keyring, root);
    hex_encode(hex, root, sizeof(root));
    if (ledger_open(&ledger, s->store, e) == 0 &&
        known_open(&known, s->own.path, s->config->socket, e) == 0 &&
        known_set(known, "keyring_root", hex, e) == 0 &&
        known_forget(known, "keyring_head", e) == 0 &&
        known_set(known, "ledger_key", ledger_vkey(ledger), e) == 0 &&
        known_forget(known, "checkpoint", e) == 0)
        ok = known_save(known, e);
    known_close(&known);
    ledger_close(&ledger);
    return ok;
}

static int show(const struct setup *s, struct error *e)
{
    char recipient[AGE_RECIPIENT_SIZE];
    uint8_t own[AGE_KEY_LEN];

    if (age_identity_recipient(own, s->own.identity) != 0)
        return error_set(e, ERR_INTERNAL, "not an identity of staff");
    age_recipient_format(recipient, own);
    (void)printf("storage %s\nofficer %s, %s\n", s->config->storage, s->name,
                 recipient);
    age_recipient_format(recipient, s->custody_recipient);
    (void)printf("custody %s\n", recipient);
    if (!s->custody_given)
        (void)fprintf(stderr,
                      "move %s offline, to where only the institution's "
                      "custodian has it:\nit opens what proves each person's "
                      "decisions, and nothing here needs it\n",
                      s->custody.path);
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

    if (store_check_absent(s->config->storage, s->config->slots_mirror, e) != 0)
        return -1;
    if (key_write(&s->own, s->now, e) != 0 ||
        key_write(&s->custody, s->now, e) != 0 ||
        store_create(s->config->storage, s->config->slots_mirror, s->now,
                     &random_system, e) != 0 ||
        fill(s, e) != 0) {
        key_unwrite(&s->own);
        key_unwrite(&s->custody);
        return -1;
    }

    /* The instance is whole; without this line the first contact pins. */
    if (write_known(s, &why) != 0)
        (void)fprintf(stderr, "warning: %s\n", why.text);
    return 0;
}

static int check_usage(const struct cli *cli, struct error *e)
{
    if (cli->options[OPTION_NO_PASSPHRASE] != NULL)
        return 0;
    (void)error_set(e, ERR_USAGE,
                    "an identity with a passphrase cannot be made yet");
    return error_hint(e, "passphrases come in a later version; until then "
                         "--no-passphrase must be given");
}

int init_run(const struct cli *cli, struct error *e)
{
    struct setup s = { .cli = cli };
    int ok = -1;

    if (check_usage(cli, e) != 0)
        return -1;
    s.keyring = keyring_new();
    if (s.keyring == NULL)
        (void)no_memory(e);
    else if (prepare(&s, e) == 0 && make(&s, e) == 0)
        ok = show(&s, e);
    store_close(&s.store);
    keyring_free(&s.keyring);
    key_wipe(&s.own);
    key_wipe(&s.custody);
    buf_free(&s.entry);
    config_free(&s.config);
    return ok;
}
