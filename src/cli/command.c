/* From the words typed to a command of the table and its options. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *value; /* value NULL: a flag */
} options[OPTION__MAX] = {
    [OPTION_SOCKET] = { "--socket", "PATH" },
    [OPTION_IDENTITY] = { "--identity", "FILE" },
    [OPTION_JSON] = { "--json", NULL },
    [OPTION_HELP] = { "--help", NULL },
    [OPTION_VERSION] = { "--version", NULL },
    [OPTION_CONFIG] = { "--config", "FILE" },
    [OPTION_NO_PASSPHRASE] = { "--no-passphrase", NULL },
    [OPTION_CUSTODY] = { "--custody", "age1…" },
    [OPTION_CASE] = { "--case", "CASE" },
    [OPTION_STATE] = { "--state", "STATE" },
    [OPTION_REASON] = { "--reason", "TEXT" },
    [OPTION_OUT] = { "-o", "FILE" },
    [OPTION_SINCE] = { "--since", "TIME" },
    [OPTION_UNTIL] = { "--until", "TIME" },
    [OPTION_SUBJECT] = { "--subject", "SUBJECT" },
    [OPTION_POLICY] = { "--policy", "POLICY" },
    [OPTION_FORMAT] = { "--format", "csv|jsonl" },
};
#define GLOBAL                                                                 \
    (OPTION_BIT(SOCKET) | OPTION_BIT(IDENTITY) | OPTION_BIT(JSON) |            \
     OPTION_BIT(HELP) | OPTION_BIT(VERSION))

/* The words so far. */
struct parsing {
    struct cli *cli;
    const struct command *table;
    size_t n;
    const char *noun;
};

static int usage(struct error *e, const char *what, const char *word)
{
    (void)error_set(e, ERR_USAGE, "%s%s%s", what, word[0] != '\0' ? " " : "",
                    word);
    return error_hint(e, "see: resguardo --help");
}

/* ---- words -------------------------------------------------------------- */

static const struct command *find(const struct parsing *p, const char *verb)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct command *c = &p->table[i];

        if (strcmp(c->noun, p->noun) != 0)
            continue;
        if (verb == NULL ? c->verb == NULL
                         : c->verb != NULL && strcmp(c->verb, verb) == 0)
            return c;
    }
    return NULL;
}

static bool is_noun(const struct parsing *p, const char *word)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->table[i].noun, word) == 0)
            return true;
    return false;
}

static int take_word(struct parsing *p, const char *word, struct error *e)
{
    struct cli *cli = p->cli;

    if (p->noun == NULL) {
        if (!is_noun(p, word))
            return usage(e, "unknown command", word);
        p->noun = word;
        cli->command = find(p, NULL);
        return 0;
    }
    if (cli->command == NULL) {
        cli->command = find(p, word);
        return cli->command != NULL ? 0 : usage(e, "unknown command", word);
    }
    if (cli->command->argument == NULL || cli->argument != NULL)
        return usage(e, "one word too many:", word);
    if (word[0] == '\0')
        return usage(e, "an empty", cli->command->argument);
    cli->argument = word;
    return 0;
}

/* ---- options ------------------------------------------------------------ */

/* The option that a word names; *value is what follows "=", or NULL. */
static enum option option_of(const char *word, const char **value)
{
    size_t len = strcspn(word, "=");

    *value = word[len] == '=' ? word + len + 1 : NULL;
    if (strcmp(word, "-h") == 0)
        return OPTION_HELP;
    for (enum option o = 0; o < OPTION__MAX; o++)
        if (strlen(options[o].name) == len &&
            strncmp(options[o].name, word, len) == 0)
            return o;
    return OPTION__MAX;
}

/* Takes argv[*i], and argv[*i + 1] when it is the value. */
static int take_option(struct parsing *p, int argc, char *const argv[], int *i,
                       struct error *e)
{
    const char *value;
    enum option o = option_of(argv[*i], &value);
    unsigned allowed = GLOBAL;

