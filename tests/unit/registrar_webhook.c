/* Webhooks: the signature, and items that may be anything. */
#include "unit.h"

#include "resguardo/webhook.h"

static struct webhook *parse(const char *text)
{
    struct error err = { 0 };
    return webhook_parse(text, strlen(text), &err);
}

/* One message inside a whole envelope. */
static struct webhook *parse_message(const char *message)
{
    struct webhook *webhook;
    struct buf text = { 0 };

    assert_int_equal(
        buf_addf(&text,
                 "{\"object\":\"whatsapp_business_account\",\"entry\":[{"
                 "\"changes\":[{\"field\":\"messages\",\"value\":{"
                 "\"metadata\":{\"phone_number_id\":\"8001\"},"
                 "\"contacts\":[{\"wa_id\":\"346\",\"profile\":{\"name\":\"M\"}"
                 "}],\"messages\":[%s]}}]}]}",
                 message),
        0);
    webhook = parse((char *)text.p);
    buf_free(&text);
    assert_non_null(webhook);
    assert_int_equal(webhook->n, 1);
    return webhook;
}

#define F "\"from\":\"346\",\"id\":\"wamid.A\",\"timestamp\":\"1795430000\","

static void known_signature_verifies(void **state)
{
    static const char body[] =
        "{\"object\":\"whatsapp_business_account\",\"entry\":[]}";
    struct secret *secrets[2] = { secret_copy("former", 6),
                                  secret_copy("intake-demo-app-secret", 22) };
    char signature[] = "sha256=5f2e43788a01def89e40db25f02024a5e30d1a102a412e90"
                       "57c6d1653b1fe6cb";
    const struct secret *const *keys = (const struct secret *const *)secrets;

    (void)state;
    assert_true(webhook_signed(signature, body, strlen(body), keys, 2));
    assert_false(webhook_signed(signature, body, strlen(body), keys, 1));
    assert_false(webhook_signed(signature, body, strlen(body) - 1, keys, 2));
    assert_false(webhook_signed(signature + 7, body, strlen(body), keys, 2));
    assert_false(webhook_signed("", body, strlen(body), keys, 2));
    for (size_t i = 7; signature[i] != '\0'; i++) {
        signature[i] ^= 1;
        assert_false(webhook_signed(signature, body, strlen(body), keys, 2));
        signature[i] ^= 1;
    }
    secret_free(&secrets[0]);
    secret_free(&secrets[1]);
}

static void envelope_needs_a_string_object(void **state)
{
    static const char *const bad[] = { "",    "[]",
                                       "{}",  "{\"object\":1}",
                                       "nul", "{\"object\":\"x\"}}" };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_null(parse(bad[i]));
}

