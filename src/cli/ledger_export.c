/*
 * ledger export: all that an auditor needs to check the log without us. What
 * does not verify is not written, and the folder is whole or not there.
 */
#include "audit_files.h"
#include "export.h"

#include <inttypes.h>
#include <string.h>

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a bundle");
}

/* ---- pieces ------------------------------------------------------------- */

static int piece_open(const struct export *x, struct piece *p, const char *name,
                      struct error *e)
{
    (void)snprintf(p->name, sizeof(p->name), "%s", name);
    p->sum = sha256_new();
    if (p->sum == NULL)
        return no_memory(e);
    p->file = outfolder_add(x->folder, name, e);
    return p->file != NULL ? 0 : -1;
}

static int piece_write(struct piece *p, const void *bytes, size_t n,
                       struct error *e)
{
    sha256_add(p->sum, bytes, n);
    return outfile_write(p->file, bytes, n, e);
}

int export_sum(struct export *x, const char *name, struct sha256 *sum,
               struct error *e)
{
    uint8_t hash[SHA256_LEN];
    char hex[HEX_SIZE(SHA256_LEN)];

    sha256_final(sum, hash);
    hex_encode(hex, hash, sizeof(hash));
    return buf_addf(&x->sums, "%s  %s\n", hex, name) == 0 ? 0 : no_memory(e);
}

static int piece_end(struct export *x, struct piece *p, struct error *e)
{
    return export_sum(x, p->name, p->sum, e);
}

int export_put(struct export *x, const char *name, const void *bytes, size_t n,
               struct error *e)
{
    struct piece p = { 0 };
    int ok = piece_open(x, &p, name, e) != 0 ||
                     piece_write(&p, bytes, n, e) != 0 ||
                     piece_end(x, &p, e) != 0
                 ? -1
                 : 0;

    sha256_free(&p.sum);
    return ok;
}

/* ---- entries and their leaves ------------------------------------------- */

static bool may_be(const struct json_span *event, const char *kind)
{
    return strlen(kind) == event->len &&
           memcmp(kind, event->p, event->len) == 0;
}

/* Few entries are spoken of in other files, and a look is quicker than to parse
 * all the others; it knows plain ones only. */
static bool is_plain(const uint8_t *entry, size_t len)
{
    static const char *const kinds[] = { "notice_published", "staff_added",
                                         "staff_revoked", "staff_key_set",
                                         "epoch_rotated" };
    struct json_look look;

    if (!json_look(entry, len, &look))
        return false;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (may_be(&look.event_type, kinds[i]))
            return false;
    return true;
}

/* Notices are fetched later, and of the keyring what the entries tell of. */
static int remember(struct export *x, const uint8_t *entry, size_t len,
                    struct error *e)
{
    const char *event;
    json_t *o;
    int ok = 0;

    if (is_plain(entry, len))
        return 0;
    if ((o = json_parse(entry, len, e)) == NULL)
        return -1;
    event = json_str(o, "event_type");
    if (json_object_get(json_object_get(o, "evidence"), "keyring_seq") != NULL)
        x->staff++;
    if (event != NULL && strcmp(event, "notice_published") == 0 &&
        json_array_append(x->notices, o) != 0)
        ok = no_memory(e);
    json_decref(o);
    return ok;
}

/* It verified, so it is canonical and has no line in it. */
static int add_entry(void *arg, uint64_t index, const uint8_t *entry,
                     size_t len, const uint8_t leaf[static LEDGER_HASH_LEN],
                     struct error *e)
{
    struct export *x = arg;
    char hex[HEX_SIZE(LEDGER_HASH_LEN)];

    (void)index;
    if (x->tiles != NULL && tiles_add(x->tiles, entry, len, leaf, e) != 0)
        return -1;
    hex_encode(hex, leaf, LEDGER_HASH_LEN);
    hex[sizeof(hex) - 1] = '\n';
    return piece_write(&x->entries, entry, len, e) != 0 ||
                   piece_write(&x->entries, "\n", 1, e) != 0 ||
                   piece_write(&x->leaves, hex, sizeof(hex), e) != 0
               ? -1
               : remember(x, entry, len, e);
}

static int put_entries(struct export *x, struct error *e)
{
    return piece_open(x, &x->entries, "entries.jsonl", e) != 0 ||
                   piece_open(x, &x->leaves, "leaves", e) != 0 ||
                   visit_recompute(&x->visit, add_entry, x, e) != 0 ||
                   piece_end(x, &x->entries, e) != 0 ||
                   piece_end(x, &x->leaves, e) != 0 ||
                   (x->tiles != NULL && tiles_end(x->tiles, e) != 0)
               ? -1
               : 0;
}

/* ---- notices and evidence ----------------------------------------------- */

/* The words must be those that the entry is about. */
static int put_notice(struct export *x, const json_t *entry, struct error *e)
{
    const char *want = json_str(entry, "notice_sha256");
    uint8_t hash[SHA256_LEN];
    char hex[HEX_SIZE(SHA256_LEN)], name[96];
    struct buf path = { 0 }, words = { 0 };
    int ok = -1;

    if (buf_adds(&path, "/ledger/notice") != 0 ||
        client_query(&path, "policy", json_str(entry, "policy")) != 0 ||
        client_query(&path, "version", json_str(entry, "notice_version")) !=
            0 ||
        client_query(&path, "language", json_str(entry, "language")) != 0) {
        (void)no_memory(e);
        goto out;
    }
    if (client_get(x->visit.client, (const char *)path.p, &words, e) != 0)
        goto out;
    sha256_of(hash, words.p, words.len);
    hex_encode(hex, hash, sizeof(hash));
    if (want == NULL || strcmp(want, hex) != 0) {
        (void)error_set(e, ERR_VERIFY,
                        "the words of a notice are not those published");
        (void)error_hint(e, "run: resguardo check");
        goto out;
    }
    (void)snprintf(name, sizeof(name), "notice-%s.md", hex);
    ok = export_put(x, name, words.p, words.len, e);
out:
    buf_free(&words);
    buf_free(&path);
    return ok;
}

/* Two languages may have the same words: one file. */
static int put_notices(struct export *x, struct error *e)
{
    json_t *seen = json_object(), *entry;
    size_t i;
    int ok = seen == NULL ? no_memory(e) : 0;

    json_array_foreach(x->notices, i, entry)
    {
        const char *hash = json_str(entry, "notice_sha256");

        if (ok != 0 || (hash != NULL && json_object_get(seen, hash) != NULL))
            continue;
        ok = put_notice(x, entry, e);
        if (ok == 0 && json_object_set_new(seen, hash, json_true()) != 0)
            ok = no_memory(e);
    }
    json_decref(seen);
    return ok;
}

/* A page of the index; its last id goes to `after`. */
static int put_page(struct piece *p, const json_t *page,
                    char after[static ID_SIZE], struct error *e)
{
    struct buf line = { 0 };
    int ok = 0;

    for (size_t i = 0; ok == 0 && i < json_array_size(page); i++) {
        const json_t *row = json_array_get(page, i);
        const char *id = json_str(row, "evidence_id");

        buf_reset(&line);
        if (id == NULL || !id_valid(id, 'e'))
            ok = error_set(e, ERR_VERIFY, "the desk's evidence is malformed");
        else if (json_canonical(row, &line) != 0 || buf_adds(&line, "\n") != 0)
            ok = no_memory(e);
        else
            ok = piece_write(p, line.p, line.len, e);
        if (ok == 0)
            (void)snprintf(after, ID_SIZE, "%s", id);
    }
    buf_free(&line);
    return ok;
}

static int put_evidence(struct export *x, struct error *e)
{
    struct piece p = { 0 };
    char after[ID_SIZE] = "", path[64];
    int ok = piece_open(x, &p, "evidence.jsonl", e);

    for (size_t n = 1; ok == 0 && n > 0;) {
        json_t *page;

        (void)snprintf(path, sizeof(path), "/ledger/evidence?after=%s", after);
        page = client_get_json(x->visit.client, path, e);
        ok = page == NULL ? -1 : put_page(&p, page, after, e);
        n = json_array_size(page);
        x->evidence += n;
        json_decref(page);
    }
    if (ok == 0)
        ok = piece_end(x, &p, e);
    sha256_free(&p.sum);
    return ok;
}

/* ---- the keyring log ---------------------------------------------------- */

static int put_line(struct piece *p, const json_t *item, struct error *e)
{
    const char *entry = json_str(item, "entry");
    const char *signature = json_str(item, "signature");
    uint8_t bytes[SIGN_LEN];
    char hex[HEX_SIZE(SIGN_LEN)];
    struct buf text = { 0 }, line = { 0 };
    json_t *o = NULL;
    ssize_t got = -1;
    int ok = -1;

    if (entry != NULL && buf_reserve(&text, strlen(entry)) == 0)
        got = base64_decode(text.p, strlen(entry), entry, strlen(entry), true);
    if (got < 0 || signature == NULL ||
        base64_decode(bytes, SIGN_LEN, signature, strlen(signature), true) !=
            SIGN_LEN) {
        (void)error_set(e, ERR_VERIFY, "the desk's keyring is malformed");
        goto out;
    }
    hex_encode(hex, bytes, sizeof(bytes));
    o = json_pack("{s:s%, s:s}", "entry", text.p, (size_t)got, "signature",
                  hex);
    if (o == NULL || json_canonical(o, &line) != 0 ||
        buf_adds(&line, "\n") != 0)
        (void)no_memory(e);
    else
        ok = piece_write(p, line.p, line.len, e);
out:
    json_decref(o);
    buf_free(&line);
    buf_free(&text);
    return ok;
}

/* Who was staff when, so that anybody can tell whose signatures those in the
 * entries are: what init wrote, and each change that is in the bundle. Whatever
 * was added since comes with the next one. */
