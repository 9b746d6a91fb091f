#include "resguardo/base.h"
#include "resguardo/limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

/* Our files need four levels; libyaml slows down on very deep ones. */
#define DEPTH_MAX 16u

struct yaml_file {
    char *name;
    yaml_document_t document;
    bool loaded;
};

/* A node is libyaml's own; the type is only a name for it. */
static yaml_node_t *inner(struct yaml_node *n)
{
    return (yaml_node_t *)(void *)n;
}

static struct yaml_node *outer(yaml_node_t *n)
{
    return (struct yaml_node *)(void *)n;
}

static yaml_node_t *node_at(struct yaml_file *f, int index)
{
    return yaml_document_get_node(&f->document, index);
}

static const char *scalar_text(const yaml_node_t *n)
{
    if (n == NULL || n->type != YAML_SCALAR_NODE)
        return NULL;
    return (const char *)n->data.scalar.value;
}

/* ---- lines ------------------------------------------------------------------
 */

/* The pair of map whose key is key, or NULL. */
static yaml_node_pair_t *pair_of(struct yaml_file *f, yaml_node_t *map,
                                 const char *key)
{
    yaml_node_pair_t *p;

    if (map == NULL || map->type != YAML_MAPPING_NODE)
        return NULL;
    for (p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
         p++) {
        const char *text = scalar_text(node_at(f, p->key));

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
            if (node_at(f, p->value) == node)
                return node_at(f, p->key);
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
        return node_at(f, pair->key)->start_mark.line + 1;
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

__attribute__((format(printf, 5, 6))) static int fail_line(const char *name,
                                                           size_t line,
                                                           const char *key,
                                                           struct error *e,
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

/* ---- reading ----------------------------------------------------------------
 */

static int start(yaml_parser_t *parser, const void *bytes, size_t n,
                 const char *name, struct error *e)
{
    if (yaml_parser_initialize(parser) == 0)
        return error_set(e, ERR_NOMEM, "no memory to read %s", name);
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(parser, bytes, n);
    return 0;
}

static size_t line_of_offset(const char *bytes, size_t n, size_t offset)
{
    size_t line = 1;

    for (size_t i = 0; i < n && i < offset; i++)
        line += bytes[i] == '\n';
    return line;
}

/* libyaml's sentences are constants: they quote nothing of the file. */
static int refuse(const yaml_parser_t *parser, const char *name,
                  const void *bytes, size_t n, struct error *e)
{
    const char *what = parser->problem == NULL ? "" : parser->problem;
    size_t line = parser->problem_mark.line + 1;

    if (parser->error == YAML_MEMORY_ERROR)
        return error_set(e, ERR_NOMEM, "no memory to read %s", name);
    if (parser->error == YAML_READER_ERROR)
        line = line_of_offset(bytes, n, parser->problem_offset);
    return fail_line(name, line, NULL, e, "not YAML: %s", what);
}

/* What a configuration has no use for and an attacker has. */
static const char *unwanted(const yaml_event_t *event, unsigned *depth)
{
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return "aliases are not accepted";
    case YAML_SCALAR_EVENT:
        if (event->data.scalar.anchor != NULL)
            return "anchors are not accepted";
        if (event->data.scalar.tag != NULL)
            return "tags are not accepted";
        if (memchr(event->data.scalar.value, 0, event->data.scalar.length))
            return "a NUL character is not accepted";
        return NULL;
    case YAML_SEQUENCE_START_EVENT:
        if (event->data.sequence_start.anchor != NULL)
            return "anchors are not accepted";
        if (event->data.sequence_start.tag != NULL)
            return "tags are not accepted";
        return ++*depth > DEPTH_MAX ? "it is nested too deep" : NULL;
    case YAML_MAPPING_START_EVENT:
        if (event->data.mapping_start.anchor != NULL)
            return "anchors are not accepted";
        if (event->data.mapping_start.tag != NULL)
            return "tags are not accepted";
        return ++*depth > DEPTH_MAX ? "it is nested too deep" : NULL;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        --*depth;
        return NULL;
    default:
        return NULL;
    }
}

/* Reads all events once: the tree, made after, shows no aliases any more. */
static int check_events(const char *name, const void *bytes, size_t n,
                        struct error *e)
{
    yaml_parser_t parser;
    unsigned depth = 0, documents = 0;
    bool end = false;

    if (start(&parser, bytes, n, name, e) != 0)
        return -1;
    while (!end) {
        yaml_event_t event;
        const char *what;

        if (yaml_parser_parse(&parser, &event) == 0) {
            (void)refuse(&parser, name, bytes, n, e);
            break;
        }
        what = unwanted(&event, &depth);
        if (event.type == YAML_DOCUMENT_START_EVENT && ++documents > 1)
            what = "a second document is not accepted";
        end = event.type == YAML_STREAM_END_EVENT;
        if (end && documents == 0)
            what = "the file is empty";
        if (what != NULL)
            (void)fail_line(name, event.start_mark.line + 1, NULL, e, "%s",
                            what);
        yaml_event_delete(&event);
        if (what != NULL) {
            end = false;
            break;
        }
    }
    yaml_parser_delete(&parser);
    return end ? 0 : -1;
}

static int load_tree(struct yaml_file *f, const void *bytes, size_t n,
                     struct error *e)
{
    yaml_parser_t parser;

    if (start(&parser, bytes, n, f->name, e) != 0)
        return -1;
    f->loaded = yaml_parser_load(&parser, &f->document) != 0;
    if (!f->loaded)
        (void)refuse(&parser, f->name, bytes, n, e);
    yaml_parser_delete(&parser);
    return f->loaded ? 0 : -1;
}

/* ---- keys are text, each once
 * ------------------------------------------------ */

static int compare_keys(const void *one, const void *two)
{
    const yaml_node_t *a = *(yaml_node_t *const *)one;
    const yaml_node_t *b = *(yaml_node_t *const *)two;
    int order = strcmp(scalar_text(a), scalar_text(b));

    if (order != 0)
        return order;
    return a->start_mark.index < b->start_mark.index ? -1 : 1;
}

static int check_sorted(struct yaml_file *f, yaml_node_t *const *keys, size_t n,
                        struct error *e)
{
    for (size_t i = 1; i < n; i++) {
        const char *text = scalar_text(keys[i]);

        if (strcmp(text, scalar_text(keys[i - 1])) == 0)
            return fail_line(f->name, keys[i]->start_mark.line + 1, text, e,
                             "given twice");
    }
    return 0;
}

static int check_mapping(struct yaml_file *f, yaml_node_t *map, struct error *e)
{
    yaml_node_pair_t *first = map->data.mapping.pairs.start;
    size_t n = (size_t)(map->data.mapping.pairs.top - first);
    yaml_node_t **keys = calloc(n + 1, sizeof(yaml_node_t *));
    int ok = -1;

    if (keys == NULL) {
        (void)error_set(e, ERR_NOMEM, "no memory to read %s", f->name);
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        keys[i] = node_at(f, first[i].key);
        if (scalar_text(keys[i]) == NULL) {
            (void)fail_line(f->name, map->start_mark.line + 1, NULL, e,
                            "a key must be plain text");
            goto out;
        }
    }
    qsort(keys, n, sizeof(yaml_node_t *), compare_keys);
    ok = check_sorted(f, keys, n, e);
out:
    free(keys);
    return ok;
}

static int check_mappings(struct yaml_file *f, struct error *e)
{
    yaml_node_t *n;

    for (n = f->document.nodes.start; n < f->document.nodes.top; n++)
        if (n->type == YAML_MAPPING_NODE && check_mapping(f, n, e) != 0)
            return -1;
    return 0;
}

/* ---- files
 * ------------------------------------------------------------------- */

struct yaml_file *yaml_parse(const char *name, const void *bytes, size_t n,
                             struct error *e)
{
    struct yaml_file *f = calloc(1, sizeof(*f));

    if (f != NULL)
        f->name = strdup(name);
    if (f == NULL || f->name == NULL) {
        (void)error_set(e, ERR_NOMEM, "no memory to read %s", name);
        goto fail;
    }
    if (check_events(name, bytes, n, e) != 0 ||
        load_tree(f, bytes, n, e) != 0 || check_mappings(f, e) != 0)
        goto fail;
    return f;
fail:
    yaml_close(&f);
    return NULL;
}

struct yaml_file *yaml_load(const char *path, struct error *e)
{
    struct buf text = { 0 };
    struct yaml_file *f = NULL;

    if (file_read(path, LIMIT_YAML_BYTES, &text, e) != 0)
        e->code = e->code == ERR_NOMEM ? ERR_NOMEM : ERR_CONFIG;
    else
        f = yaml_parse(path, text.p, text.len, e);
    buf_free(&text);
    return f;
}

void yaml_close(struct yaml_file **f)
{
    if (*f == NULL)
        return;
    if ((*f)->loaded)
        yaml_document_delete(&(*f)->document);
    free((*f)->name);
    free(*f);
    *f = NULL;
}

/* ---- walking
 * ----------------------------------------------------------------- */

struct yaml_node *yaml_root(struct yaml_file *f)
{
    return outer(yaml_document_get_root_node(&f->document));
}

/* "key:", "key: ~" and "key: null" say that there is no value. */
static bool is_null(const yaml_node_t *n)
{
    static const char *const words[] = { "", "~", "null", "Null", "NULL" };
    const char *text = scalar_text(n);

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

        return yaml_error(f, node, scalar_text(owner), e,
                          "must be a mapping (keys and values)");
    }
    for (p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
         p++) {
        const char *key = scalar_text(node_at(f, p->key));

        if (!is_known(key, keys))
            return yaml_error(f, node, key, e, "unknown key");
    }
    return 0;
}

struct yaml_node *yaml_get(struct yaml_file *f, struct yaml_node *map,
                           const char *key)
{
    yaml_node_pair_t *pair = pair_of(f, inner(map), key);
    yaml_node_t *value = pair == NULL ? NULL : node_at(f, pair->value);

    return is_null(value) ? NULL : outer(value);
}

struct yaml_node *yaml_item(struct yaml_file *f, struct yaml_node *list,
                            size_t i)
{
    if (!yaml_is_list(list) || i >= yaml_count(list))
        return NULL;
    return outer(node_at(f, inner(list)->data.sequence.items.start[i]));
}

const char *yaml_key(struct yaml_file *f, struct yaml_node *map, size_t i)
{
    if (!yaml_is_map(map) || i >= yaml_count(map))
        return NULL;
    return scalar_text(node_at(f, inner(map)->data.mapping.pairs.start[i].key));
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
    return scalar_text(inner(n));
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
