/* Which answer means what. Pure: no I/O, no state. */
#include "graph_private.h"

const char *const graph_outcome_names[GRAPH__MAX] = {
    [GRAPH_OK] = "ok",
    [GRAPH_RETRY] = "retry",
    [GRAPH_PERMANENT] = "permanent",
    [GRAPH_TOKEN] = "token",
    [GRAPH_UNKNOWN] = "unknown",
    [GRAPH_CANCELLED] = "cancelled",
    [GRAPH_TOO_LARGE] = "too_large",
    [GRAPH_SINK] = "sink",
};

/* Meta's codes for what waiting heals: limits, maintenance, its own faults. */
static const int passing_codes[] = { 2,      4,      80007,  130429, 131000,
                                     131016, 131056, 131057, 133004 };

static bool is_passing(const struct graph_reply *r)
{
    for (size_t i = 0; i < sizeof(passing_codes) / sizeof(*passing_codes); i++)
        if (r->has_error && r->code == passing_codes[i])
            return true;
    return false;
}

static bool is_token(const struct graph_reply *r)
{
    return r->status == 401 || (r->status >= 400 && r->has_error &&
                                (r->code == 190 || r->code == 0));
}

static const char *why_no_answer(CURLcode curl)
{
    switch (curl) {
    case CURLE_OPERATION_TIMEDOUT:
        return "timeout";
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        return "cut";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
        return "tls";
    case CURLE_WRITE_ERROR:
        return "answer";
    default:
        return "unreachable";
    }
}

enum graph_outcome graph_outcome_resolve(const struct graph_reply *r,
                                         const char **why)
{
    *why = "";
    if (r->curl != CURLE_OK) {
        *why = why_no_answer(r->curl);
        return GRAPH_RETRY;
    }
    if (r->status == 200 && !r->has_error)
        return GRAPH_OK;
    if (is_token(r)) {
        *why = "token";
        return GRAPH_TOKEN;
    }
    if (is_passing(r) || r->status >= 500 || r->status == 429 ||
        r->status == 408) {
        *why = "meta";
        return GRAPH_RETRY;
    }
    if (r->status >= 400) {
        *why = "refused";
        return GRAPH_PERMANENT;
    }
    *why = r->status >= 300 ? "redirect" : "answer";
    return GRAPH_RETRY;
}

/* A URL lives five minutes: whatever is wrong with it, resolving again gives
 * a new one, and only the resolve says that the file or the token is gone. */
enum graph_outcome graph_outcome_url(const struct graph_reply *r,
                                     const char **why)
{
    *why = "";
    if (r->curl != CURLE_OK)
        *why = why_no_answer(r->curl);
    else if (r->status == 200)
        return GRAPH_OK;
    else if (r->status >= 300 && r->status < 400)
        *why = "redirect";
    else if (r->status >= 400 && r->status < 500)
        *why = "url";
    else
        *why = "meta";
    return GRAPH_RETRY;
}

enum graph_outcome graph_outcome_send(const struct graph_reply *r)
{
    if (r->curl != CURLE_OK)
        return r->sent ? GRAPH_UNKNOWN : GRAPH_RETRY;
    if (is_token(r))
        return GRAPH_TOKEN;
    if (is_passing(r) || r->status == 429)
        return GRAPH_RETRY;
    if (r->status >= 500)
        return r->has_error ? GRAPH_RETRY : GRAPH_UNKNOWN;
    if (r->status >= 400)
        return GRAPH_PERMANENT;
    if (r->status >= 300)
        return GRAPH_RETRY;
    return r->status == 200 && !r->has_error ? GRAPH_OK : GRAPH_UNKNOWN;
}

void graph_outcome_read_error(const json_t *answer, struct graph_reply *r)
{
    const json_t *error = json_object_get(answer, "error");
    const json_t *code = json_object_get(error, "code");

    r->has_error = json_is_object(error) && json_is_integer(code) &&
                   json_integer_value(code) >= 0 &&
                   json_integer_value(code) <= INT32_MAX;
    r->code = r->has_error ? (int)json_integer_value(code) : 0;
}
