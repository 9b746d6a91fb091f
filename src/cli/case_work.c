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

/* When the customer hears of it, in words; nothing where that is now. */
static void say_when(const json_t *answer, const char *told)
{
    const char *until = json_str(answer, "waits_until");

    if (json_is_true(json_object_get(answer, "late")))
        (void)fputs("they were not told: it is not within the hours of "
                    "contact, and WhatsApp's 24 hours are over before they "
                    "begin. With --now they are told at once\n",
                    stderr);
    else if (until != NULL)
        (void)fprintf(stderr,
                      "they are told when the hours of contact begin: %s; with "
                      "--now at once\n",
                      until);
    else if (told != NULL && !json_is_true(json_object_get(answer, "told")))
        (void)fputs(told, stderr);
}

/* Posts it, and says `done`, what becomes of the case, and when they are told.
 * Takes the body. */
static int tell(const struct cli *cli, json_t *body, const char *done,
                const char *untold, struct error *e)
{
    char code[CASE_CODE_SIZE];
    json_t *answer;
    int ok = -1;

    if (body != NULL && cli->options[OPTION_NOW] != NULL &&
        json_object_set_new(body, "now", json_true()) != 0) {
        json_decref(body);
        body = NULL;
    }
    ok = session_about(cli, "/cases/", case_typed(cli->argument, code), "/work",
                       body, &answer, e);
    if (ok == 0 && cli->json) {
        ok = output_json(stdout, answer, e);
    } else if (ok == 0) {
        (void)fprintf(stderr, "%s%s\n", done,
                      json_is_true(json_object_get(answer, "reopened"))
                          ? ", the case is open again"
                          : "");
        say_when(answer, untold);
    }
    json_decref(answer);
    return ok != 0 ? -1 : output_end(stdout, e);
}

int case_run_received(const struct cli *cli, struct error *e)
{
    return tell(
        cli, json_pack("{s:s, s:s}", "work", "received", "value", cli->second),
        "received", NULL, e);
}

int case_run_move(const struct cli *cli, struct error *e)
{
    return work(cli, cli->second,
                json_pack("{s:s, s:s}", "work", "move", "value", cli->argument),
                "moved", e);
}

int case_run_return(const struct cli *cli, struct error *e)
{
    return tell(cli,
                json_pack("{s:s, s:s, s:s}", "work", "return", "value",
                          cli->second, "ground", cli->options[OPTION_GROUND]),
                "returned",
                "they were not told: WhatsApp's 24 hours are over, or an agent "
                "has the conversation. Say it there, or send a reminder\n",
                e);
}

static void tell_noted(const char *against)
{
    (void)fprintf(stderr, "noted\n");
    if (against != NULL)
        (void)fprintf(stderr,
                      "warning: %s: if it was about a debt or an offer, the "
                      "rules of contact forbade it; that is on record\n",
                      against);
}

int case_run_contact(const struct cli *cli, struct error *e)
{
    const char *direction = cli->second, *text = cli->options[OPTION_TEXT];
    const char *day = cli->options[OPTION_FROM];
    char code[CASE_CODE_SIZE];
    json_t *answer = NULL;
    civil_day parsed;
    int ok;

    if (day != NULL && date_parse(day, &parsed) != 0)
        return error_set(e, ERR_USAGE, "--from is no day such as 2026-11-30");
    if (text != NULL && (session_words(cli, OPTION_TEXT, "--text", e) != 0 ||
                         strlen(text) > LIMIT_REASON))
        return error_set(e, ERR_USAGE, "--text is empty, or over %u bytes",
                         LIMIT_REASON);
    ok = session_about(cli, "/cases/", case_typed(cli->argument, code), "/work",
                       json_pack("{s:s, s:s, s:s, s:s*, s:s*}", "work",
                                 "contact", "value",
                                 cli->options[OPTION_CHANNEL], "direction",
                                 direction, "day", day, "text", text),
                       &answer, e);
    if (ok == 0 && cli->json)
        ok = output_json(stdout, answer, e);
    else if (ok == 0)
        tell_noted(json_str(answer, "against"));
    json_decref(answer);
    return ok != 0 ? -1 : output_end(stdout, e);
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
        ok = cli->json ? output_answer(cli, list, e)
             : output_lines(stdout, list, columns, e) == 0
                 ? output_end(stdout, e)
                 : -1;
    json_decref(list);
    return ok;
}
