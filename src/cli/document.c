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

/* What the vault's words begin with when no identity opens a header. */
#define NO_MATCH "no identity matched"

/* ---- reading one -------------------------------------------------------- */

struct getting {
    struct session session;
    struct epochs epochs;
    struct age_opener *opener;
    struct outfile *file;
};

static int write_plain(void *arg, const uint8_t *bytes, size_t n,
                       struct error *e)
{
    struct getting *g = arg;

    return outfile_write(g->file, bytes, n, e);
}

/* The desk has agreed once its first bytes come; no file is made before. */
static int open_sealed(void *arg, const uint8_t *bytes, size_t n,
                       struct error *e)
{
    struct getting *g = arg;

    if (g->opener == NULL) {
        if (outfile_open(&g->file, g->session.cli->options[OPTION_OUT], e) !=
                0 ||
            epochs_opener(&g->opener, &g->epochs, write_plain, g, e) != 0)
            return -1;
        age_opener_threads(g->opener, process_cores());
    }
    if (age_opener_add(g->opener, bytes, n, e) == 0)
        return 0;
    if (strncmp(e->text, NO_MATCH, strlen(NO_MATCH)) != 0)
        return -1;
    (void)error_set(e, ERR_NOT_PERMITTED,
                    "no epoch that was granted to you opens this document");
    return error_hint(e, "an officer who has its epoch moves it to the newest: "
                         "resguardo vault rewrap");
}

/* The request's body: why, and the signature that says so. NULL with error. */
static char *signed_reason(struct session *s, const char *reason,
                           struct error *e)
{
    json_t *o = json_pack("{s:s}", "reason", reason);
    char *text = NULL;

    if (o == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory for a request");
    else if (session_sign(s, o, reason, e) == 0 &&
             (text = json_dumps(o, JSON_COMPACT)) == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory for a request");
    json_decref(o);
    return text;
}

/* What this identity cannot open is not asked for: a reading on record was
 * one. */
static int get(struct getting *g, const char *reason, struct error *e)
{
    char *body = NULL;
    int ok = -1;

    if (session_epochs(&g->session, &g->epochs, e) != 0 ||
        (body = signed_reason(&g->session, reason, e)) == NULL ||
        client_stream(g->session.client, g->session.path, body, open_sealed, g,
                      e) != 0)
        goto out;
    if (g->opener == NULL) {
        (void)error_set(e, ERR_VERIFY, "the desk sent nothing");
        goto out;
    }
    if (age_opener_finish(g->opener, e) == 0)
        ok = outfile_commit(g->file, e);
out:
    free(body);
    return ok;
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
    struct getting g = { 0 };
    struct buf path = { 0 };
    int ok = -1;

    if (check_usage(cli, e) != 0)
        return -1;
    if (client_path(&path, "/documents/", cli->argument, "/read") != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a request");
    else if (session_open(&g.session, cli, (const char *)path.p, e) == 0)
        ok = get(&g, cli->options[OPTION_REASON], e);
    age_opener_free(&g.opener);
    outfile_close(&g.file);
    epochs_close(&g.epochs);
    session_close(&g.session);
    buf_free(&path);
    return ok;
}
