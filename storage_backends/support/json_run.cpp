#include "support/json_run.hpp"

#ifdef __SSE2__
#include <immintrin.h>

namespace hexpage {
namespace {

// Tells as hasEndInSixtyFour() does, in registers of twice the size.
__attribute__((target("avx2"))) std::size_t pastSixtyFoursByAvx2(std::string_view text,
                                                                 std::size_t at) {
  const __m256i quote = _mm256_set1_epi8('"' ^ ' '), escape = _mm256_set1_epi8('\\');
  const __m256i space = _mm256_set1_epi8(' ');
  for (; at + 64 <= text.size(); at += 64) {
    const auto* const bytes = reinterpret_cast<const __m256i*>(text.data() + at);
    const __m256i first = _mm256_loadu_si256(bytes), second = _mm256_loadu_si256(bytes + 1);
    const __m256i turned =
        _mm256_min_epu8(_mm256_xor_si256(first, quote), _mm256_xor_si256(second, quote));
    const __m256i pastEscape =
        _mm256_min_epu8(_mm256_xor_si256(first, escape), _mm256_xor_si256(second, escape));
    const __m256i low = _mm256_cmpeq_epi8(_mm256_min_epu8(turned, space), turned);
    const __m256i isEscape = _mm256_cmpeq_epi8(pastEscape, _mm256_setzero_si256());
    if (_mm256_movemask_epi8(_mm256_or_si256(low, isEscape)) != 0) break;
  }
  return at;
}

const bool kHasAvx2 = __builtin_cpu_supports("avx2");

}  // namespace

std::size_t pastSixtyFours(std::string_view text, std::size_t at) {
  return kHasAvx2 ? pastSixtyFoursByAvx2(text, at) : pastSixtyFoursBySse2(text, at);
}

}  // namespace hexpage
#endif
