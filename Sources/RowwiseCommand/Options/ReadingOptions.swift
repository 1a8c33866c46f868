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

  /// As the decoder takes it.
  var strictness: DecodingOptions.Strictness { lenient ? .lenient : .strict }
}
