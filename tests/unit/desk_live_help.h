/* A desk over its socket, with a registrar behind. */
#ifndef RESGUARDO_UNIT_DESK_LIVE_HELP_H
#define RESGUARDO_UNIT_DESK_LIVE_HELP_H

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

static inline void answer(void *arg, uint64_t request, unsigned status)
{
    (void)arg;
    (void)request;
    (void)status;
}

static inline void fetch(void *arg, const struct fetch_order *order)
{
    (void)arg;
    (void)order;
}

static inline void cancel(void *arg, const char *attachment)
{
    (void)arg;
    (void)attachment;
}

static inline void send_message(void *arg, const char *outbox,
                                const char *number, const char *text,
                                size_t len)
{
    (void)arg;
    (void)outbox;
    (void)number;
    (void)text;
    (void)len;
}

static inline void forget(void *arg, const char *attachment, const char *number,
                          const char *media_id)
{
    (void)arg;
    (void)attachment;
    (void)number;
    (void)media_id;
}

static const struct registrar_effects effects = { NULL,   answer, NULL,
                                                  fetch,  cancel, send_message,
                                                  forget, forget };

/* ---- opening and closing ------------------------------------------------ */

static inline int set_up(void **state)
{
    (void)state;
    desk_help_open(&h);
    return 0;
}

/* Opens registrar and desk over what the test prepared. */
static inline void open_desk(void)
{
    static const char *const ids[] = { "co-habeas-data", "es-gdpr" };
    struct registrar_needs needs = { .config = &config,
                                     .keyring = h.keyring,
                                     .effects = &effects,
                                     .clock = &clock_system,
                                     .random = &random_system };
    struct desk_needs desk_needs = { .config = &config,
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
    desk_needs.registrar = registrar;
    assert_int_equal(desk_open(&desk, &desk_needs, &h.err), 0);
}

static inline int tear_down(void **state)
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

static inline void document_is(const char *state)
{
    assert_int_equal(store_begin(h.store, &h.err), 0);
    assert_int_equal(document_set_state(h.store, h.document.id, state, &h.err),
                     0);
    assert_int_equal(store_commit(h.store, &h.err), 0);
}

/* Another officer, so that we may be less; then we have only these roles. */
static inline struct secret *we_are_only(unsigned roles)
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

static inline size_t collect(char *bytes, size_t one, size_t n, void *arg)
{
    return buf_add(arg, bytes, one * n) == 0 ? n : 0;
}

/* Status of the answer, 0 when it broke off. */
static inline long ask(const char *path, const char *post)
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

/* Adds nonce and signature to a body for a path, as a CLI does; the reason is
 * the body's. Leaves it as it is where the desk gives no nonce. */
static inline void sign_for(json_t *o, const char *path,
                            const struct secret *who)
{
    json_t *asked = json_pack("{s:s, s:s}", "method", "POST", "path", path);
    char *text = json_dumps(asked, JSON_COMPACT), base64[BASE64_SIZE(SIGN_LEN)];
    const char *reason = json_str(o, "reason");
    struct buf bytes = { 0 };
    uint8_t signature[SIGN_LEN];
    char hash[HEX_SIZE(SHA256_LEN)];
    json_t *answered;
    int has_body = staff_request_body(hash, o);

    assert_true(has_body >= 0);
    if (ask("/nonce", text) == 200) {
        answered = json_parse(body.p, body.len, &h.err);
        assert_int_equal(staff_request(&bytes, "POST",
                                       json_str(answered, "nonce"), path,
                                       reason != NULL ? reason : "",
                                       has_body > 0 ? hash : NULL),
                         0);
        assert_int_equal(staff_sign(signature, who, bytes.p, bytes.len), 0);
        base64_encode(base64, signature, sizeof(signature), true);
        (void)json_object_set(o, "nonce", json_object_get(answered, "nonce"));
        (void)json_object_set_new(o, "signature", json_string(base64));
        json_decref(answered);
    }
    buf_free(&bytes);
    free(text);
    json_decref(asked);
}

static inline const char *read_path(void)
{
    static char path[96];

    (void)snprintf(path, sizeof(path), "/documents/%s/read", h.document.id);
    return path;
}

static inline long ask_json(const char *path, const json_t *o)
{
    char *text = json_dumps(o, JSON_COMPACT);
    long status = ask(path, text);

    free(text);
    return status;
}

/* Signed where it is JSON. */
static inline long ask_read(const char *post)
{
    json_t *o = json_parse(post, strlen(post), &h.err);
    long status;

    if (json_is_object(o)) {
        sign_for(o, read_path(), h.officer);
        status = ask_json(read_path(), o);
    } else {
        status = ask(read_path(), post);
    }
    json_decref(o);
    return status;
}

/* How many entries of this kind the ledger has, asked of the store itself. */
struct counting {
    const char *event;
    int n;
};

static inline int count_one(void *arg, uint64_t index, const uint8_t *entry,
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

static inline int recorded(const char *event)
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

static inline bool body_has(const char *text)
{
    return body.len > 0 && memmem(body.p, body.len, text, strlen(text)) != NULL;
}

#endif
