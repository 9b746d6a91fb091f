/*
 * What the table of commands does not say of its words: what an option is for,
 * which values there are, an example of each command. Help, the check of what
 * was typed and completion in shells go by it.
 */
#ifndef RESGUARDO_CLI_WORDS_H
#define RESGUARDO_CLI_WORDS_H

#include "cli.h"

/* ---- values (vocabulary.c): pure ---------------------------------------- */

/* What can stand in a place. */
struct vocabulary {
    const char *noun, *verb; /* NULL: of any */
    enum option option;      /* OPTION__MAX: an argument */
    const char *argument;    /* its word in the table of commands */
    const char *values;      /* "a|b|c"; a last "…": or something else */
    bool files, folders;     /* a path of this machine */
};
/* Of an option of a command (its value), or of an argument by its word. NULL:
 * anything. */
const struct vocabulary *vocabulary_of(const struct command *, enum option,
                                       const char *argument);
/* May somebody type that here? */
bool vocabulary_has(const struct vocabulary *, const char *value);
/* What was typed, against all of it. ERR_USAGE lists what there is. */
int vocabulary_check(const struct cli *, struct error *);
/* Writes the values with a sign between two. */
void vocabulary_print(FILE *, const struct vocabulary *, const char *between);
/* The word of one of its arguments, without brackets. */
#define ARGUMENT_SIZE 32u
void vocabulary_argument(char out[static ARGUMENT_SIZE], const struct command *,
                         size_t i);

/* ---- words for options and examples (option_words.c, example.c): pure --- */

/* What it is for; "": nobody wrote that yet. */
const char *option_words(enum option);
/* What somebody types after "resguardo", or NULL. */
const char *example_of(const struct command *);

/* ---- completion (completion.c): pure ------------------------------------ */

/* What may stand in the place of the last of these words (it may be begun, or
 * empty), those after the program's name: a line each, word, tab, what it is;
 * or ":files", ":folders" where a path goes. */
int completion_answer(struct buf *out, const struct command *table, size_t n,
                      const char *const *words, size_t nwords);

#endif
