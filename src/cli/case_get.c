/*
 * document get --case: every readable document of a case into a folder. The
 * whole is one unit: files stay without a name until the last one is whole, so
 * that a failure leaves nothing. Each document is a reading of its own, signed
 * and on record before its first byte.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

struct collecting {
    struct session session;
    struct epochs epochs;
    const char *code, *reason;
    bool sealed, officer;
    json_t *rows;     /* the case's, as the desk gave them */
    json_t *manifest; /* an item a row, in their order */
    struct outfolder *folder;
    struct outfile *file; /* the folder's, the one that is written to now */
    struct progress progress;
    size_t files;
    uint64_t bytes;
};

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for the documents of a case");
}

static int malformed(struct error *e)
{
    return error_set(e, ERR_INPUT, "the desk's answer is malformed");
}

/* ---- which, and under which names --------------------------------------- */

static bool is_readable(const struct collecting *c, const json_t *row)
{
    const char *state = json_str(row, "state");

    return strcmp(state, "stored") == 0 ||
           (strcmp(state, "quarantined") == 0 && c->officer);
}

/* The name under which it comes into the folder, or null. */
static json_t *name_of(const struct collecting *c, const json_t *row)
{
    struct buf name = { 0 };
    json_t *value = NULL;

    if (!is_readable(c, row))
        return json_null();
    if (file_name_add(&name, json_str(row, "file_name"), json_str(row, "id"),
                      json_str(row, "media_type")) == 0 &&
        (!c->sealed || buf_adds(&name, ".age") == 0))
        value = json_string((const char *)name.p);
    buf_free(&name);
    return value;
}

/* A row's members that say what the file is. */
static json_t *item_of(const struct collecting *c, const json_t *row)
{
    static const char *const copied[] = { "id",          "state",
                                          "media_type",  "size",
                                          "file_name",   "caption",
                                          "received_at", "payload_sha256" };
    json_t *item = json_pack("{s:o}", "file", name_of(c, row));

    for (size_t i = 0; item != NULL && i < sizeof(copied) / sizeof(*copied);
         i++) {
        json_t *value = json_object_get(row, copied[i]);

        if (json_object_set_new(item, copied[i],
                                value != NULL ? json_incref(value)
                                              : json_null()) != 0) {
            json_decref(item);
            return NULL;
        }
    }
    return item;
}

/* The desk's words become a file's name: nothing that is no row of ours. */
static bool is_row(const json_t *row)
{
    const char *id = json_str(row, "id");

    return id != NULL && id_valid(id, 'd') && json_str(row, "state") != NULL &&
           json_str(row, "payload_sha256") != NULL &&
           json_integer_value(json_object_get(row, "size")) >= 0;
}

static int plan(struct collecting *c, struct error *e)
{
    const json_t *row;
    size_t i;

    c->manifest = json_array();
    if (!json_is_array(c->rows))
        return malformed(e);
    json_array_foreach(c->rows, i, row)
    {
        if (!is_row(row))
            return malformed(e);
        if (json_array_append_new(c->manifest, item_of(c, row)) != 0)
            return no_memory(e);
        if (is_readable(c, row)) {
            c->files++;
            c->bytes +=
                (uint64_t)json_integer_value(json_object_get(row, "size"));
        }
    }
    if (c->files > 0)
        return 0;
    if (json_array_size(c->manifest) == 0)
        return error_set(e, ERR_NOT_FOUND, "the case has no document");
    return error_set(e, ERR_NOT_PERMITTED,
                     "the case has no document that you may read");
}

/* What is passed over is named: to whoever reads it here, and in the
 * manifest, where it has no file. */
static void say_skipped(const struct collecting *c)
{
    const json_t *item;
    size_t i;

    json_array_foreach(c->manifest, i, item)
    {
        struct buf state = { 0 };

        if (json_str(item, "file") == NULL &&
            text_escape(&state, json_str(item, "state")) == 0)
            (void)fprintf(stderr, "passed over: document %s is %s\n",
                          json_str(item, "id"), (const char *)state.p);
        buf_free(&state);
    }
}

/* ---- reading ------------------------------------------------------------ */

static int write_out(void *arg, const uint8_t *bytes, size_t n, struct error *e)
{
    struct collecting *c = arg;

    progress_bytes(&c->progress, n);
    return outfile_write(c->file, bytes, n, e);
}

static int read_one(struct collecting *c, const json_t *item, struct error *e)
{
    const char *id = json_str(item, "id"), *name = json_str(item, "file");
    struct session *s = &c->session;
    struct buf path = { 0 };
    int ok = -1;

    progress_file(&c->progress, name);
    c->file = outfolder_add(c->folder, name, e);
    if (c->file == NULL)
        goto out;
    if (client_path(&path, "/documents/", id, "/read") != 0) {
        (void)no_memory(e);
        goto out;
    }
    s->path = (const char *)path.p;
    if (session_nonce(s, e) == 0 &&
        session_read(s, c->sealed ? NULL : &c->epochs,
                     json_str(item, "payload_sha256"), c->reason, write_out, c,
                     e) == 0)
        ok = 0;
    else
        (void)error_name_document(e, id);
out:
    s->path = NULL;
    buf_free(&path);
    return ok;
}

