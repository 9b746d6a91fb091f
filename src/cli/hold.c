/* hold add, hold list, hold lift, document release */
#include "cli.h"

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a request");
}

int hold_run_list(const struct cli *cli, struct error *e)
{
    static const struct output_column columns[] = {
        { "id", "HOLD" },         { "kind", "KIND" },
        { "subject", "SUBJECT" }, { "case_id", "CASE" },
        { "placed_by", "BY" },    { "placed_at", "PLACED" },
        { "until", "UNTIL" },     { "lifted_at", "LIFTED" },
        { NULL, NULL },
    };
    bool all = cli->options[OPTION_ALL] != NULL;

    return output_list(cli, "/holds", "all", all ? "1" : NULL, columns, e);
}

/* Posts a signed request about NAME, and shows the answer. */
static int ask(const struct cli *cli, const char *folder, const char *name,
               const char *verb, json_t *body, struct error *e)
{
    if (session_words(cli, OPTION_REASON, "--reason", e) == 0 &&
        session_words(cli, OPTION_AUTHORITY, "--authority", e) == 0)
        return session_show(cli, folder, name, verb, body, NULL, e);
    json_decref(body);
    return -1;
}

/* A time, as the desk wants it. */
static int put_until(const struct cli *cli, json_t *body, struct error *e)
{
    const char *text = cli->options[OPTION_UNTIL];
    char formatted[TIME_SIZE];
    msec until;

    if (text == NULL)
        return 0;
    if (time_parse(text, &until) != 0)
        return error_set(e, ERR_USAGE,
                         "--until is not a time as RFC 3339 has it");
    time_format(formatted, until);
    return json_object_set_new(body, "until", json_string(formatted)) == 0
               ? 0
               : no_memory(e);
}

static json_t *hold_body(const struct cli *cli, struct error *e)
{
    json_t *body =
        json_pack("{s:s, s:s*}", "reason", cli->options[OPTION_REASON], "kind",
                  cli->options[OPTION_KIND]);

    if (put_until(cli, body, e) == 0)
        return body;
    json_decref(body);
    return NULL;
}

static int hold_person(const struct cli *cli, struct error *e)
{
    json_t *body = hold_body(cli, e);

    return body == NULL
               ? -1
               : ask(cli, "/subjects/", cli->argument, "/hold", body, e);
}

/* The code of a case, or the id of a person. */
int hold_run_add(const struct cli *cli, struct error *e)
{
    char code[CASE_CODE_SIZE];
    json_t *body;

    case_code_read(code, cli->argument);
    if (code[0] == '\0')
        return linked_run(cli, hold_person, e);
    if (cli->options[OPTION_LINKED] != NULL)
        return error_set(e, ERR_USAGE, "--linked is for a person");
    body = hold_body(cli, e);
    return body == NULL ? -1 : ask(cli, "/cases/", code, "/hold", body, e);
}

int hold_run_lift(const struct cli *cli, struct error *e)
{
    return ask(cli, "/holds/", cli->argument, "/lift",
               json_pack("{s:s}", "reason", cli->options[OPTION_REASON]), e);
}

int document_run_release(const struct cli *cli, struct error *e)
{
    const char *subject = cli->options[OPTION_SUBJECT];
    json_t *body;

    if ((subject == NULL) == (cli->argument == NULL))
        return error_set(e, ERR_USAGE,
                         "name one document, or a person with --subject");
    body = json_pack("{s:s, s:s}", "reason", cli->options[OPTION_REASON],
                     "authority", cli->options[OPTION_AUTHORITY]);
    return subject != NULL
               ? ask(cli, "/subjects/", subject, "/release", body, e)
               : ask(cli, "/documents/", cli->argument, "/release", body, e);
}
