/* policy: durations that times can be counted with. */
#include "unit.h"

#include "resguardo/policy.h"

static struct error err;

/* policies/es-gdpr with one of its durations replaced. */
static struct policy *load_with(const char *key, const char *value)
{
    char *folder = unit_folder_new(), command[512], path[128];
    struct policy *p;

    (void)snprintf(command, sizeof(command),
                   "cp -r policies/es-gdpr %s && "
                   "sed -i '/^%s:/d' %s/es-gdpr/policy.yaml && "
                   "echo '%s: %s' >>%s/es-gdpr/policy.yaml",
                   folder, key, folder, key, value, folder);
    assert_int_equal(system(command), 0);
    (void)snprintf(path, sizeof(path), "%s/es-gdpr", folder);
    memset(&err, 0, sizeof(err));
    p = policy_load(path, "C", "https://a.example", &err);
    unit_folder_free(folder);
    return p;
}

static void a_duration_can_be_added_to_any_time(void **state)
{
    static const struct {
        const char *key, *longest, *longer;
    } table[] = { { "hold_time", "30d", "31d" },
                  { "receipt_quiet", "1h", "3601s" },
                  { "receipt_max", "1h", "3601s" },
                  { "evidence_until", "36500d", "36501d" } };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct policy *p = load_with(table[i].key, table[i].longest);

        assert_non_null(p);
        policy_free(&p);
        assert_null(load_with(table[i].key, table[i].longer));
        assert_int_equal(err.code, ERR_CONFIG);
        assert_non_null(strstr(err.text, table[i].key));
        assert_null(load_with(table[i].key, "9223372036854775807ms"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_duration_can_be_added_to_any_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
