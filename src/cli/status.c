/* status: what needs somebody first, then how the daemon is. */
#include "cli.h"

static void print_escaped(FILE *out, const char *before, const char *text)
{
    struct buf escaped = { 0 };

    if (text != NULL && buf_adds(&escaped, "") == 0 &&
        text_escape(&escaped, text) == 0)
        (void)fprintf(out, "%s%s\n", before, (const char *)escaped.p);
    buf_free(&escaped);
}

static void print_attention(FILE *out, const json_t *list)
{
    const json_t *item;
    size_t i;

    if (json_array_size(list) == 0)
        (void)fputs("nothing needs attention\n", out);
    json_array_foreach(list, i, item)
    {
        print_escaped(out, "ATTENTION  ", json_str(item, "say"));
        print_escaped(out, "           ", json_str(item, "hint"));
    }
    (void)fputs("\n", out);
}

int status_run(const struct cli *cli, struct error *e)
{
    struct client *client = NULL;
    json_t *status = NULL;
    int ok = -1;

    if (client_open(&client, cli->socket, e) == 0)
        status = client_get_json(client, "/status", e);
    client_close(&client);
    if (status != NULL && cli->json) {
        ok = output_json(stdout, status, e);
    } else if (status != NULL) {
        print_attention(stdout, json_object_get(status, "attention"));
        (void)json_object_del(status, "attention");
        ok = output_object(stdout, status, e);
    }
    json_decref(status);
    return ok != 0 ? -1 : output_end(stdout, e);
}
