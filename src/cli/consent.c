/* consent export */
#include "cli.h"

#include <string.h>

struct export
{
    bool csv;
    struct outfile *file;
    const char *path;
    struct splitter lines;
    size_t rows;
};

/* Nothing is begun before the desk has agreed. */
static int begin(struct export *x, struct error *e)
{
    struct buf header = { 0 };
    int ok = 0;

    if (x->file != NULL)
        return 0;
    if (outfile_open(&x->file, x->path, e) != 0)
        return -1;
    if (x->csv) {
        ok = csv_consent_header(&header) != 0
                 ? error_set(e, ERR_NOMEM, "no memory for a row")
                 : outfile_write(x->file, header.p, header.len, e);
        buf_free(&header);
    }
    return ok;
}

static int add_row(void *arg, const char *line, size_t len, struct error *e)
{
    struct export *x = arg;
    json_t *row = json_parse(line, len, e);
    struct buf out = { 0 };
    int ok = -1;

    if (row == NULL)
        return -1;
    x->rows++;
    if (x->csv ? csv_consent(&out, row) != 0
               : buf_add(&out, line, len) != 0 || buf_adds(&out, "\n") != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a row");
    else
        ok = outfile_write(x->file, out.p, out.len, e);
    buf_free(&out);
    json_decref(row);
    return ok;
}

static int add_bytes(void *arg, const uint8_t *bytes, size_t n, struct error *e)
{
    struct export *x = arg;

    return begin(x, e) != 0 ? -1 : splitter_add(&x->lines, bytes, n, e);
}

static int check_usage(const struct cli *cli, bool *csv, struct error *e)
{
    const char *format = cli->options[OPTION_FORMAT];

    if (format == NULL)
        format = cli->json ? "jsonl" : "csv";
    *csv = strcmp(format, "csv") == 0;
    if (!*csv && strcmp(format, "jsonl") != 0) {
        (void)error_set(e, ERR_USAGE, "no format of the export: %s", format);
        return error_hint(e, "formats: csv, jsonl");
    }
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

    if (x->rows > 0 || o[OPTION_SINCE] != NULL || o[OPTION_UNTIL] != NULL ||
        (policy == NULL && subject == NULL))
        return 0;
    return error_set(e, ERR_NOT_FOUND, "the consent log has nothing of %s",
                     subject != NULL ? subject : policy);
}

int consent_run_export(const struct cli *cli, struct error *e)
{
    struct export x = { .path = cli->options[OPTION_OUT] };
    struct client *client = NULL;
    struct buf path = { 0 };
    int ok = -1;

    x.lines = (struct splitter){ .line = add_row, .arg = &x };
    if (check_usage(cli, &x.csv, e) != 0)
        return -1;
    if (make_path(cli, &path) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for a path");
        goto out;
    }
    if (client_open(&client, cli->socket, e) != 0 ||
        client_stream(client, (const char *)path.p, NULL, add_bytes, &x, e) !=
            0)
        goto out;
    if (splitter_end(&x.lines, e) == 0 && check_found(cli, &x, e) == 0 &&
        begin(&x, e) == 0)
        ok = outfile_commit(x.file, e);
out:
    buf_free(&x.lines.rest);
    outfile_close(&x.file);
    client_close(&client);
    buf_free(&path);
    return ok;
}
