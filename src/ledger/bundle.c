/*
 * A bundle of `ledger export`: its files are outside bytes, and none is taken
 * for what it says. What does not verify is told with the place of the first
 * entry that is wrong; a breach of the gate rule only where all of it verifies.
 */
#include "bundle_batch.h"
#include "bundle_staff.h"
#include "bundle_stamp.h"
#include "note.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reading {
    const char *folder;
    struct ledger_bundle *out;
    struct batches batches;
    struct ledger_verifier *verifier;
    struct bundle_staff *staff;
    struct ledger_gate *gate; /* NULL: the caller's business */
    ledger_bundle_entry each; /* may be NULL */
    void *arg;
    struct buf ca; /* of authorities of time; empty: none */
    struct ledger_history history;
    size_t changes;         /* entries of it that were met */
    struct error violation; /* the first; code ERR_NONE: none */
    struct error *e;
};

static int path_of(const struct reading *r, const char *name, struct buf *out)
{
    return buf_addf(out, "%s/%s", r->folder, name) == 0
               ? 0
               : error_set(r->e, ERR_NOMEM, "no memory for a path");
}

/* A folder that lacks a part is a bundle that does not hold; a folder that is
 * not there is none. */
static int missing(const struct reading *r)
{
    if (r->e->code == ERR_NOT_FOUND && access(r->folder, F_OK) == 0)
        r->e->code = ERR_VERIFY;
    return -1;
}

/* ---- what was signed ---------------------------------------------------- */

static int read_key(struct reading *r)
{
    char name[LEDGER_ORIGIN_SIZE];
    uint8_t public_key[32];
    struct buf path = { 0 }, text = { 0 };
    int ok = -1;

    if (path_of(r, "vkey", &path) != 0 ||
        file_read((const char *)path.p, LEDGER_VKEY_SIZE, &text, r->e) != 0) {
        (void)missing(r);
        goto out;
    }
    if (text.len > 0 && text.p[text.len - 1] == '\n')
        text.p[--text.len] = '\0';
    if (text.len == 0 || text.len >= sizeof(r->out->vkey) ||
        memchr(text.p, '\0', text.len) != NULL ||
        note_vkey_parse((const char *)text.p, name, public_key, r->e) != 0) {
        (void)error_set(r->e, ERR_VERIFY,
                        "%s is no verifier key: no entry can be trusted, from "
                        "0 on",
                        (const char *)path.p);
        goto out;
    }
    memcpy(r->out->vkey, text.p, text.len + 1);
    ok = 0;
out:
    buf_free(&text);
    buf_free(&path);
    return ok;
}

/* Absent where the key was never exchanged. */
int ledger_bundle_changes(const char *folder, struct ledger_history *h,
                          struct error *e)
{
    struct reading r = { .folder = folder, .e = e };
    struct buf path = { 0 }, text = { 0 };
    struct error why = { 0 };
    int ok = path_of(&r, "history.jsonl", &path);

    *h = (struct ledger_history){ 0 };
    if (ok == 0 && file_read((const char *)path.p, LIMIT_LEDGER_HISTORY, &text,
                             &why) != 0) {
        ok = why.code == ERR_NOT_FOUND ? 0 : -1;
        *e = why;
    } else if (ok == 0) {
        ok = ledger_history_read(h, (const char *)text.p, text.len, e);
    }
    buf_free(&text);
    buf_free(&path);
    return ok;
}

static int read_history(struct reading *r)
{
    const struct ledger_history *h = &r->history;

    if (ledger_bundle_changes(r->folder, &r->history, r->e) != 0)
        return -1;
    return h->n == 0 || strcmp(h->changes[h->n - 1].vkey, r->out->vkey) == 0
               ? 0
               : error_set(r->e, ERR_VERIFY,
                           "history.jsonl does not lead to the key in vkey");
}

static int read_note(const struct reading *r, const char *path,
                     const struct ledger_change **lost,
                     struct ledger_checkpoint *out)
{
    struct buf note = { 0 };
    struct error why = { 0 };
    int ok = -1;

