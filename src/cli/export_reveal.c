/*
 * consent export --reveal: rows wait until it is known who they are about, as
 * many as one question to the desk reveals. Whoever was revealed is kept, so
 * that nobody is on record twice for one export.
 */
#include "export_format.h"
#include "reveal.h"

#include <stdlib.h>
#include <string.h>

/* So much waits at most, however few people it is about. */
#define WAITING ((size_t)1024 * 1024)

struct export_reveal {
    const struct cli *cli;
    json_t *people;  /* by subject; null: nothing is left of them */
    json_t *unknown; /* subjects of waiting rows, to be asked for */
    struct buf lines;
    export_line take;
    void *arg;
};

static const char *const members[] = { "phone", "bsuid", "name" };

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for rows");
}

void export_reveal_free(struct export_reveal **reveal)
{
    struct export_reveal *x = *reveal;

    if (x == NULL)
        return;
    json_decref(x->people);
    json_decref(x->unknown);
    buf_free(&x->lines);
    free(x);
    *reveal = NULL;
}

struct export_reveal *export_reveal_new(const struct cli *cli, export_line take,
                                        void *arg)
{
    struct export_reveal *x = calloc(1, sizeof(*x));

    if (x == NULL)
        return NULL;
    *x = (struct export_reveal){ .cli = cli, .take = take, .arg = arg };
    x->people = json_object();
    x->unknown = json_object();
    if (x->people == NULL || x->unknown == NULL)
        export_reveal_free(&x);
    return x;
}

/* ---- whom ---------------------------------------------------------------- */

/* Of whom the desk has nothing any more, nothing is told. */
static int ask(struct export_reveal *x, struct error *e)
{
    json_t *told = NULL;
    struct error why = { 0 };
    int ok = 0;

    if (json_object_size(x->unknown) == 0)
        return 0;
    if (reveal_fetch(x->cli, x->unknown, &told, &why) != 0 &&
        why.code != ERR_NOT_FOUND) {
        *e = why;
        ok = -1;
    }
    if (ok == 0 && (json_object_update(x->people, x->unknown) != 0 ||
                    (told != NULL && json_object_update(x->people, told) != 0)))
        ok = no_memory(e);
    (void)json_object_clear(x->unknown);
    json_decref(told);
    return ok;
}

/* ---- rows ---------------------------------------------------------------- */

/* The line with three members more at its end. */
static int put_person(const struct export_reveal *x, const json_t *row,
                      const char *line, size_t len, struct buf *out)
{
    const char *subject = json_str(row, "subject");
    const json_t *person =
        subject != NULL ? json_object_get(x->people, subject) : NULL;
    int ok = buf_add(out, line, len - 1);

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const char *value = json_str(person, members[i]);
        json_t *text = value != NULL ? json_string(value) : json_null();

        ok |= buf_addf(out, ",\"%s\":", members[i]);
        ok |= text == NULL ? -1 : json_canonical(text, out);
        json_decref(text);
    }
    return ok | buf_adds(out, "}");
}

static int put_line(struct export_reveal *x, const char *line, size_t len,
                    struct error *e)
{
    json_t *row = json_parse(line, len, e);
    struct buf more = { 0 };
    int ok = -1;

    if (row == NULL)
        return -1;
    if (put_person(x, row, line, len, &more) != 0)
        (void)no_memory(e);
    else
        ok = x->take(x->arg, (const char *)more.p, more.len, e);
    buf_free(&more);
    json_decref(row);
    return ok;
}

int export_reveal_end(struct export_reveal *x, struct error *e)
{
    const char *at = (const char *)x->lines.p;
    size_t left = x->lines.len;

    if (ask(x, e) != 0)
        return -1;
    while (left > 0) {
        size_t n = strcspn(at, "\n");

        if (put_line(x, at, n, e) != 0)
            return -1;
        at += n + 1;
        left -= n + 1;
    }
    buf_reset(&x->lines);
    return 0;
}

int export_reveal_add(struct export_reveal *x, const char *line, size_t len,
                      struct error *e)
{
    json_t *row = json_parse(line, len, e);
    const char *subject = json_str(row, "subject");
    int ok = -1;

    if (row == NULL)
        return -1;
    if (!json_is_object(row) || memchr(line, '\n', len) != NULL)
        (void)error_set(e, ERR_VERIFY, "the desk sent a row that is none");
    else if (buf_add(&x->lines, line, len) != 0 ||
             buf_adds(&x->lines, "\n") != 0 ||
             (subject != NULL && json_object_get(x->people, subject) == NULL &&
              json_object_set_new(x->unknown, subject, json_null()) != 0))
        (void)no_memory(e);
    else
        ok = 0;
    json_decref(row);
    if (ok == 0 && (json_object_size(x->unknown) == LIMIT_REVEAL ||
                    x->lines.len > WAITING))
        ok = export_reveal_end(x, e);
    return ok;
}
