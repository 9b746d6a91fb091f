/* A file of ours for somebody: a form that is read from the caller's memory, so
 * that there is no second copy of it. */
#include "graph_private.h"

#include <stdio.h>
#include <string.h>

int graph_upload_start(struct graph_job *job)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "%s/media", job->upload.phone_number_id);
    return graph_request_api(job, "POST", path, NULL);
}

static size_t on_read(char *out, size_t size, size_t n, void *arg)
{
    struct graph_job *job = arg;
    size_t left = job->upload.len - job->put, want = size * n;

    if (want > left)
        want = left;
    memcpy(out, job->upload.bytes + job->put, want);
    job->put += want;
    return want;
}

/* curl may begin again, as long as nobody has answered. */
static int on_seek(void *arg, curl_off_t offset, int origin)
{
    struct graph_job *job = arg;

    if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > job->upload.len)
        return CURL_SEEKFUNC_CANTSEEK;
    job->put = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

static int add_text(curl_mime *form, const char *name, const char *value)
{
    curl_mimepart *part = curl_mime_addpart(form);

    return part != NULL && curl_mime_name(part, name) == CURLE_OK &&
                   curl_mime_data(part, value, CURL_ZERO_TERMINATED) == CURLE_OK
               ? 0
               : -1;
}

/* The name that the customer sees stands in the message; here it says nothing.
 */
int graph_upload_form(struct graph_job *job)
{
    curl_mimepart *part;

    job->put = 0;
    job->form = curl_mime_init(job->easy);
    if (job->form == NULL ||
        add_text(job->form, "messaging_product", "whatsapp") != 0 ||
        add_text(job->form, "type", job->upload.media_type) != 0 ||
        (part = curl_mime_addpart(job->form)) == NULL ||
        curl_mime_name(part, "file") != CURLE_OK ||
        curl_mime_filename(part, "file") != CURLE_OK ||
        curl_mime_type(part, job->upload.media_type) != CURLE_OK ||
        curl_mime_data_cb(part, (curl_off_t)job->upload.len, on_read, on_seek,
                          NULL, job) != CURLE_OK)
        return -1;
    return curl_easy_setopt(job->easy, CURLOPT_MIMEPOST, job->form) == CURLE_OK
               ? 0
               : -1;
}

void graph_upload_finished(struct graph_job *job, CURLcode curl)
{
    struct graph_reply reply;
    json_t *answer = graph_request_reply(job, curl, &reply);
    enum graph_outcome outcome = graph_outcome_send(&reply);
    const char *id = outcome == GRAPH_OK ? json_str(answer, "id") : NULL;

    if (outcome == GRAPH_OK &&
        (id == NULL || !graph_request_id_valid(id, LIMIT_MEDIA_ID))) {
        outcome = GRAPH_UNKNOWN;
        id = NULL;
    }
    graph_job_end(job, outcome, reply.has_error ? reply.code : 0, id, "");
    json_decref(answer);
}
