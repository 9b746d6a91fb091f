/* cli: a customer's file name in a folder of ours. */
#include "unit.h"

#include "cli/cli.h"

#define ID "d2al3hl7rnyl5hfb37ebuk2xbj6"
#define DOCX                                                                   \
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

static void assert_named(const char *given, const char *media_type,
                         const char *want)
{
    struct buf out = { 0 };

    assert_int_equal(file_name_add(&out, given, ID, media_type), 0);
    assert_string_equal((const char *)out.p, want);
    buf_free(&out);
}

static void good_name_stays_and_gets_the_id(void **state)
{
    (void)state;
    assert_named("Cédula frente.jpg", "image/jpeg", "Cédula frente-" ID ".jpg");
    assert_named("carta.docx", DOCX, "carta-" ID ".docx");
    assert_named("v1.2 final version", "application/pdf",
                 "v1.2 final version-" ID ".pdf");
}

static void ending_is_that_of_the_judged_type(void **state)
{
    (void)state;
    assert_named("photo.exe", "image/jpeg", "photo-" ID ".jpg");
    assert_named("photo.pdf", "image/heic", "photo-" ID ".heic");
    assert_named("photo", "x/unheard-of", "photo-" ID ".bin");
    assert_named("photo", NULL, "photo-" ID ".bin");
}

static void no_name_is_the_id_alone(void **state)
{
    (void)state;
    assert_named(NULL, "image/png", ID ".png");
    assert_named("", "image/png", ID ".png");
    assert_named("...", "image/png", ID ".png");
    assert_named("\u202e\u200b", "image/png", ID ".png");
    assert_named("-~ .jpg", "image/png", ID ".png");
}

static void separators_and_controls_are_gone(void **state)
{
    (void)state;
    assert_named("../../etc/passwd", "image/png", "_.._etc_passwd-" ID ".png");
    assert_named("a\\b:c*?\"<>|", "image/png", "a_b_c______-" ID ".png");
    assert_named("a\nb\x1b[2J\x7f\xc2\x85", "image/png", "ab[2J-" ID ".png");
    assert_named("a\u202egpj.exe", "image/png", "agpj-" ID ".png");
    assert_named("\xff\xfe", "image/png", ID ".png");
}

static void beginnings_and_ends_that_mean_something_are_gone(void **state)
{
    (void)state;
    assert_named("-rf", "image/png", "rf-" ID ".png");
    assert_named(".bashrc", "image/png", "bashrc-" ID ".png");
    assert_named("~root", "image/png", "root-" ID ".png");
    assert_named("name. . ", "image/png", "name-" ID ".png");
}

static void devices_of_windows_are_no_names(void **state)
{
    (void)state;
    assert_named("CON", "image/png", "_CON-" ID ".png");
    assert_named("nul.tar.gz", "image/png", "_nul.tar-" ID ".png");
    assert_named("LPT9", "image/png", "_LPT9-" ID ".png");
    assert_named("com¹", "image/png", "_com¹-" ID ".png");
    assert_named("context", "image/png", "context-" ID ".png");
    assert_named("con .x.pdf", "application/pdf", "_con .x-" ID ".pdf");
    assert_named("COM1  .a.b", "image/png", "_COM1  .a-" ID ".png");
    assert_named("COM10", "image/png", "COM10-" ID ".png");
}

static void long_name_is_cut_between_characters(void **state)
{
    char given[600], want[256] = "";
    size_t n = 0;

    (void)state;
    for (; n < 297; n += 3)
        memcpy(given + n, "€", 3);
    given[n] = '\0';
    for (size_t i = 0; i < 40; i++)
        (void)strcat(want, "€");
    (void)strcat(want, "-" ID ".png");
    assert_named(given, "image/png", want);

    /* One byte before, so that the limit falls inside one. */
    memmove(given + 1, given, n + 1);
    given[0] = 'x';
    (void)snprintf(want, sizeof(want), "x");
    for (size_t i = 0; i < 39; i++)
        (void)strcat(want, "€");
    (void)strcat(want, "-" ID ".png");
    assert_named(given, "image/png", want);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_name_stays_and_gets_the_id),
        cmocka_unit_test(ending_is_that_of_the_judged_type),
        cmocka_unit_test(no_name_is_the_id_alone),
        cmocka_unit_test(separators_and_controls_are_gone),
        cmocka_unit_test(beginnings_and_ends_that_mean_something_are_gone),
        cmocka_unit_test(devices_of_windows_are_no_names),
        cmocka_unit_test(long_name_is_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
