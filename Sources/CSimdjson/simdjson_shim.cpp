#include "CSimdjson.h"

#include <memory>
#include <new>
#include <simdjson.h>

struct csimdjson_indexer {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> stages;
};

namespace {

constexpr size_t smallest_capacity = 16 * 1024;

int prepare(csimdjson_indexer *indexer, size_t length) {
    if (indexer->stages && indexer->stages->capacity() >= length) return CSIMDJSON_OK;
    const size_t wanted = length < smallest_capacity ? smallest_capacity : length;
    indexer->stages.reset();
    // The depth concerns the second stage only, which is not used.
    const auto &implementation = simdjson::get_active_implementation();
    const auto error = implementation->create_dom_parser_implementation(wanted, 1, indexer->stages);
    if (error == simdjson::SUCCESS && indexer->stages) return CSIMDJSON_OK;
    indexer->stages.reset();
    return CSIMDJSON_NO_MEMORY;
}

}  // namespace

extern "C" csimdjson_indexer *csimdjson_indexer_new(void) { return new (std::nothrow) csimdjson_indexer(); }

extern "C" void csimdjson_indexer_free(csimdjson_indexer *indexer) { delete indexer; }

extern "C" int csimdjson_index(
    csimdjson_indexer *indexer, const uint8_t *bytes, size_t length, const uint32_t **offsets, size_t *count) {
    *offsets = nullptr;
    *count = 0;
    if (length == 0) return CSIMDJSON_EMPTY;
    const int prepared = prepare(indexer, length);
    if (prepared != CSIMDJSON_OK) return prepared;
    switch (indexer->stages->stage1(bytes, length, simdjson::stage1_mode::regular)) {
        case simdjson::SUCCESS: break;
        case simdjson::EMPTY: return CSIMDJSON_EMPTY;
        case simdjson::UTF8_ERROR: return CSIMDJSON_INVALID_UTF8;
        case simdjson::UNCLOSED_STRING: return CSIMDJSON_UNCLOSED_STRING;
        case simdjson::UNESCAPED_CHARS: return CSIMDJSON_CONTROL_CHARACTER;
        case simdjson::MEMALLOC: return CSIMDJSON_NO_MEMORY;
        default: return CSIMDJSON_OTHER;
    }
    *offsets = indexer->stages->structural_indexes.get();
    *count = indexer->stages->n_structural_indexes;
    return CSIMDJSON_OK;
}

extern "C" void csimdjson_indexer_trim(csimdjson_indexer *indexer, size_t length) {
    if (indexer->stages && indexer->stages->capacity() > length) indexer->stages.reset();
}

extern "C" bool csimdjson_is_utf8(const uint8_t *bytes, size_t length) {
    return simdjson::validate_utf8(reinterpret_cast<const char *>(bytes), length);
}
