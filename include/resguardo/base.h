/*
 * base: what every room stands on: errors, buffers, encodings, JSON, time,
 * ids, secrets, log, frames. It knows no room above it and keeps no state but
 * the name of the program in the log.
 *
 * Convention of the whole house: a function that can fail returns 0 or -1 and
 * fills a caller-owned `struct error` (never NULL). Libraries of ours never
 * print; programs do.
 */
#ifndef RESGUARDO_BASE_H
#define RESGUARDO_BASE_H

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include <jansson.h>

/* ---- errors ------------------------------------------------------------- */

/* code, exit code of a CLI that ends with it, default hint ("" for none).
 * Three verdicts: reject (their input), fail (our environment), and abort,
 * which is not an error code but abort(). */
#define ERROR_TABLE(X)                                                         \
    X(NONE, 0, "")                                                             \
    X(USAGE, 2, "")                                                            \
    X(CONFIG, 2, "")                                                           \
    X(INPUT, 1, "") /* outside bytes we refuse */                              \
    X(NOT_FOUND, 3, "")                                                        \
    X(NOT_PERMITTED, 4, "")                                                    \
    X(WAITS, 4, "")     /* for a second officer: it was asked for */           \
    X(VERIFY, 5, "")    /* a signature, hash or chain does not hold */         \
    X(CONFLICT, 1, "")  /* a constraint of the store said no */                \
    X(INVARIANT, 1, "") /* an event that our own rules cannot apply */         \
    X(IO, 1, "")        /* neither done nor undone */                          \
    X(FULL, 1, "free some disk space")                                         \
    X(BUSY, 1, "")                                                             \
    X(NOMEM, 1, "")                                                            \
    X(NETWORK, 1, "")                                                          \
    X(SANDBOX, 1, "")                                                          \
    X(INTERNAL, 1, "")

enum error_code {
#define X(name, exit_code, hint) ERR_##name,
    ERROR_TABLE(X)
#undef X
        ERR__MAX
};

struct error {
    enum error_code code;
    char text[512]; /* one sentence, lower case, no full stop */
    char hint[256]; /* what to do next, or empty */
};

