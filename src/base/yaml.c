/* Asking a YAML tree, and errors that name the line of the key. */
#include "yaml_private.h"

#include <stdio.h>
#include <string.h>

/* A node is libyaml's own; the type is only a name for it. */
static yaml_node_t *inner(struct yaml_node *n)
{
    return (yaml_node_t *)(void *)n;
}

static struct yaml_node *outer(yaml_node_t *n)
{
    return (struct yaml_node *)(void *)n;
}

/* ---- lines -------------------------------------------------------------- */

/* The pair of map whose key is key, or NULL. */
static yaml_node_pair_t *pair_of(struct yaml_file *f, yaml_node_t *map,
                                 const char *key)
{
    yaml_node_pair_t *p;

    if (map == NULL || map->type != YAML_MAPPING_NODE)
        return NULL;
    for (p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
         p++) {
        const char *text = yaml_scalar(yaml_node_at(f, p->key));

        if (text != NULL && strcmp(text, key) == 0)
            return p;
    }
    return NULL;
}

/* The key that node is the value of, or NULL. */
static yaml_node_t *owner_of(struct yaml_file *f, const yaml_node_t *node)
{
    yaml_node_t *n;

    for (n = f->document.nodes.start; n < f->document.nodes.top; n++) {
        yaml_node_pair_t *p;

        if (n->type != YAML_MAPPING_NODE)
            continue;
        for (p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top;
             p++)
            if (yaml_node_at(f, p->value) == node)
                return yaml_node_at(f, p->key);
    }
    return NULL;
}

/* The line to name for key: its own in node, else that of the key which holds
 * node, else node's own. Lines count from 1. */
static size_t line_of(struct yaml_file *f, yaml_node_t *node, const char *key)
{
    yaml_node_pair_t *pair;
    yaml_node_t *owner;

    if (node == NULL)
        node = inner(yaml_root(f));
    if (node == NULL)
        return 1;
    pair = key == NULL ? NULL : pair_of(f, node, key);
    if (pair != NULL)
        return yaml_node_at(f, pair->key)->start_mark.line + 1;
    owner = owner_of(f, node);
    return (owner == NULL ? node : owner)->start_mark.line + 1;
}

__attribute__((format(printf, 5, 0))) static int fail_at(
    const char *name, size_t line, const char *key, struct error *e,
    const char *fmt, va_list ap)
{
    char what[256];

    (void)vsnprintf(what, sizeof(what), fmt, ap);
    if (key == NULL)
        return error_set(e, ERR_CONFIG, "%s:%zu: %s", name, line, what);
    return error_set(e, ERR_CONFIG, "%s:%zu: %s: %s", name, line, key, what);
}

int yaml_fail(const char *name, size_t line, const char *key, struct error *e,
              const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)fail_at(name, line, key, e, fmt, ap);
    va_end(ap);
    return -1;
}

int yaml_error(struct yaml_file *f, struct yaml_node *node, const char *key,
               struct error *e, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)fail_at(f->name, line_of(f, inner(node), key), key, e, fmt, ap);
    va_end(ap);
    return -1;
}

/* ---- walking ------------------------------------------------------------ */

struct yaml_node *yaml_root(struct yaml_file *f)
{
    return outer(yaml_document_get_root_node(&f->document));
}

/* "key:", "key: ~" and "key: null" say that there is no value. */
static bool is_null(const yaml_node_t *n)
{
    static const char *const words[] = { "", "~", "null", "Null", "NULL" };
    const char *text = yaml_scalar(n);

    if (text == NULL || n->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

static bool is_known(const char *key, const char *const *keys)
{
    for (; *keys != NULL; keys++)
        if (strcmp(key, *keys) == 0)
            return true;
    return false;
}

int yaml_check_keys(struct yaml_file *f, struct yaml_node *node,
                    const char *const *keys, struct error *e)
{
    yaml_node_t *map = inner(node);
    yaml_node_pair_t *p;

    if (!yaml_is_map(node)) {
        const yaml_node_t *owner = map == NULL ? NULL : owner_of(f, map);

        return yaml_error(f, node, yaml_scalar(owner), e,
                          "must be a mapping (keys and values)");
    }
    for (p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
         p++) {
        const char *key = yaml_scalar(yaml_node_at(f, p->key));

        if (!is_known(key, keys))
            return yaml_error(f, node, key, e, "unknown key");
    }
    return 0;
}

struct yaml_node *yaml_get(struct yaml_file *f, struct yaml_node *map,
                           const char *key)
{
    yaml_node_pair_t *pair = pair_of(f, inner(map), key);
    yaml_node_t *value = pair == NULL ? NULL : yaml_node_at(f, pair->value);

    return is_null(value) ? NULL : outer(value);
}

struct yaml_node *yaml_item(struct yaml_file *f, struct yaml_node *list,
                            size_t i)
{
    if (!yaml_is_list(list) || i >= yaml_count(list))
        return NULL;
    return outer(yaml_node_at(f, inner(list)->data.sequence.items.start[i]));
}

const char *yaml_key(struct yaml_file *f, struct yaml_node *map, size_t i)
{
    if (!yaml_is_map(map) || i >= yaml_count(map))
        return NULL;
    return yaml_scalar(
        yaml_node_at(f, inner(map)->data.mapping.pairs.start[i].key));
}

size_t yaml_count(struct yaml_node *node)
{
    const yaml_node_t *n = inner(node);

    if (yaml_is_list(node))
        return (size_t)(n->data.sequence.items.top -
                        n->data.sequence.items.start);
    if (yaml_is_map(node))
        return (size_t)(n->data.mapping.pairs.top -
                        n->data.mapping.pairs.start);
    return 0;
}

bool yaml_is_map(struct yaml_node *n)
{
    return n != NULL && inner(n)->type == YAML_MAPPING_NODE;
}

bool yaml_is_list(struct yaml_node *n)
{
    return n != NULL && inner(n)->type == YAML_SEQUENCE_NODE;
}

const char *yaml_text(struct yaml_node *n)
{
    return yaml_scalar(inner(n));
}

const char *yaml_need(struct yaml_file *f, struct yaml_node *map,
                      const char *key, struct error *e)
{
    struct yaml_node *value = yaml_get(f, map, key);

    if (value == NULL)
        (void)yaml_error(f, map, key, e, "is missing");
    else if (yaml_text(value) == NULL)
        (void)yaml_error(f, map, key, e, "must be text");
    return yaml_text(value);
}
