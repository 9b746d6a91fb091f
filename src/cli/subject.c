/* subject find, subject erase, subject certificate */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- find --------------------------------------------------------------- */

static int show(const struct cli *cli, const json_t *list, struct error *e)
{
    static const struct output_column columns[] = {
        { "subject", "SUBJECT" }, { "policies", "POLICIES" },
        { "cases", "CASES" },     { "created_at", "SINCE" },
        { NULL, NULL },
    };

    return output_rows(cli, list, columns, e);
}

/* What no column has room for. */
static void say_more(const json_t *list)
{
    const json_t *one, *other;
    size_t i, k;

    json_array_foreach(list, i, one)
    {
        const char *subject = json_str(one, "subject");

        if (subject == NULL)
            continue;
        json_array_foreach(json_object_get(one, "linked"), k, other)
        {
            (void)fprintf(stderr, "the same person is %s, too\n",
                          json_string_value(other));
        }
        if (json_is_true(json_object_get(one, "minor")))
            (void)fprintf(
                stderr, "%s said to be under age; %s answers for them\n",
                subject,
                json_is_true(json_object_get(one, "represented")) ? "somebody"
                                                                  : "nobody");
        if (json_str(one, "language") != NULL)
            (void)fprintf(stderr, "%s is written to in %s\n", subject,
                          json_str(one, "language"));
    }
}

int subject_run_find(const struct cli *cli, struct error *e)
{
    struct session s = { 0 };
    json_t *answer = NULL, *body;
    int ok = -1;

    if (session_open(&s, cli, "/subjects/find", e) != 0)
        goto out;
    body = json_pack("{s:s}", "handle", cli->argument);
    if (body == NULL) {
        (void)error_set(e, ERR_USAGE, "not a phone number or user id");
        goto out;
    }
    if (session_post_for(&s, body, cli->argument, &answer, e) == 0)
        ok = show(cli, answer, e);
    if (ok == 0 && !cli->json)
        say_more(answer);
out:
    json_decref(answer);
    session_close(&s);
    return ok;
}

/* ---- what is certified -------------------------------------------------- */

static int malformed(struct error *e)
{
    return error_set(e, ERR_INPUT, "the desk's answer is malformed");
}

/* Under the ledger's key that is known here, if one is. */
static int check(const struct cli *cli, const json_t *paper, struct error *e)
{
    struct known *k = NULL;
    int ok = known_open(&k, cli->identity, cli->socket, e);

    if (ok == 0)
        ok = certificate_verify(paper, known_get(k, "ledger_key"), e);
    known_close(&k);
    return ok;
}

