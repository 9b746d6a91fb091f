/* attachment list */
#include "cli.h"

#include <string.h>

static int check_state(const char *state, struct error *e)
{
    static const char *const states[] = { "held",        "queued",  "fetching",
                                          "judging",     "stored",  "refused",
                                          "quarantined", "expired", "dropped" };

    if (state == NULL)
        return 0;
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (strcmp(state, states[i]) == 0)
            return 0;
    (void)error_set(e, ERR_USAGE, "no state of an attachment: %s", state);
    return error_hint(e, "states: held, queued, fetching, judging, stored, "
                         "refused, quarantined, expired, dropped");
}

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

    if (check_state(state, e) != 0)
        return -1;
    return output_list(cli, "/attachments", "state", state, columns, e);
}
