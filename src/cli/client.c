/* HTTP to the desk over its Unix socket, or over ssh to that. */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#define CONNECT_S 5L
/* A listing of a million rows is about this long. */
#define ANSWER_MAX  ((size_t)512 * 1024 * 1024)
#define REFUSAL_MAX ((size_t)64 * 1024)
/* What is taken out of the socket at once: about what fits into it. */
#define PIECE_BYTES (256L * 1024)

struct client {
    CURL *curl;
    struct curl_slist *headers, *binary;
    char *socket;
    struct ssh *ssh; /* or NULL */

    /* The answer under way. */
    age_sink sink;
    void *arg;
    struct buf refusal; /* body of an answer that is not 200 */
    struct error *err;
    const void *bytes; /* that are posted, where they are no text; or NULL */
    size_t nbytes;
    bool failed; /* the sink did, and *err says why */
};

int client_open(struct client **out, const char *socket, struct error *e)
{
    struct client *c = calloc(1, sizeof(*c));

    *out = NULL;
    if (c == NULL)
        goto fail;
    c->curl = curl_easy_init();
    c->socket = strdup(socket);
    c->headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (c->curl == NULL || c->socket == NULL || c->headers == NULL)
        goto fail;
    if (ssh_is(socket) && ssh_new(&c->ssh, socket, e) != 0) {
        client_close(&c);
        return -1;
    }
    *out = c;
    return 0;
fail:
    client_close(&c);
    return error_set(e, ERR_NOMEM, "no memory to ask the desk");
}

void client_close(struct client **client)
{
    struct client *c = *client;

    if (c == NULL)
        return;
    curl_easy_cleanup(c->curl);
    curl_slist_free_all(c->headers);
    curl_slist_free_all(c->binary);
    buf_free(&c->refusal);
    ssh_free(&c->ssh); /* after the connection: it ends with that */
    free(c->socket);
    free(c);
    *client = NULL;
}

/* ---- answers ------------------------------------------------------------ */

static enum error_code code_of(long status)
{
    switch (status) {
    case 400:
        return ERR_INPUT;
    case 403:
        return ERR_NOT_PERMITTED;
    case 404:
        return ERR_NOT_FOUND;
    case 409:
        return ERR_CONFLICT;
    case 422:
        return ERR_VERIFY;
    default:
        return ERR_INTERNAL;
    }
}

/* The desk's own words for a refusal. */
static int refused(struct client *c, long status, struct error *e)
{
    struct error ignored;
    json_t *o = json_parse(c->refusal.p, c->refusal.len, &ignored);
    const char *message = json_str(o, "message"), *hint = json_str(o, "hint");

    if (message != NULL)
        (void)error_set(e, code_of(status), "%s", message);
    else
        (void)error_set(e, code_of(status), "the desk answered %ld", status);
    if (hint != NULL && hint[0] != '\0')
        (void)error_hint(e, "%s", hint);
    json_decref(o);
    return -1;
}

/* Who may not even connect is somebody whom the desk does not know. */
static bool kept_out(struct client *c, CURLcode result)
{
    long number = 0;

    (void)curl_easy_getinfo(c->curl, CURLINFO_OS_ERRNO, &number);
    return result == CURLE_COULDNT_CONNECT &&
           (number == EACCES || number == EPERM);
}

static int broken(struct client *c, CURLcode result, struct error *e)
{
    struct error why = { 0 };

    /* Why ssh ended says more than that it did. The connection goes first, so
     * that one that hangs ends, too. */
    if (c->ssh != NULL) {
        curl_easy_cleanup(c->curl);
        c->curl = curl_easy_init();
        ssh_explain(c->ssh, &why);
        if (why.code != ERR_NONE && c->curl != NULL) {
            *e = why;
            return -1;
        }
        (void)error_set(e, ERR_NETWORK, "cannot reach the desk at %s",
                        c->socket);
        return error_hint(e, "is ssh installed?");
    }
    if (kept_out(c, result)) {
        (void)error_set(e, ERR_NOT_PERMITTED,
                        "you may not use the socket of the desk at %s",
                        c->socket);
        return error_hint(e, "an officer adds people; the group of the socket "
                             "lets them in");
    }
    if (result == CURLE_COULDNT_CONNECT || result == CURLE_COULDNT_RESOLVE_HOST)
        (void)error_set(e, ERR_NETWORK, "cannot reach the daemon at %s",
                        c->socket);
    else
        (void)error_set(e, ERR_NETWORK, "the desk's answer broke off: %s",
                        curl_easy_strerror(result));
    return error_hint(e, "is resguardod running? is the socket the right one "
                         "(--socket, RESGUARDO_SOCKET)?");
}

