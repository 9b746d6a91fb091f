/*
 * Leaves are lost for good: what is left goes on under another origin, and its
 * first entry says so, with the signatures of two officers.
 */
#include "change.h"
#include "replay.h"
#include "turn.h"

#include "resguardo/vault.h"

#include <inttypes.h>
#include <string.h>

struct reopening {
    struct store *store;
    const struct ledger_reopening *by;
    struct ledger_turn turn;
    char former[LEDGER_VKEY_SIZE];
    bool key_lost;
    struct ledger_checkpoint notes[4], last;
    size_t nnotes;
    struct ledger_tree restored;
    struct ledger_verifier *verifier;
    struct error *e;
};

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory to reopen the ledger");
}

/* ---- what is known of the former one ------------------------------------ */

/* The key that signed until now: also when only others know it. */
static int find_former(struct reopening *r)
{
    struct ledger_key key;
    struct error why = { 0 };

    if (ledger_key_load(&key, store_keys_dir(r->store), LEDGER_KEY, &why) ==
        0) {
        memcpy(r->former, key.vkey, sizeof(r->former));
        ledger_key_wipe(&key);
        return 0;
    }
    if (why.code == ERR_NOMEM || why.code == ERR_IO) {
        *r->e = why;
        return -1;
    }
    r->key_lost = true;
    if (r->by->vkey == NULL || strlen(r->by->vkey) >= sizeof(r->former)) {
        (void)error_set(r->e, ERR_VERIFY,
                        "the ledger's key is lost, and which it was is not "
                        "known here");
        return error_hint(r->e, "the officer's IDENTITY.known has it: name the "
                                "identity that was used with this desk");
    }
    memcpy(r->former, r->by->vkey, strlen(r->by->vkey) + 1);
    return 0;
}

/* Of those that are known the largest is cited, and none may contradict what
 * was restored. */
static int take_note(struct reopening *r, const void *note, size_t len)
{
    struct ledger_checkpoint *c = &r->notes[r->nnotes];

    if (ledger_checkpoint_open(c, note, len, r->former, r->e) != 0)
        return -1;
    r->nnotes++;
    if (r->turn.last.len > 0 && c->size <= r->last.size)
        return c->size < r->last.size ||
                       memcmp(c->root, r->last.root, sizeof(c->root)) == 0
                   ? 0
                   : error_set(r->e, ERR_VERIFY,
                               "two trees of %" PRIu64 " entries were signed",
                               c->size);
    buf_reset(&r->turn.last);
    if (buf_add(&r->turn.last, note, len) != 0)
        return no_memory(r->e);
    r->last = *c;
    return 0;
}

/* What this machine saw of another key says nothing here. */
static int take_seen(struct reopening *r)
{
    for (size_t i = 0; i < sizeof(r->by->seen) / sizeof(r->by->seen[0]); i++) {
        const char *note = r->by->seen[i];
        struct ledger_checkpoint c;
        struct error ignored = { 0 };

        if (note != NULL &&
            ledger_checkpoint_open(&c, note, strlen(note), r->former,
                                   &ignored) == 0 &&
            take_note(r, note, strlen(note)) != 0)
            return -1;
    }
    return 0;
}

/* The largest of keys/head, what somebody brings, and what the officer saw. */
static int find_last(struct reopening *r)
{
    struct ledger_head head;
    struct error why = { 0 };
    int ok = 0;

    if (ledger_head_load(&head, store_keys_dir(r->store), r->former, &why) ==
        0) {
        ok = take_note(r, head.note.p, head.note.len);
        ledger_head_free(&head);
    } else if (why.code != ERR_VERIFY) {
        *r->e = why;
        return -1;
    }
    if (ok == 0 && r->by->last != NULL)
        ok = take_note(r, r->by->last, r->by->last_len);
    if (ok == 0)
        ok = take_seen(r);
    if (ok == 0 && r->turn.last.len == 0) {
        *r->e = why;
        ok = error_hint(r->e, "bring a checkpoint that somebody kept: --last "
                              "FILE");
    }
    return ok;
}

/* ---- what is left ------------------------------------------------------- */

static int add_row(void *arg, uint64_t idx, const uint8_t *entry, size_t len,
                   const uint8_t *leaf)
{
    struct reopening *r = arg;

    (void)idx;
    return ledger_verifier_add(r->verifier, entry, len, leaf, r->e);
}

/* The entries that are there grow through every tree that was signed of them.
 */
static int check_rows(struct reopening *r)
{
    int ok = -1;

    r->verifier = ledger_verifier_new();
    if (r->verifier == NULL)
        return no_memory(r->e);
    for (size_t i = 0; i < r->nnotes; i++)
        if (r->notes[i].size <= r->restored.size &&
            ledger_verifier_expect(r->verifier, &r->notes[i],
                                   "that was signed before", r->e) != 0)
            goto out;
    if (ledger_row_list(r->store, 0, r->restored.size, add_row, r, r->e) == 0)
        ok = ledger_verifier_finish(r->verifier, r->e);
    if (ok != 0)
        (void)error_hint(r->e, "something was altered: put back another copy "
                               "of it, and keep this one as evidence");
out:
    ledger_verifier_free(&r->verifier);
    return ok;
}

