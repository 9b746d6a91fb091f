/* case list, case show, case close */
#include "cli.h"

const char *case_typed(const char *typed, char code[static CASE_CODE_SIZE])
{
    if (typed == NULL)
        return NULL;
    case_code_read(code, typed);
    return code[0] != '\0' ? code : typed;
}

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
    json_t *shown =
        client_fetch(cli, "/cases/", case_typed(cli->argument, code), "", e);
    int ok = -1;

    if (shown != NULL)
        ok = cli->json ? output_json(stdout, shown, e) : show_both(shown, e);
    json_decref(shown);
    return ok != 0 ? -1 : output_end(stdout, e);
}

int case_run_close(const struct cli *cli, struct error *e)
{
    char code[CASE_CODE_SIZE];
    json_t *answer;
    int ok = session_about(cli, "/cases/", case_typed(cli->argument, code),
                           "/close", json_object(), &answer, e);

    if (ok == 0)
        (void)fprintf(stderr, "closed\n");
    json_decref(answer);
    return ok;
}
