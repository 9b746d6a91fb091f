/*
 * Two officers: what a policy lists is asked for by one and approved by
 * another, and then done once. The question and its use are rows and leaves of
 * the same transactions as what they are about, so that nothing slips through
 * between a check and its use.
 *
 * A colleague of one's own making is no second officer: who came onto the
 * keyring by one officer's word approves nothing for a day, and asks for
 * nothing that is approved within it, whoever's word that was. By then the
 * others have seen it in the log, or have listed staff_add.
 */
#include "keep_private.h"
#include "keyring_private.h"
#include "leaf_private.h"
#include "registrar_private.h"

#include <stdlib.h>

#define LIFE (LIMIT_APPROVAL_H * MSEC_H)

/* ---- is one needed? ----------------------------------------------------- */

static bool any_policy_asks(const struct registrar *r, enum officer_action a)
{
    for (size_t i = 0; i < r->policies->n; i++)
        if ((r->policies->policies[i]->two_officers & (1u << a)) != 0)
            return true;
    return false;
}

/* A policy that is not loaded any more says what any of the others does. */
static bool policy_asks(const struct registrar *r, const char *id,
                        enum officer_action a)
{
    const struct policy *policy = policy_find(r->policies, id);

    return policy == NULL ? any_policy_asks(r, a)
                          : (policy->two_officers & (1u << a)) != 0;
}

struct asking {
    struct registrar *r;
    struct approval *approval;
    bool needed, any; /* any policy of the person's */
    /* Looking for the same question. */
    const struct staff_access *by;
    struct approval_row row;
    bool found;
    unsigned n;
    struct error *err;
};

static int see_policy(void *arg, const char *policy)
{
    struct asking *a = arg;

    a->any = true;
    a->needed |= policy_asks(a->r, policy, a->approval->action);
    return 0;
}

/* The first officer is alone, and adds the second without one. */
static int first_officer(struct registrar *r, bool *alone, struct error *err)
{
    const struct keyring *ring = keyring_newest(r);
    const struct keyring_staff *staff;
    int64_t known = 0;
    unsigned n = 0;

    if (meta_get_int(r->store, META_TWO_OFFICERS, &known, err) < 0)
        return -1;
    for (size_t i = 0; (staff = keyring_staff_at(ring, i)) != NULL; i++)
        n += (staff->roles & ROLE_OFFICER) != 0;
    *alone = known == 0 && n < 2;
    return 0;
}

static int is_needed(struct asking *a)
{
    const struct approval *what = a->approval;
    bool alone = false;

    a->needed = what->always;
    if (what->policy != NULL)
        a->needed |= policy_asks(a->r, what->policy, what->action);
    else if (a->by->subject[0] == '\0')
        a->needed |= any_policy_asks(a->r, what->action);
    else if (subject_policies(a->r->store, a->by->subject, see_policy, a,
                              a->err) != 0)
        return -1;
    else if (!a->any) /* nobody knows which one it would be */
        a->needed |= any_policy_asks(a->r, what->action);
    if (!a->needed || what->action != ACTION_STAFF_ADD)
        return 0;
    if (first_officer(a->r, &alone, a->err) != 0)
        return -1;
    a->needed = !alone;
    return 0;
}

/* ---- rows and their words ----------------------------------------------- */

/* {salt, what}: what is asked as a string, so that it stays the bytes that it
 * was. NULL with error. */
static json_t *row_words(struct registrar *r, const char *id, struct error *err)
{
    struct buf bytes = { 0 };
    json_t *words = NULL;
    int found = approval_what(r->store, id, &bytes, err);

    if (found == 0)
        (void)error_set(err, ERR_INVARIANT, "an approval of nothing");
    if (found > 0)
        words = json_parse(bytes.p, bytes.len, err);
    buf_free(&bytes);
    return words;
}

static json_t *approval_leaf(struct registrar *r, const char *event,
                             const struct approval_row *row)
{
    json_t *leaf = leaf_new(r, event, row->subject, NULL);

    leaf_text(leaf, "approval_id", row->id);
    leaf_text(leaf, "action", row->action);
    return leaf;
}

static int end_row(struct registrar *r, struct approval_row *row,
                   struct error *err)
{
    r->bury = true;
    SET(row->state, "ended");
    return approval_update(r->store, row, err);
}

