/* A message with a list to pick from. */
#include "consent_private.h"
#include "mail_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <string.h>

void list_row(struct list_message *l, const char *id, const char *title,
              const char *description)
{
    json_t *row;

    if (l->room == 0)
        return;
    l->room--;
    row = description == NULL ? json_pack("{s:s,s:s}", "id", id, "title", title)
                              : json_pack("{s:s,s:s,s:s}", "id", id, "title",
                                          title, "description", description);
    l->failed |= json_array_append_new(l->rows, row) != 0;
}

int list_send(struct registrar *r, const struct deciding *d,
              struct list_message *l, const char *header, const char *body,
              const char *button, const char *quoted, struct error *err)
{
    json_t *list = json_pack("{s:s,s:{s:s},s:{s:s,s:[{s:o}]}}", "type", "list",
                             "body", "text", body, "action", "button", button,
                             "sections", "rows", l->rows);

    if (list != NULL && header != NULL)
        l->failed |= json_object_set_new(list, "header",
                                         json_pack("{s:s,s:s}", "type", "text",
                                                   "text", header)) != 0;
    if (list == NULL || l->failed) {
        json_decref(list);
        return error_set(err, ERR_NOMEM, "no memory for a list");
    }
    return mail_interactive(r, d->policy, d->subject->id, d->item->number, list,
                            quoted, err);
}
