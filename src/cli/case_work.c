/* case open, note, notes, assign, priority, move, received */
#include "cli.h"

#include "resguardo/policy.h"

#include <string.h>

static int work(const struct cli *cli, const char *typed, json_t *body,
                const char *done, struct error *e)
{
    char code[CASE_CODE_SIZE];

    return session_show(cli, "/cases/", case_typed(typed, code), "/work", body,
                        done, e);
}

int case_run_note(const struct cli *cli, struct error *e)
{
    const char *text = cli->options[OPTION_TEXT];

    if (session_words(cli, OPTION_TEXT, "--text", e) != 0)
        return -1;
    if (strlen(text) > LIMIT_REASON)
        return error_set(e, ERR_USAGE, "--text has over %u bytes",
                         LIMIT_REASON);
    return work(cli, cli->argument,
                json_pack("{s:s, s:s}", "work", "note", "text", text), "noted",
                e);
}

int case_run_assign(const struct cli *cli, struct error *e)
{
    return work(cli, cli->argument,
                json_pack("{s:s, s:s}", "work", "assign", "value", cli->second),
                "assigned", e);
}

int case_run_priority(const struct cli *cli, struct error *e)
{
    return work(
        cli, cli->argument,
        json_pack("{s:s, s:s}", "work", "priority", "value", cli->second),
        "changed", e);
}

int case_run_received(const struct cli *cli, struct error *e)
{
    return work(
        cli, cli->argument,
        json_pack("{s:s, s:s}", "work", "received", "value", cli->second),
        "received", e);
}

int case_run_move(const struct cli *cli, struct error *e)
{
    return work(cli, cli->second,
                json_pack("{s:s, s:s}", "work", "move", "value", cli->argument),
                "moved", e);
}

int case_run_return(const struct cli *cli, struct error *e)
{
    const char *ground = cli->options[OPTION_GROUND];
    char code[CASE_CODE_SIZE];
    json_t *answer;
    int ok =
        session_about(cli, "/cases/", case_typed(cli->argument, code), "/work",
                      json_pack("{s:s, s:s, s:s}", "work", "return", "value",
                                cli->second, "ground", ground),
                      &answer, e);
    if (ok == 0 && cli->json)
        ok = output_json(stdout, answer, e);
    else if (ok == 0)
        (void)fprintf(
            stderr, "returned%s\n%s",
            json_is_true(json_object_get(answer, "reopened"))
                ? ", the case is open again"
                : "",
            json_is_true(json_object_get(answer, "told"))
                ? ""
                : "they were not told: WhatsApp's 24 hours are over, or "
                  "an agent has the conversation. Say it there, or "
                  "send a reminder\n");
    json_decref(answer);
    return ok != 0 ? -1 : output_end(stdout, e);
}

int case_run_contact(const struct cli *cli, struct error *e)
{
    const char *direction = cli->second, *text = cli->options[OPTION_TEXT];
    const char *day = cli->options[OPTION_FROM];
    civil_day parsed;

    if (day != NULL && date_parse(day, &parsed) != 0)
        return error_set(e, ERR_USAGE, "--from is no day such as 2026-11-30");
    if (text != NULL && (session_words(cli, OPTION_TEXT, "--text", e) != 0 ||
                         strlen(text) > LIMIT_REASON))
        return error_set(e, ERR_USAGE, "--text is empty, or over %u bytes",
                         LIMIT_REASON);
    return work(cli, cli->argument,
                json_pack("{s:s, s:s, s:s, s:s*, s:s*}", "work", "contact",
                          "value", cli->options[OPTION_CHANNEL], "direction",
                          direction, "day", day, "text", text),
                "noted", e);
}

int case_run_open(const struct cli *cli, struct error *e)
{
    return session_show(
        cli, "/subjects/", cli->argument, "/case",
        json_pack("{s:s}", "policy", cli->options[OPTION_POLICY]), NULL, e);
}

int case_run_notes(const struct cli *cli, struct error *e)
{
    static const struct output_column columns[] = {
        { "at", "TIME" }, { "author", "BY" }, { "text", "NOTE" }, { NULL, NULL }
    };
    char code[CASE_CODE_SIZE];
    json_t *list;
    int ok = chat_read(cli, "/cases/", case_typed(cli->argument, code),
                       "/notes", NULL, &list, e);

    if (ok == 0)
        ok = output_rows(cli, list, columns, e);
    json_decref(list);
    return ok;
}
