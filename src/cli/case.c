/* case list, case show, case close */
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
    static const struct output_column columns[] = { { "id", "CASE" },
                                                    { "state", "STATE" },
                                                    { "subject", "SUBJECT" },
                                                    { "policy", "POLICY" },
                                                    { "documents", "FILES" },
                                                    { "opened_at", "OPENED" },
                                                    { "closed_at", "CLOSED" },
                                                    { "blocked", "BLOCKED" },
                                                    { NULL, NULL } };
    const char *state = cli->options[OPTION_STATE];

    if (check_state(state, e) != 0)
        return -1;
    return output_list(cli, "/cases", "state", state, columns, e);
}

int case_run_show(const struct cli *cli, struct error *e)
{
    char code[CASE_CODE_SIZE];

    /* People read codes over the phone. */
    case_code_read(code, cli->argument);
    return output_one(cli, "/cases/", code[0] != '\0' ? code : cli->argument,
                      e);
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
