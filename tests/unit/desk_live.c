/* desk: the whole of it over its socket, with a registrar behind. */
#include "desk_live_help.h"

/* ---- tests -------------------------------------------------------------- */

static void status_is_for_anyone_on_the_keyring(void **state)
{
    struct secret *bob = we_are_only(ROLE_OFFICER);

    (void)state;
    open_desk();
    assert_int_equal(ask("/status", NULL), 200);
    assert_true(body_has("\"ready\":true"));
    assert_int_equal(ask("/check", NULL), 200);
    assert_int_equal(ask("/documents", NULL), 403);
    assert_int_equal(ask("/consent", NULL), 403);
    secret_free(&bob);
}

static void revoked_user_is_refused_everything(void **state)
{
    struct secret *bob = we_are_only(ROLE_AGENT);
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN];

    (void)state;
    assert_int_equal(keyring_sign_revoke(h.keyring, bob, (uint32_t)getuid(), 3,
                                         &entry, signature, &h.err),
                     0);
    buf_free(&entry);
    secret_free(&bob);
    open_desk();
    assert_int_equal(ask("/status", NULL), 403);
    assert_int_equal(ask_read("{\"reason\":\"x\"}"), 403);
    assert_int_equal(ask("/nothing", NULL), 403);
    assert_int_equal(recorded("document_read"), 0);
}

static void reading_gives_the_sealed_file_and_is_on_record(void **state)
{
    struct buf plain = { 0 };

    (void)state;
    open_desk();
    assert_int_equal(ask_read("{\"reason\":\"a secret reason\"}"), 200);
    assert_int_equal(recorded("document_read"), 1);
    assert_int_equal(age_open(&plain, (const struct secret *const[]){ h.epoch },
                              1, body.p, body.len, &h.err),
                     0);
    assert_int_equal(plain.len, sizeof(desk_plain));
    assert_memory_equal(plain.p, desk_plain, plain.len);
    buf_free(&plain);
    assert_int_equal(ask("/ledger/entries", NULL), 200);
    assert_false(body_has("a secret reason"));
}

/* ---- signatures --------------------------------------------------------- */

static json_t *signed_reading(const char *path, const struct secret *who)
{
    json_t *o = json_pack("{s:s}", "reason", "because");

    sign_for(o, path, who);
    return o;
}

static void assert_not_read(json_t *o)
{
    assert_int_equal(ask_json(read_path(), o), 403);
    assert_int_equal(recorded("document_read"), 0);
    json_decref(o);
}

static void reading_without_a_signature_is_refused(void **state)
{
    json_t *o;

    (void)state;
    open_desk();
    assert_not_read(json_pack("{s:s}", "reason", "because"));
    o = signed_reading(read_path(), h.officer);
    (void)json_object_del(o, "signature");
    assert_not_read(o);
    o = signed_reading(read_path(), h.officer);
    (void)json_object_del(o, "nonce");
    assert_not_read(o);
}

static void reading_signed_by_another_key_is_refused(void **state)
{
    (void)state;
    open_desk();
    assert_not_read(signed_reading(read_path(), h.epoch));
}

static void reading_for_another_reason_than_signed_is_refused(void **state)
{
    json_t *o;

    (void)state;
    open_desk();
    o = signed_reading(read_path(), h.officer);
    (void)json_object_set_new(o, "reason", json_string("curiosity"));
    assert_not_read(o);
}

static void signature_for_another_path_is_refused(void **state)
{
    (void)state;
    open_desk();
    assert_not_read(signed_reading("/vault/headers", h.officer));
}

static void nonce_that_was_made_up_is_refused(void **state)
{
    json_t *o;

    (void)state;
    open_desk();
    o = signed_reading(read_path(), h.officer);
    (void)json_object_set_new(o, "nonce",
                              json_string("000102030405060708090a0b0c0d0e0f"
                                          "000102030405060708090a0b0c0d0e0f"));
    assert_not_read(o);
}

static void replayed_signature_is_refused(void **state)
{
    json_t *o;

    (void)state;
    open_desk();
    o = signed_reading(read_path(), h.officer);
    assert_int_equal(ask_json(read_path(), o), 200);
    assert_int_equal(ask_json(read_path(), o), 403);
    assert_int_equal(recorded("document_read"), 1);
    json_decref(o);
}

