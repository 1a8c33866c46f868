import Testing

@testable import RowwiseDatasetLoading

@Suite struct IDXNameTests {
  @Test(
    arguments: [
      ("train-images-idx3-ubyte.gz", "", .train, .images),
      ("t10k-labels-idx1-ubyte", "", .test, .labels),
      ("train-labels.idx1-ubyte", "", .train, .labels),
      ("emnist-balanced-test-images-idx3-ubyte.gz", "emnist-balanced-", .test, .images),
      ("EMNIST-letters-train-labels-idx1-ubyte.gz", "EMNIST-letters-", .train, .labels),
      ("val-images-idx3-ubyte", "", .validation, .images),
      ("images-idx3-ubyte", "", nil, .images),
      ("my-own-labels-idx1-ubyte", "my-own-", nil, .labels),
    ] as [(String, String, DatasetPart?, IDXName.Content)])
  func takesNamesApart(
    name: String, prefix: String, part: DatasetPart?, content: IDXName.Content
  ) throws {
    let parsed = try #require(IDXName(name))
    #expect(parsed.prefix == prefix)
    #expect(parsed.part == part)
    #expect(parsed.content == content)
  }

  @Test(arguments: [
    "", "train-images-idx3-ubyte.zip", "train-images-idx1-ubyte", "train-images", "-ubyte",
    "images-idx3-ubyte.gz.txt", "trainimages-idx3-ubyte", "idx3-ubyte",
  ])
  func leavesOthersAlone(name: String) { #expect(IDXName(name) == nil) }
}
