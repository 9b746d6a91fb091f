/* consent export */
#include "cli.h"

#include <string.h>

struct export
{
    bool csv;
    struct outfile *file;
    const char *path;
    struct splitter lines;
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

static int check_time(const struct cli *cli, enum option o, struct error *e)
{
    const char *text = cli->options[o];
    msec time;

    if (text == NULL || time_parse(text, &time) == 0)
        return 0;
    (void)error_set(e, ERR_USAGE, "not a time: %s", text);
    return error_hint(e, "RFC 3339, such as 2026-11-24T00:00:00Z, or a date");
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
    return check_time(cli, OPTION_SINCE, e) != 0 ||
                   check_time(cli, OPTION_UNTIL, e) != 0
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
    if (begin(&x, e) == 0 && splitter_end(&x.lines, e) == 0)
        ok = outfile_commit(x.file, e);
out:
    buf_free(&x.lines.rest);
    outfile_close(&x.file);
    client_close(&client);
    buf_free(&path);
    return ok;
}
