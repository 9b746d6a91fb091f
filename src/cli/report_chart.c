/* The charts of a report. Places are in percent, so that words keep their size
 * on a narrow page. */
#include "report_chart.h"

#include <inttypes.h>

const char *chart_weekday(const struct sheet *s, int day)
{
    static const char *const es[] = { "lun", "mar", "mié", "jue",
                                      "vie", "sáb", "dom" };
    static const char *const en[] = { "Mon", "Tue", "Wed", "Thu",
                                      "Fri", "Sat", "Sun" };

    return sheet_say(s, es[day], en[day]);
}

void chart_key(struct sheet *s, const char *class, const char *word)
{
    sheet_put(s,
              "<li><svg width=\"12\" height=\"12\" aria-hidden=\"true\"><rect "
              "width=\"12\" height=\"12\" rx=\"3\" class=\"%s\"/></svg>%s</li>",
              class, word);
}

void chart_bar(struct sheet *s, uint64_t part, uint64_t rest, uint64_t max,
               const char *label)
{
    double scale = max > 0 ? 100.0 / (double)max : 0;
    double first = (double)part * scale, second = (double)rest * scale;

    sheet_put(s, "<svg height=\"12\" role=\"img\" aria-label=\"");
    sheet_text(s, label);
    sheet_put(s, "\"><rect width=\"100%%\" height=\"12\" rx=\"3\" "
                 "class=\"none\"/>");
    if (part > 0)
        sheet_put(s,
                  "<rect width=\"%.2f%%\" height=\"12\" rx=\"3\" "
                  "class=\"f0\"/>",
                  first);
    if (rest > 0)
        sheet_put(s,
                  "<rect x=\"%.2f%%\" width=\"%.2f%%\" height=\"12\" "
                  "rx=\"3\" class=\"f1\"/>",
                  first, second);
    sheet_put(s, "</svg>");
}

/* ---- decisions over time ------------------------------------------------ */

void chart_bins(struct chart_bins *b, const struct report *r)
{
    static const int64_t steps[] = { 1, 7, 28, 91, 364, 3640 };
    int64_t span;
    size_t k = 0;

    *b = (struct chart_bins){ .n = 0 };
    if (r->ndays == 0)
        return;
    b->first = r->days[0].day;
    span = r->days[r->ndays - 1].day - b->first + 1;
    while (k + 1 < sizeof(steps) / sizeof(*steps) &&
           span > steps[k] * (int64_t)CHART_BINS)
        k++;
    b->step = steps[k];
    for (size_t i = 0; i < r->ndays; i++) {
        size_t at = (size_t)((r->days[i].day - b->first) / b->step);

        /* A clock that was centuries off goes to the last one. */
        if (at >= CHART_BINS)
            at = CHART_BINS - 1;
        for (int d = 0; d < REPORT_DECISION__MAX; d++)
            b->count[at][d] += r->days[i].n[d];
        if (at >= b->n)
            b->n = at + 1;
    }
}

#define LEFT   9.0 /* percent, for the numbers of the grid */
#define TOP    14.0
#define BOTTOM 186.0

/* 1, 2 or 5 times a power of ten, so that four steps reach `max`. */
static uint64_t nice_step(uint64_t max)
{
    static const uint64_t nice[] = { 1, 2, 5 };
    uint64_t power = 1;

    for (size_t i = 0;; i++) {
        if (i == 3) {
            i = 0;
            power *= 10;
        }
        if (nice[i] * power * 4 >= max || power > UINT64_MAX / 1000)
            return nice[i] * power;
    }
}

static uint64_t tallest(const struct chart_bins *b)
{
    uint64_t max = 1;

    for (size_t i = 0; i < b->n; i++) {
        uint64_t sum = 0;

        for (int d = 0; d < REPORT_DECISION__MAX; d++)
            sum += b->count[i][d];
        max = sum > max ? sum : max;
    }
    return max;
}

static void draw_grid(struct sheet *s, uint64_t step, uint64_t top)
{
    char text[SHEET_PLAIN];

    for (uint64_t v = 0; v <= top; v += step) {
        double y = BOTTOM - (BOTTOM - TOP) * (double)v / (double)top;

        sheet_plain(s, text, v);
        sheet_put(s,
                  "<line x1=\"%.1f%%\" x2=\"100%%\" y1=\"%.1f\" y2=\"%.1f\" "
                  "class=\"grid\"/><text x=\"0\" y=\"%.1f\">%s</text>",
                  LEFT, y, y, y + 4, text);
    }
}

