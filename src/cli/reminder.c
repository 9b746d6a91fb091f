/*
 * reminder check, reminder send: a template to a list of people. The whole list
 * is looked through before the first one is sent.
 */
#include "cli.h"

#include "resguardo/contact.h"

#include <stdlib.h>
#include <string.h>

#define BATCH_LEN 16

struct recipient {
    size_t line;
    char *to;                                     /* digits, or a user id */
    const char *values[LIMIT_PARAMETERS], *other; /* borrowed */
};
struct reminding {
    const struct cli *cli;
    struct policy_template template;
    struct buf bytes; /* of the list; cells are in here */
    char batch[HEX_SIZE(BATCH_LEN)];
    struct csv_in *csv;
    int to, other, columns[LIMIT_PARAMETERS]; /* places, -1 none */
    struct recipient *rows;
    size_t n, cap;
    json_t *seen; /* by recipient: the line */
    json_t *faults;
    size_t lines; /* rows of the list, bad ones included */
};

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a list");
}

static void end(struct reminding *m)
{
    for (size_t i = 0; i < m->n; i++)
        free(m->rows[i].to);
    free(m->rows);
    csv_close(&m->csv);
    buf_free(&m->bytes);
    json_decref(m->seen);
    json_decref(m->faults);
}

/* ---- the template, as the desk has it ----------------------------------- */

static int take_parameter(struct policy_template *t, const json_t *o)
{
    struct template_parameter *p = &t->parameters[t->nparameters];
    const char *name = json_str(o, "name"), *type = json_str(o, "type");
    json_int_t max = json_integer_value(json_object_get(o, "max"));

    if (name == NULL || type == NULL || strlen(name) >= sizeof(p->name) ||
        max < 1 || max > LIMIT_PARAMETER)
        return -1;
    memcpy(p->name, name, strlen(name) + 1);
    p->max = (int)max;
    for (int i = 0; i < PARAMETER__MAX; i++)
        if (strcmp(parameter_type_names[i], type) == 0) {
            p->type = (enum parameter_type)i;
            t->nparameters++;
            return 0;
        }
    return -1;
}

static int take_template(struct reminding *m, const json_t *list,
                         struct error *e)
{
    const char *wanted = m->cli->options[OPTION_TEMPLATE];
    const json_t *o, *parameter;
    size_t i, k;

    json_array_foreach(list, i, o)
    {
        const char *id = json_str(o, "id");
        const json_t *parameters = json_object_get(o, "parameters");

        if (id == NULL || strcmp(id, wanted) != 0 ||
            json_array_size(parameters) > LIMIT_PARAMETERS)
            continue;
        if (json_str(o, "header") != NULL)
            return error_set(e, ERR_INPUT,
                             "the template carries a document: resguardo "
                             "document send");
        json_array_foreach(parameters, k, parameter)
        {
            if (take_parameter(&m->template, parameter) != 0)
                return error_set(e, ERR_INPUT,
                                 "the desk's answer is malformed");
        }
        return 0;
    }
    return error_set(e, ERR_NOT_FOUND, "the policy has no such template");
}

static int fetch_template(struct reminding *m, struct error *e)
{
    struct client *client = NULL;
    struct buf path = { 0 };
    json_t *list = NULL;
    int ok = -1;

    if (client_open(&client, m->cli->socket, e) != 0)
        return -1;
    if (buf_adds(&path, "/templates") != 0 ||
        client_query(&path, "policy", m->cli->options[OPTION_POLICY]) != 0)
        (void)no_memory(e);
    else if ((list = client_get_json(client, (const char *)path.p, e)) != NULL)
        ok = take_template(m, list, e);
    json_decref(list);
    buf_free(&path);
    client_close(&client);
    return ok;
}

/* ---- the list ----------------------------------------------------------- */

static int place_of(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    return -1;
}

/* Each column is one that the template has, and it has each. */
static int take_columns(struct reminding *m, struct error *e)
{
    const char *const *names;
    size_t n = csv_names(m->csv, &names), known = 1;

    m->to = place_of(names, n, "to");
    m->other = place_of(names, n, "other_channel");
    if (m->to < 0)
        return error_set(e, ERR_INPUT, "the list has no column called to");
    for (size_t i = 0; i < m->template.nparameters; i++) {
        m->columns[i] = place_of(names, n, m->template.parameters[i].name);
        if (m->columns[i] < 0)
            return error_set(e, ERR_INPUT, "the list has no column called %s",
                             m->template.parameters[i].name);
        known++;
    }
    if (n != known + (m->other >= 0))
        return error_set(e, ERR_INPUT,
                         "the list has columns that the template does not");
    return 0;
}