static int put_keyring(struct export *x, struct error *e)
{
    json_t *answer = client_get_json(x->visit.client, "/keyring", e);
    const json_t *entries = json_object_get(answer, "entries");
    struct keyring *ring = NULL;
    struct piece p = { 0 };
    size_t n = KEYRING_INIT_ENTRIES + x->staff;
    int ok = -1;

    if (answer == NULL || (ring = reader_keyring(x->cli, answer, e)) == NULL ||
        piece_open(x, &p, "keyring.jsonl", e) != 0)
        goto out;
    if (json_array_size(entries) < n) {
        (void)error_set(e, ERR_VERIFY,
                        "the keyring lacks entries that are in the ledger");
        (void)error_hint(e, "run: resguardo check");
        goto out;
    }
    ok = 0;
    for (size_t i = 0; ok == 0 && i < n; i++)
        ok = put_line(&p, json_array_get(entries, i), e);
    if (ok == 0)
        ok = piece_end(x, &p, e);
out:
    sha256_free(&p.sum);
    keyring_free(&ring);
    json_decref(answer);
    return ok;
}

/* ---- the bundle --------------------------------------------------------- */

static int put_rest(struct export *x, struct error *e)
{
    struct buf key = { 0 };
    int ok = buf_addf(&key, "%s\n", x->visit.vkey) == 0 ? 0 : no_memory(e);

    if (ok == 0)
        ok = export_put(x, "checkpoint", x->visit.note.p, x->visit.note.len, e);
    if (ok == 0)
        ok = export_put(x, "vkey", key.p, key.len, e);
    for (const struct audit_file *f = audit_files; ok == 0 && f->name; f++)
        ok = export_put(x, f->name, f->text, strlen(f->text), e);
    if (ok == 0)
        ok = export_put(x, "SHA256SUMS", x->sums.p, x->sums.len, e);
    buf_free(&key);
    return ok;
}

/* Where the key was never exchanged there is nothing to tell. */
static int put_history(struct export *x, struct error *e)
{
    struct buf text = { 0 };
    int ok = visit_history(&x->visit, &text, e);

    if (ok == 0 && text.len > 0)
        ok = export_put(x, "history.jsonl", text.p, text.len, e);
    buf_free(&text);
    return ok;
}

/* The newest that a witness signed, if any is not past the bundle. */
static int put_cosigned(struct export *x, struct error *e)
{
    struct error why = { 0 };
    struct buf note = { 0 };
    char path[64];
    int ok;

    (void)snprintf(path, sizeof(path), "/ledger/cosigned?most=%" PRIu64,
                   x->visit.now.size);
    ok = client_get(x->visit.client, path, &note, &why);
    if (ok == 0)
        ok = export_put(x, "cosigned", note.p, note.len, e);
    else if (why.code == ERR_NOT_FOUND)
        ok = 0;
    else
        *e = why;
    buf_free(&note);
    return ok;
}

static int show(const struct export *x, struct error *e)
{
    const char *folder = x->cli->options[OPTION_OUT];
    char root[HEX_SIZE(LEDGER_HASH_LEN)];
    json_t *o;
    int ok;

    hex_encode(root, x->visit.now.root, sizeof(x->visit.now.root));
    if (!x->cli->json) {
        (void)printf("%s: %" PRIu64 " entries, root %s\n", folder,
                     x->visit.now.size, root);
        return output_end(stdout, e);
    }
    o = json_pack("{s:s, s:I, s:s, s:I, s:I, s:I}", "folder", folder, "size",
                  (json_int_t)x->visit.now.size, "root", root, "notices",
                  (json_int_t)json_array_size(x->notices), "evidence",
                  (json_int_t)x->evidence, "stamps", (json_int_t)x->stamps);
    ok = output_json(stdout, o, e);
    json_decref(o);
    return ok != 0 ? -1 : output_end(stdout, e);
}

int ledger_run_export(const struct cli *cli, struct error *e)
{
    struct export x = { .cli = cli, .notices = json_array() };
    int ok = -1;

    if (x.notices == NULL) {
        (void)no_memory(e);
        goto out;
    }
    if (client_allowed(cli, "/ledger/key", e) != 0 ||
        outfolder_open(&x.folder, cli->options[OPTION_OUT], e) != 0 ||
        outfolder_check(x.folder, "entries.jsonl", e) != 0 ||
        (cli->options[OPTION_TILES] != NULL &&
         tiles_open(&x.tiles, &x, e) != 0))
        goto out;
    if (visit_open(&x.visit, cli, "/ledger/bundle", e) == 0 &&
        put_history(&x, e) == 0 && put_entries(&x, e) == 0 &&
        put_keyring(&x, e) == 0 && put_notices(&x, e) == 0 &&
        put_evidence(&x, e) == 0 && put_cosigned(&x, e) == 0 &&
        export_stamps(&x, e) == 0 && put_rest(&x, e) == 0 &&
        outfolder_commit(x.folder, e) == 0) {
        tiles_keep(x.tiles);
        if (visit_keep(&x.visit, e) == 0)
            ok = show(&x, e);
    }
out:
    tiles_close(&x.tiles); /* first: the folder may go after it */
    visit_close(&x.visit);
    outfolder_close(&x.folder);
    sha256_free(&x.entries.sum);
    sha256_free(&x.leaves.sum);
    buf_free(&x.sums);
    json_decref(x.notices);
    return ok;
}
