/*
 * The consent export as records of ISO/IEC TS 27560: one for each person,
 * policy and purpose, with all its events. Rows come by time, so they wait in a
 * file without a name; memory is that of people, not of rows.
 */
#include "export_format.h"
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where the last row of a person and policy lies, and how long it is; before
 * each row stands where the one before it lies. */
struct place {
    int64_t at; /* -1: none */
    uint32_t len;
};
struct waiting {
    int fd;
    int64_t end;
    json_t *names; /* "SUBJECT POLICY": its number */
    struct place *last;
    char (*keys)[ID_SIZE + 48];
    size_t n, cap;
    bool some; /* a record was written */
};

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a record");
}

static int begin(struct export_rows *x, struct error *e)
{
    struct waiting *w = calloc(1, sizeof(*w));
    const char *folder = getenv("TMPDIR");
    json_t *context = record_context();
    char *text = context != NULL ? json_dumps(context, JSON_COMPACT) : NULL;
    int ok = -1;

    x->state = w;
    if (w == NULL || text == NULL) {
        (void)no_memory(e);
        goto out;
    }
    w->names = json_object();
    w->fd = open(folder != NULL ? folder : "/tmp",
                 O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (w->fd < 0)
        (void)error_errno(e, ERR_IO, "cannot put rows aside in %s",
                          folder != NULL ? folder : "/tmp");
    else if (w->names == NULL ||
             buf_addf(&x->out, "{\"@context\":%s,\"@graph\":[\n", text) != 0)
        (void)no_memory(e);
    else
        ok = 0;
out:
    free(text);
    json_decref(context);
    return ok;
}

/* ---- putting aside ------------------------------------------------------ */

static int number_of(struct waiting *w, const char *key, size_t *n)
{
    json_t *known = json_object_get(w->names, key);

    if (known != NULL) {
        *n = (size_t)json_integer_value(known);
        return 0;
    }
    if (w->n == w->cap) {
        size_t cap = w->cap == 0 ? 256 : w->cap * 2;
        void *last = reallocarray(w->last, cap, sizeof(*w->last)), *keys;

        if (last == NULL)
            return -1;
        w->last = last;
        keys = reallocarray(w->keys, cap, sizeof(*w->keys));
        if (keys == NULL)
            return -1;
        w->keys = keys;
        w->cap = cap;
    }
    *n = w->n++;
    w->last[*n] = (struct place){ .at = -1 };
    (void)snprintf(w->keys[*n], sizeof(*w->keys), "%s", key);
    return json_object_set_new(w->names, key, json_integer((json_int_t)*n));
}

static int put_aside(struct waiting *w, size_t n, const char *line, size_t len,
                     struct error *e)
{
    struct place before = w->last[n];
    const struct {
        const void *p;
        size_t len;
    } parts[] = { { &before, sizeof(before) }, { line, len } };

    w->last[n] = (struct place){ .at = w->end, .len = (uint32_t)len };
    for (size_t i = 0; i < 2; i++) {
        const uint8_t *p = parts[i].p;

        for (size_t at = 0; at < parts[i].len;) {
            ssize_t got = write(w->fd, p + at, parts[i].len - at);

            if (got < 0 && errno != EINTR)
                return error_errno(e, ERR_IO, "cannot put a row aside");
            at += got > 0 ? (size_t)got : 0;
        }
        w->end += (int64_t)parts[i].len;
    }
    return 0;
}

static int row(struct export_rows *x, const char *line, size_t len,
               struct error *e)
{
    struct waiting *w = x->state;
    json_t *value = json_parse(line, len, e);
    const char *subject = json_str(value, "subject");
    const char *policy = json_str(value, "policy");
    char key[sizeof(*w->keys)];
    size_t n;
    int ok = -1;

    if (value == NULL)
        return -1;
    /* What is about nobody (a notice was published) is in no record. */
    if (subject == NULL || policy == NULL)
        ok = 0;
    else if (snprintf(key, sizeof(key), "%s %s", subject, policy) >=
             (int)sizeof(key))
        (void)error_set(e, ERR_VERIFY, "the desk sent a row that is none");
    else if (number_of(w, key, &n) != 0)
        (void)no_memory(e);
    else
        ok = put_aside(w, n, line, len, e);
    json_decref(value);
    return ok;
}

/* ---- taking back -------------------------------------------------------- */

/* All rows of one person and policy, oldest first. NULL with error. */
static json_t *take_back(const struct waiting *w, size_t n, struct error *e)
{
    json_t *rows = json_array();
    struct place at = w->last[n], before;
    struct buf line = { 0 };

    while (rows != NULL && at.at >= 0) {
        size_t len = sizeof(before) + at.len;
        json_t *value = NULL;

        buf_reset(&line);
        if (buf_reserve(&line, len) != 0)
            (void)no_memory(e);
        else if (pread(w->fd, line.p, len, at.at) != (ssize_t)len)
            (void)error_errno(e, ERR_IO, "cannot take a row back");
        else
            value =
                json_parse(line.p + sizeof(before), len - sizeof(before), e);
        if (value == NULL || json_array_insert_new(rows, 0, value) != 0) {
            json_decref(rows);
            rows = NULL;
            break;
        }
        memcpy(&before, line.p, sizeof(before));
        at = before;
    }
    buf_free(&line);
    return rows;
}

static int put_records(struct export_rows *x, const json_t *list,
                       struct error *e)
{
    struct waiting *w = x->state;
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one)
    {
        char *text = json_dumps(one, JSON_COMPACT);
        int ok = text == NULL
                     ? -1
                     : buf_addf(&x->out, "%s%s", w->some ? ",\n" : "", text);

        free(text);
        if (ok != 0)
            return no_memory(e);
        w->some = true;
    }
    return 0;
}

static int put_person(struct export_rows *x, size_t n, struct error *e)
{
    const struct waiting *w = x->state;
    const json_t *policy =
        record_policy(x->policies, strchr(w->keys[n], ' ') + 1, e);
    json_t *rows = policy != NULL ? take_back(w, n, e) : NULL;
    json_t *list = json_array();
    int ok = -1;

    if (rows != NULL && record_add(list, policy, rows) != 0)
        (void)no_memory(e);
    else if (rows != NULL)
        ok = put_records(x, list, e);
    json_decref(list);
    json_decref(rows);
    return ok;
}

static int end(struct export_rows *x, struct error *e)
{
    const struct waiting *w = x->state;

    for (size_t i = 0; i < w->n; i++)
        if (put_person(x, i, e) != 0 || x->flush(x, e) != 0)
            return -1;
    return buf_adds(&x->out, "\n]}\n") == 0 ? 0 : no_memory(e);
}

static void release(struct export_rows *x)
{
    struct waiting *w = x->state;

    if (w == NULL)
        return;
    if (w->fd > 0)
        (void)close(w->fd);
    json_decref(w->names);
    free(w->last);
    free(w->keys);
    free(w);
    x->state = NULL;
}

const struct export_format export_27560 = { .name = "27560",
                                            .policies = true,
                                            .whole = true,
                                            .begin = begin,
                                            .row = row,
                                            .end = end,
                                            .free = release };
