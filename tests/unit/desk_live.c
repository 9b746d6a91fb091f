/* desk: the whole of it over its socket, with a registrar behind. */
#include "desk_help.h"

#include <curl/curl.h>

static struct desk_help h;
static struct policy_set *policies;
static struct registrar *registrar;
static struct desk *desk;
static struct config config;
static struct config_number numbers[] = {
    { .phone_number_id = "1", .policy = "co-habeas-data" },
    { .phone_number_id = "2", .policy = "es-gdpr" },
};
static char socket_path[160];
static struct buf body; /* of the last answer */

/* ---- a registrar without effects ---------------------------------------- */

static void answer(void *arg, uint64_t request, unsigned status)
{
    (void)arg;
    (void)request;
    (void)status;
}

static void fetch(void *arg, const struct fetch_order *order)
{
    (void)arg;
    (void)order;
}

static void cancel(void *arg, const char *attachment)
{
    (void)arg;
    (void)attachment;
}

static void send_message(void *arg, const char *outbox, const char *number,
                         const char *text, size_t len)
{
    (void)arg;
    (void)outbox;
    (void)number;
    (void)text;
    (void)len;
}

static void forget(void *arg, const char *attachment, const char *number,
                   const char *media_id)
{
    (void)arg;
    (void)attachment;
    (void)number;
    (void)media_id;
}

static const struct registrar_effects effects = { NULL,  answer, NULL,
                                                  fetch, cancel, send_message,
                                                  forget };

/* ---- opening and closing ------------------------------------------------ */

static int set_up(void **state)
{
    (void)state;
    desk_help_open(&h);
    return 0;
}

/* Opens registrar and desk over what the test prepared. */
static void open_desk(void)
{
    static const char *const ids[] = { "co-habeas-data", "es-gdpr" };
    struct registrar_needs needs = { .config = &config,
                                     .keyring = h.keyring,
                                     .effects = &effects,
                                     .clock = &clock_system,
                                     .random = &random_system };
    struct desk_needs desk_needs = { .config = &config,
                                     .keyring = h.keyring,
                                     .clock = &clock_system };

    (void)snprintf(socket_path, sizeof(socket_path), "%s/desk", h.folder);
    config = (struct config){ .controller = (char *)(uintptr_t) "C",
                              .storage = h.dir,
                              .policies = (char *)(uintptr_t) "policies",
                              .public_url =
                                  (char *)(uintptr_t) "https://example.org",
                              .public_host = (char *)(uintptr_t) "example.org",
                              .socket = socket_path,
                              .numbers = numbers,
                              .nnumbers = 2 };
    policies = policy_set_load("policies", ids, 2, config.controller,
                               config.public_url, &h.err);
    assert_non_null(policies);
    ledger_close(&h.ledger);
    needs.policies = policies;
    needs.store = h.store;
    assert_int_equal(registrar_open(&registrar, &needs, &h.err), 0);
    h.store = NULL;
    assert_int_equal(registrar_start(registrar, &h.err), 0);
    desk_needs.policies = policies;
    desk_needs.registrar = registrar;
    assert_int_equal(desk_open(&desk, &desk_needs, &h.err), 0);
}

static int tear_down(void **state)
{
    (void)state;
    desk_close(&desk);
    registrar_close(&registrar);
    policy_set_free(&policies);
    buf_free(&body);
    desk_help_close(&h);
    return 0;
}

/* ---- what a test prepares ----------------------------------------------- */

static void document_is(const char *state)
{
    assert_int_equal(store_begin(h.store, &h.err), 0);
    assert_int_equal(document_set_state(h.store, h.document.id, state, &h.err),
                     0);
    assert_int_equal(store_commit(h.store, &h.err), 0);
}

