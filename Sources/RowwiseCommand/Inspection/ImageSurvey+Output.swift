import RowwiseTexts

extension ImageSurvey {
  /// Rows of name and value, then the findings.
  ///
  /// - Parameters:
  ///   - columns: how wide a row may be.
  ///   - most: findings of a kind to name one by one; the rest is counted.
  ///   - namesUnreadable: whether unreadable and damaged files are named, too.
  func table(
    columns: Int = Console.defaultColumns, most: Int = 10, namesUnreadable: Bool = true
  ) -> String {
    let pictures = "\(NumberText.grouped(imageCount)) picture\(imageCount == 1 ? "" : "s")"
    let others = "\(NumberText.grouped(otherCount)) other\(otherCount == 1 ? "" : "s")"
    var rows = [("files", "\(pictures), \(others)")]
    if !formats.isEmpty {
      let parts = formats.map { "\(NumberText.grouped($0.count)) \($0.name)" }
      rows.append(("formats", parts.joined(separator: ", ")))
    }
    if let range { rows.append(("sizes", sizesText(range.least, range.greatest))) }
    if !damaged.isEmpty { rows.append(("read in part", NumberText.grouped(damaged.count))) }
    if !several.isEmpty {
      rows.append(("first of several", NumberText.grouped(several.count)))
    }
    rows += [
      ("unreadable", NumberText.grouped(unreadable.count)),
      ("duplicates", duplicateText), ("odd sizes", oddText),
      ("mislabelled", NumberText.grouped(mislabelled.count)),
    ]
    var text = SummaryTable.text(rows, columns: columns)
    func add(_ title: String, _ findings: [String]) {
      guard !findings.isEmpty else { return }
      text += "\n\(title)\n"
      for finding in findings.prefix(most) {
        let rows = TerminalText.folded(
          "  \(TerminalText.printable(finding))", to: columns, indent: 4)
        text += rows.joined(separator: "\n") + "\n"
      }
      if findings.count > most { text += "  and \(findings.count - most) more\n" }
    }
    if namesUnreadable {
      add("unreadable", unreadable.map { "\($0.path): \($0.reason)" })
      add("read in part", damaged.map { "\($0.path): \($0.reason)" })
    }
    add("the same bytes", duplicates.map { $0.joined(separator: " = ") })
    add("the first of several pictures is read", several.map { "\($0.path): \($0.reason)" })
    add("of another size than most", oddSized.map { "\($0.path): \($0.reason)" })
    add("named as another format", mislabelled.map { "\($0.path): \($0.reason)" })
    return text
  }

  private func sizesText(_ least: Size, _ greatest: Size) -> String {
    if least == greatest { return "all \(least.text)" }
    return "\(least.text) to \(greatest.text)" + (usualSize.map { ", most \($0.text)" } ?? "")
  }

  private var duplicateText: String {
    let files = duplicates.reduce(0) { $0 + $1.count - 1 }
    return files == 0 ? "0" : "\(NumberText.grouped(files)) beside the first of their bytes"
  }

  private var oddText: String {
    usualSize == nil ? "no size is that of most" : NumberText.grouped(oddSized.count)
  }

  /// One object.
  var json: JSONValue {
    func findings(_ list: [Finding]) -> JSONValue {
      .array(
        list.map {
          .object([.init("path", .string($0.path)), .init("reason", .string($0.reason))])
        })
    }
    func size(_ size: Size?) -> JSONValue {
      size.map { .array([.int($0.width), .int($0.height)]) } ?? .null
    }
    return .object([
      .init("kind", .string("images")), .init("images", .int(imageCount)),
      .init("other_files", .int(otherCount)),
      .init("formats", .object(formats.map { .init($0.name, .int($0.count)) })),
      .init("usual_size", size(usualSize)), .init("least_size", size(range?.least)),
      .init("greatest_size", size(range?.greatest)), .init("unreadable", findings(unreadable)),
      .init("damaged", findings(damaged)), .init("first_of_several", findings(several)),
      .init("duplicates", .array(duplicates.map { .array($0.map { .string($0) }) })),
      .init("odd_sized", findings(oddSized)), .init("mislabelled", findings(mislabelled)),
    ])
  }
}
