/* attachment list */
#include "cli.h"

int attachment_run_list(const struct cli *cli, struct error *e)
{
    static const struct output_column columns[] = {
        { "id", "ATTACHMENT" },
        { "state", "STATE" },
        { "announced_type", "TYPE" },
        { "reason", "REASON" },
        { "case_id", "CASE" },
        { "subject", "SUBJECT" },
        { "received_at", "RECEIVED" },
        { "blocked", "BLOCKED" },
        { NULL, NULL }
    };
    const char *state = cli->options[OPTION_STATE];

    return output_list(cli, "/attachments", "state", state, columns, e);
}
