import ArgumentParser
import Rowwise
import RowwiseDatasetLoading
import RowwiseImageDecoding

extension ClassifyCommand {
  /// Arguments that belong together: those before, between and after files of many pictures and "-".
  enum Segment {
    case pictures(ImagePaths)
    /// A table of pixels, or NumPy arrays.
    case samples(String, SampleFile)
    /// Paths on standard input.
    case input

    var pictures: ImagePaths? { if case .pictures(let paths) = self { paths } else { nil } }
  }

  /// - Throws: `CommandError` for an argument that stands for nothing; `DatasetError`.
  static func segments(_ arguments: [String]) throws -> [Segment] {
    var segments: [Segment] = []
    var pictures: [String] = []
    func close() throws {
      if !pictures.isEmpty { segments.append(.pictures(try ImagePaths(arguments: pictures))) }
      pictures = []
    }
    for argument in arguments {
      if argument == "-" {
        try close()
        segments.append(.input)
      } else if !PictureCandidate.hasPictureName(argument),
        let file = try SampleFile.find(argument)
      {
        try close()
        segments.append(.samples(argument, file))
      } else {
        pictures.append(argument)
      }
    }
    try close()
    return segments
  }

  /// Throws where rows of files are to be read that are no picture files.
  func checkSamples(_ segments: [Segment]) throws {
    for case .samples(let path, _) in segments where earlyExit {
      throw ValidationError(
        "--early-exit reads pictures row by row; \(path) is a file of many: leave it out")
    }
  }
}
