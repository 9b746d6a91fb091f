/*
 * completion: scripts for shells, and what they ask. Without a shell's name it
 * reads the words of a line, each with a NUL behind it, and says what may stand
 * in the place of the last one. It asks no daemon.
 */
#include "words.h"

#include <string.h>
#include <unistd.h>

/* ---- the words so far --------------------------------------------------- */

struct line {
    const struct command *table;
    size_t n;
    const char *noun;
    const struct command *command;
    size_t arguments;
    const char *first; /* of the arguments */
    option_set given;
    enum option open; /* the next word is its value; OPTION__MAX: none */
    bool words_only;
    const char *typed; /* of the last word, what its own values begin with */
    size_t kept;       /* of the last word, what goes before each of them */
};

static option_set allowed(const struct line *line)
{
    return line->command == NULL ? command_global
                                 : command_global | line->command->options |
                                       line->command->required;
}

static void take_plain(struct line *line, const char *word)
{
    if (line->noun == NULL) {
        line->noun = word;
        line->command = command_find(line->table, line->n, word, NULL);
    } else if (line->command == NULL) {
        line->command = command_find(line->table, line->n, line->noun, word);
    } else {
        if (line->arguments++ == 0)
            line->first = word;
    }
}

static void take(struct line *line, const char *word)
{
    const char *value;
    enum option o;

    if (line->open != OPTION__MAX) {
        line->open = OPTION__MAX;
        return;
    }
    if (line->words_only || word[0] != '-' || word[1] == '\0') {
        take_plain(line, word);
        return;
    }
    if (strcmp(word, "--") == 0) {
        line->words_only = true;
        return;
    }
    o = option_of(word, &value);
    if (o == OPTION__MAX)
        return;
    if (!option_form(o)->many)
        line->given |= OPTION_BIT_OF(o);
    if (option_form(o)->value != NULL && value == NULL)
        line->open = o;
}

/* ---- what may follow ---------------------------------------------------- */

struct answer {
    struct buf *out;
    const struct line *line;
    const char *word; /* the last, as far as it was typed */
    bool failed;
};

/* A candidate of n bytes, if that is what was begun. */
static void offer(struct answer *a, const char *word, size_t n,
                  const char *about)
{
    const char *typed = a->line->typed;

    if (strlen(typed) > n || strncmp(word, typed, strlen(typed)) != 0)
        return;
    if (buf_addf(a->out, "%.*s%.*s\t%s\n", (int)a->line->kept, a->word, (int)n,
                 word, about) != 0)
        a->failed = true;
}

static void offer_vocabulary(struct answer *a, const struct vocabulary *v)
{
    if (v == NULL)
        return;
    if ((v->files || v->folders) &&
        buf_adds(a->out, v->files ? ":files\n" : ":folders\n") != 0)
        a->failed = true;
    for (const char *at = v->values; at != NULL && *at != '\0';) {
        size_t n = strcspn(at, "|");

        if (strncmp(at, "…", n) != 0)
            offer(a, at, n, "");
        at += n + (at[n] == '|');
    }
}

/* Not those that were given; `needed`: only those that must be there. */
static void offer_options(struct answer *a, bool needed)
{
    const struct line *line = a->line;
    option_set set = allowed(line) & ~line->given;

    if (line->words_only)
        return;
    if (needed)
        set &= line->command != NULL ? line->command->required : 0;
    for (enum option o = 0; o < OPTION__MAX; o++)
        if ((set & OPTION_BIT_OF(o)) != 0)
            offer(a, option_form(o)->name, strlen(option_form(o)->name),
                  option_words(o));
}

static void offer_nouns(struct answer *a)
{
    for (size_t i = 0; i < a->line->n; i++) {
        const struct command *c = &a->line->table[i];
        struct buf verbs = { 0 };

        /* Where it stands first. */
        if (command_find(a->line->table, i, c->noun, c->verb) != NULL ||
            command_noun(a->line->table, i, c->noun))
            continue;
        for (size_t k = i; c->verb != NULL && k < a->line->n; k++)
            if (strcmp(a->line->table[k].noun, c->noun) == 0 &&
                buf_addf(&verbs, "%s%s", verbs.len > 0 ? ", " : "",
                         a->line->table[k].verb) != 0)
                a->failed = true;
        offer(a, c->noun, strlen(c->noun),
              verbs.len > 0 ? (const char *)verbs.p : c->summary);
        buf_free(&verbs);
    }
}

static void offer_verbs(struct answer *a, const char *noun)
{
    for (size_t i = 0; i < a->line->n; i++) {
        const struct command *c = &a->line->table[i];

        if (strcmp(c->noun, noun) == 0 && c->verb != NULL)
            offer(a, c->verb, strlen(c->verb), c->summary);
    }
}

