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
      ("train-images-idx4-ubyte", "", .train, .images),
      ("qmnist-train-labels-idx2-int.gz", "qmnist-", .train, .labels),
      ("train-images-idx3-ubyte (1)", "", .train, .images),
      ("train-labels-idx1-ubyte (12).gz", "", .train, .labels),
      ("images.idx", "", nil, .images), ("train-labels.idx1", "", .train, .labels),
      ("test_images.idx3-ubyte", "", .test, .images),
      ("train-images-idx3-float", "", .train, .images),
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
