/* One element of messages[] or statuses[] as a webhook_item. */
#ifndef RESGUARDO_REGISTRAR_WEBHOOK_ITEM_H
#define RESGUARDO_REGISTRAR_WEBHOOK_ITEM_H

#include "resguardo/webhook.h"

/* -1: no memory. Whatever is odd becomes WEBHOOK_OTHER with a note. */
int webhook_item_message(struct webhook_item *, const struct json_node *message,
                         const struct json_node *contacts, const char *number);
void webhook_item_status(struct webhook_item *, const struct json_node *status,
                         const char *number);
void webhook_item_wipe(struct webhook_item *);

#endif
