/*
 * The certificate of an erasure: what was destroyed, looked at once more, and
 * the proof that the ledger says so, for anyone to verify.
 */
#include "keep_private.h"
#include "registrar_private.h"
#include "upkeep_private.h"

#define ITEMS 1000u /* of one look */
/* Tries to empty the WAL, a second each, before the look at storage is ended.
 */
#define PATIENCE 10u

static int no_memory(struct error *err)
{
    return error_set(err, ERR_NOMEM, "no memory for a certificate");
}

static json_t *json_hash(const uint8_t hash[static SHA256_LEN])
{
    char hex[HEX_SIZE(SHA256_LEN)];

    hex_encode(hex, hash, SHA256_LEN);
    return json_string(hex);
}

static json_t *json_time(msec time)
{
    char text[TIME_SIZE];

    time_format(text, time);
    return json_string(text);
}

/* ---- what was destroyed ------------------------------------------------- */

struct looking {
    struct registrar *r;
    json_t *documents, *slots;
    char last[ID_SIZE];
    size_t n;
    uint64_t looked_at;
    struct error *err;
};

/* A file that a failing disk kept gets another chance. */
static int check_file(struct looking *l, const struct erasure_item *item)
{
    char place[BLOB_PLACE_SIZE];

    if (item->payload[0] == '\0')
        return 0;
    if (blob_place(item->payload, place, l->err) != 0)
        return -1;
    if (!blob_is_there(l->r->store, place))
        return 0;
    return blob_unlink(l->r->store, item->payload, l->err);
}

static int see_item(void *arg, const struct erasure_item *item)
{
    struct looking *l = arg;
    json_t *list, *o;

    SET(l->last, item->document);
    l->n++;
    if (item->slot == 0)
        return 0;
    if (slot_state(l->r->store, item->slot, l->err) != 0)
        return error_set(l->err, ERR_VERIFY, "slot %llu is not erased",
                         (unsigned long long)item->slot);
    l->looked_at++;
    if (check_file(l, item) != 0)
        return -1;
    if (item->payload[0] == '\0') {
        list = l->slots;
        o = json_pack("{s:s, s:I}", "of", item->document, "slot",
                      (json_int_t)item->slot);
    } else {
        list = l->documents;
        o = json_pack("{s:s, s:o, s:I}", "document_id", item->document,
                      "payload_sha256", json_hash(item->payload_sha256), "slot",
                      (json_int_t)item->slot);
    }
    return json_array_append_new(list, o) == 0 ? 0 : no_memory(l->err);
}

static int look(struct looking *l, const char *erasure)
{
    do {
        l->n = 0;
        if (erasure_item_list(l->r->store, erasure, l->last, ITEMS, see_item, l,
                              l->err) != 0)
            return -1;
    } while (l->n == ITEMS);
    return 0;
}

/* ---- the proof ---------------------------------------------------------- */

struct proven {
    struct buf entry;
    uint8_t leaf[LEDGER_HASH_LEN];
};

static json_t *path_of(const struct ledger_proof *proof)
{
    json_t *path = json_array();

    for (size_t i = 0; i < proof->n; i++)
        if (json_array_append_new(path, json_hash(proof->path[i])) != 0) {
            json_decref(path);
            return NULL;
        }
    return path;
}

static json_t *proof_json(struct registrar *r, const struct ledger_proof *proof,
                          const struct proven *l, const struct buf *note)
{
    return json_pack("{s:I, s:I, s:o, s:o, s:s%, s:s%, s:s}", "index",
                     (json_int_t)proof->index, "tree_size",
                     (json_int_t)proof->size, "leaf_hash", json_hash(l->leaf),
                     "proof", path_of(proof), "entry", (const char *)l->entry.p,
                     l->entry.len, "checkpoint", (const char *)note->p,
                     note->len, "vkey", ledger_vkey(r->ledger));
}

/* A proof that does not hold is nobody's: it is tried before it is given. */
static int check_proof(struct registrar *r, const struct ledger_proof *proof,
                       const struct proven *l, const struct buf *note,
                       struct error *err)
{
    struct ledger_checkpoint checkpoint;

    if (ledger_checkpoint_open(&checkpoint, (const char *)note->p, note->len,
                               ledger_vkey(r->ledger), err) != 0)
        return -1;
    return checkpoint.size == proof->size &&
                   ledger_proof_verify(proof, l->leaf, checkpoint.root)
               ? 0
               : error_set(err, ERR_VERIFY,
                           "the ledger does not prove the erasure");
}

static json_t *prove(struct registrar *r, const struct erasure_row *row,
                     struct error *err)
{
    uint64_t index = (uint64_t)row->leaf;
    struct proven l = { 0 };
    struct buf note = { 0 };
    struct ledger_proof proof;
    json_t *o = NULL;
    int found =
        row->leaf < 0 ? 0 : ledger_row_get(r->store, index, &l.entry, err);

