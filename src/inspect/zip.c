/* A ZIP's directory: is it a Word document, has it macros? */
#include "zip.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Sizes and signatures of APPNOTE.TXT 6.3.10, §4.3. */
#define END_LEN       22u
#define END_SIG       0x06054b50u
#define END64_LEN     56u
#define END64_SIG     0x06064b50u
#define LOCATOR64_LEN 20u
#define LOCATOR64_SIG 0x07064b50u
#define ENTRY_LEN     46u
#define ENTRY_SIG     0x02014b50u
#define COMMENT_MAX   65535u
/* The end of a file in which the end record must lie. */
#define TAIL_MAX (END_LEN + COMMENT_MAX)

/* A long report with thousands of pictures stays far below both. */
#define ENTRIES_MAX   65535u
#define DIRECTORY_MAX ((uint64_t)8 * 1024 * 1024)
/* The names we look for are shorter; the rest of a longer one is not read. */
#define NAME_MAX_LEN 256u

struct directory {
    uint64_t offset, size, entries;
    int64_t end; /* where the directory must end at the latest */
};

/* A stretch of the file that moves along with the walk. */
struct window {
    const struct inspect_source *source;
    int64_t start;
    size_t len;
    uint8_t bytes[LIMIT_JUDGE_READ];
};

static unsigned le16_get(const uint8_t *p)
{
    return (unsigned)(p[0] | p[1] << 8);
}

/* Bytes at offset, at least `need` of them (at most a whole window). NULL
 * with ERR_INPUT when the file has fewer. */
static const uint8_t *window_at(struct window *w, int64_t offset, size_t need,
                                struct error *err)
{
    int64_t left = w->source->size - offset;
    size_t len = sizeof(w->bytes);

    if (offset >= w->start && need <= w->len &&
        offset - w->start <= (int64_t)(w->len - need))
        return w->bytes + (offset - w->start);

    if (left < (int64_t)len)
        len = left > 0 ? (size_t)left : 0;
    w->len = 0;
    if (len < need) {
        (void)error_set(err, ERR_INPUT, "a range outside the file");
        return NULL;
    }
    if (inspect_source_read(w->source, offset, w->bytes, len, err) != 0)
        return NULL;
    w->start = offset;
    w->len = len;
    return w->bytes;
}

/* Replaces the fields of d by those of the ZIP64 end record, which the
 * locator just before the end record at `end` points to. */
static int read_end64(const struct inspect_source *s, int64_t end,
                      struct directory *d, struct error *err)
{
    uint8_t locator[LOCATOR64_LEN], record[END64_LEN];
    uint64_t at;

    if (inspect_source_read(s, end - (int64_t)LOCATOR64_LEN, locator,
                            sizeof(locator), err) != 0)
        return -1;
    at = le64_get(locator + 8);
    if (le32_get(locator) != LOCATOR64_SIG ||
        at > (uint64_t)(end - (int64_t)LOCATOR64_LEN))
        return error_set(err, ERR_INPUT, "no ZIP64 locator");

    if (inspect_source_read(s, (int64_t)at, record, sizeof(record), err) != 0)
        return -1;
    if (le32_get(record) != END64_SIG)
        return error_set(err, ERR_INPUT, "no ZIP64 end record");
    d->entries = le64_get(record + 32);
    d->size = le64_get(record + 40);
    d->offset = le64_get(record + 48);
    d->end = (int64_t)at;
    return 0;
}

/* The last end record in `tail` whose comment ends with the file; NULL. */
static const uint8_t *find_end(const uint8_t *tail, size_t len)
{
    for (size_t at = len - END_LEN + 1; at-- > 0;)
        if (le32_get(tail + at) == END_SIG &&
            le16_get(tail + at + 20) == len - at - END_LEN)
            return tail + at;
    return NULL;
}

/* Finds the directory of the file. ERR_INPUT: there is none to go by. */
static int find_directory(const struct inspect_source *s, struct directory *d,
                          struct error *err)
{
    size_t len = s->size < (int64_t)TAIL_MAX ? (size_t)s->size : TAIL_MAX;
    uint8_t *tail = malloc(TAIL_MAX);
    const uint8_t *end;
    int ok = -1;

