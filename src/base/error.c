/* Errors: a code, a sentence, a hint. */
#include "resguardo/base.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int exit_code;
    const char *hint;
} rows[ERR__MAX] = {
#define X(name, exit_code, hint) [ERR_##name] = { #name, exit_code, hint },
    ERROR_TABLE(X)
#undef X
};

/* Sentence and hint are formatted aside, because a caller may pass the text
 * that stands in the error already. */
__attribute__((format(printf, 3, 0))) static void set(struct error *e,
                                                      enum error_code code,
                                                      const char *fmt,
                                                      va_list ap)
{
    char text[sizeof(e->text)];

    (void)vsnprintf(text, sizeof(text), fmt, ap);
    memcpy(e->text, text, sizeof(text));
    e->code = code;
    (void)snprintf(e->hint, sizeof(e->hint), "%s", rows[code].hint);
}

int error_set(struct error *e, enum error_code code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    set(e, code, fmt, ap);
    va_end(ap);
    return -1;
}

static enum error_code code_of_errno(int number, enum error_code otherwise)
{
    switch (number) {
    case ENOSPC:
    case EDQUOT:
        return ERR_FULL;
    case ENOMEM:
        return ERR_NOMEM;
    default:
        return otherwise;
    }
}

int error_errno(struct error *e, enum error_code code, const char *fmt, ...)
{
    int number = errno;
    char reason[128];
    size_t used;
    va_list ap;

    va_start(ap, fmt);
    set(e, code_of_errno(number, code), fmt, ap);
    va_end(ap);

    used = strlen(e->text);
    (void)snprintf(e->text + used, sizeof(e->text) - used, ": %s",
                   strerror_r(number, reason, sizeof(reason)));
    errno = number;
    return -1;
}

int error_hint(struct error *e, const char *fmt, ...)
{
    char hint[sizeof(e->hint)];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(hint, sizeof(hint), fmt, ap);
    va_end(ap);
    memcpy(e->hint, hint, sizeof(hint));
    return -1;
}

int error_exit_code(enum error_code code)
{
    return rows[code].exit_code;
}

const char *error_name(enum error_code code)
{
    return rows[code].name;
}

bool error_is_environment(enum error_code code)
{
    return code == ERR_FULL || code == ERR_IO || code == ERR_BUSY ||
           code == ERR_NOMEM;
}
