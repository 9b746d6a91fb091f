/* document code, document send: a document for a customer, into the chat. */
#include "cli.h"

#include <string.h>

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a document");
}

int document_run_code(const struct cli *cli, struct error *e)
{
    char code[CASE_CODE_SIZE];
    struct buf path = { 0 };
    json_t *answer = NULL;
    int ok = -1;

    case_code_read(code, cli->argument);
    if (client_path(&path, "/cases/", code[0] != '\0' ? code : cli->argument,
                    "/code") != 0)
        (void)no_memory(e);
    else
        ok = session_once(cli, (const char *)path.p, json_object(), &answer, e);
    if (ok == 0)
        ok = cli->json ? output_json(stdout, answer, e)
                       : output_object(stdout, answer, e);
    if (ok == 0)
        (void)fprintf(stderr,
                      "tell it to the person, not in this chat; they write it "
                      "there%s\n",
                      json_is_true(json_object_get(answer, "told"))
                          ? ", where they were told so"
                          : "");
    json_decref(answer);
    buf_free(&path);
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
    json_t *answer = NULL;
    const char *id;
    int ok = session_open(&s, cli, path, e);

    if (ok == 0)
        ok = session_post(&s, order(cli, bytes), &answer, e);
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
    buf_free(&to);
    session_close(&s);
    return ok;
}

int document_run_send(const struct cli *cli, struct error *e)
{
    char code[CASE_CODE_SIZE];
    struct buf path = { 0 }, bytes = { 0 };
    json_t *done = NULL;
    int ok = -1;

    case_code_read(code, cli->argument);
    if (session_words(cli, OPTION_REASON, "--reason", e) != 0 ||
        file_read(cli->second, LIMIT_SEND_BYTES, &bytes, e) != 0)
        goto out;
    if (bytes.len == 0)
        (void)error_set(e, ERR_INPUT, "the file is empty");
    else if (client_path(&path, "/cases/",
                         code[0] != '\0' ? code : cli->argument, "/send") != 0)
        (void)no_memory(e);
    else
        ok = deliver(cli, (const char *)path.p, &bytes, &done, e);
    if (ok == 0)
        ok = cli->json ? output_json(stdout, done, e)
                       : output_object(stdout, done, e);
out:
    json_decref(done);
    buf_free(&path);
    buf_free(&bytes);
    return ok;
}
