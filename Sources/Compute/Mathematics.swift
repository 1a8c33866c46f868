#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// Names of our own, so that the C library's functions need importing in one place only.

/// Natural logarithm.
package func logarithm(_ x: Double) -> Double { log(x) }

/// Cosine of an angle in radians.
package func cosine(_ x: Double) -> Double { cos(x) }

/// e^x − 1, exact also where x is near 0.
package func exponentialMinusOne(_ x: Double) -> Double { expm1(x) }

/// e^x.
package func exponential(_ x: Double) -> Double { exp(x) }

/// Sine of an angle in radians.
package func sine(_ x: Double) -> Double { sin(x) }

/// x to the power of y.
package func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }
