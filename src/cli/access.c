/*
 * access report: who opened what and when, and what is odd about it; at a desk
 * or of a bundle. Made here from the entries themselves, after they verified.
 */
#include "access.h"
#include "reveal.h"
#include "visit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const columns[] = {
    "index",   "time",        "event_type",  "actor", "role",  "subject",
    "case_id", "document_id", "approval_id", "uid",   "route", "reason",
    "count",   "flags",       "words",       NULL,
};
/* What a person's readings are counted by, as flags and as columns. */
static const struct output_column sums[] = {
    { "actor", "WHO" },
    { "readings", "READINGS" },
    { "denied", "DENIED" },
    { "out_of_hours", "OUT-OF-HOURS" },
    { "bulk", "BULK" },
    { "no_case", "NO-CASE" },
    { "after_withdrawal", "AFTER-WITHDRAWAL" },
    { NULL, NULL },
};

struct report {
    const struct cli *cli;
    enum { SUMMARY, CSV, JSONL } format;
    msec since, until;
    struct office hours;
    struct desk_hours *policies; /* theirs, unless --hours says others */
    struct access *access;
    struct outfile *file; /* of rows; NULL: none are wanted */
    json_t *people;       /* actor: counts */
    json_t *odd;          /* rows with a flag, for the summary */
    json_t *revealed;     /* what was revealed, or NULL */
    json_t *subjects;     /* whom the rows are about, when that is asked */
    int64_t rows, late;
};

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a report");
}

/* ---- rows --------------------------------------------------------------- */

static int add_cell(struct buf *out, const json_t *value)
{
    if (json_is_integer(value))
        return buf_addf(out, "%lld", (long long)json_integer_value(value));
    return csv_cell(out, json_string_value(value));
}

static int write_csv(struct report *x, const json_t *row, struct error *e)
{
    struct buf out = { 0 };
    int ok = 0;

    for (size_t i = 0; ok == 0 && columns[i] != NULL; i++)
        if ((i > 0 && buf_adds(&out, ",") != 0) ||
            (row == NULL
                 ? csv_cell(&out, columns[i])
                 : add_cell(&out, json_object_get(row, columns[i]))) != 0)
            ok = no_memory(e);
    if (ok == 0)
        ok = buf_adds(&out, "\r\n") != 0
                 ? no_memory(e)
                 : outfile_write(x->file, out.p, out.len, e);
    buf_free(&out);
    return ok;
}

static int write_row(struct report *x, const json_t *row, struct error *e)
{
    char *text;
    int ok;

    if (x->format == CSV)
        return write_csv(x, row, e);
    text = json_dumps(row, JSON_COMPACT);
    if (text == NULL)
        return no_memory(e);
    ok = outfile_write(x->file, text, strlen(text), e) != 0 ||
                 outfile_write(x->file, "\n", 1, e) != 0
             ? -1
             : 0;
    free(text);
    return ok;
}

static bool has(const json_t *row, const char *flag)
{
    const char *flags = json_str(row, "flags");

    return flags != NULL && strstr(flags, flag) != NULL;
}

static int add_one(json_t *o, const char *key, int64_t n)
{
    return json_object_set_new(
        o, key, json_integer(json_integer_value(json_object_get(o, key)) + n));
}

static int count(struct report *x, json_t *row, struct error *e)
{
    const char *who = json_str(row, "actor");
    json_t *person;
    bool denied = has(row, "denied");
    int64_t times = json_integer_value(json_object_get(row, "count"));
    int ok;

    who = who != NULL ? who : "-";
    person = json_object_get(x->people, who);
    if (person == NULL) {
        person = json_pack("{s:s}", "actor", who);
        if (json_object_set_new(x->people, who, person) != 0)
            return no_memory(e);
    }
    ok = add_one(person, "readings", !denied);
    ok |= add_one(person, "denied", denied ? times : 0);
    for (size_t i = 3; sums[i].key != NULL; i++)
        ok |= add_one(person, sums[i].key, !denied && has(row, sums[i].key));
    x->rows++;
    x->late += has(row, "after_withdrawal");
    if (ok == 0 && x->format == SUMMARY && json_str(row, "flags") != NULL &&
        json_array_size(x->odd) < LIMIT_REPORT_ROWS)
        ok = json_array_append(x->odd, row);
    return ok == 0 ? 0 : no_memory(e);
}

static bool in_time(const struct report *x, const json_t *row)
{
    msec time = 0;

    return time_parse(json_str(row, "time"), &time) == 0 && time >= x->since &&
           time < x->until;
}

