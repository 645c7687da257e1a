// Inputs and outputs of a workload: the same values for every peer, in memory that is placed the same way.
#pragma once
#include <sys/mman.h>

#include <cmath>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "parallel.h"

struct Array {
  char kind = 'i';  // input, input presented transposed, output
  std::string type;
  std::vector<Index> shape;  // as it lies in memory
  double low = 0, width = 0;
  Index count = 1, item = 4;
  size_t mapped = 0;
  void* data = nullptr;

  template <class T>
  T* as() const { return static_cast<T*>(data); }
  Index bytes() const { return count * item; }
};

static inline std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::string part;
  for (std::istringstream stream(text); std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

static inline uint32_t hashed(uint32_t x, uint32_t number) {
  x += (number + 1) * 0x9E3779B9u;
  x ^= x >> 16;
  x *= 0x7FEB352Du;
  x ^= x >> 15;
  x *= 0x846CA68Bu;
  x ^= x >> 16;
  return x;
}

// low + width * u / 2^bits: exact in float64, rounded once.
static inline void fill(Array& array, uint32_t number) {
  for (Index i = 0; i < array.count; i++) {
    uint32_t u = hashed(static_cast<uint32_t>(i), number);
    if (array.type == "u8") array.as<uint8_t>()[i] = u >> 24;
    else if (array.type == "f16") array.as<_Float16>()[i] = static_cast<_Float16>(array.low + array.width * (u >> 21) / 2048);
    else if (array.type == "f64") array.as<double>()[i] = array.low + array.width * (u >> 8) / 16777216;
    else array.as<float>()[i] = static_cast<float>(array.low + array.width * (u >> 8) / 16777216);
  }
}

static inline Array allocated(const std::string& spec) {
  constexpr size_t HUGE_PAGE = 1 << 21;
  auto fields = split(spec, ':');
  if (fields.size() != 5) throw std::runtime_error("an array is KIND:TYPE:SHAPE:LOW:WIDTH, not " + spec);
  Array array;
  array.kind = fields[0][0];
  array.type = fields[1];
  array.item = array.type == "u8" ? 1 : array.type == "f16" ? 2 : array.type == "f64" ? 8 : 4;
  for (auto& size : split(fields[2], 'x')) array.shape.push_back(std::stoll(size)), array.count *= array.shape.back();
  array.low = std::stod(fields[3]);
  array.width = std::stod(fields[4]);
  array.mapped = (array.bytes() + HUGE_PAGE - 1) & -HUGE_PAGE;
  array.data = mmap(nullptr, array.mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (array.data == MAP_FAILED) throw std::runtime_error("no memory for " + spec);
  madvise(array.data, array.mapped, MADV_HUGEPAGE);
  return array;
}

struct Arrays {
  std::vector<Array> inputs, outputs;

  explicit Arrays(const std::vector<std::string>& specs) {
    for (auto& spec : specs) {
      Array array = allocated(spec);
      if (array.kind == 'o') {
        std::memset(array.data, 0, array.bytes());
        outputs.push_back(array);
      } else {
        fill(array, inputs.size());
        inputs.push_back(array);
      }
    }
  }
  Arrays(const Arrays&) = delete;
  ~Arrays() {
    for (auto* all : {&inputs, &outputs})
      for (auto& array : *all) munmap(array.data, array.mapped);
  }

  // What is left of this after a run was not computed by it: every bit set is NaN in every floating-point type.
  void poison() {
    for (auto& output : outputs) std::memset(output.data, output.type == "u8" ? 171 : 255, output.bytes());
  }

  Index bytes() const {
    Index sum = 0;
    for (auto* all : {&inputs, &outputs})
      for (auto& array : *all) sum += array.bytes();
    return sum;
  }
};
