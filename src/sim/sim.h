/*
 * sim: a WhatsApp Cloud API on loopback. What it promises is docs/simulator.md.
 * One struct holds everything; its JSON values and lists are under one lock,
 * and `changed` is signalled whenever somebody may be waiting for them.
 */
#ifndef RESGUARDO_SIM_H
#define RESGUARDO_SIM_H

#include <pthread.h>

#include <microhttpd.h>

#include "resguardo/base.h"
#include "resguardo/limits.h"

#define SIM_BODY_MAX   ((size_t)160 * 1024 * 1024)
#define SIM_HANG_MS    120000
#define SIM_WAIT_MS    60000
#define SIM_WAMID      80
#define SIM_HASH_BYTES 16

/* A file's bytes, shared by the store and the answers that stream them. */
struct sim_bytes {
    int refs;
    size_t len;
    uint8_t p[];
};

struct sim_media {
    struct sim_media *next;
    char id[LIMIT_MEDIA_ID + 1];
    char *mime_type, *filename; /* filename may be NULL */
    uint8_t sha256[SHA256_LEN];
    struct sim_bytes *bytes;
    msec uploaded;
    int64_t resolved, downloads, bytes_sent;
    bool deleted;
};

/* A status webhook that is due. */
struct sim_status {
    struct sim_status *next;
    msec due; /* monotonic */
    int attempts;
    json_t *sent; /* the entry of the list of sent messages */
    char status[16];
};

struct sim {
    char url[64];           /* http://127.0.0.1:PORT */
    char elsewhere_url[64]; /* http://127.0.0.2:PORT */
    struct MHD_Daemon *http, *elsewhere;
    pthread_t statuses_thread;
    uint8_t url_key[32];

    pthread_mutex_t lock; /* all below */
    pthread_cond_t changed;
    bool closing, posting;
    unsigned busy; /* Graph requests under way */
    json_t *config, *log, *sent, *faults, *elsewhere_log, *last_inbound;
    struct sim_media *media;
    int64_t media_count, fault_count;
    struct sim_status *statuses;
};

/* ---- state.c ------------------------------------------------------------ */
int sim_state_open(struct sim *, struct error *);
void sim_state_close(struct sim *);
void sim_state_reset(struct sim *, bool config_too);
/* Merges known keys of right type; -1 with the error. */
int sim_state_configure(struct sim *, const json_t *, struct error *);
/* Copies; the caller frees. "" when null. */
char *sim_state_text(struct sim *, const char *key);
/* Is it phone_number_id, or one of other_numbers? */
bool sim_state_ours(struct sim *, const char *number);
int64_t sim_state_number(struct sim *, const char *key);
bool sim_state_flag(struct sim *, const char *key);
json_t *sim_state_config(struct sim *);
/* Waits so long, or less when the simulator ends. */
void sim_state_pause(struct sim *, int64_t ms);
/* One wait for `changed`, until the monotonic time at most; under the lock.
 * False when that time has come. */
bool sim_state_wait(struct sim *, msec until);

/* ---- request and answer ------------------------------------------------- */
struct sim_request {
    struct sim *sim;
    struct MHD_Connection *connection;
    const char *method, *path;
    struct buf body;
    bool too_large, graph;
    json_t *log; /* its entry, or NULL */
};

struct sim_reply {
    unsigned status; /* 0: close the connection */
    json_t *json;    /* or */
    struct MHD_Response *response;
};

/* http.c */
int sim_http_open(struct sim *, const char *host, uint16_t port,
                  struct error *);
void sim_http_close(struct sim *);
const char *sim_http_query(const struct sim_request *, const char *key);
int64_t sim_http_number(const struct sim_request *, const char *key,
                        int64_t otherwise, int64_t max);