static int same_leaf(void *arg, uint64_t idx, const uint8_t *entry, size_t len,
                     const uint8_t *leaf)
{
    struct ledger_change *c = arg;

    (void)entry;
    (void)len;
    if (idx == c->index && memcmp(leaf, c->leaf, sizeof(c->leaf)) == 0)
        c->index = UINT64_MAX;
    return 0;
}

/* 1: the database has this change's entry in its place, 0, -1. */
static int has_change(struct reopening *r, const struct ledger_change *change)
{
    struct ledger_change c = *change;

    return ledger_row_list(r->store, c.index, c.index + 1, same_leaf, &c,
                           r->e) != 0
               ? -1
               : c.index == UINT64_MAX;
}

/* A copy from before a change, with entries where that stands, is of a branch
 * that was left: nothing that is appended to it would verify. */
static int check_branch(struct reopening *r, const struct ledger_history *h)
{
    for (size_t i = 0; i < h->n; i++) {
        const struct ledger_change *c = &h->changes[i];
        int has;

        if (ledger_history_lost(h, i + 1, c->index) ||
            c->index >= r->restored.size)
            continue;
        if ((has = has_change(r, c)) < 0)
            return -1;
        if (has > 0)
            continue;
        (void)error_set(r->e, ERR_VERIFY,
                        "the database was left when the ledger's key was "
                        "changed: entry %" PRIu64 " is another",
                        c->index);
        return error_hint(r->e,
                          "put back the copy from after that, or one of at "
                          "most %" PRIu64 " entries",
                          c->index);
    }
    return 0;
}

/* A change that the database has and the key does not follow: whoever named
 * the key has not seen the last one. */
static int check_later(struct reopening *r, const char *text, size_t len)
{
    struct ledger_change c;
    struct error ignored = { 0 };
    int has;

    while (len > 0) {
        size_t n = strcspn(text, "\n");

        if (ledger_change_open(&c, text, n, &ignored) == 0) {
            if ((has = has_change(r, &c)) < 0)
                return -1;
            if (has > 0) {
                (void)error_set(r->e, ERR_VERIFY,
                                "the ledger's key was changed since: entry "
                                "%" PRIu64,
                                c.index);
                return error_hint(r->e, "name the identity of an officer who "
                                        "was at the desk since then");
            }
        }
        n = n < len ? n + 1 : n;
        text += n;
        len -= n;
    }
    return 0;
}

static int check_history(struct reopening *r)
{
    struct ledger_history h = { 0 };
    struct buf text = { 0 };
    size_t end;
    int ok = -1;

    if (ledger_history_load(store_keys_dir(r->store), &text, r->e) != 0)
        goto out;
    end = ledger_history_end((const char *)text.p, text.len, r->former);
    if (ledger_history_read(&h, (const char *)text.p, end, r->e) == 0 &&
        check_branch(r, &h) == 0)
        ok = check_later(r, (const char *)text.p + end, text.len - end);
out:
    ledger_history_free(&h);
    buf_free(&text);
    return ok;
}

/* A copy that is older lacks entries; one that does not was altered, unless
 * the key is what was lost. */
static int judge(struct reopening *r)
{
    if (ledger_load_tree(r->store, &r->restored, r->e) != 0 ||
        ledger_replay_all(r->store, &r->restored, NULL, NULL, r->e) != 0)
        return error_hint(r->e, "this copy is damaged: put back another");
    if (r->restored.size < r->last.size || r->key_lost)
        return check_history(r) != 0 ? -1 : check_rows(r);
    (void)error_set(r->e, ERR_VERIFY,
                    "the database has %" PRIu64 " entries and %" PRIu64
                    " were signed: nothing is lost, something was altered",
                    r->restored.size, r->last.size);
    return error_hint(r->e, "put back another copy of it, and keep this one as "
                            "evidence");
}

/* ---- the entry ---------------------------------------------------------- */

static json_t *hex_of(const void *bytes, size_t n)
{
    char hex[HEX_SIZE(64)];

    hex_encode(hex, bytes, n);
    return json_string(hex);
}

