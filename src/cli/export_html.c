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
                           .english = lang != NULL && strcmp(lang, "en") == 0,
                           .style = "@page{size:A4 landscape;margin:10mm}" };
}

static int language(const struct cli *cli, struct error *e)
{
    bool ignored;

    return sheet_language(&ignored, cli, e);
}

/* ---- what it is --------------------------------------------------------- */

static void term(struct sheet *s, const char *es, const char *en,
                 const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    sheet_put(s, "<dt>%s</dt><dd>", sheet_say(s, es, en));
    sheet_text(s, value);
    sheet_put(s, "</dd>\n");
}

/* As it was typed; the desk's own words are on record. */
static void put_filter(struct sheet *s, const struct cli *cli)
{
    static const struct {
        enum option option;
        const char *name;
    } filters[] = {
        { OPTION_SINCE, "--since" },
        { OPTION_UNTIL, "--until" },
        { OPTION_ZONE, "--zone" },
        { OPTION_SUBJECT, "--subject" },
        { OPTION_CASE, "--case" },
        { OPTION_POLICY, "--policy" },
        { OPTION_PURPOSE, "--purpose" },
        { OPTION_NOTICE_VERSION, "--notice-version" },
        { OPTION_STATE, "--state" },
        { OPTION_LANGUAGE, "--language" },
        { OPTION_SENSITIVE, "--sensitive" },
        { OPTION_CHANNEL, "--channel" },
        { OPTION_ACTOR, "--actor" },
    };
    bool some = false;

    sheet_put(s, "<dt>%s</dt><dd id=\"filter\">",
              sheet_say(s, "Filtro", "Filter"));
    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
        const char *value = cli->options[filters[i].option];

        if (value == NULL)
            continue;
        sheet_put(s, "%s%s ", some ? " " : "", filters[i].name);
        sheet_text(s, value);
        some = true;
    }
    if (!some)
        sheet_says(s, "ninguno: todo el registro", "none: the whole log");
    sheet_put(s, "</dd>\n");
}

static void put_about(struct sheet *s, const struct export_rows *x)
{
    const char *const *o = x->cli->options;

    sheet_put(s, "<dl id=\"about\">\n");
    term(s, "Registro", "Log", x->origin);
    term(s, "Exportación", "Export", x->export_id);
    sheet_put(s, "<dt>%s</dt><dd>", sheet_say(s, "Hecha", "Made"));
    sheet_time(s, clock_now(&clock_system));
    sheet_put(s, "</dd>\n");
    put_filter(s, x->cli);
    term(s, "Estado a", "State as of", o[OPTION_AS_OF]);
    term(s, "Muestra", "Sample", o[OPTION_SAMPLE]);
    term(s, "Semilla", "Seed", o[OPTION_SEED]);
    sheet_put(s, "</dl>");
}

/* ---- the table ---------------------------------------------------------- */

/* Long ones may be broken anywhere; the others not at all. */
static const char *class_of(const char *column)
{
    static const char *const any[] = { "subject", "notice_sha256", "evidence" };

    for (size_t i = 0; i < sizeof(any) / sizeof(any[0]); i++)
        if (strcmp(any[i], column) == 0)
            return "l any";
    return "l";
}

static int begin(struct export_rows *x, struct error *e)
{
    struct sheet s = sheet_of(x);
    const char *title =
        sheet_say(&s, "Registro de consentimiento", "Consent log");

    sheet_begin(&s, title);
    sheet_put(&s,
              "<header><p class=\"over\">Resguardo</p><h1>%s</h1>"
              "<p class=\"soft\">%s</p>",
              title,
              sheet_say(&s, "Horas en UTC; los nombres son los del registro.",
                        "Times are UTC; names are those of the ledger."));
    put_about(&s, x);
    sheet_put(&s,
              "</header>\n<main style=\"max-width:none\"><section "
              "aria-label=\"%s\"><div class=\"scroll\" tabindex=\"0\" "
              "role=\"region\" aria-label=\"%s\">"
              "<table class=\"wide log\">\n<thead><tr>",
              title, title);
    for (size_t i = 0; x->columns[i] != NULL; i++)
        sheet_put(&s, "<th scope=\"col\" class=\"%s\">%s</th>",
                  class_of(x->columns[i]), x->columns[i]);
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

        sheet_put(&s, "<td class=\"%s\">", class_of(x->columns[i]));
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

const struct export_format export_html = { .name = "html",
                                           .origin = true,
                                           .language = language,
                                           .begin = begin,
                                           .row = row,
                                           .end = end,
                                           .free = no_state };
