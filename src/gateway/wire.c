/* The frames between gateway and core, to the byte. */
#include "wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define FRAME_HEAD   5u  /* type, length */
#define REQUEST_HEAD 11u /* id, route, length of head */
#define ANSWER_HEAD  11u /* id, status, content type */

static void le16_put(uint8_t out[static 2], unsigned v)
{
    out[0] = (uint8_t)v;
    out[1] = (uint8_t)(v >> 8);
}

static unsigned le16_get(const uint8_t in[static 2])
{
    return (unsigned)(in[0] | in[1] << 8);
}

static int send_all(int fd, const uint8_t *p, size_t n, int flags)
{
    while (n > 0) {
        ssize_t sent = send(fd, p, n, MSG_NOSIGNAL | flags);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return -1;
        p += sent;
        n -= (size_t)sent;
    }
    return 0;
}

int gateway_wire_send(int fd, enum gateway_frame type,
                      const struct buf *payload, struct error *err)
{
    uint8_t head[FRAME_HEAD];

    head[0] = (uint8_t)type;
    le32_put(head + 1, (uint32_t)payload->len);
    if (send_all(fd, head, sizeof(head), MSG_MORE) != 0 ||
        send_all(fd, payload->p, payload->len, 0) != 0)
        return error_errno(err, ERR_IO, "send a frame");
    return 0;
}

int gateway_wire_begin(struct buf *out, enum gateway_frame type)
{
    const uint8_t head[FRAME_HEAD] = { (uint8_t)type };

    return buf_add(out, head, sizeof(head));
}

void gateway_wire_end(struct buf *out, size_t begun)
{
    le32_put(out->p + begun + 1, (uint32_t)(out->len - begun - FRAME_HEAD));
}

int gateway_wire_send_all(int fd, const struct buf *frames)
{
    return send_all(fd, frames->p, frames->len, 0);
}

int gateway_request_encode(struct buf *out, uint64_t id,
                           enum gateway_route route, const char *head,
                           const void *body, size_t len)
{
    uint8_t fixed[REQUEST_HEAD];
    size_t head_len = strlen(head);

    if (head_len > LIMIT_URL_BYTES || len > LIMIT_WEBHOOK_BYTES ||
        buf_reserve(out, out->len + sizeof(fixed) + head_len + len) != 0)
        return -1;
    le64_put(fixed, id);
    fixed[8] = (uint8_t)route;
    le16_put(fixed + 9, (unsigned)head_len);
    if (buf_add(out, fixed, sizeof(fixed)) != 0 ||
        buf_add(out, head, head_len) != 0)
        return -1;
    return len > 0 ? buf_add(out, body, len) : 0;
}

int gateway_request_decode(struct buf *frame, struct gateway_request *r,
                           struct error *err)
{
    size_t head_len;

    memset(r, 0, sizeof(*r));
    if (frame->len < REQUEST_HEAD)
        return error_set(err, ERR_INPUT, "a request frame too short");
    head_len = le16_get(frame->p + 9);
    if (head_len > LIMIT_URL_BYTES || head_len > frame->len - REQUEST_HEAD)
        return error_set(err, ERR_INPUT, "a request head too long");
    if (memchr(frame->p + REQUEST_HEAD, 0, head_len) != NULL)
        return error_set(err, ERR_INPUT, "a request head with a NUL");
    if (frame->p[8] < ROUTE_WEBHOOK_POST || frame->p[8] >= ROUTE__MAX)
        return error_set(err, ERR_INPUT, "a request of unknown route");

    r->id = le64_get(frame->p);
    r->route = (enum gateway_route)frame->p[8];
    r->body = frame->p + REQUEST_HEAD + head_len;
    r->body_len = frame->len - REQUEST_HEAD - head_len;
    if (r->body_len > LIMIT_WEBHOOK_BYTES ||
        (r->body_len > 0 && r->route != ROUTE_WEBHOOK_POST))
        return error_set(err, ERR_INPUT, "a request body too long");

    /* The last byte of its length makes room for the head's NUL. */
    memmove(frame->p + REQUEST_HEAD - 1, frame->p + REQUEST_HEAD, head_len);
    frame->p[REQUEST_HEAD - 1 + head_len] = 0;
    r->head = (const char *)frame->p + REQUEST_HEAD - 1;
    return 0;
}

int gateway_answer_encode(struct buf *out, uint64_t id, unsigned status,
                          enum gateway_content content, const void *body,
                          size_t len)
{
    uint8_t fixed[ANSWER_HEAD];

    if (len > LIMIT_FRAME_BYTES - ANSWER_HEAD)
        return -1;
    le64_put(fixed, id);
    le16_put(fixed + 8, status);
    fixed[10] = (uint8_t)content;
    if (buf_add(out, fixed, sizeof(fixed)) != 0)
        return -1;
    return len > 0 ? buf_add(out, body, len) : 0;
}

int gateway_answer_decode(const struct buf *frame, uint64_t *id,
                          unsigned *status, enum gateway_content *content,
                          const uint8_t **body, size_t *len, struct error *err)
{
    if (frame->len < ANSWER_HEAD)
        return error_set(err, ERR_INPUT, "an answer frame too short");
    *id = le64_get(frame->p);
    *status = le16_get(frame->p + 8);
    if (*status < 200 || *status > 599)
        return error_set(err, ERR_INPUT, "an answer of unknown status");
    if (frame->p[10] >= CONTENT__MAX)
        return error_set(err, ERR_INPUT, "an answer of unknown content type");
    *content = (enum gateway_content)frame->p[10];
    *body = frame->p + ANSWER_HEAD;
    *len = frame->len - ANSWER_HEAD;
    return 0;
}
