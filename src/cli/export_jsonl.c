/* The consent export as lines of JSON: what the desk says, as it says it. */
#include "export_format.h"

static int nothing(struct export_rows *x, struct error *e)
{
    (void)x;
    (void)e;
    return 0;
}

static int row(struct export_rows *x, const char *line, size_t len,
               struct error *e)
{
    if (buf_add(&x->out, line, len) != 0 || buf_adds(&x->out, "\n") != 0)
        return error_set(e, ERR_NOMEM, "no memory for a row");
    return 0;
}

static void no_state(struct export_rows *x)
{
    (void)x;
}

const struct export_format export_jsonl = { .name = "jsonl",
                                            .begin = nothing,
                                            .row = row,
                                            .end = nothing,
                                            .free = no_state };
