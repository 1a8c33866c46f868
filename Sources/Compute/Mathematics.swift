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
