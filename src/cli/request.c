/* request open, list, show, ask, complete, extend, assign, close, report;
 * incident open, list, close */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a request");
}

/* ---- what is asked of the desk ------------------------------------------ */

/* Options that go as they are. */
static const struct {
    enum option option;
    const char *name, *key;
    bool words;
} texts[] = {
    { OPTION_REASON, "--reason", "reason", true },
    { OPTION_TOLD, "--told", "told", true },
    { OPTION_KIND, "--kind", "kind", false },
    { OPTION_POLICY, "--policy", "policy", false },
    { OPTION_OUTCOME, "--outcome", "outcome", false },
    { OPTION_GROUND, "--ground", "ground", false },
    { OPTION_REQUESTER, "--requester-role", "requester_role", false },
    { OPTION_ASSURANCE, "--identity-assurance", "identity_assurance", false },
};

static int put_texts(const struct cli *cli, json_t *body, struct error *e)
{
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const char *value = cli->options[texts[i].option];

        if (value == NULL)
            continue;
        if (texts[i].words &&
            session_words(cli, texts[i].option, texts[i].name, e) != 0)
            return -1;
        if (json_object_set_new(body, texts[i].key, json_string(value)) != 0)
            return no_memory(e);
    }
    return 0;
}

/* A time, or a day of the zone that is named. */
static int put_time(const struct cli *cli, enum option option, const char *name,
                    json_t *body, const char *key, struct error *e)
{
    const char *text = cli->options[option];
    char formatted[TIME_SIZE];
    msec time;

    if (text == NULL)
        return 0;
    if (zone_time(&time, name, text, cli->options[OPTION_ZONE], e) != 0)
        return -1;
    time_format(formatted, time);
    return json_object_set_new(body, key, json_string(formatted)) == 0
               ? 0
               : no_memory(e);
}

/* Posts a signed request about NAME (NULL: nobody), and shows the row that
 * comes back. Takes the body. */
static int post(const struct cli *cli, const char *folder, const char *name,
                const char *rest, json_t *body, struct error *e)
{
    json_t *answer;
    int ok;

    if (put_texts(cli, body, e) != 0) {
        json_decref(body);
        return -1;
    }
    ok = session_about(cli, folder, name, rest, body, &answer, e);
    if (ok == 0)
        ok = output_answer(cli, answer, e);
    if (ok == 0 && json_is_true(json_object_get(answer, "forwarded_late")))
        (void)fputs("warning: it was forwarded after the last day that the law "
                    "gives for it; that is on record\n",
                    stderr);
    json_decref(answer);
    return ok;
}

static int work(const struct cli *cli, const char *action, bool decides,
                json_t *body, struct error *e)
{
    if (body == NULL ||
        json_object_set_new(body, "action", json_string(action)) != 0) {
        json_decref(body);
        return no_memory(e);
    }
    return post(cli, "/requests/", cli->argument, decides ? "/decide" : "/work",
                body, e);
}

/* ---- commands ----------------------------------------------------------- */

int request_run_open(const struct cli *cli, struct error *e)
{
    json_t *body = json_object();

    if (put_time(cli, OPTION_FROM, "--from", body, "received", e) != 0) {
        json_decref(body);
        return -1;
    }
    return post(cli, "/subjects/", cli->argument, "/request", body, e);
}

int request_run_ask(const struct cli *cli, struct error *e)
{
    return work(cli, "ask", false, json_object(), e);
}

int request_run_complete(const struct cli *cli, struct error *e)
{
    return work(cli, "complete", false, json_object(), e);
}

int request_run_assign(const struct cli *cli, struct error *e)
{
    return work(cli, "assign", false,
                json_pack("{s:s}", "handler", cli->second), e);
}

int request_run_extend(const struct cli *cli, struct error *e)
{
    civil_day day;

    if (date_parse(cli->options[OPTION_UNTIL], &day) != 0)
        return error_set(e, ERR_USAGE, "--until is not a day, YYYY-MM-DD");
    return work(cli, "extend", true,
                json_pack("{s:s}", "until", cli->options[OPTION_UNTIL]), e);
}

int request_run_close(const struct cli *cli, struct error *e)
{
    return work(cli, "close", true, json_object(), e);
}

int incident_run_open(const struct cli *cli, struct error *e)
{
    json_t *body = json_object();

    if (put_time(cli, OPTION_DETECTED, "--detected", body, "received", e) !=
            0 ||
        put_time(cli, OPTION_ESCALATED, "--escalated", body, "escalated", e) !=
            0) {
        json_decref(body);
        return -1;
    }
    return post(cli, "/incidents", NULL, NULL, body, e);
}

int request_run_show(const struct cli *cli, struct error *e)
{
    return output_one(cli, "/requests/", cli->argument, e);
}

