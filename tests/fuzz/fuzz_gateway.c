/*
 * A request to the gateway, as raw HTTP on a socket that libmicrohttpd reads.
 * What is handed to the core is what another reading of the same bytes finds:
 * its header names at most one length, encoding, host and signature, no length
 * beside an encoding, and the body is exactly the bytes that the length
 * counts. The head is a path or a signature without a control character.
 */
#include "gateway/server.c"

#include "fuzz.h"

#include <strings.h>
#include <sys/un.h>
#include <unistd.h>

static struct fuzz_input raw; /* the connection's bytes */
static unsigned handed;

/* ---- another reading ---------------------------------------------------- */

/* A line ends at CR LF, LF or CR, as libmicrohttpd has it. */
static bool next_line(struct fuzz_input *in, const uint8_t **line, size_t *len)
{
    *line = in->p;
    for (*len = 0; *len < in->len; (*len)++)
        if (in->p[*len] == '\r' || in->p[*len] == '\n') {
            size_t end = in->p[*len] == '\r' && *len + 1 < in->len &&
                                 in->p[*len + 1] == '\n'
                             ? 2
                             : 1;

            in->p += *len + end;
            in->len -= *len + end;
            return true;
        }
    return false;
}

struct seen {
    unsigned lengths, encodings, hosts, signatures;
    long long length;
};

static bool named(const uint8_t *line, size_t len, const char *name)
{
    size_t n = strlen(name);

    return len > n && strncasecmp((const char *)line, name, n) == 0 &&
           line[n] == ':';
}

static void read_header(struct fuzz_input *in, struct seen *s)
{
    const uint8_t *line;
    size_t len;
    char *text;

    do
        FUZZ_CHECK(next_line(in, &line, &len));
    while (len == 0);
    /* For libmicrohttpd a line that begins with a NUL or a colon is the empty
     * one, and nobody above it can see that. What follows is another request,
     * to which nothing of this one is lent. */
    while (next_line(in, &line, &len) && len > 0 && line[0] != '\0' &&
           line[0] != ':') {
        s->encodings += named(line, len, "transfer-encoding");
        s->hosts += named(line, len, "host");
        s->signatures += named(line, len, "x-hub-signature-256");
        if (named(line, len, "content-length")) {
            s->lengths++;
            text = fuzz_string(line + 15, len - 15);
            s->length = strtoll(text, NULL, 10);
            free(text);
        }
    }
}

/* ---- the core's place --------------------------------------------------- */

void gateway_exchange_init(struct gateway_exchange *x, int wire)
{
    (void)x;
    (void)wire;
}

int gateway_exchange_body(struct gateway_exchange *x, struct gateway_ask *a,
                          const void *p, size_t n)
{
    (void)x;
    return buf_add(&a->body, p, n);
}

void gateway_exchange_drop(struct gateway_exchange *x, struct gateway_ask *a)
{
    (void)x;
    buf_free(&a->body);
}

/* Judges the first request of a connection and takes none. */
int gateway_exchange_submit(struct gateway_exchange *x, struct gateway_ask *a,
                            msec deadline)
{
    struct fuzz_input in = raw;
    struct seen s = { 0 };

    (void)x;
    (void)deadline;
    if (handed++ > 0)
        return -1;
    read_header(&in, &s);
    FUZZ_CHECK(s.lengths + s.encodings <= 1 && s.hosts <= 1 &&
               s.signatures <= 1);
    FUZZ_CHECK(a->route >= ROUTE_WEBHOOK_POST && a->route < ROUTE__MAX);
    FUZZ_CHECK(a->route == ROUTE_WEBHOOK_POST || a->body.len == 0);
    FUZZ_CHECK(a->route == ROUTE_WEBHOOK_POST || a->head[0] == '/');
    for (const char *c = a->head; *c != '\0'; c++)
        FUZZ_CHECK((uint8_t)*c >= 0x20 || *c == '\t');
    if (s.encodings == 0)
        FUZZ_CHECK((long long)a->body.len == s.length);
    if (s.encodings == 0 && a->body.len > 0)
        FUZZ_CHECK(a->body.len <= in.len &&
                   memcmp(a->body.p, in.p, a->body.len) == 0);
    return -1;
}

void gateway_exchange_finish(struct gateway_exchange *x, struct gateway_ask *a)
{
    (void)x;
    if (a == NULL)
        return;
    buf_free(&a->body);
    free(a->target);
    free(a);
}

void gateway_exchange_close(struct gateway_exchange *x)
{
    (void)x;
}

/* ---- one connection ----------------------------------------------------- */

static void set_up(struct gateway_server *s)
{
    s->daemon = MHD_start_daemon(
        MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, on_request, s,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEADER_MEMORY,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, on_target,
        s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_END);
    FUZZ_CHECK(s->daemon != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct gateway_server server;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct fuzz_input in = { data, size < 60000 ? size : 60000 };
    char answer[4096];
    ssize_t n = -1;
    int pair[2];

    if (server.daemon == NULL)
        set_up(&server);
    handed = 0;
    raw = in;
    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
    FUZZ_CHECK(MHD_add_connection(server.daemon, pair[0],
                                  (struct sockaddr *)&address,
                                  sizeof(address)) == MHD_YES);
    while (in.len > 0) {
        size_t piece = in.len < 4000 ? in.len : 4000;

        if (send(pair[1], in.p, piece, MSG_NOSIGNAL) != (ssize_t)piece)
            break;
        (void)fuzz_bytes(&in, piece, &piece);
        (void)MHD_run(server.daemon);
    }
    (void)shutdown(pair[1], SHUT_WR);
    for (int i = 0; i < 40 && n != 0; i++) {
        (void)MHD_run(server.daemon);
        n = recv(pair[1], answer, sizeof(answer), MSG_DONTWAIT);
    }
    (void)close(pair[1]);
    for (int i = 0; i < 4; i++)
        (void)MHD_run(server.daemon);
    return 0;
}
