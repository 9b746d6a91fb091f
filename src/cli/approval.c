/* approval list, show, grant, refuse */
#include "cli.h"

#include <string.h>

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

int approval_run_show(const struct cli *cli, struct error *e)
{
    return output_one(cli, "/approvals/", cli->argument, e);
}

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a request");
}

/* What is signed for is what the desk shows now, hashed here. */
static int look(struct session *s, char hex[static HEX_SIZE(SHA256_LEN)],
                struct error *e)
{
    struct buf path = { 0 }, what = { 0 };
    uint8_t hash[SHA256_LEN];
    json_t *shown = NULL;
    int ok = -1;

    if (client_path(&path, "/approvals/", s->cli->argument, "") != 0)
        (void)no_memory(e);
    else
        shown = client_get_json(s->client, (const char *)path.p, e);
    if (shown != NULL &&
        json_canonical(json_object_get(shown, "what"), &what) != 0)
        (void)error_set(e, ERR_INPUT, "the desk's answer is malformed");
    else if (shown != NULL) {
        sha256_of(hash, what.p, what.len);
        hex_encode(hex, hash, sizeof(hash));
        ok = output_object(stderr, json_object_get(shown, "what"), e);
    }
    json_decref(shown);
    buf_free(&path);
    buf_free(&what);
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

    if (session_words(cli, OPTION_REASON, "--reason", e) != 0)
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
