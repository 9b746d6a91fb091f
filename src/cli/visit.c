/* The ledger of a desk: pinned key, signed size, every entry recomputed. */
#include "visit.h"

#include <inttypes.h>
#include <string.h>

static const struct {
    const char *member, *name;
} formers[2] = { { "checkpoint", "last verified here" },
                 { "seen", "last seen here" } };

void visit_close(struct visit *v)
{
    buf_free(&v->note);
    ledger_history_free(&v->history);
    known_close(&v->known);
    client_close(&v->client);
}

/* The key that the desk says is its ledger's. */
static int ask_key(struct visit *v, struct error *e)
{
    uint8_t public_key[32];
    char name[LEDGER_ORIGIN_SIZE];
    struct buf key = { 0 };
    int ok = -1;

    if (client_get(v->client, "/ledger/key", &key, e) != 0)
        goto out;
    if (key.len > 0 && key.p[key.len - 1] == '\n')
        key.p[--key.len] = '\0';
    if (key.len == 0 || key.len >= sizeof(v->vkey) ||
        memchr(key.p, '\0', key.len) != NULL ||
        note_vkey_parse((const char *)key.p, name, public_key, e) != 0) {
        (void)error_set(e, ERR_VERIFY, "the desk's ledger key is malformed");
        goto out;
    }
    memcpy(v->vkey, key.p, key.len + 1);
    ok = 0;
out:
    buf_free(&key);
    return ok;
}

/* What the desk sends may hold anything, so it is escaped. */
static int tell(const char *form, const char *address, const char *vkey,
                struct error *e)
{
    struct buf shown = { 0 };
    int ok = text_escape(&shown, vkey);

    if (ok != 0)
        ok = error_set(e, ERR_NOMEM, "no memory for the ledger's key");
    else
        (void)fprintf(stderr, "%s %s: its ledger key %s is pinned\n", form,
                      address, (const char *)shown.p);
    buf_free(&shown);
    return ok;
}

/* Who is an officer is pinned with the key, or nobody could tell later whether
 * those who reopen the ledger were. */
static int pin_keyring(const struct visit *v, struct error *e)
{
    uint8_t root[KEYRING_HASH_LEN];
    char hex[HEX_SIZE(KEYRING_HASH_LEN)];
    struct keyring *ring = NULL;
    json_t *answer;

    if (known_get(v->known, "keyring_root") != NULL)
        return 0;
    answer = client_get_json(v->client, "/keyring", e);
    if (answer != NULL)
        ring = reader_keyring(v->cli, answer, e);
    json_decref(answer);
    if (ring == NULL)
        return -1;
    keyring_root(ring, root);
    hex_encode(hex, root, sizeof(root));
    keyring_free(&ring);
    return known_set(v->known, "keyring_root", hex, e);
}

/* Another key than the pinned one is believed when the history leads to it. */
static int follow(struct visit *v, const char *pinned, struct error *e)
{
    size_t i;

    if (visit_history(v, NULL, e) != 0)
        return -1;
    i = ledger_history_way(&v->history, pinned, v->vkey);
    if (i == SIZE_MAX)
        return known_pin(v->known, "ledger_key", v->vkey,
                         "the key of the ledger", NULL, e);
    for (; i < v->history.n; i++) {
        const struct ledger_change *c = &v->history.changes[i];

        if (c->reopened)
            (void)fprintf(stderr,
                          "the ledger was reopened after %" PRIu64
                          " entries of the %" PRIu64
                          " that were signed: two officers say so\n",
                          c->index, c->last.size);
        else
            (void)fprintf(stderr,
                          "the ledger's key was exchanged: entry %" PRIu64 "\n",
                          c->index);
    }
    v->learnt = "from now on at";
    return known_set(v->known, "ledger_key", v->vkey, e) != 0
               ? -1
               : pin_keyring(v, e);
}

static int take_key(struct visit *v, struct error *e)
{
    const char *pinned = known_get(v->known, "ledger_key");

    if (ask_key(v, e) != 0)
        return -1;
    if (pinned == NULL) {
        v->learnt = "first contact with";
        return known_set(v->known, "ledger_key", v->vkey, e) != 0
                   ? -1
                   : pin_keyring(v, e);
    }
    return strcmp(pinned, v->vkey) == 0 ? pin_keyring(v, e)
                                        : follow(v, pinned, e);
}

/* ---- changes of the key ------------------------------------------------- */

