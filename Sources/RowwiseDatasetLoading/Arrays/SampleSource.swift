/// Samples and their labels in arrays of one size: what NumPy files, tables of pixels and pickles hold.
protocol SampleSource: Sendable {
  /// The file that holds the pixels, for messages.
  var path: String { get }
  /// Whether samples have labels.
  var isLabelled: Bool { get }

  /// Size and channels of the samples, without reading them.
  func shape(limit: Int) throws(DatasetError) -> NativeShape

  /// The label of each sample, as its class is called.
  func labels(limit: Int) throws(DatasetError) -> [String]

  /// About how many bytes all samples have with so many each, where one has `native` as it is stored; 0 where
  /// nobody knows.
  func expectedBytes(_ each: Int, of native: Int) -> Int

  /// Throws where the pixels are damaged, as far as that can be known without giving any: for who acts on
  /// portions before the last one is there.
  func check(limit: Int) throws(DatasetError)

  /// Calls `body` with portions of the pixels, whole samples one behind the other:
  /// [height × width × channels].
  ///
  /// - Parameter limit: the most bytes of one file that are accepted.
  func forEachPortion(
    limit: Int, threads: Int,
    _ body: (_ pixels: [UInt8], _ labels: [String]?) throws(DatasetError) -> Void
  ) throws(DatasetError)
}
