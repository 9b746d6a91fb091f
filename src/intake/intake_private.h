/* One order on its way: a thread of graph fills it, a worker judges it. */
#ifndef RESGUARDO_INTAKE_PRIVATE_H
#define RESGUARDO_INTAKE_PRIVATE_H

#include <pthread.h>

#include "resguardo/inspect.h"
#include "resguardo/intake.h"
#include "resguardo/vault.h"

struct intake_file {
    struct intake_file *next; /* in the workers' queue */
    struct intake_file *living_next;
    struct intake *intake;
    struct fetch_order order;
    uint64_t ticket;
    int cancel; /* atomic: set by intake_cancel, polled by the judge's client */

    /* While bytes arrive (a thread of graph), then the worker's. */
    int fd; /* a file without a name; -1 */
    struct age_writer *writer;
    struct sha256 *plain_hash, *payload_hash;
    struct payload_thread *thread; /* hashes and writes; or NULL */
    struct buf header;
    int64_t size, payload_size;
    bool has_graph_hash, too_large;
    uint8_t graph_hash[SHA256_LEN];
    struct error err;

    /* The first look, while the rest arrives: the start of a file of
     * `announced` bytes, and what a judge made of it (look.c). */
    int64_t announced;
    struct secret *start;
    bool judged;
    struct inspect_verdict verdict;
    unsigned deaths;     /* of judges over this file */
    const char *refused; /* atomic: no need for the rest, and why */

    /* Under the lock: whoever comes last, download or look, goes on. */
    bool looking, arrived;
    enum graph_outcome outcome;
    const char *why;
};

struct intake {
    struct intake_needs needs;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct intake_file *first, **last; /* waiting for a worker */
    struct intake_file *living;        /* every order without an end */
    uint64_t tickets;
    bool closing;
    pthread_t *workers;
    unsigned nworkers;
};

/* download.c: graph's sink, and the end of what did not arrive whole. */
extern const struct graph_sink download_sink;
void download_failed(struct intake_file *);

/* payload.c: begin once fd and hash are there; an age_sink; end waits until
 * all is written, -1 with file->err when it is not. */
void payload_begin(struct intake_file *, int64_t announced);
int payload_add(void *file, const uint8_t *, size_t, struct error *);
int payload_end(struct intake_file *);

/* look.c: keeps the start of a file (graph's thread)… */
int look_begin(struct intake_file *, int64_t announced);
/* … queues the file for a look once it is there; -1: stop, it is refused… */
int look_data(struct intake_file *, const uint8_t *, size_t);
/* … and has it judged (worker). */
void look_file(struct intake_file *, struct inspect_spare *);

/* judge.c: hash, verdict, link. Runs on a worker. */
void judge_file(struct intake_file *, struct inspect_spare *);

/* intake.c: hands a file to the workers. */
void intake_queue(struct intake_file *);
/* Reports the one end and frees the file. */
void intake_end_file(struct intake_file **, enum intake_end,
                     const char *reason);

#endif