static bool is_officer(const struct keyring *ring, const uint8_t *key)
{
    const struct keyring_staff *staff;

    for (size_t i = 0; (staff = keyring_staff_at(ring, i)) != NULL; i++)
        if ((staff->roles & ROLE_OFFICER) != 0 &&
            memcmp(staff->sign_key, key, SIGN_PUBLIC_LEN) == 0)
            return true;
    return false;
}

static bool are_officers(const struct keyring *ring,
                         const struct ledger_change *c)
{
    return is_officer(ring, c->officers[0]) && is_officer(ring, c->officers[1]);
}

/* Who signed it were two officers when they did. One may have left since; but
 * who left before we last looked cannot have signed what is new to us. */
static int check_hands(const struct visit *v, const struct ledger_change *c,
                       const json_t *answer, bool is_new, struct error *e)
{
    struct keyring *then = reader_keyring_then(answer, c->keyring_size, e);
    int ok = -1;

    if (then == NULL)
        return -1;
    if (!are_officers(then, c))
        (void)error_set(e, ERR_VERIFY,
                        "who reopened the ledger after entry %" PRIu64
                        " were not two officers of the keyring",
                        c->index);
    else if (is_new && c->keyring_size < reader_keyring_seen(v->known))
        (void)error_set(e, ERR_VERIFY,
                        "who reopened the ledger after entry %" PRIu64
                        " are not both officers now, and their keyring is "
                        "older than the one seen here before",
                        c->index);
    else
        ok = 0;
    keyring_free(&then);
    return ok == 0
               ? 0
               : error_hint(e, "ask the officers by other means, and only then "
                               "remove the line of this desk from "
                               "IDENTITY.known");
}

/* By the keyring that was pinned before: one that comes with the reopening
 * proves nothing. */
static struct keyring *ask_keyring(const struct visit *v, json_t **answer,
                                   struct error *e)
{
    if (known_get(v->known, "keyring_root") == NULL) {
        (void)error_set(e, ERR_VERIFY,
                        "the ledger was reopened, and the keyring of its "
                        "officers was never seen here");
        (void)error_hint(e, "ask two officers by other means, and only then "
                            "remove the line of this desk from "
                            "IDENTITY.known");
        return NULL;
    }
    *answer = client_get_json(v->client, "/keyring", e);
    return *answer == NULL ? NULL : reader_keyring(v->cli, *answer, e);
}

static int check_officers(const struct visit *v, struct error *e)
{
    const char *pinned = known_get(v->known, "ledger_key");
    size_t way = pinned == NULL
                     ? SIZE_MAX
                     : ledger_history_way(&v->history, pinned, v->vkey);
    struct keyring *ring = NULL;
    json_t *answer = NULL;
    int ok = 0;

    for (size_t i = 0; ok == 0 && i < v->history.n; i++) {
        const struct ledger_change *c = &v->history.changes[i];

        if (!c->reopened)
            continue;
        if (ring == NULL && (ring = ask_keyring(v, &answer, e)) == NULL)
            ok = -1;
        else if (!are_officers(ring, c))
            ok = check_hands(v, c, answer, i >= way, e);
    }
    keyring_free(&ring);
    json_decref(answer);
    return ok;
}

int visit_history(struct visit *v, struct buf *text, struct error *e)
{
    struct buf own = { 0 };
    struct buf *out = text != NULL ? text : &own;
    int ok = -1;

    ledger_history_free(&v->history);
    if (client_get(v->client, "/ledger/history", out, e) != 0 ||
        ledger_history_read(&v->history, (const char *)out->p, out->len, e) !=
            0 ||
        check_officers(v, e) != 0)
        goto out;
    v->has_history = true;
    ok = 0;
out:
    buf_free(&own);
    return ok;
}

/* A checkpoint by the key of now, or by one before it. */
static int open_note(struct visit *v, struct ledger_checkpoint *out,
                     const void *note, size_t len,
                     const struct ledger_change **lost, struct error *e)
{
    int ok = ledger_history_checkpoint(&v->history, v->vkey, out, note, len,
                                       lost, e);

    if (ok == 0 || v->has_history)
        return ok;
    return visit_history(v, NULL, e) != 0
               ? -1
               : ledger_history_checkpoint(&v->history, v->vkey, out, note, len,
                                           lost, e);
}

