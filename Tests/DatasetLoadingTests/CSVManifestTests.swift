import Foundation
import RowwiseDatasetLoading
import RowwiseFiles
import RowwiseTexts
import TestSupport
import Testing

@Suite struct CSVManifestTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for i in 0..<4 { try folder.picture("images/\(i).png", value: UInt8(i)) }
  }

  @Test func readsPathsAndLabels() throws {
    try folder.picture("images/with, comma and \"quotes\".png", value: 9)
    let path = try folder.write(
      text: """
        path,label
        images/3.png,10

        "images/with, comma and ""quotes"".png",2
        \(folder.path)/images/0.png,10
        """, to: "list.csv")
    let layout = try DatasetLoader.locate(path)
    #expect(layout.kind == .manifest && layout.parts == [.whole])
    let whole = try layout.load(.whole)
    #expect(whole.classNames == ["2", "10"])
    #expect(whole.labels == [1, 0, 1])
    #expect(try (0..<3).map { try whole.pixels(at: $0)[0] } == [3, 9, 0])
  }

  @Test func pipesAndDevicesAreBadImagesAndDoNotBlock() throws {
    #expect(mkfifo(folder.path("images/pipe.png"), 0o600) == 0)
    let path = try folder.write(
      text: "path,label\nimages/0.png,a\nimages/pipe.png,a\n/dev/zero,b\nimages/1.png,b\n",
      to: "list.csv")
    let whole = try #require(try DatasetLoader.open(path).whole)
    #expect(whole.count == 2)
    #expect(
      whole.report.badImages.map(\.reason) == [
        "cannot be read: it is a pipe, expected a regular file",
        "cannot be read: it is a device, expected a regular file",
      ])
  }

  @Test func readsSplitsInAnyColumnOrderWithCRLF() throws {
    let path = try folder.write(
      text: "\u{FEFF}Split, LABEL ,note,path\r\ntrain,a,x,images/0.png\r\n"
        + "val,b,,images/1.png\r\ntest,a,y,images/2.png\r\ntrain,b,z,images/3.png\r\n",
      to: "list.csv")
    let splits = try DatasetLoader.open(path)
    #expect(splits.train?.labels == [0, 1])
    #expect(splits.validation?.labels == [1])
    #expect(splits.test?.labels == [0])
  }

  @Test func missingFilesAreReported() throws {
    let path = try folder.write(
      text: "path,label\nimages/0.png,a\nimages/1.png,b\nimages/missing.png,b\n",
      to: "list.csv")
    let whole = try #require(try DatasetLoader.open(path).whole)
    #expect(whole.count == 2)
    #expect(whole.report.badImages.map(\.path) == [folder.path("images/missing.png")])
  }

  @Test(arguments: [
    ("", 1, "empty; expected columns path and label"),
    (
      "a,b,c\n", 1,
      "the columns are a, b, c; expected path and label (or filename, image, id; class, target, "
        + "category), and maybe split; --columns says which are meant"
    ),
    ("path,label,path\n", 1, "two columns are called path"),
    ("path,label\na.png,x\nb.png\n", 3, "1 fields, expected 2"),
    ("path,label\n\n\"a\nb.png\",x\n,x\n", 5, "path is empty"),
    ("path,label\na.png,\n", 2, "label is empty"),
    (
      "path,label,split\na.png,x,extra\n", 2, "split is “extra”, expected train, validation or test"
    ),
    ("path,label\na.png,x\n\"a.png,x\ny\n", 3, "a quote is not closed"),
    ("path,label\n\"a\".png,x\n", 2, "text after a closing quote"),
  ])
  func badRowsAreNamed(text: String, row: Int, reason: String) throws {
    let path = try folder.write(text: text, to: "bad.csv")
    let expected = DatasetError.invalidManifest(path: path, row: row, reason: reason)
    #expect(throws: expected) { try DatasetLoader.locate(path) }
    #expect(expected.description == "\(path), line \(row): \(reason)")
  }

  /// Columns are taken by the names that are given, whatever others are called.
  @Test func namedColumns() throws {
    let path = try folder.write(
      text: """
        id,label,Taken,species,part
        7,x,images/0.png,cat,train
        8,y,images/1.png,dog,train
        9,x,images/2.png,dog,test

        """, to: "list.csv")
    let layout = try DatasetLoader.locate(
      path, columns: ListColumns(path: "taken", label: "species", split: "part"))
    #expect(layout.parts == [.train, .test])
    #expect(try layout.load(.train).classNames == ["cat", "dog"])
    let two = try #require(ListColumns(" Taken,label"))
    #expect(two.description == "Taken,label")
    #expect(try DatasetLoader.locate(path, columns: two).load(.whole).classNames == ["x", "y"])
    for text in ["", "a", "a,a", "a,A", "a,", ",b", "a,b,c,d", "a,b,"] {
      #expect(ListColumns(text) == nil, "\(text)")
    }
    for (names, missing) in [("taken,kind", "kind"), ("taken,species,set", "set")] {
      #expect(
        throws: DatasetError.invalidManifest(
          path: path, row: 1,
          reason: "no column is called \(missing) (--columns); they are id, label, Taken, species, "
            + "part")
      ) { try DatasetLoader.locate(path, columns: ListColumns(names)) }
    }
    #expect(
      throws: DatasetError.invalidManifest(
        path: path, row: 1, reason: "the column id cannot hold both files and classes")
    ) { try DatasetLoader.locate(path, columns: ListColumns(path: "id", label: "ID")) }
    #expect(try DatasetLoader.open(path, columns: two).whole?.count == 3)
    let twice = try folder.write(text: "a,b,B\nimages/0.png,x,y\n", to: "twice.csv")
    #expect(
      throws: DatasetError.invalidManifest(
        path: twice, row: 1, reason: "two columns are called b")
    ) { try DatasetLoader.locate(twice, columns: ListColumns("a,b")) }
    #expect(
      throws: DatasetError.unclear(
        path: folder.path,
        reason: "the columns a,b are named, and it is no CSV list; give the list's own path, or "
          + "leave --columns out")
    ) { try DatasetLoader.locate(folder.path, columns: ListColumns("a,b")) }
  }

  @Test func otherEncodingsAreRefused() throws {
    let path = try folder.write(Array("path,label\n".utf8) + [0xE9, 44, 65], to: "latin.csv")
    #expect(
      throws: DatasetError.invalidManifest(
        path: path, row: 2, reason: "not UTF-8 text; save it as UTF-8")
    ) { try DatasetLoader.locate(path) }
  }

  /// Files whose names are no UTF-8 are listed by their bytes, or as this program shows and writes them.
  @Test func filesMayBeCalledByAnyBytes() throws {
    let name = PathText.text(Array("images/caf".utf8) + [0xE9] + Array(".png".utf8))
    let picture = try folder.bytes("images/3.png")
    try AtomicFile.write(picture, toPath: folder.path(name))
    let (start, end) = (
      Array("path,label\nimages/caf".utf8), Array(".png,a\nimages/1.png,b\n".utf8)
    )
    for (form, bytes) in [
      ("raw", [0xE9]), ("shown", Array("\\xE9".utf8)), ("scalar", Array("\u{10FFE9}".utf8)),
    ] as [(String, [UInt8])] {
      let layout = try DatasetLoader.locate(
        folder.write(start + bytes + end, to: "\(form).csv"))
      #expect(layout.report.isEmpty, "\(form): \(layout.report)")
      let whole = try layout.load(.whole)
      #expect(whole.count == 2 && whole.report.isEmpty, "\(form): \(whole.report)")
      #expect(whole.sampleName(at: 0) == folder.path(name), "\(form)")
      #expect(try whole.pixels(at: 0)[0] == 3, "\(form)")
    }
    // A label is text; as it is shown it is that of a folder called so.
    let label = try folder.write(
      Array("path,label\nimages/1.png,".utf8) + [0xE9, 0x0A], to: "label.csv")
    #expect(
      throws: DatasetError.invalidManifest(
        path: label, row: 2, reason: "not UTF-8 text; save it as UTF-8")
    ) { try DatasetLoader.locate(label) }
    let shown = try folder.write(
      text: "path,label\nimages/1.png,\\xE9\nimages/2.png,b\n", to: "shown-label.csv")
    #expect(
      try DatasetLoader.open(shown).whole?.classNames.contains(PathText.text([0xE9])) == true)
  }

  @Test func manifestsWithoutRowsAreRefused() throws {
    let path = try folder.write(text: "path,label\n", to: "none.csv")
    #expect(
      throws: DatasetError.invalidManifest(
        path: path, row: 1, reason: "no rows below the columns' names; expected images")
    ) { try DatasetLoader.locate(path) }
  }

  /// Lists as other programs write them mean the same.
  @Test func listsAsPeopleHaveThem() throws {
    for name in ["a", "b", "c"] { try folder.picture("pics/\(name).png") }
    let plain = "path,label\npics/a.png,x\npics/b.png,y\npics/c.png,x\n"
    let utf16 = Array(plain.utf16)
    let forms: [(String, [UInt8])] = [
      ("plain.csv", Array(plain.utf8)),
      ("names.csv", Array(plain.replacing("path,label", with: "filename,Class").utf8)),
      ("image.csv", Array(plain.replacing("path,label", with: "image,breed").utf8)),
      ("headless.csv", Array(plain.dropFirst("path,label\n".count).utf8)),
      ("semicolons.csv", Array(plain.replacing(",", with: ";").utf8)),
      ("tabs.tsv", Array(plain.replacing(",", with: "\t").utf8)),
      ("spaces.csv", Array(plain.replacing(",", with: ", ").utf8)),
      ("windows.csv", Array(plain.replacing("/", with: "\\").replacing("\n", with: "\r\n").utf8)),
      ("old-mac.csv", Array(plain.replacing("\n", with: "\r").utf8)),
      ("little.csv", [0xFF, 0xFE] + utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }),
      ("big.csv", [0xFE, 0xFF] + utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }),
    ]
    for (name, bytes) in forms {
      let layout = try DatasetLoader.locate(folder.write(bytes, to: name))
      #expect(layout.kind == .manifest && layout.report.isEmpty, "\(name)")
      let whole = try layout.load(.whole)
      #expect(whole.classNames == ["x", "y"] && whole.labels == [0, 1, 0], "\(name)")
    }
    // As Kaggle has it: names without ending, of pictures in a folder called train.
    for name in ["a", "b"] { try folder.picture("dogs/train/\(name).jpg") }
    let dogs = try folder.write(text: "id,breed\na,pug\nb,beagle\n", to: "dogs/labels.csv")
    #expect(try DatasetLoader.open(dogs).whole?.count == 2)
  }

  @Test func contradictionsAndRepeatsAreReported() throws {
    for name in ["a", "b"] { try folder.picture("\(name).png") }
    let path = try folder.write(
      text: "path,label\na.png,x\nb.png,y\na.png,y\nb.png,y\nb.png,Y\n", to: "list.csv")
    #expect(
      try DatasetLoader.locate(path).report.lines() == [
        "2 rows give an image another label: \(folder.path("a.png")) is x in line 2 and y in line 4; "
          + "\(folder.path("b.png")) is y in line 3 and Y in line 6",
        "1 row repeats an earlier one", "the classes Y and y differ in capital letters only",
      ])
  }
}
