/*
 * What the files of the vault share and no other room sees: key derivation,
 * header stanzas, single chunks of a payload, entries of the keyring.
 */
#ifndef RESGUARDO_VAULT_PRIVATE_H
#define RESGUARDO_VAULT_PRIVATE_H

#include "resguardo/vault.h"

#define AGE_SEALED_CHUNK (AGE_CHUNK + AGE_TAG_LEN)

/* HKDF-SHA256 (RFC 5869) with one block of output, which is all age needs.
 * Empty salt or info: NULL and 0. */
#define HKDF_LEN 32
void hkdf_sha256(uint8_t out[static HKDF_LEN], const void *ikm, size_t ikm_len,
                 const void *salt, size_t salt_len, const void *info,
                 size_t info_len);

/* A file key as a stanza of either kind has it. */
#define AGE_WRAPPED_LEN (AGE_FILE_KEY_LEN + AGE_TAG_LEN)

/* ---- X25519 stanzas ----------------------------------------------------- */

/* Is this a point that X25519 gives a shared secret for (RFC 7748 §6.1)? */
bool age_x25519_valid(const uint8_t point[static AGE_KEY_LEN]);
/* Wraps the file key for one recipient; -1 for a low-order recipient. */
int age_x25519_wrap(uint8_t share[static AGE_KEY_LEN],
                    uint8_t body[static AGE_WRAPPED_LEN],
                    const uint8_t recipient[static AGE_KEY_LEN],
                    const uint8_t file_key[static AGE_FILE_KEY_LEN],
                    const struct random_source *);
/* 1: file_key is set; 0: not for this identity; -1: low-order share. */
int age_x25519_unwrap(uint8_t file_key[static AGE_FILE_KEY_LEN],
                      const uint8_t share[static AGE_KEY_LEN],
                      const uint8_t body[static AGE_WRAPPED_LEN],
                      const struct secret *identity);

/* ---- scrypt stanzas ----------------------------------------------------- */

#define AGE_SALT_LEN 16u
/* Wraps the file key with a passphrase, 2^work rounds of 1 KiB; -1: no
 * memory. */
int age_scrypt_wrap(uint8_t body[static AGE_WRAPPED_LEN],
                    const uint8_t salt[static AGE_SALT_LEN], unsigned work,
                    const struct secret *passphrase,
                    const uint8_t file_key[static AGE_FILE_KEY_LEN]);
/* 1: file_key is set; 0: another passphrase; -1: no memory. */
int age_scrypt_unwrap(uint8_t file_key[static AGE_FILE_KEY_LEN],
                      const uint8_t body[static AGE_WRAPPED_LEN],
                      const uint8_t salt[static AGE_SALT_LEN], unsigned work,
                      const struct secret *passphrase);

/* ---- headers ------------------------------------------------------------ */

#define AGE_VERSION    "age-encryption.org/v1" /* the first line */
#define AGE_MAC_MARK   "---" /* starts the last line of a header */
#define AGE_COLUMNS    64    /* of a stanza's body */
#define AGE_LINE_BYTES (AGE_COLUMNS / 4 * 3)

/* Arguments that a kind of ours has at most, its type included. */
#define AGE_ARGS 3u
struct age_word {
    const char *p; /* into the header */
    size_t len;
};
/* A recipient stanza, checked against the grammar: its first arguments, the
 * type before all, and the first line of its body; args and body_len count
 * all. */
struct age_stanza {
    struct age_word arg[AGE_ARGS];
    size_t args;
    uint8_t body[AGE_LINE_BYTES];
    size_t body_len;
};

/* Walks a header line by line. */
struct age_lines {
    const char *next;
    size_t left;
};
void age_stanza_begin(struct age_lines *, const void *, size_t);
/* The next line without its newline; -1 when no whole line is left. */
int age_stanza_line(struct age_lines *, const char **line, size_t *len);
/* Reads the stanza whose first line (after "-> ") is `line`. -1: malformed. */
int age_stanza_read(struct age_stanza *, struct age_lines *, const char *line,
                    size_t len);
bool age_stanza_is(const struct age_stanza *, const char *type);

/* Appends a whole header for 1..LIMIT_AGE_RECIPIENTS recipients. */
int age_header_seal(struct buf *out, const uint8_t (*recipients)[AGE_KEY_LEN],
                    size_t n, const struct secret *file_key,
                    const struct random_source *, struct error *);

/* Appends the header of a file that a passphrase opens. */
int age_header_seal_passphrase(struct buf *out, const struct secret *passphrase,
                               unsigned work, const struct secret *file_key,
                               const struct random_source *, struct error *);
