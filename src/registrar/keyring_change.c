/*
 * Changes of the keyring and of the headers under it, as officers ask for them.
 * Their CLI signs the entries and seals the grants: no secret of an epoch ever
 * comes here. What is checked is that a change is whole, because half of one
 * (an epoch that a reader cannot open, a reader revoked without a new epoch)
 * would only show when it hurts.
 */
#include "registrar_private.h"

#include <stdlib.h>

/* A change with what its entries say. */
struct step {
    struct registrar *r;
    const struct keyring_change *change;
    const struct keyring *before;
    struct keyring *ring; /* after the entries so far */
    struct keyring_entry entries[2];
    uint8_t heads[2][KEYRING_HASH_LEN];
    struct error *err;
};

/* ---- rules -------------------------------------------------------------- */

static int check_shape(const struct step *s)
{
    const struct keyring_entry *e = s->entries;

    /* Only a member's own key comes without the signature of a request. */
    if ((e[0].type == KEYRING_KEY) != (s->change->by.signature == NULL))
        return error_set(s->err, ERR_INPUT, "not a change for this request");
    if (s->change->nlines == 1 &&
        (e[0].type == KEYRING_STAFF || e[0].type == KEYRING_EPOCH ||
         e[0].type == KEYRING_KEY))
        return 0;
    if (s->change->nlines == 2 && e[0].type == KEYRING_REVOKE &&
        e[1].type == KEYRING_EPOCH)
        return 0;
    return error_set(s->err, ERR_INPUT, "not a change that can be made");
}

/* Peer credentials say who is on the machine, the signature who it was. */
static int check_signer(const struct step *s, const struct keyring_entry *e)
{
    const struct keyring_staff *me = keyring_find(s->before, s->change->by.uid);

    if (me == NULL || memcmp(me->sign_key, e->signer, SIGN_PUBLIC_LEN) != 0)
        return error_set(s->err, ERR_NOT_PERMITTED,
                         "the entry is signed by somebody else");
    if (e->type == KEYRING_KEY && e->staff.uid != me->uid)
        return error_set(s->err, ERR_NOT_PERMITTED, "the key of somebody else");
    return 0;
}

static int check_new(const struct step *s, const struct keyring_entry *e)
{
    const struct keyring_staff *known = keyring_find(s->before, e->staff.uid);

    if (e->type != KEYRING_STAFF || known == NULL)
        return 0;
    (void)error_set(s->err, ERR_CONFLICT, "user %u is on the keyring as %s",
                    (unsigned)e->staff.uid, known->name);
    return error_hint(s->err, "revoke first, then add with the new roles");
}

static int add_entries(struct step *s)
{
    const struct keyring_change *c = s->change;

    if (keyring_size(s->before) != c->size) {
        (void)error_set(s->err, ERR_CONFLICT, "the keyring changed meanwhile");
        return error_hint(s->err, "try again");
    }
    for (size_t i = 0; i < c->nlines; i++) {
        const struct buf *bytes = &c->lines[i].entry;

        if (keyring_entry_parse(&s->entries[i], bytes->p, bytes->len, s->err) !=
                0 ||
            check_signer(s, &s->entries[i]) != 0 ||
            check_new(s, &s->entries[i]) != 0 ||
            keyring_add(s->ring, bytes->p, bytes->len, c->lines[i].signature,
                        s->err) != 0)
            return -1;
        keyring_head(s->ring, s->heads[i]);
    }
    return check_shape(s);
}

/* Is a grant called for: a reader's, of a new epoch or of a new reader? */
static bool is_needed(const struct step *s, const struct keyring_staff *staff,
                      unsigned epoch)
{
    return roles_read(staff->roles) &&
           (epoch > keyring_epoch(s->before) ||
            keyring_find(s->before, staff->uid) == NULL);
}

static bool is_given(const struct keyring_change *c, uint32_t uid,
                     unsigned epoch)
{
    for (size_t i = 0; i < c->ngrants; i++)
        if (c->grants[i].uid == uid && c->grants[i].epoch == epoch &&
            c->grants[i].file.len > 0)
            return true;
    return false;
}

/* All that are called for and, by their number, no other. */
static int check_grants(const struct step *s)
{
    const struct keyring_staff *staff;
    size_t needed = 0;

    for (size_t i = 0; (staff = keyring_staff_at(s->ring, i)) != NULL; i++)
        for (unsigned e = 1; e <= keyring_epoch(s->ring); e++) {
            if (!is_needed(s, staff, e))
                continue;
            needed++;
            if (!is_given(s->change, staff->uid, e))
                return error_set(s->err, ERR_INPUT,
                                 "the grant of epoch %u for %s is missing", e,
                                 staff->name);
        }
    return needed == s->change->ngrants
               ? 0
               : error_set(s->err, ERR_INPUT, "grants for nobody who reads");
}

/* ---- a second officer --------------------------------------------------- */

