/*
 * A bundle of `ledger export`: its files are outside bytes, and none is taken
 * for what it says. What does not verify is told with the place of the first
 * entry that is wrong; a breach of the gate rule only where all of it verifies.
 */
#include "bundle_stamp.h"
#include "note.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEAF_TEXT ((size_t)HEX_SIZE(LEDGER_HASH_LEN) - 1)

/* Lines are looked at where they were read to: there are millions. */
#define PIECE ((size_t)256 * 1024)
struct lines {
    FILE *file;
    const char *name;
    uint8_t *buffer; /* of PIECE bytes and a line */
    size_t at, end;  /* what is in it */
    const uint8_t *line;
    size_t len;
};

struct reading {
    const char *folder;
    struct ledger_bundle *out;
    struct lines entries, leaves;
    struct ledger_verifier *verifier;
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

/* ---- lines -------------------------------------------------------------- */

static int lines_open(struct reading *r, struct lines *l, const char *name)
{
    struct buf path = { 0 };
    int ok = path_of(r, name, &path);

    l->name = name;
    if (ok == 0 && (l->buffer = malloc(PIECE + LIMIT_LEDGER_ENTRY + 1)) == NULL)
        ok = error_set(r->e, ERR_NOMEM, "no memory for lines");
    if (ok == 0 && (l->file = fopen((const char *)path.p, "re")) == NULL)
        ok = error_errno(r->e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
                         "cannot read %s", (const char *)path.p);
    buf_free(&path);
    return ok;
}

static void lines_close(struct lines *l)
{
    if (l->file != NULL)
        (void)fclose(l->file);
    free(l->buffer);
}

/* What is left of the buffer goes to its front, and more comes behind it. */
static void lines_fill(struct lines *l)
{
    memmove(l->buffer, l->buffer + l->at, l->end - l->at);
    l->end -= l->at;
    l->at = 0;
    l->end += fread(l->buffer + l->end, 1, PIECE, l->file);
}

/* 1 with a line, 0 at the end, -1; `n` is the line's number, for words. */
static int lines_next(struct lines *l, uint64_t n, struct error *e)
{
    const uint8_t *end = memchr(l->buffer + l->at, '\n', l->end - l->at);

    if (end == NULL && l->end - l->at <= LIMIT_LEDGER_ENTRY) {
        lines_fill(l);
        end = memchr(l->buffer, '\n', l->end);
    }
    l->line = l->buffer + l->at;
    l->len = (end == NULL ? l->end : (size_t)(end - l->buffer)) - l->at;
    if (ferror(l->file))
        return error_errno(e, ERR_IO, "cannot read %s", l->name);
    if (l->len > LIMIT_LEDGER_ENTRY)
        return error_set(e, ERR_VERIFY, "entry %" PRIu64 ": %s is too long", n,
                         l->name);
    if (end != NULL) {
        l->at += l->len + 1;
        return 1;
    }
    return l->len == 0 ? 0
                       : error_set(e, ERR_VERIFY,
                                   "entry %" PRIu64 ": %s is cut", n, l->name);
}

/* ---- what was signed ---------------------------------------------------- */

static int read_key(struct reading *r)
{
    char name[LEDGER_ORIGIN_SIZE];
    uint8_t public_key[32];
    struct buf path = { 0 }, text = { 0 };
    int ok = -1;

    if (path_of(r, "vkey", &path) != 0 ||
        file_read((const char *)path.p, LEDGER_VKEY_SIZE, &text, r->e) != 0)
        goto out;
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
static int read_history(struct reading *r)
{
    struct buf path = { 0 }, text = { 0 };
    struct error why = { 0 };
    const struct ledger_history *h = &r->history;
    int ok = path_of(r, "history.jsonl", &path);

    if (ok == 0 && file_read((const char *)path.p, LIMIT_LEDGER_HISTORY, &text,
                             &why) != 0) {
        ok = why.code == ERR_NOT_FOUND ? 0 : -1;
        *r->e = why;
    } else if (ok == 0) {
        ok = ledger_history_read(&r->history, (const char *)text.p, text.len,
                                 r->e);
    }
    if (ok == 0 && h->n > 0 &&
        strcmp(h->changes[h->n - 1].vkey, r->out->vkey) != 0)
        ok = error_set(r->e, ERR_VERIFY,
                       "history.jsonl does not lead to the key in vkey");
    buf_free(&text);
    buf_free(&path);
    return ok;
}

static int read_note(const struct reading *r, const char *path, bool *lost,
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

/* Another signed tree, if it is there: of a log that grew through it. */
static int expect_cosigned(const struct reading *r)
{
    struct ledger_checkpoint c;
    struct buf path = { 0 };
    bool lost;
    int ok = path_of(r, "cosigned", &path);

    if (ok == 0 && access((const char *)path.p, F_OK) == 0 &&
        (ok = read_note(r, (const char *)path.p, &lost, &c)) == 0 && !lost)
        ok = c.size > r->out->now.size
                 ? error_set(r->e, ERR_VERIFY,
                             "entry %" PRIu64
                             " is missing: cosigned is of %" PRIu64 " entries",
                             r->out->now.size, c.size)
                 : ledger_verifier_expect(r->verifier, &c, "cosigned", r->e);
    buf_free(&path);
    return ok;
}

/* Was what stood at a place of the log lost by change i or a later one? */
static bool lost_since(const struct ledger_history *h, size_t i, uint64_t index)
{
    for (; i < h->n; i++)
        if (h->changes[i].reopened && h->changes[i].index <= index)
            return true;
    return false;
}

/* The trees that a key's first checkpoint was of. */
static int expect_changes(const struct reading *r)
{
    const struct ledger_history *h = &r->history;

    for (size_t i = 0; i < h->n; i++)
        if (!lost_since(h, i + 1, h->changes[i].first.size - 1) &&
            ledger_verifier_expect(r->verifier, &h->changes[i].first,
                                   "of a new key", r->e) != 0)
            return -1;
    return 0;
}

/* The signed trees that the entries must grow through. */
static int expect(const struct reading *r, const char *old)
{
    struct ledger_checkpoint before, *now = &r->out->now;
    bool lost = false, ignored;
    struct buf path = { 0 };
    int ok = -1;

    if (path_of(r, "checkpoint", &path) != 0 ||
        read_note(r, (const char *)path.p, &ignored, now) != 0 ||
        (old != NULL && read_note(r, old, &lost, &before) != 0))
        goto out;
    if (lost) {
        (void)error_set(r->e, ERR_VERIFY,
                        "%s is of %" PRIu64 " entries: some of them were lost "
                        "before the ledger was reopened",
                        old, before.size);
        goto out;
    }
    if (old != NULL && before.size > now->size) {
        (void)error_set(r->e, ERR_VERIFY,
                        "entry %" PRIu64 " is missing: %s is of %" PRIu64
                        " entries",
                        now->size, old, before.size);
        goto out;
    }
    if (old != NULL && before.size == now->size &&
        memcmp(before.root, now->root, sizeof(now->root)) != 0) {
        (void)error_set(r->e, ERR_VERIFY,
                        "two trees of one size were signed, from entry 0 on");
        goto out;
    }
    if ((old == NULL ||
         ledger_verifier_expect(r->verifier, &before, old, r->e) == 0) &&
        ledger_verifier_expect(r->verifier, now, "checkpoint", r->e) == 0)
        ok = expect_changes(r) != 0 || expect_cosigned(r) != 0
                 ? -1
                 : bundle_stamps_expect(r->folder, now, r->verifier, r->e);
out:
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
    return ledger_gate_minds(event->p, event->len);
}

/* Each entry that changes the key is in the history, and the other way. */
static const char *match_change(struct reading *r, const char *event,
                                uint64_t n)
{
    uint8_t leaf[LEDGER_HASH_LEN];

    if (event == NULL || (strcmp(event, "ledger_reopened") != 0 &&
                          strcmp(event, "ledger_key_rotated") != 0))
        return NULL;
    ledger_leaf_hash(leaf, r->entries.line, r->entries.len);
    for (size_t i = 0; i < r->history.n; i++)
        if (r->history.changes[i].index == n &&
            memcmp(r->history.changes[i].leaf, leaf, sizeof(leaf)) == 0) {
            r->changes++;
            return NULL;
        }
    return "the ledger's key was changed, and history.jsonl does not say so";
}

static int check_changes(const struct reading *r)
{
    const struct ledger_history *h = &r->history;
    size_t live = 0;

    for (size_t i = 0; i < h->n; i++)
        live += !lost_since(h, i + 1, h->changes[i].index);
    return live == r->changes
               ? 0
               : error_set(r->e, ERR_VERIFY,
                           "history.jsonl tells of changes of the key that "
                           "are not in the log");
}

/* A breach is remembered; that nobody altered it counts first. */
static int judge(struct reading *r, uint64_t n)
{
    const char *violation = NULL, *event;
    const struct lines *l = &r->entries;
    struct json_look look;
    const struct json_node *entry;
    struct json_doc *doc;
    int ok = -1;

    /* To parse it costs more than all else that is done with an entry. */
    if (json_look(l->line, l->len, &look) && !is_judged(&look.event_type))
        return 0;
    if ((doc = json_scan(l->line, l->len, r->e)) == NULL)
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
        violation = match_change(r, event, n);
    if (ok == 0 && violation != NULL && r->violation.code == ERR_NONE)
        (void)error_set(&r->violation, ERR_VERIFY, "entry %" PRIu64 ": %s", n,
                        violation);
    json_doc_free(&doc);
    return ok;
}

/* To who wants all of them. */
static int tell(struct reading *r, uint64_t n)
{
    json_t *entry;
    int ok;

    if (r->each == NULL)
        return 0;
    if ((entry = json_parse(r->entries.line, r->entries.len, r->e)) == NULL)
        return -1;
    ok = r->each(r->arg, n, entry, r->e);
    json_decref(entry);
    return ok;
}

static int take_entry(struct reading *r, uint64_t n)
{
    const struct lines *line = &r->leaves;
    uint8_t leaf[LEDGER_HASH_LEN] = { 0 };
    int more;

    if (n == r->out->now.size)
        return error_set(r->e, ERR_VERIFY,
                         "entry %" PRIu64 ": it is more than was signed", n);

    /* No leaf hash, or one that is none, is as good as a wrong one. */
    if ((more = lines_next(&r->leaves, n, r->e)) < 0)
        return -1;
    if (more == 0 ||
        hex_decode(leaf, sizeof(leaf), (const char *)line->line,
                   line->len == LEAF_TEXT ? LEAF_TEXT : 0, false) != 0)
        memset(leaf, 0, sizeof(leaf));
    if (ledger_verifier_add(r->verifier, r->entries.line, r->entries.len, leaf,
                            r->e) != 0)
        return -1;
    return judge(r, n) != 0 ? -1 : tell(r, n);
}

static int take_all(struct reading *r)
{
    uint64_t n = 0;
    int more;

    while ((more = lines_next(&r->entries, n, r->e)) > 0)
        if (take_entry(r, n++) != 0)
            return -1;
    if (more < 0)
        return -1;
    if (n < r->out->now.size)
        return error_set(r->e, ERR_VERIFY,
                         "entry %" PRIu64 " is missing: %" PRIu64
                         " were signed",
                         n, r->out->now.size);
    if ((more = lines_next(&r->leaves, n, r->e)) > 0)
        return error_set(
            r->e, ERR_VERIFY,
            "entry %" PRIu64 ": there are more leaves than entries", n);
    return more < 0 ? -1 : ledger_verifier_finish(r->verifier, r->e);
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
    if (read_key(r) != 0 || read_history(r) != 0 || expect(r, old) != 0 ||
        bundle_authorities(r->folder, &r->ca, r->e) != 0 ||
        lines_open(r, &r->entries, "entries.jsonl") != 0 ||
        lines_open(r, &r->leaves, "leaves") != 0 || take_all(r) != 0)
        goto out;
    if (r->violation.code != ERR_NONE)
        *r->e = r->violation;
    else
        ok = check_changes(r);
out:
    buf_free(&r->ca);
    lines_close(&r->leaves);
    lines_close(&r->entries);
    ledger_verifier_free(&r->verifier);
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
