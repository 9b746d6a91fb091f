/* consent export: asks the desk, and writes rows in the format asked for. */
#include "export_format.h"

#include <string.h>

/* A format that makes much at its end writes it in pieces of about this size.
 */
#define PIECE ((size_t)64 * 1024)

static const struct export_format *const formats[] = {
    &export_csv, &export_jsonl, &export_html, &export_27560
};
#define FORMATS (sizeof(formats) / sizeof(formats[0]))

/* Each once as it is and once with who it is. */
#define LOG                                                                    \
    "index", "time", "event_type", "subject", "policy", "notice_version",      \
        "notice_sha256", "language", "purpose", "legal_basis", "channel",      \
        "evidence"
/* With --as-of: a row a decision. */
#define STATE                                                                  \
    "index", "time", "subject", "policy", "purpose", "state", "event_type",    \
        "provider_time", "notice_version", "notice_sha256", "language",        \
        "legal_basis", "channel", "evidence"
#define WHO "phone", "bsuid", "name"

static const char *const log_columns[] = { LOG, NULL };
static const char *const log_revealed[] = { LOG, WHO, NULL };
static const char *const state_columns[] = { STATE, NULL };
static const char *const state_revealed[] = { STATE, WHO, NULL };

struct export
{
    const struct export_format *format;
    struct export_rows rows;
    struct outfile *file;
    const char *path;
    bool begun;
    struct client *client;
    struct export_reveal *reveal; /* NULL: nobody is revealed */
    struct splitter lines;
    struct progress_rows progress;
};

const struct export_format *export_format_of(const struct cli *cli,
                                             struct error *e)
{
    const char *name = cli->options[OPTION_FORMAT];
    struct buf all = { 0 };

    if (name == NULL)
        name = cli->json ? "jsonl" : "csv";
    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    for (size_t i = 0; i < FORMATS; i++)
        (void)buf_addf(&all, "%s%s", i > 0 ? ", " : "", formats[i]->name);
    (void)error_set(e, ERR_USAGE, "no format of the export: %s", name);
    (void)error_hint(e, "formats: %s", (const char *)all.p);
    buf_free(&all);
    return NULL;
}

static int flush(struct export *x, size_t least, struct error *e)
{
    struct buf *out = &x->rows.out;

    if (out->len < least || out->len == 0)
        return 0;
    if (outfile_write(x->file, out->p, out->len, e) != 0)
        return -1;
    buf_reset(out);
    return 0;
}

static int flush_large(struct export_rows *rows, struct error *e)
{
    struct export *x =
        (struct export *)((char *)rows - offsetof(struct export, rows));

    return flush(x, PIECE, e);
}

/* Nothing is begun before the desk has agreed. */
static int begin(struct export *x, struct error *e)
{
    if (x->begun)
        return 0;
    x->begun = true;
    x->rows.export_id = client_header(x->client, "Resguardo-Export");
    return x->format->begin(&x->rows, e);
}

static int write_row(void *arg, const char *line, size_t len, struct error *e)
{
    struct export *x = arg;

    if (x->format->row(&x->rows, line, len, e) != 0)
        return -1;
    progress_rows_at(&x->progress, ++x->rows.rows);
    return 0;
}

static int add_row(void *arg, const char *line, size_t len, struct error *e)
{
    struct export *x = arg;

    return x->reveal != NULL ? export_reveal_add(x->reveal, line, len, e)
                             : write_row(x, line, len, e);
}

static int add_bytes(void *arg, const uint8_t *bytes, size_t n, struct error *e)
{
    struct export *x = arg;

    return begin(x, e) != 0 || splitter_add(&x->lines, bytes, n, e) != 0 ||
                   flush(x, 0, e) != 0
               ? -1
               : 0;
}

static int end(struct export *x, struct error *e)
{
    return begin(x, e) != 0 ||
                   (x->reveal != NULL &&
                    export_reveal_end(x->reveal, e) != 0) ||
                   x->format->end(&x->rows, e) != 0 || flush(x, 0, e) != 0
               ? -1
               : outfile_commit(x->file, e);
}

/* What the desk is asked is in UTC: two people who mean the same instant make
 * the same record. */
static int add_time(struct buf *path, const struct cli *cli, const char *key,
                    enum option o, const char *option, struct error *e)
{
    char text[TIME_SIZE];
    msec time;

