import TestSupport
import Testing

@testable import RowwiseDatasetLoading

/// Names that look the same.
@Suite struct ClassNameTests {
  @Test func foldersOfOneNameInTwoFormsAreReported() throws {
    let folder = try TemporaryFolder()
    for (index, name) in ["\u{E9}t\u{E9}", "e\u{301}te\u{301}", "hiver"].enumerated() {
      try folder.picture("\(name)/\(index).png")
    }
    let error = #expect(throws: DatasetError.self) { try DatasetLoader.locate(folder.path) }
    #expect(error?.description.contains("have the same name") == true)
    #expect(error?.description.contains("U+E9 U+E9") == true)
    #expect(error?.description.contains("U+301 U+301") == true)
  }

  @Test func labelsOfOneNameInTwoFormsAreReported() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      text: "label,path\n\u{E9},1.png\nb,2.png\n\u{E9},3.png\ne\u{301},4.png\n", to: "list.csv")
    #expect(throws: DatasetError.equalLabels(path: path, rows: 2, 5, "\u{E9}", "e\u{301}")) {
      try DatasetLoader.locate(path)
    }
  }

  @Test func formsMayDifferBetweenParts() throws {
    let folder = try TemporaryFolder()
    for name in ["train/\u{E9}", "val/e\u{301}", "train/b", "val/b"] {
      try folder.picture("\(name)/1.png")
    }
    let splits = try DatasetLoader.open(folder.path)
    #expect(splits.train?.classNames == splits.validation?.classNames)
    #expect(splits.train?.classNames.count == 2)
  }
}
