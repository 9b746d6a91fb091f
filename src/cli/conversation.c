/* conversation list, show, take, open, reply, hand-back */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

int conversation_run_list(const struct cli *cli, struct error *e)
{
    static const struct output_column columns[] = {
        { "id", "CONVERSATION" },
        { "state", "STATE" },
        { "priority", "PRIORITY" },
        { "position", "PLACE" },
        { "since", "SINCE" },
        { "unanswered_since", "UNANSWERED" },
        { "agent", "AGENT" },
        { "subject", "SUBJECT" },
        { "policy", "POLICY" },
        { "reminder", "REMINDER" },
        { "window_until", "WRITE UNTIL" },
        { "window", "WINDOW" },
        { NULL, NULL },
    };

    return output_list(cli, "/conversations", "state",
                       cli->options[OPTION_STATE], columns, e);
}

/* ---- show --------------------------------------------------------------- */

/* By time; what came at once, as it stands in the answer. */
static int by_time(const void *a, const void *b)
{
    const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
    int order = strcmp(json_str(x, "at"), json_str(y, "at"));

    return order != 0 ? order : (x > y) - (x < y);
}

/* What was written, what was sent, and what happened, as one list; the answer
 * keeps its members. */
static json_t *in_one(const json_t *answer)
{
    static const char *const members[] = { "chat", "files", "events" };
    json_t *list = json_array(), **rows = NULL, *row;
    size_t n = 0, i, k = 0;

    for (i = 0; i < 3; i++)
        n += json_array_size(json_object_get(answer, members[i]));
    rows = calloc(n + 1, sizeof(json_t *));
    for (i = 0; rows != NULL && i < 3; i++) {
        size_t place;

        json_array_foreach(json_object_get(answer, members[i]), place, row)
        {
            if (json_str(row, "at") != NULL)
                rows[k++] = row;
        }
    }
    if (rows != NULL)
        qsort(rows, k, sizeof(json_t *), by_time);
    for (i = 0; rows != NULL && list != NULL && i < k; i++)
        if (json_array_append(list, rows[i]) != 0) {
            json_decref(list);
            list = NULL;
        }
    if (rows == NULL) {
        json_decref(list);
        list = NULL;
    }
    free(rows);
    return list;
}

int conversation_run_show(const struct cli *cli, struct error *e)
{
    static const struct output_column columns[] = {
        { "at", "TIME" },    { "kind", "WAY" },  { "author", "AGENT" },
        { "sent", "STATE" }, { "text", "TEXT" }, { NULL, NULL },
    };
    json_t *answer, *list = NULL;
    int ok = chat_read(cli, "/conversations/", cli->argument, "/read", "chat",
                       &answer, e);

    if (ok == 0 && cli->json)
        ok = output_answer(cli, answer, e);
    else if (ok == 0 && (list = in_one(answer)) == NULL)
        ok = error_set(e, ERR_NOMEM, "no memory for a conversation");
    else if (ok == 0)
        ok = output_lines(stdout, list, columns, e) == 0 ? output_end(stdout, e)
                                                         : -1;
    json_decref(list);
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

static json_t *from_whom(const struct cli *cli)
{
    const char *from = cli->options[OPTION_FROM];

    return from == NULL ? json_object() : json_pack("{s:s}", "from", from);
}

int conversation_run_take(const struct cli *cli, struct error *e)
{
    return post(cli, "/take", from_whom(cli),
                "yours: the assistant is silent until you hand it back", e);
}

/* The conversation's id is the result: it may be a new one. */
int conversation_run_open(const struct cli *cli, struct error *e)
{
    json_t *answer;
    int ok = session_about(cli, "/cases/", cli->argument, "/conversation",
                           from_whom(cli), &answer, e);

    if (ok == 0 && cli->json) {
        ok = output_answer(cli, answer, e);
    } else if (ok == 0) {
        (void)printf("%s\n", json_str(answer, "id"));
        (void)fprintf(stderr, "yours: the assistant is silent until you hand "
                              "it back\n");
        ok = output_end(stdout, e);
    }
    json_decref(answer);
    return ok;
}

int conversation_run_hand_back(const struct cli *cli, struct error *e)
{
    const char *reason = cli->options[OPTION_REASON];

    if (session_words(cli, OPTION_REASON, "--reason", e) != 0)
        return -1;
    return post(cli, "/hand-back",
                reason == NULL ? json_object()
                               : json_pack("{s:s}", "reason", reason),
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
