#pragma once
#include <stddef.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

// HMAC (RFC 2104) by a digest's name with a key, ready for a message; NULL when there is none of that name.
// In C because OSSL_PARAM arrays want addresses that outlive the call that builds them.
static inline EVP_MAC_CTX *clibcrypto_hmac_context(EVP_MAC *mac, const char *digest, const unsigned char *key, size_t length)
{
    OSSL_PARAM parameters[2] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
    // A null key means "keep the old one" to EVP_MAC_init; an empty key needs an address all the same.
    if (context != NULL && !EVP_MAC_init(context, length == 0 ? (const unsigned char *)"" : key, length, parameters)) {
        EVP_MAC_CTX_free(context);
        return NULL;
    }
    return context;
}

// Makes a context ready for another message with the key that it has; 0 on failure. Before OpenSSL 3.0.3 a null key made nothing ready
// (openssl/openssl#17811): there the key is given again.
static inline int clibcrypto_hmac_again(EVP_MAC_CTX *context, const unsigned char *key, size_t length)
{
    if (OpenSSL_version_num() >= 0x30000030L) return EVP_MAC_init(context, NULL, 0, NULL);
    return EVP_MAC_init(context, length == 0 ? (const unsigned char *)"" : key, length, NULL);
}

// The HMAC of one message, by a context that is ready for it. Returns the length written to `out`, 0 on failure.
static inline size_t clibcrypto_hmac(
    EVP_MAC_CTX *context, const unsigned char *bytes, size_t length, unsigned char *out, size_t capacity)
{
    size_t written = 0;
    if ((length > 0 && !EVP_MAC_update(context, bytes, length)) || !EVP_MAC_final(context, out, &written, capacity)) written = 0;
    return written;
}

// PEM and chains of certificates. In C because X509 stacks and their accessors are macros.

static inline int clibcrypto_no_passphrase(char *buffer, int size, int writing, void *context)
{
    // Without a callback libcrypto would ask the terminal.
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1;
}

static inline BIO *clibcrypto_memory(const void *bytes, int length)
{
    return BIO_new_mem_buf(length > 0 ? bytes : (const void *)"", length);
}

// How many certificates a PEM text holds; -1 when one of them is broken.
static inline int clibcrypto_pem_certificates(const void *pem, int length)
{
    BIO *memory = clibcrypto_memory(pem, length);
    if (memory == NULL) return -1;
    int count = 0;
    X509 *certificate;
    while ((certificate = PEM_read_bio_X509(memory, NULL, clibcrypto_no_passphrase, NULL)) != NULL) {
        X509_free(certificate);
        count++;
    }
    unsigned long fault = ERR_peek_last_error();
    if (!(ERR_GET_LIB(fault) == ERR_LIB_PEM && ERR_GET_REASON(fault) == PEM_R_NO_START_LINE)) count = -1;
    ERR_clear_error();
    BIO_free(memory);
    return count;
}

// 1 when the text holds a private key, and it belongs to the first certificate of the other text, if there is one.
static inline int clibcrypto_pem_key_matches(const void *certificate_pem, int certificate_length, const void *key_pem, int key_length)
{
    int result = 0;
    BIO *key_memory = clibcrypto_memory(key_pem, key_length);
    EVP_PKEY *key = key_memory == NULL ? NULL : PEM_read_bio_PrivateKey(key_memory, NULL, clibcrypto_no_passphrase, NULL);
    if (key != NULL && certificate_pem == NULL) result = 1;
    if (key != NULL && certificate_pem != NULL) {
        BIO *memory = clibcrypto_memory(certificate_pem, certificate_length);
        X509 *certificate = memory == NULL ? NULL : PEM_read_bio_X509(memory, NULL, clibcrypto_no_passphrase, NULL);
        result = certificate != NULL && X509_check_private_key(certificate, key) == 1;
        X509_free(certificate);
        BIO_free(memory);
    }
    EVP_PKEY_free(key);
    BIO_free(key_memory);
    ERR_clear_error();
    return result;
}

// A store of trusted certificates: those of a PEM text, or, without one, the system's.
static inline X509_STORE *clibcrypto_trust(const void *pem, int length)
{
    X509_STORE *store = X509_STORE_new();
    if (store == NULL) return NULL;
    if (pem == NULL) {
        X509_STORE_set_default_paths(store);
    } else {
        BIO *memory = clibcrypto_memory(pem, length);
        X509 *certificate;
        while (memory != NULL && (certificate = PEM_read_bio_X509(memory, NULL, clibcrypto_no_passphrase, NULL)) != NULL) {
            X509_STORE_add_cert(store, certificate);
            X509_free(certificate);
        }
        BIO_free(memory);
    }
    ERR_clear_error();
    return store;
}

// Verifies a server's chain, DER, its own certificate first, against a store: X509_V_OK, or the first fault. It must bear a host's
// name, or an address where `is_address` says so.
static inline int clibcrypto_verify_chain(
    X509_STORE *store, const char *name, int is_address, const unsigned char *const *ders, const long *lengths, size_t count)
{
    int result = X509_V_ERR_UNSPECIFIED;
    STACK_OF(X509) *chain = sk_X509_new_null();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    int readable = chain != NULL && context != NULL && count > 0;
    for (size_t i = 0; readable && i < count; i++) {
        const unsigned char *der = ders[i];
        X509 *certificate = d2i_X509(NULL, &der, lengths[i]);
        readable = certificate != NULL && sk_X509_push(chain, certificate) > 0;
    }
    if (readable && X509_STORE_CTX_init(context, store, sk_X509_value(chain, 0), chain)) {
        X509_STORE_CTX_set_default(context, "ssl_server");
        // A root that the file names is trusted also when it is an intermediate.
        X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(context);
        X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
        X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        if (is_address ? !X509_VERIFY_PARAM_set1_ip_asc(rules, name) : !X509_VERIFY_PARAM_set1_host(rules, name, 0))
            result = X509_V_ERR_HOSTNAME_MISMATCH;
        else
            result = X509_verify_cert(context) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
    }
    X509_STORE_CTX_free(context);
    sk_X509_pop_free(chain, X509_free);
    ERR_clear_error();
    return result;
}
