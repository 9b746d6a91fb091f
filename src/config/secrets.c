/* The three secret files. */
#include "resguardo/config.h"

#include <string.h>
#include <sys/stat.h>

/* A group may read these files (the daemon's own); the world should not. That
 * is said, and stops nothing: who can log in here is the operator's matter. */
static int check_mode(const char *path, struct error *e)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return error_errno(e, ERR_CONFIG, "cannot open %s", path);
    if ((st.st_mode & S_IRWXO) != 0)
        log_event(LOG_LEVEL_WARN, "secret_open_to_everybody", "{s:s}", "file",
                  path);
    return 0;
}

/* The next line that is not blank, without its CR; NULL at the end. */
static const char *next_line(const char **at, const char *end, size_t *len)
{
    while (*at < end) {
        const char *line = *at;
        const char *stop = memchr(line, '\n', (size_t)(end - line));

        if (stop == NULL)
            stop = end;
        *at = stop < end ? stop + 1 : end;
        *len = (size_t)(stop - line);
        while (*len > 0 && line[*len - 1] == '\r')
            (*len)--;
        if (*len > 0)
            return line;
    }
    return NULL;
}

/* A secret goes into headers and signatures: printable ASCII, no spaces. */
static bool is_secret(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (line[i] <= ' ' || line[i] >= 0x7f)
            return false;
    return true;
}

/* The lines of one file, at most max of them; `all`: more are refused. */
static int read_lines(const char *path, struct secret **out, size_t max,
                      size_t *n, bool all, struct error *e)
{
    struct secret *file = NULL;
    const char *at, *end, *line;
    size_t len;
    int ok = -1;

    *n = 0;
    if (check_mode(path, e) != 0)
        goto out;
    file = secret_read_file(path, LIMIT_SECRET_FILE, false, e);
    if (file == NULL)
        goto out;

    at = (const char *)file->p;
    end = at + file->len;
    while ((all || *n < max) && (line = next_line(&at, end, &len)) != NULL) {
        if (*n == max || !is_secret(line, len)) {
            (void)error_set(e, ERR_CONFIG,
                            *n == max ? "%s holds too many secrets"
                                      : "%s holds spaces or control characters",
                            path);
            goto out;
        }
        out[*n] = secret_copy(line, len);
        if (out[*n] == NULL) {
            (void)error_set(e, ERR_NOMEM, "no memory for %s", path);
            goto out;
        }
        (*n)++;
    }
    if (*n == 0) {
        (void)error_set(e, ERR_CONFIG, "%s holds no secret", path);
        goto out;
    }
    ok = 0;
out:
    secret_free(&file);
    return ok;
}

int config_secrets_load(struct config_secrets *s, const struct config *c,
                        struct error *e)
{
    size_t n;

    memset(s, 0, sizeof(*s));
    if (read_lines(c->app_secret_file, s->app_secrets, LIMIT_APP_SECRETS,
                   &s->napp_secrets, true, e) == 0 &&
        read_lines(c->verify_token_file, &s->verify_token, 1, &n, false, e) ==
            0 &&
        read_lines(c->access_token_file, &s->access_token, 1, &n, false, e) ==
            0)
        return 0;
    if (!error_is_environment(e->code))
        e->code = ERR_CONFIG;
    config_secrets_wipe(s);
    return -1;
}

void config_secrets_wipe(struct config_secrets *s)
{
    for (size_t i = 0; i < LIMIT_APP_SECRETS; i++)
        secret_free(&s->app_secrets[i]);
    secret_free(&s->verify_token);
    secret_free(&s->access_token);
    s->napp_secrets = 0;
}
