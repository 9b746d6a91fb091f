/* What a policy tells consent records. */
#include "policy_help.h"

static void records_have_what_the_policy_says(void **state)
{
    struct policy *p = load_good(CO);
    const json_t *data = json_object_get(p->record, "personal_data");

    (void)state;
    assert_int_equal(json_array_size(json_object_get(data, "case_processing")),
                     2);
    assert_string_equal(json_str(p->record, "party_type"), "empresa privada");
    policy_free(&p);
}

/* An operator's older file says nothing of it: no member may be empty. */
static void records_are_complete_without_a_word(void **state)
{
    static const char *const lists[] = { "storage_locations", "recipients" };
    struct policy *p;
    const json_t *data;

    (void)state;
    swap(CO, YAML, "storage_locations: [Colombia]\n", "");
    swap(CO, YAML, "recipients: [WhatsApp (Meta Platforms)]\n", "");
    swap(CO, YAML, "party_type: empresa privada\n", "");
    swap(CO, YAML,
         "  case_processing: [documentos del trámite, datos de "
         "identificación]\n",
         "");
    p = load_good(CO);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(json_array_size(json_object_get(p->record, lists[i])),
                         1);
    assert_non_null(json_str(p->record, "party_type"));
    data = json_object_get(p->record, "personal_data");
    assert_int_equal(json_array_size(json_object_get(data, "case_processing")),
                     4);
    policy_free(&p);
}

static void wrong_records(void **state)
{
    (void)state;
    const struct {
        const char *from, *to, *what;
    } table[] = {
        { "storage_locations: [Colombia]", "storage_locations: []",
          "storage_locations: needs a list" },
        { "storage_locations: [Colombia]", "storage_locations: Colombia",
          "storage_locations: needs a list" },
        { "party_type: empresa privada", "party_type: \"  \"",
          "party_type: is empty" },
        { "party_type: empresa privada", "party_type: \"{x}\"",
          "party_type: must be one line" },
        { "  case_processing: [doc", "  case_procesing: [doc",
          "case_procesing: unknown key" },
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        swap(CO, YAML, table[i].from, table[i].to);
        assert_null(load(CO));
        assert_int_equal(err.code, ERR_CONFIG);
        if (strstr(err.text, table[i].what) == NULL)
            fail_msg("%s", err.text);
        swap(CO, YAML, table[i].to, table[i].from);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(records_have_what_the_policy_says,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(records_are_complete_without_a_word,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_records, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
