/* A file on its way out, whole or broken as ordered. */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#define ENDLESS_BYTES (INT64_C(200) * 1000 * 1000)
#define BLOCK         65536
#define STEP_MS       50

struct stream {
    struct sim *sim;
    char id[LIMIT_MEDIA_ID + 1];
    struct sim_bytes *bytes; /* NULL: zeros */
    uint64_t end;            /* stops here … */
    bool broken;             /* … by closing the connection */
    bool altered;
    int64_t bytes_per_s;
};

static ssize_t read_some(void *arg, uint64_t at, char *out, size_t max)
{
    struct stream *st = arg;
    struct sim_media *m;
    uint64_t n = max;

    if (at >= st->end)
        return st->broken ? MHD_CONTENT_READER_END_WITH_ERROR
                          : MHD_CONTENT_READER_END_OF_STREAM;
    if (n > st->end - at)
        n = st->end - at;
    if (st->bytes_per_s > 0) {
        uint64_t step = (uint64_t)st->bytes_per_s * STEP_MS / 1000 + 1;
        sim_state_pause(st->sim, STEP_MS);
        n = n > step ? step : n;
    }
    if (st->bytes != NULL)
        memcpy(out, st->bytes->p + at, n);
    else
        memset(out, 0, n);
    if (st->altered && at == 0)
        out[0] = (char)(out[0] ^ 1);

    pthread_mutex_lock(&st->sim->lock);
    if ((m = sim_media_find(st->sim, st->id)) != NULL)
        m->bytes_sent += (int64_t)n;
    pthread_mutex_unlock(&st->sim->lock);
    return (ssize_t)n;
}

static void stream_free(void *arg)
{
    struct stream *st = arg;

    sim_media_release(st->bytes);
    free(st);
}

/* Length to announce, and where and how it really ends. */
static uint64_t shape(struct stream *st, const json_t *fault, bool *plain)
{
    uint64_t len = st->bytes->len;
    int64_t bytes = sim_fault_number(fault, "bytes", (int64_t)(len / 2));
    uint64_t cut = (uint64_t)bytes < len ? (uint64_t)bytes : len;

    st->end = len;
    st->altered = sim_fault_is(fault, "wrong_bytes");
    st->bytes_per_s = sim_fault_number(fault, "bytes_per_s", 0);
    if (sim_fault_is(fault, "cut") || sim_fault_is(fault, "cut_chunked") ||
        sim_fault_is(fault, "cut_plain") || sim_fault_is(fault, "truncated"))
        st->end = cut;
    st->broken =
        sim_fault_is(fault, "cut") || sim_fault_is(fault, "cut_chunked");
    *plain = sim_fault_is(fault, "cut_plain");
    if (sim_fault_is(fault, "endless")) {
        sim_media_release(st->bytes);
        st->bytes = NULL;
        st->end = (uint64_t)sim_fault_number(fault, "bytes", ENDLESS_BYTES);
        return MHD_SIZE_UNKNOWN;
    }
    if (*plain || sim_fault_is(fault, "cut_chunked") ||
        sim_fault_is(fault, "chunked"))
        return MHD_SIZE_UNKNOWN;
    return sim_fault_is(fault, "truncated") ? st->end : len;
}

/* What is there to stream; false: nothing. */
static bool pick(struct sim *s, struct stream *st, const char *id, char **mime)
{
    struct sim_media *m;
    bool found;

    pthread_mutex_lock(&s->lock);
    m = sim_media_find(s, id);
    found = m != NULL && !m->deleted;
    if (found) {
        st->sim = s;
        memcpy(st->id, m->id, sizeof(st->id));
        st->bytes = sim_media_hold(m->bytes);
        *mime = strdup(m->mime_type);
    }
    pthread_mutex_unlock(&s->lock);
    return found && *mime != NULL;
}

void sim_stream_answer(struct sim_request *req, struct sim_reply *reply,
                       const char *media_id, const json_t *fault)
{
    struct stream *st = calloc(1, sizeof(*st));
    struct MHD_Response *r = NULL;
    char *mime = NULL;
    bool plain = false;
    uint64_t size;

    if (st == NULL || !pick(req->sim, st, media_id, &mime)) {
        free(st);
        sim_http_error(reply, MHD_HTTP_NOT_FOUND, "no such file");
        return;
    }
    size = shape(st, fault, &plain);
    r = MHD_create_response_from_callback(size, BLOCK, read_some, st,
                                          stream_free);
    if (r == NULL) {
        stream_free(st);
        free(mime);
        return;
    }
    if (plain)
        MHD_set_response_options(r, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT,
                                 MHD_RO_END);
    MHD_add_response_header(r, "Content-Type", mime);
    MHD_add_response_header(r, "Content-Disposition", "attachment");
    if (sim_fault_is(fault, "encoded"))
        MHD_add_response_header(r, "Content-Encoding", "gzip");
    reply->status = MHD_HTTP_OK;
    reply->response = r;
    free(mime);
}
