/* One order on its way: graph's thread fills it, a worker judges it. */
#ifndef RESGUARDO_INTAKE_PRIVATE_H
#define RESGUARDO_INTAKE_PRIVATE_H

#include <pthread.h>

#include "resguardo/inspect.h"
#include "resguardo/intake.h"
#include "resguardo/vault.h"

struct intake_file {
    struct intake_file *next; /* in the workers' queue or list of the living */
    struct intake_file *living_next;
    struct intake *intake;
    struct fetch_order order;
    uint64_t ticket;
    int cancel; /* atomic: set by intake_cancel, polled by the judge's client */

    /* While bytes arrive (graph's thread). */
    int fd; /* a file without a name; -1 */
    struct age_writer *writer;
    struct sha256 *plain_hash, *payload_hash;
    struct buf header;
    int64_t size, payload_size;
    bool has_graph_hash, sealed, too_large;
    uint8_t graph_hash[SHA256_LEN];
    struct error err;
};

struct intake {
    struct intake_needs needs;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct intake_file *first, **last; /* downloaded, waiting for a judge */
    struct intake_file *living;        /* every order without an end */
    uint64_t tickets;
    bool closing;
    pthread_t *workers;
    unsigned nworkers;
};

/* download.c: graph's sink. */
extern const struct graph_sink download_sink;
void download_done(void *file, enum graph_outcome, const char *why);

/* judge.c: hash, verdict, link. Runs on a worker. */
void judge_file(struct intake_file *, struct inspect_spare *);

/* intake.c: hands a downloaded file to the workers. */
void intake_queue(struct intake_file *);
/* Reports the one end and frees the file. */
void intake_end_file(struct intake_file **, enum intake_end,
                     const char *reason);

#endif
