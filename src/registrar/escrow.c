/* Who had an epoch's secret sealed for somebody outside, and for which key. */
#include "keyring_private.h"
#include "leaf_private.h"
#include "registrar_private.h"

#include "resguardo/registrar_keys.h"

static int apply_escrow(struct registrar *r, void *arg, struct error *err)
{
    const struct escrow *x = arg;
    json_t *leaf, *evidence;

    if (keyring_permits(r, &x->by, err) != 0)
        return -1;
    leaf = keyring_leaf(r, "epoch_escrowed", &x->by);
    evidence = json_pack("{s:I}", "epoch", (json_int_t)x->epoch);
    leaf_hash(evidence, "recipient_sha256", x->recipient_sha256, SHA256_LEN);
    keyring_leaf_signed(evidence, &x->by);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

int registrar_record_escrow(struct registrar *r, struct escrow *escrow,
                            struct error *err)
{
    return queue_staff(r, apply_escrow, escrow, err);
}
