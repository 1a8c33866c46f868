#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The natural logarithm, from the system's mathematics library.
func naturalLogarithm(_ value: Double) -> Double { log(value) }

/// e to the power of `value`, from the system's mathematics library.
func exponential(_ value: Double) -> Double { exp(value) }

/// 1 − erf(value), from the system's mathematics library.
func complementaryError(_ value: Double) -> Double { erfc(value) }
