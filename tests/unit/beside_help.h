/* The thread beside the writer (src/store/wal.c), in a test's hands: the
 * database fails it, and before it moves the WAL it waits for a commit of the
 * writer's. SQLite syncs the WAL once it knows how much of it there is to move,
 * and the database when nobody has committed since; else it leaves that to us.
 * For tests whose fdatasync asks beside_fails first. */
#ifndef BESIDE_HELP_H
#define BESIDE_HELP_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool fails, waits;
    int commits, looks, failures, syncs;
} beside = { .lock = PTHREAD_MUTEX_INITIALIZER,
             .changed = PTHREAD_COND_INITIALIZER };

static bool is_file(int fd, const char *end)
{
    char path[256] = "", self[64];
    ssize_t n;

    (void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
    n = readlink(self, path, sizeof(path) - 1);
    return n > (ssize_t)strlen(end) &&
           strcmp(path + n - (ssize_t)strlen(end), end) == 0;
}

/* -1 with errno: this sync fails. */
static int beside_fails(int fd)
{
    int ok = 0, commits;

    if (gettid() == getpid())
        return 0;
    (void)pthread_mutex_lock(&beside.lock);
    if (is_file(fd, ".db")) {
        ok = beside.fails ? -1 : 0;
        beside.failures += beside.fails;
        beside.syncs += !beside.fails;
    } else if (beside.waits && is_file(fd, ".db-wal")) {
        commits = beside.commits;
        beside.looks++;
        (void)pthread_cond_broadcast(&beside.changed);
        while (beside.waits && beside.commits == commits)
            (void)pthread_cond_wait(&beside.changed, &beside.lock);
    }
    (void)pthread_cond_broadcast(&beside.changed);
    (void)pthread_mutex_unlock(&beside.lock);
    errno = EIO;
    return ok;
}

static void beside_set(bool fails, bool waits)
{
    (void)pthread_mutex_lock(&beside.lock);
    beside.fails = fails;
    beside.waits = waits;
    beside.looks = beside.failures = beside.syncs = 0;
    (void)pthread_cond_broadcast(&beside.changed);
    (void)pthread_mutex_unlock(&beside.lock);
}

static void beside_committed(void)
{
    (void)pthread_mutex_lock(&beside.lock);
    beside.commits++;
    (void)pthread_cond_broadcast(&beside.changed);
    (void)pthread_mutex_unlock(&beside.lock);
}

/* Until one of the counters is no longer 0. */
static void beside_wait(const int *counter)
{
    (void)pthread_mutex_lock(&beside.lock);
    while (*counter == 0)
        (void)pthread_cond_wait(&beside.changed, &beside.lock);
    (void)pthread_mutex_unlock(&beside.lock);
}

#endif
