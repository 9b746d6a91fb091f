/*
 * ledger reopen: offline, run as the user that runs the daemon, while that is
 * stopped. ledger rotate-key: at the desk.
 */
#include "cli.h"

#include <inttypes.h>
#include <string.h>

#include "resguardo/config.h"
#include "resguardo/ledger.h"
#include "resguardo/registrar.h"
#include "resguardo/registrar_keys.h"
#include "resguardo/store.h"

struct reopen {
    const struct cli *cli;
    struct config *config;
    struct store *store;
    struct keyring *keyring;
    struct secret *identities[2];
    struct known *known;
    struct buf last;
    struct ledger_change change;
};

/* Whose identity it is: an officer by the keyring. */
static const char *officer_of(const struct reopen *r, size_t i,
                              const char *path, struct error *e)
{
    const struct keyring_staff *staff;
    uint8_t key[SIGN_PUBLIC_LEN];

    if (staff_sign_public(key, r->identities[i]) != 0) {
        (void)error_set(e, ERR_INPUT, "%s: not an identity of staff", path);
        return NULL;
    }
    for (size_t k = 0; (staff = keyring_staff_at(r->keyring, k)) != NULL; k++)
        if (memcmp(staff->sign_key, key, sizeof(key)) == 0 &&
            (staff->roles & ROLE_OFFICER) != 0)
            return staff->name;
    (void)error_set(e, ERR_NOT_PERMITTED, "%s: not of an officer", path);
    return NULL;
}

static int prepare(struct reopen *r, struct error *e)
{
    const struct cli *cli = r->cli;
    const char *last = cli->options[OPTION_LAST];

    if (config_load(&r->config, cli->options[OPTION_CONFIG], e) != 0 ||
        (last != NULL && file_read(last, LIMIT_NOTE_BYTES, &r->last, e) != 0) ||
        known_open(&r->known, cli->identity, r->config->socket, e) != 0)
        return -1;
    r->identities[0] =
        identity_load(cli->identity, cli->options[OPTION_PASSPHRASE_FILE], e);
    if (r->identities[0] == NULL)
        return -1;
    r->identities[1] = identity_load(cli->options[OPTION_SECOND], NULL, e);
    if (r->identities[1] == NULL)
        return -1;
    return store_open(&r->store, r->config->storage, r->config->slots_mirror,
                      STORE_WRITER, &random_system, e) != 0
               ? -1
               : keyring_log_open(r->store, &r->keyring, e);
}

static int decide(struct reopen *r, struct error *e)
{
    const struct cli *cli = r->cli;
    struct ledger_reopening by = {
        .host = r->config->public_host,
        .now = clock_now(&clock_system),
        .identities = { r->identities[0], r->identities[1] },
        .keyring_size = keyring_size(r->keyring),
        .last = r->last.len > 0 ? (const char *)r->last.p : NULL,
        .last_len = r->last.len,
        .seen = { known_get(r->known, "checkpoint"),
                  known_get(r->known, "seen") },
        .vkey = known_get(r->known, "ledger_key"),
        .random = &random_system,
    };

    by.names[0] = officer_of(r, 0, cli->identity, e);
    by.names[1] = by.names[0] == NULL
                      ? NULL
                      : officer_of(r, 1, cli->options[OPTION_SECOND], e);
    if (by.names[1] == NULL)
        return -1;
    if (strcmp(by.names[0], by.names[1]) == 0)
        return error_set(e, ERR_NOT_PERMITTED,
                         "both identities are of one officer");
    if (ledger_reopen(r->store, &by, &r->change, e) != 0)
        return -1;
    return store_checkpoint(r->store, true, e);
}

static int show(const struct reopen *r, struct error *e)
{
    const struct ledger_change *c = &r->change;
    uint64_t lost = c->last.size > c->index ? c->last.size - c->index : 0;
    json_t *o;
    int ok;

    if (!r->cli->json) {
        (void)printf("the ledger goes on as %s\n"
                     "%" PRIu64 " entries are left of the %" PRIu64
                     " that were signed: %" PRIu64 " are lost\n",
                     c->vkey, c->index, c->last.size, lost);
        return output_end(stdout, e);
    }
    o = json_pack("{s:s, s:s, s:I, s:I}", "vkey", c->vkey, "former_vkey",
                  c->former, "signed", (json_int_t)c->last.size, "restored",
                  (json_int_t)c->index);
    ok = output_json(stdout, o, e);
    json_decref(o);
    return ok != 0 ? -1 : output_end(stdout, e);
}

int ledger_run_reopen(const struct cli *cli, struct error *e)
{
    struct reopen r = { .cli = cli };
    int ok = -1;

    if (prepare(&r, e) == 0 && decide(&r, e) == 0)
        ok = show(&r, e);
    keyring_free(&r.keyring);
    store_close(&r.store);
    secret_free(&r.identities[0]);
    secret_free(&r.identities[1]);
    known_close(&r.known);
    buf_free(&r.last);
    config_free(&r.config);
    return ok;
}

int ledger_run_rotate(const struct cli *cli, struct error *e)
{
    json_t *answer = NULL;
    int ok = session_once(cli, "/ledger/key", json_object(), &answer, e);
    const char *vkey = json_str(answer, "vkey");

    if (ok == 0 && vkey == NULL)
        ok = error_set(e, ERR_INPUT, "the desk's answer is malformed");
    if (ok == 0 && !cli->json)
        (void)printf("the ledger is signed with %s from now on\n", vkey);
    if (ok == 0)
        ok = cli->json ? output_json(stdout, answer, e) : output_end(stdout, e);
    json_decref(answer);
    return ok;
}
