/*
 * Judges that wait, and the mothers that have them: how many, how long, and
 * what becomes of either when the other dies. The real judge is taken from
 * RESGUARDO_BUILD, else from `build`.
 */
#include "inspect_help.h"

static void maybe_fake(const char *path)
{
    const char *name = judge_name(path);

    if (name == NULL)
        return;
    if (strcmp(name, "killed") == 0)
        (void)raise(SIGTERM);
    if (ask(0, 4) == 4)
        verdict();
    _exit(0);
}

/* ---- a judge that waits ------------------------------------------------- */

static int run_spare(struct inspect_spare *spare, const char *path,
                     struct error *err)
{
    struct inspect_verdict v;
    struct inspect_job job = { path, spare, 100,          hundred_read,
                               NULL, NULL,  300 * MSEC_S, 300 * MSEC_S };
    int rc = inspect_client_run(&job, &v, err);

    assert_int_equal(spare->pid, -1);
    return rc;
}

static void keep(struct inspect_spare *spare, const char *path)
{
    struct error err = { 0 };

    assert_int_equal(inspect_spare_keep(spare, path, &err), 0);
    assert_true(spare->pid > 0);
}

static void judge_that_waits_takes_one_file(void **state)
{
    struct inspect_spare spare = INSPECT_SPARE_NONE;
    struct error err = { 0 };
    int before = next_descriptor();
    char path[256];
    pid_t pid;

    (void)state;
    fake_path(path, "good");
    keep(&spare, path);
    pid = spare.pid;
    keep(&spare, path);
    assert_int_equal(spare.pid, pid);

    /* It is this one that judges, and it is gone afterwards. */
    assert_int_equal(run_spare(&spare, path, &err), 0);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(run_spare(&spare, path, &err), 0);
    inspect_spare_end(&spare);
    assert_int_equal(next_descriptor(), before);
}

static void judge_that_died_waiting_is_replaced(void **state)
{
    struct inspect_spare spare = INSPECT_SPARE_NONE;
    struct error err = { 0 };
    int before = next_descriptor();
    char path[256];
    pid_t pid;

    (void)state;
    fake_path(path, "good");
    keep(&spare, path);
    pid = spare.pid;
    assert_int_equal(kill(pid, SIGKILL), 0);
    while (inspect_spare_fit(&spare))
        (void)usleep(1000);
    keep(&spare, path);
    assert_int_not_equal(spare.pid, pid);

    /* Not even the file that comes first notices. */
    assert_int_equal(kill(spare.pid, SIGKILL), 0);
    while (inspect_spare_fit(&spare))
        (void)usleep(1000);
    assert_int_equal(run_spare(&spare, path, &err), 0);
    inspect_spare_end(&spare);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(next_descriptor(), before);
}

