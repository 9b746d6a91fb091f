/*
 * cli: what staff type. One file a noun; every command asks the desk (init,
 * age, policy and calendar ask nobody), prints data on stdout and words on
 * stderr, and returns 0 only if the whole job is done.
 *
 * Private to the room and to the program's main.
 */
#ifndef RESGUARDO_CLI_H
#define RESGUARDO_CLI_H

#include <signal.h>
#include <stdio.h>

#include "resguardo/base.h"
#include "resguardo/vault.h"

#define CLI_SOCKET "/run/resguardo/desk.sock"

/* ---- commands and their options (command.c): pure ----------------------- */

enum option {
    OPTION_SOCKET,
    OPTION_IDENTITY,
    OPTION_JSON,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_CONFIG,
    OPTION_NO_PASSPHRASE,
    OPTION_CUSTODY,
    OPTION_CASE,
    OPTION_STATE,
    OPTION_REASON,
    OPTION_OUT,
    OPTION_SINCE,
    OPTION_UNTIL,
    OPTION_SUBJECT,
    OPTION_POLICY,
    OPTION_FORMAT,
    OPTION_RECIPIENT,
    OPTION_KEY,
    OPTION_ASK,
    OPTION_PASSPHRASE_FILE,
    OPTION_ARMOR,
    OPTION_ROLE,
    OPTION_READER,
    OPTION_AUTHORITY,
    OPTION_GROUND,
    OPTION_SEALED,
    OPTION_CHECKPOINT,
    OPTION_NAME,
    OPTION_UID,
    OPTION_KEYRING,
    OPTION_WHAT,
    OPTION_CUSTODY_PASSPHRASE_FILE,
    OPTION_ALL,
    OPTION_TEXT,
    OPTION_TEMPLATE,
    OPTION_TILES,
    OPTION_HOURS,
    OPTION_REVEAL,
    OPTION_FROM,
    OPTION_LANG,
    OPTION_DOCUMENT,
    OPTION_ZONE,
    OPTION_PURPOSE,
    OPTION_NOTICE_VERSION,
    OPTION_LANGUAGE,
    OPTION_SENSITIVE,
    OPTION_CHANNEL,
    OPTION_ACTOR,
    OPTION_AS_OF,
    OPTION_SAMPLE,
    OPTION_SEED,
    OPTION_PROGRESS,
    OPTION_URL,
    OPTION_SECRET_FILE,
    OPTION_EXEC,
    OPTION_CURSOR,
    OPTION_ONCE,
    OPTION_SKIP_BAD,
    OPTION_REMOVE,
    OPTION_EPOCH,
    OPTION_CAPTION,
    OPTION_SECOND,
    OPTION_LAST,
    OPTION_WITNESS,
    OPTION_ROOT,
    OPTION_KIND,
    OPTION_TOLD,
    OPTION_TELL,
    OPTION_OUTCOME,
    OPTION_DUE_BEFORE,
    OPTION_DETECTED,
    OPTION_ESCALATED,
    OPTION_EVIDENCE,
    OPTION_PROOF,
    OPTION_LINKED,
    OPTION_REQUESTER,
    OPTION_ASSURANCE,
    OPTION_OVERDUE,
    OPTION_RELATION,
    OPTION_CHILD_HEARD,
    OPTION_PROCEDURE,
    OPTION_VALUE,
    OPTION_WAIT,
    OPTION_RULE,
    OPTION_COUNTRY,
    OPTION_NOW,
    OPTION__MAX
};
/* A set of them: more than a word of the machine has bits. */
__extension__ typedef unsigned __int128 option_set;
#define OPTION_BIT_OF(option) ((option_set)1 << (option))
#define OPTION_BIT(name)      OPTION_BIT_OF(OPTION_##name)
_Static_assert(OPTION__MAX <= 128, "sets of options are 128 bits");

#define CLI_VALUES_MAX LIMIT_AGE_RECIPIENTS

