import Rowwise
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseTexts

extension Console {
  /// Says which layers are computed with int8 products and which are not.
  func tellOfPrecision(_ ensemble: ImageEnsemble) {
    for (index, member) in ensemble.members.enumerated() {
      tellOfPrecision(
        member.classifier, called: ensemble.members.count > 1 ? "model \(index + 1): " : "")
    }
  }

  /// - Parameter name: what the row begins with.
  func tellOfPrecision(_ classifier: ImageClassifier, called name: String = "") {
    let network = classifier.network
    guard network.precision == .int8 else { return }
    let whole = Set(network.layersInPrecision)
    func list(_ numbers: [Int]) -> String {
      numbers.map { "layer \($0) (\(ModelSummary.text(network.layers[$0 - 1])))" }
        .joined(separator: ", ")
    }
    let numbers = Array(1...network.layers.count)
    let others = list(numbers.filter { !whole.contains($0) })
    log(
      whole.isEmpty
        ? "\(name)float32: \(others)"
        : "\(name)int8: \(list(numbers.filter { whole.contains($0) })); float32: \(others)")
  }
}
