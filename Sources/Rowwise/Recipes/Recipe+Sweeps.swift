import RowwiseLayers

extension Recipe {
  /// Sweeps over patches, with merging and dropout between them, and all patches of the last one side by
  /// side.
  public struct Sweeps: Sendable, Equatable {
    /// Hidden units of each sweep's LSTMs.
    public var units: [Int]
    /// Dropout rate after each sweep.
    public var dropout: Double

    /// Puts sweeps together.
    public init(units: [Int], dropout: Double) {
      self.units = units
      self.dropout = dropout
    }

    /// Patches along the longer side of a picture, at most.
    static let largestGrid = 16
    /// Patches along the shorter side below which there is nothing left to merge.
    private static let smallestGrid = 4
    /// Units of the first sweep and of those behind merging, which leaves a quarter of the patches.
    private static let widths = [32, 64, 96]

    /// As many as the pictures' grid has room for.
    init(for facts: DatasetFacts) {
      var grid = Grid(facts)
      var units: [Int] = []
      for width in Self.widths {
        units.append(width)
        grid.merge()
        if min(grid.rows, grid.columns) < Self.smallestGrid { break }
      }
      self.init(units: units, dropout: 0.2)
    }

    /// The layers below the output layer.
    public var layers: [any Layer] {
      var layers: [any Layer] = []
      for (index, width) in units.enumerated() {
        if index > 0 { layers.append(Merge(2)) }
        layers.append(Sweep(width))
        if dropout > 0 { layers.append(Dropout(dropout)) }
      }
      return layers + [Flatten()]
    }

    /// As `Stack.operations`.
    func operations(_ facts: DatasetFacts) -> Double {
      var grid = Grid(facts)
      var total = 0.0
      for (index, width) in units.enumerated() {
        if index > 0 { grid.merge() }
        let patches = Double(grid.rows * grid.columns)
        total += patches * Double(2 * 4 * width * (grid.patch + width) * 2)
        total += patches * Double(2 * 4 * width * (2 * width + width) * 2)
        grid.patch = 2 * width
      }
      return 3 * total
    }
  }

  /// Patches of a picture.
  private struct Grid {
    var rows: Int
    var columns: Int
    /// Numbers of a patch.
    var patch: Int

    init(_ facts: DatasetFacts) {
      let channels = max(facts.channels, 1)
      let (height, width) = (facts.timesteps, max(facts.features / channels, 1))
      guard case .patches(let side) = Recipe.patches(width: width, height: height) else {
        preconditionFailure("sweeps read patches")
      }
      rows = (height + side - 1) / side
      columns = (width + side - 1) / side
      patch = side * side * channels
    }

    mutating func merge() {
      rows = (rows + 1) / 2
      columns = (columns + 1) / 2
      patch *= 4
    }
  }
}
