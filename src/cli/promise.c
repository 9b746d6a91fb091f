/* reminder promises, reminder promise: by when people said that they will pay,
 * and what became of it. */
#include "cli.h"

int promise_run_list(const struct cli *cli, struct error *e)
{
    static const struct output_column columns[] = {
        { "id", "PROMISE" },    { "state", "STATE" },
        { "due", "DUE" },       { "subject", "SUBJECT" },
        { "policy", "POLICY" }, { "template", "TEMPLATE" },
        { "made_at", "MADE" },  { "decided_at", "DECIDED" },
        { "decided_by", "BY" }, { NULL, NULL },
    };

    return output_list(cli, "/promises", "state", cli->options[OPTION_STATE],
                       columns, e);
}

int promise_run_decide(const struct cli *cli, struct error *e)
{
    struct buf path = { 0 };
    json_t *answer = NULL;
    int ok = -1;

    if (client_path(&path, "/promises/", cli->second, "/decide") != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a request");
    else
        ok = session_once(cli, (const char *)path.p,
                          json_pack("{s:s}", "state", cli->argument), &answer,
                          e);
    if (ok == 0)
        ok = cli->json ? output_json(stdout, answer, e)
                       : output_object(stdout, answer, e);
    json_decref(answer);
    buf_free(&path);
    return ok;
}
