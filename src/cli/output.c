/* Results on stdout: tables for people, JSON for programs. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory to show the answer");
}

static int add_items(struct buf *out, const json_t *list)
{
    size_t i;
    const json_t *item;

    json_array_foreach(list, i, item)
    {
        if ((i > 0 && buf_adds(out, ",") != 0) || output_value(out, item) != 0)
            return -1;
    }
    return 0;
}

static int add_members(struct buf *out, const json_t *object)
{
    const char *key, *space = "";
    const json_t *item;

    json_object_foreach((json_t *)(uintptr_t)object, key, item)
    {
        if (buf_adds(out, space) != 0 || text_escape(out, key) != 0 ||
            buf_adds(out, "=") != 0 || output_value(out, item) != 0)
            return -1;
        space = " ";
    }
    return 0;
}

int output_value(struct buf *out, const json_t *value)
{
    switch (value == NULL ? JSON_NULL : json_typeof(value)) {
    case JSON_STRING:
        return text_escape(out, json_string_value(value));
    case JSON_INTEGER:
        return buf_addf(out, "%lld", (long long)json_integer_value(value));
    case JSON_REAL:
        return buf_addf(out, "%g", json_real_value(value));
    case JSON_TRUE:
        return buf_adds(out, "yes");
    case JSON_FALSE:
        return buf_adds(out, "no");
    case JSON_ARRAY:
        return add_items(out, value);
    case JSON_OBJECT:
        return add_members(out, value);
    case JSON_NULL:
        break;
    }
    return buf_adds(out, "-");
}

/* The same, and never without a text. */
static int show_value(struct buf *out, const json_t *value)
{
    return buf_adds(out, "") != 0 ? -1 : output_value(out, value);
}

/* ---- tables ------------------------------------------------------------- */

#define COLUMNS_MAX 12u

/* Calls for every cell with its text; stops at the first -1. */
typedef int (*each_cell)(void *arg, size_t column, const char *text);

static int walk_row(const json_t *row, const struct output_column *columns,
                    each_cell each, void *arg)
{
    for (size_t i = 0; columns[i].key != NULL; i++) {
        struct buf text = { 0 };
        int ok = show_value(&text, json_object_get(row, columns[i].key));

        if (ok == 0)
            ok = each(arg, i, (const char *)text.p);
        buf_free(&text);
        if (ok != 0)
            return -1;
    }
    return 0;
}

struct table {
    FILE *out;
    size_t width[COLUMNS_MAX], n;
};

static int measure(void *arg, size_t column, const char *text)
{
    struct table *t = arg;
    size_t width = utf8_count(text);

    if (width > t->width[column])
        t->width[column] = width;
    return 0;
}

static int print(void *arg, size_t column, const char *text)
{
    const struct table *t = arg;
    bool last = column + 1 == t->n;
    size_t pad = last ? 0 : t->width[column] - utf8_count(text) + 2;

    (void)fprintf(t->out, "%s%*s%s", text, (int)pad, "", last ? "\n" : "");
    return 0;
}

int output_table(FILE *out, const json_t *list,
                 const struct output_column *columns, struct error *e)
{
    struct table t = { .out = out };
    const json_t *row;
    size_t i;

    for (; columns[t.n].key != NULL && t.n < COLUMNS_MAX; t.n++)
        (void)measure(&t, t.n, columns[t.n].title);
    json_array_foreach(list, i, row)
    {
        if (walk_row(row, columns, measure, &t) != 0)
            return no_memory(e);
    }
    for (i = 0; i < t.n; i++)
        (void)print(&t, i, columns[i].title);
    json_array_foreach(list, i, row)
    {
        if (walk_row(row, columns, print, &t) != 0)
            return no_memory(e);
    }
    return 0;
}

int output_object(FILE *out, const json_t *object, struct error *e)
{
    const char *key;
    const json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        struct buf text = { 0 };
        int ok = text_escape(&text, key);

        if (ok == 0 && (ok = buf_adds(&text, ": ")) == 0 &&
            (ok = output_value(&text, value)) == 0)
            (void)fprintf(out, "%s\n", (const char *)text.p);
        buf_free(&text);
        if (ok != 0)
            return no_memory(e);
    }
    return 0;
}

int output_json(FILE *out, const json_t *value, struct error *e)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    struct buf escaped = { 0 };
    int ok = -1;

    if (text == NULL || text_escape_json(&escaped, text) != 0) {
        (void)no_memory(e);
    } else {
        (void)fprintf(out, "%s\n", (const char *)escaped.p);
        ok = 0;
    }
    buf_free(&escaped);
    free(text);
    return ok;
}

int output_end(FILE *out, struct error *e)
{
    if (fflush(out) != 0 || ferror(out))
        return error_set(e, ERR_IO, "cannot write the result");
    return 0;
}

int output_answer(const struct cli *cli, const json_t *answer, struct error *e)
{
    int ok = cli->json ? output_json(stdout, answer, e)
                       : output_object(stdout, answer, e);

    return ok != 0 ? -1 : output_end(stdout, e);
}

int output_rows(const struct cli *cli, const json_t *list,
                const struct output_column *columns, struct error *e)
{
    int ok = cli->json ? output_json(stdout, list, e)
                       : output_table(stdout, list, columns, e);

    return ok != 0 ? -1 : output_end(stdout, e);
}

/* ---- asking and showing ------------------------------------------------- */

int output_list(const struct cli *cli, const char *path, const char *key,
                const char *value, const struct output_column *columns,
                struct error *e)
{
    struct buf query = { 0 };
    json_t *list = NULL;
    int ok = -1;

    if (buf_adds(&query, path) != 0 || client_query(&query, key, value) != 0)
        (void)no_memory(e);
    else
        list = client_fetch(cli, (const char *)query.p, NULL, NULL, e);
    if (list != NULL)
        ok = output_rows(cli, list, columns, e);
    json_decref(list);
    buf_free(&query);
    return ok;
}

int output_one(const struct cli *cli, const char *folder, const char *name,
               struct error *e)
{
    json_t *object = client_fetch(cli, folder, name, "", e);
    int ok = object == NULL ? -1 : output_answer(cli, object, e);

    json_decref(object);
    return ok;
}
