import Evaluation
import Foundation
import Testing

/// The browser that opens pages in tests; nil where none is installed.
private let browser: String? = {
  let paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  let found = paths.first { FileManager.default.isExecutableFile(atPath: $0) }
  if found == nil { print("SKIPPED: no Chromium found, report pages are not opened in a browser") }
  return found
}()

@Suite struct HTMLReportTests {
  @Test func namesCannotBreakThePage() throws {
    let text = try ReportPage.make(classes: 10, samples: 500).render()
    #expect(text.contains("<title>Fashion &lt;test&gt; &amp; more</title>"))
    #expect(!text.contains("</script><b>"))
    #expect(text.components(separatedBy: "</script>").count == 3)
    #expect(text.contains("&lt;/script&gt;&lt;b&gt;&amp;&quot;&#39;"))
    #expect(!text.contains("http://") && !text.contains("https://"))
  }

  @Test func staysSmall() throws {
    let text = try ReportPage.make(classes: 10, samples: 10_000).render()
    #expect(text.utf8.count < 5_000_000, "\(text.utf8.count) bytes")
  }

  @Test func aggregatesManyClasses() throws {
    let page = try ReportPage.make(classes: 137, samples: 2_000)
    let text = page.render()
    let cells = text.components(separatedBy: "data-count=\"").dropFirst().compactMap {
      Int($0.prefix { $0 != "\"" })
    }
    #expect(cells.count == 41 * 41)
    #expect(cells.reduce(0, +) == 2_000)
    #expect(text.contains("40 of 137 classes"))
  }

  @Test func sameNumbersSamePage() throws {
    let page = try ReportPage.make(classes: 10, samples: 300)
    #expect(try ReportPage.make(classes: 10, samples: 300).render() == page.render())
  }

  /// No message on the console, no request, and the heat map holds the matrix.
  @Test(.enabled(if: browser != nil, "no Chromium is installed"))
  func opensInABrowser() throws {
    let page = try ReportPage.make(classes: 10, samples: 2_000)
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "rowwise-page-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "report.html")
    // What the page's script is made to do is left in the document, where it can be read.
    let probe = """
      <script>
        document.querySelectorAll("#matrix td")[1].focus();
        document.querySelectorAll("#classes button")[4].click();
        document.querySelector("input[value=row]").click();
        document.body.dataset.cell = document.getElementById("cell").textContent;
        document.body.dataset.requests = performance.getEntriesByType("resource")
          .filter(entry => !entry.name.startsWith("data:")).length;
        addEventListener("load", () => {
          const shown = [...document.images].filter(image => image.naturalWidth === 28);
          document.body.dataset.pictures = shown.length + " of " + document.images.length;
        });
      </script>
      </body>
      """
    let text = page.render().replacingOccurrences(of: "</body>", with: probe)
    try text.write(to: file, atomically: true, encoding: .utf8)
    let (document, messages) = try dump(file, profile: folder)
    #expect(!messages.contains("CONSOLE"), "\(messages)")
    #expect(document.contains("data-requests=\"0\""))

    let accumulator = try ReportPage.accumulate(classes: 10, samples: 2_000, seed: 4)
    let counts = document.components(separatedBy: "data-count=\"").dropFirst().compactMap {
      Int($0.prefix { $0 != "\"" })
    }
    #expect(counts == accumulator.confusion.counts)
    let misread = accumulator.confusion[label: 0, prediction: 1]
    #expect(misread > 0)
    #expect(document.contains("“T-shirt/top” taken for “Trouser”: \(misread) sample"))
    // Sorted by recall, rising: the first class is the one with the lowest.
    let recalls = accumulator.confusion.classMetrics().map(\.recall)
    let lowest = try #require(recalls.indices.min { recalls[$0] < recalls[$1] })
    let body = try #require(document.components(separatedBy: "id=\"classes\"").last)
    let first = try #require(body.components(separatedBy: "<tbody>").last)
    #expect(
      first.drop { $0.isWhitespace }.hasPrefix("<tr><th scope=\"row\" data-value=\"\(lowest)\">"))
    let pictures =
      page.gallery.confidentMistakes.count + page.gallery.unsureHits.count
      + page.gallery.suspectedLabels.count + misread
    #expect(pictures > 48)
    #expect(document.contains("data-pictures=\"\(pictures) of \(pictures)\""))
  }

  private func dump(_ file: URL, profile: URL) throws -> (document: String, messages: String) {
    let process = Process()
    process.executableURL = URL(filePath: try #require(browser))
    process.arguments = [
      "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
      "--user-data-dir=\(profile.appending(path: "profile").path())", "--enable-logging=stderr",
      "--virtual-time-budget=2000", "--dump-dom", "file://" + file.path(),
    ]
    let output = profile.appending(path: "document")
    let messages = profile.appending(path: "messages")
    for url in [output, messages] { try Data().write(to: url) }
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: messages)
    try process.run()
    process.waitUntilExit()
    return (
      try String(contentsOf: output, encoding: .utf8),
      try String(contentsOf: messages, encoding: .utf8)
    )
  }
}

@Suite struct GallerySelectionTests {
  @Test func choosesBySureness() throws {
    var accumulator = EvaluationAccumulator(classNames: ["a", "b"])
    try accumulator.add(
      labels: [0, 0, 1, 1, 0],
      probabilities: [0.75, 0.25, 0.25, 0.75, 1, 0, 0.25, 0.75, 0.625, 0.375])
    let gallery = GallerySelection(accumulator, limit: 2)
    #expect(gallery.confidentMistakes == [2, 1])
    #expect(gallery.unsureHits == [4, 0])
    #expect(gallery.suspectedLabels.isEmpty)
    #expect(gallery.misreadByCell == [1: [1], 2: [2]])
    #expect(gallery.samples == [0, 1, 2, 4])
    #expect(GallerySelection(accumulator, limit: 0, total: 1).samples == [1])
    #expect(
      GallerySelection(accumulator, suspectsLabels: true).suspectedLabels.map(\.sample) == [2, 1])
  }
}
