/*
 * graph: all we ask of Meta, with curl's multi interface on a few threads: one
 * for messages, and a core each for media (resolve, download, delete), so that
 * as many files are sealed at once. It keeps nothing: what is to be done comes
 * as a job, what came of it goes back through a callback on the thread of that
 * job (which must not block). Retrying over time is the registrar's business;
 * graph only says what kind of outcome it was.
 *
 * Promises: the bearer token is attached only to the configured Graph host
 * and, for media, after the URL's scheme, host and port were checked against
 * the allow-list; redirects are never followed; no proxy, netrc or environment
 * is obeyed but the config's; sizes are counted by us; each Graph call carries
 * appsecret_proof; nothing of a token or URL reaches a log.
 */
#ifndef RESGUARDO_GRAPH_H
#define RESGUARDO_GRAPH_H

#include "resguardo/base.h"
#include "resguardo/limits.h"

struct graph_config {
    const char *graph_url;   /* https://graph.facebook.com, no trailing / */
    const char *api_version; /* v26.0 */
    const char *const *media_hosts; /* host, or host:port for a loopback */
    size_t nmedia_hosts;
    const char *proxy;   /* or NULL */
    const char *ca_file; /* or NULL */
};

enum graph_outcome {
    GRAPH_OK,
    GRAPH_RETRY,     /* 5xx, 429, timeout, cut, unreachable, 404 on the URL,
                        off the allow-list, redirect: again later */
    GRAPH_PERMANENT, /* 4xx that will not heal: refused for good */
    GRAPH_TOKEN,     /* 401, code 0 or 190: stop everything, alarm */
    GRAPH_UNKNOWN,   /* a POST that may or may not have had an effect */
    GRAPH_CANCELLED,
    GRAPH_TOO_LARGE, /* our cap was reached or announced */
    GRAPH_SINK,      /* our own sink failed (disk full…): again later */
    GRAPH__MAX
};
extern const char *const graph_outcome_names[GRAPH__MAX];

/* Where a download goes. All on one thread, in order: begin once the
 * media is resolved (sha256_hex: what the Graph API announced, or NULL;
 * size -1 when unknown), data…, then done exactly once, also when begin or
 * data failed (return -1) or was never reached. A retry inside graph does not
 * happen: one job, one attempt. */
struct graph_sink {
    int (*begin)(void *arg, const char *sha256_hex, const char *mime_type,
                 int64_t size);
    int (*data)(void *arg, const uint8_t *, size_t);
    void (*done)(void *arg, enum graph_outcome, const char *why);
};

struct graph_fetch {
    uint64_t ticket; /* the caller's, for graph_cancel */
    char phone_number_id[33];
    char media_id[LIMIT_MEDIA_ID + 1]; /* digits, checked again here */
    int64_t max_bytes;
    struct graph_sink sink;
    void *arg;
};

/* A message: `body` is the JSON request, sent as is. done: wamid or NULL. */
struct graph_send {
    char phone_number_id[33];
    const char *body; /* copied */
    size_t len;
    void (*done)(void *arg, enum graph_outcome, int code, const char *wamid);
    void *arg;
};

/* A file for somebody: its bytes are the caller's, and stay until done. done:
 * the id that a message names it by, or NULL. That an upload may have arrived
 * and nobody knows is no harm: nobody gets a file that no message names. */
struct graph_upload {
    char phone_number_id[33];
    const uint8_t *bytes;
    size_t len;
    char media_type[129];
    void (*done)(void *arg, enum graph_outcome, int code, const char *media_id);
    void *arg;
};

/* A file, or (media_id "") a person's entry in the number's contact book. */
struct graph_delete {
    char phone_number_id[33];
    char media_id[LIMIT_MEDIA_ID + 1];
    char bsuid[LIMIT_HANDLE + 1];
    void (*done)(void *arg, enum graph_outcome);
    void *arg;
};

struct graph; /* opaque */
int graph_open(struct graph **, const struct graph_config *, struct error *);
/* Newest app secret (for appsecret_proof) and access token; called at open and
 * on SIGHUP, from any thread; copies. Clears the GRAPH_TOKEN stop. */
int graph_set_secrets(struct graph *, const struct secret *app_secret,
                      const struct secret *access_token, struct error *);
/* Hand a job over; -1 only when out of memory or closed (done not called). */
int graph_fetch(struct graph *, const struct graph_fetch *);
int graph_send(struct graph *, const struct graph_send *);
int graph_delete(struct graph *, const struct graph_delete *);
int graph_upload(struct graph *, const struct graph_upload *);
/* Ends the fetch with this ticket, if it is still going (done comes). */
void graph_cancel(struct graph *, uint64_t ticket);
/* Cancels all, calls every done, ends the threads. */
void graph_close(struct graph **);

/* May the token go to this URL? https on 443 and host in the list, or http
 * to a loopback host:port (or host) in the list. No userinfo, no other port.
 * Exposed for tests and fuzzing. */
bool graph_url_allowed(const char *url, const char *const *hosts, size_t n);

#endif
