// Primitives that Swift's SIMD types do not compile to single instructions (measured in Swift 6.3:
// pointwiseMin and float-to-int go lane by lane). Clang's ext_vector_type is Swift's SIMDn.
#ifndef CROWWISEINTRINSICS_H
#define CROWWISEINTRINSICS_H

#include <stdbool.h>
#include <stdint.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef float rw_f32x4 __attribute__((ext_vector_type(4)));
typedef float rw_f32x8 __attribute__((ext_vector_type(8)));
typedef float rw_f32x16 __attribute__((ext_vector_type(16)));

#define RW_INLINE static inline __attribute__((always_inline))

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__aarch64__)
#define RW_FMA(a, b, c) __builtin_elementwise_fma(a, b, c)
#else
// No such instruction: a product and a sum, each rounded.
#define RW_FMA(a, b, c) ((a) * (b) + (c))
#endif

#define RW_DEFINE(type)                                                            \
  /* a * b + c, rounded once where the processor can. */                           \
  RW_INLINE type type##_fma(type a, type b, type c) { return RW_FMA(a, b, c); }    \
  RW_INLINE type type##_sqrt(type a) { return __builtin_elementwise_sqrt(a); }

RW_DEFINE(rw_f32x4)
RW_DEFINE(rw_f32x8)
RW_DEFINE(rw_f32x16)

#if defined(__AVX512BF16__)
// s + a1 * b1 + a0 * b0 in every lane, of pairs of bfloat16 numbers.
RW_INLINE rw_f32x16 rw_f32x16_dot(rw_f32x16 s, rw_f32x16 a, rw_f32x16 b) {
  return (rw_f32x16)_mm512_dpbf16_ps((__m512)s, (__m512bh)a, (__m512bh)b);
}
#endif

// Whole numbers in the bits of floats: products of several numbers a lane, summed in 32 bits, exact.

typedef int32_t rw_i32x4 __attribute__((ext_vector_type(4)));
typedef int32_t rw_i32x8 __attribute__((ext_vector_type(8)));
typedef int32_t rw_i32x16 __attribute__((ext_vector_type(16)));
typedef int16_t rw_i16x4 __attribute__((ext_vector_type(4)));
typedef int16_t rw_i16x8 __attribute__((ext_vector_type(8)));

