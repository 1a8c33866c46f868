import Foundation
import RowwiseDatasetLoading
import TestSupport
import Testing

@Suite struct ClassFoldersTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func classesAreInNaturalOrder() throws {
    for (i, name) in ["10", "2", "1"].enumerated() {
      try folder.picture("\(name)/b10.png", value: UInt8(10 * i + 1))
      try folder.picture("\(name)/b9.png", value: UInt8(10 * i))
    }
    let layout = try DatasetLoader.locate(folder.path)
    #expect(layout.kind == .folders && layout.parts == [.whole])
    let whole = try layout.load(.whole)
    #expect(whole.classNames == ["1", "2", "10"])
    #expect(whole.labels == [0, 0, 1, 1, 2, 2])
    #expect(whole.sampleName(at: 0) == folder.path("1/b9.png"))
    #expect(try (0..<6).map { try whole.pixels(at: $0)[0] } == [20, 21, 10, 11, 0, 1])
    #expect(whole.width == 4 && whole.height == 3 && whole.color == .gray)
    #expect(whole.report.isEmpty && layout.report.isEmpty)
  }

  @Test(arguments: ["val", "validation", "valid"])
  func partsAreFolders(validation: String) throws {
    for part in ["train", validation, "test"] {
      try folder.picture("\(part)/a/1.png")
      try folder.picture("\(part)/b/1.png")
    }
    try folder.picture("test/c/1.png")
    try folder.picture("other/x/1.png")
    try folder.write(text: "hello", to: "README.md")
    let splits = try DatasetLoader.open(folder.path)
    #expect(Set(splits.parts.keys) == [.train, .validation, .test])
    // A class is the same number in every part; what the test part alone has is nothing to learn.
    #expect(splits.train?.classNames == ["a", "b"])
    #expect(splits.test?.classNames == ["a", "b", "c"])
    #expect(splits.test?.labels == [0, 1, 2])
    #expect(splits.validation?.labels == [0, 1])
    #expect(splits.report.ignoredFolders == [folder.path("other")])
    #expect(splits.report.ignoredFiles == 1)
    #expect(splits.train?.report.emptyClasses == [])
  }

  @Test func classesMayBeCalledTrainAndTest() throws {
    try folder.picture("train/1.png")
    try folder.picture("plane/1.png")
    let whole = try #require(try DatasetLoader.open(folder.path).whole)
    #expect(whole.classNames == ["plane", "train"])
  }

  @Test func hiddenFilesAreSkippedAndOthersCounted() throws {
    try folder.picture("a/1.PNG")
    try folder.picture("b/deep/er/2.png")
    try folder.picture("b/.hidden.png")
    try folder.picture(".git/3.png")
    try folder.write(text: "notes", to: "a/notes.txt")
    try folder.write(text: "x", to: "a/.DS_Store")
    let layout = try DatasetLoader.locate(folder.path)
    #expect(layout.report.ignoredFiles == 1)
    #expect(layout.report.ignoredExamples == [folder.path("a/notes.txt")])
    let whole = try layout.load(.whole)
    #expect(whole.classNames == ["a", "b"])
    #expect(whole.count == 2)
  }

  @Test func linksAreFollowedButNotInCircles() throws {
    try folder.picture("a/1.png")
    try folder.picture("elsewhere/2.png")
    try folder.folder("data/a")
    try folder.link("data/a/link.png", to: folder.path("a/1.png"))
    try folder.link("data/a/up", to: folder.path("data"))
    try folder.link("data/a/self", to: folder.path("data/a"))
    try folder.link("data/b", to: folder.path("elsewhere"))
    try folder.link("elsewhere/back", to: folder.path("elsewhere"))
    let whole = try #require(try DatasetLoader.open(folder.path("data")).whole)
    #expect(whole.classNames == ["a", "b"])
    #expect(whole.count == 2)
  }

  @Test func pipesDoNotBlock() throws {
    try folder.picture("a/1.png")
    try folder.picture("b/1.png")
    #expect(mkfifo(folder.path("b/2.png"), 0o600) == 0)
    #expect(try DatasetLoader.open(folder.path).whole?.count == 2)
  }

  @Test func badImagesAreReportedAndLeftOut() throws {
    try folder.picture("a/1.png", value: 1)
    let text = try folder.write(text: "no picture at all", to: "a/2.png")
    let empty = try folder.write([], to: "b/1.jpg")
    try folder.link("b/2.png", to: "nowhere")
    try folder.picture("b/3.png", value: 3)
    try folder.picture("c/1.png", value: 4)
    let whole = try #require(try DatasetLoader.open(folder.path).whole)
    #expect(whole.labels == [0, 1, 2])
    #expect(whole.report.badImages.map(\.path) == [text, empty, folder.path("b/2.png")])
    #expect(whole.report.badImages.allSatisfy { !$0.reason.isEmpty && !$0.reason.contains("/") })
    #expect(whole.report.emptyClasses.isEmpty)
    let lines = whole.report.lines(mostImages: 2)
    #expect(lines.count == 4 && lines[0].hasPrefix("3 images were left out"))
    #expect(lines[3] == "  and 1 more")
  }

  @Test func emptyClassesAreReported() throws {
    try folder.picture("a/1.png")
    try folder.picture("b/1.png")
    try folder.folder("c")
    try folder.write(text: "bad", to: "d/1.png")
    let whole = try #require(try DatasetLoader.open(folder.path).whole)
    #expect(whole.classNames == ["a", "b", "c", "d"])
    #expect(whole.report.emptyClasses == ["c", "d"])
  }

  @Test func emptyClassFoldersAreRefusedWhereAskedFor() throws {
    for part in ["train", "test"] {
      try folder.picture("data/\(part)/a/1.png")
      try folder.picture("data/\(part)/b/1.png")
    }
    try folder.folder("data/test/c")
    let data = folder.path("data")
    try DatasetLoader.locate(data).checkClassFolders(of: .train)
    #expect(
      throws: DatasetError.emptyClassFolders(path: data, folders: [folder.path("data/test/c")])
    ) {
      try DatasetLoader.locate(data).checkClassFolders(of: .test)
    }
    try folder.write(text: "GIF89a", to: "data/train/c/1.gif")
    try folder.folder("data/train/d/deep")
    #expect(
      throws: DatasetError.emptyClassFolders(path: data, folders: [folder.path("data/train/d")])
    ) {
      try DatasetLoader.locate(data).checkClassFolders(of: .train)
    }
    // Nothing is wrong with looking at them.
    let train = try #require(try DatasetLoader.open(data).train)
    #expect(train.report.emptyClasses == ["c", "d"])
    // A class whose images are all unreadable counts as one without.
    #expect(throws: DatasetError.unreadableClasses(path: data, classes: ["c", "d"])) {
      try DatasetLoader.locate(data).checkClasses(of: train)
    }
  }

  @Test func emptyClassFoldersAreNamed() {
    let one = DatasetError.emptyClassFolders(path: "p", folders: ["p/a"])
    #expect(
      one.description
        == "p: no image in the class folder p/a; add PNG, JPEG, PNM or BMP files, or remove the "
        + "folder")
    let many = DatasetError.emptyClassFolders(path: "p", folders: (1...7).map { "\($0)" })
    #expect(
      many.description
        == "p: no image in the class folders 1, 2, 3, 4, 5 and 2 more; add PNG, JPEG, PNM or BMP "
        + "files, or remove the folders")
  }

  @Test func uselessFoldersAreRefused() throws {
    let empty = try folder.folder("empty")
    #expect(throws: DatasetError.noImages(path: empty)) { try DatasetLoader.locate(empty) }
    try folder.folder("hollow/a")
    try folder.folder("hollow/b")
    let hollow = folder.path("hollow")
    #expect(throws: DatasetError.noImages(path: hollow)) { try DatasetLoader.locate(hollow) }
    try folder.picture("flat/1.png")
    try folder.picture("flat/2.png")
    let flat = folder.path("flat")
    #expect(throws: DatasetError.noClassFolders(path: flat, images: 2)) {
      try DatasetLoader.locate(flat)
    }
    try folder.picture("one/a/1.png")
    try folder.folder("one/b")
    let one = folder.path("one")
    #expect(throws: DatasetError.tooFewClasses(path: one, classes: ["a"])) {
      try DatasetLoader.open(one)
    }
    try folder.write(text: "x", to: "bad/a/1.png")
    try folder.write(text: "y", to: "bad/b/1.png")
    let error = #expect(throws: DatasetError.self) { try DatasetLoader.open(folder.path("bad")) }
    guard case .allImagesBad(folder.path("bad"), 2, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func sizeIsTheMedian() throws {
    for i in 0..<3 { try folder.picture("a/\(i).png", width: 200, height: 100) }
    for i in 0..<2 { try folder.picture("b/\(i).png", width: 10, height: 10) }
    let layout = try DatasetLoader.locate(folder.path)
    var preprocessing = try layout.preprocessing()
    #expect(preprocessing.width == 64 && preprocessing.height == 32)
    #expect(preprocessing.color == .gray)
    try folder.picture("b/3.png", width: 10, height: 10, channels: 3)
    preprocessing = try layout.preprocessing()
    #expect(preprocessing.color == .gray, "found before the file was there")
    preprocessing = try DatasetLoader.locate(folder.path).preprocessing()
    // Three against three: the larger, never the smallest picture.
    #expect(preprocessing.width == 64 && preprocessing.height == 32)
    #expect(preprocessing.color == .rgb)
    var options = DatasetOptions()
    options.height = 20
    #expect(try layout.preprocessing(options).width == 40)
  }
}
