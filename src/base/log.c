/* JSON lines on stderr, one write each. */
#include "resguardo/base.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char program_name[32] = "resguardo";

void log_open(const char *program)
{
    (void)snprintf(program_name, sizeof(program_name), "%s", program);
    /* jansson opens /dev/urandom for its first object, which a confined
     * helper could not do any more. */
    json_object_seed(0);
}

static pthread_mutex_t alarms_lock = PTHREAD_MUTEX_INITIALIZER;
static struct log_alarms alarms;

static void count_alarm(const char *event)
{
    pthread_mutex_lock(&alarms_lock);
    alarms.n++;
    (void)snprintf(alarms.event, sizeof(alarms.event), "%s", event);
    alarms.at = clock_now(&clock_system);
    pthread_mutex_unlock(&alarms_lock);
}

void log_get_alarms(struct log_alarms *out)
{
    pthread_mutex_lock(&alarms_lock);
    *out = alarms;
    pthread_mutex_unlock(&alarms_lock);
}

/* An object with what every line has. */
static json_t *line_new(enum log_level level, const char *event)
{
    static const char *const levels[] = {
        [LOG_LEVEL_INFO] = "info",
        [LOG_LEVEL_WARN] = "warn",
        [LOG_LEVEL_ALARM] = "alarm",
    };
    char time[TIME_SIZE];

    time_format(time, clock_now(&clock_system));
    return json_pack("{s:s, s:s, s:s, s:s}", "time", time, "level",
                     levels[level], "program", program_name, "event", event);
}

/* One object, one line, one write: at most PIPE_BUF bytes, so that lines of
 * several processes never mix. All but ASCII is escaped. */
static int line_write(json_t *line)
{
    char text[PIPE_BUF];
    size_t n = json_dumpb(line, text, sizeof(text) - 1,
                          JSON_COMPACT | JSON_ENSURE_ASCII);

    if (n == 0 || n > sizeof(text) - 1)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (text[i] == 0x7f)
            text[i] = '?';
    text[n] = '\n';

    /* Nobody is left to be told that a log cannot be written. */
    if (write(STDERR_FILENO, text, n + 1) < 0)
        return 0;
    return 0;
}

void log_event(enum log_level level, const char *event, const char *fmt, ...)
{
    json_t *line = line_new(level, event), *details = NULL;
    json_error_t why;
    va_list ap;

    if (level == LOG_LEVEL_ALARM)
        count_alarm(event);
    if (line == NULL)
        return;
    if (fmt != NULL) {
        va_start(ap, fmt);
        details = json_vpack_ex(&why, 0, fmt, ap);
        va_end(ap);
        if (details == NULL || json_object_update_missing(line, details) != 0)
            (void)json_object_set_new(line, "details", json_null());
    }

    /* Details that do not fit are left out; that it happened is said. */
    if (line_write(line) != 0) {
        json_decref(line);
        line = line_new(level, event);
        if (line != NULL) {
            (void)json_object_set_new(line, "details", json_null());
            (void)line_write(line);
        }
    }
    json_decref(details);
    json_decref(line);
}

void log_error(const char *event, const struct error *e)
{
    struct buf text = { 0 }, hint = { 0 };

    if (text_escape(&text, e->text) == 0 && text_escape(&hint, e->hint) == 0)
        log_event(LOG_LEVEL_WARN, event, "{s:s, s:s#, s:s#}", "code",
                  error_name(e->code), "text",
                  text.p == NULL ? "" : (const char *)text.p, (int)text.len,
                  "hint", hint.p == NULL ? "" : (const char *)hint.p,
                  (int)hint.len);
    buf_free(&text);
    buf_free(&hint);
}
