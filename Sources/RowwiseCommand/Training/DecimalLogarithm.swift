#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Powers of ten, for axes.
enum DecimalLogarithm {
  /// log₁₀ x.
  static func of(_ x: Double) -> Double { log10(x) }
}
