/*
 * cli: results of a reader, with every call of them failing in turn. A folder
 * gets all files or none; an export is whole or is not there.
 */
#include "fault.h"

#include <dirent.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/subject_page.h"

static char *place;
static char path[160];
static int ended;
static struct secret *identity;
static uint8_t recipient[1][AGE_KEY_LEN];

/* What lies somewhere, "." and ".." apart; -1: it is not there. */
static int files_in(const char *folder)
{
    DIR *d = opendir(folder);
    int n = -2;

    if (d == NULL)
        return -1;
    while (readdir(d) != NULL)
        n++;
    (void)closedir(d);
    return n;
}

static bool is_trouble(const struct error *e)
{
    return error_is_environment(e->code);
}

/* ---- a folder ----------------------------------------------------------- */

static int fill(struct outfolder *f, struct error *e)
{
    static const char *const names[] = { "a", "b", "c" };

    for (size_t i = 0; i < 3; i++) {
        struct outfile *file;

        if (outfolder_check(f, names[i], e) != 0 ||
            (file = outfolder_add(f, names[i], e)) == NULL ||
            outfile_write(file, "whole", 5, e) != 0)
            return -1;
    }
    return outfolder_commit(f, e);
}

static int make_folder(struct error *e)
{
    struct outfolder *f = NULL;
    int ok = outfolder_open(&f, path, e);

    if (ok == 0)
        ok = fill(f, e);
    outfolder_close(&f);
    return ok;
}

static void empty(void *arg)
{
    struct buf name = { 0 };

    (void)arg;
    for (const char *p = "abc"; *p != '\0'; p++) {
        buf_reset(&name);
        assert_int_equal(buf_addf(&name, "%s/%c", path, *p), 0);
        (void)unlink((const char *)name.p);
    }
    buf_free(&name);
    (void)rmdir(path);
    assert_int_equal(files_in(path), -1);
}

static void folder_act(void *arg)
{
    struct error e = { 0 };

    (void)arg;
    ended = make_folder(&e);
    assert_true(ended == 0 || is_trouble(&e));
}

/* Where even the undoing fails nothing can be promised but what is there is
 * whole; a folder may be left, and a second try says so or works. */
static void folder_verify(void *arg)
{
    struct error e = { 0 };
    struct buf text = { 0 };
    int n = files_in(path);

    (void)arg;
    if (ended == 0)
        assert_int_equal(n, 3);
    else if (!fault_point.lasting)
        assert_true(n <= 0);
    for (int i = 0; i < n; i++) {
        char name[200];

        (void)snprintf(name, sizeof(name), "%s/%c", path, 'a' + i);
        buf_reset(&text);
        assert_int_equal(file_read(name, 16, &text, &e), 0);
        assert_string_equal((const char *)text.p, "whole");
    }
    buf_free(&text);
    empty(NULL);
    assert_int_equal(make_folder(&e), 0);
}

/* ---- an export ---------------------------------------------------------- */

static int pack(struct sealing *s, struct zip **z, struct page **page,
                struct error *e)
{
    json_t *row = json_pack("{s:s, s:s}", "type", "phone", "value", "57300");
    struct buf html = { 0 };
    int ok = -1;

    *page = page_new();
    if (row == NULL || *page == NULL || page_add(*page, "handle", row) != 0 ||
        page_write(*page, &html) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a page");
    else if (zip_new(z, sealing_add, s, 0, e) == 0 &&
             zip_begin(*z, "index.html", e) == 0 &&
             zip_add(*z, html.p, html.len, e) == 0 && zip_end(*z, e) == 0 &&
             zip_finish(*z, e) == 0)
        ok = sealing_end(s, e);
    json_decref(row);
    buf_free(&html);
    return ok;
}

static int export_to(const char *where, struct error *e)
{
    struct outfile *file = NULL;
    struct sealing *s = NULL;
    struct zip *z = NULL;
    struct page *page = NULL;
    int ok = -1;

    if (outfile_check(where, e) == 0 && outfile_open(&file, where, e) == 0 &&
        sealing_for(&s, (const uint8_t(*)[AGE_KEY_LEN])recipient, 1, e) == 0 &&
        sealing_begin(s, file, false, e) == 0 && pack(s, &z, &page, e) == 0)
        ok = outfile_commit(file, e);
    page_free(&page);
    zip_free(&z);
    sealing_free(&s);
    outfile_close(&file);
    return ok;
}

/* What the failure of everything left under a temporary name goes by hand. */
static void export_prepare(void *arg)
{
    DIR *d = opendir(place);
    const struct dirent *entry;

    (void)arg;
    assert_non_null(d);
    while ((entry = readdir(d)) != NULL)
        (void)unlinkat(dirfd(d), entry->d_name, 0);
    (void)closedir(d);
    assert_int_equal(files_in(place), 0);
}

static void export_act(void *arg)
{
    struct error e = { 0 };

    (void)arg;
    ended = export_to(path, &e);
    assert_true(ended == 0 || is_trouble(&e));
}

/* After a rename that cannot be made durable the whole file is there. */
static void export_verify(void *arg)
{
    const struct secret *const identities[] = { identity };
    struct error e = { 0 };
    struct buf sealed = { 0 }, plain = { 0 };

    (void)arg;
    if (ended == 0 || access(path, F_OK) == 0) {
        assert_int_equal(file_read(path, 1 << 20, &sealed, &e), 0);
        assert_int_equal(
            age_open(&plain, identities, 1, sealed.p, sealed.len, &e), 0);
        assert_non_null(memmem(plain.p, plain.len, "57300", 5));
    } else if (!fault_point.lasting) {
        assert_int_equal(files_in(place), 0);
    }
    buf_free(&sealed);
    buf_free(&plain);
    assert_int_equal(export_to(path, &e), 0);
    (void)unlink(path);
    if (!fault_point.lasting)
        assert_int_equal(files_in(place), 0);
}

/* ---- the walks ---------------------------------------------------------- */

static int set_up(void **state)
{
    (void)state;
    place = unit_folder_new();
    (void)snprintf(path, sizeof(path), "%s/result", place);
    identity = age_identity_new(&random_system);
    return identity == NULL ||
           age_identity_recipient(recipient[0], identity) != 0;
}

static int tear_down(void **state)
{
    (void)state;
    secret_free(&identity);
    unit_folder_free(place);
    return 0;
}

static void folder_is_all_or_none(void **state)
{
    const struct fault_walk walk = { .name = "a folder",
                                     .prepare = empty,
                                     .act = folder_act,
                                     .verify = folder_verify };

    (void)state;
    assert_true(fault_walk(&walk) > 0);
}

static void export_is_whole_or_not_there(void **state)
{
    const struct fault_walk walk = { .name = "an export",
                                     .prepare = export_prepare,
                                     .act = export_act,
                                     .verify = export_verify };

    (void)state;
    assert_true(fault_walk(&walk) > 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(folder_is_all_or_none, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(export_is_whole_or_not_there, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