/* Who is added, without what each attempt draws anew. */
static int say_who(const struct step *s, struct buf *out)
{
    const struct keyring_staff *to = &s->entries[0].staff;
    char recipient[AGE_RECIPIENT_SIZE];
    json_t *o;
    int ok;

    age_recipient_format(recipient, to->recipient);
    o = json_pack("{s:s, s:s, s:I, s:o, s:s}", "action", "staff_add", "name",
                  to->name, "uid", (json_int_t)to->uid, "roles",
                  roles_json(to->roles), "recipient", recipient);
    ok = o == NULL || json_canonical(o, out) != 0
             ? error_set(s->err, ERR_NOMEM, "no memory for a request")
             : 0;
    json_decref(o);
    return ok;
}

static int ask_second(const struct step *s)
{
    struct approval alone = { 0 }, *a = s->change->approval;
    struct buf what = { 0 };
    int ok = -1;

    if (s->entries[0].type != KEYRING_STAFF)
        return 0;
    if (a == NULL)
        a = &alone;
    a->action = ACTION_STAFF_ADD;
    if (say_who(s, &what) == 0) {
        a->what = &what;
        ok = approval_use(s->r, a, &s->change->by, s->err);
        a->what = NULL;
    }
    buf_free(&what);
    return ok == 0 && a == &alone ? approval_answer(a, s->err) : ok;
}

static unsigned officers(const struct keyring *k)
{
    const struct keyring_staff *staff;
    unsigned n = 0;

    for (size_t i = 0; (staff = keyring_staff_at(k, i)) != NULL; i++)
        n += (staff->roles & ROLE_OFFICER) != 0;
    return n;
}

/* Once there were two officers, one alone adds nobody where a policy says so:
 * else they would revoke the other first. */
static int note_officers(const struct step *s)
{
    int64_t known = 0;

    if (officers(s->before) < 2 && officers(s->ring) < 2)
        return 0;
    if (meta_get_int(s->r->store, META_TWO_OFFICERS, &known, s->err) < 0)
        return -1;
    return known != 0 ? 0
                      : meta_set_int(s->r->store, META_TWO_OFFICERS, 1, s->err);
}

/* ---- rows --------------------------------------------------------------- */

/* By one officer's word, or by two. */
static int note_newcomer(const struct step *s)
{
    const struct approval *a = s->change->approval;
    bool two = a != NULL && a->id[0] != '\0';

    if (s->entries[0].type != KEYRING_STAFF)
        return 0;
    return newcomer_put(s->r->store, s->entries[0].staff.uid,
                        two ? 0 : s->r->now, s->err);
}

static int put_rows(const struct step *s)
{
    const struct keyring_change *c = s->change;
    struct store *store = s->r->store;

    for (size_t i = 0; i < c->nlines; i++) {
        const struct keyring_entry *e = &s->entries[i];

        if (keyring_row_add(store, e->seq, c->lines[i].entry.p,
                            c->lines[i].entry.len, c->lines[i].signature,
                            SIGN_LEN, s->err) != 0)
            return -1;
        for (unsigned n = 1;
             e->type == KEYRING_REVOKE && n <= keyring_epoch(s->before); n++)
            if (keyring_grant_drop(store, n, e->staff.uid, s->err) != 0)
                return -1;
    }
    for (size_t i = 0; i < c->ngrants; i++)
        if (keyring_grant_put(store, c->grants[i].epoch, c->grants[i].uid,
                              c->grants[i].file.p, c->grants[i].file.len,
                              s->err) != 0)
            return -1;
    return note_officers(s) != 0 ? -1 : note_newcomer(s);
}

/* ---- leaves ------------------------------------------------------------- */

static json_t *leaf_by(struct registrar *r, const char *event,
                       const struct staff_access *by)
{
    json_t *leaf = leaf_new(r, event, NULL, NULL);

    leaf_text(leaf, "actor", by->name);
    leaf_text(leaf, "role", by->role);
    return leaf;
}

/* Nothing here names a customer, so the signature itself may be shown. */
static void add_signature(json_t *evidence, const struct staff_access *by)
{
    const struct staff_signature *s = by->signature;
    char hex[HEX_SIZE(SIGN_LEN)];

    if (s == NULL)
        return;
    leaf_text(evidence, "nonce", s->nonce);
    leaf_hash(evidence, "sign_key", s->sign_key, SIGN_PUBLIC_LEN);
    hex_encode(hex, s->signature, SIGN_LEN);
    leaf_text(evidence, "signature", hex);
}

static int put_leaf(const struct step *s, size_t i)
{
    static const char *const events[KEYRING_TYPE__MAX] = {
        [KEYRING_STAFF] = "staff_added",
        [KEYRING_REVOKE] = "staff_revoked",
        [KEYRING_EPOCH] = "epoch_rotated",
        [KEYRING_KEY] = "staff_key_set",
    };
    const struct keyring_entry *e = &s->entries[i];
    json_t *leaf = leaf_by(s->r, events[e->type], &s->change->by);
    json_t *evidence = json_pack("{s:I}", "keyring_seq", (json_int_t)e->seq);

    leaf_hash(evidence, "keyring_head", s->heads[i], KEYRING_HASH_LEN);
    if (e->type == KEYRING_EPOCH)
        leaf_object(evidence, "epoch", json_integer((json_int_t)e->epoch));
    else
        leaf_object(evidence, "uid", json_integer((json_int_t)e->staff.uid));
    if (e->type == KEYRING_STAFF)
        leaf_object(evidence, "roles", roles_json(e->staff.roles));
    if (s->change->approval != NULL)
        approval_evidence(evidence, s->change->approval);
    add_signature(evidence, &s->change->by);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(s->r, leaf, NULL, s->err);
}

