/// The frame of our pages: one file that makes no request, with styles and scripts inside.
enum HTMLPage {
  /// A whole page.
  /// - Parameters:
  ///   - title: its title, as text.
  ///   - body: what follows the title, as HTML.
  ///   - data: JSON for the script; nil where it needs none.
  ///   - script: what the page does besides sorting its tables.
  static func render(title: String, body: String, data: String?, script: String) -> String {
    let policy =
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
    var text = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    text += "<meta http-equiv=\"Content-Security-Policy\" content=\"\(policy)\">\n"
    text += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    text += "<title>\(HTMLText.escaped(title))</title>\n<link rel=\"icon\" href=\"data:,\">\n"
    text += "<style>\n\(style)</style>\n</head>\n<body>\n<main>\n"
    text += "<h1>\(HTMLText.escaped(title))</h1>\n" + body + "</main>\n"
    if let data {
      text += "<script type=\"application/json\" id=\"data\">\(data)</script>\n"
    }
    return text + "<script>\n\(script)\(sorting)\(turning)</script>\n</body>\n</html>\n"
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

  /// Sorts the bodies of tables of class `sortable` by the heads' buttons.
  private static let sorting = #"""
    (() => {
      for (const table of document.querySelectorAll("table.sortable")) {
        const heads = [...table.tHead.rows[0].cells];
        heads.forEach((head, index) => {
          head.querySelector("button").addEventListener("click", () => {
            const falls = head.getAttribute("aria-sort") === "ascending";
            for (const other of heads) other.setAttribute("aria-sort", "none");
            head.setAttribute("aria-sort", falls ? "descending" : "ascending");
            const key = row => {
              const text = row.cells[index].dataset.value;
              return text === "" ? NaN : Number(text);
            };
            const ordered = [...table.tBodies[0].rows].sort((a, b) => {
              const [x, y] = [key(a), key(b)];
              if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
              return falls ? y - x : x - y;
            });
            table.tBodies[0].append(...ordered);
          });
        });
      }
    })();

    """#

  /// Columns' heads are turned only where the table would not fit the page with them as they are.
  private static let turning = #"""
    (() => {
      const tables = [...document.querySelectorAll("table.matrix")];
      const turn = () => {
        for (const table of tables) {
          table.classList.remove("turned");
          const frame = table.parentElement;
          if (frame.scrollWidth > frame.clientWidth) table.classList.add("turned");
        }
      };
      turn();
      addEventListener("resize", turn);
      for (const details of document.querySelectorAll("details")) {
        details.addEventListener("toggle", turn);
      }
    })();

    """#
}