const char *sim_http_header(const struct sim_request *, const char *name);
/* Takes the reference; status. */
void sim_http_json(struct sim_reply *, unsigned status, json_t *);
void sim_http_error(struct sim_reply *, unsigned status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Answers when the client is gone, or after SIM_HANG_MS. */
void sim_http_hang(struct sim_request *);

/* elsewhere.c: the host that must not see a token. */
int sim_elsewhere_open(struct sim *, struct error *);
void sim_elsewhere_close(struct sim *);

/* ---- media.c ------------------------------------------------------------ */
/* Copies; the new file's description, or NULL. */
json_t *sim_media_add(struct sim *, const void *, size_t, const char *mime,
                      const char *filename);
/* Under the lock; NULL if unknown. */
struct sim_media *sim_media_find(struct sim *, const char *id);
/* All, or one; NULL if unknown. */
json_t *sim_media_describe(struct sim *, const char *id);
void sim_media_forget(struct sim *); /* under the lock */
/* http://…/media/ID?ext=…&hash=…; the caller frees. */
char *sim_media_url(struct sim *, const char *id);
bool sim_media_url_valid(struct sim *, const char *id, const char *ext,
                         const char *hash);
struct sim_bytes *sim_media_hold(struct sim_bytes *);
void sim_media_release(struct sim_bytes *);

/* upload.c: POST …/media. */
void sim_upload_handle(struct sim_request *, struct sim_reply *,
                       const char *phone_number_id);
/* stream.c: a download, as the fault (or NULL) wants it. */
void sim_stream_answer(struct sim_request *, struct sim_reply *,
                       const char *media_id, const json_t *fault);

/* ---- fault.c ------------------------------------------------------------ */
int sim_fault_add(struct sim *, const json_t *, json_t *added, struct error *);
/* The fault for this request (new reference), counted; or NULL. */
json_t *sim_fault_take(struct sim *, const char *at, const char *media_id,
                       const char *person);
bool sim_fault_is(const json_t *fault, const char *kind);
int64_t sim_fault_number(const json_t *fault, const char *key,
                         int64_t otherwise);

/* ---- graph side --------------------------------------------------------- */
/* graphside.c: false if the path is none of Meta's. */
bool sim_graphside_handle(struct sim_request *, struct sim_reply *);
void sim_graphside_error(struct sim_reply *, unsigned status, int code,
                         int subcode, const char *message, const char *details);
/* Notes the fault, waits as it says; true if it is the whole answer. */
bool sim_graphside_spoil(struct sim_request *, struct sim_reply *,
                         const json_t *fault);
/* messages.c: POST …/messages. */
void sim_messages_handle(struct sim_request *, struct sim_reply *,
                         const char *phone_number_id);
/* check.c: what Meta would say of this body. Pure. */
struct sim_refusal {
    unsigned http; /* 0: fine */
    int code;
    char details[160];
};
void sim_check_message(const json_t *, struct sim_refusal *);
/* digits of `to`, or `recipient`; "" if none. */
void sim_check_person(const json_t *message, char *out, size_t size);

/* ---- webhooks ----------------------------------------------------------- */
/* deliver.c */
struct sim_post {
    struct buf body;
    json_t *ids;
};
struct sim_delivery {
    int64_t parallel, duplicate, attempts, timeout_ms, shuffle;
    bool shuffled;
    const char *signature; /* a word of /sim/raw, or "valid" */
    const char *given, *content_type, *path;
};
/* Keys parallel, duplicate … of an object; -1 with the error. */
int sim_deliver_options(const json_t *, struct sim_delivery *, struct error *);
/* Posts them all and frees them; {"ok", "deliveries"}, NULL: no memory. */
json_t *sim_deliver(struct sim *, struct sim_post *, size_t n,
                    const struct sim_delivery *);
/* One webhook, once, signed as it should be: the status, 0 for none. */
int sim_deliver_value(struct sim *, const char *number, json_t *value);
json_t *sim_deliver_handshake(struct sim *, const json_t *, struct error *);
/* envelope.c: steals value. NULL: no memory. */
json_t *sim_envelope(struct sim *, json_t *value, const char *number,
                     const char *account);
int sim_envelope_text(json_t *envelope, struct buf *out); /* steals */
/* inbound.c: value of one message; *element borrowed from it. */
json_t *sim_inbound_value(struct sim *, const json_t *message, json_t **element,
                          struct error *);
/* status.c */
void *sim_status_loop(void *sim);
/* Queues the configured statuses of a sent message; under the lock. */
void sim_status_queue(struct sim *, json_t *sent);
json_t *sim_status_value(struct sim *, const json_t *status, struct error *);

/* ---- control.c, conversation.c, query.c --------------------------------- */
bool sim_control_handle(struct sim_request *, struct sim_reply *);
void sim_conversation_message(struct sim_request *, struct sim_reply *);
void sim_conversation_status(struct sim_request *, struct sim_reply *);
void sim_conversation_raw(struct sim_request *, struct sim_reply *);
void sim_query_sent(struct sim_request *, struct sim_reply *);
void sim_query_log(struct sim_request *, struct sim_reply *);
void sim_query_idle(struct sim_request *, struct sim_reply *);

/* ---- keys.c: small help with JSON --------------------------------------- */
/* All keys of the object among `keys` (NULL-ended)? */
int sim_keys_known(const json_t *, const char *const *keys, struct error *);
/* A string, or an integer written out; NULL otherwise. `room`: 32 bytes. */
const char *sim_keys_text(const json_t *, const char *key, char *room);
void sim_keys_now(json_t *object, const char *key); /* RFC 3339 */
void sim_keys_wamid(char out[static SIM_WAMID]);

#endif
