public import RowwiseDatasetLoading
public import RowwiseRowSequencing

/// What a recipe goes by: how many pictures there are, of how many classes, and what they are like.
public struct DatasetFacts: Sendable, Equatable {
  /// Pictures to train on, at least 1.
  public var images: Int
  /// Classes, at least 1.
  public var classes: Int
  /// Timesteps of a sequence, T.
  public var timesteps: Int
  /// Width of one timestep, D.
  public var features: Int
  /// Numbers of a pixel, so that pictures read by rows are `timesteps` high and `features` / `channels`
  /// wide.
  public var channels: Int
  /// Whether mirrored pictures stay in their class; see `NeighborCheck`.
  public var canMirror: Bool
  /// Whether ``Recipe/changes`` make pictures such as others of their class; see `NeighborCheck`.
  public var gainsByAugmentation: Bool

  /// Puts the facts together.
  public init(
    images: Int, classes: Int, timesteps: Int, features: Int, channels: Int = 1,
    canMirror: Bool = false, gainsByAugmentation: Bool = true
  ) {
    self.images = images
    self.classes = classes
    self.timesteps = timesteps
    self.features = features
    self.channels = channels
    self.canMirror = canMirror
    self.gainsByAugmentation = gainsByAugmentation
  }

  /// The facts of a training set.
  ///
  /// - Parameters:
  ///   - training: the pictures to train on.
  ///   - preprocessing: how they become timesteps.
  ///   - threads: nil: as many as the machine has processors.
  /// - Throws: `DatasetError.imageLost` where a picture can no longer be read.
  public init(
    of training: ImageDataset, preprocessing: Preprocessing, threads: Int? = nil
  ) throws(DatasetError) {
    let check = try NeighborCheck(training, augmentation: Recipe.changes, threads: threads)
    self.init(
      images: training.count, classes: training.classNames.count,
      timesteps: preprocessing.timesteps, features: preprocessing.features,
      channels: preprocessing.color.channels,
      canMirror: check.canMirror, gainsByAugmentation: check.gainsByAugmentation)
  }
}
