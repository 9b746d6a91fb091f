/*
 * Do the two readers of JSON (json_parse, json_scan) say the same? One check
 * for the fuzz target and for the unit test.
 */
#ifndef RESGUARDO_TESTS_JSON_SAME_H
#define RESGUARDO_TESTS_JSON_SAME_H

#include <string.h>

#include "resguardo/base.h"

static bool json_same(const json_t *tree, const struct json_node *node);

static bool json_same_object(const json_t *tree, const struct json_node *node)
{
    const struct json_node *end = node + node->span, *k;
    size_t n = 0;

    for (k = node + 1; k < end; k += 1 + k[1].span, n++)
        if (k->kind != JSON_KIND_STRING || strlen(k->p) != k->len ||
            !json_same(json_object_get(tree, k->p), k + 1) ||
            json_node_get(node, k->p) != k + 1)
            return false;
    return k == end && n == json_object_size(tree);
}

static bool json_same_array(const json_t *tree, const struct json_node *node)
{
    const struct json_node *item = NULL;
    size_t n = 0;

    while ((item = json_node_next(node, item)) != NULL)
        if (!json_same(json_array_get(tree, n++), item))
            return false;
    return n == json_array_size(tree);
}

static bool json_same_number(const json_t *tree, const struct json_node *node)
{
    int64_t n = 0;
    bool integer = json_node_integer(node, &n);

    return integer == json_is_integer(tree) &&
           (!integer || n == json_integer_value(tree));
}

static bool json_same(const json_t *tree, const struct json_node *node)
{
    if (tree == NULL)
        return false;
    switch (node->kind) {
    case JSON_KIND_NULL:
        return json_is_null(tree) && node->span == 1;
    case JSON_KIND_FALSE:
        return json_is_false(tree) && node->span == 1;
    case JSON_KIND_TRUE:
        return json_is_true(tree) && node->span == 1;
    case JSON_KIND_NUMBER:
        return json_is_number(tree) && node->span == 1 &&
               json_same_number(tree, node);
    case JSON_KIND_STRING:
        return json_is_string(tree) && node->span == 1 &&
               node->len == json_string_length(tree) &&
               memcmp(node->p, json_string_value(tree), node->len + 1) == 0;
    case JSON_KIND_ARRAY:
        return json_is_array(tree) && json_same_array(tree, node);
    case JSON_KIND_OBJECT:
        return json_is_object(tree) && json_same_object(tree, node);
    }
    return false;
}

/* `tree` is what json_parse made of the bytes; NULL: it refused them. */
static bool json_scan_agrees(const json_t *tree, const void *bytes, size_t len)
{
    struct error e = { 0 };
    struct json_doc *doc = json_scan(bytes, len, &e);
    bool same = doc == NULL ? tree == NULL && e.code == ERR_INPUT
                            : json_same(tree, json_root(doc));

    json_doc_free(&doc);
    return same;
}

#endif
