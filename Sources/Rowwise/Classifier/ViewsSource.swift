import RowwiseDatasetLoading
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseTraining

/// Every sample of a data set as often as there are views of it, one after the other.
struct ViewsSource: SequenceSource {
  private let dataset: ImageDataset
  private let preprocessing: Preprocessing
  private let views: PictureViews
  private let writer: SequenceWriter

  init(_ dataset: ImageDataset, preprocessing: Preprocessing, views: PictureViews) {
    self.dataset = dataset
    self.preprocessing = preprocessing
    self.views = views
    writer = SequenceWriter(preprocessing)
  }

  var count: Int { dataset.count * views.count }
  var timesteps: Int { preprocessing.timesteps }
  var features: Int { preprocessing.features }
  var classCount: Int { dataset.classNames.count }

  func load(_ indices: [Int], rows: Range<Int>, into batch: SequenceBatch<Float>) throws {
    var picture = [UInt8](repeating: 0, count: preprocessing.byteCount)
    var row = rows.lowerBound
    while row < rows.upperBound {
      let sample = indices[row] / views.count
      var end = row + 1
      // A picture that has to be decoded is decoded once for all its views.
      while end < rows.upperBound, indices[end] / views.count == sample { end += 1 }
      try dataset.withPixels(at: sample) { pixels in
        for n in row..<end {
          batch.labels[n] = dataset.labels[sample]
          var span = picture.mutableSpan
          views.write(indices[n] % views.count, of: pixels.span, preprocessing, into: &span)
          batch.write(picture, at: n, by: writer)
        }
      }
      row = end
    }
  }

  func prefetch(_ indices: [Int]) {
    guard let first = indices.first, let last = indices.last else { return }
    dataset.prefetch(first / views.count...last / views.count)
  }
}

extension SequenceBatch<Float> {
  /// Writes a picture of the model's size as sequence n of N.
  func write(_ pixels: [UInt8], at n: Int, by writer: SequenceWriter) {
    let rest = UnsafeMutableBufferPointer(
      start: inputs.start + n * features, count: (timesteps * count - n) * features)
    // SAFETY: the writer touches this sequence's numbers only; see `ImageClassifierTests`.
    var sequence = rest.mutableSpan
    writer.write(pixels.span, into: &sequence, timestepStride: count * features)
  }
}
