/*
 * A desk on another machine: ssh://[user@]host[:port]. ssh runs the pipe to the
 * desk's socket there, as the remote user, so that the kernel over there says
 * who asks; identities, grants and what they open stay here. ssh is executed
 * without a shell, found in PATH, and talks to the person by itself (stderr and
 * terminal): keys, passwords and unknown hosts are its business.
 */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SCHEME "ssh://"
/* A name of DNS, a user's, and what stands between them. */
#define NAME_MAX_LEN 253u

struct ssh {
    char target[2 * NAME_MAX_LEN + 2]; /* [user@]host */
    char port[8];                      /* "": ssh's own choice */
    int listener, handle;              /* a socket, and what its name is of */
    char door[32];
    pthread_t porter;
    bool works;
    pthread_mutex_t lock;
    pid_t pid; /* of the last ssh; 0: none */
};

bool ssh_is(const char *address)
{
    return strncmp(address, SCHEME, strlen(SCHEME)) == 0;
}

/* ---- the address -------------------------------------------------------- */

static int refused(struct error *e, const char *what)
{
    (void)error_set(e, ERR_USAGE, "--socket: %s", what);
    return error_hint(e, "ssh://[user@]host[:port], nothing behind it");
}

/* Letters, digits and some more; what begins with a dash is an option. */
static bool is_name(const char *p, size_t len, const char *more)
{
    if (len == 0 || len > NAME_MAX_LEN || p[0] == '-')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!isascii((unsigned char)p[i]) ||
            (!isalnum((unsigned char)p[i]) && strchr(more, p[i]) == NULL))
            return false;
    return true;
}

/* Of "host", "host:port", "[v6]" or "[v6]:port"; *rest is from the colon on. */
static int split_host(const char *p, const char **host, size_t *len,
                      const char **rest)
{
    const char *end;

    if (*p == '[') {
        end = strchr(p, ']');
        if (end == NULL || !is_name(p + 1, (size_t)(end - p - 1), ":.") ||
            memchr(p + 1, ':', (size_t)(end - p - 1)) == NULL)
            return -1;
        *host = p + 1;
        *len = (size_t)(end - p - 1);
        *rest = end + 1;
        return 0;
    }
    *host = p;
    *len = strcspn(p, ":");
    *rest = p + *len;
    return is_name(p, *len, ".-_") ? 0 : -1;
}

static int parse_port(struct ssh *s, const char *rest)
{
    int64_t port = 0;

    if (*rest == '\0')
        return 0;
    if (*rest != ':' ||
        decimal_parse(rest + 1, strlen(rest + 1), 65535, &port) != 0 ||
        port == 0)
        return -1;
    (void)snprintf(s->port, sizeof(s->port), "%d", (int)port);
    return 0;
}

/* ---- the child ---------------------------------------------------------- */

static _Noreturn void child_run(const struct ssh *s, int fd)
{
    const char *argv[8];
    size_t n = 0;

    argv[n++] = "ssh";
    argv[n++] = "-T";
    if (s->port[0] != '\0') {
        argv[n++] = "-p";
        argv[n++] = s->port;
    }
    argv[n++] = s->target;
    argv[n++] = "resguardo";
    argv[n++] = "desk-pipe";
    argv[n] = NULL;
    (void)signal(SIGPIPE, SIG_DFL);
    if (dup2(fd, STDIN_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0)
        _exit(126);
    /* curl's end of this very connection, too: it would never be closed. */
    (void)close_range(STDERR_FILENO + 1, ~0u, 0);
    (void)execvp("ssh", (char *const *)(uintptr_t)argv);
    _exit(127);
}

/* What the exit of ssh says; the desk's pipe passes ours on. */
static void explain(const struct ssh *s, int status, struct error *e)
{
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

    if (code == 4) {
        (void)error_set(e, ERR_NOT_PERMITTED, "you may not use the desk at %s",
                        s->target);
        (void)error_hint(e, "an officer adds people; the group of the socket "
                            "lets them in");
        return;
    }
    if (code == 0)
        (void)error_set(e, ERR_NETWORK, "the desk at %s broke off", s->target);
    else if (code == 127)
        (void)error_set(e, ERR_NETWORK,
                        "ssh or, at %s, resguardo could not be run", s->target);
    else if (code >= 0)
        (void)error_set(e, ERR_NETWORK, "ssh to %s ended with exit code %d",
                        s->target, code);
    else
        (void)error_set(e, ERR_NETWORK, "ssh to %s was killed", s->target);
    (void)error_hint(e, "what ssh said is above; try: ssh %s resguardo status",
                     s->target);
}

/* With our end closed it goes by itself; one that does not is ended. */
static pid_t wait_end(pid_t pid, int *status)
{
    const struct timespec pause = { .tv_nsec = 10000000 };
    pid_t got = 0;

    for (int i = 0; i < 200 && got == 0; i++) {
        got = waitpid(pid, status, WNOHANG);
        if (got == 0)
            (void)nanosleep(&pause, NULL);
    }
    if (got != 0)
        return got;
    (void)kill(pid, SIGTERM);
    do
        got = waitpid(pid, status, 0);
    while (got < 0 && errno == EINTR);
    return got;
}

/* What was started last has ended, or is ended. */
static void end_child(struct ssh *s, struct error *e)
{
    int status = 0;
    pid_t pid;

    pthread_mutex_lock(&s->lock);
    pid = s->pid;
    s->pid = 0;
    pthread_mutex_unlock(&s->lock);
    if (pid > 0 && wait_end(pid, &status) == pid && e != NULL)
        explain(s, status, e);
}

void ssh_explain(struct ssh *s, struct error *e)
{
    end_child(s, e);
}

/* ---- the door ----------------------------------------------------------- */

/* Nobody else is let in. */
static bool is_us(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           peer.pid == getpid();
}

/* Each connection gets an ssh of its own; the former one has ended (the desk
 * closes what is idle). */
static void let_in(struct ssh *s, int fd)
{
    pid_t pid;

    end_child(s, NULL);
    pid = fork();
    if (pid == 0)
        child_run(s, fd);
    pthread_mutex_lock(&s->lock);
    s->pid = pid > 0 ? pid : 0;
    pthread_mutex_unlock(&s->lock);
}

static void *keep_door(void *arg)
{
    struct ssh *s = arg;

    for (;;) {
        int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);

        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (fd < 0)
            return NULL;
        if (is_us(fd))
            let_in(s, fd);
        (void)close(fd);
    }
}