static int more_was_signed(const struct ledger_checkpoint *before,
                           const struct ledger_change *lost, const char *name,
                           struct error *e)
{
    (void)error_set(e, ERR_VERIFY,
                    "more was signed than the officers were told when they "
                    "reopened the ledger: %" PRIu64 " entries were %s, and "
                    "they speak of %" PRIu64,
                    before->size, name, lost->last.size);
    return error_hint(e, "what you saw is in IDENTITY.known: show it to the "
                         "officers");
}

/* A signed size below one that was signed before is a ledger that was cut. */
static int compare(struct visit *v, size_t i, struct error *e)
{
    const char *note = known_get(v->known, formers[i].member);
    struct ledger_checkpoint *before = &v->before[i];
    struct error why = { 0 };
    const struct ledger_change *lost;

    if (note == NULL)
        return 0;
    if (open_note(v, before, note, strlen(note), &lost, &why) != 0)
        return error_set(e, ERR_VERIFY, "the checkpoint %s does not hold: %s",
                         formers[i].name, why.text);

    /* What two officers say is lost cannot be held against anything; what they
     * were not told of is not theirs to give up. */
    if (lost != NULL)
        return before->size > lost->last.size
                   ? more_was_signed(before, lost, formers[i].name, e)
                   : known_forget(v->known, formers[i].member, e);
    v->has_before[i] = true;
    if (v->now.size < before->size)
        return error_set(e, ERR_VERIFY,
                         "the ledger was cut: it had %llu entries and has %llu",
                         (unsigned long long)before->size,
                         (unsigned long long)v->now.size);
    if (v->now.size == before->size &&
        memcmp(v->now.root, before->root, sizeof(v->now.root)) != 0)
        return error_set(e, ERR_VERIFY,
                         "the ledger was forked: two trees of %llu entries "
                         "were signed",
                         (unsigned long long)v->now.size);
    return 0;
}

int visit_open(struct visit *v, const struct cli *cli, const char *path,
               struct error *e)
{
    struct error why = { 0 };

    *v = (struct visit){ .cli = cli };
    if (client_open(&v->client, cli->socket, e) != 0 ||
        client_get(v->client, path, &v->note, e) != 0 ||
        known_open(&v->known, cli->identity, cli->socket, e) != 0 ||
        take_key(v, e) != 0)
        return -1;
    if (ledger_checkpoint_open(&v->now, (const char *)v->note.p, v->note.len,
                               v->vkey, &why) != 0)
        return error_set(e, ERR_VERIFY, "the checkpoint does not hold: %s",
                         why.text);
    return compare(v, 0, e) != 0 ? -1 : compare(v, 1, e);
}

int visit_bring(struct visit *v, const char *file, struct error *e)
{
    struct buf note = { 0 };
    struct error why = { 0 };
    const struct ledger_change *lost;
    int ok = -1;

    if (file_read(file, LIMIT_NOTE_BYTES, &note, e) != 0)
        goto out;
    if (note.p == NULL ||
        open_note(v, &v->brought, note.p, note.len, &lost, &why) != 0)
        (void)error_set(e, ERR_VERIFY, "%s is no checkpoint of this ledger: %s",
                        file, why.text);
    else if (lost != NULL)
        (void)error_set(e, ERR_VERIFY,
                        "%s is of %" PRIu64 " entries: some of them were lost "
                        "before the ledger was reopened",
                        file, v->brought.size);
    else if (v->brought.size > v->now.size)
        (void)error_set(e, ERR_VERIFY,
                        "entry %" PRIu64 " is missing: %s is of %" PRIu64
                        " entries",
                        v->now.size, file, v->brought.size);
    else
        ok = 0;
    v->brought_name = file;
out:
    buf_free(&note);
    return ok;
}

/* ---- recomputing -------------------------------------------------------- */

struct recomputing {
    struct ledger_verifier *verifier;
    const struct ledger_history *history;
    size_t changes; /* entries of it that were met */
    visit_entry each;
    void *arg;
};

int visit_line(const char *line, size_t len, struct buf *entry,
               uint8_t leaf[static LEDGER_HASH_LEN], struct error *e)
{
    json_t *o = json_parse(line, len, e);
    const char *text = json_str(o, "entry"), *hex = json_str(o, "leaf");
    size_t text_len = text != NULL ? strlen(text) : 0;
    ssize_t got = -1;

    buf_reset(entry);
    if (text != NULL && buf_reserve(entry, text_len) == 0)
        got = base64_decode(entry->p, text_len, text, text_len, true);
    if (got < 0 || hex == NULL ||
        hex_decode(leaf, LEDGER_HASH_LEN, hex, strlen(hex), false) != 0) {
        json_decref(o);
        return error_set(e, ERR_VERIFY, "malformed");
    }
    entry->len = (size_t)got;
    json_decref(o);
    return 0;
}