    if (tail == NULL)
        return error_set(err, ERR_NOMEM, "no memory for a ZIP directory");
    if (len < END_LEN) {
        (void)error_set(err, ERR_INPUT, "too short for a ZIP");
        goto out;
    }
    if (inspect_source_read(s, s->size - (int64_t)len, tail, len, err) != 0)
        goto out;
    end = find_end(tail, len);
    if (end == NULL) {
        (void)error_set(err, ERR_INPUT, "no end record");
        goto out;
    }

    d->entries = le16_get(end + 10);
    d->size = le32_get(end + 12);
    d->offset = le32_get(end + 16);
    d->end = s->size - (int64_t)len + (end - tail);
    if (d->entries == UINT16_MAX || d->size == UINT32_MAX ||
        d->offset == UINT32_MAX)
        ok = read_end64(s, d->end, d, err);
    else
        ok = 0;

out:
    free(tail);
    return ok;
}

static bool name_is(const uint8_t *name, size_t len, const char *wanted)
{
    return len == strlen(wanted) &&
           strncasecmp((const char *)name, wanted, len) == 0;
}

/* Notes what the name of a member tells. Part names ignore ASCII case. */
static void note_name(struct inspect_zip *zip, const uint8_t *name, size_t len)
{
    size_t base = len;

    while (base > 0 && name[base - 1] != '/' && name[base - 1] != '\\')
        base--;
    if (name_is(name, len, "[Content_Types].xml"))
        zip->content_types = true;
    if (name_is(name, len, "word/document.xml"))
        zip->word_document = true;
    if (name_is(name + base, len - base, "vbaProject.bin"))
        zip->macro = true;
}

/* Walks the directory; it must end exactly where it says. */
static int walk(struct window *w, const struct directory *d,
                struct inspect_zip *zip, struct error *err)
{
    int64_t at = (int64_t)d->offset, end = at + (int64_t)d->size;

    for (uint64_t i = 0; i < d->entries; i++) {
        const uint8_t *entry = window_at(w, at, ENTRY_LEN, err);
        size_t name, total;

        if (entry == NULL)
            return -1;
        name = le16_get(entry + 28);
        total = ENTRY_LEN + name + le16_get(entry + 30) + le16_get(entry + 32);
        if (le32_get(entry) != ENTRY_SIG || (int64_t)total > end - at)
            return error_set(err, ERR_INPUT, "a broken directory entry");

        zip->encrypted = zip->encrypted || (le16_get(entry + 8) & 1u) != 0;
        if (name <= NAME_MAX_LEN) {
            entry = window_at(w, at, ENTRY_LEN + name, err);
            if (entry == NULL)
                return -1;
            note_name(zip, entry + ENTRY_LEN, name);
        }
        at += (int64_t)total;
    }
    if (at != end)
        return error_set(err, ERR_INPUT, "a directory of another size");
    return 0;
}

static int survey(const struct inspect_source *s, struct inspect_zip *zip,
                  struct error *err)
{
    struct directory d = { 0 };
    struct window *w;
    int ok;

    if (find_directory(s, &d, err) != 0)
        return -1;
    if (d.entries > ENTRIES_MAX || d.size > DIRECTORY_MAX ||
        d.offset > (uint64_t)d.end || d.size > (uint64_t)d.end - d.offset)
        return error_set(err, ERR_INPUT, "a directory out of bounds");

    w = calloc(1, sizeof(*w));
    if (w == NULL)
        return error_set(err, ERR_NOMEM, "no memory for a ZIP directory");
    w->source = s;
    ok = walk(w, &d, zip, err);
    free(w);
    return ok;
}

int inspect_zip_survey(const struct inspect_source *s, struct inspect_zip *zip,
                       struct error *err)
{
    memset(zip, 0, sizeof(*zip));
    if (survey(s, zip, err) == 0) {
        zip->readable = true;
        return 0;
    }
    memset(zip, 0, sizeof(*zip));
    return err->code == ERR_INPUT ? 0 : -1;
}