/* Nobody did it: it ran out, its person is gone, its second officer is none. */
static int end_unused(struct registrar *r, struct approval_row *row,
                      const char *reason, struct error *err)
{
    json_t *leaf = approval_leaf(r, "approval_expired", row);

    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "reason", reason);
    if (leaf_append(r, leaf, NULL, err) != 0)
        return -1;
    return end_row(r, row, err);
}

/* ---- asking ------------------------------------------------------------- */

static int see_row(void *arg, const struct approval_row *row)
{
    struct asking *a = arg;
    const struct buf *what = a->approval->what;
    const char *text;
    json_t *words;

    a->n++;
    if (row->expires <= a->r->now)
        return 0;
    if ((words = row_words(a->r, row->id, a->err)) == NULL)
        return -1;
    text = json_str(words, "what");
    if (text != NULL && strlen(text) == what->len &&
        memcmp(text, what->p, what->len) == 0) {
        a->row = *row;
        a->found = true;
    }
    json_decref(words);
    return a->found ? 1 : 0;
}

static int asked_leaf(const struct asking *a, const char *commitment)
{
    const struct staff_access *by = a->by;
    json_t *leaf = approval_leaf(a->r, "approval_requested", &a->row);
    json_t *evidence = json_object();

    leaf_text(leaf, "actor", by->name);
    leaf_text(leaf, "role", by->role);
    leaf_time(evidence, "expires", a->row.expires);
    if (by->signature != NULL) {
        leaf_text(evidence, "nonce", by->signature->nonce);
        leaf_hash(evidence, "sign_key", by->signature->sign_key,
                  SIGN_PUBLIC_LEN);
    }
    leaf_object(leaf, "evidence", evidence);
    leaf_object(leaf, "commitments", json_pack("{s:s}", "what", commitment));
    return leaf_append(a->r, leaf, NULL, a->err);
}

static int ask(struct asking *a)
{
    const struct buf *what = a->approval->what;
    struct buf plain = { 0 };
    uint8_t salt[SALT_LEN];
    char hex[HEX_SIZE(SALT_LEN)], commitment[65];
    json_t *words;
    int ok = -1;

    if (a->n >= LIMIT_APPROVALS) {
        (void)error_set(a->err, ERR_CONFLICT,
                        "you wait for %u approvals already", a->n);
        return error_hint(a->err, "take some back: resguardo approval refuse");
    }
    a->row = (struct approval_row){ .asked_by = a->by->uid,
                                    .asked = a->r->now,
                                    .expires = a->r->now + LIFE };
    id_new_at(a->row.id, 'q', a->r->now, a->r->random);
    SET(a->row.action, officer_action_names[a->approval->action]);
    SET(a->row.subject, a->by->subject);
    leaf_commit(a->r, what->p, what->len, salt, commitment);
    hex_encode(hex, salt, sizeof(salt));
    words = json_pack("{s:s, s:s%}", "salt", hex, "what", what->p, what->len);
    if (words == NULL || json_canonical(words, &plain) != 0)
        (void)error_set(a->err, ERR_NOMEM, "no memory for an approval");
    else if (approval_add(a->r->store, &a->row, plain.p, plain.len, a->err) ==
             0)
        ok = asked_leaf(a, commitment);
    json_decref(words);
    buf_free(&plain);
    return ok;
}

/* ---- who may approve ---------------------------------------------------- */

int newcomer_is(struct store *store, uint32_t uid, msec now, bool *is,
                struct error *err)
{
    msec added = 0;

    *is = false;
    if (newcomer_get(store, uid, &added, err) < 0)
        return -1;
    *is = added != 0 && now - added < LIFE;
    return 0;
}

/* NULL, or why this member is no second officer for what uid asked. */
static const char *unfit(const struct registrar *r,
                         const struct approval_row *row,
                         const struct keyring_staff *second)
{
    const struct keyring_staff *first =
        keyring_find(keyring_newest(r), row->asked_by);

    if (second == NULL || (second->roles & ROLE_OFFICER) == 0 || second->enrols)
        return "only an officer approves";
    if (second->uid == row->asked_by)
        return "another officer approves what you ask for";
    if (first == NULL)
        return "who asked is on the keyring no more";
    if (memcmp(first->sign_key, second->sign_key, SIGN_PUBLIC_LEN) == 0)
        return "who asked signs with the same key";
    return NULL;
}

