/* The report of the service as one page that needs nothing else. */
#include "report_chart.h"
#include "service.h"
#include "sheet.h"

#include <inttypes.h>
#include <string.h>

struct page {
    struct sheet s;
    const struct service *service;
    const struct service_about *about;
};

#define SAY(p, es, en) sheet_say(&(p)->s, (es), (en))

/* "93,1 %"; a dash of none. */
static void percent_text(const struct sheet *s, char out[static SHEET_PLAIN],
                         const struct service_part *part)
{
    int64_t permille = service_permille(part);

    if (permille < 0)
        (void)snprintf(out, SHEET_PLAIN, "–");
    else
        (void)snprintf(out, SHEET_PLAIN, "%" PRId64 "%s%" PRId64 "\u00a0%%",
                       permille / 10, sheet_say(s, ",", "."), permille % 10);
}

static void percent_cell(struct page *p, const struct service_part *part)
{
    char text[SHEET_PLAIN];

    percent_text(&p->s, text, part);
    sheet_put(&p->s, "<td><data value=\"%" PRId64 "\">%s</data></td>",
              service_permille(part), text);
}

/* "4,37"; a dash of nobody. */
static void mean_text(const struct sheet *s, char out[static SHEET_PLAIN],
                      const struct service_figures *f)
{
    uint64_t mean = service_mean(f);

    if (f->rated.n == 0)
        (void)snprintf(out, SHEET_PLAIN, "–");
    else
        (void)snprintf(out, SHEET_PLAIN, "%" PRIu64 "%s%02" PRIu64, mean / 100,
                       sheet_say(s, ",", "."), mean % 100);
}

static void mean_cell(struct page *p, const struct service_figures *f)
{
    char text[SHEET_PLAIN];

    mean_text(&p->s, text, f);
    sheet_put(&p->s, "<td><data value=\"%" PRIu64 "\">%s</data></td>",
              service_mean(f), text);
}

/* ---- the top ------------------------------------------------------------ */

static void put_when(struct page *p, msec t, const char *es, const char *en)
{
    if (t == INT64_MIN || t == INT64_MAX)
        return;
    sheet_says(&p->s, es, en);
    sheet_time(&p->s, t);
}

static void put_period(struct page *p)
{
    const struct service_about *a = p->about;

    sheet_put(&p->s, "<p class=\"soft\">");
    if (a->since == INT64_MIN && a->until == INT64_MAX)
        sheet_says(&p->s, "Desde el principio", "From the beginning");
    put_when(p, a->since, "Desde ", "From ");
    put_when(p, a->until, a->since == INT64_MIN ? "Hasta " : " hasta ",
             a->since == INT64_MIN ? "Until " : " until ");
    sheet_says(&p->s, ". Semanas de lunes a domingo, zona horaria ",
               ". Weeks from Monday to Sunday, time zone ");
    sheet_text(&p->s, a->zone);
    sheet_put(&p->s, ". ");
    if (a->policy != NULL) {
        sheet_says(&p->s, "Política ", "Policy ");
        sheet_text(&p->s, a->policy);
        sheet_put(&p->s, ". ");
    }
    sheet_says(&p->s, "Sin datos de clientes. Hecho ",
               "Without data of customers. Made ");
    sheet_time(&p->s, a->made);
    sheet_put(&p->s, "</p>\n");
}

static void text_tile(struct page *p, const char *id, int64_t value,
                      const char *text, const char *es, const char *en)
{
    sheet_put(&p->s,
              "<li id=\"%s\"><b><data value=\"%" PRId64
              "\">%s</data></b><span>%s</span></li>\n",
              id, value, text, SAY(p, es, en));
}

static void put_tiles(struct page *p)
{
    const struct service_figures *t = p->service->total;
    char text[SHEET_PLAIN];

    sheet_put(&p->s, "<ul class=\"tiles\">\n");
    sheet_tile(&p->s, "t-opened", t->opened, "casos abiertos", "cases opened");
    sheet_tile(&p->s, "t-closed", t->closed, "casos cerrados", "cases closed");
    percent_text(&p->s, text, &t->alone);
    text_tile(p, "t-alone", service_permille(&t->alone), text,
              "resueltos sin una persona en el chat",
              "solved without a person in the chat");
    percent_text(&p->s, text, &t->in_chat);
    text_tile(p, "t-chat", service_permille(&t->in_chat), text,
              "resueltos sin otro canal", "solved without another channel");
    percent_text(&p->s, text, &t->promised);
    text_tile(p, "t-kept", service_permille(&t->promised), text,
              "a tiempo, según lo prometido", "in time, as promised");
    mean_text(&p->s, text, t);
    text_tile(p, "t-mean", (int64_t)service_mean(t), text,
              "satisfacción, de 1 a 5", "satisfaction, from 1 to 5");
    sheet_put(&p->s, "</ul>\n");
}

