/* The loader's parts; see policy.h for what comes out. */
#ifndef RESGUARDO_POLICY_PRIVATE_H
#define RESGUARDO_POLICY_PRIVATE_H

#include "resguardo/policy.h"

/* What stands around the number in "tengo {n} años", folded. */
struct age_pattern {
    char *before, *after;
};
/* Folded whole messages and what they mean; and how an age is said (age.c). */
struct policy_words {
    struct {
        char *text;
        enum policy_word word;
    } * items;
    size_t n, cap;
    struct age_pattern ages[LIMIT_AGES];
    size_t nages;
};

/* Folded, too: phrases by their kind (PHRASE_NONE: what one of them is no part
 * of), courtesies, and titles with the tap that each is. */
struct phrase_list {
    struct phrase {
        char *text, *id;
        size_t len;
        uint64_t begins; /* phrase_begins */
        enum policy_phrase kind;
    } * items;
    size_t n, cap;
};
struct policy_phrases {
    struct phrase_list in, around, titles;
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

/* The keys of consent records (record.c), after purposes. */
int record_load(struct policy *, struct yaml_file *, struct yaml_node *root,
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
/* ---- taking values (reading.c) ------------------------------------------ */

struct reading {
    struct policy *policy;
    struct yaml_file *file;
    struct error *err;
};
/* Always -1: "FILE:LINE: key: what". */
int reading_wrong(const struct reading *, struct yaml_node *, const char *key,
                  const char *what);
/* The list of a member with 1 to max items; NULL with error, or, if it may
 * lack, without one. */
struct yaml_node *reading_list(const struct reading *, struct yaml_node *map,
                               const char *key, size_t max, bool needed,
                               const char *what);
/* The place of a needed word in n of them; -1 with error. */
int reading_word(const struct reading *, struct yaml_node *map, const char *key,
                 const char *const *words, size_t n, const char *what);
/* A needed id of [a-z0-9_]. */
int reading_id(const struct reading *, struct yaml_node *map, const char *key,
               char out[static PURPOSE_SIZE]);
/* These leave *out as it is where nothing is given. */
int reading_flag(const struct reading *, struct yaml_node *map, const char *key,
                 bool *out);
int reading_number(const struct reading *, struct yaml_node *map,
                   const char *key, int min, int max, int *out,
                   const char *what);
int reading_term(const struct reading *, struct yaml_node *map, const char *key,
                 bool needed, struct term *out);
/* One line of at most size - 1 bytes. */
int reading_line(const struct reading *, struct yaml_node *map, const char *key,
                 char *out, size_t size, const char *what);
/* A needed value of one line that texts are filled with under that name. */
int reading_variable(const struct reading *, struct yaml_node *map,
                     const char *key, const char *name, struct variables *);
/* A needed day. */
int reading_day(const struct reading *, struct yaml_node *map, const char *key,
                civil_day *out);

/* ---- parts of policy.yaml ----------------------------------------------- */

/* A purpose's basis, and how long a yes to it lasts (basis.c); after class. */
int basis_load(const struct reading *, struct yaml_node *map,
               struct policy_purpose *);
/* Which purposes the notice in force changed, and the masks of bases; after
 * purposes. */
int substantial_load(const struct reading *, struct yaml_node *root);
/* calendar, and the files that it names. */
int calendar_load(const struct reading *, struct yaml_node *root,
                  const char *folder);
void calendar_free(struct calendar *);
int hours_load(const struct reading *, struct yaml_node *root);
/* The week of a table of hours. */
int hours_week(const struct reading *, struct yaml_node *map, struct hours *);
/* satisfaction (satisfaction.c). */
int satisfaction_load(const struct reading *, struct yaml_node *root);
/* templates and contact_rules; after purposes and calendar. */
int contact_load(const struct reading *, struct yaml_node *root);
int clocks_load(const struct reading *, struct yaml_node *root);
/* After clocks: which of them runs for what people ask for. */
int requests_load(const struct reading *, struct yaml_node *root);
/* Last: which purposes are asked about by themselves, and when. */
int ask_load(const struct reading *, struct yaml_node *root);
/* After that: what a template's buttons lead to. */
int answers_load(const struct reading *, struct yaml_node *root);
/* After purposes, types, rules and clocks. */
int procedures_load(const struct reading *, struct yaml_node *root);

/* ---- notices and texts -------------------------------------------------- */

/* Titles and words of procedures, clocks and the menu. What the first language
 * needs must be there; what another lacks stays NULL. */
int procedure_texts_load(const struct reading *, struct policy_language *,
                         const struct variables *);
/* es-ES and es-CO understand each other. */
bool language_related(const char *a, const char *b);
/* After all languages: gives each what another has, and warns. */
int procedure_texts_fall_back(struct policy *, struct error *);
void procedure_texts_free(struct policy_language *);

/* What texts.LANG.yaml says before it is filled (language_head.c): `values`,
 * which go before those of policy.yaml, and language.offer. */
int language_head_load(struct policy *, struct policy_language *,
                       const char *folder, struct variables *values,
                       struct error *);
/* texts.LANG.yaml → prompts, texts, words of one language. */
int texts_load(struct policy *, struct policy_language *, const char *folder,
               const struct variables *, const char *first_layer,
               struct error *);
/* notices/VERSION/LANG.md → notice bytes; first_layer is the caller's. */
int notice_load(struct policy *, struct policy_language *, const char *folder,
                const struct variables *, char **first_layer, struct error *);
/* phrases and courtesies of one language; after its words. */
int phrases_load(const struct reading *, struct yaml_node *root);
/* After all languages: what rows are titled. */
int phrases_titles(struct policy *, struct error *);
void phrases_free(struct policy_phrases **);
/* A bit for the first two letters of each word: what holds a phrase has all
 * bits of the phrase. */
uint64_t phrase_begins(const char *text);
/* Is it in there, as words of their own? */
bool phrase_in(const char *text, const char *phrase);
/* Is it said where a yes is meant, and is none? */
bool words_nearly_yes(const char *folded);
/* NULL when added, else why not. */
const char *words_add(struct policy_words *, const char *text,
                      enum policy_word);
void words_free(struct policy_words **);
/* Of a word of the list `minor` that has braces: the pattern of an age. */
bool age_is_pattern(const char *text);
/* NULL when added, else why not. */
const char *age_add(struct policy_words *, const char *text);
void ages_free(struct policy_words *);

#endif