static int read_all(struct collecting *c, struct error *e)
{
    const json_t *item;
    size_t i;
    int ok = 0;

    progress_begin(&c->progress, c->session.cli->json, c->files, c->bytes);
    json_array_foreach(c->manifest, i, item)
    {
        if (json_str(item, "file") != NULL && (ok = read_one(c, item, e)) != 0)
            break;
    }
    progress_end(&c->progress);
    return ok;
}

/* ---- the folder --------------------------------------------------------- */

static int manifest_name(const struct collecting *c, struct buf *out,
                         struct error *e)
{
    return buf_addf(out, "documents-%s.json", c->code) == 0 ? 0 : no_memory(e);
}

/* Nothing is read that could not be put down. */
static int check_names(const struct collecting *c, const char *manifest,
                       struct error *e)
{
    const json_t *item;
    size_t i;

    json_array_foreach(c->manifest, i, item)
    {
        const char *name = json_str(item, "file");

        if (name != NULL && outfolder_check(c->folder, name, e) != 0)
            return -1;
    }
    return outfolder_check(c->folder, manifest, e);
}

static int write_manifest(struct collecting *c, const char *name,
                          struct error *e)
{
    struct outfile *file = outfolder_add(c->folder, name, e);
    json_t *all =
        json_pack("{s:s, s:O}", "case", c->code, "documents", c->manifest);
    char *text = all == NULL ? NULL : json_dumps(all, JSON_INDENT(2));
    struct buf escaped = { 0 };
    int ok = -1;

    if (file == NULL)
        goto out;
    if (text == NULL || text_escape_json(&escaped, text) != 0 ||
        buf_adds(&escaped, "\n") != 0)
        (void)no_memory(e);
    else
        ok = outfile_write(file, escaped.p, escaped.len, e);
out:
    buf_free(&escaped);
    free(text);
    json_decref(all);
    return ok;
}

static int collect(struct collecting *c, struct error *e)
{
    const char *place = c->session.cli->options[OPTION_OUT];
    struct buf manifest = { 0 };
    int ok = -1;

    if (manifest_name(c, &manifest, e) == 0 &&
        outfolder_open(&c->folder, place, e) == 0 &&
        check_names(c, (const char *)manifest.p, e) == 0 &&
        read_all(c, e) == 0 &&
        write_manifest(c, (const char *)manifest.p, e) == 0)
        ok = outfolder_commit(c->folder, e);
    buf_free(&manifest);
    return ok;
}

/* ---- the command -------------------------------------------------------- */

static int show(const struct collecting *c, struct error *e)
{
    static const struct output_column columns[] = {
        { "id", "DOCUMENT" }, { "state", "STATE" }, { "size", "BYTES" },
        { "file", "FILE" },   { NULL, NULL },
    };

    say_skipped(c);
    if ((c->session.cli->json
             ? output_json(stdout, c->manifest, e)
             : output_table(stdout, c->manifest, columns, e)) != 0)
        return -1;
    return output_end(stdout, e);
}

static int run(struct collecting *c, struct error *e)
{
    const struct keyring_staff *me;

    if (!c->sealed && session_epochs(&c->session, &c->epochs, e) != 0)
        return -1;
    me = keyring_find(c->session.ring, c->session.uid);
    c->officer = me != NULL && (me->roles & ROLE_OFFICER) != 0;
    if (session_post(&c->session, json_pack("{s:s}", "reason", c->reason),
                     &c->rows, e) != 0 ||
        plan(c, e) != 0)
        return -1;
    return collect(c, e) == 0 ? show(c, e) : -1;
}

int document_run_get_case(const struct cli *cli, struct error *e)
{
    char code[CASE_CODE_SIZE] = "";
    struct collecting c = { .reason = cli->options[OPTION_REASON],
                            .sealed = cli->options[OPTION_SEALED] != NULL };
    struct buf path = { 0 };
    int ok = -1;

    case_code_read(code, cli->options[OPTION_CASE]);
    c.code = code;
    if (code[0] == '\0')
        (void)error_set(e, ERR_NOT_FOUND, "no such case");
    else if (client_path(&path, "/cases/", code, "/read") != 0)
        (void)no_memory(e);
    else if (session_open(&c.session, cli, (const char *)path.p, e) == 0)
        ok = run(&c, e);
    outfolder_close(&c.folder);
    json_decref(c.rows);
    json_decref(c.manifest);
    epochs_close(&c.epochs);
    session_close(&c.session);
    buf_free(&path);
    return ok;
}
