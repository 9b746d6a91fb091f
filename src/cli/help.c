/* help, and --help: from the tables to what people read. */
#include "words.h"

#include <stdlib.h>
#include <string.h>

#define HELP_WIDTH  78u
#define HELP_INDENT 8
#define OPTION_SIZE 64u

/* Prints a word of a line; one that does not fit begins another. */
static void print_word(FILE *out, size_t *column, size_t indent,
                       const char *word)
{
    size_t width = utf8_count(word) + 1;

    if (*column + width > HELP_WIDTH) {
        (void)fprintf(out, "\n%*s", (int)indent, "");
        *column = indent;
    }
    (void)fprintf(out, " %s", word);
    *column += width;
}

/* Words with a space between two, from a column on. */
static void print_words(FILE *out, size_t indent, const char *text)
{
    char word[256];
    size_t column = indent;

    while (*text != '\0') {
        size_t n = strcspn(text, " ");

        (void)snprintf(word, sizeof(word), "%.*s", (int)n, text);
        print_word(out, &column, indent, word);
        text += n + (text[n] == ' ');
    }
    (void)fputs("\n", out);
}

/* "--state STATE" */
static void option_text(char out[static OPTION_SIZE], enum option o)
{
    const struct option_form *form = option_form(o);

    (void)snprintf(out, OPTION_SIZE, "%s%s%s", form->name,
                   form->value != NULL ? " " : "",
                   form->value != NULL ? form->value : "");
}

static void print_options(FILE *out, size_t *column, option_set set,
                          bool needed)
{
    char text[OPTION_SIZE], word[OPTION_SIZE + 2];

    for (enum option o = 0; o < OPTION__MAX; o++) {
        if ((set & OPTION_BIT_OF(o)) == 0)
            continue;
        option_text(text, o);
        (void)snprintf(word, sizeof(word), needed ? "%s" : "[%s]", text);
        print_word(out, column, HELP_INDENT + 2, word);
    }
}

static void print_usage(FILE *out, const struct command *c)
{
    size_t column = 1;

    (void)fputs(" ", out);
    print_word(out, &column, HELP_INDENT + 2, c->noun);
    if (c->verb != NULL)
        print_word(out, &column, HELP_INDENT + 2, c->verb);
    if (c->argument != NULL)
        print_word(out, &column, HELP_INDENT + 2, c->argument);
    print_options(out, &column, c->required, true);
    print_options(out, &column, c->options, false);
    (void)fputs("\n", out);
}

static void print_global(FILE *out)
{
    (void)fputs("usage: resguardo [--socket PATH|ssh://[USER@]HOST[:PORT]]\n"
                "       [--identity FILE] [--json] "
                "NOUN VERB …\n\n",
                out);
}

static void print_end(FILE *out)
{
    (void)fputs("\nenvironment: RESGUARDO_SOCKET, RESGUARDO_IDENTITY\n"
                "exit codes: 0 done, 1 failed, 2 usage, 3 not found, "
                "4 not permitted,\n            5 verification failed\n"
                "more: man resguardo\n",
                out);
}

static void print_example(FILE *out, const char *line)
{
    if (line != NULL)
        (void)fprintf(out, "    $ resguardo %s\n", line);
}

/* ---- all, a noun's ------------------------------------------------------ */

void help_all(FILE *out, const struct command *table, size_t n)
{
    print_global(out);
    for (size_t i = 0; i < n; i++) {
        const struct command *c = &table[i];

        (void)fprintf(
            out, "  %s%s%s%s%s\n", c->noun, c->verb != NULL ? " " : "",
            c->verb != NULL ? c->verb : "", c->argument != NULL ? " " : "",
            c->argument != NULL ? c->argument : "");
        (void)fprintf(out, "%*s", HELP_INDENT - 1, "");
        print_words(out, HELP_INDENT - 1, c->summary);
    }
    (void)fputs("\noptions and examples: resguardo NOUN --help, or "
                "resguardo help NOUN VERB\n",
                out);
    print_end(out);
}

void help_noun(FILE *out, const struct command *table, size_t n,
               const char *noun)
{
    print_global(out);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(table[i].noun, noun) != 0)
            continue;
        print_usage(out, &table[i]);
        (void)fprintf(out, "%*s", HELP_INDENT - 1, "");
        print_words(out, HELP_INDENT - 1, table[i].summary);
    }
    (void)fputs("\nexamples:\n", out);
    for (size_t i = 0; i < n; i++)
        if (strcmp(table[i].noun, noun) == 0)
            print_example(out, example_of(&table[i]));
    print_end(out);
}

/* ---- one command -------------------------------------------------------- */

