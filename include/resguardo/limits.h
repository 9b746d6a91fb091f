/*
 * Every limit of the product in one place, each with its reason. A limit that
 * is not here does not exist: count before allocating, reject trailing bytes.
 */
#ifndef RESGUARDO_LIMITS_H
#define RESGUARDO_LIMITS_H

/* Webhooks: Meta documents 3 MB a payload and 1,000 updates. */
#define LIMIT_WEBHOOK_BYTES ((size_t)3 * 1024 * 1024)
#define LIMIT_WEBHOOK_ITEMS 16384u
/* Deeper JSON than this is an attack; real payloads stay under 12. */
#define LIMIT_JSON_DEPTH 32u
/* Meta redelivers for 7 days; what is older than 8 has no effect. */
#define LIMIT_MESSAGE_AGE_S ((int64_t)8 * 24 * 3600)
/* Requests the gateway may have in flight before it answers 503 by itself. */
#define LIMIT_GATEWAY_IN_FLIGHT 256u
/* Bytes of request bodies the gateway may hold at once (64 full webhooks
 * would be 192 MiB; ordinary ones are 1 KiB). */
#define LIMIT_GATEWAY_BODY_BYTES ((size_t)64 * 1024 * 1024)
/* What every body may have besides: 22 that never end filled the room, and no
 * ordinary webhook got in. Connections bound the sum (16 MiB). */
#define LIMIT_GATEWAY_SMALL_BODY ((size_t)16 * 1024)
/* Past these the connection that keeps us waiting longest is cut. */
#define LIMIT_GATEWAY_CONNECTIONS 1024u
/* Absolute deadline a request, idle deadline a connection. */
#define LIMIT_REQUEST_S 15
#define LIMIT_IDLE_S    60
/* Seconds a client is asked to stay away on 503. */
#define LIMIT_RETRY_AFTER_S 2
/* The query string of a handshake or the path of a notice. */
#define LIMIT_URL_BYTES 2048u

/* How far back staff can note a contact that was not in the chat: what a
 * month's list left undone. */
#define LIMIT_NOTED_D 31

/* `status` calls for somebody: a disk so full that a day may fill it, no
 * webhook for so long (even a quiet number has statuses in a day), somebody who
 * waits so long for a person, a request that is due so soon, an alarm of the
 * last day (the log has the former ones), a check of the storage that was not
 * made so long after the start. */
#define LIMIT_STATUS_DISK_FREE ((uint64_t)1 << 30)
#define LIMIT_STATUS_SILENCE   ((int64_t)24 * 3600 * 1000)
#define LIMIT_STATUS_HANDOVER  ((int64_t)3600 * 1000)
#define LIMIT_STATUS_DUE       ((int64_t)24 * 3600 * 1000)
#define LIMIT_STATUS_ALARM     ((int64_t)24 * 3600 * 1000)
#define LIMIT_STATUS_CHECK     ((int64_t)3600 * 1000)

/* A line that a shell wants completed: more than anybody types. */
#define LIMIT_COMPLETION_BYTES ((size_t)64 * 1024)
#define LIMIT_COMPLETION_WORDS 512u

/* One frame between our processes: a webhook and its envelope. */
#define LIMIT_FRAME_BYTES (LIMIT_WEBHOOK_BYTES + 65536u)
/* The judge may ask for this much at once, and no more. */
#define LIMIT_JUDGE_READ 65536u
/* READs a judge may make for one file: 100 MB in 64 KiB steps, twice. */
#define LIMIT_JUDGE_READS 4096u
/* A judge that has a processor for longer than this is killed (one retry); and
 * one that is not done by then, whatever the machine does: it needs a hundredth
 * of a second, and a machine that is busy gives it some of its time. */
#define LIMIT_JUDGE_S      30
#define LIMIT_JUDGE_WAIT_S 120
/* Milliseconds a judge may wait for its file: an upgrade of libmagic on a
 * quiet night is in force by then. */
#define LIMIT_JUDGE_IDLE ((int64_t)10 * 60 * 1000)
/* Judges that are made of one loaded program, and so have one layout of their
 * memory: few enough to learn little, and enough that its start is a
 * sixty-fourth of each. */
#define LIMIT_JUDGE_SIBLINGS 64u

/* Media: Meta's cap for any inbound file is 100 MB (decimal or binary is not
 * said, so the larger). A policy may lower it. */