struct cli;
typedef int (*command_run)(const struct cli *, struct error *);
struct command {
    const char *noun, *verb; /* verb NULL: the noun alone */
    command_run run;
    option_set options, required; /* OPTION_BITs, beside the global ones */
    const char *argument;         /* its one argument, or NULL; "[X]": may lack;
                                   * "X Y": it has two; "[X Y]": at most two */
    const char *summary;
};
/* What somebody typed, checked against the table. */
struct cli {
    const char *noun;              /* NULL: only --help or --version */
    const struct command *command; /* NULL: only those, or a noun's */
    const struct command *table;   /* all that there are */
    size_t ncommands;
    const char *options[OPTION__MAX]; /* NULL: not given; a flag is "" */
    /* All values of the one option that may be given several times. */
    const char *values[CLI_VALUES_MAX];
    size_t nvalues;
    const char *argument, *second;
    const char *socket;
    char *identity; /* owned */
    bool json;
};
/* Global options may stand anywhere. ERR_USAGE says what is wrong. */
int command_parse(struct cli *, const struct command *table, size_t n, int argc,
                  char *const argv[], struct error *);
/* Is that option a time, if it is there? ERR_USAGE. */
int command_check_time(const struct cli *, enum option, struct error *);
/* The command of a noun and a verb (NULL: the noun alone); NULL. */
const struct command *command_find(const struct command *table, size_t n,
                                   const char *noun, const char *verb);
/* Has it a command? */
bool command_noun(const struct command *table, size_t n, const char *noun);
/* How many arguments it takes. */
size_t command_arguments(const struct command *);
/* What every command takes. */
extern const option_set command_global;
/* How an option is written. */
struct option_form {
    const char *name, *value; /* value NULL: a flag */
    bool many;                /* may be given several times */
};
const struct option_form *option_form(enum option);
/* The option that a word names, or OPTION__MAX; *value is what follows "=", or
 * NULL. */
enum option option_of(const char *word, const char **value);

/* Help (help.c): every command in a line; those of one noun with their options
 * and an example; or one command with all its words. */
void help_all(FILE *, const struct command *table, size_t n);
void help_noun(FILE *, const struct command *table, size_t n, const char *noun);
void help_command(FILE *, const struct command *);
/* What --help asks for. */
void help_show(FILE *, const struct cli *);

/* ---- policies by themselves (policy.c) ---------------------------------- */

struct policy;
/* A folder however it is written; filled with words that stand for a daemon's
 * configuration. NULL with error. */
struct policy *policy_open(const char *folder, struct error *);

/* ---- asking the desk (client.c, ssh.c) ---------------------------------- */

/* A desk behind ssh. */
struct ssh; /* opaque: a door of ours, and an ssh behind each who comes in */
bool ssh_is(const char *address);
/* ERR_USAGE for what could be an option or a command to somebody. */
int ssh_new(struct ssh **, const char *address, struct error *);
/* The door's name, a socket that takes nobody else in; borrowed. A connection
 * to it is one to the desk. */
const char *ssh_door(const struct ssh *);
/* After the connection was closed: why it ended. ERR_NONE: no ssh was run. */
void ssh_explain(struct ssh *, struct error *);
void ssh_free(struct ssh **);

struct client; /* opaque: one connection */
int client_open(struct client **, const char *socket, struct error *);
void client_close(struct client **);
/* GET; the whole answer is appended to out. A refusal is the desk's error with
 * its code (403 ERR_NOT_PERMITTED, 404 ERR_NOT_FOUND, 422 ERR_VERIFY). */
int client_get(struct client *, const char *path, struct buf *out,
               struct error *);
json_t *client_get_json(struct client *, const char *path, struct error *);
/* GETs something that goes on no record and has the role of what is asked next:
 * who may not, hears it before anything else is looked at. */
int client_allowed(const struct cli *, const char *path, struct error *);
/* A header of the answer that comes or came last, or NULL; good until the next
 * question. */
const char *client_header(struct client *, const char *name);
/* POST of a JSON body. */
json_t *client_post_json(struct client *, const char *path, const char *body,
                         struct error *);
/* GET, or POST of a JSON body; a good answer goes to the sink as it comes and
 * is complete when this returns 0. */
int client_stream(struct client *, const char *path, const char *body,
                  age_sink sink, void *arg, struct error *);
/* POST of bytes that are no JSON. */
json_t *client_post_bytes(struct client *, const char *path, const void *bytes,
                          size_t, struct error *);
/* Appends "?key=value" or "&key=value", escaped; nothing for a NULL value. */
int client_query(struct buf *path, const char *key, const char *value);
/* The same of a time, as the desk wants it; nothing where it is `none`. */
int client_query_time(struct buf *path, const char *key, msec time, msec none);
/* Appends folder, escaped name and rest. */
int client_path(struct buf *path, const char *folder, const char *name,
                const char *rest);
/* The same with the error; name NULL: the folder is all of it. */
int client_route(struct buf *path, const char *folder, const char *name,
                 const char *rest, struct error *);
