/* The witnesses of the configuration: are their keys keys? */
#include "desk_private.h"

int witnesses_check(const struct config *c, struct error *e)
{
    struct ledger_witness w;

    for (size_t i = 0; i < c->nwitnesses; i++)
        if (ledger_witness_parse(&w, c->witnesses[i], e) != 0) {
            struct error why = *e;

            (void)error_set(e, ERR_CONFIG, "%s: witnesses: number %zu: %s",
                            c->path, i + 1, why.text);
            return -1;
        }
    return 0;
}
