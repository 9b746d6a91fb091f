/* report service: how people are served, as a page, a table or for programs. */
#include "service.h"

#include "sheet.h"

#include <string.h>

enum format { FORMAT_HTML, FORMAT_CSV, FORMAT_JSON };

struct making {
    const struct cli *cli;
    struct service service;
    struct service_about about;
    enum format format;
    struct outfile *file;
};

static int check_format(struct making *m, struct error *e)
{
    static const char *const names[] = { "html", "csv", "json" };
    const char *name = m->cli->options[OPTION_FORMAT];

    m->format = m->cli->json ? FORMAT_JSON : FORMAT_HTML;
    if (name == NULL)
        return 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], name) == 0) {
            m->format = (enum format)i;
            return 0;
        }
    (void)error_set(e, ERR_USAGE, "no format of a report: %s", name);
    return error_hint(e, "formats: html, csv, json");
}

static int check_usage(struct making *m, struct error *e)
{
    const struct cli *cli = m->cli;

    m->about.zone = zone_name(cli);
    m->about.policy = cli->options[OPTION_POLICY];
    m->about.made = clock_now(&clock_system);
    if (check_format(m, e) != 0 ||
        sheet_language(&m->about.english, cli, e) != 0 ||
        zone_period(&m->about.since, &m->about.until, cli, e) != 0 ||
        hours_zone(cli->options[OPTION_ZONE], e) != 0)
        return -1;
    return service_begin(&m->service) == 0
               ? 0
               : error_set(e, ERR_NOMEM, "no memory for a report");
}

/* The desk is asked in UTC. */
static int put_time(struct buf *path, const char *key, msec t, bool given)
{
    char text[TIME_SIZE];

    if (!given)
        return 0;
    time_format(text, t);
    return client_query(path, key, text);
}

static int take_line(void *arg, const char *line, size_t len, struct error *e)
{
    return service_add(arg, line, len, e);
}

static int split(void *arg, const uint8_t *bytes, size_t n, struct error *e)
{
    return splitter_add(arg, bytes, n, e);
}

static int fetch(struct making *m, struct error *e)
{
    struct splitter splitter = { .line = take_line, .arg = &m->service };
    struct client *client = NULL;
    struct buf path = { 0 };
    struct error late = { 0 };
    int ok = -1;

    if (buf_adds(&path, "/service") != 0 ||
        client_query(&path, "policy", m->about.policy) != 0 ||
        put_time(&path, "since", m->about.since, m->about.since != INT64_MIN) !=
            0 ||
        put_time(&path, "until", m->about.until, m->about.until != INT64_MAX) !=
            0)
        (void)error_set(e, ERR_NOMEM, "no memory for a path");
    else if (client_open(&client, m->cli->socket, e) == 0)
        ok = client_stream(client, (const char *)path.p, NULL, split, &splitter,
                           e);
    if (splitter_end(&splitter, &late) != 0 && ok == 0) {
        *e = late;
        ok = -1;
    }
    client_close(&client);
    buf_free(&path);
    return ok;
}

static int write_out(struct making *m, struct error *e)
{
    struct buf out = { 0 };
    int ok = -1;

    service_sort(&m->service);
    switch (m->format) {
    case FORMAT_HTML:
        ok = service_sheet(&out, &m->service, &m->about);
        break;
    case FORMAT_CSV:
        ok = service_csv(&out, &m->service);
        break;
    case FORMAT_JSON:
        ok = service_json(&out, &m->service, &m->about);
        break;
    }
    if (ok != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a report");
    else
        ok = outfile_write(m->file, out.p, out.len, e);
    buf_free(&out);
    return ok != 0 ? -1 : outfile_commit(m->file, e);
}

/* Where it goes is known before it is on record that it was made. */
int report_run_service(const struct cli *cli, struct error *e)
{
    struct making m = { .cli = cli };
    int ok = -1;

    if (check_usage(&m, e) == 0 &&
        outfile_open(&m.file, cli->options[OPTION_OUT], e) == 0 &&
        fetch(&m, e) == 0)
        ok = write_out(&m, e);
    outfile_close(&m.file);
    service_free(&m.service);
    return ok;
}