/* ---- volume ------------------------------------------------------------- */

static const struct {
    const char *es, *en, *class;
} series[] = {
    { "casos abiertos", "cases opened", "f0" },
    { "casos cerrados", "cases closed", "f1" },
    { "pidieron una persona", "asked for a person", "f2" },
};

/* As many weeks a column as have to be. */
static void bins_of(struct chart_bins *b, const struct service *s)
{
    int64_t weeks;

    *b = (struct chart_bins){ .n = 0 };
    if (s->nweeks == 0)
        return;
    b->first = s->weeks[0]->day;
    weeks = (s->weeks[s->nweeks - 1]->day - b->first) / 7 + 1;
    b->step = 7 * ((weeks + CHART_BINS - 1) / CHART_BINS);
    for (size_t i = 0; i < s->nweeks; i++) {
        size_t at = (size_t)((s->weeks[i]->day - b->first) / b->step);

        if (at >= CHART_BINS)
            at = CHART_BINS - 1;
        b->count[at][0] += s->weeks[i]->opened;
        b->count[at][1] += s->weeks[i]->closed;
        b->count[at][2] += s->weeks[i]->handovers;
        b->n = at + 1;
    }
}

static void put_volume(struct page *p)
{
    struct chart_bins b;

    bins_of(&b, p->service);
    sheet_section(&p->s, "h-volume", "Volumen por semana", "Volume by week");
    if (b.n == 0) {
        sheet_soft(&p->s, "No pasó nada en este tiempo.",
                   "Nothing happened in this time.");
    } else {
        sheet_put(&p->s, "<ul class=\"legend\">");
        for (size_t i = 0; i < sizeof(series) / sizeof(series[0]); i++)
            chart_key(&p->s, series[i].class,
                      SAY(p, series[i].es, series[i].en));
        sheet_put(&p->s, "</ul>\n");
        chart_columns(&p->s, &b,
                      SAY(p,
                          "Columnas: casos abiertos, casos cerrados y personas "
                          "que pidieron hablar con alguien, por semana. Las "
                          "cifras están en la tabla por semana.",
                          "Columns: cases opened, cases closed and people who "
                          "asked for a person, by week. The numbers are in the "
                          "table by week."));
    }
    sheet_section_end(&p->s);
}

/* ---- times -------------------------------------------------------------- */

static void time_row(struct page *p, const struct latency *l, const char *es,
                     const char *en)
{
    sheet_put(&p->s, "<tr><th scope=\"row\">%s</th>", SAY(p, es, en));
    sheet_cell(&p->s, l->n);
    sheet_time_cell(&p->s, latency_at(l, 50), l->n > 0);
    sheet_time_cell(&p->s, latency_at(l, 90), l->n > 0);
    sheet_time_cell(&p->s, l->max, l->n > 0);
    sheet_put(&p->s, "</tr>\n");
}

static void put_times(struct page *p)
{
    const struct service_figures *t = p->service->total;

    sheet_section(&p->s, "h-times", "Cuánto se espera", "How long people wait");
    sheet_soft(&p->s,
               "El asistente: desde el primer archivo del caso, o desde que se "
               "eligió el trámite, hasta nuestro primer mensaje. Una persona: "
               "desde que la pidieron hasta que escribió por primera vez. La "
               "solución: hasta que se cerró el caso. Lo que se lee es a lo "
               "sumo 3 % más largo.",
               "The assistant: from the first file of the case, or from when "
               "the procedure was picked, to our first message. A person: from "
               "when one was asked for until they first wrote. Resolution: "
               "until the case was closed. What is read here is at most 3 % "
               "too long.");
    sheet_table(&p->s, SAY(p, "Tiempos", "Times"), " id=\"times\"");
    sheet_column(&p->s, "Hasta", "Until");
    sheet_column(&p->s, "veces", "times");
    sheet_column(&p->s, "mediana", "median");
    sheet_column(&p->s, "90 %", "90 %");
    sheet_column(&p->s, "máximo", "longest");
    sheet_rows(&p->s);
    time_row(p, &t->assistant, "respuesta del asistente",
             "the assistant answered");
    time_row(p, &t->person, "respuesta de una persona", "a person answered");
    time_row(p, &t->person_open, "… en horas de atención",
             "… in opening hours");
    time_row(p, &t->resolution, "solución", "resolution");
    sheet_table_end(&p->s);
    sheet_section_end(&p->s);
}

