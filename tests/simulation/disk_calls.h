/* What disk.c, disk_calls.c and cheap.c share. */
#ifndef SIMULATION_DISK_CALLS_H
#define SIMULATION_DISK_CALLS_H

#include "disk.h"

bool disk_fails(enum disk_fault kind);
void cheap_sqlite(void); /* cheap.c; before SQLite does anything */

#endif
