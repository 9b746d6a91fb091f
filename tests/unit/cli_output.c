/* cli: what people see, where results go. */
#include "unit.h"

#include <sys/stat.h>

#include "cli/cli.h"

static struct error err;

static void assert_shown(const char *json, const char *expected)
{
    struct buf out = { 0 };
    json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);

    assert_non_null(value);
    assert_int_equal(output_value(&out, value), 0);
    assert_string_equal((const char *)out.p, expected);
    json_decref(value);
    buf_free(&out);
}

static void values_read_like_words(void **state)
{
    (void)state;
    assert_shown("null", "-");
    assert_shown("42", "42");
    assert_shown("true", "yes");
    assert_shown("[\"a\",\"b\"]", "a,b");
    assert_shown("{\"held\":1,\"stored\":2}", "held=1 stored=2");
}

static void customers_text_cannot_drive_the_terminal(void **state)
{
    (void)state;
    assert_shown("\"a\\u001b[2Jb\"", "a\\u{001B}[2Jb");
    assert_shown("\"x\\u202egpj.exe\"", "x\\u{202E}gpj.exe");
    assert_shown("\"a\\nb\"", "a\\u{000A}b");
}

/* A program reads the same value, a terminal none of it. */
static void json_cannot_drive_the_terminal_either(void **state)
{
    static const char name[] = "a\xc2\x9b"
                               "2Jb \u202egpj.exe \x7f \U000e0041 ñ";
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    json_t *value = json_pack("{s:s}", name, name), *again;

    (void)state;
    assert_non_null(out);
    assert_int_equal(output_json(out, value, &err), 0);
    assert_int_equal(fclose(out), 0);
    assert_null(strstr(text, "\xc2\x9b"));
    assert_null(strstr(text, "\u202e"));
    assert_null(strchr(text, 0x7f));
    assert_null(strstr(text, "\U000e0041"));
    assert_non_null(strstr(text, "ñ"));
    again = json_loads(text, 0, NULL);
    assert_true(json_equal(value, again));
    json_decref(again);
    json_decref(value);
    free(text);
}

/* Keys are the desk's, and the desk may be somebody else. */
static void keys_cannot_drive_the_terminal(void **state)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    json_t *value = json_pack("{s:{s:i}}", "a\x1b[2J", "b\x1b[2J", 1);

    (void)state;
    assert_int_equal(output_object(out, value, &err), 0);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "a\\u{001B}[2J: b\\u{001B}[2J=1\n");
    json_decref(value);
    free(text);
}

static const struct output_column columns[] = { { "id", "ID" },
                                                { "name", "NAME" },
                                                { NULL, NULL } };

static char *table_of(const char *json)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    json_t *list = json_loads(json, 0, NULL);

    assert_non_null(out);
    assert_non_null(list);
    assert_int_equal(output_table(out, list, columns, &err), 0);
    assert_int_equal(fclose(out), 0);
    json_decref(list);
    return text;
}

static void columns_line_up_by_characters(void **state)
{
    char *text = table_of("[{\"id\":\"ñandú\",\"name\":\"x\"},"
                          "{\"id\":\"a\",\"name\":null}]");

    (void)state;
    assert_string_equal(text, "ID     NAME\nñandú  x\na      -\n");
    free(text);
}

static void empty_text_is_an_empty_cell(void **state)
{
    char *text = table_of("[{\"id\":\"\",\"name\":\"\"}]");

    (void)state;
    assert_string_equal(text, "ID  NAME\n    \n");
    free(text);
}

static void failing_stream_is_no_success(void **state)
{
    FILE *out = fopen("/dev/full", "w");

    (void)state;
    if (out == NULL)
        skip();
    (void)fputs("result", out);
    assert_int_equal(output_end(out, &err), -1);
    assert_int_equal(err.code, ERR_IO);
    (void)fclose(out);
}

/* ---- lines -------------------------------------------------------------- */

static int collect(void *arg, const char *line, size_t len, struct error *e)
{
    (void)e;
    return buf_addf(arg, "<%.*s>", (int)len, line);
}

static void lines_are_put_together_from_pieces(void **state)
{
    struct buf out = { 0 };
    struct splitter s = { .line = collect, .arg = &out };

    (void)state;
    assert_int_equal(splitter_add(&s, "a", 1, &err), 0);
    assert_int_equal(splitter_add(&s, "b\nc\n\nd", 6, &err), 0);
    assert_int_equal(splitter_add(&s, "\n", 1, &err), 0);
    assert_int_equal(splitter_end(&s, &err), 0);
    assert_string_equal((const char *)out.p, "<ab><c><><d>");
    buf_free(&out);
}

static void line_without_an_end_is_a_cut_answer(void **state)
{
    struct buf out = { 0 };
    struct splitter s = { .line = collect, .arg = &out };

    (void)state;
    assert_int_equal(splitter_add(&s, "a\nb", 3, &err), 0);
    assert_int_equal(splitter_end(&s, &err), -1);
    assert_int_equal(err.code, ERR_VERIFY);
    buf_free(&out);
}