static void nonce_is_refused_as_its_request_would_be(void **state)
{
    struct secret *bob = we_are_only(ROLE_AGENT);

    (void)state;
    open_desk();
    assert_int_equal(ask("/nonce", "{}"), 400);
    assert_int_equal(ask("/nonce", "no json"), 400);
    assert_int_equal(ask("/nonce", "{\"method\":\"POST\",\"path\":\"/x\"}"),
                     404);
    assert_int_equal(ask("/nonce", "{\"method\":\"GET\",\"path\":\"/status\"}"),
                     400);
    assert_int_equal(
        ask("/nonce", "{\"method\":\"POST\",\"path\":\"/keyring\"}"), 403);
    assert_int_equal(ask("/nonce", "{\"method\":\"POST\",\"path\":"
                                   "\"/documents/dnope/read\"}"),
                     404);
    secret_free(&bob);
}

/* ---- reading ------------------------------------------------------------ */

static void reading_without_a_reason_is_refused(void **state)
{
    (void)state;
    open_desk();
    assert_int_equal(ask_read("{}"), 400);
    assert_int_equal(ask_read("{\"reason\":\"\"}"), 400);
    assert_int_equal(ask_read("{\"reason\":\" \\n\"}"), 400);
    assert_int_equal(ask_read("{\"reason\":7}"), 400);
    assert_int_equal(ask_read("not json"), 400);
    assert_int_equal(recorded("document_read"), 0);
}

static void reason_past_the_limit_is_refused(void **state)
{
    struct buf post = { 0 };

    (void)state;
    assert_int_equal(buf_adds(&post, "{\"reason\":\""), 0);
    for (size_t i = 0; i < LIMIT_DESK_BODY / 16 + 1; i++)
        assert_int_equal(buf_adds(&post, "xxxxxxxxxxxxxxxx"), 0);
    assert_int_equal(buf_adds(&post, "\"}"), 0);
    open_desk();
    assert_int_equal(ask_read((const char *)post.p), 400);
    assert_int_equal(recorded("document_read"), 0);
    buf_free(&post);
}

static void unknown_document_comes_before_the_reason(void **state)
{
    (void)state;
    open_desk();
    assert_int_equal(ask("/documents/dnope/read", "{}"), 404);
}

static void auditors_and_officers_read_no_documents(void **state)
{
    struct secret *bob = we_are_only(ROLE_AUDITOR | ROLE_OFFICER);

    (void)state;
    open_desk();
    assert_int_equal(ask_read("{\"reason\":\"x\"}"), 403);
    assert_int_equal(ask("/documents", NULL), 403);
    assert_int_equal(ask("/cases", NULL), 403);
    assert_int_equal(recorded("document_read"), 0);
    secret_free(&bob);
}

static void quarantined_document_is_not_for_agents(void **state)
{
    struct secret *bob = we_are_only(ROLE_AGENT);

    (void)state;
    document_is("quarantined");
    open_desk();
    assert_int_equal(ask_read("{\"reason\":\"x\"}"), 403);
    assert_int_equal(recorded("document_read"), 0);
    secret_free(&bob);
}

static void quarantined_document_is_for_officers(void **state)
{
    (void)state;
    document_is("quarantined");
    open_desk();
    assert_int_equal(ask_read("{\"reason\":\"x\"}"), 200);
}

/* The desk looks, a withdrawal is committed, the desk records. */
static void document_blocked_meanwhile_is_not_read(void **state)
{
    struct staff_access access = { .event_type = "document_read",
                                   .role = "agent",
                                   .state = "stored" };

    (void)state;
    memcpy(access.document, h.document.id, sizeof(access.document));
    memcpy(access.subject, h.document.subject, sizeof(access.subject));
    document_is("blocked");
    open_desk();
    assert_int_equal(registrar_record(registrar, &access, &h.err), -1);
    assert_string_equal(error_name(h.err.code), error_name(ERR_CONFLICT));
    assert_int_equal(recorded("document_read"), 0);
    access.state = "blocked";
    assert_int_equal(registrar_record(registrar, &access, &h.err), 0);
}

static void blocked_document_is_for_nobody(void **state)
{
    (void)state;
    document_is("blocked");
    open_desk();
    assert_int_equal(ask_read("{\"reason\":\"x\"}"), 403);
    assert_int_equal(recorded("document_read"), 0);
}

