// The workloads, each as one would write it by hand for this machine.
#pragma once
#include <algorithm>

#include "arrays.h"
#include "vector_math.h"

struct Job {
  const Arrays& arrays;
  int threads;
  bool streams;  // stores around the caches

  template <class T = float>
  const T* in(int i) const { return arrays.inputs[i].as<T>(); }
  template <class T = float>
  T* out(int i = 0) const { return arrays.outputs[i].as<T>(); }
};

// A type for each kind of store, so that the loops over them are compiled apart.
template <bool STREAM>
struct Put {
  void operator()(float* to, Floats value, Mask mask) const {
    if (STREAM && mask == ALL) _mm512_stream_ps(to, value);
    else _mm512_mask_storeu_ps(to, mask, value);
  }
  void operator()(uint16_t* to, __m256i value, Mask mask) const {
    if (STREAM && mask == ALL) _mm256_stream_si256(reinterpret_cast<__m256i*>(to), value);
    else _mm256_mask_storeu_epi16(to, mask, value);
  }
  void operator()(uint8_t* to, __m128i value, Mask mask) const {
    if (STREAM && mask == ALL) _mm_stream_si128(reinterpret_cast<__m128i*>(to), value);
    else _mm_mask_storeu_epi8(to, mask, value);
  }
};

constexpr Put<false> put;

static inline Floats get(const float* from, Mask mask, float otherwise = 0) {
  return mask == ALL ? _mm512_loadu_ps(from) : _mm512_mask_loadu_ps(all(otherwise), mask, from);
}

// body(position, mask) over n elements, 16 at a time.
template <class Body>
static inline void steps(Index n, Body body) {
  Index i = 0;
  for (; i + 16 <= n; i += 16) body(i, ALL);
  if (i < n) body(i, static_cast<Mask>((1u << (n - i)) - 1));
}

// The same split over threads, with the kind of store chosen outside the loop.
template <class Body>
static inline void flat(const Job& job, Index n, Body body) {
  parallel(n, 1, 4096, job.threads, [&](Index first, Index end) {
    auto part = [&](auto store) { steps(end - first, [&](Index i, Mask mask) { body(first + i, mask, store); }); };
    if (job.streams) part(Put<true>()), _mm_sfence();
    else part(Put<false>());
  });
}

// body(row, store) over rows, split and with the kind of store as above.
template <class Body>
static inline void rows(const Job& job, Index count, Index width, Body body) {
  parallel(count, width, 1, job.threads, [&](Index first, Index end) {
    if (job.streams) {
      for (Index row = first; row < end; row++) body(row, Put<true>());
      _mm_sfence();
    } else {
      for (Index row = first; row < end; row++) body(row, Put<false>());
    }
  });
}

// body(position, mask) over a row that is written to `to`: whole vectors lie in whole cache lines, as stores around the caches must.
template <class Body>
static inline void line_steps(const float* to, Index width, Body body) {
  Index head = std::min<Index>(width, -(reinterpret_cast<uintptr_t>(to) / sizeof(float)) & 15);
  if (head > 0) body(Index(0), static_cast<Mask>((1u << head) - 1));
  steps(width - head, [&](Index i, Mask mask) { body(head + i, mask); });
}

static inline void w1(const Job& job) {
  auto a = job.in(0), x = job.in(1), b = job.in(2), c = job.in(3);
  auto y = job.out();
  flat(job, job.arrays.outputs[0].count, [=](Index i, Mask m, auto store) {
    Floats sum = fma(get(a + i, m), get(x + i, m), get(b + i, m));
    store(y + i, _mm512_mul_ps(_mm512_max_ps(sum, all(0)), get(c + i, m)), m);
  });
}

static inline void w2(const Job& job) {
  auto x = job.in(0);
  auto y = job.out();
  flat(job, job.arrays.outputs[0].count, [=](Index i, Mask m, auto store) {
    Floats v = get(x + i, m);
    store(y + i, fma(tanh(v), sigmoid(v), exp(_mm512_mul_ps(negated(v), v))), m);
  });
}

static inline void w3(const Job& job) {
  auto gates = job.in(0), c = job.in(1);
  auto h = job.out(0), cell = job.out(1);
  Index count = job.arrays.inputs[1].shape[0], width = job.arrays.inputs[1].shape[1];
  rows(job, count, width, [=](Index row, auto store) {
    auto i = gates + row * 4 * width, f = i + width, g = f + width, o = g + width, old = c + row * width;
    auto to_h = h + row * width, to_cell = cell + row * width;
    line_steps(to_h, width, [=](Index j, Mask m) {
      Floats value = fma(sigmoid(get(f + j, m)), get(old + j, m), _mm512_mul_ps(sigmoid(get(i + j, m)), tanh(get(g + j, m))));
      store(to_cell + j, value, m);
      store(to_h + j, _mm512_mul_ps(sigmoid(get(o + j, m)), tanh(value)), m);
    });
  });
}

