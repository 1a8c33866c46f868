import RowwiseCompute
import RowwiseKernelInterface
import RowwiseWorkers
import Synchronization
import Testing

@testable import RowwiseLayers

/// That passes compute without denormal numbers on every thread, and leave the caller's mode alone.
@Suite struct NetworkDenormalTests {
  /// Counts calls of kernels by whether they found the mode on.
  private final class Witness: Sendable {
    private let on = Atomic<Int>(0)
    private let off = Atomic<Int>(0)

    func note() {
      if flushesDenormals {
        on.add(1, ordering: .sequentiallyConsistent)
      } else {
        off.add(1, ordering: .sequentiallyConsistent)
      }
    }

    /// Calls since the last time.
    func take() -> (on: Int, off: Int) {
      (
        on.exchange(0, ordering: .sequentiallyConsistent),
        off.exchange(0, ordering: .sequentiallyConsistent)
      )
    }

    /// The kernels, every one of which tells this witness first.
    func watch(_ kernels: KernelSet<Float>) -> KernelSet<Float> {
      var watched = kernels
      watched.lstmPack = { [self] in
        note(); kernels.lstmPack($0, $1, $2, $3, $4)
      }
      watched.lstmForward = { [self] in
        note(); kernels.lstmForward($0)
      }
      watched.lstmBackward = { [self] in
        note(); kernels.lstmBackward($0)
      }
      watched.lstmGradient = { [self] in
        note(); kernels.lstmGradient($0, $1)
      }
      watched.densePack = { [self] in
        note(); kernels.densePack($0, $1, $2, $3, $4, $5)
      }
      watched.denseForward = { [self] in
        note(); kernels.denseForward($0, $1)
      }
      watched.denseBackward = { [self] in
        note(); kernels.denseBackward($0, $1)
      }
      watched.denseGradient = { [self] in
        note()
        kernels.denseGradient($0, $1, $2, $3, $4, $5)
      }
      watched.activate = { [self] in
        note(); kernels.activate($0, $1, $2)
      }
      watched.activateBackward = { [self] in
        note(); kernels.activateBackward($0, $1, $2, $3)
      }
      watched.softmax = { [self] in
        note()
        return kernels.softmax($0, $1)
      }
      watched.cells.forward = { [self] in
        note(); kernels.cells.forward($0)
      }
      watched.cells.backward = { [self] in
        note(); kernels.cells.backward($0, $1)
      }
      watched.cells.product = { [self] in
        note(); kernels.cells.product($0, $1, $2, $3)
      }
      watched.cells.add = { [self] in
        note(); kernels.cells.add($0, $1)
      }
      watched.cells.sum = { [self] in
        note(); kernels.cells.sum($0)
      }
      watched.cells.norm.forward = { [self] in
        note(); kernels.cells.norm.forward($0, $1, $2, $3)
      }
      watched.cells.norm.backward = { [self] in
        note(); kernels.cells.norm.backward($0, $1, $2, $3, $4)
      }
      watched.cells.norm.gradient = { [self] in
        note(); kernels.cells.norm.gradient($0, $1, $2, $3, $4, $5)
      }
      watched.cells.pool = { [self] in
        note(); kernels.cells.pool($0)
      }
      watched.cells.poolBackward = { [self] in
        note(); kernels.cells.poolBackward($0, $1)
      }
      return watched
    }
  }

  /// Packing, forward, backward, weight gradients and the loss, whole and by segments; prediction; the
  /// reader of single timesteps.
  @Test(arguments: Stack.allCases, [1, 2, 3])
  func everyKernelFindsTheModeOn(_ stack: Stack, threads: Int) throws {
    let problem = Problem(timesteps: 7, features: 5, count: 100, hasLengths: false, seed: 4)
    let layers = stack.layers(.none, width: 9)
    for budget in [1 << 30, 4000] {
      let witness = Witness()
      let network = try makeNetwork(
        layers, problem, threads: threads, kernels: witness.watch(Float.kernels(upTo: nil)),
        activationBudget: budget)
      func check(_ pass: String) {
        let (on, off) = witness.take()
        #expect(on > 0 && off == 0, "\(stack), \(pass): \(on) on, \(off) off")
        #expect(!flushesDenormals, "the caller's mode is back")
      }
      _ = network.predict(problem.batch())
      check("predict")
      _ = network.gradients(problem.batch(), wantsInputGradient: true)
      check("gradients")
      var loss = LossSettings()
      loss.focalGamma = 2
      _ = network.gradients(problem.batch(), loss: loss)
      check("focal loss")
      guard let reader = try? network.makeReader() else { continue }
      let row = Buffer<Float>(5)
      reader.step(UnsafeBufferPointer(start: row.start, count: 5))
      check("step")
      _ = reader.probabilities()
      check("probabilities")
    }
  }

  /// Inputs of 10⁻³⁸ and less are zeros to every layer and kernel set, and no gradient is a denormal
  /// number, however small the weights are.
  @Test(arguments: NamedKernels.all, Stack.allCases)
  func tinyInputsAreZeros(_ set: NamedKernels, _ stack: Stack) throws {
    var zeros = Problem(timesteps: 7, features: 5, count: 13, hasLengths: true, seed: 4)
    var tiny = zeros
    for i in stride(from: 0, to: zeros.x.count, by: 2) {
      zeros.x[i] = 0
      tiny.x[i] = 1e-38
    }
    let layers = stack.layers(.none, width: 9)
    let network = try makeNetwork(layers, zeros, kernels: set.kernels)
    #expect(run(network, tiny) == run(network, zeros), "\(set.name), \(stack)")
    for parameter in network.parameters {
      network.setValues(network.values(of: parameter).map { $0 * 1e-13 }, of: parameter)
    }
    let outcome = run(network, tiny)
    for (parameter, gradient) in outcome.gradients {
      #expect(
        gradient.allSatisfy { $0.isFinite && !$0.isSubnormal },
        "\(set.name), \(stack), \(parameter)")
    }
    #expect(outcome.inputGradient.allSatisfy { $0.isFinite && !$0.isSubnormal })
  }
}
