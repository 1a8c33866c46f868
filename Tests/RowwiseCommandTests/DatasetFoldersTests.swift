import RowwiseFiles
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
    #expect(
      DatasetFolders.folders(cacheHome: nil, home: "/h", installed: "/p/share/rowwise/datasets")
        == [
          "Datasets", "/h/.cache/rowwise/datasets", "/p/share/rowwise/datasets",
          "/usr/share/datasets",
        ])
  }

  @Test func installedDataLieBesidesTheCommand() throws {
    #expect(
      DatasetFolders.installedFolder(besides: "/usr/local/bin/rowwise")
        == "/usr/local/share/rowwise/datasets")
    #expect(DatasetFolders.installedFolder(besides: "/bin/rowwise") == "/share/rowwise/datasets")
    let own = try #require(ExecutablePath.ofProcess)
    #expect(FileKind(path: own)?.isFolder == false && own.hasPrefix("/"))
  }
}