/* GETs that over a connection of its own. */
json_t *client_fetch(const struct cli *, const char *folder, const char *name,
                     const char *rest, struct error *);

/* ---- showing (output.c, csv.c, csv_in.c, html.c, splitter.c) ------------ */

struct output_column {
    const char *key, *title;
};
/* A value as a person reads it: customers' text escaped, null a dash. */
int output_value(struct buf *, const json_t *);
/* An array of objects as a table; columns end with a NULL key. */
int output_table(FILE *, const json_t *list, const struct output_column *,
                 struct error *);
/* The same, with the lines of the last column's texts as lines: those after the
 * first stand under it, so that none can be taken for a row. */
int output_lines(FILE *, const json_t *list, const struct output_column *,
                 struct error *);
int output_object(FILE *, const json_t *, struct error *);
int output_json(FILE *, const json_t *, struct error *);
/* Everything is written: ERR_IO when it is not. */
int output_end(FILE *, struct error *);
/* An object, or rows, to who asked: as JSON, or to be read; all is written. */
int output_answer(const struct cli *, const json_t *, struct error *);
int output_rows(const struct cli *, const json_t *list,
                const struct output_column *, struct error *);
/* GETs a listing, of those whose `key` is `value` (NULL: any), and shows it. */
int output_list(const struct cli *, const char *path, const char *key,
                const char *value, const struct output_column *,
                struct error *);
/* GETs one object, folder and name (may be ""), and shows it. */
int output_one(const struct cli *, const char *folder, const char *name,
               struct error *);

/* One cell (NULL: empty), RFC 4180; what a spreadsheet would take for a
 * formula begins with an apostrophe. */
int csv_cell(struct buf *, const char *text);
/* A row of an object's members, texts and whole numbers; row NULL: the names of
 * the columns. */
int csv_object(struct buf *, const json_t *row, const struct output_column *);
/* A row of what a line of compact JSON has: the columns (NULL ends them), in
 * their order. -1 no memory, -2 no such line: out may have a part of it then.
 */
int csv_row(struct buf *out, const char *const *columns, const char *line,
            size_t);

/* What others write: a file with a line of names first, cells parted by the
 * sign that this line has (comma, semicolon, tab), RFC 4180 quotes, UTF-8.
 * Cells are borrowed; line counts from 1 as editors do. Rows have as many cells
 * as names (LIMIT_CSV_CELLS at most); empty lines are passed over. */
struct csv_in; /* opaque */
/* ERR_INPUT for what is no such file. The bytes are changed, and outlive it:
 * cells are in them, each with a NUL behind it. */
int csv_open(struct csv_in **, struct buf *bytes, struct error *);
size_t csv_names(const struct csv_in *, const char *const **names);
enum csv_row {
    CSV_END,
    CSV_ROW,
    CSV_WRONG, /* *what is: it is no row, and those behind it are to be had */
};
enum csv_row csv_next(struct csv_in *, const char *const **cells, size_t *line,
                      const char **what);
void csv_close(struct csv_in **);

/* Appends a text as text of a page (html.c): lines stay lines, all else that
 * is not seen is shown. */
int html_text(struct buf *, const char *);

/* Cuts a stream into lines, which mostly stand where they came: no NUL follows
 * one, and it stays for the call only. */
typedef int (*splitter_line)(void *arg, const char *, size_t, struct error *);
struct splitter {
    splitter_line line;
    void *arg;
    struct buf rest;
};
int splitter_add(struct splitter *, const void *, size_t, struct error *);
/* ERR_VERIFY when the last line has no end. Frees in any case. */
int splitter_end(struct splitter *, struct error *);

/* ---- where results go (out*.c, sealing.c, zip.c, progress.c …) ---------- */

/* Stdout, or a file that appears under its name only complete, mode 0600, and
 * leaves nothing behind otherwise. */
struct outfile; /* opaque */
/* Before anything costs time: may there be such a file? NULL: stdout. */
int outfile_check(const char *path, struct error *);
int outfile_open(struct outfile **, const char *path, struct error *);
int outfile_write(struct outfile *, const void *, size_t, struct error *);
int outfile_commit(struct outfile *, struct error *);
/* The same for one that must not be there yet (ERR_CONFLICT); undo removes what
 * this made. */
int outfile_commit_new(struct outfile *, struct error *);
void outfile_undo(struct outfile *);
void outfile_close(struct outfile **);

/* An age file under way, on several cores: plain bytes in, sealed ones to a
 * result that is borrowed. Free it also when making it fails. */
