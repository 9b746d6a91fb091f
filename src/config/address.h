/*
 * address: the URLs, hosts and listen addresses of the configuration. Each
 * check returns NULL when the text is good, else what is wrong with it, fit to
 * stand behind "FILE:LINE: key: ".
 */
#ifndef CONFIG_ADDRESS_H
#define CONFIG_ADDRESS_H

#include "resguardo/base.h"

/* https://HOST[:PORT][/PATH], http for a loopback host, or for any if
 * any_http; no userinfo, query, fragment or slash at the end. */
const char *config_address_check_url(const char *url, bool any_http);
/* Appends the URL's host (URL checked before), lower case, no port. */
int config_address_host_of_url(const char *url, struct buf *out);
/* HOST, or HOST:PORT where HOST is a loopback one. */
const char *config_address_check_media_host(const char *);
/* 127.x.x.x:PORT or [::1]:PORT; port 0 lets the kernel choose. */
const char *config_address_check_listen(const char *);

#endif
