/*
 * The gateway's wire, both sides: a frame that the core takes from a gateway
 * that was taken over, or the gateway from the core, has a known route or
 * status and bounded parts, and encoding it gives the very bytes it was.
 */
#include "fuzz.h"

#include "resguardo/gateway.h"

static void check_request(const uint8_t *data, size_t size)
{
    struct buf frame = { 0 }, again = { 0 };
    struct gateway_request r;
    struct error e = { 0 };

    FUZZ_CHECK(buf_add(&frame, data, size) == 0);
    if (gateway_request_decode(&frame, &r, &e) == 0) {
        FUZZ_CHECK(r.route >= ROUTE_WEBHOOK_POST && r.route < ROUTE__MAX);
        FUZZ_CHECK(strlen(r.head) <= LIMIT_URL_BYTES &&
                   r.body_len <= LIMIT_WEBHOOK_BYTES);
        FUZZ_CHECK(gateway_request_encode(&again, r.id, r.route, r.head, r.body,
                                          r.body_len) == 0);
        FUZZ_CHECK(again.len == size && memcmp(again.p, data, size) == 0);
    } else {
        FUZZ_CHECK(e.code == ERR_INPUT);
    }
    buf_free(&frame);
    buf_free(&again);
}

static void check_answer(const uint8_t *data, size_t size)
{
    struct buf frame = { 0 }, again = { 0 };
    struct error e = { 0 };
    enum gateway_content content;
    const uint8_t *body;
    unsigned status;
    uint64_t id;
    size_t len;

    FUZZ_CHECK(buf_add(&frame, data, size) == 0);
    if (gateway_answer_decode(&frame, &id, &status, &content, &body, &len,
                              &e) == 0) {
        FUZZ_CHECK(status >= 200 && status < 600 && content < CONTENT__MAX);
        FUZZ_CHECK(
            gateway_answer_encode(&again, id, status, content, body, len) == 0);
        FUZZ_CHECK(again.len == size && memcmp(again.p, data, size) == 0);
    } else {
        FUZZ_CHECK(e.code == ERR_INPUT);
    }
    buf_free(&frame);
    buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_request(data, size);
    check_answer(data, size);
    return 0;
}