static int put_out(const struct cli *cli, const json_t *paper, struct error *e)
{
    struct outfile *file = NULL;
    struct buf text = { 0 };
    int ok = -1;

    if (check(cli, paper, e) != 0)
        goto out;
    if (json_canonical(paper, &text) != 0 || buf_adds(&text, "\n") != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a certificate");
    else if (outfile_open(&file, cli->options[OPTION_OUT], e) == 0 &&
             outfile_write(file, text.p, text.len, e) == 0)
        ok = outfile_commit(file, e);
out:
    outfile_close(&file);
    buf_free(&text);
    return ok;
}

/* ---- how far it is ------------------------------------------------------ */

/* Exit 0 and no file: somebody should know why. */
static void say_unwritten(const char *path)
{
    struct buf name = { 0 };

    if (path == NULL)
        (void)fprintf(stderr, "there is no certificate yet\n");
    else if (text_escape(&name, path) == 0)
        (void)fprintf(stderr,
                      "there is no certificate yet: %s was not written\n",
                      (const char *)name.p);
    buf_free(&name);
}

/* Done: the certificate. Else what it waits for; that is no failure. */
static int conclude(const struct cli *cli, json_t *answer, struct error *e)
{
    const char *state = json_str(answer, "state");
    const char *due = json_str(answer, "due_at");
    const char *id = json_str(answer, "id");
    const char *hold = json_str(answer, "hold");

    if (state == NULL || id == NULL)
        return malformed(e);
    if (strcmp(state, "done") == 0)
        return put_out(cli, json_object_get(answer, "certificate"), e);
    if (json_is_true(json_object_get(answer, "held")))
        (void)fprintf(stderr, "erasure %s waits for hold %s\n", id,
                      hold != NULL ? hold : "on it");
    else if (strcmp(state, "waiting") == 0)
        (void)fprintf(stderr, "erasure %s waits: blocked until %s\n", id,
                      due != NULL ? due : "its time");
    else
        (void)fprintf(stderr, "erasure %s is under way\n", id);
    say_unwritten(cli->options[OPTION_OUT]);
    (void)json_object_del(answer, "certificate");
    return output_answer(cli, answer, e);
}

/* Is there something to wait for: running, or about to be? */
static bool goes_on(const json_t *answer)
{
    const char *state = json_str(answer, "state");
    const char *due = json_str(answer, "due_at");
    msec when = 0;

    if (state == NULL || strcmp(state, "done") == 0)
        return false;
    if (strcmp(state, "running") == 0)
        return true;
    return !json_is_true(json_object_get(answer, "held")) && due != NULL &&
           time_parse(due, &when) == 0 && when <= clock_now(&clock_system);
}

static int wait_for(const struct cli *cli, struct client *client,
                    json_t **answer, struct error *e)
{
    const struct timespec tick = { 0, 50 * 1000000L };
    const char *id = json_str(*answer, "id");
    struct buf path = { 0 };
    bool said = false;
    int ok = id == NULL ? malformed(e) : 0;

    if (ok == 0 && client_path(&path, "/erasures/", id, "") != 0)
        ok = error_set(e, ERR_NOMEM, "no memory for a request");
    while (ok == 0 && goes_on(*answer)) {
        json_t *next;

        if (!said && !cli->json)
            (void)fprintf(stderr, "erasing; ^C leaves it to the daemon\n");
        said = true;
        (void)nanosleep(&tick, NULL);
        next = client_get_json(client, (const char *)path.p, e);
        if (next == NULL) {
            ok = -1;
            break;
        }
        json_decref(*answer);
        *answer = next;
    }
    buf_free(&path);
    return ok;
}

/* ---- erase -------------------------------------------------------------- */

static int check_usage(const struct cli *cli, struct error *e)
{
    const char *reason = cli->options[OPTION_REASON];

    if (reason != NULL && !utf8_valid(reason, strlen(reason)))
        return error_set(e, ERR_USAGE, "--reason is no UTF-8");
    return 0;
}

static int order(struct session *s, json_t **answer, struct error *e)
{
    const char *ground = s->cli->options[OPTION_GROUND];
    const char *reason = s->cli->options[OPTION_REASON];
    json_t *body = json_pack("{s:s, s:s*}", "ground", ground, "reason", reason);
    struct buf words = { 0 };
    int ok = -1;

    if (body == NULL || buf_adds(&words, ground) != 0 ||
        (reason != NULL && buf_addf(&words, ": %s", reason) != 0)) {
        json_decref(body);
        (void)error_set(e, ERR_NOMEM, "no memory for a request");
    } else {
        ok = session_post_for(s, body, (const char *)words.p, answer, e);
    }
    buf_free(&words);
    return ok;
}

/* What was ordered goes on without us, and its certificate can be had again. */
static int name_certificate(const struct cli *cli, struct error *e)
{
    return e->hint[0] != '\0'
               ? -1
               : error_hint(e,
                            "the erasure was ordered; its certificate: "
                            "resguardo subject certificate %s",
                            cli->argument);
}

static int erase_one(const struct cli *cli, struct error *e)
{
    struct session s = { 0 };
    struct buf path = { 0 };
    json_t *answer = NULL;
    int ok = -1;

    if (outfile_check(cli->options[OPTION_OUT], e) != 0)
        return -1;
    if (client_path(&path, "/subjects/", cli->argument, "/erase") != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a request");
    else if (session_open(&s, cli, (const char *)path.p, e) == 0 &&
             order(&s, &answer, e) == 0)
        ok = wait_for(cli, s.client, &answer, e) == 0 &&
                     conclude(cli, answer, e) == 0
                 ? 0
                 : name_certificate(cli, e);
    json_decref(answer);
    session_close(&s);
    buf_free(&path);
    return ok;
}

int subject_run_erase(const struct cli *cli, struct error *e)
{
    return check_usage(cli, e) != 0 ||
                   outfile_check(cli->options[OPTION_OUT], e) != 0
               ? -1
               : linked_run(cli, erase_one, e);
}

/* ---- certificate -------------------------------------------------------- */

int subject_run_certificate(const struct cli *cli, struct error *e)
{
    bool erasure = id_valid(cli->argument, 'x');
    json_t *answer = client_fetch(cli, erasure ? "/erasures/" : "/subjects/",
                                  cli->argument, erasure ? "" : "/erasure", e);
    int ok = answer == NULL ? -1 : conclude(cli, answer, e);

    json_decref(answer);
    return ok;
}
