/* Files, secrets, paths, frames, errors and the log. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "resguardo/base.h"

struct place {
    char *folder;
    char path[128];
    struct error e;
};

static int place_new(void **state)
{
    struct place *p = calloc(1, sizeof(*p));

    assert_non_null(p);
    p->folder = unit_folder_new();
    (void)snprintf(p->path, sizeof(p->path), "%s/file", p->folder);
    *state = p;
    return 0;
}

static int place_free(void **state)
{
    struct place *p = *state;

    unit_folder_free(p->folder);
    free(p);
    return 0;
}

static void holds(const char *path, const char *expected)
{
    struct buf out = { 0 };
    struct error e;

    assert_int_equal(file_read(path, 1000, &out, &e), 0);
    assert_string_equal((const char *)out.p, expected);
    buf_free(&out);
}

/* ---- errors ------------------------------------------------------------- */

static void errno_decides_the_verdict(void **state)
{
    struct error e;

    (void)state;
    errno = ENOSPC;
    assert_int_equal(error_errno(&e, ERR_IO, "cannot write"), -1);
    assert_int_equal(e.code, ERR_FULL);
    assert_string_equal(e.text, "cannot write: No space left on device");
    assert_string_equal(e.hint, "free some disk space");
    errno = EACCES;
    (void)error_errno(&e, ERR_CONFIG, "no");
    assert_int_equal(e.code, ERR_CONFIG);
    assert_string_equal(e.hint, "");
}

static void an_error_may_wrap_itself(void **state)
{
    struct error e;

    (void)state;
    (void)error_set(&e, ERR_INPUT, "inner");
    (void)error_set(&e, ERR_CONFIG, "outer: %s", e.text);
    assert_string_equal(e.text, "outer: inner");
    (void)error_hint(&e, "do %d", 1);
    (void)error_hint(&e, "%s, then 2", e.hint);
    assert_string_equal(e.hint, "do 1, then 2");
}

static void a_long_error_is_cut(void **state)
{
    char text[2000];
    struct error e;

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    errno = EIO;
    (void)error_errno(&e, ERR_IO, "%s", text);
    assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
}

static void exit_codes_are_those_of_the_manual(void **state)
{
    (void)state;
    assert_int_equal(error_exit_code(ERR_NONE), 0);
    assert_int_equal(error_exit_code(ERR_USAGE), 2);
    assert_int_equal(error_exit_code(ERR_CONFIG), 2);
    assert_int_equal(error_exit_code(ERR_NOT_FOUND), 3);
    assert_int_equal(error_exit_code(ERR_NOT_PERMITTED), 4);
    assert_int_equal(error_exit_code(ERR_VERIFY), 5);
    assert_int_equal(error_exit_code(ERR_IO), 1);
    assert_string_equal(error_name(ERR_NOT_FOUND), "NOT_FOUND");
    assert_true(error_is_environment(ERR_BUSY));
    assert_false(error_is_environment(ERR_CONFLICT));
}

/* ---- files -------------------------------------------------------------- */

