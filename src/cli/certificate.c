/*
 * The certificate of an erasure, as anyone can verify it: the ledger's entry
 * that says so, its way to the root of a checkpoint, and who signed that.
 */
#include "cli.h"

#include <string.h>

#include "resguardo/ledger.h"

static int malformed(struct error *e)
{
    return error_set(e, ERR_VERIFY, "the certificate is malformed");
}

static int read_hash(uint8_t out[static SHA256_LEN], const char *hex)
{
    return hex == NULL ? -1
                       : hex_decode(out, SHA256_LEN, hex, strlen(hex), false);
}

static int read_proof(struct ledger_proof *proof, const json_t *ledger)
{
    const json_t *path = json_object_get(ledger, "proof"), *item;
    const json_t *index = json_object_get(ledger, "index");
    const json_t *size = json_object_get(ledger, "tree_size");
    size_t i;

    if (!json_is_integer(index) || json_integer_value(index) < 0 ||
        !json_is_integer(size) || json_integer_value(size) < 1 ||
        !json_is_array(path) || json_array_size(path) > LEDGER_PROOF_MAX)
        return -1;
    *proof =
        (struct ledger_proof){ .index = (uint64_t)json_integer_value(index),
                               .size = (uint64_t)json_integer_value(size),
                               .n = json_array_size(path) };
    json_array_foreach(path, i, item)
    {
        if (read_hash(proof->path[i], json_string_value(item)) != 0)
            return -1;
    }
    return 0;
}

/* The entry is about this erasure: all that both say is the same. */
static int check_entry(const json_t *paper, const char *entry, struct error *e)
{
    static const char *const members[] = { "erasure_id", "subject", "scope",
                                           "ground" };
    json_t *leaf = json_parse(entry, strlen(entry), e);
    const json_t *documents = json_object_get(paper, "documents");
    bool same = json_integer_value(json_object_get(leaf, "documents")) ==
                (json_int_t)json_array_size(documents);

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const char *says = json_str(leaf, members[i]);
        const char *claims = json_str(paper, members[i]);

        same =
            same && says != NULL && claims != NULL && strcmp(says, claims) == 0;
    }
    json_decref(leaf);
    return same ? 0
                : error_set(e, ERR_VERIFY,
                            "the certificate says something else than the "
                            "ledger");
}

int certificate_verify(const json_t *paper, const char *known, struct error *e)
{
    const json_t *ledger = json_object_get(paper, "ledger");
    const char *note = json_str(ledger, "checkpoint");
    const char *vkey = json_str(ledger, "vkey");
    const char *entry = json_str(ledger, "entry");
    struct ledger_checkpoint checkpoint;
    struct ledger_proof proof;
    uint8_t leaf[LEDGER_HASH_LEN];

    if (note == NULL || vkey == NULL || entry == NULL ||
        read_proof(&proof, ledger) != 0)
        return malformed(e);
    if (known != NULL && strcmp(known, vkey) != 0)
        return error_set(e, ERR_VERIFY,
                         "the certificate is signed by another ledger than the "
                         "one known here");
    ledger_leaf_hash(leaf, entry, strlen(entry));
    if (ledger_checkpoint_open(&checkpoint, note, strlen(note), vkey, e) != 0)
        return error_set(e, ERR_VERIFY,
                         "the certificate's checkpoint does not hold");
    if (checkpoint.size != proof.size ||
        !ledger_proof_verify(&proof, leaf, checkpoint.root))
        return error_set(e, ERR_VERIFY,
                         "the certificate's proof does not hold");
    return check_entry(paper, entry, e);
}
