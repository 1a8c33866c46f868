import Foundation
import TestSupport
import Testing

@testable import RowwiseCommand

struct ImagePathsTests {
  /// Expands with nothing on standard input, and takes the folder's path off the results.
  func expand(_ folder: TemporaryFolder, _ arguments: String...) throws -> [String] {
    let full = arguments.map { $0.isEmpty ? folder.path : "\(folder.path)/\($0)" }
    let paths = try ImagePaths(arguments: full).paths
    return paths.map { String($0.dropFirst(folder.path.count + 1)) }
  }

  func makeTree() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in [
      "10.png", "2.png", "B.JPG", "a.jpeg", "notes.txt", ".hidden.png", "sub/3.jpe",
      "sub/.git/4.png", "sub/deep/5.jfif", "[x].png", "other/readme",
    ] {
      try folder.write([], to: name)
    }
    try folder.link("sub/again", to: "..")
    try folder.link("z-linked.png", to: "2.png")
    try folder.link("dangling.png", to: "nothing")
    return folder
  }

  @Test func foldersAreReadInNaturalOrder() throws {
    let folder = try makeTree()
    let all = [
      "2.png", "10.png", "[x].png", "a.jpeg", "B.JPG", "sub/3.jpe", "sub/deep/5.jfif",
      "z-linked.png",
    ]
    #expect(try expand(folder, "") == all)
    #expect(try expand(folder, "sub/deep/", "2.png") == ["sub/deep/5.jfif", "2.png"])
    let paths = try ImagePaths(arguments: [folder.path])
    #expect(paths.passedOverCount == 3, "notes.txt, other/readme, dangling.png")
  }

  @Test func filesAreTakenWhateverTheirName() throws {
    let folder = try makeTree()
    #expect(try expand(folder, "notes.txt", ".hidden.png") == ["notes.txt", ".hidden.png"])
    #expect(try expand(folder, "[x].png") == ["[x].png"], "a name goes before a pattern")
  }

  @Test func patterns() throws {
    let folder = try makeTree()
    #expect(
      try expand(folder, "*.png") == [
        "2.png", "10.png", "[x].png", "z-linked.png",
      ])
    #expect(try expand(folder, "?.png", "[0-9]*.png") == ["2.png", "2.png", "10.png"])
    #expect(
      try expand(folder, "s*") == [
        "sub/3.jpe", "sub/again/2.png", "sub/again/10.png", "sub/again/[x].png",
        "sub/again/a.jpeg", "sub/again/B.JPG", "sub/again/z-linked.png", "sub/deep/5.jfif",
      ], "a link in a circle is followed once")
    #expect(throws: CommandError.nothingMatches(pattern: "\(folder.path)/*.gif")) {
      try expand(folder, "*.gif")
    }
  }

  @Test func argumentsThatStandForNothing() throws {
    let folder = try makeTree()
    // Its error must not lose the others.
    #expect(try expand(folder, "2.png", "no.png") == ["2.png", "no.png"])
    #expect(
      throws: CommandError.unusableInput(
        path: "\(folder.path)/other",
        reason: "no PNG, JPEG, PNM or BMP file in this folder, only 1 other file")
    ) {
      try expand(folder, "other")
    }
    try folder.folder("empty")
    #expect(
      throws: CommandError.unusableInput(
        path: "\(folder.path)/empty", reason: "no PNG, JPEG, PNM or BMP file in this folder")
    ) {
      try expand(folder, "empty")
    }
  }
}
