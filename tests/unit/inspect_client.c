/*
 * The daemon's side against judges that break each rule. A fake judge is this
 * program itself under another name (a symbolic link `judge-NAME`); the real
 * one is taken from RESGUARDO_BUILD, else from `build`.
 */
#include "inspect_help.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "inspect/client.h"
#include "inspect/verdict.h"
#include "resguardo/inspect.h"

/* ---- fake judges -------------------------------------------------------- */

static void fake_good(void)
{
    if (ask(0, 4) == 4 && ask(90, LIMIT_JUDGE_READ) == 10)
        verdict();
}

static void fake_wrong_type(void)
{
    say(JUDGE_BYTES, "x", 1);
}

static void fake_unknown_type(void)
{
    say(77, "x", 1);
}

static void fake_overlong(void)
{
    static const char long_text[VERDICT_BYTES + 1];
    say(JUDGE_VERDICT, long_text, sizeof(long_text));
}

static void fake_huge_header(void)
{
    (void)fd_write_all(WIRE, "\4\xff\xff\xff\xff", 5);
    (void)pause();
}

static void fake_short_read(void)
{
    say(JUDGE_READ, "12345678901", 11);
}

static void fake_long_read(void)
{
    say(JUDGE_READ, "1234567890123", 13);
}

static void fake_zero_length(void)
{
    (void)ask(0, 0);
}

static void fake_long_length(void)
{
    (void)ask(0, LIMIT_JUDGE_READ + 1);
}

static void fake_past_end(void)
{
    (void)ask(100, 1);
}

static void fake_negative(void)
{
    (void)ask(UINT64_MAX, 1);
}

static void fake_many_reads(void)
{
    while (ask(0, 1) == 1)
        continue;
}

static void fake_silent(void)
{
    (void)pause();
}

/* More than a fake needs of a processor to begin. */
#define SLOW MSEC_S

static void fake_slow(void)
{
    (void)usleep((useconds_t)SLOW * 1500);
    fake_good();
}

static void fake_busy(void)
{
    for (volatile unsigned i = 0;; i++)
        continue;
}

static void fake_deaf(void)
{
    uint8_t request[12] = { 0 };

    le32_put(request + 8, LIMIT_JUDGE_READ);
    for (;;)
        say(JUDGE_READ, request, sizeof(request));
}

static void fake_dies(void)
{
    (void)ask(0, 1);
}

static void fake_killed(void)
{
    (void)raise(SIGTERM);
}

static void fake_half_frame(void)
{
    (void)fd_write_all(WIRE, "\4\x0b\0\0\0image", 10);
}

static void fake_trailing(void)
{
    verdict();
    (void)fd_write_all(WIRE, "x", 1);
}

static void fake_two_verdicts(void)
{
    verdict();
    verdict();
}

static void fake_stays(void)
{
    verdict();
    (void)close(WIRE);
    (void)pause();
}

static void fake_exit_1(void)
{
    verdict();
    _exit(1);
}

static void fake_not_ascii(void)
{
    say(JUDGE_VERDICT, "imag\xe9/png\0", 11);
}

static void fake_upper_case(void)
{
    say(JUDGE_VERDICT, "Image/png\0", 11);
}

static void fake_no_slash(void)
{
    say(JUDGE_VERDICT, "image-png\0", 11);
}

static void fake_line_break(void)
{
    say(JUDGE_VERDICT, "image/p\ng\0", 11);
}

static void fake_bad_finding(void)
{
    say(JUDGE_VERDICT, "image/png\0a b", 14);
}

static void fake_unterminated(void)
{
    say(JUDGE_VERDICT, "image/png", 9);
}

static void fake_one_string(void)
{
    say(JUDGE_VERDICT, "image/png", 10);
}

static void fake_extra_string(void)
{
    say(JUDGE_VERDICT, "image/png\0\0", 12);
}

