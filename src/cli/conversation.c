/* conversation list, show, take, reply, hand-back */
#include "cli.h"

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

int conversation_run_show(const struct cli *cli, struct error *e)
{
    static const struct output_column columns[] = {
        { "at", "TIME" },    { "kind", "WAY" },  { "author", "AGENT" },
        { "sent", "STATE" }, { "text", "TEXT" }, { NULL, NULL },
    };
    json_t *answer;
    int ok = chat_read(cli, "/conversations/", cli->argument, "/read", "chat",
                       &answer, e);

    if (ok == 0)
        ok = output_rows(cli,
                         cli->json ? answer : json_object_get(answer, "chat"),
                         columns, e);
    json_decref(answer);
    return ok;
}

/* ---- take, reply, hand back --------------------------------------------- */

/* Takes the body. */
static int post(const struct cli *cli, const char *verb, json_t *body,
                const char *done, struct error *e)
{
    return session_show(cli, "/conversations/", cli->argument, verb, body, done,
                        e);
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
