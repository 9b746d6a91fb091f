/* desk: rows and leaves as the JSON that staff's programs read. */
#include "unit.h"

#include "desk/consent_private.h"

static void assert_json(json_t *value, const char *expected)
{
    char *text;

    assert_non_null(value);
    text = json_dumps(value, JSON_COMPACT);
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
    json_decref(value);
}

static void case_has_its_members(void **state)
{
    const struct case_row row = { .id = "BCDF-GHJK",
                                  .subject = "s1",
                                  .policy = "p",
                                  .state = "open",
                                  .opened = 1000,
                                  .documents = 2,
                                  .owner = -1,
                                  .priority = PRIORITY_HIGH };

    (void)state;
    assert_json(shape_case(&row),
                "{\"id\":\"BCDF-GHJK\",\"state\":\"open\",\"subject\":\"s1\","
                "\"policy\":\"p\",\"procedure\":null,\"completed_at\":null,"
                "\"opened_at\":\"1970-01-01T00:00:01.000Z\","
                "\"closed_at\":null,\"documents\":2,\"owner_uid\":null,"
                "\"priority\":\"high\",\"relation\":null,\"mandate\":null}");
}

static void attachment_without_case_or_reason_has_null(void **state)
{
    const struct attachment_row row = {
        .id = "a1", .subject = "s1", .state = "held", .received = 1
    };

    (void)state;
    assert_json(
        shape_attachment(&row),
        "{\"id\":\"a1\",\"subject\":\"s1\",\"item\":null,\"case_id\":null,"
        "\"state\":\"held\",\"announced_type\":null,\"reason\":null,"
        "\"received_at\":\"1970-01-01T00:00:00.001Z\"}");
}

static void document_lists_its_purposes(void **state)
{
    const struct document_row row = { .id = "d1",
                                      .case_id = "C",
                                      .subject = "s1",
                                      .state = "stored",
                                      .media_type = "image/jpeg",
                                      .size = 5,
                                      .purposes = "one,two",
                                      .received = 1,
                                      .payload_sha256 = { 0xab } };

    (void)state;
    assert_json(
        shape_document(&row, "dni.jpg", NULL),
        "{\"id\":\"d1\",\"case_id\":\"C\",\"item\":null,\"subject\":\"s1\","
        "\"state\":\"stored\",\"media_type\":\"image/jpeg\",\"size\":5,"
        "\"file_name\":\"dni.jpg\",\"caption\":null,"
        "\"purposes\":[\"one\",\"two\"],"
        "\"received_at\":\"1970-01-01T00:00:00.001Z\","
        "\"payload_sha256\":\"ab00000000000000000000000000000000000000"
        "000000000000000000000000\"}");
}

static void status_counts_every_state(void **state)
{
    const struct registrar_status status = { .ready = true,
                                             .storage = "sound",
                                             .ledger_size = 3 };
    const struct store_counts counts = { .documents = 1,
                                         .attachments = { { "stored", 4 } } };
    json_t *o = shape_status(&status, &counts, 1, 2500, "{\"seccomp\":true}");
    const json_t *states = json_object_get(o, "attachments");

    (void)state;
    assert_non_null(o);
    assert_string_equal(json_str(o, "version"), RESGUARDO_VERSION);
    assert_true(json_is_true(json_object_get(o, "ready")));
    assert_int_equal(json_integer_value(json_object_get(o, "uptime_seconds")),
                     2);
    assert_int_equal(json_integer_value(json_object_get(o, "ledger_size")), 3);
    assert_string_equal(json_str(o, "storage"), "sound");
    assert_int_equal(json_object_size(states), 9);
    assert_int_equal(json_integer_value(json_object_get(states, "stored")), 4);
    assert_int_equal(json_integer_value(json_object_get(states, "held")), 0);
    assert_true(json_is_object(json_object_get(o, "sandbox")));
    json_decref(o);
}

/* ---- the consent export ------------------------------------------------- */

/* NULL: not of the consent log. */
static json_t *row_of(const char *text)
{
    json_t *leaf = json_loads(text, 0, NULL), *row = NULL;
    struct buf canonical = { 0 }, line = { 0 };
    struct consent_entry x;
    int is;

    assert_non_null(leaf);
    assert_int_equal(json_canonical(leaf, &canonical), 0);
    is = consent_entry_read(&x, canonical.p, canonical.len);
    assert_true(is == 0 || is == 1);
    if (is == 1) {
        assert_int_equal(consent_row(&line, &x), 0);
        assert_int_equal(line.p[line.len - 1], '\n');
        row = json_loadb((const char *)line.p, line.len, 0, NULL);
        assert_non_null(row);
    }
    buf_free(&line);
    buf_free(&canonical);
    json_decref(leaf);
    return row;
}

