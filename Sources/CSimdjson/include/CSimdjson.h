#pragma once
#ifdef __cplusplus
extern "C" {
#endif
/* The tape of simdjson, handed to Swift: see simdjson_shim.cpp. */
#ifdef __cplusplus
}
#endif