#define LIMIT_MEDIA_BYTES ((int64_t)100 * 1024 * 1024)
/* Answers of the Graph API other than media. */
#define LIMIT_GRAPH_ANSWER_BYTES ((size_t)256 * 1024)
#define LIMIT_GRAPH_TRANSFERS    16u
/* Meta's media URL as we accept it. */
#define LIMIT_MEDIA_URL 2048u
#define LIMIT_MEDIA_ID  32u

/* Consents that end in one look, once a second: 40 million a day, and a batch
 * of them takes some 30 ms. */
#define LIMIT_EXPIRIES 512u

/* What people call a purpose: it stands in a column of a receipt. */
#define LIMIT_PURPOSE_TITLE 60u
/* WhatsApp's own limits for what we send. */
#define LIMIT_INTERACTIVE_BODY 1024u
#define LIMIT_TEXT_BODY        4096u
#define LIMIT_BUTTON_TITLE     20u
#define LIMIT_BUTTON_ID        256u
#define LIMIT_BUTTONS          3u
#define LIMIT_HEADER           60u
#define LIMIT_ROW_TITLE        24u
#define LIMIT_ROW_DESCRIPTION  72u
#define LIMIT_ROWS             10u

/* Handles: a BSUID is `CC.` and up to 128 characters, a parent form longer. */
#define LIMIT_HANDLE 256u
/* wamids seen are under 128 bytes. */
#define LIMIT_WAMID 512u
/* Text from a customer that we keep (name, caption, file name). */
#define LIMIT_NAME    1024u
#define LIMIT_CAPTION 4096u

/* Policies: what a file of ours may hold. */
#define LIMIT_PURPOSES  8u
#define LIMIT_LANGUAGES 8u
#define LIMIT_TYPES     32u
#define LIMIT_POLICIES  16u
#define LIMIT_NUMBERS   256u
/* A checkpoint that somebody kept, with the signatures of many witnesses. */
#define LIMIT_NOTE_BYTES ((size_t)64 * 1024)
/* What a time-stamp authority answers (RFC 3161): a signature and a chain of
 * certificates; seen are 2 to 6 KiB. And
 * in seconds, how long it may take; tests have less patience. */
#define LIMIT_STAMP_BYTES ((size_t)64 * 1024)
#ifndef LIMIT_STAMP_S
#define LIMIT_STAMP_S 30
#endif
/* Certificates of authorities, as many as a system trusts. */
#define LIMIT_CA_BYTES ((size_t)1024 * 1024)
/* Days between two stamps, at most: a stamp a year proves little. */
#define LIMIT_STAMP_EVERY_D 366
#define LIMIT_NOTICE_BYTES  ((size_t)256 * 1024)
#define LIMIT_YAML_BYTES    ((size_t)1024 * 1024)
/* Meta keeps a file for a month at most; a burst of files is over in an hour;
 * a century outlives every claim. More is a slip, and sums of times that
 * overflow are worse. */
#define LIMIT_HOLD_D     30
#define LIMIT_RECEIPT_S  3600
#define LIMIT_EVIDENCE_D 36500
#define LIMIT_KEEP_D     36500
/* Retention: rules of a policy, media types that one names, a law's citation in
 * bytes. */
#define LIMIT_RULES      16u
#define LIMIT_RULE_TYPES 8u
#define LIMIT_CITATION   200u
/* A link that is told in a chat: what a person still reads. */
#define LIMIT_LINK 200u
/* A text about a request, without the reason of staff that goes into it: both
 * fit into a message. */
#define LIMIT_REQUEST_TEXT 1024u
/* What is written down of a request, over its life: a reason each time. */
#define LIMIT_REQUEST_WORDS 40u
/* Of those the person's own: what staff have to say of it has room left, or
 * nobody could close it. */
#define LIMIT_REQUEST_SAID 28u
/* What they write after they asked for something in the chat is told of it:
 * hours until the first, and minutes after each that followed. */
#define LIMIT_REQUEST_HEARD_H 24
#define LIMIT_REQUEST_MORE_M  15
/* So long they may say that a guess of ours was wrong. Later "another document"
 * is what they want to send, and what staff looked at stays. */
#define LIMIT_GUESSED_H 24
/* Steps by which what lies gets more urgent: there are four priorities. */
#define LIMIT_ESCALATIONS 4u
/* Texts that agents pick from by name; more than a screen of names is no help.
 */
