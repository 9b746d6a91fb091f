/* One HTTP request: what every one of them has in common. */
#include "graph_private.h"

#include <string.h>

#include <sodium.h>

#define CONNECT_S  10L
#define STALLED_S  60L /* less than a byte a second for so long: cut */
#define API_S      60L
#define UPLOAD_S   300L
#define DOWNLOAD_S 1800L
/* Bytes a read from the socket may bring: curl's own 16 KiB cost a wake-up and
 * two system calls each. Times the transfers at once, it is memory. */
#define RECEIVE_BYTES (512L * 1024)
#define USER_AGENT    "resguardo/" RESGUARDO_VERSION
#define BEARER        "Authorization: Bearer "
#define JSON_CONTENT  "Content-Type: application/json"

bool graph_request_id_valid(const char *id, size_t max)
{
    size_t len = strnlen(id, max + 1);

    return len > 0 && len <= max && strspn(id, "0123456789") == len;
}

bool graph_request_bsuid_valid(const char *bsuid)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~";
    size_t len = strnlen(bsuid, LIMIT_HANDLE + 1);

    return len > 0 && len <= LIMIT_HANDLE && strspn(bsuid, plain) == len;
}

/* HMAC-SHA256 of the token under the app secret, in hex. */
static void proof(const struct graph *g, char out[static HEX_SIZE(SHA256_LEN)])
{
    crypto_auth_hmacsha256_state state;
    uint8_t mac[crypto_auth_hmacsha256_BYTES];

    crypto_auth_hmacsha256_init(&state, g->app_secret->p, g->app_secret->len);
    crypto_auth_hmacsha256_update(&state, g->token->p, g->token->len);
    crypto_auth_hmacsha256_final(&state, mac);
    hex_encode(out, mac, sizeof(mac));
    sodium_memzero(&state, sizeof(state));
    sodium_memzero(mac, sizeof(mac));
}

/* Token and proof as they are now, and which generation that is. */
static int credentials(struct graph_job *job, struct buf *bearer,
                       char out[static HEX_SIZE(SHA256_LEN)])
{
    struct graph *g = job->graph;
    int ok = -1;

    pthread_mutex_lock(&g->lock);
    if (g->token != NULL && g->app_secret != NULL) {
        proof(g, out);
        job->generation = g->generation;
        if (buf_adds(bearer, BEARER) == 0 &&
            buf_add(bearer, g->token->p, g->token->len) == 0)
            ok = 0;
    }
    pthread_mutex_unlock(&g->lock);
    return ok;
}

static int add_header(struct graph_job *job, const char *line)
{
    struct curl_slist *more = curl_slist_append(job->headers, line);

    if (more == NULL)
        return -1;
    job->headers = more;
    return 0;
}

static size_t on_answer(char *p, size_t size, size_t n, void *arg)
{
    struct graph_job *job = arg;

    if (size * n > LIMIT_GRAPH_ANSWER_BYTES - job->answer.len ||
        buf_add(&job->answer, p, size * n) != 0)
        return 0;
    return size * n;
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose,
                                 struct curl_sockaddr *address)
{
    const struct graph_job *job = arg;

    if (purpose != CURLSOCKTYPE_IPCXN ||
        !graph_address_allowed(&address->addr, job->reach))
        return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC,
                  address->protocol);
}

static enum graph_reach reach_of(const struct graph_job *job, const char *url)
{
    if (job->graph->proxy != NULL || !job->downloading)
        return GRAPH_REACH_ANY;
    return strncmp(url, "http://", 7) == 0 ? GRAPH_REACH_LOOPBACK
                                           : GRAPH_REACH_PUBLIC;
}

