import RowwiseCompute
import RowwiseKernelInterface
import RowwiseLayers
import Testing

/// A network's results by an independent implementation; the scripts in Scripts/goldens make them.
protocol GoldenResults {
  var name: String { get }
  var batch: Int { get }
  var loss: Double { get }
  var probabilities: [Double] { get }
  var dx: [Double] { get }
  var parameters: [GoldenNetwork.Parameter] { get }
  /// All layers.
  var stack: [any RowwiseLayers.Layer] { get }
  var problem: Problem { get }
  var lossSettings: LossSettings { get }
}

extension GoldenResults {
  var lossSettings: LossSettings { LossSettings() }
}

/// Expects a network of the same weights to have the same loss, probabilities and gradients.
///
/// - Parameter kernels: nil: those of the machine.
func check<Scalar: ComputeScalar>(
  _ golden: some GoldenResults, _ type: Network<Scalar>.Type, tolerance: Double,
  kernels: KernelSet<Scalar>? = nil
) throws {
  let name = golden.name
  let network: Network<Scalar> = try makeNetwork(golden.stack, golden.problem, kernels: kernels)
  #expect(network.parameters.map(\.name) == golden.parameters.map(\.name), "\(name)")
  #expect(network.parameters.map(\.shape) == golden.parameters.map(\.shape), "\(name)")
  for (parameter, values) in zip(network.parameters, golden.parameters) {
    network.setValues(values.values.map { Scalar($0) }, of: parameter)
  }
  let outcome = run(network, golden.problem, loss: golden.lossSettings)
  #expect(abs(outcome.lossSum / Double(golden.batch) - golden.loss) < tolerance, "\(name)")
  #expect(scaledDifference(outcome.probabilities, golden.probabilities) < tolerance, "\(name)")
  #expect(scaledDifference(outcome.inputGradient, golden.dx) < tolerance, "\(name), x")
  for parameter in golden.parameters {
    let gradient = try #require(outcome.gradients[parameter.name])
    let error = scaledDifference(gradient, parameter.gradient)
    #expect(error < tolerance, "\(name), \(parameter.name): off by \(error)")
  }
}

/// Expects every gradient, by weights and by the input, to be what fourth-order central differences give.
///
/// - Parameters:
///   - h: the step; a small one crosses no kink.
///   - tolerance: of the difference, to the larger of both.
///   - reachesAll: whether every array must have a gradient: relu may let nothing through.
func checkDifferences(
  _ layers: [any RowwiseLayers.Layer], _ problem: Problem, h: Double, tolerance: Double,
  reachesAll: Bool = false
) throws {
  let network: Network<Double> = try makeNetwork(layers, problem)
  let batch: SequenceBatch<Double> = problem.batch()
  let outcome = run(network, problem)
  func check(_ exact: Double, _ name: String, _ change: (Double) -> Double) {
    let numeric =
      (8 * (change(h) - change(-h)) - (change(2 * h) - change(-2 * h))) / (12 * h) / 2
    #expect(
      abs(exact - numeric) / max(abs(exact), abs(numeric), 1e-3) < tolerance,
      "\(name): \(exact), by differences \(numeric)")
  }
  for parameter in network.parameters {
    let values = network.values(of: parameter)
    let gradient = try #require(outcome.gradients[parameter.name])
    if reachesAll {
      #expect(gradient.contains { abs($0) > 1e-4 }, "nothing reaches \(parameter.name)")
    }
    for i in values.indices {
      check(gradient[i], "\(parameter.name)[\(i)]") { change in
        var changed = values
        changed[i] += change
        network.setValues(changed, of: parameter)
        return network.gradients(batch, step: 3).lossSum
      }
    }
    network.setValues(values, of: parameter)
  }
  for i in problem.x.indices {
    check(outcome.inputGradient[i], "x[\(i)]") { change in
      batch.inputs.start[i] = problem.x[i] + change
      defer { batch.inputs.start[i] = problem.x[i] }
      return network.gradients(batch, step: 3).lossSum
    }
  }
}

/// Expects the same bits of any number of threads, and of sequences one by one.
func checkThreadsAndBatches(
  _ layers: [any RowwiseLayers.Layer], _ problem: Problem, _ set: NamedKernels
) throws {
  let one = run(try makeNetwork(layers, problem, kernels: set.kernels), problem)
  for threads in [2, 3, 16] {
    let network = try makeNetwork(layers, problem, threads: threads, kernels: set.kernels)
    #expect(run(network, problem) == one, "\(set.name), \(threads) threads")
  }
  let network = try makeNetwork(layers, problem, kernels: set.kernels)
  let alone = (0..<problem.count).flatMap { run(network, problem.row($0)).probabilities }
  #expect(alone == one.probabilities, "\(set.name)")
}
