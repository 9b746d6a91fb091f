/* Files that customers sent, and the URLs that lead to them for a while. */
#include "sim.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ID INT64_C(551000000000001)

struct sim_bytes *sim_media_hold(struct sim_bytes *b)
{
    __atomic_add_fetch(&b->refs, 1, __ATOMIC_ACQ_REL);
    return b;
}

void sim_media_release(struct sim_bytes *b)
{
    if (b != NULL && __atomic_sub_fetch(&b->refs, 1, __ATOMIC_ACQ_REL) == 0)
        free(b);
}

static void media_free(struct sim_media *m)
{
    if (m == NULL)
        return;
    sim_media_release(m->bytes);
    free(m->mime_type);
    free(m->filename);
    free(m);
}

void sim_media_forget(struct sim *s)
{
    while (s->media != NULL) {
        struct sim_media *next = s->media->next;
        media_free(s->media);
        s->media = next;
    }
}

struct sim_media *sim_media_find(struct sim *s, const char *id)
{
    struct sim_media *m = s->media;

    while (m != NULL && strcmp(m->id, id) != 0)
        m = m->next;
    return m;
}

static json_t *describe(const struct sim_media *m)
{
    char hex[HEX_SIZE(SHA256_LEN)], b64[BASE64_SIZE(SHA256_LEN)];
    char uploaded[TIME_SIZE];

    hex_encode(hex, m->sha256, SHA256_LEN);
    base64_encode(b64, m->sha256, SHA256_LEN, true);
    time_format(uploaded, m->uploaded);
    return json_pack("{s:s,s:I,s:s,s:s?,s:s,s:s,s:I,s:I,s:I,s:b,s:s}", "id",
                     m->id, "size", (json_int_t)m->bytes->len, "mime_type",
                     m->mime_type, "filename", m->filename, "sha256", hex,
                     "sha256_base64", b64, "resolved", (json_int_t)m->resolved,
                     "downloads", (json_int_t)m->downloads, "bytes_sent",
                     (json_int_t)m->bytes_sent, "deleted", m->deleted ? 1 : 0,
                     "uploaded_at", uploaded);
}

json_t *sim_media_describe(struct sim *s, const char *id)
{
    json_t *answer = NULL;

    pthread_mutex_lock(&s->lock);
    if (id == NULL) {
        answer = json_array();
        for (struct sim_media *m = s->media; m != NULL; m = m->next)
            json_array_insert_new(answer, 0, describe(m));
    } else {
        const struct sim_media *m = sim_media_find(s, id);
        if (m != NULL)
            answer = describe(m);
    }
    pthread_mutex_unlock(&s->lock);
    return answer;
}

json_t *sim_media_add(struct sim *s, const void *p, size_t len,
                      const char *mime, const char *filename)
{
    struct sim_media *m = calloc(1, sizeof(*m));
    json_t *answer = NULL;

    if (m == NULL || (m->bytes = malloc(sizeof(*m->bytes) + len)) == NULL)
        goto out;
    m->bytes->refs = 1;
    m->bytes->len = len;
    if (len > 0)
        memcpy(m->bytes->p, p, len);
    sha256_of(m->sha256, m->bytes->p, len);
    m->uploaded = clock_now(&clock_system);
    m->mime_type = strdup(mime != NULL ? mime : "application/octet-stream");
    m->filename = filename != NULL ? strdup(filename) : NULL;
    if (m->mime_type == NULL || (filename != NULL && m->filename == NULL))
        goto out;

    pthread_mutex_lock(&s->lock);
    (void)snprintf(m->id, sizeof(m->id), "%lld",
                   (long long)(FIRST_ID + s->media_count++));
    m->next = s->media;
    s->media = m;
    answer = describe(m);
    m = NULL;
    pthread_mutex_unlock(&s->lock);
out:
    media_free(m);
    return answer;
}

static void url_hash(struct sim *s, const char *id, const char *ext,
                     char out[static HEX_SIZE(SIM_HASH_BYTES)])
{
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    char text[128];
    int n = snprintf(text, sizeof(text), "%s|%s", id, ext);

    crypto_auth_hmacsha256(mac, (const uint8_t *)text,
                           n > 0 && (size_t)n < sizeof(text) ? (size_t)n : 0,
                           s->url_key);
    hex_encode(out, mac, SIM_HASH_BYTES);
}

char *sim_media_url(struct sim *s, const char *id)
{
    char ext[24], hash[HEX_SIZE(SIM_HASH_BYTES)];
    int64_t end = clock_now(&clock_system) / MSEC_S +
                  sim_state_number(s, "url_lifetime_s");
    char *url = NULL;

    (void)snprintf(ext, sizeof(ext), "%lld", (long long)end);
    url_hash(s, id, ext, hash);
    if (asprintf(&url, "%s/media/%s?ext=%s&hash=%s", s->url, id, ext, hash) < 0)
        abort();
    return url;
}

bool sim_media_url_valid(struct sim *s, const char *id, const char *ext,
                         const char *hash)
{
    char want[HEX_SIZE(SIM_HASH_BYTES)];
    int64_t end;

    if (ext == NULL || hash == NULL || strlen(ext) > 20 || strlen(id) > 64 ||
        decimal_parse(ext, strlen(ext), INT64_MAX, &end) != 0)
        return false;
    url_hash(s, id, ext, want);
    return strcmp(want, hash) == 0 && clock_now(&clock_system) / MSEC_S < end;
}