    if (cli->options[o] == NULL)
        return 0;
    if (zone_time(&time, option, cli->options[o], cli->options[OPTION_ZONE],
                  e) != 0)
        return -1;
    time_format(text, time);
    return client_query(path, key, text) == 0
               ? 0
               : error_set(e, ERR_NOMEM, "no memory for a path");
}

static int add_as_of(struct buf *path, const struct cli *cli, struct error *e)
{
    const char *text = cli->options[OPTION_AS_OF];
    int64_t index;

    if (text == NULL ||
        decimal_parse(text, strlen(text), INT64_MAX, &index) != 0)
        return add_time(path, cli, "as_of", OPTION_AS_OF, "--as-of", e);
    return client_query(path, "as_of", text) == 0
               ? 0
               : error_set(e, ERR_NOMEM, "no memory for a path");
}

/* Who people are goes into rows, and an officer says what for. */
static int check_reveal(const struct cli *cli,
                        const struct export_format *format, struct error *e)
{
    if ((cli->options[OPTION_REVEAL] == NULL) !=
        (cli->options[OPTION_REASON] == NULL))
        return error_set(e, ERR_USAGE,
                         "--reveal and --reason TEXT go together");
    if (cli->options[OPTION_REVEAL] != NULL && format != &export_csv &&
        format != &export_jsonl)
        return error_set(e, ERR_USAGE,
                         "--reveal is for rows: --format csv or jsonl");
    return session_words(cli, OPTION_REASON, "--reason", e);
}

static int check_usage(const struct cli *cli,
                       const struct export_format *format, struct error *e)
{
    /* What would leave out a part of a record, and so make a yes of what was
     * withdrawn later. */
    static const enum option partial[] = {
        OPTION_AS_OF,  OPTION_SINCE,   OPTION_UNTIL,     OPTION_PURPOSE,
        OPTION_STATE,  OPTION_ACTOR,   OPTION_LANGUAGE,  OPTION_NOTICE_VERSION,
        OPTION_SAMPLE, OPTION_CHANNEL, OPTION_SENSITIVE,
    };
    const char *const *o = cli->options;
    int64_t n;

    for (size_t i = 0;
         format->whole && i < sizeof(partial) / sizeof(partial[0]); i++)
        if (o[partial[i]] != NULL) {
            (void)error_set(e, ERR_USAGE,
                            "a record of %s has all that a person decided: it "
                            "takes no filter that leaves some of it out",
                            format->name);
            return error_hint(e, "--subject, --case and --policy choose "
                                 "records");
        }
    if ((o[OPTION_SAMPLE] == NULL) != (o[OPTION_SEED] == NULL))
        return error_set(e, ERR_USAGE, "--sample and --seed go together");
    if (o[OPTION_SAMPLE] != NULL &&
        (decimal_parse(o[OPTION_SAMPLE], strlen(o[OPTION_SAMPLE]), LIMIT_SAMPLE,
                       &n) != 0 ||
         n == 0))
        return error_set(e, ERR_USAGE, "--sample takes 1 to %u", LIMIT_SAMPLE);
    if (format->language != NULL && format->language(cli, e) != 0)
        return -1;
    if (format->language == NULL && o[OPTION_LANG] != NULL)
        return error_set(e, ERR_USAGE, "--lang is for a page: --format html");
    if (o[OPTION_ZONE] != NULL && o[OPTION_SINCE] == NULL &&
        o[OPTION_UNTIL] == NULL && o[OPTION_AS_OF] == NULL)
        return error_set(e, ERR_USAGE,
                         "--zone is that of a time, and there "
                         "is none");
    return 0;
}

static int make_path(const struct cli *cli, const struct export_format *format,
                     struct buf *path, struct error *e)
{
    static const struct {
        const char *key;
        enum option option;
    } plain[] = {
        { "subject", OPTION_SUBJECT },
        { "case", OPTION_CASE },
        { "policy", OPTION_POLICY },
        { "purpose", OPTION_PURPOSE },
        { "notice_version", OPTION_NOTICE_VERSION },
        { "state", OPTION_STATE },
        { "language", OPTION_LANGUAGE },
        { "sensitive", OPTION_SENSITIVE },
        { "channel", OPTION_CHANNEL },
        { "actor", OPTION_ACTOR },
        { "sample", OPTION_SAMPLE },
        { "seed", OPTION_SEED },
    };