static void blocked_document_is_not_found_where_the_law_hides_it(void **state)
{
    struct secret *other;
    char path[96];

    (void)state;
    document_is("blocked");
    desk_help_tamper(&h, "UPDATE document SET policy = 'es-gdpr'");
    other = we_are_only(ROLE_AGENT);
    open_desk();
    assert_int_equal(ask_read("{\"reason\":\"x\"}"), 404);
    assert_int_equal(recorded("document_read"), 0);
    (void)snprintf(path, sizeof(path), "/documents/%s", h.document.id);
    assert_int_equal(ask(path, NULL), 404);
    assert_int_equal(ask("/documents", NULL), 200);
    assert_true(body_has("[]"));
    secret_free(&other);
}

/* One that was sent back, and is blocked since; the history of its case. */
static long history_of_what_was_sent_back(void)
{
    char path[96];

    document_is("blocked");
    assert_int_equal(store_begin(h.store, &h.err), 0);
    desk_help_leaf(&h,
                   json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s}}",
                             "time", "2026-01-02T00:00:00.000Z", "event_type",
                             "document_returned", "subject", h.document.subject,
                             "policy", "es-gdpr", "case_id", h.document.case_id,
                             "document_id", h.document.id, "evidence", "item",
                             "dni", "ground", "unreadable"));
    desk_help_commit(&h);
    desk_help_tamper(&h, "UPDATE document SET policy = 'es-gdpr';"
                         "UPDATE cases SET policy = 'es-gdpr';"
                         "INSERT INTO happened SELECT max(idx),"
                         " (SELECT id FROM subject) FROM ledger");
    open_desk();
    (void)snprintf(path, sizeof(path), "/cases/%s", h.document.case_id);
    return ask(path, NULL);
}

static void history_shows_officers_what_is_blocked(void **state)
{
    (void)state;
    assert_int_equal(history_of_what_was_sent_back(), 200);
    assert_true(body_has(h.document.id));
    assert_true(body_has("\"event\":\"document_returned\""));
    assert_true(body_has("\"detail\":\"dni unreadable\""));
}

static void history_names_nothing_that_the_law_hides(void **state)
{
    struct secret *other = we_are_only(ROLE_AGENT);

    (void)state;
    assert_int_equal(history_of_what_was_sent_back(), 200);
    assert_false(body_has(h.document.id));
    assert_false(body_has("document_returned"));
    secret_free(&other);
}

static void blocked_document_is_shown_to_officers_and_not_opened(void **state)
{
    (void)state;
    document_is("blocked");
    desk_help_tamper(&h, "UPDATE document SET policy = 'es-gdpr'");
    open_desk();
    assert_int_equal(ask("/documents", NULL), 200);
    assert_true(body_has("\"state\":\"blocked\""));
    assert_int_equal(ask_read("{\"reason\":\"x\"}"), 403);
    assert_int_equal(recorded("document_read"), 0);
}

static void blocked_document_shows_no_words_of_the_customer(void **state)
{
    (void)state;
    document_is("blocked");
    open_desk();
    assert_int_equal(ask("/documents", NULL), 200);
    assert_true(body_has("\"state\":\"blocked\""));
    assert_false(body_has("dni.jpg"));
}

static void list_with_names_is_on_record(void **state)
{
    (void)state;
    open_desk();
    assert_int_equal(ask("/documents", NULL), 200);
    assert_true(body_has("dni.jpg"));
    assert_int_equal(recorded("documents_listed"), 1);
}

static void list_of_an_unknown_case_is_not_found(void **state)
{
    (void)state;
    open_desk();
    assert_int_equal(ask("/documents?case=BCDF-GHJK", NULL), 404);
    assert_int_equal(
        ask("/documents?case=a-text-far-too-long-for-a-case-code", NULL), 404);
    assert_int_equal(recorded("documents_listed"), 0);
}

static void file_that_is_gone_is_not_recorded_as_read(void **state)
{
    (void)state;
    assert_int_equal(blob_unlink(h.store, h.document.payload, &h.err), 0);
    open_desk();
    /* The document is there: what it is made of does not verify. */
    assert_int_equal(ask_read("{\"reason\":\"x\"}"), 422);
    assert_int_equal(recorded("document_read"), 0);
}

