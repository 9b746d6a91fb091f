/* Messages and notes that the desk sends sealed, opened here. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static int malformed(struct error *e)
{
    return error_set(e, ERR_VERIFY, "the desk sent what is no message");
}

static int add_plain(void *arg, const uint8_t *bytes, size_t n, struct error *e)
{
    return buf_add(arg, bytes, n) == 0
               ? 0
               : error_set(e, ERR_NOMEM, "no memory for a message");
}

static int open_file(const struct epochs *epochs, const uint8_t *file,
                     size_t len, struct buf *plain, struct error *e)
{
    struct age_opener *opener = NULL;
    int ok = -1;

    if (epochs_opener(&opener, epochs, add_plain, plain, e) == 0 &&
        age_opener_add(opener, file, len, e) == 0)
        ok = age_opener_finish(opener, e);
    age_opener_free(&opener);
    return ok;
}

/* What it is signed with stays with it; an answer shows the words. */
static int put_text(json_t *message, const struct buf *plain, struct error *e)
{
    json_t *content = json_parse(plain->p, plain->len, e);
    json_t *text = json_object_get(content, "text");
    int ok = -1;

    if (!json_is_string(text))
        (void)malformed(e);
    else if (json_object_set(message, "text", text) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a message");
    else
        ok = 0;
    json_decref(content);
    return ok;
}

int chat_open(json_t *message, const struct epochs *epochs, struct error *e)
{
    const char *sealed = json_str(message, "sealed");
    size_t len = sealed == NULL ? 0 : strlen(sealed);
    uint8_t *file = malloc(len + 1);
    struct buf plain = { 0 };
    ssize_t n;
    int ok = -1;

    if (file == NULL) {
        (void)error_set(e, ERR_NOMEM, "no memory for a message");
        goto out;
    }
    n = sealed == NULL ? -1 : base64_decode(file, len + 1, sealed, len, true);
    if (n < 0)
        (void)malformed(e);
    else if (open_file(epochs, file, (size_t)n, &plain, e) == 0)
        ok = put_text(message, &plain, e);
    (void)json_object_del(message, "sealed");
out:
    buf_free(&plain);
    free(file);
    return ok;
}

static int open_all(json_t *list, const struct epochs *epochs, struct error *e)
{
    json_t *message;
    size_t i;

    if (!json_is_array(list))
        return malformed(e);
    json_array_foreach(list, i, message)
    {
        if (chat_open(message, epochs, e) != 0)
            return -1;
    }
    return 0;
}

int chat_read(const struct cli *cli, const char *folder, const char *name,
              const char *rest, const char *member, json_t **answer,
              struct error *e)
{
    struct session s = { 0 };
    struct epochs epochs = { 0 };
    struct buf path = { 0 };
    json_t *body = json_pack("{s:s}", "reason", cli->options[OPTION_REASON]);
    int ok = -1;

    *answer = NULL;
    if (session_words(cli, OPTION_REASON, "--reason", e) != 0 ||
        client_route(&path, folder, name, rest, e) != 0)
        goto out;
    /* Who could not open it does not ask for it. */
    if (body == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory for a request");
    else if (session_open(&s, cli, (const char *)path.p, e) == 0 &&
             session_epochs(&s, &epochs, e) == 0 &&
             session_post(&s, json_incref(body), answer, e) == 0)
        ok = open_all(member == NULL ? *answer
                                     : json_object_get(*answer, member),
                      &epochs, e);
out:
    json_decref(body);
    epochs_close(&epochs);
    session_close(&s);
    buf_free(&path);
    return ok;
}
