/* From the words typed to a command of the table and its options. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *value; /* value NULL: a flag */
    bool many;                /* may be given several times */
} options[OPTION__MAX] = {
    [OPTION_SOCKET] = { "--socket", "PATH|ssh://…", false },
    [OPTION_IDENTITY] = { "--identity", "FILE", false },
    [OPTION_JSON] = { "--json", NULL, false },
    [OPTION_HELP] = { "--help", NULL, false },
    [OPTION_VERSION] = { "--version", NULL, false },
    [OPTION_CONFIG] = { "--config", "FILE", false },
    [OPTION_NO_PASSPHRASE] = { "--no-passphrase", NULL, false },
    [OPTION_CUSTODY] = { "--custody", "age1…", false },
    [OPTION_CASE] = { "--case", "CASE", false },
    [OPTION_STATE] = { "--state", "STATE", false },
    [OPTION_REASON] = { "--reason", "TEXT", false },
    [OPTION_OUT] = { "-o", "PATH", false },
    [OPTION_SINCE] = { "--since", "TIME", false },
    [OPTION_UNTIL] = { "--until", "TIME", false },
    [OPTION_SUBJECT] = { "--subject", "SUBJECT", false },
    [OPTION_POLICY] = { "--policy", "POLICY", false },
    [OPTION_FORMAT] = { "--format", "FORMAT", false },
    [OPTION_RECIPIENT] = { "-r", "age1…", true },
    [OPTION_KEY] = { "-i", "IDENTITY", true },
    [OPTION_ASK] = { "-p", NULL, false },
    [OPTION_PASSPHRASE_FILE] = { "--passphrase-file", "FILE", false },
    [OPTION_ARMOR] = { "-a", NULL, false },
    [OPTION_ROLE] = { "--role", "ROLE[,ROLE]", false },
    [OPTION_READER] = { "--recipient", "age1…", false },
    [OPTION_AUTHORITY] = { "--authority", "REFERENCE", false },
    [OPTION_GROUND] = { "--ground", "GROUND", false },
    [OPTION_SEALED] = { "--sealed", NULL, false },
    [OPTION_CHECKPOINT] = { "--since-checkpoint", "FILE", false },
    [OPTION_NAME] = { "--name", "NAME", false },
    [OPTION_UID] = { "--uid", "N", false },
    [OPTION_KEYRING] = { "--keyring", "FILE", false },
    [OPTION_WHAT] = { "--what", "HASH", false },
    [OPTION_ALL] = { "--all", NULL, false },
    [OPTION_TEXT] = { "--text", "TEXT", false },
    [OPTION_TEMPLATE] = { "--template", "NAME", false },
    [OPTION_TILES] = { "--tiles", NULL, false },
    [OPTION_HOURS] = { "--hours", "HH:MM-HH:MM", false },
    [OPTION_REVEAL] = { "--reveal", NULL, false },
    [OPTION_FROM] = { "--from", "DATE", false },
    [OPTION_LANG] = { "--lang", "es|en", false },
    [OPTION_DOCUMENT] = { "--document", "DOCUMENT", false },
    [OPTION_ZONE] = { "--zone", "ZONE", false },
    [OPTION_PURPOSE] = { "--purpose", "PURPOSE", false },
    [OPTION_NOTICE_VERSION] = { "--notice-version", "VERSION", false },
    [OPTION_LANGUAGE] = { "--language", "LANGUAGE", false },
    [OPTION_SENSITIVE] = { "--sensitive", "yes|no", false },
    [OPTION_CHANNEL] = { "--channel", "CHANNEL", false },
    [OPTION_ACTOR] = { "--actor", "ACTOR", false },
    [OPTION_AS_OF] = { "--as-of", "TIME|INDEX", false },
    [OPTION_SAMPLE] = { "--sample", "N", false },
    [OPTION_SEED] = { "--seed", "TEXT", false },
    [OPTION_PROGRESS] = { "--progress", NULL, false },
    [OPTION_URL] = { "--url", "URL", false },
    [OPTION_SECRET_FILE] = { "--secret-file", "FILE", false },
    [OPTION_EXEC] = { "--exec", "PROGRAM", false },
    [OPTION_CURSOR] = { "--cursor", "FILE", false },
    [OPTION_ONCE] = { "--once", NULL, false },
    [OPTION_SKIP_BAD] = { "--skip-bad", NULL, false },
    [OPTION_REMOVE] = { "--remove", NULL, false },
    [OPTION_CAPTION] = { "--caption", "NAME", false },
    [OPTION_EPOCH] = { "--epoch", "N", false },
    [OPTION_SECOND] = { "--second", "IDENTITY", false },
    [OPTION_WITNESS] = { "--witness", "VKEY", false },
    [OPTION_ROOT] = { "--root", "HEX", false },
    [OPTION_LAST] = { "--last", "FILE", false },
    [OPTION_KIND] = { "--kind", "KIND", false },
    [OPTION_TOLD] = { "--told", "HOW", false },
    [OPTION_OUTCOME] = { "--outcome", "OUTCOME", false },
    [OPTION_DUE_BEFORE] = { "--due-before", "TIME", false },
    [OPTION_DETECTED] = { "--detected", "TIME", false },
    [OPTION_ESCALATED] = { "--escalated", "TIME", false },
    [OPTION_EVIDENCE] = { "--evidence", "TEXT", false },
    [OPTION_PROOF] = { "--proof", "PROOF", false },
    [OPTION_LINKED] = { "--linked", NULL, false },
    [OPTION_REQUESTER] = { "--requester-role", "ROLE", false },
    [OPTION_ASSURANCE] = { "--identity-assurance", "HOW", false },
    [OPTION_OVERDUE] = { "--overdue", NULL, false },
    [OPTION_RELATION] = { "--relation", "RELATION", false },
    [OPTION_CHILD_HEARD] = { "--child-heard", "HOW", false },
    [OPTION_PROCEDURE] = { "--procedure", "PROCEDURE", false },
    [OPTION_VALUE] = { "--value", "NAME=VALUE", true },
    [OPTION_WAIT] = { "--wait", NULL, false },
    [OPTION_RULE] = { "--rule", "NAME", false },
    [OPTION_CUSTODY_PASSPHRASE_FILE] = { "--custody-passphrase-file", "FILE",
                                         false },
};
#define GLOBAL                                                                 \
    (OPTION_BIT(SOCKET) | OPTION_BIT(IDENTITY) | OPTION_BIT(JSON) |            \
     OPTION_BIT(HELP) | OPTION_BIT(VERSION))

