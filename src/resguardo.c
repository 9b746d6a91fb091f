/*
 * resguardo: what staff type. Finds the command, runs it, says what went wrong
 * and exits with the code that tells programs the same.
 */
#include "cli/cli.h"

#include <signal.h>
#include <stdlib.h>

#include <sodium.h>

#define EXPORT                                                                 \
    (OPTION_BIT(SINCE) | OPTION_BIT(UNTIL) | OPTION_BIT(ZONE) |                \
     OPTION_BIT(SUBJECT) | OPTION_BIT(CASE) | OPTION_BIT(POLICY) |             \
     OPTION_BIT(PURPOSE) | OPTION_BIT(NOTICE_VERSION) | OPTION_BIT(STATE) |    \
     OPTION_BIT(LANGUAGE) | OPTION_BIT(SENSITIVE) | OPTION_BIT(CHANNEL) |      \
     OPTION_BIT(ACTOR) | OPTION_BIT(AS_OF) | OPTION_BIT(SAMPLE) |              \
     OPTION_BIT(SEED) | OPTION_BIT(PROGRESS) | OPTION_BIT(FORMAT) |            \
     OPTION_BIT(LANG) | OPTION_BIT(OUT) | OPTION_BIT(REVEAL) |                 \
     OPTION_BIT(REASON))

#define SEAL                                                                   \
    (OPTION_BIT(RECIPIENT) | OPTION_BIT(ASK) | OPTION_BIT(PASSPHRASE_FILE) |   \
     OPTION_BIT(ARMOR) | OPTION_BIT(OUT))
#define UNSEAL                                                                 \
    (OPTION_BIT(KEY) | OPTION_BIT(ASK) | OPTION_BIT(PASSPHRASE_FILE) |         \
     OPTION_BIT(OUT))

#define NEW_KEYS                                                               \
    (OPTION_BIT(CUSTODY) | OPTION_BIT(NO_PASSPHRASE) |                         \
     OPTION_BIT(PASSPHRASE_FILE) | OPTION_BIT(CUSTODY_PASSPHRASE_FILE))

