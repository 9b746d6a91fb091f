/* The judge's decision: libmagic first, then what it misses. */
#include "brands.h"
#include "magic.h"
#include "source.h"
#include "text.h"
#include "verdict.h"
#include "zip.h"

#include <stdlib.h>
#include <string.h>

#define TYPE_HEIC "image/heic"
#define TYPE_DOCX                                                              \
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#define TYPE_DOCM    "application/vnd.ms-word.document.macroenabled.12"
#define TYPE_UNKNOWN "application/octet-stream"

static void set_finding(struct inspect_verdict *v, const char *finding)
{
    (void)snprintf(v->finding, sizeof(v->finding), "%s", finding);
}

/* Names Word files by their directory; libmagic goes by the order of the
 * first members and does not see macros. */
static void judge_zip(const struct inspect_zip *zip, struct inspect_verdict *v)
{
    bool word = zip->content_types && zip->word_document;

    if (word && zip->macro) {
        inspect_verdict_type(v, TYPE_DOCM);
        set_finding(v, "macro");
    } else if (word) {
        inspect_verdict_type(v, TYPE_DOCX);
        if (zip->encrypted)
            set_finding(v, "encrypted");
    } else if (strcmp(v->media_type, TYPE_DOCX) == 0) {
        set_finding(v, "damaged");
    }
}

/* The verdict of a file that starts with `len` bytes at p. */
static int judge_prefix(void *magic, const struct inspect_source *source,
                        const uint8_t *p, size_t len, struct inspect_verdict *v,
                        struct error *err)
{
    struct inspect_zip zip;
    const char *text;

    if (inspect_magic_type(magic, p, len, v, err) != 0)
        return -1;

    if (len >= 4 && memcmp(p, "PK\3\4", 4) == 0) {
        if (inspect_zip_survey(source, &zip, err) != 0)
            return -1;
        judge_zip(&zip, v);
    } else if (inspect_brands_heic(p, len)) {
        inspect_verdict_type(v, TYPE_HEIC);
    } else if (strcmp(v->media_type, TYPE_UNKNOWN) == 0) {
        text = inspect_text_type(p, len);
        if (text != NULL)
            inspect_verdict_type(v, text);
    }
    return 0;
}

int inspect_judge(void *magic, int64_t size, inspect_read read, void *arg,
                  struct inspect_verdict *verdict, struct error *err)
{
    struct inspect_source source = { .size = size, .read = read, .arg = arg };
    size_t len = size < (int64_t)MAGIC_PREFIX ? (size_t)size : MAGIC_PREFIX;
    uint8_t *prefix;
    int ok = -1;

    memset(verdict, 0, sizeof(*verdict));
    if (size < 0)
        return error_set(err, ERR_INPUT, "a file of negative size");
    prefix = malloc(MAGIC_PREFIX);
    if (prefix == NULL)
        return error_set(err, ERR_NOMEM, "no memory for a prefix");

    if (inspect_source_read(&source, 0, prefix, len, err) == 0)
        ok = judge_prefix(magic, &source, prefix, len, verdict, err);
    if (ok != 0)
        memset(verdict, 0, sizeof(*verdict));
    free(prefix);
    return ok;
}
