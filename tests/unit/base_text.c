/* Text from customers: validity, what a terminal is shown, folding. */
#include "unit.h"

#include "resguardo/base.h"

static void escapes_to(const char *text, const char *expected)
{
    struct buf out = { 0 };

    assert_int_equal(text_escape(&out, text), 0);
    assert_int_equal(out.len, strlen(expected));
    assert_memory_equal(out.p == NULL ? (const void *)"" : out.p, expected,
                        out.len);
    buf_free(&out);
}

static void folds_to(const char *text, const char *expected)
{
    struct buf out = { 0 };

    assert_int_equal(text_fold(&out, text), 0);
    assert_string_equal((const char *)out.p, expected);
    buf_free(&out);
}

static void valid_utf8_is_taken(void **state)
{
    static const char text[] = "a\xc3\xb1\xe2\x82\xac\xf0\x9f\x98\x80"
                               "\xf4\x8f\xbf\xbf\xef\xbf\xbf";

    (void)state;
    assert_true(utf8_valid(text, sizeof(text) - 1));
    assert_true(utf8_valid("", 0));
    assert_true(utf8_valid("a\0b", 3));
    assert_int_equal(utf8_count(text), 6);
}

static void invalid_utf8_is_refused(void **state)
{
    static const char *const bad[] = {
        "\x80",
        "\xc0\x80",
        "\xc1\xbf",
        "\xe0\x9f\xbf",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "\xc3",
        "\xe2\x82",
        "\xf0\x9f\x98",
        "\xc3\x41",
        "a\xbf",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(utf8_valid(bad[i], strlen(bad[i])));
}

static void next_does_not_read_past_the_length(void **state)
{
    uint32_t code;

    (void)state;
    assert_int_equal(utf8_next("\xc3\xb1", 2, &code), 2);
    assert_int_equal(code, 0xf1);
    assert_int_equal(utf8_next("\xc3\xb1", 1, &code), 0);
    assert_int_equal(utf8_next("", 0, &code), 0);
}

static void plain_text_is_shown_as_it_is(void **state)
{
    (void)state;
    escapes_to("Peña, 3 € \xf0\x9f\x98\x80 ~", "Peña, 3 € \xf0\x9f\x98\x80 ~");
}

static void controls_are_escaped(void **state)
{
    (void)state;
    escapes_to("a\x1b[2Jb", "a\\u{001B}[2Jb");
    escapes_to("\r\n\t\x7f", "\\u{000D}\\u{000A}\\u{0009}\\u{007F}");
}

static void c1_controls_are_escaped(void **state)
{
    (void)state;
    escapes_to("\xc2\x80\xc2\x9b\xc2\x9f", "\\u{0080}\\u{009B}\\u{009F}");
}

static void bidi_controls_are_escaped(void **state)
{
    (void)state;
    escapes_to("foto\xe2\x80\xaegpj.exe", "foto\\u{202E}gpj.exe");
    escapes_to("\xe2\x80\xaa\xe2\x81\xa6\xe2\x81\xa9\xe2\x80\x8f\xd8\x9c",
               "\\u{202A}\\u{2066}\\u{2069}\\u{200F}\\u{061C}");
}

static void the_invisible_is_escaped(void **state)
{
    (void)state;
    escapes_to("a\xe2\x80\x8b"
               "b\xef\xbb\xbf",
               "a\\u{200B}b\\u{FEFF}");
    escapes_to("\xe2\x80\xa8\xe2\x80\xa9", "\\u{2028}\\u{2029}");
    escapes_to("\xf3\xa0\x81\x81", "\\u{E0041}");
}

static void bytes_that_are_not_utf8_are_escaped(void **state)
{
    (void)state;
    escapes_to("a\x9b"
               "b\xc3",
               "a\\u{FFFD}b\\u{FFFD}");
}

static void folds_composed_spanish(void **state)
{
    (void)state;
    folds_to("SÍ, Autorizo.", "si autorizo");
    folds_to("áéíóúüñ ÁÉÍÓÚÜÑ", "aeiouun aeiouun");
}

static void folds_decomposed_spanish(void **state)
{
    (void)state;
    folds_to("a\xcc\x81"
             "e\xcc\x81i\xcc\x81o\xcc\x81u\xcc\x81u\xcc\x88n\xcc\x83",
             "aeiouun");
    folds_to("SI\xcc\x81", "si");
}

static void folds_marks_and_space_to_one_space(void **state)
{
    (void)state;
    folds_to("  ¡Acepto!!!  ", "acepto");
    folds_to("\xe2\x80\x9cno\xe2\x80\x9d \xe2\x80\x94\xc2\xa0gracias\n",
             "no gracias");
    folds_to("...", "");
    folds_to("", "");
}

static void keeps_what_is_not_latin(void **state)
{
    (void)state;
    folds_to("\xf0\x9f\x91\x8d", "\xf0\x9f\x91\x8d");
    folds_to("Да", "Да");
}

static void a_word_with_something_hidden_is_another_word(void **state)
{
    (void)state;
    folds_to("ace\xe2\x80\x8bpto", "ace pto");
}

static void fold_appends(void **state)
{
    struct buf out = { 0 };

    (void)state;
    assert_int_equal(buf_adds(&out, "x:"), 0);
    assert_int_equal(text_fold(&out, " Baja "), 0);
    assert_string_equal((const char *)out.p, "x:baja");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_utf8_is_taken),
        cmocka_unit_test(invalid_utf8_is_refused),
        cmocka_unit_test(next_does_not_read_past_the_length),
        cmocka_unit_test(plain_text_is_shown_as_it_is),
        cmocka_unit_test(controls_are_escaped),
        cmocka_unit_test(c1_controls_are_escaped),
        cmocka_unit_test(bidi_controls_are_escaped),
        cmocka_unit_test(the_invisible_is_escaped),
        cmocka_unit_test(bytes_that_are_not_utf8_are_escaped),
        cmocka_unit_test(folds_composed_spanish),
        cmocka_unit_test(folds_decomposed_spanish),
        cmocka_unit_test(folds_marks_and_space_to_one_space),
        cmocka_unit_test(keeps_what_is_not_latin),
        cmocka_unit_test(a_word_with_something_hidden_is_another_word),
        cmocka_unit_test(fold_appends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
