import NIOHTTP1
import Synchronization

/// The models that answer now, in the order in which they were given.
final class ModelShelf: Sendable {
  private let models: Mutex<[ServedModel]>

  /// - Parameter models: at least one, all names different.
  init(_ models: [ServedModel]) { self.models = Mutex(models) }

  /// All of them.
  var all: [ServedModel] { models.withLock { $0 } }

  /// One by its name; nil: the first.
  ///
  /// - Throws: `RequestProblem` where there is none.
  func model(_ name: String?) throws(RequestProblem) -> ServedModel {
    let models = all
    guard let name else { return models[0] }
    if let model = models.first(where: { $0.name == name }) { return model }
    let names = models.prefix(20).map(\.name).joined(separator: ", ")
    throw RequestProblem(
      .notFound, "there is no model \"\(name.prefix(80))\"; there is \(names)")
  }

  /// Puts a model into the place of the one with its name.
  func replace(by model: ServedModel) {
    models.withLock { models in
      guard let place = models.firstIndex(where: { $0.name == model.name }) else { return }
      models[place] = model
    }
  }
}