#define RW_DEFINE_WHOLE(lanes)                                                                 \
  /* The numbers as floats. */                                                                 \
  RW_INLINE rw_f32x##lanes rw_f32x##lanes##_of_whole(rw_f32x##lanes bits) {                    \
    return __builtin_convertvector((rw_i32x##lanes)bits, rw_f32x##lanes);                      \
  }                                                                                            \
  /* The larger of each pair of whole numbers. */                                              \
  RW_INLINE rw_f32x##lanes rw_f32x##lanes##_max_whole(rw_f32x##lanes a, rw_f32x##lanes b) {    \
    return (rw_f32x##lanes)__builtin_elementwise_max((rw_i32x##lanes)a, (rw_i32x##lanes)b);    \
  }                                                                                            \
  /* Writes the lower 16 bits of every lane. */                                                \
  RW_INLINE void rw_f32x##lanes##_store_words(void *p, rw_f32x##lanes bits) {                  \
    typedef int16_t words __attribute__((ext_vector_type(lanes)));                             \
    words narrow = __builtin_convertvector((rw_i32x##lanes)bits, words);                       \
    __builtin_memcpy(p, &narrow, sizeof narrow);                                               \
  }
RW_DEFINE_WHOLE(4)
RW_DEFINE_WHOLE(8)
RW_DEFINE_WHOLE(16)

// s + a1 * b1 + a0 * b0 in every lane, of pairs of 16-bit numbers.
RW_INLINE rw_f32x4 rw_f32x4_dot_words(rw_f32x4 s, rw_f32x4 a, rw_f32x4 b) {
#if defined(__x86_64__)
  return (rw_f32x4)_mm_add_epi32((__m128i)s, _mm_madd_epi16((__m128i)a, (__m128i)b));
#else
  rw_i16x8 x = (rw_i16x8)a, y = (rw_i16x8)b;
  rw_i32x4 even = __builtin_convertvector((rw_i16x4)x.even, rw_i32x4) *
                  __builtin_convertvector((rw_i16x4)y.even, rw_i32x4);
  rw_i32x4 odd = __builtin_convertvector((rw_i16x4)x.odd, rw_i32x4) *
                 __builtin_convertvector((rw_i16x4)y.odd, rw_i32x4);
  return (rw_f32x4)((rw_i32x4)s + even + odd);
#endif
}
#if defined(__AVX2__)
RW_INLINE rw_f32x8 rw_f32x8_dot_words(rw_f32x8 s, rw_f32x8 a, rw_f32x8 b) {
  return (rw_f32x8)_mm256_add_epi32((__m256i)s, _mm256_madd_epi16((__m256i)a, (__m256i)b));
}
#endif
#if defined(__AVX512BW__)
RW_INLINE rw_f32x16 rw_f32x16_dot_words(rw_f32x16 s, rw_f32x16 a, rw_f32x16 b) {
  return (rw_f32x16)_mm512_add_epi32((__m512i)s, _mm512_madd_epi16((__m512i)a, (__m512i)b));
}

// s + Σ a_k * b_k in every lane, of four bytes each, a without sign and b with one; sums do not
// saturate. An instruction of AVX512_VNNI, which callers look for first: not by a function of the
// compiler's, for which all of a module's code would have to be for such processors.
RW_INLINE rw_f32x16 rw_f32x16_dot_bytes(rw_f32x16 s, rw_f32x16 a, rw_f32x16 b) {
  __asm__("vpdpbusd %2, %1, %0" : "+v"(s) : "v"(a), "v"(b));
  return s;
}

// Writes the lowest byte of every lane.
RW_INLINE void rw_f32x16_store_bytes(void *p, rw_f32x16 bits) {
  _mm_storeu_si128((__m128i *)p, _mm512_cvtepi32_epi8((__m512i)bits));
}
#endif

// The first lanes of a vector, any number, also negative: read, the rest zero, or written alone. What
// lies beyond is not touched.
#if defined(__AVX2__)
RW_INLINE __m256i rw_first_of_8(long count) {
  int lanes = count >= 8 ? 8 : count <= 0 ? 0 : (int)count;
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(lanes), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
RW_INLINE rw_f32x8 rw_f32x8_load_first(const float *p, long count) {
  return _mm256_maskload_ps(p, rw_first_of_8(count));
}
RW_INLINE void rw_f32x8_store_first(float *p, rw_f32x8 v, long count) {
  _mm256_maskstore_ps(p, rw_first_of_8(count), v);
}
#endif
#if defined(__AVX512F__)
RW_INLINE __mmask16 rw_first_of_16(long count) {
  return count >= 16 ? 0xFFFF : count <= 0 ? 0 : (__mmask16)((1u << count) - 1);
}
RW_INLINE rw_f32x16 rw_f32x16_load_first(const float *p, long count) {
  return _mm512_maskz_loadu_ps(rw_first_of_16(count), p);
}
RW_INLINE void rw_f32x16_store_first(float *p, rw_f32x16 v, long count) {
  _mm512_mask_storeu_ps(p, rw_first_of_16(count), v);
}
#endif

// Minimum and maximum as the processor has them: where x is NaN the result is NaN, so that a
// clamp never hides one.
#if defined(__x86_64__)
#define RW_BOUND(type, wide)                                                        \
  RW_INLINE type type##_min(type bound, type x) { return _mm##wide##_min_ps(bound, x); }    \
  RW_INLINE type type##_max(type bound, type x) { return _mm##wide##_max_ps(bound, x); }
RW_BOUND(rw_f32x4, )
#if defined(__AVX2__)
RW_BOUND(rw_f32x8, 256)
#endif
#if defined(__AVX512F__)
RW_BOUND(rw_f32x16, 512)
#endif
#else
RW_INLINE rw_f32x4 rw_f32x4_min(rw_f32x4 bound, rw_f32x4 x) {
  return __builtin_elementwise_minimum(bound, x);
}
RW_INLINE rw_f32x4 rw_f32x4_max(rw_f32x4 bound, rw_f32x4 x) {
  return __builtin_elementwise_maximum(bound, x);
}
#endif

// Asks for a cache line that is needed soon; any address will do.
RW_INLINE void rw_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

// Asks for it in the second-level cache, where it displaces nothing that is at work.
RW_INLINE void rw_prefetch_second(const void *address) { __builtin_prefetch(address, 0, 2); }

// Tells the processor that a thread is spinning.
RW_INLINE void rw_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __builtin_arm_yield();
#endif
}

// How this thread computes with floats: MXCSR, or FPCR on arm64; 0 elsewhere.
RW_INLINE uint64_t rw_float_mode(void) {
#if defined(__x86_64__)
  uint32_t mode;
  __asm__ volatile("stmxcsr %0" : "=m"(mode) : : "memory");
  return mode;
#elif defined(__aarch64__)
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode) : : "memory");
  return mode;
#else
  return 0;
#endif
}

// Sets that mode. Memory that is read after it is computed with in the new mode.
RW_INLINE void rw_set_float_mode(uint64_t mode) {
#if defined(__x86_64__)
  uint32_t low = (uint32_t)mode;
  __asm__ volatile("ldmxcsr %0" : : "m"(low) : "memory");
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"(mode) : "memory");
#else
  (void)mode;
#endif
}

// The bits of that mode which make denormal numbers zeros: results by FTZ (bit 15 of MXCSR) and
// operands by DAZ (bit 6); both by FZ (bit 24 of FPCR).
RW_INLINE uint64_t rw_flush_bits(void) {
#if defined(__x86_64__)
  return 1 << 15 | 1 << 6;
#elif defined(__aarch64__)
  return 1 << 24;
#else
  return 0;
#endif
}

#if defined(__x86_64__)
// What the processor and the operating system support (cpuid and xgetbv, by the compiler's runtime).
RW_INLINE bool rw_has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi2");
}
RW_INLINE bool rw_has_avx512(void) {
  return rw_has_avx2() && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}
RW_INLINE bool rw_has_avx512_vnni(void) {
  return rw_has_avx512() && __builtin_cpu_supports("avx512vnni");
}
RW_INLINE bool rw_has_avx512_bf16(void) {
  return rw_has_avx512() && __builtin_cpu_supports("avx512bf16");
}
#endif

#endif
