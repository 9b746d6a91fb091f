/* The desk's socket in the file system, and who is at its other end. */
#include "desk_private.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define GROUP   "resguardo"
#define BACKLOG 64

/* A killed daemon leaves its socket behind: nobody answers there. */
static int remove_dead(const struct sockaddr_un *address, struct error *e)
{
    const char *path = address->sun_path;
    struct stat st;
    int fd, connected, reason;

    if (lstat(path, &st) != 0)
        return errno == ENOENT
                   ? 0
                   : error_errno(e, ERR_IO, "cannot look at %s", path);
    if (!S_ISSOCK(st.st_mode))
        return error_set(e, ERR_CONFIG, "%s is there and is no socket", path);

    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return error_errno(e, ERR_IO, "cannot make a socket");
    connected = connect(fd, (const struct sockaddr *)address, sizeof(*address));
    reason = errno;
    (void)close(fd);
    if (connected == 0 || reason != ECONNREFUSED) {
        (void)error_set(e, ERR_BUSY, "%s is in use", path);
        return error_hint(e, "another daemon runs with this desk.socket");
    }
    if (unlink(path) != 0)
        return error_errno(e, ERR_IO, "cannot remove the dead socket %s", path);
    return 0;
}

/* Group and mode. Who may not give the file to the group keeps it alone. */
static int open_to_group(const char *path, struct error *e)
{
    const struct group *group = getgrnam(GROUP);

    if (group != NULL && lchown(path, (uid_t)-1, group->gr_gid) != 0)
        log_event(LOG_LEVEL_WARN, "desk_group", "{s:s}", "why",
                  "the socket could not be given to the group " GROUP);
    if (chmod(path, 0660) != 0)
        return error_errno(e, ERR_IO, "cannot set the mode of %s", path);
    return 0;
}

/* /run is empty after a boot: the socket's folder is made if that is all that
 * lacks. What else is wrong with it, bind says. */
static void make_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? NULL : strndup(path, (size_t)(slash - path));

    if (folder != NULL && folder[0] != '\0')
        (void)mkdir(folder, 0755);
    free(folder);
}

int socket_listen(const char *path, struct error *e)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t len = strlen(path);
    int fd;

    if (len >= sizeof(address.sun_path))
        return error_set(e, ERR_CONFIG, "desk.socket: a path of over %zu bytes",
                         sizeof(address.sun_path) - 1);
    memcpy(address.sun_path, path, len + 1);
    make_folder(path);
    if (remove_dead(&address, e) != 0)
        return -1;

    /* The mode of the descriptor is that of the file from its first moment. */
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || fchmod(fd, 0600) != 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(fd, BACKLOG) != 0) {
        (void)error_errno(e, ERR_IO, "cannot listen on %s", path);
        goto fail;
    }
    if (open_to_group(path, e) != 0)
        goto fail;
    return fd;
fail:
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

int socket_peer(int fd, uint32_t *uid)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 ||
        len != sizeof(peer))
        return -1;
    *uid = (uint32_t)peer.uid;
    return 0;
}
