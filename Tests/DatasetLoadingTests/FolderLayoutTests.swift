import Foundation
import RowwiseDatasetLoading
import TestSupport
import Testing

/// Folders as people have them: how parts are called, what lies beside classes, what holds what.
@Suite struct FolderLayoutTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Pictures of two classes below a folder.
  private func classes(_ path: String, _ names: [String] = ["cat", "dog"]) throws {
    for (index, name) in names.enumerated() {
      for number in 0..<2 {
        try folder.picture("\(path)/\(name)/\(number).png", value: UInt8(20 * index + number))
      }
    }
  }

  private func message(_ path: String) -> String {
    do {
      _ = try DatasetLoader.open(path)
      return ""
    } catch {
      return "\(error)".replacing(folder.path, with: "F")
    }
  }

  @Test(arguments: [
    ("training_set", "test_set", DatasetPart.test), ("asl_train", "asl_test", .test),
    ("Train", "dev", .validation), ("train", "eval", .test), ("train-images", "valid", .validation),
    ("trainset", "testset", .test), ("Training Data", "Validation Data", .validation),
  ])
  func partsAreCalledManyWays(training: String, other: String, part: DatasetPart) throws {
    try classes("data/\(training)")
    try classes("data/\(other)")
    let layout = try DatasetLoader.locate(folder.path("data"))
    #expect(layout.parts == [.train, part] && layout.report.isEmpty)
    #expect(try layout.load(.train).classNames == ["cat", "dog"])
  }

  /// A word for a part in the name of one class alone is not one.
  @Test func classesMayHaveSuchWordsInTheirNames() throws {
    try classes("data", ["steam_train", "bullet_train", "car"])
    #expect(try DatasetLoader.locate(folder.path("data")).parts == [.whole])
  }

  @Test func sameFoldersInEveryClassAreRefused() throws {
    try classes("data/first")
    try classes("data/second")
    #expect(
      message(folder.path("data"))
        == "F/data: the folders first, second all hold the same folders (cat, dog), so that they are "
        + "no classes; rename those of the parts to train, validation and test, give the path of "
        + "one, or list the pictures in a CSV manifest")
    // Not where pictures lie in the classes themselves, nor where the folders differ.
    try folder.picture("data/first/own.png")
    #expect(message(folder.path("data")) == "")
    try classes("other/a", ["x", "y"])
    try classes("other/b", ["x", "z"])
    #expect(message(folder.path("other")) == "")
  }

  @Test func aLoneTrainBesideClassesIsAmbiguous() throws {
    for name in ["bus", "car", "train"] { try classes("vehicles/\(name)", ["mon", "tue"]) }
    #expect(
      message(folder.path("vehicles"))
        == "F/vehicles: train may be the train part or a class beside bus, which holds pictures, too; "
        + "give F/vehicles/train for the part alone, or rename the folder")
    // A folder without pictures is no class.
    try classes("notes/train")
    try folder.write(text: "x", to: "notes/labels/a.txt")
    let layout = try DatasetLoader.locate(folder.path("notes"))
    #expect(layout.parts == [.train])
    #expect(layout.report.ignoredFolders == [folder.path("notes/labels")])
  }

  @Test func wrappersAreNamed() throws {
    try classes("wrapper/PetImages")
    #expect(
      message(folder.path("wrapper"))
        == "F/wrapper: the data set seems to be F/wrapper/PetImages; give that path")
    try classes("deep/archive/again/train")
    try classes("deep/archive/again/test")
    #expect(message(folder.path("deep")).contains("seems to be F/deep/archive/again; give"))
    try folder.write(idx([2, 1, 1], [5, 6]), to: "tv/MNIST/raw/train-images-idx3-ubyte")
    try folder.write(idx([2], [0, 1]), to: "tv/MNIST/raw/train-labels-idx1-ubyte")
    #expect(message(folder.path("tv")).contains("seems to be F/tv/MNIST/raw; give"))
    for name in ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"] {
      try folder.write([], to: "apart/\(name)/\(name)")
    }
    #expect(message(folder.path("apart")).contains("IDX files lie in folders of their own"))
    // One class, to be evaluated, is no wrapper where the model knows it.
    var options = DatasetOptions()
    options.classNames = ["PetImages", "other"]
    #expect(
      try DatasetLoader.open(folder.path("wrapper"), options: options).whole?.count == 4)
  }

  @Test func foldersOfTheSystemAreSkipped() throws {
    try classes("data")
    try folder.write(text: "x", to: "data/__MACOSX/cat/._0.png")
    try folder.picture("data/@eaDir/cat/0.png")
    try folder.picture("data/cat/@eaDir/0.png/SYNOPHOTO_THUMB_M.jpg")
    let layout = try DatasetLoader.locate(folder.path("data"))
    #expect(layout.report.lines() == ["folders of the system, ignored: @eaDir, __MACOSX"])
    let whole = try layout.load(.whole)
    #expect(whole.classNames == ["cat", "dog"] && whole.count == 4)
  }

  @Test func anUnlabelledTestPartDoesNotBlockTraining() throws {
    try classes("data/train")
    for number in 0..<5 { try folder.picture("data/test/\(number).png") }
    let layout = try DatasetLoader.locate(folder.path("data"))
    #expect(layout.parts == [.train])
    let test = folder.path("data/test")
    #expect(
      layout.report.lines() == [
        "\(test) holds 5 images in no class; it is left out (rowwise classify MODEL \(test) tells "
          + "their classes)"
      ])
    // The training part must have classes.
    try classes("other/test")
    try folder.picture("other/train/1.png")
    #expect(message(folder.path("other")).hasPrefix("F/other/train: 1 image, but no folders"))
  }

  @Test func loosePicturesAreCalledThat() throws {
    try classes("data")
    try folder.picture("data/extra.png")
    try folder.write(text: "x", to: "data/README.txt")
    let report = try DatasetLoader.locate(folder.path("data")).report
    #expect(report.looseImages == 1 && report.ignoredFiles == 1)
    #expect(
      report.lines().last == "images beside the class folders, in no class and left out: 1 "
        + "(\(folder.path("data/extra.png")))")
  }

  @Test func twinsAreNoted() throws {
    try classes("data", ["Cat", "cat", "dog"])
    try folder.link("data/hound", to: "dog")
    let lines = try DatasetLoader.locate(folder.path("data")).report.lines()
    #expect(
      lines == [
        "\(folder.path("data")): the classes Cat and cat differ in capital letters only",
        "\(folder.path("data")): the classes dog and hound are one folder: the same pictures twice",
      ])
  }

  @Test func classesThatTrainLacksAreNothingToLearn() throws {
    try classes("data/train", ["a", "b", "e"])
    try classes("data/val", ["a", "b"])
    try classes("data/test", ["b", "c", "d"])
    let layout = try DatasetLoader.locate(folder.path("data"))
    let train = try layout.load(.train)
    #expect(train.classNames == ["a", "b", "e"] && train.report.isEmpty)
    #expect(
      try layout.load(.validation).report.lines() == ["classes without images in validation: e"])
    var options = DatasetOptions()
    options.classNames = train.classNames
    #expect(throws: DatasetError.self) { try layout.load(.test, options: options) }
    options.unknownClasses = .skip
    let test = try layout.load(.test, options: options)
    #expect(test.labels == [1, 1] && test.count == 2)
    #expect(
      test.report.lines().last
        == "4 images of test are left out: classes c, d, which the model does not know")
    #expect(test.sampleName(at: 1) == folder.path("data/test/b/1.png"))
    #expect(test.fingerprint != (try layout.load(.test)).fingerprint)
    options.classNames = ["other", "a"]
    options.unknownClasses = .other
    #expect(try layout.load(.test, options: options).labels == [0, 0, 0, 0, 0, 0])
    options.classNames = ["z", "a"]
    #expect(throws: DatasetError.self) { try layout.load(.test, options: options) }
    // Where all are left out, that is no way out.
    options.unknownClasses = .skip
    let none = #expect(throws: DatasetError.self) { try layout.load(.test, options: options) }
    #expect(
      none
        == .noKnownClass(
          path: folder.path("data"), names: ["b", "c", "d"], expected: ["z", "a"]))
    #expect(none?.description.contains("found b, c, d; expected z, a: rename them") == true)
  }

  @Test func numbersTakenByOrderAreAnnounced() throws {
    try folder.write(idx([3, 1, 1], [5, 6, 7]), to: "m/images-idx3-ubyte")
    try folder.write(idx([3], [1, 2, 3]), to: "m/labels-idx1-ubyte")
    var options = DatasetOptions()
    options.classNames = ["0", "1", "2"]
    let whole = try #require(try DatasetLoader.open(folder.path("m"), options: options).whole)
    #expect(whole.labels == [0, 1, 2])
    #expect(
      whole.report.lines() == [
        "the labels are numbers that are not the model's class names; they are taken in their order: "
          + "1 is 0, …, 3 is 2"
      ])
    // Left out on request: then names count.
    options.unknownClasses = .skip
    #expect(try DatasetLoader.open(folder.path("m"), options: options).whole?.labels == [1, 2])
  }
}
