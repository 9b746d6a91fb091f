/*
 * resguardod: config → open the rooms in order → run → close in reverse.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>
#include <sodium.h>

#include "resguardo/config.h"
#include "resguardo/desk.h"
#include "resguardo/gateway.h"
#include "resguardo/graph.h"
#include "resguardo/inspect.h"
#include "resguardo/intake.h"
#include "resguardo/registrar.h"
#include "resguardo/registrar_keys.h"
#include "resguardo/stamp.h"
#include "resguardo/web.h"

/* How long messages under way may take to end when we are told to stop. */
#define DRAIN_MS 2000

/* Everything the daemon holds; one thread opens and closes it. */
struct daemon {
    struct config *config;
    struct policy_set *policies[64]; /* every set ever loaded; newest last */
    size_t npolicies;
    struct keyring *keyring;
    struct store *blobs;
    struct graph *graph;
    struct intake *intake;
    struct registrar *registrar;
    struct web *web;
    struct gateway *gateway;
    struct stamper *stamper;
    struct desk *desk;
    struct registrar_effects effects;
    struct registrar_instance instance;
    struct buf judge, gateway_program;

    /* Effects come from the registrar's thread while we may be stopping. */
    pthread_mutex_t lock;
    bool graph_closed;
    int sends; /* under way */
};

static const char sandbox_status[] =
    "{\"daemon\":[\"no_new_privs\",\"not_dumpable\",\"no_core\"],"
    "\"gateway\":[\"no_new_privs\",\"not_dumpable\",\"rlimits\",\"seccomp\"],"
    "\"inspect\":[\"no_new_privs\",\"not_dumpable\",\"rlimits\",\"seccomp\"]}";

/* ---- effects: registrar → the rooms above it ---------------------------- */

static void on_answer(void *arg, uint64_t request, unsigned status)
{
    struct daemon *d = arg;
    gateway_answer_held(d->gateway, request, status, CONTENT_TEXT, "", 0);
}

static void on_answered(void *arg)
{
    struct daemon *d = arg;
    gateway_release(d->gateway);
}

static void on_fetch(void *arg, const struct fetch_order *order)
{
    struct daemon *d = arg;

    pthread_mutex_lock(&d->lock);
    if (!d->graph_closed)
        intake_fetch(d->intake, order);
    pthread_mutex_unlock(&d->lock);
}

static void on_cancel(void *arg, const char *attachment)
{
    struct daemon *d = arg;

    pthread_mutex_lock(&d->lock);
    if (!d->graph_closed)
        intake_cancel(d->intake, attachment);
    pthread_mutex_unlock(&d->lock);
}

/* What a job of ours is about, until graph is done with it. */
struct job {
    struct daemon *daemon;
    char id[ID_SIZE];
};

static struct job *job_new(struct daemon *d, const char *id)
{
    struct job *job = calloc(1, sizeof(*job));

    if (job != NULL) {
        job->daemon = d;
        memcpy(job->id, id, strnlen(id, ID_SIZE - 1));
    }
    return job;
}

static void send_done(void *arg, enum graph_outcome outcome, int code,
                      const char *wamid)
{
    struct job *job = arg;
    struct daemon *d = job->daemon;
    enum send_end end = outcome == GRAPH_OK          ? SEND_OK
                        : outcome == GRAPH_PERMANENT ? SEND_PERMANENT
                        : outcome == GRAPH_TOKEN     ? SEND_TOKEN
                        : outcome == GRAPH_RETRY     ? SEND_RETRY
                                                     : SEND_UNKNOWN;

    (void)registrar_post_sent(d->registrar, job->id, end, code, wamid);
    __atomic_sub_fetch(&d->sends, 1, __ATOMIC_RELEASE);
    free(job);
}

static void on_send(void *arg, const char *outbox, const char *number,
                    const char *body, size_t len)
{
    struct daemon *d = arg;
    struct graph_send job = { .body = body, .len = len, .done = send_done };

    memcpy(job.phone_number_id, number,
           strnlen(number, sizeof(job.phone_number_id) - 1));
    pthread_mutex_lock(&d->lock);
    if (!d->graph_closed && (job.arg = job_new(d, outbox)) != NULL) {
        __atomic_add_fetch(&d->sends, 1, __ATOMIC_RELEASE);
        if (graph_send(d->graph, &job) != 0)
            send_done(job.arg, GRAPH_RETRY, 0, NULL);
    } else {
        (void)registrar_post_sent(d->registrar, outbox, SEND_RETRY, 0, NULL);
    }
    pthread_mutex_unlock(&d->lock);
}

