import RowwiseKernelInterface

/// The fully connected layer as plain scalar loops. Packed weights: W [inputs, outputs], then b.
package enum ReferenceDense {
  /// Weights as they are; one task for dW, one for db.
  package static func layout(inputs: Int, outputs: Int) -> DenseLayout {
    DenseLayout(
      packedForwardCount: (inputs + 1) * outputs, packedBackwardCount: inputs * outputs,
      gradientTasks: 2, gradientScratch: 0)
  }

  /// Copies W and b to the forward form, W to the backward form.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func pack<Scalar: BinaryFloatingPoint>(
    inputs: Int, outputs: Int, weight: UnsafePointer<Scalar>, bias: UnsafePointer<Scalar>,
    forward: UnsafeMutablePointer<Scalar>, backward: UnsafeMutablePointer<Scalar>?
  ) {
    forward.update(from: weight, count: inputs * outputs)
    (forward + inputs * outputs).update(from: bias, count: outputs)
    backward?.update(from: weight, count: inputs * outputs)
  }

  /// y = x W + b, or y += x W.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func forward<Scalar: BinaryFloatingPoint>(
    _ call: DenseCall<Scalar>, packed: UnsafePointer<Scalar>
  ) {
    for row in call.rows {
      let x = call.x + row * call.xStride
      let y = call.y + row * call.yStride
      if !call.accumulates {
        y.update(from: packed + call.inputs * call.outputs, count: call.outputs)
      }
      for k in 0..<call.inputs {
        addMultiple(of: packed + k * call.outputs, by: x[k], to: y, count: call.outputs)
      }
    }
  }

  /// dx = dy Wᵀ, or dx += dy Wᵀ.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func backward<Scalar: BinaryFloatingPoint>(
    _ call: DenseCall<Scalar>, packed: UnsafePointer<Scalar>
  ) {
    for row in call.rows {
      let dx = call.x + row * call.xStride
      let dy = call.y + row * call.yStride
      for k in 0..<call.inputs {
        let product = innerProduct(dy, packed + k * call.outputs, count: call.outputs)
        dx[k] = call.accumulates ? dx[k] + product : product
      }
    }
  }

  /// Task 0 dW = xᵀ dy, task 1 db = Σ dy if wanted, rows in order.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func gradient<Scalar: BinaryFloatingPoint>(
    _ call: DenseCall<Scalar>, task: Int, weightGradient: UnsafeMutablePointer<Scalar>,
    biasGradient: UnsafeMutablePointer<Scalar>?, accumulates: Bool
  ) {
    let outputs = call.outputs
    guard let receiver = task == 0 ? weightGradient : biasGradient else { return }
    if !accumulates {
      receiver.update(repeating: 0, count: task == 0 ? call.inputs * outputs : outputs)
    }
    for row in call.rows {
      let dy = call.y + row * call.yStride
      if task == 0 {
        let x = call.x + row * call.xStride
        for k in 0..<call.inputs {
          addMultiple(of: dy, by: x[k], to: receiver + k * outputs, count: outputs)
        }
      } else {
        addMultiple(of: dy, by: 1, to: receiver, count: outputs)
      }
    }
  }
}