static int check_recipient(struct reminding *m, const char *cell, size_t line,
                           char **to, struct error *e)
{
    const char *wrong =
        addressee_read(cell, m->cli->options[OPTION_COUNTRY], to);
    char what[64];
    json_t *before;

    if (wrong != NULL)
        return row_fault_add(m->faults, line, "to", wrong, e);
    if (*to == NULL)
        return no_memory(e);
    before = json_object_get(m->seen, *to);
    if (before != NULL) {
        free(*to);
        *to = NULL;
        (void)snprintf(what, sizeof(what), "is in line %lld already",
                       (long long)json_integer_value(before));
        return row_fault_add(m->faults, line, "to", what, e);
    }
    return json_object_set_new(m->seen, *to, json_integer((json_int_t)line)) ==
                   0
               ? 0
               : no_memory(e);
}

static int check_cells(struct reminding *m, const char *const *cells,
                       struct recipient *r, struct error *e)
{
    const char *other = m->other < 0 ? "" : cells[m->other];
    civil_day day;

    if (check_recipient(m, cells[m->to], r->line, &r->to, e) != 0)
        return -1;
    for (size_t i = 0; i < m->template.nparameters; i++) {
        const struct template_parameter *p = &m->template.parameters[i];
        const char *what;

        r->values[i] = cells[m->columns[i]];
        what = template_fault(p, r->values[i]);
        if (what != NULL &&
            row_fault_add(m->faults, r->line, p->name, what, e) != 0)
            return -1;
    }
    if (other[0] == '\0')
        return 0;
    r->other = other;
    return date_parse(other, &day) == 0
               ? 0
               : row_fault_add(m->faults, r->line, "other_channel",
                               "is no day such as 2026-12-24", e);
}

/* One good row more; a bad one has its faults and is left out. */
static int take_row(struct reminding *m, const char *const *cells, size_t line,
                    struct error *e)
{
    size_t faults = json_array_size(m->faults);
    struct recipient r = { .line = line };

    if (m->n == m->cap) {
        size_t cap = m->cap == 0 ? 256 : 2 * m->cap;
        struct recipient *rows = reallocarray(m->rows, cap, sizeof(*rows));

        if (rows == NULL)
            return no_memory(e);
        m->rows = rows;
        m->cap = cap;
    }
    if (check_cells(m, cells, &r, e) != 0) {
        free(r.to);
        return -1;
    }
    if (json_array_size(m->faults) > faults)
        free(r.to);
    else
        m->rows[m->n++] = r;
    return 0;
}

/* The same list for the same template is the same batch: it goes once. */
static int name_batch(struct reminding *m, struct error *e)
{
    uint8_t hash[SHA256_LEN];
    char list[HEX_SIZE(SHA256_LEN)];
    struct buf text = { 0 };
    int ok;

    sha256_of(hash, m->bytes.p, m->bytes.len);
    hex_encode(list, hash, sizeof(hash));
    ok = buf_addf(&text, "%s\n%s\n%s", m->cli->options[OPTION_POLICY],
                  m->cli->options[OPTION_TEMPLATE], list);
    if (ok == 0) {
        sha256_of(hash, text.p, text.len);
        hex_encode(m->batch, hash, BATCH_LEN);
    }
    buf_free(&text);
    return ok == 0 ? 0 : no_memory(e);
}

static int read_list(struct reminding *m, struct error *e)
{
    const char *const *cells;
    const char *what;
    enum csv_row row;
    size_t line;

    m->seen = json_object();
    m->faults = json_array();
    if (m->seen == NULL || m->faults == NULL)
        return no_memory(e);
    if (addressee_country(m->cli->options[OPTION_COUNTRY], e) != 0 ||
        fetch_template(m, e) != 0 ||
        file_read(m->cli->argument, LIMIT_CSV_BYTES, &m->bytes, e) != 0)
        return -1;
    if (name_batch(m, e) != 0 || csv_open(&m->csv, &m->bytes, e) != 0 ||
        take_columns(m, e) != 0)
        return -1;
    while ((row = csv_next(m->csv, &cells, &line, &what)) != CSV_END) {
        if (++m->lines > LIMIT_CSV_ROWS)
            return error_set(e, ERR_INPUT, "the list has over %u rows",
                             LIMIT_CSV_ROWS);
        if ((row == CSV_WRONG ? row_fault_add(m->faults, line, "-", what, e)
                              : take_row(m, cells, line, e)) != 0)
            return -1;
    }
    return 0;
}

/* ---- check -------------------------------------------------------------- */

int reminder_run_check(const struct cli *cli, struct error *e)
{
    struct reminding m = { .cli = cli };
    int ok = read_list(&m, e);

    if (ok == 0 && (m.n < m.lines || cli->json))
        ok = row_faults_show(cli, m.faults, e);
    if (ok == 0 && m.n < m.lines)
        ok = row_faults_refuse(m.lines - m.n, m.lines, e);
    else if (ok == 0)
        (void)fprintf(stderr, "%zu rows, all of them good\n", m.n);
    end(&m);
    return ok;
}

