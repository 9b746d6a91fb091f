/* retention plan */
#include "cli.h"

#include <string.h>

/* The desk sends counts first, then rows: a line each, of which only rows have
 * a due_at. */
struct plan {
    json_t *counts, *rows;
};

static int take_line(void *arg, const char *line, size_t len, struct error *e)
{
    struct plan *p = arg;
    json_t *o = json_parse(line, len, e), *list;

    if (o == NULL)
        return -1;
    list = json_object_get(o, "due_at") != NULL ? p->rows : p->counts;
    return json_array_append_new(list, o) == 0
               ? 0
               : error_set(e, ERR_NOMEM, "no memory for a plan");
}

static int split(void *arg, const uint8_t *bytes, size_t n, struct error *e)
{
    return splitter_add(arg, bytes, n, e);
}

static int fetch(const struct cli *cli, const char *path, struct plan *p,
                 struct error *e)
{
    struct splitter splitter = { .line = take_line, .arg = p };
    struct client *client = NULL;
    struct error late = { 0 };
    int ok = -1;

    if (client_open(&client, cli->socket, e) == 0)
        ok = client_stream(client, path, NULL, split, &splitter, e);
    if (splitter_end(&splitter, &late) != 0 && ok == 0) {
        *e = late;
        ok = -1;
    }
    client_close(&client);
    return ok;
}

static int show(const struct cli *cli, const struct plan *p, struct error *e)
{
    static const struct output_column counts[] = {
        { "count", "FILES" },      { "held", "HELD" },
        { "action", "ACTION" },    { "policy", "POLICY" },
        { "media_type", "TYPE" },  { "trigger", "TRIGGER" },
        { "citation", "BECAUSE" }, { NULL, NULL },
    };
    static const struct output_column rows[] = {
        { "due_at", "DUE" },
        { "action", "ACTION" },
        { "document", "DOCUMENT" },
        { "case_id", "CASE" },
        { "subject", "SUBJECT" },
        { "trigger", "TRIGGER" },
        { "blocked_until", "THEN" },
        { "held", "HELD" },
        { NULL, NULL },
    };
    json_t *all;
    int ok;

    if (!cli->json) {
        if (output_table(stdout, p->counts, counts, e) != 0)
            return -1;
        (void)fputc('\n', stdout);
        return output_table(stdout, p->rows, rows, e);
    }
    all = json_pack("{s:O, s:O}", "counts", p->counts, "rows", p->rows);
    ok = all == NULL ? error_set(e, ERR_NOMEM, "no memory for a plan")
                     : output_json(stdout, all, e);
    json_decref(all);
    return ok;
}

int retention_run_plan(const struct cli *cli, struct error *e)
{
    struct plan p = { json_array(), json_array() };
    struct buf path = { 0 };
    int ok = -1;

    if (command_check_time(cli, OPTION_UNTIL, e) != 0)
        goto out;
    if (p.counts == NULL || p.rows == NULL ||
        buf_adds(&path, "/retention") != 0 ||
        client_query(&path, "until", cli->options[OPTION_UNTIL]) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a plan");
    else if (fetch(cli, (const char *)path.p, &p, e) == 0)
        ok = show(cli, &p, e);
out:
    json_decref(p.counts);
    json_decref(p.rows);
    buf_free(&path);
    return ok;
}
