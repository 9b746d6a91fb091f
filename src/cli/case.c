/* case list, case show */
#include "cli.h"

#include <string.h>

static int check_state(const char *state, struct error *e)
{
    if (state == NULL || strcmp(state, "open") == 0 ||
        strcmp(state, "complete") == 0 || strcmp(state, "closed") == 0)
        return 0;
    (void)error_set(e, ERR_USAGE, "no state of a case: %s", state);
    return error_hint(e, "states: open, complete, closed");
}

int case_run_list(const struct cli *cli, struct error *e)
{
    static const struct output_column columns[] = {
        { "id", "CASE" },          { "state", "STATE" },
        { "subject", "SUBJECT" },  { "policy", "POLICY" },
        { "documents", "FILES" },  { "opened_at", "OPENED" },
        { "closed_at", "CLOSED" }, { NULL, NULL }
    };
    const char *state = cli->options[OPTION_STATE];
    struct buf path = { 0 };
    int ok = -1;

    if (check_state(state, e) != 0)
        return -1;
    if (buf_adds(&path, "/cases") != 0 ||
        client_query(&path, "state", state) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a path");
    else
        ok = output_list(cli, (const char *)path.p, columns, e);
    buf_free(&path);
    return ok;
}

int case_run_show(const struct cli *cli, struct error *e)
{
    struct buf path = { 0 };
    int ok = -1;

    if (client_path(&path, "/cases/", cli->argument, "") != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a path");
    else
        ok = output_one(cli, (const char *)path.p, e);
    buf_free(&path);
    return ok;
}
