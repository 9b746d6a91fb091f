/* What reports are put together from: sections, tables, tiles. */
#include "sheet.h"

void sheet_section(struct sheet *s, const char *id, const char *es,
                   const char *en)
{
    sheet_put(s, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n",
              id, id, sheet_say(s, es, en));
}

void sheet_section_end(struct sheet *s)
{
    sheet_put(s, "</section>\n");
}

void sheet_soft(struct sheet *s, const char *es, const char *en)
{
    sheet_put(s, "<p class=\"soft\">%s</p>\n", sheet_say(s, es, en));
}

/* Wide tables move by themselves, not the page. */
void sheet_table(struct sheet *s, const char *label, const char *attributes)
{
    sheet_put(s,
              "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
              "aria-label=\"%s\"><table%s>\n<thead><tr>",
              label, attributes);
}

void sheet_column(struct sheet *s, const char *es, const char *en)
{
    sheet_put(s, "<th scope=\"col\">%s</th>", sheet_say(s, es, en));
}

void sheet_column_words(struct sheet *s, const char *es, const char *en)
{
    sheet_put(s, "<th scope=\"col\" class=\"l\">%s</th>", sheet_say(s, es, en));
}

void sheet_rows(struct sheet *s)
{
    sheet_put(s, "</tr></thead>\n<tbody>\n");
}

void sheet_table_end(struct sheet *s)
{
    sheet_put(s, "</tbody></table></div>\n");
}

void sheet_cell(struct sheet *s, uint64_t n)
{
    sheet_put(s, "<td>");
    sheet_number(s, n);
    sheet_put(s, "</td>");
}

void sheet_time_cell(struct sheet *s, msec t, bool known)
{
    char text[SHEET_PLAIN];

    sheet_duration(s, text, t);
    sheet_put(s, "<td><data value=\"%lld\">%s</data></td>", (long long)t,
              known ? text : "–");
}

void sheet_tile(struct sheet *s, const char *id, uint64_t n, const char *es,
                const char *en)
{
    sheet_put(s, "<li id=\"%s\"><b>", id);
    sheet_number(s, n);
    sheet_put(s, "</b><span>%s</span></li>\n", sheet_say(s, es, en));
}

void sheet_term(struct sheet *s, const char *es, const char *en)
{
    sheet_put(s, "<dt>%s</dt><dd>", sheet_say(s, es, en));
}
