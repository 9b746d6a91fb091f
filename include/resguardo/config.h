/*
 * config: the YAML file of the daemon, checked. An error names file, line and
 * key (ERR_CONFIG, exit 2). Relative paths count from the file's folder and
 * are absolute here.
 */
#ifndef RESGUARDO_CONFIG_H
#define RESGUARDO_CONFIG_H

#include "resguardo/base.h"
#include "resguardo/limits.h"

struct config_number {
    char phone_number_id[33]; /* digits */
    char policy[41];
    msec media_lifetime; /* default 7d */
};

struct config {
    char *path;
    char *controller;
    char *storage, *slots_mirror; /* mirror NULL: in keys/ */
    char *policies;
    char *listen;      /* host:port, loopback (no tls yet) */
    char *public_url;  /* no trailing slash */
    char *public_host; /* its host, for the ledger's origin */
    char *socket;
    char *graph_url, *api_version;
    char *app_secret_file, *verify_token_file, *access_token_file;
    char **media_hosts;
    size_t nmedia_hosts;
    char *proxy, *ca_file; /* or NULL */
    struct config_number *numbers;
    size_t nnumbers;
    msec slots_backup_life; /* how long a copy of the slots lives; 30d */
    unsigned inspect_parallel;
    char *clamd_socket; /* or NULL */
    char *stamp_url;    /* of an RFC 3161 authority, or NULL: no stamps */
    char *stamp_ca_file;
    msec stamp_every;
    char **witnesses; /* their verifier keys */
    size_t nwitnesses;
};

int config_load(struct config **, const char *path, struct error *);
void config_free(struct config **);
const struct config_number *config_find_number(const struct config *,
                                               const char *phone_number_id);

/* The three secret files, read together. Newest app secret first. */
struct config_secrets {
    struct secret *app_secrets[LIMIT_APP_SECRETS];
    size_t napp_secrets;
    struct secret *verify_token;
    struct secret *access_token;
};
int config_secrets_load(struct config_secrets *, const struct config *,
                        struct error *);
void config_secrets_wipe(struct config_secrets *);

#endif