static json_t *leaf_of(const struct reopening *r, const uint8_t (*keys)[32])
{
    static const char *const event_type = "ledger_reopened";
    uint8_t root[LEDGER_HASH_LEN];
    char time[TIME_SIZE];
    json_t *evidence;

    time_format(time, r->by->now);
    ledger_tree_root(&r->restored, root);
    evidence = json_pack(
        "{s:s, s:o, s:I, s:s, s:I, s:o, s:I, s:s, s:o, s:o}", "approved_by",
        r->by->names[1], "former_root", hex_of(r->last.root, LEDGER_HASH_LEN),
        "former_size", (json_int_t)r->last.size, "former_vkey", r->former,
        "keyring_size", (json_int_t)r->by->keyring_size, "restored_root",
        hex_of(root, sizeof(root)), "restored_size",
        (json_int_t)r->restored.size, "vkey", r->turn.next.vkey, "sign_key",
        hex_of(keys[0], 32), "approver_key", hex_of(keys[1], 32));
    return json_pack(
        "{s:i, s:I, s:s, s:s, s:s, s:s, s:s, s:o}", "v", 1, "index",
        (json_int_t)r->restored.size, "time", time, "event_type", event_type,
        "actor", r->by->names[0], "role", "officer", "reason",
        r->key_lost ? "key_lost" : "leaves_lost", "evidence", evidence);
}

static int sign(const struct reopening *r, json_t *entry)
{
    static const char *const members[] = { "signature", "approver_signature" };
    json_t *evidence = json_object_get(entry, "evidence");
    uint8_t signature[SIGN_LEN];
    struct buf text = { 0 };
    int ok = ledger_change_text(entry, &text);

    for (size_t i = 0; ok == 0 && i < 2; i++)
        if (staff_sign(signature, r->by->identities[i], text.p, text.len) !=
                0 ||
            json_object_set_new(evidence, members[i],
                                hex_of(signature, sizeof(signature))) != 0)
            ok = -1;
    buf_free(&text);
    return ok;
}

static int make_entry(struct reopening *r)
{
    uint8_t keys[2][32];
    json_t *entry = NULL;
    int ok = -1;

    for (size_t i = 0; i < 2; i++)
        if (staff_sign_public(keys[i], r->by->identities[i]) != 0)
            return error_set(r->e, ERR_INPUT, "not an identity of staff");
    entry = leaf_of(r, (const uint8_t(*)[32])keys);
    if (entry == NULL || sign(r, entry) != 0 ||
        json_canonical(entry, &r->turn.entry) != 0)
        (void)no_memory(r->e);
    else
        ok = 0;
    json_decref(entry);
    return ok;
}

static int decide(struct reopening *r)
{
    char origin[LEDGER_ORIGIN_SIZE];

    if (find_former(r) != 0 || find_last(r) != 0 || judge(r) != 0)
        return -1;
    r->turn.reopening = true;
    r->turn.index = r->restored.size;
    return ledger_draw_origin(origin, r->by->host, r->by->random, r->e) != 0 ||
                   ledger_key_draw(&r->turn.next, origin, r->by->random,
                                   r->e) != 0 ||
                   make_entry(r) != 0
               ? -1
               : ledger_turn_write(&r->turn, store_keys_dir(r->store), r->e);
}

/* ---- the whole ---------------------------------------------------------- */

static int last_change(struct store *s, const char *vkey,
                       struct ledger_change *out, struct error *e)
{
    struct ledger_history h = { 0 };
    struct buf text = { 0 };
    int ok = -1;

    if (ledger_history_load(store_keys_dir(s), &text, e) == 0 &&
        ledger_history_read(&h, (const char *)text.p, text.len, e) == 0) {
        if (h.n > 0 && strcmp(h.changes[h.n - 1].vkey, vkey) == 0) {
            *out = h.changes[h.n - 1];
            ok = 0;
        } else {
            (void)error_set(e, ERR_VERIFY, "keys/history lacks the last key");
        }
    }
    ledger_history_free(&h);
    buf_free(&text);
    return ok;
}

/* Opens it, which finishes what was begun, and says what it was. */
static int finish(struct store *s, struct ledger_change *out, struct error *e)
{
    struct ledger *l = NULL;
    int ok = ledger_open(&l, s, e);

    if (ok == 0)
        ok = last_change(s, ledger_vkey(l), out, e);
    ledger_close(&l);
    return ok;
}

int ledger_reopen(struct store *s, const struct ledger_reopening *by,
                  struct ledger_change *out, struct error *e)
{
    struct reopening r = { .store = s, .by = by, .e = e };
    struct ledger_turn begun;
    struct ledger *l = NULL;
    struct error why = { 0 };
    int pending = ledger_turn_load(&begun, store_keys_dir(s), &why), ok = -1;
    bool was_begun = pending > 0 && begun.reopening;

    if (pending > 0)
        ledger_turn_free(&begun);
    if (ledger_open(&l, s, &why) == 0) {
        ok = was_begun ? last_change(s, ledger_vkey(l), out, e)
                       : error_set(e, ERR_CONFLICT,
                                   "the ledger is whole: nothing is to be "
                                   "reopened");
        ledger_close(&l);
        return ok;
    }
    if (why.code != ERR_VERIFY && why.code != ERR_NOT_FOUND &&
        why.code != ERR_INPUT) {
        *e = why;
        return -1;
    }
    if (decide(&r) == 0)
        ok = finish(s, out, e);
    ledger_turn_free(&r.turn);
    return ok;
}
