/* ledger: the section `ledger` of the configuration. */
#ifndef CONFIG_LEDGER_H
#define CONFIG_LEDGER_H

#include "reader.h"

int config_ledger_read(struct config_reader *);

#endif
