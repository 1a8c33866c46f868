/// Which rows and pixels of a picture moved a classifier's answer, in nats.
///
/// The measure is the log-odds of one class k: F = ln p_k − ln Σ_{j≠k} p_j. It is 0 where the class is as
/// probable as all others together, and what adds one nat to it multiplies the odds by e.
public struct Evidence: Sendable, Equatable {
  /// What stands for a pixel that says nothing.
  public enum Baseline: String, Sendable, CaseIterable, Codable {
    /// The mean of the training pictures' values, which standardised models keep.
    case mean
    /// White.
    case white
    /// Black.
    case black
  }

  /// The class k that it is about.
  public var classIndex: Int
  /// The picture's size in the model, in pixels, upright.
  public var width: Int
  /// See `width`.
  public var height: Int
  /// 1, or 3 for red, green and blue.
  public var channels: Int
  /// Class probabilities of the whole picture.
  public var probabilities: [Float]
  /// F of the picture.
  public var logOdds: Double
  /// What replaces pixels.
  public var baseline: Baseline
  /// F of a picture of nothing but the baseline.
  public var baselineLogOdds: Double
  /// By pixel.
  public var attribution: Attribution
  /// By row while reading; nil where the model does not read row by row.
  public var reading: Reading?
  /// Why there is no `reading`.
  public var readingAbsence: String?
  /// By what is covered.
  public var occlusion: Occlusion
  /// What would have changed the answer.
  public var counterfactual: Counterfactual

  /// Gathers all parts.
  public init(
    classIndex: Int, width: Int, height: Int, channels: Int, probabilities: [Float],
    logOdds: Double, baseline: Baseline, baselineLogOdds: Double, attribution: Attribution,
    reading: Reading?, readingAbsence: String?, occlusion: Occlusion,
    counterfactual: Counterfactual
  ) {
    self.classIndex = classIndex
    self.width = width
    self.height = height
    self.channels = channels
    self.probabilities = probabilities
    self.logOdds = logOdds
    self.baseline = baseline
    self.baselineLogOdds = baselineLogOdds
    self.attribution = attribution
    self.reading = reading
    self.readingAbsence = readingAbsence
    self.occlusion = occlusion
    self.counterfactual = counterfactual
  }

  /// The most probable class.
  public var prediction: Int {
    probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
  }

  /// F of the picture minus F of the baseline: what the attributions share among the pixels.
  public var change: Double { logOdds - baselineLogOdds }

  /// Attributions of pixels, the sum over their channels: [height × width].
  public var pixels: [Double] {
    (0..<width * height).map { pixel in
      (0..<channels).reduce(0) { $0 + attribution.values[pixel * channels + $1] }
    }
  }

  /// Attributions of rows, the sum over their pixels: [height].
  public var rows: [Double] {
    let rowSize = width * channels
    return (0..<height).map { y in
      attribution.values[y * rowSize..<(y + 1) * rowSize].reduce(0, +)
    }
  }
}

extension Evidence {
  /// Integrated gradients (Sundararajan, Taly and Yan 2017): pixel i has (x_i − x⁰_i) ∫₀¹ ∂F/∂x_i dα
  /// along the straight line x⁰ + α (x − x⁰) from the baseline to the picture, by Gauss–Legendre's rule.
  public struct Attribution: Sendable, Equatable {
    /// In nats: [height × width × channels].
    public var values: [Double]
    /// Their sum, which is F(x) − F(x⁰) but for the error of the rule.
    public var sum: Double
    /// Points on the line.
    public var nodes: Int
    /// Whether the sum is within 1 % + 0.01 nats of F(x) − F(x⁰).
    public var isConverged: Bool

    /// Gathers all parts.
    public init(values: [Double], sum: Double, nodes: Int, isConverged: Bool) {
      self.values = values
      self.sum = sum
      self.nodes = nodes
      self.isConverged = isConverged
    }
  }

  /// What the model thinks while rows of the picture arrive.
  public struct Reading: Sendable, Equatable {
    /// F before any row and after each: [height + 1].
    public var logOdds: [Double]
    /// The classes' probabilities at the same times: [height + 1][K].
    public var probabilities: [[Float]]
    /// The row, from 1, after which the calibrated early exit stops reading, where the model has one that
    /// holds; nil also where it reads all rows.
    public var exitRow: Int?

    /// Gathers all parts.
    public init(logOdds: [Double], probabilities: [[Float]], exitRow: Int? = nil) {
      self.logOdds = logOdds
      self.probabilities = probabilities
      self.exitRow = exitRow
    }

    /// What each row added to F: [height]. They sum to the last F minus the first.
    public var evidence: [Double] {
      zip(logOdds.dropFirst(), logOdds).map { $0 - $1 }
    }
  }

  /// What is lost of F where a part of the picture is replaced by the baseline.
  public struct Occlusion: Sendable, Equatable {
    /// One row at a time: [height].
    public var rows: [Double]
    /// Rows and columns of a grid of cells as equal as can be: 4 × 4 where there are so many pixels.
    public var gridRows: Int
    /// See `gridRows`.
    public var gridColumns: Int
    /// One cell at a time: [gridRows × gridColumns].
    public var cells: [Double]
    /// The cells' integrated gradients.
    public var cellAttributions: [Double]
    /// Spearman's rank correlation of `cells` and `cellAttributions`; nil where either is constant.
    public var rankCorrelation: Double?

    /// Gathers all parts.
    public init(
      rows: [Double], gridRows: Int, gridColumns: Int, cells: [Double], cellAttributions: [Double]
    ) {
      self.rows = rows
      self.gridRows = gridRows
      self.gridColumns = gridColumns
      self.cells = cells
      self.cellAttributions = cellAttributions
      rankCorrelation = RankCorrelation.spearman(cells, cellAttributions)
    }
  }

  /// The shortest run of rows whose replacement by the baseline changes the predicted class.
  public struct Counterfactual: Sendable, Equatable {
    /// Rows that decide.
    public struct Run: Sendable, Equatable {
      /// Counted from 0; of several runs of the same length the uppermost.
      public var rows: Range<Int>
      /// The class predicted without them.
      public var classIndex: Int
      /// Its probability.
      public var probability: Float

      /// Gathers all parts.
      public init(rows: Range<Int>, classIndex: Int, probability: Float) {
        self.rows = rows
        self.classIndex = classIndex
        self.probability = probability
      }
    }

    /// nil where no run that was tried changes it.
    public var run: Run?
    /// Every run of at most so many rows was tried: of all rows, unless there are too many of them.
    public var longestTried: Int

    /// Gathers all parts.
    public init(run: Run?, longestTried: Int) {
      self.run = run
      self.longestTried = longestTried
    }
  }
}
