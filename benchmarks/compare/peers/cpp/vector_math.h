// Functions over 16 floats at once. As exact as hand-written loops usually are: a few units in the last place, no care for infinities.
#pragma once
#include <immintrin.h>

#include "coefficients.h"

using Floats = __m512;
using Mask = __mmask16;
constexpr Mask ALL = 0xffff;

static inline Floats all(float value) { return _mm512_set1_ps(value); }
static inline Floats fma(Floats a, Floats b, Floats c) { return _mm512_fmadd_ps(a, b, c); }

template <int N>
static inline Floats polynomial(const float (&coefficients)[N], Floats x) {
  Floats sum = all(coefficients[N - 1]);
#pragma GCC unroll 16
  for (int i = N - 2; i >= 0; i--) sum = fma(sum, x, all(coefficients[i]));
  return sum;
}

static inline Floats clamp(Floats x, float low, float high) { return _mm512_min_ps(all(high), _mm512_max_ps(all(low), x)); }

// e^x = 2^k e^r with |r| at most half of ln 2, which is subtracted in two parts.
static inline Floats exp(Floats x) {
  x = clamp(x, -104.0f, 89.0f);
  Floats k = _mm512_roundscale_ps(_mm512_mul_ps(x, all(1.4426950408889634f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  Floats r = _mm512_fnmadd_ps(k, all(0.693359375f), x);
  r = _mm512_fnmadd_ps(k, all(-2.1219444e-4f), r);
  Floats rest = fma(polynomial(EXP, r), _mm512_mul_ps(r, r), r);
  return _mm512_scalef_ps(_mm512_add_ps(rest, all(1.0f)), k);
}

static inline Floats negated(Floats x) { return _mm512_sub_ps(_mm512_setzero_ps(), x); }

static inline Floats sigmoid(Floats x) { return _mm512_div_ps(all(1.0f), _mm512_add_ps(all(1.0f), exp(negated(x)))); }

static inline Floats tanh(Floats x) {
  Floats inside = clamp(x, -9.0f, 9.0f), z = _mm512_mul_ps(inside, inside);
  return _mm512_div_ps(_mm512_mul_ps(inside, polynomial(TANH_TOP, z)), polynomial(TANH_BOTTOM, z));
}

static inline Floats erf(Floats x) {
  Floats inside = clamp(x, -4.0f, 4.0f), z = _mm512_mul_ps(inside, inside);
  return _mm512_div_ps(_mm512_mul_ps(inside, polynomial(ERF_TOP, z)), polynomial(ERF_BOTTOM, z));
}

// log(2^e m) with m between the root of one half and the root of two; for positive x.
static inline Floats log(Floats x) {
  Floats e = _mm512_getexp_ps(x), m = _mm512_getmant_ps(x, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_nan);
  Mask high = _mm512_cmp_ps_mask(m, all(1.41421356f), _CMP_GT_OQ);
  m = _mm512_mask_mul_ps(m, high, m, all(0.5f));
  e = _mm512_mask_add_ps(e, high, e, all(1.0f));
  Floats f = _mm512_sub_ps(m, all(1.0f)), z = _mm512_mul_ps(f, f);
  Floats rest = _mm512_mul_ps(_mm512_mul_ps(polynomial(LOG, f), f), z);
  rest = _mm512_fnmadd_ps(all(0.5f), z, fma(e, all(-2.1219444e-4f), rest));
  return fma(e, all(0.693359375f), _mm512_add_ps(f, rest));
}

// Distribution function of the standard normal.
static inline Floats normal(Floats d) {
  Floats half = all(0.5f);
  return fma(erf(_mm512_mul_ps(d, all(0.70710678f))), half, half);
}

// glibc's vector functions of 8 doubles.
extern "C" __m512d _ZGVeN8v_exp(__m512d);
extern "C" __m512d _ZGVeN8v_log(__m512d);
extern "C" __m512d _ZGVeN8v_erf(__m512d);