/* What may open a header: identities, and a passphrase if there is somebody
 * to ask (NULL: nobody). */
struct age_keys {
    const struct secret *const *identities;
    size_t n;
    age_ask ask;
    void *arg;
    unsigned work; /* the largest work factor; 0: LIMIT_AGE_WORK */
};
/* age_header_open, a passphrase included. */
struct secret *age_header_open_with(const uint8_t *in, size_t len,
                                    const struct age_keys *, size_t *header_len,
                                    struct error *);

/* ---- armor -------------------------------------------------------------- */

#define AGE_ARMOR_BEGIN "-----BEGIN AGE ENCRYPTED FILE-----"
#define AGE_ARMOR_END   "-----END AGE ENCRYPTED FILE-----"

/* Opaque: an age file in, armored or not, its bytes out. What is no armor
 * passes as it is, for the header to judge. finish fails on armor that ended
 * early; what was passed on before that is not yet a whole file. */
struct age_dearmor;
int age_dearmor_new(struct age_dearmor **, age_sink sink, void *arg,
                    struct error *);
int age_dearmor_add(struct age_dearmor *, const void *, size_t, struct error *);
int age_dearmor_finish(struct age_dearmor *, struct error *);
void age_dearmor_free(struct age_dearmor **);

/* ---- payload chunks ----------------------------------------------------- */

/* out gets len + AGE_TAG_LEN bytes, len <= AGE_CHUNK. */
void age_payload_seal(uint8_t *out, const uint8_t *in, size_t len,
                      const struct secret *key, uint64_t chunk, bool last);
/* out gets len - AGE_TAG_LEN bytes; -1: not authentic, out is zeroed. Any
 * thread may call either. */
int age_payload_open(uint8_t *out, const uint8_t *in, size_t len,
                     const struct secret *key, uint64_t chunk, bool last);

/* ---- batches of chunks -------------------------------------------------- */

/* Chunks that leave at once; they are sealed or opened by one thread. */
#define AGE_BATCH ((size_t)4)

struct age_batch {
    struct secret *plain; /* room for AGE_CHUNK each */
    uint8_t *sealed;      /* room for AGE_SEALED_CHUNK each */
    size_t len;           /* bytes that were filled in, of one of the two */
    uint64_t chunk;       /* number of the first */
    bool last;            /* the last one is the payload's last */
    size_t good;          /* bytes of the other one that came of it */
    const char *fault;    /* why no more than these, or NULL */
    bool done;
};
/* Makes the one of the other; any thread may call it. */
typedef void (*age_work)(struct age_batch *, const struct secret *key);
/* A batch that is done, in order; by the thread that pushes. */
typedef int (*age_emit)(void *arg, const struct age_batch *, struct error *);

struct age_belt; /* opaque: a payload's batches, in order */
/* `chunks` in a batch. NULL: no memory. */
struct age_belt *age_belt_new(size_t chunks, age_work, age_emit, void *arg);
/* Waits for the work that is under way. */
void age_belt_free(struct age_belt **);
/* The key of the payload, before the first push; it must outlive the belt. */
void age_belt_key(struct age_belt *, const struct secret *key);
/* At most so many threads, the caller's included, once a payload is large. */
void age_belt_threads(struct age_belt *, unsigned);
/* The batch to be filled: full, unless it is the last. */
struct age_batch *age_belt_batch(struct age_belt *);
/* Hands it on. After the last one all have been emitted. On failure nothing
 * more is emitted: the belt can only be freed. */
int age_belt_push(struct age_belt *, bool last, struct error *);

/* Whom a file is sealed for: recipients, or (n is 0) a passphrase. */
struct age_seal_for {
    const uint8_t (*recipients)[AGE_KEY_LEN];
    size_t n;
    const struct secret *passphrase;
    unsigned work;
};
/* age_writer_new and age_opener_new with so many chunks in a batch. */
int age_writer_begin(struct age_writer **, size_t chunks,
                     const struct age_seal_for *, const struct random_source *,
                     struct buf *header, age_sink sink, void *arg,
                     struct error *);
int age_opener_begin(struct age_opener **, size_t chunks,
                     const struct secret *const *identities, size_t n,
                     age_sink sink, void *arg, struct error *);

/* ---- keyring entries ---------------------------------------------------- */

/* Appends the RFC 8785 bytes; -1: no memory, or a name that is not UTF-8. */
int keyring_entry_format(const struct keyring_entry *, struct buf *out);
/* The bytes that a signature covers. */
int keyring_entry_signed(struct buf *out, const void *entry, size_t);
/* Of an entry of type key, the bytes that its proof covers. */
int keyring_entry_proven(struct buf *out, const struct keyring_entry *);

#endif
