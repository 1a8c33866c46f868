import ArgumentParser
import RowwiseDatasetLoading

/// How a list of images is read, for every command that takes a data set.
struct ListOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp(
      """
      Columns of a CSV list of images and their classes, where others than path, label and split are \
      meant: file,species or file,species,set.
      """, valueName: "names"),
    transform: { try columns($0) })
  var columns: ListColumns?

  /// Two or three names.
  static func columns(_ text: String) throws -> ListColumns {
    guard let columns = ListColumns(text) else {
      throw ValidationError(
        "expected the names of two or three columns, of files, classes and parts, such as "
          + "file,species or file,species,set")
    }
    return columns
  }
}
