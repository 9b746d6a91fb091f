/* desk: headers moved to another epoch, and proven. */
#include "desk_staff_help.h"

/* ---- headers ------------------------------------------------------------ */

static json_t *page_of(const char *path, int epoch, json_t *after)
{
    json_t *o = json_pack("{s:i, s:o}", "epoch", epoch, "after", after);

    sign_for(o, path, h.officer);
    assert_int_equal(ask_json(path, o), 200);
    json_decref(o);
    return json_parse(body.p, body.len, &h.err);
}

static json_t *headers_of(int epoch)
{
    return page_of("/vault/headers/read", epoch, json_integer(0));
}

/* The document's header, moved to the second epoch by what the desk gives. */
static json_t *moved(const struct secret *second)
{
    json_t *page = headers_of(1);
    const json_t *item = json_array_get(json_object_get(page, "headers"), 0);
    const char *text = json_str(item, "header");
    uint8_t header[1024];
    struct buf out = { 0 };
    ssize_t len;
    json_t *o;

    assert_non_null(text);
    len = base64_decode(header, sizeof(header), text, strlen(text), true);
    assert_true(len > 0);
    assert_int_equal(header_rewrap(&out, header, (size_t)len, h.epoch, second,
                                   &random_system, &h.err),
                     0);
    o = json_pack("{s:i, s:[{s:O, s:i, s:o}]}", "epoch", 2, "headers",
                  "document", json_object_get(item, "document"), "former", 1,
                  "header", base64(out.p, out.len));
    json_decref(page);
    buf_free(&out);
    return o;
}

static struct secret *rotate(void)
{
    struct secret *second = age_identity_new(&random_system);

    new_change();
    sign_epoch(second);
    put_grant(2, ME);
    assert_int_equal(send_change(), 200);
    return second;
}

static long post_headers(json_t *o, const char *path)
{
    sign_for(o, path, h.officer);
    return ask_json(path, o);
}

static void assert_sound(void)
{
    assert_int_equal(ask("/check", NULL), 200);
    assert_non_null(strstr((const char *)body.p, "\"faults\":[]"));
}

/* What a request for proof says of a moved header. */
static json_t *proof_of(const json_t *sent)
{
    const json_t *item = json_array_get(json_object_get(sent, "headers"), 0);
    const char *text = json_str(item, "header");
    uint8_t header[1024], hash[SHA256_LEN];
    char hex[HEX_SIZE(SHA256_LEN)];
    ssize_t len =
        base64_decode(header, sizeof(header), text, strlen(text), true);

    assert_true(len > 0);
    sha256_of(hash, header, (size_t)len);
    hex_encode(hex, hash, sizeof(hash));
    return json_pack("{s:[{s:O, s:s}]}", "headers", "document",
                     json_object_get(item, "document"), "sha256", hex);
}

static void header_is_moved_and_the_payload_is_not(void **state)
{
    struct secret *second = rotate();
    struct buf plain = { 0 };
    json_t *o = moved(second), *proof = proof_of(o);

    (void)state;
    assert_int_equal(recorded("headers_read"), 1);
    assert_int_equal(ask_json("/vault/headers", o), 403);
    assert_int_equal(post_headers(o, "/vault/headers"), 200);
    assert_true(body_has("{\"done\":1}"));
    assert_int_equal(recorded("header_rewrapped"), 1);
    assert_int_equal(ask_read("{\"reason\":\"x\"}"), 200);
    assert_int_equal(age_open(&plain, (const struct secret *const[]){ second },
                              1, body.p, body.len, &h.err),
                     0);
    assert_memory_equal(plain.p, desk_plain, sizeof(desk_plain));
    assert_sound();

    /* The former one stays until this one was opened, and may be moved again;
     * what is proven is not moved, and is not on record twice. */
    assert_int_equal(ask("/vault", NULL), 200);
    assert_true(body_has("\"unproven\":1"));
    assert_int_equal(post_headers(o, "/vault/headers"), 200);
    assert_true(body_has("{\"done\":1}"));
    assert_sound();
    assert_int_equal(post_headers(proof, "/vault/headers/confirmed"), 200);
    assert_true(body_has("{\"done\":1}"));
    assert_int_equal(recorded("header_confirmed"), 1);
    assert_int_equal(post_headers(proof, "/vault/headers/confirmed"), 200);
    assert_true(body_has("{\"done\":0}"));
    assert_int_equal(post_headers(o, "/vault/headers"), 200);
    assert_true(body_has("{\"done\":0}"));
    assert_int_equal(recorded("header_rewrapped"), 2);
    assert_int_equal(recorded("header_confirmed"), 1);
    assert_sound();
    json_decref(o);
    json_decref(proof);
    buf_free(&plain);
    secret_free(&second);
}

