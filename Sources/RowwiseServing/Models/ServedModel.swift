import Rowwise
import RowwiseEvaluation
import RowwiseImageDecoding
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseTexts
import RowwiseWorkers
import Synchronization

/// A model that answers under a name, as it was loaded at one time.
///
/// A request keeps to the one that it began with, whatever takes its place meanwhile.
final class ServedModel: Sendable {
  /// In requests.
  let name: String
  let ensemble: ImageEnsemble
  /// Decodes pictures and classifies them.
  let files: FileClassifier
  /// Limits, background and strictness of decoding.
  let decoding: DecodingOptions
  /// What of `metrics.json` beside the model is told; null where there is none.
  let evaluation: JSONValue
  /// Threads that an explanation uses.
  private let threads: Int
  private let copy = Mutex<ImageClassifier?>(nil)

  init(
    name: String, _ ensemble: ImageEnsemble, decoding: DecodingOptions, evaluation: JSONValue,
    threads: Int
  ) {
    self.name = name
    self.ensemble = ensemble
    self.decoding = decoding
    self.evaluation = evaluation
    self.threads = threads
    files = FileClassifier(ensemble, decoding: decoding)
  }

  /// The first of the classifiers, or the only one.
  var first: ImageClassifier { ensemble.members[0].classifier }

  /// In the order of the output layer's units.
  var classNames: [String] { ensemble.classNames }

  /// The only classifier, for what follows one network.
  ///
  /// - Throws: `RequestProblem` where there are several.
  private func single(_ what: String) throws(RequestProblem) -> ImageClassifier {
    guard ensemble.members.count == 1 else {
      throw RequestProblem(
        .unprocessableEntity,
        "model \(name) is \(ensemble.members.count) networks that answer together, and \(what) "
          + "follows one; serve one of them beside it")
    }
    return first
  }

  /// The classifier that reads pictures by their rows.
  ///
  /// - Throws: `RequestProblem` where there is none.
  func streaming() throws(RequestProblem) -> ImageClassifier {
    let classifier = try single("/rows")
    do throws(StreamingError) {
      try classifier.checkStreams()
    } catch {
      throw RequestProblem(.unprocessableEntity, "model \(name): \(error)")
    }
    return classifier
  }

  /// The early exit that holds for it.
  ///
  /// - Throws: `RequestProblem` where there is none.
  func earlyExit() throws(RequestProblem) -> EarlyExit {
    let classifier = try single("early_exit")
    do throws(EarlyExitError) {
      return try classifier.checkedEarlyExit()
    } catch {
      throw RequestProblem(.unprocessableEntity, "model \(name): \(error)")
    }
  }

  /// A classifier with the same weights that explains: explaining takes the place of a training pass, so
  /// that predictions of the same network would wait for it.
  ///
  /// - Throws: `RequestProblem` where there is none.
  func explaining() throws(RequestProblem) -> ImageClassifier {
    let classifier = try single("/explain")
    return try copy.withLock { copy throws(RequestProblem) in
      if let copy { return copy }
      let network = classifier.network
      guard
        let other = try? Network<Float>(
          network.layers, timesteps: network.timesteps, features: network.features, seed: nil,
          pool: WorkerPool(threads: threads), kernels: network.kernels,
          precision: network.precision)
      else {
        throw RequestProblem(.internalServerError, "model \(name) cannot be copied")
      }
      for parameter in network.parameters {
        other.setValues(network.values(of: parameter), of: parameter)
      }
      let made = ImageClassifier(
        preprocessing: classifier.preprocessing, classNames: classifier.classNames, network: other)
      made.earlyExit = classifier.earlyExit
      copy = made
      return made
    }
  }
}
