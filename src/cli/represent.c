/* subject show, represent, unrepresent */
#include "cli.h"

#include <string.h>

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a request");
}

static int show(const struct cli *cli, json_t *answer, struct error *e)
{
    return cli->json ? output_json(stdout, answer, e)
                     : output_object(stdout, answer, e);
}

int subject_run_show(const struct cli *cli, struct error *e)
{
    struct client *client = NULL;
    struct buf path = { 0 };
    json_t *answer = NULL;
    int ok = -1;

    if (client_path(&path, "/subjects/", cli->argument, "") != 0)
        (void)no_memory(e);
    else if (client_open(&client, cli->socket, e) == 0)
        answer = client_get_json(client, (const char *)path.p, e);
    if (answer != NULL)
        ok = show(cli, answer, e);
    json_decref(answer);
    client_close(&client);
    buf_free(&path);
    return ok != 0 ? -1 : output_end(stdout, e);
}

/* Takes the body. */
static int post(const struct cli *cli, json_t *body, struct error *e)
{
    struct buf path = { 0 };
    json_t *answer = NULL;
    int ok = -1;

    if (body == NULL ||
        client_path(&path, "/subjects/", cli->argument, "/represent") != 0) {
        json_decref(body);
        (void)no_memory(e);
    } else {
        ok = session_once(cli, (const char *)path.p, body, &answer, e);
    }
    if (ok == 0)
        ok = show(cli, answer, e);
    json_decref(answer);
    buf_free(&path);
    return ok != 0 ? -1 : output_end(stdout, e);
}

/* People read codes over the phone. NULL where there is none. */
static const char *case_of(const struct cli *cli,
                           char code[static CASE_CODE_SIZE])
{
    const char *typed = cli->options[OPTION_CASE];

    if (typed == NULL)
        return NULL;
    case_code_read(code, typed);
    return code[0] != '\0' ? code : typed;
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
                          case_of(cli, code), "procedure",
                          cli->options[OPTION_PROCEDURE], "policy",
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
                          case_of(cli, code), "reason",
                          cli->options[OPTION_REASON]),
                e);
}
