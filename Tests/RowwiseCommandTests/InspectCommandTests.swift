import Foundation
import RowwiseDatasetLoading
import RowwiseImageDecoding
import TestSupport
import Testing

@testable import RowwiseCommand

/// The tool as it is built, its whole output and exit status.
struct InspectCommandTests {
  /// What is wrong with a file that holds no data set is told, not that of a folder.
  @Test func filesOfOtherKindsAreNamed() throws {
    let place = try Workplace()
    try place.write(Data("PAR1 and so on".utf8), to: "t.parquet")
    try place.write(Data(("7" + String(repeating: ",1", count: 16) + "\n").utf8), to: "one.csv")
    for (path, message) in [("t.parquet", "a Parquet file"), ("one.csv", "images of 1 class")] {
      let run = try place.rowwise("inspect", path)
      #expect(run.status == 65 && run.errors.contains(message), "\(run.errors)")
    }
  }

  /// A folder with two classes of small pictures, one of them not a picture.
  func makeSet() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, value) in [("set/no/1.png", UInt8(0)), ("set/yes/1.png", 255), ("set/yes/2.png", 9)]
    {
      try folder.write([], to: name)
      try PNGWriter.write(
        DecodedImage(width: 3, height: 2, channels: 1, pixels: [UInt8](repeating: value, count: 6)),
        toPath: "\(folder.path)/\(name)")
    }
    return folder
  }

  @Test func dataSetAsTable() throws {
    let folder = try makeSet()
    let run = try ToolRun(["inspect", "set"], in: folder.path)
    #expect(run.status == 0)
    #expect(run.errors == "")
    let fingerprint = try DatasetLoader.open("\(folder.path)/set").whole?.fingerprint
    #expect(
      run.output == """
        data set  set (class folders)
        images    3 × 2, gray
        classes   2
        whole     3 samples, \(try #require(fingerprint))
        balance   1 to 2 samples a class

        class  whole
        no         1
        yes        2

        whole: 3 samples are all of one colour, as read at 3 × 2
          set/no/1.png
          set/yes/1.png
          set/yes/2.png

        files        3 pictures, 0 others
        formats      3 PNG
        sizes        all 3 × 2
        unreadable   0
        duplicates   0
        odd sizes    0
        mislabelled  0

        """)
  }

  @Test func unreadableImagesAreCounted() throws {
    let folder = try makeSet()
    try Data("no picture".utf8).write(to: URL(fileURLWithPath: "\(folder.path)/set/no/2.png"))
    let run = try ToolRun(["inspect", "set", "--format", "json"], in: folder.path)
    #expect(run.status == 1)
    #expect(run.output.contains("\"unreadable_images\": 1,"))
    let json = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    let parts = json?["parts"] as? [String: [String: Any]]
    #expect(parts?["whole"]?["class_counts"] as? [Int] == [1, 2])
  }

  /// A file among the classes' pictures of a format that is not read.
  @Test func unreadableFilesOfTheFolderAreNamed() throws {
    let folder = try makeSet()
    try Data("<svg xmlns='http://www.w3.org/2000/svg'></svg>".utf8).write(
      to: URL(fileURLWithPath: "\(folder.path)/set/no/plot.svg"))
    let run = try ToolRun(["inspect", "set"], in: folder.path)
    #expect(run.status == CommandStatus.someInputsFailed.rawValue)
    #expect(run.output.contains("files        4 pictures, 0 others\n"))
    #expect(run.output.contains("\n  set/no/plot.svg: an SVG file, which is not read"))
  }

  /// Images of equal pixels are listed whole in JSON.
  @Test func repeatsAreListed() throws {
    let folder = try makeSet()
    for (name, value) in [("no/a", UInt8(9)), ("no/b", 9), ("yes/c", 77), ("yes/d", 77)] {
      try PNGWriter.write(
        DecodedImage(width: 3, height: 2, channels: 1, pixels: [UInt8](repeating: value, count: 6)),
        toPath: "\(folder.path)/set/\(name).png")
    }
    struct Inspected: Decodable {
      struct Group: Decodable, Equatable {
        struct Sample: Decodable, Equatable {
          let index: Int
          let name: String
          let `class`: String
        }
        let part: String
        let contradiction: Bool
        let samples: [Sample]
      }
      struct Constant: Decodable, Equatable {
        let part: String
        let index: Int
      }
      let repeats: [Group]?
      let constant: [Constant]?
    }
    let run = try ToolRun(["inspect", "set", "--format", "json"], in: folder.path)
    #expect(run.status == 0, "\(run.errors)")
    let found = try JSONDecoder().decode(Inspected.self, from: Data(run.output.utf8))
    #expect(found.constant == (0..<7).map { .init(part: "whole", index: $0) })
    #expect(
      found.repeats == [
        .init(
          part: "whole", contradiction: true,
          samples: [
            .init(index: 1, name: "set/no/a.png", class: "no"),
            .init(index: 2, name: "set/no/b.png", class: "no"),
            .init(index: 4, name: "set/yes/2.png", class: "yes"),
          ]),
        .init(
          part: "whole", contradiction: false,
          samples: [
            .init(index: 5, name: "set/yes/c.png", class: "yes"),
            .init(index: 6, name: "set/yes/d.png", class: "yes"),
          ]),
      ])
    let digits = try ToolRun(["inspect", "Datasets/digits", "--format", "json"], in: repository)
    let clean = try JSONDecoder().decode(Inspected.self, from: Data(digits.output.utf8))
    #expect(clean.repeats?.allSatisfy { !$0.contradiction } == true && clean.constant == [])
  }

  private var repository: String { Workplace.package.path }

  @Test func imageAsTable() throws {
    let folder = try makeSet()
    let run = try ToolRun(["inspect", "set/yes/2.png"], in: folder.path)
    #expect(run.status == 0)
    #expect(run.errors == "")
    #expect(
      run.output == """
        image           set/yes/2.png
        format          PNG, not interlaced
        colour          gray, 8 bits
        size            3 × 2 pixels, upright
        orientation     1, stored upright
        rows            2, read one by one
        colour profile  none
        problem         none

        """)
  }

  /// By what is in it, whatever it is called.
  @Test func modelFileOfAnotherName() throws {
    let folder = try makeSet()
    let trained = try ToolRun(
      [
        "train", "set", "--size", "4x3", "--layers", "dropout:0.1,lstm:2", "--epochs", "1",
        "--output", "run",
      ],
      in: folder.path)
    #expect(trained.status == 0, "\(trained.errors)")
    for name in ["model", "model.png", "model.weights"] {
      try FileManager.default.copyItem(
        atPath: "\(folder.path)/run/model.safetensors", toPath: "\(folder.path)/\(name)")
      let run = try ToolRun(["inspect", name], in: folder.path)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.hasPrefix("model  "))
      #expect(run.output.contains("\nlayer 2 "))
      #expect(!run.output.contains("\nlayer 0 "))
    }
  }

  @Test func damagedImageIsShownAndFails() throws {
    let folder = try makeSet()
    let path = "\(folder.path)/set/yes/2.png"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    try bytes.prefix(bytes.count - 20).write(to: URL(fileURLWithPath: path))
    let run = try ToolRun(["inspect", "set/yes/2.png"], in: folder.path)
    #expect(run.status == 65)
    #expect(run.output.contains("\nproblem         set/yes/2.png: "))
    #expect(!run.output.contains("problem         none"))
  }

  static let badInputs: [(arguments: [String], errors: String, status: Int32)] = [
    (
      ["--nonsense"], "rowwise: Unknown option '--nonsense' (see rowwise --help)\n", 64
    ),
    (
      ["inspect"],
      "rowwise: Missing expected argument '<path>' (see rowwise inspect --help)\n", 64
    ),
    (
      ["inspect", "set", "--threads", "0"],
      "rowwise: --threads must be from 1 to 1024, got 0 (see rowwise inspect --help)\n", 64
    ),
    (
      ["inspect", "set", "--format", "xml"],
      "rowwise: The value 'xml' is invalid for '--format <format>'. "
        + "Please provide one of 'table' and 'json' (see rowwise inspect --help)\n", 64
    ),
    (
      ["inspect", "missing/set"],
      "rowwise: missing/set: no such file or folder\n", 66
    ),
    (
      ["inspect", "empty"],
      "rowwise: empty: no images; expected PNG, JPEG, PNM or BMP files in one folder per class\n",
      65
    ),
    (
      ["inspect", "text.png"],
      "rowwise: text.png: not a picture: expected the first bytes of a PNG, JPEG, PNM or "
        + "BMP file, found 73 6F 6D 65 20 74 65 78; check the file, or convert it to PNG\n", 65
    ),
  ]

  @Test func badInputs() throws {
    let folder = try makeSet()
    try folder.folder("empty")
    try Data("some text".utf8).write(to: URL(fileURLWithPath: "\(folder.path)/text.png"))
    for (arguments, errors, status) in Self.badInputs {
      let run = try ToolRun(arguments, in: folder.path)
      #expect(run.output == "", "\(arguments)")
      #expect(run.errors == errors, "\(arguments)")
      #expect(run.status == status, "\(arguments)")
    }
  }
}
