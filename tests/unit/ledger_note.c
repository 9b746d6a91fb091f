/* ledger: signed notes and verifier keys, against Go's public example. */
#include "unit.h"

#include "resguardo/ledger.h"

#define DASH "\xe2\x80\x94 "

static const char neumann[] =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char text[] =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n";
static const char signature[] =
    DASH "PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFY"
         "C2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
static const char log_name[] = "example.com/consent-log";
static const char log_vkey[] = "example.com/consent-log+f289d35b+"
                               "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";

/* The seed 00 01 … 1f. */
static struct secret *known_seed(void)
{
    struct secret *seed = secret_new(32);

    assert_non_null(seed);
    for (size_t i = 0; i < seed->len; i++)
        seed->p[i] = (uint8_t)i;
    return seed;
}

/* Signs under the known seed; the caller frees. */
static struct buf sign_as(const char *words, const char *name)
{
    struct secret *seed = known_seed();
    struct buf out = { 0 };
    struct error e;

    assert_int_equal(note_sign(&out, words, name, seed, &e), 0);
    secret_free(&seed);
    return out;
}

static int open_parts(const char *a, const char *b, const char *c,
                      const char *vkey, struct error *e)
{
    struct buf note = { 0 };
    size_t len = 0;
    int ok;

    assert_int_equal(buf_addf(&note, "%s%s%s", a, b, c), 0);
    ok = note_open((const char *)note.p, note.len, vkey, &len, e);
    if (ok == 0)
        assert_int_equal(len, strlen(a));
    buf_free(&note);
    return ok;
}

static void opens_the_public_example(void **state)
{
    struct error e = { 0 };

    (void)state;
    assert_int_equal(open_parts(text, "\n", signature, neumann, &e), 0);
}

static void the_known_seed_has_the_known_vkey(void **state)
{
    struct buf note = sign_as("x\n", log_name);
    char name[LEDGER_ORIGIN_SIZE], again[LEDGER_VKEY_SIZE];
    uint8_t key[32];
    struct error e;
    size_t len;

    (void)state;
    assert_int_equal(note_vkey_parse(log_vkey, name, key, &e), 0);
    assert_string_equal(name, log_name);
    assert_int_equal(note_vkey_format(again, name, key), 0);
    assert_string_equal(again, log_vkey);
    assert_int_equal(
        note_open((const char *)note.p, note.len, log_vkey, &len, &e), 0);
    assert_int_equal(len, 2);
    buf_free(&note);
}

static void signing_twice_gives_the_same_bytes(void **state)
{
    struct buf one = sign_as("x\n", log_name), two = sign_as("x\n", log_name);

    (void)state;
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.p, two.p, one.len);
    buf_free(&one);
    buf_free(&two);
}

static void text_and_signatures_part_at_the_last_blank_line(void **state)
{
    struct buf note = sign_as("a\n\nb\n\n", log_name);
    struct error e = { 0 };
    size_t len;

    (void)state;
    assert_int_equal(
        note_open((const char *)note.p, note.len, log_vkey, &len, &e), 0);
    assert_int_equal(len, 6);
    buf_free(&note);
}

static void signatures_of_unknown_keys_are_ignored(void **state)
{
    struct buf other = sign_as(text, "witness.example");
    char lines[1024];
    struct error e = { 0 };

    (void)state;
    (void)snprintf(lines, sizeof(lines), "%s%s", strstr((char *)other.p, DASH),
                   signature);
    assert_int_equal(open_parts(text, "\n", lines, neumann, &e), 0);

    /* The same name with another key id is another key. */
    assert_int_equal(
        open_parts(text, "\n", DASH "PeterNeumann AAAAAAAA\n", neumann, &e),
        -1);
    assert_int_equal(e.code, ERR_VERIFY);
    buf_free(&other);
}

static void another_key_does_not_open(void **state)
{
    struct error e = { 0 };

    (void)state;
    assert_int_equal(open_parts(text, "\n", signature, log_vkey, &e), -1);
    assert_int_equal(e.code, ERR_VERIFY);
}

static void every_changed_byte_of_a_note_is_noticed(void **state)
{
    struct buf note = sign_as("origin\n3\n", log_name);

    (void)state;
    for (size_t i = 0; i < note.len; i++) {
        struct error e = { 0 };
        size_t len;

        note.p[i] ^= 1;
        assert_int_equal(
            note_open((const char *)note.p, note.len, log_vkey, &len, &e), -1);
        assert_true(e.code == ERR_VERIFY || e.code == ERR_INPUT);
        note.p[i] ^= 1;
    }
    buf_free(&note);
}

static void every_cut_of_a_note_is_noticed(void **state)
{
    struct buf note = sign_as("origin\n3\n", log_name);

    (void)state;
    for (size_t n = 0; n < note.len; n++) {
        struct error e = { 0 };
        size_t len;

        assert_int_equal(note_open((const char *)note.p, n, log_vkey, &len, &e),
                         -1);
    }
    buf_free(&note);
}

