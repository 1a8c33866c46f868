import Foundation
import RowwiseDatasetLoading
import RowwiseRowSequencing
import TestSupport
import Testing

/// NumPy arrays and CIFAR's pickles.
@Suite struct ArraysTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private let gray = (0..<24).map { UInt8($0 * 10) }

  /// The same pictures as IDX files.
  private func idxFingerprint() throws -> DataFingerprint? {
    try folder.write(idx([6, 2, 2], gray), to: "idx/train-images-idx3-ubyte")
    try folder.write(idx([6], [0, 1, 0, 2, 1, 2]), to: "idx/train-labels-idx1-ubyte")
    return try DatasetLoader.open(folder.path("idx")).train?.fingerprint
  }

  @Test(arguments: [
    ["x_train", "y_train"], ["train_images", "train_labels"], ["images", "labels"],
    ["arr_0", "arr_1"], ["X", "y"], ["data", "target"], ["xtrain", "ytrain"],
  ])
  func archivesOfArrays(names: [String]) throws {
    for deflated in [false, true] {
      let path = try folder.write(
        ArchiveBytes.zip(
          [
            (names[0] + ".npy", ArchiveBytes.npy("|u1", [6, 2, 2], gray)),
            (names[1] + ".npy", ArchiveBytes.npy("|u1", [6], [0, 1, 0, 2, 1, 2])),
          ], deflated: deflated), to: "\(names[0])-\(deflated).npz")
      let splits = try DatasetLoader.open(path)
      let set = try #require(splits.train ?? splits.whole)
      #expect(set.classNames == ["0", "1", "2"] && set.labels == [0, 1, 0, 2, 1, 2])
      #expect(set.fingerprint == (try idxFingerprint()))
      #expect(set.width == 2 && set.height == 2 && set.color == .gray)
    }
  }

  private func npz(
    _ name: String, _ arrays: [(name: String, type: String, shape: [Int], values: [UInt8])]
  ) throws -> String {
    try folder.write(
      ArchiveBytes.zip(
        arrays.map { ($0.name + ".npy", ArchiveBytes.npy($0.type, $0.shape, $0.values)) }),
      to: name)
  }

  /// A file may be asked for again, and has then the same pictures.
  @Test func aFileIsReadAgain() throws {
    let path = try npz(
      "again.npz",
      [("arr_0", "|u1", [6, 2, 2], gray), ("arr_1", "|u1", [6], [0, 1, 0, 2, 1, 2])])
    let first = try DatasetLoader.open(path).whole?.fingerprint
    #expect(try first != nil && DatasetLoader.open(path).whole?.fingerprint == first)
  }

  /// Pictures and labels are held against their checksums, wherever they are damaged.
  @Test(arguments: [false, true])
  func damagedArraysAreNamed(deflated: Bool) throws {
    let pixels = (0..<(6 * 40 * 40)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    // A number behind the array is nobody's, and still the member's.
    let members = [
      ("x_train.npy", ArchiveBytes.npy("|u1", [6, 40, 40], pixels) + [7]),
      ("y_train.npy", ArchiveBytes.npy("|u1", [6], [0, 1, 0, 1, 0, 1])),
    ]
    let sound = ArchiveBytes.zip(members, deflated: deflated)
    let path = try folder.write(sound, to: "sound-\(deflated).npz")
    #expect(try DatasetLoader.open(path).train?.count == 6)
    let second = try #require(
      sound.indices.first { sound[$0...].starts(with: Array("y_train.npy".utf8)) })
    let directory = sound.indices.filter { sound[$0...].starts(with: [0x50, 0x4B, 1, 2]) }
    #expect(directory.count == 2)
    for (name, place) in [
      ("first", 400), ("middle", second / 2), ("last", second - 31), ("label", directory[0] - 1),
      ("checksum", directory[1] + 16),
    ] {
      var bytes = sound
      bytes[place] ^= 1
      let changed = try folder.write(bytes, to: "\(name)-\(deflated).npz")
      let array = place < second ? "x_train" : "y_train"
      #expect(
        throws: DatasetError.badArchive(
          path: "\(changed)/\(array).npy", reason: "damaged in the archive; get it again"),
        "\(name)"
      ) { try DatasetLoader.open(changed) }
      guard array == "x_train" else { continue }
      // Who classifies portion by portion gets none.
      let file = try #require(try SampleFile.find(changed))
      let preprocessing = try Preprocessing(width: 4, height: 4, color: .gray)
      #expect(throws: DatasetError.self, "\(name)") {
        try file.forEachPortion(as: [preprocessing], options: DatasetOptions()) { _ in
          Issue.record("\(name): pictures of a damaged array")
        }
      }
    }
  }

  /// A member is one stream, whose end must be there; what lies behind it is nobody's.
  @Test func theStreamEndsTheMember() throws {
    let member = ("x.npy", ArchiveBytes.npy("|u1", [6, 2, 2], gray))
    let labels = ("y.npy", ArchiveBytes.npy("|u1", [6], [0, 1, 0, 2, 1, 2]))
    for (name, change, isSound) in [
      ("as it is", { $0 }, true), ("more behind it", { $0 + [1, 2, 3] }, true),
      ("without its end", { [0] + $0.dropFirst() }, false),
    ] as [(String, ([UInt8]) -> [UInt8], Bool)] {
      let path = try folder.write(
        ArchiveBytes.zip([member, labels], deflated: true, changing: change), to: "\(name).npz")
      if isSound {
        #expect(try DatasetLoader.open(path).whole?.count == 6, "\(name)")
      } else {
        let error = #expect(throws: DatasetError.self, "\(name)") { try DatasetLoader.open(path) }
        #expect(error?.description.contains("damaged in the archive") == true)
      }
    }
  }

  /// Of several arrays that could be meant the one without further words is, or none.
  @Test func severalArraysOfOneKind() throws {
    let images = (name: "images", type: "|u1", shape: [6, 2, 2], values: gray)
    let labels = (name: "labels", type: "|u1", shape: [6], values: [UInt8]([0, 1, 0, 2, 1, 2]))
    let coarse = (
      name: "labels_coarse", type: "|u1", shape: [6], values: [UInt8]([0, 1, 0, 1, 1, 1])
    )
    let fine = (name: "labels_fine", type: "|u1", shape: [6], values: [UInt8]([0, 1, 0, 2, 1, 2]))
    let set = try #require(try DatasetLoader.open(npz("a.npz", [coarse, images, labels])).whole)
    #expect(set.classNames.count == 3)
    let path = try npz("b.npz", [coarse, images, fine])
    #expect(
      throws: DatasetError.ambiguous(path: path, candidates: ["labels_coarse", "labels_fine"])
    ) { try DatasetLoader.open(path) }
  }

  /// What would be read as something else is refused, with what to do.
  @Test(arguments: [
    ("|i1", [6, 2, 2], 24, "signed 8-bit"), ("<u2", [6, 2, 2], 48, "16-bit"),
    ("|u1", [2, 12], 24, "three planes or pixels of three"),
    ("|u1", [0, Int.max], 0, "over the limit"), ("|u1", [0, 1 << 40, 1 << 40], 0, "description"),
  ])
  func otherPictures(type: String, shape: [Int], bytes: Int, message: String) throws {
    let path = try npz(
      "other.npz",
      [
        ("images", type, shape, [UInt8](repeating: 1, count: bytes)),
        ("labels", "|u1", [2], [0, 1]),
      ])
    let error = #expect(throws: DatasetError.self) { try DatasetLoader.open(path) }
    #expect(error?.description.contains(message) == true, "\(String(describing: error))")
  }

  @Test func labelsOfOtherKinds() throws {
    let path = try npz(
      "float.npz",
      [
        ("images", "|u1", [2, 2, 2], Array(gray.prefix(8))),
        ("labels", "<f4", [2], [UInt8](repeating: 0, count: 8)),
      ])
    let error = #expect(throws: DatasetError.self) { try DatasetLoader.open(path) }
    #expect(error?.description.contains("y.astype(\"int64\")") == true)
    let empty = try npz(
      "empty.npz",
      [
        ("images", "|u1", [2, 2, 2], Array(gray.prefix(8))),
        ("labels", "|u1", [0, 1 << 40, 1 << 40], []),
      ])
    #expect(throws: DatasetError.self) { try DatasetLoader.open(empty) }
  }

  /// Truth values are black and white.
  @Test func truthValues() throws {
    let path = try npz(
      "bool.npz",
      [("images", "|b1", [2, 2, 2], [0, 1, 1, 0, 1, 1, 0, 0]), ("labels", "|u1", [2], [0, 1])])
    let whole = try #require(try DatasetLoader.open(path).whole)
    #expect(try whole.pixels(at: 0) == [0, 255, 255, 0])
  }

  /// Classes 0, 1, 2 are a model's in their order, as IDX files' are.
  @Test func numbersAreTakenInTheirOrder() throws {
    let path = try npz(
      "numbers.npz",
      [("images", "|u1", [6, 2, 2], gray), ("labels", "|u1", [6], [0, 1, 0, 2, 1, 2])])
    var options = DatasetOptions()
    options.classNames = ["bag", "coat", "shoe"]
    let whole = try #require(try DatasetLoader.open(path, options: options).whole)
    #expect(whole.labels == [0, 1, 0, 2, 1, 2])
    #expect(whole.report.notes.contains { $0.lines[0].contains("0 is bag, …, 2 is shoe") })
  }

  @Test func filesOfOneArrayEach() throws {
    for part in ["train", "test"] {
      try folder.write(
        ArchiveBytes.zip([("arr_0.npy", ArchiveBytes.npy("|u1", [6, 4], gray))]),
        to: "k/kmnist-\(part)-imgs.npz")
      try folder.write(
        ArchiveBytes.zip([
          (
            "arr_0.npy",
            ArchiveBytes.npy(
              "<i8", [6, 1],
              [0, 1, 0, 2, 1, 2].flatMap {
                [$0, 0, 0, 0, 0, 0, 0, 0]
              })
          )
        ]), to: "k/kmnist-\(part)-labels.npz")
      try folder.write(ArchiveBytes.npy("|u1", [6, 2, 2], gray), to: "n/\(part)_x.npy")
      try folder.write(
        ArchiveBytes.npy(">U1", [6], Array("010212".utf8).flatMap { [0, 0, 0, $0] }),
        to: "n/\(part)_y.npy")
    }
    for name in ["k", "n"] {
      let splits = try DatasetLoader.open(folder.path(name))
      #expect(Set(splits.parts.keys) == [.train, .test])
      #expect(splits.train?.fingerprint == (try idxFingerprint()), "\(name)")
    }
    #expect(try DatasetLoader.open(folder.path("n/train_x.npy")).whole?.count == 6)
  }

  @Test func coloursAreReadSideBySideOrApart() throws {
    let planes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    let mixed: [UInt8] = [1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12]
    for (shape, values) in [([2, 3, 2, 2], planes), ([2, 2, 2, 3], mixed)] {
      let path = try folder.write(
        ArchiveBytes.zip([
          ("images.npy", ArchiveBytes.npy("|u1", shape, values + values)),
          ("labels.npy", ArchiveBytes.npy("|i1", [2], [0, 255])),
        ]), to: "c\(shape[1]).npz")
      let whole = try #require(try DatasetLoader.open(path).whole)
      #expect(whole.color == .rgb && whole.classNames == ["-1", "0"])
      #expect(try whole.pixels(at: 1) == mixed)
    }
  }

  @Test func otherArraysAreNamed() throws {
    func message(_ type: String, _ shape: [Int], _ bytes: Int) throws -> String {
      let path = try folder.write(
        ArchiveBytes.npy(type, shape, [UInt8](repeating: 0, count: bytes)), to: "images.npy")
      try folder.write(ArchiveBytes.npy("|u1", [2], [0, 1]), to: "labels.npy")
      do {
        _ = try DatasetLoader.open(path)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(try message("|u1", [2, 2, 2], 8) == "")
    #expect(try message("<f4", [2, 2, 2], 32).contains("floating-point numbers (<f4)"))
    #expect(try message("<u2", [2, 2, 2], 16).contains("pictures of 16-bit numbers"))
    #expect(try message("|O", [2], 10).contains("Python objects, which may run code"))
    #expect(try message("|u1", [2, 28, 28, 28], 43_904).contains("the shape (2, 28, 28, 28)"))
    #expect(try message("|u1", [2, 2, 2], 7).contains("ends after"))
    #expect(try message("|u1", [1 << 40, 1 << 30, 2], 7).contains("description"))
    #expect(try message("|u1", [3, 2, 2], 12).contains("2 labels"))
  }

  @Test func arraysWithoutLabelsAreNamed() throws {
    let path = try folder.write(
      ArchiveBytes.npy("|u1", [2, 2, 2], gray.prefix(8) + []), to: "x.npy")
    #expect(throws: DatasetError.unlabelled(path: path)) {
      try DatasetLoader.open(path, options: .init())
    }
  }

  /// Operations as Python 2 wrote CIFAR's files with.
  private static func pickle(_ labels: [UInt8], function: String = "_reconstruct") -> [UInt8] {
    let data = labels.flatMap { label in [UInt8](repeating: 100 + label, count: 3072) }
    var bytes: [UInt8] = [0x80, 2] + Array("}q\u{1}(U\u{4}dataq\u{2}".utf8)
    bytes += Array("cnumpy.core.multiarray\n\(function)\ncnumpy\nndarray\nK\u{0}".utf8) + [0x85]
    bytes += Array("U\u{1}b".utf8) + [0x87] + Array("R(K\u{1}K".utf8) + [UInt8(labels.count)]
    bytes += Array("M".utf8) + [0, 12, 0x86] + Array("cnumpy\ndtype\nU\u{2}u1K\u{0}K\u{1}".utf8)
    bytes += [0x87] + Array("R".utf8) + [0x89, 0x54]
    bytes += [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: data.count >> $0) } + data
    bytes += Array("tbU\u{6}labels](".utf8) + labels.flatMap { [0x4B, $0] } + Array("eu.".utf8)
    return bytes
  }

  @Test func picklesOfCIFARAreRead() throws {
    try folder.write(Self.pickle([0, 1, 9]), to: "py/data_batch_1")
    try folder.write(Self.pickle([1, 0]), to: "py/data_batch_2")
    try folder.write(Self.pickle([9]), to: "py/test_batch")
    try folder.write(Array("\u{0}".utf8), to: "py/readme.html")
    let splits = try DatasetLoader.open(folder.path("py"))
    #expect(
      splits.train?.classNames == ["0", "1", "9"] && splits.train?.labels == [0, 1, 2, 1, 0])
    #expect(splits.test?.labels == [2])
    #expect(try splits.train?.pixels(at: 3) == [UInt8](repeating: 101, count: 3072))
    let names = "airplane automobile bird cat deer dog frog horse ship truck".split(separator: " ")
    let meta =
      [0x80, 2] + Array("}U\u{b}label_names](".utf8)
      + names.flatMap { [0x55, UInt8($0.utf8.count)] + Array($0.utf8) } + Array("es.".utf8)
    try folder.write(meta, to: "py/batches.meta")
    let named = try DatasetLoader.open(folder.path("py"))
    #expect(named.test?.classNames == names.map { String($0) } && named.test?.labels == [9])
    #expect(try DatasetLoader.open(folder.path("py/data_batch_1")).whole?.count == 3)
  }

  /// Nothing that a pickle names is run; what it asks for is said.
  @Test func picklesThatAskForMoreAreRefused() throws {
    let path = try folder.write(Self.pickle([0, 1], function: "system"), to: "evil")
    let error = #expect(throws: DatasetError.self) { try DatasetLoader.open(path) }
    #expect(
      error?.description.contains("it asks for numpy.core.multiarray.system, which is not run")
        == true)
    let os = try folder.write(
      [0x80, 2] + Array("cposix\nsystem\nU\u{2}lsR.".utf8), to: "posix")
    #expect(throws: DatasetError.self) { try DatasetLoader.open(os) }
    // What would take the machine's stack, or its memory.
    for (name, operations, message) in [
      ("deep", [0x29] + [UInt8](repeating: 0x85, count: 1 << 20), "tuples in each other"),
      ("many", [UInt8](repeating: 0x5D, count: 1 << 22), "more than 2097152 operations"),
    ] {
      let path = try folder.write([0x80, 2] + operations + [0x2E], to: name)
      let error = #expect(throws: DatasetError.self) { try DatasetLoader.open(path) }
      #expect(error?.description.contains(message) == true, "\(name)")
    }
    // Every call makes the bytes of one text anew.
    let text = [UInt8](repeating: 0x61, count: 1 << 16)
    var again: [UInt8] = [0x80, 2, 0x58, 0, 0, 1, 0] + text + Array("q\u{0}0".utf8).dropLast()
    again += Array("c_codecs\nencode\nq\u{1}".utf8)
    for _ in 0..<4096 { again += [0x68, 1, 0x68, 0, 0x85, 0x52] }
    let bomb = try folder.write(again + [0x2E], to: "again.pkl")
    let repeated = #expect(throws: DatasetError.self) { try DatasetLoader.open(bomb) }
    #expect(repeated?.description.contains("again and again") == true)
    // A dot elsewhere in the path is none of the name.
    try folder.write(Self.pickle([0, 1, 9]), to: "v1.0/data_batch_1")
    #expect(try DatasetLoader.open(folder.path("v1.0/data_batch_1")).whole?.count == 3)
    // A list that holds itself ends, too.
    let loop = try folder.write([0x80, 2] + Array("]q\u{0}h\u{0}a.".utf8), to: "loop")
    #expect(throws: DatasetError.self) { try DatasetLoader.open(loop) }
  }
}
