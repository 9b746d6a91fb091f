/* Identity files: comments and one identity a line, as age-keygen writes. */
#include "vault_private.h"

#include <sodium.h>
#include <stdlib.h>
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

/* Kinds of identity that others may have and we do not speak: nothing is
 * opened with them, and a file may hold them beside ours. */
static bool is_foreign(const char *line, size_t len)
{
    static const char *const kinds[] = { "AGE-SECRET-KEY-PQ-1", "AGE-PLUGIN-" };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (len > strlen(kinds[i]) &&
            memcmp(line, kinds[i], strlen(kinds[i])) == 0)
            return true;
    return false;
}

static int take_line(struct age_identities *ids, const char *line, size_t len,
                     size_t number, struct error *err)
{
    struct secret **longer, *one;

    if (len > 0 && line[len - 1] == '\r')
        len--;
    if (len == 0 || *line == '#')
        return 0;
    if (is_foreign(line, len)) {
        ids->foreign++;
        return 0;
    }
    one = parse_line(line, len, number, err);
    if (one == NULL)
        return -1;
    longer = realloc(ids->list, (ids->n + 1) * sizeof(struct secret *));
    if (longer == NULL) {
        secret_free(&one);
        return error_set(err, ERR_NOMEM, "no memory for identities");
    }
    ids->list = longer;
    ids->list[ids->n++] = one;
    return 0;
}

int age_identities_parse(struct age_identities *ids, const void *data,
                         size_t size, struct error *err)
{
    const char *p = data, *end = p + size;

    for (size_t number = 1; p < end; number++) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        size_t len = (size_t)((nl != NULL ? nl : end) - p);

        if (take_line(ids, p, len, number, err) != 0)
            return -1;
        p += len + (nl != NULL);
    }
    if (ids->n + ids->foreign == 0)
        return error_set(err, ERR_INPUT, "identity file: no identity in it");
    return 0;
}

void age_identities_free(struct age_identities *ids)
{
    for (size_t i = 0; i < ids->n; i++)
        secret_free(&ids->list[i]);
    free(ids->list);
    *ids = (struct age_identities){ 0 };
}

struct secret *age_identity_file_parse(const void *data, size_t size,
                                       struct error *err)
{
    struct age_identities ids = { 0 };
    struct secret *first = NULL;

    /* Every line must be sound, although only the first key is returned. */
    if (age_identities_parse(&ids, data, size, err) == 0) {
        if (ids.n > 0) {
            first = ids.list[0];
            ids.list[0] = NULL;
        } else {
            (void)error_set(err, ERR_INPUT,
                            "identity file: no identity of a kind that is "
                            "spoken here");
        }
    }
    age_identities_free(&ids);
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
