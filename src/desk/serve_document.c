/*
 * Documents. File name and caption are the customer's words, so lists and
 * single rows are on record like readings: first the commit, then the answer.
 */
#include "desk_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- rows --------------------------------------------------------------- */

/* Nobody sees what the customer wrote on a document that is blocked, and an
 * erased one has nothing left to see. */
bool document_has_words(const struct document_row *row)
{
    return strcmp(row->state, "blocked") != 0 &&
           strcmp(row->state, "erased") != 0;
}

json_t *document_json(struct store *s, const struct document_row *row,
                      struct error *e)
{
    struct buf name = { 0 }, caption = { 0 };
    bool has_name = false, has_caption = false;
    json_t *o = NULL;

    if (document_has_words(row) &&
        document_words(s, row, &name, &has_name, &caption, &has_caption, e) !=
            0)
        goto out;
    o = shape_document(row, has_name ? (const char *)name.p : NULL,
                       has_caption ? (const char *)caption.p : NULL);
    if (o == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory for a document's row");
out:
    buf_free(&name);
    buf_free(&caption);
    return o;
}

struct listing {
    struct request *r;
    json_t *list;
    struct error *err;
};

static int add_document(void *arg, const struct document_row *row)
{
    struct listing *l = arg;
    json_t *o;

    if (blocked_hidden(l->r, row))
        return 0;
    o = document_json(l->r->store, row, l->err);
    if (o == NULL)
        return -1;
    if (json_array_append_new(l->list, o) != 0)
        return error_set(l->err, ERR_NOMEM, "no memory for a list");
    return 0;
}

static int find_case(struct request *r, const char *id, struct case_row *row,
                     struct error *e)
{
    int found = case_get(r->store, id, row, e);

    if (found == 0)
        return error_set(e, ERR_NOT_FOUND, "no such case");
    return found < 0 ? -1 : blocked_check(r, row->subject, "case", e);
}

static int answer_list(struct request *r, const char *case_id, struct error *e)
{
    struct listing listing = { r, json_array(), e };

    if (document_list(r->store, case_id, add_document, &listing, e) != 0) {
        json_decref(listing.list);
        return -1;
    }
    return answer_json(r, listing.list, e);
}

int serve_document_list(struct request *r, struct error *e)
{
    const char *case_id = request_query(r, "case");
    struct staff_access access = request_access(r, "documents_listed");
    struct case_row row;

    /* A list of one case is of a case that exists. */
    if (case_id != NULL) {
        if (find_case(r, case_id, &row, e) != 0)
            return -1;
        memcpy(access.case_id, row.id, sizeof(access.case_id));
    }
    return request_record(r, &access, e) != 0 ? -1 : answer_list(r, case_id, e);
}

int before_case_read(struct request *r, struct error *e)
{
    struct case_row row;

    return find_case(r, r->id, &row, e);
}

/* The rows of a case for one who is about to read all of it, and says why.
 * Each document is then a reading of its own. */
int serve_case_read(struct request *r, struct error *e)
{
    struct staff_access access = request_access(r, "case_read");
    struct staff_signature signature;
    struct case_row row;
    json_t *body = NULL;
    int ok = -1;

    if (find_case(r, r->id, &row, e) != 0)
        goto out;
    memcpy(access.case_id, row.id, sizeof(access.case_id));
    memcpy(access.subject, row.subject, sizeof(access.subject));
    access.reason = request_reason(r, &body, e);
    if (access.reason == NULL ||
        request_signature(r, body, access.reason, &signature, e) != 0)
        goto out;
    access.signature = &signature;
    if (request_record_bulk(r, &access, e) == 0)
        ok = answer_list(r, row.id, e);
out:
    json_decref(body);
    return ok;
}

static int find(struct request *r, struct document_row *row, struct error *e)
{
    int found =
        id_valid(r->id, 'd') ? document_get(r->store, r->id, row, e) : 0;

    if (found > 0 && blocked_hidden(r, row))
        return blocked_refuse(r, "document", e);
    if (found == 0)
        return error_set(e, ERR_NOT_FOUND, "no such document");
    return found < 0 ? -1 : 0;
}

static struct staff_access access_of(const struct request *r,
                                     const struct document_row *row,
                                     const char *event_type)
{
    struct staff_access access = request_access(r, event_type);

    memcpy(access.document, row->id, sizeof(access.document));
    memcpy(access.case_id, row->case_id, sizeof(access.case_id));
    memcpy(access.subject, row->subject, sizeof(access.subject));
    return access;
}

int serve_document_show(struct request *r, struct error *e)
{
    struct staff_access access;
    struct document_row row;
    json_t *o;

    if (find(r, &row, e) != 0)
        return -1;
    access = access_of(r, &row, "document_shown");

    /* Once more after the record: it may have been blocked meanwhile. */
    if (request_record(r, &access, e) != 0 || find(r, &row, e) != 0)
        return -1;
    o = document_json(r->store, &row, e);
    if (o == NULL || legends_add(r, o, row.subject, row.case_id, e) != 0) {
        json_decref(o);
        return -1;
    }
    return answer_json(r, o, e);
}

/* ---- reading ------------------------------------------------------------ */

/* An age file: the header from the row, then the payload from its file. */
struct reading {
    struct buf header;
    int fd;
};

static void reading_free(void *arg)
{
    struct reading *d = arg;

    if (d->fd >= 0)
        (void)close(d->fd);
    buf_free(&d->header);
    free(d);
}

static ssize_t reading_read(void *arg, uint64_t position, char *out, size_t max)
{
    struct reading *d = arg;
    ssize_t got;

    if (position < d->header.len) {
        size_t n = d->header.len - (size_t)position;

        if (n > max)
            n = max;
        memcpy(out, d->header.p + position, n);
        return (ssize_t)n;
    }
    do
        got = pread(d->fd, out, max, (off_t)(position - d->header.len));
    while (got < 0 && errno == EINTR);

    /* The length was promised: a file that ends before it is a failure. */
    return got > 0 ? got : MHD_CONTENT_READER_END_WITH_ERROR;
}

static struct reading *reading_new(struct request *r,
                                   const struct document_row *row,
                                   struct error *e)
{
    struct reading *d = calloc(1, sizeof(*d));
    struct stat st;

