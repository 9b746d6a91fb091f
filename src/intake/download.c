/* Bytes from graph: counted, hashed, sealed as they arrive. */
#include "intake_private.h"

#include <string.h>

static int to_payload(void *arg, const uint8_t *p, size_t len,
                      struct error *err)
{
    struct intake_file *file = arg;

    sha256_add(file->payload_hash, p, len);
    file->payload_size += (int64_t)len;
    if (fd_write_all(file->fd, p, len) != 0)
        return error_errno(err, ERR_IO, "cannot write a payload");
    return 0;
}

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
    return age_writer_new(&file->writer, recipient, 1,
                          file->intake->needs.random, &file->header, to_payload,
                          file, &file->err);
}

static int data(void *arg, const uint8_t *p, size_t len)
{
    struct intake_file *file = arg;

    file->size += (int64_t)len;
    if (file->size > file->order.max_bytes) {
        file->too_large = true;
        return -1;
    }
    sha256_add(file->plain_hash, p, len);
    return age_writer_add(file->writer, p, len, &file->err);
}

void download_done(void *arg, enum graph_outcome outcome, const char *why)
{
    struct intake_file *file = arg;
    struct intake_result progress = { .end = INTAKE_JUDGING };

    if (outcome == GRAPH_OK && file->writer != NULL &&
        age_writer_finish(file->writer, &file->err) == 0) {
        file->sealed = true;
        memcpy(progress.attachment, file->order.attachment, ID_SIZE);
        file->intake->needs.done(file->intake->needs.arg, &progress);
        intake_queue(file);
        return;
    }
    if (file->err.code != ERR_NONE)
        log_error("payload_failed", &file->err);
    if (file->too_large || outcome == GRAPH_TOO_LARGE)
        intake_end_file(&file, INTAKE_REFUSED, "size");
    else if (outcome == GRAPH_PERMANENT)
        intake_end_file(&file, INTAKE_REFUSED, "unavailable");
    else if (outcome == GRAPH_TOKEN)
        intake_end_file(&file, INTAKE_TOKEN, why);
    else if (outcome == GRAPH_CANCELLED)
        intake_end_file(&file, INTAKE_CANCELLED, why);
    else
        intake_end_file(&file, INTAKE_RETRY, why);
}

const struct graph_sink download_sink = { begin, data, download_done };
