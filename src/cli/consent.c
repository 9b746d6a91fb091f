/* consent export: asks the desk, and writes rows in the format asked for. */
#include "export_format.h"

#include <string.h>

/* Written to the result in pieces of about this size. */
#define PIECE ((size_t)64 * 1024)

static const struct export_format *const formats[] = {
    &export_csv, &export_jsonl, &export_html, &export_27560
};
#define FORMATS (sizeof(formats) / sizeof(formats[0]))

static const char *const log_columns[] = {
    "index",          "time",          "event_type", "subject", "policy",
    "notice_version", "notice_sha256", "language",   "purpose", "legal_basis",
    "channel",        "evidence",      NULL
};

struct export
{
    const struct export_format *format;
    struct export_rows rows;
    struct outfile *file;
    const char *path;
    struct splitter lines;
};

const struct export_format *export_format_of(const struct cli *cli,
                                             struct error *e)
{
    const char *name = cli->options[OPTION_FORMAT];
    struct buf all = { 0 };

    if (name == NULL)
        name = cli->json ? "jsonl" : "csv";
    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    for (size_t i = 0; i < FORMATS; i++)
        (void)buf_addf(&all, "%s%s", i > 0 ? ", " : "", formats[i]->name);
    (void)error_set(e, ERR_USAGE, "no format of the export: %s", name);
    (void)error_hint(e, "formats: %s", (const char *)all.p);
    buf_free(&all);
    return NULL;
}

static int flush(struct export *x, size_t least, struct error *e)
{
    struct buf *out = &x->rows.out;

    if (out->len < least || out->len == 0)
        return 0;
    if (outfile_write(x->file, out->p, out->len, e) != 0)
        return -1;
    buf_reset(out);
    return 0;
}

static int flush_large(struct export_rows *rows, struct error *e)
{
    struct export *x =
        (struct export *)((char *)rows - offsetof(struct export, rows));

    return flush(x, PIECE, e);
}

/* Nothing is begun before the desk has agreed. */
static int begin(struct export *x, struct error *e)
{
    if (x->file != NULL)
        return 0;
    return outfile_open(&x->file, x->path, e) != 0
               ? -1
               : x->format->begin(&x->rows, e);
}

static int add_row(void *arg, const char *line, size_t len, struct error *e)
{
    struct export *x = arg;

    if (x->format->row(&x->rows, line, len, e) != 0)
        return -1;
    x->rows.rows++;
    return flush(x, PIECE, e);
}

static int add_bytes(void *arg, const uint8_t *bytes, size_t n, struct error *e)
{
    struct export *x = arg;

    return begin(x, e) != 0 ? -1 : splitter_add(&x->lines, bytes, n, e);
}

static int end(struct export *x, struct error *e)
{
    return begin(x, e) != 0 || x->format->end(&x->rows, e) != 0 ||
                   flush(x, 0, e) != 0
               ? -1
               : outfile_commit(x->file, e);
}

static int check_usage(const struct cli *cli, struct error *e)
{
    return command_check_time(cli, OPTION_SINCE, e) != 0 ||
                   command_check_time(cli, OPTION_UNTIL, e) != 0
               ? -1
               : 0;
}

static int make_path(const struct cli *cli, struct buf *path)
{
    const char *const *o = cli->options;

    return buf_adds(path, "/consent") != 0 ||
                   client_query(path, "since", o[OPTION_SINCE]) != 0 ||
                   client_query(path, "until", o[OPTION_UNTIL]) != 0 ||
                   client_query(path, "subject", o[OPTION_SUBJECT]) != 0 ||
                   client_query(path, "policy", o[OPTION_POLICY]) != 0
               ? -1
               : 0;
}

/* Nothing at all, ever, of what a filter names: a slip of whoever typed it, and
 * no empty log. */
static int check_found(const struct cli *cli, const struct export *x,
                       struct error *e)
{
    const char *const *o = cli->options;
    const char *policy = o[OPTION_POLICY], *subject = o[OPTION_SUBJECT];

    if (x->rows.rows > 0 || o[OPTION_SINCE] != NULL ||
        o[OPTION_UNTIL] != NULL || (policy == NULL && subject == NULL))
        return 0;
    return error_set(e, ERR_NOT_FOUND, "the consent log has nothing of %s",
                     subject != NULL ? subject : policy);
}

int consent_run_export(const struct cli *cli, struct error *e)
{
    struct export x = { .path = cli->options[OPTION_OUT] };
    struct client *client = NULL;
    json_t *policies = NULL;
    struct buf path = { 0 };
    int ok = -1;

    x.lines = (struct splitter){ .line = add_row, .arg = &x };
    x.rows.cli = cli;
    x.rows.columns = log_columns;
    x.rows.flush = flush_large;
    x.format = export_format_of(cli, e);
    if (x.format == NULL || check_usage(cli, e) != 0)
        return -1;
    if (make_path(cli, &path) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for a path");
        goto out;
    }
    if (client_open(&client, cli->socket, e) != 0)
        goto out;
    if (x.format->policies &&
        (policies = client_get_json(client, "/policies", e)) == NULL)
        goto out;
    x.rows.policies = policies;
    if (client_stream(client, (const char *)path.p, NULL, add_bytes, &x, e) !=
        0)
        goto out;
    if (splitter_end(&x.lines, e) == 0 && check_found(cli, &x, e) == 0)
        ok = end(&x, e);
out:
    buf_free(&x.lines.rest);
    outfile_close(&x.file);
    x.format->free(&x.rows);
    json_decref(policies);
    buf_free(&x.rows.out);
    client_close(&client);
    buf_free(&path);
    return ok;
}
