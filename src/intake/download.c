/* Bytes from graph: counted, hashed, sealed as they arrive. */
#include "intake_private.h"

#include <string.h>

static int begin(void *arg, const char *sha256_hex, const char *mime_type,
                 int64_t size)
{
    struct intake_file *file = arg;
    const uint8_t(*recipient)[AGE_KEY_LEN] =
        (const uint8_t(*)[AGE_KEY_LEN]) & file->order.recipient;

    (void)mime_type; /* a claim; the judge says what it is */
    if (size > file->order.max_bytes) {
        file->too_large = true;
        return -1;
    }
    if (sha256_hex != NULL)
        file->has_graph_hash =
            hex_decode(file->graph_hash, SHA256_LEN, sha256_hex,
                       strlen(sha256_hex), true) == 0;
    file->plain_hash = sha256_new();
    file->payload_hash = sha256_new();
    if (file->plain_hash == NULL || file->payload_hash == NULL)
        return error_set(&file->err, ERR_NOMEM, "no memory for a file");
    if ((file->fd = blob_new(file->intake->needs.blobs, &file->err)) < 0)
        return -1;
    if (look_begin(file, size) != 0)
        return -1;
    payload_begin(file, size);
    return age_writer_new(&file->writer, recipient, 1,
                          file->intake->needs.random, &file->header,
                          payload_add, file, &file->err);
}

static int data(void *arg, const uint8_t *p, size_t len)
{
    struct intake_file *file = arg;

    if (look_data(file, p, len) != 0)
        return -1;
    file->size += (int64_t)len;
    if (file->size > file->order.max_bytes) {
        file->too_large = true;
        return -1;
    }
    sha256_add(file->plain_hash, p, len);
    return age_writer_add(file->writer, p, len, &file->err);
}

/* Has the first look said what it is? */
static bool is_judged(struct intake_file *file)
{
    bool judged;

    pthread_mutex_lock(&file->intake->lock);
    judged = !file->looking && file->judged && file->size == file->announced;
    pthread_mutex_unlock(&file->intake->lock);
    return judged;
}

/* The last chunk, and word to the registrar; but not where the end follows at
 * once: it would be a transaction that nobody can see the use of. */
static int finish(struct intake_file *file)
{
    struct intake_result progress = { .end = INTAKE_JUDGING };

    if (file->writer == NULL ||
        age_writer_finish(file->writer, &file->err) != 0 ||
        payload_end(file) != 0)
        return -1;
    if (is_judged(file))
        return 0;
    memcpy(progress.attachment, file->order.attachment, ID_SIZE);
    file->intake->needs.done(file->intake->needs.arg, &progress);
    return 0;
}

static void done(void *arg, enum graph_outcome outcome, const char *why)
{
    struct intake_file *file = arg;
    struct intake *in = file->intake;
    bool looking;

    if (outcome == GRAPH_OK && finish(file) != 0)
        outcome = GRAPH_SINK;
    pthread_mutex_lock(&in->lock);
    file->arrived = true;
    file->outcome = outcome;
    file->why = why;
    looking = file->looking;
    /* No verdict on half a file is needed. */
    if (looking && outcome != GRAPH_OK)
        __atomic_store_n(&file->cancel, 1, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&in->lock);

    if (looking)
        return;
    if (outcome == GRAPH_OK)
        intake_queue(file);
    else
        download_failed(file);
}

void download_failed(struct intake_file *file)
{
    enum graph_outcome outcome = file->outcome;
    const char *refused = __atomic_load_n(&file->refused, __ATOMIC_ACQUIRE);

    if (file->err.code != ERR_NONE)
        log_error("payload_failed", &file->err);
    if (file->too_large || outcome == GRAPH_TOO_LARGE)
        intake_end_file(&file, INTAKE_REFUSED, "size");
    else if (outcome == GRAPH_PERMANENT)
        intake_end_file(&file, INTAKE_REFUSED, "unavailable");
    else if (outcome == GRAPH_TOKEN)
        intake_end_file(&file, INTAKE_TOKEN, file->why);
    else if (outcome == GRAPH_CANCELLED)
        intake_end_file(&file, INTAKE_CANCELLED, file->why);
    else if (refused != NULL)
        intake_end_file(&file, INTAKE_REFUSED, refused);
    else
        intake_end_file(&file, INTAKE_RETRY, file->why);
}

const struct graph_sink download_sink = { begin, data, done };