/* The next argument; options where there is none. */
static void offer_argument(struct answer *a)
{
    const struct line *line = a->line;
    char word[ARGUMENT_SIZE];

    if (line->arguments >= command_arguments(line->command)) {
        offer_options(a, true);
        if (a->out->len == 0)
            offer_options(a, false);
        return;
    }
    vocabulary_argument(word, line->command, line->arguments);
    if (strcmp(word, "NOUN") == 0)
        offer_nouns(a);
    else if (strcmp(word, "VERB") == 0)
        offer_verbs(a, line->first);
    else
        offer_vocabulary(a, vocabulary_of(line->command, OPTION__MAX, word));
}

static void offer_next(struct answer *a)
{
    const struct line *line = a->line;

    if (line->open != OPTION__MAX) {
        if (line->command != NULL)
            offer_vocabulary(a, vocabulary_of(line->command, line->open, NULL));
        else if (line->noun == NULL)
            offer_vocabulary(a,
                             vocabulary_of(&line->table[0], line->open, NULL));
    } else if (line->typed[0] == '-' && !line->words_only) {
        offer_options(a, false);
    } else if (line->noun == NULL) {
        offer_nouns(a);
    } else if (line->command == NULL) {
        offer_verbs(a, line->noun);
    } else {
        offer_argument(a);
    }
}

/* "--state=op": the value of that option is being typed. */
static void take_begun(struct line *line, const char *word)
{
    const char *value;
    enum option o;

    line->typed = word;
    if (line->open != OPTION__MAX || line->words_only || word[0] != '-')
        return;
    o = option_of(word, &value);
    if (o == OPTION__MAX || value == NULL || option_form(o)->value == NULL)
        return;
    line->open = o;
    line->typed = value;
    line->kept = (size_t)(value - word);
}

int completion_answer(struct buf *out, const struct command *table, size_t n,
                      const char *const *words, size_t nwords)
{
    struct line line = { .table = table, .n = n, .open = OPTION__MAX };
    struct answer a = { out, &line, nwords > 0 ? words[nwords - 1] : "",
                        false };

    for (size_t i = 0; i + 1 < nwords; i++)
        take(&line, words[i]);
    take_begun(&line, a.word);
    offer_next(&a);
    return a.failed ? -1 : 0;
}

/* ---- scripts ------------------------------------------------------------ */

#define SCRIPT(symbol, file)                                                   \
    extern const char symbol[];                                                \
    __asm__(".section .rodata\n" #symbol ":\n"                                 \
            ".incbin \"packaging/completion/" file "\"\n"                      \
            ".byte 0\n"                                                        \
            ".previous\n")
SCRIPT(completion_bash, "resguardo.bash");
SCRIPT(completion_zsh, "resguardo.zsh");
SCRIPT(completion_fish, "resguardo.fish");

static const struct {
    const char *shell, *script;
} scripts[] = { { "bash", completion_bash },
                { "zsh", completion_zsh },
                { "fish", completion_fish } };

/* ---- the command -------------------------------------------------------- */

static int read_line(struct buf *line, struct error *e)
{
    for (;;) {
        ssize_t n;

        if (line->len >= LIMIT_COMPLETION_BYTES)
            return error_set(e, ERR_INPUT, "the line is too long");
        if (buf_reserve(line, LIMIT_COMPLETION_BYTES) != 0)
            return error_set(e, ERR_NOMEM, "no memory to complete a line");
        n = read(STDIN_FILENO, line->p + line->len,
                 LIMIT_COMPLETION_BYTES - line->len);
        if (n < 0)
            return error_errno(e, ERR_IO, "cannot read the words");
        if (n == 0)
            return 0;
        line->len += (size_t)n;
    }
}

/* The words of a line: what no NUL follows is none of them. */
static size_t split(const struct buf *line,
                    const char *words[static LIMIT_COMPLETION_WORDS])
{
    size_t n = 0;

    for (size_t at = 0; at < line->len && n < LIMIT_COMPLETION_WORDS;) {
        const char *word = (const char *)line->p + at;
        size_t len = strnlen(word, line->len - at);

        if (at + len == line->len)
            break;
        words[n++] = word;
        at += len + 1;
    }
    return n;
}

/* All of stdin, split at the NULs. */
static int answer(const struct cli *cli, struct error *e)
{
    struct buf line = { 0 }, out = { 0 };
    const char *words[LIMIT_COMPLETION_WORDS];
    int ok = -1;

    if (read_line(&line, e) != 0)
        goto out;
    ok = completion_answer(&out, cli->table, cli->ncommands, words,
                           split(&line, words));
    if (ok != 0)
        (void)error_set(e, ERR_NOMEM, "no memory to complete a line");
    else if (out.len > 0)
        (void)fwrite(out.p, 1, out.len, stdout);
out:
    buf_free(&line);
    buf_free(&out);
    return ok != 0 ? -1 : output_end(stdout, e);
}

int completion_run(const struct cli *cli, struct error *e)
{
    if (cli->argument == NULL) {
        if (!isatty(STDIN_FILENO))
            return answer(cli, e);
        (void)error_set(e, ERR_USAGE, "for which shell?");
        return error_hint(e, "bash, zsh or fish");
    }
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
        if (strcmp(scripts[i].shell, cli->argument) == 0)
            (void)fputs(scripts[i].script, stdout);
    return output_end(stdout, e);
}
