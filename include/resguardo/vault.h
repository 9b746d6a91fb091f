/*
 * vault: the only room that encrypts files. The age v1 format (recipients,
 * header, STREAM payload, seekable reader) on libsodium primitives (but for
 * the chunks of a payload: libcrypto takes half the time), and the
 * keyring: a signed, chained log that says who may read and under which epoch.
 *
 * Promises: nothing is released that was not authenticated; a stream that ends
 * early is an error, always; file keys and payload keys live in struct secret
 * or on the stack and are wiped on every path. The vault does no file I/O of
 * its own: bytes come and go through callbacks.
 *
 * Source of the format: c2sp.org/age (age-encryption.org/v1).
 */
#ifndef RESGUARDO_VAULT_H
#define RESGUARDO_VAULT_H

#include "resguardo/base.h"
#include "resguardo/limits.h"

#define AGE_KEY_LEN        32 /* X25519 scalar or point */
#define AGE_FILE_KEY_LEN   16
#define AGE_NONCE_LEN      16 /* first bytes of a payload */
#define AGE_CHUNK          65536u
#define AGE_TAG_LEN        16
#define AGE_RECIPIENT_SIZE 63 /* age1… and NUL */
#define AGE_IDENTITY_SIZE  75 /* AGE-SECRET-KEY-1… and NUL */

/* ---- keys --------------------------------------------------------------- */

int age_recipient_parse(uint8_t out[static AGE_KEY_LEN], const char *text,
                        struct error *);
void age_recipient_format(char out[static AGE_RECIPIENT_SIZE],
                          const uint8_t in[static AGE_KEY_LEN]);
/* A fresh identity: 32 secret bytes (caller frees). */
struct secret *age_identity_new(const struct random_source *);
struct secret *age_identity_parse(const char *text, struct error *);
void age_identity_format(char out[static AGE_IDENTITY_SIZE],
                         const struct secret *);
int age_identity_recipient(uint8_t out[static AGE_KEY_LEN],
                           const struct secret *identity);
/* An identity file as age-keygen writes it: comments, one key a line. Returns
 * the first key; NULL with ERR_INPUT naming the line (never its content). */
struct secret *age_identity_file_parse(const void *, size_t, struct error *);
/* All keys of such a file. Kinds that are not spoken here (hybrid, plugins) are
 * counted, and open nothing. Zero-initialise, free in any case. */
struct age_identities {
    struct secret **list;
    size_t n, foreign;
};
int age_identities_parse(struct age_identities *, const void *, size_t,
                         struct error *);
void age_identities_free(struct age_identities *);
/* The text of such a file: "# created: …", "# public key: …", the key. */
int age_identity_file_format(struct buf *out, const struct secret *, msec now);

/* ---- sealing ------------------------------------------------------------ */

/* Where sealed or opened bytes go, in order. Returns 0 or -1 with error. */
typedef int (*age_sink)(void *arg, const uint8_t *, size_t, struct error *);

struct age_writer; /* opaque: one payload being sealed */
/* Appends the age header (through the newline after the MAC) to `header`;
 * `sink` receives the payload: nonce, then sealed chunks, up to four at once.
 * 1..LIMIT_AGE_RECIPIENTS recipients. */
int age_writer_new(struct age_writer **,
                   const uint8_t (*recipients)[AGE_KEY_LEN], size_t n,
                   const struct random_source *, struct buf *header,
                   age_sink sink, void *arg, struct error *);
/* The same for a passphrase, which is stretched with 2^work KiB of memory:
 * 1..LIMIT_AGE_WORK, LIMIT_AGE_WORK_OURS for people. */
int age_writer_new_passphrase(struct age_writer **,
                              const struct secret *passphrase, unsigned work,
                              const struct random_source *, struct buf *header,
                              age_sink sink, void *arg, struct error *);
/* Chunks are independent: once a payload is large, at most so many threads
 * (the caller's included, 4 at most) seal it. One, unless this is called. */
void age_writer_threads(struct age_writer *, unsigned);
int age_writer_add(struct age_writer *, const void *, size_t, struct error *);
/* Seals the last chunk (also of an empty file). No add after it. */
int age_writer_finish(struct age_writer *, struct error *);
/* The payload key, for a reader of the same payload before it is given up;
 * valid after finish (the judge reads with it). NULL: no memory. */
struct secret *age_writer_payload_key(const struct age_writer *);
void age_writer_free(struct age_writer **);

/* One call for small things (grants, evidence): header and payload to out. */
int age_seal(struct buf *out, const uint8_t (*recipients)[AGE_KEY_LEN],
             size_t n, const struct random_source *, const void *, size_t,
             struct error *);
