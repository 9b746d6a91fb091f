/*
 * What takes time in proportion to what is stored, after `ready`: SQLite's
 * quick check and every entry of the ledger, once a start, read beside the
 * writer. What does not fit together stops all writing.
 */
#include "registrar_private.h"
#include "upkeep_private.h"

#include <string.h>
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

/* Whoever ends the look interrupts what it reads. */
static void set_reader(struct registrar *r, struct store *reader)
{
    pthread_mutex_lock(&r->lock);
    r->deep_check.reader = reader;
    pthread_mutex_unlock(&r->lock);
}

static int look(struct registrar *r, bool *opened, struct error *err)
{
    struct store *reader = NULL;
    int ok;

    *opened = store_open(&reader, r->config->storage, r->config->slots_mirror,
                         STORE_READER, r->random, err) == 0;
    if (!*opened)
        return -1;
    set_reader(r, reader);
    ok = store_quick_check(reader, told_to_stop, &r->deep_check, err);
    if (ok == 0)
        ok = ledger_recheck(reader, told_to_stop, &r->deep_check, err);
    set_reader(r, NULL);
    store_close(&reader);
    return told_to_stop(&r->deep_check) ? 1 : ok;
}

void deep_check_damaged(struct registrar *r, const struct error *why)
{
    __atomic_store_n(&r->deep_check.damaged, true, __ATOMIC_RELEASE);
    set_status(r, "damaged");
    log_event(LOG_LEVEL_ALARM, "storage_damaged", "{s:s}", "why", why->text);
}

/* The writer waits for it, to say that it began. */
static void let_go_on(struct registrar *r)
{
    __atomic_store_n(&r->deep_check.passed, true, __ATOMIC_RELEASE);
    pthread_mutex_lock(&r->lock);
    pthread_cond_signal(&r->wake);
    pthread_mutex_unlock(&r->lock);
}

static void judge(struct registrar *r, int ok, bool opened,
                  const struct error *err)
{
    if (ok == 0) {
        set_status(r, "sound");
        log_event(LOG_LEVEL_INFO, "storage_sound", NULL);
        let_go_on(r);
    } else if (opened && err->code == ERR_VERIFY) {
        deep_check_damaged(r, err);
    } else {
        set_status(r, "unchecked");
        log_error("storage_check_failed", err);
        let_go_on(r);
    }
}

static void *thread_main(void *arg)
{
    struct registrar *r = arg;
    struct error err = { 0 };
    bool opened;
    int ok;

    if (setpriority(PRIO_PROCESS, (id_t)gettid(), LEAST_NICE) != 0 ||
        syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_IDLE) != 0)
        log_event(LOG_LEVEL_WARN, "storage_check_not_in_the_background", NULL);
    if ((ok = look(r, &opened, &err)) <= 0)
        judge(r, ok, opened, &err);
    return NULL;
}

int registrar_check_storage(struct registrar *r, struct error *err)
{
    struct deep_check *check = &r->deep_check;
    bool failed = false;

    pthread_mutex_lock(&r->lock);
    if (!r->closing && !check->started) {
        __atomic_store_n(&check->stop, false, __ATOMIC_RELEASE);
        failed = pthread_create(&check->thread, NULL, thread_main, r) != 0;
        check->started = !failed;
        r->status.storage = failed ? "unchecked" : "checking";
    }
    pthread_mutex_unlock(&r->lock);
    if (failed)
        return error_set(err, ERR_NOMEM, "cannot start the check of storage");
    return 0;
}

bool deep_check_failed(const struct registrar *r)
{
    return __atomic_load_n(&r->deep_check.damaged, __ATOMIC_ACQUIRE);
}

bool deep_check_passed(const struct registrar *r)
{
    return __atomic_load_n(&r->deep_check.passed, __ATOMIC_ACQUIRE);
}

void deep_check_end(struct registrar *r)
{
    struct deep_check *check = &r->deep_check;
    pthread_t thread;
    bool started;

    pthread_mutex_lock(&r->lock);
    started = check->started;
    check->started = false;
    thread = check->thread;
    __atomic_store_n(&check->stop, true, __ATOMIC_RELEASE);
    if (check->reader != NULL)
        store_interrupt(check->reader);
    pthread_mutex_unlock(&r->lock);
    if (started)
        pthread_join(thread, NULL);
}

void deep_check_pause(struct registrar *r)
{
    bool unfinished;

    deep_check_end(r);
    pthread_mutex_lock(&r->lock);
    unfinished = strcmp(r->status.storage, "checking") == 0;
    pthread_mutex_unlock(&r->lock);
    r->deep_check.paused |= unfinished;
}

int deep_check_resume(struct registrar *r, struct error *err)
{
    if (!r->deep_check.paused)
        return 0;
    r->deep_check.paused = false;
    return registrar_check_storage(r, err);
}