/* An officer's program sends what nobody opens: the document is not lost. */
static void former_header_outlives_one_that_opens_nothing(void **state)
{
    struct secret *second = rotate(),
                  *nobody = age_identity_new(&random_system);
    json_t *bad = moved(nobody), *good = moved(second), *page, *proof;
    const json_t *item;
    const char *text;
    uint8_t former[1024];
    struct secret *key;
    size_t took;
    ssize_t len;

    (void)state;
    assert_int_equal(post_headers(bad, "/vault/headers"), 200);
    page = page_of("/vault/headers/unproven", 1, json_string(""));
    item = json_array_get(json_object_get(page, "headers"), 0);
    text = json_str(item, "former");
    assert_non_null(text);
    len = base64_decode(former, sizeof(former), text, strlen(text), true);
    key = age_header_open(former, (size_t)len,
                          (const struct secret *const[]){ h.epoch }, 1, &took,
                          &h.err);
    assert_non_null(key);
    secret_free(&key);

    /* A proof of another header than the one in place proves nothing. */
    proof = proof_of(good);
    assert_int_equal(post_headers(proof, "/vault/headers/confirmed"), 200);
    assert_true(body_has("{\"done\":0}"));
    assert_int_equal(post_headers(good, "/vault/headers"), 200);
    assert_true(body_has("{\"done\":1}"));
    assert_int_equal(post_headers(proof, "/vault/headers/confirmed"), 200);
    assert_true(body_has("{\"done\":1}"));
    assert_sound();
    json_decref(bad);
    json_decref(good);
    json_decref(page);
    json_decref(proof);
    secret_free(&second);
    secret_free(&nobody);
}

static void add_officer(void)
{
    struct keyring_staff staff = { .uid = BOB,
                                   .name = "bob",
                                   .roles = ROLE_OFFICER };
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN];

    new_change();
    assert_int_equal(age_identity_recipient(staff.recipient, bob), 0);
    assert_int_equal(staff_sign_public(staff.sign_key, bob), 0);
    assert_int_equal(keyring_sign_staff(mine, h.officer, &staff, 5, &entry,
                                        signature, &h.err),
                     0);
    put_entry(&entry, signature);
    put_grant(1, BOB);
    put_grant(2, BOB);
    assert_int_equal(send_change(), 200);
}

static void revoke_bob(void)
{
    struct secret *third = age_identity_new(&random_system);

    new_change();
    sign_revoke(BOB);
    sign_epoch(third);
    put_grant(3, ME);
    assert_int_equal(send_change(), 200);
    secret_free(&third);
}

/* As if it had been this officer, so many days before. */
static void moved_by(unsigned uid, int days_ago)
{
    char sql[160];

    (void)snprintf(sql, sizeof(sql),
                   "UPDATE document SET moved_by = %u, moved_at = moved_at -"
                   " %d * 86400000",
                   uid, days_ago);
    desk_help_tamper(&h, sql);
}

static void shown_as_yours(bool yours)
{
    json_t *page = page_of("/vault/headers/unproven", 1, json_string(""));
    const json_t *item = json_array_get(json_object_get(page, "headers"), 0);

    assert_int_equal(json_is_true(json_object_get(item, "yours")), yours);
    json_decref(page);
}

