/*
 * A notice as a page shows it: headings, paragraphs, lists, rules, emphasis.
 * What it is made of is text to us until it is escaped; nothing of it becomes
 * markup but what is written here, and no link, image or HTML is known.
 */
#include "sheet.h"

#include <stdlib.h>
#include <string.h>

/* What is open at this point of the page. */
enum block { NOTHING, PARAGRAPH, BULLETS, NUMBERS };
struct rendering {
    struct sheet *s;
    enum block open;
};

static void put_piece(struct sheet *s, const char *text, size_t len)
{
    char *copy = strndup(text, len);

    if (copy == NULL)
        s->failed = true;
    else
        sheet_text(s, copy);
    free(copy);
}

/* How long the mark of emphasis here is: one begins before a word and ends
 * behind one, in the same line. */
static size_t mark_at(const char *text, const char *end, const char **close)
{
    static const char *const marks[] = { "**", "*", "`" };

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        size_t n = strlen(marks[i]);
        const char *inner = text + n, *found;

        if (strncmp(text, marks[i], n) != 0 || inner >= end || *inner == ' ' ||
            *inner == *text)
            continue;
        found = memmem(inner, (size_t)(end - inner), marks[i], n);
        if (found == NULL || found[-1] == ' ')
            continue;
        *close = found;
        return n;
    }
    return 0;
}

static void put_line(struct sheet *s, const char *text, size_t len)
{
    const char *end = text + len, *from = text, *close = NULL;

    for (const char *p = text; p < end; p++) {
        size_t n = *p == '*' || *p == '`' ? mark_at(p, end, &close) : 0;
        const char *tag = *p == '`' ? "code" : "b";

        if (n == 0)
            continue;
        put_piece(s, from, (size_t)(p - from));
        sheet_put(s, "<%s>", tag);
        put_piece(s, p + n, (size_t)(close - p) - n);
        sheet_put(s, "</%s>", tag);
        from = close + n;
        p = from - 1;
    }
    put_piece(s, from, (size_t)(end - from));
}

static void open_block(struct rendering *r, enum block block)
{
    static const char *const ends[] = { "", "</p>\n", "</li></ul>\n",
                                        "</li></ol>\n" };
    static const char *const begins[] = { "", "<p>", "<ul><li>", "<ol><li>" };

    sheet_put(r->s, "%s%s", ends[r->open], begins[block]);
    r->open = block;
}

/* "## Title {#anchor}": the anchor is for addresses, not for reading. */
static void put_heading(struct rendering *r, const char *line, size_t len)
{
    size_t level = strspn(line, "#");
    const char *anchor =
        memmem(line + level + 1, len - level - 1, " {#", 3); /* of a title */

    open_block(r, NOTHING);
    if (anchor != NULL && line[len - 1] == '}')
        len = (size_t)(anchor - line);
    sheet_put(r->s, level <= 2 ? "<h3>" : "<h4>");
    put_line(r->s, line + level + 1, len - level - 1);
    sheet_put(r->s, level <= 2 ? "</h3>\n" : "</h4>\n");
}

/* How long the sign of an item is that the line begins with; 0: it is none. */
static size_t item_of(const char *line, size_t len, enum block *block)
{
    static const char *const signs[] = { "- ", "* ", "• " };
    size_t digits = strspn(line, "0123456789");

    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (len > strlen(signs[i]) &&
            strncmp(line, signs[i], strlen(signs[i])) == 0) {
            *block = BULLETS;
            return strlen(signs[i]);
        }
    if (digits == 0 || digits > 3 || len <= digits + 2 ||
        strncmp(line + digits, ". ", 2) != 0)
        return 0;
    *block = NUMBERS;
    return digits + 2;
}

static void put_block(struct rendering *r, const char *line, size_t len)
{
    size_t level = strspn(line, "#"), sign;
    enum block block = PARAGRAPH;

    if (len == 0) {
        open_block(r, NOTHING);
    } else if (level > 0 && level <= 6 && len > level + 1 &&
               line[level] == ' ') {
        put_heading(r, line, len);
    } else if (len == 3 && strncmp(line, "---", 3) == 0) {
        open_block(r, NOTHING);
        sheet_put(r->s, "<hr>\n");
    } else if ((sign = item_of(line, len, &block)) > 0) {
        if (r->open == block)
            sheet_put(r->s, "</li><li>");
        else
            open_block(r, block);
        put_line(r->s, line + sign, len - sign);
    } else {
        if (r->open == NOTHING)
            open_block(r, PARAGRAPH);
        else
            sheet_put(r->s, "<br>");
        put_line(r->s, line, len);
    }
}

void markdown_put(struct sheet *s, const char *text)
{
    struct rendering r = { .s = s };

    for (const char *line = text; *line != '\0';) {
        size_t len = strcspn(line, "\n");

        put_block(&r, line, len);
        line += len + (line[len] == '\n');
    }
    open_block(&r, NOTHING);
}
