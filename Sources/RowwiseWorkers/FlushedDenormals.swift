import CRowwiseIntrinsics

/// Calls `body` with denormal numbers taken for zeros, and restores the caller's mode after it.
///
/// Numbers below the smallest normal one, 1.2 · 10⁻³⁸ for `Float`, have an encoding of their own, for
/// which many processors leave their arithmetic units: on an Intel Xeon training steps over 784
/// timesteps, in which gradients vanish, ran at a twentieth of their speed. Nothing that is learned
/// depends on such numbers. In `body` they count as zeros of the same sign where they are operands
/// and become such where they are results; what is only copied or rounded by integer operations stays.
///
/// Everything that the engine computes runs so: `WorkerPool.run` does it on every thread, so that bits
/// do not depend on which one computes.
package func withFlushedDenormals<Result, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  let mode = rw_float_mode()
  rw_set_float_mode(mode | rw_flush_bits())
  defer { rw_set_float_mode(mode) }
  return try body()
}

/// Does so from now on, for a thread that belongs to the engine.
func flushDenormalsFromNowOn() { rw_set_float_mode(rw_float_mode() | rw_flush_bits()) }

/// Whether this thread takes denormal numbers for zeros.
package var flushesDenormals: Bool {
  rw_float_mode() & rw_flush_bits() == rw_flush_bits()
}