static const struct {
    const char *name;
    void (*run)(void);
} fakes[] = {
    { "good", fake_good },
    { "wrong-type", fake_wrong_type },
    { "unknown-type", fake_unknown_type },
    { "overlong", fake_overlong },
    { "huge-header", fake_huge_header },
    { "short-read", fake_short_read },
    { "long-read", fake_long_read },
    { "zero-length", fake_zero_length },
    { "long-length", fake_long_length },
    { "past-end", fake_past_end },
    { "negative", fake_negative },
    { "many-reads", fake_many_reads },
    { "silent", fake_silent },
    { "slow", fake_slow },
    { "busy", fake_busy },
    { "deaf", fake_deaf },
    { "dies", fake_dies },
    { "killed", fake_killed },
    { "half-frame", fake_half_frame },
    { "trailing", fake_trailing },
    { "two-verdicts", fake_two_verdicts },
    { "stays", fake_stays },
    { "exit-1", fake_exit_1 },
    { "not-ascii", fake_not_ascii },
    { "upper-case", fake_upper_case },
    { "no-slash", fake_no_slash },
    { "line-break", fake_line_break },
    { "bad-finding", fake_bad_finding },
    { "unterminated", fake_unterminated },
    { "one-string", fake_one_string },
    { "extra-string", fake_extra_string },
};

/* Runs as the fake of this name; returns when there is none. */
static void maybe_fake(const char *path)
{
    const char *name = judge_name(path);

    if (name == NULL)
        return;
    for (size_t i = 0; i < sizeof(fakes) / sizeof(fakes[0]); i++)
        if (strcmp(name, fakes[i].name) == 0)
            fakes[i].run();
    _exit(0);
}

/* ---- the daemon's side -------------------------------------------------- */

static int failing_read(void *arg, int64_t offset, uint8_t *out, size_t len,
                        size_t *got, struct error *err)
{
    (void)arg, (void)offset, (void)out, (void)len, (void)got;
    return error_set(err, ERR_IO, "the disk is gone");
}

static int short_read(void *arg, int64_t offset, uint8_t *out, size_t len,
                      size_t *got, struct error *err)
{
    (void)arg, (void)offset, (void)err;
    memset(out, 'x', len);
    *got = len - 1;
    return 0;
}

/* Against what hangs, not to measure. */
#define LONG (300 * MSEC_S)

static int run_for(const char *fake, inspect_read read, const int *cancel,
                   msec limit, msec patience, struct inspect_verdict *v,
                   struct error *err)
{
    char path[256];
    struct inspect_job job = { path, NULL,   100,   read,
                               NULL, cancel, limit, patience };
    int before = next_descriptor(), rc;

    fake_path(path, fake);
    memset(v, 'x', sizeof(*v));
    rc = inspect_client_run(&job, v, err);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    assert_int_equal(next_descriptor(), before);
    return rc;
}

static int run(const char *fake, inspect_read read, const int *cancel,
               msec patience, struct inspect_verdict *v, struct error *err)
{
    return run_for(fake, read, cancel, LONG, patience, v, err);
}

static void expect_dead_within(const char *fake, msec patience,
                               const char *text)
{
    struct inspect_verdict v;
    struct error err = { 0 };

    assert_int_equal(run(fake, hundred_read, NULL, patience, &v, &err), 1);
    assert_int_equal(err.code, ERR_SANDBOX);
    assert_string_equal(err.text, text);
    assert_string_equal(v.media_type, "");
    assert_string_equal(v.finding, "");
}

static void expect_dead(const char *fake, const char *text)
{
    expect_dead_within(fake, LONG, text);
}

static void good_judge_is_believed(void **state)
{
    struct inspect_verdict v;
    struct error err = { 0 };

    (void)state;
    assert_int_equal(run("good", hundred_read, NULL, LONG, &v, &err), 0);
    assert_string_equal(v.media_type, "image/png");
    assert_string_equal(v.finding, "");
}

static void frames_of_other_types(void **state)
{
    (void)state;
    expect_dead("wrong-type", "the judge sent a frame of unknown type");
    expect_dead("unknown-type", "the judge sent a frame of unknown type");
}

static void overlong_frames(void **state)
{
    (void)state;
    expect_dead("overlong", "the judge sent an overlong verdict");
    expect_dead("huge-header", "the judge sent an overlong verdict");
}