#define SET(option, value)                                                     \
    if (curl_easy_setopt(job->easy, CURLOPT_##option, (value)) != CURLE_OK)    \
    return -1

/* Nothing of the environment counts: no proxy, no netrc, no redirect. */
static int set_common(struct graph_job *job, const char *url)
{
    const struct graph *g = job->graph;

    if ((job->easy = curl_easy_init()) == NULL)
        return -1;
    job->reach = reach_of(job, url);
    SET(OPENSOCKETFUNCTION, open_socket);
    SET(OPENSOCKETDATA, (void *)job);
    SET(PATH_AS_IS, 1L);
    SET(SUPPRESS_CONNECT_HEADERS, 1L);
    SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(URL, url);
    SET(PRIVATE, (void *)job);
    SET(HTTPHEADER, job->headers);
    SET(USERAGENT, USER_AGENT);
    SET(FOLLOWLOCATION, 0L);
    SET(PROTOCOLS_STR, "http,https");
    SET(PROXY, g->proxy == NULL ? "" : g->proxy);
    SET(NOPROXY, "");
    SET(NETRC, (long)CURL_NETRC_IGNORED);
    SET(NOSIGNAL, 1L);
    SET(CONNECTTIMEOUT, CONNECT_S);
    SET(LOW_SPEED_LIMIT, 1L);
    SET(LOW_SPEED_TIME, STALLED_S);
    if (g->ca_file != NULL)
        SET(CAINFO, g->ca_file);
    return 0;
}

static int set_message(struct graph_job *job)
{
    SET(POST, 1L);
    SET(POSTFIELDS, (const char *)job->body.p);
    SET(POSTFIELDSIZE_LARGE, (curl_off_t)job->body.len);

    /* curl posts again by itself when a kept connection turns out dead; a
     * message must leave once, so it gets a connection of its own. */
    SET(FRESH_CONNECT, 1L);
    SET(FORBID_REUSE, 1L);
    return 0;
}

static int set_api(struct graph_job *job, const char *method, const char *url)
{
    if (set_common(job, url) != 0)
        return -1;
    SET(WRITEFUNCTION, on_answer);
    SET(WRITEDATA, (void *)job);
    SET(TIMEOUT, job->kind == GRAPH_KIND_UPLOAD ? UPLOAD_S : API_S);
    if (job->kind == GRAPH_KIND_UPLOAD)
        return graph_upload_form(job);
    if (strcmp(method, "POST") == 0)
        return set_message(job);
    if (strcmp(method, "GET") != 0)
        SET(CUSTOMREQUEST, method);
    return 0;
}

static int set_download(struct graph_job *job)
{
    if (set_common(job, job->url) != 0)
        return -1;
    SET(WRITEFUNCTION, graph_media_body);
    SET(WRITEDATA, (void *)job);
    SET(HEADERFUNCTION, graph_media_header);
    SET(HEADERDATA, (void *)job);
    SET(TIMEOUT, DOWNLOAD_S);
    SET(BUFFERSIZE, RECEIVE_BYTES);
    SET(MAXFILESIZE_LARGE, (curl_off_t)job->fetch.max_bytes);
    return 0;
}

static int begin(struct graph_job *job)
{
    return curl_multi_add_handle(job->loop->multi, job->easy) == CURLM_OK ? 0
                                                                          : -1;
}

int graph_request_api(struct graph_job *job, const char *method,
                      const char *path, const char *query)
{
    struct buf url = { 0 }, bearer = { 0 };
    char hex[HEX_SIZE(SHA256_LEN)] = "";
    int ok = -1;

    buf_reset(&job->answer);
    if (credentials(job, &bearer, hex) != 0 ||
        add_header(job, (const char *)bearer.p) != 0 ||
        add_header(job, "Expect:") != 0 ||
        (job->kind == GRAPH_KIND_SEND && add_header(job, JSON_CONTENT) != 0))
        goto out;
    if (buf_addf(&url, "%s/%s/%s?", job->graph->graph_url,
                 job->graph->api_version, path) != 0 ||
        (query != NULL && buf_addf(&url, "%s&", query) != 0) ||
        buf_addf(&url, "appsecret_proof=%s", hex) != 0)
        goto out;
    if (set_api(job, method, (const char *)url.p) != 0 || begin(job) != 0)
        goto out;
    ok = 0;
out:
    buf_free(&url);
    buf_free(&bearer);
    sodium_memzero(hex, sizeof(hex));
    return ok;
}

int graph_request_download(struct graph_job *job)
{
    struct buf bearer = { 0 };
    char hex[HEX_SIZE(SHA256_LEN)] = "";
    int ok = -1;

    if (credentials(job, &bearer, hex) == 0 &&
        add_header(job, (const char *)bearer.p) == 0 &&
        set_download(job) == 0 && begin(job) == 0)
        ok = 0;
    buf_free(&bearer);
    sodium_memzero(hex, sizeof(hex));
    return ok;
}

void graph_request_end(struct graph_job *job)
{
    if (job->easy != NULL) {
        (void)curl_multi_remove_handle(job->loop->multi, job->easy);
        curl_easy_cleanup(job->easy);
        job->easy = NULL;
    }
    curl_mime_free(job->form);
    job->form = NULL;
    for (struct curl_slist *h = job->headers; h != NULL; h = h->next)
        sodium_memzero(h->data, strlen(h->data));
    curl_slist_free_all(job->headers);
    job->headers = NULL;
}

json_t *graph_request_reply(struct graph_job *job, CURLcode curl,
                            struct graph_reply *reply)
{
    struct error err = { 0 };
    curl_off_t before = 0;
    json_t *answer = NULL;

    *reply = (struct graph_reply){ .curl = curl };
    (void)curl_easy_getinfo(job->easy, CURLINFO_RESPONSE_CODE, &reply->status);
    (void)curl_easy_getinfo(job->easy, CURLINFO_PRETRANSFER_TIME_T, &before);
    reply->sent = before > 0 || reply->status != 0;
    if (curl == CURLE_OK && job->answer.len > 0)
        answer = json_parse(job->answer.p, job->answer.len, &err);
    if (answer != NULL)
        graph_outcome_read_error(answer, reply);
    return answer;
}
