/* From the words typed to a command of the table and its options. */
#include "words.h"

#include <stdlib.h>
#include <string.h>

static const struct option_form options[OPTION__MAX] = {
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
    [OPTION_FROM] = { "--from", "DATE|NAME", false },
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
    [OPTION_COUNTRY] = { "--country", "CODE", false },
    [OPTION_REMOVE] = { "--remove", NULL, false },
    [OPTION_CAPTION] = { "--caption", "NAME", false },
    [OPTION_EPOCH] = { "--epoch", "N", false },
    [OPTION_SECOND] = { "--second", "IDENTITY", false },
    [OPTION_WITNESS] = { "--witness", "VKEY", false },
    [OPTION_ROOT] = { "--root", "HEX", false },
    [OPTION_LAST] = { "--last", "FILE", false },
    [OPTION_KIND] = { "--kind", "KIND", false },
    [OPTION_TOLD] = { "--told", "HOW", false },
    [OPTION_NOW] = { "--now", NULL, false },
    [OPTION_TELL] = { "--tell", "TEXT", false },
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
const option_set command_global = OPTION_BIT(SOCKET) | OPTION_BIT(IDENTITY) |
                                  OPTION_BIT(JSON) | OPTION_BIT(HELP) |
                                  OPTION_BIT(VERSION);

const struct option_form *option_form(enum option o)
{
    return &options[o];
}

static int usage(const struct cli *cli, struct error *e, const char *what,
                 const char *word)
{
    const char *noun = cli->noun != NULL ? cli->noun : "";
    const char *verb = cli->command != NULL && cli->command->verb != NULL
                           ? cli->command->verb
                           : "";

    (void)error_set(e, ERR_USAGE, "%s%s%s", what, word[0] != '\0' ? " " : "",
                    word);
    return error_hint(e, "see: resguardo %s%s%s%s--help", noun,
                      noun[0] != '\0' ? " " : "", verb,
                      verb[0] != '\0' ? " " : "");
}

/* ---- words -------------------------------------------------------------- */

const struct command *command_find(const struct command *table, size_t n,
                                   const char *noun, const char *verb)
{
    for (size_t i = 0; i < n; i++) {
        const struct command *c = &table[i];

        if (strcmp(c->noun, noun) != 0)
            continue;
        if (verb == NULL ? c->verb == NULL
                         : c->verb != NULL && strcmp(c->verb, verb) == 0)
            return c;
    }
    return NULL;
}

bool command_noun(const struct command *table, size_t n, const char *noun)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(table[i].noun, noun) == 0)
            return true;
    return false;
}

size_t command_arguments(const struct command *c)
{
    if (c->argument == NULL)
        return 0;
    return strchr(c->argument, ' ') != NULL ? 2 : 1;
}

/* Must all of them be there? */
static bool needs_all(const struct command *c)
{
    return c->argument != NULL && c->argument[0] != '[';
}

static int take_word(struct cli *cli, const char *word, struct error *e)
{
    if (cli->noun == NULL) {
        if (!command_noun(cli->table, cli->ncommands, word))
            return usage(cli, e, "unknown command", word);
        cli->noun = word;
        cli->command = command_find(cli->table, cli->ncommands, word, NULL);
        return 0;
    }
    if (cli->command == NULL) {
        cli->command =
            command_find(cli->table, cli->ncommands, cli->noun, word);
        return cli->command != NULL ? 0
                                    : usage(cli, e, "unknown command", word);
    }
    if ((size_t)(cli->argument != NULL) + (cli->second != NULL) ==
        command_arguments(cli->command))
        return usage(cli, e, "one word too many:", word);
    if (word[0] == '\0')
        return usage(cli, e, "an empty", cli->command->argument);
    *(cli->argument == NULL ? &cli->argument : &cli->second) = word;
    return 0;
}

/* ---- options ------------------------------------------------------------ */

enum option option_of(const char *word, const char **value)
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
static int take_many(struct cli *cli, enum option o, const char *value,
                     struct error *e)
{
    if (cli->nvalues == CLI_VALUES_MAX)
        return usage(cli, e, "given too often:", options[o].name);
    cli->values[cli->nvalues++] = value;
    if (cli->options[o] == NULL)
        cli->options[o] = value;
    return 0;
}

/* Takes argv[*i], and argv[*i + 1] when it is the value. */
static int take_option(struct cli *cli, int argc, char *const argv[], int *i,
                       struct error *e)
{
    const char *value;
    enum option o = option_of(argv[*i], &value);
    option_set allowed = command_global;

    if (cli->command != NULL)
        allowed |= cli->command->options | cli->command->required;
    if (o == OPTION__MAX || (allowed & OPTION_BIT_OF(o)) == 0)
        return usage(cli, e, "unknown option", argv[*i]);
    if (cli->options[o] != NULL && !options[o].many)
        return usage(cli, e, "given twice:", options[o].name);
    if (options[o].value == NULL) {
        if (value != NULL)
            return usage(cli, e, "takes no value:", options[o].name);
        cli->options[o] = "";
        return 0;
    }
    if (value == NULL && ++*i < argc)
        value = argv[*i];
    /* An empty one comes from a script's empty variable: it means nothing, and
     * never "all". */
    if (value == NULL || value[0] == '\0')
        return usage(cli, e, "needs a value:", options[o].name);
    if (options[o].many)
        return take_many(cli, o, value, e);
    cli->options[o] = value;
    return 0;
}

static int check_complete(const struct cli *cli, struct error *e)
{
    if (cli->options[OPTION_HELP] != NULL ||
        cli->options[OPTION_VERSION] != NULL)
        return 0;
    if (cli->noun == NULL)
        return usage(cli, e, "what should be done?", "");
    if (cli->command == NULL)
        return usage(cli, e, "a verb is missing after", cli->noun);
    if (needs_all(cli->command) && cli->argument == NULL)
        return usage(cli, e, "missing:", cli->command->argument);
    if (needs_all(cli->command) && cli->second == NULL &&
        command_arguments(cli->command) == 2)
        return usage(cli, e,
                     "missing:", strchr(cli->command->argument, ' ') + 1);
    for (enum option o = 0; o < OPTION__MAX; o++)
        if ((cli->command->required & OPTION_BIT_OF(o)) != 0 &&
            cli->options[o] == NULL)
            return usage(cli, e, "missing:", options[o].name);
    return vocabulary_check(cli, e);
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
    bool words_only = false;

    memset(cli, 0, sizeof(*cli));
    cli->table = table;
    cli->ncommands = n;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        int taken;

        if (!words_only && strcmp(word, "--") == 0) {
            words_only = true;
            continue;
        }
        if (!words_only && word[0] == '-' && word[1] != '\0')
            taken = take_option(cli, argc, argv, &i, e);
        else
            taken = take_word(cli, word, e);
        if (taken != 0)
            return -1;
    }
    if (check_complete(cli, e) != 0)
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
