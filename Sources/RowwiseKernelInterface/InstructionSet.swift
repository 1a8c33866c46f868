/// The instruction sets that kernels exist for, slowest first.
public enum InstructionSet: String, Codable, Sendable, CaseIterable, Comparable {
  /// What every processor of the architecture has (SSE2; NEON on arm64).
  case baseline
  /// x86-64-v3: AVX2 with fused multiply-add.
  case avx2
  /// x86-64-v4: AVX-512.
  case avx512
  /// AVX-512 with its bfloat16 instructions.
  case avx512bf16

  /// Slower sets come first.
  public static func < (a: InstructionSet, b: InstructionSet) -> Bool {
    a.rank < b.rank
  }

  private var rank: Int {
    switch self {
    case .baseline: 0
    case .avx2: 1
    case .avx512: 2
    case .avx512bf16: 3
    }
  }
}
