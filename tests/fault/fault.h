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
    bool slow; /* half as many tries in the short form */
};

/* Where a failed assertion happened: printed by the crash of the test. */
struct fault_point {
    const char *name;
    enum fault_kind kind;
    bool lasting;
    long nth;
};
extern struct fault_point fault_point;

/* Every n in the long form (FAULT_ALL in the environment), else ever fewer of
 * them. Returns how often something failed. */
long fault_walk(const struct fault_walk *);

#endif