/* ---- promises ----------------------------------------------------------- */

static void clock_row(struct page *p, const struct service_clock *c)
{
    uint64_t all = c->in_time.of;
    char label[96];

    sheet_put(&p->s, "<tr><th scope=\"row\">");
    sheet_text(&p->s, c->policy);
    sheet_put(&p->s, " · ");
    sheet_text(&p->s, c->name);
    sheet_put(&p->s, "</th><td class=\"l\">%s</td><td class=\"bar\">",
              c->promise ? SAY(p, "caso", "case")
                         : SAY(p, "solicitud", "request"));
    (void)snprintf(label, sizeof(label), "%" PRIu64 " %s, %" PRIu64 " %s",
                   c->in_time.n, SAY(p, "a tiempo", "in time"),
                   all - c->in_time.n, SAY(p, "tarde", "late"));
    chart_bar(&p->s, c->in_time.n, all - c->in_time.n, all > 0 ? all : 1,
              label);
    sheet_put(&p->s, "</td>");
    sheet_cell(&p->s, all);
    percent_cell(p, &c->in_time);
    sheet_cell(&p->s, c->overdue);
    sheet_put(&p->s, "</tr>\n");
}

static void put_clocks(struct page *p)
{
    sheet_section(&p->s, "h-clocks", "Lo prometido y lo que manda la ley",
                  "What was promised, and what the law wants");
    if (p->service->nclocks == 0) {
        sheet_soft(&p->s, "Ningún plazo terminó en este tiempo.",
                   "No term ended in this time.");
        sheet_section_end(&p->s);
        return;
    }
    sheet_put(&p->s, "<ul class=\"legend\">");
    chart_key(&p->s, "f0", SAY(p, "a tiempo", "in time"));
    chart_key(&p->s, "f1", SAY(p, "tarde", "late"));
    sheet_put(&p->s, "</ul>\n");
    sheet_table(&p->s, SAY(p, "Plazos", "Terms"), " id=\"clocks\"");
    sheet_column(&p->s, "Plazo", "Term");
    sheet_column_words(&p->s, "de", "of");
    sheet_column_words(&p->s, "proporción", "share");
    sheet_column(&p->s, "terminados", "ended");
    sheet_column(&p->s, "a tiempo", "in time");
    sheet_column(&p->s, "vencidos hoy", "overdue now");
    sheet_rows(&p->s);
    for (size_t i = 0; i < p->service->nclocks; i++)
        clock_row(p, &p->service->clocks[i]);
    sheet_table_end(&p->s);
    sheet_section_end(&p->s);
}

/* ---- satisfaction ------------------------------------------------------- */

static const struct {
    const char *es, *en;
} scores[] = {
    { "1 · muy mal", "1 · very bad" },   { "2 · mal", "2 · bad" },
    { "3 · regular", "3 · so-so" },      { "4 · bien", "4 · good" },
    { "5 · muy bien", "5 · very good" },
};

static void score_row(struct page *p, size_t i, uint64_t max)
{
    uint64_t n = p->service->total->scores[i];
    char label[32];

    (void)snprintf(label, sizeof(label), "%" PRIu64, n);
    sheet_put(&p->s, "<tr><th scope=\"row\">%s</th><td class=\"bar\">",
              SAY(p, scores[i].es, scores[i].en));
    chart_bar(&p->s, n, 0, max, label);
    sheet_put(&p->s, "</td>");
    sheet_cell(&p->s, n);
    sheet_put(&p->s, "</tr>\n");
}