static void draw_column(struct sheet *s, const struct chart_bins *b, size_t i,
                        uint64_t top)
{
    size_t slots = b->n < 12 ? 12 : b->n;
    double slot = (100 - LEFT) / (double)slots, y = BOTTOM;
    char day[SHEET_PLAIN];

    sheet_day(s, day, b->first + (int64_t)i * b->step, false);
    sheet_put(s,
              "<g><title>%s: %" PRIu64 " / %" PRIu64 " / %" PRIu64 " / %" PRIu64
              "</title>",
              day, b->count[i][0], b->count[i][1], b->count[i][2],
              b->count[i][3]);
    for (int d = 0; d < REPORT_DECISION__MAX; d++) {
        double h = (BOTTOM - TOP) * (double)b->count[i][d] / (double)top;

        if (b->count[i][d] == 0)
            continue;
        y -= h;
        sheet_put(s,
                  "<rect x=\"%.2f%%\" y=\"%.1f\" width=\"%.2f%%\" "
                  "height=\"%.1f\" rx=\"2\" class=\"f%d\"/>",
                  LEFT + slot * ((double)i + 0.12), y, slot * 0.76,
                  h > 2 ? h - 1 : h, d);
    }
    sheet_put(s, "</g>");
}

/* Four days below, as far as there are. */
static void draw_days(struct sheet *s, const struct chart_bins *b)
{
    size_t slots = b->n < 12 ? 12 : b->n, every = (b->n + 3) / 4;
    double slot = (100 - LEFT) / (double)slots;
    bool year = b->step >= 28;

    for (size_t i = 0; i < b->n; i += every) {
        char day[SHEET_PLAIN];
        double x = LEFT + slot * ((double)i + 0.12);
        bool end = x > 85;

        sheet_day(s, day, b->first + (int64_t)i * b->step, year);
        sheet_put(s,
                  "<text x=\"%.2f%%\" y=\"206\" text-anchor=\"%s\">%s"
                  "</text>",
                  end ? x + slot * 0.76 : x, end ? "end" : "start", day);
    }
}

void chart_columns(struct sheet *s, const struct chart_bins *b,
                   const char *label)
{
    uint64_t max = tallest(b), step = nice_step(max);
    uint64_t top = (max + step - 1) / step * step;

    sheet_put(s,
              "<svg class=\"chart\" height=\"212\" role=\"img\" "
              "aria-label=\"%s\">",
              label);
    draw_grid(s, step, top);
    for (size_t i = 0; i < b->n; i++)
        draw_column(s, b, i, top);
    draw_days(s, b);
    sheet_put(s, "</svg>\n");
}

void chart_decisions(struct sheet *s, const struct chart_bins *b)
{
    chart_columns(s, b,
                  sheet_say(s,
                            "Columnas: decisiones dadas, rechazadas, retiradas "
                            "y vencidas a lo largo del tiempo. Las cifras "
                            "están en la tabla que sigue.",
                            "Columns: decisions given, refused, withdrawn and "
                            "expired over time. The numbers are in the table "
                            "below."));
}

/* ---- latency ------------------------------------------------------------ */

#define AXIS_FROM 100.0 /* ms */
#define AXIS_TO   ((double)MSEC_D)

/* Close enough for a place on a page: straight between powers of two. */
static double log2_about(double x)
{
    double n = 0;

    for (; x >= 2; x /= 2)
        n++;
    return n + (x - 1);
}

static double axis_at(double t)
{
    double full = log2_about(AXIS_TO / AXIS_FROM);

    if (t <= AXIS_FROM)
        return 1;
    if (t >= AXIS_TO)
        return 98;
    return 1 + 97 * log2_about(t / AXIS_FROM) / full;
}

static void draw_strip(struct sheet *s, const struct latency *l, double y,
                       const char *name)
{
    double half = axis_at((double)latency_at(l, 50));
    double most = axis_at((double)latency_at(l, 95));
    double all = axis_at((double)l->max);

    sheet_put(s,
              "<text x=\"0\" y=\"%.0f\" class=\"name\">%s</text>"
              "<line x1=\"1%%\" x2=\"98%%\" y1=\"%.0f\" y2=\"%.0f\" "
              "class=\"rail\"/>",
              y - 14, name, y, y);
    if (l->n == 0)
        return;
    sheet_put(s,
              "<line x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%.0f\" y2=\"%.0f\" "
              "class=\"s0\" stroke-width=\"2\"/>",
              half, all, y, y);
    sheet_put(s,
              "<circle cx=\"%.2f%%\" cy=\"%.0f\" r=\"6\" class=\"f3 mark\"/>"
              "<circle cx=\"%.2f%%\" cy=\"%.0f\" r=\"6\" class=\"f1 mark\"/>"
              "<circle cx=\"%.2f%%\" cy=\"%.0f\" r=\"7\" class=\"f0 mark\"/>",
              all, y, most, y, half, y);
}

