/* document list, document show, document get */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int document_run_list(const struct cli *cli, struct error *e)
{
    static const struct output_column columns[] = {
        { "id", "DOCUMENT" },
        { "case_id", "CASE" },
        { "state", "STATE" },
        { "size", "BYTES" },
        { "received_at", "RECEIVED" },
        { "file_name", "NAME" },
        { "media_type", "TYPE" },
        { "caption", "CAPTION" },
        { NULL, NULL },
    };
    const char *typed = cli->options[OPTION_CASE];
    char code[CASE_CODE_SIZE] = "";

    if (typed != NULL)
        case_code_read(code, typed);
    return output_list(cli, "/documents", "case",
                       code[0] != '\0' ? code : typed, columns, e);
}

int document_run_show(const struct cli *cli, struct error *e)
{
    return output_one(cli, "/documents/", cli->argument, e);
}

/* ---- reading one -------------------------------------------------------- */

struct getting {
    const struct cli *cli;
    struct age_opener *opener;
    struct outfile *file;
};

static int write_plain(void *arg, const uint8_t *bytes, size_t n,
                       struct error *e)
{
    struct getting *g = arg;

    return outfile_write(g->file, bytes, n, e);
}

/* The desk has agreed once its first bytes come; only then is the identity
 * touched, so that its refusals are heard before our own troubles. */
static int open_sealed(void *arg, const uint8_t *bytes, size_t n,
                       struct error *e)
{
    struct getting *g = arg;

    if (g->opener == NULL) {
        if (outfile_open(&g->file, g->cli->options[OPTION_OUT], e) != 0 ||
            reader_open(&g->opener, g->cli, write_plain, g, e) != 0)
            return -1;
        age_opener_threads(g->opener, process_cores());
    }
    return age_opener_add(g->opener, bytes, n, e);
}

static int get(struct getting *g, const char *path, const char *body,
               struct error *e)
{
    struct client *client = NULL;
    int ok = -1;

    if (client_open(&client, g->cli->socket, e) != 0 ||
        client_stream(client, path, body, open_sealed, g, e) != 0)
        goto out;
    if (g->opener == NULL) {
        (void)error_set(e, ERR_VERIFY, "the desk sent nothing");
        goto out;
    }
    if (age_opener_finish(g->opener, e) == 0)
        ok = outfile_commit(g->file, e);
out:
    client_close(&client);
    return ok;
}

static char *reason_body(const char *reason)
{
    json_t *o = json_pack("{s:s}", "reason", reason);
    char *text = o == NULL ? NULL : json_dumps(o, JSON_COMPACT);

    json_decref(o);
    return text;
}

static int check_usage(const struct cli *cli, struct error *e)
{
    const char *reason = cli->options[OPTION_REASON];

    if (reason[strspn(reason, " \t\r\n")] == '\0')
        return error_set(e, ERR_USAGE, "--reason needs words");
    if (!utf8_valid(reason, strlen(reason)))
        return error_set(e, ERR_USAGE, "--reason is no UTF-8");
    if (cli->options[OPTION_OUT] == NULL && isatty(STDOUT_FILENO)) {
        (void)error_set(e, ERR_USAGE, "a document is not for a terminal");
        return error_hint(e, "name a file with -o FILE, or pipe it");
    }
    return 0;
}

int document_run_get(const struct cli *cli, struct error *e)
{
    struct getting g = { .cli = cli };
    struct buf path = { 0 };
    char *body = NULL;
    int ok = -1;

    if (check_usage(cli, e) != 0)
        return -1;
    body = reason_body(cli->options[OPTION_REASON]);
    if (body == NULL ||
        client_path(&path, "/documents/", cli->argument, "/read") != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a request");
    else
        ok = get(&g, (const char *)path.p, body, e);
    age_opener_free(&g.opener);
    outfile_close(&g.file);
    buf_free(&path);
    free(body);
    return ok;
}