    if (p->cli->command != NULL)
        allowed |= p->cli->command->options | p->cli->command->required;
    if (o == OPTION__MAX || (allowed & (1u << o)) == 0)
        return usage(e, "unknown option", argv[*i]);
    if (p->cli->options[o] != NULL)
        return usage(e, "given twice:", options[o].name);
    if (options[o].value == NULL) {
        if (value != NULL)
            return usage(e, "takes no value:", options[o].name);
        p->cli->options[o] = "";
        return 0;
    }
    if (value == NULL && ++*i < argc)
        value = argv[*i];
    if (value == NULL)
        return usage(e, "needs a value:", options[o].name);
    p->cli->options[o] = value;
    return 0;
}

static int check_complete(const struct parsing *p, struct error *e)
{
    const struct cli *cli = p->cli;

    if (cli->options[OPTION_HELP] != NULL ||
        cli->options[OPTION_VERSION] != NULL)
        return 0;
    if (p->noun == NULL)
        return usage(e, "what should be done?", "");
    if (cli->command == NULL)
        return usage(e, "a verb is missing after", p->noun);
    if (cli->command->argument != NULL && cli->argument == NULL)
        return usage(e, "missing:", cli->command->argument);
    for (enum option o = 0; o < OPTION__MAX; o++)
        if ((cli->command->required & (1u << o)) != 0 &&
            cli->options[o] == NULL)
            return usage(e, "missing:", options[o].name);
    return 0;
}

/* What the options leave open comes from the environment, or is usual. */
static void fill(struct cli *cli)
{
    const char *identity = cli->options[OPTION_IDENTITY];

    cli->json = cli->options[OPTION_JSON] != NULL;
    cli->socket = cli->options[OPTION_SOCKET];
    if (cli->socket == NULL)
        cli->socket = getenv("RESGUARDO_SOCKET");
    if (cli->socket == NULL || cli->socket[0] == '\0')
        cli->socket = CLI_SOCKET;
    if (identity == NULL)
        identity = getenv("RESGUARDO_IDENTITY");
    cli->identity = identity != NULL && identity[0] != '\0'
                        ? strdup(identity)
                        : identity_default_path();
}

int command_parse(struct cli *cli, const struct command *table, size_t n,
                  int argc, char *const argv[], struct error *e)
{
    struct parsing p = { cli, table, n, NULL };
    bool words_only = false;

    memset(cli, 0, sizeof(*cli));
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        int taken;

        if (!words_only && strcmp(word, "--") == 0) {
            words_only = true;
            continue;
        }
        if (!words_only && word[0] == '-' && word[1] != '\0')
            taken = take_option(&p, argc, argv, &i, e);
        else
            taken = take_word(&p, word, e);
        if (taken != 0)
            return -1;
    }
    if (check_complete(&p, e) != 0)
        return -1;
    fill(cli);
    return 0;
}

/* ---- help --------------------------------------------------------------- */

static void print_options(FILE *out, unsigned set, bool needed)
{
    for (enum option o = 0; o < OPTION__MAX; o++) {
        if ((set & (1u << o)) == 0)
            continue;
        (void)fprintf(out, needed ? " %s%s%s" : " [%s%s%s]", options[o].name,
                      options[o].value != NULL ? " " : "",
                      options[o].value != NULL ? options[o].value : "");
    }
}

void command_help(FILE *out, const struct command *table, size_t n,
                  const char *noun)
{
    (void)fputs("usage: resguardo [--socket PATH] [--identity FILE] [--json] "
                "NOUN VERB …\n\n",
                out);
    for (size_t i = 0; i < n; i++) {
        const struct command *c = &table[i];

        if (noun != NULL && strcmp(c->noun, noun) != 0)
            continue;
        (void)fprintf(out, "  %s%s%s", c->noun, c->verb != NULL ? " " : "",
                      c->verb != NULL ? c->verb : "");
        if (c->argument != NULL)
            (void)fprintf(out, " %s", c->argument);
        print_options(out, c->required, true);
        print_options(out, c->options, false);
        (void)fprintf(out, "\n        %s\n", c->summary);
    }
    (void)fputs("\nenvironment: RESGUARDO_SOCKET, RESGUARDO_IDENTITY\n"
                "exit codes: 0 done, 1 failed, 2 usage, 3 not found, "
                "4 not permitted, 5 verification failed\n",
                out);
}
