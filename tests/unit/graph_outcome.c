/* What an answer means: one row a case. */
#include "unit.h"

#include "graph/graph_private.h"

struct row {
    enum graph_kind kind;
    CURLcode rc;
    bool sent;
    long status;
    const char *body;
    enum graph_outcome outcome;
    int code;
};

#define ERROR(code) "{\"error\":{\"message\":\"m\",\"code\":" #code "}}"
#define F           GRAPH_FETCH, CURLE_OK, true
#define S           GRAPH_SEND, CURLE_OK, true

static const struct row rows[] = {
    /* Resolving: nothing happens by asking, so anything may be retried. */
    { F, 200, "{\"url\":\"u\"}", GRAPH_OK, 0 },
    { F, 200, "not json", GRAPH_RETRY, 0 },
    { F, 200, "", GRAPH_RETRY, 0 },
    { F, 200, "[1]", GRAPH_RETRY, 0 },
    { F, 200, "{\"url\":\"u\"} trailing", GRAPH_RETRY, 0 },
    { F, 200, "{\"url\":\"a\",\"url\":\"b\"}", GRAPH_RETRY, 0 },
    { F, 302, "", GRAPH_RETRY, 0 },
    { F, 400,
      "{\"error\":{\"message\":\"x\",\"code\":100,\"error_subcode\":33}}",
      GRAPH_PERMANENT, 100 },
    { F, 400,
      "{\"error\":{\"message\":\"Invalid appsecret_proof provided in the API "
      "argument\",\"code\":100}}",
      GRAPH_TOKEN, 100 },
    { F, 401, ERROR(190), GRAPH_TOKEN, 190 },
    { F, 400, ERROR(190), GRAPH_TOKEN, 190 },
    { F, 401, ERROR(0), GRAPH_TOKEN, 0 },
    { F, 401, "gone", GRAPH_TOKEN, 0 },
    { F, 404, "", GRAPH_PERMANENT, 0 },
    { F, 429, "", GRAPH_RETRY, 0 },
    { F, 400, ERROR(4), GRAPH_RETRY, 4 },
    { F, 400, ERROR(80007), GRAPH_RETRY, 80007 },
    { F, 403, ERROR(10), GRAPH_RETRY, 10 },
    { F, 403, ERROR(200), GRAPH_RETRY, 200 },
    { F, 500, ERROR(0), GRAPH_RETRY, 0 },
    { F, 500, ERROR(131000), GRAPH_RETRY, 131000 },
    { F, 503, "", GRAPH_RETRY, 0 },
    { GRAPH_FETCH, CURLE_OPERATION_TIMEDOUT, true, 0, "", GRAPH_RETRY, 0 },
    { GRAPH_FETCH, CURLE_COULDNT_CONNECT, false, 0, "", GRAPH_RETRY, 0 },
    { GRAPH_FETCH, CURLE_PARTIAL_FILE, true, 200, "{", GRAPH_RETRY, 0 },

    /* Messages: an error object refused it, silence does not. */
    { S, 200, "{\"messages\":[{\"id\":\"w\"}]}", GRAPH_OK, 0 },
    { S, 200, "not json", GRAPH_UNKNOWN, 0 },
    { S, 200, "", GRAPH_UNKNOWN, 0 },
    { S, 400, ERROR(131056), GRAPH_RETRY, 131056 },
    { S, 400, ERROR(130429), GRAPH_RETRY, 130429 },
    { S, 400, ERROR(4), GRAPH_RETRY, 4 },
    { S, 400, ERROR(80007), GRAPH_RETRY, 80007 },
    { S, 503, ERROR(2), GRAPH_RETRY, 2 },
    { S, 500, ERROR(131016), GRAPH_RETRY, 131016 },
    { S, 500, ERROR(131000), GRAPH_RETRY, 131000 },
    { S, 503, ERROR(133004), GRAPH_RETRY, 133004 },
    { S, 500, ERROR(131057), GRAPH_RETRY, 131057 },
    { S, 500, ERROR(999999), GRAPH_RETRY, 999999 },
    { S, 500, ERROR(131045), GRAPH_PERMANENT, 131045 },
    { S, 500, ERROR(131005), GRAPH_PERMANENT, 131005 },
    { S, 400, ERROR(131047), GRAPH_PERMANENT, 131047 },
    { S, 400, ERROR(131026), GRAPH_PERMANENT, 131026 },
    { S, 400, ERROR(100), GRAPH_PERMANENT, 100 },
    { S, 400, "no object", GRAPH_PERMANENT, 0 },
    { S, 400, "{\"error\":\"text\"}", GRAPH_PERMANENT, 0 },
    { S, 400, "{\"error\":{\"code\":\"190\"}}", GRAPH_PERMANENT, -1 },
    { S, 400, "{\"error\":{\"code\":99999999999}}", GRAPH_PERMANENT, -1 },
    { S, 401, ERROR(190), GRAPH_TOKEN, 190 },
    { S, 429, "", GRAPH_RETRY, 0 },
    { S, 307, "", GRAPH_RETRY, 0 },
    { S, 500, "", GRAPH_UNKNOWN, 0 },
    { S, 502, "<html>", GRAPH_UNKNOWN, 0 },
    { GRAPH_SEND, CURLE_COULDNT_CONNECT, false, 0, "", GRAPH_RETRY, 0 },
    { GRAPH_SEND, CURLE_COULDNT_RESOLVE_HOST, false, 0, "", GRAPH_RETRY, 0 },
    { GRAPH_SEND, CURLE_OPERATION_TIMEDOUT, false, 0, "", GRAPH_RETRY, 0 },
    { GRAPH_SEND, CURLE_OPERATION_TIMEDOUT, true, 0, "", GRAPH_UNKNOWN, 0 },
    { GRAPH_SEND, CURLE_GOT_NOTHING, true, 0, "", GRAPH_UNKNOWN, 0 },
    { GRAPH_SEND, CURLE_RECV_ERROR, true, 0, "", GRAPH_UNKNOWN, 0 },
    { GRAPH_SEND, CURLE_PARTIAL_FILE, true, 200, "{}", GRAPH_UNKNOWN, 0 },
};

