import RowwiseCompute
import RowwiseKernelInterface

/// A layer that reads one timestep at a time and keeps its state in between.
protocol LayerStep<Scalar>: AnyObject {
  associatedtype Scalar: ComputeScalar
  /// Forgets what was read.
  func reset()
  /// What stands for its output before the first timestep: a learned state; nil: zeros.
  func initialOutput() -> UnsafePointer<Scalar>?
  /// Reads one timestep; what comes out is valid until the next call.
  func read(_ x: UnsafePointer<Scalar>) -> UnsafePointer<Scalar>
}

extension LayerStep {
  func initialOutput() -> UnsafePointer<Scalar>? { nil }
}

/// An LSTM, by the kernel that reads whole sequences.
final class LSTMStep<Scalar: ComputeScalar>: LayerStep {
  private let shape: LSTMShape
  private let kernels: KernelSet<Scalar>
  private let packed: Buffer<Scalar>
  private let stride: Int
  private let hidden: Buffer<Scalar>
  private let cell: Buffer<Scalar>
  private let rounded: Buffer<Scalar>
  private let scratch: Buffer<Scalar>
  private let initialState: LSTMInitialState<Scalar>?
  private var isFirst = true

  init(
    shape: LSTMShape, layout: LSTMLayout, kernels: KernelSet<Scalar>, packed: Buffer<Scalar>,
    initialState: LSTMInitialState<Scalar>?
  ) {
    self.initialState = initialState
    self.shape = shape
    self.kernels = kernels
    self.packed = packed
    stride = layout.hiddenStride
    hidden = Buffer(2 * stride)
    cell = Buffer(2 * stride)
    rounded = Buffer(shape.features)
    scratch = Buffer(layout.scratch)
  }

  func reset() {
    hidden.clear()
    cell.clear()
    isFirst = true
  }

  func initialOutput() -> UnsafePointer<Scalar>? {
    guard let initialState else { return nil }
    initialState.write(hidden.start, cell.start)
    return UnsafePointer(hidden.start)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func read(_ x: UnsafePointer<Scalar>) -> UnsafePointer<Scalar> {
    if isFirst { initialState?.write(hidden.start, cell.start) }
    let startsFromZero = isFirst && initialState == nil
    isFirst = false
    var input = x
    if shape.precision == .bfloat16 {
      kernels.roundToBFloat16(x, rounded.start, shape.features)
      input = UnsafePointer(rounded.start)
    }
    kernels.lstmForward(
      LSTMForwardCall(
        shape: shape, timesteps: 1, batch: 1, rows: 0..<1, input: input,
        inputStride: shape.features, hidden: hidden.start, hiddenSlotMask: 1, cell: cell.start,
        cellSlotMask: 1, gates: nil, lengths: nil, startsFromZero: startsFromZero,
        packed: packed.start, scratch: scratch.start))
    // The new state is in slot 1; the next timestep starts from slot 0.
    hidden.start.update(from: hidden.start + stride, count: stride)
    cell.start.update(from: cell.start + stride, count: stride)
    return UnsafePointer(hidden.start)
  }
}

/// A fully connected layer.
final class DenseStep<Scalar: ComputeScalar>: LayerStep {
  private let inputs: Int
  private let units: Int
  private let activation: Activation
  private let kernels: KernelSet<Scalar>
  private let packed: Buffer<Scalar>
  private let input: Buffer<Scalar>
  private let output: Buffer<Scalar>

  init(
    inputs: Int, units: Int, activation: Activation, kernels: KernelSet<Scalar>,
    packed: Buffer<Scalar>
  ) {
    self.inputs = inputs
    self.units = units
    self.activation = activation
    self.kernels = kernels
    self.packed = packed
    input = Buffer(inputs)
    output = Buffer(units)
  }

  func reset() {}

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func read(_ x: UnsafePointer<Scalar>) -> UnsafePointer<Scalar> {
    input.start.update(from: x, count: inputs)
    kernels.denseForward(
      DenseCall(
        inputs: inputs, outputs: units, rows: 0..<1, x: input.start, xStride: inputs,
        y: output.start, yStride: units),
      packed.start)
    kernels.activate(activation, output.start, units)
    return UnsafePointer(output.start)
  }
}

/// Nothing happens, as with dropout outside of training.
final class IdentityStep<Scalar: ComputeScalar>: LayerStep {
  func reset() {}
  func read(_ x: UnsafePointer<Scalar>) -> UnsafePointer<Scalar> { x }
}