static void put_satisfaction(struct page *p)
{
    const struct service_figures *t = p->service->total;
    char text[SHEET_PLAIN];
    uint64_t max = 1;

    for (size_t i = 0; i < 5; i++)
        max = t->scores[i] > max ? t->scores[i] : max;
    sheet_section(&p->s, "h-rated", "Cómo les fue", "How it was for them");
    sheet_put(&p->s, "<p id=\"rated\">");
    sheet_number(&p->s, t->rated.n);
    sheet_says(&p->s, " respuestas a ", " answers to ");
    sheet_number(&p->s, t->rated.of);
    percent_text(&p->s, text, &t->rated);
    sheet_put(&p->s, " %s (%s). ", SAY(p, "preguntas", "questions"), text);
    mean_text(&p->s, text, t);
    sheet_put(&p->s, "%s %s.</p>\n", SAY(p, "Promedio", "Mean"), text);
    sheet_table(&p->s, SAY(p, "Calificaciones", "Ratings"), " id=\"scores\"");
    sheet_column(&p->s, "Calificación", "Rating");
    sheet_column_words(&p->s, "proporción", "share");
    sheet_column(&p->s, "veces", "times");
    sheet_rows(&p->s);
    for (size_t i = 5; i-- > 0;)
        score_row(p, i, max);
    sheet_table_end(&p->s);
    sheet_section_end(&p->s);
}

/* ---- groups ------------------------------------------------------------- */

static void group_columns(struct page *p, const char *es, const char *en)
{
    sheet_column(&p->s, es, en);
    sheet_column(&p->s, "abiertos", "opened");
    sheet_column(&p->s, "cerrados", "closed");
    sheet_column(&p->s, "respuesta, mediana", "response, median");
    sheet_column(&p->s, "solución, mediana", "resolution, median");
    sheet_column(&p->s, "solución, 90 %", "resolution, 90 %");
    sheet_column(&p->s, "sin persona", "no person");
    sheet_column(&p->s, "sin otro canal", "no other channel");
    sheet_column(&p->s, "a tiempo", "in time");
    sheet_column(&p->s, "satisfacción", "satisfaction");
    sheet_rows(&p->s);
}

static void group_row(struct page *p, const struct service_figures *f)
{
    sheet_put(&p->s, "<tr><th scope=\"row\">");
    if (f->name[0] == '\0')
        sheet_says(&p->s, "sin trámite", "no procedure");
    else
        sheet_text(&p->s, f->name);
    if (f->policy[0] != '\0') {
        sheet_put(&p->s, " <span class=\"soft\">");
        sheet_text(&p->s, f->policy);
        sheet_put(&p->s, "</span>");
    }
    sheet_put(&p->s, "</th>");
    sheet_cell(&p->s, f->opened);
    sheet_cell(&p->s, f->closed);
    sheet_time_cell(&p->s, latency_at(&f->assistant, 50), f->assistant.n > 0);
    sheet_time_cell(&p->s, latency_at(&f->resolution, 50), f->resolution.n > 0);
    sheet_time_cell(&p->s, latency_at(&f->resolution, 90), f->resolution.n > 0);
    percent_cell(p, &f->alone);
    percent_cell(p, &f->in_chat);
    percent_cell(p, &f->promised);
    mean_cell(p, f);
    sheet_put(&p->s, "</tr>\n");
}

static void put_groups(struct page *p)
{
    const struct service *s = p->service;

    sheet_section(&p->s, "h-procedures", "Por trámite", "By procedure");
    sheet_table(&p->s, SAY(p, "Por trámite", "By procedure"),
                " id=\"procedures\" class=\"wide\"");
    group_columns(p, "Trámite", "Procedure");
    for (size_t i = 0; i < s->nprocedures; i++)
        group_row(p, s->procedures[i]);
    sheet_table_end(&p->s);
    sheet_section_end(&p->s);
    sheet_section(&p->s, "h-weeks", "Por semana", "By week");
    sheet_table(&p->s, SAY(p, "Por semana", "By week"),
                " id=\"weeks\" class=\"wide\"");
    group_columns(p, "Lunes", "Monday");
    for (size_t i = 0; i < s->nweeks; i++)
        group_row(p, s->weeks[i]);
    sheet_table_end(&p->s);
    sheet_section_end(&p->s);
}

int service_sheet(struct buf *out, const struct service *service,
                  const struct service_about *about)
{
    struct page p = { .s = { .out = out, .english = about->english },
                      .service = service,
                      .about = about };
    const char *title = SAY(&p, "Servicio: informe", "Service: a report");

    sheet_begin(&p.s, title);
    sheet_put(&p.s, "<header><p class=\"over\">Resguardo</p>\n<h1>%s</h1>\n",
              title);
    put_period(&p);
    sheet_put(&p.s, "</header>\n<main>\n");
    put_tiles(&p);
    put_volume(&p);
    put_times(&p);
    put_clocks(&p);
    put_satisfaction(&p);
    put_groups(&p);
    sheet_put(&p.s, "</main>\n");
    sheet_end(&p.s);
    return p.s.failed ? -1 : 0;
}