static void reads_of_wrong_form(void **state)
{
    (void)state;
    expect_dead("short-read", "the judge sent a READ of wrong length");
    expect_dead("long-read", "the judge sent a READ of wrong length");
    expect_dead("zero-length", "the judge asked for a wrong length");
    expect_dead("long-length", "the judge asked for a wrong length");
}

static void reads_outside_the_file(void **state)
{
    (void)state;
    expect_dead("past-end", "the judge asked for an offset past the end");
    expect_dead("negative", "the judge asked for an offset past the end");
}

static void too_many_reads(void **state)
{
    (void)state;
    expect_dead("many-reads", "the judge made too many reads");
}

static void silent_judge_is_late(void **state)
{
    (void)state;
    expect_dead_within("silent", 150, "the judge was late");
}

/* A machine that has no time for it is not its fault; but it is what it does
 * with a processor all the time. */
static void judge_is_late_by_its_own_clock(void **state)
{
    struct inspect_verdict v;
    struct error err = { 0 };
    msec start = clock_monotonic();

    (void)state;
    assert_int_equal(run_for("slow", hundred_read, NULL, SLOW, LONG, &v, &err),
                     0);
    assert_string_equal(v.media_type, "image/png");
    assert_true(clock_monotonic() - start > SLOW);
    assert_int_equal(run_for("busy", hundred_read, NULL, SLOW, LONG, &v, &err),
                     1);
    assert_string_equal(err.text, "the judge was late");
    assert_true(clock_monotonic() - start < LONG);
}

static void judge_that_never_takes_its_answers_ends(void **state)
{
    (void)state;
    expect_dead_within("deaf", 300, "the judge was late");
}

static void judge_that_lingers_after_its_verdict_is_late(void **state)
{
    (void)state;
    expect_dead_within("stays", 150, "the judge was late");
}

static void judge_that_dies(void **state)
{
    (void)state;
    expect_dead("dies", "the judge died before its verdict");
    expect_dead("half-frame", "the judge died before its verdict");
}

static void judge_that_is_killed_is_named_by_its_signal(void **state)
{
    (void)state;
    expect_dead("killed", "the judge was killed by signal 15");
}

static void more_than_a_verdict(void **state)
{
    (void)state;
    expect_dead("trailing", "the judge said more than its verdict");
    expect_dead("two-verdicts", "the judge said more than its verdict");
}

static void judge_that_fails_after_its_verdict(void **state)
{
    (void)state;
    expect_dead("exit-1", "the judge failed after its verdict");
}

static void verdicts_outside_the_alphabet(void **state)
{
    static const char *const names[] = { "not-ascii",   "upper-case",
                                         "no-slash",    "line-break",
                                         "bad-finding", "unterminated",
                                         "one-string",  "extra-string" };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        expect_dead(names[i], "the judge sent a malformed verdict");
}

static void failing_callback_is_not_the_judges_fault(void **state)
{
    struct inspect_verdict v;
    struct error err = { 0 };

    (void)state;
    assert_int_equal(run("good", failing_read, NULL, LONG, &v, &err), -1);
    assert_int_equal(err.code, ERR_IO);
    assert_int_equal(run("good", short_read, NULL, LONG, &v, &err), -1);
    assert_int_equal(err.code, ERR_INTERNAL);
}

static void missing_program_is_not_the_judges_fault(void **state)
{
    struct inspect_job job = { .program = "/nonexistent",
                               .size = 1,
                               .read = hundred_read,
                               .limit = LONG,
                               .patience = LONG };
    struct inspect_verdict v;
    struct error err = { 0 };

    (void)state;
    assert_int_equal(inspect_client_run(&job, &v, &err), -1);
    assert_int_equal(err.code, ERR_IO);
}

static void *set_later(void *arg)
{
    (void)usleep(50000);
    __atomic_store_n((int *)arg, 1, __ATOMIC_RELAXED);
    return NULL;
}

