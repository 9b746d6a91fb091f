/* cli: a certificate holds, or says what of it does not. */
#include "unit.h"

#include "../fuzz/certificate_help.h"

struct fixture {
    json_t *paper;
    char vkey[LEDGER_VKEY_SIZE];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    f->paper = certificate_new(f->vkey);
    assert_non_null(f->paper);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    json_decref(f->paper);
    free(f);
    return 0;
}

static void refused(const struct fixture *f, const char *known,
                    const char *words)
{
    struct error e = { 0 };

    assert_int_equal(certificate_verify(f->paper, known, &e), -1);
    assert_int_equal(e.code, ERR_VERIFY);
    if (strstr(e.text, words) == NULL)
        fail_msg("%s", e.text);
}

static void one_that_is_sound_holds(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };

    assert_int_equal(certificate_verify(f->paper, f->vkey, &e), 0);
    assert_int_equal(certificate_verify(f->paper, NULL, &e), 0);
}

static void another_log_is_refused(void **state)
{
    struct fixture *f = *state;

    refused(f, "other.example/1+0+A", "another ledger");
}

static void it_says_what_the_entry_says(void **state)
{
    static const char *const members[] = { "erasure_id", "subject", "scope",
                                           "ground" };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        json_t *was = json_incref(json_object_get(f->paper, members[i]));

        json_object_set_new(f->paper, members[i], json_string("other"));
        refused(f, f->vkey, "something else");
        json_object_set_new(f->paper, members[i], was);
    }
    json_array_append_new(json_object_get(f->paper, "documents"),
                          json_object());
    refused(f, f->vkey, "something else");
}

static void each_part_of_the_proof_counts(void **state)
{
    static const struct {
        const char *member, *value, *words;
    } changed[] = {
        { "entry", "\"{}\"", "proof does not hold" },
        { "index", "3", "proof does not hold" },
        { "index", "-1", "malformed" },
        { "index", "\"2\"", "malformed" },
        { "tree_size", "4", "proof does not hold" },
        { "tree_size", "0", "malformed" },
        { "proof", "[]", "proof does not hold" },
        { "proof", "[\"zz\"]", "malformed" },
        { "proof", "{}", "malformed" },
        { "checkpoint", "\"\"", "checkpoint does not hold" },
        { "vkey", "\"x\"", "another ledger" },
        { "vkey", "null", "malformed" },
    };
    struct fixture *f = *state;
    json_t *ledger = json_object_get(f->paper, "ledger");

    for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++) {
        json_t *was = json_incref(json_object_get(ledger, changed[i].member));

        json_object_set_new(
            ledger, changed[i].member,
            json_loads(changed[i].value, JSON_DECODE_ANY, NULL));
        refused(f, f->vkey, changed[i].words);
        json_object_set_new(ledger, changed[i].member, was);
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(one_that_is_sound_holds),
        T(another_log_is_refused),
        T(it_says_what_the_entry_says),
        T(each_part_of_the_proof_counts),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
