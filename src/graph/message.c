/* A message of ours: one POST, never twice. */
#include "graph_private.h"

#include <stdio.h>
#include <string.h>

int graph_message_start(struct graph_job *job)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "%s/messages",
                   job->send.phone_number_id);
    return graph_request_api(job, "POST", path, NULL);
}

/* messages[0].id, or NULL. */
static const char *read_wamid(const json_t *answer)
{
    const char *wamid =
        json_str(json_array_get(json_object_get(answer, "messages"), 0), "id");

    return wamid != NULL && strlen(wamid) <= LIMIT_WAMID ? wamid : NULL;
}

void graph_message_finished(struct graph_job *job, CURLcode curl)
{
    struct graph_reply reply;
    json_t *answer = graph_request_reply(job, curl, &reply);
    enum graph_outcome outcome = graph_outcome_send(&reply);
    const char *wamid = outcome == GRAPH_OK ? read_wamid(answer) : NULL;

    /* Accepted, but we cannot say as what. */
    if (outcome == GRAPH_OK && wamid == NULL)
        outcome = GRAPH_UNKNOWN;
    graph_job_end(job, outcome, reply.has_error ? reply.code : 0, wamid, "");
    json_decref(answer);
}
