/* A file: resolve its id, check where the URL leads, download, count. And
 * deleting Meta's copy. */
#include "graph_private.h"

#include <string.h>
#include <strings.h>

static int on_media(struct graph_job *job, const char *method,
                    const char *media_id, const char *number)
{
    struct buf query = { 0 };
    int ok = buf_addf(&query, "phone_number_id=%s", number);

    if (ok == 0)
        ok = graph_request_api(job, method, media_id, (const char *)query.p);
    buf_free(&query);
    return ok;
}

static int on_contact(struct graph_job *job)
{
    struct buf path = { 0 }, query = { 0 };
    int ok = buf_addf(&path, "%s/contact_book", job->delete.phone_number_id);

    if (ok == 0)
        ok = buf_addf(&query, "messaging_product=whatsapp&bsuid=%s",
                      job->delete.bsuid);
    if (ok == 0)
        ok = graph_request_api(job, "DELETE", (const char *)path.p,
                               (const char *)query.p);
    buf_free(&path);
    buf_free(&query);
    return ok;
}

int graph_media_start(struct graph_job *job)
{
    if (job->kind == GRAPH_KIND_FETCH)
        return on_media(job, "GET", job->fetch.media_id,
                        job->fetch.phone_number_id);
    if (job->delete.media_id[0] == '\0')
        return on_contact(job);
    return on_media(job, "DELETE", job->delete.media_id,
                    job->delete.phone_number_id);
}

static void end(struct graph_job *job, enum graph_outcome outcome,
                const char *why)
{
    graph_job_end(job, outcome, 0, NULL, why);
}

/* ---- resolve ------------------------------------------------------------ */

/* What does not decode counts as not announced, and is noted. */
static void read_hash(struct graph_job *job, const char *text)
{
    uint8_t hash[SHA256_LEN];

    job->sha256[0] = 0;
    if (sha256_read(hash, text))
        hex_encode(job->sha256, hash, sizeof(hash));
    else if (text != NULL)
        log_event(LOG_LEVEL_WARN, "media_hash_undecodable", NULL);
}

/* A number or digits; -1 for anything else. */
static int64_t read_size(const json_t *size)
{
    int64_t value = -1;

    if (json_is_integer(size) && json_integer_value(size) >= 0)
        return json_integer_value(size);
    if (json_is_string(size) &&
        decimal_parse(json_string_value(size), json_string_length(size),
                      INT64_MAX, &value) == 0)
        return value;
    return -1;
}

/* Takes what the answer says; -1 when it holds no URL. */
static int read_answer(struct graph_job *job, const json_t *answer)
{
    const char *url = json_str(answer, "url");
    const char *mime = json_str(answer, "mime_type");

    if (url == NULL || strlen(url) >= sizeof(job->url))
        return -1;
    memcpy(job->url, url, strlen(url) + 1);
    if (mime != NULL && strlen(mime) < sizeof(job->mime_type))
        memcpy(job->mime_type, mime, strlen(mime) + 1);
    read_hash(job, json_str(answer, "sha256"));
    job->announced = read_size(json_object_get(answer, "file_size"));
    return 0;
}

/* From the resolved URL to the download; no token leaves before the check. */
static void download(struct graph_job *job)
{
    const struct graph *g = job->graph;
    const struct graph_fetch *f = &job->fetch;

    if (!graph_url_allowed(job->url, (const char *const *)g->media_hosts,
                           g->nmedia_hosts)) {
        end(job, GRAPH_RETRY, "host");
        return;
    }
    if (job->announced > f->max_bytes) {
        end(job, GRAPH_TOO_LARGE, "size");
        return;
    }
    if (f->sink.begin(job->fetch.arg, job->sha256[0] == 0 ? NULL : job->sha256,
                      job->mime_type, job->announced) != 0) {
        end(job, GRAPH_SINK, "sink");
        return;
    }
    job->downloading = true;
    if (graph_request_download(job) != 0)
        end(job, GRAPH_RETRY, "memory");
}

static void resolved(struct graph_job *job, CURLcode curl)
{
    struct graph_reply reply;
    json_t *answer = graph_request_reply(job, curl, &reply);
    const char *why;
    enum graph_outcome outcome = graph_outcome_resolve(&reply, &why);
    int ok = outcome == GRAPH_OK ? read_answer(job, answer) : -1;

    json_decref(answer);
    graph_request_end(job);
    if (outcome != GRAPH_OK)
        end(job, outcome, why);
    else if (ok != 0)
        end(job, GRAPH_RETRY, "answer");
    else
        download(job);
}

/* ---- download ----------------------------------------------------------- */

/* We asked for the plain bytes; others would be counted and hashed wrong. */
size_t graph_media_header(char *line, size_t size, size_t n, void *arg)
{
    static const char name[] = "content-encoding:";
    struct graph_job *job = arg;

    if (size * n < sizeof(name) - 1 ||
        strncasecmp(line, name, sizeof(name) - 1) != 0)
        return size * n;
    job->encoded = true;
    return 0;
}

size_t graph_media_body(char *p, size_t size, size_t n, void *arg)
{
    struct graph_job *job = arg;
    long status = 0;

    /* The body of a refusal is nobody's file. */
    (void)curl_easy_getinfo(job->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
        return 0;
    if ((int64_t)(size * n) > job->fetch.max_bytes - job->got) {
        job->too_large = true;
        return 0;
    }
    job->got += (int64_t)(size * n);
    if (job->fetch.sink.data(job->fetch.arg, (const uint8_t *)p, size * n) !=
        0) {
        job->sink_failed = true;
        return 0;
    }
    return size * n;
}

static void downloaded(struct graph_job *job, CURLcode curl)
{
    struct graph_reply reply = { .curl = curl };
    curl_off_t length = -1;
    const char *why;
    enum graph_outcome outcome;

    (void)curl_easy_getinfo(job->easy, CURLINFO_RESPONSE_CODE, &reply.status);
    (void)curl_easy_getinfo(job->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T,
                            &length);

    /* We stop a refusal's body ourselves: the status is what counts. */
    if (curl == CURLE_WRITE_ERROR && reply.status != 200)
        reply.curl = CURLE_OK;
    outcome = graph_outcome_url(&reply, &why);
    if (job->sink_failed)
        end(job, GRAPH_SINK, "sink");
    else if (job->encoded)
        end(job, GRAPH_RETRY, "encoded");
    else if (job->too_large || (curl == CURLE_FILESIZE_EXCEEDED))
        end(job, GRAPH_TOO_LARGE, "size");
    else if (outcome != GRAPH_OK)
        end(job, outcome, why);
    else if ((length >= 0 && length != job->got) ||
             (job->announced >= 0 && job->announced != job->got))
        end(job, GRAPH_RETRY, "cut");
    else
        end(job, GRAPH_OK, "");
}

/* ---- delete ------------------------------------------------------------- */

static void deleted(struct graph_job *job, CURLcode curl)
{
    struct graph_reply reply;
    json_t *answer = graph_request_reply(job, curl, &reply);
    const char *why;
    enum graph_outcome outcome = graph_outcome_resolve(&reply, &why);

    json_decref(answer);
    end(job, outcome, why);
}

void graph_media_finished(struct graph_job *job, CURLcode curl)
{
    if (job->kind == GRAPH_KIND_DELETE)
        deleted(job, curl);
    else if (job->downloading)
        downloaded(job, curl);
    else
        resolved(job, curl);
}