/* ---- the change --------------------------------------------------------- */

const struct keyring *keyring_newest(const struct registrar *r)
{
    return r->ring_next != NULL ? r->ring_next : r->keyring;
}

int keyring_apply(struct registrar *r, void *arg, struct error *err)
{
    struct step s = {
        .r = r, .change = arg, .before = keyring_newest(r), .err = err
    };
    int ok = -1;

    s.ring = keyring_copy(s.before);
    if (s.ring == NULL)
        return error_set(err, ERR_NOMEM, "no memory for the keyring");
    if (add_entries(&s) != 0 || check_grants(&s) != 0 || ask_second(&s) != 0)
        goto out;
    if (s.change->approval != NULL && s.change->approval->asked) {
        ok = 0;
        goto out;
    }
    if (put_rows(&s) != 0)
        goto out;
    for (size_t i = 0; i < s.change->nlines; i++)
        if (put_leaf(&s, i) != 0)
            goto out;
    keyring_free(&r->ring_next);
    r->ring_next = s.ring;
    s.ring = NULL;
    ok = 0;
out:
    keyring_free(&s.ring);
    return ok;
}

int registrar_change_keyring(struct registrar *r,
                             const struct keyring_change *change,
                             struct error *err)
{
    struct approval approval = { 0 };
    struct keyring_change own = *change;

    own.approval = &approval;
    if (queue_staff(r, keyring_apply, &own, err) != 0)
        return -1;
    return approval_answer(&approval, err);
}

void keyring_undone(struct registrar *r)
{
    keyring_free(&r->ring_next);
}

/* Those who took the former one may be using it still: it stays until close.
 * Staff change a few times a year. */
void keyring_committed(struct registrar *r)
{
    struct error err = { 0 };
    struct former_ring *former;

    if (r->ring_next == NULL)
        return;
    former = calloc(1, sizeof(*former));
    if (former != NULL) {
        former->ring = r->ring_owned;
        former->next = r->formers;
        r->formers = former;
    }
    pthread_mutex_lock(&r->lock);
    r->keyring = r->ring_owned = r->ring_next;
    pthread_mutex_unlock(&r->lock);
    r->ring_next = NULL;
    if (keyring_log_pin(r->store, r->keyring, &err) != 0)
        log_error("keyring_pin_failed", &err);
}

int keyring_reload(struct registrar *r, struct error *err)
{
    struct keyring *k = keyring_new();

    if (k == NULL)
        return error_set(err, ERR_NOMEM, "no memory for the keyring");
    if (keyring_log_replay(r->store, k, err) != 0) {
        keyring_free(&k);
        return -1;
    }
    /* It only grows: what was worked with was committed. */
    if (keyring_size(k) <= keyring_size(r->keyring))
        keyring_free(&k);
    r->ring_next = k;
    keyring_committed(r);
    return 0;
}

void keyring_close(struct registrar *r)
{
    while (r->formers != NULL) {
        struct former_ring *former = r->formers;

        r->formers = former->next;
        keyring_free(&former->ring);
        free(former);
    }
    keyring_free(&r->ring_owned);
    keyring_free(&r->ring_next);
}

/* ---- headers ------------------------------------------------------------ */

/* A document that was erased meanwhile, or rewrapped by a colleague, is left
 * as it is; a header of this very epoch is never replaced. */
static int put_header(struct registrar *r, struct rewrap *w,
                      const struct rewrap_item *item, struct error *err)
{
    struct document_row row;
    int found = document_get(r->store, item->document, &row, err);

    if (found <= 0)
        return found;
    if (row.epoch != item->former || row.epoch >= w->epoch ||
        strcmp(row.state, "erased") == 0)
        return 0;
    if (document_set_header(r->store, &row, w->epoch, item->header.p,
                            item->header.len, err) != 0)
        return -1;
    w->done++;
    return 0;
}

static int apply_rewrap(struct registrar *r, void *arg, struct error *err)
{
    struct rewrap *w = arg;
    json_t *leaf, *evidence;

    w->done = 0;
    if (w->epoch != keyring_epoch(keyring_newest(r)))
        return error_set(err, ERR_CONFLICT, "there is a newer epoch by now");
    for (size_t i = 0; i < w->n; i++)
        if (put_header(r, w, &w->items[i], err) != 0)
            return -1;
    if (w->done == 0)
        return 0;
    leaf = leaf_by(r, "header_rewrapped", &w->by);
    evidence = json_pack("{s:I, s:I}", "documents", (json_int_t)w->done,
                         "epoch", (json_int_t)w->epoch);
    add_signature(evidence, &w->by);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

int registrar_rewrap(struct registrar *r, struct rewrap *rewrap,
                     struct error *err)
{
    return queue_staff(r, apply_rewrap, rewrap, err);
}
