/*
 * Values that there are: of states, formats, kinds. The desk takes no others;
 * a unit test holds these lists and its own together.
 */
#include "words.h"

#include <stdlib.h>
#include <string.h>

#define STATES_REQUEST                                                         \
    "open|incomplete|extended|overdue|deemed_accepted|answered|closed"
#define PROOFS                                                                 \
    "same_document|branch_visit|signed_form|previous_number_confirmed"
/* Where the institutions of our policies are; the system has all others. */
#define ZONES "America/Bogota|Atlantic/Canary|Europe/Madrid|UTC|…"
#define ASSURANCES                                                             \
    "unverified|wa_account|id_document|branch_visit|signed_letter|notarised|"  \
    "call_back"
/* For what restricted data are read (GDPR, art. 18.2). */
#define GROUNDS_READ "consent|legal_claims|others_rights|public_interest"
/* Why a reminder did not go. */
#define RULES                                                                  \
    "unknown_person|number_left|purpose_not_open|purpose_withdrawn|"           \
    "opted_out|excluded_number|impersonation_hold|restriction_hold|under_age|" \
    "promise_running|being_erased|person_has_conversation|not_requested|"      \
    "contact_day|contact_hours|once_a_day|other_channel_this_week|"            \
    "template_gone"

#define OPTION_OF(noun, verb, name, values)                                    \
    {                                                                          \
        noun, verb, OPTION_##name, NULL, values, false, false                  \
    }
#define FILE_OF(name)                                                          \
    {                                                                          \
        NULL, NULL, OPTION_##name, NULL, NULL, true, false                     \
    }

/* The first that fits counts. */
static const struct vocabulary vocabularies[] = {
    OPTION_OF("case", "list", STATE, "open|complete|closed"),
    OPTION_OF("conversation", "list", STATE, "waiting|person|bot"),
    OPTION_OF("attachment", "list", STATE,
              "held|queued|fetching|judging|stored|refused|quarantined|"
              "expired|dropped"),
    OPTION_OF("request", "list", STATE, STATES_REQUEST),
    OPTION_OF("incident", "list", STATE, STATES_REQUEST),
    OPTION_OF("consent", "export", STATE,
              "requested|given|refused|withdrawn|expired|informed|"
              "acknowledged|…"),
    OPTION_OF("hold", "add", KIND, "legal|impersonation|judicial|restriction"),
    OPTION_OF("request", "open", KIND,
              "access|correct|erase|withdraw|complaint|object|restrict|"
              "portability|…"),
    OPTION_OF("request", NULL, ASSURANCE, ASSURANCES),
    OPTION_OF("request", "open", REQUESTER,
              "subject|representative|heir|attorney|by_stipulation"),
    OPTION_OF("request", "close", OUTCOME,
              "granted|partial|refused|forwarded|withdrawn"),
    OPTION_OF("incident", "close", OUTCOME, "done|withdrawn"),
    OPTION_OF("document", "get", GROUND, GROUNDS_READ),
    OPTION_OF("subject", "export", GROUND, "subject_access|" GROUNDS_READ),
    OPTION_OF("request", "close", GROUND,
              "legal_duty|contract|identity|unfounded|third_party|"
              "nothing_held|not_competent"),
    OPTION_OF("subject", "erase", GROUND,
              "withdrawn|request|objection|purpose_ended|unlawful|"
              "legal_duty|minor"),
    OPTION_OF("case", "return", GROUND,
              "unreadable|incomplete|wrong|expired|unsigned"),
    OPTION_OF("case", "contact", CHANNEL,
              "phone|branch|email|letter|sms|visit|other"),
    OPTION_OF("reminder", "promises", STATE, "open|due|kept|broken|replaced"),
    OPTION_OF("subject", NULL, PROOF, PROOFS),
    OPTION_OF("subject", "represent", RELATION,
              "parent_guardian|legal_representative|heir|attorney|other"),
    OPTION_OF("subject", "represent", CHILD_HEARD, "heard|too_young"),
    OPTION_OF("staff", "add", ROLE, "agent|auditor|officer|sender|…"),

    OPTION_OF("consent", "export", FORMAT, "csv|jsonl|html|27560"),
    OPTION_OF("consent", "receipt", FORMAT, "full|kantara|27560|html|all"),
    OPTION_OF("report", "service", FORMAT, "html|csv|json"),
    OPTION_OF("request", "report", FORMAT, "csv|json"),
    OPTION_OF("policy", "record", FORMAT, "csv|json|html"),
    OPTION_OF("access", "report", FORMAT, "csv|jsonl"),
    OPTION_OF("reminder", "log", FORMAT, "csv|jsonl"),
    OPTION_OF("reminder", "log", RULE, RULES),
    OPTION_OF("incident", "affected", FORMAT, "csv|jsonl"),
    OPTION_OF(NULL, NULL, LANG, "es|en"),
    OPTION_OF(NULL, NULL, SENSITIVE, "yes|no"),
    OPTION_OF("consent", "export", LANGUAGE, "es-CO|es-ES|en|pt-BR|…"),
    OPTION_OF("consent", "export", ACTOR, "subject|system|…"),
    OPTION_OF("consent", "export", CHANNEL, "whatsapp|…"),
    OPTION_OF(NULL, NULL, ZONE, ZONES),

    { "case", "priority", OPTION__MAX, "PRIORITY", "low|normal|high|urgent",
      false, false },
    { "case", "contact", OPTION__MAX, "in|out", "in|out", false, false },
    { "reminder", "promise", OPTION__MAX, "kept|broken", "kept|broken", false,
      false },
    { NULL, NULL, OPTION__MAX, "SHELL", "bash|zsh|fish", false, false },
    { NULL, NULL, OPTION__MAX, "FILE", NULL, true, false },
    { NULL, NULL, OPTION__MAX, "FILE.csv", NULL, true, false },
    { NULL, NULL, OPTION__MAX, "DIR", NULL, false, true },

    FILE_OF(SOCKET),
    FILE_OF(IDENTITY),
    FILE_OF(CONFIG),
    FILE_OF(OUT),
    FILE_OF(KEY),
    FILE_OF(PASSPHRASE_FILE),
    FILE_OF(CUSTODY_PASSPHRASE_FILE),
    FILE_OF(CHECKPOINT),
    FILE_OF(KEYRING),
    FILE_OF(SECRET_FILE),
    FILE_OF(EXEC),
    FILE_OF(CURSOR),
    FILE_OF(SECOND),
    FILE_OF(LAST),
    { "calendar", NULL, OPTION_POLICY, NULL, NULL, false, true },
};
#define VOCABULARIES (sizeof(vocabularies) / sizeof(vocabularies[0]))

