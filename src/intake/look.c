/*
 * The first look. The start of a file says nearly always what it is, so it is
 * judged while the rest arrives; what no policy accepts is not fetched to its
 * end. The start waits in locked memory, not on disk.
 */
#include "intake_private.h"

#include <string.h>

/* What the judge asks for first; libmagic is shown no more. */
#define START_BYTES ((int64_t)LIMIT_JUDGE_READ)

int look_begin(struct intake_file *file, int64_t announced)
{
    file->announced = announced;
    if (announced <= START_BYTES)
        return 0;
    file->start = secret_new((size_t)START_BYTES);
    if (file->start == NULL)
        return error_set(&file->err, ERR_NOMEM, "no memory for a file");
    return 0;
}

int look_data(struct intake_file *file, const uint8_t *p, size_t len)
{
    size_t room =
        file->size < START_BYTES ? (size_t)(START_BYTES - file->size) : 0;

    if (__atomic_load_n(&file->refused, __ATOMIC_ACQUIRE) != NULL)
        return -1;
    if (file->announced <= START_BYTES || room == 0)
        return 0;
    memcpy(file->start->p + (size_t)file->size, p, len < room ? len : room);
    if (len >= room) {
        file->looking = true; /* nobody else knows the file yet */
        intake_queue(file);
    }
    return 0;
}

struct look {
    const struct secret *start;
    bool beyond; /* the judge wants more than is there */
};

static int read_start(void *arg, int64_t offset, uint8_t *out, size_t len,
                      size_t *got, struct error *err)
{
    struct look *look = arg;

    if (offset < 0 || offset > START_BYTES ||
        (int64_t)len > START_BYTES - offset) {
        look->beyond = true;
        return error_set(err, ERR_BUSY, "the rest is still to come");
    }
    memcpy(out, look->start->p + offset, len);
    *got = len;
    return 0;
}

/* Without a verdict the file is judged when it is whole. */
void look_file(struct intake_file *file, struct inspect_spare *spare)
{
    struct look look = { .start = file->start };
    struct inspect_verdict verdict;
    struct error err = { 0 };
    const char *refused;
    int dead =
        inspect_file(file->intake->needs.judge_program, spare, file->announced,
                     read_start, &look, &file->cancel, &verdict, &err);

    secret_free(&file->start);
    if (dead > 0) {
        file->deaths++;
        log_error("judge_died", &err);
    }
    if (dead != 0)
        return;
    file->judged = true;
    file->verdict = verdict;
    refused =
        policy_refuses(file->order.policy, verdict.media_type, file->announced);
    __atomic_store_n(&file->refused, refused, __ATOMIC_RELEASE);
}