static void create_is_private_and_never_overwrites(void **state)
{
    struct place *p = *state;
    struct stat st;

    assert_int_equal(file_create(p->path, "one", 3, &p->e), 0);
    assert_int_equal(stat(p->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(file_create(p->path, "two", 3, &p->e), -1);
    assert_int_equal(p->e.code, ERR_CONFLICT);
    holds(p->path, "one");
}

static void create_does_not_follow_a_link(void **state)
{
    struct place *p = *state;
    char target[160];

    (void)snprintf(target, sizeof(target), "%s.target", p->path);
    assert_int_equal(symlink(target, p->path), 0);
    assert_int_equal(file_create(p->path, "x", 1, &p->e), -1);
    assert_int_equal(access(target, F_OK), -1);
}

static void replace_replaces_and_leaves_nothing_beside(void **state)
{
    struct place *p = *state;
    char command[256];

    assert_int_equal(file_replace(p->path, "one", 3, &p->e), 0);
    assert_int_equal(file_replace(p->path, "two", 3, &p->e), 0);
    holds(p->path, "two");
    (void)snprintf(command, sizeof(command), "test \"$(ls %s)\" = file",
                   p->folder);
    assert_int_equal(system(command), 0);
}

static void a_failed_replace_leaves_the_old_file(void **state)
{
    struct place *p = *state;
    char inside[160];

    assert_int_equal(mkdir(p->path, 0700), 0);
    (void)snprintf(inside, sizeof(inside), "%s/x", p->path);
    assert_int_equal(file_create(inside, "old", 3, &p->e), 0);
    assert_int_equal(file_replace(p->path, "new", 3, &p->e), -1);
    assert_int_equal(p->e.code, ERR_IO);
    holds(inside, "old");
}

static void read_has_a_cap_and_appends(void **state)
{
    struct place *p = *state;
    struct buf out = { 0 };

    assert_int_equal(file_create(p->path, "12345", 5, &p->e), 0);
    assert_int_equal(buf_adds(&out, ">"), 0);
    assert_int_equal(file_read(p->path, 4, &out, &p->e), -1);
    assert_int_equal(p->e.code, ERR_INPUT);
    assert_string_equal((const char *)out.p, ">");
    assert_int_equal(file_read(p->path, 5, &out, &p->e), 0);
    assert_string_equal((const char *)out.p, ">12345");
    buf_free(&out);
}

static void a_missing_file_is_not_found(void **state)
{
    struct place *p = *state;
    struct buf out = { 0 };

    assert_int_equal(file_read(p->path, 10, &out, &p->e), -1);
    assert_int_equal(p->e.code, ERR_NOT_FOUND);
    assert_int_equal(file_read(p->folder, 10, &out, &p->e), -1);
    assert_int_equal(p->e.code, ERR_IO);
    buf_free(&out);
}

static void paths_count_from_the_folder_of_a_file(void **state)
{
    static const struct {
        const char *base, *name, *path;
    } known[] = {
        { "/etc/r/c.yaml", "token", "/etc/r/token" },
        { "/etc/r/c.yaml", "/run/token", "/run/token" },
        { "c.yaml", "keys/token", "keys/token" },
        { "/c.yaml", "token", "/token" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        struct buf out = { 0 };

        assert_int_equal(path_beside(&out, known[i].base, known[i].name), 0);
        assert_string_equal((const char *)out.p, known[i].path);
        buf_free(&out);
    }
}

static void programs_are_found_beside_the_running_one(void **state)
{
    struct buf out = { 0 };
    struct error e;

    (void)state;
    assert_int_equal(path_of_program(&out, "base_file", &e), 0);
    assert_int_equal(access((const char *)out.p, X_OK), 0);
    assert_int_equal(path_of_program(&out, "no-such-program", &e), -1);
    assert_int_equal(e.code, ERR_IO);
    buf_free(&out);
}

/* ---- secrets ------------------------------------------------------------ */

static void a_private_secret_is_read(void **state)
{
    struct place *p = *state;
    struct secret *s;

    assert_int_equal(file_create(p->path, "t0ken", 5, &p->e), 0);
    s = secret_read_file(p->path, 5, true, &p->e);
    assert_non_null(s);
    assert_int_equal(s->len, 5);
    assert_memory_equal(s->p, "t0ken\0", 6);
    secret_free(&s);
    assert_null(s);
    secret_free(&s);
}

static void a_secret_open_to_others_is_refused(void **state)
{
    static const mode_t modes[] = { 0640, 0604, 0620, 0644, 0666, 0610 };
    struct place *p = *state;
    struct secret *s;

    assert_int_equal(file_create(p->path, "t0ken", 5, &p->e), 0);
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        assert_int_equal(chmod(p->path, modes[i]), 0);
        assert_null(secret_read_file(p->path, 100, true, &p->e));
        assert_int_equal(p->e.code, ERR_INPUT);
        assert_non_null(strstr(p->e.hint, "chmod 600"));
        assert_null(strstr(p->e.text, "t0ken"));
    }
    s = secret_read_file(p->path, 100, false, &p->e);
    assert_non_null(s);
    secret_free(&s);
}

static void other_secret_files_are_refused(void **state)
{
    struct place *p = *state;

    assert_null(secret_read_file(p->path, 100, true, &p->e));
    assert_int_equal(p->e.code, ERR_IO);
    assert_null(secret_read_file(p->folder, 100, true, &p->e));
    assert_int_equal(p->e.code, ERR_INPUT);
    assert_int_equal(file_create(p->path, "123456", 6, &p->e), 0);
    assert_null(secret_read_file(p->path, 5, true, &p->e));
    assert_int_equal(p->e.code, ERR_INPUT);
}

static void a_pipe_in_place_of_a_secret_does_not_hang(void **state)
{
    struct place *p = *state;

    assert_int_equal(mkfifo(p->path, 0600), 0);
    assert_null(secret_read_file(p->path, 100, true, &p->e));
    assert_int_equal(p->e.code, ERR_INPUT);
}

static void secrets_start_as_zeros_and_are_copied(void **state)
{
    struct secret *zero = secret_new(3), *copy = secret_copy("abc", 3);
    struct secret *empty = secret_copy(NULL, 0);

    (void)state;
    assert_memory_equal(zero->p, "\0\0\0", 3);
    assert_memory_equal(copy->p, "abc", 4);
    assert_int_equal(empty->len, 0);
    secret_free(&zero);
    secret_free(&copy);
    secret_free(&empty);
}

/* A large one may lie where another lay; nobody sees what that one held. */
static void large_secrets_start_as_zeros_too(void **state)
{
    enum { PLACES = 20 }; /* more than are kept */
    const size_t sizes[] = { (size_t)64 * 1024, (size_t)256 * 1024 };
    struct secret *s[PLACES];

    (void)state;
    for (size_t round = 0; round < 3; round++) {
        size_t len = sizes[round % 2];

        for (size_t i = 0; i < PLACES; i++) {
            assert_non_null(s[i] = secret_new(len));
            assert_int_equal(s[i]->len, len);
            for (size_t k = 0; k <= len; k++)
                if (s[i]->p[k] != 0)
                    fail_msg("byte %zu of secret %zu", k, i);
            memset(s[i]->p, 0xa5, len);
        }
        for (size_t i = 0; i < PLACES; i++)
            secret_free(&s[i]);
    }
}

/* ---- frames ------------------------------------------------------------- */

struct link {
    int fds[2];
};

static struct link link_new(void)
{
    struct link l;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, l.fds), 0);
    return l;
}

