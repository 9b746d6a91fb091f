/*
 * inspect: what a file really is. The judge (program resguardo-inspect) is the
 * only one that parses customers' bytes: own binary, empty environment,
 * seccomp, no files, no network. It gets nothing but what it asks for.
 *
 * The wall. Frames (base.h) on descriptor 3 of the judge, a socket pair:
 *
 *   daemon → judge  JUDGE_BEGIN   size of the file (8 bytes LE)
 *   judge → daemon  JUDGE_READ    offset (8), length (4, 1..64 KiB)
 *   daemon → judge  JUDGE_BYTES   the plaintext, short only at the end
 *   judge → daemon  JUDGE_VERDICT media type (text, "" = unknown), NUL,
 *                                 finding ("" = none), NUL; then it exits
 *
 * The daemon distrusts the judge: exact lengths, known types, offsets within
 * the file, capped reads and time; the media type is matched against a closed
 * alphabet; a judge that breaks a rule, dies or is late is a dead judge.
 */
#ifndef RESGUARDO_INSPECT_H
#define RESGUARDO_INSPECT_H

#include <sys/types.h>

#include "resguardo/base.h"
#include "resguardo/limits.h"

enum judge_frame {
    JUDGE_BEGIN = 1,
    JUDGE_READ = 2,
    JUDGE_BYTES = 3,
    JUDGE_VERDICT = 4,
    JUDGE__MAX
};

#define MEDIA_TYPE_SIZE 129
#define FINDING_SIZE    65

struct inspect_verdict {
    char media_type[MEDIA_TYPE_SIZE]; /* lower case; "" when unknown */
    char finding[FINDING_SIZE]; /* "macro", "encrypted", …; "" when none */
};

/* Plaintext of the file, from the daemon's side: up to len bytes at offset,
 * *got short only at the end. */
typedef int (*inspect_read)(void *arg, int64_t offset, uint8_t *, size_t len,
                            size_t *got, struct error *);

/* Has the judge's program loaded and makes judges: a start costs ten times as
 * much. */
struct inspect_mother {
    pid_t pid; /* -1: none */
    int fd;
    msec born;
    unsigned judges; /* that she has had */
};
#define INSPECT_MOTHER_NONE ((struct inspect_mother){ -1, -1, 0, 0 })

/*
 * A judge that waits: started ahead, so that its program is loaded and its
 * sandbox shut before there is a file. It belongs to one thread at a time, and
 * to one that lives as long as it does: the kernel ends a judge with the
 * thread that started it.
 */
struct inspect_spare {
    pid_t pid; /* -1: none */
    int pidfd, fd;
    msec born;
    struct inspect_mother mother;
};
#define INSPECT_SPARE_NONE                                                     \
    ((struct inspect_spare){ -1, -1, -1, 0, INSPECT_MOTHER_NONE })
/* Sees to it that a judge waits: starts one if there is none, if it died, or
 * if it has waited for LIMIT_JUDGE_IDLE. -1: the start failed, none waits. */
int inspect_spare_keep(struct inspect_spare *, const char *judge_program,
                       struct error *);
/* Kills and reaps both, if there are any. */
void inspect_spare_end(struct inspect_spare *);

/*
 * Gives the file to the judge that waits in `spare` (then there is none; NULL,
 * dead or old: to a new one), serves its reads and returns its verdict.
 * Blocking, bounded by LIMIT_JUDGE_WAIT_S; call it from a worker thread.
 * `*cancel` (atomic, may be NULL) set to non-zero ends it early, seen within
 * 100 ms. Returns 0; 1 when the judge died, broke a rule or was late
 * (ERR_SANDBOX text says which); -1 when the read callback or the spawn failed,
 * or (ERR_BUSY) when cancelled. The judge is dead and reaped on return; nobody
 * else may wait for it.
 */
int inspect_file(const char *judge_program, struct inspect_spare *spare,
                 int64_t size, inspect_read, void *arg, const int *cancel,
                 struct inspect_verdict *, struct error *);

/* The judge's own side, apart from its main() so that it can be fuzzed: the
 * type of a file of `size` bytes read through `read`. Uses libmagic through
 * `magic` (a loaded magic_t) and own recognisers for containers that libmagic
 * misses (DOCX by its ZIP directory, HEIC by its brands). */
int inspect_judge(void *magic, int64_t size, inspect_read read, void *arg,
                  struct inspect_verdict *, struct error *);
/* A loaded cookie with the flags that facts call safe; NULL with error. */
void *inspect_magic_open(struct error *);

#endif
