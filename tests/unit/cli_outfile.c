/*
 * cli: results that appear whole or not at all, also where the file system has
 * no nameless files (open here plays one), no links, or where a signal comes.
 */
#undef _FORTIFY_SOURCE
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"

static char *folder;
static char path[160];
static struct error err;
static bool nameless = true;

/* The C library's, but for what the test takes away. */
int open(const char *name, int flags, ...)
{
    va_list more;
    mode_t mode;

    va_start(more, flags);
    mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (!nameless && (flags & O_TMPFILE) == O_TMPFILE) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return (int)syscall(SYS_openat, AT_FDCWD, name, flags, mode);
}

static int set_up(void **state)
{
    (void)state;
    folder = unit_folder_new();
    (void)snprintf(path, sizeof(path), "%s/result", folder);
    memset(&err, 0, sizeof(err));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    nameless = true;
    unit_folder_free(folder);
    return 0;
}

static size_t files_in(const char *where)
{
    DIR *d = opendir(where);
    size_t n = 0;

    if (d == NULL)
        return 0;
    while (readdir(d) != NULL)
        n++;
    (void)closedir(d);
    return n - 2;
}

static void assert_holds(const char *file, const char *text)
{
    struct buf got = { 0 };

    assert_int_equal(file_read(file, 4096, &got, &err), 0);
    assert_string_equal((const char *)got.p, text);
    buf_free(&got);
}

static struct outfile *begin(void)
{
    struct outfile *f = NULL;

    assert_int_equal(outfile_open(&f, path, &err), 0);
    assert_int_equal(outfile_write(f, "half", 4, &err), 0);
    return f;
}

/* ---- one file ----------------------------------------------------------- */

static void one_file_appears_whole(void)
{
    struct outfile *f = begin();
    struct stat st;

    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(outfile_commit(f, &err), 0);
    outfile_close(&f);
    assert_holds(path, "half");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(files_in(folder), 1);

    f = begin();
    assert_int_equal(outfile_commit_new(f, &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    outfile_close(&f);
    f = begin();
    outfile_close(&f);
    assert_int_equal(files_in(folder), 1);
}

static void file_appears_whole(void **state)
{
    (void)state;
    one_file_appears_whole();
}

static void file_appears_whole_where_all_have_names(void **state)
{
    (void)state;
    nameless = false;
    one_file_appears_whole();
}

/* A child that is stopped before it is done. */
static int stopped(void (*work)(void), int number)
{
    int status = 0;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        (void)signal(number, SIG_DFL);
        work();
        (void)raise(number);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void begin_and_leave(void)
{
    (void)begin();
}

static void signal_takes_the_named_half_away(void **state)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

    (void)state;
    nameless = false;
    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
        int status = stopped(begin_and_leave, signals[i]);

        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), signals[i]);
        assert_int_equal(files_in(folder), 0);
    }
}

static void finish_and_go_on(void)
{
    struct outfile *f = begin();

    if (outfile_commit(f, &err) == 0)
        outfile_close(&f);
}

static void signal_leaves_what_is_finished(void **state)
{
    (void)state;
    nameless = false;
    assert_true(WIFSIGNALED(stopped(finish_and_go_on, SIGINT)));
    assert_holds(path, "half");
}

static void ignored_signal_stays_ignored(void **state)
{
    struct sigaction now;
    struct outfile *f;

    (void)state;
    nameless = false;
    (void)signal(SIGHUP, SIG_IGN);
    f = begin();
    assert_int_equal(sigaction(SIGHUP, NULL, &now), 0);
    assert_true(now.sa_handler == SIG_IGN);
    outfile_close(&f);
    (void)signal(SIGHUP, SIG_DFL);
}

static void place_that_takes_nothing_is_known_before(void **state)
{
    char inside[200];

    (void)state;
    assert_int_equal(outfile_check(NULL, &err), 0);
    assert_int_equal(outfile_check(path, &err), 0);
    assert_int_equal(files_in(folder), 0);
    (void)snprintf(inside, sizeof(inside), "%s/no/such", folder);
    assert_int_equal(outfile_check(inside, &err), -1);
    assert_int_equal(outfile_check(folder, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
}

/* ---- a folder ----------------------------------------------------------- */

static struct outfolder *begin_two(void)
{
    struct outfolder *f = NULL;
    struct outfile *file;

    assert_int_equal(outfolder_open(&f, path, &err), 0);
    for (size_t i = 0; i < 2; i++) {
        file = outfolder_add(f, i == 0 ? "a" : "b", &err);
        assert_non_null(file);
        assert_int_equal(outfile_write(file, "x", 1, &err), 0);
    }
    return f;
}

static void folder_gets_all_or_none(void)
{
    struct outfolder *f = begin_two();
    char taken[200];
    int fd;

    outfolder_close(&f);
    assert_int_equal(access(path, F_OK), -1);

    f = begin_two();
    assert_int_equal(outfolder_commit(f, &err), 0);
    outfolder_close(&f);
    assert_int_equal(files_in(path), 2);

    /* The second name is taken meanwhile: the first goes again. */
    (void)snprintf(taken, sizeof(taken), "%s/a", path);
    assert_int_equal(unlink(taken), 0);
    f = NULL;
    assert_int_equal(outfolder_open(&f, path, &err), 0);
    assert_int_equal(outfolder_check(f, "b", &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_int_equal(outfolder_check(f, "a", &err), 0);
    outfolder_close(&f);
    f = begin_two();
    assert_int_equal(outfolder_commit(f, &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    outfolder_close(&f);
    assert_int_equal(access(taken, F_OK), -1);
    assert_int_equal(files_in(path), 1);

    /* A link that points nowhere is taken, too. */
    assert_int_equal(symlink("nowhere", taken), 0);
    f = NULL;
    assert_int_equal(outfolder_open(&f, path, &err), 0);
    assert_int_equal(outfolder_check(f, "a", &err), -1);
    outfolder_close(&f);
    fd = open(path, O_RDONLY | O_DIRECTORY);
    assert_true(fd >= 0);
    (void)close(fd);
}

static void folder_is_all_or_none(void **state)
{
    (void)state;
    folder_gets_all_or_none();
}

static void folder_is_all_or_none_where_all_have_names(void **state)
{
    (void)state;
    nameless = false;
    folder_gets_all_or_none();
}

static void begin_two_and_leave(void)
{
    (void)begin_two();
}

static void signal_takes_the_folder_away(void **state)
{
    (void)state;
    nameless = false;
    assert_true(WIFSIGNALED(stopped(begin_two_and_leave, SIGTERM)));
    assert_int_equal(access(path, F_OK), -1);
    nameless = true;
    assert_true(WIFSIGNALED(stopped(begin_two_and_leave, SIGTERM)));
    assert_int_equal(access(path, F_OK), -1);
}

static void what_is_no_folder_is_refused(void **state)
{
    struct outfolder *f = NULL;

    (void)state;
    assert_int_equal(file_create(path, "x", 1, &err), 0);
    assert_int_equal(outfolder_open(&f, path, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    outfolder_close(&f);
    assert_holds(path, "x");
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(file_appears_whole),
        T(file_appears_whole_where_all_have_names),
        T(signal_takes_the_named_half_away),
        T(signal_leaves_what_is_finished),
        T(ignored_signal_stays_ignored),
        T(place_that_takes_nothing_is_known_before),
        T(folder_is_all_or_none),
        T(folder_is_all_or_none_where_all_have_names),
        T(signal_takes_the_folder_away),
        T(what_is_no_folder_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