static void link_free(struct link *l)
{
    (void)close(l->fds[0]);
    (void)close(l->fds[1]);
}

static void frames_arrive_as_sent(void **state)
{
    static const size_t sizes[] = { 0, 1, 4091, 4092, 50000 };
    struct link l = link_new();
    struct buf out = { 0 };
    struct error e;
    uint8_t type, bytes[50000];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 7);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_int_equal(frame_write(l.fds[0], 9, bytes, sizes[i], &e), 0);
        assert_int_equal(frame_read(l.fds[1], &type, &out, sizes[i], &e), 0);
        assert_int_equal(type, 9);
        assert_int_equal(out.len, sizes[i]);
        assert_memory_equal(out.p, bytes, sizes[i]);
    }
    buf_free(&out);
    link_free(&l);
}

static void frames_that_come_together_are_taken_one_by_one(void **state)
{
    static const size_t sizes[] = { 3, 0, 90000, 7 };
    static uint8_t bytes[90000];
    struct link l = link_new();
    struct frame_reader r = { .fd = l.fds[1] };
    struct buf out;
    struct error e;
    uint8_t type;
    int taken;

    (void)state;
    memset(bytes, 'x', sizeof(bytes));
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(frame_write(l.fds[0], 9, bytes, sizes[i], &e), 0);
    assert_int_equal(shutdown(l.fds[0], SHUT_WR), 0);
    for (size_t i = 0; i < 4; i++) {
        while ((taken = frame_take(&r, &type, &out, sizeof(bytes), &e)) == 0)
            assert_int_equal(frame_fill(&r, &e), 0);
        assert_int_equal(taken, 1);
        assert_int_equal(type, 9);
        assert_int_equal(out.len, sizes[i]);
        assert_memory_equal(out.p, bytes, sizes[i]);
    }
    assert_int_equal(frame_take(&r, &type, &out, 9, &e), 0);
    assert_int_equal(frame_fill(&r, &e), 1);
    assert_int_equal(r.in.p[0], 0);
    frame_reader_free(&r);
    link_free(&l);
}