    if (file_read(path, LIMIT_NOTE_BYTES, &note, r->e) != 0)
        goto out;
    if (note.p == NULL || ledger_history_checkpoint(&r->history, r->out->vkey,
                                                    out, (const char *)note.p,
                                                    note.len, lost, &why) != 0)
        (void)error_set(r->e, ERR_VERIFY,
                        "%s is not signed with the key in vkey (%s): no entry "
                        "can be trusted, from 0 on",
                        path, why.text);
    else
        ok = 0;
out:
    buf_free(&note);
    return ok;
}

/* Another tree that was signed: the log grew through it, and has it still. */
static int expect_note(const struct reading *r, const char *path)
{
    const struct ledger_checkpoint *now = &r->out->now;
    const struct ledger_change *lost;
    struct ledger_checkpoint c;

    if (read_note(r, path, &lost, &c) != 0)
        return -1;
    if (lost != NULL)
        return error_set(r->e, ERR_VERIFY,
                         "%s is of %" PRIu64 " entries: some of them were lost "
                         "before the ledger was reopened",
                         path, c.size);
    if (c.size > now->size)
        return error_set(r->e, ERR_VERIFY,
                         "entry %" PRIu64 " is missing: %s is of %" PRIu64
                         " entries",
                         now->size, path, c.size);
    if (c.size == now->size && memcmp(c.root, now->root, sizeof(c.root)) != 0)
        return error_set(r->e, ERR_VERIFY,
                         "two trees of one size were signed, from entry 0 on");
    return ledger_verifier_expect(r->verifier, &c, path, r->e);
}

static int expect_cosigned(const struct reading *r)
{
    struct buf path = { 0 };
    int ok = path_of(r, "cosigned", &path);

    if (ok == 0 && access((const char *)path.p, F_OK) == 0)
        ok = expect_note(r, (const char *)path.p);
    buf_free(&path);
    return ok;
}

/* The signed trees that the entries must grow through. */
static int expect(const struct reading *r, const char *old)
{
    struct ledger_checkpoint *now = &r->out->now;
    const struct ledger_change *ignored;
    struct buf path = { 0 };
    int ok = -1;

    if (path_of(r, "checkpoint", &path) == 0 &&
        (read_note(r, (const char *)path.p, &ignored, now) == 0 ||
         missing(r) == 0) &&
        (old == NULL || expect_note(r, old) == 0) &&
        ledger_verifier_expect(r->verifier, now, "checkpoint", r->e) == 0 &&
        ledger_history_expect(&r->history, r->verifier, r->e) == 0 &&
        expect_cosigned(r) == 0)
        ok = bundle_stamps_expect(r->folder, now, r->verifier, r->e);
    buf_free(&path);
    return ok;
}

/* ---- entries ------------------------------------------------------------ */

/* The notice whose hash an entry publishes lies beside it. */
static bool notice_is_there(struct reading *r, const struct json_node *entry)
{
    const char *hash = json_node_str(entry, "notice_sha256");
    uint8_t want[SHA256_LEN], got[SHA256_LEN];
    struct buf path = { 0 }, words = { 0 };
    struct error ignored = { 0 };
    bool there = false;

    if (hash != NULL &&
        hex_decode(want, sizeof(want), hash, strlen(hash), false) == 0 &&
        buf_addf(&path, "%s/notice-%s.md", r->folder, hash) == 0 &&
        file_read((const char *)path.p, LIMIT_NOTICE_BYTES * 2, &words,
                  &ignored) == 0) {
        sha256_of(got, words.p, words.len);
        there = memcmp(want, got, sizeof(got)) == 0;
    }
    buf_free(&words);
    buf_free(&path);
    return there;
}

/* The stamp that an entry speaks of lies beside it, and holds. */
static const char *check_stamp(struct reading *r, const struct json_node *entry)
{
    msec time;
    const char *wrong = bundle_stamp_wrong(r->folder, entry, &r->ca, &time);

    if (wrong == NULL && r->ca.len > 0) {
        r->out->stamps++;
        r->out->last_stamp = time;
    }
    return wrong;
}

static bool is_judged(const struct json_span *event)
{
    static const char *const ours[] = { "checkpoint_stamped", "ledger_reopened",
                                        "ledger_key_rotated" };

    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (event->len == strlen(ours[i]) &&
            memcmp(event->p, ours[i], event->len) == 0)
            return true;
    return bundle_staff_minds(event->p, event->len) ||
           ledger_gate_minds(event->p, event->len);
}

