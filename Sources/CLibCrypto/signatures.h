#pragma once
#include <stddef.h>
#include <string.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

// Keys and signatures. In C because OSSL_PARAM arrays want addresses that outlive the call that builds them.

static inline int clibcrypto_no_password(char *buffer, int size, int writing, void *context)
{
    // Without a callback libcrypto would ask the terminal.
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1;
}

// A key of a PEM text: a private key, else a public one, else that of a certificate; with `private_only` a private key or none.
static inline EVP_PKEY *clibcrypto_pem_key(OSSL_LIB_CTX *library, const void *pem, int length, int private_only)
{
    EVP_PKEY *key = NULL;
    BIO *memory = BIO_new_mem_buf(pem, length);
    if (memory != NULL) key = PEM_read_bio_PrivateKey_ex(memory, NULL, clibcrypto_no_password, NULL, library, NULL);
    BIO_free(memory);
    if (key == NULL && !private_only) {
        memory = BIO_new_mem_buf(pem, length);
        if (memory != NULL) key = PEM_read_bio_PUBKEY_ex(memory, NULL, clibcrypto_no_password, NULL, library, NULL);
        BIO_free(memory);
    }
    if (key == NULL && !private_only) {
        memory = BIO_new_mem_buf(pem, length);
        X509 *certificate = memory == NULL ? NULL : PEM_read_bio_X509(memory, NULL, clibcrypto_no_password, NULL);
        if (certificate != NULL) key = X509_get_pubkey(certificate);
        X509_free(certificate);
        BIO_free(memory);
    }
    ERR_clear_error();
    return key;
}

// A key of DER bytes: PKCS #8 or the key's own form, else a SubjectPublicKeyInfo.
static inline EVP_PKEY *clibcrypto_der_key(OSSL_LIB_CTX *library, const unsigned char *der, long length, int private_only)
{
    const unsigned char *at = der;
    EVP_PKEY *key = d2i_AutoPrivateKey_ex(NULL, &at, length, library, NULL);
    at = der;
    if (key == NULL && !private_only) key = d2i_PUBKEY_ex(NULL, &at, length, library, NULL);
    ERR_clear_error();
    return key;
}

// An SM2 key: of 32 bytes the private key with these, else of the point (04 x y, or compressed) the public key.
static inline EVP_PKEY *clibcrypto_sm2_key(OSSL_LIB_CTX *library, const unsigned char *bytes, size_t length)
{
    EVP_PKEY *key = NULL;
    EC_GROUP *group = EC_GROUP_new_by_curve_name_ex(library, NULL, NID_sm2);
    EC_POINT *point = group == NULL ? NULL : EC_POINT_new(group);
    BIGNUM *scalar = NULL;
    unsigned char public_key[65];
    unsigned char private_key[32];
    OSSL_PARAM parameters[4];
    size_t count = 0;
    int selection = EVP_PKEY_PUBLIC_KEY;
    int good = point != NULL;
    if (good && length == 32) {
        scalar = BN_bin2bn(bytes, 32, NULL);
        good = scalar != NULL && !BN_is_zero(scalar) && BN_cmp(scalar, EC_GROUP_get0_order(group)) < 0
            && EC_POINT_mul(group, point, scalar, NULL, NULL, NULL);
        selection = EVP_PKEY_KEYPAIR;
    } else if (good) {
        good = EC_POINT_oct2point(group, point, bytes, length, NULL);
    }
    good = good && EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, public_key, sizeof public_key, NULL) == sizeof public_key;
    parameters[count++] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)"SM2", 0);
    parameters[count++] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, public_key, sizeof public_key);
    if (good && scalar != NULL) {
        // Numbers are parameters in the machine's own byte order.
        good = BN_bn2nativepad(scalar, private_key, sizeof private_key) == sizeof private_key;
        parameters[count++] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, private_key, sizeof private_key);
    }
    parameters[count] = OSSL_PARAM_construct_end();
    EVP_PKEY_CTX *context = good ? EVP_PKEY_CTX_new_from_name(library, "SM2", NULL) : NULL;
    if (context == NULL || EVP_PKEY_fromdata_init(context) != 1 || EVP_PKEY_fromdata(context, &key, selection, parameters) != 1) key = NULL;
    EVP_PKEY_CTX_free(context);
    BN_clear_free(scalar);
    OPENSSL_cleanse(private_key, sizeof private_key);
    EC_POINT_free(point);
    EC_GROUP_free(group);
    ERR_clear_error();
    return key;
}