/* Whoever of the two came by one officer's word alone is that officer's for a
 * day, whether they ask or approve. */
static int check_known(struct registrar *r, uint32_t uid, const char *who,
                       bool *fit, struct error *err)
{
    if (newcomer_is(r->store, uid, r->now, fit, err) != 0)
        return -1;
    *fit = !*fit;
    if (*fit)
        return 0;
    (void)error_set(err, ERR_NOT_PERMITTED,
                    "one officer alone put %s on the keyring less than a day "
                    "ago",
                    who);
    return error_hint(err, "another officer does it, or the same one tomorrow");
}

static int check_second(struct registrar *r, const struct approval_row *row,
                        uint32_t uid, bool *fit, struct error *err)
{
    const char *why = unfit(r, row, keyring_find(keyring_newest(r), uid));

    *fit = why == NULL;
    if (why != NULL)
        return error_set(err, ERR_NOT_PERMITTED, "%s", why);
    if (check_known(r, uid, "who approves", fit, err) != 0)
        return -1;
    return check_known(r, row->asked_by, "who asked", fit, err);
}

/* ---- use ---------------------------------------------------------------- */

static int use(struct asking *a)
{
    const struct keyring_staff *second =
        keyring_find(keyring_newest(a->r), a->row.approved_by);

    if (end_row(a->r, &a->row, a->err) != 0)
        return -1;
    a->approval->second = a->row.approved_by;
    SET(a->approval->second_name, second->name);
    return 0;
}

/* Approved by somebody who is an officer still. */
static int settle(struct asking *a)
{
    struct error why = { 0 };
    bool fit;

    if (a->found && strcmp(a->row.state, "granted") == 0) {
        if (check_second(a->r, &a->row, a->row.approved_by, &fit, &why) == 0)
            return use(a);
        if (fit || why.code != ERR_NOT_PERMITTED) {
            *a->err = why;
            return -1;
        }
        if (end_unused(a->r, &a->row, "second_officer", a->err) != 0)
            return -1;
        a->found = false;
    }
    a->approval->asked = true;
    return a->found ? 0 : ask(a);
}

int approval_use(struct registrar *r, struct approval *approval,
                 const struct staff_access *by, struct error *err)
{
    struct asking a = { .r = r, .approval = approval, .by = by, .err = err };

    approval->asked = false;
    approval->id[0] = approval->second_name[0] = '\0';
    if (keyring_permits(r, by, err) != 0 || is_needed(&a) != 0)
        return -1;
    if (!a.needed)
        return 0;
    if (approval_of(r->store, by->uid, officer_action_names[approval->action],
                    see_row, &a, err) < 0 ||
        settle(&a) != 0)
        return -1;
    SET(approval->id, a.row.id);
    return 0;
}

int approval_answer(const struct approval *approval, struct error *err)
{
    if (!approval->asked)
        return 0;
    (void)error_set(err, ERR_WAITS,
                    "needs a second officer: approval %s was asked for",
                    approval->id);
    return error_hint(err,
                      "another officer runs: resguardo approval show %s; "
                      "then do the same again",
                      approval->id);
}

void approval_evidence(json_t *evidence, const struct approval *approval)
{
    if (approval->id[0] == '\0' || approval->asked)
        return;
    leaf_text(evidence, "approval_id", approval->id);
    leaf_text(evidence, "approved_by", approval->second_name);
}

/* ---- deciding ----------------------------------------------------------- */

static int check_seen(struct registrar *r, const struct approval_decision *d,
                      struct error *err)
{
    json_t *words = row_words(r, d->id, err);
    const char *text = json_str(words, "what");
    uint8_t hash[SHA256_LEN];
    int ok = -1;