static void leaf_becomes_a_row_in_the_order_of_the_columns(void **state)
{
    (void)state;
    assert_json(
        row_of(
            "{\"actor\":\"subject\",\"channel\":\"whatsapp\","
            "\"commitments\":{\"message\":\"00\"},"
            "\"event_type\":\"consent_given\","
            "\"evidence\":{\"prompt_sha256\":\"ff\",\"decision\":\"button\"},"
            "\"index\":9,\"language\":\"es-CO\",\"legal_basis\":\"consent\","
            "\"notice_sha256\":\"ee\",\"notice_version\":\"v1\","
            "\"policy\":\"p\",\"provider_time\":\"x\",\"purpose\":\"u\","
            "\"subject\":\"s1\",\"time\":\"t\",\"v\":1}"),
        "{\"index\":9,\"time\":\"t\",\"event_type\":\"consent_given\","
        "\"subject\":\"s1\",\"policy\":\"p\",\"notice_version\":\"v1\","
        "\"notice_sha256\":\"ee\",\"language\":\"es-CO\",\"purpose\":\"u\","
        "\"legal_basis\":\"consent\",\"channel\":\"whatsapp\","
        "\"evidence\":\"{\\\"decision\\\":\\\"button\\\","
        "\\\"prompt_sha256\\\":\\\"ff\\\"}\"}");
}

static void what_a_leaf_leaves_out_is_null(void **state)
{
    json_t *row = row_of("{\"event_type\":\"notice_published\",\"index\":0,"
                         "\"time\":\"t\",\"policy\":\"p\"}");

    (void)state;
    assert_non_null(row);
    assert_int_equal(json_object_size(row), 12);
    assert_true(json_is_null(json_object_get(row, "subject")));
    assert_true(json_is_null(json_object_get(row, "purpose")));
    assert_true(json_is_null(json_object_get(row, "evidence")));
    json_decref(row);
}

static void other_events_are_not_exported(void **state)
{
    (void)state;
    assert_null(row_of("{\"event_type\":\"document_read\",\"index\":1}"));
    assert_null(row_of("{\"event_type\":\"media_stored\",\"index\":1}"));
    assert_null(row_of("{\"event_type\":\"consent_given2\",\"index\":1}"));
    assert_null(row_of("{\"index\":1}"));
    assert_null(row_of("{\"event_type\":7,\"index\":1}"));
}

static void every_event_of_the_log_is_exported(void **state)
{
    static const char *const types[] = {
        "notice_published",  "notice_presented", "notice_acknowledged",
        "consent_requested", "consent_given",    "consent_refused",
        "consent_withdrawn", "consent_expired",  "consent_ignored",
        "notice_delivered"
    };

    (void)state;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        char text[80];
        json_t *row;

        (void)snprintf(text, sizeof(text), "{\"event_type\":\"%s\"}", types[i]);
        row = row_of(text);
        assert_non_null(row);
        json_decref(row);
    }
}

static void what_is_no_leaf_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "[]",
        "{\"event_type\":\"consent_given\"",
        "{\"event_type\": \"consent_given\"}",
        "{\"event_type\":\"consent_given\"}}",
        "{\"event_type\":\"consent_given\",}",
        "{\"event_type\":\"consent_given\",\"x\":[1}",
        "{\"event_type\":\"consent_given\",\"x\":\"\xff\"}",
        "{\"event_type\":\"consent_given\",\"x\":\"\n\"}"
    };
    struct consent_entry x;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(consent_entry_read(&x, texts[i], strlen(texts[i])),
                         -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_has_its_members),
        cmocka_unit_test(attachment_without_case_or_reason_has_null),
        cmocka_unit_test(document_lists_its_purposes),
        cmocka_unit_test(status_counts_every_state),
        cmocka_unit_test(leaf_becomes_a_row_in_the_order_of_the_columns),
        cmocka_unit_test(what_a_leaf_leaves_out_is_null),
        cmocka_unit_test(other_events_are_not_exported),
        cmocka_unit_test(every_event_of_the_log_is_exported),
        cmocka_unit_test(what_is_no_leaf_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