#define LIMIT_PREPARED 64u
/* Hours of silence after which an agent's conversation is the bot's again, at
 * most: WhatsApp lets nobody write to a customer after a day anyway. */
#define LIMIT_SILENCE_H 72
/* Milliseconds after a customer's message in which WhatsApp lets us write what
 * we like (developers.facebook.com: customer service window). */
#define WHATSAPP_WINDOW ((int64_t)24 * 3600 * 1000)
/* Bytes of one message in a chat: 4096 characters of WhatsApp. */
#define LIMIT_CHAT_BYTES ((size_t)4 * LIMIT_TEXT_BODY)
/* Messages of a conversation that are kept, ever: a page a day for years. Who
 * floods us fills no disk (at most 16 KiB each). */
#define LIMIT_CHAT_KEPT 5000
/* Messages that are shown at once: the answer stays under 8 MiB. */
#define LIMIT_CHAT_SHOWN 200u
/* Events of a timeline: the newest, as much as anybody reads. */
#define LIMIT_TIMELINE 500u
/* Hand-overs whose waits say how long the next will be. */
#define LIMIT_WAITS 20u
/* ... among the last of any place in the queue. */
#define LIMIT_WAITS_SEEN 100u
/* Conversations that one agent has: each has a person at its other end. */
#define LIMIT_AGENT_TALKS 10000u
/* ... and for how long: what was a month ago says nothing about today. */
#define LIMIT_WAITS_D 28
/* A zone's file has 2 to 4 KiB. */
#define LIMIT_ZONE_BYTES ((size_t)64 * 1024)
/* Calendars: special days of all years together, years that a list tells of,
 * regions one office observes, the name of a day in characters. */
#define LIMIT_CALENDAR_DAYS  1024u
#define LIMIT_CALENDAR_YEARS 32u
#define LIMIT_REGIONS        4u
#define LIMIT_DAY_NAME       64u
/* Opening hours: tables, numbers that one is for, openings a day, special days;
 * days in which the next opening is looked for. */
#define LIMIT_HOURS        8u
#define LIMIT_HOUR_NUMBERS 16u
#define LIMIT_OPENINGS     4u
#define LIMIT_HOUR_DAYS    64u
#define LIMIT_OPENS_WITHIN 400
/* Clocks: ten years in any unit; more is a slip. */
#define LIMIT_CLOCKS 32u
#define LIMIT_TERM_D 3660
/* Procedures: a list message has ten rows, and one of them is a person. Items:
 * what fits into a message that lists them all. Files of one item. */
#define LIMIT_PROCEDURES 9u
#define LIMIT_ITEMS      16u
#define LIMIT_ITEM_FILES 20
/* Files that are kept for an item beyond its files_max, where they name it: a
 * better photo, a page that was forgotten. More is somebody's gallery. */
#define LIMIT_ITEM_MORE 10
/* Templates of a policy and their parameters: Meta allows 250 of an account and
 * 1,024 characters of a body, which all parameters share. */
#define LIMIT_TEMPLATES  64u
#define LIMIT_PARAMETERS 16u
#define LIMIT_PARAMETER  1024
/* A list of recipients: rows, bytes of its file (100 a row), columns, rows of
 * one request to the desk. */
#define LIMIT_CSV_ROWS      100000u
#define LIMIT_CSV_BYTES     ((size_t)16 * 1024 * 1024)
#define LIMIT_CSV_CELLS     64u
#define LIMIT_OUTBOUND_ROWS 64u
/* The words of a template's body (what WhatsApp takes) and on a button of it;
 * days that a promise is picked from: a list has ten rows, the last is a
 * person's. How long a typed answer belongs to a reminder, and how many of the
 * newest are looked at for it; and how long a button does: what is owed two
 * months later is another bill. */
#define LIMIT_TEMPLATE_BODY   1024u
#define LIMIT_TEMPLATE_BUTTON 25u
#define LIMIT_PROMISE_DAYS    9
#define LIMIT_ANSWER_D        5
#define LIMIT_ANSWER_ROWS     8u
#define LIMIT_BUTTON_D        60
/* Days after somebody's last message in which they may be answered with what
 * they asked for: 30 business days, the longest term, are six weeks. */
#define LIMIT_REQUESTED_D 45
/* Days between two looks whether a person still has anything here. */
#define LIMIT_REVIEW_D 7
/* Hours that a release of what is blocked lasts: a request of an authority is
 * answered at a desk, over a weekend. */
