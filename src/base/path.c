/* Where files and our own programs are. */
#include "resguardo/base.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

int path_beside(struct buf *out, const char *base_file, const char *name)
{
    const char *slash = strrchr(base_file, '/');

    if (name[0] != '/' && slash != NULL &&
        buf_add(out, base_file, (size_t)(slash - base_file) + 1) != 0)
        return -1;
    return buf_adds(out, name);
}

int path_of_program(struct buf *out, const char *name, struct error *e)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

    if (n < 0)
        return error_errno(e, ERR_IO, "cannot read /proc/self/exe");
    self[n] = '\0';

    buf_reset(out);
    if (path_beside(out, self, name) != 0)
        return error_set(e, ERR_NOMEM, "no memory for a path");
    if (access((const char *)out->p, X_OK) == 0)
        return 0;

    buf_reset(out);
    if (buf_addf(out, "%s/%s", LIBEXECDIR, name) != 0)
        return error_set(e, ERR_NOMEM, "no memory for a path");
    if (access((const char *)out->p, X_OK) == 0)
        return 0;
    return error_errno(e, ERR_IO, "no program %s beside %s, nor %s", name, self,
                       (const char *)out->p);
}