/* The socket, bound in a folder of its own for as long as it takes to hold on
 * to it: from then on it has no name but that of our descriptor, and leaves
 * nothing behind. (curl 7.88 opens a connection for each request to a name in
 * the abstract namespace.) */
static int bind_door(struct ssh *s)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    char folder[] = "/tmp/resguardo-ssh-XXXXXX";
    int ok;

    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/door",
                   folder);
    ok = bind(s->listener, (struct sockaddr *)&address, sizeof(address));
    if (ok == 0) {
        s->handle = open(address.sun_path, O_PATH | O_CLOEXEC);
        (void)unlink(address.sun_path);
    }
    (void)rmdir(folder);
    return ok == 0 && s->handle >= 0 ? 0 : -1;
}

static int open_door(struct ssh *s, struct error *e)
{
    s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s->listener < 0 || bind_door(s) != 0 || listen(s->listener, 8) != 0)
        return error_errno(e, ERR_IO, "no socket for ssh");
    (void)snprintf(s->door, sizeof(s->door), "/proc/self/fd/%d", s->handle);
    s->works = pthread_create(&s->porter, NULL, keep_door, s) == 0;
    return s->works ? 0 : error_set(e, ERR_NOMEM, "no thread for ssh");
}

const char *ssh_door(const struct ssh *s)
{
    return s->door;
}

int ssh_new(struct ssh **out, const char *address, struct error *e)
{
    const char *at = address + strlen(SCHEME), *host, *rest;
    const char *user_end = strrchr(at, '@');
    size_t user_len = user_end != NULL ? (size_t)(user_end - at) : 0, len;
    struct ssh *s;

    *out = NULL;
    if (user_end != NULL && !is_name(at, user_len, "._-+"))
        return refused(e, "not the name of a user");
    if (split_host(user_end != NULL ? user_end + 1 : at, &host, &len, &rest) !=
        0)
        return refused(e, "not the name of a host");
    s = calloc(1, sizeof(*s));
    if (s == NULL)
        return error_set(e, ERR_NOMEM, "no memory for an address");
    s->listener = s->handle = -1;
    pthread_mutex_init(&s->lock, NULL);
    if (parse_port(s, rest) != 0) {
        ssh_free(&s);
        return refused(e, "not a port");
    }
    (void)snprintf(s->target, sizeof(s->target), "%.*s%s%.*s", (int)user_len,
                   at, user_end != NULL ? "@" : "", (int)len, host);
    if (open_door(s, e) != 0) {
        ssh_free(&s);
        return -1;
    }
    *out = s;
    return 0;
}

void ssh_free(struct ssh **ssh)
{
    struct ssh *s = *ssh;

    if (s == NULL)
        return;
    if (s->works) {
        (void)shutdown(s->listener, SHUT_RDWR);
        (void)pthread_join(s->porter, NULL);
    }
    end_child(s, NULL);
    if (s->listener >= 0)
        (void)close(s->listener);
    if (s->handle >= 0)
        (void)close(s->handle);
    pthread_mutex_destroy(&s->lock);
    free(s);
    *ssh = NULL;
}
