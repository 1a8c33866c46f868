import RowwiseImageDecoding
import Testing

struct ImageDecodingErrorTests {
  @Test("Descriptions say where, what, what was expected and what helps, on one line")
  func descriptions() {
    let texts: [(ImageDecodingError, String)] = [
      (
        .truncated(source: "a.png", format: .png, rows: 7, height: 20),
        "a.png: truncated PNG: the file ends after 7 of 20 rows; get the file again, or read it "
          + "leniently to keep those rows"
      ),
      (
        .truncated(source: "a.png", format: .png, rows: 0, height: 0),
        "a.png: truncated PNG: the file ends within its header; get the file again"
      ),
      (
        .corrupt(source: "b.jpg", format: .jpeg, reason: "Bogus DQT index 15", row: nil),
        "b.jpg: damaged JPEG header: Bogus DQT index 15; get the file again or save it anew"
      ),
      (
        .overLimit(source: "c.png", limit: .pixels, value: 900, maximum: 800),
        "c.png: over the limit: 900 pixels, at most 800 allowed; shrink the picture or raise the "
          + "limit (--picture-memory)"
      ),
      (
        .unknownFormat(source: "d.txt", firstBytes: [0x68, 0x69, 0x0A]),
        "d.txt: not a picture: expected the first bytes of a PNG, JPEG, PNM or BMP file, found "
          + "68 69 0A; check the file, or convert it to PNG"
      ),
      (.empty(source: "e.png"), "e.png: the file is empty; expected a picture"),
    ]
    for (error, text) in texts { #expect(error.description == text) }
  }
}
