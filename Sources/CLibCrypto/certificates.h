#pragma once
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include "signatures.h"

// What a certificate says of whom it is for. In C because X509's accessors are macros, and its texts come by BIO.

// A certificate of DER, which it must fill, or the first one of a PEM text; freed by X509_free.
static inline X509 *clibcrypto_certificate(const unsigned char *bytes, size_t length, int pem)
{
    X509 *certificate = NULL;
    if (length > 1 << 20) return NULL;
    if (pem) {
        BIO *memory = BIO_new_mem_buf(bytes, (int)length);
        if (memory != NULL) certificate = PEM_read_bio_X509(memory, NULL, clibcrypto_no_password, NULL);
        BIO_free(memory);
    } else {
        const unsigned char *at = bytes;
        certificate = d2i_X509(NULL, &at, (long)length);
        if (certificate != NULL && at != bytes + length) {
            X509_free(certificate);
            certificate = NULL;
        }
    }
    ERR_clear_error();
    return certificate;
}

// Its subject as RFC 4514 writes it, in UTF-8; returns the length, 0 when there is none or it does not fit.
static inline size_t clibcrypto_certificate_subject(X509 *certificate, unsigned char *out, size_t capacity)
{
    size_t written = 0;
    char *text = NULL;
    BIO *memory = BIO_new(BIO_s_mem());
    if (memory != NULL
        && X509_NAME_print_ex(memory, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        long length = BIO_get_mem_data(memory, &text);
        if (length > 0 && (size_t)length <= capacity) {
            memcpy(out, text, (size_t)length);
            written = (size_t)length;
        }
    }
    BIO_free(memory);
    ERR_clear_error();
    return written;
}

// The DER of its public key (SubjectPublicKeyInfo); returns the length, 0 when it does not fit.
static inline size_t clibcrypto_certificate_key(X509 *certificate, unsigned char *out, size_t capacity)
{
    X509_PUBKEY *key = X509_get_X509_PUBKEY(certificate);
    int length = key == NULL ? 0 : i2d_X509_PUBKEY(key, NULL);
    if (length <= 0 || (size_t)length > capacity) return 0;
    return (size_t)i2d_X509_PUBKEY(key, &out);
}

// Its DER; returns the length, 0 when it does not fit.
static inline size_t clibcrypto_certificate_der(X509 *certificate, unsigned char *out, size_t capacity)
{
    int length = i2d_X509(certificate, NULL);
    if (length <= 0 || (size_t)length > capacity) return 0;
    return (size_t)i2d_X509(certificate, &out);
}

// The second since 1970 at which it ends; 0 when it does not say.
static inline long long clibcrypto_certificate_end(X509 *certificate)
{
    struct tm end;
    memset(&end, 0, sizeof end);
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1) return 0;
    return (long long)timegm(&end);
}
