/* document custody: every entry about one document, checked before it is handed
 * on. */
#include "visit.h"

#include <string.h>

struct custody {
    struct visit visit;
    struct splitter lines;
    struct outfile *file;
    const char *document;
    json_t *events;
    struct error *e;
};

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for the custody of a document");
}

static int unsound(const struct custody *c, const char *why, struct error *e)
{
    return error_set(e, ERR_VERIFY,
                     "entry %zu of the custody does not hold: %s",
                     json_array_size(c->events) + 1, why);
}

/* What is said of an entry is the entry's own; the proof leads from its bytes
 * to the pinned key. */
static int check(const struct custody *c, const char *entry, const char *proof,
                 struct error *e)
{
    struct ledger_checkpoint checkpoint;
    struct ledger_proof opened;
    struct error why = { 0 };
    uint8_t leaf[LEDGER_HASH_LEN];

    if (entry == NULL || proof == NULL)
        return unsound(c, "it has no proof", e);
    ledger_leaf_hash(leaf, entry, strlen(entry));
    if (ledger_proof_open(&opened, &checkpoint, proof, strlen(proof), leaf,
                          c->visit.vkey, &why) != 0)
        return unsound(c, why.text, e);
    return checkpoint.size >= c->visit.now.size
               ? 0
               : unsound(c, "its checkpoint is older than the ledger", e);
}

static json_t *event_of(const json_t *leaf, const json_t *line)
{
    static const char *const members[] = {
        "index",          "time",
        "event_type",     "actor",
        "role",           "subject",
        "case_id",        "document_id",
        "attachment_id",  "purpose",
        "item",           "reason",
        "payload_sha256", "announced_sha256",
        "epoch",
    };
    json_t *o = json_object();
    int ok = 0;

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        json_t *value = json_object_get(leaf, members[i]);

        if (value != NULL)
            ok |= json_object_set(o, members[i], value);
    }
    ok |= json_object_set(o, "entry", json_object_get(line, "entry"));
    ok |= json_object_set(o, "proof", json_object_get(line, "proof"));
    if (ok == 0)
        return o;
    json_decref(o);
    return NULL;
}

/* Of this document, or of the file that it was made of. */
static bool is_about(const struct custody *c, const json_t *leaf)
{
    const char *document = json_str(leaf, "document_id");

    return document != NULL ? strcmp(document, c->document) == 0
                            : json_str(leaf, "attachment_id") != NULL;
}

static int add_line(void *arg, const char *text, size_t len, struct error *e)
{
    struct custody *c = arg;
    json_t *line = json_parse(text, len, e), *leaf = NULL;
    const char *entry = json_str(line, "entry");
    int ok = line == NULL ? -1 : check(c, entry, json_str(line, "proof"), e);

    if (ok == 0 && (leaf = json_parse(entry, strlen(entry), e)) == NULL)
        ok = -1;
    else if (ok == 0 && !is_about(c, leaf))
        ok = unsound(c, "it is not about the document", e);
    else if (ok == 0 &&
             json_array_append_new(c->events, event_of(leaf, line)) != 0)
        ok = no_memory(e);
    json_decref(leaf);
    json_decref(line);
    return ok;
}

static int add_bytes(void *arg, const uint8_t *bytes, size_t n, struct error *e)
{
    struct custody *c = arg;

    return splitter_add(&c->lines, bytes, n, e);
}

static int write_file(const struct custody *c, const json_t *all,
                      struct error *e)
{
    char *dump = json_dumps(all, JSON_INDENT(2));
    int ok = dump == NULL ? no_memory(e)
                          : outfile_write(c->file, dump, strlen(dump), e);

    free(dump);
    if (ok == 0)
        ok = outfile_write(c->file, "\n", 1, e);
    return ok == 0 ? outfile_commit(c->file, e) : -1;
}

static int show(const struct custody *c, struct error *e)
{
    static const struct output_column columns[] = {
        { "index", "ENTRY" }, { "time", "TIME" }, { "event_type", "WHAT" },
        { "actor", "WHO" },   { "role", "ROLE" }, { "reason", "REASON" },
        { NULL, NULL },
    };
    json_t *all;
    int ok;

    if (c->file == NULL && !c->visit.cli->json)
        return output_table(stdout, c->events, columns, e) != 0
                   ? -1
                   : output_end(stdout, e);
    all = json_pack("{s:s, s:s, s:s%, s:O}", "document_id", c->document,
                    "public_key", c->visit.vkey, "checkpoint",
                    (const char *)c->visit.note.p, c->visit.note.len, "events",
                    c->events);
    if (all == NULL)
        return no_memory(e);
    ok = c->file != NULL                    ? write_file(c, all, e)
         : output_json(stdout, all, e) != 0 ? -1
                                            : output_end(stdout, e);
    json_decref(all);
    return ok;
}

int document_run_custody(const struct cli *cli, struct error *e)
{
    struct custody c = { .document = cli->argument, .events = json_array() };
    const char *out = cli->options[OPTION_OUT];
    struct buf path = { 0 };
    int ok = -1;

    c.lines = (struct splitter){ .line = add_line, .arg = &c };
    if (c.events == NULL ||
        client_path(&path, "/documents/", cli->argument, "/custody") != 0) {
        (void)no_memory(e);
        goto out;
    }
    /* Where it goes is known before it is on record that it went. */
    if ((out != NULL && (client_allowed(cli, "/ledger/key", e) != 0 ||
                         outfile_open(&c.file, out, e) != 0)) ||
        visit_open(&c.visit, cli, "/ledger/checkpoint", e) != 0)
        goto out;
    if (client_stream(c.visit.client, (const char *)path.p, NULL, add_bytes, &c,
                      e) == 0 &&
        splitter_end(&c.lines, e) == 0 && visit_seen(&c.visit, e) == 0)
        ok = show(&c, e);
out:
    buf_free(&c.lines.rest);
    outfile_close(&c.file);
    json_decref(c.events);
    visit_close(&c.visit);
    buf_free(&path);
    return ok;
}