static void export_is_on_record_and_filtered(void **state)
{
    (void)state;
    open_desk();
    assert_int_equal(ask("/consent?until=2026-01-02", NULL), 200);
    assert_true(body_has("consent_given"));
    assert_false(body_has("notice_published"));
    assert_int_equal(ask("/consent?since=2026-01-02", NULL), 200);
    assert_false(body_has("consent_given"));
    assert_true(body_has("notice_published"));
    assert_int_equal(ask("/consent?since=2030-01-02", NULL), 200);
    assert_int_equal(body.len, 0);
    assert_int_equal(recorded("consent_exported"), 3);
    assert_int_equal(recorded("consent_export_ended"), 3);
    assert_int_equal(ask("/consent?since=bogus", NULL), 400);
    assert_int_equal(ask("/consent?subject=snobody", NULL), 404);
    assert_int_equal(ask("/consent?purpose=nothing", NULL), 404);
    assert_int_equal(ask("/consent?case=BCDF-GHJK", NULL), 404);
    assert_int_equal(ask("/consent?state=perhaps", NULL), 400);
    assert_int_equal(ask("/consent?sensitive=maybe", NULL), 400);
    assert_int_equal(ask("/consent?sample=5", NULL), 400);
    assert_int_equal(ask("/consent?sample=0&seed=x", NULL), 400);
    assert_int_equal(ask("/consent?as_of=99999999", NULL), 400);
    assert_int_equal(ask("/consent?as_of=yesterday", NULL), 400);
    assert_int_equal(recorded("consent_exported"), 3);
}

static void live_store_checks_out(void **state)
{
    (void)state;
    open_desk();
    assert_int_equal(ask("/check", NULL), 200);
    /* Warnings depend on the file system that the tests run on. */
    assert_non_null(
        strstr((const char *)body.p, "{\"faults\":[],\"warnings\":["));
}

static void checkpoint_is_of_the_key_that_is_shown(void **state)
{
    struct ledger_checkpoint checkpoint;
    char vkey[LEDGER_VKEY_SIZE];

    (void)state;
    open_desk();
    assert_int_equal(ask("/ledger/key", NULL), 200);
    assert_true(body.len > 1 && body.len < sizeof(vkey));
    memcpy(vkey, body.p, body.len - 1);
    vkey[body.len - 1] = '\0';
    assert_int_equal(ask("/ledger/checkpoint", NULL), 200);
    assert_int_equal(ledger_checkpoint_open(&checkpoint, (const char *)body.p,
                                            body.len, vkey, &h.err),
                     0);
    assert_true(checkpoint.size >= 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(status_is_for_anyone_on_the_keyring),
        TEST(revoked_user_is_refused_everything),
        TEST(reading_gives_the_sealed_file_and_is_on_record),
        TEST(reading_without_a_signature_is_refused),
        TEST(reading_signed_by_another_key_is_refused),
        TEST(reading_for_another_reason_than_signed_is_refused),
        TEST(signature_for_another_path_is_refused),
        TEST(nonce_that_was_made_up_is_refused),
        TEST(replayed_signature_is_refused),
        TEST(nonce_is_refused_as_its_request_would_be),
        TEST(reading_without_a_reason_is_refused),
        TEST(reason_past_the_limit_is_refused),
        TEST(unknown_document_comes_before_the_reason),
        TEST(auditors_and_officers_read_no_documents),
        TEST(quarantined_document_is_not_for_agents),
        TEST(quarantined_document_is_for_officers),
        TEST(document_blocked_meanwhile_is_not_read),
        TEST(blocked_document_is_for_nobody),
        TEST(blocked_document_is_not_found_where_the_law_hides_it),
        TEST(history_shows_officers_what_is_blocked),
        TEST(history_names_nothing_that_the_law_hides),
        TEST(blocked_document_is_shown_to_officers_and_not_opened),
        TEST(blocked_document_shows_no_words_of_the_customer),
        TEST(list_with_names_is_on_record),
        TEST(list_of_an_unknown_case_is_not_found),
        TEST(file_that_is_gone_is_not_recorded_as_read),
        TEST(export_is_on_record_and_filtered),
        TEST(live_store_checks_out),
        TEST(checkpoint_is_of_the_key_that_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
