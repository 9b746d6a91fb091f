/*
 * Lists that somebody's spreadsheet wrote. Whatever is read has as many cells
 * as names, each a text inside the file's own bytes; lines never go back.
 */
#include "cli/csv_in.c"

#include "fuzz.h"

static void check_cells(const struct buf *bytes, const char *const *cells,
                        size_t n)
{
    const char *from = (const char *)bytes->p;

    for (size_t i = 0; i < n; i++) {
        FUZZ_CHECK(cells[i] >= from && cells[i] <= from + bytes->len);
        FUZZ_CHECK(strlen(cells[i]) <= (size_t)(from + bytes->len - cells[i]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    struct buf bytes = { 0 };
    struct csv_in *csv = NULL;
    struct error e = { 0 };
    const char *const *cells;
    const char *what;
    enum csv_row row;
    size_t line, before = 0, n;

    FUZZ_CHECK(buf_adds(&bytes, "") == 0 && buf_add(&bytes, p, len) == 0);
    if (csv_open(&csv, &bytes, &e) == 0) {
        n = csv_names(csv, &cells);
        check_cells(&bytes, cells, n);
        while ((row = csv_next(csv, &cells, &line, &what)) != CSV_END) {
            FUZZ_CHECK(line > before && line <= len + 1);
            FUZZ_CHECK(row == CSV_ROW || what[0] != '\0');
            if (row == CSV_ROW)
                check_cells(&bytes, cells, n);
            before = line;
        }
    }
    csv_close(&csv);
    buf_free(&bytes);
    return 0;
}
