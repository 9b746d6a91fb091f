/* conversation list, show, take, reply, hand-back */
#include "cli.h"

#include <string.h>

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a request");
}

int conversation_run_list(const struct cli *cli, struct error *e)
{
    static const struct output_column columns[] = {
        { "id", "CONVERSATION" },
        { "state", "STATE" },
        { "priority", "PRIORITY" },
        { "position", "PLACE" },
        { "since", "SINCE" },
        { "agent", "AGENT" },
        { "subject", "SUBJECT" },
        { "policy", "POLICY" },
        { "reminder", "REMINDER" },
        { "window_until", "WRITE UNTIL" },
        { NULL, NULL },
    };

    return output_list(cli, "/conversations", "state",
                       cli->options[OPTION_STATE], columns, e);
}

/* ---- show --------------------------------------------------------------- */

static int show_chat(const struct cli *cli, json_t *answer, struct error *e)
{
    static const struct output_column columns[] = {
        { "at", "TIME" },    { "kind", "WAY" },  { "author", "AGENT" },
        { "sent", "STATE" }, { "text", "TEXT" }, { NULL, NULL },
    };

    if (cli->json)
        return output_json(stdout, answer, e);
    return output_table(stdout, json_object_get(answer, "chat"), columns, e);
}

static int show(const struct cli *cli, const char *path, struct error *e)
{
    struct session s = { 0 };
    struct epochs epochs = { 0 };
    json_t *answer = NULL;
    json_t *body = json_pack("{s:s}", "reason", cli->options[OPTION_REASON]);
    int ok = -1;

    /* Who could not open it does not ask for it. */
    if (body == NULL)
        (void)no_memory(e);
    else if (session_open(&s, cli, path, e) == 0 &&
             session_epochs(&s, &epochs, e) == 0 &&
             session_post(&s, json_incref(body), &answer, e) == 0 &&
             chat_open_all(json_object_get(answer, "chat"), &epochs, e) == 0)
        ok = show_chat(cli, answer, e);
    json_decref(body);
    json_decref(answer);
    epochs_close(&epochs);
    session_close(&s);
    return ok != 0 ? -1 : output_end(stdout, e);
}

int conversation_run_show(const struct cli *cli, struct error *e)
{
    struct buf path = { 0 };
    int ok = -1;

    if (session_words(cli, OPTION_REASON, "--reason", e) != 0)
        return -1;
    if (client_path(&path, "/conversations/", cli->argument, "/read") != 0)
        (void)no_memory(e);
    else
        ok = show(cli, (const char *)path.p, e);
    buf_free(&path);
    return ok;
}

/* ---- take, reply, hand back --------------------------------------------- */

/* Takes the body. */
static int post(const struct cli *cli, const char *verb, json_t *body,
                const char *done, struct error *e)
{
    struct buf path = { 0 };
    json_t *answer = NULL;
    int ok = -1;

    if (body == NULL ||
        client_path(&path, "/conversations/", cli->argument, verb) != 0) {
        (void)no_memory(e);
        json_decref(body);
    } else {
        ok = session_once(cli, (const char *)path.p, body, &answer, e);
    }
    if (ok == 0 && cli->json)
        ok = output_json(stdout, answer, e);
    else if (ok == 0)
        (void)fprintf(stderr, "%s\n", done);
    json_decref(answer);
    buf_free(&path);
    return ok != 0 ? -1 : output_end(stdout, e);
}

int conversation_run_take(const struct cli *cli, struct error *e)
{
    return post(cli, "/take", json_object(),
                "yours: the assistant is silent until you hand it back", e);
}

int conversation_run_hand_back(const struct cli *cli, struct error *e)
{
    return post(cli, "/hand-back", json_object(),
                "handed back to the assistant", e);
}

int conversation_run_reply(const struct cli *cli, struct error *e)
{
    const char *text = cli->options[OPTION_TEXT];
    const char *name = cli->options[OPTION_TEMPLATE];

    if (session_words(cli, OPTION_TEXT, "--text", e) != 0)
        return -1;
    if ((text == NULL) == (name == NULL)) {
        (void)error_set(e, ERR_USAGE, "what should be written?");
        return error_hint(e, "--text TEXT, or --template NAME");
    }
    if (text != NULL && utf8_count(text) > LIMIT_TEXT_BODY)
        return error_set(e, ERR_USAGE, "--text has over %u characters",
                         LIMIT_TEXT_BODY);
    return post(cli, "/reply",
                text != NULL ? json_pack("{s:s}", "text", text)
                             : json_pack("{s:s}", "prepared", name),
                "on its way", e);
}