static void endless_line_is_refused(void **state)
{
    struct buf out = { 0 };
    struct splitter s = { .line = collect, .arg = &out };
    char piece[4096];
    int ok = 0;

    (void)state;
    memset(piece, 'x', sizeof(piece));
    for (int i = 0; i < 300 && ok == 0; i++)
        ok = splitter_add(&s, piece, sizeof(piece), &err);
    assert_int_equal(ok, -1);
    (void)splitter_end(&s, &err);
    buf_free(&out);
}

/* ---- files -------------------------------------------------------------- */

static char *folder;
static char path[128];

static int set_up(void **state)
{
    (void)state;
    folder = unit_folder_new();
    (void)snprintf(path, sizeof(path), "%s/out", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unit_folder_free(folder);
    return 0;
}

static void file_appears_complete_and_private(void **state)
{
    struct outfile *f = NULL;
    struct buf text = { 0 };
    struct stat st;

    (void)state;
    assert_int_equal(outfile_open(&f, path, &err), 0);
    assert_int_equal(outfile_write(f, "secret", 6, &err), 0);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(outfile_commit(f, &err), 0);
    outfile_close(&f);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(file_read(path, 64, &text, &err), 0);
    assert_string_equal((const char *)text.p, "secret");
    buf_free(&text);
}

static void file_given_up_leaves_nothing(void **state)
{
    struct outfile *f = NULL;

    (void)state;
    assert_int_equal(outfile_open(&f, path, &err), 0);
    assert_int_equal(outfile_write(f, "half", 4, &err), 0);
    outfile_close(&f);
    assert_int_equal(rmdir(folder), 0);
}

static void file_given_up_keeps_the_former_one(void **state)
{
    struct outfile *f = NULL;
    struct buf text = { 0 };

    (void)state;
    assert_int_equal(file_create(path, "old", 3, &err), 0);
    assert_int_equal(outfile_open(&f, path, &err), 0);
    assert_int_equal(outfile_write(f, "new", 3, &err), 0);
    outfile_close(&f);
    assert_int_equal(file_read(path, 64, &text, &err), 0);
    assert_string_equal((const char *)text.p, "old");
    buf_free(&text);
}

static void folder_is_not_replaced(void **state)
{
    struct outfile *f = NULL;

    (void)state;
    assert_int_equal(outfile_open(&f, folder, &err), -1);
    assert_null(f);
    assert_int_equal(err.code, ERR_INPUT);
}

static void device_is_not_replaced(void **state)
{
    struct outfile *f = NULL;

    (void)state;
    assert_int_equal(outfile_open(&f, "/dev/null", &err), -1);
    assert_null(f);
}

/* ---- identities --------------------------------------------------------- */

static struct secret *made(void)
{
    struct secret *s = age_identity_new(&random_system);

    assert_non_null(s);
    assert_int_equal(identity_write(path, s, NULL, 0, &err), 0);
    return s;
}

static void identity_is_read_back(void **state)
{
    struct secret *s = made(), *again = identity_load(path, NULL, &err);

    (void)state;
    assert_non_null(again);
    assert_memory_equal(again->p, s->p, AGE_KEY_LEN);
    secret_free(&again);
    secret_free(&s);
}

static void identity_open_to_others_is_refused(void **state)
{
    struct secret *s = made();

    (void)state;
    assert_int_equal(chmod(path, 0640), 0);
    assert_null(identity_load(path, NULL, &err));
    assert_int_equal(error_exit_code(err.code), 1);
    assert_string_not_equal(err.hint, "");
    secret_free(&s);
}

static void identity_is_never_overwritten(void **state)
{
    struct secret *s = made();

    (void)state;
    assert_int_equal(identity_write(path, s, NULL, 0, &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    secret_free(&s);
}

static void missing_identity_is_a_failure_with_a_hint(void **state)
{
    (void)state;
    assert_null(identity_load(path, NULL, &err));
    assert_int_equal(error_exit_code(err.code), 1);
    assert_string_not_equal(err.hint, "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_read_like_words),
        cmocka_unit_test(customers_text_cannot_drive_the_terminal),
        cmocka_unit_test(json_cannot_drive_the_terminal_either),
        cmocka_unit_test(keys_cannot_drive_the_terminal),
        cmocka_unit_test(columns_line_up_by_characters),
        cmocka_unit_test(empty_text_is_an_empty_cell),
        cmocka_unit_test(failing_stream_is_no_success),
        cmocka_unit_test(lines_are_put_together_from_pieces),
        cmocka_unit_test(line_without_an_end_is_a_cut_answer),
        cmocka_unit_test(endless_line_is_refused),
        TEST(file_appears_complete_and_private),
        TEST(file_given_up_leaves_nothing),
        TEST(file_given_up_keeps_the_former_one),
        TEST(folder_is_not_replaced),
        TEST(device_is_not_replaced),
        TEST(identity_is_read_back),
        TEST(identity_open_to_others_is_refused),
        TEST(identity_is_never_overwritten),
        TEST(missing_identity_is_a_failure_with_a_hint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
