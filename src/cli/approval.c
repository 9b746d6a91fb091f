/* approval list, show, grant, refuse */
#include "cli.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

int approval_run_list(const struct cli *cli, struct error *e)
{
    static const struct output_column columns[] = {
        { "id", "APPROVAL" },     { "action", "ACTION" },
        { "state", "STATE" },     { "asked_by", "ASKED BY" },
        { "asked_at", "ASKED" },  { "approved_by", "APPROVED BY" },
        { "subject", "SUBJECT" }, { "expires_at", "EXPIRES" },
        { NULL, NULL },
    };

    return output_list(cli, "/approvals", NULL, NULL, columns, e);
}

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a request");
}

/* ---- what is asked, and its hash ---------------------------------------- */

/* Half of a SHA-256, as in fingerprints, is what people copy. */
#define SHORT_HASH ((size_t)32)

/* Of the canonical JSON of `what`, in hex. */
static int hash_what(const json_t *shown, char hex[static HEX_SIZE(SHA256_LEN)],
                     struct error *e)
{
    uint8_t hash[SHA256_LEN];
    struct buf what = { 0 };
    int ok = json_canonical(json_object_get(shown, "what"), &what);

    if (ok == 0) {
        sha256_of(hash, what.p, what.len);
        hex_encode(hex, hash, sizeof(hash));
    }
    buf_free(&what);
    return ok == 0 ? 0
                   : error_set(e, ERR_INPUT, "the desk's answer is malformed");
}

static json_t *fetch(const struct cli *cli, struct client *client,
                     struct error *e)
{
    struct buf path = { 0 };
    json_t *shown = NULL;

    if (client_route(&path, "/approvals/", cli->argument, "", e) == 0)
        shown = client_get_json(client, (const char *)path.p, e);
    buf_free(&path);
    return shown;
}

int approval_run_show(const struct cli *cli, struct error *e)
{
    char hex[HEX_SIZE(SHA256_LEN)];
    struct client *client = NULL;
    json_t *shown = NULL;
    int ok = -1;

    if (client_open(&client, cli->socket, e) == 0)
        shown = fetch(cli, client, e);
    if (shown == NULL || hash_what(shown, hex, e) != 0)
        goto out;
    hex[SHORT_HASH] = '\0';
    if (json_object_set_new(shown, "hash", json_string(hex)) != 0)
        (void)no_memory(e);
    else
        ok = output_answer(cli, shown, e);
out:
    json_decref(shown);
    client_close(&client);
    return ok;
}

/* ---- granting, refusing ------------------------------------------------- */

/* Somebody looked at it before, or looks now: never what a desk shows at the
 * moment of signing, unseen. */
static int check_what(const struct cli *cli, struct error *e)
{
    const char *given = cli->options[OPTION_WHAT];
    size_t len = given == NULL ? 0 : strlen(given);

    if (given == NULL && !(isatty(STDIN_FILENO) && isatty(STDERR_FILENO))) {
        (void)error_set(e, ERR_USAGE, "what is approved?");
        return error_hint(e, "look with approval show, and give its hash with "
                             "--what HASH");
    }
    if (given == NULL || (len >= SHORT_HASH && len < HEX_SIZE(SHA256_LEN) &&
                          strspn(given, "0123456789abcdefABCDEF") == len))
        return 0;
    (void)error_set(e, ERR_USAGE, "--what is no hash");
    return error_hint(e, "approval show prints it: 32 digits");
}

static int confirm(struct error *e)
{
    char answer[8] = "";

    (void)fprintf(stderr, "approve this? [y/N] ");
    if (fgets(answer, sizeof(answer), stdin) != NULL &&
        (strcmp(answer, "y\n") == 0 || strcmp(answer, "Y\n") == 0))
        return 0;
    return error_set(e, ERR_INPUT, "nothing was approved");
}

/* What is signed for is what the desk shows now, hashed here. */
static int look(struct session *s, char hex[static HEX_SIZE(SHA256_LEN)],
                struct error *e)
{
    const char *given = s->cli->options[OPTION_WHAT];
    json_t *shown = fetch(s->cli, s->client, e);
    int ok = shown == NULL ? -1 : hash_what(shown, hex, e);

    if (ok == 0)
        ok = output_object(stderr, json_object_get(shown, "what"), e);
    if (ok == 0 && given == NULL)
        ok = confirm(e) == 0 ? session_nonce(s, e) : -1;
    else if (ok == 0 && strncasecmp(given, hex, strlen(given)) != 0) {
        (void)error_set(e, ERR_VERIFY, "the desk shows something else now");
        ok = error_hint(e, "look again: resguardo approval show %s",
                        s->cli->argument);
    }
    json_decref(shown);
    return ok;
}

static json_t *decision(struct session *s, bool grant, struct error *e)
{
    char hex[HEX_SIZE(SHA256_LEN)];
    const char *reason = s->cli->options[OPTION_REASON];
    json_t *body;

    if (grant && look(s, hex, e) != 0)
        return NULL;
    body = json_object();
    if (body == NULL ||
        (reason != NULL &&
         json_object_set_new(body, "reason", json_string(reason)) != 0) ||
        (grant &&
         json_object_set_new(body, "what_sha256", json_string(hex)) != 0)) {
        json_decref(body);
        body = NULL;
        (void)no_memory(e);
    }
    return body;
}

static int decide(const struct cli *cli, bool grant, struct error *e)
{
    struct session s = { 0 };
    struct buf path = { 0 };
    json_t *body, *answer = NULL;
    int ok = -1;

    if (session_words(cli, OPTION_REASON, "--reason", e) != 0 ||
        (grant && check_what(cli, e) != 0))
        return -1;
    if (client_path(&path, "/approvals/", cli->argument,
                    grant ? "/grant" : "/refuse") != 0)
        (void)no_memory(e);
    else if (session_open(&s, cli, (const char *)path.p, e) == 0 &&
             (body = decision(&s, grant, e)) != NULL)
        ok = session_post(&s, body, &answer, e);
    if (ok == 0)
        (void)fprintf(stderr, grant ? "approved: who asked does it again now\n"
                                    : "refused\n");
    json_decref(answer);
    session_close(&s);
    buf_free(&path);
    return ok;
}

int approval_run_grant(const struct cli *cli, struct error *e)
{
    return decide(cli, true, e);
}

int approval_run_refuse(const struct cli *cli, struct error *e)
{
    return decide(cli, false, e);
}
