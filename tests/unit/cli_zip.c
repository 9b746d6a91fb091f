/* cli: the ZIP archive that an export is. */
#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "cli/cli.h"

static struct error err;

static int keep(void *arg, const uint8_t *p, size_t n, struct error *e)
{
    return buf_add(arg, p, n) == 0 ? 0 : error_set(e, ERR_NOMEM, "no memory");
}

static struct zip *begin(struct buf *out)
{
    struct zip *z = NULL;
    msec now;

    assert_int_equal(time_parse("2026-11-26T07:45:58Z", &now), 0);
    assert_int_equal(zip_new(&z, keep, out, now, &err), 0);
    return z;
}

static void add_member(struct zip *z, const char *name, const char *text)
{
    assert_int_equal(zip_begin(z, name, &err), 0);
    assert_int_equal(zip_add(z, (const uint8_t *)text, strlen(text), &err), 0);
    assert_int_equal(zip_end(z, &err), 0);
}

/* Somebody else's program reads it, whole and with these words in it. */
static void assert_python_says(const struct buf *archive, const char *script,
                               const char *want)
{
    char *folder = unit_folder_new();
    char path[160], command[1024], got[512] = "";
    FILE *out;

    (void)snprintf(path, sizeof(path), "%s/a.zip", folder);
    assert_int_equal(file_create(path, archive->p, archive->len, &err), 0);
    (void)snprintf(command, sizeof(command),
                   "python3 -c 'import sys, zipfile\n"
                   "z = zipfile.ZipFile(sys.argv[1])\n"
                   "assert z.testzip() is None\n%s' %s 2>&1",
                   script, path);
    out = popen(command, "r");
    assert_non_null(out);
    got[fread(got, 1, sizeof(got) - 1, out)] = '\0';
    assert_int_equal(pclose(out), 0);
    assert_string_equal(got, want);
    unit_folder_free(folder);
}

static void others_read_it(void **state)
{
    struct buf out = { 0 };
    struct zip *z = begin(&out);

    (void)state;
    add_member(z, "data.json", "{}");
    add_member(z, "documents/cédula.txt", "hola");
    add_member(z, "empty", "");
    assert_int_equal(zip_finish(z, &err), 0);
    assert_python_says(&out,
                       "for i in z.infolist():\n"
                       " print(i.filename.encode(), z.read(i), i.date_time[:5],"
                       " oct(i.external_attr >> 16))",
                       "b'data.json' b'{}' (2026, 11, 26, 7, 45) 0o100600\n"
                       "b'documents/c\\xc3\\xa9dula.txt' b'hola'"
                       " (2026, 11, 26, 7, 45) 0o100600\n"
                       "b'empty' b'' (2026, 11, 26, 7, 45) 0o100600\n");
    zip_free(&z);
    buf_free(&out);
}

static void nothing_in_it_is_an_archive(void **state)
{
    struct buf out = { 0 };
    struct zip *z = begin(&out);

    (void)state;
    assert_int_equal(zip_finish(z, &err), 0);
    assert_int_equal(out.len, 22);
    assert_python_says(&out, "print(z.namelist())", "[]\n");
    zip_free(&z);
    buf_free(&out);
}

/* Blocks of DEFLATE end after 65,535 bytes; pieces come in any size. */
static void pieces_and_blocks_make_no_difference(void **state)
{
    static const size_t sizes[] = { 1, 65534, 65535, 65536, 131070, 200000 };
    static uint8_t bytes[200000];
    struct buf out = { 0 };
    struct zip *z = begin(&out);
    char name[16];

    (void)state;
    memset(bytes, 'x', sizeof(bytes));
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        (void)snprintf(name, sizeof(name), "%zu", sizes[i]);
        assert_int_equal(zip_begin(z, name, &err), 0);
        assert_int_equal(zip_add(z, bytes, 1, &err), 0);
        assert_int_equal(zip_add(z, bytes, sizes[i] - 1, &err), 0);
        assert_int_equal(zip_end(z, &err), 0);
    }
    assert_int_equal(zip_finish(z, &err), 0);
    assert_python_says(&out,
                       "print(all(z.read(n) == b\"x\" * int(n)"
                       " for n in z.namelist()), len(z.namelist()))",
                       "True 6\n");
    zip_free(&z);
    buf_free(&out);
}

/* Past 65,534 members the directory needs the larger form. */
static void many_members_are_counted(void **state)
{
    struct buf out = { 0 };
    struct zip *z = begin(&out);
    char name[16];

    (void)state;
    for (unsigned i = 0; i < 65540; i++) {
        (void)snprintf(name, sizeof(name), "%u", i);
        add_member(z, name, "");
    }
    assert_int_equal(zip_finish(z, &err), 0);
    assert_python_says(&out, "print(len(z.namelist()), z.namelist()[-1])",
                       "65540 65539\n");
    zip_free(&z);
    buf_free(&out);
}

static int refuse(void *arg, const uint8_t *p, size_t n, struct error *e)
{
    (void)arg;
    (void)p;
    (void)n;
    return error_set(e, ERR_FULL, "no room");
}

static void place_that_is_full_is_told(void **state)
{
    struct zip *z = NULL;

    (void)state;
    assert_int_equal(zip_new(&z, refuse, NULL, 0, &err), 0);
    assert_int_equal(zip_begin(z, "a", &err), -1);
    assert_int_equal(err.code, ERR_FULL);
    zip_free(&z);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_read_it),
        cmocka_unit_test(nothing_in_it_is_an_archive),
        cmocka_unit_test(pieces_and_blocks_make_no_difference),
        cmocka_unit_test(many_members_are_counted),
        cmocka_unit_test(place_that_is_full_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