static void answers_of_the_api(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *r = &rows[i];
        struct buf body = { 0 };
        json_t *answer = NULL;
        struct graph_verdict v;

        assert_int_equal(buf_adds(&body, r->body), 0);
        v = graph_outcome_of_call(r->kind, r->rc, r->sent, r->status, &body,
                                  &answer);
        if (v.outcome != r->outcome || v.code != r->code)
            fail_msg("row %zu: %s %d", i, graph_outcome_names[v.outcome],
                     v.code);
        assert_int_equal(answer != NULL, r->outcome == GRAPH_OK);
        assert_non_null(v.why);
        json_decref(answer);
        buf_free(&body);
    }
}

static void answers_of_the_media_host_are_never_final(void **state)
{
    static const long statuses[] = { 201, 204, 206, 301, 302, 307, 400,
                                     401, 403, 404, 410, 429, 500, 503 };
    (void)state;
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        assert_int_equal(graph_outcome_of_url(CURLE_OK, statuses[i]).outcome,
                         GRAPH_RETRY);
    assert_int_equal(graph_outcome_of_url(CURLE_OK, 200).outcome, GRAPH_OK);
    assert_int_equal(graph_outcome_of_url(CURLE_PARTIAL_FILE, 200).outcome,
                     GRAPH_RETRY);
    assert_string_equal(graph_outcome_of_url(CURLE_OK, 302).why, "redirect");
}

static struct graph_verdict media(struct graph_job *job, const char *text)
{
    static char host[] = "127.0.0.1";
    static char *hosts[] = { host };
    static struct graph graph = { .hosts = hosts, .nhosts = 1 };
    struct error err;
    json_t *answer = json_parse(text, strlen(text), &err);
    struct graph_verdict v;