static const struct command commands[] = {
    { "init", NULL, init_run, NEW_KEYS | OPTION_BIT(KEYRING),
      OPTION_BIT(CONFIG), NULL,
      "makes storage and keys, you its officer; or the storage of a keyring "
      "that vault init made" },
    { "identity", "new", identity_run_new,
      OPTION_BIT(OUT) | OPTION_BIT(NO_PASSPHRASE) | OPTION_BIT(PASSPHRASE_FILE),
      0, NULL, "makes an identity file and prints its recipient" },
    { "case", "list", case_run_list, OPTION_BIT(STATE) | OPTION_BIT(OVERDUE), 0,
      NULL,
      "lists the cases: open, complete, closed; or those whose promised day is "
      "over" },
    { "case", "show", case_run_show, 0, 0, "CASE",
      "shows one case and what happened with it" },
    { "case", "close", case_run_close, 0, 0, "CASE",
      "closes a case: what is kept until then begins to run (on record)" },
    { "case", "open", case_run_open, 0, OPTION_BIT(POLICY), "SUBJECT",
      "opens a case of a person (on record)" },
    { "case", "assign", case_run_assign, 0, 0, "CASE NAME",
      "gives a case to an agent (on record)" },
    { "case", "priority", case_run_priority, 0, 0, "CASE PRIORITY",
      "how urgent a case is: low, normal, high, urgent (on record)" },
    { "case", "move", case_run_move, 0, 0, "DOCUMENT CASE",
      "puts a document into another case of its person (on record)" },
    { "case", "received", case_run_received, OPTION_BIT(NOW), 0, "CASE ITEM",
      "an item of its procedure came by another channel (on record)" },
    { "case", "return", case_run_return, OPTION_BIT(NOW), OPTION_BIT(GROUND),
      "CASE DOCUMENT",
      "sends a document back: unreadable, incomplete, wrong, expired, "
      "unsigned; "
      "the customer is told how to do it better (on record)" },
    { "case", "contact", case_run_contact, OPTION_BIT(FROM) | OPTION_BIT(TEXT),
      OPTION_BIT(CHANNEL), "CASE in|out",
      "notes a contact that was not in the chat: phone, branch, email, letter, "
      "sms, visit, other (on record)" },
    { "case", "note", case_run_note, 0, OPTION_BIT(TEXT), "CASE",
      "adds a sealed note to a case (on record)" },
    { "case", "notes", case_run_notes, 0, OPTION_BIT(REASON), "CASE",
      "opens the notes of a case (on record)" },
    { "conversation", "list", conversation_run_list, OPTION_BIT(STATE), 0, NULL,
      "lists who waits for a person, who has one: waiting, person, bot" },
    { "conversation", "show", conversation_run_show, 0, OPTION_BIT(REASON),
      "CONVERSATION", "opens what was written, with what came (on record)" },
    { "conversation", "take", conversation_run_take, OPTION_BIT(FROM), 0,
      "CONVERSATION", "makes it yours: the assistant is silent (on record)" },
    { "conversation", "open", conversation_run_open, OPTION_BIT(FROM), 0,
      "CASE", "begins one with the person of a case (on record)" },
    { "conversation", "reply", conversation_run_reply,
      OPTION_BIT(TEXT) | OPTION_BIT(TEMPLATE), 0, "CONVERSATION",
      "writes to the customer of a conversation of yours (on record)" },
    { "conversation", "hand-back", conversation_run_hand_back,
      OPTION_BIT(REASON), 0, "CONVERSATION",
      "gives it back to the assistant (on record)" },
    { "attachment", "list", attachment_run_list, OPTION_BIT(STATE), 0, NULL,
      "lists the files that customers announced, and what became of them" },
    { "document", "list", document_run_list, OPTION_BIT(CASE), 0, NULL,
      "lists the sealed documents (on record)" },
    { "document", "show", document_run_show, 0, 0, "DOCUMENT",
      "shows one document's row (on record)" },
    { "document", "get", document_run_get,
      OPTION_BIT(CASE) | OPTION_BIT(OUT) | OPTION_BIT(SEALED) |
          OPTION_BIT(GROUND),
      OPTION_BIT(REASON), "[DOCUMENT]",
      "opens a document, or all of a case, with your identity (on record)" },
    { "document", "custody", document_run_custody, OPTION_BIT(OUT), 0,
      "DOCUMENT",
      "every entry about a document, each with its proof (on record)" },
    { "document", "code", document_run_code,
      OPTION_BIT(TEMPLATE) | OPTION_BIT(VALUE), 0, "CASE",
      "draws a code that a customer writes in the chat before they get a "
      "document there (on record)" },
    { "document", "send", document_run_send,
      OPTION_BIT(CAPTION) | OPTION_BIT(TEMPLATE) | OPTION_BIT(VALUE) |
          OPTION_BIT(WAIT),
      OPTION_BIT(REASON), "CASE FILE",
      "sends a document to the customer of a case, once (on record)" },
    { "document", "release", document_run_release, OPTION_BIT(SUBJECT),
      OPTION_BIT(AUTHORITY) | OPTION_BIT(REASON), "[DOCUMENT]",
      "opens what is blocked for an authority, with a second officer (on "
      "record)" },
    { "hold", "add", hold_run_add,
      OPTION_BIT(UNTIL) | OPTION_BIT(KIND) | OPTION_BIT(LINKED),
      OPTION_BIT(REASON), "SUBJECT|CASE",
      "keeps it from being destroyed; --kind impersonation: somebody used "
      "their name, nobody collects; judicial: it is before a court; "
      "restriction: nobody reads it (on record)" },
    { "hold", "list", hold_run_list, OPTION_BIT(ALL), 0, NULL,
      "lists the legal holds in force, or all that ever were" },
    { "hold", "lift", hold_run_lift, OPTION_BIT(TOLD), OPTION_BIT(REASON),
      "HOLD", "ends a hold: what is due goes at once (on record)" },
    { "retention", "plan", retention_run_plan, OPTION_BIT(UNTIL), 0, NULL,
      "says what will go when, by which rule; changes nothing" },
    { "request", "open", request_run_open,
      OPTION_BIT(POLICY) | OPTION_BIT(FROM) | OPTION_BIT(ZONE) |
          OPTION_BIT(TOLD) | OPTION_BIT(REQUESTER) | OPTION_BIT(ASSURANCE) |
          OPTION_BIT(NOW),
      OPTION_BIT(KIND) | OPTION_BIT(REASON), "SUBJECT",
      "takes what a person asks for: access, correct, erase, withdraw, "
      "complaint, object, or a clock of the policy (on record)" },
    { "request", "list", request_run_list,
      OPTION_BIT(STATE) | OPTION_BIT(DUE_BEFORE) | OPTION_BIT(ZONE), 0, NULL,
      "lists the requests that run, what is due first at the top" },
    { "request", "show", request_run_show, 0, 0, "REQUEST",
      "shows one, and what was said of it (on record)" },
    { "request", "ask", request_run_ask, OPTION_BIT(TOLD) | OPTION_BIT(NOW),
      OPTION_BIT(REASON), "REQUEST",
      "asks the person for what it lacks (on record)" },
    { "request", "complete", request_run_complete, OPTION_BIT(ASSURANCE), 0,
      "REQUEST", "it is there: the term begins anew (on record)" },
    { "request", "extend", request_run_extend,
      OPTION_BIT(TOLD) | OPTION_BIT(NOW),
      OPTION_BIT(UNTIL) | OPTION_BIT(REASON), "REQUEST",
      "moves the last day, within the law, and tells the person why (on "
      "record)" },
    { "request", "assign", request_run_assign, 0, 0, "REQUEST NAME",
      "gives a request to a member of staff (on record)" },
    { "request", "close", request_run_close,
      OPTION_BIT(GROUND) | OPTION_BIT(TOLD) | OPTION_BIT(ASSURANCE) |
          OPTION_BIT(NOW),
      OPTION_BIT(OUTCOME) | OPTION_BIT(REASON), "REQUEST",
      "answers it: granted, partial, refused, forwarded, or withdrawn (on "
      "record)" },
    { "request", "report", request_run_report, OPTION_BIT(FORMAT), 0,
      "YEAR-HALF", "counts the requests of half a year: 2026-1" },
    { "incident", "open", incident_run_open,
      OPTION_BIT(DETECTED) | OPTION_BIT(ESCALATED) | OPTION_BIT(ZONE),
      OPTION_BIT(POLICY) | OPTION_BIT(KIND) | OPTION_BIT(REASON), NULL,
      "begins the clock of a breach of security (on record)" },
    { "incident", "list", incident_run_list,
      OPTION_BIT(STATE) | OPTION_BIT(DUE_BEFORE) | OPTION_BIT(ZONE), 0, NULL,
      "lists the incidents whose clock runs" },
    { "incident", "affected", incident_run_affected,
      OPTION_BIT(EPOCH) | OPTION_BIT(ACTOR) | OPTION_BIT(SINCE) |
          OPTION_BIT(UNTIL) | OPTION_BIT(ZONE) | OPTION_BIT(FORMAT) |
          OPTION_BIT(OUT),
      0, "INCIDENT",
      "lists whom and what it touched: readings of somebody or of a time, or "
      "what an epoch seals (on record)" },
    { "incident", "close", request_run_close, 0,
      OPTION_BIT(OUTCOME) | OPTION_BIT(REASON), "INCIDENT",
      "it was reported, or need not be: done, withdrawn (on record)" },
    { "subject", "export", subject_run_export,
      OPTION_BIT(READER) | OPTION_BIT(ASK) | OPTION_BIT(PASSPHRASE_FILE) |
          OPTION_BIT(REASON) | OPTION_BIT(OUT) | OPTION_BIT(LINKED) |
          OPTION_BIT(GROUND) | OPTION_BIT(TOLD) | OPTION_BIT(TELL),
      0, "SUBJECT",
      "packs all that is kept of a person into an age file (on record)" },
    { "consent", "export", consent_run_export, EXPORT, 0, NULL,
      "writes the consent log (on record)" },
    { "consent", "exports", consent_run_exports, 0, 0, NULL,
      "lists the filters of former exports, with the salts of their entries" },
    { "consent", "report", consent_run_report,
      OPTION_BIT(OUT) | OPTION_BIT(SINCE) | OPTION_BIT(UNTIL) |
          OPTION_BIT(ZONE) | OPTION_BIT(HOURS) | OPTION_BIT(LANG),
      0, "[DIR]",
      "a page to look at: decisions, accesses, deadlines; of the desk (on "
      "record), or of a bundle" },
    { "consent", "receipt", consent_run_receipt,
      OPTION_BIT(OUT) | OPTION_BIT(DOCUMENT) | OPTION_BIT(CASE) |
          OPTION_BIT(FORMAT) | OPTION_BIT(LANG),
      0, "[SUBJECT]",
      "what a person was shown and decided, in one case or at all, or what a "
      "document rests on, with proofs (on record)" },
    { "report", "service", report_run_service,
      OPTION_BIT(OUT) | OPTION_BIT(SINCE) | OPTION_BIT(UNTIL) |
          OPTION_BIT(ZONE) | OPTION_BIT(POLICY) | OPTION_BIT(FORMAT) |
          OPTION_BIT(LANG),
      0, NULL,
      "how people are served: volume, times, promises kept, satisfaction (on "
      "record)" },
    { "access", "report", access_run_report,
      OPTION_BIT(SINCE) | OPTION_BIT(UNTIL) | OPTION_BIT(FORMAT) |
          OPTION_BIT(OUT) | OPTION_BIT(HOURS) | OPTION_BIT(ZONE) |
          OPTION_BIT(REVEAL) | OPTION_BIT(REASON),
      0, "[DIR]",
      "who opened what and when, and what is odd about it (on record)" },
    { "ledger", "checkpoint", ledger_run_checkpoint, 0, 0, NULL,
      "prints the signed checkpoint: keep it elsewhere" },
    { "ledger", "cosign", ledger_run_cosign, 0, 0, "FILE",
      "hands in a checkpoint that a witness signed, to be kept with ours" },
    { "ledger", "verify", ledger_run_verify,
      OPTION_BIT(CHECKPOINT) | OPTION_BIT(WITNESS) | OPTION_BIT(ROOT), 0,
      "[DIR]",
      "recomputes the ledger, or a bundle of it, against what was seen "
      "before" },
    { "ledger", "stamp", ledger_run_stamp, 0, 0, NULL,
      "has an authority of time stamp the checkpoint now (on record)" },
    { "ledger", "export", ledger_run_export, OPTION_BIT(TILES), OPTION_BIT(OUT),
      NULL, "makes a bundle that anyone can check without us (on record)" },
    { "ledger", "audit", ledger_run_audit, 0, 0, NULL,
      "looks for what was fetched, kept or read without a legal basis" },
    { "ledger", "reconcile", ledger_run_reconcile, 0, 0, NULL,
      "adds up what came in, was kept and was destroyed, against the ledger" },
    { "ledger", "rotate-key", ledger_run_rotate, 0, 0, NULL,
      "exchanges the key that signs the ledger (on record)" },
    { "ledger", "reopen", ledger_run_reopen,
      OPTION_BIT(LAST) | OPTION_BIT(PASSPHRASE_FILE),
      OPTION_BIT(CONFIG) | OPTION_BIT(SECOND), NULL,
      "on the server, the daemon stopped: goes on after leaves were lost, as "
      "two officers say (on record)" },
    { "reminder", "check", reminder_run_check, OPTION_BIT(COUNTRY),
      OPTION_BIT(TEMPLATE) | OPTION_BIT(POLICY), "FILE.csv",
      "looks through a list of recipients: rows that are wrong, and why" },
    { "reminder", "send", reminder_run_send,
      OPTION_BIT(SKIP_BAD) | OPTION_BIT(COUNTRY),
      OPTION_BIT(TEMPLATE) | OPTION_BIT(POLICY), "FILE.csv",
      "sends a template to a list, as far as rules of contact allow (on "
      "record)" },
    { "reminder", "exclude", reminder_run_exclude,
      OPTION_BIT(REMOVE) | OPTION_BIT(SKIP_BAD) | OPTION_BIT(COUNTRY), 0,
      "FILE.csv",
      "takes numbers that want no advertising, or --remove, that left such a "
      "register (on record)" },
    { "reminder", "promises", promise_run_list, OPTION_BIT(STATE), 0, NULL,
      "lists by when people said that they will pay; due: the day is over" },
    { "reminder", "promise", promise_run_decide, 0, 0, "kept|broken PROMISE",
      "says what became of a promise (on record)" },
    { "reminder", "log", reminder_run_log,
      OPTION_BIT(SINCE) | OPTION_BIT(UNTIL) | OPTION_BIT(ZONE) |
          OPTION_BIT(SUBJECT) | OPTION_BIT(POLICY) | OPTION_BIT(TEMPLATE) |
          OPTION_BIT(RULE) | OPTION_BIT(FORMAT) | OPTION_BIT(OUT),
      0, NULL,
      "writes the contact log: what went, what a rule forbade, what was "
      "answered (on record)" },
    { "events", "follow", events_run_follow,
      OPTION_BIT(URL) | OPTION_BIT(SECRET_FILE) | OPTION_BIT(EXEC) |
          OPTION_BIT(ALL) | OPTION_BIT(ONCE),
      OPTION_BIT(CURSOR), NULL,
      "tells another system what happens, as signed webhooks or to a local "
      "program" },
    { "staff", "list", staff_run_list, 0, 0, NULL,
      "lists who is on the keyring, their roles and the epochs they read" },
    { "staff", "add", staff_run_add, 0, OPTION_BIT(ROLE) | OPTION_BIT(READER),
      "NAME",
      "adds a Unix user to the keyring, with grants if they read (on record)" },
    { "staff", "revoke", staff_run_revoke, 0, 0, "NAME",
      "takes somebody's grants and begins a new epoch (on record)" },
    { "approval", "list", approval_run_list, 0, 0, NULL,
      "lists what waits for a second officer" },
    { "approval", "show", approval_run_show, 0, 0, "APPROVAL",
      "shows exactly what is asked (on record)" },
    { "approval", "grant", approval_run_grant, OPTION_BIT(WHAT),
      OPTION_BIT(REASON), "APPROVAL",
      "approves it, as the second officer (on record)" },
    { "approval", "refuse", approval_run_refuse, OPTION_BIT(REASON), 0,
      "APPROVAL", "refuses it, or takes it back (on record)" },
    { "vault", "init", vault_run_init, NEW_KEYS,
      OPTION_BIT(NAME) | OPTION_BIT(UID) | OPTION_BIT(OUT), NULL,
      "on the officer's machine: makes identity and keyring of a new server" },
    { "vault", "status", vault_run_status, 0, 0, NULL,
      "says how many documents are sealed to which epoch" },
    { "vault", "rotate", vault_run_rotate, 0, 0, NULL,
      "begins a new epoch, granted to all who read (on record)" },
    { "vault", "rewrap", vault_run_rewrap, 0, 0, NULL,
      "moves stored documents to the newest epoch (on record)" },
    { "vault", "grant", vault_run_grant, OPTION_BIT(OUT), 0, "EPOCH",
      "prints your own grant of an epoch, an age file" },
    { "vault", "regrant", vault_run_regrant, OPTION_BIT(KEY), 0, "NAME",
      "gives a reader the grants that are missing or do not open (on record)" },
    { "vault", "escrow", vault_run_escrow, OPTION_BIT(OUT),
      OPTION_BIT(RECIPIENT), "EPOCH",
      "writes a page to print: an epoch's secret, sealed to an offline key (on "
      "record)" },
    { "subject", "find", subject_run_find, 0, 0, "PHONE-OR-BSUID",
      "says who is reached like that (on record)" },
    { "subject", "show", subject_run_show, 0, 0, "SUBJECT",
      "shows what there is of a person, their language and who answers for "
      "them (on record)" },
    { "subject", "reveal", subject_run_reveal, 0, OPTION_BIT(REASON), "SUBJECT",
      "says how somebody is reached and called (on record)" },
    { "subject", "erase", subject_run_erase,
      OPTION_BIT(REASON) | OPTION_BIT(OUT) | OPTION_BIT(LINKED) |
          OPTION_BIT(TOLD),
      OPTION_BIT(GROUND), "SUBJECT",
      "destroys all that is kept of a person, and certifies it (on record)" },
    { "subject", "certificate", subject_run_certificate, OPTION_BIT(OUT), 0,
      "SUBJECT", "prints the certificate of an erasure again" },
    { "subject", "link", subject_run_link, OPTION_BIT(PROOF),
      OPTION_BIT(EVIDENCE), "SUBJECT FORMER",
      "a new number or user id is somebody known; with --proof their consent "
      "comes over (on record)" },
    { "subject", "merge", subject_run_merge, OPTION_BIT(PROOF),
      OPTION_BIT(EVIDENCE), "SUBJECT OTHER",
      "two numbers are one person's (on record)" },
    { "subject", "unlink", subject_run_unlink, 0, OPTION_BIT(REASON),
      "SUBJECT OTHER", "they are not: what came over goes (on record)" },
    { "subject", "links", subject_run_links, 0, 0, "SUBJECT",
      "lists the other references of a person" },
    { "subject", "suggestions", subject_run_suggestions, 0, 0, NULL,
      "lists whom Meta says to have another number or user id" },
    { "subject", "adult", subject_run_adult, 0, OPTION_BIT(REASON), "SUBJECT",
      "who said to be under age is not: their own yes counts (on record)" },
    { "subject", "represent", subject_run_represent,
      OPTION_BIT(CASE) | OPTION_BIT(PROCEDURE) | OPTION_BIT(POLICY) |
          OPTION_BIT(CHILD_HEARD),
      OPTION_BIT(RELATION) | OPTION_BIT(EVIDENCE), "SUBJECT",
      "who writes may, for a child or in a case for somebody else (on "
      "record)" },
    { "subject", "unrepresent", subject_run_unrepresent, OPTION_BIT(CASE),
      OPTION_BIT(REASON), "SUBJECT", "they may no more (on record)" },
    { "policy", "check", policy_run_check, 0, 0, "DIR",
      "checks the folder of a policy; asks no daemon" },
    { "policy", "show", policy_run_show, 0, 0, "DIR",
      "shows what a policy says of hours, clocks and procedures" },
    { "policy", "record", policy_run_record,
      OPTION_BIT(FORMAT) | OPTION_BIT(LANG), 0, "POLICY",
      "what a register of data bases (Colombia: RNBD) asks of a policy in "
      "force" },
    { "calendar", "show", calendar_run_show, 0, OPTION_BIT(POLICY), "[YEAR]",
      "lists the days of a year that are no business days by a policy" },
    { "calendar", "due", calendar_run_due, OPTION_BIT(FROM), OPTION_BIT(POLICY),
      "[CLOCK]", "says when answers are due for what came in that day" },
    { "age", "encrypt", age_run_encrypt, SEAL, 0, "[FILE]",
      "seals a file for recipients or with a passphrase; asks no daemon" },
    { "age", "decrypt", age_run_decrypt, UNSEAL, 0, "[FILE]",
      "opens an age file; asks no daemon" },
    { "desk-pipe", NULL, desk_pipe_run, 0, 0, NULL,
      "copies stdin and stdout to the desk's socket: ssh runs it" },
    { "status", NULL, status_run, 0, 0, NULL,
      "says how the daemon is and what waits" },
    { "check", NULL, check_run, 0, 0, NULL,
      "compares storage, database and ledger" },
    { "help", NULL, help_run, 0, 0, "[NOUN VERB]",
      "says what there is; of a command, what it takes, with an example" },
    { "completion", NULL, completion_run, 0, 0, "[SHELL]",
      "prints what makes a shell complete these words: bash, zsh, fish" },
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* Words of the desk may quote what somebody sent, so they are escaped. */
static void complain(const char *label, const char *text)
{
    struct buf escaped = { 0 };

    if (buf_adds(&escaped, "") == 0 && text_escape(&escaped, text) == 0)
        (void)fprintf(stderr, "%s: %s\n", label, (const char *)escaped.p);
    buf_free(&escaped);
}

static int run(const struct cli *cli, struct error *e)
{
    if (cli->options[OPTION_HELP] != NULL) {
        help_show(stdout, cli);
        return output_end(stdout, e);
    }
    if (cli->options[OPTION_VERSION] != NULL) {
        (void)puts("resguardo " RESGUARDO_VERSION);
        return output_end(stdout, e);
    }
    return cli->command->run(cli, e);
}

int main(int argc, char *argv[])
{
    struct cli cli = { 0 };
    struct error e = { 0 };
    int ok = -1;

    (void)signal(SIGPIPE, SIG_IGN);
    if (sodium_init() < 0)
        (void)error_set(&e, ERR_INTERNAL, "libsodium does not start");
    else if (process_harden(&e) == 0 &&
             command_parse(&cli, commands, COMMANDS, argc, argv, &e) == 0)
        ok = run(&cli, &e);
    free(cli.identity);
    if (ok == 0)
        return EXIT_SUCCESS;
    complain("error", e.text);
    if (e.hint[0] != '\0')
        complain("hint", e.hint);
    return e.code != ERR_NONE ? error_exit_code(e.code) : EXIT_FAILURE;
}
