/*
 * Hash, verdict, name. The judge reads through the payload key, which lives
 * from the last byte to the verdict and no longer.
 */
#include "intake_private.h"

#include <string.h>
#include <unistd.h>

#include <sodium.h>

/* Judges that may die over one file. */
#define DEATHS_MAX 2u

static int read_payload(void *arg, int64_t offset, uint8_t *out, size_t len,
                        struct error *err)
{
    const struct intake_file *file = arg;

    while (len > 0) {
        ssize_t n = pread(file->fd, out, len, offset);
        if (n <= 0)
            return error_errno(err, ERR_IO, "cannot read a payload back");
        out += n;
        offset += n;
        len -= (size_t)n;
    }
    return 0;
}

static int read_plain(void *arg, int64_t offset, uint8_t *out, size_t len,
                      size_t *got, struct error *err)
{
    return age_reader_read(arg, offset, out, len, got, err);
}

/* Both announced forms, as far as they were announced. */
static bool hash_fits(struct intake_file *file)
{
    uint8_t hash[SHA256_LEN];
    bool fits = true;

    sha256_final(file->plain_hash, hash);
    if (file->order.has_sha256)
        fits = sodium_memcmp(hash, file->order.sha256, SHA256_LEN) == 0;
    if (file->has_graph_hash &&
        sodium_memcmp(hash, file->graph_hash, SHA256_LEN) != 0)
        fits = false;
    sodium_memzero(hash, sizeof(hash));
    return fits;
}

/* A judge that dies costs one more look at the same file, then quarantine.
 * Returns as inspect_file does. What the first look found still holds: the
 * bytes are the same, and as many as were announced. */
static int verdict_of(struct intake_file *file, struct inspect_spare *spare,
                      struct inspect_verdict *verdict)
{
    struct secret *key = NULL;
    struct age_reader *reader = NULL;
    int dead = -1;

    if (file->judged && file->size == file->announced) {
        *verdict = file->verdict;
        return 0;
    }
    key = age_writer_payload_key(file->writer);
    if (key == NULL || age_reader_new(&reader, key, file->payload_size,
                                      read_payload, file, &file->err) != 0)
        goto out;
    while (file->deaths < DEATHS_MAX) {
        dead = inspect_file(file->intake->needs.judge_program, spare,
                            file->size, read_plain, reader, &file->cancel,
                            verdict, &file->err);
        if (dead != 1 || __atomic_load_n(&file->cancel, __ATOMIC_ACQUIRE))
            break;
        file->deaths++;
        log_error("judge_died", &file->err);
    }
out:
    age_reader_free(&reader);
    secret_free(&key);
    return dead;
}

static void report(struct intake_file **file, enum intake_end end,
                   const struct inspect_verdict *verdict)
{
    struct intake_file *f = *file;
    struct intake_result result = { .end = end, .linked = true };

    memcpy(result.attachment, f->order.attachment, ID_SIZE);
    memcpy(result.payload, f->order.payload, ID_SIZE);
    result.size = f->size;
    result.epoch = f->order.epoch;
    result.payload_size = f->payload_size;
    sha256_final(f->payload_hash, result.payload_sha256);
    memcpy(result.media_type, verdict->media_type,
           strnlen(verdict->media_type, sizeof(result.media_type) - 1));
    memcpy(result.finding, verdict->finding,
           strnlen(verdict->finding, sizeof(result.finding) - 1));
    result.header = f->header;
    memset(&f->header, 0, sizeof(f->header)); /* handed over */
    f->intake->needs.done(f->intake->needs.arg, &result);
    buf_free(&result.header);
    intake_end_file(file, INTAKE__MAX, NULL);
}

/* The payload gets its name: from here on it is found by its row. */
static void link_and_report(struct intake_file *file, enum intake_end end,
                            const struct inspect_verdict *verdict)
{
    if (blob_link(file->intake->needs.blobs, file->fd, file->order.payload,
                  &file->err) != 0) {
        log_error("payload_failed", &file->err);
        intake_end_file(&file, INTAKE_RETRY, "storage");
        return;
    }
    report(&file, end, verdict);
}

void judge_file(struct intake_file *file, struct inspect_spare *spare)
{
    struct inspect_verdict verdict = { 0 };
    const char *refused;
    bool fits = hash_fits(file);
    int dead;

    if (!fits && !file->order.last_hash_try) {
        intake_end_file(&file, INTAKE_BAD_HASH, "hash");
        return;
    }
    dead = verdict_of(file, spare, &verdict);
    age_writer_free(&file->writer); /* and with it the key */
    if (__atomic_load_n(&file->cancel, __ATOMIC_ACQUIRE)) {
        intake_end_file(&file, INTAKE_CANCELLED, "cancelled");
        return;
    }
    if (dead < 0) {
        log_error("judge_failed", &file->err);
        intake_end_file(&file, INTAKE_RETRY, "judge");
        return;
    }
    if (!fits) {
        link_and_report(file, INTAKE_BAD_HASH, &verdict);
        return;
    }
    if (dead > 0) {
        memset(&verdict, 0, sizeof(verdict));
        link_and_report(file, INTAKE_JUDGE_DIED, &verdict);
        return;
    }
    refused =
        policy_refuses(file->order.policy, verdict.media_type, file->size);
    if (refused != NULL) {
        intake_end_file(&file, INTAKE_REFUSED, refused);
        return;
    }
    link_and_report(file, INTAKE_STORED, &verdict);
}
