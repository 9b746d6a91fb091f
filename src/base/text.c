/* Customers' words: escaped to be shown, folded to be compared. */
#include "resguardo/base.h"

#include <string.h>

#define REPLACEMENT 0xfffdu

struct range {
    uint32_t first, last;
};

static bool in_ranges(uint32_t c, const struct range *r, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (c >= r[i].first && c <= r[i].last)
            return true;
    return false;
}

bool text_is_dangerous(uint32_t c)
{
    static const struct range list[] = {
        { 0x00, 0x1f },       /* C0 */
        { 0x7f, 0x9f },       /* DEL, C1 */
        { 0xad, 0xad },       /* soft hyphen */
        { 0x61c, 0x61c },     /* Arabic letter mark */
        { 0x180e, 0x180e },   /* Mongolian vowel separator */
        { 0x200b, 0x200f },   /* zero width, marks of direction */
        { 0x2028, 0x202e },   /* separators, embeddings, overrides */
        { 0x2060, 0x206f },   /* joiners, isolates */
        { 0xfeff, 0xfeff },   /* byte order mark */
        { 0xfff9, 0xfffb },   /* interlinear annotation */
        { 0xe0000, 0xe007f }, /* tags */
    };

    return in_ranges(c, list, sizeof(list) / sizeof(list[0]));
}

/* One code point as JSON writes it. */
static int add_json_escape(struct buf *out, uint32_t c)
{
    if (c < 0x10000)
        return buf_addf(out, "\\u%04x", (unsigned)c);
    c -= 0x10000;
    return buf_addf(out, "\\u%04x\\u%04x", 0xd800u + (unsigned)(c >> 10),
                    0xdc00u + (unsigned)(c & 0x3ff));
}

int text_escape_json(struct buf *out, const char *s)
{
    size_t len = strlen(s);

    for (size_t at = 0, n; at < len; at += n) {
        uint32_t c = REPLACEMENT;
        int added;

        n = utf8_next(s + at, len - at, &c);
        if (n == 0 || (text_is_dangerous(c) && c >= 0x7f))
            added = add_json_escape(out, c);
        else
            added = buf_add(out, s + at, n);
        if (added != 0)
            return -1;
        if (n == 0)
            n = 1;
    }
    return 0;
}

int text_escape(struct buf *out, const char *s)
{
    size_t len = strlen(s);

    for (size_t at = 0, n; at < len; at += n) {
        uint32_t c = REPLACEMENT;
        int added;

        n = utf8_next(s + at, len - at, &c);
        if (n == 0 || text_is_dangerous(c))
            added = buf_addf(out, "\\u{%04X}", (unsigned)c);
        else
            added = buf_add(out, s + at, n);
        if (added != 0)
            return -1;
        if (n == 0)
            n = 1;
    }
    return 0;
}

/* Base letters of U+00C0 to U+00FF; a dot stands for those that have none. */
static const char latin1[] = "aaaaaa.ceeeeiiii"
                             ".nooooo.ouuuuy.."
                             "aaaaaa.ceeeeiiii"
                             ".nooooo.ouuuuy.y";

static bool is_combining(uint32_t c)
{
    return c >= 0x300 && c <= 0x36f;
}

static bool is_letter_or_digit(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

/* Space, and the marks that people put around a word. */
static bool is_separator(uint32_t c)
{
    if (c < 0x80)
        return !is_letter_or_digit(c);
    return (c >= 0x80 && c <= 0xbf && c != 0xaa && c != 0xba && c != 0xb5) ||
           c == 0xd7 || c == 0xf7 || (c >= 0x2000 && c <= 0x206f) ||
           (c >= 0x3000 && c <= 0x3003) || c == 0xfeff;
}

/* The letter to compare by; 0 keeps the code point as it is. */
static char base_letter(uint32_t c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    if (c < 0x80)
        return (char)c;
    if (c >= 0xc0 && c <= 0xff && latin1[c - 0xc0] != '.')
        return latin1[c - 0xc0];
    return 0;
}

int text_fold(struct buf *out, const char *s)
{
    size_t len = strlen(s), start = out->len;
    bool gap = false;

    for (size_t at = 0, n; at < len; at += n) {
        uint32_t c = REPLACEMENT;
        char letter;

        n = utf8_next(s + at, len - at, &c);
        if (n == 0)
            n = 1;
        if (is_combining(c))
            continue;
        if (is_separator(c)) {
            gap = true;
            continue;
        }

        if (gap && out->len > start && buf_add(out, " ", 1) != 0)
            return -1;
        gap = false;
        letter = base_letter(c);
        if (buf_add(out, letter ? &letter : s + at, letter ? 1 : n) != 0)
            return -1;
    }
    return buf_add(out, "", 0);
}
