import ArgumentParser
import Compute
import KernelInterface

/// Options about the machine.
struct EngineOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp("Threads to use; no result depends on it. (default: all cores)"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "The fastest instruction set to use, for tests and benchmarks.", visibility: .hidden))
  var instructionSet: InstructionSet?

  @Option(
    help: """
      What the products of LSTM layers are formed in: float32, or bfloat16, which rounds the \
      factors to 8 significant bits, is faster where the processor has instructions for it, and \
      reads single images faster everywhere. Other layers, and LSTMs with coupled, layer-norm, zoneout \
      or recurrent-dropout, always use float32.
      """)
  var precision = Precision.float32

  /// Threads asked for, or as many as the machine runs at once.
  var threadCount: Int { threads ?? WorkerPool.availableThreads }

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be from 1 to 1024, got \(threads)")
    }
  }
}

extension InstructionSet: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
