import Rowwise

/// Where a model comes from.
package struct ModelSource: Sendable {
  /// What requests call it.
  package let name: String
  /// The files that it is read from.
  package let paths: [String]
  /// Reads it.
  package let load: @Sendable () throws -> ImageEnsemble

  /// - Parameters:
  ///   - paths: at least one; a change of any of them is a change of the model.
  ///   - load: called from any thread; the model's threads work one request each.
  package init(
    name: String, paths: [String], load: @escaping @Sendable () throws -> ImageEnsemble
  ) {
    (self.name, self.paths, self.load) = (name, paths, load)
  }
}
