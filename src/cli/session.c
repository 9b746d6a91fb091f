/*
 * A request that is signed. The desk answers first: who may not, or asks for
 * what is not there, hears so before an identity is opened. Then the keyring is
 * checked, because what is signed or sealed next rests on it.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a request");
}

/* ---- nonce -------------------------------------------------------------- */

static int post(struct session *s, const char *path, json_t *body,
                json_t **answer, struct error *e)
{
    char *text = body == NULL ? NULL : json_dumps(body, JSON_COMPACT);

    *answer = NULL;
    if (text == NULL)
        (void)no_memory(e);
    else
        *answer = client_post_json(s->client, path, text, e);
    free(text);
    json_decref(body);
    return *answer != NULL ? 0 : -1;
}

int session_nonce(struct session *s, struct error *e)
{
    json_t *answer = NULL;
    const char *nonce;
    int ok = -1;

    if (post(s, "/nonce",
             json_pack("{s:s, s:s}", "method", "POST", "path", s->path),
             &answer, e) != 0)
        return -1;
    nonce = json_str(answer, "nonce");
    if (nonce == NULL || strlen(nonce) >= sizeof(s->nonce)) {
        (void)error_set(e, ERR_INPUT, "the desk's answer is malformed");
    } else {
        memcpy(s->nonce, nonce, strlen(nonce) + 1);
        ok = 0;
    }
    json_decref(answer);
    return ok;
}

/* ---- who we are --------------------------------------------------------- */

static int wrong_identity(const struct session *s, const char *name,
                          struct error *e)
{
    (void)error_set(e, ERR_INPUT,
                    "no identity matched: %s is not what officers added for %s",
                    s->cli->identity, name);
    return error_hint(e, "name yours with --identity FILE or "
                         "RESGUARDO_IDENTITY");
}

/* Once after being added: from now on our own key signs for us. */
static int enrol(struct session *s, const struct keyring_staff *me,
                 struct error *e)
{
    struct secret *once = enrolment_open(me, s->me, e);
    json_t *body = session_change(s), *answer = NULL;
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN];
    int ok = -1;

    if (once == NULL ||
        keyring_sign_key(s->ring, once, s->uid, s->me, clock_now(&clock_system),
                         &entry, signature, e) != 0 ||
        change_entry(body, &entry, signature, e) != 0) {
        json_decref(body);
        goto out;
    }
    ok = post(s, "/keyring/key", body, &answer, e);
out:
    json_decref(answer);
    buf_free(&entry);
    secret_free(&once);
    return ok;
}

static int check_me(struct session *s, struct error *e)
{
    const struct keyring_staff *me = keyring_find(s->ring, s->uid);
    uint8_t recipient[AGE_KEY_LEN], key[SIGN_PUBLIC_LEN];

    if (me == NULL)
        return error_set(e, ERR_VERIFY,
                         "the keyring does not have you, and the desk says so");
    if (age_identity_recipient(recipient, s->me) != 0 ||
        staff_sign_public(key, s->me) != 0)
        return error_set(e, ERR_INTERNAL, "not an identity of staff");
    if (memcmp(recipient, me->recipient, sizeof(recipient)) != 0)
        return wrong_identity(s, me->name, e);
    if (memcmp(key, me->sign_key, sizeof(key)) == 0)
        return 0;
    if (me->enrols)
        return enrol(s, me, e);
    (void)error_set(e, ERR_VERIFY,
                    "the keyring has another key to sign for you than yours");
    return error_hint(e, "somebody enrolled in your name: tell an officer, who "
                         "revokes and adds you again");
}

static int fetch_keyring(struct session *s, struct error *e)
{
    const json_t *uid;

    s->answer = client_get_json(s->client, "/keyring", e);
    if (s->answer == NULL)
        return -1;
    s->ring = reader_keyring(s->cli, s->answer, e);
    if (s->ring == NULL)
        return -1;
    uid = json_object_get(s->answer, "uid");
    if (!json_is_integer(uid) || json_integer_value(uid) < 0 ||
        json_integer_value(uid) > UINT32_MAX)
        return error_set(e, ERR_INPUT, "the desk's answer is malformed");
    s->uid = (uint32_t)json_integer_value(uid);
    return 0;
}

/* ---- a session ---------------------------------------------------------- */

