/* The charts of a report: SVG of its own width, with its words in it. Each has
 * a title that says what is seen; the numbers stand in a table beside it. */
#ifndef RESGUARDO_CLI_REPORT_CHART_H
#define RESGUARDO_CLI_REPORT_CHART_H

#include "report.h"
#include "sheet.h"

/* Days put together, so that as many columns fit as a page has room for. */
#define CHART_BINS 62u
struct chart_bins {
    int64_t first; /* day of the first bin */
    int64_t step;  /* days a bin */
    size_t n;
    uint64_t count[CHART_BINS][REPORT_DECISION__MAX];
};
/* From the first to the last day with a decision; n is 0 without any. */
void chart_bins(struct chart_bins *, const struct report *);

/* Stacked columns, a bin each, with a label that says what is seen. */
void chart_columns(struct sheet *, const struct chart_bins *,
                   const char *label);
void chart_decisions(struct sheet *, const struct chart_bins *);
void chart_latency(struct sheet *, const struct report *);
void chart_hours(struct sheet *, const struct report *);
/* A bar in a cell: two parts of `max`. */
void chart_bar(struct sheet *, uint64_t part, uint64_t rest, uint64_t max,
               const char *label);
/* A coloured square before a word. */
void chart_key(struct sheet *, const char *class, const char *word);
/* Monday is 0. */
const char *chart_weekday(const struct sheet *, int day);

#endif