static int add_entry(void *arg, const char *line, size_t len, struct error *e)
{
    struct recomputing *r = arg;
    uint64_t index = ledger_verifier_size(r->verifier);
    uint8_t leaf[LEDGER_HASH_LEN];
    struct buf entry = { 0 };
    int ok = -1;

    if (visit_line(line, len, &entry, leaf, e) != 0)
        (void)error_set(e, ERR_VERIFY, "entry %" PRIu64 " is malformed", index);
    else
        ok = ledger_verifier_add(r->verifier, entry.p, entry.len, leaf, e);
    if (ok == 0 && ledger_history_has(r->history, index, leaf))
        r->changes++;
    if (ok == 0 && r->each != NULL)
        ok = r->each(r->arg, index, entry.p, entry.len, leaf, e);
    buf_free(&entry);
    return ok;
}

static int add_bytes(void *arg, const uint8_t *bytes, size_t n, struct error *e)
{
    return splitter_add(arg, bytes, n, e);
}

static int expect(struct ledger_verifier *verifier, const struct visit *v,
                  struct error *e)
{
    if (ledger_history_expect(&v->history, verifier, e) != 0)
        return -1;
    for (size_t i = 0; i < sizeof(formers) / sizeof(formers[0]); i++)
        if (v->has_before[i] && ledger_verifier_expect(verifier, &v->before[i],
                                                       formers[i].name, e) != 0)
            return -1;
    if (v->brought_name != NULL &&
        ledger_verifier_expect(verifier, &v->brought, v->brought_name, e) != 0)
        return -1;
    return ledger_verifier_expect(verifier, &v->now, "current", e);
}

/* The one that leads to the key of what is recomputed. */
static int need_history(struct visit *v, struct error *e)
{
    const struct ledger_history *h = &v->history;

    if (!v->has_history && visit_history(v, NULL, e) != 0)
        return -1;
    if (h->n == 0 || strcmp(h->changes[h->n - 1].vkey, v->vkey) == 0)
        return 0;
    (void)error_set(e, ERR_VERIFY,
                    "the ledger's history does not lead to its key");
    return error_hint(e, "was the key exchanged just now? then run it again");
}

int visit_recompute(struct visit *v, visit_entry each, void *arg,
                    struct error *e)
{
    struct recomputing r = { .verifier = ledger_verifier_new(),
                             .history = &v->history,
                             .each = each,
                             .arg = arg };
    struct splitter lines = { .line = add_entry, .arg = &r };
    char path[64];
    int ok = -1;

    if (r.verifier == NULL)
        return error_set(e, ERR_NOMEM, "no memory to verify");
    (void)snprintf(path, sizeof(path), "/ledger/entries?from=0&to=%" PRIu64,
                   v->now.size);
    if (need_history(v, e) != 0 || expect(r.verifier, v, e) != 0 ||
        client_stream(v->client, path, NULL, add_bytes, &lines, e) != 0 ||
        splitter_end(&lines, e) != 0)
        goto out;
    ok = ledger_verifier_finish(r.verifier, e);
    if (ok == 0 && r.changes != ledger_history_live(&v->history))
        ok = error_set(e, ERR_VERIFY,
                       "the desk tells of changes of the ledger's key that "
                       "are not in the log");
out:
    buf_free(&lines.rest);
    ledger_verifier_free(&r.verifier);
    return ok;
}

/* Where it cannot be written there is a warning, and nothing is pinned. */
static int save(struct visit *v, struct error *e)
{
    const char *learnt = v->learnt;

    if (known_keep(v->known, e) != 0)
        return -1;
    if (learnt == NULL || !known_kept(v->known))
        return 0;
    v->learnt = NULL;
    return tell(learnt, v->cli->socket, v->vkey, e);
}

int visit_seen(struct visit *v, struct error *e)
{
    return known_set(v->known, "seen", (const char *)v->note.p, e) != 0
               ? -1
               : save(v, e);
}

int visit_keep(struct visit *v, struct error *e)
{
    if (known_set(v->known, "checkpoint", (const char *)v->note.p, e) != 0 ||
        known_forget(v->known, "seen", e) != 0)
        return -1;
    return save(v, e);
}