static void odd_envelopes_have_no_items(void **state)
{
    static const char *const odd[] = {
        "{\"object\":\"page\",\"entry\":[1]}",
        "{\"object\":\"whatsapp_business_account\",\"entry\":7}",
        ("{\"object\":\"whatsapp_business_account\",\"entry\":[{\"changes\":[{"
         "\"field\":\"x\",\"value\":{\"messages\":[{}]}}]}]}"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        struct webhook *webhook = parse(odd[i]);
        assert_non_null(webhook);
        assert_int_equal(webhook->n, 0);
        webhook_free(&webhook);
    }
}

/* All but the message's own id, which comes last. */
static void claims_are(const struct webhook_item *item, const char *expected)
{
    struct buf text = { 0 };

    assert_int_equal(buf_addf(&text, "{%s%s\"wamid\":\"%s\"}",
                              expected != NULL ? expected : "",
                              expected != NULL ? "," : "", item->wamid),
                     0);
    assert_string_equal((const char *)item->claims.p, (const char *)text.p);
    buf_free(&text);
}

static void photo_is_read_whole(void **state)
{
    struct webhook *w = parse_message(
        "{" F "\"type\":\"image\",\"image\":{\"id\":\"551\",\"mime_type\":"
        "\"Image/JPEG; q=1\",\"caption\":\"c\",\"sha256\":"
        "\"5cYt9dq1yHtqAV7z1DWXB00e7EM7FfUa7GO4WC0OSrQ=\"}}");
    const struct webhook_item *i = &w->items[0];

    (void)state;
    assert_int_equal(i->kind, WEBHOOK_FILE);
    assert_string_equal(i->media_id, "551");
    assert_string_equal(i->announced_type, "image/jpeg");
    assert_string_equal(i->name, "M");
    claims_are(i, "\"caption\":\"c\",\"media_id\":\"551\",\"sha256\":"
                  "\"e5c62df5dab5c87b6a015ef3d4359707"
                  "4d1eec433b15f51aec63b8582d0e4ab4\"");
    webhook_free(&w);
}

static void media_id_that_is_not_digits_is_dropped(void **state)
{
    struct webhook *w = parse_message(
        "{" F "\"type\":\"image\",\"image\":{\"id\":\"../me?x\"}}");

    (void)state;
    assert_int_equal(w->items[0].kind, WEBHOOK_FILE);
    assert_string_equal(w->items[0].media_id, "");
    claims_are(&w->items[0], NULL);
    webhook_free(&w);
}

static void undecodable_hash_counts_as_absent(void **state)
{
    struct webhook *w = parse_message(
        "{" F "\"type\":\"image\",\"image\":{\"id\":\"1\",\"sha256\":"
        "\"zz\"}}");

    (void)state;
    claims_are(&w->items[0], "\"media_id\":\"1\"");
    assert_true(w->items[0].odd_sha256);
    webhook_free(&w);

    w = parse_message("{" F "\"type\":\"image\",\"image\":{\"id\":\"1\"}}");
    claims_are(&w->items[0], "\"media_id\":\"1\"");
    assert_false(w->items[0].odd_sha256);
    webhook_free(&w);
}

/* \u0000 is allowed inside values: the text is there all the same. */
static void nul_inside_a_text_does_not_lose_it(void **state)
{
    struct webhook *w = parse_message(
        "{" F "\"type\":\"document\",\"document\":{\"id\":\"1\","
        "\"filename\":\"a\\u0000b.pdf\",\"caption\":\"\\u0000\\u0000x\"}}");

    (void)state;
    claims_are(&w->items[0], "\"caption\":\"\xef\xbf\xbd\xef\xbf\xbdx\","
                             "\"file_name\":\"a\xef\xbf\xbd"
                             "b.pdf\",\"media_id\":\"1\"");
    webhook_free(&w);

    w = parse_message("{" F "\"type\":\"text\",\"text\":{\"body\":"
                      "\"acepto\\u0000\"}}");
    assert_int_equal(w->items[0].kind, WEBHOOK_TEXT);
    assert_string_equal(w->items[0].text, "acepto\xef\xbf\xbd");
    webhook_free(&w);
}

static void what_is_nobodys_business_has_no_effect(void **state)
{
    static const char *const messages[] = {
        "7",
        "{}",
        "{\"id\":\"wamid.A\",\"timestamp\":\"1\",\"type\":\"text\"}",
        "{\"from\":\"346\",\"timestamp\":\"1\",\"type\":\"text\"}",
        "{\"from\":\"346\",\"id\":\"wamid.A\",\"type\":\"text\"}",
        "{" F "\"type\":\"reaction\",\"reaction\":{\"emoji\":\"x\"}}",
        "{" F "\"type\":\"sticker\",\"sticker\":{\"id\":\"1\"}}",
        "{" F "\"type\":\"image\",\"image\":{}}",
        "{" F "\"type\":\"image\"}",
        "{" F "\"type\":\"interactive\"}",
        "{" F "\"type\":\"text\",\"text\":{\"body\":7}}",
        "{" F "\"type\":\"edit\",\"edit\":{\"message\":{\"type\":\"image\"}}}",
        "{" F "\"group_id\":\"g\",\"type\":\"text\",\"text\":{\"body\":\"x\"}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        struct webhook *w = parse_message(messages[i]);
        assert_int_equal(w->items[0].kind, WEBHOOK_OTHER);
        webhook_free(&w);
    }
}

static void what_does_not_get_here_is_no_noise(void **state)
{
    static const char *const lost[] = {
        "{" F "\"type\":\"unsupported\",\"unsupported\":{\"type\":"
        "\"media_placeholder\"},\"errors\":[{\"code\":131060}]}",
        "{" F "\"type\":\"unsupported\",\"unsupported\":{\"type\":"
        "\"image\"}}",
    };
    static const char *const noise[] = {
        "{" F "\"type\":\"location\",\"location\":{\"latitude\":4.6}}",
        "{" F "\"type\":\"contacts\",\"contacts\":[{}]}",
        "{" F "\"type\":\"unsupported\"}",
        "{" F "\"type\":\"unsupported\",\"unsupported\":{\"type\":"
        "\"reaction\"}}",
        "{" F "\"type\":\"unsupported\",\"unsupported\":{\"type\":"
        "\"pin\"}}",
        "{" F "\"type\":\"image\",\"unsupported\":{\"type\":\"image\"}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
        struct webhook *w = parse_message(lost[i]);

        assert_int_equal(w->items[0].kind, WEBHOOK_LOST);
        assert_null(w->items[0].note);
        webhook_free(&w);
    }
    for (size_t i = 0; i < sizeof(noise) / sizeof(noise[0]); i++) {
        struct webhook *w = parse_message(noise[i]);

        assert_int_equal(w->items[0].kind, WEBHOOK_OTHER);
        webhook_free(&w);
    }
}

static void button_of_both_kinds_is_read(void **state)
{
    struct webhook *w = parse_message(
        "{" F "\"type\":\"interactive\",\"context\":{\"id\":\"wamid.P\"},"
        "\"interactive\":{\"type\":\"button_reply\",\"button_reply\":{\"id\":"
        "\"grant/a/1\"}}}");

    (void)state;
    assert_int_equal(w->items[0].kind, WEBHOOK_BUTTON);
    assert_string_equal(w->items[0].text, "grant/a/1");
    assert_string_equal(w->items[0].context, "wamid.P");
    webhook_free(&w);
    w = parse_message("{" F "\"type\":\"button\",\"button\":{\"payload\":"
                      "\"refuse/a/1\"}}");
    assert_int_equal(w->items[0].kind, WEBHOOK_BUTTON);
    webhook_free(&w);
}

/* A time that milliseconds cannot be counted with is none, in either form. */
static void time_past_every_calendar_is_none(void **state)
{
    static const char *const times[] = { "9223372036854775807",
                                         "\"9223372036854775807\"",
                                         "9223372036854775", "-1" };

    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        struct buf text = { 0 };
        struct webhook *w;

        assert_int_equal(buf_addf(&text,
                                  "{\"from\":\"346\",\"id\":\"wamid.A\","
                                  "\"timestamp\":%s,\"type\":\"text\","
                                  "\"text\":{\"body\":\"a\"}}",
                                  times[i]),
                         0);
        w = parse_message((const char *)text.p);
        assert_int_equal(w->items[0].kind, WEBHOOK_OTHER);
        assert_string_equal(w->items[0].note, "no_timestamp");
        assert_int_equal(w->items[0].provider_s, 0);
        webhook_free(&w);
        buf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_signature_verifies),
        cmocka_unit_test(envelope_needs_a_string_object),
        cmocka_unit_test(odd_envelopes_have_no_items),
        cmocka_unit_test(photo_is_read_whole),
        cmocka_unit_test(media_id_that_is_not_digits_is_dropped),
        cmocka_unit_test(undecodable_hash_counts_as_absent),
        cmocka_unit_test(nul_inside_a_text_does_not_lose_it),
        cmocka_unit_test(what_is_nobodys_business_has_no_effect),
        cmocka_unit_test(what_does_not_get_here_is_no_noise),
        cmocka_unit_test(button_of_both_kinds_is_read),
        cmocka_unit_test(time_past_every_calendar_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
