import RowwiseLayers

extension Recipe {
  /// Sweeps over patches, with merging and dropout between them, and all patches of the last one side by
  /// side.
  public struct Sweeps: Sendable, Equatable {
    /// Hidden units of each sweep's LSTMs.
    public var units: [Int]
    /// Dropout rate after each sweep.
    public var dropout: Double
    /// Pixels along a side of a patch.
    public var patchSide: Int

    /// Puts sweeps together.
    public init(units: [Int], dropout: Double, patchSide: Int) {
      self.units = units
      self.dropout = dropout
      self.patchSide = patchSide
    }

    /// Patches along the longer side of a picture, at most, and the units of the first sweep and of
    /// those behind merging, which leaves a quarter of the patches.
    struct Kind {
      var patches: Int
      var units: [Int]

      /// Of the strongest recipe.
      static let best = Kind(patches: 16, units: [32, 64, 96])
      /// Of the automatic one, the stronger first: a picture takes a half, or a sixth, of the operations.
      static let automatic = [
        Kind(patches: 8, units: [64, 96]), Kind(patches: 8, units: [32, 48]),
      ]

      /// Pixels along a side of a patch of pictures of a size.
      func patchSide(width: Int, height: Int) -> Int {
        max(1, (max(width, height) + patches - 1) / patches)
      }
    }

    /// Patches along the shorter side below which there is nothing left to merge.
    private static let smallestGrid = 4

    /// As many sweeps of a kind as the pictures' grid has room for.
    init(_ kind: Kind, for facts: DatasetFacts) {
      self.init(
        units: [], dropout: 0.2,
        patchSide: kind.patchSide(width: facts.width, height: facts.timesteps))
      var grid = Grid(facts, patchSide)
      for width in kind.units {
        units.append(width)
        grid.merge()
        if min(grid.rows, grid.columns) < Self.smallestGrid { break }
      }
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
      var grid = Grid(facts, patchSide)
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

    init(_ facts: DatasetFacts, _ side: Int) {
      rows = (facts.timesteps + side - 1) / side
      columns = (facts.width + side - 1) / side
      patch = side * side * max(facts.channels, 1)
    }

    mutating func merge() {
      rows = (rows + 1) / 2
      columns = (columns + 1) / 2
      patch *= 4
    }
  }
}

extension DatasetFacts {
  /// Pixels of a row.
  fileprivate var width: Int { max(features / max(channels, 1), 1) }
}
