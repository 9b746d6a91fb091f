/*
 * ledger checkpoint, ledger verify: nothing that the daemon says is taken for
 * granted but its key, which was pinned at the first contact.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

#include "resguardo/ledger.h"

struct visit {
    const struct cli *cli;
    struct client *client;
    struct known *known;
    char vkey[LEDGER_VKEY_SIZE]; /* the pinned one */
    struct buf note;
    struct ledger_checkpoint now;
    /* Those of IDENTITY.known: the last that was recomputed, the last seen. */
    struct ledger_checkpoint before[2];
    bool has_before[2];
};

static const struct {
    const char *member, *name;
} formers[2] = { { "checkpoint", "last verified here" },
                 { "seen", "last seen here" } };

static void leave(struct visit *v)
{
    buf_free(&v->note);
    known_close(&v->known);
    client_close(&v->client);
}

static int take_key(struct visit *v, struct error *e)
{
    uint8_t public_key[32];
    char name[LEDGER_ORIGIN_SIZE];
    struct buf key = { 0 }, shown = { 0 };
    int ok = -1;
    bool first;

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
    if (known_pin(v->known, "ledger_key", v->vkey, "the key of the ledger",
                  &first, e) != 0)
        goto out;
    if (text_escape(&shown, v->vkey) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for the ledger's key");
        goto out;
    }
    if (first)
        (void)fprintf(stderr,
                      "first contact with %s: its ledger key %s is pinned\n",
                      v->cli->socket, (const char *)shown.p);
    ok = 0;
out:
    buf_free(&shown);
    buf_free(&key);
    return ok;
}

/* A signed size below one that was signed before is a ledger that was cut. */
static int compare(struct visit *v, size_t i, struct error *e)
{
    const char *note = known_get(v->known, formers[i].member);
    struct ledger_checkpoint *before = &v->before[i];
    struct error why = { 0 };

    if (note == NULL)
        return 0;
    if (ledger_checkpoint_open(before, note, strlen(note), v->vkey, &why) != 0)
        return error_set(e, ERR_VERIFY, "the checkpoint %s does not hold: %s",
                         formers[i].name, why.text);
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

/* Opens with the pinned key what the desk signs now. */
static int arrive(struct visit *v, const struct cli *cli, struct error *e)
{
    struct error why = { 0 };

    *v = (struct visit){ .cli = cli };
    if (client_open(&v->client, cli->socket, e) != 0 ||
        client_get(v->client, "/ledger/checkpoint", &v->note, e) != 0 ||
        known_open(&v->known, cli->identity, cli->socket, e) != 0 ||
        take_key(v, e) != 0)
        return -1;
    if (ledger_checkpoint_open(&v->now, (const char *)v->note.p, v->note.len,
                               v->vkey, &why) != 0)
        return error_set(e, ERR_VERIFY, "the checkpoint does not hold: %s",
                         why.text);
    return compare(v, 0, e) != 0 ? -1 : compare(v, 1, e);
}

int ledger_run_checkpoint(const struct cli *cli, struct error *e)
{
    struct visit v;
    int ok = -1;

    /* Seen, not recomputed: what was stays beside it until it is. */
    if (arrive(&v, cli, e) != 0 ||
        known_set(v.known, "seen", (const char *)v.note.p, e) != 0)
        goto out;
    if (known_keep(v.known, e) != 0)
        goto out;
    (void)fwrite(v.note.p, 1, v.note.len, stdout);
    ok = output_end(stdout, e);
out:
    leave(&v);
    return ok;
}

/* ---- verifying ---------------------------------------------------------- */

static int add_entry(void *arg, const char *line, size_t len, struct error *e)
{
    struct ledger_verifier *verifier = arg;
    json_t *o = json_parse(line, len, e);
    const char *text = json_str(o, "entry"), *hex = json_str(o, "leaf");
    size_t text_len = text != NULL ? strlen(text) : 0;
    uint8_t leaf[LEDGER_HASH_LEN];
    struct buf entry = { 0 };
    ssize_t got = -1;
    int ok = -1;

    if (text != NULL && buf_reserve(&entry, text_len) == 0)
        got = base64_decode(entry.p, text_len, text, text_len, true);
    if (got < 0 || hex == NULL ||
        hex_decode(leaf, sizeof(leaf), hex, strlen(hex), false) != 0)
        (void)error_set(e, ERR_VERIFY, "entry %llu is malformed",
                        (unsigned long long)ledger_verifier_size(verifier));
    else
        ok = ledger_verifier_add(verifier, entry.p, (size_t)got, leaf, e);
    buf_free(&entry);
    json_decref(o);
    return ok;
}

static int add_bytes(void *arg, const uint8_t *bytes, size_t n, struct error *e)
{
    return splitter_add(arg, bytes, n, e);
}

static int expect(struct ledger_verifier *verifier, const struct visit *v,
                  struct error *e)
{
    for (size_t i = 0; i < sizeof(formers) / sizeof(formers[0]); i++)
        if (v->has_before[i] && ledger_verifier_expect(verifier, &v->before[i],
                                                       formers[i].name, e) != 0)
            return -1;
    return ledger_verifier_expect(verifier, &v->now, "current", e);
}

/* Every entry up to the checkpoint, through those known from before. */
static int recompute(struct visit *v, struct error *e)
{
    struct ledger_verifier *verifier = ledger_verifier_new();
    struct splitter lines = { .line = add_entry, .arg = verifier };
    char path[64];
    int ok = -1;

    if (verifier == NULL)
        return error_set(e, ERR_NOMEM, "no memory to verify");
    (void)snprintf(path, sizeof(path), "/ledger/entries?from=0&to=%llu",
                   (unsigned long long)v->now.size);
    if (expect(verifier, v, e) != 0 ||
        client_stream(v->client, path, NULL, add_bytes, &lines, e) != 0 ||
        splitter_end(&lines, e) != 0)
        goto out;
    ok = ledger_verifier_finish(verifier, e);
out:
    buf_free(&lines.rest);
    ledger_verifier_free(&verifier);
    return ok;
}

static int show(const struct visit *v, struct error *e)
{
    char root[HEX_SIZE(LEDGER_HASH_LEN)];
    json_t *o;
    int ok;

    hex_encode(root, v->now.root, sizeof(v->now.root));
    if (!v->cli->json) {
        (void)printf("the ledger holds: %llu entries, root %s\n",
                     (unsigned long long)v->now.size, root);
        return output_end(stdout, e);
    }
    o = json_pack("{s:b, s:s, s:I, s:s}", "verified", 1, "origin",
                  v->now.origin, "size", (json_int_t)v->now.size, "root", root);
    ok = output_json(stdout, o, e);
    json_decref(o);
    return ok != 0 ? -1 : output_end(stdout, e);
}

int ledger_run_verify(const struct cli *cli, struct error *e)
{
    struct visit v;
    int ok = -1;

    if (arrive(&v, cli, e) != 0 || recompute(&v, e) != 0)
        goto out;
    if (known_set(v.known, "checkpoint", (const char *)v.note.p, e) != 0 ||
        known_forget(v.known, "seen", e) != 0)
        goto out;
    if (known_keep(v.known, e) != 0)
        goto out;
    ok = show(&v, e);
out:
    leave(&v);
    return ok;
}