static void cancelled_while_the_judge_is_silent(void **state)
{
    struct inspect_verdict v;
    struct error err = { 0 };
    pthread_t thread;
    msec start = clock_monotonic();
    int cancel = 0;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, set_later, &cancel), 0);
    assert_int_equal(run("silent", hundred_read, &cancel, LONG, &v, &err), -1);
    assert_int_equal(err.code, ERR_BUSY);
    assert_true(clock_monotonic() - start < LONG);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

/* ---- the real judge ----------------------------------------------------- */

struct sample {
    struct buf bytes;
    int64_t size; /* at least; the rest are zeros */
};

static int sample_read(void *arg, int64_t offset, uint8_t *out, size_t len,
                       size_t *got, struct error *err)
{
    const struct sample *s = arg;

    (void)err;
    memset(out, 0, len);
    if ((size_t)offset < s->bytes.len) {
        size_t n = s->bytes.len - (size_t)offset;

        memcpy(out, s->bytes.p + offset, n < len ? n : len);
    }
    *got = len;
    return 0;
}

static void expect_real(const char *name, int64_t at_least, const char *type)
{
    const char *build = getenv("RESGUARDO_BUILD");
    struct sample s = { .size = at_least };
    struct inspect_verdict v;
    struct error err = { 0 };
    char path[256];

    (void)snprintf(path, sizeof(path), "tests/vectors/media/%s", name);
    assert_int_equal(file_read(path, (size_t)1 << 20, &s.bytes, &err), 0);
    if (s.size < (int64_t)s.bytes.len)
        s.size = (int64_t)s.bytes.len;
    (void)snprintf(path, sizeof(path), "%s/resguardo-inspect",
                   build != NULL ? build : "build");

    if (inspect_file(path, NULL, s.size, sample_read, &s, NULL, &v, &err) != 0)
        fail_msg("%s: %s", name, err.text);
    assert_string_equal(v.media_type, type);
    buf_free(&s.bytes);
}

static void real_judge_under_its_sandbox(void **state)
{
    (void)state;
    expect_real("photo.jpg", 0, "image/jpeg");
    expect_real("photo.png", 0, "image/png");
    expect_real("photo.webp", 0, "image/webp");
    expect_real("photo-miaf.heic", 0, "image/heic");
    expect_real("letter.pdf", 0, "application/pdf");
    expect_real("letter-types-last.docx", 0,
                "application/vnd.openxmlformats-officedocument."
                "wordprocessingml.document");
    expect_real("macro.docx", 0,
                "application/vnd.ms-word.document.macroenabled.12");
    expect_real("program.jpg", 0,
                "application/vnd.microsoft.portable-executable");
    expect_real("page.jpg", 0, "text/html");
}

static void real_judge_on_the_largest_file(void **state)
{
    (void)state;
    expect_real("photo.jpg", LIMIT_MEDIA_BYTES, "image/jpeg");
    expect_real("plain.zip", LIMIT_MEDIA_BYTES, "application/zip");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_judge_is_believed),
        cmocka_unit_test(frames_of_other_types),
        cmocka_unit_test(overlong_frames),
        cmocka_unit_test(reads_of_wrong_form),
        cmocka_unit_test(reads_outside_the_file),
        cmocka_unit_test(too_many_reads),
        cmocka_unit_test(silent_judge_is_late),
        cmocka_unit_test(judge_is_late_by_its_own_clock),
        cmocka_unit_test(judge_that_never_takes_its_answers_ends),
        cmocka_unit_test(judge_that_lingers_after_its_verdict_is_late),
        cmocka_unit_test(judge_that_dies),
        cmocka_unit_test(judge_that_is_killed_is_named_by_its_signal),
        cmocka_unit_test(more_than_a_verdict),
        cmocka_unit_test(judge_that_fails_after_its_verdict),
        cmocka_unit_test(verdicts_outside_the_alphabet),
        cmocka_unit_test(failing_callback_is_not_the_judges_fault),
        cmocka_unit_test(missing_program_is_not_the_judges_fault),
        cmocka_unit_test(cancelled_while_the_judge_is_silent),
        cmocka_unit_test(real_judge_under_its_sandbox),
        cmocka_unit_test(real_judge_on_the_largest_file),
    };

    if (argc > 0)
        maybe_fake(argv[0]);
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