void chart_latency(struct sheet *s, const struct report *r)
{
    static const struct {
        msec at;
        const char *es, *en;
    } ticks[] = {
        { 100, "0,1 s", "0.1 s" },      { 1000, "1 s", "1 s" },
        { 10000, "10 s", "10 s" },      { 60000, "1 min", "1 min" },
        { 600000, "10 min", "10 min" }, { MSEC_H, "1 h", "1 h" },
        { MSEC_D, "1 d", "1 d" },
    };

    sheet_put(s,
              "<svg class=\"chart\" height=\"118\" role=\"img\" "
              "aria-label=\"%s\">",
              sheet_say(s,
                        "Escala de 0,1 segundos a 1 día con la mediana, el "
                        "95 % y el máximo de cada paso. Las cifras están en la "
                        "tabla que sigue.",
                        "A scale from 0.1 seconds to 1 day with the median, "
                        "the 95 % and the longest of each step. The numbers "
                        "are in the table below."));
    for (size_t i = 0; i < sizeof(ticks) / sizeof(*ticks); i++) {
        double x = axis_at((double)ticks[i].at);

        sheet_put(s,
                  "<line x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"26\" y2=\"94\" "
                  "class=\"grid\"/><text x=\"%.2f%%\" y=\"112\" "
                  "text-anchor=\"%s\">%s</text>",
                  x, x, x,
                  x < 2    ? "start"
                  : x > 97 ? "end"
                           : "middle",
                  sheet_say(s, ticks[i].es, ticks[i].en));
    }
    draw_strip(s, &r->to_closed, 36,
               sheet_say(s, "Hasta cerrar la puerta", "Until the gate closed"));
    draw_strip(s, &r->to_blocked, 80,
               sheet_say(s, "Hasta bloquear los documentos",
                         "Until documents were blocked"));
    sheet_put(s, "</svg>\n");
}

/* ---- hours -------------------------------------------------------------- */

#define CELL 22

static void draw_hour(struct sheet *s, const struct report *r, int day,
                      int hour, uint64_t max)
{
    bool late = hours_usually_over(&r->office, day, hour);
    uint64_t n = r->hours[day][hour];
    double x = 12 + 88.0 / 24 * hour;

    sheet_put(s,
              "<rect x=\"%.2f%%\" y=\"%d\" width=\"%.2f%%\" height=\"%d\" "
              "rx=\"3\" class=\"%s\"",
              x, day * CELL, 88.0 / 24 - 0.4, CELL - 3,
              n == 0 ? "none"
              : late ? "f1"
                     : "f0");
    if (n > 0)
        sheet_put(s, " fill-opacity=\"%.2f\"",
                  0.35 + 0.65 * (double)n / (double)max);
    sheet_put(s, "><title>%s %02d:00: %" PRIu64 "</title></rect>",
              chart_weekday(s, day), hour, n);
}

void chart_hours(struct sheet *s, const struct report *r)
{
    uint64_t max = 1;

    for (int d = 0; d < 7; d++)
        for (int h = 0; h < 24; h++)
            max = r->hours[d][h] > max ? r->hours[d][h] : max;
    sheet_put(s,
              "<svg class=\"chart\" height=\"%d\" role=\"img\" "
              "aria-label=\"%s\">",
              7 * CELL + 18,
              sheet_say(s,
                        "Cuadrícula de accesos por día de la semana y hora. "
                        "Las cifras están en la tabla que sigue.",
                        "A grid of accesses by day of the week and hour. The "
                        "numbers are in the table below."));
    for (int d = 0; d < 7; d++) {
        sheet_put(s, "<text x=\"0\" y=\"%d\">%s</text>", d * CELL + 14,
                  chart_weekday(s, d));
        for (int h = 0; h < 24; h++)
            draw_hour(s, r, d, h, max);
    }
    for (int h = 0; h < 24; h += 6)
        sheet_put(s, "<text x=\"%.2f%%\" y=\"%d\">%02d:00</text>",
                  12 + 88.0 / 24 * h, 7 * CELL + 14, h);
    sheet_put(s, "</svg>\n");
}
