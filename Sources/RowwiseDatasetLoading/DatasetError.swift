import RowwiseImageDecoding
import RowwiseTexts

/// What can be wrong with a data set.
public enum DatasetError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Nothing is at the path, and no data set of that name in the folders searched.
  case notFound(path: String, searched: [String])
  /// A file or folder cannot be opened or read.
  case unreadable(path: String, reason: String)
  /// No layout that is known; see Datasets/README.md.
  case unrecognized(path: String, reason: String)
  /// Several data sets in one folder.
  case ambiguous(path: String, candidates: [String])
  /// A field of a file's header has a value that it cannot have.
  case invalidHeader(path: String, field: String, expected: String, received: String)
  /// A file is longer or shorter than its header or record size says, in bytes.
  case sizeMismatch(path: String, expected: Int, received: Int)
  /// A compressed file ends in the middle, or before what its header announced; bytes after
  /// decompression.
  case truncated(path: String, expected: Int, received: Int)
  /// Compressed data that contradict themselves.
  case corruptGzip(path: String, reason: String)
  /// More bytes than the limit.
  case tooLarge(path: String, bytes: Int, limit: Int)
  /// Two class folders of one part whose names are equal but for the way accents are written.
  case equalClassNames(path: String, first: String, second: String)
  /// A compressed file becomes more than is accepted of compressed ones.
  case tooLargeCompressed(path: String, bytes: Int, limit: Int)
  /// Images and labels of a pair differ in count.
  case countMismatch(images: String, imageCount: Int, labels: String, labelCount: Int)
  /// The other file of a pair of images and labels is not there.
  case missingPartner(path: String, expected: String)
  /// A label that stands for no class. Samples count from 0.
  case labelOutOfRange(path: String, sample: Int, label: Int, classes: Int)
  /// No image at all.
  case noImages(path: String)
  /// Images, but not in a folder per class.
  case noClassFolders(path: String, images: Int)
  /// Folders of classes in which there is no image.
  case emptyClassFolders(path: String, folders: [String])
  /// Classes of which no image can be read.
  case unreadableClasses(path: String, classes: [String])
  /// What a folder's parts and classes are cannot be told.
  case unclear(path: String, reason: String)
  /// A folder that only holds the folder with the data set.
  case wrapped(path: String, inner: String)
  /// A file that is of another kind than its name says.
  case foreignFile(path: String, format: ForeignFormat)
  /// Pictures without labels, where labels are needed.
  case unlabelled(path: String)
  /// An archive that contradicts itself, or asks for too much.
  case badArchive(path: String, reason: String)
  /// Fewer than two classes that have images.
  case tooFewClasses(path: String, classes: [String])
  /// Every image is bad; the first one's reason.
  case allImagesBad(path: String, count: Int, firstReason: String)
  /// Two labels of a CSV manifest that are equal but for the way accents are written, and the rows
  /// in which they first come.
  case equalLabels(path: String, rows: Int, Int, String, String)
  /// A bad row of a CSV manifest. Rows are lines of the file, from 1.
  case invalidManifest(path: String, row: Int, reason: String)
  /// A bad text file of class names.
  case invalidClassNames(path: String, row: Int, reason: String)
  /// Classes that a model does not know.
  case unknownClasses(path: String, names: [String], expected: [String])
  /// No sample is of a class that the model knows, so that none is left once the others are left out.
  case noKnownClass(path: String, names: [String], expected: [String])
  /// The data set has no such part.
  case missingPart(path: String, part: DatasetPart, available: [DatasetPart])
  /// An image could be read when the data set was opened, but no more.
  case imageLost(path: String, reason: String)
  /// A share of samples to hold back that is not between 0 and 1, or leaves one side empty.
  case invalidSplit(fraction: Double, samples: Int)
  /// A number of folds that the samples cannot be divided in.
  case invalidFolds(count: Int, samples: Int)

  /// Whether something is missing, rather than there and bad.
  public var isMissingInput: Bool {
    switch self {
    case .notFound, .missingPartner, .missingPart: true
    default: false
    }
  }

  /// Whether reading failed, rather than what was read being bad.
  public var isInputOutput: Bool {
    switch self {
    case .unreadable, .imageLost: true
    default: false
    }
  }

  /// What is wrong, where, what was expected and what to do.
  public var description: String {
    switch self {
    case .notFound(let path, let searched):
      searched.isEmpty
        ? "\(path): no such file or folder"
        : "\(path): no such file or folder, and no data set of that name in "
          + searched.joined(separator: ", ") + "; Datasets/README.md tells where to get it"
    case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
    case .unrecognized(let path, let reason):
      "\(path): not a data set: \(reason); expected a folder with IDX, CIFAR or NumPy files or one "
        + "folder per class, one such file, an archive of them, a CSV manifest with columns path and "
        + "label, or a table of label and pixels"
    case .ambiguous(let path, let candidates):
      "\(path): several data sets: \(candidates.joined(separator: ", ")); give the path of one of "
        + "their files instead"
    case .countMismatch(let images, let imageCount, let labels, let labelCount):
      "\(images) has \(imageCount) images but \(labels) has \(labelCount) labels; the two files do "
        + "not belong together"
    case .missingPartner(let path, let expected): "\(path): found, but not \(expected) beside it"
    case .noImages(let path):
      "\(path): no images; expected PNG, JPEG, PNM or BMP files in one folder per class"
    case .noClassFolders(let path, let images):
      "\(path): \(images) \(images == 1 ? "image" : "images"), but no folders; put the images of "
        + "each class in a folder of its name"
    case .emptyClassFolders(let path, let folders):
      Self.emptyFolders(folders, of: path)
    case .unreadableClasses(let path, let classes):
      "\(path): no image of \(classes.count == 1 ? "the class" : "the classes") "
        + "\(NameList.text(classes)) can be read; add some that can, or remove "
        + "\(classes.count == 1 ? "its folder" : "their folders")"
    case .unclear(let path, let reason), .badArchive(let path, let reason): "\(path): \(reason)"
    case .unlabelled(let path):
      "\(path): pictures without labels; rowwise classify MODEL \(path) tells their classes"
    case .wrapped(let path, let inner): "\(path): the data set seems to be \(inner); give that path"
    case .foreignFile(let path, let format): "\(path): \(format.finding)"
    case .tooFewClasses(let path, let classes):
      "\(path): images of \(classes.count) class"
        + (classes.isEmpty ? "es" : " (\(classes.joined(separator: ", ")))")
        + "; at least 2 are needed"
    case .allImagesBad(let path, let count, let reason):
      "\(path): none of \(count) images can be read; the first: \(reason)"
    case .invalidManifest(let path, let row, let reason),
      .invalidClassNames(let path, let row, let reason):
      "\(path), line \(row): \(reason)"
    case .unknownClasses(let path, let names, let expected):
      "\(path): classes the model does not know: \(NameList.text(names)); it knows "
        + "\(NameList.text(expected)); rename them, or evaluate without them (--unknown-classes skip)"
    case .noKnownClass(let path, let names, let expected):
      "\(path): no image is of a class that the model knows, so that none is left: found "
        + "\(NameList.text(names)); expected \(NameList.text(expected)): rename them"
    case .missingPart(let path, let part, let available):
      "\(path): no \(part) part; there is "
        + available.map(\.rawValue).joined(separator: ", ")
    case .imageLost(let path, let reason):
      "\(path): could be read before, but no more: \(reason)"
    case .invalidSplit(let fraction, let samples):
      "cannot hold back a share of \(fraction) of \(samples) samples: expected a share between 0 "
        + "and 1 that leaves samples on both sides"
    case .invalidFolds(let count, let samples):
      "cannot divide \(samples) samples in \(count) folds: expected from 2 folds to as many as "
        + "there are samples"
    default: fileDescription
    }
  }

  /// Names the first few folders, each of which would be a class that nothing is learnt about.
  private static func emptyFolders(_ folders: [String], of path: String) -> String {
    let isOne = folders.count == 1
    return "\(path): no image in the class folder\(isOne ? "" : "s") "
      + "\(NameList.text(folders, most: 5)); add PNG, JPEG, PNM or BMP files, or "
      + "remove the folder\(isOne ? "" : "s")"
  }

  /// Descriptions of what is wrong inside one file.
  private var fileDescription: String {
    switch self {
    case .invalidHeader(let path, let field, let expected, let received):
      "\(path): \(field) is \(received), expected \(expected)"
    case .sizeMismatch(let path, let expected, let received):
      "\(path): \(received) bytes, expected \(expected); the file is damaged or of another kind"
    case .truncated(let path, let expected, let received):
      "\(path): ends after \(received) bytes of \(expected); get the file again"
    case .corruptGzip(let path, let reason):
      "\(path): damaged gzip data: \(reason); get the file again"
    case .tooLarge(let path, let bytes, let limit):
      "\(path): \(bytes) bytes, over the limit of \(limit)"
    case .equalClassNames(let path, let first, let second):
      "\(path): two class folders have the same name, \(first), written as \(Self.scalars(first)) and "
        + "as \(Self.scalars(second)); rename one, or put their images together"
    case .equalLabels(let path, let row, let second, let name, let other):
      "\(path), line \(second): the label \(other) is that of line \(row), written as "
        + "\(Self.scalars(name)) there and as \(Self.scalars(other)) here; write both one way"
    case .tooLargeCompressed(let path, let bytes, let limit):
      "\(path): it becomes \(bytes) bytes, at most \(limit) are accepted of a compressed file of "
        + "its size; if that is right, unpack it with gunzip"
    case .labelOutOfRange(let path, let sample, let label, let classes):
      "\(path): sample \(sample) has label \(label), expected 0 to \(classes - 1)"
    default: "data set error"
    }
  }

  /// The numbers of the characters of a name that are not ASCII, which look the same.
  private static func scalars(_ name: String) -> String {
    name.unicodeScalars.filter { !$0.isASCII }.prefix(8)
      .map { "U+" + String($0.value, radix: 16, uppercase: true) }.joined(separator: " ")
  }
}
