/* Identity files: comments and one identity a line, as age-keygen writes. */
#include "vault_private.h"

#include <sodium.h>
#include <string.h>

/* One line that is neither empty nor a comment. */
static struct secret *parse_line(const char *line, size_t len, size_t number,
                                 struct error *err)
{
    struct secret *identity = NULL;
    char text[AGE_IDENTITY_SIZE] = "";

    /* A line of another length, or with a NUL in it, stays empty here. */
    if (len == sizeof(text) - 1)
        memcpy(text, line, len);
    identity = age_identity_parse(text, err);
    sodium_memzero(text, sizeof(text));
    if (identity == NULL && err->code == ERR_INPUT)
        (void)error_set(err, ERR_INPUT,
                        "identity file, line %zu: not an age identity", number);
    return identity;
}

struct secret *age_identity_file_parse(const void *data, size_t size,
                                       struct error *err)
{
    struct secret *first = NULL;
    const char *p = data, *end = p + size;

    /* Every line must be sound, although only the first key is returned. */
    for (size_t number = 1; p < end; number++) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        const char *line = p, *stop = nl != NULL ? nl : end;
        p = nl != NULL ? nl + 1 : end;
        if (stop > line && stop[-1] == '\r')
            stop--;
        if (stop == line || *line == '#')
            continue;

        struct secret *one =
            parse_line(line, (size_t)(stop - line), number, err);
        if (one == NULL) {
            secret_free(&first);
            return NULL;
        }
        if (first == NULL)
            first = one;
        else
            secret_free(&one);
    }
    if (first == NULL)
        (void)error_set(err, ERR_INPUT, "identity file: no identity in it");
    return first;
}

int age_identity_file_format(struct buf *out, const struct secret *identity,
                             msec now)
{
    int ok = -1;
    uint8_t point[AGE_KEY_LEN];
    char created[TIME_SIZE];
    char recipient[AGE_RECIPIENT_SIZE];
    char text[AGE_IDENTITY_SIZE] = "";

    if (age_identity_recipient(point, identity) != 0)
        goto out;
    time_format(created, now);
    age_recipient_format(recipient, point);
    age_identity_format(text, identity);
    ok = buf_addf(out, "# created: %s\n# public key: %s\n%s\n", created,
                  recipient, text);
out:
    sodium_memzero(text, sizeof(text));
    return ok;
}
