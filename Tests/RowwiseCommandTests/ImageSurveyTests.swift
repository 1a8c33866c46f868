import Foundation
import RowwiseImageDecoding
import TestSupport
import Testing

@testable import RowwiseCommand

/// `inspect` of a tree of pictures that is no data set.
struct ImageSurveyTests {
  private func makeTree() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    func write(_ name: String, width: Int, value: UInt8) throws {
      try folder.write([], to: name)
      try PNGWriter.write(
        DecodedImage(
          width: width, height: 2, channels: 1,
          pixels: [UInt8](repeating: value, count: 2 * width)),
        toPath: "\(folder.path)/\(name)")
    }
    try write("tree/a.png", width: 3, value: 1)
    try write("tree/b/copy.png", width: 3, value: 1)
    try write("tree/b/c.jpg", width: 3, value: 2)
    try write("tree/b/large.png", width: 4, value: 3)
    try write("tree/noending", width: 3, value: 4)
    for (name, text) in [
      ("tree/text.png", "no picture"), ("tree/notes.txt", "text"), ("tree/moving.gif", "GIF89a…"),
    ] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
    }
    // An archive is no picture that cannot be read.
    try Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0]).write(
      to: URL(fileURLWithPath: "\(folder.path)/tree/packed.gz"))
    return folder
  }

  @Test func table() throws {
    let folder = try makeTree()
    let run = try ToolRun(["inspect", "tree"], in: folder.path)
    #expect(run.status == 1)
    #expect(run.errors.hasPrefix("no data set: tree: "), "\(run.errors)")
    #expect(
      run.output == """
        files        7 pictures, 2 others
        formats      5 PNG
        sizes        3 × 2 to 4 × 2, most 3 × 2
        unreadable   2
        duplicates   1 beside the first of their bytes
        odd sizes    1
        mislabelled  2

        unreadable
          tree/moving.gif: a GIF file, which is not read; convert it to PNG or JPEG
          tree/text.png: not a picture: expected the first bytes of a PNG, JPEG, PNM or
            BMP file, found 6E 6F 20 70 69 63 74 75; check the file, or convert it to
            PNG

        the same bytes
          tree/a.png = tree/b/copy.png

        of another size than most
          tree/b/large.png: 4 × 2

        named as another format
          tree/b/c.jpg: a PNG file, named .jpg
          tree/noending: a PNG file, its name has no ending

        """)
  }

  @Test func json() throws {
    let folder = try makeTree()
    let run = try ToolRun(["inspect", "tree", "--format", "json"], in: folder.path)
    #expect(run.status == 1)
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    #expect(json["kind"] as? String == "images")
    #expect(json["images"] as? Int == 7)
    #expect(json["usual_size"] as? [Int] == [3, 2])
    #expect(json["duplicates"] as? [[String]] == [["tree/a.png", "tree/b/copy.png"]])
    let odd = json["odd_sized"] as? [[String: String]]
    #expect(odd == [["path": "tree/b/large.png", "reason": "4 × 2"]])
  }

  @Test func pipesAreRefusedAtOnce() throws {
    let folder = try makeTree()
    #expect(mkfifo("\(folder.path)/pipe.png", 0o600) == 0)
    let run = try ToolRun(["inspect", "pipe.png"], in: folder.path)
    #expect(run.status == 74)
    #expect(
      run.errors
        == "rowwise: pipe.png: cannot be read: it is a pipe, expected a regular file\n")
    #expect(throws: ImageDecodingError.self) {
      try ImageRowReader(path: "/dev/zero")
    }
  }
}
