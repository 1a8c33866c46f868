import Testing

@testable import RowwiseCommand

struct DatasetFoldersTests {
  @Test func theUsersCacheGoesBeforeTheSystem() {
    #expect(
      DatasetFolders.folders(cacheHome: "/c", home: "/h")
        == ["Datasets", "/c/rowwise/datasets", "/usr/share/datasets"])
    #expect(
      DatasetFolders.folders(cacheHome: nil, home: "/h")
        == ["Datasets", "/h/.cache/rowwise/datasets", "/usr/share/datasets"])
    #expect(
      DatasetFolders.folders(cacheHome: nil, home: nil) == ["Datasets", "/usr/share/datasets"])
  }
}