    assert_non_null(answer);
    memset(job, 0, sizeof(*job));
    job->graph = &graph;
    job->u.fetch.max_bytes = 1000;
    strcpy(job->u.fetch.media_id, "551");
    v = graph_outcome_of_media(job, answer);
    json_decref(answer);
    return v;
}

#define URL "\"url\":\"http://127.0.0.1:1/x\""
#define HEX "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void media_answer_is_taken(void **state)
{
    struct graph_job job;
    (void)state;
    assert_int_equal(media(&job, "{" URL ",\"id\":\"551\",\"file_size\":7,"
                                 "\"mime_type\":\"image/jpeg\","
                                 "\"sha256\":\"" HEX "\"}")
                         .outcome,
                     GRAPH_OK);
    assert_int_equal(job.expected, 7);
    assert_string_equal(job.sha256_hex, HEX);
    assert_string_equal(job.mime_type, "image/jpeg");
}

static void sizes_come_as_number_string_or_not(void **state)
{
    struct graph_job job;
    (void)state;
    assert_int_equal(media(&job, "{" URL ",\"file_size\":\"12\"}").outcome,
                     GRAPH_OK);
    assert_int_equal(job.expected, 12);
    assert_int_equal(media(&job, "{" URL "}").outcome, GRAPH_OK);
    assert_int_equal(job.expected, -1);
}

static void wrong_sizes_are_no_answer(void **state)
{
    static const char *const bad[] = {
        "{" URL ",\"file_size\":-1}",    "{" URL ",\"file_size\":1.5}",
        "{" URL ",\"file_size\":\"\"}",  "{" URL ",\"file_size\":\"1x\"}",
        "{" URL ",\"file_size\":true}",  "{" URL ",\"file_size\":\"-1\"}",
        "{" URL ",\"file_size\":[1000]}"
    };
    struct graph_job job;
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(media(&job, bad[i]).outcome, GRAPH_RETRY);
}

static void an_announced_size_over_the_cap_ends_it(void **state)
{
    struct graph_job job;
    (void)state;
    assert_int_equal(media(&job, "{" URL ",\"file_size\":1001}").outcome,
                     GRAPH_TOO_LARGE);
    assert_int_equal(media(&job, "{" URL ",\"file_size\":1000}").outcome,
                     GRAPH_OK);
}

static void a_host_off_the_list_is_refused_by_name(void **state)
{
    struct graph_job job;
    struct graph_verdict v;
    (void)state;
    v = media(&job, "{\"url\":\"https://evil.example/x\"}");
    assert_int_equal(v.outcome, GRAPH_RETRY);
    assert_string_equal(v.why, "host");
    assert_string_equal(job.url, "");
}

static void an_answer_for_another_id_is_none(void **state)
{
    struct graph_job job;
    (void)state;
    assert_int_equal(media(&job, "{" URL ",\"id\":\"552\"}").outcome,
                     GRAPH_RETRY);
    assert_int_equal(media(&job, "{\"id\":\"551\"}").outcome, GRAPH_RETRY);
    assert_int_equal(media(&job, "{\"url\":5}").outcome, GRAPH_RETRY);
}

static void hashes_in_either_form_or_none(void **state)
{
    struct graph_job job;
    (void)state;
    (void)media(&job, "{" URL ",\"sha256\":"
                      "\"ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=\"}");
    assert_string_equal(job.sha256_hex, HEX);
    assert_int_equal(media(&job, "{" URL ",\"sha256\":\"zz\"}").outcome,
                     GRAPH_OK);
    assert_string_equal(job.sha256_hex, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_of_the_api),
        cmocka_unit_test(answers_of_the_media_host_are_never_final),
        cmocka_unit_test(media_answer_is_taken),
        cmocka_unit_test(sizes_come_as_number_string_or_not),
        cmocka_unit_test(wrong_sizes_are_no_answer),
        cmocka_unit_test(an_announced_size_over_the_cap_ends_it),
        cmocka_unit_test(a_host_off_the_list_is_refused_by_name),
        cmocka_unit_test(an_answer_for_another_id_is_none),
        cmocka_unit_test(hashes_in_either_form_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
