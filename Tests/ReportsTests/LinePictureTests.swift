import RowwiseReports
import Testing

@testable import RowwiseEvaluation

@Suite struct LinePictureTests {
  private let blue = RasterColor(0x1F, 0x5F, 0xBF)
  private let orange = RasterColor(0xC2, 0x41, 0x0C)

  private func chart(_ lines: [[Double]]) -> LineChart {
    LineChart(
      title: "Loss", xTitle: "epoch", yTitle: "nats",
      series: lines.enumerated().map { index, values in
        ChartSeries(
          name: "line \(index)",
          points: values.enumerated().map { CurvePoint(x: Double($0 + 1), y: $1) })
      })
  }

  /// Rows of the picture in which a column has a colour.
  private func rows(_ color: RasterColor, column: Int, _ raster: Raster) -> [Int] {
    (0..<raster.height).filter { raster.color(x: column, y: $0) == color }
  }

  @Test func linesGoThroughTheirPoints() throws {
    // From (1, 0) to (5, 4): the axes have these ends, and 26 units of title are above.
    let raster = try #require(LineChart.picture([chart([[0, 1, 2, 3, 4]])]))
    #expect(raster.width == 880)
    for (share, unit) in [(0.0, 258.0), (0.25, 196), (0.5, 134), (0.75, 72), (1, 10)] {
      let column = Int(2 * (52 + share * 376))
      let row = Int(2 * (26 + unit))
      #expect(rows(blue, column: min(column, 855), raster).contains(row), "\(share)")
    }
  }

  /// The second line is dashed, so that it is told from the first without colours.
  @Test func linesAreToldApart() throws {
    let flat = [Double](repeating: 1, count: 9)
    let raster = try #require(LineChart.picture([chart([flat, flat.map { $0 + 1 }])]))
    func covered(_ color: RasterColor) -> Double {
      // From (1, …) to (9, …) on an axis from 0 to 10.
      let columns = (182..<778).filter { !rows(color, column: $0, raster).isEmpty }
      return Double(columns.count) / 596
    }
    #expect(covered(blue) == 1)
    // 7 of 11 are drawn, and as much more as the pen is wide.
    #expect((0.6...0.9).contains(covered(orange)))
  }

  /// Where all values are equal the axis has numbers that can be read.
  @Test(arguments: [0, 0.3, -2.5, 1e6])
  func flatLinesHaveReadableAxes(value: Double) {
    let text = chart([[value, value, value]]).document()
    let labels = text.components(separatedBy: "text-anchor=\"end\">").dropFirst().map {
      String($0.prefix { $0 != "<" })
    }
    #expect(labels.count >= 3 && Set(labels).count == labels.count, "\(labels)")
    #expect(labels.allSatisfy { $0.count <= 7 }, "\(labels)")
  }

  @Test func chartsWithoutPointsAreLeftOut() throws {
    #expect(LineChart.picture([]) == nil)
    #expect(LineChart.picture([chart([[.nan, .infinity]])]) == nil)
    let one = try #require(LineChart.picture([chart([[1, 2]])]))
    let two = try #require(
      LineChart.picture([chart([[1, 2]]), chart([[.nan]]), chart([[3, 1]])]))
    #expect(two.height == 2 * one.height)
    // A single point is a dot.
    let dot = try #require(LineChart.picture([chart([[1]])]))
    #expect(!(0..<dot.width).allSatisfy { rows(blue, column: $0, dot).isEmpty })
  }
}
