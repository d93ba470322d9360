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

typedef size_t (*tongban_curl_sender)(char *data, size_t size, size_t count, void *context);
typedef int (*tongban_curl_before)(void *context, char *primary, char *local, int primary_port, int local_port);

static inline CURLcode tongban_curl_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode tongban_curl_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode tongban_curl_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode tongban_curl_header(CURL *handle, tongban_curl_receiver receiver, void *context) {
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, receiver);
    return curl_easy_setopt(handle, CURLOPT_HEADERDATA, context);
}

static inline CURLcode tongban_curl_read(CURL *handle, tongban_curl_sender sender, void *context) {
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, sender);
    return curl_easy_setopt(handle, CURLOPT_READDATA, context);
}

/* Called before each request of a transfer, the first and every one that follows it. */
static inline CURLcode tongban_curl_prerequest(CURL *handle, tongban_curl_before before, void *context) {
    curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, before);
    return curl_easy_setopt(handle, CURLOPT_PREREQDATA, context);
}

/* libcurl copies the bytes. */
static inline CURLcode tongban_curl_blob(CURL *handle, CURLoption option, const void *bytes, size_t length) {
    struct curl_blob blob = { (void *)bytes, length, CURL_BLOB_COPY };
    return curl_easy_setopt(handle, option, &blob);
}

static inline CURLcode tongban_curl_post(CURL *handle, const void *bytes, curl_off_t length) {
    curl_easy_setopt(handle, CURLOPT_POST, 1L);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, length);
    return curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, length > 0 ? bytes : "");
}

static inline CURLcode tongban_curl_info_number(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode tongban_curl_info_offset(CURL *handle, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(handle, info, value);
}

/* Connections that only the handles of this share use. */
static inline CURLSHcode tongban_curl_share_connections(CURLSH *share) {
    return curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
}

static inline CURLMcode tongban_curl_multi_number(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

/* The next transfer that has ended, with its result; NULL when there is none. */
static inline CURL *tongban_curl_next_ended(CURLM *multi, CURLcode *result) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE) continue;
        *result = message->data.result;
        return message->easy_handle;
    }
    return NULL;
}

/* Macros with casts, which Swift does not see. */
static const long tongban_curlauth_basic = (long)CURLAUTH_BASIC;
static const long tongban_curlauth_digest = (long)CURLAUTH_DIGEST;
static const long tongban_curlauth_ntlm = (long)CURLAUTH_NTLM;
static const long tongban_curlauth_any = (long)(CURLAUTH_BASIC | CURLAUTH_DIGEST | CURLAUTH_NTLM);

static inline CURLcode tongban_curl_start(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

static const long tongban_curlssh_password = CURLSSH_AUTH_PASSWORD | CURLSSH_AUTH_KEYBOARD;
static const long tongban_curlssh_key = CURLSSH_AUTH_PUBLICKEY;