struct sealing; /* opaque */
int sealing_for(struct sealing **, const uint8_t (*to)[AGE_KEY_LEN], size_t n,
                struct error *);
int sealing_for_passphrase(struct sealing **, const struct secret *,
                           struct error *);
int sealing_begin(struct sealing *, struct outfile *, bool armor,
                  struct error *);
/* An age_sink. */
int sealing_add(void *sealing, const uint8_t *, size_t, struct error *);
int sealing_end(struct sealing *, struct error *);
void sealing_free(struct sealing **);

/* A ZIP archive as a stream: members as they are, not compressed; sizes follow
 * them, so nothing is sought. Names are UTF-8. */
struct zip; /* opaque */
int zip_new(struct zip **, age_sink sink, void *arg, msec now, struct error *);
int zip_begin(struct zip *, const char *name, struct error *);
/* An age_sink: more of the member that was begun. */
int zip_add(void *zip, const uint8_t *, size_t, struct error *);
/* Ends the member. */
int zip_end(struct zip *, struct error *);
/* Writes the directory. */
int zip_finish(struct zip *, struct error *);
void zip_free(struct zip **);

/* Files that come into a folder together or not at all. One that is missing is
 * made, 0700, and goes again unless this commits. Close it also when the open
 * fails. */
struct outfolder; /* opaque */
int outfolder_open(struct outfolder **, const char *path, struct error *);
/* ERR_CONFLICT when the name is taken. */
int outfolder_check(const struct outfolder *, const char *name, struct error *);
/* To be written, and not closed; NULL with error. */
struct outfile *outfolder_add(struct outfolder *, const char *name,
                              struct error *);
int outfolder_commit(struct outfolder *, struct error *);
void outfolder_close(struct outfolder **);

/* A name that SIGINT, SIGTERM, SIGHUP and SIGQUIT remove before they end us,
 * until it is dropped. NULL: no memory, it only stays then. */
struct trail; /* opaque */
struct trail *trail_add(const char *path, bool folder);
void trail_drop(struct trail **);
/* Between the two these signals wait. */
void trail_hold(sigset_t *before);
void trail_go_on(const sigset_t *before);

/* Appends what a customer's file is called in a folder of ours: the harmless
 * part of the name it came under (may be NULL), the document's id, the ending
 * of its judged type. */
int file_name_add(struct buf *out, const char *given, const char *id,
                  const char *media_type);

/* How far several files are, on stderr. */
struct progress {
    enum { PROGRESS_NONE, PROGRESS_LINES, PROGRESS_BAR } kind;
    size_t file, files;
    uint64_t done, bytes;
    msec drawn;
};
void progress_begin(struct progress *, bool quiet, size_t files,
                    uint64_t bytes);
void progress_bytes(struct progress *, size_t n);
/* Begins the next one. */
void progress_file(struct progress *, const char *name);
void progress_end(struct progress *);

/* How many rows went by, on stderr: on a terminal, or a line every few seconds
 * where `always` asks for it. Without a terminal and not asked: nothing. */
struct progress_rows {
    bool bar, lines;
    msec drawn;
};
void progress_rows_begin(struct progress_rows *, bool always);
void progress_rows_at(struct progress_rows *, uint64_t rows);
void progress_rows_end(struct progress_rows *, uint64_t rows);

/* ---- times as people type them (zone.c) --------------------------------- */

/* The zone where nobody names one: two auditors who ask alike get the same
 * answer, whatever machine they sit at. */
#define ZONE_USUAL "UTC"
/* --zone, or the usual one. */
const char *zone_name(const struct cli *);

/* A time, or a date: RFC 3339 as it is; without an offset in `zone`, a name of
 * the system's zones ("America/Bogota"), NULL: UTC. A date is its first instant
 * there. ERR_USAGE says which option. */
int zone_time(msec *out, const char *option, const char *text, const char *zone,
              struct error *);
/* --since and --until, in --zone; INT64_MIN and INT64_MAX where they were not
 * given. A period that nothing can be in is ERR_USAGE. */
int zone_period(msec *since, msec *until, const struct cli *, struct error *);

/* ---- who we are (identity.c, passphrase.c, key.c, founding.c) ----------- */

/* $HOME/.config/resguardo/identity; NULL: no memory or no home. */
char *identity_default_path(void);
/* Makes the folders of that path that are missing, 0700. */
int identity_folders(const char *path, struct error *);
/* Yours, for the desk; with the passphrase of a file, or (NULL) typed. */
struct secret *identity_load(const char *path, const char *passphrase_file,
                             struct error *);
