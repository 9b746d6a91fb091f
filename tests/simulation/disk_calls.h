/* What disk.c and disk_calls.c share. */
#ifndef SIMULATION_DISK_CALLS_H
#define SIMULATION_DISK_CALLS_H

#include "disk.h"

bool disk_fails(enum disk_fault kind);

#endif