/* Sets code and sentence (and the table's hint); always returns -1. */
int error_set(struct error *, enum error_code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Like error_set, with ": strerror(errno)" appended; ENOSPC, EDQUOT become
 * ERR_FULL, ENOMEM ERR_NOMEM, anything else `code`. */
int error_errno(struct error *, enum error_code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Replaces the hint; returns -1. */
int error_hint(struct error *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int error_exit_code(enum error_code);
const char *error_name(enum error_code); /* "NOT_FOUND" */
/* True for what time may heal: FULL, IO, BUSY, NOMEM. */
bool error_is_environment(enum error_code);

/* ---- buffers ------------------------------------------------------------ */

/* A growing run of bytes. Zero-initialise; buf_free wipes and resets. Always
 * NUL-terminated past len when p is not NULL. */
struct buf {
    uint8_t *p;
    size_t len, cap;
};

int buf_add(struct buf *, const void *, size_t); /* -1: no memory, unchanged */
int buf_adds(struct buf *, const char *);
int buf_addf(struct buf *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Room for n more bytes past len, which a caller may fill and add to len. */
int buf_reserve(struct buf *, size_t n);
void buf_reset(struct buf *); /* len 0, wiped, memory kept */
void buf_free(struct buf *);

/* ---- numbers and encodings ---------------------------------------------- */

void le32_put(uint8_t out[static 4], uint32_t);
void le64_put(uint8_t out[static 8], uint64_t);
uint32_t le32_get(const uint8_t in[static 4]);
uint64_t le64_get(const uint8_t in[static 8]);

#define HEX_SIZE(n) (2 * (n) + 1) /* chars of hex_encode's output with NUL */
void hex_encode(char *out, const uint8_t *in, size_t n);
/* Exactly 2n lower-case digits (upper case too if any_case), else -1. */
int hex_decode(uint8_t *out, size_t n, const char *in, size_t in_len,
               bool any_case);

/* Standard alphabet; padded or not. Decoding is strict: canonical, no spaces,
 * no line breaks, no trailing bytes. Returns length or -1. */
#define BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1)
void base64_encode(char *out, const uint8_t *in, size_t n, bool pad);
ssize_t base64_decode(uint8_t *out, size_t cap, const char *in, size_t in_len,
                      bool pad);

/* Bech32 (BIP 173 checksum, no length limit, as age uses it). hrp in lower
 * case; encode gives lower case; decode takes all-lower or all-upper. */
int bech32_encode(char *out, size_t cap, const char *hrp, const uint8_t *in,
                  size_t n);
/* Decodes exactly n bytes under hrp, or -1. */
int bech32_decode(uint8_t *out, size_t n, const char *hrp, const char *in);

/* Parses decimal digits only, no sign, no leading space; -1 on overflow. */
int decimal_parse(const char *s, size_t len, int64_t max, int64_t *out);

/* Valid UTF-8 (RFC 3629: no surrogates, no overlong forms)? */
bool utf8_valid(const char *s, size_t len);
/* Number of code points (s is valid UTF-8). */
size_t utf8_count(const char *s);
/* Decodes the first code point of s; returns its bytes, 0 at the end of s and
 * where s is not UTF-8. */
size_t utf8_next(const char *s, size_t len, uint32_t *code);
/* What moves a cursor, turns the reading direction or cannot be seen: C0, DEL,
 * C1, bidi controls, zero-width and line separators. */
bool text_is_dangerous(uint32_t code);
/* Customer text for a terminal or a log: what is dangerous becomes
 * \u{XXXX}. Appends to out. */
int text_escape(struct buf *out, const char *s);
/* The same for a JSON text as jansson dumps it, which has escaped C0 already:
 * what is left becomes \uXXXX, so that the value stays the same. */
int text_escape_json(struct buf *out, const char *s);
/* Folds text for comparing typed words: lower case, accents and ñ's tilde
 * removed, punctuation and runs of space become one space, trimmed. Latin
 * letters only; anything else is kept as it is. Appends to out. */
int text_fold(struct buf *out, const char *s);

/* ---- hashes (libcrypto: bulk SHA-256 is six times libsodium's) ---------- */

#define SHA256_LEN 32
struct sha256;                   /* opaque */
struct sha256 *sha256_new(void); /* NULL: no memory */
void sha256_add(struct sha256 *, const void *, size_t);
void sha256_final(struct sha256 *, uint8_t out[static SHA256_LEN]);
void sha256_free(struct sha256 **);
void sha256_of(uint8_t out[static SHA256_LEN], const void *, size_t);
/* The same of a byte and what follows it. */
void sha256_of_tagged(uint8_t out[static SHA256_LEN], uint8_t tag, const void *,
                      size_t);
/* The same of each of `n` texts, two at once where the processor can: one by
 * one they wait for its latency. No text may lie in `out`. */
struct sha256_text {
    const void *p; /* borrowed */
    size_t len;
};
void sha256_of_many(uint8_t (*out)[SHA256_LEN], uint8_t tag,
                    const struct sha256_text *, size_t n);
/* HMAC-SHA256 (RFC 2104); like sha256_of it cannot fail. */
void sha256_hmac(uint8_t out[static SHA256_LEN], const void *key,
                 size_t key_len, const void *, size_t);
/* A hash as others write it: 64 hex digits of any case or base64, padded or
 * not, told apart by length. False: NULL or none of these. */
bool sha256_read(uint8_t out[static SHA256_LEN], const char *text);

/* ---- JSON --------------------------------------------------------------- */

/*
 * Parses outside bytes: depth <= LIMIT_JSON_DEPTH, no duplicate keys, valid
 * UTF-8, no trailing bytes; any kind of value at the top. A lone surrogate
 * escape is U+FFFD, \u0000 inside values is allowed and inside keys U+FFFD,
 * an integer past int64 is the nearest double and a number past double null
 * (jansson refuses all of them; Meta would redeliver a 400 for seven days).
 * Errors say kind and place and quote nothing. Returns a new reference or NULL
 * with ERR_INPUT / ERR_NOMEM.
 */
json_t *json_parse(const void *, size_t, struct error *);
/* RFC 8785 canonical form, appended to out. -1: no memory, or not finite.
 * Integers past 2^53 are written as the double that other tools read; what is
 * written is read as the same value. */
int json_canonical(const json_t *, struct buf *out);
/* What a quick look at a text finds, if it is an object in canonical form; the
 * bytes of four members of the object itself (p NULL: it has none). */
struct json_look {
    struct json_span {
        const char *p; /* of a string without its quotes */
        size_t len;
        bool string;
    } v, index, time, event_type;
};
/* One pass without memory: true only for what json_parse takes and
 * json_canonical writes just so. False is no verdict: the text may be
 * canonical all the same (escapes, other letters than ASCII, fractions, long
 * numbers) and has to be parsed. */
bool json_look(const void *, size_t, struct json_look *);
/* Bytes as a string of padded base64; NULL: no memory. */
json_t *json_base64(const void *, size_t);
/* String member, or NULL when absent, not a string, or holding a NUL. */
const char *json_str(const json_t *object, const char *key);

/*
 * The members of one compact object (no space between values), where they
 * stand, for what is read by the million and is known to be ours: brackets and
 * strings are followed, what is inside them is not judged. Nothing is copied or
 * kept. Keys and string values are as they are written, with their escapes; a
 * string value has its quotes.
 */
struct json_walk {
    const char *at, *end;
    bool any;
};
struct json_member {
    const char *key, *value;
    size_t key_len, value_len;
};
void json_walk_begin(struct json_walk *, const void *, size_t);
/* 1 the next member, 0 the object's end with nothing behind it, -1 no such
 * text. */
int json_walk_next(struct json_walk *, struct json_member *);
bool json_member_is(const struct json_member *, const char *key);
/* Appends what a string value means; -1 no memory, -2 no such string. */
int json_unescape(struct buf *, const char *value, size_t);

/*
 * The same language in one pass and without a tree, for what comes in by the
 * thousand: nodes in the order of the document, an object's keys between its
 * values. Takes and refuses exactly what json_parse does, and
 * reads the same from it.
 */
enum json_kind {
    JSON_KIND_NULL,
    JSON_KIND_FALSE,
    JSON_KIND_TRUE,
    JSON_KIND_NUMBER,
    JSON_KIND_STRING,
    JSON_KIND_ARRAY,
    JSON_KIND_OBJECT
};
struct json_node {
    enum json_kind kind;
    uint32_t span; /* nodes of this value, with itself and all inside */
    uint32_t len;  /* bytes at p */
    /* A string's text, escapes resolved and a NUL behind it; of any other
     * value its bytes in the source. */
    const char *p;
};
struct json_doc; /* opaque; the bytes scanned must outlive it */
struct json_doc *json_scan(const void *, size_t, struct error *);
void json_doc_free(struct json_doc **);
const struct json_node *json_root(const struct json_doc *);
/* All of these take NULL and values of another kind for what has nothing:
 * a member, the next item (from NULL the first), json_str, an integer. */
const struct json_node *json_node_get(const struct json_node *object,
                                      const char *key);
const struct json_node *json_node_next(const struct json_node *array,
                                       const struct json_node *item);
const char *json_node_str(const struct json_node *object, const char *key);
/* False also for a number with fraction or exponent, or past int64. */
bool json_node_integer(const struct json_node *, int64_t *);

/* ---- time and randomness: inputs, so that a day can be replayed --------- */

typedef int64_t msec; /* UTC milliseconds since 1970 */
#define MSEC_S ((msec)1000)
#define MSEC_H ((msec)3600 * 1000)
#define MSEC_D ((msec)24 * 3600 * 1000)

struct clock_source {
    msec (*now)(void *arg);
    void *arg;
};
struct random_source {
    void (*fill)(void *arg, void *out, size_t n);
    void *arg;
};
extern const struct clock_source clock_system;   /* CLOCK_REALTIME */
extern const struct random_source random_system; /* libsodium */
msec clock_now(const struct clock_source *);
/* What the kernel says of our clock (adjtimex): does a time service keep it
 * right, by how much is it being moved, how wrong may it be? */
struct clock_state {
    bool known, synchronised;
    msec offset, error;
};
void clock_state(struct clock_state *);
msec clock_monotonic(void); /* for deadlines inside a process only */
/* Condition variables that a clock set back does not make sleep: their waits
 * end `wait` from now, by CLOCK_MONOTONIC. */
int clock_cond_init(pthread_cond_t *);
struct timespec clock_deadline(msec wait);
void random_fill(const struct random_source *, void *, size_t);

#define TIME_SIZE 25 /* 2026-11-24T00:17:54.123Z and NUL */
void time_format(char out[static TIME_SIZE], msec);
/* RFC 3339, any offset, optional fraction; a bare date is its midnight UTC. */
int time_parse(const char *, msec *);
/* "7d", "24h", "90s", "5m", "250ms": decimal and one unit; -1 otherwise. */
int duration_parse(const char *, msec *);

/* ---- local days and zones: date.c, zone.c, zone_rule.c ------------------ */

/* A day of somebody's calendar, counted from 1970-01-01. It is no instant: a
 * zone says where it begins and ends. */
typedef int32_t civil_day;
struct date {
    int year, month, day; /* month and day from 1 */
};
/* Gregorian, for any year; the date must exist. */
civil_day date_day(int year, int month, int day);
struct date date_of(civil_day);
int date_month_length(int year, int month);
/* 0 is Monday, 6 Sunday. */
int date_weekday(civil_day);
/* The same day of the n-th month after, or that month's last. */
civil_day date_add_months(civil_day, int n);
#define DATE_SIZE 11 /* 2026-11-24 and NUL */
/* Years 0000 to 9999; others are written as the nearest of these. */
void date_format(char out[static DATE_SIZE], civil_day);
/* As who reads that language writes it, with its name: "lunes 28 de diciembre
 * de 2026"; at a time soon without the year: "sábado 28 de noviembre a las 9:00
 * a. m.". By the tag of a language, es-CO or es_CO; in one that we have no
 * words of by ISO 8601. */
#define DATE_WORDS_SIZE    64
#define DATE_WORDS_AT_SIZE 128
void date_words(char out[static DATE_WORDS_SIZE], const char *language,
                civil_day);
void date_words_at(char out[static DATE_WORDS_AT_SIZE], const char *language,
                   civil_day, int minutes);
/* YYYY-MM-DD of a day that exists, and nothing behind it. */
int date_parse(const char *, civil_day *);

/*
 * A time zone, read from the system's database (TZif, RFC 9636). localtime_r
 * knows one zone a process and takes it from the environment, so that two
 * policies with two zones cannot both use it, nor can any thread change it
 * safely. Immutable after load; safe to share.
 */
struct zone; /* opaque */
#define ZONE_NAME_SIZE 65
/* By name, such as America/Bogota. ERR_CONFIG: a name that is none, or whose
 * file is missing or broken. */
struct zone *zone_load(const char *name, struct error *);
/* The same from the bytes of a file; the name is for errors. */
struct zone *zone_parse(const char *name, const void *, size_t, struct error *);
void zone_free(struct zone **);
/* Seconds east of UTC at that instant. */
int32_t zone_offset(const struct zone *, msec);
/* The local day at an instant and, unless NULL, the milliseconds since its
 * midnight as the clock on the wall shows them. */
civil_day zone_day(const struct zone *, msec, msec *of_day);
/* The instant at which the wall shows that time of that day: the first where
 * it does so twice, and as much later as the clocks jump where it never does.
 * of_day may be past the day's end. */
msec zone_instant(const struct zone *, civil_day, msec of_day);

/* ---- ids ---------------------------------------------------------------- */

/* Opaque ids: a letter for the kind and 26 characters of lower-case base32
 * (128 random bits), such as s… subject, a… attachment, d… document. */
#define ID_SIZE 28
void id_new(char out[static ID_SIZE], char kind, const struct random_source *);
/* The same with the time in its first 48 bits and 80 random ones: what is made
 * together lies together in an index, whatever the size of the database. */
void id_new_at(char out[static ID_SIZE], char kind, msec now,
               const struct random_source *);
/* That time, of a valid id that was made so. */
msec id_time(const char *id);
bool id_valid(const char *, char kind);
/* A case code that can be read over the phone: XXXX-XXXX from 28 characters
 * without look-alikes or vowels (38 bits); the store keeps it unique. */
#define CASE_CODE_SIZE 10
void case_code_new(char out[static CASE_CODE_SIZE],
                   const struct random_source *);
/* As people say it: any case, with or without its dash. What can be no code
 * becomes "". */
void case_code_read(char out[static CASE_CODE_SIZE], const char *said);

/* ---- secrets ------------------------------------------------------------ */

/* Bytes in locked, guarded, undumped memory, wiped when freed (some large ones
 * stay mapped for the next). A NUL that len does not count follows the last
 * byte. */
struct secret {
    size_t len;
    uint8_t *p;
};
struct secret *secret_new(size_t len); /* zeroed; NULL: no memory */
struct secret *secret_copy(const void *, size_t len);
void secret_free(struct secret **);
/* Reads a 0600-style regular file of at most `max` bytes; when `strict`,
 * refuses one that group or others have any right to (ERR_INPUT and a hint).
 * NULL with error. */
struct secret *secret_read_file(const char *path, size_t max, bool strict,
                                struct error *);

/* ---- files -------------------------------------------------------------- */

/* Appends a whole file of at most max bytes to out. A missing file is
 * ERR_NOT_FOUND, a longer one ERR_INPUT. */
int file_read(const char *path, size_t max, struct buf *out, struct error *);
/* Writes a new file, mode 0600, fsyncs file and folder; refuses an existing
 * one (ERR_CONFLICT). */
int file_create(const char *path, const void *, size_t, struct error *);
/* Replaces a file atomically: temporary, fsync, rename, fsync of folder. */
int file_replace(const char *path, const void *, size_t, struct error *);
/* Whole-buffer I/O with EINTR handled; -1 with errno (EPIPE on short read). */
int fd_read_all(int fd, void *, size_t);
int fd_write_all(int fd, const void *, size_t);
int fd_pwrite_all(int fd, const void *, size_t, off_t);
/* path = folder of `base_file` + "/" + name unless name is absolute. */
int path_beside(struct buf *out, const char *base_file, const char *name);
/* path of a program in the folder of the running one, else LIBEXECDIR. */
int path_of_program(struct buf *out, const char *name, struct error *);

/* ---- YAML (libyaml's tree: errors name the line of the key itself) ------ */

/* Opaque: one document, UTF-8, no aliases, no tags, no key twice, no NUL. */
struct yaml_file;
/* Opaque, valid as long as the file. Every function takes a NULL node, which
 * has no children. */
struct yaml_node;
struct yaml_file *yaml_load(const char *path, struct error *);
/* Same, from memory (for fuzzing); `name` is what errors call it. */
struct yaml_file *yaml_parse(const char *name, const void *, size_t,
                             struct error *);
/* (Not yaml_free: libyaml exports that name and would call ours.) */
void yaml_close(struct yaml_file **);
struct yaml_node *yaml_root(struct yaml_file *);
/* Checks that node is a mapping whose keys are all in `keys` (NULL-ended),
 * without duplicates; ERR_CONFIG "FILE:LINE: key: what". */
int yaml_check_keys(struct yaml_file *, struct yaml_node *,
                    const char *const *keys, struct error *);
/* Child by key; NULL if absent or null. */
struct yaml_node *yaml_get(struct yaml_file *, struct yaml_node *,
                           const char *key);
/* i-th item of a sequence, i-th key of a mapping; NULL past the end. */
struct yaml_node *yaml_item(struct yaml_file *, struct yaml_node *, size_t i);
const char *yaml_key(struct yaml_file *, struct yaml_node *, size_t i);
size_t yaml_count(struct yaml_node *);
bool yaml_is_map(struct yaml_node *);
bool yaml_is_list(struct yaml_node *);
/* Text of a scalar, NULL if it is none. */
const char *yaml_text(struct yaml_node *);
/* Text of a member that must be there; the error of a missing one names the
 * mapping's line. */
const char *yaml_need(struct yaml_file *, struct yaml_node *map,
                      const char *key, struct error *);
/* ERR_CONFIG at the key's line: "FILE:LINE: KEY: fmt". node may be NULL. */
int yaml_error(struct yaml_file *, struct yaml_node *, const char *key,
               struct error *, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* ---- log: JSON lines on stderr ------------------------------------------ */

enum log_level { LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ALARM };
void log_open(const char *program);
/* One write a line, at most PIPE_BUF bytes, so lines never mix; longer details
 * become null. `fmt` and the rest are json_pack's, an object of details that
 * join the line (time, level, program, event are taken), or NULL:
 * log_event(LOG_LEVEL_WARN, "webhook_refused", "{s:i}", "status", 401).
 * Never a phone number, wamid, token, URL with a query, or customer text. */
void log_event(enum log_level, const char *event, const char *fmt, ...);
void log_error(const char *event, const struct error *);
/* Lines of level alarm that this process wrote: how many, the last one. */
struct log_alarms {
    uint64_t n;
    char event[48];
    msec at;
};
void log_get_alarms(struct log_alarms *);

/* ---- frames between our own processes ----------------------------------- */

/* type (1 byte), length (4, little endian), payload. The reader states the
 * cap; anything longer is ERR_INPUT. End of file before the first byte gives
 * 1, a frame 0, an error -1 (ERR_IO when it ends in the middle). out is
 * replaced. Only read(2) and write(2) are called; one writer at a time. */
int frame_write(int fd, uint8_t type, const void *, size_t, struct error *);
int frame_read(int fd, uint8_t *type, struct buf *out, size_t max,
               struct error *);

/* Many frames with one call, from a socket. Zero-initialise, set fd and flags
 * (of recv(2)); frame_reader_free wipes. Whoever reads so must go on so. */
struct frame_reader {
    int fd, flags;
    struct buf in;
    size_t at; /* what is before it was taken */
};
/* A whole frame that has come: 1, out is its payload inside the reader (not to
 * be freed, no NUL behind it) until the next fill. 0: fill first. */
int frame_take(struct frame_reader *, uint8_t *type, struct buf *out,
               size_t max, struct error *);
/* One recv(2): 0, also when there was nothing yet (MSG_DONTWAIT). 1 and -1 as
 * frame_read. */
int frame_fill(struct frame_reader *, struct error *);
void frame_reader_free(struct frame_reader *);

/* ---- processes ---------------------------------------------------------- */

/* Fork and exec of a helper program with an empty environment: descriptor i
 * of `fds` becomes 3+i, everything else closed, stderr kept, stdin/stdout
 * /dev/null, PDEATHSIG SIGKILL. argv[0] is the path. Returns pid or -1, also
 * when the program cannot be executed. The helper dies with the *thread* that
 * called (so Linux means PDEATHSIG): call from one that lives long enough. */
pid_t process_spawn(const char *path, char *const argv[], const int *fds,
                    size_t nfds, struct error *);
/* For a helper's main: descriptors 3 to 3+n-1 are sockets, as process_spawn
 * gave them; ERR_USAGE when somebody started
 * it by hand. */
int process_check_spawned(size_t n, struct error *);
/* No core dumps, not dumpable, no new privileges. */
int process_harden(struct error *);
/* Cores that we may use, not those that there are. */
unsigned process_cores(void);

/* ---- a confined helper (seccomp; see each helper for its list) ---------- */

struct sandbox {
    const int *syscalls;  /* numbers, -1 ended */
    size_t address_space; /* RLIMIT_AS in bytes, 0: not set */
    unsigned open_files;  /* RLIMIT_NOFILE */
    int write_to;         /* the one descriptor that write may use, 0: any */
    bool forks;           /* more processes, each of which enters one again */
};
/* Applies rlimits (also: no file growth, no processes beyond the threads
 * already running, no core) and a filter for all threads that allows exactly
 * `syscalls`, some of them only with harmless arguments (sandbox.c: no
 * executable memory, no MSG_FASTOPEN, prctl for names only, socket options of
 * TCP only, clone for a sibling only); all else kills the process. What was
 * entered before still holds: a second one only takes away. Under a sanitizer
 * the calls its runtime needs are added. Call process_harden first, start
 * threads and log_open before; the list must hold what malloc and exit use. A
 * log file on stderr may still grow a little (16 MiB); SIGXFSZ is ignored.
 * Fails closed. */
int sandbox_enter(const struct sandbox *, struct error *);

#endif