/* Another officer, so that we may be less; then we have only these roles. */
static struct secret *we_are_only(unsigned roles)
{
    struct secret *other = age_identity_new(&random_system);
    struct keyring_staff bob = { .uid = (uint32_t)getuid() + 1,
                                 .name = "bob",
                                 .roles = ROLE__ALL };
    struct keyring_staff me = *keyring_find(h.keyring, (uint32_t)getuid());
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN];

    assert_int_equal(age_identity_recipient(bob.recipient, other), 0);
    assert_int_equal(staff_sign_public(bob.sign_key, other), 0);
    assert_int_equal(keyring_sign_staff(h.keyring, h.officer, &bob, 2, &entry,
                                        signature, &h.err),
                     0);
    me.roles = roles;
    assert_int_equal(keyring_sign_staff(h.keyring, h.officer, &me, 2, &entry,
                                        signature, &h.err),
                     0);
    buf_free(&entry);
    return other;
}

/* ---- asking ------------------------------------------------------------- */

static size_t collect(char *bytes, size_t one, size_t n, void *arg)
{
    return buf_add(arg, bytes, one * n) == 0 ? n : 0;
}

/* Status of the answer, 0 when it broke off. */
static long ask(const char *path, const char *post)
{
    CURL *curl = curl_easy_init();
    char url[256];
    long status = 0;

    (void)snprintf(url, sizeof(url), "http://desk%s", path);
    buf_reset(&body);
    assert_non_null(curl);
    (void)curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket_path);
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    if (post != NULL)
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, post);
    if (curl_easy_perform(curl) == CURLE_OK)
        (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    return status;
}

static long ask_read(const char *post)
{
    char path[96];

    (void)snprintf(path, sizeof(path), "/documents/%s/read", h.document.id);
    return ask(path, post);
}

/* How many entries of this kind the ledger has, asked of the store itself. */
struct counting {
    const char *event;
    int n;
};

static int count_one(void *arg, uint64_t index, const uint8_t *entry,
                     size_t len, const uint8_t *leaf)
{
    struct counting *c = arg;
    json_t *o = json_parse(entry, len, &h.err);
    const char *event = json_str(o, "event_type");

    (void)index;
    (void)leaf;
    c->n += event != NULL && strcmp(event, c->event) == 0;
    json_decref(o);
    return 0;
}

static int recorded(const char *event)
{
    struct counting c = { event, 0 };
    struct store *s = NULL;

    assert_int_equal(
        store_open(&s, h.dir, NULL, STORE_READER, &random_system, &h.err), 0);
    assert_int_equal(ledger_row_list(s, 0, UINT64_MAX, count_one, &c, &h.err),
                     0);
    store_close(&s);
    return c.n;
}

static bool body_has(const char *text)
{
    return body.len > 0 && memmem(body.p, body.len, text, strlen(text)) != NULL;
}

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
    (void)state;
    document_is("blocked");
    desk_help_tamper(&h, "UPDATE document SET policy = 'es-gdpr'");
    open_desk();
    assert_int_equal(ask_read("{\"reason\":\"x\"}"), 404);
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
    assert_int_equal(ask("/consent?subject=snobody", NULL), 200);
    assert_int_equal(body.len, 0);
    assert_int_equal(recorded("consent_exported"), 3);
    assert_int_equal(ask("/consent?since=bogus", NULL), 400);
    assert_int_equal(recorded("consent_exported"), 3);
}

static void live_store_checks_out(void **state)
{
    (void)state;
    open_desk();
    assert_int_equal(ask("/check", NULL), 200);
    assert_string_equal((const char *)body.p, "{\"faults\":[]}");
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
        TEST(reading_without_a_reason_is_refused),
        TEST(reason_past_the_limit_is_refused),
        TEST(unknown_document_comes_before_the_reason),
        TEST(auditors_and_officers_read_no_documents),
        TEST(quarantined_document_is_not_for_agents),
        TEST(quarantined_document_is_for_officers),
        TEST(document_blocked_meanwhile_is_not_read),
        TEST(blocked_document_is_for_nobody),
        TEST(blocked_document_is_not_found_where_the_law_hides_it),
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
