/* Each text about procedures: its key, how long it may be, what is filled in it
 * when it is said; and where a language has it. */
#include "text_forms.h"

/* A sentence, and what it is put together with, fit into one message. */
#define SENTENCE 300u

#define NEEDED   true
#define MAY_LACK false
#define LINES    true
#define LINE     false
#define FORM(key, limit, needed, lines, ...)                                   \
    {                                                                          \
        key, limit, needed, lines,                                             \
        {                                                                      \
            __VA_ARGS__                                                        \
        }                                                                      \
    }
#define SAYS(key, ...)    FORM(key, SENTENCE, NEEDED, LINES, __VA_ARGS__)
#define MAY_SAY(key, ...) FORM(key, SENTENCE, MAY_LACK, LINES, __VA_ARGS__)
#define BODY(key, ...)                                                         \
    FORM(key, LIMIT_INTERACTIVE_BODY, NEEDED, LINES, __VA_ARGS__)
#define TOLD(key, ...) FORM(key, LIMIT_REQUEST_TEXT, NEEDED, LINES, __VA_ARGS__)
#define ROW(key)       FORM(key, LIMIT_ROW_TITLE, NEEDED, LINE, NULL)
#define TAP(key)       FORM(key, LIMIT_BUTTON_TITLE, NEEDED, LINE, NULL)
/* What a day's row begins with: the date goes behind it. */
#define DAY(key) FORM(key, LIMIT_ROW_TITLE - DATE_SIZE, NEEDED, LINE, NULL)