static int take(struct report *x, const json_t *entry, json_t *row,
                struct error *e)
{
    const char *who = json_str(row, "subject");

    if (x->subjects != NULL)
        return who == NULL ||
                       json_object_set_new(x->subjects, who, json_true()) == 0
                   ? 0
                   : no_memory(e);
    if (x->revealed != NULL && reveal_reason(x->revealed, entry, row) != 0)
        return no_memory(e);
    return count(x, row, e) != 0                          ? -1
           : x->file == NULL || write_row(x, row, e) == 0 ? 0
                                                          : -1;
}

static int see(void *arg, uint64_t index, const uint8_t *bytes, size_t len,
               const uint8_t leaf[static LEDGER_HASH_LEN], struct error *e)
{
    struct report *x = arg;
    json_t *entry = json_parse(bytes, len, e), *row = NULL;
    int ok = entry == NULL ? -1 : access_add(x->access, entry, &row, e);

    (void)index;
    (void)leaf;
    if (ok == 0 && row != NULL && in_time(x, row))
        ok = take(x, entry, row, e);
    json_decref(row);
    json_decref(entry);
    return ok;
}

/* ---- where entries come from -------------------------------------------- */

static int add_line(void *arg, const char *line, size_t len, struct error *e)
{
    static const uint8_t none[LEDGER_HASH_LEN];

    return see(arg, 0, (const uint8_t *)line, len, none, e);
}

/* Entries are judged from here on, by the hours that are known now. */
static int begin(struct report *x, struct error *e)
{
    x->access = access_new(&x->hours);
    return x->access != NULL ? 0 : no_memory(e);
}

static int walk_bundle(struct report *x, const char *folder, struct error *e)
{
    struct splitter lines = { .line = add_line, .arg = x };
    struct ledger_bundle bundle;
    struct buf path = { 0 };
    char piece[16384];
    FILE *f = NULL;
    size_t n;
    int ok = -1;

    if (begin(x, e) != 0 ||
        ledger_bundle_verify(&bundle, folder, NULL, e) != 0 ||
        ledger_tell_changes(folder, e) != 0)
        goto out;
    if (buf_addf(&path, "%s/entries.jsonl", folder) != 0 ||
        (f = fopen((const char *)path.p, "re")) == NULL) {
        (void)error_set(e, ERR_IO, "cannot read the entries of %s", folder);
        goto out;
    }
    ok = 0;
    while (ok == 0 && (n = fread(piece, 1, sizeof(piece), f)) > 0)
        ok = splitter_add(&lines, piece, n, e);
    if (ok == 0)
        ok = splitter_end(&lines, e);
out:
    buf_free(&lines.rest);
    buf_free(&path);
    if (f != NULL)
        (void)fclose(f);
    return ok;
}

/* Once, and not for the walk that only looks for whom it is about. */
static int ask_hours(struct report *x, struct client *client, struct error *e)
{
    if (x->subjects != NULL)
        return 0;
    if (desk_hours_ask(&x->policies, x->cli, client, e) != 0)
        return -1;
    x->hours.policies = x->policies;
    return 0;
}

static int walk_desk(struct report *x, struct error *e)
{
    /* Who asks twice is recorded once. */
    const char *path =
        x->subjects != NULL ? "/ledger/checkpoint" : "/ledger/access";
    struct visit v;
    int ok = -1;

    if (visit_open(&v, x->cli, path, e) == 0 &&
        ask_hours(x, v.client, e) == 0 && begin(x, e) == 0 &&
        visit_recompute(&v, see, x, e) == 0)
        ok = visit_keep(&v, e);
    visit_close(&v);
    return ok;
}

static int walk(struct report *x, struct error *e)
{
    int ok = x->cli->argument != NULL ? walk_bundle(x, x->cli->argument, e)
                                      : walk_desk(x, e);

    access_free(&x->access);
    return ok;
}

/* Whom the readings are about, then why they were made, in words. */
static int reveal(struct report *x, struct error *e)
{
    int ok = -1;

    x->subjects = json_object();
    if (x->subjects == NULL)
        (void)no_memory(e);
    else if (walk(x, e) == 0)
        ok = reveal_fetch(x->cli, x->subjects, &x->revealed, e);
    json_decref(x->subjects);
    x->subjects = NULL;
    return ok;
}

/* ---- the summary -------------------------------------------------------- */

static void tell_hours(FILE *to, const struct report *x)
{
    const struct office *h = &x->hours;

    if (h->policies != NULL)
        (void)fputs("the opening hours of today's policies, each in its zone, "
                    "with its holidays\n",
                    to);
    else
        (void)fprintf(to, "%02d:%02d-%02d:%02d, Monday to Friday, in %s\n",
                      h->from / 60, h->from % 60, h->to / 60, h->to % 60,
                      zone_name(x->cli));
}

