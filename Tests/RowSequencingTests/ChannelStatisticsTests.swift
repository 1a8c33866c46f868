import RowwiseRowSequencing
import Testing

@Suite struct ChannelStatisticsTests {
  @Test func equalsNumPy() throws {
    let golden = try Golden.load()
    let source = picture(
      width: golden.luma.width, height: golden.luma.height, channels: 3, seed: golden.luma.seed)
    var statistics = ChannelStatistics(color: .rgb)
    statistics.add(source.pixels.span)
    for channel in 0..<3 {
      #expect(abs(statistics.mean[channel] - golden.statistics.mean[channel]) < 1e-12)
      #expect(
        abs(
          statistics.standardDeviation[channel] - golden.statistics.standard_deviation[channel])
          < 1e-12)
    }
  }

  @Test func orderAndDivisionChangeNothing() {
    let source = picture(width: 30, height: 20, channels: 3, seed: 4).pixels
    var whole = ChannelStatistics(color: .rgb)
    whole.add(source.span)
    var front = ChannelStatistics(color: .rgb)
    var back = ChannelStatistics(color: .rgb)
    front.add(source.span.extracting(0..<600))
    back.add(source.span.extracting(600..<1800))
    back.add(front)
    #expect(back == whole)
    #expect(back.mean == whole.mean && back.standardDeviation == whole.standardDeviation)
  }

  @Test func constantAndEmptyChannelsCanBeDividedBy() throws {
    var statistics = ChannelStatistics(color: .gray)
    #expect(statistics.mean == [0] && statistics.standardDeviation == [1])
    statistics.add([51, 51, 51].span)
    #expect(statistics.mean == [0.2] && statistics.standardDeviation == [1])
    let plain = try Preprocessing(width: 1, height: 1)
    #expect(try plain.normalized(by: statistics).mean == [0.2])
  }
}
