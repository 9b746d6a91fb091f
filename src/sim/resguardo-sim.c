/* resguardo-sim: WhatsApp on loopback. See docs/simulator.md. */
#include "sim.h"

#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <sodium.h>

static const char usage[] =
    "usage: resguardo-sim [--listen 127.0.0.1:PORT]\n"
    "\n"
    "Plays the WhatsApp Cloud API on loopback: media, messages, signed\n"
    "webhooks, and faults to order. Keeps everything in memory.\n"
    "\n"
    "  --listen ADDRESS:PORT  where to listen (127.0.0.1:0: a free port)\n"
    "  --version              print the version\n"
    "  --help                 print this\n"
    "\n"
    "Prints one line, `ready http://ADDRESS:PORT`, once it listens. Control "
    "it\n"
    "with HTTP requests under /sim/, for example:\n"
    "\n"
    "  curl -s URL/sim/config -d '{\"webhook_url\": \"http://…/webhook\"}'\n"
    "  curl -s \"URL/sim/media?mime_type=image/jpeg\" --data-binary @a.jpg\n"
    "  curl -s URL/sim/message -d '{\"from\": \"573001112233\",\n"
    "       \"type\": \"image\", \"media_id\": \"551000000000001\"}'\n"
    "  curl -s \"URL/sim/sent?wait_ms=5000\"\n";

/* HOST:PORT, in place. */
static int split(char *listen, uint16_t *port, struct error *err)
{
    char *colon = strrchr(listen, ':');
    int64_t n;

    if (colon == NULL ||
        decimal_parse(colon + 1, strlen(colon + 1), 65535, &n) != 0)
        return error_set(err, ERR_USAGE, "--listen needs ADDRESS:PORT");
    *colon = '\0';
    *port = (uint16_t)n;
    return 0;
}

static int serve(struct sim *s, const char *host, uint16_t port,
                 struct error *err)
{
    sigset_t signals;
    int got;

    /* Taken by sigwait below; all threads inherit the mask. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);

    if (sim_elsewhere_open(s, err) != 0 ||
        sim_http_open(s, host, port, err) != 0)
        return -1;
    if (pthread_create(&s->statuses_thread, NULL, sim_status_loop, s) != 0)
        return error_set(err, ERR_INTERNAL, "cannot start a thread");
    (void)printf("ready %s\n", s->url);
    (void)fflush(stdout);
    (void)sigwait(&signals, &got);

    pthread_mutex_lock(&s->lock);
    s->closing = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->statuses_thread, NULL);
    return 0;
}

static int run(char *listen, struct error *err)
{
    struct sim s = { 0 };
    uint16_t port;
    int ok = -1;

    if (split(listen, &port, err) != 0)
        return -1;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || sodium_init() < 0)
        return error_set(err, ERR_INTERNAL, "cannot start the libraries");
    if (sim_state_open(&s, err) == 0)
        ok = serve(&s, listen, port, err);
    sim_http_close(&s);
    sim_elsewhere_close(&s);
    sim_state_close(&s);
    curl_global_cleanup();
    return ok;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "listen", required_argument, NULL, 'l' },
        { "version", no_argument, NULL, 'v' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    char standard[] = "127.0.0.1:0", *listen = standard;
    struct error err = { 0 };
    int c;

    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (c == 'l') {
            listen = optarg;
        } else if (c == 'v') {
            (void)puts("resguardo-sim " RESGUARDO_VERSION);
            return 0;
        } else {
            (void)fputs(usage, c == 'h' ? stdout : stderr);
            return c == 'h' ? 0 : 2;
        }
    }
    if (optind != argc) {
        (void)fputs(usage, stderr);
        return 2;
    }
    if (run(listen, &err) == 0)
        return 0;
    (void)fprintf(stderr, "error: %s\n", err.text);
    return error_exit_code(err.code);
}
