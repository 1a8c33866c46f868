import Foundation
import RowwiseCompute
import RowwiseKernelInterface
import RowwiseLayers
import Testing

/// Cases of Fixtures/losses_*.json; Scripts/golden_training_*.py make them.
private struct GoldenLosses: Decodable {
  struct Case: Decodable {
    var name: String
    var smoothing: Double
    var gamma: Double
    var weights: [Double]?
    var losses: [Double]
    var gradient: [Double]

    var settings: LossSettings {
      var settings = LossSettings()
      settings.labelSmoothing = smoothing
      settings.focalGamma = gamma
      settings.classWeights = weights
      return settings
    }
  }
  struct Mixed: Decodable {
    var second: [Int]
    var share: [Double]
    var losses: [Double]
    var gradient: [Double]
  }
  struct Taught: Decodable {
    var weight: Double
    var temperature: Double
    var smoothing: Double
    var probabilities: [Double]
    var losses: [Double]
    var gradient: [Double]
  }
  var rows: Int
  var classes: Int
  var logits: [Double]
  var labels: [Int]
  var cases: [Case]
  var mixed: Mixed?
  var taught: [Taught]?
}

/// The loss and its variations against PyTorch, Keras and central differences.
@Suite struct SequenceLossTests {
  private static func file(_ name: String) throws -> GoldenLosses {
    let url = try #require(
      Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(GoldenLosses.self, from: Data(contentsOf: url))
  }

  /// Loss, gradient and probabilities of a sequence.
  private func run<Scalar: ComputeScalar>(
    _ sequence: SequenceLoss, _ logits: [Double], scale: Double = 1, _ type: Scalar.Type
  ) -> (loss: Double, gradient: [Double], probabilities: [Double]) {
    var values = logits.map { Scalar($0) }
    var gradient = [Scalar](repeating: 0, count: logits.count)
    let loss = values.withUnsafeMutableBufferPointer { values in
      gradient.withUnsafeMutableBufferPointer { gradient in
        guard let z = values.baseAddress, let d = gradient.baseAddress else { return 0.0 }
        return sequence.differentiate(
          z, d, count: logits.count, scale: scale, kernels: Scalar.kernels(upTo: nil))
      }
    }
    return (loss, gradient.map { Double($0) }, values.map { Double($0) })
  }

