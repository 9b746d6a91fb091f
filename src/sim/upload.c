/* POST …/media: a file that the business sends, as a form. */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#define PARTS 8

struct part {
    char name[32], mime[128];
    const uint8_t *p;
    size_t len;
};

/* The boundary of the form; false: it is none. */
static bool boundary(const struct sim_request *req, char out[static 128])
{
    const char *type = sim_http_header(req, "Content-Type");
    const char *at =
        type == NULL || strncmp(type, "multipart/form-data;", 20) != 0
            ? NULL
            : strstr(type, "boundary=");
    int n = at == NULL ? 0 : snprintf(out, 128, "--%.100s", at + 9);

    return n > 2;
}

/* The value of a header's parameter or a line, up to `end`. */
static void take(const char *head, const char *key, const char *end, char *out,
                 size_t size)
{
    const char *at = strstr(head, key);
    size_t len = at == NULL ? 0 : strcspn(at + strlen(key), end);

    if (at != NULL && len < size) {
        memcpy(out, at + strlen(key), len);
        out[len] = '\0';
    }
}

/* One part: its headers, a blank line, its bytes. False: malformed. */
static bool read_part(struct part *part, const uint8_t *p, size_t len)
{
    const uint8_t *body = memmem(p, len, "\r\n\r\n", 4);
    char head[512] = "";

    memset(part, 0, sizeof(*part));
    if (body == NULL || (size_t)(body - p) >= sizeof(head))
        return false;
    memcpy(head, p, (size_t)(body - p));
    take(head, " name=\"", "\"", part->name, sizeof(part->name));
    take(head, "Content-Type: ", "\r\n", part->mime, sizeof(part->mime));
    part->p = body + 4;
    part->len = len - (size_t)(part->p - p);
    return part->name[0] != '\0';
}

static size_t read_form(const struct sim_request *req, struct part *parts)
{
    const uint8_t *p = req->body.p, *end = p + req->body.len, *next;
    char mark[128];
    size_t n = 0, len;

    if (!boundary(req, mark) || req->body.len == 0)
        return 0;
    len = strlen(mark);
    p = memmem(p, (size_t)(end - p), mark, len);
    while (p != NULL && n < PARTS && (size_t)(end - p) > len + 2) {
        p += len + 2; /* and the line's end */
        next = memmem(p, (size_t)(end - p), mark, len);
        if (next == NULL || next - p < 2 ||
            !read_part(&parts[n++], p, (size_t)(next - p) - 2))
            return next == NULL && n > 0 ? n : 0;
        p = next;
    }
    return n;
}

static const struct part *find(const struct part *parts, size_t n,
                               const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(parts[i].name, name) == 0)
            return &parts[i];
    return NULL;
}

static bool says(const struct part *part, const char *value)
{
    return part != NULL && part->len == strlen(value) &&
           memcmp(part->p, value, part->len) == 0;
}

void sim_upload_handle(struct sim_request *req, struct sim_reply *reply,
                       const char *number)
{
    struct part parts[PARTS];
    size_t n = read_form(req, parts);
    const struct part *file = find(parts, n, "file");
    const struct part *type = find(parts, n, "type");
    json_t *media = NULL;

    if (!sim_state_ours(req->sim, number))
        sim_graphside_error(reply, MHD_HTTP_BAD_REQUEST, 100, 33,
                            "Unsupported request", NULL);
    else if (!says(find(parts, n, "messaging_product"), "whatsapp") ||
             file == NULL || !says(type, file->mime))
        sim_graphside_error(reply, MHD_HTTP_BAD_REQUEST, 100, 0,
                            "(#100) Param file must be a file of its type",
                            NULL);
    else
        media = sim_media_add(req->sim, file->p, file->len, file->mime, NULL);
    if (media != NULL)
        sim_http_json(reply, MHD_HTTP_OK,
                      json_pack("{s:O}", "id", json_object_get(media, "id")));
    json_decref(media);
}
