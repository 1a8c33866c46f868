/// What ``ImageClassifier/adoptWeights(from:)`` has done with each weight array.
public struct AdoptedWeights: Sendable, Equatable {
  /// What has become of an array.
  public enum Fate: Sendable, Equatable {
    /// It has the other model's numbers.
    case kept
    /// An array of the output layer: it has the other model's numbers for so many of its classes,
    /// and its own start for the others.
    case keptForClasses(Int)
    /// It has the start that the classifier's own seed gave it.
    case new(Reason)
  }

  /// Why an array could not be kept.
  public enum Reason: String, Sendable, CaseIterable {
    /// The layer reads something else: pixels of another size or colour, other timesteps side by
    /// side, or another layer's output.
    case otherInput = "other input"
    /// The two classifiers have no class name in common.
    case otherClasses = "other classes"
    /// The array has another shape.
    case otherShape = "other shape"
    /// The layer has another cell, or reads in other directions.
    case otherLayer = "other layer"
    /// The other model has no such array.
    case notThere = "not there"
  }

  /// One array.
  public struct Entry: Sendable, Equatable {
    /// As in a model file: `layers.0.input_weight`.
    public var name: String
    /// What has become of it.
    public var fate: Fate

    /// Puts an entry together.
    public init(name: String, fate: Fate) {
      self.name = name
      self.fate = fate
    }
  }

  /// Every array of the classifier, in its network's order.
  public let entries: [Entry]
  /// Classes of the classifier.
  public let classCount: Int

  package init(entries: [Entry], classCount: Int) {
    self.entries = entries
    self.classCount = classCount
  }

  /// Arrays that were kept as a whole.
  public var keptCount: Int { entries.count { $0.fate == .kept } }

  /// Classes whose part of the output layer was kept; nil where that was all of the layer or none.
  public var keptClassCount: Int? {
    for entry in entries {
      if case .keptForClasses(let count) = entry.fate { return count }
    }
    return nil
  }

  /// Arrays that are new as a whole, and why.
  public var new: [(name: String, reason: Reason)] {
    entries.compactMap { entry in
      if case .new(let reason) = entry.fate { (entry.name, reason) } else { nil }
    }
  }
}

/// Why a classifier cannot take over another one's weights.
public enum AdoptionError: Error, Sendable, Equatable, CustomStringConvertible {
  /// No array, and no class of the output layer, has a counterpart; the first array and the reason
  /// stand for all.
  case nothingKept(first: String, reason: AdoptedWeights.Reason)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .nothingKept(let first, let reason):
      "none of its weights can be kept (\(first): \(reason.rawValue)); take the model's layers, "
        + "image size or classes, or begin without it"
    }
  }
}