static void a_cut_or_overlong_frame_among_many_is_an_error(void **state)
{
    struct link l = link_new();
    struct frame_reader r = { .fd = l.fds[1] };
    struct buf out;
    struct error e;
    uint8_t type;

    (void)state;
    assert_int_equal(write(l.fds[0], "\1\1\0\0\0x\1\2\0\0\0y", 12), 12);
    assert_int_equal(frame_fill(&r, &e), 0);
    assert_int_equal(frame_take(&r, &type, &out, 1, &e), 1);
    assert_int_equal(frame_take(&r, &type, &out, 1, &e), -1);
    assert_int_equal(e.code, ERR_INPUT);
    assert_int_equal(frame_take(&r, &type, &out, 2, &e), 0);
    assert_int_equal(shutdown(l.fds[0], SHUT_WR), 0);
    assert_int_equal(frame_fill(&r, &e), -1);
    assert_int_equal(e.code, ERR_IO);
    frame_reader_free(&r);
    link_free(&l);
}

static void the_end_between_frames_is_no_error(void **state)
{
    struct link l = link_new();
    struct buf out = { 0 };
    struct error e;
    uint8_t type;

    (void)state;
    assert_int_equal(shutdown(l.fds[0], SHUT_WR), 0);
    assert_int_equal(frame_read(l.fds[1], &type, &out, 10, &e), 1);
    link_free(&l);
    buf_free(&out);
}

static void cut_read(const char *bytes, size_t n)
{
    struct link l = link_new();
    struct buf out = { 0 };
    struct error e;
    uint8_t type;

    assert_int_equal(write(l.fds[0], bytes, n), n);
    assert_int_equal(shutdown(l.fds[0], SHUT_WR), 0);
    assert_int_equal(frame_read(l.fds[1], &type, &out, 10, &e), -1);
    assert_int_equal(e.code, ERR_IO);
    assert_int_equal(out.len, 0);
    link_free(&l);
    buf_free(&out);
}

static void the_end_within_a_frame_is_an_error(void **state)
{
    (void)state;
    cut_read("\x01", 1);
    cut_read("\x01\x02\x00\x00", 4);
    cut_read("\x01\x02\x00\x00\x00", 5);
    cut_read("\x01\x02\x00\x00\x00x", 6);
}

static void a_frame_over_the_cap_is_refused(void **state)
{
    struct link l = link_new();
    struct buf out = { 0 };
    struct error e;
    uint8_t type;

    (void)state;
    assert_int_equal(frame_write(l.fds[0], 1, "12345", 5, &e), 0);
    assert_int_equal(frame_read(l.fds[1], &type, &out, 4, &e), -1);
    assert_int_equal(e.code, ERR_INPUT);
    assert_int_equal(write(l.fds[1], "\x01\xff\xff\xff\xff", 5), 5);
    assert_int_equal(frame_read(l.fds[0], &type, &out, 1000, &e), -1);
    assert_int_equal(e.code, ERR_INPUT);
    assert_true(out.cap < 100000);
    link_free(&l);
    buf_free(&out);
}

/* ---- log ---------------------------------------------------------------- */

/* Runs one log call with stderr in a pipe; gives the line, parsed. */
static json_t *logged(void (*call)(void))
{
    char text[PIPE_BUF * 2] = { 0 };
    int pipe_fds[2], saved = dup(STDERR_FILENO);
    ssize_t n;
    json_t *line;

    assert_int_equal(pipe(pipe_fds), 0);
    assert_true(dup2(pipe_fds[1], STDERR_FILENO) >= 0);
    call();
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    n = read(pipe_fds[0], text, sizeof(text) - 1);
    assert_true(n > 0 && n <= PIPE_BUF);
    assert_ptr_equal(strchr(text, '\n'), text + n - 1);
    for (ssize_t i = 0; i < n - 1; i++)
        assert_true(text[i] >= 0x20 && text[i] < 0x7f);
    line = json_loads(text, 0, NULL);
    assert_non_null(line);
    (void)close(saved);
    (void)close(pipe_fds[0]);
    (void)close(pipe_fds[1]);
    return line;
}