/* Alone, an officer cannot spoil a document while there is another. */
static void who_moved_a_header_does_not_prove_it(void **state)
{
    struct secret *second = rotate();
    json_t *o = moved(second), *proof = proof_of(o);

    (void)state;
    add_officer();
    assert_int_equal(post_headers(o, "/vault/headers"), 200);
    shown_as_yours(false);
    assert_int_equal(post_headers(proof, "/vault/headers/confirmed"), 403);
    assert_int_equal(recorded("header_confirmed"), 0);
    assert_int_equal(ask("/vault", NULL), 200);
    assert_true(body_has("\"unproven\":1"));

    /* Neither is one's puppet another, the day that one made it. */
    moved_by(BOB, 0);
    shown_as_yours(false);
    assert_int_equal(post_headers(proof, "/vault/headers/confirmed"), 403);
    assert_true(body_has("less than a day ago"));
    desk_help_tamper(&h, "UPDATE newcomer SET added = added - 90000000");
    shown_as_yours(true);
    assert_int_equal(post_headers(proof, "/vault/headers/confirmed"), 200);
    assert_true(body_has("{\"done\":1}"));
    json_decref(o);
    json_decref(proof);
    secret_free(&second);
}

/* Nor by revoking the other first. */
static void who_was_left_alone_proves_after_a_month(void **state)
{
    struct secret *second = rotate();
    json_t *o = moved(second), *proof = proof_of(o);

    (void)state;
    add_officer();
    desk_help_tamper(&h, "DELETE FROM newcomer");
    assert_int_equal(post_headers(o, "/vault/headers"), 200);
    revoke_bob();
    shown_as_yours(false);
    assert_int_equal(post_headers(proof, "/vault/headers/confirmed"), 403);
    assert_true(body_has("there was another officer"));
    moved_by(ME, 29);
    assert_int_equal(post_headers(proof, "/vault/headers/confirmed"), 403);
    moved_by(ME, 1);
    shown_as_yours(true);
    assert_int_equal(post_headers(proof, "/vault/headers/confirmed"), 200);
    assert_true(body_has("{\"done\":1}"));
    json_decref(o);
    json_decref(proof);
    secret_free(&second);
}

/* Header and epoch of before, put back by who controls the database: a reader
 * that was revoked may have that epoch's secret. */
static void header_of_before_is_noticed(void **state)
{
    struct secret *second = rotate();
    json_t *o = moved(second), *proof = proof_of(o);

    (void)state;
    desk_help_tamper(&h, "CREATE TABLE kept AS SELECT epoch, header_wrapped"
                         " FROM document");
    assert_int_equal(post_headers(o, "/vault/headers"), 200);
    assert_int_equal(post_headers(proof, "/vault/headers/confirmed"), 200);
    assert_sound();
    desk_help_tamper(&h, "UPDATE document SET header_wrapped ="
                         " (SELECT header_wrapped FROM kept)");
    assert_int_equal(ask("/check", NULL), 200);
    assert_true(body_has("its header is not the one in the ledger"));
    desk_help_tamper(&h, "UPDATE document SET epoch = (SELECT epoch FROM kept);"
                         "DROP TABLE kept");
    assert_int_equal(ask("/check", NULL), 200);
    assert_true(body_has("the database says epoch 1, the ledger 2"));
    json_decref(o);
    json_decref(proof);
    secret_free(&second);
}

