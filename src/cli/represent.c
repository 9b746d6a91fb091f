/* subject show, represent, unrepresent */
#include "cli.h"

int subject_run_show(const struct cli *cli, struct error *e)
{
    return output_one(cli, "/subjects/", cli->argument, e);
}

/* Takes the body. */
static int post(const struct cli *cli, json_t *body, struct error *e)
{
    return session_show(cli, "/subjects/", cli->argument, "/represent", body,
                        NULL, e);
}

static int check(const struct cli *cli, struct error *e)
{
    if (cli->options[OPTION_CASE] != NULL &&
        cli->options[OPTION_PROCEDURE] != NULL)
        return error_set(e, ERR_USAGE,
                         "--case and --procedure exclude each "
                         "other");
    if ((cli->options[OPTION_PROCEDURE] != NULL) ==
        (cli->options[OPTION_POLICY] != NULL))
        return 0;
    return error_set(e, ERR_USAGE, "--procedure and --policy go together");
}

int subject_run_represent(const struct cli *cli, struct error *e)
{
    char code[CASE_CODE_SIZE];

    if (check(cli, e) != 0 ||
        session_words(cli, OPTION_EVIDENCE, "--evidence", e) != 0)
        return -1;
    return post(cli,
                json_pack("{s:s, s:s*, s:s*, s:s*, s:s*, s:s}", "relation",
                          cli->options[OPTION_RELATION], "child_heard",
                          cli->options[OPTION_CHILD_HEARD], "case",
                          case_typed(cli->options[OPTION_CASE], code),
                          "procedure", cli->options[OPTION_PROCEDURE], "policy",
                          cli->options[OPTION_POLICY], "reason",
                          cli->options[OPTION_EVIDENCE]),
                e);
}

int subject_run_unrepresent(const struct cli *cli, struct error *e)
{
    char code[CASE_CODE_SIZE];

    if (session_words(cli, OPTION_REASON, "--reason", e) != 0)
        return -1;
    return post(cli,
                json_pack("{s:b, s:s*, s:s}", "ends", 1, "case",
                          case_typed(cli->options[OPTION_CASE], code), "reason",
                          cli->options[OPTION_REASON]),
                e);
}