/* ---- documents to customers: the desk → the judge, and Meta ------------- */

static int read_bytes(void *arg, int64_t offset, uint8_t *out, size_t len,
                      size_t *got, struct error *err)
{
    const struct desk_outgoing *document = arg;

    (void)err;
    *got = 0;
    if (offset < 0 || (uint64_t)offset >= document->len)
        return 0;
    *got = document->len - (size_t)offset < len ? document->len - (size_t)offset
                                                : len;
    memcpy(out, document->bytes + offset, *got);
    return 0;
}

static int on_judge(void *arg, struct desk_outgoing *document,
                    struct error *err)
{
    struct daemon *d = arg;
    struct inspect_verdict verdict = { 0 };

    if (inspect_file((const char *)d->judge.p, NULL, (int64_t)document->len,
                     read_bytes, document, NULL, &verdict, err) != 0)
        return -1;
    memcpy(document->media_type, verdict.media_type,
           sizeof(verdict.media_type));
    memcpy(document->finding, verdict.finding, sizeof(verdict.finding));
    return 0;
}

/* The desk waits for it. */
struct uploading {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool done;
    enum graph_outcome outcome;
    int code;
    char *media_id;
    size_t room;
};

static void upload_done(void *arg, enum graph_outcome outcome, int code,
                        const char *media_id)
{
    struct uploading *u = arg;

    pthread_mutex_lock(&u->lock);
    u->outcome = outcome;
    u->code = code;
    if (media_id != NULL)
        (void)snprintf(u->media_id, u->room, "%s", media_id);
    u->done = true;
    pthread_cond_signal(&u->ended);
    pthread_mutex_unlock(&u->lock);
}

static int on_upload(void *arg, struct desk_outgoing *document,
                     struct error *err)
{
    struct daemon *d = arg;
    struct uploading u = { .lock = PTHREAD_MUTEX_INITIALIZER,
                           .ended = PTHREAD_COND_INITIALIZER,
                           .media_id = document->media_id,
                           .room = sizeof(document->media_id) };
    struct graph_upload job = { .bytes = document->bytes,
                                .len = document->len,
                                .done = upload_done,
                                .arg = &u };
    bool begun;

    memcpy(job.phone_number_id, document->number, sizeof(document->number));
    memcpy(job.media_type, document->media_type, sizeof(job.media_type));
    pthread_mutex_lock(&d->lock);
    begun = !d->graph_closed && graph_upload(d->graph, &job) == 0;
    pthread_mutex_unlock(&d->lock);
    if (!begun)
        return error_set(err, ERR_NETWORK, "nothing can be sent now");
    pthread_mutex_lock(&u.lock);
    while (!u.done) /* bounded: graph ends every job */
        (void)pthread_cond_wait(&u.ended, &u.lock);
    pthread_mutex_unlock(&u.lock);
    if (u.outcome == GRAPH_OK)
        return 0;
    return error_set(err, ERR_NETWORK, "WhatsApp did not take it: %s (%d)",
                     graph_outcome_names[u.outcome], u.code);
}

static void forget_done(void *arg, enum graph_outcome outcome)
{
    struct job *job = arg;

    /* An id that Meta no longer knows is as good as deleted. */
    (void)registrar_post_forgotten(job->daemon->registrar, job->id,
                                   outcome == GRAPH_OK ||
                                       outcome == GRAPH_PERMANENT);
    free(job);
}

static void forget(struct daemon *d, const char *what, const char *number,
                   struct graph_delete *job)
{
    job->done = forget_done;
    memcpy(job->phone_number_id, number,
           strnlen(number, sizeof(job->phone_number_id) - 1));
    pthread_mutex_lock(&d->lock);
    if (!d->graph_closed && (job->arg = job_new(d, what)) != NULL &&
        graph_delete(d->graph, job) != 0)
        free(job->arg);
    pthread_mutex_unlock(&d->lock);
}

static void on_forget(void *arg, const char *what, const char *number,
                      const char *media_id)
{
    struct graph_delete job = { 0 };

    memcpy(job.media_id, media_id, strnlen(media_id, sizeof(job.media_id) - 1));
    forget(arg, what, number, &job);
}

