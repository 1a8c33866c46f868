import RowwiseDatasetLoading
import TestSupport
import Testing

@Suite struct IDXContentsTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Four training and two test samples of 2 rows and 3 columns.
  private func writeSet(prefix: String = "", labels: [UInt8] = [0, 1, 2, 1]) throws {
    let images = (0..<24).map { UInt8($0) }
    try folder.write(
      gzip(idx([4, 2, 3], images)), to: prefix + "train-images-idx3-ubyte.gz")
    try folder.write(idx([4], labels), to: prefix + "train-labels-idx1-ubyte")
    try folder.write(
      idx([2, 2, 3], (100..<112).map { UInt8($0) }), to: prefix + "t10k-images-idx3-ubyte")
    try folder.write(gzip(idx([2], [2, 1])), to: prefix + "t10k-labels-idx1-ubyte.gz")
  }

  @Test func readsFoldersOfFourFiles() throws {
    try writeSet()
    let layout = try DatasetLoader.locate(folder.path)
    #expect(layout.kind == .idx)
    #expect(layout.parts == [.train, .test])
    #expect(layout.trainingPart == .train && layout.evaluationPart == .test)
    let splits = try DatasetLoader.open(folder.path + "/")
    let train = try #require(splits.train)
    #expect(train.count == 4 && train.width == 3 && train.height == 2 && train.color == .gray)
    #expect(train.labels == [0, 1, 2, 1])
    #expect(train.classNames == ["0", "1", "2"])
    #expect(train.classCounts == [1, 2, 1])
    #expect(try train.pixels(at: 1) == [6, 7, 8, 9, 10, 11])
    #expect(train.sampleName(at: 3) == "3")
    let test = try #require(splits.test)
    #expect(test.labels == [2, 1])
    #expect(try test.pixels(at: 1) == (106..<112).map { UInt8($0) })
    #expect(splits.report.lines() == ["classes without images: 0"])
    #expect(test.report.lines() == ["classes without images in test: 0"])
  }

  /// A file of values of several bytes each, the highest first.
  private func wide(_ type: UInt8, _ bytesEach: Int, _ dimensions: [Int], _ values: [Int])
    -> [UInt8]
  {
    var bytes = idx(dimensions, [])
    bytes[2] = type
    for value in values {
      bytes += (0..<bytesEach).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    return bytes
  }

  @Test func labelsMayBeWiderNumbers() throws {
    for (name, labels) in [
      ("labels-idx1-int", wide(0x0C, 4, [3], [0, 2, 1])),
      ("labels-idx1-short", wide(0x0B, 2, [3], [0, 2, 1])),
      // QMNIST's have eight numbers each, of which the first is the class.
      (
        "labels-idx2-int", wide(0x0C, 4, [3, 8], [0, 2, 1].flatMap { [$0, 9, 9, 9, 9, 9, 9, 9] })
      ),
    ] {
      try folder.write(idx([3, 1, 1], [5, 6, 7]), to: "\(name)/images-idx3-ubyte")
      try folder.write(labels, to: "\(name)/\(name)")
      #expect(try DatasetLoader.open(folder.path(name)).whole?.labels == [0, 2, 1], "\(name)")
    }
    try folder.write(idx([1, 1, 1], [5]), to: "far/images-idx3-ubyte")
    try folder.write(wide(0x0C, 4, [1], [1 << 30]), to: "far/labels-idx1-int")
    #expect(throws: DatasetError.self) { try DatasetLoader.open(folder.path("far")) }
    try folder.write(wide(0x0C, 4, [1], [-1]), to: "far/labels-idx1-int")
    #expect(throws: DatasetError.self) { try DatasetLoader.open(folder.path("far")) }
  }

  @Test func imagesMayBeColouredOrFlat() throws {
    let planes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    let mixed: [UInt8] = [1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12]
    for (name, shape, values, pixels) in [
      ("planes", [2, 3, 2, 2], planes, mixed), ("mixed", [2, 2, 2, 3], mixed, mixed),
      ("flat", [2, 9], Array(planes[..<9]), Array(planes[..<9])),
    ] {
      try folder.write(idx(shape, values + values), to: "\(name)/images-idx4-ubyte")
      try folder.write(idx([2], [0, 1]), to: "\(name)/labels-idx1-ubyte")
      let whole = try #require(try DatasetLoader.open(folder.path(name)).whole)
      #expect(try whole.pixels(at: 1) == pixels, "\(name)")
      #expect(whole.color == (name == "flat" ? .gray : .rgb))
    }
    try folder.write(idx([2, 5], [UInt8](repeating: 0, count: 10)), to: "odd/images-idx2-ubyte")
    try folder.write(idx([2], [0, 1]), to: "odd/labels-idx1-ubyte")
    let error = #expect(throws: DatasetError.self) { try DatasetLoader.open(folder.path("odd")) }
    #expect(error?.description.contains("2 × 5 values; expected count") == true)
  }

  @Test func otherTypesAreNamed() throws {
    try folder.write(wide(0x0D, 4, [1, 1, 1], [0]), to: "images-idx3-float")
    try folder.write(idx([1], [0]), to: "labels-idx1-ubyte")
    let error = #expect(throws: DatasetError.self) { try DatasetLoader.open(folder.path) }
    #expect(error?.description.contains("32-bit floating-point numbers (0x0D), expected") == true)
  }

  @Test func onePathMeansItsPair() throws {
    try writeSet()
    for name in ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte"] {
      let splits = try DatasetLoader.open(folder.path(name))
      #expect(Array(splits.parts.keys) == [.whole])
      #expect(splits.whole?.labels == [0, 1, 2, 1])
    }
  }

  @Test func otherSizesAndColorsAreMade() throws {
    try writeSet()
    var options = DatasetOptions()
    options.width = 1
    options.height = 1
    options.color = .rgb
    let train = try #require(try DatasetLoader.open(folder.path, options: options).train)
    #expect(try train.pixels(at: 0) == [3, 3, 3])
    options.height = nil
    options.width = 6
    let layout = try DatasetLoader.locate(folder.path)
    #expect(try layout.preprocessing(options).height == 4)
  }

  @Test func emnistIsTurnedBackAndNamed() throws {
    try writeSet(prefix: "emnist-letters-", labels: [1, 2, 3, 1])
    try folder.write(
      text: "1 65 97\n2 66\n3 67 99\n", to: "emnist-letters-mapping.txt")
    let train = try #require(try DatasetLoader.open(folder.path).train)
    #expect(train.classNames == ["A/a", "B", "C/c"])
    #expect(train.labels == [0, 1, 2, 0])
    // Stored as 2 rows of 3: 0 1 2 / 3 4 5; really 3 rows of 2.
    #expect(train.width == 2 && train.height == 3)
    #expect(try train.pixels(at: 0) == [0, 3, 1, 4, 2, 5])
  }

  @Test func labelsThatBeginWithOneHaveNoClassZero() throws {
    try writeSet(labels: [1, 2, 3, 1])
    let train = try #require(try DatasetLoader.open(folder.path).train)
    #expect(train.classNames == ["1", "2", "3"])
    #expect(train.labels == [0, 1, 2, 0])
  }

  @Test func fashionIsKnownByItsFolder() throws {
    let folder = try TemporaryFolder()
    for (name, bytes) in [
      ("images-idx3-ubyte", idx([2, 1, 1], [5, 6])), ("labels-idx1-ubyte", idx([2], [0, 9])),
    ] {
      try folder.write(bytes, to: "Fashion-MNIST/" + name)
    }
    let whole = try #require(try DatasetLoader.open(folder.path("Fashion-MNIST")).whole)
    #expect(whole.classNames.count == 10 && whole.classNames[9] == "Ankle boot")
  }

  @Test(arguments: ["1 65\n1 66\n", "1 65\n2 65\n", "300 65\n", "1\n", "x 65\n", "1 1114112\n", ""])
  func badMappingsAreRefused(text: String) throws {
    try writeSet(prefix: "emnist-letters-")
    let path = try folder.write(text: text, to: "emnist-letters-mapping.txt")
    let error = #expect(throws: DatasetError.self) { try DatasetLoader.locate(folder.path) }
    guard case .invalidClassNames(path, _, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func severalSetsInOneFolderAreAmbiguous() throws {
    try writeSet(prefix: "emnist-digits-")
    try writeSet(prefix: "emnist-letters-")
    #expect(
      throws: DatasetError.ambiguous(
        path: folder.path, candidates: ["emnist-digits-…", "emnist-letters-…"])
    ) { try DatasetLoader.locate(folder.path) }
    let path = folder.path("emnist-letters-t10k-images-idx3-ubyte")
    #expect(try DatasetLoader.open(path).whole?.count == 2)
  }

  @Test func missingPartnersAreNamed() throws {
    let images = try folder.write(idx([1, 1, 1], [0]), to: "train-images-idx3-ubyte")
    let expected = DatasetError.missingPartner(
      path: images, expected: "train-labels-idx1-ubyte")
    #expect(throws: expected) { try DatasetLoader.locate(folder.path) }
    #expect(throws: expected) { try DatasetLoader.locate(images) }
    #expect(expected.isMissingInput)
  }

  @Test func differentCountsAreRefused() throws {
    let images = try folder.write(idx([3, 1, 1], [1, 2, 3]), to: "images-idx3-ubyte")
    let labels = try folder.write(idx([2], [0, 1]), to: "labels-idx1-ubyte")
    #expect(
      throws: DatasetError.countMismatch(
        images: images, imageCount: 3, labels: labels, labelCount: 2)
    ) { try DatasetLoader.open(folder.path) }
  }

  @Test func oneClassIsTooFewUnlessAModelIsJudged() throws {
    try folder.write(idx([2, 1, 1], [1, 2]), to: "images-idx3-ubyte")
    try folder.write(idx([2], [1, 1]), to: "labels-idx1-ubyte")
    #expect(throws: DatasetError.tooFewClasses(path: folder.path, classes: ["1"])) {
      try DatasetLoader.open(folder.path)
    }
    var options = DatasetOptions()
    options.classNames = ["0", "1", "2"]
    #expect(try DatasetLoader.open(folder.path, options: options).whole?.labels == [1, 1])
  }
}
