import Rowwise
import RowwiseEvaluation
import RowwiseImageDecoding
import RowwiseReports
import RowwiseTexts
import RowwiseWorkers
import NIOCore

/// A thread that explains pictures, one at a time: that takes many times as long as classifying.
final class Explainer: Sendable {
  private struct State {
    var tasks = CircularBuffer<@Sendable () -> Void>()
    var isStopped = false
  }

  private let condition = Condition()
  // SAFETY: touched in `condition`'s critical sections only; see `ServerTests`.
  nonisolated(unsafe) private var state = State()

  /// Starts the thread; it ends after `stop`.
  func start() -> SystemThread? {
    SystemThread {
      while true {
        var task: (@Sendable () -> Void)?
        self.condition.wait {
          !self.state.tasks.isEmpty || self.state.isStopped
        } then: {
          task = self.state.tasks.popFirst()
        }
        guard let task else { return }
        task()
      }
    }
  }

  /// Lets the thread end when nothing waits.
  func stop() {
    condition.withLock { state.isStopped = true }
    condition.wakeOne()
  }

  /// Has the thread run something; false where too much waits.
  func run(_ task: @escaping @Sendable () -> Void) -> Bool {
    let isTaken = condition.withLock {
      guard state.tasks.count < ServerLimits.explanations else { return false }
      state.tasks.append(task)
      return true
    }
    condition.wakeOne()
    return isTaken
  }

  /// What moved a model's answer, as `rowwise explain --format jsonl` writes it.
  ///
  /// - Throws: `RequestProblem`.
  static func explain(
    _ bytes: [UInt8], named name: String, by model: ServedModel, class chosen: Int?,
    baseline: Evidence.Baseline?
  ) throws(RequestProblem) -> JSONValue {
    let classifier = try model.explaining()
    let pixels: [UInt8]
    do throws(ImageDecodingError) {
      pixels = try classifier.modelPixels(bytes: bytes, named: name, decoding: model.decoding)
    } catch {
      throw RequestProblem(.unprocessableEntity, error.descriptionWithoutSource)
    }
    do throws(EvidenceError) {
      let evidence = try classifier.evidence(
        ofModelPixels: pixels, for: chosen, options: EvidenceOptions(baseline: baseline))
      return ExplainedPicture(
        name: name, pixels: pixels, evidence: evidence, classNames: classifier.classNames
      ).json
    } catch {
      throw RequestProblem(.unprocessableEntity, "\(error)")
    }
  }
}