/* Not a header, or one that others than the epoch open too. */
static void header_that_is_none_is_refused(void **state)
{
    struct secret *second = rotate(), *key = secret_new(AGE_FILE_KEY_LEN);
    json_t *o = moved(second), *item, *kept;
    uint8_t to[2][AGE_KEY_LEN];
    struct buf two = { 0 };

    (void)state;
    item = json_array_get(json_object_get(o, "headers"), 0);
    kept = json_incref(json_object_get(item, "header"));
    (void)json_object_set_new(item, "header", base64("rubbish", 7));
    assert_int_equal(post_headers(o, "/vault/headers"), 400);
    assert_int_equal(age_identity_recipient(to[0], second), 0);
    assert_int_equal(age_identity_recipient(to[1], bob), 0);
    assert_int_equal(age_seal(&two, (const uint8_t(*)[AGE_KEY_LEN])to, 2,
                              &random_system, "x", 1, &h.err),
                     0);
    (void)json_object_set_new(item, "header", base64(two.p, two.len - 33));
    assert_int_equal(post_headers(o, "/vault/headers"), 400);
    assert_true(body_has("not for one X25519 recipient"));
    buf_free(&two);
    assert_int_equal(age_seal(&two, (const uint8_t(*)[AGE_KEY_LEN])to, 1,
                              &random_system, "x", 1, &h.err),
                     0);
    (void)json_object_set_new(item, "header", base64(two.p, two.len));
    assert_int_equal(post_headers(o, "/vault/headers"), 400);
    assert_true(body_has("bytes follow it"));
    assert_int_equal(recorded("header_rewrapped"), 0);
    (void)json_object_set_new(item, "header", kept);
    assert_int_equal(post_headers(o, "/vault/headers"), 200);
    json_decref(o);
    buf_free(&two);
    secret_free(&key);
    secret_free(&second);
}

static void header_for_an_epoch_that_is_not_the_newest_is_refused(void **state)
{
    struct secret *second = rotate();
    json_t *o = moved(second);

    (void)state;
    (void)json_object_set_new(o, "epoch", json_integer(1));
    sign_for(o, "/vault/headers", h.officer);
    assert_int_equal(ask_json("/vault/headers", o), 409);
    (void)json_object_set_new(o, "epoch", json_integer(3));
    sign_for(o, "/vault/headers", h.officer);
    assert_int_equal(ask_json("/vault/headers", o), 409);
    assert_int_equal(recorded("header_rewrapped"), 0);
    json_decref(o);
    secret_free(&second);
}

static void malformed_headers_are_refused(void **state)
{
    static const char *const bodies[] = {
        "{}",
        "{\"epoch\":1}",
        "{\"epoch\":0,\"headers\":[]}",
        "{\"epoch\":1,\"headers\":[{}]}",
        ("{\"epoch\":1,\"headers\":[{\"document\":\"x\",\"former\":1,"
         "\"header\":\"AAAA\"}]}"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        json_t *o = json_parse(bodies[i], strlen(bodies[i]), &h.err);

        sign_for(o, "/vault/headers", h.officer);
        assert_int_equal(ask_json("/vault/headers", o), 400);
        json_decref(o);
    }
}

static void epochs_are_counted_and_unknown_ones_not_found(void **state)
{
    (void)state;
    assert_int_equal(ask("/vault", NULL), 200);
    assert_true(body_has("\"documents\":1"));
    for (int epoch = 0; epoch <= 2; epoch += 2) {
        json_t *o = json_pack("{s:i, s:i}", "epoch", epoch, "after", 0);

        assert_int_equal(post_headers(o, "/vault/headers/read"),
                         epoch == 0 ? 400 : 404);
        json_decref(o);
    }
    assert_int_equal(ask("/vault/headers", NULL), 404);
    assert_int_equal(recorded("headers_read"), 0);
    assert_int_equal(ask("/grants/1", NULL), 200);
    assert_int_equal(ask("/grants/2", NULL), 404);
    assert_int_equal(ask("/grants/x", NULL), 404);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(header_is_moved_and_the_payload_is_not),
        TEST(former_header_outlives_one_that_opens_nothing),
        TEST(who_moved_a_header_does_not_prove_it),
        TEST(who_was_left_alone_proves_after_a_month),
        TEST(header_of_before_is_noticed),
        TEST(header_that_is_none_is_refused),
        TEST(header_for_an_epoch_that_is_not_the_newest_is_refused),
        TEST(malformed_headers_are_refused),
        TEST(epochs_are_counted_and_unknown_ones_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
