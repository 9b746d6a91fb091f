/* reminder exclude: numbers that want no advertising, as a register has them.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

struct excluding {
    const struct cli *cli;
    struct buf bytes;
    char hash[HEX_SIZE(SHA256_LEN)]; /* of the list */
    struct csv_in *csv;
    json_t *numbers;
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
    char *to = addressee_read(cell);
    bool is = to != NULL && to[strspn(to, "0123456789")] == '\0';
    int ok = 0;

    if (!is)
        ok =
            error_set(e, ERR_INPUT,
                      "line %zu: to is no phone number with its country", line);
    else if (json_array_size(x->numbers) == LIMIT_CSV_ROWS)
        ok = error_set(e, ERR_INPUT, "the list has over %u rows",
                       LIMIT_CSV_ROWS);
    else if (json_array_append_new(x->numbers, json_string(to)) != 0)
        ok = no_memory(e);
    free(to);
    return ok;
}

static int read_list(struct excluding *x, struct error *e)
{
    uint8_t hash[SHA256_LEN];
    const char *const *cells;
    size_t at, line;
    int row;

    x->numbers = json_array();
    if (x->numbers == NULL)
        return no_memory(e);
    if (file_read(x->cli->argument, LIMIT_CSV_BYTES, &x->bytes, e) != 0)
        return -1;
    sha256_of(hash, x->bytes.p, x->bytes.len);
    hex_encode(x->hash, hash, sizeof(hash));
    if (csv_open(&x->csv, &x->bytes, e) != 0 || find_column(x, &at, e) != 0)
        return -1;
    while ((row = csv_next(x->csv, &cells, &line, e)) > 0)
        if (take_row(x, cells[at], line, e) != 0)
            return -1;
    return row;
}

/* ---- to the desk -------------------------------------------------------- */

static int send_part(const struct excluding *x, struct session *s, size_t from,
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
    json_decref(answer);
    return ok;
}

int reminder_run_exclude(const struct cli *cli, struct error *e)
{
    struct excluding x = { .cli = cli };
    struct session s = { 0 };
    int ok = read_list(&x, e);

    if (ok == 0)
        ok = session_open(&s, cli, "/outbound/excluded", e);
    for (size_t i = 0; ok == 0 && i < json_array_size(x.numbers);
         i += LIMIT_OUTBOUND_ROWS)
        ok = send_part(&x, &s, i, e);
    if (ok == 0)
        (void)fprintf(stderr, "%zu numbers %s\n", json_array_size(x.numbers),
                      cli->options[OPTION_REMOVE] != NULL
                          ? "may get advertising again, if they agreed to it"
                          : "get no advertising");
    session_close(&s);
    end(&x);
    return ok;
}
