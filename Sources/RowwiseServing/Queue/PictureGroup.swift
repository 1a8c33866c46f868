import Rowwise
import RowwiseImageDecoding
import Synchronization

/// The pictures of one request, which are classified in any batches and answered together.
final class PictureGroup: Sendable {
  /// A picture as it came.
  enum Picture: Sendable {
    /// A file's bytes.
    case file([UInt8], name: String)
    /// [height × width × channels] bytes as the model reads them.
    case pixels([UInt8])
  }

  /// What came of one.
  typealias Outcome = Result<FileClassifier.Answer, ImageDecodingError>

  private struct State {
    var outcomes: [Outcome?]
    var left: Int
  }

  let model: ServedModel
  let pictures: [Picture]
  private let state: Mutex<State>
  /// Gets the outcomes of all, in their order.
  private let finish: @Sendable ([Outcome]) -> Void

  init(
    _ model: ServedModel, _ pictures: [Picture],
    finish: @escaping @Sendable ([Outcome]) -> Void
  ) {
    self.model = model
    self.pictures = pictures
    self.finish = finish
    let outcomes = [Outcome?](repeating: nil, count: pictures.count)
    state = Mutex(State(outcomes: outcomes, left: pictures.count))
  }

  /// Takes the outcome of a picture; the last one ends the group.
  func put(_ outcome: Outcome, at index: Int) {
    let all: [Outcome]? = state.withLock { state in
      state.outcomes[index] = outcome
      state.left -= 1
      return state.left == 0 ? state.outcomes.compactMap { $0 } : nil
    }
    if let all { finish(all) }
  }
}
