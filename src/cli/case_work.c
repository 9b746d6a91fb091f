/* case open, note, notes, assign, priority, move, received */
#include "cli.h"

#include "resguardo/policy.h"

#include <string.h>

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a request");
}

/* People read codes over the phone. */
static const char *code_of(const char *typed, char code[static CASE_CODE_SIZE])
{
    case_code_read(code, typed);
    return code[0] != '\0' ? code : typed;
}

/* Takes the body; *answer is the caller's, and NULL after a failure. */
static int post(const struct cli *cli, const char *folder, const char *name,
                const char *verb, json_t *body, json_t **answer,
                struct error *e)
{
    struct buf path = { 0 };
    int ok = -1;

    *answer = NULL;
    if (body == NULL || client_path(&path, folder, name, verb) != 0) {
        (void)no_memory(e);
        json_decref(body);
    } else {
        ok = session_once(cli, (const char *)path.p, body, answer, e);
    }
    buf_free(&path);
    return ok;
}

static int work(const struct cli *cli, const char *typed, json_t *body,
                const char *done, struct error *e)
{
    char code[CASE_CODE_SIZE];
    json_t *answer = NULL;
    int ok =
        post(cli, "/cases/", code_of(typed, code), "/work", body, &answer, e);

    if (ok == 0 && cli->json)
        ok = output_json(stdout, answer, e);
    else if (ok == 0)
        (void)fprintf(stderr, "%s\n", done);
    json_decref(answer);
    return ok != 0 ? -1 : output_end(stdout, e);
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
    json_t *answer = NULL;
    int ok = post(cli, "/cases/", code_of(cli->argument, code), "/work",
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
    json_t *answer = NULL;
    int ok = post(cli, "/subjects/", cli->argument, "/case",
                  json_pack("{s:s}", "policy", cli->options[OPTION_POLICY]),
                  &answer, e);

    if (ok == 0)
        ok = cli->json ? output_json(stdout, answer, e)
                       : output_object(stdout, answer, e);
    json_decref(answer);
    return ok != 0 ? -1 : output_end(stdout, e);
}

/* ---- notes -------------------------------------------------------------- */

static int notes(const struct cli *cli, const char *path, struct error *e)
{
    static const struct output_column columns[] = {
        { "at", "TIME" }, { "author", "BY" }, { "text", "NOTE" }, { NULL, NULL }
    };
    struct session s = { 0 };
    struct epochs epochs = { 0 };
    json_t *list = NULL;
    json_t *body = json_pack("{s:s}", "reason", cli->options[OPTION_REASON]);
    int ok = -1;

    if (body == NULL)
        (void)no_memory(e);
    else if (session_open(&s, cli, path, e) == 0 &&
             session_epochs(&s, &epochs, e) == 0 &&
             session_post(&s, json_incref(body), &list, e) == 0 &&
             chat_open_all(list, &epochs, e) == 0)
        ok = cli->json ? output_json(stdout, list, e)
                       : output_table(stdout, list, columns, e);
    json_decref(body);
    json_decref(list);
    epochs_close(&epochs);
    session_close(&s);
    return ok != 0 ? -1 : output_end(stdout, e);
}

int case_run_notes(const struct cli *cli, struct error *e)
{
    char code[CASE_CODE_SIZE];
    struct buf path = { 0 };
    int ok = -1;

    if (session_words(cli, OPTION_REASON, "--reason", e) != 0)
        return -1;
    if (client_path(&path, "/cases/", code_of(cli->argument, code), "/notes") !=
        0)
        (void)no_memory(e);
    else
        ok = notes(cli, (const char *)path.p, e);
    buf_free(&path);
    return ok;
}
