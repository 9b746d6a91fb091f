/*
 * The consent export as CSV. A million rows are read again and again in an
 * audit, so a cell is copied out of the desk's line, and no tree is built.
 */
#include "export_format.h"

#include <string.h>

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a row");
}

static int header(struct export_rows *x, struct error *e)
{
    for (size_t i = 0; x->columns[i] != NULL; i++)
        if (buf_addf(&x->out, "%s%s", i > 0 ? "," : "", x->columns[i]) != 0)
            return no_memory(e);
    return buf_adds(&x->out, "\n") == 0 ? 0 : no_memory(e);
}

static int row(struct export_rows *x, const char *line, size_t len,
               struct error *e)
{
    int made = csv_row(&x->out, x->columns, line, len);

    if (made == -1)
        return no_memory(e);
    return made == 0
               ? 0
               : error_set(e, ERR_VERIFY, "the desk sent a row that is none");
}

static int nothing(struct export_rows *x, struct error *e)
{
    (void)x;
    (void)e;
    return 0;
}

static void no_state(struct export_rows *x)
{
    (void)x;
}

const struct export_format export_csv = {
    .name = "csv", .begin = header, .row = row, .end = nothing, .free = no_state
};