/* Size of the payload of a file of n plaintext bytes, and back (-1: no such
 * payload size). */
int64_t age_payload_size(int64_t plain);
int64_t age_plain_size(int64_t payload);

/* ---- opening ------------------------------------------------------------ */

/* Parses and authenticates a header at the start of `in`; *header_len is what
 * it took. Error texts begin with the class: "header", "no identity matched",
 * "header mac". Returns the file key, or NULL. */
struct secret *age_header_open(const uint8_t *in, size_t len,
                               const struct secret *const *identities, size_t n,
                               size_t *header_len, struct error *);

/* Is this a header as ours are, for one X25519 recipient and nobody else?
 * *header_len is what it took. What is in it, who has the key can say alone. */
int age_header_check(const uint8_t *in, size_t len, size_t *header_len,
                     struct error *);

/* Random access to a payload: bytes come from `read_at` (exactly len bytes or
 * -1). The last chunk is authenticated first, so truncation is known before
 * anything is shown. */
typedef int (*age_read_at)(void *arg, int64_t offset, uint8_t *, size_t len,
                           struct error *);
struct age_reader; /* opaque */
int age_reader_new(struct age_reader **, const struct secret *payload_key,
                   int64_t payload_size, age_read_at read_at, void *arg,
                   struct error *);
int64_t age_reader_size(const struct age_reader *); /* plaintext bytes */
/* Copies up to len bytes from plaintext offset; *got is short only at the
 * end. */
int age_reader_read(struct age_reader *, int64_t offset, uint8_t *, size_t len,
                    size_t *got, struct error *);
void age_reader_free(struct age_reader **);
struct secret *age_payload_key(const struct secret *file_key,
                               const uint8_t nonce[static AGE_NONCE_LEN]);

/* A whole age file as a stream: feed bytes as they come; the sink gets only
 * authenticated plaintext. finish fails on a stream that ended early. */
struct age_opener; /* opaque */
int age_opener_new(struct age_opener **, const struct secret *const *identities,
                   size_t n, age_sink sink, void *arg, struct error *);
/* Whom to ask for a passphrase, once a header shows that it has one, is well
 * formed and wants no larger work factor than `most`. A new secret, or NULL
 * with error. */
typedef struct secret *(*age_ask)(void *arg, struct error *);
void age_opener_ask(struct age_opener *, unsigned most, age_ask, void *arg);
/* The file may come in ASCII armor, or not. Strict: canonical base64, full
 * lines, nothing but white space (1 KiB before) around it; errors begin with
 * "armor". */
int age_opener_dearmor(struct age_opener *, struct error *);
/* As age_writer_threads. The sink is called by the caller's thread, in order,
 * with up to four chunks. */
void age_opener_threads(struct age_opener *, unsigned);
int age_opener_add(struct age_opener *, const void *, size_t, struct error *);
int age_opener_finish(struct age_opener *, struct error *);
void age_opener_free(struct age_opener **);
/* One call for small things. */
int age_open(struct buf *out, const struct secret *const *identities, size_t n,
             const void *, size_t, struct error *);

/* ---- armor: a whole age file as text ------------------------------------ */

struct age_armor; /* opaque: bytes in, lines of base64 out */
int age_armor_new(struct age_armor **, age_sink sink, void *arg,
                  struct error *);
/* An age_sink. */
int age_armor_add(void *armor, const uint8_t *, size_t, struct error *);
int age_armor_finish(struct age_armor *, struct error *);
void age_armor_free(struct age_armor **);

/* ---- staff signatures --------------------------------------------------- */

#define SIGN_PUBLIC_LEN 32
#define SIGN_LEN        64
/* Ed25519 key pair of an identity: HKDF-SHA256 of the 32 secret bytes, no
 * salt, info "resguardo staff-sign v1", gives the seed. */
int staff_sign_public(uint8_t out[static SIGN_PUBLIC_LEN],
                      const struct secret *identity);
int staff_sign(uint8_t out[static SIGN_LEN], const struct secret *identity,
               const void *, size_t);
bool staff_signed(const uint8_t sign_key[static SIGN_PUBLIC_LEN],
                  const uint8_t signature[static SIGN_LEN], const void *,
                  size_t);
/* What is signed of a request: "resguardo staff-sign v1\n" and RFC 8785 of
 * {body_sha256, method, nonce, path, reason}. body_sha256 (hex) is there when
 * the request says more than its reason: NULL otherwise. -1: no memory, or a
 * text that is not UTF-8. */
