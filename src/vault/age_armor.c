/* ASCII armor, written: the strict PEM that the age format describes. */
#include "vault_private.h"

#include <stdlib.h>
#include <string.h>

/* Lines that leave at once. */
#define LINES 128u

struct age_armor {
    age_sink sink;
    void *arg;
    bool begun;
    size_t held; /* bytes of `line` */
    uint8_t line[AGE_LINE_BYTES];
    size_t ready; /* characters of `text` */
    char text[LINES * (AGE_COLUMNS + 1)];
};

int age_armor_new(struct age_armor **armor, age_sink sink, void *arg,
                  struct error *err)
{
    struct age_armor *a = calloc(1, sizeof(*a));

    *armor = a;
    if (a == NULL)
        return error_set(err, ERR_NOMEM, "no memory for armor");
    a->sink = sink;
    a->arg = arg;
    return 0;
}

void age_armor_free(struct age_armor **armor)
{
    free(*armor);
    *armor = NULL;
}

static int flush(struct age_armor *a, struct error *err)
{
    size_t n = a->ready;

    a->ready = 0;
    return n > 0 ? a->sink(a->arg, (const uint8_t *)a->text, n, err) : 0;
}

static int add_line(struct age_armor *a, const char *text, size_t len,
                    struct error *err)
{
    if (sizeof(a->text) - a->ready < len + 1 && flush(a, err) != 0)
        return -1;
    memcpy(a->text + a->ready, text, len);
    a->ready += len;
    a->text[a->ready++] = '\n';
    return 0;
}

static int encode_line(struct age_armor *a, struct error *err)
{
    char text[BASE64_SIZE(AGE_LINE_BYTES)];

    base64_encode(text, a->line, a->held, true);
    a->held = 0;
    return add_line(a, text, strlen(text), err);
}

static int begin(struct age_armor *a, struct error *err)
{
    if (a->begun)
        return 0;
    a->begun = true;
    return add_line(a, AGE_ARMOR_BEGIN, strlen(AGE_ARMOR_BEGIN), err);
}

int age_armor_add(void *armor, const uint8_t *p, size_t len, struct error *err)
{
    struct age_armor *a = armor;

    if (begin(a, err) != 0)
        return -1;
    while (len > 0) {
        size_t room = AGE_LINE_BYTES - a->held;
        size_t take = len < room ? len : room;

        memcpy(a->line + a->held, p, take);
        a->held += take;
        p += take;
        len -= take;
        if (a->held == AGE_LINE_BYTES && encode_line(a, err) != 0)
            return -1;
    }
    return 0;
}

int age_armor_finish(struct age_armor *a, struct error *err)
{
    if (begin(a, err) != 0 || (a->held > 0 && encode_line(a, err) != 0) ||
        add_line(a, AGE_ARMOR_END, strlen(AGE_ARMOR_END), err) != 0)
        return -1;
    return flush(a, err);
}
