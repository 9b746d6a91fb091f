/*
 * mother: a process that has the judge's program loaded and makes a judge
 * whenever it is asked, at a tenth of what a start costs. It sees no byte of
 * any file: descriptor 3 brings it sockets, one for each judge, and takes the
 * judge's process id back. A judge is a child of the daemon, not of it.
 *
 * Its judges have one layout of their memory; so it ends after
 * LIMIT_JUDGE_SIBLINGS of them, and as soon as one did not die as it should.
 */
#ifndef RESGUARDO_INSPECT_MOTHER_H
#define RESGUARDO_INSPECT_MOTHER_H

#include "resguardo/inspect.h"

/* ---- the daemon's side -------------------------------------------------- */

/* A new judge behind the socket *fd, from a mother that is started if there is
 * none that may have another. Its process id; -1 with error. */
pid_t inspect_mother_bear(struct inspect_mother *, const char *program, int *fd,
                          struct error *);
/* Kills and reaps it, if there is one; its judges live on. */
void inspect_mother_end(struct inspect_mother *);
/* Could it have another judge: is it young, and has it had few? */
bool inspect_mother_fit(const struct inspect_mother *);

/* ---- the program's side ------------------------------------------------- */

/* Serves on descriptor 3 until the daemon closes it, and exits. Returns 0 in
 * each judge, with its own socket as descriptor 3; -1 there if it is not safe
 * to go on. One thread only. */
int inspect_mother_serve(void);

#endif
