/*
 * Changes of the keyring, as officers ask for them. Their CLI signs the entries
 * and seals the grants: no secret of an epoch ever comes here. What is checked
 * is that a change is whole, because half of one (an epoch that a reader cannot
 * open, a reader revoked without a new epoch) would only show when it hurts.
 */
#include "keep_private.h"
#include "keyring_private.h"
#include "leaf_private.h"
#include "registrar_private.h"

#include <stdlib.h>

#include "resguardo/registrar_keys.h"

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
    bool is_key = s->change->nlines > 0 && e[0].type == KEYRING_KEY;

    if (is_key != (s->change->by.signature == NULL))
        return error_set(s->err, ERR_INPUT, "not a change for this request");
    if (s->change->nlines == 0 && s->change->ngrants > 0)
        return 0;
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

/* Is a grant called for: a reader's, of a new epoch, or of a new reader where
 * there is something to read? 1, 0 or -1. */
static int is_needed(const struct step *s, const struct keyring_staff *staff,
                     unsigned epoch)
{
    struct store *store = s->r->store;
    int64_t documents = 0, unproven = 0, coming;

    if (!roles_read(staff->roles))
        return 0;
    if (epoch > keyring_epoch(s->before))
        return 1;
    if (keyring_find(s->before, staff->uid) != NULL)
        return 0;
    if (epoch == keyring_epoch(s->ring))
        return 1;
    if (document_epoch_count(store, epoch, &documents, s->err) != 0 ||
        document_unproven_count(store, epoch, &unproven, s->err) != 0 ||
        (coming = attachment_of_epoch(store, epoch, s->err)) < 0)
        return -1;
    return documents + unproven + coming > 0;
}

static bool is_given(const struct keyring_change *c, uint32_t uid,
                     unsigned epoch)
{
    for (size_t i = 0; i < c->ngrants; i++)
        if (c->grants[i].uid == uid && c->grants[i].epoch == epoch)
            return true;
    return false;
}

/* A sound file, for who reads and is meant by this change, of an epoch that
 * there is. */
static int check_grant(const struct step *s, size_t i)
{
    const struct keyring_grant *g = &s->change->grants[i];
    const struct keyring_staff *to = keyring_find(s->ring, g->uid);
    bool fresh = g->epoch > keyring_epoch(s->before) ||
                 keyring_find(s->before, g->uid) == NULL;

    if (to == NULL || !roles_read(to->roles) ||
        g->epoch > keyring_epoch(s->ring) ||
        (s->change->nlines > 0 ? !fresh : g->uid != s->change->grants[0].uid))
        return error_set(s->err, ERR_INPUT, "grants for nobody who reads");
    for (size_t k = 0; k < i; k++)
        if (s->change->grants[k].uid == g->uid &&
            s->change->grants[k].epoch == g->epoch)
            return error_set(s->err, ERR_INPUT, "a grant twice");
    return grant_check(g->file.p, g->file.len, s->err);
}

/* All that are called for, and only what is sound. */
static int check_grants(const struct step *s)
{
    const struct keyring_staff *staff;

    for (size_t i = 0; i < s->change->ngrants; i++)
        if (check_grant(s, i) != 0)
            return -1;
    for (size_t i = 0; (staff = keyring_staff_at(s->ring, i)) != NULL; i++)
        for (unsigned e = 1; e <= keyring_epoch(s->ring); e++) {
            int needed = is_needed(s, staff, e);

            if (needed < 0)
                return -1;
            if (needed > 0 && !is_given(s->change, staff->uid, e))
                return error_set(s->err, ERR_INPUT,
                                 "the grant of epoch %u for %s is missing", e,
                                 staff->name);
        }
    return 0;
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

/* Grants alone change no keyring: the reader and the epochs are said. */
static int put_grant_leaf(const struct step *s)
{
    const struct keyring_change *c = s->change;
    json_t *leaf = keyring_leaf(s->r, "epochs_granted", &c->by);
    json_t *evidence = json_pack("{s:I}", "uid", (json_int_t)c->grants[0].uid);
    json_t *epochs = json_array();

    for (size_t i = 0; i < c->ngrants; i++)
        if (json_array_append_new(
                epochs, json_integer((json_int_t)c->grants[i].epoch)) != 0) {
            json_decref(epochs);
            epochs = NULL;
        }
    leaf_value(evidence, "epochs", epochs);
    keyring_leaf_signed(evidence, &c->by);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(s->r, leaf, NULL, s->err);
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
    json_t *leaf = keyring_leaf(s->r, events[e->type], &s->change->by);
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
    keyring_leaf_signed(evidence, &s->change->by);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(s->r, leaf, NULL, s->err);
}

/* ---- the change --------------------------------------------------------- */

int keyring_apply(struct registrar *r, void *arg, struct error *err)
{
    struct step s = {
        .r = r, .change = arg, .before = keyring_newest(r), .err = err
    };
    int ok = -1;

    s.ring = keyring_copy(s.before);
    if (s.ring == NULL)
        return error_set(err, ERR_NOMEM, "no memory for the keyring");
    if (keyring_permits(r, &s.change->by, err) != 0 || add_entries(&s) != 0 ||
        check_grants(&s) != 0 || ask_second(&s) != 0)
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
    if (s.change->nlines == 0) {
        ok = put_grant_leaf(&s);
        goto out;
    }
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
