import Foundation
import RowwiseCompute
import RowwiseKernelInterface
import RowwiseRandomness
import RowwiseWorkers
import Testing

@testable import RowwiseLayers

/// Gradients of the log-odds of a class by the input.
@Suite struct OutputGradientTests {
  private static func problem(_ hasLengths: Bool) -> Problem {
    Problem(timesteps: 5, features: 3, count: hasLengths ? 5 : 3, hasLengths: hasLengths)
  }

  private static func classes(_ problem: Problem) -> [Int] { (0..<problem.count).map { $0 % 3 } }

  /// F of every sequence, as prediction has it.
  private static func logOdds<Scalar: ComputeScalar>(
    _ network: Network<Scalar>, _ batch: SequenceBatch<Scalar>, _ classes: [Int]
  ) -> [Double] {
    network.withLogits(of: batch) { logits in
      classes.enumerated().map { n, k in
        LogOdds.value(UnsafeBufferPointer(rebasing: logits[3 * n..<3 * n + 3]), of: k)
      }
    }
  }

  /// In Double against central differences of what prediction says: every kind of layer, those with
  /// dropout and zoneout too, which are as in prediction.
  @Test(arguments: NetworkCase.all)
  func everyInput(_ item: NetworkCase) throws {
    let problem = Self.problem(item.hasLengths)
    let network: Network<Double> = try makeNetwork(item.layers, problem)
    let batch: SequenceBatch<Double> = problem.batch()
    let classes = Self.classes(problem)
    let found = network.outputGradients(batch, of: classes)
    for (a, b) in zip(found.logOdds, Self.logOdds(network, batch, classes)) {
      #expect(abs(a - b) <= 1e-12 * max(1, abs(b)), "\(item.testDescription)")
    }
    let (h, tolerance) = NetworkGradientTests.step(item.stack)
    for i in problem.x.indices {
      let n = i / problem.features % problem.count
      func value(_ change: Double) -> Double {
        batch.inputs.start[i] = problem.x[i] + change
        return Self.logOdds(network, batch, classes)[n]
      }
      let numeric = (8 * (value(h) - value(-h)) - (value(2 * h) - value(-2 * h))) / (12 * h)
      batch.inputs.start[i] = problem.x[i]
      let error =
        abs(found.gradients[i] - numeric) / max(abs(found.gradients[i]), abs(numeric), 1e-3)
      #expect(
        error < tolerance,
        "\(item.testDescription), x[\(i)]: \(found.gradients[i]), by differences \(numeric)")
    }
  }

  /// In Float, with every instruction set, against Double.
  @Test(arguments: NamedKernels.all)
  func everyInstructionSet(_ set: NamedKernels) throws {
    for item in NetworkCase.all {
      let problem = Self.problem(item.hasLengths)
      let exact: Network<Double> = try makeNetwork(item.layers, problem)
      let network = try makeNetwork(item.layers, problem, threads: 2, kernels: set.kernels)
      let classes = Self.classes(problem)
      let expected = exact.outputGradients(problem.batch(), of: classes)
      let found = network.outputGradients(problem.batch(), of: classes)
      #expect(
        scaledDifference(found.gradients, expected.gradients) < 5e-5,
        "\(set.name), \(item.testDescription)")
      #expect(
        scaledDifference(found.logOdds, expected.logOdds) < 5e-5,
        "\(set.name), \(item.testDescription)")
    }
  }

  /// The bits do not depend on threads, nor on what was done before; the weights' gradients and the
  /// training that goes on notice nothing.
  @Test(arguments: Stack.allCases)
  func nothingElseChanges(_ stack: Stack) throws {
    let problem = Problem(timesteps: 6, features: 4, count: 9, hasLengths: stack != .flatten)
    let classes = Self.classes(problem)
    let layers = stack.layers(stack.hasPeepholes ? .full : .none, width: 7)
    let network: Network<Float> = try makeNetwork(layers, problem)
    let alone = network.outputGradients(problem.batch(), of: classes)
    let trained = run(network, problem)
    let again = network.outputGradients(problem.batch(), of: classes)
    #expect(again.gradients == alone.gradients && again.logOdds == alone.logOdds, "\(stack)")
    for parameter in network.parameters {
      #expect(network.gradient(of: parameter) == trained.gradients[parameter.name], "\(stack)")
    }
    #expect(network.inputGradient == trained.inputGradient)
    #expect(run(network, problem) == trained, "\(stack)")
    let other: Network<Float> = try makeNetwork(layers, problem, threads: 3)
    #expect(other.outputGradients(problem.batch(), of: classes).gradients == alone.gradients)
  }

  /// Also a sequence so long that training would go through it in segments.
  @Test func longSequencesAreKeptWhole() throws {
    let problem = Problem(timesteps: 40, features: 3, count: 5)
    let layers: [any Layer] =
      [LSTM(8, returnSequences: true), LSTM(8)] + [Dense(3, activation: .softmax)]
    let whole: Network<Float> = try makeNetwork(layers, problem)
    let cut: Network<Float> = try makeNetwork(layers, problem, activationBudget: 4000)
    let classes = Self.classes(problem)
    #expect(
      cut.outputGradients(problem.batch(), of: classes).gradients
        == whole.outputGradients(problem.batch(), of: classes).gradients)
    _ = run(cut, problem)
  }

  /// Beside tasks that predict.
  @Test func besidePredictions() async throws {
    let problem = Problem(timesteps: 7, features: 5, count: 20)
    let network = try makeNetwork(
      Stack.layerNormalized.layers(.none, width: 9), problem, threads: 2,
      kernels: Float.kernels(upTo: nil))
    let classes = Self.classes(problem)
    let expected = (
      network.predict(problem.batch()),
      network.outputGradients(problem.batch(), of: classes).gradients
    )
    let wrong = await withTaskGroup(of: Int.self) { group in
      for task in 0..<6 {
        group.addTask {
          var wrong = 0
          for _ in 0..<20 {
            if task % 2 == 0 {
              if network.predict(problem.batch()) != expected.0 { wrong += 1 }
            } else if network.outputGradients(problem.batch(), of: classes).gradients != expected.1
            {
              wrong += 1
            }
          }
          return wrong
        }
      }
      return await group.reduce(0, +)
    }
    #expect(wrong == 0)
  }

  /// Where probabilities have vanished in Float, log-odds and their gradients have not.
  @Test func saturatedOutputsKeepTheirOdds() {
    let logits: [Float] = [120, 0, -1, -2]
    let others = log(1 + exp(-1.0) + exp(-2.0))
    logits.withUnsafeBufferPointer { logits in
      #expect(abs(LogOdds.value(logits, of: 0) - (120 - others)) < 1e-9)
      #expect(abs(LogOdds.value(logits, of: 3) - (-2 - 120)) < 1e-9)
      var gradient = [Float](repeating: 0, count: 4)
      LogOdds.differentiate(logits, of: 0, into: &gradient)
      #expect(gradient[0] == 1 && abs(gradient[1...].reduce(0, +) + 1) < 1e-6)
    }
  }
}