/* All of a file. One that is sealed with a passphrase is opened with that of
 * `passphrase_file`, or (NULL) with what is typed on the terminal. */
int identity_load_all(struct age_identities *, const char *path,
                      const char *passphrase_file, struct error *);
/* Writes a new one, 0600, with its folders, sealed with a passphrase (NULL:
 * none); ERR_CONFLICT when it is there. */
int identity_write(const char *path, const struct secret *,
                   const struct secret *passphrase, msec now, struct error *);
/* The passphrase of a new file, as --no-passphrase (*out is NULL), the file
 * that holds it, or (NULL) the terminal say. */
int identity_passphrase(const struct cli *, const char *path,
                        const char *passphrase_file, struct secret **out,
                        struct error *);

/* What two people compare of a recipient: half of its SHA-256, in groups. */
#define FINGERPRINT_SIZE 40
void identity_fingerprint(char out[static FINGERPRINT_SIZE],
                          const uint8_t recipient[static AGE_KEY_LEN]);

/* A recipient that was given with an option. */
int recipient_read(uint8_t out[static AGE_KEY_LEN], const char *option,
                   const char *value, struct error *);

/* Asks on the terminal, whatever stdin is, without showing what is typed;
 * `twice` for a new one. ERR_INPUT when it is empty or they differ. */
struct secret *passphrase_ask(const char *prompt, bool twice, struct error *);
/* The whole of a file but one newline at its end. */
struct secret *passphrase_read(const char *path, struct error *);
/* Either: the file, or (NULL) the terminal. */
struct secret *passphrase_get(const char *file, const char *what, bool twice,
                              struct error *);

/* The identity files of somebody who sets up an instance: their own, and that
 * of the custodian unless --custody says whose it is. Read where they are
 * there, otherwise made in memory, with their passphrases, and written only
 * then. */
struct key {
    char *path;
    struct secret *identity, *passphrase;
    bool fresh, written;
};
struct keys {
    struct key own, custody;
    bool custody_given; /* its identity is elsewhere */
    uint8_t custody_recipient[AGE_KEY_LEN];
};
int key_prepare(struct key *, const struct cli *, const char *path,
                const char *passphrase_file, struct error *);
int key_write(struct key *, msec now, struct error *);
void key_free(struct key *);
int keys_prepare(struct keys *, const struct cli *, struct error *);
int keys_write(struct keys *, msec now, struct error *);
/* Takes back what was written: nothing hangs on it yet. */
void keys_unwrite(struct keys *);
/* Says what is to be done with the custodian's. */
void keys_tell(const struct keys *);
void keys_free(struct keys *);

/* What a keyring begins with: root, its officer with all roles, epoch 1 and the
 * officer's grant of it. A file of one line of JSON {entries, grants, v} takes
 * it from the officer's machine to the server. */
#define FOUNDING_ENTRIES 3u
struct founding {
    struct keyring *ring;
    struct buf entries[FOUNDING_ENTRIES];
    uint8_t signatures[FOUNDING_ENTRIES][SIGN_LEN];
    struct buf grant;
};
int founding_make(struct founding *, const struct keys *, uint32_t uid,
                  const char *name, msec now, struct error *);
/* Its one member. */
const struct keyring_staff *founding_officer(const struct founding *);
void founding_root(const struct founding *,
                   char out[static HEX_SIZE(KEYRING_HASH_LEN)]);
int founding_format(const struct founding *, struct buf *out, struct error *);
/* Whatever it says is checked; ERR_VERIFY where a signature is not good. */
int founding_parse(struct founding *, const void *, size_t, struct error *);
void founding_free(struct founding *);

/* ---- whom we know (known.c), what we read with (reader.c) --------------- */

/* IDENTITY.known: JSON lines {address, keyring_root, ledger_key, checkpoint},
 * one a desk address. */
struct known; /* opaque */
int known_open(struct known **, const char *identity, const char *address,
               struct error *);
void known_close(struct known **);
/* NULL: never seen. */
const char *known_get(const struct known *, const char *member);
int known_set(struct known *, const char *member, const char *value,
              struct error *);
/* Nothing is known of it any more. */
int known_forget(struct known *, const char *member, struct error *);
/* The same as before, or seen for the first time (*first, may be NULL);
 * otherwise ERR_VERIFY, `what` in words. */
