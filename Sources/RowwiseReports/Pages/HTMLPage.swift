/// The frame of our pages: one file that makes no request, with styles and scripts inside.
enum HTMLPage {
  /// A whole page.
  /// - Parameters:
  ///   - title: its title, as text.
  ///   - body: what follows the title, as HTML.
  ///   - data: JSON for the script; nil where it needs none.
  ///   - script: what the page does besides sorting its tables.
  ///   - style: what it looks like besides the styles of all pages.
  static func render(
    title: String, body: String, data: String?, script: String, style: String = ""
  ) -> String {
    let policy =
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
    var text = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    text += "<meta http-equiv=\"Content-Security-Policy\" content=\"\(policy)\">\n"
    text += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    text += "<title>\(HTMLText.escaped(title))</title>\n<link rel=\"icon\" href=\"data:,\">\n"
    text += "<style>\n\(PageAssets.style)\(style)</style>\n</head>\n<body>\n<main>\n"
    text += "<h1>\(HTMLText.escaped(title))</h1>\n" + body + "</main>\n"
    if let data {
      text += "<script type=\"application/json\" id=\"data\">\(data)</script>\n"
    }
    return text
      + "<script>\n\(script)\(PageAssets.sorting)\(PageAssets.turning)</script>\n</body>\n</html>\n"
  }

  /// A cell that sorts by its number.
  static func number(_ value: Double, _ text: String) -> String {
    "<td data-value=\"\(value.isFinite ? value.description : "")\">\(text)</td>"
  }

  /// A head whose buttons sort the table's body.
  static func sortableHead(_ columns: [String]) -> String {
    let cells = columns.map { column in
      "<th scope=\"col\" aria-sort=\"none\"><button type=\"button\">"
        + "\(HTMLText.escaped(column))</button></th>"
    }
    return "<thead><tr>\(cells.joined())</tr></thead>"
  }
}
