/* ledger: the section `ledger` of the configuration. */
#ifndef CONFIG_LEDGER_H
#define CONFIG_LEDGER_H

#include "reader.h"

int config_ledger_read(struct config_reader *);
/* The list under `witnesses` of that section. */
int config_witnesses_read(struct config_reader *, struct yaml_node *map);

#endif
