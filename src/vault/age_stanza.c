/* The grammar of an age header, line by line: stanzas and their bodies. */
#include "vault_private.h"

#include <string.h>

void age_stanza_begin(struct age_lines *lines, const void *data, size_t len)
{
    lines->next = data;
    lines->left = len;
}

int age_stanza_line(struct age_lines *lines, const char **line, size_t *len)
{
    if (lines->left == 0)
        return -1;
    const char *nl = memchr(lines->next, '\n', lines->left);
    if (nl == NULL)
        return -1;
    *line = lines->next;
    *len = (size_t)(nl - lines->next);
    lines->next += *len + 1;
    lines->left -= *len + 1;
    return 0;
}

/* Arguments: one or more runs of visible ASCII, one space between. */
static int read_args(struct age_stanza *stanza, const char *line, size_t len)
{
    size_t begin = 0;

    for (size_t i = 0; i <= len; i++) {
        if (i < len && line[i] > ' ' && line[i] < 0x7f)
            continue;
        if (i == begin || (i < len && line[i] != ' '))
            return -1;
        if (stanza->args < AGE_ARGS)
            stanza->arg[stanza->args] =
                (struct age_word){ line + begin, i - begin };
        stanza->args++;
        begin = i + 1;
    }
    return 0;
}

/* Body: full lines, then one that is shorter, which may be empty. */
static int read_body(struct age_stanza *stanza, struct age_lines *lines)
{
    const char *line = NULL;
    size_t len = 0;

    do {
        uint8_t bytes[AGE_LINE_BYTES];
        if (age_stanza_line(lines, &line, &len) != 0 || len > AGE_COLUMNS)
            return -1;
        ssize_t n = base64_decode(bytes, sizeof(bytes), line, len, false);
        if (n < 0)
            return -1;
        if (stanza->body_len == 0)
            memcpy(stanza->body, bytes, (size_t)n);
        stanza->body_len += (size_t)n;
    } while (len == AGE_COLUMNS);
    return 0;
}

int age_stanza_read(struct age_stanza *stanza, struct age_lines *lines,
                    const char *line, size_t len)
{
    memset(stanza, 0, sizeof(*stanza));
    if (read_args(stanza, line, len) != 0)
        return -1;
    return read_body(stanza, lines);
}

bool age_stanza_is(const struct age_stanza *stanza, const char *type)
{
    return stanza->arg[0].len == strlen(type) &&
           memcmp(stanza->arg[0].p, type, stanza->arg[0].len) == 0;
}