#define LIMIT_RELEASE_H 72
/* A copy of the slots that lives longer than a year makes every erasure late by
 * as much: that is a slip, too. */
#define LIMIT_SLOTS_BACKUP_D 366
/* Bytes of a message that may still be a decision word. */
#define LIMIT_WORD 200u
/* Patterns by which an age is said, of all languages of a policy together. */
#define LIMIT_AGES 96u
/* Characters by which a language offers itself in another one's first message:
 * three of them leave the notice and the question their room. */
#define LIMIT_OFFER 60u
/* Bytes of a message in which phrases about people's rights are looked for:
 * whoever writes more has said by then what it is about. */
#define LIMIT_RIGHTS_LOOK 2048u

/* One ledger entry must fit a C2SP tile entry (16-bit length). */
#define LIMIT_LEDGER_ENTRY 65535u
/* Changes of a ledger's key: one a month for twenty years. */
#define LIMIT_LEDGER_CHANGES 256u
/* Where an officer's exchanges of it end, so that the ledger can be reopened
 * still, and seconds between two: a history that is full verifies no more. */
#define LIMIT_LEDGER_ROTATIONS 200u
#define LIMIT_LEDGER_ROTATE_S  3600
/* Their file: each an entry, two checkpoints and a proof, of 8 KiB at most. */
#define LIMIT_LEDGER_HISTORY ((size_t)2 * 1024 * 1024)
/* Witnesses whose lines are kept: c2sp.org asks for 16 at least. */
#define LIMIT_WITNESSES 32u
/* A verifier key: a name, a key id, 33 bytes in base64. */
#define LIMIT_WITNESS_KEY 320u
/* Rows a reader takes in one transaction, so that it never pins the WAL. */
#define LIMIT_READER_ROWS 1000u
/* Rows of a report of the service in one transaction: each looks for a message
 * and a hand-over of its person. */
#define LIMIT_SERVICE_ROWS 500u
/* Closed days of the years that a report of a desk is told of: every day of
 * twelve years would be more. */
#define LIMIT_CLOSED_DAYS 4400u
/* Weeks that a report of the service tells apart: ten years. */
#define LIMIT_SERVICE_WEEKS 523u
/* How it was may be asked up to half a day after the end, so that the window
 * of 24 hours can still be open; and again a year later at the latest. */
#define LIMIT_ASK_AFTER_H 12u
#define LIMIT_QUIET_DAYS  365u
/* A list stays in the chat: a tap counts for a week, a typed number only as
 * long as it can hardly be about anything else; so does what they write to it.
 */
#define LIMIT_RATING_TAP_D     7u
#define LIMIT_RATING_TYPED_H   24u
#define LIMIT_RATING_COMMENT_S 1800u
/* Rows of a seeded sample: it is drawn in memory, and read by people. */
#define LIMIT_SAMPLE 10000u
/* The WAL begins anew past this size; tests have a small one. */
#ifndef LIMIT_WAL_BYTES
#define LIMIT_WAL_BYTES ((int64_t)64 * 1024 * 1024)
#endif
/* Events in one transaction: group commit gains little past this. */
#define LIMIT_BATCH_EVENTS 128u
/* … and below this: half of Meta's 64 connections, so that one half is worked
 * on while the other one is told, and sends again. */
#define LIMIT_BATCH_FEW 32u
/* Events waiting for the registrar before the gateway hears 503. */
#define LIMIT_QUEUE_EVENTS 4096u

/* Epochs of a keyring: one a month is 85 years of them. Grants are one a reader
 * and epoch, and a CLI opens all of its own before it reads. */
#define LIMIT_EPOCHS 1024u

/* Desk: bodies and reasons that staff send. A new epoch comes with a grant for
 * each reader, of half a kilobyte; a header is no longer than that. */
#define LIMIT_DESK_BODY ((size_t)256 * 1024)
/* A document that is sent to a customer is in memory while it goes out, one at
 * a time: a statement or an invoice, not a book. */
#define LIMIT_SEND_BYTES ((size_t)16 * 1024 * 1024)
/* How long its bytes are awaited; the code that a person has to write before
 * it: how long it is good, how often it may be wrong, how long it counts. */
#define LIMIT_SEND_WAIT  ((int64_t)10 * 60 * 1000)
#define LIMIT_CODE_LIFE  ((int64_t)30 * 60 * 1000)
#define LIMIT_CODE_TRIES 3
#define LIMIT_CODE_GOOD  ((int64_t)3600 * 1000)
#define LIMIT_CODE_LEN   6
/* Days that a policy may let one right code count: whose a number is changes
 * within months. */
