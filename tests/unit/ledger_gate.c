/* ledger: the gate rule, on the histories of tests/vectors/gate. Python's reads
 * the same ones (tests/scenario/test_persons.py): they have to agree. */
#include "unit.h"

#include "resguardo/ledger.h"

/* The first entry that may not be, -1: all may. */
static int first_bad(const json_t *entries)
{
    struct ledger_gate *g = ledger_gate_new();
    struct error err = { 0 };
    const char *bad = NULL;
    const json_t *entry;
    int at = -1;
    size_t i;

    assert_non_null(g);
    json_array_foreach(entries, i, entry)
    {
        assert_int_equal(ledger_gate_add(g, entry, &bad, &err), 0);
        if (bad != NULL) {
            at = (int)i;
            break;
        }
    }
    ledger_gate_free(&g);
    return at;
}

static void histories_are_judged_as_they_say(void **state)
{
    struct buf text = { 0 };
    struct error err = { 0 };
    size_t n = 0;

    (void)state;
    assert_int_equal(file_read("tests/vectors/gate/persons.jsonl",
                               (size_t)1024 * 1024, &text, &err),
                     0);
    for (const char *p = (const char *)text.p, *end;
         (end = strchr(p, '\n')) != NULL; p = end + 1, n++) {
        json_t *one = json_parse(p, (size_t)(end - p), &err);
        int want, got;

        assert_non_null(one);
        want = (int)json_integer_value(json_object_get(one, "bad"));
        got = first_bad(json_object_get(one, "entries"));
        if (got != want)
            fail_msg("%s: entry %d, not %d", json_str(one, "name"), got, want);
        json_decref(one);
    }
    assert_in_range(n, 20, 1000);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histories_are_judged_as_they_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
