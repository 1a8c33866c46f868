public import RowwiseDatasetLoading
import RowwiseRowSequencing

/// How a model came to be: enough to train it again, and nothing that would differ if one did.
public struct Provenance: Codable, Sendable, Equatable {
  /// Version of this toolkit.
  public var toolkitVersion = ToolkitVersion.current
  /// Fingerprint of the training data.
  public var dataFingerprint: String?
  /// What is remembered of the training data's pixels, by which images are known again without their labels.
  public var trainingPixels: PixelSketch?
  /// Samples trained on.
  public var trainingSamples: Int?
  /// Width that most pictures of the training data had, shrunk where a side was above 64 pixels.
  public var pictureWidth: Int?
  /// Height that most pictures of the training data had, shrunk where a side was above 64 pixels.
  public var pictureHeight: Int?
  /// Whether a picture of the training data had colours.
  public var picturesHaveColor: Bool?
  /// Seed of weights, order and dropout.
  public var seed: UInt64?
  /// Seed by which images were held back; nil: `seed`.
  public var splitSeed: UInt64?
  /// Epochs that the weights have seen.
  public var epochs: Int?
  /// Sequences a step.
  public var batchSize: Int?
  /// The update rule, as `rowwise train` spells it.
  public var optimizer: String?
  /// Learning rate.
  public var learningRate: Double?
  /// How the training pictures were changed at random, as `rowwise train --augment` spells it; nil where that
  /// is not known, as of models of 0.1.
  public var augmentation: String?
  /// Instruction set that trained it; another may give other last bits.
  public var instructionSet: String?
  /// Accuracy on validation data after the last of `epochs`.
  public var validationAccuracy: Double?
  /// Loss on validation data after the last of `epochs`.
  public var validationLoss: Double?

  /// The temperature that the output layer's logits were divided by, in the weights themselves; nil
  /// where the model was not calibrated.
  public var temperature: Double?

  /// The file of another toolkit that the weights come from; nil where they were trained here.
  public var importedFrom: String?

  /// Hash of the model file whose weights training started from; nil where it started from random
  /// ones.
  public var startedFrom: String?

  /// Nothing known yet.
  public init() {}

  /// The seed by which a share of the training images is found that was held back.
  public var seedOfSplit: UInt64 { splitSeed ?? seed ?? 0 }

  /// Whether mirrored pictures were taken for pictures of the same class in training.
  public var mirrorsPictures: Bool {
    guard let augmentation else { return false }
    return (try? Augmentation(augmentation))?.flip ?? false
  }
}