static const struct text_form menu[MENU__MAX] = {
    [MENU_HEADER] = FORM("header", LIMIT_HEADER, NEEDED, LINE, NULL),
    [MENU_BODY] = BODY("body", NULL),
    [MENU_BUTTON] = TAP("button"),
    [MENU_PERSON] = ROW("person"),
    [MENU_STATUS] = ROW("status"),
    [MENU_MISSING] = ROW("missing"),
    [MENU_DATA] = ROW("data"),
};
static const struct text_form chat[CHAT__MAX] = {
    [CHAT_NEEDED] = SAYS("needed", NULL),
    [CHAT_OPTIONAL] = ROW("optional"),
    [CHAT_ELSEWHERE] = SAYS("elsewhere", NULL),
    [CHAT_LINK] = FORM("link", SENTENCE, MAY_LACK, LINES, "items", "link"),
    [CHAT_SEND] = SAYS("send", NULL),
    [CHAT_HAVE] = SAYS("have", "items"),
    [CHAT_MISSING] = SAYS("missing", "items"),
    [CHAT_REST] = SAYS("rest", "items"),
    [CHAT_COMPLETE] = SAYS("complete", "procedure", "case", "due"),
    [CHAT_DONE] = SAYS("done", "procedure", "case"),
    [CHAT_WRONG] = SAYS("wrong", "item"),
    [CHAT_UNREQUESTED] = SAYS("unrequested", "days"),
    [CHAT_WHICH] = BODY("which", NULL),
    [CHAT_WHICH_BUTTON] = TAP("which_button"),
    [CHAT_WHICH_OTHER] = ROW("which_other"),
    [CHAT_CASE] = SAYS("case", "procedure", "case"),
    [CHAT_CASE_PLAIN] = SAYS("case_plain", "case", "documents"),
    [CHAT_NO_CASE] = SAYS("no_case", NULL),
    [CHAT_DATA] = BODY("data", "given", "purposes", "documents"),
    [CHAT_DATA_BUTTON] = TAP("data_button"),
    [CHAT_DATA_ACCESS] = ROW("data_access"),
    [CHAT_DATA_CORRECT] = ROW("data_correct"),
    [CHAT_DATA_ERASE] = ROW("data_erase"),
    [CHAT_DATA_COMPLAINT] = ROW("data_complaint"),
    [CHAT_DATA_OBJECT] = ROW("data_object"),
    [CHAT_DATA_RESTRICT] = ROW("data_restrict"),
    [CHAT_DATA_PORTABILITY] = ROW("data_portability"),
    [CHAT_CHANNEL] = FORM("channel", SENTENCE, MAY_LACK, LINES, NULL),
    [CHAT_LOST] = FORM("lost", SENTENCE, MAY_LACK, LINES, NULL),
    [CHAT_BLOCKED] = FORM("blocked", SENTENCE, MAY_LACK, LINES, NULL),
    [CHAT_DATA_BLOCKED] =
        FORM("data_blocked", SENTENCE, MAY_LACK, LINES, "blocked"),
    [CHAT_NOT_HERE] = MAY_SAY("not_here", "item", "days"),
    [CHAT_ALSO] = MAY_SAY("also", "items"),
    [CHAT_MORE] = MAY_SAY("more", "items"),
    [CHAT_FULL] = MAY_SAY("full", "items"),
    [CHAT_GUESSED] = MAY_SAY("guessed", "items"),
    [CHAT_ANOTHER] = MAY_SAY("another", "item", "days"),
    [CHAT_STILL] = MAY_SAY("still", "procedure"),
    [CHAT_HELD] = MAY_SAY("held", "files"),
    [CHAT_ABOUT] = MAY_SAY("about", "procedure"),
    [CHAT_RETURNED + RETURN_UNREADABLE] =
        FORM("returned_unreadable", SENTENCE, MAY_LACK, LINES, "item"),
    [CHAT_RETURNED + RETURN_INCOMPLETE] =
        FORM("returned_incomplete", SENTENCE, MAY_LACK, LINES, "item"),
    [CHAT_RETURNED + RETURN_WRONG] =
        FORM("returned_wrong", SENTENCE, MAY_LACK, LINES, "item"),
    [CHAT_RETURNED + RETURN_EXPIRED] =
        FORM("returned_expired", SENTENCE, MAY_LACK, LINES, "item"),
    [CHAT_RETURNED + RETURN_UNSIGNED] =
        FORM("returned_unsigned", SENTENCE, MAY_LACK, LINES, "item"),
};
/* How one stands, who has it and where to complain: some fit into a message. */
#define STANDING 500u
static const struct text_form request[REQUEST_TEXT__MAX] = {
    [REQUEST_TEXT_RECEIVED] = TOLD("received", "kind", "due"),
    [REQUEST_TEXT_ASKED] = TOLD("asked", "kind", "due", "reason"),
    [REQUEST_TEXT_EXTENDED] = TOLD("extended", "kind", "due", "reason"),
    [REQUEST_TEXT_ANSWERED] = TOLD("answered", "kind", "reason"),
    [REQUEST_TEXT_NOTED] = TOLD("noted", "kind"),
    [REQUEST_TEXT_RUNNING] =
        FORM("running", LIMIT_REQUEST_TEXT, NEEDED, LINE, "kind", "due"),
    [REQUEST_TEXT_LATE] = FORM("late", STANDING, MAY_LACK, LINE, "kind", "due"),
    [REQUEST_TEXT_LATE_CASE] =
        FORM("late_case", STANDING, MAY_LACK, LINE, "kind", "due"),
    [REQUEST_TEXT_ACCEPTED] =
        FORM("accepted", STANDING, MAY_LACK, LINE, "kind", "due"),
    [REQUEST_TEXT_AWAITED] =
        FORM("awaited", STANDING, MAY_LACK, LINE, "kind", "due", "reason"),
    [REQUEST_TEXT_TELL] = FORM("tell", SENTENCE, MAY_LACK, LINES, NULL),
    [REQUEST_TEXT_ERASED] =
        FORM("erased", LIMIT_REQUEST_TEXT, MAY_LACK, LINES, NULL),
    [REQUEST_TEXT_BLOCKED] =
        FORM("blocked", LIMIT_REQUEST_TEXT, MAY_LACK, LINES, "due"),
    [REQUEST_TEXT_LIFTED] =
        FORM("lifted", LIMIT_REQUEST_TEXT, MAY_LACK, LINES, "kind", "reason"),
};
/* What each is called in those; a header's length. */
#define NAMED(key) FORM(key, LIMIT_HEADER, MAY_LACK, LINE, NULL)
static const struct text_form request_title[REQUEST_ASKED] = {
    [REQUEST_ACCESS] = NAMED("access"),
    [REQUEST_CORRECT] = NAMED("correct"),
    [REQUEST_ERASE] = NAMED("erase"),
    [REQUEST_WITHDRAW] = NAMED("withdraw"),
    [REQUEST_COMPLAINT] = NAMED("complaint"),
    [REQUEST_OBJECT] = NAMED("object"),
    [REQUEST_RESTRICT] = NAMED("restrict"),
    [REQUEST_PORTABILITY] = NAMED("portability"),
};
/* All or none of them, but for the last. */
static const struct text_form persons[PERSONS__MAX] = {
    [PERSONS_ROW] = ROW("row"),
    [PERSONS_RELATION] = BODY("relation", NULL),
    [PERSONS_CHILD] = BODY("child", NULL),
    [PERSONS_MINOR] = BODY("minor", NULL),
    [PERSONS_BUTTON] = TAP("button"),
    [PERSONS_PARENT_GUARDIAN] = ROW("parent_guardian"),
    [PERSONS_LEGAL_REPRESENTATIVE] = ROW("legal_representative"),
    [PERSONS_HEIR] = ROW("heir"),
    [PERSONS_ATTORNEY] = ROW("attorney"),
    [PERSONS_OTHER] = ROW("other"),
    [PERSONS_ADULT] = ROW("adult"),
    [PERSONS_ME] = ROW("me"),
    [PERSONS_PICK] = BODY("pick", NULL),
    [PERSONS_PICK_BUTTON] = TAP("pick_button"),
    [PERSONS_HEARD] = BODY("heard", NULL),
    [PERSONS_HEARD_YES] = TAP("heard_yes"),
    [PERSONS_HEARD_YOUNG] = TAP("heard_young"),
    [PERSONS_HEARD_NO] = TAP("heard_no"),
    [PERSONS_DECLARED] = BODY("declared", NULL),
    [PERSONS_UNHEARD] = BODY("unheard", NULL),
    [PERSONS_WAITS] = BODY("waits", NULL),
    [PERSONS_SON_DAUGHTER] =
        FORM("son_daughter", LIMIT_ROW_TITLE, MAY_LACK, LINE, NULL),
    [PERSONS_HELPS] =
        FORM("helps", LIMIT_INTERACTIVE_BODY, MAY_LACK, LINES, NULL),
    [PERSONS_THEIRS] = FORM("theirs", SENTENCE, MAY_LACK, LINES, NULL),
};
/* Numbers stand in the rows, so that who types one knows what it means. */
static const struct text_form rating[RATING_TEXT__MAX] = {
    [RATING_TEXT_ASK] = BODY("ask", "case"),
    [RATING_TEXT_ASK_PERSON] = BODY("ask_person", NULL),
    [RATING_TEXT_BUTTON] = TAP("button"),
    [RATING_TEXT_FIVE] = ROW("five"),
    [RATING_TEXT_FOUR] = ROW("four"),
    [RATING_TEXT_THREE] = ROW("three"),
    [RATING_TEXT_TWO] = ROW("two"),
    [RATING_TEXT_ONE] = ROW("one"),
    [RATING_TEXT_THANKS] = SAYS("thanks", NULL),
    [RATING_TEXT_NOTED] = SAYS("noted", NULL),
    [RATING_TEXT_SORRY] = FORM("sorry", SENTENCE, MAY_LACK, LINES, NULL),
};
static const struct text_form contact[CONTACT__MAX] = {
    [CONTACT_ROW] = ROW("row"),
    [CONTACT_ON] = BODY("on", NULL),
    [CONTACT_GRANTED] = SAYS("granted", NULL),
    [CONTACT_REFUSED] = SAYS("refused", NULL),
    [CONTACT_WITHDRAWN] = BODY("withdrawn", NULL),
    [CONTACT_HOURS_GRANTED] =
        FORM("hours_granted", SENTENCE, MAY_LACK, LINES, NULL),
    [CONTACT_HOURS_WITHDRAWN] =
        FORM("hours_withdrawn", SENTENCE, MAY_LACK, LINES, NULL),
};
static const struct text_form delivery[DELIVERY__MAX] = {
    [DELIVERY_ASKED] = SAYS("code", "case"),
    [DELIVERY_RIGHT] = SAYS("right", "case"),
    [DELIVERY_WRONG] = SAYS("wrong", NULL),
};
static const struct text_form choice[CHOICE__MAX] = {
    [CHOICE_ROW] = ROW("row"),
    [CHOICE_ASK] = BODY("ask", NULL),
    [CHOICE_BUTTON] = TAP("button"),
    [CHOICE_CHANGED] = SAYS("changed", NULL),
};
static const struct text_form promise[PROMISE__MAX] = {
    [PROMISE_ASK] = BODY("ask", NULL),
    [PROMISE_BUTTON] = TAP("button"),
    [PROMISE_MONDAY] = DAY("monday"),
    [PROMISE_TUESDAY] = DAY("tuesday"),
    [PROMISE_WEDNESDAY] = DAY("wednesday"),
    [PROMISE_THURSDAY] = DAY("thursday"),
    [PROMISE_FRIDAY] = DAY("friday"),
    [PROMISE_SATURDAY] = DAY("saturday"),
    [PROMISE_SUNDAY] = DAY("sunday"),
    [PROMISE_MADE] = TOLD("made", "day"),
};
/* Those that a policy lacks are not said. */
#define MAYBE(key)     FORM(key, SENTENCE, MAY_LACK, LINES, NULL)
#define MAYBE_TAP(key) FORM(key, LIMIT_BUTTON_TITLE, MAY_LACK, LINE, NULL)
static const struct text_form spoken[SPOKEN__MAX] = {
    [SPOKEN_END] = FORM("end", LIMIT_INTERACTIVE_BODY, MAY_LACK, LINES, NULL),
    [SPOKEN_END_LIST] = MAYBE_TAP("end_list"),
    [SPOKEN_END_NOTICES] = MAYBE_TAP("end_notices"),
    [SPOKEN_END_ALL] = MAYBE_TAP("end_all"),
    [SPOKEN_END_PERSON] = MAYBE_TAP("end_person"),
    [SPOKEN_ANSWER] = MAYBE("answer"),
    [SPOKEN_UNKNOWN] = MAYBE("unknown"),
    [SPOKEN_QUEUE] = MAYBE("queue"),
    [SPOKEN_VOICE] = MAYBE("voice"),
    [SPOKEN_VOICE_QUEUE] = MAYBE("voice_queue"),
    [SPOKEN_NUMBER] = MAYBE("new_number"),
    [SPOKEN_NOTHING] = MAYBE("nothing"),
    [SPOKEN_WHERE] = MAYBE("where"),
};
const struct text_form text_of_procedure[PROCEDURE_TEXT__MAX] = {
    [PROCEDURE_TITLE] = ROW("title"),
    [PROCEDURE_DESCRIPTION] =
        FORM("description", LIMIT_ROW_DESCRIPTION, NEEDED, LINE, NULL),
    [PROCEDURE_INTRO] =
        FORM("intro", LIMIT_INTERACTIVE_BODY, MAY_LACK, LINES, NULL),
};
const struct text_form text_of_item[ITEM_TEXT__MAX] = {
    [ITEM_TITLE] = ROW("title"),
    [ITEM_WHY] = FORM("why", LIMIT_ROW_DESCRIPTION, NEEDED, LINE, NULL),
    [ITEM_HELP] = FORM("help", LIMIT_INTERACTIVE_BODY, MAY_LACK, LINES, NULL),
};
const struct text_form text_of_clock = ROW("");

