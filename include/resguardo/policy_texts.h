/*
 * policy_texts: what a policy's language can say, each text by an enum: what it
 * is about, and in braces what is filled when it is said. All else in a text is
 * filled at load (policy.h). The keys in texts.LANG.yaml are those of
 * docs/policy.md and docs/procedures.md.
 */
#ifndef RESGUARDO_POLICY_TEXTS_H
#define RESGUARDO_POLICY_TEXTS_H

#include "resguardo/limits.h"

/* One text a customer can get outside prompts, by key. */
enum policy_text {
    TEXT_RECEIPT_STORED,      /* {stored} {case} */
    TEXT_RECEIPT_REFUSED,     /* appended a reason: {refused} */
    TEXT_RECEIPT_QUARANTINED, /* {quarantined} */
    TEXT_REASON_TYPE,         /* plain words of each reason */
    TEXT_REASON_SIZE,
    TEXT_REASON_UNAVAILABLE, /* permanent refusal by Meta, bad media id */
    TEXT_REASON_HASH,
    TEXT_REASON_JUDGE,
    TEXT_REASON_EXPIRED,
    TEXT_REASON_VOICE, /* instead of _TYPE, of what was spoken; may be NULL */
    TEXT_REFUSED,      /* a purpose was refused: files dropped, other channel */
    TEXT_OTHER,        /* other channel chosen: where, case stays open */
    TEXT_WITHDRAWN,    /* done, what stops, what stays and why, authority */
    TEXT_GRANTED,      /* only when nothing is held: "send your documents" */
    /* Somebody asked for a person: place in the queue, then one of three. */
    TEXT_PERSON_WAITING,     /* {position} */
    TEXT_PERSON_ESTIMATE,    /* {minutes} that the last ones waited */
    TEXT_PERSON_NO_ESTIMATE, /* nobody waited yet */
    TEXT_PERSON_CLOSED,      /* {opens}: outside opening hours */
    TEXT_PERSON_CLOSED_FAR,  /* {opens}, when we may write no more; may be NULL
                              */
    TEXT_PERSON_BACK,        /* the bot answers again */
    /* NULL where no purpose rests on another basis than consent. */
    TEXT_ACKNOWLEDGED, /* read, and nothing waits: "send your documents" */
    TEXT_STAYS,        /* {stays}: what no withdrawal ends, and why */
    TEXT__MAX
};