    if (d == NULL) {
        (void)error_set(e, ERR_NOMEM, "no memory for a reading");
        return NULL;
    }
    d->fd = -1;
    if (document_header(r->store, row, &d->header, e) != 0) {
        if (e->code == ERR_VERIFY) {
            (void)error_set(e, ERR_VERIFY,
                            "the header of document %s is damaged", row->id);
            (void)error_hint(e, "run: resguardo check");
        }
        goto fail;
    }
    d->fd = blob_open(r->store, row->payload, e);
    if (d->fd < 0 && e->code == ERR_NOT_FOUND) {
        (void)error_set(e, ERR_VERIFY, "the payload of document %s is missing",
                        row->id);
        (void)error_hint(e, "run: resguardo check");
    }
    if (d->fd < 0)
        goto fail;
    if (fstat(d->fd, &st) != 0 || st.st_size != row->payload_size) {
        (void)error_set(e, ERR_VERIFY,
                        "the payload of document %s is not of its size",
                        row->id);
        (void)error_hint(e, "run: resguardo check");
        goto fail;
    }
    return d;
fail:
    reading_free(d);
    return NULL;
}

/* Who may read a document in its state? On whose demand, where it is blocked,
 * if it is not for the person, who asked to see it. */
static int check_state(struct request *r, const struct document_row *row,
                       bool for_subject, struct buf *authority, struct error *e)
{
    int opens = 0;

    if (strcmp(row->state, "stored") == 0)
        return 0;
    if (strcmp(row->state, "quarantined") == 0)
        return (r->staff.roles & ROLE_OFFICER) != 0
                   ? 0
                   : error_set(e, ERR_NOT_PERMITTED,
                               "the document is quarantined: only officers "
                               "read it");
    if (for_subject && (opens = blocked_opens(r, row, e)) != 0)
        return opens < 0 ? -1 : 0;
    if (strcmp(row->state, "blocked") == 0)
        return blocked_released(r, row, authority, e);
    return error_set(e, ERR_NOT_FOUND, "no such document");
}

int before_read(struct request *r, struct error *e)
{
    struct document_row row;
    struct buf authority = { 0 };
    int ok =
        find(r, &row, e) != 0 ? -1 : check_state(r, &row, true, &authority, e);

    /* Which ground an officer names is seen when they do. */
    if (ok == 0 && (r->staff.roles & ROLE_OFFICER) == 0 &&
        (ok = restriction_find(r, row.subject, row.case_id, e)) > 0)
        ok = restriction_refuse(e);
    buf_free(&authority);
    return ok;
}

int serve_document_read(struct request *r, struct error *e)
{
    int ok = -1;
    struct staff_access access;
    struct staff_signature signature;
    struct document_row row;
    struct reading *reading = NULL;
    struct buf authority = { 0 };
    json_t *body = NULL, *ground = NULL;
    uint64_t size;

    if (find(r, &row, e) != 0)
        goto out;
    access = access_of(r, &row, "document_read");
    access.reason = request_reason(r, &body, e);
    if (access.reason == NULL ||
        blocked_ground(body, &access.for_subject, e) != 0 ||
        check_state(r, &row, access.for_subject, &authority, e) != 0 ||
        request_signature(r, body, access.reason, &signature, e) != 0 ||
        restriction_check(r, row.subject, row.case_id, body,
                          access.for_subject, &ground, e) != 0)
        goto out;
    access.signature = &signature;
    access.evidence = ground;

    /* What cannot be read is not recorded as read; what is read, is before.
     * What was blocked since we looked is refused as if it always had been. */
    reading = reading_new(r, &row, e);
    if (reading == NULL)
        goto out;
    access.state = row.state;
    if (authority.len > 0)
        access.authority = (const char *)authority.p;
    if (request_record(r, &access, e) != 0) {
        if (e->code == ERR_CONFLICT && find(r, &row, e) == 0)
            (void)check_state(r, &row, access.for_subject, &authority, e);
        goto out;
    }
    size = reading->header.len + (uint64_t)row.payload_size;
    ok = answer_stream(r, "application/octet-stream", size, reading_read,
                       reading, reading_free, e);
    reading = NULL;
out:
    if (reading != NULL)
        reading_free(reading);
    buf_free(&authority);
    json_decref(ground);
    json_decref(body);
    return ok;
}