static void call_event(void)
{
    log_event(LOG_LEVEL_ALARM, "refused", "{s:i, s:s, s:s}", "status", 401,
              "event", "forged", "name", "a\n\xc2\x9b\x7f");
}

static void a_log_line_is_one_json_object(void **state)
{
    json_t *line;
    msec t;

    (void)state;
    log_open("unit");
    line = logged(call_event);
    assert_string_equal(json_str(line, "program"), "unit");
    assert_string_equal(json_str(line, "level"), "alarm");
    assert_string_equal(json_str(line, "event"), "refused");
    assert_int_equal(json_integer_value(json_object_get(line, "status")), 401);
    assert_int_equal(time_parse(json_str(line, "time"), &t), 0);
    json_decref(line);
}

static void call_long(void)
{
    char text[PIPE_BUF + 1];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    log_event(LOG_LEVEL_INFO, "long", "{s:s}", "text", text);
}

static void call_not_utf8(void)
{
    log_event(LOG_LEVEL_INFO, "bad", "{s:s}", "text", "\xff");
}

static void details_that_cannot_be_written_do_not_lose_the_event(void **state)
{
    json_t *line = logged(call_long);

    (void)state;
    assert_string_equal(json_str(line, "event"), "long");
    assert_true(json_is_null(json_object_get(line, "details")));
    json_decref(line);
    line = logged(call_not_utf8);
    assert_string_equal(json_str(line, "event"), "bad");
    json_decref(line);
}

static void call_error(void)
{
    struct error e;

    (void)error_set(&e, ERR_FULL, "no \x1b[2J\xff room");
    log_error("store", &e);
}

static void an_error_is_logged_with_code_and_hint(void **state)
{
    json_t *line = logged(call_error);

    (void)state;
    assert_string_equal(json_str(line, "code"), "FULL");
    assert_string_equal(json_str(line, "text"),
                        "no \\u{001B}[2J\\u{FFFD} room");
    assert_string_equal(json_str(line, "hint"), "free some disk space");
    json_decref(line);
}

#define WITH_PLACE(test)                                                       \
    cmocka_unit_test_setup_teardown(test, place_new, place_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errno_decides_the_verdict),
        cmocka_unit_test(an_error_may_wrap_itself),
        cmocka_unit_test(a_long_error_is_cut),
        cmocka_unit_test(exit_codes_are_those_of_the_manual),
        WITH_PLACE(create_is_private_and_never_overwrites),
        WITH_PLACE(create_does_not_follow_a_link),
        WITH_PLACE(replace_replaces_and_leaves_nothing_beside),
        WITH_PLACE(a_failed_replace_leaves_the_old_file),
        WITH_PLACE(read_has_a_cap_and_appends),
        WITH_PLACE(a_missing_file_is_not_found),
        cmocka_unit_test(paths_count_from_the_folder_of_a_file),
        cmocka_unit_test(programs_are_found_beside_the_running_one),
        WITH_PLACE(a_private_secret_is_read),
        WITH_PLACE(a_secret_open_to_others_is_refused),
        WITH_PLACE(other_secret_files_are_refused),
        WITH_PLACE(a_pipe_in_place_of_a_secret_does_not_hang),
        cmocka_unit_test(secrets_start_as_zeros_and_are_copied),
        cmocka_unit_test(large_secrets_start_as_zeros_too),
        cmocka_unit_test(frames_arrive_as_sent),
        cmocka_unit_test(frames_that_come_together_are_taken_one_by_one),
        cmocka_unit_test(a_cut_or_overlong_frame_among_many_is_an_error),
        cmocka_unit_test(the_end_between_frames_is_no_error),
        cmocka_unit_test(the_end_within_a_frame_is_an_error),
        cmocka_unit_test(a_frame_over_the_cap_is_refused),
        cmocka_unit_test(a_log_line_is_one_json_object),
        cmocka_unit_test(details_that_cannot_be_written_do_not_lose_the_event),
        cmocka_unit_test(an_error_is_logged_with_code_and_hint),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