// What a signature is made with: `id` is SM2's identity, NULL for another kind of key; `pss` is RSA's padding.
static inline int clibcrypto_prepare(
    EVP_MD_CTX *context, OSSL_LIB_CTX *library, EVP_PKEY *key, const char *digest, const void *id, int id_length, int pss, int verifies)
{
    EVP_PKEY_CTX *inner = NULL;
    int good = verifies ? EVP_DigestVerifyInit_ex(context, &inner, digest, library, NULL, key, NULL)
                        : EVP_DigestSignInit_ex(context, &inner, digest, library, NULL, key, NULL);
    if (good == 1 && id != NULL) good = EVP_PKEY_CTX_set1_id(inner, id, id_length) > 0;
    if (good == 1 && pss)
        good = EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING) > 0
            && EVP_PKEY_CTX_set_rsa_pss_saltlen(inner, RSA_PSS_SALTLEN_DIGEST) > 0;
    return good == 1;
}

// Signs; returns the length written to `out`, 0 on failure.
static inline size_t clibcrypto_sign(
    OSSL_LIB_CTX *library, EVP_PKEY *key, const char *digest, const void *id, int id_length, int pss, const unsigned char *bytes,
    size_t length, unsigned char *out, size_t capacity)
{
    size_t written = capacity;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL || !clibcrypto_prepare(context, library, key, digest, id, id_length, pss, 0)
        || EVP_DigestSignUpdate(context, length > 0 ? bytes : (const unsigned char *)"", length) != 1
        || EVP_DigestSignFinal(context, out, &written) != 1)
        written = 0;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return written;
}

// 1 when the signature is right. `digest` is NULL for EdDSA, which hashes by itself and takes all bytes at once.
static inline int clibcrypto_verify(
    OSSL_LIB_CTX *library, EVP_PKEY *key, const char *digest, const void *id, int id_length, int pss, const unsigned char *bytes,
    size_t length, const unsigned char *signature, size_t signature_length)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int good = context != NULL && clibcrypto_prepare(context, library, key, digest, id, id_length, pss, 1)
        && EVP_DigestVerify(context, signature, signature_length, length > 0 ? bytes : (const unsigned char *)"", length) == 1;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return good;
}

// The two numbers of a DER signature, 32 bytes each; 0 when it is none.
static inline int clibcrypto_raw_signature(const unsigned char *der, long length, unsigned char out[64])
{
    const unsigned char *at = der;
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, length);
    int good = signature != NULL && at == der + length && BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, 32) == 32
        && BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + 32, 32) == 32;
    ECDSA_SIG_free(signature);
    ERR_clear_error();
    return good;
}

// The DER signature of two numbers of `width` bytes each; returns its length, 0 on failure. `out` has 160 bytes.
static inline size_t clibcrypto_der_signature(const unsigned char *raw, int width, unsigned char out[160])
{
    size_t written = 0;
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, width, NULL);
    BIGNUM *s = BN_bin2bn(raw + width, width, NULL);
    if (signature != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(signature, r, s)) {
        unsigned char *at = out;
        r = s = NULL;
        int length = i2d_ECDSA_SIG(signature, NULL);
        if (length > 0 && length <= 160) written = (size_t)i2d_ECDSA_SIG(signature, &at);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(signature);
    return written;
}
