// The bare loop: reads some arrays and writes others, and does nothing else. No kernel over as many bytes can be faster.
#pragma once
#include <immintrin.h>

#include "arrays.h"

struct Streams {
  std::vector<const char*> reads;
  std::vector<char*> writes;
  Index bytes = 0;  // of each
};

// Arrays cut into streams of one length, that of the longest output or, where outputs are small, of the longest input. What is
// shorter than a stream by far (a row of weights) is left out.
static inline Streams streams_of(const Arrays& arrays) {
  Streams streams;
  for (auto& output : arrays.outputs) streams.bytes = std::max(streams.bytes, output.bytes());
  Index input = 0;
  for (auto& array : arrays.inputs) input = std::max(input, array.bytes());
  if (streams.bytes * 8 < input) streams.bytes = input;
  for (auto& array : arrays.inputs)
    for (Index i = 0; i + streams.bytes <= array.bytes(); i += streams.bytes) streams.reads.push_back(array.as<char>() + i);
  for (auto& array : arrays.outputs)
    for (Index i = 0; i + streams.bytes <= array.bytes(); i += streams.bytes) streams.writes.push_back(array.as<char>() + i);
  return streams;
}

#ifdef __AVX512F__
using Line = __m512i;
static inline Line load(const char* from) { return _mm512_loadu_si512(from); }
static inline Line either(Line a, Line b) { return _mm512_xor_si512(a, b); }
static inline void store(char* to, Line value) { _mm512_storeu_si512(to, value); }
static inline void stream(char* to, Line value) { _mm512_stream_si512(reinterpret_cast<Line*>(to), value); }
#else
using Line = __m256i;
static inline Line load(const char* from) { return _mm256_loadu_si256(reinterpret_cast<const Line*>(from)); }
static inline Line either(Line a, Line b) { return _mm256_xor_si256(a, b); }
static inline void store(char* to, Line value) { _mm256_storeu_si256(reinterpret_cast<Line*>(to), value); }
static inline void stream(char* to, Line value) { _mm256_stream_si256(reinterpret_cast<Line*>(to), value); }
#endif

static volatile char sink;

template <int READS, int WRITES, bool STREAM>
static void move(const Streams& streams, int threads) {
  const char* from[READS];
  char* to[WRITES + 1];
  for (int i = 0; i < READS; i++) from[i] = streams.reads[i];
  for (int i = 0; i < WRITES; i++) to[i] = streams.writes[i];
  parallel(streams.bytes / sizeof(Line), sizeof(Line) / 4, 4096 / sizeof(Line), threads, [&](Index first, Index end) {
    Line seen[2] = {};
    for (Index i = first * sizeof(Line); i < Index(end * sizeof(Line)); i += sizeof(Line)) {
      Line value = load(from[0] + i);
#pragma GCC unroll 8
      for (int k = 1; k < READS; k++) value = either(value, load(from[k] + i));
#pragma GCC unroll 8
      for (int k = 0; k < WRITES; k++) STREAM ? stream(to[k] + i, value) : store(to[k] + i, value);
      if (WRITES == 0) seen[i / sizeof(Line) % 2] = either(seen[i / sizeof(Line) % 2], value);
    }
    if (WRITES == 0) sink = reinterpret_cast<char*>(&seen)[0] ^ reinterpret_cast<char*>(&seen)[sizeof(Line)];
    if (STREAM) _mm_sfence();
  });
}

using Move = void (*)(const Streams&, int);

template <bool STREAM>
static Move move_of(const Streams& streams) {
  switch (streams.reads.size() * 10 + streams.writes.size()) {
    case 10: return move<1, 0, STREAM>;
    case 11: return move<1, 1, STREAM>;
    case 21: return move<2, 1, STREAM>;
    case 31: return move<3, 1, STREAM>;
    case 41: return move<4, 1, STREAM>;
    case 51: return move<5, 1, STREAM>;
    case 52: return move<5, 2, STREAM>;
    case 53: return move<5, 3, STREAM>;
    default: throw std::runtime_error("no bare loop for " + std::to_string(streams.reads.size()) + " reads and " + std::to_string(streams.writes.size()) + " writes");
  }
}
