/*
 * What the Graph API answers, to resolving an id and to sending. Only a 200
 * without an error object is a success; of it only a URL that fits, a hash
 * that decodes, a type and a size that fit are taken; a refused token is never
 * taken for a missing file.
 */
#include "graph/media.c"
#include "graph/message.c"

#include "fuzz.h"

static void check_media(const json_t *answer)
{
    static struct graph_job job;

    memset(&job, 0, sizeof(job));
    if (read_answer(&job, answer) != 0) {
        FUZZ_CHECK(job.url[0] == '\0');
        return;
    }
    FUZZ_CHECK(strlen(job.url) <= LIMIT_MEDIA_URL &&
               strcmp(job.url, json_str(answer, "url")) == 0);
    FUZZ_CHECK(job.sha256[0] == '\0' ||
               (strlen(job.sha256) == 64 &&
                strspn(job.sha256, "0123456789abcdef") == 64));
    FUZZ_CHECK(strlen(job.mime_type) < sizeof(job.mime_type));
    FUZZ_CHECK(job.announced >= -1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long statuses[] = { 200, 201, 302, 400, 401, 404,
                                     408, 429, 500, 503, 0,   100 };
    struct fuzz_input in = { data, size };
    struct graph_reply r = { .curl = CURLE_OK, .sent = true };
    struct error e = { 0 };
    const char *why = NULL, *wamid;
    enum graph_outcome outcome;
    json_t *answer;

    r.status = statuses[fuzz_byte(&in) % 12];
    answer = json_parse(in.p, in.len, &e);
    if (answer != NULL)
        graph_outcome_read_error(answer, &r);
    FUZZ_CHECK(!r.has_error || r.code >= 0);

    outcome = graph_outcome_resolve(&r, &why);
    FUZZ_CHECK(outcome < GRAPH__MAX && why != NULL);
    FUZZ_CHECK((outcome == GRAPH_OK) == (r.status == 200 && !r.has_error));
    FUZZ_CHECK(r.status != 401 || outcome == GRAPH_TOKEN);
    if (outcome == GRAPH_OK)
        check_media(answer);

    outcome = graph_outcome_send(&r);
    FUZZ_CHECK(outcome != GRAPH_OK || (r.status == 200 && !r.has_error));
    FUZZ_CHECK(r.status != 200 || outcome != GRAPH_PERMANENT);
    wamid = read_wamid(answer);
    FUZZ_CHECK(wamid == NULL || strlen(wamid) <= LIMIT_WAMID);
    json_decref(answer);
    return 0;
}
