/* What is wrong with rows of a list: all of them are told, none is taken. */
#include "cli.h"

int row_fault_add(json_t *faults, size_t line, const char *column,
                  const char *what, struct error *e)
{
    return json_array_append_new(faults, json_pack("{s:I, s:s, s:s}", "line",
                                                   (json_int_t)line, "column",
                                                   column, "what", what)) == 0
               ? 0
               : error_set(e, ERR_NOMEM, "no memory for a list");
}

int row_faults_show(const struct cli *cli, const json_t *faults,
                    struct error *e)
{
    static const struct output_column columns[] = {
        { "line", "LINE" },
        { "column", "COLUMN" },
        { "what", "WHAT" },
        { NULL, NULL },
    };

    return output_rows(cli, faults, columns, e);
}

int row_faults_refuse(size_t wrong, size_t all, struct error *e)
{
    (void)error_set(e, ERR_INPUT, "%zu of %zu rows are wrong", wrong, all);
    return error_hint(e, "nothing was done; correct them, or leave them out "
                         "with --skip-bad");
}