  @Test(arguments: ["losses_torch", "losses_keras"])
  func agreesWithOthers(_ name: String) throws {
    let file = try Self.file(name)
    // Keras clips probabilities at 1e-15, which is why its cases have no extreme logits.
    for golden in file.cases {
      for n in 0..<file.rows {
        let range = n * file.classes..<(n + 1) * file.classes
        let sequence = SequenceLoss(golden.settings, label: file.labels[n])
        let exact = run(sequence, Array(file.logits[range]), Double.self)
        let fast = run(sequence, Array(file.logits[range]), Float.self)
        #expect(
          abs(exact.loss - golden.losses[n]) < 1e-10 * max(1, golden.losses[n]),
          "\(golden.name), sequence \(n)")
        #expect(abs(fast.loss - golden.losses[n]) < 1e-5 * max(1, golden.losses[n]))
        for (k, expected) in golden.gradient[range].enumerated() {
          #expect(
            abs(exact.gradient[k] - expected) < 1e-10, "\(golden.name), sequence \(n), class \(k)")
          #expect(
            abs(fast.gradient[k] - expected) < 1e-5, "\(golden.name), sequence \(n), class \(k)")
        }
      }
    }
  }

  @Test func twoLabelsAreSoftTargets() throws {
    let file = try Self.file("losses_torch")
    let mixed = try #require(file.mixed)
    for n in 0..<file.rows {
      let range = n * file.classes..<(n + 1) * file.classes
      let sequence = SequenceLoss(
        LossSettings(), label: file.labels[n], second: mixed.second[n], share: mixed.share[n])
      let exact = run(sequence, Array(file.logits[range]), Double.self)
      #expect(abs(exact.loss - mixed.losses[n]) < 1e-10 * max(1, mixed.losses[n]))
      for (k, expected) in mixed.gradient[range].enumerated() {
        #expect(abs(exact.gradient[k] - expected) < 1e-10)
      }
    }
  }

  @Test func teachersTeachAsInPyTorch() throws {
    let file = try Self.file("losses_torch")
    for golden in try #require(file.taught) {
      var settings = LossSettings()
      settings.labelSmoothing = golden.smoothing
      settings.distillation = Distillation(
        weight: golden.weight, temperature: golden.temperature)
      let name = "weight \(golden.weight), temperature \(golden.temperature)"
      for n in 0..<file.rows {
        let range = n * file.classes..<(n + 1) * file.classes
        let taught = golden.probabilities[range].map { Float($0) }
        let sequence = SequenceLoss(settings, label: file.labels[n], taught: taught[...])
        let exact = run(sequence, Array(file.logits[range]), Double.self)
        let fast = run(sequence, Array(file.logits[range]), Float.self)
        #expect(
          abs(exact.loss - golden.losses[n]) < 1e-10 * max(1, golden.losses[n]), "\(name)")
        #expect(abs(fast.loss - golden.losses[n]) < 1e-5 * max(1, golden.losses[n]), "\(name)")
        for (k, expected) in golden.gradient[range].enumerated() {
          #expect(abs(exact.gradient[k] - expected) < 1e-10, "\(name), sequence \(n), class \(k)")
          #expect(abs(fast.gradient[k] - expected) < 1e-5, "\(name), sequence \(n), class \(k)")
        }
      }
    }
  }

  /// Who is as the teacher is has nothing to learn of it, and a probability of 0 says nothing.
  @Test func nothingIsLearnedFromOneself() {
    var settings = LossSettings()
    settings.distillation = Distillation(weight: 1, temperature: 3)
    let probabilities: [Float] = [0.5, 0.25, 0.125, 0.125]
    let alike = SequenceLoss(settings, label: 0, taught: probabilities[...])
    let result = run(alike, probabilities.map { Double($0) }.map(log), Double.self)
    #expect(abs(result.loss) < 1e-15 && result.gradient.allSatisfy { abs($0) < 1e-15 })
    let sure = SequenceLoss(settings, label: 0, taught: [1, 0, 0, 0])
    let other = run(sure, [1, 2, 3, 4], Float.self)
    #expect(other.loss.isFinite && other.gradient.allSatisfy(\.isFinite))
  }

  /// Everything at once, also far from where probabilities can be told from 0 and 1.
  @Test(arguments: [nil, Distillation(weight: 0.4, temperature: 3)])
  func gradientsAreThoseOfTheLoss(_ distillation: Distillation?) {
    var settings = LossSettings()
    settings.classWeights = [0.5, 2, 1, 3, 1]
    settings.distillation = distillation
    for gamma in [0, 0.5, 1, 2, 5] {
      for smoothing in [0, 0.2] {
        (settings.focalGamma, settings.labelSmoothing) = (gamma, smoothing)
        let sequence = SequenceLoss(
          settings, label: 3, second: 1, share: 0.7, taught: [0.6, 0.1, 0.25, 0.05, 0])
        for logits in [[0.3, -1, 2, 0.5, -0.2], [6, -6, 3, 5, 0], [0, 0, 0, 9, 0]] {
          let gradient = run(sequence, logits, scale: 0.25, Double.self).gradient
          for k in logits.indices {
            var (up, down) = (logits, logits)
            up[k] += 1e-5
            down[k] -= 1e-5
            let difference =
              (run(sequence, up, Double.self).loss - run(sequence, down, Double.self).loss) / 2e-5
            #expect(
              abs(gradient[k] - 0.25 * difference) < 1e-7,
              "gamma \(gamma), smoothing \(smoothing), \(logits), class \(k)")
          }
        }
      }
    }
  }

  @Test func extremesStayFinite() {
    var settings = LossSettings()
    settings.focalGamma = 0.5
    for logits in [[500.0, -500, 0], [-500, 500, 0], [0, 0, 0]] {
      let result = run(SequenceLoss(settings, label: 0), logits, Float.self)
      #expect(result.loss.isFinite && result.gradient.allSatisfy(\.isFinite), "\(logits)")
      #expect(abs(result.probabilities.reduce(0, +) - 1) < 1e-6)
    }
  }
}