static inline void w4(const Job& job) {
  auto x = job.in(0);
  auto y = job.out();
  flat(job, job.arrays.outputs[0].count, [=](Index i, Mask m, auto store) {
    Floats v = get(x + i, m), half = _mm512_mul_ps(v, all(0.5f));
    store(y + i, fma(half, erf(_mm512_mul_ps(v, all(0.70710678f))), half), m);
  });
}

static inline void w5(const Job& job) {
  auto x = job.in(0), mean = job.in(1), rstd = job.in(2), w = job.in(3), b = job.in(4);
  auto y = job.out();
  Index width = job.arrays.outputs[0].shape[1];
  rows(job, job.arrays.outputs[0].shape[0], width, [=](Index row, auto store) {
    Floats middle = all(mean[row]), scale = all(rstd[row]);
    line_steps(y + row * width, width, [=](Index j, Mask m) {
      Floats centred = _mm512_mul_ps(_mm512_sub_ps(get(x + row * width + j, m), middle), scale);
      store(y + row * width + j, fma(centred, get(w + j, m), get(b + j, m)), m);
    });
  });
}

static inline void w6_softmax(const Job& job) {
  auto x = job.in(0);
  auto y = job.out();
  Index width = job.arrays.outputs[0].shape[1];
  rows(job, job.arrays.outputs[0].shape[0], width, [=](Index row, auto store) {
    static thread_local std::vector<float> powers;
    powers.resize(width + 16);
    auto from = x + row * width;
    auto kept = powers.data();
    Floats most = all(-INFINITY), sum = all(0);
    steps(width, [&](Index j, Mask m) { most = _mm512_max_ps(most, get(from + j, m, -INFINITY)); });
    most = all(_mm512_reduce_max_ps(most));
    steps(width, [&](Index j, Mask m) {
      Floats power = exp(_mm512_sub_ps(get(from + j, m), most));
      put(kept + j, power, m);
      sum = _mm512_mask_add_ps(sum, m, sum, power);
    });
    Floats scale = all(1 / _mm512_reduce_add_ps(sum));
    line_steps(y + row * width, width, [&](Index j, Mask m) { store(y + row * width + j, _mm512_mul_ps(get(kept + j, m), scale), m); });
  });
}

static inline void w6_layernorm(const Job& job) {
  auto x = job.in(0), w = job.in(1), b = job.in(2);
  auto y = job.out();
  Index width = job.arrays.outputs[0].shape[1];
  rows(job, job.arrays.outputs[0].shape[0], width, [=](Index row, auto store) {
    auto from = x + row * width;
    Floats sum = all(0), squares = all(0);
    steps(width, [&](Index j, Mask m) { sum = _mm512_add_ps(sum, get(from + j, m)); });
    Floats mean = all(_mm512_reduce_add_ps(sum) / width);
    steps(width, [&](Index j, Mask m) {
      Floats d = _mm512_maskz_sub_ps(m, get(from + j, m), mean);
      squares = fma(d, d, squares);
    });
    Floats scale = all(1 / std::sqrt(_mm512_reduce_add_ps(squares) / width + 1e-5f));
    line_steps(y + row * width, width, [&](Index j, Mask m) {
      store(y + row * width + j, fma(_mm512_mul_ps(_mm512_sub_ps(get(from + j, m), mean), scale), get(w + j, m), get(b + j, m)), m);
    });
  });
}

static inline void w6_rmsnorm(const Job& job) {
  auto x = job.in(0), w = job.in(1);
  auto y = job.out();
  Index width = job.arrays.outputs[0].shape[1];
  rows(job, job.arrays.outputs[0].shape[0], width, [=](Index row, auto store) {
    auto from = x + row * width;
    Floats squares = all(0);
    steps(width, [&](Index j, Mask m) {
      Floats v = get(from + j, m);
      squares = fma(v, v, squares);
    });
    Floats scale = all(1 / std::sqrt(_mm512_reduce_add_ps(squares) / width + 1e-5f));
    line_steps(y + row * width, width, [&](Index j, Mask m) { store(y + row * width + j, _mm512_mul_ps(_mm512_mul_ps(get(from + j, m), scale), get(w + j, m)), m); });
  });
}

static inline void w6_colsum(const Job& job) {
  auto x = job.in(0);
  auto y = job.out();
  Index height = job.arrays.inputs[0].shape[0], width = job.arrays.inputs[0].shape[1];
  std::memset(y, 0, width * sizeof(float));
  parallel(height, width, 1, job.threads, [=](Index first, Index end) {
    std::vector<float> own(width);
    for (Index row = first; row < end; row++)
      for (Index j = 0; j < width; j++) own[j] += x[row * width + j];
#pragma omp critical
    for (Index j = 0; j < width; j++) y[j] += own[j];
  });
}

