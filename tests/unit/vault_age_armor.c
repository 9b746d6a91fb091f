/* ASCII armor: one spelling, whatever the pieces in which it comes. */
#include "vault_help.h"

#define BEGIN AGE_ARMOR_BEGIN "\n"
#define END   AGE_ARMOR_END "\n"

static void armor(struct buf *text, const void *data, size_t len, size_t piece)
{
    struct error err;
    struct age_armor *a = NULL;
    const uint8_t *p = data;

    assert_int_equal(age_armor_new(&a, sink_to_buf, text, &err), 0);
    for (size_t at = 0; at < len; at += piece)
        assert_int_equal(
            age_armor_add(a, p + at, len - at < piece ? len - at : piece, &err),
            0);
    assert_int_equal(age_armor_finish(a, &err), 0);
    age_armor_free(&a);
}

static int dearmor(struct buf *out, const void *text, size_t len, size_t piece,
                   struct error *err)
{
    struct age_dearmor *d = NULL;
    const uint8_t *p = text;
    int ok;

    *err = (struct error){ 0 };
    assert_int_equal(age_dearmor_new(&d, sink_to_buf, out, err), 0);
    ok = 0;
    for (size_t at = 0; ok == 0 && at < len; at += piece)
        ok = age_dearmor_add(d, p + at, len - at < piece ? len - at : piece,
                             err);
    if (ok == 0)
        ok = age_dearmor_finish(d, err);
    assert_int_equal(age_dearmor_finish(d, &(struct error){ 0 }) == 0, ok == 0);
    age_dearmor_free(&d);
    return ok;
}

static void what_is_armored_comes_back(void **state)
{
    static const size_t sizes[] = { 0,  1,   47,   48,   49,   95,  96,
                                    97, 500, 6143, 6144, 6145, 9999 };
    static const size_t pieces[] = { 1, 7, 64, 65, 100000 };
    struct error err;

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (size_t k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++) {
            struct buf data = bytes_new(sizes[i]), text = { 0 }, out = { 0 };

            armor(&text, data.p, data.len, pieces[k]);
            assert_int_equal(dearmor(&out, text.p, text.len, pieces[k], &err),
                             0);
            assert_int_equal(out.len, data.len);
            if (out.len > 0)
                assert_memory_equal(out.p, data.p, out.len);
            buf_free(&data);
            buf_free(&text);
            buf_free(&out);
        }
}

static void lines_are_as_the_format_says(void **state)
{
    struct buf text = { 0 };

    (void)state;
    armor(&text, "age-encryption.org/v1\n-> a file of more than a line", 51, 9);
    assert_string_equal(
        (const char *)text.p, BEGIN
        "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IGEgZmlsZSBvZiBtb3JlIHRoYW4gYSBs\n"
        "aW5l\n" END);
    buf_free(&text);
}

/* At once, and byte by byte. */
static void gives(const char *text, const char *expected)
{
    for (size_t piece = 1; piece < 5000; piece += 4000) {
        struct error err;
        struct buf out = { 0 };

        if (dearmor(&out, text, strlen(text), piece, &err) != 0)
            fail_msg("\"%s\": %s", text, err.text);
        assert_int_equal(out.len, strlen(expected));
        if (out.len > 0)
            assert_memory_equal(out.p, expected, out.len);
        buf_free(&out);
    }
}

static void refuses(const char *text)
{
    for (size_t piece = 1; piece < 5000; piece += 4000) {
        struct error err;
        struct buf out = { 0 };

        if (dearmor(&out, text, strlen(text), piece, &err) == 0)
            fail_msg("\"%s\" is taken for armor", text);
        assert_begins(err.text, "armor: ");
        assert_int_equal(err.code, ERR_INPUT);
        buf_free(&out);
    }
}

static void white_space_and_crlf_are_allowed_around(void **state)
{
    (void)state;
    gives(BEGIN "YWJj\n" END, "abc");
    gives(BEGIN "YWJj\n" AGE_ARMOR_END, "abc");
    gives(BEGIN END, "");
    gives(" \r\n\t\n" BEGIN "YWI=\n" END " \n\t\r\n  ", "ab");
    gives(AGE_ARMOR_BEGIN "\r\nYWJj\r\n" AGE_ARMOR_END "\r\n", "abc");
}

static void what_is_no_armor_passes(void **state)
{
    (void)state;
    gives("", "");
    gives("age-encryption.org/v1\n-> X25519",
          "age-encryption.org/v1\n-> X25519");
    gives("\x01\x02 binary", "\x01\x02 binary");
    gives("age-encryption.org/v1\n" BEGIN, "age-encryption.org/v1\n" BEGIN);
}

#define FULL                                                                   \
    "YWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJj\n"

static void every_other_spelling_is_refused(void **state)
{
    static const char *const bad[] = {
        BEGIN,
        AGE_ARMOR_BEGIN,
        BEGIN "YWJj\n",
        BEGIN "YWJj",
        BEGIN FULL,
        BEGIN "YWJj" END,
        "x\n" BEGIN "YWJj\n" END,
        BEGIN "YWJj\n" END "x",
        BEGIN "YWJj\n" END BEGIN,
        BEGIN "\nYWJj\n" END,
        BEGIN "YWJj\n\n" END,
        BEGIN FULL "\n" END,
        BEGIN "YWJj\nYWJj\n" END, /* a short line before the last */
        BEGIN "YW=\n=\n" END,
        BEGIN "YWI\n" END,
        BEGIN "YWJ=\n" END, /* not canonical */
        BEGIN "YWJj=\n" END,
        BEGIN " YWJj\n" END,
        BEGIN "YWJj \n" END,
        BEGIN "YW Jj\n" END,
        BEGIN "YW\rJj\n" END,
        BEGIN "YWJj\r\r\n" END,
        BEGIN "YW-_\n" END,
        BEGIN "a: b\n\nYWJj\n" END,
        BEGIN "YWJj\n=abcd\n" END,
        BEGIN "A" FULL END,
        "----- BEGIN AGE ENCRYPTED FILE-----\nYWJj\n" END,
        "-----BEGIN age ENCRYPTED FILE-----\nYWJj\n" END,
        "-----BEGIN AGE ENCRYPTED FILE----- \nYWJj\n" END,
        BEGIN "YWJj\n-----END AGE ENCRYPTED FILE----- x\n",
        BEGIN "YWJj\n-----END AGE ENCRYPTED MESSAGE-----\n",
        "-----",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        refuses(bad[i]);
}

static void nothing_more_comes_after_an_error(void **state)
{
    struct error err;
    struct buf out = { 0 };
    struct age_dearmor *d = NULL;

    (void)state;
    assert_int_equal(age_dearmor_new(&d, sink_to_buf, &out, &err), 0);
    assert_int_equal(age_dearmor_add(d, BEGIN, strlen(BEGIN), &err), 0);
    for (int i = 0; i < 20; i++)
        assert_int_equal(age_dearmor_add(d, FULL, strlen(FULL), &err), 0);
    assert_int_equal(age_dearmor_add(d, "!\n", 2, &err), -1);
    assert_int_equal(age_dearmor_add(d, END, strlen(END), &err), -1);
    assert_int_equal(age_dearmor_finish(d, &err), -1);
    assert_int_equal(out.len, 0);
    age_dearmor_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_armored_comes_back),
        cmocka_unit_test(lines_are_as_the_format_says),
        cmocka_unit_test(white_space_and_crlf_are_allowed_around),
        cmocka_unit_test(what_is_no_armor_passes),
        cmocka_unit_test(every_other_spelling_is_refused),
        cmocka_unit_test(nothing_more_comes_after_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
