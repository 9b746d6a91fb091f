/* The frames between gateway and core. */
#include "unit.h"

#include "resguardo/gateway.h"

static struct error err;

static void request_survives_the_wire(void **state)
{
    struct buf frame = { 0 };
    struct gateway_request r;

    (void)state;
    assert_int_equal(gateway_request_encode(&frame, 0x1122334455, 1,
                                            "sha256=ab", "{\"a\":0}", 7),
                     0);
    assert_int_equal(gateway_request_decode(&frame, &r, &err), 0);
    assert_int_equal(r.id, 0x1122334455);
    assert_int_equal(r.route, ROUTE_WEBHOOK_POST);
    assert_string_equal(r.head, "sha256=ab");
    assert_int_equal(r.body_len, 7);
    assert_memory_equal(r.body, "{\"a\":0}", 7);
    buf_free(&frame);
}

static void request_has_the_bytes_of_the_contract(void **state)
{
    static const uint8_t wanted[] = {
        2, 1, 0, 0, 0, 0, 0, 0, 4, 2, 0, '/', 'x'
    };
    struct buf frame = { 0 };

    (void)state;
    assert_int_equal(
        gateway_request_encode(&frame, 258, ROUTE_HEALTH, "/x", NULL, 0), 0);
    assert_int_equal(frame.len, sizeof(wanted));
    assert_memory_equal(frame.p, wanted, sizeof(wanted));
    buf_free(&frame);
}

static void empty_head_and_body(void **state)
{
    struct buf frame = { 0 };
    struct gateway_request r;

    (void)state;
    assert_int_equal(gateway_request_encode(&frame, 1, 1, "", NULL, 0), 0);
    assert_int_equal(gateway_request_decode(&frame, &r, &err), 0);
    assert_string_equal(r.head, "");
    assert_int_equal(r.body_len, 0);
    buf_free(&frame);
}

static void expect_bad_request(const char *bytes, size_t n)
{
    struct buf frame = { 0 };
    struct gateway_request r;

    assert_int_equal(buf_add(&frame, bytes, n), 0);
    err.code = ERR_NONE;
    assert_int_equal(gateway_request_decode(&frame, &r, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    buf_free(&frame);
}

#define ID "\1\0\0\0\0\0\0\0"

static void malformed_requests_are_refused(void **state)
{
    (void)state;
    expect_bad_request("", 0);
    expect_bad_request(ID "\1\0", 10);
    expect_bad_request(ID "\0\0\0", 11);       /* no route */
    expect_bad_request(ID "\5\0\0", 11);       /* unknown route */
    expect_bad_request(ID "\1\3\0ab", 13);     /* head past the end */
    expect_bad_request(ID "\1\xff\xff", 11);   /* head over the limit */
    expect_bad_request(ID "\1\2\0a\0", 13);    /* NUL in the head */
    expect_bad_request(ID "\4\2\0/xbody", 17); /* body of a GET */
}

static void overlong_parts_are_not_encoded(void **state)
{
    struct buf frame = { 0 };
    char *head = calloc(1, LIMIT_URL_BYTES + 2);

    (void)state;
    memset(head, 'a', LIMIT_URL_BYTES + 1);
    assert_int_equal(gateway_request_encode(&frame, 1, 1, head, NULL, 0), -1);
    assert_int_equal(
        gateway_request_encode(&frame, 1, 1, "", head, LIMIT_WEBHOOK_BYTES + 1),
        -1);
    assert_int_equal(frame.len, 0);
    free(head);
}

static void answer_survives_the_wire(void **state)
{
    struct buf frame = { 0 };
    enum gateway_content content;
    const uint8_t *body;
    unsigned status;
    uint64_t id;
    size_t len;

    (void)state;
    assert_int_equal(
        gateway_answer_encode(&frame, 77, 503, CONTENT_MARKDOWN, "no", 2), 0);
    assert_int_equal(gateway_answer_decode(&frame, &id, &status, &content,
                                           &body, &len, &err),
                     0);
    assert_int_equal(id, 77);
    assert_int_equal(status, 503);
    assert_int_equal(content, CONTENT_MARKDOWN);
    assert_int_equal(len, 2);
    assert_memory_equal(body, "no", 2);
    buf_free(&frame);
}

static void expect_bad_answer(const char *bytes, size_t n)
{
    struct buf frame = { 0 };
    enum gateway_content content;
    const uint8_t *body;
    unsigned status;
    uint64_t id;
    size_t len;

    assert_int_equal(buf_add(&frame, bytes, n), 0);
    err.code = ERR_NONE;
    assert_int_equal(gateway_answer_decode(&frame, &id, &status, &content,
                                           &body, &len, &err),
                     -1);
    assert_int_equal(err.code, ERR_INPUT);
    buf_free(&frame);
}

static void malformed_answers_are_refused(void **state)
{
    (void)state;
    expect_bad_answer("", 0);
    expect_bad_answer(ID "\xc8\0", 10);
    expect_bad_answer(ID "\x64\0\0", 11); /* 100 */
    expect_bad_answer(ID "\x58\2\0", 11); /* 600 */
    expect_bad_answer(ID "\xc8\0\3", 11); /* unknown content */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_survives_the_wire),
        cmocka_unit_test(request_has_the_bytes_of_the_contract),
        cmocka_unit_test(empty_head_and_body),
        cmocka_unit_test(malformed_requests_are_refused),
        cmocka_unit_test(overlong_parts_are_not_encoded),
        cmocka_unit_test(answer_survives_the_wire),
        cmocka_unit_test(malformed_answers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