/* The list message that procedures are picked from. */
enum menu_text {
    MENU_HEADER,
    MENU_BODY,
    MENU_BUTTON, /* opens the list */
    MENU_PERSON, /* the row that leads to one; always there */
    MENU_STATUS, /* rows that stand there where there is room */
    MENU_MISSING,
    MENU_DATA,
    MENU__MAX
};
/* What is said about procedures; whole sentences, put together one a line. */
enum chat_text {
    CHAT_NEEDED,       /* before the items of a procedure that was picked */
    CHAT_OPTIONAL,     /* behind an item that may lack */
    CHAT_ELSEWHERE,    /* before those that are not for this chat */
    CHAT_LINK,         /* {items} {link}; NULL where there is no link */
    CHAT_SEND,         /* the last line: how to go on, and to a person */
    CHAT_HAVE,         /* {items} */
    CHAT_MISSING,      /* {items} */
    CHAT_REST,         /* {items}: all is here but what comes elsewhere */
    CHAT_COMPLETE,     /* {procedure} {case} {due} */
    CHAT_DONE,         /* {procedure} {case}: asked again after that */
    CHAT_WRONG,        /* {item}: a file for it was no good */
    CHAT_UNREQUESTED,  /* {days}: something that no item asks for */
    CHAT_WHICH,        /* the body of the list: which document is this? */
    CHAT_WHICH_BUTTON, /* opens it */
    CHAT_WHICH_OTHER,  /* its row for none of them */
    CHAT_CASE,         /* {procedure} {case}: a line of the status */
    CHAT_CASE_PLAIN,   /* {case} {documents}: of one without a procedure */
    CHAT_NO_CASE,      /* nothing is open */
    CHAT_DATA,         /* {given} {purposes} {documents} */
    CHAT_DATA_BUTTON,  /* opens what can be asked about them, its rows: */
    CHAT_DATA_ACCESS,
    CHAT_DATA_CORRECT,
    CHAT_DATA_ERASE,
    CHAT_DATA_COMPLAINT,
    /* These three are NULL where the policy has no clock for them. */
    CHAT_DATA_OBJECT,
    CHAT_DATA_RESTRICT,
    CHAT_DATA_PORTABILITY,
    /* These may be NULL. */
    CHAT_CHANNEL,      /* to "another channel" at any time */
    CHAT_LOST,         /* what they sent does not get here, and what does */
    CHAT_BLOCKED,      /* what they had sent for a case is blocked */
    CHAT_DATA_BLOCKED, /* {blocked}: how many of theirs are */
    CHAT_NOT_HERE,     /* {item} {days}: that one is not for the chat */
    CHAT_ALSO,         /* {items}: what is missing, and comes elsewhere */
    CHAT_MORE,         /* {items}: had all, and were sent again: kept */
    CHAT_FULL,         /* {items}: were sent once more than is kept */
    CHAT_GUESSED,      /* {items}: taken for those; how to say no */
    CHAT_ANOTHER,      /* {item} {days}: they said no; what to do now */
    CHAT_STILL, /* {procedure}: what came changes nothing, it is complete */
    CHAT_HELD,  /* {files}: wait for an answer of theirs */
    CHAT_ABOUT, /* {procedure}: what follows is about that case */
    /* {item}: somebody looked at it, and it is no good; as enum return_ground.
     * NULL: CHAT_WRONG */
    CHAT_RETURNED,
    CHAT_RETURNED_LAST = CHAT_RETURNED + 4,
    CHAT__MAX
};
/* Why staff send a document back. */
enum return_ground {
    RETURN_UNREADABLE,
    RETURN_INCOMPLETE, /* a page, or a side of it, lacks */
    RETURN_WRONG,      /* it is another document */
    RETURN_EXPIRED,
    RETURN_UNSIGNED,
    RETURN__MAX
};
extern const char *const return_ground_names[RETURN__MAX];
enum item_text {
    ITEM_TITLE, /* fits a list's row */
    ITEM_WHY,   /* why it is needed; fits a row's description */
    ITEM_HELP,  /* how to do it well, or NULL */
    ITEM_TEXT__MAX
};
enum procedure_text {
    PROCEDURE_TITLE,
    PROCEDURE_DESCRIPTION, /* fits a row's description */
    PROCEDURE_INTRO,       /* said when it is picked, or NULL */
    PROCEDURE_TEXT__MAX
};
struct procedure_texts {
    char *own[PROCEDURE_TEXT__MAX];
    char *items[LIMIT_ITEMS][ITEM_TEXT__MAX];
};

/* About papers of somebody else, and of children. A policy may have none of
 * them: then nobody can say so in the chat. */
enum persons_text {
    PERSONS_ROW,      /* of the menu: it is for another person */
    PERSONS_RELATION, /* body of a list: what are you to them? */
    PERSONS_CHILD,    /* … to the child whose document this is? */
    PERSONS_MINOR,    /* … to the child who writes. {age} */
    PERSONS_BUTTON,   /* opens these lists; their rows: */
    PERSONS_PARENT_GUARDIAN,
    PERSONS_LEGAL_REPRESENTATIVE,
    PERSONS_HEIR,
    PERSONS_ATTORNEY,
    PERSONS_OTHER,
    PERSONS_ADULT, /* nobody is under age here */
    PERSONS_ME,    /* I am under age */
    PERSONS_PICK,  /* body of the list of procedures: whoever picks declares
                    * that they may */
    PERSONS_PICK_BUTTON,
    PERSONS_HEARD, /* body of three buttons: was the child heard? */
    PERSONS_HEARD_YES,
    PERSONS_HEARD_YOUNG,
    PERSONS_HEARD_NO,
    PERSONS_DECLARED, /* it goes on */
    PERSONS_UNHEARD,  /* it does not, and how it would */
    PERSONS_WAITS,    /* a person looks at it first */
    /* These may be NULL. */
    PERSONS_SON_DAUGHTER, /* a row: who helps a parent who is grown up */
    PERSONS_HELPS,        /* … and needs that parent's word, or a mandate */
    PERSONS_THEIRS,       /* the documents are that person's; how it is shown
                           * that who sends them may */
    PERSONS__MAX
};

/* How it was: the question, its list, what is said to the answer. */
enum rating_text {
    RATING_TEXT_ASK,        /* {case}: the body, about a case */
    RATING_TEXT_ASK_PERSON, /* … about a hand-over */
    RATING_TEXT_BUTTON,     /* opens the list, its rows: */
    RATING_TEXT_FIVE,
    RATING_TEXT_FOUR,
    RATING_TEXT_THREE,
    RATING_TEXT_TWO,
    RATING_TEXT_ONE,
    RATING_TEXT_THANKS, /* and why? may be said in one message */
    RATING_TEXT_NOTED,  /* that message is there */
    RATING_TEXT_SORRY,  /* _THANKS, to who was badly served; may be NULL */
    RATING_TEXT__MAX
};
/* What is said about notices that people agree to; only where a purpose is
 * asked about by itself. */
