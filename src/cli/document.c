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
    char code[CASE_CODE_SIZE];

    return output_list(cli, "/documents", "case",
                       case_typed(cli->options[OPTION_CASE], code), columns, e);
}

int document_run_show(const struct cli *cli, struct error *e)
{
    return output_one(cli, "/documents/", cli->argument, e);
}

/* ---- reading one -------------------------------------------------------- */

struct getting {
    struct session session;
    struct epochs epochs;
    struct outfile *file;
};

static int write_out(void *arg, const uint8_t *bytes, size_t n, struct error *e)
{
    struct getting *g = arg;

    return outfile_write(g->file, bytes, n, e);
}

/* What this identity cannot open, or what has no place to go, is not asked for:
 * a reading on record was one. */
static int get(struct getting *g, struct error *e)
{
    const char *const *o = g->session.cli->options;
    bool sealed = o[OPTION_SEALED] != NULL;

    if ((!sealed && session_epochs(&g->session, &g->epochs, e) != 0) ||
        outfile_open(&g->file, o[OPTION_OUT], e) != 0 ||
        session_read(&g->session, sealed ? NULL : &g->epochs, NULL,
                     o[OPTION_REASON], write_out, g, e) != 0)
        return -1;
    return outfile_commit(g->file, e);
}

static int get_one(const struct cli *cli, struct error *e)
{
    struct getting g = { 0 };
    struct buf path = { 0 };
    int ok = -1;

    if (client_path(&path, "/documents/", cli->argument, "/read") != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a request");
    else if (session_open(&g.session, cli, (const char *)path.p, e) == 0)
        ok = get(&g, e);
    outfile_close(&g.file);
    epochs_close(&g.epochs);
    session_close(&g.session);
    buf_free(&path);
    return ok;
}

/* ---- one, or all of a case ---------------------------------------------- */

static int check_place(const struct cli *cli, struct error *e)
{
    const char *out = cli->options[OPTION_OUT];

    if (cli->options[OPTION_CASE] != NULL && out == NULL) {
        (void)error_set(e, ERR_USAGE, "where to?");
        return error_hint(e, "name a folder with -o DIR");
    }
    if (out == NULL && isatty(STDOUT_FILENO)) {
        (void)error_set(e, ERR_USAGE, "a document is not for a terminal");
        return error_hint(e, "name a file with -o FILE, or pipe it");
    }
    return 0;
}

static int check_usage(const struct cli *cli, struct error *e)
{
    const char *reason = cli->options[OPTION_REASON];

    if (reason[strspn(reason, " \t\r\n")] == '\0')
        return error_set(e, ERR_USAGE, "--reason needs words");
    if (!utf8_valid(reason, strlen(reason)))
        return error_set(e, ERR_USAGE, "--reason is no UTF-8");
    if ((cli->argument == NULL) == (cli->options[OPTION_CASE] == NULL)) {
        (void)error_set(e, ERR_USAGE, "one document, or all of a case?");
        return error_hint(e, "document get DOCUMENT, or document get --case "
                             "CASE -o DIR");
    }
    return check_place(cli, e);
}

int document_run_get(const struct cli *cli, struct error *e)
{
    if (check_usage(cli, e) != 0)
        return -1;
    return cli->argument != NULL ? get_one(cli, e)
                                 : document_run_get_case(cli, e);
}
