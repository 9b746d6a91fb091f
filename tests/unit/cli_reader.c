/*
 * cli: asking a desk that may lie. The desk here is a thread that gives canned
 * answers, one a connection.
 */
#include "unit.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "cli/cli.h"

static char *folder;
static char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
static char identity[128];
static struct error err;
static pthread_t thread;
static int listener;
static struct buf answer;

/* ---- the desk ----------------------------------------------------------- */

static void *serve(void *arg)
{
    char request[4096];
    int fd = accept(listener, NULL, NULL);

    if (fd >= 0) {
        (void)!read(fd, request, sizeof(request));
        (void)fd_write_all(fd, answer.p, answer.len);
        (void)shutdown(fd, SHUT_WR);
        while (read(fd, request, sizeof(request)) > 0)
            continue;
        (void)close(fd);
    }
    return arg;
}

/* Answers the next connection; `missing` bytes of the body are kept back. */
static void will_answer(int status, const char *body, size_t missing)
{
    size_t len = strlen(body);

    buf_reset(&answer);
    assert_int_equal(buf_addf(&answer,
                              "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n\r\n",
                              status, len),
                     0);
    assert_int_equal(buf_add(&answer, body, len - missing), 0);
    assert_int_equal(pthread_create(&thread, NULL, serve, NULL), 0);
}

static int set_up(void **state)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    (void)state;
    folder = unit_folder_new();
    (void)snprintf(path, sizeof(path), "%s/desk", folder);
    (void)snprintf(identity, sizeof(identity), "%s/me", folder);
    memcpy(address.sun_path, path, sizeof(path));
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    memset(&err, 0, sizeof(err));
    return bind(listener, (const struct sockaddr *)&address, sizeof(address)) ||
           listen(listener, 4);
}

static int tear_down(void **state)
{
    (void)state;
    (void)close(listener);
    buf_free(&answer);
    unit_folder_free(folder);
    return 0;
}

/* ---- answers ------------------------------------------------------------ */

static int get(struct buf *out)
{
    struct client *client = NULL;
    int ok;

    assert_int_equal(client_open(&client, path, &err), 0);
    ok = client_get(client, "/status", out, &err);
    client_close(&client);
    assert_int_equal(pthread_join(thread, NULL), 0);
    return ok;
}

static void assert_refused(int status, enum error_code code)
{
    struct buf out = { 0 };

    will_answer(status, "{\"error\":\"X\",\"message\":\"no\",\"hint\":\"ask\"}",
                0);
    assert_int_equal(get(&out), -1);
    assert_int_equal(err.code, code);
    assert_string_equal(err.text, "no");
    assert_string_equal(err.hint, "ask");
    assert_int_equal(out.len, 0);
    buf_free(&out);
}

static void good_answer_is_passed_on(void **state)
{
    struct buf out = { 0 };

    (void)state;
    will_answer(200, "hello", 0);
    assert_int_equal(get(&out), 0);
    assert_string_equal((const char *)out.p, "hello");
    buf_free(&out);
}

static void refusals_become_exit_codes(void **state)
{
    (void)state;
    assert_refused(400, ERR_INPUT);
    assert_refused(403, ERR_NOT_PERMITTED);
    assert_refused(404, ERR_NOT_FOUND);
    assert_refused(409, ERR_CONFLICT);
    assert_refused(422, ERR_VERIFY);
    assert_refused(500, ERR_INTERNAL);
}

static void refusal_that_is_no_json_is_still_one(void **state)
{
    struct buf out = { 0 };

    (void)state;
    will_answer(403, "<html>", 0);
    assert_int_equal(get(&out), -1);
    assert_int_equal(err.code, ERR_NOT_PERMITTED);
    buf_free(&out);
}

static void answer_that_breaks_off_is_a_failure(void **state)
{
    struct buf out = { 0 };

    (void)state;
    will_answer(200, "hello", 2);
    assert_int_equal(get(&out), -1);
    assert_int_equal(err.code, ERR_NETWORK);
    buf_free(&out);
}

