/* ledger.witnesses: whose cosignatures of checkpoints are kept. */
#include "ledger.h"

#include <stdlib.h>
#include <string.h>

/* NAME+HHHHHHHH+BASE64; that it is a key is seen where keys are known. */
static bool looks_like_a_key(const char *text)
{
    const char *plus = text == NULL ? NULL : strchr(text, '+');

    return plus != NULL && plus != text && strlen(text) <= LIMIT_WITNESS_KEY &&
           strcspn(plus + 1, "+") == 8 && plus[9] == '+';
}

int config_witnesses_read(struct config_reader *r, struct yaml_node *map)
{
    struct yaml_node *list = yaml_get(r->f, map, "witnesses"), *item;
    struct config *c = r->c;

    if (list == NULL)
        return 0;
    if (!yaml_is_list(list) || yaml_count(list) > LIMIT_WITNESSES)
        return yaml_error(r->f, map, "witnesses", r->e,
                          "must be a list of at most %u verifier keys",
                          LIMIT_WITNESSES);
    c->witnesses = calloc(yaml_count(list) + 1, sizeof(char *));
    if (c->witnesses == NULL)
        return config_reader_no_memory(r->e);
    for (size_t i = 0; (item = yaml_item(r->f, list, i)) != NULL; i++) {
        const char *text = yaml_text(item);

        if (!looks_like_a_key(text))
            return yaml_error(r->f, map, "witnesses", r->e,
                              "a witness's key is NAME+KEYID+KEY");
        if ((c->witnesses[i] = strdup(text)) == NULL)
            return config_reader_no_memory(r->e);
        c->nwitnesses++;
    }
    return 0;
}
