/*
 * A ZIP archive written as a stream (PKWARE APPNOTE 6.3.10). The bytes of a
 * member go out as stored blocks of DEFLATE (RFC 1951, 3.2.4): they are not
 * compressed, and yet every reader, also one that cannot seek, finds the end
 * without knowing sizes beforehand. ZIP64 where the archive outgrows 32 bits.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <zlib.h>

#define LOCAL      0x04034b50u
#define DESCRIPTOR 0x08074b50u
#define CENTRAL    0x02014b50u
#define END        0x06054b50u
#define END64      0x06064b50u
#define LOCATOR64  0x07064b50u

#define FLAGS     0x0808u /* sizes follow; names are UTF-8 */
#define DEFLATE   8u
#define VERSION   20u
#define VERSION64 45u
#define MADE_BY   (3u << 8) /* Unix */
#define FILE_MODE ((uint32_t)0100600 << 16)
#define BLOCK_MAX 65535u
#define MAX32     0xffffffffu
#define MAX16     0xffffu
#define FIELD64   0x0001u

struct member {
    char *name;
    uint64_t offset;
    uint32_t crc, size, packed;
};

struct zip {
    age_sink sink;
    void *arg;
    uint16_t time, date; /* of MS-DOS */
    uint64_t at;         /* bytes so far */
    struct member *members;
    size_t n, cap;
};

int zip_new(struct zip **out, age_sink sink, void *arg, msec now,
            struct error *e)
{
    struct zip *z = *out = calloc(1, sizeof(*z));
    time_t seconds = (time_t)(now / MSEC_S);
    struct tm t;
    int year;

    if (z == NULL)
        return error_set(e, ERR_NOMEM, "no memory for an archive");
    z->sink = sink;
    z->arg = arg;
    (void)gmtime_r(&seconds, &t);

    /* Years are counted from 1980, in seven bits. */
    year = t.tm_year - 80;
    year = year < 0 ? 0 : year > 127 ? 127 : year;
    z->time = (uint16_t)(t.tm_hour << 11 | t.tm_min << 5 | t.tm_sec / 2);
    z->date = (uint16_t)(year << 9 | (t.tm_mon + 1) << 5 | t.tm_mday);
    return 0;
}

void zip_free(struct zip **zip)
{
    struct zip *z = *zip;

    if (z == NULL)
        return;
    for (size_t i = 0; i < z->n; i++)
        free(z->members[i].name);
    free(z->members);
    free(z);
    *zip = NULL;
}

/* ---- records ------------------------------------------------------------ */

/* Little endian, `bytes` of it; a record is made in a buffer on the stack. */
struct record {
    uint8_t p[128];
    size_t n;
};

static void add(struct record *r, size_t bytes, uint64_t value)
{
    for (size_t i = 0; i < bytes; i++)
        r->p[r->n++] = (uint8_t)(value >> 8 * i);
}

static int emit(struct zip *z, const void *p, size_t n, struct error *e)
{
    z->at += n;
    return z->sink(z->arg, p, n, e);
}

static int emit_record(struct zip *z, const struct record *r, struct error *e)
{
    return emit(z, r->p, r->n, e);
}

/* What local and central headers share, from the version that is needed on. */
static void add_common(struct record *r, const struct zip *z, unsigned version,
                       const struct member *m, bool sizes)
{
    add(r, 2, version);
    add(r, 2, FLAGS);
    add(r, 2, DEFLATE);
    add(r, 2, z->time);
    add(r, 2, z->date);
    add(r, 4, sizes ? m->crc : 0);
    add(r, 4, sizes ? m->packed : 0);
    add(r, 4, sizes ? m->size : 0);
    add(r, 2, strlen(m->name));
}

/* ---- members ------------------------------------------------------------ */

static struct member *grow(struct zip *z)
{
    size_t cap = z->cap == 0 ? 16 : 2 * z->cap;
    struct member *members;

    if (z->n == z->cap) {
        members = realloc(z->members, cap * sizeof(*members));
        if (members == NULL)
            return NULL;
        z->members = members;
        z->cap = cap;
    }
    return &z->members[z->n];
}

int zip_begin(struct zip *z, const char *name, struct error *e)
{
    struct member *m = grow(z);
    struct record r = { .n = 0 };

    if (strlen(name) > MAX16)
        return error_set(e, ERR_INTERNAL, "a name too long for an archive");
    if (m == NULL || (m->name = strdup(name)) == NULL)
        return error_set(e, ERR_NOMEM, "no memory for an archive");
    z->n++;
    m->offset = z->at;
    m->crc = m->size = m->packed = 0;
    add(&r, 4, LOCAL);
    add_common(&r, z, VERSION, m, false);
    add(&r, 2, 0); /* no extra field */
    return emit_record(z, &r, e) != 0 ? -1 : emit(z, name, strlen(name), e);
}

