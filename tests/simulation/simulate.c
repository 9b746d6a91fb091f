/*
 * simulate [SEED [N [NAME=NUMBER …]]]: runs one seed for N events, or, without
 * arguments or for "-", a fresh seed. Prints one line; on a failure also what
 * was broken and how to see it again.
 */
#include "sim.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define CHECK_EVERY 2000 /* steps between two looks at all rows */
#define MONTHS      (70 * MSEC_D)

static void dispatch(struct world *w, const struct happening *h)
{
    trace_int(&w->trace, (int64_t)(h->kind * 100000000u + h->index));
    /* A delivery is counted by its items. */
    w->events += h->kind != H_DELIVER && h->kind != H_TICK;
    switch ((enum happening_kind)h->kind) {
    case H_ACT:
        if (h->detail == 0 && !w->calm) {
            msec gap = dice_around(&w->dice, 1000 * w->weather.mean_gap_s);
            people_act(w, h->index, 0);
            if (dice_percent(&w->dice, w->weather.staff))
                staff_act(w);
            if (dice_one_in(&w->dice, 300))
                gap += dice_between(&w->dice, MSEC_D, 4 * MSEC_D);
            happen(w, w->now + gap, H_ACT, h->index, 0);
        } else if (h->detail != 0) {
            people_act(w, h->index, h->detail);
        }
        break;
    case H_DELIVER:
        meta_deliver(w, h->index);
        break;
    case H_JUDGING:
    case H_LANDED:
        graph_lands(w, h);
        break;
    case H_GRAPH:
        graph_arrives(w, h);
        break;
    case H_SENT:
        graph_answers(w, h);
        break;
    case H_SEEN:
        people_seen(w, h->index);
        break;
    case H_FORGOTTEN:
        (void)registrar_post_forgotten(
            w->registrar, (char *)w->forgets.p + (size_t)h->index * ID_SIZE,
            h->detail == 0);
        break;
    case H_TOKEN:
        w->token_waits = false;
        (void)registrar_post_token(w->registrar);
        break;
    case H_STAFF:
        if (h->detail == 0)
            staff_deliver(w, h->index);
        else
            staff_checked(w, h->index);
        break;
    case H_TICK:
        w->ticks = false;
        break;
    case H_ANSWER:
    case H__MAX:
        break;
    }
}

/* The machine's clock is set by somebody. */
static void jump(struct world *w)
{
    static const msec far[] = { 5 * MSEC_S, 600 * MSEC_S, 6 * MSEC_H,
                                40 * MSEC_H };
    msec max = far[dice_below(&w->dice, 4)];

    if (w->calm || !dice_one_in(&w->dice, w->weather.clock_jump))
        return;
    w->jumps++;
    w->skew =
        dice_below(&w->dice, 3) == 0 ? 0 : dice_between(&w->dice, -max, max);
    w->behind |= w->skew < -200 * MSEC_S;
}

/* Time goes to what happens next; what falls together is one batch. */
static bool turn(struct world *w)
{
    struct happening h;
    msec due = registrar_next_due(w->registrar), next = happening_due(w);
    msec until;
    int n = 0;

    if (due != INT64_MAX)
        due -= w->skew;
    /* Due and held back (no place, no token): looked at less and less. */
    if (due <= w->now)
        due = w->now + (100 << (w->idle < 10 ? w->idle++ : 10));
    if (due < next)
        next = due;
    if (next == INT64_MAX)
        return false;
    if (next > w->now)
        w->now = next;
    until = w->now + dice_between(&w->dice, 0, w->weather.window_ms);
    while (!w->failed && n++ < 200 && happening_next(w, until, &h)) {
        if (h.at > w->now)
            w->now = h.at;
        w->idle = 0;
        dispatch(w, &h);
    }
    jump(w);
    if (!w->failed)
        host_step(w);
    if (!w->failed && w->steps % CHECK_EVERY == 0)
        final_rows(w);
    return true;
}

/* Long enough for what has a date: an answer that is due, a file that nobody
 * asked for. The process dies now and then, but for the last days. */
