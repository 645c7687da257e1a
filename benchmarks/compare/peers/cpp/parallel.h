// Splits work over threads, as one does with OpenMP: one part per thread, none for small work.
#pragma once
#include <omp.h>

#include <cstdint>

using Index = int64_t;

constexpr Index SERIAL_BELOW = 32768;

// body(first, end) over items of so many elements; parts start at multiples of `grain` items.
template <class Body>
static inline void parallel(Index items, Index elements_each, Index grain, int threads, Body body) {
  if (threads <= 1 || items * elements_each < SERIAL_BELOW) {
    body(Index(0), items);
    return;
  }
#pragma omp parallel num_threads(threads)
  {
    Index team = omp_get_num_threads(), own = omp_get_thread_num();
    Index part = (items / team + grain) / grain * grain;
    Index first = part * own, end = own == team - 1 ? items : part * (own + 1);
    if (end > items) end = items;
    if (first < end) body(first, end);
  }
}
