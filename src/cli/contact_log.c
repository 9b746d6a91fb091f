/* reminder log: every reminder and notice that went or was forbidden, as rows;
 * they are written as they come. */
#include "cli.h"

#include <inttypes.h>
#include <string.h>

static const struct output_column columns[] = {
    { "index", "index" },
    { "time", "time" },
    { "local_time", "local_time" },
    { "result", "result" },
    { "subject", "subject" },
    { "policy", "policy" },
    { "template", "template" },
    { "class", "class" },
    { "stage", "stage" },
    { "purpose", "purpose" },
    { "channel", "channel" },
    { "rule", "rule" },
    { "answer", "answer" },
    { "outbound_id", "outbound_id" },
    { "batch", "batch" },
    { "row", "row" },
    { NULL, NULL },
};

struct contact_log {
    const struct cli *cli;
    struct splitter lines;
    struct outfile *file;
    bool csv, begun; /* the names of the columns are written */
    int64_t rows;
};

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for rows");
}

/* line NULL: the names of the columns. */
static int write_row(struct contact_log *l, const char *line, size_t len,
                     struct error *e)
{
    json_t *row = line == NULL ? NULL : json_parse(line, len, e);
    struct buf out = { 0 };
    int ok = -1;

    if (line == NULL || row != NULL)
        ok = csv_object(&out, row, columns) != 0
                 ? no_memory(e)
                 : outfile_write(l->file, out.p, out.len, e);
    json_decref(row);
    buf_free(&out);
    return ok;
}

/* Not before there is an answer: a refusal has no columns. */
static int begin_csv(struct contact_log *l, struct error *e)
{
    if (!l->csv || l->begun)
        return 0;
    l->begun = true;
    return write_row(l, NULL, 0, e);
}

static int add_line(void *arg, const char *line, size_t len, struct error *e)
{
    struct contact_log *l = arg;

    l->rows++;
    if (begin_csv(l, e) != 0)
        return -1;
    if (l->csv)
        return write_row(l, line, len, e);
    return outfile_write(l->file, line, len, e) != 0
               ? -1
               : outfile_write(l->file, "\n", 1, e);
}

static int add_bytes(void *arg, const uint8_t *bytes, size_t n, struct error *e)
{
    struct contact_log *l = arg;

    return splitter_add(&l->lines, bytes, n, e);
}

static int make_path(const struct cli *cli, struct buf *path, struct error *e)
{
    const char *const *o = cli->options;
    msec since, until;

    if (zone_period(&since, &until, cli, e) != 0)
        return -1;
    return buf_adds(path, "/outbound/log") == 0 &&
                   client_query(path, "subject", o[OPTION_SUBJECT]) == 0 &&
                   client_query(path, "policy", o[OPTION_POLICY]) == 0 &&
                   client_query(path, "template", o[OPTION_TEMPLATE]) == 0 &&
                   client_query(path, "rule", o[OPTION_RULE]) == 0 &&
                   client_query_time(path, "since", since, INT64_MIN) == 0 &&
                   client_query_time(path, "until", until, INT64_MAX) == 0
               ? 0
               : no_memory(e);
}

static int run(struct contact_log *l, const char *path, struct error *e)
{
    struct client *client = NULL;
    int ok = -1;

    if (client_open(&client, l->cli->socket, e) != 0)
        return -1;
    if (client_stream(client, path, NULL, add_bytes, l, e) == 0 &&
        splitter_end(&l->lines, e) == 0 && begin_csv(l, e) == 0)
        ok = outfile_commit(l->file, e);
    client_close(&client);
    if (ok == 0)
        (void)fprintf(stderr, "%" PRId64 " rows\n", l->rows);
    return ok;
}

int reminder_run_log(const struct cli *cli, struct error *e)
{
    const char *out = cli->options[OPTION_OUT];
    const char *format = cli->options[OPTION_FORMAT];
    struct contact_log l = { .cli = cli,
                             .csv = format == NULL
                                        ? !cli->json
                                        : strcmp(format, "csv") == 0 };
    struct buf path = { 0 };
    int ok = -1;

    l.lines = (struct splitter){ .line = add_line, .arg = &l };
    if (make_path(cli, &path, e) == 0 &&
        (out == NULL || client_allowed(cli, "/retention", e) == 0) &&
        outfile_open(&l.file, out, e) == 0)
        ok = run(&l, (const char *)path.p, e);
    buf_free(&l.lines.rest);
    outfile_close(&l.file);
    buf_free(&path);
    return ok;
}