static inline void w6_sum(const Job& job) {
  auto x = job.in(0);
  float total = 0;
  parallel(job.arrays.inputs[0].count, 1, 1024, job.threads, [&](Index first, Index end) {
    Floats sums[4] = {all(0), all(0), all(0), all(0)};
    Index i = first;
    for (; i + 64 <= end; i += 64)
#pragma GCC unroll 4
      for (int k = 0; k < 4; k++) sums[k] = _mm512_add_ps(sums[k], _mm512_loadu_ps(x + i + 16 * k));
    steps(end - i, [&](Index j, Mask m) { sums[0] = _mm512_add_ps(sums[0], get(x + i + j, m)); });
    float own = _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3])));
#pragma omp critical
    total += own;
  });
  *job.out() = total;
}

static inline void w7(const Job& job) {
  auto s = job.in(0), k = job.in(1), t = job.in(2), r = job.in(3), v = job.in(4);
  auto y = job.out();
  flat(job, job.arrays.outputs[0].count, [=](Index i, Mask m, auto store) {
    Floats spot = get(s + i, m, 1), strike = get(k + i, m, 1), years = get(t + i, m, 1), rate = get(r + i, m, 1), sigma = get(v + i, m, 1);
    Floats root = _mm512_mul_ps(sigma, _mm512_sqrt_ps(years));
    Floats drift = fma(_mm512_mul_ps(sigma, sigma), all(0.5f), rate);
    Floats d1 = _mm512_div_ps(fma(drift, years, log(_mm512_div_ps(spot, strike))), root);
    Floats discounted = _mm512_mul_ps(strike, exp(_mm512_mul_ps(negated(rate), years)));
    store(y + i, _mm512_fnmadd_ps(discounted, normal(_mm512_sub_ps(d1, root)), _mm512_mul_ps(spot, normal(d1))), m);
  });
}

static inline void w7_f64(const Job& job) {
  auto s = job.in<double>(0), k = job.in<double>(1), t = job.in<double>(2), r = job.in<double>(3), v = job.in<double>(4);
  auto y = job.out<double>();
  parallel(job.arrays.outputs[0].count, 2, 1024, job.threads, [=](Index first, Index end) {
    auto half = _mm512_set1_pd(0.5), one = _mm512_set1_pd(1);
    auto normal = [=](__m512d d) { return _mm512_fmadd_pd(_ZGVeN8v_erf(_mm512_mul_pd(d, _mm512_set1_pd(0.70710678118654752))), half, half); };
    for (Index i = first; i < end; i += 8) {
      __mmask8 m = end - i >= 8 ? 0xff : (1u << (end - i)) - 1;
      auto get = [=](const double* from) { return _mm512_mask_loadu_pd(one, m, from + i); };
      auto spot = get(s), strike = get(k), years = get(t), rate = get(r), sigma = get(v);
      auto root = _mm512_mul_pd(sigma, _mm512_sqrt_pd(years));
      auto drift = _mm512_fmadd_pd(_mm512_mul_pd(sigma, sigma), half, rate);
      auto d1 = _mm512_div_pd(_mm512_fmadd_pd(drift, years, _ZGVeN8v_log(_mm512_div_pd(spot, strike))), root);
      auto discounted = _mm512_mul_pd(strike, _ZGVeN8v_exp(_mm512_mul_pd(_mm512_sub_pd(_mm512_setzero_pd(), rate), years)));
      _mm512_mask_storeu_pd(y + i, m, _mm512_fnmadd_pd(discounted, normal(_mm512_sub_pd(d1, root)), _mm512_mul_pd(spot, normal(d1))));
    }
  });
}

static inline Floats w8_round(Floats t, Floats y, float factor, float least, float bound) {
  t = fma(t, all(factor), y);
  t = _mm512_mask_mov_ps(y, _mm512_cmp_ps_mask(t, all(least), _CMP_GT_OQ), t);
  return clamp(t, -bound, bound);
}

static inline void w8(const Job& job) {
  auto x = job.in(0), y = job.in(1);
  auto z = job.out();
  flat(job, job.arrays.outputs[0].count, [=](Index i, Mask m, auto store) {
    Floats other = get(y + i, m), t = w8_round(get(x + i, m), other, 1.10f, -1.0f, 3.0f);
    t = w8_round(t, other, 0.90f, -0.8f, 2.8f);
    t = w8_round(t, other, 1.05f, -0.6f, 2.6f);
    t = w8_round(t, other, 0.95f, -0.4f, 2.4f);
    t = w8_round(t, other, 1.20f, -0.2f, 2.2f);
    store(z + i, w8_round(t, other, 0.80f, 0.0f, 2.0f), m);
  });
}

