/* The envelope of a webhook, written the way Meta writes it. */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

json_t *sim_envelope(struct sim *s, json_t *value, const char *number,
                     const char *account)
{
    char *ours = sim_state_text(s, "phone_number_id");
    char *display = sim_state_text(s, "display_phone_number");
    char *waba = sim_state_text(s, "waba_id");
    json_t *out = NULL;

    json_object_set_new(value, "messaging_product", json_string("whatsapp"));
    json_object_set_new(value, "metadata",
                        json_pack("{s:s,s:s}", "display_phone_number", display,
                                  "phone_number_id",
                                  number != NULL ? number : ours));
    out = json_pack("{s:s,s:[{s:s,s:[{s:s,s:o}]}]}", "object",
                    "whatsapp_business_account", "entry", "id",
                    account != NULL ? account : waba, "changes", "field",
                    "messages", "value", value);
    free(ours);
    free(display);
    free(waba);
    return out;
}

/* Non-ASCII and slashes are escaped on Meta's wire. */
int sim_envelope_text(json_t *envelope, struct buf *out)
{
    char *text = json_dumps(envelope, JSON_COMPACT | JSON_ENSURE_ASCII |
                                          JSON_ESCAPE_SLASH);
    int ok = text != NULL ? buf_adds(out, text) : -1;

    free(text);
    json_decref(envelope);
    return ok;
}
