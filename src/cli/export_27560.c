/*
 * The consent export as records of ISO/IEC TS 27560: one for each person,
 * policy and purpose, with all its events. The desk sends a person's rows
 * together, so no more than theirs are kept.
 */
#include "export_format.h"
#include "record.h"

#include <stdlib.h>
#include <string.h>

struct person {
    char subject[ID_SIZE]; /* "": none yet */
    json_t *rows;          /* theirs under each policy */
    bool some;             /* a record was written */
};

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a record");
}

static int begin(struct export_rows *x, struct error *e)
{
    struct person *p = calloc(1, sizeof(*p));
    json_t *context = record_context();
    char *text = context != NULL ? json_dumps(context, JSON_COMPACT) : NULL;
    int ok = -1;

    x->state = p;
    if (p != NULL && text != NULL && (p->rows = json_object()) != NULL)
        ok = buf_addf(&x->out, "{\"@context\":%s,\"@graph\":[\n", text);
    free(text);
    json_decref(context);
    return ok == 0 ? 0 : no_memory(e);
}

/* ---- records ------------------------------------------------------------ */

static int put_records(struct export_rows *x, const json_t *list,
                       struct error *e)
{
    struct person *p = x->state;
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one)
    {
        char *text = json_dumps(one, JSON_COMPACT);
        int ok = text == NULL
                     ? -1
                     : buf_addf(&x->out, "%s%s", p->some ? ",\n" : "", text);

        free(text);
        if (ok != 0)
            return no_memory(e);
        p->some = true;
    }
    return 0;
}

static int put_policy(struct export_rows *x, const char *id, const json_t *rows,
                      struct error *e)
{
    const json_t *policy = record_policy(x->policies, id, e);
    json_t *list = policy != NULL ? json_array() : NULL;
    int ok = -1;

    if (policy != NULL && (list == NULL || record_add(list, policy, rows) != 0))
        (void)no_memory(e);
    else if (policy != NULL)
        ok = put_records(x, list, e);
    json_decref(list);
    return ok;
}

/* Of whoever comes before the next row. */
static int put_person(struct export_rows *x, struct error *e)
{
    struct person *p = x->state;
    const char *policy;
    json_t *rows;

    json_object_foreach(p->rows, policy, rows)
    {
        if (put_policy(x, policy, rows, e) != 0)
            return -1;
    }
    (void)json_object_clear(p->rows);
    return x->flush(x, e);
}

/* ---- rows --------------------------------------------------------------- */

/* Takes the row. */
static int keep(struct person *p, const char *policy, json_t *row)
{
    json_t *rows = json_object_get(p->rows, policy);

    if (rows == NULL) {
        rows = json_array();
        if (json_object_set_new(p->rows, policy, rows) != 0) {
            json_decref(row);
            return -1;
        }
    }
    return json_array_append_new(rows, row);
}

/* A person who came back would have two records of one thing. */
static int turn_to(struct export_rows *x, const char *subject, struct error *e)
{
    struct person *p = x->state;
    int order = strcmp(p->subject, subject);

    if (order == 0)
        return 0;
    if (order > 0 || strlen(subject) >= sizeof(p->subject))
        return error_set(e, ERR_VERIFY, "the desk sent a row that is none");
    if (put_person(x, e) != 0)
        return -1;
    (void)strcpy(p->subject, subject);
    return 0;
}

static int row(struct export_rows *x, const char *line, size_t len,
               struct error *e)
{
    json_t *value = json_parse(line, len, e);
    const char *subject = json_str(value, "subject");
    const char *policy = json_str(value, "policy");
    int ok = 0;

    if (value == NULL)
        return -1;
    /* What is about nobody (a notice was published) is in no record. */
    if (subject != NULL && policy != NULL &&
        (ok = turn_to(x, subject, e)) == 0 &&
        keep(x->state, policy, json_incref(value)) != 0)
        ok = no_memory(e);
    json_decref(value);
    return ok;
}

static int end(struct export_rows *x, struct error *e)
{
    if (put_person(x, e) != 0)
        return -1;
    return buf_adds(&x->out, "\n]}\n") == 0 ? 0 : no_memory(e);
}

static void release(struct export_rows *x)
{
    struct person *p = x->state;

    if (p == NULL)
        return;
    json_decref(p->rows);
    free(p);
    x->state = NULL;
}

const struct export_format export_27560 = { .name = "27560",
                                            .policies = true,
                                            .by_person = true,
                                            .whole = true,
                                            .begin = begin,
                                            .row = row,
                                            .end = end,
                                            .free = release };