static void nobody_there_is_a_failure_with_a_hint(void **state)
{
    struct client *client = NULL;
    struct buf out = { 0 };

    (void)state;
    assert_int_equal(unlink(path), 0);
    assert_int_equal(client_open(&client, path, &err), 0);
    assert_int_equal(client_get(client, "/status", &out, &err), -1);
    assert_int_equal(error_exit_code(err.code), 1);
    assert_string_not_equal(err.hint, "");
    client_close(&client);
}

static void names_in_paths_are_escaped(void **state)
{
    struct buf out = { 0 };

    (void)state;
    assert_int_equal(client_path(&out, "/cases/", "../x?y", ""), 0);
    assert_int_equal(client_query(&out, "a", "1&b=2"), 0);
    assert_int_equal(client_query(&out, "c", NULL), 0);
    assert_int_equal(client_query(&out, "d", "é"), 0);
    assert_string_equal((const char *)out.p,
                        "/cases/..%2Fx%3Fy?a=1%26b%3D2&d=%C3%A9");
    buf_free(&out);
}

/* ---- keyrings ----------------------------------------------------------- */

static struct secret *me, *epoch;
static struct keyring *ring;
static json_t *entries;

static json_t *base64(const void *bytes, size_t len)
{
    char text[4096];

    assert_true(BASE64_SIZE(len) <= sizeof(text));
    base64_encode(text, bytes, len, true);
    return json_string(text);
}

static void add_entry(const struct buf *entry, const uint8_t *signature)
{
    assert_int_equal(
        json_array_append_new(entries, json_pack("{s:o, s:o}", "entry",
                                                 base64(entry->p, entry->len),
                                                 "signature",
                                                 base64(signature, SIGN_LEN))),
        0);
}

static int keyring_set_up(void **state)
{
    uint8_t point[AGE_KEY_LEN], signature[SIGN_LEN];
    struct secret *custody = age_identity_new(&random_system);
    struct buf entry = { 0 };

    if (set_up(state) != 0)
        return -1;
    me = age_identity_new(&random_system);
    epoch = age_identity_new(&random_system);
    ring = keyring_new();
    entries = json_array();
    assert_int_equal(identity_write(identity, me, NULL, 0, &err), 0);
    assert_int_equal(age_identity_recipient(point, custody), 0);
    assert_int_equal(keyring_sign_root(ring, me, 1, "ana", point, 1, &entry,
                                       signature, &err),
                     0);
    add_entry(&entry, signature);
    assert_int_equal(age_identity_recipient(point, epoch), 0);
    assert_int_equal(
        keyring_sign_epoch(ring, me, point, 1, &entry, signature, &err), 0);
    add_entry(&entry, signature);
    buf_free(&entry);
    secret_free(&custody);
    return 0;
}

static int keyring_tear_down(void **state)
{
    secret_free(&me);
    secret_free(&epoch);
    keyring_free(&ring);
    json_decref(entries);
    return tear_down(state);
}

/* The keyring with a grant of `secret`, sealed to `reader`. */
static void will_grant(const struct secret *secret, const struct secret *reader)
{
    uint8_t to[1][AGE_KEY_LEN];
    struct buf text = { 0 }, file = { 0 };
    json_t *o;
    char *body;

    assert_int_equal(age_identity_recipient(to[0], reader), 0);
    assert_int_equal(age_identity_file_format(&text, secret, 1), 0);
    assert_int_equal(age_seal(&file, (const uint8_t(*)[AGE_KEY_LEN])to, 1,
                              &random_system, text.p, text.len, &err),
                     0);
    o = json_pack("{s:s, s:O, s:[{s:i, s:o}]}", "root", "unused", "entries",
                  entries, "grants", "epoch", 1, "file",
                  base64(file.p, file.len));
    body = json_dumps(o, JSON_COMPACT);
    assert_non_null(body);
    will_answer(200, body, 0);
    free(body);
    json_decref(o);
    buf_free(&text);
    buf_free(&file);
}

static int to_buffer(void *arg, const uint8_t *bytes, size_t n, struct error *e)
{
    (void)e;
    return buf_add(arg, bytes, n);
}

