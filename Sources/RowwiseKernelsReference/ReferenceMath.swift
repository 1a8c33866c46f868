import RowwiseSystem

// The C library's functions in Double, rounded once to the scalar: an error of half a unit in the
// last place for Float, and the C library's own for Double. Specialised by name, because a debug
// build compiles file by file and so cannot specialise for callers in other files.

/// e^x.
@specialized(where Scalar == Double)
@specialized(where Scalar == Float)
func exponential<Scalar: BinaryFloatingPoint>(_ x: Scalar) -> Scalar {
  Scalar(exp(Double(x)))
}

/// tanh x.
@specialized(where Scalar == Double)
@specialized(where Scalar == Float)
func hyperbolicTangent<Scalar: BinaryFloatingPoint>(_ x: Scalar) -> Scalar {
  Scalar(tanh(Double(x)))
}

/// σ(x) = 1 / (1 + e^{-x}); written with e^{-|x|} so that small results keep their digits.
@specialized(where Scalar == Double)
@specialized(where Scalar == Float)
func logistic<Scalar: BinaryFloatingPoint>(_ x: Scalar) -> Scalar {
  let e = exp(-abs(Double(x)))
  return Scalar((x < 0 ? e : 1) / (1 + e))
}

/// log σ(x) = −log(1 + e^{−x}), without overflow.
@specialized(where Scalar == Double)
@specialized(where Scalar == Float)
func logLogistic<Scalar: BinaryFloatingPoint>(_ x: Scalar) -> Scalar {
  Scalar(min(Double(x), 0) - log1p(exp(-abs(Double(x)))))
}

/// Natural logarithm.
func naturalLogarithm(_ x: Double) -> Double {
  log(x)
}

/// y[0 ..< count] += a x[0 ..< count].
@specialized(where Scalar == Double)
@specialized(where Scalar == Float)
func addMultiple<Scalar: BinaryFloatingPoint>(
  of x: UnsafePointer<Scalar>, by a: Scalar, to y: UnsafeMutablePointer<Scalar>, count: Int
) {
  for j in 0..<count {
    y[j] += a * x[j]
  }
}

/// Σ x[j] y[j] over 0 ..< count.
@specialized(where Scalar == Double)
@specialized(where Scalar == Float)
func innerProduct<Scalar: BinaryFloatingPoint>(
  _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>, count: Int
) -> Scalar {
  var sum: Scalar = 0
  for j in 0..<count {
    sum += x[j] * y[j]
  }
  return sum
}

/// The nearest number with 8 significant bits, ties to even; by way of Float.
@specialized(where Scalar == Double)
@specialized(where Scalar == Float)
func roundedToBFloat16<Scalar: BinaryFloatingPoint>(_ x: Scalar) -> Scalar {
  let float = Float(x)
  guard float.isFinite else { return Scalar(float) }
  // The step between neighbours is 2^16 units in the last place of Float.
  let bits = float.bitPattern
  let lower = Float(bitPattern: bits & 0xFFFF_0000)
  let rest = bits & 0xFFFF
  let up = rest > 0x8000 || (rest == 0x8000 && bits & 0x1_0000 != 0)
  return Scalar(up ? Float(bitPattern: (bits & 0xFFFF_0000) &+ 0x1_0000) : lower)
}
