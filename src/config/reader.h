/* reader: single values out of the YAML tree, with the errors they deserve. */
#ifndef CONFIG_READER_H
#define CONFIG_READER_H

#include "resguardo/config.h"

struct config_reader {
    struct yaml_file *f;
    struct config *c;
    struct error *e;
};

int config_reader_no_memory(struct error *);
/* A copy of the text under key: there, not empty, at most LIMIT_NAME bytes,
 * no control characters. `may`: *out stays NULL when it is absent. `path`:
 * made absolute by the configuration's folder. */
int config_reader_need_text(struct config_reader *, struct yaml_node *map,
                            const char *key, char **out);
int config_reader_may_text(struct config_reader *, struct yaml_node *map,
                           const char *key, char **out);
int config_reader_need_path(struct config_reader *, struct yaml_node *map,
                            const char *key, char **out);
int config_reader_may_path(struct config_reader *, struct yaml_node *map,
                           const char *key, char **out);
/* 0 when wrong is NULL, else an error at the key that says it. */
int config_reader_judge(struct config_reader *, struct yaml_node *map,
                        const char *key, const char *wrong);
/* Refuses a value that only a later version takes. */
int config_reader_refuse(struct config_reader *, struct yaml_node *map,
                         const char *key);
/* The mapping under key of the root, which must be there and have none but
 * these keys; NULL with error. */
struct yaml_node *config_reader_section(struct config_reader *, const char *key,
                                        const char *const *keys);

#endif