static size_t on_bytes(char *bytes, size_t one, size_t n, void *arg)
{
    struct client *c = arg;
    long status = 0;

    (void)one; /* always 1 */
    (void)curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) {
        if (c->refusal.len + n <= REFUSAL_MAX)
            (void)buf_add(&c->refusal, bytes, n);
        return n;
    }
    if (c->sink(c->arg, (const uint8_t *)bytes, n, c->err) != 0) {
        c->failed = true;
        return CURL_WRITEFUNC_ERROR;
    }
    return n;
}

static CURLcode set_address(struct client *c)
{
    return curl_easy_setopt(c->curl, CURLOPT_UNIX_SOCKET_PATH,
                            c->ssh != NULL ? ssh_door(c->ssh) : c->socket);
}

static int set_up(struct client *c, const char *url, const char *body)
{
    CURL *h = c->curl;

    curl_easy_reset(h);
    if (set_address(c) != CURLE_OK ||
        curl_easy_setopt(h, CURLOPT_URL, url) != CURLE_OK ||
        curl_easy_setopt(h, CURLOPT_PATH_AS_IS, 1L) != CURLE_OK ||
        curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http") != CURLE_OK ||
        curl_easy_setopt(h, CURLOPT_PROXY, "") != CURLE_OK ||
        curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L) != CURLE_OK ||
        curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, CONNECT_S) != CURLE_OK ||
        curl_easy_setopt(h, CURLOPT_BUFFERSIZE, PIECE_BYTES) != CURLE_OK ||
        curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_bytes) != CURLE_OK ||
        curl_easy_setopt(h, CURLOPT_WRITEDATA, c) != CURLE_OK)
        return -1;
    if (c->bytes != NULL)
        return curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE,
                                (curl_off_t)c->nbytes) == CURLE_OK &&
                       curl_easy_setopt(h, CURLOPT_POSTFIELDS, c->bytes) ==
                           CURLE_OK &&
                       curl_easy_setopt(h, CURLOPT_HTTPHEADER, c->binary) ==
                           CURLE_OK
                   ? 0
                   : -1;
    if (body == NULL)
        return 0;
    return curl_easy_setopt(h, CURLOPT_POSTFIELDS, body) == CURLE_OK &&
                   curl_easy_setopt(h, CURLOPT_HTTPHEADER, c->headers) ==
                       CURLE_OK
               ? 0
               : -1;
}

int client_stream(struct client *c, const char *path, const char *body,
                  age_sink sink, void *arg, struct error *e)
{
    struct buf url = { 0 };
    CURLcode result;
    long status = 0;
    int ok = -1;

    c->sink = sink;
    c->arg = arg;
    c->err = e;
    c->failed = false;
    buf_reset(&c->refusal);
    if (buf_addf(&url, "http://desk%s", path) != 0 ||
        set_up(c, (const char *)url.p, body) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory to ask the desk");
        goto out;
    }

    result = curl_easy_perform(c->curl);
    (void)curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
    if (c->failed)
        goto out;
    if (result != CURLE_OK)
        ok = broken(c, result, e);
    else if (status != 200)
        ok = refused(c, status, e);
    else
        ok = 0;
out:
    buf_free(&url);
    return ok;
}

