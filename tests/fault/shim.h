/*
 * The nth call fails. This program's malloc, write, fsync … stand before the C
 * library's, also for the libraries it is linked with; armed, those of the
 * arming thread (or of all) are counted and the nth of a kind (or all from the
 * nth on) fails as a machine in trouble makes it fail.
 */
#ifndef RESGUARDO_FAULT_SHIM_H
#define RESGUARDO_FAULT_SHIM_H

#include <stdbool.h>

enum fault_kind {
    FAULT_MEMORY, /* malloc, calloc, realloc: NULL; pthread_create: EAGAIN */
    FAULT_IO,     /* read, write, sync, link, unlink …: EIO; open: EMFILE */
    FAULT_FULL,   /* what takes room on a disk: ENOSPC */
    FAULT_SHORT,  /* write and pwrite do half: no error, if handled */
    FAULT__MAX
};
extern const char *const fault_names[FAULT__MAX];

void fault_arm(enum fault_kind, long nth, bool lasting);
/* In every thread, but in those that are aside. */
void fault_arm_all(enum fault_kind, long nth, bool lasting);
/* What the test does itself on this thread does not fail, nor count. */
void fault_aside(bool aside);
/* Did it come to that? The call of this name was the first. */
bool fault_disarm(void);
const char *fault_where(void);

#endif
