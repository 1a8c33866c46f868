import Foundation
import RowwiseEvaluation
import RowwiseReports
import RowwiseTexts
import TestSupport
import Testing

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

  /// Thumbnails of up to 40 × 40 in colour that cannot be compressed, and 100 classes.
  @Test func staysSmallWithTheLargestThumbnails() throws {
    var page = try ReportPage.make(classes: 100, samples: 10_000)
    #expect(page.gallery.samples.count > 600)
    for sample in page.gallery.samples {
      page.thumbnails[sample] = [UInt8](repeating: 0xA5, count: 40 * 40 * 3 + 200)
    }
    let text = page.render()
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

  /// The page of a thousand classes shows 40 of them and the sum of the others, every sample once.
  @Test func aThousandClassesMakeASmallPage() throws {
    let page = try ReportPage.make(classes: 1_000, samples: 1_500)
    let text = page.render()
    #expect(text.utf8.count < 5_000_000, "\(text.utf8.count) bytes")
    let cells = text.components(separatedBy: "data-count=\"").dropFirst().compactMap {
      Int($0.prefix { $0 != "\"" })
    }
    #expect(cells.count == 41 * 41)
    #expect(cells.reduce(0, +) == 1_500)
    #expect(text.contains("40 of 1000 classes"))
  }

  @Test func sameNumbersSamePage() throws {
    let page = try ReportPage.make(classes: 10, samples: 300)
    #expect(try ReportPage.make(classes: 10, samples: 300).render() == page.render())
  }

  /// No message on the console, no request, and the heat map holds the matrix.
  @Test(.enabled(if: Browser.path != nil, "no Chromium is installed"))
  func opensInABrowser() throws {
    let page = try ReportPage.make(classes: 10, samples: 2_000)
    // What the page's script is made to do is left in the document, where it can be read.
    let (document, messages) = try Browser.open(page.render()) {
      """
      const press = key => document.activeElement.dispatchEvent(
        new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      document.querySelectorAll("#matrix td")[12].focus();
      press("ArrowUp"); press("ArrowLeft"); press("Home"); press("ArrowRight");
      document.body.dataset.cell = document.getElementById("cell").textContent;
      document.body.dataset.stops = document.querySelectorAll("#matrix td[tabindex='0']").length;
      document.querySelectorAll("#classes button")[4].click();
      document.querySelector("input[value=row]").click();
      document.body.dataset.shown = document.querySelectorAll("#matrix td")[0].textContent;
      const small = document.querySelector(".gallery small");
      const end = document.createRange();
      end.selectNodeContents(small.firstChild);
      const [text, box] = [end.getBoundingClientRect(), small.getBoundingClientRect()];
      document.body.dataset.ends = (text.left < box.left) + " " + (text.right <= box.right + 1);
      addEventListener("load", () => {
        const shown = [...document.images].filter(image => image.naturalWidth === 28);
        document.body.dataset.pictures = shown.length + " of " + document.images.length;
      });
      """
    }
    #expect(!messages.contains("CONSOLE"), "\(messages)")
    #expect(document.contains("data-requests=\"0\""))

    let accumulator = try ReportPage.accumulate(classes: 10, samples: 2_000, seed: 4)
    let counts = document.components(separatedBy: "data-count=\"").dropFirst().compactMap {
      Int($0.prefix { $0 != "\"" })
    }
    let json = try ClassificationReport(accumulator, options: .init(bootstrap: nil)).json
    let metrics = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    let matrix = try #require(metrics?["confusion_matrix"] as? [[Int]])
    #expect(counts == Array(matrix.joined()), "the heat map's numbers are those of metrics.json")
    // The arrow keys led to the first row's second cell, and one cell is in the order of tabs.
    let misread = accumulator.confusion[label: 0, prediction: 1]
    #expect(misread > 0)
    #expect(document.contains("data-stops=\"1\""))
    let share = accumulator.confusion.normalized(by: .label)[0][0]
    #expect(document.contains("data-shown=\"\(NumberText.fixed(share * 100, decimals: 1))\""))
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
    // Of names that are too long the beginning is cut off, and the end stays.
    #expect(document.contains("data-ends=\"true true\""))
  }
}

extension HTMLReportTests {
  /// Heads of columns are turned where the table would be wider than the page, and only there.
  @Test(
    .enabled(if: Browser.path != nil, "no Chromium is installed"),
    arguments: [(3, "matrix"), (30, "matrix turned")])
  func columnHeadsTurnWhereTheyMust(classes: Int, expected: String) throws {
    let page = try ReportPage.make(classes: classes, samples: 200).render()
    let (document, messages) = try Browser.open(page) {
      """
      const table = document.getElementById("matrix");
      document.body.dataset.heads = table.className;
      """
    }
    #expect(!messages.contains("CONSOLE"), "\(messages)")
    #expect(document.contains("data-heads=\"\(expected)\""))
    #expect(page.contains("right, % of the true class</b><i class=\"hit\""))
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

  /// Pictures that a cell of the matrix opens have their evidence beside them, also where they are in no
  /// gallery.
  @Test func cellsHaveEvidence() throws {
    var page = try ReportPage.make(classes: 10, samples: 2_000)
    #expect(try data(of: page.render()).evidence.isEmpty)
    for sample in page.gallery.samples { page.evidence[sample] = "<details>\(sample)</details>" }
    let data = try data(of: page.render())
    let shown = Set(data.cells.values.joined())
    #expect(!shown.isEmpty && Set(data.evidence.keys) == Set(shown.map(String.init)))
    #expect(data.evidence.allSatisfy { $1 == "<details>\($0)</details>" })
    let galleries = Set(page.gallery.confidentMistakes + page.gallery.unsureHits)
    #expect(!shown.isSubset(of: galleries))
  }

  private struct PageData: Decodable {
    let cells: [String: [Int]]
    let evidence: [String: String]
  }

  /// What the page's script reads.
  private func data(of page: String) throws -> PageData {
    let start = try #require(page.range(of: "id=\"data\">")).upperBound
    let end = try #require(page.range(of: "</script>", range: start..<page.endIndex)).lowerBound
    return try JSONDecoder().decode(PageData.self, from: Data(page[start..<end].utf8))
  }
}