static void malformed_notes_are_refused(void **state)
{
    static const char *const tails[] = {
        "",                                 /* no blank line, no signature */
        "\n",                               /* no signature */
        "\n\n",                             /* an empty line */
        "\nx\n",                            /* no em dash */
        "\n" DASH "PeterNeumann\n",         /* no signature */
        "\n" DASH " x08go/ZJkuBS\n",        /* no name */
        "\n" DASH "Peter+N x08go/ZJkuBS\n", /* a plus in the name */
        "\n" DASH "PeterNeumann x0!\n",     /* not base64 */
        "\n" DASH "PeterNeumann AAAA\n",    /* shorter than a key id */
        "\n-- PeterNeumann x08go/ZJkuBS\n",
    };
    char twice[1024];
    struct error e = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
        assert_int_equal(open_parts(text, "", tails[i], neumann, &e), -1);
        assert_int_equal(e.code, ERR_INPUT);
    }
    /* The signature must follow the blank line at once, and end the note. */
    assert_int_equal(open_parts(text, "", signature, neumann, &e), -1);
    (void)snprintf(twice, sizeof(twice), "%sextra\n", signature);
    assert_int_equal(open_parts(text, "\n", twice, neumann, &e), -1);
    (void)snprintf(twice, sizeof(twice), "%s\n", signature);
    assert_int_equal(open_parts(text, "\n", twice, neumann, &e), -1);
}

static void one_wrong_signature_of_our_key_refuses_the_note(void **state)
{
    struct buf other = sign_as("another text\n", log_name);
    struct buf note = sign_as("this text\n", log_name);
    struct error e = { 0 };
    size_t len;

    (void)state;
    assert_int_equal(buf_adds(&note, strstr((char *)other.p, DASH)), 0);
    assert_int_equal(
        note_open((const char *)note.p, note.len, log_vkey, &len, &e), -1);
    assert_int_equal(e.code, ERR_VERIFY);
    buf_free(&other);
    buf_free(&note);
}

static void control_characters_and_bad_utf8_are_refused(void **state)
{
    static const char *const bad[] = { "a\tb\n", "a\rb\n",     "a\x7f\n",
                                       "\xff\n", "no newline", "" };
    struct secret *seed = known_seed();
    struct buf out = { 0 };
    struct error e = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(note_sign(&out, bad[i], log_name, seed, &e), -1);
        assert_int_equal(e.code, ERR_INPUT);
        assert_int_equal(out.len, 0);
    }
    secret_free(&seed);
}

static void a_note_with_control_characters_is_not_opened(void **state)
{
    struct error e = { 0 };

    (void)state;
    assert_int_equal(open_parts("a\tb\n", "\n", signature, neumann, &e), -1);
    assert_int_equal(e.code, ERR_INPUT);
}

static void names_without_form_are_refused(void **state)
{
    static const char *const names[] = { "",     "a b",       "a+b",
                                         "a\nb", "a\xc2\xa0", "a\xe2\x80\xa8",
                                         "\xff" };
    char long_name[LEDGER_ORIGIN_SIZE + 1], vkey[LEDGER_VKEY_SIZE];
    struct secret *seed = known_seed();
    struct buf out = { 0 };
    struct error e = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(note_sign(&out, "x\n", names[i], seed, &e), -1);
        assert_int_equal(note_vkey_format(vkey, names[i], seed->p), -1);
    }
    memset(long_name, 'a', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = 0;
    assert_int_equal(note_vkey_format(vkey, long_name, seed->p), -1);
    long_name[LEDGER_ORIGIN_SIZE - 1] = 0;
    assert_int_equal(note_vkey_format(vkey, long_name, seed->p), 0);
    secret_free(&seed);
}

static void malformed_vkeys_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a3+",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumanx+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+Bhpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWA",
        "PeterNeumann c74f20a3 ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    };
    char name[LEDGER_ORIGIN_SIZE];
    uint8_t key[32];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct error e = { 0 };

        assert_int_equal(note_vkey_parse(bad[i], name, key, &e), -1);
        assert_int_equal(e.code, ERR_INPUT);
    }
}

static void a_seed_has_32_bytes(void **state)
{
    struct secret *seed = secret_new(31);
    struct buf out = { 0 };
    struct error e = { 0 };

    (void)state;
    assert_int_equal(note_sign(&out, "x\n", log_name, seed, &e), -1);
    assert_int_equal(out.len, 0);
    secret_free(&seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_the_public_example),
        cmocka_unit_test(the_known_seed_has_the_known_vkey),
        cmocka_unit_test(signing_twice_gives_the_same_bytes),
        cmocka_unit_test(text_and_signatures_part_at_the_last_blank_line),
        cmocka_unit_test(signatures_of_unknown_keys_are_ignored),
        cmocka_unit_test(another_key_does_not_open),
        cmocka_unit_test(every_changed_byte_of_a_note_is_noticed),
        cmocka_unit_test(every_cut_of_a_note_is_noticed),
        cmocka_unit_test(malformed_notes_are_refused),
        cmocka_unit_test(one_wrong_signature_of_our_key_refuses_the_note),
        cmocka_unit_test(control_characters_and_bad_utf8_are_refused),
        cmocka_unit_test(a_note_with_control_characters_is_not_opened),
        cmocka_unit_test(names_without_form_are_refused),
        cmocka_unit_test(malformed_vkeys_are_refused),
        cmocka_unit_test(a_seed_has_32_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