int known_pin(struct known *, const char *member, const char *value,
              const char *what, bool *first, struct error *);
/* Writes the file if anything changed. */
int known_save(struct known *, struct error *);
/* As commands do it: a file that cannot be written is only a warning. -1 when
 * another run met another desk here meanwhile (ERR_VERIFY). */
int known_keep(struct known *, struct error *);
/* Is all that was set in the file? Not after the warning of known_keep. */
bool known_kept(const struct known *);

/* The keyring in the desk's answer, checked back to the pinned root and past
 * the longest log seen before, which it becomes. The caller frees; NULL with
 * error. */
struct keyring *reader_keyring(const struct cli *, const json_t *answer,
                               struct error *);
/* Tells on stderr which changes of the ledger's key a verified bundle has, and
 * whose word that is (ledger.c). */
int ledger_tell_changes(const char *folder, struct error *);

/* What it was when it had `size` entries: of an answer that reader_keyring
 * took. NULL with ERR_VERIFY: it has fewer. */
struct keyring *reader_keyring_then(const json_t *answer, uint64_t size,
                                    struct error *);
/* The size of the longest that was seen here; 0: none. */
uint64_t reader_keyring_seen(const struct known *);

/* The epochs that were granted to us; secrets[i] is epoch i + 1, NULL where
 * none was. A grant that does not open is passed over with a warning. */
struct epochs {
    struct secret **secrets;
    size_t n;
};
int epochs_open(struct epochs *, const struct keyring *,
                const struct secret *me, const json_t *grants, struct error *);
void epochs_close(struct epochs *);
/* Adds what identity files hold of the epochs of a keyring. */
int epochs_add(struct epochs *, const struct keyring *,
               const char *const *files, size_t n, struct error *);
/* Borrowed; NULL with ERR_NOT_PERMITTED. */
const struct secret *epochs_get(const struct epochs *, unsigned epoch,
                                struct error *);
/* Opens a file with any of them. */
int epochs_opener(struct age_opener **, const struct epochs *, age_sink sink,
                  void *arg, struct error *);

/* ---- signed requests (session.c, reading.c) ----------------------------- */

struct session {
    const struct cli *cli;
    const char *path; /* that is signed for, by POST; borrowed */
    struct client *client;
    char nonce[HEX_SIZE(32)];
    struct secret *me;
    const char *ground; /* of readings, or NULL: staff's own work; borrowed */
    json_t *answer;     /* the keyring's */
    struct keyring *ring;
    uint32_t uid; /* at the daemon's machine */
};
/* Asks for a nonce, then opens the identity and checks the keyring; enrols when
 * this is the first time. Close it also when this fails. */
int session_open(struct session *, const struct cli *, const char *path,
                 struct error *);
void session_close(struct session *);
int session_epochs(struct session *, struct epochs *, struct error *);
/* Another nonce, for the same path. */
int session_nonce(struct session *, struct error *);
/* Signs and posts to another path than it was opened for. Takes the body. */
int session_ask(struct session *, const char *path, json_t *body,
                json_t **answer, struct error *);
/* Adds nonce and signature. */
int session_sign(struct session *, json_t *body, const char *reason,
                 struct error *);
/* Signs, with the body's reason if it has one, and posts; takes the body. */
int session_post(struct session *, json_t *body, json_t **answer,
                 struct error *);
/* The same, with words that are signed, too. */
int session_post_for(struct session *, json_t *body, const char *words,
                     json_t **answer, struct error *);

/* One such request: a session, the post, its end. Takes the body. */
int session_once(const struct cli *, const char *path, json_t *body,
                 json_t **answer, struct error *);
/* The same about a name (NULL: the folder is the whole path). */
int session_about(const struct cli *, const char *folder, const char *name,
                  const char *rest, json_t *body, json_t **answer,
                  struct error *);
/* The same, and the answer is shown; or (done) is JSON's alone, and these words
 * are said instead. */
int session_show(const struct cli *, const char *folder, const char *name,
                 const char *rest, json_t *body, const char *done,
                 struct error *);
/* What --reason (or another option) says is words. ERR_USAGE. */
int session_words(const struct cli *, enum option, const char *name,
                  struct error *);

/* A signed POST whose answer is a sealed document: what it opens to goes to the
 * sink, all of it authentic when this returns 0. `epochs` NULL: the answer as
 * it is. `payload`: what the SHA-256 of the payload must be, in hex, or
 * ERR_VERIFY; NULL: nobody said. The session has a nonce for its path. */
