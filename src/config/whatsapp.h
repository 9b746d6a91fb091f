/* whatsapp: the section `whatsapp:`, with the numbers. */
#ifndef CONFIG_WHATSAPP_H
#define CONFIG_WHATSAPP_H

#include "reader.h"

int config_whatsapp_read(struct config_reader *);

#endif
