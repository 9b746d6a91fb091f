/*
 * Passphrases: typed on the terminal or read from a file; never an argument,
 * never in the environment, where other programs would see them.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include <sodium.h>

/* What ends us while nothing shows on the terminal. */
static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
#define SIGNALS (sizeof(signals) / sizeof(signals[0]))
static volatile sig_atomic_t caught;

static void on_signal(int number)
{
    caught = number;
}

struct terminal {
    int fd;
    int turn; /* -1: none */
    struct termios before;
    sigset_t mask;
    struct sigaction actions[SIGNALS];
};

/* From here on they are met in wait_input alone, so that none is lost between
 * a look and a wait. */
static void catch_signals(struct terminal *t)
{
    struct sigaction catch = { .sa_handler = on_signal };
    sigset_t set;

    caught = 0;
    (void)sigemptyset(&set);
    for (size_t i = 0; i < SIGNALS; i++)
        (void)sigaddset(&set, signals[i]);
    (void)pthread_sigmask(SIG_BLOCK, &set, &t->mask);
    for (size_t i = 0; i < SIGNALS; i++)
        (void)sigaction(signals[i], &catch, &t->actions[i]);
}

static void let_signals(const struct terminal *t)
{
    for (size_t i = 0; i < SIGNALS; i++)
        (void)sigaction(signals[i], &t->actions[i], NULL);
    (void)pthread_sigmask(SIG_SETMASK, &t->mask, NULL);
    if (caught != 0)
        (void)raise(caught);
}

/* tcsetattr succeeds when it did any of what was asked for. */
static bool quiet_now(const struct terminal *t, const struct termios *quiet)
{
    struct termios now;

    return tcsetattr(t->fd, TCSAFLUSH, quiet) == 0 &&
           tcgetattr(t->fd, &now) == 0 && now.c_lflag == quiet->c_lflag;
}

/*
 * Programs of one pipeline ask one after the other: two at once would share the
 * lines that are typed, and the first one's end would show what the second one
 * is told. /dev/tty is one inode for everybody on the machine, so what is
 * locked is the terminal behind it, which only its user can open. Where that is
 * somebody else's (sudo without a terminal of its own) nobody takes turns.
 */
static int take_turn(int tty)
{
    char path[64];
    struct stat st;
    unsigned device;
    int fd;

    if (ioctl(tty, TIOCGDEV, &device) != 0)
        return -1;
    (void)snprintf(path, sizeof(path), "/dev/pts/%u", minor(device));
    fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) == 0 && st.st_rdev == device && flock(fd, LOCK_EX) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

static void terminal_leave(const struct terminal *t)
{
    if (t->turn >= 0)
        (void)close(t->turn);
    if (t->fd >= 0)
        (void)close(t->fd);
}

static void terminal_close(struct terminal *t)
{
    (void)tcsetattr(t->fd, TCSAFLUSH, &t->before);
    terminal_leave(t);
    let_signals(t);
}

static int terminal_open(struct terminal *t, struct error *e)
{
    struct termios quiet;

    t->fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    t->turn = t->fd < 0 ? -1 : take_turn(t->fd);
    if (t->fd < 0 || tcgetattr(t->fd, &t->before) != 0) {
        (void)error_errno(e, ERR_IO, "no terminal to ask for a passphrase");
        terminal_leave(t);
        return error_hint(e, "run it on a terminal; age and init also take "
                             "--passphrase-file FILE, and an identity for a "
                             "machine has none");
    }

    /* A signal ends the question, and then us, but not before the terminal
     * shows again what is typed. */
    catch_signals(t);
    quiet = t->before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    quiet.c_lflag |= ICANON | ISIG;
    if (quiet_now(t, &quiet))
        return 0;
    (void)error_set(e, ERR_IO, "the terminal would show the passphrase");
    terminal_close(t);
    return -1;
}

static int wait_input(const struct terminal *t)
{
    struct pollfd one = { .fd = t->fd, .events = POLLIN };

    while (caught == 0) {
        if (ppoll(&one, 1, NULL, &t->mask) > 0)
            return 0;
        if (errno != EINTR)
            return -1;
    }
    return -1;
}

/* Reads to the end of the line into `line`, whose len is its room. */
static ssize_t read_line(const struct terminal *t, struct secret *line)
{
    size_t n = 0;

    for (;;) {
        ssize_t got = wait_input(t) == 0 ? read(t->fd, line->p + n, 1) : -1;

        if (got <= 0) /* half a line before a hang-up is no passphrase */
            return -1;
        if (line->p[n] == '\n')
            return (ssize_t)n;
        if (++n == line->len)
            return -1;
    }
}

static struct secret *ask_once(const struct terminal *t, const char *prompt,
                               const char *again, struct error *e)
{
    struct secret *line = secret_new(LIMIT_PASSPHRASE), *answer = NULL;
    ssize_t n;

    if (line == NULL) {
        (void)error_set(e, ERR_NOMEM, "no memory for a passphrase");
        return NULL;
    }
    (void)dprintf(t->fd, "%s%s: ", prompt, again);
    n = read_line(t, line);
    (void)dprintf(t->fd, "\n");
    if (n < 0)
        (void)error_set(e, ERR_INPUT, "no passphrase could be read");
    else if (n == 0)
        (void)error_set(e, ERR_INPUT, "an empty passphrase");
    else if ((answer = secret_copy(line->p, (size_t)n)) == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory for a passphrase");
    secret_free(&line);
    return answer;
}

static bool same(const struct secret *a, const struct secret *b)
{
    return a->len == b->len && sodium_memcmp(a->p, b->p, a->len) == 0;
}

struct secret *passphrase_ask(const char *prompt, bool twice, struct error *e)
{
    struct terminal t;
    struct secret *first, *second = NULL;

    if (terminal_open(&t, e) != 0)
        return NULL;
    first = ask_once(&t, prompt, "", e);
    if (first != NULL && twice) {
        second = ask_once(&t, prompt, ", once more", e);
        if (second != NULL && !same(first, second))
            (void)error_set(e, ERR_INPUT, "the two passphrases differ");
        if (second == NULL || !same(first, second))
            secret_free(&first);
    }
    secret_free(&second);
    terminal_close(&t);
    return first;
}

/* It may be shared on purpose, but then somebody should know. */
static void warn_if_open(const char *path)
{
    struct buf name = { 0 };
    struct stat st;

    if (stat(path, &st) == 0 && (st.st_mode & 077) != 0 &&
        text_escape(&name, path) == 0)
        (void)fprintf(stderr, "warning: %s is open to group or others\n",
                      (char *)name.p);
    buf_free(&name);
}

struct secret *passphrase_read(const char *path, struct error *e)
{
    struct secret *file =
        secret_read_file(path, LIMIT_PASSPHRASE + 1, false, e);

    if (file == NULL)
        return NULL;
    warn_if_open(path);
    if (file->len > 0 && file->p[file->len - 1] == '\n')
        file->p[--file->len] = '\0';
    if (file->len > 0)
        return file;
    secret_free(&file);
    (void)error_set(e, ERR_INPUT, "%s: an empty passphrase", path);
    return NULL;
}

struct secret *passphrase_get(const char *file, const char *what, bool twice,
                              struct error *e)
{
    struct secret *answer = NULL;
    struct buf prompt = { 0 };

    if (file != NULL)
        return passphrase_read(file, e);

    /* A stranger may have named the file. */
    if (buf_adds(&prompt, "Passphrase of ") != 0 ||
        text_escape(&prompt, what) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a question");
    else
        answer = passphrase_ask((char *)prompt.p, twice, e);
    buf_free(&prompt);
    return answer;
}