/* Each entry that changes the key is in the history, and the other way. */
static const char *match_change(struct reading *r, const char *event,
                                const struct ledger_line *line, uint64_t n)
{
    uint8_t leaf[LEDGER_HASH_LEN];

    if (event == NULL || (strcmp(event, "ledger_reopened") != 0 &&
                          strcmp(event, "ledger_key_rotated") != 0))
        return NULL;
    ledger_leaf_hash(leaf, line->entry, line->len);
    if (ledger_history_has(&r->history, n, leaf)) {
        r->changes++;
        return NULL;
    }
    return "the ledger's key was changed, and history.jsonl does not say so";
}

static int check_changes(const struct reading *r)
{
    return ledger_history_live(&r->history) == r->changes
               ? bundle_staff_end(r->staff, r->e)
               : error_set(r->e, ERR_VERIFY,
                           "history.jsonl tells of changes of the key that "
                           "are not in the log");
}

/* A breach is remembered; that nobody altered it counts first. */
static int judge(struct reading *r, const struct ledger_line *l, uint64_t n)
{
    const char *violation = NULL, *event;
    struct json_look look;
    const struct json_node *entry;
    struct json_doc *doc;
    int ok = -1;

    /* To parse it costs more than all else that is done with an entry. */
    if (json_look(l->entry, l->len, &look) && !is_judged(&look.event_type))
        return 0;
    if ((doc = json_scan(l->entry, l->len, r->e)) == NULL)
        return -1;
    entry = json_root(doc);
    event = json_node_str(entry, "event_type");
    ok = r->gate == NULL
             ? 0
             : ledger_gate_add_node(r->gate, entry, &violation, r->e);
    if (event != NULL && strcmp(event, "notice_published") == 0 &&
        !notice_is_there(r, entry))
        violation = "the words of its notice are not those published";
    if (ok == 0 && event != NULL && strcmp(event, "checkpoint_stamped") == 0 &&
        violation == NULL)
        violation = check_stamp(r, entry);
    if (violation == NULL)
        violation = match_change(r, event, l, n);
    if (violation == NULL)
        violation = bundle_staff_wrong(r->staff, entry);
    if (ok == 0 && violation != NULL && r->violation.code == ERR_NONE)
        (void)error_set(&r->violation, ERR_VERIFY, "entry %" PRIu64 ": %s", n,
                        violation);
    json_doc_free(&doc);
    return ok;
}

/* To who wants all of them. */
static int tell(struct reading *r, const struct ledger_line *l, uint64_t n)
{
    json_t *entry;
    int ok;

    if (r->each == NULL)
        return 0;
    if ((entry = json_parse(l->entry, l->len, r->e)) == NULL)
        return -1;
    ok = r->each(r->arg, n, entry, r->e);
    json_decref(entry);
    return ok;
}

/* Nobody is handed an entry that was not found in its place. */
static int judge_all(struct reading *r, const struct batch *b)
{
    for (size_t i = 0; i < b->n; i++)
        if (judge(r, &b->lines[i], b->from + i) != 0 ||
            tell(r, &b->lines[i], b->from + i) != 0)
            return -1;
    return 0;
}

/* While the next ones are read, and while these are judged, another core looks
 * at what comes. */
static int take_batches(struct reading *r)
{
    struct batch *now = batches_next(&r->batches), *next;

    ledger_verifier_begin(r->verifier, now->lines, now->n);
    for (;; now = next) {
        next = now->more > 0 ? batches_next(&r->batches) : NULL;
        if (ledger_verifier_add_all(r->verifier, now->lines, now->n, r->e) != 0)
            return -1;
        if (next != NULL)
            ledger_verifier_begin(r->verifier, next->lines, next->n);
        if (judge_all(r, now) != 0)
            return -1;
        if (next == NULL)
            break;
    }
    if (now->more < 0)
        *r->e = now->behind;
    return now->more;
}

static int take_all(struct reading *r)
{
    uint64_t n;

    if (take_batches(r) != 0)
        return -1;
    n = ledger_verifier_size(r->verifier);
    if (n < r->out->now.size)
        return error_set(r->e, ERR_VERIFY,
                         "entry %" PRIu64 " is missing: %" PRIu64
                         " were signed",
                         n, r->out->now.size);
    return batches_end(&r->batches, r->e) != 0
               ? -1
               : ledger_verifier_finish(r->verifier, r->e);
}

