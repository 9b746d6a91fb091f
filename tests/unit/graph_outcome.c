/* What an answer means: one row a case. */
#include "unit.h"

#include "graph/graph_private.h"

#define NONE -1 /* no error object */

struct row {
    CURLcode curl;
    bool sent;
    long status;
    int code;
    enum graph_outcome want;
};

static struct graph_reply reply(const struct row *r)
{
    return (struct graph_reply){ .curl = r->curl,
                                 .sent = r->sent,
                                 .status = r->status,
                                 .has_error = r->code != NONE,
                                 .code = r->code == NONE ? 0 : r->code };
}

static void asking_for_media(void **state)
{
    static const struct row rows[] = {
        { CURLE_OK, true, 200, NONE, GRAPH_OK },
        { CURLE_OK, true, 302, NONE, GRAPH_RETRY },
        { CURLE_OK, true, 400, 100, GRAPH_PERMANENT },
        { CURLE_OK, true, 404, NONE, GRAPH_PERMANENT },
        { CURLE_OK, true, 401, 190, GRAPH_TOKEN },
        { CURLE_OK, true, 400, 190, GRAPH_TOKEN },
        { CURLE_OK, true, 400, 0, GRAPH_TOKEN },
        { CURLE_OK, true, 401, NONE, GRAPH_TOKEN },
        { CURLE_OK, true, 429, NONE, GRAPH_RETRY },
        { CURLE_OK, true, 400, 4, GRAPH_RETRY },
        { CURLE_OK, true, 400, 80007, GRAPH_RETRY },
        { CURLE_OK, true, 500, 131000, GRAPH_RETRY },
        { CURLE_OK, true, 503, NONE, GRAPH_RETRY },
        { CURLE_OPERATION_TIMEDOUT, true, 0, NONE, GRAPH_RETRY },
        { CURLE_COULDNT_CONNECT, false, 0, NONE, GRAPH_RETRY },
        { CURLE_PARTIAL_FILE, true, 200, NONE, GRAPH_RETRY },
        { CURLE_PEER_FAILED_VERIFICATION, false, 0, NONE, GRAPH_RETRY },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct graph_reply r = reply(&rows[i]);
        const char *why = NULL;
        enum graph_outcome got = graph_outcome_resolve(&r, &why);

        if (got != rows[i].want)
            fail_msg("row %zu: %s", i, graph_outcome_names[got]);
        assert_non_null(why);
    }
}

static void sending_a_message(void **state)
{
    static const struct row rows[] = {
        { CURLE_OK, true, 200, NONE, GRAPH_OK },
        { CURLE_OK, true, 400, 131056, GRAPH_RETRY },
        { CURLE_OK, true, 400, 130429, GRAPH_RETRY },
        { CURLE_OK, true, 400, 4, GRAPH_RETRY },
        { CURLE_OK, true, 400, 80007, GRAPH_RETRY },
        { CURLE_OK, true, 503, 2, GRAPH_RETRY },
        { CURLE_OK, true, 500, 131016, GRAPH_RETRY },
        { CURLE_OK, true, 500, 131000, GRAPH_RETRY },
        { CURLE_OK, true, 503, 133004, GRAPH_RETRY },
        { CURLE_OK, true, 500, 131057, GRAPH_RETRY },
        { CURLE_OK, true, 500, 999999, GRAPH_RETRY },
        { CURLE_OK, true, 429, NONE, GRAPH_RETRY },
        { CURLE_OK, true, 307, NONE, GRAPH_RETRY },
        { CURLE_OK, true, 400, 131047, GRAPH_PERMANENT },
        { CURLE_OK, true, 400, 131026, GRAPH_PERMANENT },
        { CURLE_OK, true, 400, 100, GRAPH_PERMANENT },
        { CURLE_OK, true, 400, NONE, GRAPH_PERMANENT },
        { CURLE_OK, true, 401, 190, GRAPH_TOKEN },
        { CURLE_OK, true, 500, NONE, GRAPH_UNKNOWN },
        { CURLE_OK, true, 502, NONE, GRAPH_UNKNOWN },
        { CURLE_COULDNT_CONNECT, false, 0, NONE, GRAPH_RETRY },
        { CURLE_COULDNT_RESOLVE_HOST, false, 0, NONE, GRAPH_RETRY },
        { CURLE_OPERATION_TIMEDOUT, false, 0, NONE, GRAPH_RETRY },
        { CURLE_OPERATION_TIMEDOUT, true, 0, NONE, GRAPH_UNKNOWN },
        { CURLE_GOT_NOTHING, true, 0, NONE, GRAPH_UNKNOWN },
        { CURLE_RECV_ERROR, true, 0, NONE, GRAPH_UNKNOWN },
        { CURLE_PARTIAL_FILE, true, 200, NONE, GRAPH_UNKNOWN },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct graph_reply r = reply(&rows[i]);
        enum graph_outcome got = graph_outcome_send(&r);

        if (got != rows[i].want)
            fail_msg("row %zu: %s", i, graph_outcome_names[got]);
    }
}

static void the_media_host_never_has_the_last_word(void **state)
{
    static const long statuses[] = { 204, 206, 301, 302, 307, 400, 401,
                                     403, 404, 410, 429, 500, 503 };
    const char *why;
    (void)state;
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        struct graph_reply r = { .curl = CURLE_OK, .status = statuses[i] };
        assert_int_equal(graph_outcome_url(&r, &why), GRAPH_RETRY);
        assert_int_equal(strcmp(why, "redirect") == 0,
                         statuses[i] >= 300 && statuses[i] < 400);
    }
}

static struct graph_reply read_text(const char *text)
{
    struct graph_reply r = { 0 };
    struct error err;
    json_t *answer = json_parse(text, strlen(text), &err);

    assert_non_null(answer);
    graph_outcome_read_error(answer, &r);
    json_decref(answer);
    return r;
}

static void error_objects_are_read_strictly(void **state)
{
    (void)state;
    assert_int_equal(read_text("{\"error\":{\"code\":131056}}").code, 131056);
    assert_true(read_text("{\"error\":{\"code\":0}}").has_error);
    assert_false(read_text("{}").has_error);
    assert_false(read_text("[]").has_error);
    assert_false(read_text("{\"error\":\"code\"}").has_error);
    assert_false(read_text("{\"error\":{}}").has_error);
    assert_false(read_text("{\"error\":{\"code\":\"190\"}}").has_error);
    assert_false(read_text("{\"error\":{\"code\":190.0}}").has_error);
    assert_false(read_text("{\"error\":{\"code\":-1}}").has_error);
    assert_false(read_text("{\"error\":{\"code\":99999999999}}").has_error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asking_for_media),
        cmocka_unit_test(sending_a_message),
        cmocka_unit_test(the_media_host_never_has_the_last_word),
        cmocka_unit_test(error_objects_are_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
