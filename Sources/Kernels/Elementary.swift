// e^x, σ and tanh as polynomials, on every path the same, so that one image and a batch of them
// agree bit for bit. Reduction to 2^n e^r, |r| ≤ ln 2 / 2, by Cody & Waite; the polynomials
// e^r ≈ 1 + r + r² q(r) are minimax fits (Lawson's algorithm, Scripts/fit_exponential.py).
// KernelActivationTests asserts the bounds of σ and tanh over all floats in steps, KernelSoftmaxTests
// that of e^x.

/// n = round(x / ln 2) as a float, and 2^n.
@inline(__always)
private func split(_ scaled: Vector) -> (n: Vector, power: Vector) {
  // Adding 1.5 · 2^23 leaves n in the low bits of the sum's significand.
  let magic = Vector(repeating: 12_582_912)
  let shifted = scaled + magic
  let bits = unsafeBitCast(shifted, to: IntVector.self)
  let power = (bits &<< 23) &+ IntVector(repeating: 0x3F80_0000)
  return (shifted - magic, unsafeBitCast(power, to: Vector.self))
}

/// e^x for x ≤ 88; below −87.3 the smallest normal number stands for less. Within 3.5 ulp as
/// softmax uses it, its division included.
@inline(__always)
func exponential(_ x: Vector) -> Vector {
  let x = maximum(Vector(repeating: -87.3), minimum(Vector(repeating: 88), x))
  let (n, power) = split(x * Vector(repeating: 1.442_695_04))
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

/// tanh |x| = (e^{2|x|} − 1) / (e^{2|x|} + 1), from e^{2|x|} − 1 without cancellation, and the sign
/// of x: exactly odd. At most 2.5 ulp off; most of it is the rounding of sum and quotient.
@inline(__always)
func hyperbolicTangent(_ x: Vector) -> Vector {
  let bits = unsafeBitCast(x, to: IntVector.self)
  let size = unsafeBitCast(bits & IntVector(repeating: 0x7FFF_FFFF), to: Vector.self)
  // From 9.1 on the result is 1 in single precision.
  let y = minimum(Vector(repeating: 20), size + size)
  let (n, power) = split(y * Vector(repeating: 1.442_695_04))
  let r = fma(n, Vector(repeating: -0.693_147_18), y)
  var q = Vector(repeating: 0.001_394_646_446)
  q = fma(q, r, Vector(repeating: 0.008_366_593_01))
  q = fma(q, r, Vector(repeating: 0.041_666_281_83))
  q = fma(q, r, Vector(repeating: 0.166_665_429_2))
  q = fma(q, r, Vector(repeating: 0.500_000_006_2))
  q = fma(q, r * r, r)
  let minusOne = fma(q, power, power - Vector(repeating: 1))
  let result = minusOne / (minusOne + Vector(repeating: 2))
  let sign = bits & IntVector(repeating: Int32.min)
  return unsafeBitCast(unsafeBitCast(result, to: IntVector.self) | sign, to: Vector.self)
}
