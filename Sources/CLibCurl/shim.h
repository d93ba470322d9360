#pragma once
#include <curl/curl.h>

/* libcurl's setters take a variable argument, which Swift cannot pass: one inline function per kind of argument. */

typedef size_t (*tongban_curl_receiver)(char *data, size_t size, size_t count, void *context);

static inline CURLcode tongban_curl_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode tongban_curl_number(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode tongban_curl_write(CURL *handle, tongban_curl_receiver receiver, void *context) {
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receiver);
    return curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
}

static inline CURLcode tongban_curl_status(CURL *handle, long *status) {
    return curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, status);
}
