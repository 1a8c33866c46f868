import ArgumentParser
import RowwiseImageDecoding

/// Options about reading image files, which every command has that reads some.
struct ReadingOptions: ParsableArguments, Sendable {
  @Flag(
    help: """
      Read what there is of image files that are truncated or damaged after their header, with a \
      warning, instead of refusing them; what is missing is white.
      """)
  var lenient = false

  @Option(
    help: ArgumentHelp(
      """
      Memory that all pictures that are decoded at the same time may take together. One that needs \
      more alone is refused, as is one with more gray pixels than 262144 for each MiB of it and 1024 \
      for each byte of the file; pixels of other kinds count several times.
      """, valueName: "MiB"))
  var pictureMemory = ReadingOptions.standardMemory

  /// `pictureMemory` where nothing is said.
  static let standardMemory = 512

  func validate() throws { try OptionRange.check("picture-memory", pictureMemory) }

  /// As the decoder takes them; what pictures become is not said here.
  var decoding: DecodingOptions {
    DecodingOptions(
      strictness: lenient ? .lenient : .strict,
      limits: DecodingLimits(memory: pictureMemory << 20))
  }
}
