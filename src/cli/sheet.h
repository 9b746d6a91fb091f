/*
 * sheet: a page under way, in one of two languages. Whatever fails (there is
 * only memory to fail) is remembered, so that a page is written without a look
 * at every word, and asked for once at its end.
 */
#ifndef RESGUARDO_CLI_SHEET_H
#define RESGUARDO_CLI_SHEET_H

#include "cli.h"

struct sheet {
    struct buf *out;
    bool english, failed;
    const char *style; /* of this page alone, beside that of all; or NULL */
};
/* Is it English, by --lang? ERR_USAGE for what is neither. */
int sheet_language(bool *english, const struct cli *, struct error *);
/* Markup of ours. */
void sheet_put(struct sheet *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Markup or text of ours, in the page's language. */
const char *sheet_say(const struct sheet *, const char *es, const char *en);
void sheet_says(struct sheet *, const char *es, const char *en);
/* A text of others: never markup. */
void sheet_text(struct sheet *, const char *);
/* A text of others in Markdown, of which headings (from h3 on), paragraphs,
 * lists and emphasis are shown so (markdown.c). */
void markdown_put(struct sheet *, const char *);
/* A number as people read it, with its value for programs. */
void sheet_number(struct sheet *, uint64_t);
/* The same without markup, for labels. */
#define SHEET_PLAIN 48
void sheet_plain(const struct sheet *, char out[static SHEET_PLAIN], uint64_t);
/* "850 ms", "12,3 s", "4 min 10 s". */
void sheet_duration(const struct sheet *, char out[static SHEET_PLAIN], msec);
/* A moment, to the second, in UTC. */
void sheet_time(struct sheet *, msec);
/* A day of local days since 1970: "24 nov", with its year "nov 2026". */
void sheet_day(const struct sheet *, char out[static SHEET_PLAIN], int64_t day,
               bool with_year);
/* Parts of a report (sheet_parts.c). A section with its heading; a paragraph
 * that explains. */
void sheet_section(struct sheet *, const char *id, const char *es,
                   const char *en);
void sheet_section_end(struct sheet *);
void sheet_soft(struct sheet *, const char *es, const char *en);
/* A table: columns (of numbers, of words), then rows, then its end. */
void sheet_table(struct sheet *, const char *label, const char *attributes);
void sheet_column(struct sheet *, const char *es, const char *en);
void sheet_column_words(struct sheet *, const char *es, const char *en);
void sheet_rows(struct sheet *);
void sheet_table_end(struct sheet *);
void sheet_cell(struct sheet *, uint64_t);
void sheet_time_cell(struct sheet *, msec, bool known);
/* A number with what it is; a term of a list of definitions. */
void sheet_tile(struct sheet *, const char *id, uint64_t, const char *es,
                const char *en);
void sheet_term(struct sheet *, const char *es, const char *en);
/* Begins a page: everything up to its body. Nothing on it may be fetched. */
void sheet_begin(struct sheet *, const char *title);
void sheet_end(struct sheet *);

#endif