#define LIMIT_CODE_LASTS_D 90
/* What was uploaded is deleted at Meta so long after, whatever is known of the
 * message: it is tried for a day, and a phone may be off for another night. And
 * when Meta deletes it by itself (developers.facebook.com: 30 days). */
#define LIMIT_UPLOAD_H 48
#define LIMIT_UPLOAD_D 30
#define LIMIT_REASON   1024u
#define LIMIT_GRANT    ((size_t)4096)

/* Files that one person reads in an hour before it counts as bulk: an agent
 * works through a case of a few; rows that a summary names one by one. */
#define LIMIT_BULK_READS  20u
#define LIMIT_REPORT_ROWS 50u
/* People that one request reveals: each is an entry of its own, and all of them
 * one commit that others wait for. */
#define LIMIT_REVEAL 100u

/* References of one person: a number, its next, a second one. More than that is
 * no person. What Meta says of a new number is looked at within half a year, or
 * never. */
#define LIMIT_LINKED       8u
#define LIMIT_SUGGESTION_D 180

/* Refusals of the desk that are counted at once, in all and of one user, and
 * how often such a count is entered: nobody floods the ledger by asking. */
#define LIMIT_DENIED      64u
#define LIMIT_DENIED_USER 8u
#define LIMIT_DENIED_S    60
/* Seconds that a message of Meta may be ahead of our clock before we say that
 * the clock is behind, and before no yes counts any more: what a record says of
 * its time would be worth nothing. */
#define LIMIT_CLOCK_WARN_S   2
#define LIMIT_CLOCK_REFUSE_S 60

/* What one person may wait for a second officer with, and for how long: a
 * colleague comes back the next day, and what nobody looked at by then is to be
 * asked for anew. A newcomer neither asks nor approves as long. */
#define LIMIT_APPROVALS  32u
#define LIMIT_APPROVAL_H 24

/* Who was left alone as an officer proves headers that they moved themselves
 * only after this: a month's work of all readers has met a spoiled one by then,
 * and the one before is still there. */
#define LIMIT_PROOF_ALONE_D 30

/* age: a header is ours or it is small; the format allows more. */
#define LIMIT_AGE_HEADER     ((size_t)64 * 1024)
#define LIMIT_AGE_RECIPIENTS 64u
/* Memory that a passphrase may cost: 2^22 KiB are 4 GiB, where the age program
 * stops too; that much for an identity of one's own. A stranger's file gets 1
 * GiB: what people seal asks for a quarter of it. */
#define LIMIT_AGE_WORK          22u
#define LIMIT_AGE_WORK_STRANGER 20u
/* What ours costs: 2^18 KiB, as the age program has it. Tests build with less.
 */
#ifndef LIMIT_AGE_WORK_OURS
#define LIMIT_AGE_WORK_OURS 18u
#endif

/* What somebody types or generates; more is a slip of the file's name. */
#define LIMIT_PASSPHRASE ((size_t)1024)

/* A report: hours of a working day (Monday to Friday) in the zone of whoever
 * makes it; breaches that it names one by one, more would be no page to look
 * at, they are counted; and open deadlines that it shows. */
#define LIMIT_OFFICE_FROM_H     7
#define LIMIT_OFFICE_TO_H       19
#define LIMIT_REPORT_VIOLATIONS 50u
#define LIMIT_REPORT_DEADLINES  25u

/* Events to other systems: bytes of one, a page of entries (each LEDGER_ENTRY
 * at most, 22 MB in all), how long a receiver may take for one, and the longest
 * wait between two tries (a system that is repaired hears of it soon). */
#define LIMIT_EVENT_BYTES    ((size_t)16 * 1024)
#define LIMIT_EVENT_PAGE     256u
#define LIMIT_HANDOUT_S      30
#define LIMIT_HANDOUT_WAIT_S 300

/* Who wrote so lately is in the conversation now: what staff answer does not
 * wait for the hours of contact. An hour: a queue at lunch time. */
#define LIMIT_TALKING_S 3600

/* Secret files (tokens, app secrets): a line each. */
#define LIMIT_SECRET_FILE ((size_t)16 * 1024)
#define LIMIT_APP_SECRETS 8u

#endif
