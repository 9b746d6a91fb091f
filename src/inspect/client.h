/*
 * client: the daemon's side of the judge, with the time it may take as
 * arguments (inspect_file gives it LIMIT_JUDGE_S and LIMIT_JUDGE_WAIT_S).
 */
#ifndef RESGUARDO_INSPECT_CLIENT_H
#define RESGUARDO_INSPECT_CLIENT_H

#include "resguardo/inspect.h"

struct inspect_job {
    const char *program;         /* path of the judge */
    struct inspect_spare *spare; /* taken if it lives; may be NULL */
    int64_t size;                /* of the file, bytes */
    inspect_read read;
    void *arg;
    const int *cancel; /* atomic, may be NULL */
    msec limit;        /* milliseconds of a processor that the judge may use */
    msec patience;     /* milliseconds it may take in all */
};

/* As inspect_file. The judge is dead and reaped when this returns. */
int inspect_client_run(const struct inspect_job *, struct inspect_verdict *,
                       struct error *);

#endif
