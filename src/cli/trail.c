/*
 * What is to be removed when a signal ends us: names that stand for something
 * unfinished. The handler only walks a list that never loses a node, and
 * unlinks.
 */
#include "cli.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct trail {
    struct trail *next;
    atomic_bool live;
    bool folder;
    char path[];
};

/* Nodes stay until the end: a handler may be walking them. */
static _Atomic(struct trail *) newest;

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

static void on_signal(int number)
{
    for (struct trail *t = newest; t != NULL; t = t->next)
        if (t->live && !t->folder)
            (void)unlink(t->path);
    for (struct trail *t = newest; t != NULL; t = t->next)
        if (t->live && t->folder)
            (void)rmdir(t->path);
    (void)raise(number); /* by then it is the default's again */
}

/* One that is ignored (nohup) stays so. */
static void watch(void)
{
    struct sigaction now, clean = { .sa_handler = on_signal };

    clean.sa_flags = (int)((unsigned)SA_RESETHAND | (unsigned)SA_NODEFER);
    for (size_t i = 0; i < SIGNALS; i++)
        if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL)
            (void)sigaction(signals[i], &clean, NULL);
}

struct trail *trail_add(const char *path, bool folder)
{
    struct trail *t = malloc(sizeof(*t) + strlen(path) + 1);

    if (t == NULL)
        return NULL;
    t->folder = folder;
    (void)strcpy(t->path, path);
    atomic_init(&t->live, true);
    t->next = newest;
    newest = t;
    watch();
    return t;
}

void trail_drop(struct trail **trail)
{
    if (*trail != NULL)
        (*trail)->live = false;
    *trail = NULL;
}

void trail_hold(sigset_t *before)
{
    sigset_t set;

    (void)sigemptyset(&set);
    for (size_t i = 0; i < SIGNALS; i++)
        (void)sigaddset(&set, signals[i]);
    (void)pthread_sigmask(SIG_BLOCK, &set, before);
}

void trail_go_on(const sigset_t *before)
{
    (void)pthread_sigmask(SIG_SETMASK, before, NULL);
}