    if (words == NULL)
        return -1;
    sha256_of(hash, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
    if (text == NULL || memcmp(hash, d->what_sha256, sizeof(hash)) != 0)
        (void)error_set(err, ERR_CONFLICT, "this is not what was asked for");
    else
        ok = 0;
    json_decref(words);
    return ok;
}

static int check_grant(struct registrar *r, const struct approval_decision *d,
                       const struct approval_row *row, struct error *err)
{
    bool fit;

    if (strcmp(row->state, "asked") != 0)
        return error_set(err, ERR_CONFLICT, "it was approved already");
    return check_second(r, row, d->by.uid, &fit, err) != 0
               ? -1
               : check_seen(r, d, err);
}

/* The signature lies with the reason in a note of the person. Where it is about
 * a colleague there is none: it stands in the leaf, as with other changes of
 * the keyring, and a reason that nothing would keep is not committed to. Not so
 * for a search: its signature would tell who was looked for, by guessing. */
static int record_decision(struct registrar *r, struct staff_access *by,
                           const struct approval_row *row, struct error *err)
{
    const char *staff_add = officer_action_names[ACTION_STAFF_ADD];
    json_t *more = json_object();

    if (strcmp(row->action, staff_add) == 0) {
        keyring_leaf_signed(more, by);
        by->reason = NULL;
    }
    return staff_record(r, by, more, err);
}

static int decide(struct registrar *r, void *arg, struct error *err)
{
    const struct approval_decision *d = arg;
    struct staff_access by = d->by;
    struct approval_row row;
    int found = approval_get(r->store, d->id, &row, err);

    if (found < 0)
        return -1;
    if (found == 0 || strcmp(row.state, "ended") == 0 || row.expires <= r->now)
        return error_set(err, ERR_CONFLICT, "it was used, refused or ran out");
    if (d->grant && check_grant(r, d, &row, err) != 0)
        return -1;

    by.event_type = d->grant ? "approval_granted" : "approval_refused";
    SET(by.approval_id, row.id);
    SET(by.subject, row.subject);
    if (record_decision(r, &by, &row, err) != 0)
        return -1;
    if (!d->grant)
        return end_row(r, &row, err);
    SET(row.state, "granted");
    row.approved_by = by.uid;
    row.approved = r->now;
    return approval_update(r->store, &row, err);
}

int registrar_decide_approval(struct registrar *r,
                              const struct approval_decision *d,
                              struct error *err)
{
    return queue_staff(r, decide, (void *)(uintptr_t)d, err);
}

/* ---- ends --------------------------------------------------------------- */

struct ending {
    struct registrar *r;
    const char *reason;
    struct error *err;
};

static int end_one(void *arg, const struct approval_row *found)
{
    struct ending *e = arg;
    struct approval_row row = *found;

    return end_unused(e->r, &row, e->reason, e->err);
}

int approval_end_all(struct registrar *r, const char *subject,
                     struct error *err)
{
    struct ending e = { r, "subject_erased", err };

    return approval_of_subject(r->store, subject, end_one, &e, err);
}

int approval_upkeep(struct registrar *r, struct error *err)
{
    struct ending e = { r, "time", err };

    return approval_overdue(r->store, r->now, PUMP_ROWS, end_one, &e, err);
}

struct burial {
    uint64_t slots[PUMP_ROWS];
    char ids[PUMP_ROWS][ID_SIZE];
    size_t n;
};

static int bury_one(void *arg, const struct approval_row *row)
{
    struct burial *b = arg;

    memcpy(b->ids[b->n], row->id, ID_SIZE);
    b->slots[b->n++] = row->slot;
    return 0;
}

/* First the slots, for ever; a crash before the rows are gone finds them. */
int approval_bury(struct registrar *r, struct error *err)
{
    struct burial b = { .n = 0 };

    if (!r->bury)
        return 0;
    if (approval_ended(r->store, PUMP_ROWS, bury_one, &b, err) != 0)
        return -1;
    r->bury = b.n == PUMP_ROWS;
    if (b.n == 0)
        return 0;
    if (slot_erase(r->store, b.slots, b.n, err) != 0 ||
        store_begin(r->store, err) != 0) {
        r->bury = true;
        return -1;
    }
    for (size_t i = 0; i < b.n; i++)
        if (approval_remove(r->store, b.ids[i], err) != 0)
            goto undo;
    if (batch_commit(r, err) == 0)
        return 0;
undo:
    store_rollback(r->store);
    r->bury = true;
    return -1;
}
