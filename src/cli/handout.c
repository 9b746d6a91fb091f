/* An event, handed to a URL as a signed webhook, or to a local command. */
#include "events.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <curl/curl.h>

/* A secret shorter than this is a word. */
#define SECRET_MIN ((size_t)16)
#define CONNECT_S  5L

struct handout {
    char *path; /* of a command, or NULL */
    char *url;
    bool plain; /* http, on this machine */
    struct secret *secret;
    CURL *curl;
};

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory to hand out events");
}

void handout_free(struct handout **handout)
{
    struct handout *h = *handout;

    if (h == NULL)
        return;
    if (h->curl != NULL)
        curl_easy_cleanup(h->curl);
    secret_free(&h->secret);
    free(h->path);
    free(h->url);
    free(h);
    *handout = NULL;
}

/* ---- where to ----------------------------------------------------------- */

static bool is_loopback(const char *host)
{
    struct in_addr address;

    return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
           (inet_pton(AF_INET, host, &address) == 1 &&
            ntohl(address.s_addr) >> 24 == 127);
}

/* NULL, or what is wrong with it. */
static const char *fault_of(CURLU *u, const char *url, bool *plain)
{
    char *scheme = NULL, *host = NULL, *part = NULL;
    const char *fault = NULL;

    if (curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK)
        fault = "is no URL";
    else if (curl_url_get(u, CURLUPART_USER, &part, 0) == CURLUE_OK ||
             curl_url_get(u, CURLUPART_PASSWORD, &part, 0) == CURLUE_OK)
        fault = "a user and a password have no place there";
    else if (curl_url_get(u, CURLUPART_FRAGMENT, &part, 0) == CURLUE_OK)
        fault = "a fragment has no place there";
    else if (strcmp(scheme, "http") == 0)
        fault = is_loopback(host) ? NULL : "http:// is for a loopback host";
    else if (strcmp(scheme, "https") != 0)
        fault = "must begin with https://";
    *plain = scheme != NULL && strcmp(scheme, "http") == 0;
    curl_free(part);
    curl_free(host);
    curl_free(scheme);
    return fault;
}

static int check_url(struct handout *h, const char *url, struct error *e)
{
    CURLU *u = curl_url();
    const char *fault;

    if (u == NULL)
        return no_memory(e);
    fault = fault_of(u, url, &h->plain);
    curl_url_cleanup(u);
    return fault == NULL ? 0 : error_set(e, ERR_USAGE, "--url: %s", fault);
}

/* Its first line: the newest of several. */
static int read_secret(struct handout *h, const char *file, struct error *e)
{
    struct secret *all = secret_read_file(file, LIMIT_SECRET_FILE, true, e);
    size_t len;

    if (all == NULL)
        return -1;
    len = strcspn((const char *)all->p, "\r\n");
    if (len < SECRET_MIN) {
        secret_free(&all);
        (void)error_set(e, ERR_INPUT,
                        "%s: its first line is no secret of at least %zu "
                        "characters",
                        file, SECRET_MIN);
        return error_hint(e, "for one: openssl rand -hex 32");
    }
    h->secret = secret_copy(all->p, len);
    secret_free(&all);
    return h->secret != NULL ? 0 : no_memory(e);
}

int handout_to_url(struct handout **out, const char *url,
                   const char *secret_file, struct error *e)
{
    struct handout *h = calloc(1, sizeof(*h));

    *out = h;
    if (h == NULL)
        return no_memory(e);
    if (check_url(h, url, e) != 0 || read_secret(h, secret_file, e) != 0) {
        handout_free(out);
        return -1;
    }
    h->url = strdup(url);
    h->curl = curl_easy_init();
    if (h->url == NULL || h->curl == NULL) {
        handout_free(out);
        return no_memory(e);
    }
    return 0;
}

int handout_to_command(struct handout **out, const char *path, struct error *e)
{
    struct handout *h;

    *out = NULL;
    if (strchr(path, '/') == NULL)
        return error_set(e, ERR_USAGE, "--exec: give the path of a program");
    if (access(path, X_OK) != 0)
        return error_errno(e, ERR_USAGE, "--exec: cannot run %s", path);
    h = calloc(1, sizeof(*h));
    if (h == NULL || (h->path = strdup(path)) == NULL) {
        free(h);
        return no_memory(e);
    }
    *out = h;
    return 0;
}

