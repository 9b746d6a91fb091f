/*
 * What takes time in proportion to what is stored, after `ready`: SQLite's
 * quick check and every entry of the ledger, once a start, read beside the
 * writer. What does not fit together stops all writing.
 */
#include "registrar_private.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of ioprio_set(2), which the C library does not have: this thread, served
 * when nobody else asks the disk. */
#define IOPRIO_WHO_PROCESS 1
#define IOPRIO_IDLE        (3 << 13)
#define LEAST_NICE         19

static bool told_to_stop(void *arg)
{
    const struct deep_check *check = arg;
    return __atomic_load_n(&check->stop, __ATOMIC_ACQUIRE);
}

static void set_status(struct registrar *r, const char *storage)
{
    pthread_mutex_lock(&r->lock);
    r->status.storage = storage;
    pthread_mutex_unlock(&r->lock);
}

static int look(struct registrar *r, struct error *err)
{
    struct store *reader = NULL;
    int ok = store_open(&reader, r->config->storage, r->config->slots_mirror,
                        STORE_READER, r->random, err);

    if (ok == 0)
        ok = store_quick_check(reader, told_to_stop, &r->deep_check, err);
    if (ok == 0)
        ok = ledger_recheck(reader, told_to_stop, &r->deep_check, err);
    store_close(&reader);
    return ok;
}

static void judge(struct registrar *r, int ok, const struct error *err)
{
    if (ok == 0) {
        set_status(r, "sound");
        log_event(LOG_LEVEL_INFO, "storage_sound", NULL);
    } else if (err->code == ERR_VERIFY) {
        __atomic_store_n(&r->deep_check.damaged, true, __ATOMIC_RELEASE);
        set_status(r, "damaged");
        log_event(LOG_LEVEL_ALARM, "storage_damaged", "{s:s}", "why",
                  err->text);
    } else {
        set_status(r, "unchecked");
        log_error("storage_check_failed", err);
    }
}

static void *thread_main(void *arg)
{
    struct registrar *r = arg;
    struct error err = { 0 };
    int ok;

    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), LEAST_NICE);
    (void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_IDLE);
    if ((ok = look(r, &err)) <= 0)
        judge(r, ok, &err);
    return NULL;
}

int registrar_check_storage(struct registrar *r, struct error *err)
{
    set_status(r, "checking");
    if (pthread_create(&r->deep_check.thread, NULL, thread_main, r) != 0) {
        set_status(r, "unchecked");
        return error_set(err, ERR_NOMEM, "cannot start the check of storage");
    }
    r->deep_check.started = true;
    return 0;
}

bool deep_check_failed(const struct registrar *r)
{
    return __atomic_load_n(&r->deep_check.damaged, __ATOMIC_ACQUIRE);
}

void deep_check_end(struct registrar *r)
{
    __atomic_store_n(&r->deep_check.stop, true, __ATOMIC_RELEASE);
    if (r->deep_check.started)
        pthread_join(r->deep_check.thread, NULL);
}