int session_read(struct session *, const struct epochs *, const char *payload,
                 const char *reason, age_sink sink, void *arg, struct error *);

/* Which of many documents it was that failed; -1. */
int error_name_document(struct error *, const char *id);

/* ---- changes of the keyring (change.c) ----------------------------------- */

/* A change of the keyring, to be posted: nothing yet. NULL: no memory, which
 * shows in what is added. */
json_t *session_change(const struct session *);
int change_entry(json_t *change, const struct buf *entry,
                 const uint8_t signature[static SIGN_LEN], struct error *);
int change_grant(json_t *change, const struct keyring_staff *to, unsigned epoch,
                 const struct secret *, struct error *);
/* Grants for one reader of the newest epoch and those that hold anything. */
int change_grants(struct session *, json_t *change,
                  const struct keyring_staff *to, const struct epochs *,
                  struct error *);
/* A new epoch, and a grant of it for everyone who reads. */
int change_epoch(struct session *, json_t *change, struct error *);

/* ---- messages and notes (chat.c) ---------------------------------------- */

/* Opens what the desk sent sealed: "sealed" of a message becomes "text". */
int chat_open(json_t *message, const struct epochs *, struct error *);
/* Asks for what is sealed, with --reason, and opens it: the answer, or (not
 * NULL) the list that this member of it is. Who could open nothing asks for
 * nothing. *answer is the caller's, also when this fails. */
int chat_read(const struct cli *, const char *folder, const char *name,
              const char *rest, const char *member, json_t **answer,
              struct error *);

/* ---- cases (case.c) ------------------------------------------------------ */

/* The code of a case as people say it, else what was typed; NULL for NULL. */
const char *case_typed(const char *typed, char code[static CASE_CODE_SIZE]);

/* ---- all references of a person (link.c) --------------------------------- */

/* Runs it for the person that is named and, with --linked, for each of their
 * other references after that, what is written into FILE.SUBJECT; without it,
 * says on stderr that there are some. */
int linked_run(const struct cli *, command_run, struct error *);

/* ---- certificates (certificate.c): pure --------------------------------- */

/* Of an erasure: entry, proof, checkpoint and signature hold, under the key
 * that is known (NULL: any), and the entry says what the certificate does.
 * ERR_VERIFY. */
int certificate_verify(const json_t *, const char *known_vkey, struct error *);

/* ---- the commands ------------------------------------------------------- */

int init_run(const struct cli *, struct error *);
int identity_run_new(const struct cli *, struct error *);
int case_run_list(const struct cli *, struct error *);
int case_run_show(const struct cli *, struct error *);
int case_run_close(const struct cli *, struct error *);
int case_run_open(const struct cli *, struct error *);
int case_run_note(const struct cli *, struct error *);
int case_run_notes(const struct cli *, struct error *);
int case_run_assign(const struct cli *, struct error *);
int case_run_priority(const struct cli *, struct error *);
int case_run_move(const struct cli *, struct error *);
int case_run_received(const struct cli *, struct error *);
int case_run_return(const struct cli *, struct error *);
int case_run_contact(const struct cli *, struct error *);
int conversation_run_list(const struct cli *, struct error *);
int conversation_run_show(const struct cli *, struct error *);
int conversation_run_open(const struct cli *, struct error *);
int conversation_run_take(const struct cli *, struct error *);
int conversation_run_reply(const struct cli *, struct error *);
int conversation_run_hand_back(const struct cli *, struct error *);
int attachment_run_list(const struct cli *, struct error *);
int document_run_list(const struct cli *, struct error *);
int document_run_show(const struct cli *, struct error *);
int document_run_get(const struct cli *, struct error *);
int document_run_release(const struct cli *, struct error *);
int document_run_custody(const struct cli *, struct error *);
int document_run_code(const struct cli *, struct error *);
int document_run_send(const struct cli *, struct error *);
int hold_run_add(const struct cli *, struct error *);
int hold_run_list(const struct cli *, struct error *);
int hold_run_lift(const struct cli *, struct error *);
int retention_run_plan(const struct cli *, struct error *);
int request_run_open(const struct cli *, struct error *);
int request_run_list(const struct cli *, struct error *);
int request_run_show(const struct cli *, struct error *);
int request_run_ask(const struct cli *, struct error *);
int request_run_complete(const struct cli *, struct error *);
int request_run_assign(const struct cli *, struct error *);
int request_run_extend(const struct cli *, struct error *);
int request_run_close(const struct cli *, struct error *);
int request_run_report(const struct cli *, struct error *);
int incident_run_open(const struct cli *, struct error *);
int incident_run_affected(const struct cli *, struct error *);
int incident_run_list(const struct cli *, struct error *);
int document_run_get_case(const struct cli *, struct error *);
int subject_run_export(const struct cli *, struct error *);
int consent_run_export(const struct cli *, struct error *);
int consent_run_exports(const struct cli *, struct error *);
int consent_run_receipt(const struct cli *, struct error *);
int report_run_service(const struct cli *, struct error *);
int consent_run_report(const struct cli *, struct error *);
int ledger_run_checkpoint(const struct cli *, struct error *);
int ledger_run_verify(const struct cli *, struct error *);
int ledger_run_stamp(const struct cli *, struct error *);
int ledger_run_export(const struct cli *, struct error *);
int access_run_report(const struct cli *, struct error *);
int subject_run_reveal(const struct cli *, struct error *);
int ledger_run_reconcile(const struct cli *, struct error *);
int ledger_run_cosign(const struct cli *, struct error *);
int ledger_run_reopen(const struct cli *, struct error *);
int ledger_run_rotate(const struct cli *, struct error *);
int ledger_run_audit(const struct cli *, struct error *);
int reminder_run_check(const struct cli *, struct error *);
int reminder_run_send(const struct cli *, struct error *);
int reminder_run_exclude(const struct cli *, struct error *);
int reminder_run_log(const struct cli *, struct error *);
int promise_run_list(const struct cli *, struct error *);
int promise_run_decide(const struct cli *, struct error *);
/* What is wrong with the rows of a list: an array of {line, column, what}, and
 * the error that refuses it (ERR_INPUT). */
