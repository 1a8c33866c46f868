import Foundation
import RowwiseDatasetLoading
import RowwiseFiles
import RowwiseImageDecoding
import TestSupport
import Testing

/// Zip and tar files, read in place.
@Suite struct ArchiveTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static func picture(_ value: UInt8) throws -> [UInt8] {
    try PNGWriter.encode(
      DecodedImage(width: 2, height: 2, channels: 1, pixels: [value, value, 9, value]))
  }

  /// Two classes in a folder, as an archive has it, with what archives of Macs have besides.
  private static func members() throws -> [(name: String, bytes: [UInt8])] {
    var members: [(name: String, bytes: [UInt8])] = []
    for number in 0..<3 {
      members.append(("pets/dog/\(number).png", try picture(UInt8(100 + number))))
      members.append(("pets/cat/\(number).png", try picture(UInt8(number))))
      members.append(("__MACOSX/pets/cat/._\(number).png", [0, 5, 22, 7]))
    }
    return members
  }

  @Test func everyKindIsTheFolderThatWasPacked() throws {
    let members = try Self.members()
    for (name, bytes) in members where name.hasPrefix("pets") {
      try folder.write(bytes, to: name)
    }
    let plain = try #require(try DatasetLoader.open(folder.path("pets")).whole)
    for (name, bytes) in [
      ("a.zip", ArchiveBytes.zip(members)), ("b.zip", ArchiveBytes.zip(members, deflated: true)),
      ("c.tar", ArchiveBytes.tar(members)), ("d.tar.gz", gzip(ArchiveBytes.tar(members))),
      ("e.data", gzip(ArchiveBytes.tar(members)) + gzip([])),
    ] {
      let path = try folder.write(bytes, to: name)
      let whole = try #require(try DatasetLoader.open(path).whole)
      #expect(whole.fingerprint == plain.fingerprint, "\(name)")
      #expect(whole.classNames == ["cat", "dog"] && whole.count == 6)
      #expect(whole.sampleName(at: 0) == "\(path)/pets/cat/0.png")
      #expect(whole.report.isEmpty)
      // Also what is decoded again whenever it is asked for.
      var options = DatasetOptions()
      options.cacheBytes = 4
      let streamed = try #require(try DatasetLoader.open(path, options: options).whole)
      #expect(try streamed.pixels(at: 5) == plain.pixels(at: 5))
    }
  }

  @Test func otherLayoutsAreReadInArchives() throws {
    let path = try folder.write(
      ArchiveBytes.zip([
        ("raw/train-images-idx3-ubyte", idx([2, 1, 1], [5, 6])),
        ("raw/train-labels-idx1-ubyte", idx([2], [0, 1])),
      ]), to: "idx.zip")
    #expect(try DatasetLoader.open(path).train?.count == 2)
    let manifest = try folder.write(
      ArchiveBytes.tar([
        ("list.csv", Array("path,label\na.png,x\nb.png,y\n".utf8)), ("a.png", try Self.picture(1)),
        ("b.png", try Self.picture(2)),
      ]), to: "list.tar")
    _ = try Archives.mount(manifest)
    #expect(try DatasetLoader.open(manifest + "/list.csv").whole?.count == 2)
  }

  /// What names lead elsewhere is left out, and no path through the archive finds anything beside it.
  @Test func noPathLeavesTheArchive() throws {
    try folder.write(try Self.picture(7), to: "secret.png")
    let names = [
      "../secret.png", "/secret.png", "a/../../secret.png", "C:/x.png", "..\\secret.png",
      String(repeating: "d/", count: 100) + "x.png", "good/1.png", "good\\2.png", "good",
      "good/1.png/x",
    ]
    let path = try folder.write(
      ArchiveBytes.zip(try names.map { ($0, try Self.picture(1)) }), to: "hostile.zip")
    let archive = try #require(try Archives.mount(path))
    var found: [String] = []
    try FileSystem.forEachFile(below: path) { path, _ in found.append(path) }
    #expect(found == ["\(path)/good/1.png", "\(path)/good/2.png"])
    #expect(archive.leftOut == 8)
    #expect(FileKind(path: "\(path)/../secret.png") == nil)
    #expect(throws: FileError.self) { try InputFile(path: "\(path)/../secret.png") }
    #expect(throws: FileError.self) { try InputFile(path: "\(path)/none.png") }
    #expect(throws: FileError.self) { try InputFile(path: "\(path)/good") }
    // Links are left out.
    let tar = try folder.write(
      ArchiveBytes.tar([("link", [])], kind: UInt8(ascii: "2")), to: "links.tar")
    #expect(try Archives.mount(tar)?.leftOut == 1)
    // A manifest in an archive names files in it only.
    let manifest = try folder.write(
      ArchiveBytes.zip([
        ("list.csv", Array("path,label\n\(folder.path("secret.png")),x\n".utf8))
      ]), to: "list.zip")
    _ = try Archives.mount(manifest)
    let error = #expect(throws: DatasetError.self) {
      try DatasetLoader.open(manifest + "/list.csv")
    }
    #expect(error?.description.contains("leads out of the archive") == true)
  }

  @Test func limitsHold() throws {
    // A directory that claims more than any real archive holds.
    var bytes = ArchiveBytes.zip([("a/1.png", [1, 2, 3])], deflated: true)
    let directory = try #require(
      bytes.indices.last { bytes[$0...].starts(with: [0x50, 0x4B, 1, 2]) })
    bytes.replaceSubrange(directory + 24..<directory + 28, with: [0, 0, 0, 0x7F])
    let bomb = try folder.write(bytes, to: "bomb.zip")
    let error = #expect(throws: DatasetError.self) { try DatasetLoader.locate(bomb) }
    #expect(error?.description.contains("at most") == true)
    // Below that, but more than deflate makes of three bytes.
    bytes.replaceSubrange(directory + 24..<directory + 28, with: [0, 0, 0, 1])
    let other = try folder.write(bytes, to: "other.zip")
    _ = try Archives.mount(other)
    #expect(throws: FileError.self) { try InputFile(path: other + "/a/1.png") }
    // A checksum that is another's.
    bytes = ArchiveBytes.zip([("a/1.png", [1, 2, 3])], deflated: true)
    bytes[directory + 16] ^= 1
    let changed = try folder.write(bytes, to: "changed.zip")
    _ = try Archives.mount(changed)
    #expect(
      throws: FileError.badArchive(
        path: changed + "/a/1.png", reason: "damaged in the archive; get it again")
    ) {
      try InputFile(path: changed + "/a/1.png")
    }
  }

  @Test func damagedArchivesAreNamed() throws {
    let members = try Self.members()
    for (name, bytes) in [
      ("cut.zip", Array(ArchiveBytes.zip(members).dropLast(30))),
      ("cut.tar", Array(ArchiveBytes.tar(members)[..<1500])),
      ("cut.tgz", Array(gzip(ArchiveBytes.tar(members)).dropLast(100))),
    ] {
      let path = try folder.write(bytes, to: name)
      let error = #expect(throws: DatasetError.self) { try DatasetLoader.locate(path) }
      #expect(
        error?.description.hasPrefix(path) == true && error?.isInputOutput == false, "\(name)")
    }
  }

  @Test func otherArchivesAndTablesAreNamed() throws {
    for (bytes, text) in [
      (Array("PAR1".utf8), "a Parquet file, which is not read; in Python"),
      ([0x89] + Array("HDF".utf8), "an HDF5 file"), (Array("Rar!".utf8), "a RAR archive"),
      ([0xFD] + Array("7zXZ".utf8), "an xz file, which is not read; unpack it: tar xf"),
    ] {
      let path = try folder.write(bytes + [UInt8](repeating: 0, count: 40), to: "file.dat")
      let error = #expect(throws: DatasetError.self) { try DatasetLoader.locate(path) }
      #expect(error?.description.contains(text) == true, "\(String(describing: error))")
    }
    try folder.write(Array("PAR1 and more".utf8), to: "hub/data/train-00000.parquet")
    let error = #expect(throws: DatasetError.self) { try DatasetLoader.locate(folder.path("hub")) }
    #expect(error?.description.contains("train-00000.parquet: a Parquet file") == true)
  }
}