/* Opens a file of the epoch with what the desk granted. */
static int read_one(struct buf *plain)
{
    struct cli cli = { .socket = path, .identity = identity };
    struct client *client = NULL;
    json_t *answered;
    struct age_opener *opener = NULL;
    uint8_t to[1][AGE_KEY_LEN];
    struct buf file = { 0 };
    struct epochs epochs = { 0 };
    struct keyring *checked = NULL;
    int ok = -1;

    assert_int_equal(client_open(&client, path, &err), 0);
    answered = client_get_json(client, "/keyring", &err);
    client_close(&client);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_non_null(answered);
    checked = reader_keyring(&cli, answered, &err);
    if (checked != NULL &&
        epochs_open(&epochs, checked, me, json_object_get(answered, "grants"),
                    &err) == 0)
        ok = epochs_opener(&opener, &epochs, to_buffer, plain, &err);
    epochs_close(&epochs);
    keyring_free(&checked);
    json_decref(answered);
    if (ok == 0) {
        assert_int_equal(age_identity_recipient(to[0], epoch), 0);
        assert_int_equal(age_seal(&file, (const uint8_t(*)[AGE_KEY_LEN])to, 1,
                                  &random_system, "photo", 5, &err),
                         0);
        ok = age_opener_add(opener, file.p, file.len, &err);
        if (ok == 0)
            ok = age_opener_finish(opener, &err);
    } else {
        assert_null(opener);
    }
    age_opener_free(&opener);
    buf_free(&file);
    return ok;
}

static void granted_reader_opens(void **state)
{
    struct buf plain = { 0 };

    (void)state;
    will_grant(epoch, me);
    assert_int_equal(read_one(&plain), 0);
    assert_string_equal((const char *)plain.p, "photo");
    buf_free(&plain);
}

static void first_root_is_pinned_and_another_refused(void **state)
{
    struct buf plain = { 0 };
    struct known *k = NULL;

    (void)state;
    assert_int_equal(known_open(&k, identity, path, &err), 0);
    assert_int_equal(known_set(k, "keyring_root", "00", &err), 0);
    assert_int_equal(known_save(k, &err), 0);
    known_close(&k);
    will_grant(epoch, me);
    assert_int_equal(read_one(&plain), -1);
    assert_int_equal(err.code, ERR_VERIFY);
    assert_int_equal(plain.len, 0);
}

static void epoch_that_nobody_signed_is_refused(void **state)
{
    struct secret *other = age_identity_new(&random_system);
    struct buf plain = { 0 };

    (void)state;
    will_grant(other, me);
    assert_int_equal(read_one(&plain), -1);
    assert_int_equal(err.code, ERR_VERIFY);
    secret_free(&other);
}

static void forged_entry_is_refused(void **state)
{
    struct buf plain = { 0 };

    (void)state;
    assert_int_equal(json_array_append(entries, json_array_get(entries, 1)), 0);
    will_grant(epoch, me);
    assert_int_equal(read_one(&plain), -1);
    assert_int_equal(err.code, ERR_VERIFY);
}

static void empty_keyring_is_refused(void **state)
{
    struct buf plain = { 0 };

    (void)state;
    assert_int_equal(json_array_clear(entries), 0);
    will_grant(epoch, me);
    assert_int_equal(read_one(&plain), -1);
    assert_int_equal(err.code, ERR_VERIFY);
}

static void grant_of_somebody_else_does_not_open(void **state)
{
    struct secret *other = age_identity_new(&random_system);
    struct buf plain = { 0 };

    (void)state;
    will_grant(epoch, other);
    assert_int_equal(read_one(&plain), -1);
    assert_int_equal(error_exit_code(err.code), 1);
    secret_free(&other);
}

static void no_grant_is_a_failure(void **state)
{
    struct buf plain = { 0 };
    json_t *o = json_pack("{s:O, s:[]}", "entries", entries, "grants");
    char *body = json_dumps(o, JSON_COMPACT);

    (void)state;
    will_answer(200, body, 0);
    assert_int_equal(read_one(&plain), -1);
    assert_int_equal(error_exit_code(err.code), 4);
    free(body);
    json_decref(o);
}

/* ---- a server that lies about the log ----------------------------------- */

/* Grows the log by a member; the recipient is that of a fresh identity. */
static void add_member(uint32_t uid, const char *name)
{
    struct secret *other = age_identity_new(&random_system);
    struct keyring_staff staff = { .uid = uid, .roles = ROLE_AGENT };
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN];

    memcpy(staff.name, name, strlen(name) + 1);
    assert_int_equal(age_identity_recipient(staff.recipient, other), 0);
    assert_int_equal(staff_sign_public(staff.sign_key, other), 0);
    assert_int_equal(
        keyring_sign_staff(ring, me, &staff, 2, &entry, signature, &err), 0);
    add_entry(&entry, signature);
    buf_free(&entry);
    secret_free(&other);
}