int session_open(struct session *s, const struct cli *cli, const char *path,
                 struct error *e)
{
    *s = (struct session){ .cli = cli, .path = path };
    if (client_open(&s->client, cli->socket, e) != 0 ||
        session_nonce(s, e) != 0)
        return -1;
    s->me = identity_load(cli->identity, NULL, e);
    if (s->me == NULL || fetch_keyring(s, e) != 0)
        return -1;
    return check_me(s, e);
}

void session_close(struct session *s)
{
    keyring_free(&s->ring);
    json_decref(s->answer);
    client_close(&s->client);
    secret_free(&s->me);
}

int session_epochs(struct session *s, struct epochs *out, struct error *e)
{
    return epochs_open(out, s->ring, s->me,
                       json_object_get(s->answer, "grants"), e);
}

int session_sign(struct session *s, json_t *body, const char *reason,
                 struct error *e)
{
    uint8_t signature[SIGN_LEN];
    char text[BASE64_SIZE(SIGN_LEN)], hash[HEX_SIZE(SHA256_LEN)];
    struct buf bytes = { 0 };
    int ok = -1, has_body = staff_request_body(hash, body);

    if (has_body >= 0 &&
        staff_request(&bytes, "POST", s->nonce, s->path, reason,
                      has_body > 0 ? hash : NULL) == 0 &&
        staff_sign(signature, s->me, bytes.p, bytes.len) == 0) {
        base64_encode(text, signature, sizeof(signature), true);
        ok = json_object_set_new(body, "nonce", json_string(s->nonce));
        if (ok == 0)
            ok = json_object_set_new(body, "signature", json_string(text));
    }
    buf_free(&bytes);
    return ok == 0 ? 0 : no_memory(e);
}

int session_post_for(struct session *s, json_t *body, const char *words,
                     json_t **answer, struct error *e)
{
    *answer = NULL;
    if (session_sign(s, body, words, e) == 0)
        return post(s, s->path, body, answer, e);
    json_decref(body);
    return -1;
}

int session_post(struct session *s, json_t *body, json_t **answer,
                 struct error *e)
{
    const char *reason = json_str(body, "reason");

    return session_post_for(s, body, reason != NULL ? reason : "", answer, e);
}

int session_once(const struct cli *cli, const char *path, json_t *body,
                 json_t **answer, struct error *e)
{
    struct session s = { 0 };
    int ok = -1;

    *answer = NULL;
    if (body == NULL)
        ok = no_memory(e);
    else if (session_open(&s, cli, path, e) == 0)
        ok = session_post(&s, json_incref(body), answer, e);
    json_decref(body);
    session_close(&s);
    return ok;
}

int session_about(const struct cli *cli, const char *folder, const char *name,
                  const char *rest, json_t *body, json_t **answer,
                  struct error *e)
{
    struct buf path = { 0 };
    int ok = -1;

    *answer = NULL;
    if (client_route(&path, folder, name, rest, e) == 0)
        ok = session_once(cli, (const char *)path.p, json_incref(body), answer,
                          e);
    json_decref(body);
    buf_free(&path);
    return ok;
}

int session_show(const struct cli *cli, const char *folder, const char *name,
                 const char *rest, json_t *body, const char *done,
                 struct error *e)
{
    json_t *answer;
    int ok = session_about(cli, folder, name, rest, body, &answer, e);

    if (ok == 0 && (done == NULL || cli->json))
        ok = output_answer(cli, answer, e);
    else if (ok == 0)
        (void)fprintf(stderr, "%s\n", done);
    json_decref(answer);
    return ok;
}

int session_words(const struct cli *cli, enum option option, const char *name,
                  struct error *e)
{
    const char *text = cli->options[option];

    if (text == NULL)
        return 0;
    if (text[strspn(text, " \t\r\n")] == '\0')
        return error_set(e, ERR_USAGE, "%s needs words", name);
    return utf8_valid(text, strlen(text))
               ? 0
               : error_set(e, ERR_USAGE, "%s is no UTF-8", name);
}

int session_ask(struct session *s, const char *path, json_t *body,
                json_t **answer, struct error *e)
{
    *answer = NULL;
    s->path = path;
    if (body == NULL)
        return no_memory(e);
    if (session_nonce(s, e) == 0)
        return session_post(s, body, answer, e);
    json_decref(body);
    return -1;
}