int row_fault_add(json_t *faults, size_t line, const char *column,
                  const char *what, struct error *);
int row_faults_show(const struct cli *, const json_t *faults, struct error *);
int row_faults_refuse(size_t wrong, size_t all, struct error *);
/* A phone number in full, without its signs, or a user id, for the caller to
 * free: *out, NULL without memory. What is wrong with the cell, or NULL.
 * Country is that of numbers without one ("57"), or NULL: such are wrong. */
const char *addressee_read(const char *cell, const char *country, char **out);
/* Can numbers without their country be of this one? ERR_INPUT. */
int addressee_country(const char *country, struct error *);
int events_run_follow(const struct cli *, struct error *);
int staff_run_list(const struct cli *, struct error *);
int staff_run_add(const struct cli *, struct error *);
int staff_run_revoke(const struct cli *, struct error *);
int vault_run_init(const struct cli *, struct error *);
int vault_run_status(const struct cli *, struct error *);
int vault_run_rotate(const struct cli *, struct error *);
int vault_run_rewrap(const struct cli *, struct error *);
int vault_run_grant(const struct cli *, struct error *);
int vault_run_escrow(const struct cli *, struct error *);
int vault_run_regrant(const struct cli *, struct error *);
int approval_run_list(const struct cli *, struct error *);
int approval_run_show(const struct cli *, struct error *);
int approval_run_grant(const struct cli *, struct error *);
int approval_run_refuse(const struct cli *, struct error *);
int subject_run_find(const struct cli *, struct error *);
int subject_run_erase(const struct cli *, struct error *);
int subject_run_certificate(const struct cli *, struct error *);
int subject_run_link(const struct cli *, struct error *);
int subject_run_merge(const struct cli *, struct error *);
int subject_run_unlink(const struct cli *, struct error *);
int subject_run_links(const struct cli *, struct error *);
int subject_run_suggestions(const struct cli *, struct error *);
int subject_run_adult(const struct cli *, struct error *);
int subject_run_show(const struct cli *, struct error *);
int subject_run_represent(const struct cli *, struct error *);
int subject_run_unrepresent(const struct cli *, struct error *);
int policy_run_check(const struct cli *, struct error *);
int policy_run_show(const struct cli *, struct error *);
int policy_run_record(const struct cli *, struct error *);
int calendar_run_show(const struct cli *, struct error *);
int calendar_run_due(const struct cli *, struct error *);
int age_run_encrypt(const struct cli *, struct error *);
int age_run_decrypt(const struct cli *, struct error *);
int desk_pipe_run(const struct cli *, struct error *);
int help_run(const struct cli *, struct error *);
int completion_run(const struct cli *, struct error *);
int status_run(const struct cli *, struct error *);
int check_run(const struct cli *, struct error *);

#endif
