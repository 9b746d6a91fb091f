/* What the two files of the YAML reader share. */
#ifndef RESGUARDO_YAML_PRIVATE_H
#define RESGUARDO_YAML_PRIVATE_H

#include "resguardo/base.h"

#include <yaml.h>

struct yaml_file {
    char *name;
    yaml_document_t document;
    bool loaded;
};

static inline yaml_node_t *yaml_node_at(struct yaml_file *f, int index)
{
    return yaml_document_get_node(&f->document, index);
}

/* Text of a scalar, NULL of anything else. */
static inline const char *yaml_scalar(const yaml_node_t *n)
{
    if (n == NULL || n->type != YAML_SCALAR_NODE)
        return NULL;
    return (const char *)n->data.scalar.value;
}

/* ERR_CONFIG "NAME:LINE: KEY: what", without "KEY: " if key is NULL. */
int yaml_fail(const char *name, size_t line, const char *key, struct error *,
              const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#endif
