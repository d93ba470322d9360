#pragma once
#include <stddef.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

// HMAC (RFC 2104) of one message; `digest` is the digest's name. Returns the length written to `out`, 0 on failure.
// In C because OSSL_PARAM arrays want addresses that outlive the call that builds them.
static inline size_t clibcrypto_hmac(
    EVP_MAC *mac, const char *digest, const unsigned char *key, size_t key_length, const unsigned char *bytes, size_t length,
    unsigned char *out, size_t capacity)
{
    size_t written = 0;
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
    if (context == NULL) return 0;
    OSSL_PARAM parameters[2] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest, 0),
        OSSL_PARAM_construct_end(),
    };
    // A null key means "keep the old one" to EVP_MAC_init; an empty key needs an address all the same.
    if (!EVP_MAC_init(context, key == NULL ? (const unsigned char *)"" : key, key_length, parameters)
        || (length > 0 && !EVP_MAC_update(context, bytes, length))
        || !EVP_MAC_final(context, out, &written, capacity))
        written = 0;
    EVP_MAC_CTX_free(context);
    return written;
}
