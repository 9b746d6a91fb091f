/*
 * events: what other systems are told of the ledger, in its order. An entry
 * becomes an event (event.c: pure), an event is handed out until somebody
 * said that they have it (handout.c), and then the cursor moves (cursor.c).
 * Private to `resguardo events`.
 */
#ifndef RESGUARDO_CLI_EVENTS_H
#define RESGUARDO_CLI_EVENTS_H

#include "cli.h"

#include "resguardo/ledger.h"

/* ---- event.c ------------------------------------------------------------ */

#define EVENT_ID_SIZE (LEDGER_ORIGIN_SIZE + 21) /* origin, slash, index */
struct event_out {
    char id[EVENT_ID_SIZE];
    const char *name; /* constant: "case.opened" */
    struct buf body;  /* RFC 8785 JSON */
};
/* What is said of an entry. 1; 0: nothing, it is not for others; -1 with
 * ERR_VERIFY for what is no entry with that index. */
int event_make(struct event_out *, const char *origin, uint64_t index,
               const void *entry, size_t, struct error *);
void event_out_free(struct event_out *);
/* "sha256=" and the hex of the HMAC-SHA256 of the body. */
#define EVENT_SIGNATURE_SIZE (7 + HEX_SIZE(SHA256_LEN))
void event_sign(char out[static EVENT_SIGNATURE_SIZE], const struct secret *,
                const struct buf *body);

/* ---- cursor.c ----------------------------------------------------------- */

/* How far somebody is, in a file. The hash of the last entry is kept, too: a
 * ledger that tells another story of it is not the one that was followed. */
struct cursor {
    char *path;
    int lock; /* another follower of the same file has to wait elsewhere */
    bool there;
    uint64_t next;
    uint8_t leaf[LEDGER_HASH_LEN]; /* of entry next - 1, if that exists */
};
/* A file that is missing has there == false. ERR_CONFLICT: it is in use;
 * ERR_INPUT: it is no cursor. Close it also when this fails. */
int cursor_open(struct cursor *, const char *path, struct error *);
/* Durable when this returns 0. */
int cursor_move(struct cursor *, uint64_t next,
                const uint8_t leaf[static LEDGER_HASH_LEN], struct error *);
void cursor_close(struct cursor *);

/* ---- stop.c ------------------------------------------------------------- */

/* From now on SIGTERM and SIGINT only say that it is enough. */
int stop_listen(struct error *);
bool stop_asked(void);
/* Waits so long, or until it is enough. */
void stop_wait(msec);
/* Readable from then on. */
int stop_fd(void);

/* ---- handout.c, runner.c ------------------------------------------------ */

struct handout; /* opaque: to a URL, or to a command */
/* ERR_USAGE for a URL that is neither https nor http on a loopback host. */
int handout_to_url(struct handout **, const char *url, const char *secret_file,
                   struct error *);
/* A program with a path, run without words and without a shell. */
int handout_to_command(struct handout **, const char *path, struct error *);
void handout_free(struct handout **);
/* 0: they have it. ERR_NETWORK: not now; `*wait` is at least how long they want
 * to be left alone. Both are quick to end when it is enough. */
int handout_try(struct handout *, const struct event_out *, msec *wait,
                struct error *);
/* Runs it with the body on stdin; 0 when it ends with 0 in time. */
int runner_run(const char *path, const struct buf *body, struct error *);

#endif
