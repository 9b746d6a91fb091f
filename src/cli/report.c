/* consent report: the ledger of a desk, or of a bundle, as a page. */
#include "report.h"

#include "visit.h"

#include <stdlib.h>
#include <string.h>

struct making {
    const struct cli *cli;
    struct report *r;
    struct report_about about;
};

static int check_usage(const struct cli *cli, bool *english, struct error *e)
{
    const char *lang = cli->options[OPTION_LANG];

    *english = lang != NULL && strcmp(lang, "en") == 0;
    if (lang != NULL && !*english && strcmp(lang, "es") != 0) {
        (void)error_set(e, ERR_USAGE, "no language of the report: %s", lang);
        return error_hint(e, "languages: es, en");
    }
    if (command_check_time(cli, OPTION_SINCE, e) != 0 ||
        command_check_time(cli, OPTION_UNTIL, e) != 0)
        return -1;
    return outfile_check(cli->options[OPTION_OUT], e);
}

static msec time_or(const char *text, msec otherwise)
{
    msec t = otherwise;

    if (text != NULL)
        (void)time_parse(text, &t);
    return t;
}

static int write_page(const struct making *m, struct error *e)
{
    struct outfile *file = NULL;
    struct buf page = { 0 };
    int ok = -1;

    report_finish(m->r);
    if (report_page(&page, m->r, &m->about) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a report");
    else if (outfile_open(&file, m->cli->options[OPTION_OUT], e) == 0 &&
             outfile_write(file, page.p, page.len, e) == 0)
        ok = outfile_commit(file, e);
    outfile_close(&file);
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

static int report_desk(struct making *m, struct error *e)
{
    const char *const *o = m->cli->options;
    struct visit v = { 0 };
    struct buf path = { 0 };
    int ok = -1;

    if (buf_adds(&path, "/ledger/report") != 0 ||
        client_query(&path, "since", o[OPTION_SINCE]) != 0 ||
        client_query(&path, "until", o[OPTION_UNTIL]) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for a path");
        goto out;
    }
    if (visit_open(&v, m->cli, (const char *)path.p, e) != 0 ||
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

    if (check_usage(cli, &m.about.english, e) != 0)
        return -1;
    m.about.made = clock_now(&clock_system);
    m.r = malloc(sizeof(*m.r));
    if (m.r == NULL ||
        report_begin(m.r, time_or(cli->options[OPTION_SINCE], INT64_MIN),
                     time_or(cli->options[OPTION_UNTIL], INT64_MAX)) != 0) {
        free(m.r);
        return error_set(e, ERR_NOMEM, "no memory for a report");
    }
    ok = cli->argument != NULL ? report_bundle(&m, e) : report_desk(&m, e);
    report_free(m.r);
    free(m.r);
    return ok;
}