static void on_forget_contact(void *arg, const char *what, const char *number,
                              const char *bsuid)
{
    struct graph_delete job = { 0 };

    memcpy(job.bsuid, bsuid, strnlen(bsuid, sizeof(job.bsuid) - 1));
    forget(arg, what, number, &job);
}

static void intake_done(void *arg, struct intake_result *result)
{
    struct daemon *d = arg;
    (void)registrar_post_intake(d->registrar, result);
}

/* ---- loading ------------------------------------------------------------ */

static int policies_load(struct daemon *d, struct error *err)
{
    const char *ids[LIMIT_NUMBERS];
    struct policy_set *set;

    if (d->npolicies == sizeof(d->policies) / sizeof(d->policies[0]))
        return error_set(err, ERR_BUSY,
                         "policies were loaded too often; "
                         "restart the daemon");
    for (size_t i = 0; i < d->config->nnumbers; i++)
        ids[i] = d->config->numbers[i].policy;
    set = policy_set_load(d->config->policies, ids, d->config->nnumbers,
                          d->config->controller, d->config->public_url, err);
    if (set == NULL)
        return -1;
    d->policies[d->npolicies++] = set;
    return 0;
}

static int secrets_load(struct daemon *d, struct error *err)
{
    struct config_secrets secrets = { 0 };
    int ok = -1;

    if (config_secrets_load(&secrets, d->config, err) != 0)
        goto out;
    if (web_set_secrets(d->web, &secrets, err) != 0 ||
        graph_set_secrets(d->graph, secrets.app_secrets[0],
                          secrets.access_token, err) != 0)
        goto out;
    ok = 0;
out:
    config_secrets_wipe(&secrets);
    return ok;
}

/* ---- what we are --------------------------------------------------------- */

static int hash_file(crypto_hash_sha256_state *all, const char *path,
                     struct error *err)
{
    uint8_t sum[SHA256_LEN];
    struct buf bytes = { 0 };
    int ok = file_read(path, LIMIT_YAML_BYTES, &bytes, err);

    if (ok == 0) {
        sha256_of(sum, bytes.p, bytes.len);
        crypto_hash_sha256_update(all, sum, sizeof(sum));
    }
    buf_free(&bytes);
    return ok;
}

/* Of the hashes of each policy's own file and, language by language, its notice
 * and its texts, in the order of the set. */
static int hash_policies(const struct policy_set *set, const char *folder,
                         char out[static HEX_SIZE(SHA256_LEN)],
                         struct error *err)
{
    crypto_hash_sha256_state all;
    uint8_t sum[SHA256_LEN];
    int ok = 0;

    crypto_hash_sha256_init(&all);
    for (size_t i = 0; ok == 0 && i < set->n; i++) {
        const struct policy *policy = set->policies[i];
        char path[PATH_MAX];

        (void)snprintf(path, sizeof(path), "%s/%s/policy.yaml", folder,
                       policy->id);
        ok = hash_file(&all, path, err);
        for (size_t l = 0; ok == 0 && l < policy->nlanguages; l++) {
            const struct policy_language *language = &policy->languages[l];

            crypto_hash_sha256_update(&all, language->notice_sha256,
                                      SHA256_LEN);
            (void)snprintf(path, sizeof(path), "%s/%s/texts.%s.yaml", folder,
                           policy->id, language->tag);
            ok = hash_file(&all, path, err);
        }
    }
    crypto_hash_sha256_final(&all, sum);
    hex_encode(out, sum, sizeof(sum));
    return ok;
}

static int know_policies(struct daemon *d, struct error *err)
{
    return hash_policies(d->policies[d->npolicies - 1], d->config->policies,
                         d->instance.policies_sha256, err);
}

static int know_ourselves(struct daemon *d, const char *config,
                          struct error *err)
{
    struct buf bytes = { 0 };
    uint8_t sum[SHA256_LEN];
    int ok = file_read(config, LIMIT_YAML_BYTES, &bytes, err);

    if (ok == 0) {
        sha256_of(sum, bytes.p, bytes.len);
        hex_encode(d->instance.config_sha256, sum, sizeof(sum));
        d->instance.version = RESGUARDO_VERSION;
        d->instance.clock_state = clock_state;
        ok = know_policies(d, err);
    }
    buf_free(&bytes);
    return ok;
}

/* ---- opening and closing ------------------------------------------------ */

