/* One question over HTTP. */
#include "authority.h"

#include <string.h>

#include <curl/curl.h>

#define CONNECT_S  10L
#define USER_AGENT "resguardo/" RESGUARDO_VERSION
#define QUERY_TYPE "Content-Type: application/timestamp-query"
#define REPLY_TYPE "application/timestamp-reply"

struct asking {
    const struct authority *to;
    CURL *easy;
    struct curl_slist *headers;
    struct buf *answer;
    bool too_large;
};

static size_t on_bytes(char *p, size_t size, size_t n, void *arg)
{
    struct asking *a = arg;

    a->too_large = size * n > LIMIT_STAMP_BYTES - a->answer->len;
    if (a->too_large || buf_add(a->answer, p, size * n) != 0)
        return 0;
    return size * n;
}

static int on_progress(void *arg, curl_off_t total, curl_off_t now,
                       curl_off_t up_total, curl_off_t up)
{
    const struct asking *a = arg;

    (void)total;
    (void)now;
    (void)up_total;
    (void)up;
    return __atomic_load_n(a->to->stop, __ATOMIC_RELAXED) ? 1 : 0;
}

static int add_header(struct asking *a, const char *line)
{
    struct curl_slist *more = curl_slist_append(a->headers, line);

    if (more == NULL)
        return -1;
    a->headers = more;
    return 0;
}

#define SET(option, value)                                                     \
    if (curl_easy_setopt(a->easy, CURLOPT_##option, (value)) != CURLE_OK)      \
    return -1

/* Nothing of the environment counts: no proxy, no netrc, no redirect. */
static int set_up(struct asking *a, const struct buf *query)
{
    const struct authority *to = a->to;

    if ((a->easy = curl_easy_init()) == NULL ||
        add_header(a, QUERY_TYPE) != 0 ||
        add_header(a, "Accept: " REPLY_TYPE) != 0 ||
        add_header(a, "Expect:") != 0)
        return -1;
    SET(URL, to->url);
    SET(PROTOCOLS_STR, "http,https");
    SET(FOLLOWLOCATION, 0L);
    SET(PROXY, to->proxy == NULL ? "" : to->proxy);
    SET(NOPROXY, "");
    SET(NETRC, (long)CURL_NETRC_IGNORED);
    SET(SUPPRESS_CONNECT_HEADERS, 1L);
    SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(NOSIGNAL, 1L);
    SET(USERAGENT, USER_AGENT);
    SET(HTTPHEADER, a->headers);
    SET(POST, 1L);
    SET(POSTFIELDS, (const char *)query->p);
    SET(POSTFIELDSIZE_LARGE, (curl_off_t)query->len);
    SET(CONNECTTIMEOUT, CONNECT_S);
    SET(TIMEOUT, (long)LIMIT_STAMP_S);
    SET(WRITEFUNCTION, on_bytes);
    SET(WRITEDATA, (void *)a);
    SET(XFERINFOFUNCTION, on_progress);
    SET(XFERINFODATA, (void *)a);
    SET(NOPROGRESS, 0L);
    if (to->ca_file != NULL)
        SET(CAINFO, to->ca_file);
    return 0;
}

static enum stamp_failure judge(const struct asking *a, CURLcode code,
                                struct error *e)
{
    long status = 0;
    const char *type = NULL;

    if (a->too_large)
        (void)error_set(e, ERR_VERIFY, "the authority's answer is too large");
    else if (code == CURLE_OPERATION_TIMEDOUT)
        (void)error_set(e, ERR_NETWORK, "the authority of time is too slow");
    else if (code != CURLE_OK)
        (void)error_set(e, ERR_NETWORK,
                        "the authority of time cannot be reached: %s",
                        curl_easy_strerror(code));
    if (a->too_large || code != CURLE_OK)
        return a->too_large                       ? STAMP_TOO_LARGE
               : code == CURLE_OPERATION_TIMEDOUT ? STAMP_TIMEOUT
                                                  : STAMP_UNREACHABLE;

    (void)curl_easy_getinfo(a->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(a->easy, CURLINFO_CONTENT_TYPE, &type);
    if (status == 200 && type != NULL &&
        strncasecmp(type, REPLY_TYPE, strlen(REPLY_TYPE)) == 0)
        return STAMP_OK;
    (void)error_set(e, ERR_NETWORK,
                    "the authority of time answers with status %ld and no "
                    "time stamp",
                    status);
    return STAMP_STATUS;
}

enum stamp_failure authority_ask(const struct authority *to,
                                 const struct buf *query, struct buf *answer,
                                 struct error *e)
{
    struct asking a = { .to = to, .answer = answer };
    enum stamp_failure why = STAMP_INTERNAL;

    answer->len = 0;
    if (set_up(&a, query) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory to ask for a time stamp");
    else
        why = judge(&a, curl_easy_perform(a.easy), e);
    curl_easy_cleanup(a.easy);
    curl_slist_free_all(a.headers);
    return why;
}
