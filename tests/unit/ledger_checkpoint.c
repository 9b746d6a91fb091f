/* ledger: the text of a checkpoint, and the note around it. */
#include "unit.h"

#include "resguardo/ledger.h"

#define ROOT "pkvybgkSj2/i/m+LLYyAHhZrV8BHp82bK4Ceepai8cs="

static const char good[] = "example.com/consent-log\n3\n" ROOT "\n";
static const char vkey[] = "example.com/consent-log+f289d35b+"
                           "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";

static int parse(struct ledger_checkpoint *c, const char *text)
{
    struct error e = { 0 };
    int ok = ledger_checkpoint_parse(c, text, strlen(text), &e);

    if (ok != 0)
        assert_int_equal(e.code, ERR_INPUT);
    return ok;
}

static void a_checkpoint_survives_its_text(void **state)
{
    struct ledger_checkpoint c;
    struct buf again = { 0 };

    (void)state;
    assert_int_equal(parse(&c, good), 0);
    assert_string_equal(c.origin, "example.com/consent-log");
    assert_true(c.size == 3);
    assert_int_equal(ledger_checkpoint_format(&c, &again), 0);
    assert_string_equal((char *)again.p, good);
    buf_free(&again);
}

static void extension_lines_are_allowed(void **state)
{
    struct ledger_checkpoint c;

    (void)state;
    assert_int_equal(parse(&c, "o\n0\n" ROOT "\nanything\nmore\n"), 0);
    assert_true(c.size == 0);
}

static void malformed_texts_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "\n",
        "o",
        "o\n",
        "o\n3\n",
        "\n3\n" ROOT "\n",
        "o\n\n" ROOT "\n",
        "o\n03\n" ROOT "\n",
        "o\n00\n" ROOT "\n",
        "o\n+3\n" ROOT "\n",
        "o\n-3\n" ROOT "\n",
        "o\n 3\n" ROOT "\n",
        "o\n3 \n" ROOT "\n",
        "o\n99999999999999999999\n" ROOT "\n",
        "o\n3\n\n",
        "o\n3\n" ROOT,
        "o\n3\nAAAA\n",
        "o\n3\n" ROOT "AAAA\n",
        "o\n3\n" ROOT " \n",
        "o\n3\npkvybgkSj2/i/m+LLYyAHhZrV8BHp82bK4Ceepai8cs\n",
        "o\n3\n" ROOT "\n\n",
        "o\n3\n" ROOT "\n\nx\n",
        "o\n3\n" ROOT "\ncut",
    };
    struct ledger_checkpoint c;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(parse(&c, bad[i]), -1);
}

static void an_origin_that_is_too_long_is_refused(void **state)
{
    char text[LEDGER_ORIGIN_SIZE + 128];
    struct ledger_checkpoint c;

    (void)state;
    memset(text, 'o', LEDGER_ORIGIN_SIZE);
    (void)strcpy(text + LEDGER_ORIGIN_SIZE, "\n3\n" ROOT "\n");
    assert_int_equal(parse(&c, text), -1);
    assert_int_equal(parse(&c, text + 1), 0);
}

static void an_origin_of_two_lines_is_not_written(void **state)
{
    struct ledger_checkpoint c = { .origin = "a\nb" }, none = { .size = 1 };
    struct buf out = { 0 };

    (void)state;
    assert_int_equal(ledger_checkpoint_format(&c, &out), -1);
    assert_int_equal(ledger_checkpoint_format(&none, &out), -1);
    assert_int_equal(out.len, 0);
}

/* Signs text by the seed 00 … 1f as `name` and opens it under the vkey. */
static int sign_and_open(const char *text, const char *name, struct error *e)
{
    struct secret *seed = secret_new(32);
    struct ledger_checkpoint c;
    struct buf note = { 0 };
    int ok;

    for (size_t i = 0; i < seed->len; i++)
        seed->p[i] = (uint8_t)i;
    assert_int_equal(note_sign(&note, text, name, seed, e), 0);
    ok = ledger_checkpoint_open(&c, (char *)note.p, note.len, vkey, e);
    if (ok == 0)
        assert_true(c.size == 3);
    secret_free(&seed);
    buf_free(&note);
    return ok;
}

static void opens_a_signed_checkpoint(void **state)
{
    struct error e = { 0 };

    (void)state;
    assert_int_equal(sign_and_open(good, "example.com/consent-log", &e), 0);
}

static void an_origin_other_than_the_keys_name_is_refused(void **state)
{
    struct error e = { 0 };

    (void)state;
    assert_int_equal(sign_and_open("example.com/other\n3\n" ROOT "\n",
                                   "example.com/consent-log", &e),
                     -1);
    assert_int_equal(e.code, ERR_VERIFY);
}

static void a_signed_text_that_is_no_checkpoint_is_refused(void **state)
{
    struct error e = { 0 };

    (void)state;
    assert_int_equal(sign_and_open("hello\n", "example.com/consent-log", &e),
                     -1);
    assert_int_equal(e.code, ERR_INPUT);
}

static void a_checkpoint_under_another_name_is_not_opened(void **state)
{
    struct error e = { 0 };

    (void)state;
    assert_int_equal(sign_and_open(good, "example.com/other", &e), -1);
    assert_int_equal(e.code, ERR_VERIFY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_checkpoint_survives_its_text),
        cmocka_unit_test(extension_lines_are_allowed),
        cmocka_unit_test(malformed_texts_are_refused),
        cmocka_unit_test(an_origin_that_is_too_long_is_refused),
        cmocka_unit_test(an_origin_of_two_lines_is_not_written),
        cmocka_unit_test(opens_a_signed_checkpoint),
        cmocka_unit_test(an_origin_other_than_the_keys_name_is_refused),
        cmocka_unit_test(a_signed_text_that_is_no_checkpoint_is_refused),
        cmocka_unit_test(a_checkpoint_under_another_name_is_not_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
