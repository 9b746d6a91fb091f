/* One curl transfer with everything that we insist on. */
#include "graph_private.h"

#include <string.h>
#include <unistd.h>

static curl_socket_t open_socket(void *arg, curlsocktype purpose,
                                 struct curl_sockaddr *address)
{
    struct graph_job *job = arg;

    if (purpose != CURLSOCKTYPE_IPCXN ||
        !graph_address_allowed(&address->addr, job->reach)) {
        job->fault = (struct graph_verdict){ GRAPH_RETRY, 0, "address" };
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC,
                  address->protocol);
}

/* Answers of the API are small; a longer one is cut off by us. */
static size_t on_answer(char *p, size_t one, size_t n, void *arg)
{
    struct graph_job *job = arg;

    (void)one;
    if (job->answer.len + n > LIMIT_GRAPH_ANSWER_BYTES ||
        buf_add(&job->answer, p, n) != 0)
        return CURL_WRITEFUNC_ERROR;
    return n;
}

/* Nothing but the config decides where bytes go: no redirect, no proxy, netrc
 * or cookie from the surroundings, no decoding, no other protocol. */
static CURLcode set_rules(struct graph_job *job, const char *url)
{
    const struct graph *g = job->graph;
    CURL *e = job->easy;
    CURLcode rc = CURLE_OK;
    bool secure = strncmp(url, "https://", 8) == 0;

#define SET(option, value)                                                     \
    if (rc == CURLE_OK)                                                        \
    rc = curl_easy_setopt(e, option, value)
    SET(CURLOPT_URL, url);
    SET(CURLOPT_PROTOCOLS_STR, secure ? "https" : "http");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_PROXY, g->proxy != NULL ? g->proxy : "");
    SET(CURLOPT_NOPROXY, "");
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_USERAGENT, "resguardo/" RESGUARDO_VERSION);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, job);
    if (g->ca_file != NULL) {
        SET(CURLOPT_CAINFO, g->ca_file);
        SET(CURLOPT_CAPATH, NULL);
    }
#undef SET
    return rc;
}

static CURLcode set_flow(struct graph_job *job, long timeout_s)
{
    CURL *e = job->easy;
    CURLcode rc = CURLE_OK;

#define SET(option, value)                                                     \
    if (rc == CURLE_OK)                                                        \
    rc = curl_easy_setopt(e, option, value)
    SET(CURLOPT_PRIVATE, job);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CONNECTTIMEOUT, GRAPH_CONNECT_S);
    SET(CURLOPT_TIMEOUT, timeout_s);
    SET(CURLOPT_LOW_SPEED_LIMIT, GRAPH_LOW_SPEED);
    SET(CURLOPT_LOW_SPEED_TIME, GRAPH_LOW_SPEED_S);
    SET(CURLOPT_WRITEFUNCTION, on_answer);
    SET(CURLOPT_WRITEDATA, job);
#undef SET
    return rc;
}

int graph_transfer_open(struct graph_job *job, const char *url, long timeout_s)
{
    const struct graph *g = job->graph;

    graph_transfer_close(job);
    buf_reset(&job->answer);
    job->fault = (struct graph_verdict){ 0 };

    /* A proxy is the operator's, wherever it stands; so is graph_url. A media
     * host is public unless it was listed as loopback. */
    if (g->proxy != NULL || !job->downloading)
        job->reach = REACH_ANY;
    else
        job->reach =
            strncmp(url, "http://", 7) == 0 ? REACH_LOOPBACK : REACH_PUBLIC;

    if ((job->easy = curl_easy_init()) == NULL)
        return -1;
    if (set_rules(job, url) != CURLE_OK || set_flow(job, timeout_s) != CURLE_OK)
        return -1;
    return 0;
}

static int add_header(struct graph_job *job, const char *line)
{
    struct curl_slist *list = curl_slist_append(job->headers, line);

    if (list == NULL)
        return -1;
    job->headers = list;
    return 0;
}

int graph_transfer_authorize(struct graph_job *job, const char *content_type)
{
    struct graph *g = job->graph;
    int ok = -1;

    pthread_mutex_lock(&g->lock);
    if (!g->stopped && g->authorization != NULL &&
        job->generation == g->generation)
        ok = add_header(job, (const char *)g->authorization->p);
    pthread_mutex_unlock(&g->lock);

    if (ok == 0 && content_type != NULL)
        ok = add_header(job, content_type);
    if (ok == 0)
        ok = add_header(job, "Expect:");
    return ok;
}

int graph_transfer_start(struct graph_job *job)
{
    if (curl_easy_setopt(job->easy, CURLOPT_HTTPHEADER, job->headers) !=
            CURLE_OK ||
        curl_multi_add_handle(job->graph->multi, job->easy) != CURLM_OK)
        return -1;
    return 0;
}

void graph_transfer_close(struct graph_job *job)
{
    if (job->easy != NULL) {
        curl_multi_remove_handle(job->graph->multi, job->easy);
        curl_easy_cleanup(job->easy);
        job->easy = NULL;
    }
    for (struct curl_slist *h = job->headers; h != NULL; h = h->next)
        sodium_memzero(h->data, strlen(h->data));
    curl_slist_free_all(job->headers);
    job->headers = NULL;
}

int graph_transfer_url(struct graph_job *job, struct buf *out, const char *a,
                       const char *b, const char *phone_number_id)
{
    struct graph *g = job->graph;
    char proof[GRAPH_PROOF_SIZE];
    int ok;

    pthread_mutex_lock(&g->lock);
    memcpy(proof, g->proof, sizeof(proof));
    job->generation = g->generation;
    pthread_mutex_unlock(&g->lock);

    ok = buf_addf(out, "%s/%s/%s%s%s?%s%s%sappsecret_proof=%s", g->graph_url,
                  g->api_version, a, b != NULL ? "/" : "", b != NULL ? b : "",
                  phone_number_id != NULL ? "phone_number_id=" : "",
                  phone_number_id != NULL ? phone_number_id : "",
                  phone_number_id != NULL ? "&" : "", proof);
    sodium_memzero(proof, sizeof(proof));
    return ok;
}