/* ---- send --------------------------------------------------------------- */

static json_t *row_json(const struct reminding *m, size_t i)
{
    const struct recipient *r = &m->rows[i];
    json_t *values = json_array(), *o;

    for (size_t k = 0; k < m->template.nparameters; k++)
        if (json_array_append_new(values, json_string(r->values[k])) != 0) {
            json_decref(values);
            return NULL;
        }
    o = json_pack("{s:I, s:s, s:o}", "row", (json_int_t)r->line, "to", r->to,
                  "values", values);
    if (o != NULL && r->other != NULL &&
        json_object_set_new(o, "other_channel", json_string(r->other)) != 0) {
        json_decref(o);
        return NULL;
    }
    return o;
}

struct sums {
    size_t queued, known, denied;
    json_t *denials;
};

static int add_up(struct sums *s, json_t *answer, struct error *e)
{
    json_t *o;
    size_t i;

    json_array_foreach(answer, i, o)
    {
        const char *state = json_str(o, "state");

        if (state == NULL)
            return error_set(e, ERR_INPUT, "the desk's answer is malformed");
        s->queued += strcmp(state, "queued") == 0;
        s->known += strcmp(state, "known") == 0;
        if (strcmp(state, "denied") != 0)
            continue;
        s->denied++;
        if (json_array_append_new(s->denials,
                                  json_pack("{s:O?, s:O?, s:O?}", "line",
                                            json_object_get(o, "row"), "rule",
                                            json_object_get(o, "rule"), "id",
                                            json_object_get(o, "id"))) != 0)
            return no_memory(e);
    }
    return 0;
}

static int send_part(const struct reminding *m, struct session *s, size_t from,
                     size_t until, struct sums *sums, struct error *e)
{
    json_t *rows = json_array(), *answer = NULL, *body;
    int ok = 0;

    for (size_t i = from; i < until; i++)
        ok |= json_array_append_new(rows, row_json(m, i));
    body = json_pack("{s:s, s:s, s:s, s:o}", "policy",
                     m->cli->options[OPTION_POLICY], "template",
                     m->cli->options[OPTION_TEMPLATE], "batch", m->batch,
                     "rows", rows);
    if (ok != 0) {
        json_decref(body);
        return no_memory(e);
    }
    ok = session_ask(s, "/outbound", body, &answer, e);
    if (ok == 0)
        ok = add_up(sums, answer, e);
    json_decref(answer);
    return ok;
}

static int tell(const struct reminding *m, const struct sums *s,
                struct error *e)
{
    static const struct output_column columns[] = {
        { "line", "LINE" },
        { "rule", "RULE" },
        { "id", "ID" },
        { NULL, NULL },
    };
    int ok = m->cli->json    ? output_json(stdout, s->denials, e)
             : s->denied > 0 ? output_table(stdout, s->denials, columns, e)
                             : 0;

    (void)fprintf(stderr,
                  "%zu queued, %zu were queued before, %zu denied, %zu left "
                  "out as wrong\n",
                  s->queued, s->known, s->denied, m->lines - m->n);
    if (ok != 0 || output_end(stdout, e) != 0)
        return -1;
    return s->denied == 0 ? 0
                          : error_set(e, ERR_NOT_PERMITTED,
                                      "rules of contact forbid %zu of %zu rows",
                                      s->denied, m->n);
}

static int send_all(const struct reminding *m, struct error *e)
{
    struct session s = { 0 };
    struct sums sums = { .denials = json_array() };
    int ok = session_open(&s, m->cli, "/outbound", e);

    for (size_t i = 0; ok == 0 && i < m->n; i += LIMIT_OUTBOUND_ROWS) {
        size_t until = i + LIMIT_OUTBOUND_ROWS;

        ok = send_part(m, &s, i, until < m->n ? until : m->n, &sums, e);
    }
    if (ok == 0)
        ok = tell(m, &sums, e);
    else if (sums.queued > 0)
        (void)fprintf(stderr,
                      "%zu rows are queued already; run it again to go on: "
                      "none goes twice\n",
                      sums.queued);
    json_decref(sums.denials);
    session_close(&s);
    return ok;
}

int reminder_run_send(const struct cli *cli, struct error *e)
{
    struct reminding m = { .cli = cli };
    int ok = read_list(&m, e);

    if (ok == 0 && m.n < m.lines && cli->options[OPTION_SKIP_BAD] == NULL)
        ok = row_faults_show(cli, m.faults, e) != 0
                 ? -1
                 : row_faults_refuse(m.lines - m.n, m.lines, e);
    if (ok == 0)
        ok = send_all(&m, e);
    end(&m);
    return ok;
}
