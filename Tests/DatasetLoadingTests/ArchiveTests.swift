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

  /// More archives than keep their file open are read all the same, one after the other and again.
  @Test(arguments: [false, true])
  func thereMayBeManyArchives(deflated: Bool) throws {
    let paths = try (0..<40).map { number in
      try folder.write(
        ArchiveBytes.zip([("\(number).png", try Self.picture(UInt8(number)))], deflated: deflated),
        to: "\(number).zip")
    }
    for _ in 0..<2 {
      for (number, path) in paths.enumerated() {
        #expect(try Archives.mount(path) != nil)
        let picture = try ImageDecoder.decode(
          path: "\(path)/\(number).png", options: DecodingOptions(pixelFormat: .gray8))
        #expect(picture.pixels[0] == UInt8(number))
      }
    }
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
    #expect(try DatasetLoader.open(manifest + "/list.csv").whole?.count == 2)
  }

  /// What lies in an archive is found by its path, whether somebody has opened the archive or not; an
  /// archive in one is named.
  @Test func pathsLeadIntoArchives() throws {
    let path = try folder.write(ArchiveBytes.zip(try Self.members()), to: "deep.zip")
    #expect(try DatasetLoader.open(path + "/pets").whole?.count == 6)
    #expect(throws: DatasetError.notFound(path: path + "/none", searched: [])) {
      try DatasetLoader.locate(path + "/none")
    }
    let npz = ArchiveBytes.zip([
      ("x.npy", ArchiveBytes.npy("|u1", [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]))
    ])
    let outer = try folder.write(ArchiveBytes.zip([("inner.npz", npz)]), to: "outer.zip")
    let error = #expect(throws: DatasetError.self) { try DatasetLoader.open(outer) }
    #expect(error?.description.contains("an archive in an archive") == true)
  }

  /// Some programs write the lowest 16 bits of the number of members only.
  @Test func countsMayBeCut() throws {
    let many = (0..<65_539).map { (name: "a/\($0)", bytes: [UInt8(7)]) }
    let path = try folder.write(ArchiveBytes.zip(many), to: "many.zip")
    _ = try #require(try Archives.mount(path))
    #expect(try FileSystem.entries(of: path + "/a").count == 65_539)
    var bytes = ArchiveBytes.zip(Array(many.prefix(10)))
    bytes[bytes.count - 12] = 5
    let other = try folder.write(bytes, to: "other.zip")
    #expect(throws: FileError.self) { try Archives.mount(other) }
  }

  /// Bytes that are no UTF-8 tell names apart.
  @Test func namesMayBeBytes() throws {
    var members: [(name: String, bytes: [UInt8])] = []
    for number in 0..<3 {
      members.append(("X/\(number).png", try Self.picture(UInt8(number))))
      members.append(("Y/\(number).png", try Self.picture(UInt8(9 + number))))
    }
    var bytes = ArchiveBytes.zip(members)
    for place in bytes.indices.dropLast(2) where bytes[place + 1] == UInt8(ascii: "/") {
      if bytes[place] == UInt8(ascii: "X") { bytes[place] = 0x84 }
      if bytes[place] == UInt8(ascii: "Y") { bytes[place] = 0x94 }
    }
    let path = try folder.write(bytes, to: "bytes.zip")
    let whole = try #require(try DatasetLoader.open(path).whole)
    #expect(whole.classNames.count == 2 && whole.count == 6)
  }

  /// Lengths that no arithmetic holds, and names that make many folders.
  @Test func hostileHeadersEnd() throws {
    let record = Array("13 path=a.png\n9223372036854775807 path=x\n".utf8)
    let path = try folder.write(
      ArchiveBytes.tar([("pax", record)], kind: UInt8(ascii: "x")), to: "pax.tar")
    #expect(throws: DatasetError.self) { try DatasetLoader.locate(path) }
    let deep = (0..<1_600).map { number in
      (name: "\(number)/" + String(repeating: "d/", count: 45), bytes: [UInt8]())
    }
    let folders = try folder.write(
      ArchiveBytes.tar(deep, kind: UInt8(ascii: "5")), to: "folders.tar")
    let archive = try #require(try Archives.mount(folders))
    #expect(archive.leftOut.text?.contains("called as no other file") == true)
  }

  @Test func whatIsLeftOutIsSaid() throws {
    var bytes = ArchiveBytes.zip([
      ("a/1.png", try Self.picture(1)), ("b/1.png", try Self.picture(2)),
    ])
    let path = try folder.write(bytes, to: "plain.zip")
    #expect(try DatasetLoader.locate(path).report.isEmpty)
    // The flag of encryption, in the directory.
    for place in bytes.indices where bytes[place...].starts(with: [0x50, 0x4B, 1, 2]) {
      bytes[place + 8] |= 1
    }
    let encrypted = try folder.write(bytes, to: "encrypted.zip")
    let error = #expect(throws: DatasetError.self) { try DatasetLoader.locate(encrypted) }
    #expect(error?.description.contains("2 encrypted") == true)
    let twice = try folder.write(
      ArchiveBytes.zip([
        ("a/1.png", try Self.picture(1)), ("a/1.png", try Self.picture(2)),
        ("b/1.png", try Self.picture(3)),
      ]), to: "twice.zip")
    let report = try DatasetLoader.locate(twice).report
    #expect(report.notes.contains { $0.lines[0].contains("1 called as no other") && $0.isLoss })
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
    #expect(archive.leftOut.text?.hasSuffix("8 called as no other file or only one may be") == true)
    #expect(FileKind(path: "\(path)/../secret.png") == nil)
    #expect(throws: FileError.self) { try InputFile(path: "\(path)/../secret.png") }
    #expect(throws: FileError.self) { try InputFile(path: "\(path)/none.png") }
    #expect(throws: FileError.self) { try InputFile(path: "\(path)/good") }
    // Links are left out.
    let tar = try folder.write(
      ArchiveBytes.tar([("link", [])], kind: UInt8(ascii: "2")), to: "links.tar")
    #expect(try Archives.mount(tar)?.leftOut.text?.hasSuffix("1 links or devices") == true)
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

  /// Members that are stored as they are have a checksum, too.
  @Test func changedStoredMembersAreNamed() throws {
    let large = [UInt8]((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    for (name, bytes) in [("small", [UInt8](9..<99)), ("large", large)] {
      var archive = ArchiveBytes.zip([("a/sound", bytes), ("a/changed", bytes), ("a/last", bytes)])
      let changed = try #require(
        archive.indices.first { archive[$0...].starts(with: Array("a/changed".utf8)) })
      archive[changed + 9 + bytes.count - 1] ^= 1
      let path = try folder.write(archive, to: "\(name).zip")
      _ = try #require(try Archives.mount(path))
      for _ in 0..<2 {
        for sound in ["a/sound", "a/last"] {
          #expect(try InputFile.bytes(path: "\(path)/\(sound)") == bytes)
        }
        #expect(
          throws: FileError.badArchive(
            path: path + "/a/changed", reason: "damaged in the archive; get it again")
        ) {
          try InputFile(path: path + "/a/changed")
        }
      }
    }
  }

  /// A member may be had as it is stored, with what it must become.
  @Test func membersAsTheyAreStored() throws {
    let bytes = [UInt8]((0..<2000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
    for deflated in [false, true] {
      let path = try folder.write(
        ArchiveBytes.zip([("m", bytes)], deflated: deflated), to: "\(deflated).zip")
      _ = try #require(try Archives.mount(path))
      let file = try RegularFile(path: path + "/m", asStored: true)
      let found = file.packing
      let packing = try #require(found)
      #expect(packing.isDeflated == deflated && packing.size == bytes.count)
      let stored = try file.prefix(4000)
      #expect((stored == bytes) == !deflated)
      let usual = try RegularFile(path: path + "/m")
      let all = try usual.prefix(4000)
      let isWhole = usual.packing == nil
      #expect(isWhole && all == bytes)
    }
    let tar = try folder.write(ArchiveBytes.tar([("m", bytes)]), to: "m.tar")
    _ = try #require(try Archives.mount(tar))
    let file = try RegularFile(path: tar + "/m", asStored: true)
    let isWhole = file.packing == nil
    #expect(isWhole)
  }

  /// One picture that was changed in an archive is left out by its name; the others are read.
  @Test func oneChangedPictureIsLeftOut() throws {
    var members: [(name: String, bytes: [UInt8])] = []
    for number in 0..<4 {
      members.append(("a/\(number).png", try Self.picture(UInt8(number))))
      members.append(("b/\(number).png", try Self.picture(UInt8(100 + number))))
    }
    var bytes = ArchiveBytes.zip(members)
    let name = Array("b/2.png".utf8)
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: name) })
    bytes[place + name.count + members[5].bytes.count - 1] ^= 0xFF
    let path = try folder.write(bytes, to: "changed.zip")
    let whole = try #require(try DatasetLoader.open(path).whole)
    #expect(whole.count == 7)
    #expect(whole.report.badImages.map(\.path) == ["\(path)/b/2.png"])
    #expect(whole.report.badImages[0].reason.contains("damaged in the archive"))
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
