/*
 * client: the daemon's side of the judge, with the time it may take as an
 * argument (inspect_file gives it LIMIT_JUDGE_S).
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
    msec limit;        /* milliseconds the judge may take */
};

/* As inspect_file. The judge is dead and reaped when this returns. */
int inspect_client_run(const struct inspect_job *, struct inspect_verdict *,
                       struct error *);

#endif
