/* Walks n = 1, 2, … for each kind of fault, once and lasting. */
#include "fault.h"

#include <signal.h>

#define TOO_MANY 200000

struct fault_point fault_point;

static long step(const struct fault_walk *w, long n)
{
    const char *all = getenv("FAULT_ALL");

    if (all != NULL && (strcmp(all, "each") == 0 || !w->slow))
        return 1;
    return 1 + n / (w->slow ? 1 : 2);
}

static long walk_kind(const struct fault_walk *w, enum fault_kind kind,
                      bool lasting)
{
    const char *from = getenv("FAULT_FROM");
    bool hit = true;
    long tries = 0;

    for (long n = from != NULL ? atol(from) : 1; hit; n += step(w, n)) {
        assert_true(n < TOO_MANY);
        fault_point = (struct fault_point){ w->name, kind, lasting, n };
        w->prepare(w->arg);
        (w->threads ? fault_arm_all : fault_arm)(kind, n, lasting);
        w->act(w->arg);
        hit = fault_disarm();
        w->verify(w->arg);
        tries += hit;
    }
    return tries;
}

/* An assertion leaves by longjmp or abort: say where we were on the way. */
static void say_where(void)
{
    if (fault_point.name != NULL)
        printf("at: %s, %s %ld %s, %s\n", fault_point.name,
               fault_names[fault_point.kind], fault_point.nth,
               fault_point.lasting ? "lasting" : "once", fault_where());
}

static void on_abort(int sig)
{
    (void)sig;
    (void)fault_disarm();
    say_where();
    (void)fflush(stdout);
    (void)signal(SIGABRT, SIG_DFL);
    (void)raise(SIGABRT);
}

long fault_walk(const struct fault_walk *w)
{
    static bool watched;
    long tries = 0;

    if (!watched) {
        (void)atexit(say_where);
        (void)signal(SIGABRT, on_abort);
        watched = true;
    }
    for (int kind = 0; kind < FAULT__MAX; kind++) {
        long once = walk_kind(w, (enum fault_kind)kind, false);
        long for_ever = walk_kind(w, (enum fault_kind)kind, true);

        printf("%s: %s failed %ld times once, %ld for ever\n", w->name,
               fault_names[kind], once, for_ever);
        tries += once + for_ever;
    }
    fault_point.name = NULL;
    return tries;
}
