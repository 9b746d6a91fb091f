/*
 * Headers, moved from one epoch to the next by an officer's CLI. The daemon
 * cannot see what is in one, so it takes none on trust: a header is looked at
 * as far as can be seen from outside, named in the ledger by its hash, and the
 * one before is kept until somebody has taken the new one from here and opened
 * it. Where there are two officers, or were, it is not the one who moved it,
 * nor somebody whom they put on the keyring today: alone, nobody can spoil a
 * document.
 */
#include "keep_private.h"
#include "keyring_private.h"
#include "leaf_private.h"
#include "registrar_private.h"

#include <string.h>

#include "resguardo/registrar_keys.h"

static void hash_header(uint8_t out[static SHA256_LEN],
                        const struct buf *header)
{
    sha256_of(out, header->p, header->len);
}

/* {document_id, header_sha256} to the list, with further hashes. */
static json_t *named(const char *document, const uint8_t *header,
                     const uint8_t *former)
{
    char hex[HEX_SIZE(SHA256_LEN)], before[HEX_SIZE(SHA256_LEN)] = "";

    hex_encode(hex, header, SHA256_LEN);
    if (former != NULL)
        hex_encode(before, former, SHA256_LEN);
    return json_pack("{s:s, s:s, s:s*}", "document_id", document,
                     "header_sha256", hex, "former_sha256",
                     former != NULL ? before : NULL);
}

/* ---- moving ------------------------------------------------------------- */

static int check_header(const struct rewrap_item *item, struct error *err)
{
    size_t took = 0;

    if (age_header_check(item->header.p, item->header.len, &took, err) != 0)
        return error_set(err, ERR_INPUT, "document %s: %s", item->document,
                         err->text);
    return took == item->header.len
               ? 0
               : error_set(err, ERR_INPUT,
                           "document %s: header: bytes follow it",
                           item->document);
}

/* Is it the header in place that was opened for this, or the proven one before
 * it, because the one in place does not open? */
static bool follows(const struct document_row *row, const struct rewrap *w,
                    const struct rewrap_item *item)
{
    if (row->epoch < w->epoch)
        return item->former == row->epoch || item->former == row->former_epoch;
    return row->former_epoch != 0 && item->former == row->former_epoch;
}

/* A document that was erased meanwhile, or rewrapped by a colleague, is left
 * as it is; a proven header of this very epoch is never replaced. */
static int put_header(struct registrar *r, struct rewrap *w,
                      const struct rewrap_item *item, json_t *list,
                      struct error *err)
{
    uint8_t before[SHA256_LEN], after[SHA256_LEN];
    struct document_row row;
    struct buf header = { 0 };
    int found = document_get(r->store, item->document, &row, err), ok;

    if (found <= 0)
        return found;
    if (!follows(&row, w, item) || strcmp(row.state, "erased") == 0)
        return 0;
    if (document_header(r->store, &row, &header, err) != 0)
        return -1;
    hash_header(before, &header);
    hash_header(after, &item->header);
    buf_free(&header);
    ok = document_set_header(r->store, &row, w->epoch, w->by.uid, r->now,
                             item->header.p, item->header.len, err);
    if (ok == 0 &&
        json_array_append_new(list, named(row.id, after, before)) != 0)
        ok = error_set(err, ERR_NOMEM, "no memory for a ledger entry");
    if (ok == 0)
        w->done++;
    return ok;
}

/* One leaf for a page: how many, and each by its hashes. Takes the list. */
static int put_leaf(struct registrar *r, const char *event,
                    const struct staff_access *by, unsigned epoch, json_t *list,
                    struct error *err)
{
    json_t *leaf = keyring_leaf(r, event, by);
    json_t *evidence =
        json_pack("{s:I}", "documents", (json_int_t)json_array_size(list));

    if (epoch > 0)
        leaf_value(evidence, "epoch", json_integer((json_int_t)epoch));
    leaf_value(evidence, "headers", list);
    keyring_leaf_signed(evidence, by);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

int headers_move(struct registrar *r, void *arg, struct error *err)
{
    struct rewrap *w = arg;
    json_t *list;

    w->done = 0;
    if (keyring_permits(r, &w->by, err) != 0)
        return -1;
    if (w->epoch != keyring_epoch(keyring_newest(r)))
        return error_set(err, ERR_CONFLICT, "there is a newer epoch by now");
    for (size_t i = 0; i < w->n; i++)
        if (check_header(&w->items[i], err) != 0)
            return -1;
    list = json_array();
    for (size_t i = 0; i < w->n; i++)
        if (put_header(r, w, &w->items[i], list, err) != 0) {
            json_decref(list);
            return -1;
        }
    if (w->done > 0)
        return put_leaf(r, "header_rewrapped", &w->by, w->epoch, list, err);
    json_decref(list);
    return 0;
}

int registrar_rewrap(struct registrar *r, struct rewrap *rewrap,
                     struct error *err)
{
    return queue_staff(r, headers_move, rewrap, err);
}

/* ---- proving ------------------------------------------------------------ */

static bool other_officer(const struct keyring *k, uint32_t uid)
{
    const struct keyring_staff *staff;

    for (size_t i = 0; (staff = keyring_staff_at(k, i)) != NULL; i++)
        if (staff->uid != uid && (staff->roles & ROLE_OFFICER) != 0 &&
            !staff->enrols)
            return true;
    return false;
}

/* An officer's own move. Who was never alone may have made themselves so, by
 * revoking the other: that is theirs to be seen for a while first. */
static int check_own(struct store *store, const struct keyring *k,
                     const struct document_row *row, msec now,
                     struct error *err)
{
    int64_t two = 0;