int staff_request(struct buf *out, const char *method, const char *nonce,
                  const char *path, const char *reason,
                  const char *body_sha256);
/* body_sha256 of a request's JSON: of the RFC 8785 bytes of its members but
 * nonce, signature and reason, which are signed by themselves. 1: set; 0: there
 * are none, and hex is ""; -1: no memory, or numbers that RFC 8785 has not. */
int staff_request_body(char hex[static HEX_SIZE(SHA256_LEN)],
                       const json_t *body);

/* ---- keyring ------------------------------------------------------------ */

/*
 * The log: entry i is the RFC 8785 JSON of
 *
 *   {v: 1, seq: i, prev: HEX, time, signer: HEX, type, …}
 *
 * prev is SHA-256 of the former entry's bytes and signature (64 zeros for the
 * first), signer an Ed25519 key; what is signed is "resguardo keyring v1\n"
 * and the bytes. By type there is, besides,
 *
 *   root    officer: {uid, name, recipient, sign_key}, custody
 *   staff   uid, name, roles: […], recipient, sign_key   (adds or replaces)
 *   revoke  uid
 *   epoch   epoch, recipient                      (numbers rise by one)
 *   key     uid, sign_key, proof   (of who enrols, once; see below)
 *
 * Recipients are written age1…, sign_key in hex, time as time_format does,
 * roles in the order agent, auditor, officer. The officer of the root has all
 * roles until a staff entry says otherwise. One person has one uid, name,
 * recipient and sign_key; custody and each epoch have recipients of their
 * own; one officer always remains.
 *
 * The signer must be an officer by the entries before it (the root: itself; a
 * key: the member's former one). The root hash (SHA-256 of entry 0 and its
 * signature) is what is pinned.
 *
 * Who adds a colleague knows their recipient and not their sign_key, which
 * follows from the secret half. So the staff entry names the key of an identity
 * made for this one purpose, and carries its secret as `enrolment`: base64 of
 * an age file to the recipient. With it the colleague signs the entry of type
 * key, and nothing is signed by that identity ever again. `proof` is the new
 * key's own signature over "resguardo keyring-key v1\n" and the entry without
 * it: nobody enrols with a key that they do not have. A member has one such
 * entry; whose key is lost is revoked and added again.
 */
enum staff_role {
    ROLE_AGENT = 1,
    ROLE_AUDITOR = 2,
    ROLE_OFFICER = 4,
    ROLE__ALL = 7,   /* of the root */
    ROLE_SENDER = 8, /* sends reminders, and nothing else */
    ROLE__KNOWN = 15
};
#define KEYRING_HASH_LEN 32
#define STAFF_NAME_SIZE  65
/* What init writes before there is a ledger: root, officer, epoch. Whatever
 * comes after it is entered there, too. */
#define KEYRING_INIT_ENTRIES 3u
/* An age file of 32 bytes to one recipient. */
#define ENROLMENT_LEN 232

struct keyring_staff {
    uint32_t uid;
    char name[STAFF_NAME_SIZE];
    unsigned roles; /* enum staff_role, or-ed */
    uint8_t recipient[AGE_KEY_LEN];
    uint8_t sign_key[SIGN_PUBLIC_LEN];
    bool enrols; /* sign_key is still that of the enrolment */
    uint8_t enrolment[ENROLMENT_LEN];
};

enum keyring_type {
    KEYRING_ROOT,
    KEYRING_STAFF,
    KEYRING_REVOKE,
    KEYRING_EPOCH,
    KEYRING_KEY,
    KEYRING_TYPE__MAX
};

struct keyring_entry {
    uint64_t seq;
    uint8_t prev[KEYRING_HASH_LEN];
    msec time;
    uint8_t signer[SIGN_PUBLIC_LEN];
    enum keyring_type type;
    struct keyring_staff staff;     /* root, staff; revoke: the uid alone;
                                     * key: uid and sign_key */
    unsigned epoch;                 /* epoch */
    uint8_t recipient[AGE_KEY_LEN]; /* root: custody; epoch */
    uint8_t proof[SIGN_LEN];        /* key */
};
/* Bytes to entry, only if they are exactly what is written for it. ERR_INPUT
 * with the reason, or ERR_NOMEM. Nothing is said of its place or signature. */
int keyring_entry_parse(struct keyring_entry *, const void *, size_t,
                        struct error *);

/* The names of roles, ending with a NULL name. */
struct role_name {
    const char *name;
    unsigned role;
};
extern const struct role_name role_names[];
json_t *roles_json(unsigned roles); /* their names; NULL: no memory */
/* Whose work needs epochs: agents read, officers grant. */
bool roles_read(unsigned roles);