    if (found == 0)
        (void)error_set(err, ERR_VERIFY, "an erasure without its leaf");
    if (found <= 0 || ledger_checkpoint(r->ledger, &note, err) != 0 ||
        ledger_prove(r->store, index, ledger_size(r->ledger), &proof, err) != 0)
        goto out;
    ledger_leaf_hash(l.leaf, l.entry.p, l.entry.len);
    if (check_proof(r, &proof, &l, &note, err) != 0)
        goto out;
    if ((o = proof_json(r, &proof, &l, &note)) == NULL)
        (void)no_memory(err);
out:
    buf_free(&note);
    buf_free(&l.entry);
    return o;
}

/* ---- the whole ---------------------------------------------------------- */

/* By their name as long as the keyring has it. */
static json_t *person(struct registrar *r, int64_t uid)
{
    const struct keyring_staff *staff =
        uid < 0 ? NULL : keyring_find(r->keyring, (uint32_t)uid);

    if (uid < 0)
        return json_null();
    return staff != NULL ? json_string(staff->name)
                         : json_sprintf("uid %lld", (long long)uid);
}

static json_t *whole(struct registrar *r, const struct erasure_row *row,
                     const struct looking *l, json_t *ledger)
{
    /* What Meta is still asked for has a slot of its own, and copies of it. */
    msec last = row->asked_until > r->now ? row->asked_until : r->now;
    msec effective = last + r->config->slots_backup_life;

    return json_pack(
        "{s:i, s:s, s:s?, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o,"
        " s:s, s:O, s:O, s:{s:I, s:b, s:b, s:b}, s:o}",
        "v", 1, "erasure_id", row->id, "controller", r->config->controller,
        "subject", row->subject, "scope", row->kind, "ground", row->ground,
        "cause", row->cause, "requested_at", json_time(row->requested),
        "requested_by", person(r, row->requested_by), "approved_by",
        person(r, row->approved_by), "executed_at", json_time(row->executed),
        "finished_at", json_time(r->now), "erasure_effective_at",
        json_time(effective), "method", "slot overwritten", "documents",
        l->documents, "slots", l->slots, "verification", "slots_looked_at",
        (json_int_t)l->looked_at, "slots_erased", 1, "payload_files_gone", 1,
        "wal_emptied", 1, "ledger", ledger);
}

int certificate_make(struct registrar *r, const struct erasure_row *row,
                     struct buf *out, struct error *err)
{
    struct looking l = {
        .r = r, .documents = json_array(), .slots = json_array(), .err = err
    };
    json_t *ledger = NULL, *o = NULL;
    int ok = -1;

    if (look(&l, row->id) != 0 || (ledger = prove(r, row, err)) == NULL)
        goto out;
    o = whole(r, row, &l, ledger);
    if (o == NULL || json_canonical(o, out) != 0)
        (void)no_memory(err);
    else
        ok = 0;
out:
    json_decref(o);
    json_decref(l.documents);
    json_decref(l.slots);
    return ok;
}

/* ---- the last step ------------------------------------------------------ */

struct finishing {
    struct erasing *e;
    struct buf certificate;
};

static int step_finish(struct registrar *r, void *arg, struct error *err)
{
    struct finishing *f = arg;
    struct erasure_row *row = &f->e->row;

    SET(row->state, "done");
    SET(row->step, "");
    row->finished = r->now;
    return erasure_set_certificate(r->store, row->id, f->certificate.p,
                                   f->certificate.len, err) != 0 ||
                   erasure_items_drop(r->store, row->id, err) != 0
               ? -1
               : erasure_update(r->store, row, err);
}

/* The WAL still holds what was sealed; a reader that keeps it from being
 * emptied is waited for. Our own look at all of storage may take long: in the
 * end it is begun anew. */
static int empty_wal(struct registrar *r, struct error *err)
{
    bool pause = ++r->wal_tries > PATIENCE;
    int ok;

    if (pause)
        deep_check_pause(r);
    ok = store_empty_wal(r->store, err);
    if (pause && deep_check_resume(r, err) != 0)
        return -1;
    if (ok != 0)
        return err->code == ERR_BUSY ? 0 : -1;
    r->wal_tries = 0;
    return 1;
}

int erasure_finish(struct erasing *e, struct error *err)
{
    struct finishing f = { .e = e };
    int done = empty_wal(e->r, err);

    if (done > 0 &&
        (certificate_make(e->r, &e->row, &f.certificate, err) != 0 ||
         batch_between(e->r, step_finish, &f, err) != 0))
        done = -1;
    buf_free(&f.certificate);
    return done;
}
