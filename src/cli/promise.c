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
    return session_show(cli, "/promises/", cli->second, "/decide",
                        json_pack("{s:s}", "state", cli->argument), NULL, e);
}
