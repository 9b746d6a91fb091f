/* consent report: the ledger of a desk, or of a bundle, as a page. */
#include "report.h"

#include "sheet.h"
#include "visit.h"

#include <stdlib.h>
#include <string.h>

struct making {
    const struct cli *cli;
    struct report *r;
    struct report_about about;
    struct outfile *file;
    struct office hours;
    struct desk_hours *policies; /* theirs, where nobody says others */
    msec since, until;
};

static int check_usage(struct making *m, struct error *e)
{
    struct report *r = m->r;
    const char *const *o = m->cli->options;

    m->about.zone = zone_name(m->cli);
    if (sheet_language(&m->about.english, m->cli, e) != 0 ||
        zone_period(&m->since, &m->until, m->cli, e) != 0 ||
        hours_parse(&m->hours, o[OPTION_HOURS], e) != 0 ||
        hours_zone(o[OPTION_ZONE], e) != 0)
        return -1;
    if (report_begin(r, m->since, m->until) != 0)
        return error_set(e, ERR_NOMEM, "no memory for a report");
    r->office = m->hours;
    return 0;
}

/* Where it goes is known before it is on record that it was made. */
static int open_file(struct making *m, struct error *e)
{
    const char *path = m->cli->options[OPTION_OUT];

    if (path != NULL && m->cli->argument == NULL &&
        client_allowed(m->cli, "/ledger/key", e) != 0)
        return -1;
    return outfile_open(&m->file, path, e);
}

static int write_page(const struct making *m, struct error *e)
{
    struct buf page = { 0 };
    int ok = -1;

    report_finish(m->r);
    if (report_page(&page, m->r, &m->about) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a report");
    else if (outfile_write(m->file, page.p, page.len, e) == 0)
        ok = outfile_commit(m->file, e);
    buf_free(&page);
    return ok;
}

/* ---- of a bundle -------------------------------------------------------- */

static int take(void *arg, uint64_t index, const json_t *entry, struct error *e)
{
    return report_add(arg, index, entry, e);
}

static int report_bundle(struct making *m, struct error *e)
{
    const char *folder = m->cli->argument;
    struct ledger_bundle bundle;
    struct buf path = { 0 }, note = { 0 };
    int ok = -1;

    if (ledger_bundle_each(&bundle, folder, take, m->r, e) != 0)
        return -1;
    if (buf_addf(&path, "%s/checkpoint", folder) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a path");
    else if (file_read((const char *)path.p, LIMIT_NOTE_BYTES, &note, e) == 0) {
        m->about.bundle = true;
        m->about.now = bundle.now;
        m->about.origin = bundle.now.origin;
        m->about.note = (const char *)note.p;
        (void)fprintf(stderr,
                      "signed with %s\nis that the key that you were given by "
                      "other means?\n",
                      bundle.vkey);
        ok = ledger_tell_changes(folder, e) != 0 ? -1 : write_page(m, e);
    }
    buf_free(&note);
    buf_free(&path);
    return ok;
}

/* ---- of a desk ---------------------------------------------------------- */

static int take_bytes(void *arg, uint64_t index, const uint8_t *bytes,
                      size_t len, const uint8_t leaf[static LEDGER_HASH_LEN],
                      struct error *e)
{
    json_t *entry = json_parse(bytes, len, e);
    int ok = entry == NULL ? -1 : report_add(arg, index, entry, e);

    (void)leaf;
    json_decref(entry);
    return ok;
}

static int ask_hours(struct making *m, struct client *client, struct error *e)
{
    int ok = desk_hours_ask(&m->policies, m->cli, client, e);

    m->r->office.policies = m->policies;
    return ok;
}

static int report_desk(struct making *m, struct error *e)
{
    const char *since = NULL, *until = NULL;
    char from[TIME_SIZE], to[TIME_SIZE];
    struct visit v = { 0 };
    struct buf path = { 0 };
    int ok = -1;

    /* The desk is asked in UTC. */
    if (m->since != INT64_MIN) {
        time_format(from, m->since);
        since = from;
    }
    if (m->until != INT64_MAX) {
        time_format(to, m->until);
        until = to;
    }
    if (buf_adds(&path, "/ledger/report") != 0 ||
        client_query(&path, "since", since) != 0 ||
        client_query(&path, "until", until) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for a path");
        goto out;
    }
    if (visit_open(&v, m->cli, (const char *)path.p, e) != 0 ||
        ask_hours(m, v.client, e) != 0 ||
        visit_recompute(&v, take_bytes, m->r, e) != 0 || visit_keep(&v, e) != 0)
        goto out;
    m->about.now = v.now;
    m->about.origin = v.now.origin;
    m->about.note = (const char *)v.note.p;
    ok = write_page(m, e);
out:
    visit_close(&v);
    buf_free(&path);
    return ok;
}

int consent_run_report(const struct cli *cli, struct error *e)
{
    struct making m = { .cli = cli };
    int ok = -1;

    m.about.made = clock_now(&clock_system);
    m.r = calloc(1, sizeof(*m.r));
    if (m.r == NULL)
        return error_set(e, ERR_NOMEM, "no memory for a report");
    if (check_usage(&m, e) == 0 && open_file(&m, e) == 0)
        ok = cli->argument != NULL ? report_bundle(&m, e) : report_desk(&m, e);
    outfile_close(&m.file);
    report_free(m.r);
    desk_hours_free(&m.policies);
    free(m.r);
    return ok;
}
