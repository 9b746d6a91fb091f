/* incident affected: whom and what an incident touched, and the hash of that
 * list, which is on record. */
#include "cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const columns[] = {
    "index",   "time",    "event_type",  "why", "actor",
    "subject", "case_id", "document_id", NULL,
};

struct affected {
    const struct cli *cli;
    bool csv, begun; /* the names of the columns are written */
    struct outfile *file;
    struct splitter lines;
    struct sha256 *hash;
    json_t *people, *documents; /* as keys */
    int64_t rows, lists;        /* of these, lists that name nobody */
};

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a list");
}

static int add_cell(struct buf *out, const json_t *value)
{
    if (json_is_integer(value))
        return buf_addf(out, "%lld", (long long)json_integer_value(value));
    return csv_cell(out, json_string_value(value));
}

/* row NULL: the names of the columns. */
static int write_csv(struct affected *a, const json_t *row, struct error *e)
{
    struct buf out = { 0 };
    int ok = 0;

    for (size_t i = 0; ok == 0 && columns[i] != NULL; i++)
        ok = (i > 0 && buf_adds(&out, ",") != 0) ||
                     (row == NULL
                          ? csv_cell(&out, columns[i])
                          : add_cell(&out, json_object_get(row, columns[i]))) !=
                         0
                 ? -1
                 : 0;
    ok = ok != 0 || buf_adds(&out, "\r\n") != 0
             ? no_memory(e)
             : outfile_write(a->file, out.p, out.len, e);
    buf_free(&out);
    return ok;
}

/* Not before there is an answer: a refusal has no columns. */
static int begin_csv(struct affected *a, struct error *e)
{
    if (!a->csv || a->begun)
        return 0;
    a->begun = true;
    return write_csv(a, NULL, e);
}

static int note(json_t *set, const json_t *row, const char *key)
{
    const char *id = json_str(row, key);

    return id == NULL ? 0 : json_object_set_new(set, id, json_true());
}

/* Rows of documents, with their names, of whoever had some then. */
static bool is_list(const json_t *row)
{
    const char *event = json_str(row, "event_type");

    return event != NULL && strcmp(event, "documents_listed") == 0;
}

static int add_line(void *arg, const char *line, size_t len, struct error *e)
{
    struct affected *a = arg;
    json_t *row = json_parse(line, len, e);
    int ok = row == NULL || begin_csv(a, e) != 0 ? -1 : 0;

    sha256_add(a->hash, line, len);
    sha256_add(a->hash, "\n", 1);
    if (ok == 0 && is_list(row))
        a->lists++;
    if (ok == 0 && (note(a->people, row, "subject") != 0 ||
                    note(a->documents, row, "document_id") != 0))
        ok = no_memory(e);
    if (ok == 0)
        ok = a->csv ? write_csv(a, row, e)
             : outfile_write(a->file, line, len, e) != 0
                 ? -1
                 : outfile_write(a->file, "\n", 1, e);
    a->rows++;
    json_decref(row);
    return ok;
}

static int add_bytes(void *arg, const uint8_t *bytes, size_t n, struct error *e)
{
    struct affected *a = arg;

    return splitter_add(&a->lines, bytes, n, e);
}

static int make_path(const struct cli *cli, struct buf *path, struct error *e)
{
    const char *const *o = cli->options;
    msec since, until;

    if (zone_period(&since, &until, cli, e) != 0)
        return -1;
    if ((o[OPTION_EPOCH] != NULL) + (o[OPTION_ACTOR] != NULL) > 1)
        return error_set(e, ERR_USAGE, "--epoch or --actor, not both");
    if (o[OPTION_EPOCH] == NULL && o[OPTION_ACTOR] == NULL &&
        since == INT64_MIN && until == INT64_MAX)
        return error_set(e, ERR_USAGE,
                         "name what is affected: --epoch N, --actor NAME, "
                         "--since and --until");
    return client_path(path, "/incidents/", cli->argument, "/affected") == 0 &&
                   client_query(path, "epoch", o[OPTION_EPOCH]) == 0 &&
                   client_query(path, "actor", o[OPTION_ACTOR]) == 0 &&
                   client_query_time(path, "since", since, INT64_MIN) == 0 &&
                   client_query_time(path, "until", until, INT64_MAX) == 0
               ? 0
               : no_memory(e);
}

static void choose_format(struct affected *a)
{
    const char *format = a->cli->options[OPTION_FORMAT];

    a->csv = format == NULL ? !a->cli->json : strcmp(format, "csv") == 0;
}

static int run(struct affected *a, const char *path, struct error *e)
{
    struct client *client = NULL;
    uint8_t sum[SHA256_LEN];
    char hex[HEX_SIZE(SHA256_LEN)];
    int ok = -1;

    if (client_open(&client, a->cli->socket, e) != 0)
        return -1;
    if (client_stream(client, path, NULL, add_bytes, a, e) == 0 &&
        splitter_end(&a->lines, e) == 0 && begin_csv(a, e) == 0)
        ok = outfile_commit(a->file, e);
    client_close(&client);
    if (ok != 0)
        return -1;
    sha256_final(a->hash, sum);
    hex_encode(hex, sum, sizeof(sum));
    (void)fprintf(stderr,
                  "%" PRId64 " rows: %zu people, %zu documents; the list's "
                  "SHA-256, as it is on record: %s\n",
                  a->rows, json_object_size(a->people),
                  json_object_size(a->documents), hex);
    if (a->lists > 0)
        (void)fprintf(stderr,
                      "%" PRId64
                      " of the rows are lists of documents that name "
                      "nobody: whoever had documents then was on them (all, or "
                      "those of the row's case), and is not counted above\n",
                      a->lists);
    return 0;
}

int incident_run_affected(const struct cli *cli, struct error *e)
{
    struct affected a = { .cli = cli,
                          .hash = sha256_new(),
                          .people = json_object(),
                          .documents = json_object() };
    const char *out = cli->options[OPTION_OUT];
    struct buf path = { 0 };
    int ok = -1;

    a.lines = (struct splitter){ .line = add_line, .arg = &a };
    choose_format(&a);
    if (a.hash == NULL || a.people == NULL || a.documents == NULL)
        (void)no_memory(e);
    else if (make_path(cli, &path, e) == 0 &&
             (out == NULL || client_allowed(cli, "/holds", e) == 0) &&
             outfile_open(&a.file, out, e) == 0)
        ok = run(&a, (const char *)path.p, e);
    buf_free(&a.lines.rest);
    outfile_close(&a.file);
    sha256_free(&a.hash);
    json_decref(a.people);
    json_decref(a.documents);
    buf_free(&path);
    return ok;
}