static int open_staff(struct reading *r)
{
    return bundle_staff_open(&r->staff, r->folder, r->out->keyring_root,
                             r->e) != 0
               ? missing(r)
               : 0;
}

static int open_lines(struct reading *r)
{
    return batches_open(&r->batches, r->folder, r->out->now.size, r->e) != 0
               ? missing(r)
               : 0;
}

static int read_all(struct reading *r, const char *old)
{
    int ok = -1;

    memset(r->out, 0, sizeof(*r->out));
    r->verifier = ledger_verifier_new();
    if (r->verifier == NULL) {
        (void)error_set(r->e, ERR_NOMEM, "no memory to verify");
        goto out;
    }
    if (read_key(r) != 0 || read_history(r) != 0 || open_staff(r) != 0 ||
        expect(r, old) != 0 ||
        bundle_authorities(r->folder, &r->ca, r->e) != 0 ||
        open_lines(r) != 0 || take_all(r) != 0)
        goto out;
    if (r->violation.code != ERR_NONE)
        *r->e = r->violation;
    else
        ok = check_changes(r);
out:
    bundle_staff_close(&r->staff);
    buf_free(&r->ca);
    ledger_verifier_free(&r->verifier); /* before what it may still look at */
    batches_close(&r->batches);
    ledger_history_free(&r->history);
    return ok;
}

int ledger_bundle_verify(struct ledger_bundle *out, const char *folder,
                         const char *old, struct error *e)
{
    struct reading r = {
        .folder = folder, .out = out, .gate = ledger_gate_new(), .e = e
    };
    int ok = -1;

    if (r.gate == NULL)
        return error_set(e, ERR_NOMEM, "no memory to verify");
    ok = read_all(&r, old);
    if (ok == 0)
        out->counts = *ledger_gate_counts(r.gate);
    ledger_gate_free(&r.gate);
    return ok;
}

int ledger_bundle_each(struct ledger_bundle *out, const char *folder,
                       ledger_bundle_entry each, void *arg, struct error *e)
{
    struct reading r = {
        .folder = folder, .out = out, .each = each, .arg = arg, .e = e
    };

    return read_all(&r, NULL);
}

static int pass(void *arg, const char *line, size_t line_len, const char *name,
                size_t name_len, const uint8_t *blob, size_t len)
{
    (void)arg, (void)line, (void)line_len, (void)name, (void)name_len,
        (void)blob, (void)len;
    return 0;
}

/* Of a note whose log's signature was seen to before. */
static int size_of(const struct buf *note, uint64_t *size, struct error *e)
{
    struct ledger_checkpoint c;
    size_t len;

    if (note_walk((const char *)note->p, note->len, &len, pass, NULL, e) != 0 ||
        ledger_checkpoint_parse(&c, (const char *)note->p, len, e) != 0)
        return -1;
    *size = c.size;
    return 0;
}

int ledger_bundle_cosigned(const char *folder, const char *witness,
                           uint64_t *size, uint64_t *time, struct error *e)
{
    static const char *const names[] = { "cosigned", "checkpoint" };
    struct reading r = { .folder = folder, .e = e };
    struct ledger_witness w;
    struct error ignored = { 0 };
    int found = 0;

    if (ledger_witness_parse(&w, witness, e) != 0)
        return -1;
    for (size_t i = 0; found == 0 && i < 2; i++) {
        struct buf path = { 0 }, note = { 0 };

        if (path_of(&r, names[i], &path) != 0)
            found = -1;
        else if (file_read((const char *)path.p, LIMIT_NOTE_BYTES, &note,
                           &ignored) == 0 &&
                 size_of(&note, size, &ignored) == 0)
            found = ledger_cosigned(&w, (const char *)note.p, note.len, time,
                                    NULL, e);
        buf_free(&note);
        buf_free(&path);
    }
    return found > 0   ? 0
           : found < 0 ? -1
                       : error_set(e, ERR_VERIFY,
                                   "%s: this witness did not sign", folder);
}
