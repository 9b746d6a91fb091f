/* The loader's parts; see policy.h for what comes out. */
#ifndef RESGUARDO_POLICY_PRIVATE_H
#define RESGUARDO_POLICY_PRIVATE_H

#include "resguardo/policy.h"

/* Folded whole messages and what they mean. */
struct policy_words {
    struct {
        char *text;
        enum policy_word word;
    } * items;
    size_t n, cap;
};

/* What {name} stands for while a policy is being filled. */
#define VARIABLES_MAX 40
struct variables {
    const char *pairs[2 * VARIABLES_MAX + 1];
    char *owned[VARIABLES_MAX];
    size_t n;
};

/* Copies the value; -1 no memory or too many. */
int variables_add(struct variables *, const char *name, const char *value);
void variables_free(struct variables *);

/* Fills a text; a {name} that nobody knows, or a brace of none, is ERR_CONFIG
 * naming `file` (unless NULL) and line. `tags`: element tags {#name} may stand
 * in it. `later` (NULL-ended) are names that are filled when sent. */
char *fill_text(const char *file, const char *text, bool tags,
                const struct variables *, const char *const *later,
                struct error *);

/* What is kept how long: retention_rules, persons_after, erasure, block_for. */
int retention_load(struct policy *, struct yaml_file *, struct yaml_node *root,
                   struct error *);

/* escalate, handover_silence; and what agents say (handover.c). */
int handover_load(struct policy *, struct yaml_file *, struct yaml_node *root,
                  struct error *);
int prepared_load(struct policy_language *, struct yaml_file *,
                  struct yaml_node *root, const struct variables *,
                  struct error *);

/* texts.LANG.yaml → prompts, texts, words of one language. */
int texts_load(struct policy *, struct policy_language *, const char *folder,
               const struct variables *, const char *first_layer,
               struct error *);
/* notices/VERSION/LANG.md → notice bytes; first_layer is the caller's. */
int notice_load(struct policy *, struct policy_language *, const char *folder,
                const struct variables *, char **first_layer, struct error *);
/* NULL when added, else why not. */
const char *words_add(struct policy_words *, const char *text,
                      enum policy_word);
void words_free(struct policy_words **);

#endif
