import RealModule
import RowwiseCompute

/// The log-odds of a class, F = ln p_k − ln Σ_{j≠k} p_j = z_k − ln Σ_{j≠k} e^{z_j}, in nats.
///
/// From the logits z: probabilities near 1 would have lost what tells them apart.
package enum LogOdds {
  /// F of one row of logits; infinite where there is no other class.
  package static func value<Scalar: ComputeScalar>(
    _ logits: UnsafeBufferPointer<Scalar>, of chosen: Int
  ) -> Double {
    let (largest, sum) = others(logits, chosen)
    return Double(logits[chosen]) - largest - Double.log(sum)
  }

  /// ∂F/∂z: 1 for the class itself, minus the others' shares of Σ_{j≠k} e^{z_j} for them.
  static func differentiate<Scalar: ComputeScalar>(
    _ logits: UnsafeBufferPointer<Scalar>, of chosen: Int,
    into gradient: UnsafeMutablePointer<Scalar>
  ) {
    let (largest, sum) = others(logits, chosen)
    for (k, logit) in logits.enumerated() {
      gradient[k] = k == chosen ? 1 : Scalar(-Double.exp(Double(logit) - largest) / sum)
    }
  }

  /// The largest logit z* of the other classes, and Σ e^{z_j − z*} over them.
  private static func others<Scalar: ComputeScalar>(
    _ logits: UnsafeBufferPointer<Scalar>, _ chosen: Int
  ) -> (largest: Double, sum: Double) {
    var largest = -Double.infinity
    for (k, logit) in logits.enumerated() where k != chosen {
      largest = max(largest, Double(logit))
    }
    var sum = 0.0
    for (k, logit) in logits.enumerated() where k != chosen {
      sum += Double.exp(Double(logit) - largest)
    }
    return (largest, sum)
  }
}
