/*
 * spare: what a judge is while it waits (struct inspect_spare of inspect.h).
 */
#ifndef RESGUARDO_INSPECT_SPARE_H
#define RESGUARDO_INSPECT_SPARE_H

#include "resguardo/inspect.h"

/* Could this judge still take a file: is it alive and young? */
bool inspect_spare_fit(const struct inspect_spare *);
/* It is somebody else's now: then none waits, but its mother does. */
void inspect_spare_take(struct inspect_spare *);

#endif
