/*
 * The judge's own walkers, over a file whose end is the input and whose size
 * may be far larger: a ZIP directory, HEIC brands, text. Reads lie inside the
 * file and are few; what is found in a ZIP is named in its bytes; a type
 * depends on the first bytes alone.
 */
#include "fuzz.h"

#include "inspect/brands.h"
#include "inspect/text.h"
#include "inspect/zip.h"

struct file {
    const uint8_t *tail;
    size_t len;
    int64_t size;
    unsigned reads;
};

/* Zeros, then the tail. */
static int read_file(void *arg, int64_t offset, uint8_t *out, size_t len,
                     size_t *got, struct error *e)
{
    struct file *f = arg;
    int64_t start = f->size - (int64_t)f->len, skip;

    (void)e;
    FUZZ_CHECK(offset >= 0 && len > 0 && len <= LIMIT_JUDGE_READ);
    FUZZ_CHECK(offset <= f->size && (int64_t)len <= f->size - offset);
    FUZZ_CHECK(++f->reads <= LIMIT_JUDGE_READS);
    memset(out, 0, len);
    skip = start > offset ? start - offset : 0;
    if (skip < (int64_t)len)
        memcpy(out + skip, f->tail + (offset + skip - start),
               len - (size_t)skip);
    *got = len;
    return 0;
}

/* Is the name in the bytes, whatever its case? */
static bool named(const uint8_t *p, size_t len, const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; i + n <= len; i++)
        if (strncasecmp((const char *)p + i, name, n) == 0)
            return true;
    return false;
}

static void check_zip(const uint8_t *p, size_t len, int64_t before)
{
    struct file f = { p, len, (int64_t)len + before, 0 };
    struct inspect_source source = { f.size, read_file, &f };
    struct inspect_zip zip;
    struct error e = { 0 };

    FUZZ_CHECK(inspect_zip_survey(&source, &zip, &e) == 0);
    FUZZ_CHECK(!zip.content_types || named(p, len, "[content_types].xml"));
    FUZZ_CHECK(!zip.word_document || named(p, len, "word/document.xml"));
    FUZZ_CHECK(!zip.macro || named(p, len, "vbaproject.bin"));
    FUZZ_CHECK(zip.readable || (!zip.content_types && !zip.word_document &&
                                !zip.macro && !zip.encrypted));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    unsigned shift = fuzz_byte(&in) % 64;
    const char *type;
    bool heic;

    check_zip(in.p, in.len, 0);
    check_zip(in.p, in.len, shift < 62 ? (int64_t)1 << shift : 0);

    heic = inspect_brands_heic(in.p, in.len);
    FUZZ_CHECK(!heic || (in.len >= 16 && memcmp(in.p + 4, "ftyp", 4) == 0));
    if (heic && in.len > 512)
        FUZZ_CHECK(inspect_brands_heic(in.p, 512));
    type = inspect_text_type(in.p, in.len);
    if (type != NULL && strcmp(type, "text/plain") == 0)
        for (size_t i = 0; i < in.len; i++)
            FUZZ_CHECK(in.p[i] >= 0x20 || strchr("\t\n\f\r", in.p[i]) != NULL);
    return 0;
}