static int open_graph(struct daemon *d, struct error *err)
{
    const struct config *c = d->config;
    struct graph_config graph = {
        c->graph_url,    c->api_version, (const char *const *)c->media_hosts,
        c->nmedia_hosts, c->proxy,       c->ca_file
    };
    struct intake_needs intake = { .judge_program = (char *)d->judge.p,
                                   .parallel = c->inspect_parallel,
                                   .random = &random_system,
                                   .done = intake_done,
                                   .arg = d };

    if (graph_open(&d->graph, &graph, err) != 0)
        return -1;
    intake.graph = d->graph;
    intake.blobs = d->blobs;
    return intake_open(&d->intake, &intake, err);
}

static int open_registrar(struct daemon *d, struct error *err)
{
    struct registrar_needs needs = { .config = d->config,
                                     .policies = d->policies[0],
                                     .effects = &d->effects,
                                     .clock = &clock_system,
                                     .random = &random_system,
                                     .instance = &d->instance };

    if (store_open(&needs.store, d->config->storage, d->config->slots_mirror,
                   STORE_WRITER, &random_system, err) != 0)
        return -1;
    if (keyring_log_open(needs.store, &d->keyring, err) != 0 ||
        keyring_log_pin(needs.store, d->keyring, err) != 0) {
        store_close(&needs.store);
        return -1;
    }
    needs.keyring = d->keyring;
    if (registrar_open(&d->registrar, &needs, err) != 0) {
        store_close(&needs.store);
        return -1;
    }
    return 0;
}

static int daemon_open(struct daemon *d, const char *config, struct error *err)
{
    struct desk_needs desk = { .clock = &clock_system,
                               .sandbox = sandbox_status };
    struct stamper_needs stamp = { .clock = &clock_system,
                                   .random = &random_system };

    d->effects =
        (struct registrar_effects){ d,         on_answer,        on_answered,
                                    on_fetch,  on_cancel,        on_send,
                                    on_forget, on_forget_contact };
    if (config_load(&d->config, config, err) != 0 ||
        path_of_program(&d->judge, "resguardo-inspect", err) != 0 ||
        path_of_program(&d->gateway_program, "resguardo-gateway", err) != 0 ||
        policies_load(d, err) != 0 || know_ourselves(d, config, err) != 0 ||
        open_registrar(d, err) != 0)
        return -1;
    if (store_open(&d->blobs, d->config->storage, d->config->slots_mirror,
                   STORE_READER, &random_system, err) != 0 ||
        stamp_last(d->blobs, &stamp.last, err) != 0 ||
        web_open(&d->web, d->config, err) != 0 || open_graph(d, err) != 0 ||
        secrets_load(d, err) != 0)
        return -1;

    /* The gateway first (nothing is taken yet), then the writer, then all. */
    if (gateway_open(&d->gateway, (char *)d->gateway_program.p,
                     d->config->listen, web_handle, d->web, err) != 0 ||
        registrar_start(d->registrar, err) != 0)
        return -1;
    desk.config = stamp.config = d->config;
    desk.registrar = d->registrar;
    desk.started = clock_now(&clock_system);
    stamp.registrar = d->registrar;
    if (stamper_open(&d->stamper, &stamp, err) != 0)
        return -1;
    desk.stamper = d->stamper;
    desk.judge = on_judge;
    desk.upload = on_upload;
    desk.arg = d;
    if (desk_open(&d->desk, &desk, err) != 0)
        return -1;
    web_set_registrar(d->web, d->registrar);
    return 0;
}

/* Reverse order; also of a daemon that opened only in part. */
static void daemon_close(struct daemon *d)
{
    const struct timespec tick = { 0, 10 * 1000000L };

    if (d->web != NULL)
        web_set_registrar(d->web, NULL);
    stamper_stop(d->stamper); /* somebody at the desk may wait for it */
    desk_close(&d->desk);
    stamper_close(&d->stamper);
    if (d->registrar != NULL)
        registrar_drain(d->registrar);
    for (int waited = 0;
         waited < DRAIN_MS && __atomic_load_n(&d->sends, __ATOMIC_ACQUIRE) > 0;
         waited += 10)
        (void)nanosleep(&tick, NULL);

    /* The graph's ends still reach the registrar, which outlives it. */
    pthread_mutex_lock(&d->lock);
    d->graph_closed = true;
    pthread_mutex_unlock(&d->lock);
    graph_close(&d->graph);
    intake_close(&d->intake);
    registrar_close(&d->registrar);
    gateway_close(&d->gateway);
    web_close(&d->web);
    store_close(&d->blobs);
    keyring_free(&d->keyring);
    for (size_t i = 0; i < d->npolicies; i++)
        policy_set_free(&d->policies[i]);
    config_free(&d->config);
    buf_free(&d->judge);
    buf_free(&d->gateway_program);
}

