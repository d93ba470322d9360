#pragma once
#include <stddef.h>
#include <string.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

// Public keys as JSON Web Keys give them (RFC 7517, RFC 7518, RFC 8037), and JWS's form of their signatures. In C because OSSL_PARAM arrays want
// addresses that outlive the call that builds them.

static inline EVP_PKEY *clibcrypto_public_key(OSSL_LIB_CTX *library, const char *type, OSSL_PARAM *parameters)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = parameters == NULL ? NULL : EVP_PKEY_CTX_new_from_name(library, type, NULL);
    if (context == NULL || EVP_PKEY_fromdata_init(context) != 1
        || EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    ERR_clear_error();
    return key;
}

// An RSA key of its modulus and exponent, big-endian.
static inline EVP_PKEY *clibcrypto_rsa_key(
    OSSL_LIB_CTX *library, const unsigned char *modulus, int modulus_length, const unsigned char *exponent, int exponent_length)
{
    BIGNUM *n = BN_bin2bn(modulus, modulus_length, NULL);
    BIGNUM *e = BN_bin2bn(exponent, exponent_length, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM *parameters = NULL;
    if (n != NULL && e != NULL && builder != NULL && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n)
        && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e))
        parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY *key = clibcrypto_public_key(library, "RSA", parameters);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    BN_free(e);
    return key;
}

// A key on a curve, by the curve's name and the uncompressed point (04 x y); NULL when the point is not on it.
static inline EVP_PKEY *clibcrypto_curve_key(OSSL_LIB_CTX *library, const char *curve, const unsigned char *point, size_t length)
{
    OSSL_PARAM parameters[3] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)curve, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)point, length),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY *key = clibcrypto_public_key(library, "EC", parameters);
    if (key == NULL) return NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(library, key, NULL);
    int good = context != NULL && EVP_PKEY_public_check(context) == 1;
    EVP_PKEY_CTX_free(context);
    ERR_clear_error();
    if (good) return key;
    EVP_PKEY_free(key);
    return NULL;
}

// An Ed25519 or Ed448 key of its bytes.
static inline EVP_PKEY *clibcrypto_edwards_key(OSSL_LIB_CTX *library, const char *type, const unsigned char *bytes, size_t length)
{
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key_ex(library, type, NULL, bytes, length);
    ERR_clear_error();
    return key;
}