static void print_values(FILE *out, const struct vocabulary *v)
{
    char *list = NULL;
    size_t len = 0;
    FILE *text;

    if (v == NULL || v->values == NULL)
        return;
    text = open_memstream(&list, &len);
    if (text == NULL)
        return;
    (void)fputs("one of: ", text);
    vocabulary_print(text, v, ", ");
    if (fclose(text) == 0) {
        (void)fprintf(out, "%*s", HELP_INDENT - 1, "");
        print_words(out, HELP_INDENT - 1, list);
    }
    free(list);
}

static void explain_option(FILE *out, const struct command *c, enum option o)
{
    char text[OPTION_SIZE];

    option_text(text, o);
    (void)fprintf(out, "  %s\n%*s%s\n", text, HELP_INDENT, "", option_words(o));
    print_values(out, vocabulary_of(c, o, NULL));
}

static void explain_arguments(FILE *out, const struct command *c)
{
    for (size_t i = 0; i < command_arguments(c); i++) {
        char word[ARGUMENT_SIZE];
        const struct vocabulary *v;

        vocabulary_argument(word, c, i);
        v = vocabulary_of(c, OPTION__MAX, word);
        if (v == NULL || v->values == NULL)
            continue;
        (void)fprintf(out, "  %s\n", word);
        print_values(out, v);
    }
}

void help_command(FILE *out, const struct command *c)
{
    const option_set own = c->required | c->options;

    print_global(out);
    print_usage(out, c);
    (void)fprintf(out, "%*s", HELP_INDENT - 1, "");
    print_words(out, HELP_INDENT - 1, c->summary);
    if (own != 0 || command_arguments(c) > 0)
        (void)fputs("\n", out);
    explain_arguments(out, c);
    for (enum option o = 0; o < OPTION__MAX; o++)
        if ((own & OPTION_BIT_OF(o)) != 0)
            explain_option(out, c, o);
    (void)fputs("\nexample:\n", out);
    print_example(out, example_of(c));
    print_end(out);
}

void help_show(FILE *out, const struct cli *cli)
{
    if (cli->command != NULL)
        help_command(out, cli->command);
    else if (cli->noun != NULL)
        help_noun(out, cli->table, cli->ncommands, cli->noun);
    else
        help_all(out, cli->table, cli->ncommands);
}

/* ---- for programs ------------------------------------------------------- */

static json_t *values_json(const struct vocabulary *v)
{
    json_t *list;

    if (v == NULL || v->values == NULL)
        return json_null();
    list = json_array();
    for (const char *at = v->values; *at != '\0';) {
        size_t n = strcspn(at, "|");

        (void)json_array_append_new(list, json_stringn(at, n));
        at += n + (at[n] == '|');
    }
    return list;
}

static json_t *options_json(const struct command *c)
{
    json_t *list = json_array();

    for (enum option o = 0; o < OPTION__MAX; o++) {
        const option_set bit = OPTION_BIT_OF(o);

        if (((c->required | c->options) & bit) != 0)
            (void)json_array_append_new(
                list,
                json_pack("{s:s, s:s?, s:b, s:s, s:o}", "name",
                          option_form(o)->name, "value", option_form(o)->value,
                          "required", (c->required & bit) != 0, "about",
                          option_words(o), "values",
                          values_json(vocabulary_of(c, o, NULL))));
    }
    return list;
}

static int show_json(const struct cli *cli, struct error *e)
{
    json_t *list = json_array();
    int ok;

    for (size_t i = 0; i < cli->ncommands; i++) {
        const struct command *c = &cli->table[i];

        (void)json_array_append_new(
            list, json_pack("{s:s, s:s?, s:s?, s:s, s:s?, s:o}", "noun",
                            c->noun, "verb", c->verb, "argument", c->argument,
                            "summary", c->summary, "example", example_of(c),
                            "options", options_json(c)));
    }
    ok = output_json(stdout, list, e);
    json_decref(list);
    return ok;
}

/* ---- the command -------------------------------------------------------- */

int help_run(const struct cli *cli, struct error *e)
{
    struct cli about = { .table = cli->table,
                         .ncommands = cli->ncommands,
                         .noun = cli->argument };

    if (cli->json && cli->argument == NULL)
        return show_json(cli, e) != 0 ? -1 : output_end(stdout, e);
    if (cli->argument != NULL) {
        if (!command_noun(cli->table, cli->ncommands, cli->argument))
            return error_set(e, ERR_USAGE, "no such command: %s",
                             cli->argument);
        about.command = command_find(cli->table, cli->ncommands, cli->argument,
                                     cli->second);
        if (cli->second != NULL && about.command == NULL)
            return error_set(e, ERR_USAGE, "no such command: %s %s",
                             cli->argument, cli->second);
    }
    help_show(stdout, &about);
    return output_end(stdout, e);
}
