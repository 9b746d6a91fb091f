/*
 * intake: one order from the registrar becomes one sealed payload file. Bytes
 * from graph are hashed and sealed as they arrive, into a file without a name.
 * The first 64 KiB also wait in locked memory for a judge, who may stop the
 * transfer; one who needs more reads the whole back through the payload key
 * that is still in memory. After the verdict the file is fsynced and linked and
 * the key is wiped. Then, and in every other case too, the registrar hears
 * exactly one result.
 *
 * Promises: P3 (no plaintext at rest), P4 (the key is gone after the verdict).
 */
#ifndef RESGUARDO_INTAKE_H
#define RESGUARDO_INTAKE_H

#include "resguardo/base.h"
#include "resguardo/graph.h"
#include "resguardo/registrar.h"

/* Opaque: graph's sinks, and `parallel` threads with a judge waiting each. */
struct intake;
struct intake_needs {
    struct graph *graph;
    struct store *blobs; /* only for blob_*, which are thread-safe */
    const char *judge_program;
    unsigned parallel;
    const struct random_source *random;
    /* On a worker or graph thread; takes the header buffer over. */
    void (*done)(void *arg, struct intake_result *);
    void *arg;
};
int intake_open(struct intake **, const struct intake_needs *, struct error *);
/* Never blocks; done comes for every order. */
void intake_fetch(struct intake *, const struct fetch_order *);
/* Stops it wherever it is; done comes with INTAKE_CANCELLED. */
void intake_cancel(struct intake *, const char *attachment);
/* Call after graph_close; ends the workers, calls every done. */
void intake_close(struct intake **);

#endif
