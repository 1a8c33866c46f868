/// The pictures of which a network makes the most similar vectors.
struct EmbeddingNeighbors {
  /// A picture and how alike it is: the cosine of the angle between the vectors.
  struct Neighbor: Equatable {
    let index: Int
    let similarity: Double
  }

  /// Vectors of length 1, or of zeros.
  private let units: [[Float]]

  init(_ vectors: [[Float]]) {
    units = vectors.map { vector in
      let length = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      return length > 0 ? vector.map { Float(Double($0) / length) } : vector
    }
  }

  /// The `count` others that are most like picture `index`, the first of equals first.
  func nearest(to index: Int, count: Int) -> [Neighbor] {
    var best: [Neighbor] = []
    for other in units.indices where other != index {
      let similarity = zip(units[index], units[other]).reduce(0.0) {
        $0 + Double($1.0) * Double($1.1)
      }
      if best.count == count, let last = best.last, similarity <= last.similarity { continue }
      let place = best.firstIndex { $0.similarity < similarity } ?? best.count
      best.insert(Neighbor(index: other, similarity: similarity), at: place)
      if best.count > count { best.removeLast() }
    }
    return best
  }
}