    if (other_officer(k, row->moved_by)) {
        (void)error_set(err, ERR_NOT_PERMITTED,
                        "another officer proves what you moved");
        return error_hint(err, "they run: resguardo vault rewrap");
    }
    if (meta_get_int(store, META_TWO_OFFICERS, &two, err) < 0)
        return -1;
    if (two == 0 || now - row->moved >= LIMIT_PROOF_ALONE_D * MSEC_D)
        return 0;
    (void)error_set(err, ERR_NOT_PERMITTED,
                    "there was another officer: who is left proves what they "
                    "moved after %d days",
                    LIMIT_PROOF_ALONE_D);
    return error_hint(err, "a new officer proves it a day after they joined");
}

/* A colleague whom one officer made today is that officer. */
static int check_other(struct store *store, uint32_t mover, uint32_t uid,
                       msec now, struct error *err)
{
    bool is[2];

    if (newcomer_is(store, mover, now, &is[0], err) != 0 ||
        newcomer_is(store, uid, now, &is[1], err) != 0)
        return -1;
    if (!is[0] && !is[1])
        return 0;
    (void)error_set(err, ERR_NOT_PERMITTED,
                    "one officer alone put who %s it on the keyring less than "
                    "a day ago",
                    is[0] ? "moved" : "proves");
    return error_hint(err, "another officer proves it, or the same one "
                           "tomorrow");
}

int header_check_prover(struct store *store, const struct keyring *k,
                        const struct document_row *row, uint32_t uid, msec now,
                        struct error *err)
{
    return row->moved_by == uid
               ? check_own(store, k, row, now, err)
               : check_other(store, row->moved_by, uid, now, err);
}

/* 1: it is this header that is in place, and unproven. */
static int is_meant(struct registrar *r, const struct document_row *row,
                    const struct proof_item *item, struct error *err)
{
    uint8_t hash[SHA256_LEN];
    struct buf header = { 0 };

    if (row->former_epoch == 0 || strcmp(row->state, "erased") == 0)
        return 0;
    if (document_header(r->store, row, &header, err) != 0)
        return -1;
    hash_header(hash, &header);
    buf_free(&header);
    return memcmp(hash, item->sha256, sizeof(hash)) == 0;
}

static int prove_header(struct registrar *r, struct proof *p,
                        const struct proof_item *item, json_t *list,
                        struct error *err)
{
    struct document_row row;
    int found = document_get(r->store, item->document, &row, err);

    if (found > 0)
        found = is_meant(r, &row, item, err);
    if (found <= 0)
        return found;
    if (header_check_prover(r->store, keyring_newest(r), &row, p->by.uid,
                            r->now, err) != 0)
        return -1;
    if (document_prove_header(r->store, &row, err) != 0)
        return -1;
    if (json_array_append_new(list, named(row.id, item->sha256, NULL)) != 0)
        return error_set(err, ERR_NOMEM, "no memory for a ledger entry");
    p->done++;
    return 0;
}

int headers_prove(struct registrar *r, void *arg, struct error *err)
{
    struct proof *p = arg;
    json_t *list = json_array();
    int ok = keyring_permits(r, &p->by, err);

    p->done = 0;
    for (size_t i = 0; ok == 0 && i < p->n; i++)
        ok = prove_header(r, p, &p->items[i], list, err);
    if (ok == 0 && p->done > 0)
        return put_leaf(r, "header_confirmed", &p->by, 0, list, err);
    json_decref(list);
    return ok;
}

int registrar_prove(struct registrar *r, struct proof *proof, struct error *err)
{
    return queue_staff(r, headers_prove, proof, err);
}

/* ---- reading ------------------------------------------------------------ */

static int apply_read(struct registrar *r, void *arg, struct error *err)
{
    struct headers_read *h = arg;
    json_t *leaf, *evidence;

    if (keyring_permits(r, &h->by, err) != 0)
        return -1;
    leaf = keyring_leaf(r, "headers_read", &h->by);
    evidence =
        json_pack("{s:I, s:I, s:b}", "documents", (json_int_t)h->n, "epoch",
                  (json_int_t)h->epoch, "unproven", h->unproven);
    keyring_leaf_signed(evidence, &h->by);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

int registrar_record_headers(struct registrar *r, struct headers_read *headers,
                             struct error *err)
{
    return queue_staff(r, apply_read, headers, err);
}
