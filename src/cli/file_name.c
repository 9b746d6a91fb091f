/*
 * A customer's file under a name of ours: what they called it, as far as that
 * is harmless in every folder, the document's id, and the ending of what the
 * judge saw.
 */
#include "cli.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Bytes of the customer's words: with id and ending it stays under the 255 of
 * file systems, also where they count UTF-16. */
#define STEM_MAX 120u

static const char *ending_of(const char *media_type)
{
    static const struct {
        const char *media_type, *ending;
    } known[] = {
        { "image/jpeg", "jpg" },
        { "image/png", "png" },
        { "image/webp", "webp" },
        { "image/heic", "heic" },
        { "image/gif", "gif" },
        { "image/tiff", "tif" },
        { "application/pdf", "pdf" },
        { "application/vnd.openxmlformats-officedocument.wordprocessingml."
          "document",
          "docx" },
        { "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
          "xlsx" },
        { "application/vnd.openxmlformats-officedocument.presentationml."
          "presentation",
          "pptx" },
        { "application/zip", "zip" },
        { "text/plain", "txt" },
        { "audio/ogg", "ogg" },
        { "audio/mpeg", "mp3" },
        { "video/mp4", "mp4" },
    };

    for (size_t i = 0; media_type != NULL && i < sizeof(known) / sizeof(*known);
         i++)
        if (strcmp(known[i].media_type, media_type) == 0)
            return known[i].ending;
    return "bin";
}

/* What the customer's name ends with is theirs to claim: ".exe" of a photo
 * goes, and so does the ending that ours would double. */
static size_t without_ending(const char *name, size_t len)
{
    size_t at = len;

    while (at > 0 && len - at < 5 && isalnum((unsigned char)name[at - 1]))
        at--;
    return at > 1 && at < len && name[at - 1] == '.' ? at - 1 : len;
}

/* Separators, and what other systems forbid or read as more than a name. */
static bool is_forbidden(uint32_t c)
{
    return c < 0x80 && strchr("/\\:*?\"<>|", (int)c) != NULL;
}

/* Leading dots hide, leading dashes are options, spaces are lost. */
static bool may_begin(uint32_t c)
{
    return c != '.' && c != '-' && c != ' ' && c != '~';
}

static int add_harmless(struct buf *out, const char *name, size_t len)
{
    size_t start = out->len;

    for (size_t at = 0, n; at < len; at += n) {
        uint32_t c = 0;
        int ok = 0;

        n = utf8_next(name + at, len - at, &c);
        if (n == 0)
            break;
        if (out->len - start + n > STEM_MAX)
            break;
        if (text_is_dangerous(c) || (out->len == start && !may_begin(c)))
            continue;
        ok = is_forbidden(c) ? buf_adds(out, "_") : buf_add(out, name + at, n);
        if (ok != 0)
            return -1;
    }
    while (out->len > start && strchr(". ", out->p[out->len - 1]) != NULL)
        out->p[--out->len] = '\0';
    return 0;
}

/* Names that mean a device to Windows, whatever follows a dot; spaces before it
 * do not count. */
static bool is_device(const char *stem)
{
    static const char *const devices[] = { "con",    "prn",     "aux",   "nul",
                                           "conin$", "conout$", "clock$" };
    size_t len = strcspn(stem, ".");

    while (len > 0 && stem[len - 1] == ' ')
        len--;
    for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++)
        if (len == strlen(devices[i]) &&
            strncasecmp(stem, devices[i], len) == 0)
            return true;
    return len >= 4 &&
           (strncasecmp(stem, "com", 3) == 0 ||
            strncasecmp(stem, "lpt", 3) == 0) &&
           (len == 4 ? isdigit((unsigned char)stem[3]) != 0
                     : len == 5 && (uint8_t)stem[3] == 0xc2);
}

int file_name_add(struct buf *out, const char *given, const char *id,
                  const char *media_type)
{
    struct buf stem = { 0 };
    int ok = -1;

    if (buf_adds(&stem, "") != 0 ||
        (given != NULL &&
         add_harmless(&stem, given, without_ending(given, strlen(given))) != 0))
        goto out;
    if (stem.len > 0)
        ok = buf_addf(out, "%s%s-%s.%s",
                      is_device((const char *)stem.p) ? "_" : "",
                      (const char *)stem.p, id, ending_of(media_type));
    else
        ok = buf_addf(out, "%s.%s", id, ending_of(media_type));
out:
    buf_free(&stem);
    return ok;
}
