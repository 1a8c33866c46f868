import RowwiseKernelInterface

/// Activations, softmax, optimizers and norms as plain scalar loops.
package enum ReferenceElementwise {
  /// x ← f(x).
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func activate<Scalar: BinaryFloatingPoint>(
    _ kind: Activation, _ x: UnsafeMutablePointer<Scalar>, _ count: Int
  ) {
    for j in 0..<count {
      switch kind {
      case .linear: break
      // A NaN stays a NaN: it must reach the loss, which stops the training.
      case .relu: x[j] = x[j] < 0 ? 0 : x[j]
      case .tanh: x[j] = hyperbolicTangent(x[j])
      case .sigmoid: x[j] = logistic(x[j])
      }
    }
  }

  /// y ← x rounded to bfloat16.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func roundToBFloat16<Scalar: BinaryFloatingPoint>(
    _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, _ count: Int
  ) {
    for j in 0..<count { y[j] = roundedToBFloat16(x[j]) }
  }

  /// dy ← dy f′ with f′ from y = f(x): 1; 1 where y > 0; 1 − y²; y (1 − y).
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func activateBackward<Scalar: BinaryFloatingPoint>(
    _ kind: Activation, _ y: UnsafePointer<Scalar>, _ dy: UnsafeMutablePointer<Scalar>,
    _ count: Int
  ) {
    for j in 0..<count {
      switch kind {
      case .linear: break
      case .relu: dy[j] = y[j] > 0 ? dy[j] : 0
      case .tanh: dy[j] *= 1 - y[j] * y[j]
      case .sigmoid: dy[j] *= y[j] * (1 - y[j])
      }
    }
  }

  /// Softmax of one row in place; returns log Σ e^x = m + log Σ e^{x − m}, m the largest logit.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func softmax<Scalar: BinaryFloatingPoint>(
    _ row: UnsafeMutablePointer<Scalar>, _ count: Int
  ) -> Double {
    var largest = row[0]
    for j in 1..<max(count, 1) where row[j] > largest {
      largest = row[j]
    }
    var sum = 0.0
    for j in 0..<count {
      sum += exponential(Double(row[j]) - Double(largest))
    }
    for j in 0..<count {
      row[j] = Scalar(exponential(Double(row[j]) - Double(largest)) / sum)
    }
    return Double(largest) + naturalLogarithm(sum)
  }

  /// Σ x².
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func sumOfSquares<Scalar: BinaryFloatingPoint>(
    _ x: UnsafePointer<Scalar>, _ count: Int
  ) -> Double {
    var sum = 0.0
    for j in 0..<count {
      sum += Double(x[j]) * Double(x[j])
    }
    return sum
  }

  /// One optimizer step; see `OptimizerRule` for the equations.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func optimize<Scalar: BinaryFloatingPoint & Sendable>(
    _ rule: OptimizerRule<Scalar>, _ call: OptimizerCall<Scalar>
  ) {
    for j in 0..<call.count {
      let gradient = call.gradients[j] * call.gradientScale
      let old = call.parameters[j]
      switch rule {
      case .sgd(let learningRate, let momentum, let nesterov):
        let velocity = momentum * call.first[j] + gradient
        call.first[j] = velocity
        call.parameters[j] =
          old - learningRate * (nesterov ? gradient + momentum * velocity : velocity)
      case .rmsprop(let learningRate, let decay, let epsilon):
        let square = decay * call.first[j] + (1 - decay) * gradient * gradient
        call.first[j] = square
        call.parameters[j] = old - learningRate * gradient / (square.squareRoot() + epsilon)
      case .adam(let stepSize, let beta1, let beta2, let epsilon, let decay):
        guard let second = call.second else {
          preconditionFailure("Adam needs a second state array of \(call.count) elements")
        }
        let mean = beta1 * call.first[j] + (1 - beta1) * gradient
        let square = beta2 * second[j] + (1 - beta2) * gradient * gradient
        call.first[j] = mean
        second[j] = square
        call.parameters[j] = old - decay * old - stepSize * mean / (square.squareRoot() + epsilon)
      case .lion(let learningRate, let beta1, let beta2, let decay):
        let blend = beta1 * call.first[j] + (1 - beta1) * gradient
        // A NaN stays a NaN, as above.
        let sign: Scalar = blend > 0 ? 1 : blend < 0 ? -1 : blend
        call.first[j] = beta2 * call.first[j] + (1 - beta2) * gradient
        call.parameters[j] = old - decay * old - learningRate * sign
      }
    }
  }
}
