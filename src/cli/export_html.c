/* The consent export as a page: one table, a row each, as it comes. */
#include "export_format.h"
#include "sheet.h"

#include <string.h>

static int told(const struct sheet *s, struct error *e)
{
    return s->failed ? error_set(e, ERR_NOMEM, "no memory for a page") : 0;
}

static struct sheet sheet_of(struct export_rows *x)
{
    const char *lang = x->cli->options[OPTION_LANG];

    return (struct sheet){ .out = &x->out,
                           .english = lang != NULL && strcmp(lang, "en") == 0 };
}

static int begin(struct export_rows *x, struct error *e)
{
    struct sheet s = sheet_of(x);
    const char *title =
        sheet_say(&s, "Registro de consentimiento", "Consent log");

    sheet_begin(&s, title);
    sheet_put(&s,
              "<header><p class=\"over\">Resguardo</p><h1>%s</h1>"
              "<p class=\"soft\">%s</p></header>\n<main style=\"max-width:"
              "none\"><section aria-label=\"%s\"><div class=\"scroll\" "
              "tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
              "<table class=\"wide\">\n<thead><tr>",
              title,
              sheet_say(&s, "Horas en UTC; los nombres son los del registro.",
                        "Times are UTC; names are those of the ledger."),
              title, title);
    for (size_t i = 0; x->columns[i] != NULL; i++)
        sheet_put(&s, "<th scope=\"col\" class=\"l\">%s</th>", x->columns[i]);
    sheet_put(&s, "</tr></thead>\n<tbody>\n");
    return told(&s, e);
}

static int row(struct export_rows *x, const char *line, size_t len,
               struct error *e)
{
    struct sheet s = sheet_of(x);
    json_t *value = json_parse(line, len, e);

    if (value == NULL)
        return -1;
    sheet_put(&s, "<tr>");
    for (size_t i = 0; x->columns[i] != NULL; i++) {
        const json_t *cell = json_object_get(value, x->columns[i]);

        sheet_put(&s, "<td class=\"l\">");
        if (json_is_integer(cell))
            sheet_put(&s, "%lld", (long long)json_integer_value(cell));
        else if (json_is_string(cell))
            sheet_text(&s, json_string_value(cell));
        sheet_put(&s, "</td>");
    }
    sheet_put(&s, "</tr>\n");
    json_decref(value);
    return told(&s, e);
}

static int end(struct export_rows *x, struct error *e)
{
    struct sheet s = sheet_of(x);

    sheet_put(&s, "</tbody></table></div>\n<p class=\"soft\">");
    sheet_number(&s, x->rows);
    sheet_says(&s, " asientos", " entries");
    sheet_put(&s, "</p></section></main>\n");
    sheet_end(&s);
    return told(&s, e);
}

static void no_state(struct export_rows *x)
{
    (void)x;
}

const struct export_format export_html = {
    .name = "html", .begin = begin, .row = row, .end = end, .free = no_state
};
