import RealModule
import RowwiseCompute
import RowwiseRandomness

/// One weight array of a network: where it is in the network's arena, and what it is called.
public struct Parameter: Sendable, Equatable {
  /// As in the model file: `layers.0.input_weight`.
  public var name: String
  /// Sizes, outermost first.
  public var shape: [Int]
  /// Elements before it in the arena.
  public var offset: Int
  /// Whether weight decay applies: not to biases.
  public var decays: Bool

  /// The layer that it belongs to, from 0, by its name.
  package var layer: Int { name.split(separator: ".").dropFirst().first.flatMap { Int($0) } ?? 0 }

  /// Elements.
  public var count: Int { shape.reduce(1, *) }
}

/// How a parameter starts.
enum Initializer {
  /// Uniform in ±√(6 / (rows + columns)) (Glorot & Bengio 2010).
  case glorotUniform
  /// Orthonormal rows or columns, whichever are fewer (Saxe et al. 2014).
  case orthogonal
  /// Uniform in ±bound.
  case uniform(bound: Double)
  /// Zeros.
  case zeros
  /// One number for each of the array's equal blocks.
  case gates([Double])
  /// For each unit ± log u, u uniform in [1, T − 1], in the blocks with a sign (Tallec & Ollivier
  /// 2018, section 2).
  case chrono(signs: [Double], timesteps: Int)
  /// For each unit ± log(u / (1 − u)), so that σ of it is u, uniform in [1/H, 1 − 1/H], in the blocks with
  /// a sign (Gu et al. 2020, section 2.3).
  case uniformGates(signs: [Double])
  /// ν, θ and log γ of an LRU, one after the other: |λ|² uniform between where λ^T is e^−3 and e^−0.1, the
  /// phase's logarithm uniform from log π/T to log π, γ = √(1 − |λ|²) (Orvieto et al. 2023, sections 3.2 to
  /// 3.4, have edges and largest phase as settings). Less remembering and phases that are uniform learnt
  /// MNIST worse, by rows and by pixels; see the article Training.
  case ring(timesteps: Int)

  /// The values of an array of `rows` × `columns`, from stream `stream` of `seed`.
  func values(rows: Int, columns: Int, seed: UInt64, stream: UInt64) -> [Double] {
    var random = RandomStream(seed: seed, stream: stream)
    let count = rows * columns
    switch self {
    case .glorotUniform:
      let bound = (6 / Double(rows + columns)).squareRoot()
      return (0..<count).map { _ in (2 * random.nextUniform() - 1) * bound }
    case .uniform(let bound):
      return (0..<count).map { _ in (2 * random.nextUniform() - 1) * bound }
    case .zeros:
      return [Double](repeating: 0, count: count)
    case .gates(let numbers):
      return (0..<count).map { numbers[$0 * numbers.count / count] }
    case .chrono(let signs, let timesteps):
      let units = count / signs.count
      let longest = Double(max(timesteps - 1, 1))
      let spans = (0..<units).map { _ in Double.log(1 + random.nextUniform() * (longest - 1)) }
      return signs.flatMap { sign in spans.map { $0 * sign } }
    case .uniformGates(let signs):
      let units = count / signs.count
      // Of one unit the range is its middle.
      let edge = min(1 / Double(units), 0.5)
      let biases = (0..<units).map { _ in
        let u = edge + random.nextUniform() * (1 - 2 * edge)
        return Double.log(u / (1 - u))
      }
      return signs.flatMap { sign in biases.map { $0 * sign } }
    case .ring(let timesteps):
      let units = count / 3
      let length = Double(timesteps)
      let (least, most) = (Double.exp(-6 / length), Double.exp(-0.2 / length))
      // |λ|² and θ.
      let drawn = (0..<units).map { _ in
        (
          least + random.nextUniform() * (most - least),
          Double.log(Double.pi) - random.nextUniform() * Double.log(length)
        )
      }
      return drawn.map { Double.log(-Double.log($0.0) / 2) } + drawn.map(\.1)
        + drawn.map { Double.log(1 - $0.0) / 2 }
    case .orthogonal:
      return orthogonal(rows: rows, columns: columns, &random)
    }
  }

  /// A random normal matrix whose shorter side is made orthonormal by modified Gram–Schmidt, done
  /// twice for each vector ("twice is enough", Giraud et al. 2005).
  private func orthogonal(rows: Int, columns: Int, _ random: inout RandomStream) -> [Double] {
    let vectors = min(rows, columns)
    let length = max(rows, columns)
    var basis: [[Double]] = []
    while basis.count < vectors {
      var v = (0..<length).map { _ in random.nextNormal() }
      for _ in 0..<2 {
        for other in basis {
          var projection = 0.0
          for i in 0..<length { projection += v[i] * other[i] }
          for i in 0..<length { v[i] -= projection * other[i] }
        }
      }
      let norm = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard norm > 1e-6 else { continue }
      basis.append(v.map { $0 / norm })
    }
    var result = [Double](repeating: 0, count: rows * columns)
    for (k, v) in basis.enumerated() {
      for i in 0..<length {
        result[rows <= columns ? k * columns + i : i * columns + k] = v[i]
      }
    }
    return result
  }
}
