import RowwiseAnswers
import RowwiseTexts
import Testing

@testable import RowwiseCommand

struct ClassificationWriterTests {
  static let images = [
    ClassifiedImage(
      path: "a.png",
      outcome: .classified([
        .init(name: "cat", probability: 0.75), .init(name: "dog, wet", probability: 0.2),
      ])),
    ClassifiedImage(path: "dir/\"b\".png", outcome: .failed("not an image")),
  ]

  func text(_ format: ClassificationFormat, top: Int) -> String {
    let writer = ClassificationWriter(
      format: format, paths: Self.images.map(\.path), classNames: ["dog, wet", "cat"], top: top)
    return writer.head + Self.images.map { writer.row($0) }.joined()
  }

  @Test func table() {
    #expect(
      text(.table, top: 3) == """
        a.png        cat       75.00 %  dog, wet  20.00 %
        dir/"b".png  error: not an image

        """)
  }

  @Test func csv() {
    #expect(
      text(.csv, top: 2) == """
        path,prediction,probability,class_2,probability_2,error
        a.png,cat,0.75,"dog, wet",0.2,
        "dir/""b"".png",,,,,not an image

        """)
    #expect(
      text(.csv, top: 1) == """
        path,prediction,probability,error
        a.png,cat,0.75,
        "dir/""b"".png",,,not an image

        """)
  }

  @Test func jsonl() {
    #expect(
      text(.jsonl, top: 2) == #"""
        {"path":"a.png","prediction":"cat","probability":0.75,"top":[{"class":"cat","probability":0.75},{"class":"dog, wet","probability":0.2}]}
        {"path":"dir/\"b\".png","prediction":null,"probability":null,"top":[],"error":"not an image"}

        """#)
  }

  /// Paths are cut at their beginning, then the less likely classes go; reasons are folded.
  @Test(arguments: [60, 80, 120])
  func tablesFit(columns: Int) {
    let path = "a/long/folder/with/sub/folders/of/pictures/from/a/camera/IMG_0001.JPG"
    let names = ["Greater flamingo", "Common kingfisher", "Crow"]
    let reason = String(repeating: "not a picture at all ", count: 8)
    let writer = ClassificationWriter(
      format: .table, paths: [path], classNames: names, top: 3, columns: columns)
    let good = writer.row(
      ClassifiedImage(
        path: path, outcome: .classified(names.map { .init(name: $0, probability: 1) })))
    let longer = writer.row(
      ClassifiedImage(
        path: "and/" + path, outcome: .classified(names.map { .init(name: $0, probability: 1) })))
    let bad = writer.row(ClassifiedImage(path: path, outcome: .failed(reason)))
    for row in (good + longer + bad).split(separator: "\n") {
      #expect(TerminalText.width(String(row)) <= columns || row == path, "\(row)")
    }
    #expect(good.contains("IMG_0001.JPG") && good.contains("100.00 %"))
    #expect(good.split(separator: "%").count - 1 == [60: 1, 80: 2, 120: 3][columns])
    #expect(
      bad.split { $0.isWhitespace }.joined(separator: " ") == "\(path) error: \(reason.dropLast())")
    // What programs read is whole.
    let csv = ClassificationWriter(
      format: .csv, paths: [path], classNames: names, top: 3, columns: columns)
    #expect(csv.row(ClassifiedImage(path: path, outcome: .failed(reason))).contains(path))
  }

  @Test func tablesStayPrintable() {
    let image = ClassifiedImage(
      path: "\u{1B}[2J\n.png", outcome: .classified([.init(name: "\u{202E}x", probability: 1)]))
    let writer = ClassificationWriter(
      format: .table, paths: [image.path], classNames: ["\u{202E}x"], top: 1)
    #expect(writer.row(image) == "\\u{1B}[2J\\n.png  \\u{202E}x 100.00 %\n")
  }
}