struct keyring; /* opaque: the checked state after the entries seen so far */
struct keyring *keyring_new(void);
struct keyring *keyring_copy(const struct keyring *); /* NULL: no memory */
void keyring_free(struct keyring **);
/* Checks and applies the next entry: bytes must be canonical, chained, signed
 * by an officer. ERR_VERIFY says which entry and why. */
int keyring_add(struct keyring *, const void *entry, size_t,
                const uint8_t signature[static SIGN_LEN], struct error *);
uint64_t keyring_size(const struct keyring *);
void keyring_root(const struct keyring *, uint8_t out[static KEYRING_HASH_LEN]);
/* Hash of the newest entry and its signature: the next entry's prev. */
void keyring_head(const struct keyring *, uint8_t out[static KEYRING_HASH_LEN]);
/* NULL if unknown. A member stays where it is until the next entry is added. */
const struct keyring_staff *keyring_find(const struct keyring *, uint32_t uid);
/* Was somebody of this uid revoked, and not added again? */
bool keyring_revoked(const struct keyring *, uint32_t uid);
/* i-th member, NULL past the end. */
const struct keyring_staff *keyring_staff_at(const struct keyring *, size_t i);
/* Newest epoch; 0 when none. */
unsigned keyring_epoch(const struct keyring *);
/* Recipient of an epoch; -1 if unknown. */
int keyring_epoch_recipient(const struct keyring *, unsigned epoch,
                            uint8_t out[static AGE_KEY_LEN]);
int keyring_custody(const struct keyring *, uint8_t out[static AGE_KEY_LEN]);

/* Composes the next entry, signs it with the officer's identity and applies
 * it; entry and signature are what is stored. Replaces what entry held; on
 * failure entry is empty, sig is zeros and the keyring as before. */
int keyring_sign_root(struct keyring *, const struct secret *officer,
                      uint32_t uid, const char *name,
                      const uint8_t custody[static AGE_KEY_LEN], msec now,
                      struct buf *entry, uint8_t sig[static SIGN_LEN],
                      struct error *);
int keyring_sign_staff(struct keyring *, const struct secret *officer,
                       const struct keyring_staff *, msec now,
                       struct buf *entry, uint8_t sig[static SIGN_LEN],
                       struct error *);
int keyring_sign_revoke(struct keyring *, const struct secret *officer,
                        uint32_t uid, msec now, struct buf *entry,
                        uint8_t sig[static SIGN_LEN], struct error *);
int keyring_sign_epoch(struct keyring *, const struct secret *officer,
                       const uint8_t recipient[static AGE_KEY_LEN], msec now,
                       struct buf *entry, uint8_t sig[static SIGN_LEN],
                       struct error *);
int keyring_sign_key(struct keyring *, const struct secret *enrolment,
                     uint32_t uid, const struct secret *own, msec now,
                     struct buf *entry, uint8_t sig[static SIGN_LEN],
                     struct error *);

/* Makes the identity that a new member enrols with: sets sign_key and
 * enrolment of one whose recipient is set. */
int enrolment_seal(struct keyring_staff *, const struct random_source *,
                   struct error *);
/* The member opens it (caller frees). NULL with error. */
struct secret *enrolment_open(const struct keyring_staff *,
                              const struct secret *identity, struct error *);

/* ---- epochs ------------------------------------------------------------- */

/* A grant: the identity file of an epoch, as an age file to the reader. */
int grant_seal(struct buf *out, const struct secret *epoch,
               const uint8_t recipient[static AGE_KEY_LEN], msec now,
               const struct random_source *, struct error *);
/* Its secret, which must be that of the recipient in the keyring (ERR_VERIFY).
 * NULL with error. */
struct secret *grant_open(const struct keyring *, unsigned epoch,
                          const struct secret *identity, const void *, size_t,
                          struct error *);
/* Is it a small age file to one recipient, as a grant is? All that can be said
 * without the reader's identity. ERR_INPUT. */
int grant_check(const void *, size_t, struct error *);
/* A header for one epoch from that of another; the payload stays as it is. What
 * comes out was opened again with the new one before it is given away. */
int header_rewrap(struct buf *out, const void *header, size_t,
                  const struct secret *former, const struct secret *epoch,
                  const struct random_source *, struct error *);
/* Does a header that was moved open, and to the file key of the former one?
 * ERR_VERIFY, or ERR_INPUT ("no identity matched"): keep the former. */
int header_same(const void *header, size_t, const struct secret *epoch,
                const void *former, size_t, const struct secret *former_epoch,
                struct error *);

#endif