/* A block: whether it is the last, its length, and the same inverted. */
static int add_block(struct zip *z, const uint8_t *p, size_t n, bool last,
                     struct error *e)
{
    struct member *m = &z->members[z->n - 1];
    struct record r = { .n = 0 };

    add(&r, 1, last ? 1 : 0);
    add(&r, 2, n);
    add(&r, 2, ~(uint64_t)n);
    if (n + r.n > MAX32 - m->packed)
        return error_set(e, ERR_INPUT, "%s is too long for an archive",
                         m->name);
    m->packed += (uint32_t)(n + r.n);
    if (emit_record(z, &r, e) != 0)
        return -1;
    return n == 0 ? 0 : emit(z, p, n, e);
}

int zip_add(void *arg, const uint8_t *p, size_t n, struct error *e)
{
    struct zip *z = arg;
    struct member *m = &z->members[z->n - 1];

    m->crc = (uint32_t)crc32_z(m->crc, p, n);
    while (n > 0) {
        size_t part = n < BLOCK_MAX ? n : BLOCK_MAX;

        if (add_block(z, p, part, false, e) != 0)
            return -1;
        m->size += (uint32_t)part;
        p += part;
        n -= part;
    }
    return 0;
}

int zip_end(struct zip *z, struct error *e)
{
    const struct member *m = &z->members[z->n - 1];
    struct record r = { .n = 0 };

    if (add_block(z, NULL, 0, true, e) != 0)
        return -1;
    add(&r, 4, DESCRIPTOR);
    add(&r, 4, m->crc);
    add(&r, 4, m->packed);
    add(&r, 4, m->size);
    return emit_record(z, &r, e);
}

/* ---- the directory ------------------------------------------------------ */

static int emit_central(struct zip *z, const struct member *m, struct error *e)
{
    bool far = m->offset >= MAX32;
    struct record r = { .n = 0 }, extra = { .n = 0 };

    if (far) {
        add(&extra, 2, FIELD64);
        add(&extra, 2, 8);
        add(&extra, 8, m->offset);
    }
    add(&r, 4, CENTRAL);
    add(&r, 2, MADE_BY | VERSION64);
    add_common(&r, z, far ? VERSION64 : VERSION, m, true);
    add(&r, 2, extra.n);
    add(&r, 2, 0); /* no comment */
    add(&r, 2, 0); /* this disk */
    add(&r, 2, 0); /* internal attributes */
    add(&r, 4, FILE_MODE);
    add(&r, 4, far ? MAX32 : m->offset);
    if (emit_record(z, &r, e) != 0 || emit(z, m->name, strlen(m->name), e) != 0)
        return -1;
    return extra.n == 0 ? 0 : emit_record(z, &extra, e);
}

static int emit_end64(struct zip *z, uint64_t start, uint64_t size,
                      struct error *e)
{
    struct record r = { .n = 0 };
    uint64_t at = z->at;

    add(&r, 4, END64);
    add(&r, 8, 44); /* bytes that follow */
    add(&r, 2, MADE_BY | VERSION64);
    add(&r, 2, VERSION64);
    add(&r, 4, 0);
    add(&r, 4, 0);
    add(&r, 8, z->n);
    add(&r, 8, z->n);
    add(&r, 8, size);
    add(&r, 8, start);
    add(&r, 4, LOCATOR64);
    add(&r, 4, 0);
    add(&r, 8, at);
    add(&r, 4, 1);
    return emit_record(z, &r, e);
}

int zip_finish(struct zip *z, struct error *e)
{
    uint64_t start = z->at, size;
    struct record r = { .n = 0 };

    for (size_t i = 0; i < z->n; i++)
        if (emit_central(z, &z->members[i], e) != 0)
            return -1;
    size = z->at - start;
    if ((z->n >= MAX16 || start >= MAX32 || size >= MAX32) &&
        emit_end64(z, start, size, e) != 0)
        return -1;
    add(&r, 4, END);
    add(&r, 2, 0);
    add(&r, 2, 0);
    add(&r, 2, z->n < MAX16 ? z->n : MAX16);
    add(&r, 2, z->n < MAX16 ? z->n : MAX16);
    add(&r, 4, size < MAX32 ? size : MAX32);
    add(&r, 4, start < MAX32 ? start : MAX32);
    add(&r, 2, 0);
    return emit_record(z, &r, e);
}
