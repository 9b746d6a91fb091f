/* document code, document send: a document for a customer, into the chat. */
#include "cli.h"

#include <string.h>
#include <time.h>

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a document");
}

/* The template that goes where the window is closed, and its values by their
 * names, into what is asked for. */
static int add_template(const struct cli *cli, json_t *to, struct error *e)
{
    const char *template = cli->options[OPTION_TEMPLATE];
    json_t *values = json_object();
    int ok = to == NULL || values == NULL ? -1 : 0;

    for (size_t i = 0; ok == 0 && i < cli->nvalues; i++) {
        const char *pair = cli->values[i], *equals = strchr(pair, '=');

        if (equals == NULL || equals == pair) {
            json_decref(values);
            return error_set(e, ERR_USAGE, "--value is no NAME=VALUE: %s",
                             pair);
        }
        if (json_object_getn(values, pair, (size_t)(equals - pair)) != NULL) {
            json_decref(values);
            return error_set(e, ERR_USAGE, "--value is given twice: %s", pair);
        }
        ok = json_object_setn_new(values, pair, (size_t)(equals - pair),
                                  json_string(equals + 1));
    }
    if (ok == 0 && template != NULL)
        ok = json_object_set_new(to, "template", json_string(template)) |
             json_object_set(to, "values", values);
    json_decref(values);
    if (ok == 0 && template == NULL && cli->nvalues > 0)
        return error_set(e, ERR_USAGE, "--value needs a --template");
    return ok == 0 ? 0 : no_memory(e);
}

static void tell_code(const json_t *answer)
{
    const char *by = json_str(answer, "by");

    (void)fprintf(stderr,
                  "tell it to the person, not in this chat; they write "
                  "it there%s\n",
                  by == NULL                    ? ", but nobody told them so"
                  : strcmp(by, "template") == 0 ? ", as a template told them"
                                                : ", where they were told so");
}

int document_run_code(const struct cli *cli, struct error *e)
{
    char code[CASE_CODE_SIZE];
    json_t *answer = NULL, *body = json_object();
    int ok = -1;

    if (add_template(cli, body, e) != 0)
        goto out;
    ok = session_about(cli, "/cases/", case_typed(cli->argument, code), "/code",
                       json_incref(body), &answer, e);
    if (ok == 0)
        ok = output_answer(cli, answer, e);
    if (ok == 0)
        tell_code(answer);
out:
    json_decref(body);
    json_decref(answer);
    return ok;
}

static json_t *order(const struct cli *cli, const struct buf *bytes)
{
    const char *slash = strrchr(cli->second, '/');
    uint8_t hash[SHA256_LEN];
    char hex[HEX_SIZE(SHA256_LEN)];

    sha256_of(hash, bytes->p, bytes->len);
    hex_encode(hex, hash, sizeof(hash));
    return json_pack("{s:s, s:s, s:I, s:s, s:s*}", "reason",
                     cli->options[OPTION_REASON], "sha256", hex, "size",
                     (json_int_t)bytes->len, "name",
                     slash != NULL ? slash + 1 : cli->second, "caption",
                     cli->options[OPTION_CAPTION]);
}

/* The order is signed, with the hash; then the bytes follow. */
static int deliver(const struct cli *cli, const char *path,
                   const struct buf *bytes, json_t **done, struct error *e)
{
    struct session s = { 0 };
    struct buf to = { 0 };
    json_t *answer = NULL, *body = order(cli, bytes);
    const char *id;
    int ok = add_template(cli, body, e);

    if (ok == 0)
        ok = session_open(&s, cli, path, e);
    if (ok == 0)
        ok = session_post(&s, json_incref(body), &answer, e);
    id = json_str(answer, "id");
    if (ok == 0 &&
        (id == NULL || client_path(&to, "/deliveries/", id, "/file") != 0))
        ok = no_memory(e);
    if (ok == 0) {
        *done = client_post_bytes(s.client, (const char *)to.p, bytes->p,
                                  bytes->len, e);
        ok = *done != NULL ? 0 : -1;
    }
    json_decref(answer);
    json_decref(body);
    buf_free(&to);
    session_close(&s);
    return ok;
}

/* Until the person wrote the code; the file waits here, with who has it. At
 * once where no code is awaited: then the order says what is missing. */
static int wait_for_code(const struct cli *cli, const char *path,
                         struct error *e)
{
    const struct timespec tick = { 0, 500 * 1000000L };
    struct client *client = NULL;
    bool said = false, waits = true;
    int ok = client_open(&client, cli->socket, e);

    while (ok == 0 && waits) {
        json_t *answer = client_get_json(client, path, e);
        const char *state = json_str(answer, "state");

        ok = answer == NULL ? -1 : 0;
        waits = state != NULL && strcmp(state, "asked") == 0;
        if (waits && !said)
            (void)fprintf(stderr, "waiting for the code in the chat\n");
        said = true;
        if (waits)
            (void)nanosleep(&tick, NULL);
        json_decref(answer);
    }
    client_close(&client);
    return ok;
}

int document_run_send(const struct cli *cli, struct error *e)
{
    char code[CASE_CODE_SIZE];
    struct buf path = { 0 }, asked = { 0 }, bytes = { 0 };
    const char *of = case_typed(cli->argument, code);
    json_t *done = NULL;
    int ok = -1;

    if (session_words(cli, OPTION_REASON, "--reason", e) != 0 ||
        file_read(cli->second, LIMIT_SEND_BYTES, &bytes, e) != 0)
        goto out;
    if (bytes.len == 0)
        (void)error_set(e, ERR_INPUT, "the file is empty");
    else if (client_path(&path, "/cases/", of, "/send") != 0 ||
             client_path(&asked, "/cases/", of, "/code") != 0)
        (void)no_memory(e);
    else if (cli->options[OPTION_WAIT] == NULL ||
             wait_for_code(cli, (const char *)asked.p, e) == 0)
        ok = deliver(cli, (const char *)path.p, &bytes, &done, e);
    if (ok == 0)
        ok = output_answer(cli, done, e);
out:
    json_decref(done);
    buf_free(&path);
    buf_free(&asked);
    buf_free(&bytes);
    return ok;
}