static void assert_read_refused(void)
{
    struct buf plain = { 0 };

    will_grant(epoch, me);
    assert_int_equal(read_one(&plain), -1);
    assert_int_equal(error_exit_code(err.code), 5);
    assert_int_equal(plain.len, 0);
    buf_free(&plain);
}

static void assert_read(void)
{
    struct buf plain = { 0 };

    will_grant(epoch, me);
    assert_int_equal(read_one(&plain), 0);
    buf_free(&plain);
}

static void log_that_grew_is_taken(void **state)
{
    (void)state;
    assert_read();
    add_member(2, "bob");
    assert_read();
    assert_read();
}

static void log_that_was_rolled_back_is_refused(void **state)
{
    (void)state;
    add_member(2, "bob");
    assert_read();
    assert_int_equal(json_array_remove(entries, 2), 0);
    assert_read_refused();
}

/* What the officer signed before and after a rollback, as two logs. */
static void log_with_another_entry_in_its_place_is_refused(void **state)
{
    struct keyring *before = keyring_copy(ring);

    (void)state;
    assert_non_null(before);
    add_member(2, "bob");
    assert_read();
    keyring_free(&ring);
    ring = before;
    assert_int_equal(json_array_remove(entries, 2), 0);
    add_member(2, "eve");
    add_member(3, "bob");
    assert_read_refused();
}

static void log_that_was_reordered_is_refused(void **state)
{
    json_t *one;

    (void)state;
    add_member(2, "bob");
    add_member(3, "eva");
    one = json_incref(json_array_get(entries, 2));
    assert_int_equal(json_array_remove(entries, 2), 0);
    assert_int_equal(json_array_append_new(entries, one), 0);
    assert_read_refused();
}

/* A recipient of the server's own in a colleague's entry. */
static void swapped_recipient_is_refused(void **state)
{
    struct secret *evil = age_identity_new(&random_system);
    char recipient[AGE_RECIPIENT_SIZE];
    uint8_t point[AGE_KEY_LEN];
    uint8_t bytes[2048];
    const char *text;
    json_t *item, *o;
    struct buf again = { 0 };
    ssize_t len;

    (void)state;
    add_member(2, "bob");
    item = json_array_get(entries, 2);
    text = json_str(item, "entry");
    len = base64_decode(bytes, sizeof(bytes), text, strlen(text), true);
    assert_true(len > 0);
    o = json_parse(bytes, (size_t)len, &err);
    assert_int_equal(age_identity_recipient(point, evil), 0);
    age_recipient_format(recipient, point);
    assert_int_equal(
        json_object_set_new(o, "recipient", json_string(recipient)), 0);
    assert_int_equal(json_canonical(o, &again), 0);
    assert_int_equal(
        json_object_set_new(item, "entry", base64(again.p, again.len)), 0);
    assert_read_refused();
    json_decref(o);
    buf_free(&again);
    secret_free(&evil);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
#define RING(f)                                                                \
    cmocka_unit_test_setup_teardown(f, keyring_set_up, keyring_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(good_answer_is_passed_on),
        TEST(refusals_become_exit_codes),
        TEST(refusal_that_is_no_json_is_still_one),
        TEST(answer_that_breaks_off_is_a_failure),
        TEST(nobody_there_is_a_failure_with_a_hint),
        TEST(names_in_paths_are_escaped),
        RING(granted_reader_opens),
        RING(first_root_is_pinned_and_another_refused),
        RING(epoch_that_nobody_signed_is_refused),
        RING(forged_entry_is_refused),
        RING(empty_keyring_is_refused),
        RING(grant_of_somebody_else_does_not_open),
        RING(no_grant_is_a_failure),
        RING(log_that_grew_is_taken),
        RING(log_that_was_rolled_back_is_refused),
        RING(log_with_another_entry_in_its_place_is_refused),
        RING(log_that_was_reordered_is_refused),
        RING(swapped_recipient_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
