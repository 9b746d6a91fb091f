/* What fault programs share: walking n until an operation passes untouched. */
#ifndef RESGUARDO_FAULT_H
#define RESGUARDO_FAULT_H

#include "unit.h"

#include "shim.h"

/* One operation, tried with every call of it failing in turn. */
struct fault_walk {
    const char *name;
    /* Before each try; nothing fails yet. */
    void (*prepare)(void *arg);
    /* Under fire. */
    void (*act)(void *arg);
    /* Under a clear sky again: heals, repeats, and asserts. */
    void (*verify)(void *arg);
    void *arg;
    bool slow;    /* fewer tries, unless FAULT_ALL asks for each */
    bool threads; /* other threads' calls fail, too */
};

/* Where a failed assertion happened: printed by the crash of the test. */
struct fault_point {
    const char *name;
    enum fault_kind kind;
    bool lasting;
    long nth;
};
extern struct fault_point fault_point;

/* n = 1, 2, … with FAULT_ALL=each in the environment; with FAULT_ALL=most the
 * slow ones, without it all walks, take ever longer steps. Returns how often
 * something failed. */
long fault_walk(const struct fault_walk *);

#endif
