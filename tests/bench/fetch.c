/*
 * What any careful client does with a file: libcurl downloads it to disk and
 * fsyncs it, WORKERS at a time. One line of JSON on stdout.
 *
 * usage: fetch FOLDER WORKERS TOKEN < URLS    (one a line)
 */
#include <curl/curl.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define URLS_MAX    4096
#define WORKERS_MAX 64

static char *urls[URLS_MAX];
static size_t nurls, next_url;
static int64_t total;
static const char *folder;
static struct curl_slist *headers;

static size_t to_file(char *p, size_t size, size_t n, void *arg)
{
    const int *fd = arg;
    size_t left = size * n;

    while (left > 0) {
        ssize_t wrote = write(*fd, p, left);

        if (wrote < 0)
            return 0;
        p += wrote;
        left -= (size_t)wrote;
    }
    __atomic_add_fetch(&total, (int64_t)(size * n), __ATOMIC_RELAXED);
    return size * n;
}

static void fetch(CURL *easy, size_t i)
{
    char path[4096];
    int fd;

    (void)snprintf(path, sizeof(path), "%s/%zu", folder, i);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    (void)curl_easy_setopt(easy, CURLOPT_URL, urls[i]);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, (void *)&fd);
    if (fd < 0 || curl_easy_perform(easy) != CURLE_OK || fsync(fd) != 0 ||
        close(fd) != 0) {
        (void)fprintf(stderr, "fetch: %s failed\n", urls[i]);
        exit(1);
    }
}

static void *work(void *arg)
{
    CURL *easy = curl_easy_init();
    size_t i;

    (void)arg;
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "fetch/1");
    (void)curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, to_file);
    while ((i = __atomic_fetch_add(&next_url, 1, __ATOMIC_RELAXED)) < nurls)
        fetch(easy, i);
    curl_easy_cleanup(easy);
    return NULL;
}

int main(int argc, char **argv)
{
    size_t workers = argc == 4 ? strtoull(argv[2], NULL, 10) : 0;
    pthread_t threads[WORKERS_MAX];
    char line[4096], bearer[4096];
    struct timespec a, b;

    if (workers == 0 || workers > WORKERS_MAX)
        return 2;
    folder = argv[1];
    (void)snprintf(bearer, sizeof(bearer), "Authorization: Bearer %s", argv[3]);
    (void)curl_global_init(CURL_GLOBAL_ALL);
    headers = curl_slist_append(NULL, bearer);
    while (nurls < URLS_MAX && fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        urls[nurls++] = strdup(line);
    }

    (void)clock_gettime(CLOCK_MONOTONIC, &a);
    for (size_t i = 0; i < workers; i++)
        if (pthread_create(&threads[i], NULL, work, NULL) != 0)
            return 1;
    for (size_t i = 0; i < workers; i++)
        (void)pthread_join(threads[i], NULL);
    (void)clock_gettime(CLOCK_MONOTONIC, &b);
    (void)printf("{\"files\":%zu,\"bytes\":%lld,\"seconds\":%.6f}\n", nurls,
                 (long long)total,
                 (double)(b.tv_sec - a.tv_sec) +
                     (double)(b.tv_nsec - a.tv_nsec) / 1e9);
    return 0;
}
