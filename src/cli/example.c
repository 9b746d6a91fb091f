/*
 * An example of each command, as somebody types it after "resguardo". A test
 * holds this list and the table of commands together.
 */
#include "words.h"

#include <string.h>

static const struct {
    const char *noun, *verb, *line;
} examples[] = {
    { "init", NULL,
      "init --config /etc/resguardo/resguardo.yaml --identity "
      "/mnt/stick/identity" },
    { "identity", "new", "identity new -o ~/.config/resguardo/identity" },
    { "case", "list", "case list --overdue" },
    { "case", "show", "case show R4T7K2" },
    { "case", "close", "case close R4T7K2" },
    { "case", "open", "case open SUBJECT --policy co-habeas-data" },
    { "case", "assign", "case assign R4T7K2 ana" },
    { "case", "priority", "case priority R4T7K2 high" },
    { "case", "move", "case move DOCUMENT R4T7K2" },
    { "case", "received", "case received R4T7K2 id_copy" },
    { "case", "return", "case return R4T7K2 DOCUMENT --ground unreadable" },
    { "case", "contact",
      "case contact R4T7K2 out --channel phone --text 'vuelve el lunes'" },
    { "case", "note", "case note R4T7K2 --text 'llamó, vuelve el lunes'" },
    { "case", "notes", "case notes R4T7K2 --reason 'handover to bea'" },
    { "conversation", "list", "conversation list --state waiting" },
    { "conversation", "show",
      "conversation show CONVERSATION --reason 'answers her question'" },
    { "conversation", "take", "conversation take CONVERSATION" },
    { "conversation", "reply",
      "conversation reply CONVERSATION --text 'Buenos días, soy Ana.'" },
    { "conversation", "hand-back", "conversation hand-back CONVERSATION" },
    { "attachment", "list", "attachment list --state held" },
    { "document", "list", "document list --case R4T7K2" },
    { "document", "show", "document show DOCUMENT" },
    { "document", "get",
      "document get DOCUMENT --reason 'claim 4711' -o id.jpg" },
    { "document", "custody", "document custody DOCUMENT -o custody.json" },
    { "document", "code", "document code R4T7K2" },
    { "document", "send",
      "document send R4T7K2 statement.pdf --reason 'asked for it'" },
    { "document", "release",
      "document release DOCUMENT --authority 'SIC 26-1234' --reason 'order'" },
    { "hold", "add", "hold add R4T7K2 --reason 'lawsuit 2026-118'" },
    { "hold", "list", "hold list --all" },
    { "hold", "lift", "hold lift HOLD --reason 'lawsuit is over'" },
    { "retention", "plan", "retention plan --until 2027-01-01" },
    { "request", "open",
      "request open SUBJECT --kind access --reason 'letter of 24 November'" },
    { "request", "list", "request list --state overdue" },
    { "request", "show", "request show REQUEST" },
    { "request", "ask", "request ask REQUEST --reason 'which account?'" },
    { "request", "complete", "request complete REQUEST" },
    { "request", "extend",
      "request extend REQUEST --until 2026-12-10 --reason 'archive abroad'" },
    { "request", "assign", "request assign REQUEST bea" },
    { "request", "close",
      "request close REQUEST --outcome granted --reason 'copy handed over'" },
    { "request", "report", "request report 2026-1 --format csv" },
    { "incident", "open",
      "incident open --policy co-habeas-data --kind incident --reason 'laptop "
      "lost'" },
    { "incident", "list", "incident list --state open" },
    { "incident", "affected",
      "incident affected INCIDENT --actor bea --since 2026-11-01 -o rows.csv" },
    { "incident", "close",
      "incident close INCIDENT --outcome done --reason 'reported to the SIC'" },
    { "subject", "export",
      "subject export SUBJECT --recipient age1… -o maria.age --told 'handed "
      "over at the branch'" },
    { "consent", "export",
      "consent export --since 2026-11-01 --format csv -o consent.csv" },
    { "consent", "exports", "consent exports" },
    { "consent", "report", "consent report --lang es -o report.html" },
    { "consent", "receipt", "consent receipt SUBJECT --format html -o r.html" },
    { "report", "service",
      "report service --since 2026-11-01 --zone America/Bogota -o s.html" },
    { "access", "report", "access report --since 2026-11-01" },
    { "ledger", "checkpoint", "ledger checkpoint" },
    { "ledger", "cosign", "ledger cosign cosigned.txt" },
    { "ledger", "verify", "ledger verify bundle/" },
    { "ledger", "stamp", "ledger stamp" },
    { "ledger", "export", "ledger export -o bundle/" },
    { "ledger", "audit", "ledger audit" },
    { "ledger", "reconcile", "ledger reconcile" },
    { "ledger", "rotate-key", "ledger rotate-key" },
    { "ledger", "reopen",
      "ledger reopen --config /etc/resguardo/resguardo.yaml --second bea.id" },
    { "reminder", "check",
      "reminder check november.csv --template cuota --policy co-habeas-data" },
    { "reminder", "send",
      "reminder send november.csv --template cuota --policy co-habeas-data" },
    { "reminder", "exclude", "reminder exclude register.csv" },
    { "reminder", "promises", "reminder promises --state due" },
    { "reminder", "promise", "reminder promise kept PROMISE" },
    { "reminder", "log",
      "reminder log --since 2026-11-01 --rule contact_hours -o log.csv" },
    { "events", "follow",
      "events follow --cursor cursor --exec /usr/local/bin/tell-crm" },
    { "staff", "list", "staff list" },
    { "staff", "add", "staff add bea --role agent --recipient age1…" },
    { "staff", "revoke", "staff revoke bea" },
    { "approval", "list", "approval list" },
    { "approval", "show", "approval show APPROVAL" },
    { "approval", "grant",
      "approval grant APPROVAL --reason 'seen the order'" },
    { "approval", "refuse", "approval refuse APPROVAL --reason 'no order'" },
    { "vault", "init",
      "--socket ssh://ana@intake.example.co vault init --name ana --uid 1001 "
      "-o carried.json" },
    { "vault", "status", "vault status" },
    { "vault", "rotate", "vault rotate" },
    { "vault", "rewrap", "vault rewrap" },
    { "vault", "grant", "vault grant 1 -o grant.age" },
    { "vault", "regrant", "vault regrant bea" },
    { "vault", "escrow", "vault escrow 1 -r age1… -o kit.html" },
    { "subject", "find", "subject find +573001234567" },
    { "subject", "reveal", "subject reveal SUBJECT --reason 'to call back'" },
    { "subject", "erase",
      "subject erase SUBJECT --ground request -o certificate.json" },
    { "subject", "certificate", "subject certificate SUBJECT -o paper.json" },
    { "subject", "link",
      "subject link NEW FORMER --evidence 'came with her card' --proof "
      "branch_visit" },
    { "subject", "merge",
      "subject merge SUBJECT OTHER --evidence 'says so in both chats'" },
    { "subject", "unlink",
      "subject unlink SUBJECT OTHER --reason 'her sister has that number'" },
    { "subject", "links", "subject links SUBJECT" },
    { "subject", "suggestions", "subject suggestions" },
    { "subject", "adult", "subject adult SUBJECT --reason 'seen her card'" },
    { "subject", "show", "subject show SUBJECT" },
    { "subject", "represent",
      "subject represent SUBJECT --relation attorney --case R4T7K2 --evidence "
      "'power of attorney seen'" },
    { "subject", "unrepresent",
      "subject unrepresent SUBJECT --case R4T7K2 --reason 'it was revoked'" },
    { "policy", "check", "policy check /etc/resguardo/policies/es-gdpr" },
    { "policy", "show", "policy show /etc/resguardo/policies/es-gdpr" },
    { "calendar", "show",
      "calendar show 2027 --policy /etc/resguardo/policies/co-habeas-data" },
    { "calendar", "due",
      "calendar due reclamo --from 2026-12-01 --policy "
      "/etc/resguardo/policies/co-habeas-data" },
    { "age", "encrypt", "age encrypt -r age1… -o backup.age backup.tar" },
    { "age", "decrypt", "age decrypt -i identity -o backup.tar backup.age" },
    { "desk-pipe", NULL, "desk-pipe" },
    { "status", NULL, "status" },
    { "check", NULL, "check" },
    { "help", NULL, "help case list" },
    { "completion", NULL, "completion bash >~/.bash_completion" },
};

const char *example_of(const struct command *c)
{
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        const char *verb = examples[i].verb;

        if (strcmp(examples[i].noun, c->noun) != 0)
            continue;
        if (verb == NULL ? c->verb == NULL
                         : c->verb != NULL && strcmp(c->verb, verb) == 0)
            return examples[i].line;
    }
    return NULL;
}
