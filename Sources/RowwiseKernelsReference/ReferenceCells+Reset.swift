import RowwiseKernelInterface

extension ReferenceCells {
  /// r = σ(sums) and r ⊙ h_{t-1}.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func reset<Scalar: BinaryFloatingPoint>(_ call: ResetCall<Scalar>) {
    forEachUnit(call) { gate, h, product in
      gate[0] = logistic(gate[0])
      product[0] = gate[0] * h
    }
  }

  /// With δ the gradient by r ⊙ h_{t-1}: δr = δ ⊙ h_{t-1} r (1 − r), and δ ⊙ r.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func resetBackward<Scalar: BinaryFloatingPoint>(_ call: ResetCall<Scalar>) {
    forEachUnit(call) { gate, h, product in
      let r = gate[0]
      gate[0] = product[0] * h * r * (1 - r)
      product[0] *= r
    }
  }

  @inline(__always)
  private static func forEachUnit<Scalar: BinaryFloatingPoint>(
    _ call: ResetCall<Scalar>,
    _ body: (
      _ gate: UnsafeMutablePointer<Scalar>, _ h: Scalar, _ product: UnsafeMutablePointer<Scalar>
    ) -> Void
  ) {
    for row in call.rows {
      for k in 0..<call.hidden {
        let place = row * call.hiddenStride + k
        body(
          call.gate + row * call.gateStride + k, call.hiddenBefore[place], call.product + place)
      }
    }
  }
}