/* ---- a webhook ---------------------------------------------------------- */

/* What they answer besides a status is nobody's business. */
static size_t pass_over(char *bytes, size_t one, size_t n, void *arg)
{
    (void)bytes;
    (void)arg;
    return one * n;
}

static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c,
                       curl_off_t d)
{
    (void)arg;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return stop_asked() ? 1 : 0;
}

/* A list with one more; NULL: no memory, and the list is gone. */
static struct curl_slist *add_header(struct curl_slist *list, const char *name,
                                     const char *value)
{
    char line[EVENT_ID_SIZE + 64];
    struct curl_slist *longer;

    (void)snprintf(line, sizeof(line), "%s: %s", name, value);
    longer = curl_slist_append(list, line);
    if (longer == NULL)
        curl_slist_free_all(list);
    return longer;
}

static struct curl_slist *headers_of(const struct handout *h,
                                     const struct event_out *event)
{
    char signature[EVENT_SIGNATURE_SIZE];
    struct curl_slist *list = NULL;

    event_sign(signature, h->secret, &event->body);
    if ((list = add_header(list, "Content-Type", "application/json")) == NULL ||
        (list = add_header(list, "X-Resguardo-Event", event->name)) == NULL ||
        (list = add_header(list, "X-Resguardo-Id", event->id)) == NULL)
        return NULL;
    return add_header(list, "X-Resguardo-Signature", signature);
}

/* An answer that sends us elsewhere is no yes: nothing is followed. */
static CURLcode set_up(const struct handout *h, const struct event_out *event,
                       struct curl_slist *headers)
{
    CURL *c = h->curl;

    curl_easy_reset(c);
    if (curl_easy_setopt(c, CURLOPT_URL, h->url) != CURLE_OK ||
        curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR,
                         h->plain ? "http" : "https") != CURLE_OK ||
        (h->plain && curl_easy_setopt(c, CURLOPT_PROXY, "") != CURLE_OK) ||
        curl_easy_setopt(c, CURLOPT_SSLVERSION,
                         (long)CURL_SSLVERSION_TLSv1_2) != CURLE_OK ||
        curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) != CURLE_OK ||
        curl_easy_setopt(c, CURLOPT_USERAGENT,
                         "resguardo/" RESGUARDO_VERSION) != CURLE_OK ||
        curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) != CURLE_OK ||
        curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_S) != CURLE_OK ||
        curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)LIMIT_HANDOUT_S) !=
            CURLE_OK ||
        curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L) != CURLE_OK ||
        curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress) !=
            CURLE_OK ||
        curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, pass_over) != CURLE_OK ||
        curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) != CURLE_OK ||
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)event->body.len) !=
            CURLE_OK)
        return CURLE_OUT_OF_MEMORY;
    return curl_easy_setopt(c, CURLOPT_POSTFIELDS, event->body.p);
}

static int post(const struct handout *h, const struct event_out *event,
                msec *wait, struct error *e)
{
    struct curl_slist *headers = headers_of(h, event);
    curl_off_t later = 0;
    CURLcode result;
    long status = 0;
    int ok = -1;

    if (headers == NULL || set_up(h, event, headers) != CURLE_OK) {
        (void)no_memory(e);
        goto out;
    }
    result = curl_easy_perform(h->curl);
    (void)curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(h->curl, CURLINFO_RETRY_AFTER, &later);
    *wait =
        later > 0 && later < LIMIT_HANDOUT_WAIT_S ? (msec)later * MSEC_S : 0;
    if (result != CURLE_OK)
        (void)error_set(e, ERR_NETWORK, "the receiver does not answer: %s",
                        curl_easy_strerror(result));
    else if (status < 200 || status > 299)
        (void)error_set(e, ERR_NETWORK, "the receiver answers %ld", status);
    else
        ok = 0;
out:
    curl_slist_free_all(headers);
    return ok;
}

int handout_try(struct handout *h, const struct event_out *event, msec *wait,
                struct error *e)
{
    *wait = 0;
    if (event->body.len > LIMIT_EVENT_BYTES)
        return error_set(e, ERR_INTERNAL, "an event is too long");
    return h->path != NULL ? runner_run(h->path, &event->body, e)
                           : post(h, event, wait, e);
}
