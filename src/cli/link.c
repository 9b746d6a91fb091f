/* subject link, merge, unlink, links, suggestions, adult; and what is ordered
 * for all references of a person. */
#include "cli.h"

/* ---- links -------------------------------------------------------------- */

/* Takes the body. */
static int post(const struct cli *cli, const char *verb, json_t *body,
                struct error *e)
{
    return session_show(cli, "/subjects/", cli->argument, verb, body, NULL, e);
}

static int link_as(const struct cli *cli, const char *kind, struct error *e)
{
    const char *proof = cli->options[OPTION_PROOF];

    if (session_words(cli, OPTION_EVIDENCE, "--evidence", e) != 0)
        return -1;
    return post(cli, "/link",
                json_pack("{s:s, s:s, s:s*, s:s}", "former", cli->second,
                          "kind", kind, "proof", proof, "reason",
                          cli->options[OPTION_EVIDENCE]),
                e);
}

int subject_run_link(const struct cli *cli, struct error *e)
{
    return link_as(cli, "number_change", e);
}

int subject_run_merge(const struct cli *cli, struct error *e)
{
    return link_as(cli, "two_numbers", e);
}

int subject_run_unlink(const struct cli *cli, struct error *e)
{
    if (session_words(cli, OPTION_REASON, "--reason", e) != 0)
        return -1;
    return post(cli, "/unlink",
                json_pack("{s:s, s:s}", "former", cli->second, "reason",
                          cli->options[OPTION_REASON]),
                e);
}

int subject_run_adult(const struct cli *cli, struct error *e)
{
    if (session_words(cli, OPTION_REASON, "--reason", e) != 0)
        return -1;
    return post(cli, "/adult",
                json_pack("{s:s}", "reason", cli->options[OPTION_REASON]), e);
}

/* ---- what there is ------------------------------------------------------ */

static json_t *fetch_links(const struct cli *cli, struct error *e)
{
    json_t *answer =
        client_fetch(cli, "/subjects/", cli->argument, "/links", e);

    if (answer == NULL || json_is_array(json_object_get(answer, "linked")))
        return answer;
    json_decref(answer);
    (void)error_set(e, ERR_INPUT, "the desk's answer is malformed");
    return NULL;
}

int subject_run_links(const struct cli *cli, struct error *e)
{
    static const struct output_column columns[] = {
        { "id", "LINK" },      { "subject", "SUBJECT" }, { "former", "WITH" },
        { "kind", "KIND" },    { "proof", "PROOF" },     { "linked_by", "BY" },
        { "linked_at", "AT" }, { NULL, NULL },
    };
    json_t *answer = fetch_links(cli, e), *links;
    int ok = -1;

    links = json_object_get(answer, "links");
    if (answer != NULL && !json_is_array(links))
        (void)error_set(e, ERR_INPUT, "the desk's answer is malformed");
    else if (answer != NULL)
        ok = output_rows(cli, links, columns, e);
    json_decref(answer);
    return ok;
}

int subject_run_suggestions(const struct cli *cli, struct error *e)
{
    static const struct output_column columns[] = {
        { "former", "FORMER" },   { "subject", "NOW" }, { "how", "META SAYS" },
        { "said_at", "SAID AT" }, { NULL, NULL },
    };

    return output_list(cli, "/suggestions", NULL, NULL, columns, e);
}

/* ---- for all of a person's ---------------------------------------------- */

/* What goes into a file goes into one more for each other reference. */
static int run_for(const struct cli *cli, const char *subject, command_run run,
                   struct error *e)
{
    struct cli other = *cli;
    struct buf name = { 0 };
    int ok = -1;

    other.argument = subject;
    if (cli->options[OPTION_OUT] != NULL) {
        if (buf_addf(&name, "%s.%s", cli->options[OPTION_OUT], subject) != 0)
            return error_set(e, ERR_NOMEM, "no memory for a request");
        other.options[OPTION_OUT] = (const char *)name.p;
    }
    (void)fprintf(stderr, "for %s:\n", subject);
    ok = run(&other, e);
    if (ok != 0 && e->hint[0] == '\0')
        (void)error_hint(e, "that was %s; what came before it is done",
                         subject);
    buf_free(&name);
    return ok;
}

/* They may not know. */
static void say_others(const json_t *linked)
{
    const json_t *one;
    size_t i;

    json_array_foreach(linked, i, one)
    {
        (void)fprintf(stderr,
                      "the same person is %s, too: --linked is for all of "
                      "theirs\n",
                      json_string_value(one));
    }
}

int linked_run(const struct cli *cli, command_run run, struct error *e)
{
    bool all = cli->options[OPTION_LINKED] != NULL;
    json_t *answer = fetch_links(cli, e), *linked, *one;
    int ok = -1;
    size_t i;

    if (answer == NULL)
        return -1;
    linked = json_object_get(answer, "linked");
    if (!all)
        say_others(linked);
    ok = run(cli, e);
    json_array_foreach(linked, i, one)
    {
        const char *subject = json_string_value(one);

        if (ok == 0 && all && subject != NULL && id_valid(subject, 's'))
            ok = run_for(cli, subject, run, e);
    }
    json_decref(answer);
    return ok;
}
