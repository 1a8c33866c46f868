import RowwiseKernelInterface
import Testing

@testable import RowwiseLayers

/// What is said of a network's memory, beside what the network then takes.
@Suite struct WorkSpaceTests {
  private func space(_ layers: [any Layer], timesteps: Int, features: Int) throws -> WorkSpace {
    try WorkSpace(of: layers.map(\.specification), timesteps: timesteps, features: features)
  }

  @Test func numbersOfOneLSTM() throws {
    let space = try space(
      [LSTM(16), Dense(10, activation: .softmax)], timesteps: 8, features: 8)
    let weights = 8 * 64 + 16 * 64 + 64 + 16 * 10 + 10
    #expect(space.weightBytes == Double(4 * weights))
    // Input, logits; the LSTM keeps two states only.
    #expect(space.predictionBytes == Double(4 * 74))
    // Besides: gates, h and c; gradients of the logits.
    let numbers = 8 * 8 + 2 * 10 + 8 * 16 * 6
    #expect(space.trainingBytes == Double(4 * numbers))
    #expect(space.multiplications == 8 * WorkSpace.stepOverhead + 160)
  }

  /// A GRU keeps r ⊙ h of every timestep besides, where its reset gate comes first, and one recurrent
  /// sum less.
  @Test func numbersOfResetGates() throws {
    func bytes(_ layer: any Layer) throws -> Double {
      try space([layer, Dense(3, activation: .softmax)], timesteps: 8, features: 8).trainingBytes
    }
    let after = try bytes(GRU(16))
    let before = try bytes(GRU(16, resetAfter: false))
    #expect(after - before == Double(4 * 8 * 16 * (3 - 1)))
  }

  /// An LRU of whose timesteps one comes out has one product with C and one with D.
  @Test func numbersOfOneLRU() throws {
    let output = Dense(10, activation: .softmax)
    let last = try space([LRU(512), output], timesteps: 8, features: 8)
    let weights = 8 * 1024 + 3 * 512 + 1024 * 1024 + 8 * 1024 + 1024 + 512 * 10 + 10
    #expect(last.weightBytes == Double(4 * weights))
    let (state, units) = (RowStride.of(1024), RowStride.of(512))
    #expect(
      last.multiplications
        == Double(8 * max(state * (8 + 2), 16_384) + (state + 8) * 2 * units + 5120))
    #expect(last.predictionBytes == Double(4 * (64 + state + units + 10)))
    let all = try space(
      [LRU(512, returnSequences: true), Pooling(.mean), output], timesteps: 8, features: 8)
    #expect(all.multiplications > 7 * last.multiplications)
    #expect(all.trainingBytes > last.trainingBytes && all.predictionBytes > last.predictionBytes)
  }

  /// Layers that see each timestep or patch by itself keep what comes out of each of their parts.
  @Test func numbersOfPointwiseLayers() throws {
    let output = Dense(3, activation: .softmax)
    func numbers(_ layers: [any Layer]) throws -> Double {
      try space(layers + [Pooling(.mean), output], timesteps: 8, features: 12).predictionBytes / 4
        - space([Pooling(.mean), output], timesteps: 8, features: 12).predictionBytes / 4
    }
    #expect(try numbers([LayerNorm()]) == 8 * 12)
    #expect(try numbers([MLP(2)]) == 8 * (12 + 24 + 12 + 12))
    #expect(try numbers([MLP(2, columns: 3)]) == 8 * (12 + 24 + 12 + 12))
    #expect(try numbers([Dense(5), Dense(12)]) == 8 * (5 + 12))
    #expect(try numbers([Dense(5, columns: 3), Dense(12)]) == 8 * (15 + 12))
    let work = try space(
      [Dense(5, columns: 3), MLP(2, columns: 3), Pooling(.mean), output], timesteps: 8, features: 12
    )
    #expect(
      work.multiplications
        == Double(8 * 3 * (4 * 5 + 2 * 5 * 10) + 8 * 15 + 15 * 3))
    let sweep = try space(
      [Sweep(2, columns: 3, isResidual: true), Flatten(), output], timesteps: 8, features: 12)
    let plain = try space([Sweep(2, columns: 3), Flatten(), output], timesteps: 8, features: 12)
    #expect(sweep.predictionBytes > plain.predictionBytes)
    #expect(sweep.weightBytes > plain.weightBytes)
  }

  @Test func activationBudgetBoundsLSTMs() throws {
    let space = try space(
      [LSTM(128), Dense(10, activation: .softmax)], timesteps: 784, features: 1)
    let whole = space.trainingBytes(batch: 128, activationBudget: 1 << 40)
    let budgeted = space.trainingBytes(batch: 128, activationBudget: 1 << 20)
    #expect(whole > 3e8 && budgeted < 6e6 + 4 * space.weightBytes)
  }

  @Test func claimsBeyondReasonHaveNumbers() throws {
    var gru = Recurrent(.gru, 4, direction: .both)
    gru.returnSequences = true
    let space = try space(
      [gru, Pooling(.attention), Dense(10, activation: .softmax)], timesteps: 4096 * 4096,
      features: 1)
    #expect(space.predictionBytes > 2e9 && space.predictionBytes < 4e9)
    #expect(space.multiplications > 5e11)
    #expect(space.batch(of: 256, within: 1 << 28) == 1)
    let huge = try self.space(
      [LSTM(65_536), Dense(65_536, activation: .softmax)], timesteps: 1 << 24, features: 1)
    #expect(huge.trainingBytes(batch: .max, activationBudget: 0).isFinite)
    #expect(huge.batch(of: .max, within: 1) == 1)
  }

  @Test func batchesFitIntoMemory() throws {
    let space = try space(
      [LSTM(16), Dense(10, activation: .softmax)], timesteps: 8, features: 8)
    #expect(space.batch(of: 256, within: 1 << 28) == 256)
    #expect(space.batch(of: 256, within: 2 * 296) == 2)
    #expect(space.batch(of: 0, within: 1 << 28) == 1)
  }
}
