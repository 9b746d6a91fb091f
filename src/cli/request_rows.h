/* Rows of requests and incidents, as tables and lines show them. */
#ifndef RESGUARDO_REQUEST_ROWS_H
#define RESGUARDO_REQUEST_ROWS_H

#include "cli.h"

/* Times that people read, in place: found, and due where the term is in hours,
 * by the clock of `zone` (NULL: where the term counts). A day stays a day.
 * ERR_INPUT or ERR_CONFIG for a zone that there is not. */
int request_rows_local(json_t *list, const char *zone, struct error *);
/* The columns but those of steps that no row has; as many fit into out. */
void request_rows_columns(const json_t *list, const struct output_column *all,
                          struct output_column *out);
/* One with what was said of it, which is taken out of it. */
int request_row_print(json_t *row, struct error *);

#endif