/* ---- all of them -------------------------------------------------------- */

static bool with_procedures(const struct policy *p)
{
    return p->nprocedures > 0;
}

static bool with_requests(const struct policy *p)
{
    for (int i = 0; i < REQUEST_ASKED; i++)
        if (p->requests[i] >= 0)
            return true;
    return false;
}

static bool with_satisfaction(const struct policy *p)
{
    return p->satisfaction.asked;
}

static bool with_contact(const struct policy *p)
{
    return p->asked != 0;
}

static bool with_delivery(const struct policy *p)
{
    return p->send_documents;
}

static bool with_languages(const struct policy *p)
{
    return p->languages[0].name != NULL;
}

static bool with_promises(const struct policy *p)
{
    return p->promises;
}

#define AT(member) offsetof(struct policy_language, member)
const struct text_section text_sections[TEXTS__MAX] = {
    [TEXTS_MENU] = { "menu",
                     menu,
                     MENU__MAX,
                     AT(menu),
                     with_procedures,
                     { NULL } },
    [TEXTS_CHAT] = { "chat",
                     chat,
                     CHAT__MAX,
                     AT(chat),
                     with_procedures,
                     { NULL } },
    [TEXTS_REQUESTS] = { "requests",
                         request,
                         REQUEST_TEXT__MAX,
                         AT(requests),
                         with_requests,
                         { "words", "titles" } },
    [TEXTS_REQUEST_TITLES] = { "requests.titles",
                               request_title,
                               REQUEST_ASKED,
                               AT(request_titles),
                               with_requests,
                               { NULL } },
    [TEXTS_PERSONS] = { "persons",
                        persons,
                        PERSONS__MAX,
                        AT(persons),
                        with_procedures,
                        { "words" } },
    [TEXTS_RATING] = { "satisfaction",
                       rating,
                       RATING_TEXT__MAX,
                       AT(rating),
                       with_satisfaction,
                       { NULL } },
    [TEXTS_CONTACT] = { "contact",
                        contact,
                        CONTACT__MAX,
                        AT(contact),
                        with_contact,
                        { NULL } },
    [TEXTS_DELIVERY] = { "delivery",
                         delivery,
                         DELIVERY__MAX,
                         AT(delivery),
                         with_delivery,
                         { NULL } },
    [TEXTS_CHOICE] = { "language",
                       choice,
                       CHOICE__MAX,
                       AT(choice),
                       with_languages,
                       { "words", "offer" } },
    [TEXTS_SPOKEN] = { "spoken",
                       spoken,
                       SPOKEN__MAX,
                       AT(spoken),
                       with_procedures,
                       { "words" } },
    [TEXTS_PROMISE] = { "promise",
                        promise,
                        PROMISE__MAX,
                        AT(promise),
                        with_promises,
                        { NULL } },
};

char **text_slots(struct policy_language *l, const struct text_section *s)
{
    return (char **)(void *)((char *)l + s->at);
}