static int to_buffer(void *arg, const uint8_t *bytes, size_t n, struct error *e)
{
    struct buf *out = arg;

    if (out->len + n > ANSWER_MAX)
        return error_set(e, ERR_INPUT, "the desk's answer is too long");
    if (buf_add(out, bytes, n) != 0)
        return error_set(e, ERR_NOMEM, "no memory for the desk's answer");
    return 0;
}

int client_get(struct client *c, const char *path, struct buf *out,
               struct error *e)
{
    return client_stream(c, path, NULL, to_buffer, out, e);
}

int client_allowed(const struct cli *cli, const char *path, struct error *e)
{
    struct client *client = NULL;
    struct buf answer = { 0 };
    int ok = client_open(&client, cli->socket, e) != 0
                 ? -1
                 : client_get(client, path, &answer, e);

    buf_free(&answer);
    client_close(&client);
    return ok;
}

const char *client_header(struct client *c, const char *name)
{
    struct curl_header *header;

    return curl_easy_header(c->curl, name, 0, CURLH_HEADER, -1, &header) ==
                   CURLHE_OK
               ? header->value
               : NULL;
}

json_t *client_get_json(struct client *c, const char *path, struct error *e)
{
    struct buf body = { 0 };
    json_t *value = NULL;

    if (client_get(c, path, &body, e) == 0)
        value = json_parse(body.p, body.len, e);
    buf_free(&body);
    return value;
}

json_t *client_post_json(struct client *c, const char *path, const char *text,
                         struct error *e)
{
    struct buf body = { 0 };
    json_t *value = NULL;

    if (client_stream(c, path, text, to_buffer, &body, e) == 0)
        value = json_parse(body.p, body.len, e);
    buf_free(&body);
    return value;
}

json_t *client_post_bytes(struct client *c, const char *path, const void *bytes,
                          size_t n, struct error *e)
{
    json_t *value;
    struct curl_slist *more;

    if (c->binary == NULL)
        c->binary =
            curl_slist_append(NULL, "Content-Type: application/octet-stream");
    more = c->binary == NULL ? NULL : curl_slist_append(c->binary, "Expect:");
    if (more == NULL) {
        (void)error_set(e, ERR_NOMEM, "no memory to ask the desk");
        return NULL;
    }
    c->bytes = bytes;
    c->nbytes = n;
    value = client_post_json(c, path, NULL, e);
    c->bytes = NULL;
    return value;
}

int client_query(struct buf *path, const char *key, const char *value)
{
    char *escaped;
    int ok;

    if (value == NULL)
        return 0;
    escaped = curl_easy_escape(NULL, value, (int)strlen(value));
    if (escaped == NULL)
        return -1;
    ok = buf_addf(path, "%c%s=%s",
                  memchr(path->p, '?', path->len) != NULL ? '&' : '?', key,
                  escaped);
    curl_free(escaped);
    return ok;
}

int client_query_time(struct buf *path, const char *key, msec time, msec none)
{
    char text[TIME_SIZE];

    if (time == none)
        return 0;
    time_format(text, time);
    return client_query(path, key, text);
}

int client_path(struct buf *path, const char *folder, const char *name,
                const char *rest)
{
    char *escaped = curl_easy_escape(NULL, name, (int)strlen(name));
    int ok;

    if (escaped == NULL)
        return -1;
    ok = buf_addf(path, "%s%s%s", folder, escaped, rest);
    curl_free(escaped);
    return ok;
}

int client_route(struct buf *path, const char *folder, const char *name,
                 const char *rest, struct error *e)
{
    int ok = name == NULL ? buf_adds(path, folder)
                          : client_path(path, folder, name, rest);

    return ok == 0 ? 0 : error_set(e, ERR_NOMEM, "no memory for a request");
}

json_t *client_fetch(const struct cli *cli, const char *folder,
                     const char *name, const char *rest, struct error *e)
{
    struct client *client = NULL;
    struct buf path = { 0 };
    json_t *answer = NULL;

    if (client_route(&path, folder, name, rest, e) == 0 &&
        client_open(&client, cli->socket, e) == 0)
        answer = client_get_json(client, (const char *)path.p, e);
    client_close(&client);
    buf_free(&path);
    return answer;
}