static bool of(const struct vocabulary *v, const struct command *c)
{
    return (v->noun == NULL || strcmp(v->noun, c->noun) == 0) &&
           (v->verb == NULL ||
            (c->verb != NULL && strcmp(v->verb, c->verb) == 0));
}

const struct vocabulary *vocabulary_of(const struct command *c,
                                       enum option option, const char *argument)
{
    for (size_t i = 0; i < VOCABULARIES; i++) {
        const struct vocabulary *v = &vocabularies[i];

        if (v->option != option || !of(v, c))
            continue;
        if (option != OPTION__MAX || strcmp(v->argument, argument) == 0)
            return v;
    }
    return NULL;
}

void vocabulary_argument(char out[static ARGUMENT_SIZE],
                         const struct command *c, size_t i)
{
    const char *word = c->argument + strspn(c->argument, "[");

    if (i > 0)
        word = strchr(word, ' ') + 1;
    (void)snprintf(out, ARGUMENT_SIZE, "%.*s", (int)strcspn(word, " ]"), word);
}

/* ---- the values --------------------------------------------------------- */

#define OTHERS "…"

bool vocabulary_has(const struct vocabulary *v, const char *value)
{
    size_t len = strlen(value);

    if (v->values == NULL)
        return true;
    for (const char *at = v->values; *at != '\0';) {
        size_t n = strcspn(at, "|");

        if ((n == len && strncmp(at, value, len) == 0) ||
            strcmp(at, OTHERS) == 0)
            return true;
        at += n + (at[n] == '|');
    }
    return false;
}

void vocabulary_print(FILE *out, const struct vocabulary *v,
                      const char *between)
{
    for (const char *at = v->values; *at != '\0';) {
        size_t n = strcspn(at, "|");

        (void)fprintf(out, "%s%.*s", at == v->values ? "" : between, (int)n,
                      at);
        at += n + (at[n] == '|');
    }
}

/* ---- what was typed ----------------------------------------------------- */

/* `what` as in "no such state": the option's or the argument's word, small. */
static int refuse(const struct command *c, const struct vocabulary *v,
                  const char *where, const char *value, struct error *e)
{
    char what[ARGUMENT_SIZE], *list = NULL;
    size_t len = 0;
    FILE *out;

    (void)snprintf(what, sizeof(what), "%s", where + strspn(where, "-"));
    for (char *p = what; *p != '\0'; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    if (strchr(where, '|') != NULL) /* the words themselves are its name */
        (void)error_set(e, ERR_USAGE, "no such word: %s", value);
    else
        (void)error_set(e, ERR_USAGE, "%s: no such %s: %s", where, what, value);
    out = open_memstream(&list, &len);
    if (out == NULL)
        return -1;
    vocabulary_print(out, v, ", ");
    if (fclose(out) == 0 && len + sizeof("one of: ") <= sizeof(e->hint))
        (void)error_hint(e, "one of: %s", list);
    else
        (void)error_hint(e, "see: resguardo %s %s --help", c->noun, c->verb);
    free(list);
    return -1;
}

int vocabulary_check(const struct cli *cli, struct error *e)
{
    const struct command *c = cli->command;
    const char *const given[] = { cli->argument, cli->second };

    for (enum option o = 0; o < OPTION__MAX; o++) {
        const struct vocabulary *v = vocabulary_of(c, o, NULL);

        if (v != NULL && cli->options[o] != NULL &&
            option_form(o)->value != NULL &&
            !vocabulary_has(v, cli->options[o]))
            return refuse(c, v, option_form(o)->name, cli->options[o], e);
    }
    for (size_t i = 0; i < command_arguments(c); i++) {
        char word[ARGUMENT_SIZE];
        const struct vocabulary *v;

        vocabulary_argument(word, c, i);
        v = vocabulary_of(c, OPTION__MAX, word);
        if (v != NULL && given[i] != NULL && !vocabulary_has(v, given[i]))
            return refuse(c, v, word, given[i], e);
    }
    return 0;
}
