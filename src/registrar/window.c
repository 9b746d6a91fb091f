/*
 * WhatsApp's window: for a day after somebody's last message they may be
 * written to freely. When that was is known to a day of everybody, and to the
 * moment of who ever asked for a person at that number, or wrote a code there.
 * In doubt it is shut.
 */
#include "registrar_private.h"
#include "talk_private.h"

#include <string.h>

static msec later(msec a, msec b)
{
    return a > b ? a : b;
}

int window_until(struct registrar *r, const struct subject_row *subject,
                 const char *policy, const char *number, msec *until,
                 struct error *err)
{
    struct conversation_row talk;
    struct identity_check_row check;
    msec heard = subject->contact;
    bool ignored;
    int found =
        conversation_find(r->store, subject->id, policy, number, &talk, err);

    if (found > 0)
        heard = later(heard, talk.heard);
    if (found >= 0 && heard + WHATSAPP_WINDOW <= r->now) {
        found = identity_check_newest(r->store, subject->id, policy, NULL,
                                      &check, &ignored, err);
        if (found > 0 && strcmp(check.number, number) == 0)
            heard = later(heard, check.passed);
    }
    *until = heard + WHATSAPP_WINDOW;
    return found < 0 ? -1 : 0;
}

int window_open(struct registrar *r, const struct subject_row *subject,
                const char *policy, const char *number, bool *open,
                struct error *err)
{
    msec until;

    *open = false;
    if (window_until(r, subject, policy, number, &until, err) != 0)
        return -1;
    *open = r->now < until;
    return 0;
}
