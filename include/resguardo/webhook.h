/*
 * What WhatsApp tells us, as the registrar takes it. Parsing is pure and runs
 * before the queue; what comes in is hostile until its signature was checked,
 * and stays somebody else's words after that.
 */
#ifndef RESGUARDO_WEBHOOK_H
#define RESGUARDO_WEBHOOK_H

#include "resguardo/base.h"
#include "resguardo/limits.h"
#include "resguardo/policy.h"

enum webhook_kind {
    WEBHOOK_TEXT,
    WEBHOOK_BUTTON, /* interactive button_reply, or template button */
    WEBHOOK_FILE,
    WEBHOOK_LOST, /* something that WhatsApp does not hand over, or that we take
                   * none of: they should know */
    WEBHOOK_STATUS,
    WEBHOOK_MOVED, /* Meta: somebody has another number or user id (phone,
                    * bsuid) than before; `note` says which */
    WEBHOOK_OTHER  /* valid but without effect; `note` says what */
};

struct webhook_item {
    enum webhook_kind kind;
    const char *note; /* static, for counting: "reaction", "no_sender", … */
    char number[33];  /* phone_number_id it was sent to */
    char wamid[LIMIT_WAMID + 1];
    char phone[33];
    char bsuid[LIMIT_HANDLE + 1], parent[LIMIT_HANDLE + 1];
    char *name;                        /* profile name or NULL */
    char *former_phone, *former_bsuid; /* WEBHOOK_MOVED: as they were known, or
                                        * NULL */
    int64_t provider_s;
    char context[LIMIT_WAMID + 1]; /* wamid this answers, "" none */
    char *text;                    /* body or button id */
    /* WEBHOOK_FILE */
    enum media_kind media;
    char media_id[LIMIT_MEDIA_ID + 1]; /* "" when it is not digits */
    char announced_type[129];
    bool odd_sha256;   /* announced, but it does not decode */
    struct buf claims; /* of the sender, as RFC 8785 JSON: media_id, wamid,
                        * file_name, caption, sha256 (hex); what is unknown is
                        * left out */
    bool too_large;    /* Meta would not hand it over (131052) */
    /* WEBHOOK_STATUS */
    char status[17];
    char attempt[ID_SIZE]; /* biz_opaque_callback_data when it is ours */
    int64_t code;          /* why it failed, by Meta's number; 0 */
    /* The messages[] element: of a text or button as RFC 8785 JSON, which may
     * be evidence, of anything else as it came. */
    struct buf raw;
};

struct webhook {
    struct webhook_item *items;
    size_t n;
    size_t strange; /* changes, or whole envelopes, that are none of ours */
    uint8_t body_sha256[SHA256_LEN]; /* zeros where no item has raw */
};
/* Parses a signed body. NULL with ERR_INPUT when it is not JSON or has no
 * string `object` (400), or ERR_NOMEM. Anything else inside is an item. */
struct webhook *webhook_parse(const void *body, size_t, struct error *);
void webhook_free(struct webhook **);
/* "sha256=" and 64 lower-case hex digits, HMAC-SHA256 under any secret;
 * constant time in the comparison. */
bool webhook_signed(const char *signature, const void *body, size_t,
                    const struct secret *const *secrets, size_t n);

#endif
