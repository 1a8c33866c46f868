// How far gradients flow back through 784 timesteps, and what helps them:
// swift run -c release GradientFlow [FOLDER]
// See README.md beside this file.
import RowwiseDatasetLoading
import RowwiseLayers
import RowwiseTraining
import RowwiseWorkers

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A part that the program cannot do without.
struct DatasetPartMissing: Error {
  let part: DatasetPart
}

/// The digits at 28 × 28, one pixel a timestep.
func pixels(_ part: DatasetPart) throws -> PixelSource {
  var options = DatasetOptions()
  options.width = 28
  options.height = 28
  // Looked for in the folder `Datasets` of the current one.
  let data = try DatasetLoader.open("digits", options: options)
  guard let dataset = data.parts[part] else { throw DatasetPartMissing(part: part) }
  return try PixelSource(dataset)
}

func fixed(_ value: Double, _ decimals: Int) -> String {
  guard value.isFinite else { return "\(value)" }
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let digits = "\(Int((abs(value) * scale).rounded()))"
  let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
  let sign = value < 0 ? "-" : ""
  guard decimals > 0 else { return sign + padded }
  return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
}

func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

let folder = CommandLine.arguments.dropFirst().first ?? "."
let (train, test) = (try pixels(.train), try pixels(.test))
let pool = WorkerPool(threads: WorkerPool.availableThreads)
var results: [Outcome] = []
print(
  row([
    "model", "weights", "reach, untrained", "reach, trained", "largest norm", "test accuracy",
    "loss",
  ]))
print(row([String](repeating: "---", count: 7)))
for experiment in Experiment.all {
  let outcome = try experiment.run(train, test: test, pool: pool)
  results.append(outcome)
  print(
    row([
      experiment.name, "\(outcome.weights)", fixed(outcome.before.reach, 1),
      fixed(outcome.after.reach, 1), fixed(outcome.largestNorm, 2),
      outcome.divergedInEpoch.map { "diverged in epoch \($0)" }
        ?? "\(fixed(100 * outcome.accuracy, 1)) %",
      fixed(outcome.loss, 3),
    ]))
}

/// Writes a chart beside the others.
func write(_ chart: Chart, to name: String) throws {
  try Data(chart.svg.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"), options: .atomic)
}

for (name, title, profile) in [
  ("gradients-untrained.svg", "before training", \Outcome.before),
  ("gradients-trained.svg", "after training", \Outcome.after),
] {
  try write(
    Chart(
      title: "Gradient of the loss by the pixel at a timestep, \(title)", xTitle: "timestep",
      yTitle: "log₁₀ of the norm, the largest being 0",
      lines: results.map { ($0.name, $0[keyPath: profile].logarithms) }), to: name)
}
try write(
  Chart(
    title: "Accuracy on the test part", xTitle: "epoch", yTitle: "accuracy",
    lines: results.map { outcome in
      (outcome.name, outcome.accuracies.enumerated().map { (Double($0 + 1), $1) })
    }), to: "accuracy.svg")
