/*
 * The floor of a durable answer: arrivals at a steady pace; whatever has
 * arrived is appended to one file and made durable with one fdatasync, again
 * and again. Latency counts from the arrival. JSON on stdout.
 *
 * usage: append FILE RATE COUNT BYTES
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define BATCH_MAX 128

static int64_t now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

int main(int argc, char **argv)
{
    double rate = argc == 5 ? strtod(argv[2], NULL) : 0;
    size_t count = argc == 5 ? strtoull(argv[3], NULL, 10) : 0, done = 0;
    size_t bytes = argc == 5 ? strtoull(argv[4], NULL, 10) : 0, batches = 0;
    char *block = calloc(BATCH_MAX, bytes + 1);
    int64_t *latency = calloc(count + 1, sizeof(*latency)), start;
    int fd;

    if (rate <= 0 || count == 0 || block == NULL || latency == NULL)
        return 2;
    fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC,
              0600);
    if (fd < 0)
        return 1;
    (void)prctl(PR_SET_TIMERSLACK, 1);

    start = now();
    while (done < count) {
        int64_t due = start + (int64_t)((double)done / rate * 1e9), end;
        struct timespec until = { .tv_sec = due / 1000000000,
                                  .tv_nsec = due % 1000000000 };
        size_t n = 0;

        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL))
            continue;
        end = now();
        while (n < BATCH_MAX && done + n < count &&
               start + (int64_t)((double)(done + n) / rate * 1e9) <= end)
            n++;
        if (write(fd, block, n * bytes) != (ssize_t)(n * bytes) ||
            fdatasync(fd) != 0)
            return 1;
        end = now();
        for (size_t i = 0; i < n; i++)
            latency[done + i] =
                end - start - (int64_t)((double)(done + i) / rate * 1e9);
        done += n;
        batches++;
    }

    qsort(latency, count, sizeof(*latency), by_value);
    (void)printf("{\"count\":%zu,\"batches\":%zu,\"rate\":%.1f,\"p50_us\":%.1f,"
                 "\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f}\n",
                 count, batches,
                 (double)count / ((double)(now() - start) / 1e9),
                 (double)latency[count / 2] / 1e3,
                 (double)latency[count * 99 / 100] / 1e3,
                 (double)latency[count * 999 / 1000] / 1e3,
                 (double)latency[count - 1] / 1e3);
    (void)unlink(argv[1]);
    return 0;
}
