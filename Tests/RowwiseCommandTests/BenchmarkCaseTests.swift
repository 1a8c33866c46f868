import RowwiseLayers
import RowwiseWorkers
import Testing

@testable import RowwiseCommand

struct BenchmarkCaseTests {
  /// Products counted by hand: 2 (D + H) 4H T, the second layer's D being H.
  @Test(arguments: [
    ("I1_b1", 2 * (28 + 128) * 512 * 28), ("R1_b1", 2 * (28 + 128) * 512),
    ("T1_b32", 3 * 2 * (28 + 128) * 512 * 28),
    ("T2_b128", 3 * 2 * (28 + 128 + 128 + 128) * 512 * 28),
    ("T3_b128", 3 * 2 * (28 + 256 + 256 + 256) * 1024 * 28),
    ("T4_b128", 3 * 2 * (1 + 128) * 512 * 784),
    ("E1_b64", 2 * 2 * (28 + 128) * 512 * 28),
    ("T5_b128", 3 * 2 * 2 * (28 + 128) * 512 * 28),
    ("T6_b64", 3 * 2 * (28 + 512) * 2048 * 28),
    ("T7_b64", 3 * 2 * (28 + 1024) * 4096 * 28),
    ("T8_b128", 3 * 2 * 2 * (28 + 256 + 3 * (512 + 256)) * 1024 * 28),
    ("I2_b1", 2 * (28 + 512) * 2048 * 28),
    ("I3_b32", 2 * (28 + 1024 + 1024 + 1024) * 4096 * 28),
  ])
  func operationsAreThoseOfTheProducts(name: String, expected: Int) throws {
    let example = try #require(BenchmarkCase.named(name))
    #expect(example.operationsPerSample == Double(expected))
  }

  /// The weight matrices of T4s are a hundredth of T4's, its biases the same, so that gradients vanish.
  @Test func smallWeightsMakeGradientsVanish() throws {
    let pool = WorkerPool(threads: 1)
    func network(_ name: String) throws -> (BenchmarkCase, Network<Float>) {
      let example = try #require(BenchmarkCase.named(name))
      let network = try Network<Float>(
        example.layers, timesteps: example.timesteps, features: example.features, seed: 0,
        pool: pool)
      example.scaleWeights(of: network)
      return (example, network)
    }
    let (ordinary, plain) = try network("T4_b128")
    let (vanishing, scaled) = try network("T4s_b128")
    #expect(vanishing.operationsPerSample == ordinary.operationsPerSample)
    for parameter in plain.parameters {
      let factor: Float = parameter.shape.count > 1 ? 0.01 : 1
      #expect(scaled.values(of: parameter) == plain.values(of: parameter).map { $0 * factor })
    }
    let batch = BenchmarkBatch.make(timesteps: 784, features: 1, count: 2)
    _ = scaled.gradients(batch, wantsInputGradient: true)
    #expect(scaled.inputGradient.prefix(400).allSatisfy { $0 == 0 })
    #expect(scaled.inputGradient.suffix(4).allSatisfy { $0 != 0 })
  }

  @Test func namesAreUniqueAndSayTheBatch() {
    let names = BenchmarkCase.all.map(\.name)
    #expect(Set(names).count == names.count)
    for example in BenchmarkCase.all {
      #expect(example.name.hasSuffix("_b\(example.batch)"))
      let letter =
        switch example.work {
        case .training: "T"
        case .inference: "I"
        case .reading: "R"
        case .evidence: "E"
        }
      #expect(example.name.hasPrefix(letter))
    }
    #expect(BenchmarkCase.named("T9_b1") == nil)
  }
}
