/* case list, case show, case close */
#include "cli.h"

#include <string.h>

int case_run_list(const struct cli *cli, struct error *e)
{
    static const struct output_column columns[] = {
        { "id", "CASE" },           { "state", "STATE" },
        { "subject", "SUBJECT" },   { "policy", "POLICY" },
        { "priority", "PRIORITY" }, { "documents", "FILES" },
        { "opened_at", "OPENED" },  { "closed_at", "CLOSED" },
        { "blocked", "BLOCKED" },   { NULL, NULL }
    };
    const char *state = cli->options[OPTION_STATE];

    if (cli->options[OPTION_OVERDUE] != NULL && state != NULL)
        return error_set(e, ERR_USAGE,
                         "--overdue is of cases that are not "
                         "closed: it takes no --state");
    if (cli->options[OPTION_OVERDUE] != NULL)
        return output_list(cli, "/cases", "overdue", "yes", columns, e);
    return output_list(cli, "/cases", "state", state, columns, e);
}

/* The case, then its history as a table. */
static int show_both(json_t *shown, struct error *e)
{
    static const struct output_column columns[] = {
        { "time", "TIME" }, { "event", "EVENT" }, { "detail", "DETAIL" },
        { "actor", "BY" },  { "id", "ID" },       { NULL, NULL }
    };
    json_t *timeline = json_incref(json_object_get(shown, "timeline"));
    int ok;

    (void)json_object_del(shown, "timeline");
    ok = output_object(stdout, shown, e);
    if (ok == 0 && json_array_size(timeline) > 0) {
        (void)fputc('\n', stdout);
        ok = output_table(stdout, timeline, columns, e);
    }
    json_decref(timeline);
    return ok;
}

int case_run_show(const struct cli *cli, struct error *e)
{
    char code[CASE_CODE_SIZE];
    struct client *client = NULL;
    struct buf path = { 0 };
    json_t *shown = NULL;
    int ok = -1;

    /* People read codes over the phone. */
    case_code_read(code, cli->argument);
    if (client_path(&path, "/cases/", code[0] != '\0' ? code : cli->argument,
                    "") != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a request");
    else if (client_open(&client, cli->socket, e) == 0)
        shown = client_get_json(client, (const char *)path.p, e);
    if (shown != NULL)
        ok = cli->json ? output_json(stdout, shown, e) : show_both(shown, e);
    json_decref(shown);
    client_close(&client);
    buf_free(&path);
    return ok != 0 ? -1 : output_end(stdout, e);
}

int case_run_close(const struct cli *cli, struct error *e)
{
    char code[CASE_CODE_SIZE];
    struct buf path = { 0 };
    json_t *answer = NULL;
    int ok = -1;

    case_code_read(code, cli->argument);
    if (client_path(&path, "/cases/", code[0] != '\0' ? code : cli->argument,
                    "/close") != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a request");
    else
        ok = session_once(cli, (const char *)path.p, json_object(), &answer, e);
    if (ok == 0)
        (void)fprintf(stderr, "closed\n");
    json_decref(answer);
    buf_free(&path);
    return ok;
}
