import Rowwise
import RowwiseDatasetLoading
import RowwiseEvaluation
import RowwiseFiles
import RowwiseImageDecoding
import RowwiseRowSequencing
import RowwiseTexts

/// Follows a model's early exit over a data set, and takes the time of some pictures.
struct EarlyExitRun {
  let classifier: ImageClassifier
  let exit: EarlyExit
  let dataset: ImageDataset
  let decoding: DecodingOptions
  let console: Console

  /// Pictures that are timed, at most.
  private static let timed = 200

  func report() throws -> EarlyExitReport {
    let start = ContinuousClock.Instant.now
    let traces = try classifier.readingTraces(of: dataset) { count in
      console.showProgress {
        ProgressRow.counting("early exit", count, of: dataset.count, since: start)
      }
    }
    var report = try EarlyExitReport(
      traces, rule: exit.rule, risk: exit.risk, confidence: exit.confidence)
    report.timing = try timing(traces)
    return report
  }

  /// Mean seconds of pictures spread over the data set, each to its end and as far as the rule reads,
  /// turn by turn on one thread. Where the samples are files, decoding is what reading a file takes
  /// besides the network.
  private func timing(_ traces: ReadingTraces) throws -> EarlyExitReport.Timing {
    let step = max(dataset.count / Self.timed, 1)
    let picked = Array(stride(from: 0, to: dataset.count, by: step).prefix(Self.timed))
    let reader = try classifier.network.makeReader()
    let writer = SequenceWriter(classifier.preprocessing)
    let features = classifier.preprocessing.features
    var network = (whole: 0.0, early: 0.0)
    var reading = (whole: 0.0, early: 0.0)
    var files = 0
    for n in picked {
      let sequence = writer.sequence(of: try dataset.pixels(at: n))
      func follow(_ rows: Int) {
        reader.reset()
        sequence.withUnsafeBufferPointer { all in
          for t in 0..<rows {
            reader.step(UnsafeBufferPointer(rebasing: all[t * features..<(t + 1) * features]))
            _ = reader.probabilities()
          }
        }
      }
      network.whole += Self.seconds { follow(traces.rows) }
      network.early += Self.seconds { follow(exit.rule.exitRow(traces, n)) }
      guard let path = path(of: n) else { continue }
      files += 1
      for (rule, isWhole) in [(neverStopping, true), (exit.rule, false)] {
        let seconds = Self.seconds {
          _ = try? classifier.reading(path: path, stopping: .rule(rule), decoding: decoding)
        }
        if isWhole { reading.whole += seconds } else { reading.early += seconds }
      }
    }
    let count = Double(max(picked.count, 1))
    network = (network.whole / count, network.early / count)
    guard files == picked.count else {
      return EarlyExitReport.Timing(samples: picked.count, decoding: nil, network: network)
    }
    return EarlyExitReport.Timing(
      samples: picked.count,
      decoding: (
        max(reading.whole / count - network.whole, 0), max(reading.early / count - network.early, 0)
      ), network: network)
  }

  /// The rule without a threshold: it asks for the same numbers and never stops.
  private var neverStopping: EarlyExitRule {
    var rule = exit.rule
    rule.threshold = nil
    return rule
  }

  /// The sample's file; nil where it is none.
  private func path(of n: Int) -> String? {
    let name = dataset.sampleName(at: n)
    return [name, FileSystem.join(dataset.path, name)].first { FileKind(path: $0)?.kind == .file }
  }

  private static func seconds(_ body: () -> Void) -> Double {
    let start = ContinuousClock.Instant.now
    body()
    return (ContinuousClock.Instant.now - start) / .seconds(1)
  }
}
