import RowwiseTexts
import Testing

@Suite struct NaturalKeyTests {
  @Test func numbersCountAsNumbers() {
    #expect(NaturalKey.sorted(["10", "2", "1", "0"]) == ["0", "1", "2", "10"])
    #expect(
      NaturalKey.sorted(["img12.png", "img2.png", "img1.png", "img100.png"])
        == ["img1.png", "img2.png", "img12.png", "img100.png"])
    let big = "123456789012345678901234567890"
    #expect(NaturalKey.sorted([big + "1", big]) == [big, big + "1"])
  }

  @Test func caseDoesNotDivideTheAlphabet() {
    #expect(
      NaturalKey.sorted(["Zebra", "apple", "Banana", "cat"]) == ["apple", "Banana", "cat", "Zebra"])
  }

  @Test func equalLooksAreOrderedByBytes() {
    #expect(NaturalKey.sorted(["a", "A", "01", "1", "001"]) == ["001", "01", "1", "A", "a"])
    #expect(NaturalKey("01") != NaturalKey("1"))
    #expect(!(NaturalKey("x") < NaturalKey("x")))
  }

  @Test func anyOrderOfInputGivesTheSameOrder() {
    let names = ["9", "10", "b2a10", "b2a9", "B2", "é", "", "-", "a1b", "a01b", "日本"]
    let expected = NaturalKey.sorted(names)
    #expect(NaturalKey.sorted(names.reversed()) == expected)
    #expect(expected.first == "")
  }
}
