// e^x, σ and tanh as polynomials, on every path the same, so that one image and a batch of them
// agree bit for bit. Reduction to 2^n e^r, |r| ≤ ln 2 / 2, by Cody & Waite; the polynomials
// e^r ≈ 1 + r + r² q(r) are minimax fits (Lawson's algorithm, Scripts/studies/fit_exponential.py).
// KernelActivationTests asserts the bounds of σ and tanh over all floats in steps, KernelSoftmaxTests
// that of e^x.

/// n = round(y · factor) as a float, and 2^n.
@inline(__always)
private func split(_ y: Vector, times factor: Float) -> (n: Vector, power: Vector) {
  // Adding 1.5 · 2^23 + 127 leaves n + 127 in the low bits of the sum's significand: the exponent
  // field of 2^n.
  let magic = Vector(repeating: 12_583_039)
  let shifted = factor == 1 ? y + magic : fma(y, Vector(repeating: factor), magic)
  let power = unsafeBitCast(shifted, to: IntVector.self) &<< 23
  return (shifted - magic, unsafeBitCast(power, to: Vector.self))
}

/// e^x for x ≤ 88; below −87.3 the smallest normal number stands for less. Within 3.5 ulp as
/// softmax uses it, its division included.
@inline(__always)
func exponential(_ x: Vector) -> Vector {
  let x = maximum(Vector(repeating: -87.3), minimum(Vector(repeating: 88), x))
  let (n, power) = split(x, times: log2e)
  var r = fma(n, Vector(repeating: -0.693_359_375), x)
  r = fma(n, Vector(repeating: 2.121_944_4e-4), r)
  var q = Vector(repeating: 0.001_381_459_121)
  q = fma(q, r, Vector(repeating: 0.008_368_726_038))
  q = fma(q, r, Vector(repeating: 0.041_668_388_79))
  q = fma(q, r, Vector(repeating: 0.166_665_205_6))
  q = fma(q, r, Vector(repeating: 0.499_999_934_4))
  q = fma(q, r * r, r)
  return fma(q, power, power)
}

/// σ(x) = 1 / (1 + e^{−x}).
@inline(__always)
func sigmoid(_ x: Vector) -> Vector {
  let one = Vector(repeating: 1)
  return one / (one + exponential(-x))
}

/// The nearest number with 8 significant bits, ties to even: the upper half of the bits, one more
/// where the lower half weighs more. The NaN that arithmetic makes stays one.
@inline(__always)
func roundedToBFloat16(_ x: Vector) -> Vector {
  let bits = unsafeBitCast(x, to: IntVector.self)
  let odd = (bits &>> 16) & IntVector(repeating: 1)
  let rounded = bits &+ odd &+ IntVector(repeating: 0x7FFF)
  return unsafeBitCast(
    rounded & IntVector(repeating: Int32(bitPattern: 0xFFFF_0000)), to: Vector.self)
}

/// log2 e: what turns a power of e into a power of 2.
@inline(__always) var log2e: Float { 1.442_695_04 }

/// σ(x) = 1 / (1 + 2^y) from y = −x log2 e. The LSTM's packed weights hold the factor, and
/// the remainder r = y − n is exact.
@inline(__always)
func sigmoidOfPower(_ y: Vector) -> Vector {
  let one = Vector(repeating: 1)
  let y = maximum(Vector(repeating: -126), minimum(Vector(repeating: 126), y))
  let (n, power) = split(y, times: 1)
  let r = y - n
  var q = Vector(repeating: 1.532_113_024e-4)
  q = fma(q, r, Vector(repeating: 0.001_339_018_743))
  q = fma(q, r, Vector(repeating: 0.009_618_526_634))
  q = fma(q, r, Vector(repeating: 0.055_503_622_1))
  q = fma(q, r, Vector(repeating: 0.240_226_475_5))
  q = fma(q, r, Vector(repeating: 0.693_147_180_6))
  q = q * r
  return one / (one + fma(q, power, power))
}

/// tanh x = (e^y − 1) / (e^y + 1) from y = 2x, with e^y − 1 formed without cancellation. At most
/// 2.5 ulp off; most of it is the rounding of sum and quotient.
@inline(__always)
func hyperbolicTangentOfHalf(_ y: Vector) -> Vector {
  // From 18.2 on the result is 1 in single precision.
  let y = maximum(Vector(repeating: -20), minimum(Vector(repeating: 20), y))
  let (n, power) = split(y, times: log2e)
  let r = fma(n, Vector(repeating: -0.693_147_18), y)
  var q = Vector(repeating: 0.001_394_646_446)
  q = fma(q, r, Vector(repeating: 0.008_366_593_01))
  q = fma(q, r, Vector(repeating: 0.041_666_281_83))
  q = fma(q, r, Vector(repeating: 0.166_665_429_2))
  q = fma(q, r, Vector(repeating: 0.500_000_006_2))
  q = fma(q, r * r, r)
  let minusOne = fma(q, power, power - Vector(repeating: 1))
  return minusOne / (minusOne + Vector(repeating: 2))
}

/// tanh x, as exact as `hyperbolicTangentOfHalf`.
@inline(__always)
func hyperbolicTangent(_ x: Vector) -> Vector { hyperbolicTangentOfHalf(x + x) }
