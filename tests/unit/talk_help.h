/* A person in the conversation: what agents do, and how it stands. */
#ifndef RESGUARDO_UNIT_TALK_HELP_H
#define RESGUARDO_UNIT_TALK_HELP_H

#include "keep_help.h"

#define MINUTE (60 * MSEC_S)

static inline int take_request(struct registrar *r, void *arg,
                               struct error *err)
{
    return registrar_take_conversation(r, arg, err);
}

static inline int reply_request(struct registrar *r, void *arg,
                                struct error *err)
{
    return registrar_reply(r, arg, err);
}

static inline int back_request(struct registrar *r, void *arg,
                               struct error *err)
{
    return registrar_hand_back(r, arg, err);
}

static inline struct conversation_order of(struct fixture *f, uint32_t uid)
{
    struct conversation_order o = { .by = help_by(uid) };

    o.by.role = "agent";
    help_word(f, "SELECT id FROM conversation ORDER BY rowid LIMIT 1", o.id,
              sizeof(o.id));
    return o;
}

/* As the keyring calls them. */
static inline const char *help_name(struct fixture *f, uint32_t uid)
{
    const struct keyring_staff *who = keyring_find(f->keyring, uid);

    assert_non_null(who);
    return who->name;
}

static inline void mode_is(struct fixture *f, const char *mode)
{
    char is[STORE_NAME_SIZE];

    help_word(f, "SELECT mode FROM conversation ORDER BY rowid LIMIT 1", is,
              sizeof(is));
    assert_string_equal(is, mode);
}

static inline bool said(const struct fixture *f, const char *words)
{
    return f->nsends > 0 && strstr(f->sends[f->nsends - 1].body, words) != NULL;
}

static inline int64_t kept(struct fixture *f)
{
    return help_number(f, "SELECT count(*) FROM chat");
}

#endif
