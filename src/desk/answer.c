/* Responses: JSON, text, errors, streams. */
#include "desk_private.h"

#include <stdlib.h>
#include <string.h>

#define STREAM_BLOCK 65536u

unsigned answer_status(enum error_code code)
{
    switch (code) {
    case ERR_USAGE:
    case ERR_INPUT:
        return MHD_HTTP_BAD_REQUEST;
    case ERR_NOT_PERMITTED:
    case ERR_WAITS:
        return MHD_HTTP_FORBIDDEN;
    case ERR_NOT_FOUND:
        return MHD_HTTP_NOT_FOUND;
    case ERR_CONFLICT:
        return MHD_HTTP_CONFLICT;
    case ERR_VERIFY:
        return MHD_HTTP_UNPROCESSABLE_CONTENT;
    default:
        return MHD_HTTP_INTERNAL_SERVER_ERROR;
    }
}

/* Takes the response; a NULL one is an error. */
static int set(struct request *r, struct MHD_Response *response,
               const char *media_type, struct error *e)
{
    if (response == NULL ||
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                                media_type) != MHD_YES ||
        MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
                                "no-store") != MHD_YES) {
        if (response != NULL)
            MHD_destroy_response(response);
        return error_set(e, ERR_NOMEM, "no memory for an answer");
    }
    r->response = response;
    r->status = MHD_HTTP_OK;
    return 0;
}

static int set_copy(struct request *r, const void *bytes, size_t len,
                    const char *media_type, struct error *e)
{
    /* libmicrohttpd copies; its parameter only lacks the const. */
    return set(r,
               MHD_create_response_from_buffer(len, (void *)(uintptr_t)bytes,
                                               MHD_RESPMEM_MUST_COPY),
               media_type, e);
}

int answer_header(struct request *r, const char *name, const char *value,
                  struct error *e)
{
    if (MHD_add_response_header(r->response, name, value) == MHD_YES)
        return 0;
    MHD_destroy_response(r->response);
    r->response = NULL;
    return error_set(e, ERR_NOMEM, "no memory for an answer");
}

int answer_json(struct request *r, json_t *value, struct error *e)
{
    char *text = value == NULL ? NULL : json_dumps(value, JSON_COMPACT);
    int ok = -1;

    if (text == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory for an answer");
    else
        ok = set_copy(r, text, strlen(text), "application/json", e);
    free(text);
    json_decref(value);
    return ok;
}

int answer_text(struct request *r, const void *text, size_t len,
                struct error *e)
{
    return set_copy(r, text, len, "text/plain; charset=utf-8", e);
}

void answer_error(struct request *r, const struct error *why)
{
    struct error ignored;
    json_t *value = json_pack("{s:s, s:s, s:s}", "error", error_name(why->code),
                              "message", why->text, "hint", why->hint);

    if (answer_json(r, value, &ignored) == 0)
        r->status = answer_status(why->code);
}

int answer_stream(struct request *r, const char *media_type, uint64_t size,
                  MHD_ContentReaderCallback read, void *arg,
                  MHD_ContentReaderFreeCallback done, struct error *e)
{
    struct MHD_Response *response =
        MHD_create_response_from_callback(size, STREAM_BLOCK, read, arg, done);

    if (response == NULL)
        done(arg);
    return set(r, response, media_type, e);
}

ssize_t answer_part(const struct buf *page, size_t *sent, char *out, size_t max)
{
    size_t n = page->len - *sent;

    if (n > max)
        n = max;
    memcpy(out, page->p + *sent, n);
    *sent += n;
    return (ssize_t)n;
}
