import RowwiseDatasetLoading
import RowwiseRowSequencing
import TestSupport
import Testing

@Suite struct CIFARContentsTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Records with these labels; pixel i of the planes has the bytes i, i + 1 and i + 2 (mod 256).
  private func records(_ labels: [[UInt8]]) -> [UInt8] {
    labels.flatMap { label in
      label + (0..<3).flatMap { c in (0..<1024).map { UInt8(truncatingIfNeeded: $0 + c) } }
    }
  }

  @Test func readsCIFAR10() throws {
    try folder.write(records([[3], [9]]), to: "data_batch_2.bin")
    try folder.write(records([[1]]), to: "data_batch_1.bin")
    try folder.write(records([[0], [1]]), to: "test_batch.bin")
    try folder.write(text: "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n", to: "batches.meta.txt")
    let layout = try DatasetLoader.locate(folder.path)
    #expect(layout.kind == .cifar && layout.parts == [.train, .test])
    let train = try layout.load(.train)
    #expect(train.labels == [1, 3, 9])
    #expect(train.classNames[9] == "j")
    #expect(train.width == 32 && train.height == 32 && train.color == .rgb)
    let pixels = try train.pixels(at: 2)
    #expect(pixels.count == 3072 && pixels[..<6] == [0, 1, 2, 1, 2, 3])
    #expect(try layout.load(.test).labels == [0, 1])
  }

  /// Two classes of one name could not be told apart in any result.
  @Test func repeatedClassNames() throws {
    try folder.write(records([[3]]), to: "data_batch_1.bin")
    let names = try folder.write(
      text: "a\nb\nc\nd\ne\nf\nb\nh\ni\nj\n", to: "batches.meta.txt")
    #expect(
      throws: DatasetError.invalidClassNames(
        path: names, row: 7, reason: "the class name “b” is there twice")
    ) {
      try DatasetLoader.open(folder.path)
    }
  }

  @Test func grayFollowsLuma() throws {
    let path = try folder.write(records([[0], [1]]), to: "some.bin")
    var options = DatasetOptions()
    options.color = .gray
    let whole = try #require(try DatasetLoader.open(path, options: options).whole)
    let pixels = try whole.pixels(at: 1)
    #expect(pixels.count == 1024)
    #expect(pixels[100] == Luma.luma(red: 100, green: 101, blue: 102))
    #expect(pixels[255] == Luma.luma(red: 255, green: 0, blue: 1))
  }

  @Test func readsTheFineLabelsOfCIFAR100() throws {
    try folder.write(records([[19, 11], [4, 99]]), to: "train.bin")
    try folder.write(records([[0, 5]]), to: "test.bin")
    try folder.write(
      text: (0..<100).map { "class\($0)\r\n" }.joined(), to: "fine_label_names.txt")
    let splits = try DatasetLoader.open(folder.path)
    #expect(splits.train?.labels == [11, 99])
    #expect(splits.train?.classNames.last == "class99")
    #expect(splits.test?.labels == [5])
  }

  @Test func sizesTellTheVariantsApart() throws {
    let hundred = try folder.write(records([[0, 42], [0, 43]]), to: "hundred/x.bin")
    #expect(try DatasetLoader.open(hundred).whole?.labels == [42, 43])
    let neither = try folder.write([1, 2, 3], to: "neither/x.bin")
    let error = #expect(throws: DatasetError.self) { try DatasetLoader.locate(neither) }
    guard case .unrecognized(neither, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func badRecordsAreRefused() throws {
    let names = (0..<10).map { "\($0)\n" }.joined()
    try folder.write(text: names, to: "short/batches.meta.txt")
    let short = try folder.write(
      Array(records([[1], [2]]).dropLast()), to: "short/data_batch_1.bin")
    #expect(throws: DatasetError.sizeMismatch(path: short, expected: 3073, received: 6145)) {
      try DatasetLoader.open(folder.path("short"))
    }
    let label = try folder.write(records([[1], [10]]), to: "label/train.bin")
    #expect(
      throws: DatasetError.labelOutOfRange(path: label, sample: 1, label: 10, classes: 10)
    ) { try DatasetLoader.open(folder.path("label")) }
    try folder.write(records([[1], [2]]), to: "names/train.bin")
    let few = try folder.write(text: "a\nb\n", to: "names/batches.meta.txt")
    #expect(
      throws: DatasetError.invalidClassNames(
        path: few, row: 3, reason: "2 class names, expected 10")
    ) { try DatasetLoader.open(folder.path("names")) }
  }
}