/* The words so far. */
struct parsing {
    struct cli *cli;
    const struct command *table;
    size_t n;
};

static int usage(const struct parsing *p, struct error *e, const char *what,
                 const char *word)
{
    (void)error_set(e, ERR_USAGE, "%s%s%s", what, word[0] != '\0' ? " " : "",
                    word);
    return error_hint(e, "see: resguardo %s%s--help",
                      p->cli->noun != NULL ? p->cli->noun : "",
                      p->cli->noun != NULL ? " " : "");
}

/* ---- words -------------------------------------------------------------- */

static const struct command *find(const struct parsing *p, const char *verb)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct command *c = &p->table[i];

        if (strcmp(c->noun, p->cli->noun) != 0)
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

static bool has_two(const struct command *c)
{
    return c->argument != NULL && c->argument[0] != '[' &&
           strchr(c->argument, ' ') != NULL;
}

static int take_word(struct parsing *p, const char *word, struct error *e)
{
    struct cli *cli = p->cli;

    if (p->cli->noun == NULL) {
        if (!is_noun(p, word))
            return usage(p, e, "unknown command", word);
        p->cli->noun = word;
        cli->command = find(p, NULL);
        return 0;
    }
    if (cli->command == NULL) {
        cli->command = find(p, word);
        return cli->command != NULL ? 0 : usage(p, e, "unknown command", word);
    }
    if (cli->command->argument == NULL || cli->second != NULL ||
        (cli->argument != NULL && !has_two(cli->command)))
        return usage(p, e, "one word too many:", word);
    if (word[0] == '\0')
        return usage(p, e, "an empty", cli->command->argument);
    *(cli->argument == NULL ? &cli->argument : &cli->second) = word;
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

/* Of one that may be given several times; the first counts as its value. */
static int take_many(struct parsing *p, enum option o, const char *value,
                     struct error *e)
{
    struct cli *cli = p->cli;

    if (cli->nvalues == CLI_VALUES_MAX)
        return usage(p, e, "given too often:", options[o].name);
    cli->values[cli->nvalues++] = value;
    if (cli->options[o] == NULL)
        cli->options[o] = value;
    return 0;
}

/* Takes argv[*i], and argv[*i + 1] when it is the value. */
static int take_option(struct parsing *p, int argc, char *const argv[], int *i,
                       struct error *e)
{
    const char *value;
    enum option o = option_of(argv[*i], &value);
    option_set allowed = GLOBAL;

    if (p->cli->command != NULL)
        allowed |= p->cli->command->options | p->cli->command->required;
    if (o == OPTION__MAX || (allowed & OPTION_BIT_OF(o)) == 0)
        return usage(p, e, "unknown option", argv[*i]);
    if (p->cli->options[o] != NULL && !options[o].many)
        return usage(p, e, "given twice:", options[o].name);
    if (options[o].value == NULL) {
        if (value != NULL)
            return usage(p, e, "takes no value:", options[o].name);
        p->cli->options[o] = "";
        return 0;
    }
    if (value == NULL && ++*i < argc)
        value = argv[*i];
    /* An empty one comes from a script's empty variable: it means nothing, and
     * never "all". */
    if (value == NULL || value[0] == '\0')
        return usage(p, e, "needs a value:", options[o].name);
    if (options[o].many)
        return take_many(p, o, value, e);
    p->cli->options[o] = value;
    return 0;
}

static int check_complete(const struct parsing *p, struct error *e)
{
    const struct cli *cli = p->cli;

    if (cli->options[OPTION_HELP] != NULL ||
        cli->options[OPTION_VERSION] != NULL)
        return 0;
    if (p->cli->noun == NULL)
        return usage(p, e, "what should be done?", "");
    if (cli->command == NULL)
        return usage(p, e, "a verb is missing after", p->cli->noun);
    if (cli->command->argument != NULL && cli->argument == NULL &&
        cli->command->argument[0] != '[')
        return usage(p, e, "missing:", cli->command->argument);
    if (has_two(cli->command) && cli->second == NULL)
        return usage(p, e, "missing:", strchr(cli->command->argument, ' ') + 1);
    for (enum option o = 0; o < OPTION__MAX; o++)
        if ((cli->command->required & OPTION_BIT_OF(o)) != 0 &&
            cli->options[o] == NULL)
            return usage(p, e, "missing:", options[o].name);
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
    struct parsing p = { cli, table, n };
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

int command_check_time(const struct cli *cli, enum option o, struct error *e)
{
    const char *text = cli->options[o];
    msec time;

    if (text == NULL || time_parse(text, &time) == 0)
        return 0;
    (void)error_set(e, ERR_USAGE, "not a time: %s", text);
    return error_hint(e, "RFC 3339, such as 2026-11-24T00:00:00Z, or a date");
}

/* ---- help --------------------------------------------------------------- */

#define HELP_WIDTH  78u
#define HELP_INDENT 8

/* Prints a word of a usage line; one that does not fit begins another. */
static void print_word(FILE *out, size_t *column, const char *word)
{
    size_t width = utf8_count(word) + 1;

    if (*column + width > HELP_WIDTH) {
        (void)fprintf(out, "\n%*s", HELP_INDENT + 2, "");
        *column = HELP_INDENT + 2;
    }
    (void)fprintf(out, " %s", word);
    *column += width;
}

static void print_options(FILE *out, size_t *column, option_set set,
                          bool needed)
{
    char word[64];

    for (enum option o = 0; o < OPTION__MAX; o++) {
        if ((set & OPTION_BIT_OF(o)) == 0)
            continue;
        (void)snprintf(word, sizeof(word), needed ? "%s%s%s" : "[%s%s%s]",
                       options[o].name, options[o].value != NULL ? " " : "",
                       options[o].value != NULL ? options[o].value : "");
        print_word(out, column, word);
    }
}

static void print_command(FILE *out, const struct command *c)
{
    size_t column = 1;

    (void)fputs(" ", out);
    print_word(out, &column, c->noun);
    if (c->verb != NULL)
        print_word(out, &column, c->verb);
    if (c->argument != NULL)
        print_word(out, &column, c->argument);
    print_options(out, &column, c->required, true);
    print_options(out, &column, c->options, false);
    (void)fprintf(out, "\n%*s%s\n", HELP_INDENT, "", c->summary);
}

void command_help(FILE *out, const struct command *table, size_t n,
                  const char *noun)
{
    (void)fputs("usage: resguardo [--socket PATH|ssh://[USER@]HOST[:PORT]]\n"
                "       [--identity FILE] [--json] "
                "NOUN VERB …\n\n",
                out);
    for (size_t i = 0; i < n; i++) {
        if (noun == NULL || strcmp(table[i].noun, noun) == 0)
            print_command(out, &table[i]);
    }
    (void)fputs("\nenvironment: RESGUARDO_SOCKET, RESGUARDO_IDENTITY\n"
                "exit codes: 0 done, 1 failed, 2 usage, 3 not found, "
                "4 not permitted,\n            5 verification failed\n"
                "more: man resguardo\n",
                out);
}
