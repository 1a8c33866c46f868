/// How work is cut into pieces, by kernels and by those who call them.
public enum KernelBlocking {
  /// Rows of a batch that kernels take through all timesteps together, so that what they use stays in
  /// the second-level cache.
  @inlinable public static var rows: Int { 48 }
}