static int tell_words(FILE *to, const struct report *x, struct error *e)
{
    json_t *list = json_array(), *person;
    const char *who;
    int ok = 0;

    json_object_foreach(x->people, who, person)
    {
        if (json_array_append(list, person) != 0)
            ok = no_memory(e);
    }
    if (ok == 0 && json_array_size(list) > 0)
        ok = output_table(to, list, sums, e);
    json_decref(list);
    (void)fprintf(to, "%" PRId64 " readings and refusals; hours of work are ",
                  x->rows);
    tell_hours(to, x);
    (void)fprintf(to, "after a withdrawal: %" PRId64 " (0 expected)\n",
                  x->late);
    return ok;
}

static int tell(const struct report *x, struct error *e)
{
    static const struct output_column shown[] = {
        { "index", "ENTRY" },   { "time", "TIME" },
        { "actor", "WHO" },     { "event_type", "WHAT" },
        { "flags", "WHY ODD" }, { "document_id", "DOCUMENT" },
        { "route", "ROUTE" },   { NULL, NULL },
    };

    if (x->format == SUMMARY) {
        if (tell_words(stdout, x, e) != 0 ||
            (json_array_size(x->odd) > 0 &&
             output_table(stdout, x->odd, shown, e) != 0) ||
            output_end(stdout, e) != 0)
            return -1;
    } else if (tell_words(stderr, x, e) != 0) {
        return -1;
    }
    return x->late == 0
               ? 0
               : error_set(e, ERR_VERIFY,
                           "%" PRId64 " readings after a withdrawal, or with "
                           "no purpose that carried them",
                           x->late);
}

/* ---- the command -------------------------------------------------------- */

static int check_usage(struct report *x, struct error *e)
{
    const char *const *o = x->cli->options;
    const char *format = o[OPTION_FORMAT];

    if (format == NULL && x->cli->json)
        format = "jsonl";
    x->format = format == NULL               ? SUMMARY
                : strcmp(format, "csv") == 0 ? CSV
                                             : JSONL;
    if (format == NULL && o[OPTION_OUT] != NULL)
        return error_set(e, ERR_USAGE, "-o is for rows: --format csv or jsonl");
    if ((o[OPTION_REVEAL] == NULL) != (o[OPTION_REASON] == NULL))
        return error_set(e, ERR_USAGE,
                         "--reveal and --reason TEXT go together");
    /* Nobody's reasons are opened to be thrown away. */
    if (format == NULL && o[OPTION_REVEAL] != NULL)
        return error_set(e, ERR_USAGE,
                         "--reveal is for rows: --format csv or jsonl");
    if (zone_period(&x->since, &x->until, x->cli, e) != 0 ||
        session_words(x->cli, OPTION_REASON, "--reason", e) != 0)
        return -1;
    return hours_parse(&x->hours, o[OPTION_HOURS], e) != 0
               ? -1
               : hours_zone(o[OPTION_ZONE], e);
}

/* Where rows go is known before anything is asked that goes on record. */
static int open_rows(struct report *x, struct error *e)
{
    const struct cli *cli = x->cli;

    if (x->format == SUMMARY)
        return 0;
    if (cli->options[OPTION_OUT] != NULL && cli->argument == NULL &&
        client_allowed(cli, "/ledger/key", e) != 0)
        return -1;
    return outfile_open(&x->file, cli->options[OPTION_OUT], e);
}

static int begin_rows(struct report *x, struct error *e)
{
    return x->format == CSV ? write_csv(x, NULL, e) : 0;
}

int access_run_report(const struct cli *cli, struct error *e)
{
    struct report x = { .cli = cli,
                        .people = json_object(),
                        .odd = json_array() };
    int ok = -1;

    if (check_usage(&x, e) != 0)
        goto out;
    if (x.people == NULL || x.odd == NULL) {
        (void)no_memory(e);
        goto out;
    }
    if (open_rows(&x, e) != 0 ||
        (cli->options[OPTION_REVEAL] != NULL && reveal(&x, e) != 0))
        goto out;
    if (begin_rows(&x, e) == 0 && walk(&x, e) == 0 &&
        (x.file == NULL || outfile_commit(x.file, e) == 0))
        ok = tell(&x, e);
out:
    outfile_close(&x.file);
    json_decref(x.people);
    json_decref(x.odd);
    json_decref(x.revealed);
    desk_hours_free(&x.policies);
    return ok;
}
