/// How many of the samples are unlike the pictures that the model was trained on.
public struct PictureCounts: Sendable, Equatable {
  /// Samples that are unlike them in one way.
  public struct Kind: Sendable, Equatable {
    /// The way, such as `inverted?`.
    public var name: String
    /// Samples.
    public var count: Int

    /// Puts it together.
    public init(name: String, count: Int) {
      self.name = name
      self.count = count
    }
  }

  /// Samples that are unlike them.
  public var unusual: Int
  /// In what, the most frequent first; a sample may be there several times.
  public var kinds: [Kind]
  /// Samples whose light and dark were exchanged.
  public var inverted: Int

  /// Puts the counts together.
  public init(unusual: Int, kinds: [Kind], inverted: Int) {
    self.unusual = unusual
    self.kinds = kinds
    self.inverted = inverted
  }
}
