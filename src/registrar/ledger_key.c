/* The ledger's key as others see it, and its exchange. */
#include "keyring_private.h"
#include "leaf_private.h"
#include "registrar_private.h"

#include <stdlib.h>
#include <string.h>

#include "resguardo/registrar_keys.h"

/* Whoever got one may go on reading it: each stays until the close. */
struct shown_key {
    struct shown_key *former;
    char vkey[LEDGER_VKEY_SIZE];
};

int ledger_key_show(struct registrar *r, struct error *err)
{
    const char *vkey = ledger_vkey(r->ledger);
    struct shown_key *k;

    if (r->shown_key != NULL && strcmp(r->shown_key->vkey, vkey) == 0)
        return 0;
    if ((k = calloc(1, sizeof(*k))) == NULL)
        return error_set(err, ERR_NOMEM, "no memory for the ledger's key");
    memcpy(k->vkey, vkey, strlen(vkey) + 1);
    k->former = r->shown_key;
    __atomic_store_n(&r->shown_key, k, __ATOMIC_RELEASE);
    return 0;
}

const char *registrar_vkey(const struct registrar *r)
{
    return __atomic_load_n(&r->shown_key, __ATOMIC_ACQUIRE)->vkey;
}

void ledger_key_close(struct registrar *r)
{
    while (r->shown_key != NULL) {
        struct shown_key *k = r->shown_key;

        r->shown_key = k->former;
        free(k);
    }
}

int ledger_key_checkpoint(struct registrar *r, struct buf *note,
                          struct error *err)
{
    return ledger_checkpoint(r->ledger, note, err) != 0
               ? -1
               : ledger_key_show(r, err);
}

static int rotate(struct registrar *r, void *arg, struct error *err)
{
    const struct staff_access *by = arg;
    char vkey[LEDGER_VKEY_SIZE];
    json_t *leaf, *evidence;

    if (keyring_permits(r, by, err) != 0 ||
        ledger_rotate(r->ledger, r->random, r->now, vkey, err) != 0)
        return -1;
    leaf = keyring_leaf(r, "ledger_key_rotated", by);
    evidence = json_object();
    leaf_text(evidence, "former_vkey", ledger_vkey(r->ledger));
    leaf_text(evidence, "vkey", vkey);
    keyring_leaf_signed(evidence, by);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

int registrar_rotate_ledger_key(struct registrar *r,
                                const struct staff_access *by, struct buf *note,
                                struct error *err)
{
    struct staff_access access = *by;

    return queue_staff(r, rotate, &access, err) != 0
               ? -1
               : registrar_checkpoint(r, note, err);
}

/* ---- cosignatures ------------------------------------------------------- */

/* To the lines that came come those that are stored, in one step: two who hand
 * one in at once lose none. There is one tree of a size. */
static int add_stored(struct registrar *r, const struct cosigned *c,
                      struct error *err)
{
    const struct config *config = r->config;
    struct ledger_witness w;
    struct buf stored = { 0 };
    uint64_t is = 0;
    int ok = cosigned_get(r->store, c->size, &is, &stored, err) < 0 ? -1 : 0;

    for (size_t i = 0;
         ok == 0 && stored.len > 0 && is == c->size && i < config->nwitnesses;
         i++)
        if (ledger_witness_parse(&w, config->witnesses[i], err) != 0 ||
            ledger_cosign(c->note, (const char *)stored.p, stored.len, &w,
                          err) < 0)
            ok = -1;
    buf_free(&stored);
    return ok;
}

static int keep_cosigned(struct registrar *r, void *arg, struct error *err)
{
    const struct cosigned *c = arg;

    if (add_stored(r, c, err) != 0)
        return -1;
    return cosigned_put(r->store, c->size, c->note->p, c->note->len, err);
}

int registrar_keep_cosigned(struct registrar *r, struct cosigned *cosigned,
                            struct error *err)
{
    return queue_staff(r, keep_cosigned, cosigned, err);
}
