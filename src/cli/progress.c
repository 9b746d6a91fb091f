/* How far it is, on stderr: a bar on a terminal, a line a file elsewhere. */
#include "cli.h"

#include <unistd.h>

#define REDRAW_MS 100
#define BAR_WIDTH 24

void progress_begin(struct progress *p, bool quiet, size_t files,
                    uint64_t bytes)
{
    *p = (struct progress){ .files = files, .bytes = bytes };
    if (!quiet)
        p->kind = isatty(STDERR_FILENO) ? PROGRESS_BAR : PROGRESS_LINES;
}

static void draw(struct progress *p)
{
    double part = p->bytes > 0 ? (double)p->done / (double)p->bytes : 1.0;
    int full = (int)(part * BAR_WIDTH);

    if (full > BAR_WIDTH)
        full = BAR_WIDTH;
    (void)fprintf(stderr, "\r[%.*s%*s] %zu of %zu files, %.1f of %.1f MB ",
                  full, "########################", BAR_WIDTH - full, "",
                  p->file, p->files, (double)p->done / 1e6,
                  (double)p->bytes / 1e6);
    (void)fflush(stderr);
    p->drawn = clock_monotonic();
}

void progress_bytes(struct progress *p, size_t n)
{
    p->done += n;
    if (p->kind == PROGRESS_BAR && clock_monotonic() - p->drawn >= REDRAW_MS)
        draw(p);
}

void progress_file(struct progress *p, const char *name)
{
    p->file++;
    if (p->kind == PROGRESS_BAR)
        draw(p);
    else if (p->kind == PROGRESS_LINES)
        (void)fprintf(stderr, "%zu of %zu: %s\n", p->file, p->files, name);
}

void progress_end(struct progress *p)
{
    if (p->kind == PROGRESS_BAR && p->drawn != 0) {
        draw(p);
        (void)fputs("\n", stderr);
    }
    p->kind = PROGRESS_NONE;
}

/* ---- rows --------------------------------------------------------------- */

#define LINE_MS 2000

void progress_rows_begin(struct progress_rows *p, bool always)
{
    *p = (struct progress_rows){ .bar = isatty(STDERR_FILENO) != 0 };
    p->lines = always && !p->bar;
    /* Rows on the same terminal say themselves how far they are. */
    if (p->bar && !always && isatty(STDOUT_FILENO) != 0)
        p->bar = false;
    p->drawn = clock_monotonic();
}

static void draw_rows(struct progress_rows *p, uint64_t rows)
{
    (void)fprintf(stderr, p->bar ? "\r%llu rows " : "%llu rows\n",
                  (unsigned long long)rows);
    (void)fflush(stderr);
    p->drawn = clock_monotonic();
}

void progress_rows_at(struct progress_rows *p, uint64_t rows)
{
    /* The clock is dearer than a row. */
    if ((!p->bar && !p->lines) || rows % 1024 != 0)
        return;
    if (clock_monotonic() - p->drawn >= (p->bar ? REDRAW_MS : LINE_MS))
        draw_rows(p, rows);
}

void progress_rows_end(struct progress_rows *p, uint64_t rows)
{
    if (p->bar || p->lines)
        draw_rows(p, rows);
    if (p->bar)
        (void)fputs("\n", stderr);
    p->bar = p->lines = false;
}