static json_t *fetch(const struct cli *cli, const struct buf *path,
                     struct error *e)
{
    json_t *list = client_fetch(cli, (const char *)path->p, NULL, NULL, e);

    if (list != NULL && !json_is_array(list)) {
        json_decref(list);
        list = NULL;
        (void)error_set(e, ERR_INPUT, "the desk's answer is malformed");
    }
    return list;
}

/* Those with a person, or those without. */
static int keep(json_t *list, bool incidents)
{
    for (size_t i = json_array_size(list); i-- > 0;) {
        const char *type = json_str(json_array_get(list, i), "type");

        if ((type != NULL && strcmp(type, "incident") == 0) != incidents &&
            json_array_remove(list, i) != 0)
            return -1;
    }
    return 0;
}

static int list_some(const struct cli *cli, bool incidents,
                     const struct output_column *columns, struct error *e)
{
    const char *before = cli->options[OPTION_DUE_BEFORE];
    struct buf path = { 0 };
    char formatted[TIME_SIZE];
    json_t *list = NULL;
    msec time;
    int ok = -1;

    if (before != NULL) {
        if (zone_time(&time, "--due-before", before, cli->options[OPTION_ZONE],
                      e) != 0)
            return -1;
        time_format(formatted, time);
        before = formatted;
    }
    if (buf_adds(&path, "/requests") != 0 ||
        client_query(&path, "state", cli->options[OPTION_STATE]) != 0 ||
        client_query(&path, "due_before", before) != 0)
        (void)no_memory(e);
    else
        list = fetch(cli, &path, e);
    if (list != NULL && keep(list, incidents) == 0)
        ok = output_rows(cli, list, columns, e);
    json_decref(list);
    buf_free(&path);
    return ok;
}

int request_run_list(const struct cli *cli, struct error *e)
{
    static const struct output_column columns[] = {
        { "id", "REQUEST" },      { "type", "TYPE" },
        { "kind", "KIND" },       { "state", "STATE" },
        { "due", "DUE" },         { "due_early", "TO BE SAFE" },
        { "subject", "SUBJECT" }, { "requester_role", "BY" },
        { "handler", "HANDLER" }, { NULL, NULL },
    };

    return list_some(cli, false, columns, e);
}

int incident_run_list(const struct cli *cli, struct error *e)
{
    static const struct output_column columns[] = {
        { "id", "INCIDENT" },       { "policy", "POLICY" },
        { "kind", "KIND" },         { "state", "STATE" },
        { "received_at", "FOUND" }, { "due_at", "DUE" },
        { "handler", "HANDLER" },   { NULL, NULL },
    };

    return list_some(cli, true, columns, e);
}

/* ---- half a year -------------------------------------------------------- */

static const struct output_column report_columns[] = {
    { "policy", "POLICY" },     { "kind", "KIND" },
    { "type", "TYPE" },         { "outcome", "OUTCOME" },
    { "requests", "REQUESTS" }, { "in_time", "IN TIME" },
    { "extended", "EXTENDED" }, { NULL, NULL },
};

static int print_csv(const json_t *list, struct error *e)
{
    struct buf out = { 0 };
    size_t i;
    const json_t *row;
    int ok = csv_object(&out, NULL, report_columns);

    json_array_foreach(list, i, row)
    {
        if (ok == 0)
            ok = csv_object(&out, row, report_columns);
    }
    if (ok != 0)
        (void)no_memory(e);
    else
        (void)fwrite(out.p, 1, out.len, stdout);
    buf_free(&out);
    return ok != 0 ? -1 : output_end(stdout, e);
}

/* "2026-1": the first half of that year. */
static int put_half(struct buf *path, const char *text, struct error *e)
{
    int64_t year, half;
    const char *dash = strchr(text, '-');

    if (dash == NULL ||
        decimal_parse(text, (size_t)(dash - text), 9998, &year) != 0 ||
        decimal_parse(dash + 1, strlen(dash + 1), 2, &half) != 0 || half < 1)
        return error_set(e, ERR_USAGE,
                         "%s is no half of a year: 2026-1 or 2026-2", text);
    return buf_addf(path, "/requests/report?year=%lld&half=%lld",
                    (long long)year, (long long)half) == 0
               ? 0
               : no_memory(e);
}

int request_run_report(const struct cli *cli, struct error *e)
{
    const char *format = cli->options[OPTION_FORMAT];
    struct buf path = { 0 };
    json_t *list = NULL;
    int ok = -1;

    if (put_half(&path, cli->argument, e) == 0)
        list = fetch(cli, &path, e);
    if (list != NULL && format != NULL && strcmp(format, "csv") == 0)
        ok = print_csv(list, e);
    else if (list != NULL)
        ok = cli->json || format != NULL
                 ? output_json(stdout, list, e)
                 : output_table(stdout, list, report_columns, e);
    json_decref(list);
    buf_free(&path);
    return ok;
}