    if (buf_adds(path, "/consent") != 0)
        return error_set(e, ERR_NOMEM, "no memory for a path");
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        if (client_query(path, plain[i].key, cli->options[plain[i].option]) !=
            0)
            return error_set(e, ERR_NOMEM, "no memory for a path");
    if (format->by_person && client_query(path, "order", "subject") != 0)
        return error_set(e, ERR_NOMEM, "no memory for a path");
    msec since, until;

    if (zone_period(&since, &until, cli, e) != 0)
        return -1;
    return add_time(path, cli, "since", OPTION_SINCE, "--since", e) != 0 ||
                   add_time(path, cli, "until", OPTION_UNTIL, "--until", e) !=
                       0 ||
                   add_as_of(path, cli, e) != 0
               ? -1
               : 0;
}

/* Who may ask, and where rows go, is known before the export is on record. The
 * key also says whose log it is. */
static int open_file(struct export *x, struct error *e)
{
    struct buf key = { 0 };
    int ok = -1;

    if (x->path == NULL && !x->format->origin)
        return outfile_open(&x->file, NULL, e);
    if (client_get(x->client, "/ledger/key", &key, e) == 0 &&
        outfile_open(&x->file, x->path, e) == 0)
        ok = 0;
    if (ok == 0 && x->format->origin)
        (void)snprintf(x->rows.origin, sizeof(x->rows.origin), "%.*s",
                       (int)strcspn((const char *)key.p, "+\n"),
                       (const char *)key.p);
    buf_free(&key);
    return ok;
}

/* What the desk does not take, before any row, is what was typed. */
static int ask(struct export *x, const char *path, struct error *e)
{
    if (client_stream(x->client, path, NULL, add_bytes, x, e) == 0)
        return splitter_end(&x->lines, e);
    if (!x->begun && e->code == ERR_INPUT)
        e->code = ERR_USAGE;
    return -1;
}

/* Whoever may not reveal anybody hears it before the export is on record. */
static int reveal_too(struct export *x, struct error *e)
{
    x->rows.columns =
        x->rows.columns == state_columns ? state_revealed : log_revealed;
    x->reveal = export_reveal_new(x->rows.cli, write_row, x);
    if (x->reveal == NULL)
        return error_set(e, ERR_NOMEM, "no memory for rows");
    return client_allowed(x->rows.cli, "/staff", e);
}

int consent_run_export(const struct cli *cli, struct error *e)
{
    struct export x = { .path = cli->options[OPTION_OUT] };
    json_t *policies = NULL;
    struct buf path = { 0 };
    int ok = -1;

    x.lines = (struct splitter){ .line = add_row, .arg = &x };
    x.rows.cli = cli;
    x.rows.flush = flush_large;
    x.rows.columns =
        cli->options[OPTION_AS_OF] != NULL ? state_columns : log_columns;
    x.format = export_format_of(cli, e);
    if (x.format == NULL || check_usage(cli, x.format, e) != 0 ||
        check_reveal(cli, x.format, e) != 0)
        return -1;
    progress_rows_begin(&x.progress, cli->options[OPTION_PROGRESS] != NULL);
    if (make_path(cli, x.format, &path, e) != 0 ||
        client_open(&x.client, cli->socket, e) != 0 ||
        (x.format->policies &&
         (policies = client_get_json(x.client, "/policies", e)) == NULL) ||
        open_file(&x, e) != 0)
        goto out;
    if (cli->options[OPTION_REVEAL] != NULL && reveal_too(&x, e) != 0)
        goto out;
    x.rows.policies = policies;
    if (ask(&x, (const char *)path.p, e) != 0)
        goto out;
    ok = end(&x, e);
out:
    progress_rows_end(&x.progress, x.rows.rows);
    buf_free(&x.lines.rest);
    outfile_close(&x.file);
    export_reveal_free(&x.reveal);
    x.format->free(&x.rows);
    json_decref(policies);
    buf_free(&x.rows.out);
    client_close(&x.client);
    buf_free(&path);
    return ok;
}

int consent_run_exports(const struct cli *cli, struct error *e)
{
    static const struct output_column columns[] = {
        { "export_id", "EXPORT" },
        { "salt", "SALT" },
        { "filter", "FILTER" },
        { NULL, NULL },
    };

    return output_list(cli, "/consent/exports", NULL, NULL, columns, e);
}
