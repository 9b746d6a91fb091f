/* The section `ledger` of the configuration: all of it may be missing. */
#include "ledger.h"

int config_ledger_read(struct config_reader *r)
{
    static const char *const keys[] = { "witnesses", NULL };
    struct yaml_node *map = yaml_get(r->f, yaml_root(r->f), "ledger");

    if (map == NULL)
        return 0;
    if (yaml_check_keys(r->f, map, keys, r->e) != 0)
        return -1;
    return config_witnesses_read(r, map);
}
