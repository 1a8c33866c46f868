import RowwiseKernelInterface

/// One optimizer step on a run of parameters; each element on its own.
func optimize(_ rule: OptimizerRule<Float>, _ call: OptimizerCall<Float>) {
  switch rule {
  case .sgd(let rate, let momentum, let nesterov):
    sgd(call, rate, momentum, nesterov)
  case .rmsprop(let rate, let decay, let epsilon):
    rmsprop(call, rate, decay, epsilon)
  case .adam(let step, let beta1, let beta2, let epsilon, let decay):
    guard let second = call.second else {
      preconditionFailure("Adam needs a second state array")
    }
    adam(call, second, AdamNumbers(step, beta1, beta2, epsilon, decay))
  case .lion(let rate, let beta1, let beta2, let decay):
    lion(call, LionNumbers(rate, beta1, beta2, decay))
  }
}

private func sgd(_ call: OptimizerCall<Float>, _ rate: Float, _ momentum: Float, _ nesterov: Bool) {
  let step = Vector(repeating: -rate)
  let m = Vector(repeating: momentum)
  let scale = Vector(repeating: call.gradientScale)
  for i in stride(from: 0, to: call.count, by: lanes) {
    let valid = call.count - i
    let g = load(call.gradients + i, first: valid) * scale
    let v = fma(m, load(call.first + i, first: valid), g)
    let direction = nesterov ? fma(m, v, g) : v
    store(v, call.first + i, first: valid)
    store(
      fma(step, direction, load(call.parameters + i, first: valid)), call.parameters + i,
      first: valid)
  }
}

private func rmsprop(
  _ call: OptimizerCall<Float>, _ rate: Float, _ decay: Float, _ epsilon: Float
) {
  let step = Vector(repeating: -rate)
  let rho = Vector(repeating: decay)
  let rest = Vector(repeating: 1 - decay)
  let eps = Vector(repeating: epsilon)
  let scale = Vector(repeating: call.gradientScale)
  for i in stride(from: 0, to: call.count, by: lanes) {
    let valid = call.count - i
    let g = load(call.gradients + i, first: valid) * scale
    let s = fma(rho, load(call.first + i, first: valid), rest * (g * g))
    store(s, call.first + i, first: valid)
    let direction = g / (squareRoot(s) + eps)
    store(
      fma(step, direction, load(call.parameters + i, first: valid)), call.parameters + i,
      first: valid)
  }
}

private struct AdamNumbers {
  let step: Vector
  let beta1: Vector
  let beta2: Vector
  let rest1: Vector
  let rest2: Vector
  let epsilon: Vector
  let keep: Vector

  init(_ step: Float, _ beta1: Float, _ beta2: Float, _ epsilon: Float, _ decay: Float) {
    self.step = Vector(repeating: -step)
    self.beta1 = Vector(repeating: beta1)
    self.beta2 = Vector(repeating: beta2)
    rest1 = Vector(repeating: 1 - beta1)
    rest2 = Vector(repeating: 1 - beta2)
    self.epsilon = Vector(repeating: epsilon)
    keep = Vector(repeating: 1 - decay)
  }
}

private func adam(
  _ call: OptimizerCall<Float>, _ second: UnsafeMutablePointer<Float>, _ n: AdamNumbers
) {
  let scale = Vector(repeating: call.gradientScale)
  for i in stride(from: 0, to: call.count, by: lanes) {
    let valid = call.count - i
    let g = load(call.gradients + i, first: valid) * scale
    let m = fma(n.beta1, load(call.first + i, first: valid), n.rest1 * g)
    let v = fma(n.beta2, load(second + i, first: valid), n.rest2 * (g * g))
    store(m, call.first + i, first: valid)
    store(v, second + i, first: valid)
    let direction = m / (squareRoot(v) + n.epsilon)
    let kept = n.keep * load(call.parameters + i, first: valid)
    store(fma(n.step, direction, kept), call.parameters + i, first: valid)
  }
}

private struct LionNumbers {
  let step: Vector
  let beta1: Vector
  let beta2: Vector
  let rest1: Vector
  let rest2: Vector
  let keep: Vector

  init(_ rate: Float, _ beta1: Float, _ beta2: Float, _ decay: Float) {
    step = Vector(repeating: -rate)
    self.beta1 = Vector(repeating: beta1)
    self.beta2 = Vector(repeating: beta2)
    rest1 = Vector(repeating: 1 - beta1)
    rest2 = Vector(repeating: 1 - beta2)
    keep = Vector(repeating: 1 - decay)
  }
}

private func lion(_ call: OptimizerCall<Float>, _ n: LionNumbers) {
  let scale = Vector(repeating: call.gradientScale)
  let one = Vector(repeating: 1)
  // The smallest denormal times both is above 1: what they are cut to is the sign, and 0 stays 0.
  let widen = (Vector(repeating: 0x1p127), Vector(repeating: 0x1p23))
  for i in stride(from: 0, to: call.count, by: lanes) {
    let valid = call.count - i
    let g = load(call.gradients + i, first: valid) * scale
    let m = load(call.first + i, first: valid)
    let c = fma(n.beta1, m, n.rest1 * g)
    let sign = maximum(-one, minimum(one, (c * widen.0) * widen.1))
    store(fma(n.beta2, m, n.rest2 * g), call.first + i, first: valid)
    let kept = n.keep * load(call.parameters + i, first: valid)
    store(fma(n.step, sign, kept), call.parameters + i, first: valid)
  }
}
