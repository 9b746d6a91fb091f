/*
 * What the files of graph share: the job, the request, the outcome rules.
 * Jobs are made by any thread; from the moment a loop takes one it belongs to
 * that loop's thread, but for `cancelled`, which is under the lock.
 */
#ifndef GRAPH_PRIVATE_H
#define GRAPH_PRIVATE_H

#include "resguardo/graph.h"

#include <pthread.h>
#include <sys/socket.h>

#include <curl/curl.h>

/* ---- outcomes ----------------------------------------------------------- */

/* What came of one HTTP request, without its body. */
struct graph_reply {
    CURLcode curl;
    bool sent;   /* a byte of the request may have left */
    long status; /* 0: none */
    bool has_error;
    int code; /* Meta's, when has_error */
};

/* `why` is a static word for the log and the registrar. */
enum graph_outcome graph_outcome_resolve(const struct graph_reply *,
                                         const char **why);
enum graph_outcome graph_outcome_url(const struct graph_reply *,
                                     const char **why);
enum graph_outcome graph_outcome_send(const struct graph_reply *);
/* Fills has_error and code from an answer's body, if it is an error object. */
void graph_outcome_read_error(const json_t *answer, struct graph_reply *);

/* ---- addresses ---------------------------------------------------------- */

/* Whatever a name resolved to: a media host is public, or loopback if it was
 * listed as such; graph_url and a proxy are the operator's own. Pure. */
enum graph_reach { GRAPH_REACH_PUBLIC, GRAPH_REACH_LOOPBACK, GRAPH_REACH_ANY };
bool graph_address_allowed(const struct sockaddr *, enum graph_reach);

/* ---- jobs --------------------------------------------------------------- */

/* Downloads never take the places of messages. */
enum graph_lane { GRAPH_LANE_MEDIA, GRAPH_LANE_MESSAGE, GRAPH_LANE__MAX };
enum graph_kind {
    GRAPH_KIND_FETCH,
    GRAPH_KIND_SEND,
    GRAPH_KIND_DELETE,
    GRAPH_KIND_UPLOAD
};

struct graph_job {
    struct graph_job *next;
    struct graph *graph;
    struct graph_loop *loop; /* NULL while it waits */
    enum graph_kind kind;
    enum graph_lane lane;
    bool cancelled;
    struct graph_fetch fetch;
    struct graph_send send;
    struct graph_delete delete;
    struct graph_upload upload;
    struct buf body; /* of a message */
    curl_mime *form; /* of an upload */
    size_t put;      /* bytes of it that were handed to curl */

    /* The request under way. */
    CURL *easy;
    struct curl_slist *headers; /* holds the token: wiped */
    struct buf answer;
    uint64_t generation; /* of the secrets it was made with */

    /* A download. */
    enum graph_reach reach;
    bool downloading, too_large, sink_failed, encoded;
    char url[LIMIT_MEDIA_URL + 1];
    char sha256[HEX_SIZE(SHA256_LEN)];
    char mime_type[128];
    int64_t announced; /* bytes, -1 unknown */
    int64_t got;
};

struct graph_list {
    struct graph_job *head, *tail;
};

/* One thread with its own connections. Hashing and sealing go on in it, so
 * media have several: as many files are sealed at once. */
#define GRAPH_MEDIA_LOOPS 4u
#define GRAPH_LOOPS       (GRAPH_MEDIA_LOOPS + 1)

struct graph_loop {
    struct graph *graph;
    enum graph_lane lane;
    CURLM *multi;
    pthread_t thread;
    bool has_thread;
    struct graph_list running; /* under the lock, as nrunning */
    size_t nrunning;
};

struct graph {
    char *graph_url, *api_version, *proxy, *ca_file;
    char **media_hosts;
    size_t nmedia_hosts;
    struct graph_loop loops[GRAPH_LOOPS]; /* messages first, then media */
    size_t nloops;
    bool has_lock;

    pthread_mutex_t lock; /* all below */
    struct secret *app_secret, *token;
    uint64_t generation;
    bool token_refused, closing;
    struct graph_list waiting[GRAPH_LANE__MAX];
};

/* Ends a job on its loop's thread: its done, once, then frees it. */
void graph_job_end(struct graph_job *, enum graph_outcome, int code,
                   const char *wamid, const char *why);

/* ---- requests ----------------------------------------------------------- */

/* Starts `method` on a Graph path such as "551/messages", with Bearer and
 * appsecret_proof; `query` (NULL: none) is what else is asked, escaped, without
 * an end: "a=1". The answer is gathered in job->answer. -1: not started. */
int graph_request_api(struct graph_job *, const char *method, const char *path,
                      const char *query);
/* Starts the download of job->url, which the caller found allowed. */
int graph_request_download(struct graph_job *);
/* Takes the easy handle out of the multi and wipes the headers. */
void graph_request_end(struct graph_job *);
/* Digits only, 1 to max of them. */
bool graph_request_id_valid(const char *, size_t max);
/* Nothing that would have to be escaped, and something. */
bool graph_request_bsuid_valid(const char *);

/* ---- the kinds of job --------------------------------------------------- */

int graph_media_start(struct graph_job *);
void graph_media_finished(struct graph_job *, CURLcode);
size_t graph_media_body(char *, size_t, size_t, void *job);
size_t graph_media_header(char *, size_t, size_t, void *job);
int graph_upload_start(struct graph_job *);
void graph_upload_finished(struct graph_job *, CURLcode);
/* Sets the form of an upload on the easy handle. */
int graph_upload_form(struct graph_job *);
int graph_message_start(struct graph_job *);
void graph_message_finished(struct graph_job *, CURLcode);
/* The reply of the request under way; the parsed answer, or NULL. */
json_t *graph_request_reply(struct graph_job *, CURLcode, struct graph_reply *);

#endif
