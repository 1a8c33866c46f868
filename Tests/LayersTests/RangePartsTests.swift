import Testing

@testable import RowwiseLayers

@Suite struct RangePartsTests {
  @Test(arguments: [1, 2, 4, 7])
  func partsCoverARangeInOrder(_ multiple: Int) {
    for first in [0, 3 * multiple] {
      for count in 1...40 {
        let whole = first..<first + count
        for parts in 1...((count + multiple - 1) / multiple) {
          let made = (0..<parts).map { whole.part($0, of: parts, multiple: multiple) }
          #expect(made.flatMap { Array($0) } == Array(whole))
          #expect(made.allSatisfy { !$0.isEmpty && $0.lowerBound % multiple == 0 })
          // In whole multiples none has two more than another, but for what the last one lacks.
          let sizes = made.map { ($0.count + multiple - 1) / multiple }
          #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        }
      }
    }
  }
}
