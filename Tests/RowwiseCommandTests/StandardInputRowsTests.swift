import Foundation
import Testing

@testable import RowwiseCommand

struct StandardInputRowsTests {
  @Test func rowsComeBeforeTheEnd() throws {
    let pipe = Pipe()
    var rows = StandardInputRows(descriptor: pipe.fileHandleForReading.fileDescriptor)
    try pipe.fileHandleForWriting.write(contentsOf: Data("a.png\n\nb.png\r\nc".utf8))
    #expect(rows.next() == ["a.png", "b.png"])
    try pipe.fileHandleForWriting.write(contentsOf: Data(" d.png\n".utf8))
    #expect(rows.next() == ["c d.png"])
    try pipe.fileHandleForWriting.write(contentsOf: Data("last".utf8))
    try pipe.fileHandleForWriting.close()
    #expect(rows.next() == ["last"])
    #expect(rows.next() == nil)
    #expect(rows.next() == nil)
  }

  /// As `find -print0` writes them: names may have line breaks then.
  @Test func rowsMayEndWithNUL() throws {
    let pipe = Pipe()
    var rows = StandardInputRows(descriptor: pipe.fileHandleForReading.fileDescriptor)
    try pipe.fileHandleForWriting.write(contentsOf: Data("a\nb.png\0c.png\r\0d".utf8))
    #expect(rows.next() == ["a\nb.png", "c.png\r"])
    try pipe.fileHandleForWriting.write(contentsOf: Data("\n.png\0".utf8))
    #expect(rows.next() == ["d\n.png"])
    try pipe.fileHandleForWriting.close()
    #expect(rows.next() == nil)
  }
}
