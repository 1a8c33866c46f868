import Foundation
import Rowwise

/// A folder of many small pictures.
enum FolderBenchmark {
  /// A picture of 28 × 28 like a digit: a stroke on black.
  static func digit(_ index: Int) -> DecodedImage {
    var pixels = [UInt8](repeating: 0, count: 784)
    let (turn, size) = (Double(index % 97) / 9, 5 + Double(index % 7))
    for step in 0..<120 {
      let angle = Double(step) / 19 + turn
      let radius = size * (0.4 + 0.6 * Double(step) / 120)
      let (x, y) = (14 + radius * cos(angle), 14 + radius * sin(angle * Double(1 + index % 3)))
      for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
        let (column, line) = (Int(x) + dx, Int(y) + dy)
        guard (0..<28).contains(column), (0..<28).contains(line) else { continue }
        let near = max(0, 1 - hypot(x - Double(column), y - Double(line)) / 1.5)
        let old = pixels[line * 28 + column]
        pixels[line * 28 + column] = max(old, UInt8(near * 255))
      }
    }
    return DecodedImage(width: 28, height: 28, channels: 1, pixels: pixels)
  }

  static func make(_ folder: String, count: Int) throws {
    for label in 0..<10 {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(label)", withIntermediateDirectories: true)
    }
    for index in 0..<count {
      try PNGWriter.write(digit(index), toPath: "\(folder)/\(index % 10)/\(index).png")
    }
  }

  /// Prints the seconds from the folder's name to an array of floats [T, N, D], and their sum.
  static func run(folder: String) throws {
    let start = ContinuousClock.now
    guard let dataset = try DatasetLoader.open(folder).whole else {
      throw BenchmarkFailure(description: "\(folder): not a folder of classes")
    }
    let preprocessing = try Preprocessing(
      width: dataset.width, height: dataset.height, color: dataset.color)
    var (rows, labels): ([Float], [Int32]) = ([], [])
    try BatchFiller(dataset, preprocessing: preprocessing).fill(
      Array(0..<dataset.count), into: &rows, labels: &labels)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let sum = rows.reduce(0.0) { $0 + Double($1) }
    print("{\"images\": \(dataset.count), \"seconds\": \(seconds), \"sum\": \(sum)}")
  }
}