static void judge_that_waited_too_long_is_replaced(void **state)
{
    struct inspect_spare spare = INSPECT_SPARE_NONE;
    char path[256];
    pid_t pid, mother;

    (void)state;
    fake_path(path, "good");
    keep(&spare, path);
    pid = spare.pid;
    mother = spare.mother.pid;
    spare.born -= LIMIT_JUDGE_IDLE;
    spare.mother.born -= LIMIT_JUDGE_IDLE;
    keep(&spare, path);
    assert_int_not_equal(spare.pid, pid);
    assert_int_not_equal(spare.mother.pid, mother);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(kill(mother, 0), -1);
    inspect_spare_end(&spare);
    assert_int_equal(spare.pid, -1);
    inspect_spare_end(&spare);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void judges_of_one_mother_are_counted(void **state)
{
    struct inspect_spare spare = INSPECT_SPARE_NONE;
    struct error err = { 0 };
    char path[256];
    pid_t mother;

    (void)state;
    fake_path(path, "good");
    keep(&spare, path);
    mother = spare.mother.pid;
    for (unsigned i = 0; i < LIMIT_JUDGE_SIBLINGS; i++) {
        keep(&spare, path);
        assert_int_equal(spare.mother.pid, mother);
        assert_int_equal(run_spare(&spare, path, &err), 0);
    }
    keep(&spare, path);
    assert_int_not_equal(spare.mother.pid, mother);
    assert_int_equal(kill(mother, 0), -1);
    inspect_spare_end(&spare);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* What killed it may have been told where things lie. */
static void judge_that_dies_was_its_mothers_last(void **state)
{
    struct inspect_spare spare = INSPECT_SPARE_NONE;
    struct error err = { 0 };
    char path[256];
    pid_t mother;

    (void)state;
    fake_path(path, "killed");
    keep(&spare, path);
    mother = spare.mother.pid;
    assert_int_equal(run_spare(&spare, path, &err), 1);
    assert_int_equal(spare.mother.pid, -1);
    assert_int_equal(kill(mother, 0), -1);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void mother_that_died_is_replaced(void **state)
{
    struct inspect_spare spare = INSPECT_SPARE_NONE;
    struct error err = { 0 };
    int before = next_descriptor();
    char path[256];
    pid_t mother;

    (void)state;
    fake_path(path, "good");
    keep(&spare, path);
    mother = spare.mother.pid;
    assert_int_equal(kill(mother, SIGKILL), 0);
    while (inspect_mother_fit(&spare.mother))
        (void)usleep(1000);

    /* Her last judge is as good as any; the next has another mother. */
    assert_int_equal(run_spare(&spare, path, &err), 0);
    keep(&spare, path);
    assert_int_not_equal(spare.mother.pid, mother);
    assert_int_equal(run_spare(&spare, path, &err), 0);
    inspect_spare_end(&spare);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(next_descriptor(), before);
}

/* A program that is none, and ends without a word. */
static void mother_that_says_nothing_is_an_error(void **state)
{
    struct inspect_spare spare = INSPECT_SPARE_NONE;
    struct error err = { 0 };
    int before = next_descriptor();

    (void)state;
    assert_int_equal(inspect_spare_keep(&spare, "/bin/true", &err), -1);
    assert_int_equal(err.code, ERR_INTERNAL);
    assert_int_equal(spare.pid, -1);
    assert_int_equal(spare.mother.pid, -1);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(next_descriptor(), before);
}

static void no_program_leaves_no_judge(void **state)
{
    struct inspect_spare spare = INSPECT_SPARE_NONE;
    struct error err = { 0 };
    int before = next_descriptor();

    (void)state;
    assert_int_equal(inspect_spare_keep(&spare, "/nonexistent", &err), -1);
    assert_int_equal(err.code, ERR_IO);
    assert_int_equal(spare.pid, -1);
    assert_int_equal(next_descriptor(), before);
}

/* A line of /proc/PID/FILE after what it starts with; "" when there is none. */
static void proc_line(pid_t pid, const char *file, const char *start,
                      char out[128])
{
    char path[64], line[256];
    size_t n = strlen(start);
    FILE *f;

    (void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
    out[0] = '\0';
    assert_non_null(f = fopen(path, "r"));
    while (fgets(line, sizeof(line), f) != NULL)
        if (strncmp(line, start, n) == 0) {
            line[strcspn(line, "\n")] = '\0';
            (void)snprintf(out, 128, "%.127s", line + n);
        }
    (void)fclose(f);
}

/* Hers and its own; it shuts its own before it asks for a file. */
static void real_judge_has_a_filter_more_than_its_mother(void **state)
{
    const char *build = getenv("RESGUARDO_BUILD");
    struct inspect_spare spare = INSPECT_SPARE_NONE;
    msec until = clock_monotonic() + 300 * MSEC_S;
    char path[256], text[128] = "";

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/resguardo-inspect",
                   build != NULL ? build : "build");
    keep(&spare, path);
    while (strcmp(text, "\t2") != 0) {
        assert_true(clock_monotonic() < until);
        (void)usleep(1000);
        proc_line(spare.pid, "status", "Seccomp_filters:", text);
    }
    proc_line(spare.mother.pid, "status", "Seccomp_filters:", text);
    assert_string_equal(text, "\t1");
    proc_line(spare.pid, "status", "NoNewPrivs:", text);
    assert_string_equal(text, "\t1");
    proc_line(spare.pid, "status", "PPid:\t", text);
    assert_int_equal(strtol(text, NULL, 10), getpid());
    proc_line(spare.pid, "limits", "Max processes", text);
    assert_int_equal(strtol(text, NULL, 10), 0);
    inspect_spare_end(&spare);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judge_that_waits_takes_one_file),
        cmocka_unit_test(judge_that_died_waiting_is_replaced),
        cmocka_unit_test(judge_that_waited_too_long_is_replaced),
        cmocka_unit_test(judges_of_one_mother_are_counted),
        cmocka_unit_test(judge_that_dies_was_its_mothers_last),
        cmocka_unit_test(mother_that_died_is_replaced),
        cmocka_unit_test(mother_that_says_nothing_is_an_error),
        cmocka_unit_test(no_program_leaves_no_judge),
        cmocka_unit_test(real_judge_has_a_filter_more_than_its_mother),
    };

    if (argc > 0)
        maybe_fake(argv[0]);
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
