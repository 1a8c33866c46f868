extension Range<Int> {
  /// Part `index` of `count` parts of nearly the same size, each of which begins a multiple of
  /// `multiple` after this range does. None is empty unless there are more parts than multiples.
  func part(_ index: Int, of count: Int, multiple: Int) -> Range<Int> {
    let blocks = (self.count + multiple - 1) / multiple
    func bound(_ part: Int) -> Int {
      Swift.min(upperBound, lowerBound + part * blocks / count * multiple)
    }
    return bound(index)..<bound(index + 1)
  }

  /// The sequences that some of a batch's are where each of them is `count`.
  func scaled(by count: Int) -> Range<Int> {
    lowerBound * count..<upperBound * count
  }
}
