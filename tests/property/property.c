/*
 * The conversation's law, held over one random world: for any sequence of
 * random doings of customers and staff no fetch precedes consent, no withdrawn
 * purpose is used, everybody reaches a person in one step, no message exceeds
 * a limit, no two proactive messages break Ley 2300, every request has a date.
 *
 * usage: property [SEED [EVENTS [SEEDS]]]
 */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

/* Mostly seconds and minutes, now and then a night, rarely weeks. */
static msec pause_of(struct world *w)
{
    switch (draw(w, 40)) {
    case 0:
        return (msec)draw(w, 12 * MSEC_H);
    case 1:
    case 2:
        return (msec)draw(w, 2 * MSEC_H);
    case 3:
        return one_in(w, 40) ? (msec)draw(w, 15 * MSEC_D)
                             : (msec)draw(w, 8 * MSEC_H);
    default:
        return 1100 + (msec)draw(w, 90 * MSEC_S);
    }
}

static void must_have_happened(struct world *w, long n, const char *what)
{
    if (n == 0)
        broken(w, -1, "in %ld events nobody saw: %s", w->events, what);
}

/* A world in which nothing happens proves nothing. */
static void it_was_a_world(struct world *w)
{
    must_have_happened(w, w->seen.stored, "a document");
    must_have_happened(w, w->seen.withdrawn, "a withdrawal");
    must_have_happened(w, w->seen.persons, "somebody asking for a person");
    must_have_happened(w, w->seen.replies, "an agent's answer");
    must_have_happened(w, w->seen.templates, "a reminder");
    must_have_happened(w, w->seen.denied, "a reminder that the rules forbid");
    must_have_happened(w, w->seen.requests, "a request");
    must_have_happened(w, w->seen.overdue, "a request that is overdue");
    must_have_happened(w, w->seen.accepted, "one that silence accepts");
    must_have_happened(w, w->seen.minors, "a child");
    must_have_happened(w, w->seen.linked, "two references of one person");
    must_have_happened(w, w->seen.erased, "an erasure");
    must_have_happened(w, w->seen.receipts, "a receipt");
    must_have_happened(w, w->seen.hints, "a hint that something was lost");
    must_have_happened(w, w->seen.languages, "another language");
    if (w->with_notices && w->events >= 20000) /* closed by day, in reach */
        must_have_happened(w, w->seen.ratings, "a question how it was");
}

static void run(uint64_t seed, long events)
{
    static struct world w;

    if (world_open(&w, seed) != 0)
        exit(1);
    world_pass(&w, w.now);
    for (; w.events < events; w.events++) {
        if (one_in(&w, 6))
            staff_act(&w);
        else
            people_act(&w);
        world_pass(&w, w.now + pause_of(&w));
    }
    if (events >= 5000)
        it_was_a_world(&w);
    (void)printf("ok seed_%llu %ld events, %lld days, %ld steps: %ld messages, "
                 "%ld yes, %ld fetched, %ld stored, %ld withdrawn, %ld "
                 "reminders, %ld denied, %ld requests (%ld overdue, %ld "
                 "accepted), %ld persons, %ld children, %ld erased\n",
                 (unsigned long long)seed, w.events,
                 (long long)((w.now - w.began) / MSEC_D), w.steps, w.seen.sent,
                 w.seen.granted, w.seen.fetched, w.seen.stored,
                 w.seen.withdrawn, w.seen.templates, w.seen.denied,
                 w.seen.requests, w.seen.overdue, w.seen.accepted,
                 w.seen.persons, w.seen.minors, w.seen.erased);
    (void)fflush(stdout);
    world_close(&w);
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 2;
    long events = argc > 2 ? atol(argv[2]) : 10000;
    int seeds = argc > 3 ? atoi(argv[3]) : 1;

    if (events <= 0 || seeds <= 0) {
        (void)fprintf(stderr, "usage: property [SEED [EVENTS [SEEDS]]]\n");
        return 2;
    }
    days_self_check();
    for (int i = 0; i < seeds; i++)
        run(seed + (uint64_t)i, events);
    return 0;
}