static void months_pass(struct world *w)
{
    msec end = w->now + MONTHS;

    while (!w->failed && w->now < end) {
        if (!w->ticks)
            happen(w, w->now + dice_around(&w->dice, 8 * MSEC_H), H_TICK, 0, 0);
        w->ticks = true;
        if (w->weather.crash != 0 && w->now < end - 3 * MSEC_D &&
            dice_one_in(&w->dice, 12))
            disk_arm(DISK_DIE, dice_below(&w->dice, 30), false);
        (void)turn(w);
    }
    if (!w->failed) {
        model_look(w);
        host_reader_done(w);
    }
    if (!w->failed)
        clocks_end(w);
    if (!w->failed)
        casework_end(w);
}

/* Faults stop, clocks are right, time goes on until nothing is left to do. */
static void calm_down(struct world *w)
{
    msec end;
    uint64_t steps = 0;

    w->calm = true;
    w->skew = 0;
    disk_disarm();
    (void)registrar_post_token(w->registrar);
    end = w->now + 40 * MSEC_D;
    while (!w->failed && turn(w)) {
        if (w->now > end || ++steps > 20000 + 10 * w->limit) {
            sim_fail(w, "it never comes to rest");
            break;
        }
    }

    /* Leases saw to what was lost, without a restart, and what has a date to
     * what is due. Once more from the start: recovery finds nothing, loses
     * nothing. */
    if (!w->failed)
        final_ended(w);
    if (!w->failed)
        months_pass(w);
    if (!w->failed)
        final_ended(w);
    end = w->now + 40 * MSEC_D;
    for (int i = 0; i < 2 && !w->failed; i++) {
        host_crash(w);
        while (!w->failed && turn(w) && w->now < end)
            continue;
    }
    if (!w->failed)
        final_check(w);
    if (!w->failed)
        erase_some(w);
}

static int run(uint64_t seed, uint64_t limit, char *const *settings)
{
    struct timespec a, b;
    struct world *w;
    char service[200];
    double took;
    int failed;

    clock_gettime(CLOCK_MONOTONIC, &a);
    w = world_new(seed, limit, settings);
    if (!w->failed)
        host_start(w);
    while (!w->failed && w->events < limit && turn(w))
        if (w->steps > 20000 + 10 * limit)
            sim_fail(w, "it turns in circles");
    if (!w->failed)
        calm_down(w);
    clock_gettime(CLOCK_MONOTONIC, &b);
    service_said(w, service, sizeof(service));
    took =
        (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
    failed = w->failed;
    (void)printf("%s seed_%" PRIu64 " events=%" PRIu64 " steps=%" PRIu64
                 " leaves=%" PRIu64 " documents=%zu erased=%" PRIu64
                 " crashes=%" PRIu64 " cuts=%" PRIu64 " faults=%" PRIu64
                 " jumps=%" PRIu64 "%s trace=%016" PRIx64 " seconds=%.2f\n",
                 failed ? "not ok" : "ok", seed, w->events, w->steps, w->leaves,
                 w->documents.n, w->erased, w->crashes, w->cuts, w->faults,
                 w->jumps, service, w->trace.h, took);
    if (failed) {
        (void)printf("broken at step %" PRIu64 ", event %" PRIu64 ": %s\n"
                     "again: make simulate SEED=%" PRIu64 " N=%" PRIu64
                     " WEATHER='",
                     w->steps, w->events, w->why, seed, limit);
        for (; *settings != NULL; settings++)
            (void)printf("%s%s", *settings, settings[1] != NULL ? " " : "");
        (void)printf("'\n");
    }
    (void)fflush(stdout);
    world_free(&w);
    return failed;
}

int main(int argc, char **argv)
{
    uint64_t seed = 0, limit = 100000;

    json_object_seed(1);
    (void)mallopt(M_TRIM_THRESHOLD, 1 << 30);
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 30);
    if (disk_open() != 0)
        return 1;
    if (argc > 1 && strcmp(argv[1], "-") != 0)
        seed = strtoull(argv[1], NULL, 10);
    else if (getrandom(&seed, 4, 0) != 4)
        return 1;
    if (argc > 2)
        limit = strtoull(argv[2], NULL, 10);
    return run(seed, limit, argc > 3 ? argv + 3 : argv + argc);
}
