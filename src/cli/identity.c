/* The identity file: whose it is, is who can read. */
#include "cli.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)64 * 1024)

char *identity_default_path(void)
{
    const char *home = getenv("HOME");
    struct buf path = { 0 };

    if (home == NULL || home[0] == '\0') {
        const struct passwd *me = getpwuid(getuid());

        home = me != NULL ? me->pw_dir : NULL;
    }
    if (home == NULL ||
        buf_addf(&path, "%s/.config/resguardo/identity", home) != 0)
        return NULL;
    return (char *)path.p;
}

struct secret *identity_load(const char *path, struct error *e)
{
    struct secret *file, *identity = NULL;

    if (path == NULL) {
        (void)error_set(e, ERR_INPUT, "there is no identity");
        (void)error_hint(e, "name yours with --identity FILE");
        return NULL;
    }
    file = secret_read_file(path, FILE_MAX, true, e);
    if (file != NULL)
        identity = age_identity_file_parse(file->p, file->len, e);
    if (identity == NULL && e->hint[0] == '\0')
        (void)error_hint(e, "name yours with --identity FILE or "
                            "RESGUARDO_IDENTITY");
    secret_free(&file);
    return identity;
}

/* Folders on the way that are missing. */
static int make_folders(const char *path, struct error *e)
{
    char *copy = strdup(path);
    int ok = 0;

    if (copy == NULL)
        return error_set(e, ERR_NOMEM, "no memory for a path");
    for (char *at = strchr(copy + 1, '/'); at != NULL && ok == 0;
         at = strchr(at + 1, '/')) {
        *at = '\0';
        if (mkdir(copy, 0700) != 0 && errno != EEXIST)
            ok = error_errno(e, ERR_IO, "cannot make the folder %s", copy);
        *at = '/';
    }
    free(copy);
    return ok;
}

int identity_write(const char *path, const struct secret *identity, msec now,
                   struct error *e)
{
    struct buf text = { 0 };
    int ok = -1;

    if (make_folders(path, e) != 0)
        goto out;
    if (age_identity_file_format(&text, identity, now) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for an identity");
    else
        ok = file_create(path, text.p, text.len, e);
out:
    buf_free(&text);
    return ok;
}