enum contact_text {
    CONTACT_ROW,       /* the menu's */
    CONTACT_ON,        /* they have said yes to all of it */
    CONTACT_GRANTED,   /* after a yes */
    CONTACT_REFUSED,   /* after a no, or the wish for another channel */
    CONTACT_WITHDRAWN, /* there will be no more */
    /* The same of out_of_hours_purpose: it is about when. NULL: the two above.
     */
    CONTACT_HOURS_GRANTED,
    CONTACT_HOURS_WITHDRAWN,
    CONTACT__MAX
};

/* By when will it be paid? Only where a template's button asks that. */
enum promise_text {
    PROMISE_ASK,    /* the body of the list of days */
    PROMISE_BUTTON, /* opens it */
    PROMISE_MONDAY, /* how a row begins; the others follow */
    PROMISE_TUESDAY,
    PROMISE_WEDNESDAY,
    PROMISE_THURSDAY,
    PROMISE_FRIDAY,
    PROMISE_SATURDAY,
    PROMISE_SUNDAY,
    PROMISE_MADE, /* {day}: noted, and what happens next */
    PROMISE__MAX
};

/* What is said before a document is sent; only where any are. */
enum delivery_text {
    DELIVERY_ASKED, /* {case}: write the code */
    DELIVERY_RIGHT, /* {case} */
    DELIVERY_WRONG,
    DELIVERY__MAX
};

/* Choosing the language; only where the first language has words for it. */
enum choice_text {
    CHOICE_ROW,     /* the menu's, in words that a stranger to it finds */
    CHOICE_ASK,     /* the body of the list of languages */
    CHOICE_BUTTON,  /* opens it */
    CHOICE_CHANGED, /* said in the new language */
    CHOICE__MAX
};

/* To who says in their own words what no button said. */
enum spoken_text {
    SPOKEN_END,      /* the body: what is to end? */
    SPOKEN_END_LIST, /* opens its list, where there are too many for buttons */
    SPOKEN_END_NOTICES, /* no more notices */
    SPOKEN_END_ALL,     /* all that was agreed to */
    SPOKEN_END_PERSON,  /* a person instead */
    SPOKEN_ANSWER,      /* how the question in front of them is answered */
    SPOKEN_UNKNOWN,     /* not understood: the menu, a person */
    SPOKEN_QUEUE,       /* they wait in the queue still */
    SPOKEN_VOICE,       /* nobody hears what is spoken; a question is open */
    SPOKEN_VOICE_QUEUE, /* … and they wait in the queue */
    SPOKEN_NUMBER,      /* a new number: a person looks who they are */
    SPOKEN_NOTHING,     /* nothing was agreed to that could be withdrawn */
    SPOKEN_WHERE,       /* offices, their hours */
    SPOKEN__MAX
};

enum request_text {
    REQUEST_TEXT_RECEIVED, /* {kind} {due} */
    REQUEST_TEXT_ASKED,    /* {kind} {due} {reason}: what it lacks */
    REQUEST_TEXT_EXTENDED, /* {kind} {due} {reason} */
    REQUEST_TEXT_ANSWERED, /* {kind} {reason} */
    REQUEST_TEXT_NOTED,    /* {kind}: what it lacked came, staff look at it */
    REQUEST_TEXT_RUNNING,  /* {kind} {due}: a line about one that runs */
    /* Those that follow may lack. Lines, as that one: */
    REQUEST_TEXT_LATE,      /* {kind} {due}: nobody answered in time */
    REQUEST_TEXT_LATE_CASE, /* the same of what was promised for a case */
    REQUEST_TEXT_ACCEPTED,  /* {kind} {due}: so the law granted it */
    REQUEST_TEXT_AWAITED,   /* {kind} {due} {reason}: we asked, and wait */
    REQUEST_TEXT_TELL,      /* behind RECEIVED: say what it is about */
    REQUEST_TEXT_ERASED,    /* the last that they hear of us */
    REQUEST_TEXT_BLOCKED,   /* {due}: the same, where they are blocked first */
    REQUEST_TEXT_LIFTED,    /* {kind} {reason}: their data are used again; may
                             * be NULL */
    REQUEST_TEXT__MAX
};

#endif
