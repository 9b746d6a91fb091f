/* Files of the age tool open here, and ours open there. */
#include "vault_help.h"

#define AGE_TOOL "/usr/bin/age"

/* Made for this test with age 1.1.1; the second of two recipients. */
static const char fixed_identity[] =
    "AGE-SECRET-KEY-"
    "1RCLADJTTSC04NXKXYDYWAR5HFDFU553ZDJG7ALPU3JMJ2UAQLZWQYW6KZ7";
static const char fixed_file[] =
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBUeVg0ejQzVEFRVmhQVTVy"
    "MlBuVXR3VTNsV3NEcjd1NDVGUmpvRmJFalNvClU4QmNCei9YcE45QXoyRXQ3NFk0"
    "dlRRaTF4VWtaVHJkekJBTUtYOVdZUWsKLT4gWDI1NTE5IHRhT3U0dzk3M2ZYL2ow"
    "dUtKbWo0S0E2bFJWZ2ZLNzFMUFcwQTNQbjE3bjgKK1JDTnBaaXl0eGVJRjB3ZnJK"
    "alpEbmk5N292b2tDc0ZkY0ZFSC9id1d4RQotLS0gQlRFaFNFWmpzYnNSRlZ3N3Er"
    "SVpVYlpGNnlsZHBkNldQcWgyc0owUHB6UQorM9Z/rT94xPCwb6Su+517z/dv05Gy"
    "zegyjTKBPPNLqxMTtRNaT2CVqhyU1W4gr/PqdvKbnB+Ll4T6hX8d8hdx7gYXijdN"
    "KxMDD0/4jLo=";
static const char fixed_plain[] =
    "Resguardo: el resguardo de lo que se entrega.\n";

static void a_file_of_the_age_tool_opens(void **state)
{
    (void)state;
    struct error err;
    uint8_t file[sizeof(fixed_file)];
    struct buf out = { 0 };
    struct secret *identity = age_identity_parse(fixed_identity, &err);
    const struct secret *identities[] = { identity };

    assert_non_null(identity);
    ssize_t n =
        base64_decode(file, sizeof(file), fixed_file, strlen(fixed_file), true);
    assert_true(n > 0);
    assert_int_equal(age_open(&out, identities, 1, file, (size_t)n, &err), 0);
    assert_int_equal(out.len, strlen(fixed_plain));
    assert_memory_equal(out.p, fixed_plain, out.len);
    buf_free(&out);
    secret_free(&identity);
}

/* ---- with the tool itself, where it is installed ------------------------ */

struct desk {
    char *folder;
    struct person p;
    char recipient[AGE_RECIPIENT_SIZE];
};

static void write_file(const struct desk *d, const char *name, const void *data,
                       size_t n)
{
    struct error err;
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", d->folder, name);
    (void)unlink(path);
    assert_int_equal(file_create(path, data, n, &err), 0);
}

static void read_back(const struct desk *d, const char *name, struct buf *out)
{
    struct error err;
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", d->folder, name);
    assert_int_equal(file_read(path, 1 << 24, out, &err), 0);
}

static int desk_new(void **state)
{
    struct buf file = { 0 };
    struct desk *d = calloc(1, sizeof(*d));
    assert_non_null(d);

    d->folder = unit_folder_new();
    d->p = person_new();
    age_recipient_format(d->recipient, d->p.recipient[0]);
    assert_int_equal(age_identity_file_format(&file, d->p.identity, 0), 0);
    write_file(d, "identity", file.p, file.len);
    buf_free(&file);
    *state = d;
    return 0;
}

static int desk_free(void **state)
{
    struct desk *d = *state;
    unit_folder_free(d->folder);
    person_free(&d->p);
    free(d);
    return 0;
}

static void need_tool(void)
{
    if (access(AGE_TOOL, X_OK) == 0)
        return;
    print_message("SKIPPED: %s is not installed\n", AGE_TOOL);
    skip();
}

static int run(const char *fmt, const struct desk *d)
{
    char command[512];
    (void)snprintf(command, sizeof(command), "cd '%s' && " AGE_TOOL " %s",
                   d->folder, fmt);
    return system(command);
}

static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 131072, 1000000 };
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static void the_age_tool_opens_what_we_seal(void **state)
{
    need_tool();
    struct desk *d = *state;
    for (size_t i = 0; i < SIZES; i++) {
        struct buf plain = bytes_new(sizes[i]), file = { 0 }, back = { 0 };
        seal_for(&file, &d->p, plain.p, plain.len);
        write_file(d, "sealed", file.p, file.len);
        write_file(d, "plain", "", 0);
        assert_int_equal(run("-d -i identity -o plain sealed", d), 0);
        read_back(d, "plain", &back);
        assert_int_equal(back.len, plain.len);
        if (plain.len > 0)
            assert_memory_equal(back.p, plain.p, plain.len);
        buf_free(&plain);
        buf_free(&file);
        buf_free(&back);
    }
}

static void we_open_what_the_age_tool_seals(void **state)
{
    need_tool();
    struct desk *d = *state;
    char command[AGE_RECIPIENT_SIZE + 64];
    (void)snprintf(command, sizeof(command), "-r %s -o sealed plain",
                   d->recipient);
    for (size_t i = 0; i < SIZES; i++) {
        struct error err;
        struct buf plain = bytes_new(sizes[i]), file = { 0 }, out = { 0 };
        write_file(d, "plain", plain.p, plain.len);
        assert_int_equal(run(command, d), 0);
        read_back(d, "sealed", &file);
        assert_int_equal(open_with(&out, &d->p, file.p, file.len, &err), 0);
        assert_int_equal(out.len, plain.len);
        if (plain.len > 0)
            assert_memory_equal(out.p, plain.p, plain.len);
        buf_free(&plain);
        buf_free(&file);
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_the_age_tool_opens),
        cmocka_unit_test_setup_teardown(the_age_tool_opens_what_we_seal,
                                        desk_new, desk_free),
        cmocka_unit_test_setup_teardown(we_open_what_the_age_tool_seals,
                                        desk_new, desk_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
