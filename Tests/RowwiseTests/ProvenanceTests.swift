import Foundation
import Rowwise
import Testing

/// What model files say about their origin.
@Suite struct ProvenanceTests {
  @Test func unknownPartsAreLeftOut() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = String(decoding: try encoder.encode(Provenance()), as: UTF8.self)
    #expect(text == #"{"toolkitVersion":"\#(ToolkitVersion.current)"}"#)
    #expect(
      try JSONDecoder().decode(Provenance.self, from: Data(text.utf8)) == Provenance())
  }

  @Test func theVersionIsSemantic() {
    let parts = ToolkitVersion.current.split(separator: ".")
    #expect(parts.count == 3 && parts.allSatisfy { Int($0) != nil })
  }
}