/* ---- running ------------------------------------------------------------ */

/* sd_notify(3) in a dozen lines: one datagram to $NOTIFY_SOCKET. */
static void notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    int fd;

    if (path == NULL || strlen(path) >= sizeof(to.sun_path) ||
        (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(to.sun_path, path, strlen(path));
    if (path[0] == '@')
        to.sun_path[0] = '\0';
    if ((fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0)
        return;
    (void)sendto(
        fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to,
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path)));
    (void)close(fd);
}

/* SIGHUP: what cannot be loaded leaves the former in force. */
static void reload(struct daemon *d)
{
    struct error err = { 0 };
    bool whole = true;

    if (secrets_load(d, &err) != 0) {
        log_error("reload_failed", &err);
        whole = false;
    } else {
        (void)registrar_post_token(d->registrar);
    }
    if (policies_load(d, &err) != 0) {
        log_error("reload_failed", &err);
        whole = false;
    } else {
        (void)registrar_post_policies(d->registrar,
                                      d->policies[d->npolicies - 1]);
    }
    if (whole && know_policies(d, &err) != 0)
        log_error("reload_failed", &err);
    if (registrar_record_instance(d->registrar, INSTANCE_CHANGED, &d->instance,
                                  &err) != 0)
        log_error("change_unrecorded", &err);
    if (whole)
        log_event(LOG_LEVEL_INFO, "reloaded", NULL);
}

static void run(struct daemon *d, const sigset_t *signals)
{
    struct error err = { 0 };
    int signal;

    printf("ready gateway=%s desk=%s\n", gateway_address(d->gateway),
           d->config->socket);
    (void)fflush(stdout);
    notify("READY=1");
    log_event(LOG_LEVEL_INFO, "ready", "{s:s}", "gateway",
              gateway_address(d->gateway));
    if (registrar_check_storage(d->registrar, &err) != 0)
        log_error("storage_check_failed", &err);
    for (;;) {
        if (sigwait(signals, &signal) != 0)
            continue;
        if (signal != SIGHUP)
            break;
        reload(d);
    }
    notify("STOPPING=1");
    log_event(LOG_LEVEL_INFO, "stopping", NULL);
    if (registrar_record_instance(d->registrar, INSTANCE_STOPPED, NULL, &err) !=
        0)
        log_error("stop_unrecorded", &err);
}

static _Noreturn void usage(FILE *to, int status)
{
    (void)fputs("usage: resguardod --config FILE\n"
                "\n"
                "Takes in documents from WhatsApp, consent first. Stays in the "
                "foreground;\n"
                "logs JSON lines to stderr; says \"ready ...\" on stdout. The "
                "storage is made\n"
                "by resguardo init. More: man resguardod\n",
                to);
    exit(status);
}

int main(int argc, char **argv)
{
    struct daemon d = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct error err = { 0 };
    sigset_t signals;
    int status = 0;

    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        usage(stdout, 0);
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("resguardod " RESGUARDO_VERSION);
        return 0;
    }
    if (argc != 3 || strcmp(argv[1], "--config") != 0)
        usage(stderr, 2);

    log_open("resguardod");
    (void)signal(SIGPIPE, SIG_IGN);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);

    /* Ids, nonces and salts: a generator of our own that the kernel seeds,
     * instead of a system call for each (five a message). */
    (void)randombytes_set_implementation(&randombytes_internal_implementation);
    if (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
        (void)fputs("error: cryptography is not available\n", stderr);
        return 1;
    }

    if (process_harden(&err) == 0 && daemon_open(&d, argv[2], &err) == 0) {
        run(&d, &signals);
    } else {
        status = error_exit_code(err.code);
        (void)fprintf(stderr, "error: %s\n", err.text);
        if (err.hint[0] != '\0')
            (void)fprintf(stderr, "hint: %s\n", err.hint);
    }
    daemon_close(&d);
    curl_global_cleanup();
    return status;
}
