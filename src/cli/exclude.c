/* reminder exclude: numbers that want no advertising, as a register has them.
 * The whole list is looked through before the first number is taken. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

struct excluding {
    const struct cli *cli;
    struct buf bytes;
    char hash[HEX_SIZE(SHA256_LEN)]; /* of the list */
    struct csv_in *csv;
    json_t *numbers, *faults;
    size_t lines, changed;
};

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a list");
}

static void end(struct excluding *x)
{
    csv_close(&x->csv);
    buf_free(&x->bytes);
    json_decref(x->numbers);
    json_decref(x->faults);
}

/* ---- the list ----------------------------------------------------------- */

static int find_column(struct excluding *x, size_t *at, struct error *e)
{
    const char *const *names;
    size_t n = csv_names(x->csv, &names);

    for (*at = 0; *at < n; ++*at)
        if (strcmp(names[*at], "to") == 0)
            return 0;
    return error_set(e, ERR_INPUT, "the list has no column called to");
}

static int take_row(struct excluding *x, const char *cell, size_t line,
                    struct error *e)
{
    char *to;
    const char *what =
        addressee_read(cell, x->cli->options[OPTION_COUNTRY], &to);
    int ok = 0;

    if (what == NULL && to == NULL)
        return no_memory(e);
    if (what == NULL && to[strspn(to, "0123456789")] != '\0')
        what = "is no phone number with its country";
    if (what != NULL)
        ok = row_fault_add(x->faults, line, "to", what, e);
    else if (json_array_append_new(x->numbers, json_string(to)) != 0)
        ok = no_memory(e);
    free(to);
    return ok;
}

static int read_rows(struct excluding *x, size_t at, struct error *e)
{
    const char *const *cells;
    const char *what;
    enum csv_row row;
    size_t line;

    while ((row = csv_next(x->csv, &cells, &line, &what)) != CSV_END) {
        if (++x->lines > LIMIT_CSV_ROWS)
            return error_set(e, ERR_INPUT, "the list has over %u rows",
                             LIMIT_CSV_ROWS);
        if ((row == CSV_WRONG ? row_fault_add(x->faults, line, "-", what, e)
                              : take_row(x, cells[at], line, e)) != 0)
            return -1;
    }
    return 0;
}

static int read_list(struct excluding *x, struct error *e)
{
    uint8_t hash[SHA256_LEN];
    size_t at;

    x->numbers = json_array();
    x->faults = json_array();
    if (x->numbers == NULL || x->faults == NULL)
        return no_memory(e);
    if (addressee_country(x->cli->options[OPTION_COUNTRY], e) != 0 ||
        file_read(x->cli->argument, LIMIT_CSV_BYTES, &x->bytes, e) != 0)
        return -1;
    sha256_of(hash, x->bytes.p, x->bytes.len);
    hex_encode(x->hash, hash, sizeof(hash));
    return csv_open(&x->csv, &x->bytes, e) != 0 || find_column(x, &at, e) != 0
               ? -1
               : read_rows(x, at, e);
}

/* ---- to the desk -------------------------------------------------------- */

static int send_part(struct excluding *x, struct session *s, size_t from,
                     struct error *e)
{
    json_t *part = json_array(), *answer = NULL, *body;
    size_t all = json_array_size(x->numbers);
    int ok = 0;

    for (size_t i = from; i < all && i < from + LIMIT_OUTBOUND_ROWS; i++)
        ok |= json_array_append(part, json_array_get(x->numbers, i));
    body = json_pack("{s:o, s:s, s:b}", "numbers", part, "list_sha256", x->hash,
                     "leave", x->cli->options[OPTION_REMOVE] != NULL);
    if (ok != 0) {
        json_decref(body);
        return no_memory(e);
    }
    ok = session_ask(s, "/outbound/excluded", body, &answer, e);
    x->changed +=
        (size_t)json_integer_value(json_object_get(answer, "changed"));
    json_decref(answer);
    return ok;
}

static void tell(const struct excluding *x)
{
    const char *words = x->cli->options[OPTION_REMOVE] != NULL
                            ? "may get advertising again, if they agreed to it"
                            : "get no advertising any more";
    size_t n = json_array_size(x->numbers), wrong = json_array_size(x->faults);

    (void)fprintf(stderr, "%zu numbers %s; %zu rows changed nothing\n",
                  x->changed, words, n - x->changed);
    if (wrong > 0)
        (void)fprintf(stderr, "%zu rows left out as wrong\n", wrong);
}

int reminder_run_exclude(const struct cli *cli, struct error *e)
{
    struct excluding x = { .cli = cli };
    struct session s = { 0 };
    int ok = read_list(&x, e);
    size_t wrong = json_array_size(x.faults);

    if (ok == 0 && wrong > 0 && cli->options[OPTION_SKIP_BAD] == NULL)
        ok = row_faults_show(cli, x.faults, e) != 0
                 ? -1
                 : row_faults_refuse(wrong, x.lines, e);
    if (ok == 0)
        ok = session_open(&s, cli, "/outbound/excluded", e);
    for (size_t i = 0; ok == 0 && i < json_array_size(x.numbers);
         i += LIMIT_OUTBOUND_ROWS)
        ok = send_part(&x, &s, i, e);
    if (ok == 0)
        tell(&x);
    session_close(&s);
    end(&x);
    return ok;
}