static inline void w9(const Job& job) {
  auto p = job.in(0), g = job.in(1), m = job.in(2), v = job.in(3), lr = job.in(4);
  auto p2 = job.out(0), m2 = job.out(1), v2 = job.out(2);
  flat(job, job.arrays.outputs[0].count, [=](Index i, Mask mask, auto store) {
    Floats gradient = get(g + i, mask);
    Floats mean = fma(get(m + i, mask), all(0.9f), _mm512_mul_ps(gradient, all(0.1f)));
    Floats square = fma(get(v + i, mask), all(0.999f), _mm512_mul_ps(_mm512_mul_ps(gradient, gradient), all(0.001f)));
    Floats change = _mm512_div_ps(_mm512_mul_ps(get(lr + i, mask), mean), _mm512_add_ps(_mm512_sqrt_ps(square), all(1e-8f)));
    store(m2 + i, mean, mask);
    store(v2 + i, square, mask);
    store(p2 + i, _mm512_sub_ps(get(p + i, mask), change), mask);
  });
}

static inline void w10(const Job& job) {
  auto f = job.in<uint8_t>(0), b = job.in<uint8_t>(1), alpha = job.in<uint8_t>(2);
  auto y = job.out<uint8_t>();
  auto wide = [](const uint8_t* from, Mask m) { return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(m, from))); };
  auto body = [=](Index i, Mask m, auto store) {
    Floats back = wide(b + i, m), share = _mm512_mul_ps(wide(alpha + i, m), all(0.00392156862745098f));
    Floats mixed = _mm512_add_ps(fma(_mm512_sub_ps(wide(f + i, m), back), share, back), all(0.5f));
    store(y + i, _mm512_cvtepi32_epi8(_mm512_cvttps_epi32(mixed)), m);
  };
  flat(job, job.arrays.outputs[0].count, body);
}

static inline void w11(const Job& job) {
  auto x = job.in<uint16_t>(0), b = job.in<uint16_t>(1);
  auto y = job.out<uint16_t>();
  auto wide = [](const uint16_t* from, Mask m) { return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(m, from)); };
  auto body = [=](Index i, Mask m, auto store) {
    Floats v = wide(x + i, m), sum = _mm512_max_ps(fma(v, all(1.5f), wide(b + i, m)), all(0));
    store(y + i, _mm512_cvtps_ph(fma(sum, all(0.5f), v), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC), m);
  };
  flat(job, job.arrays.outputs[0].count, body);
}

// Squares of the transposed input go through the first-level cache: 64 of its rows by 64 columns, 16 KiB.
static inline void w12(const Job& job) {
  constexpr Index SIDE = 64;
  auto a = job.in(0), x = job.in(1);
  auto y = job.out();
  Index height = job.arrays.outputs[0].shape[0], width = job.arrays.outputs[0].shape[1];
  parallel((height + SIDE - 1) / SIDE, SIDE * width, 1, job.threads, [=](Index first, Index end) {
    alignas(64) float tile[SIDE][SIDE];
    const __m512i lanes = _mm512_mullo_epi32(_mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0), _mm512_set1_epi32(SIDE));
    for (Index top = first * SIDE; top < std::min(end * SIDE, height); top += SIDE)
      for (Index left = 0; left < width; left += SIDE) {
        Index down = std::min(SIDE, height - top), across = std::min(SIDE, width - left);
        for (Index j = 0; j < across; j++) std::memcpy(tile[j], x + (left + j) * height + top, down * sizeof(float));
        for (Index i = 0; i < down; i++)
          steps(across, [&](Index j, Mask m) {
            Floats other = _mm512_mask_i32gather_ps(all(0), m, lanes, &tile[j][i], 4);
            Index at = (top + i) * width + left + j;
            put(y + at, _mm512_max_ps(fma(other, all(0.5f), get(a + at, m)), all(0)), m);
          });
      }
  });
}

using Kernel = void (*)(const Job&);

static inline Kernel kernel_of(const std::string& workload) {
  static const std::vector<std::pair<std::string, Kernel>> kernels = {
      {"W1", w1}, {"W2", w2}, {"W3", w3}, {"W4", w4}, {"W5", w5}, {"W6-softmax", w6_softmax}, {"W6-layernorm", w6_layernorm},
      {"W6-rmsnorm", w6_rmsnorm}, {"W6-colsum", w6_colsum}, {"W6-sum", w6_sum}, {"W7", w7}, {"W7-f64", w7_f64}, {"W8", w8},
      {"W9", w9}, {"W10", w10}, {"W11", w11}, {"W12", w12}};
  for (auto& [name, kernel] : kernels)
    if (name == workload) return kernel;
  return nullptr;
}
