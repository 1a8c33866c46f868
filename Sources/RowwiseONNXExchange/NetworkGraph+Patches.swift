import RowwiseKernelInterface
import RowwiseLayers

extension NetworkGraph {
  /// Both readings, with what is around them.
  mutating func addSweep(_ sweep: Sweep, _ name: String, _ flow: inout Flow) {
    if sweep.isResidual {
      addResidualSweep(sweep, name, &flow)
    } else {
      addReadings(sweep, name, output: name, &flow)
    }
  }

  /// Both readings as bidirectional LSTM operators over other views of the same numbers.
  mutating func addReadings(
    _ sweep: Sweep, _ name: String, output: String, _ flow: inout Flow
  ) {
    let (columns, steps) = (sweep.columns ?? 1, flow.timesteps)
    let patch = flow.width / columns
    var reading = Flow(
      value: addReshape(flow.value, "\(name)/columns", [steps, -1, patch]), width: patch,
      isSequence: true, timesteps: steps)
    let layer = LayerSpecification.recurrent(
      Bidirectional(LSTM(sweep.units, returnSequences: true)))
    addRecurrent(layer, name: "\(name).down", parameters: "\(name).down", &reading)
    let width = reading.width
    let strips = addReshape(reading.value, "\(name)/strips", [steps, -1, columns, width])
    // [timesteps, batch, columns, width] and [columns, batch, timesteps, width] change places.
    let turn: [ONNXAttribute] = [.ints("perm", [2, 1, 0, 3])]
    builder.add("Transpose", [strips], to: "\(name)/turned", attributes: turn)
    reading.value = addReshape("\(name)/turned", "\(name)/rows", [columns, -1, width])
    reading.timesteps = columns
    addRecurrent(layer, name: "\(name).across", parameters: "\(name).across", &reading)
    let read = addReshape(reading.value, "\(name)/read", [columns, -1, steps, width])
    builder.add("Transpose", [read], to: "\(name)/upright", attributes: turn)
    flow.width = columns * width
    flow.value = addReshape("\(name)/upright", output, [steps, -1, flow.width])
  }

  /// Neighbours are brought side by side by a padded view with axes for both of their places.
  mutating func addMerge(_ merge: Merge, _ name: String, _ flow: inout Flow) {
    let (columns, steps, factor) = (merge.columns ?? 1, flow.timesteps, merge.factor)
    let patch = flow.width / columns
    let (down, across) = ((steps + factor - 1) / factor, (columns + factor - 1) / factor)
    var value = addReshape(flow.value, "\(name)/strips", [steps, -1, columns, patch])
    let (missingSteps, missingColumns) = (down * factor - steps, across * factor - columns)
    if missingSteps + missingColumns > 0 {
      let pads = builder.integers(
        "\(name)/pads", [0, 0, 0, 0, missingSteps, 0, missingColumns, 0])
      value = builder.add("Pad", [value, pads], to: "\(name)/padded")
    }
    value = addReshape(
      value, "\(name)/neighbours", [down, factor, -1, across, factor * patch])
    builder.add(
      "Transpose", [value], to: "\(name)/together",
      attributes: [.ints("perm", [0, 2, 3, 1, 4])])
    flow.width = across * factor * factor * patch
    flow.timesteps = down
    flow.value = addReshape("\(name)/together", name, [down, -1, flow.width])
  }

  /// Convolution and pooling as operators, which have the numbers of a place first.
  mutating func addConvolution(_ layer: Convolution, _ name: String, _ flow: inout Flow) {
    let (columns, steps, side) = (layer.columns ?? 1, flow.timesteps, Convolution.side)
    let patch = flow.width / columns
    let places = addReshape(flow.value, "\(name)/places", [steps, -1, columns, patch])
    let picture = builder.add(
      "Transpose", [places], to: "\(name)/picture", attributes: [.ints("perm", [1, 3, 0, 2])])
    let neighbors = addReshape(
      ownWeight("\(name).weight"), "\(name)/neighbours", [side, side, patch, layer.units])
    let kernel = builder.add(
      "Transpose", [neighbors], to: "\(name)/kernel", attributes: [.ints("perm", [3, 2, 0, 1])])
    let sum = builder.add(
      "Conv", [picture, kernel, ownWeight("\(name).bias")], to: "\(name)/sum",
      attributes: [.ints("kernel_shape", [side, side]), .ints("pads", [1, 1, 1, 1])])
    let positive = builder.add("Relu", [sum], to: "\(name)/positive")
    let pooled = builder.add(
      "MaxPool", [positive], to: "\(name)/pooled",
      attributes: [
        .int("ceil_mode", 1), .ints("kernel_shape", [2, 2]), .ints("strides", [2, 2]),
      ])
    let strips = builder.add(
      "Transpose", [pooled], to: "\(name)/strips", attributes: [.ints("perm", [2, 0, 3, 1])])
    flow.width = Convolution.pooled(columns) * layer.units
    flow.timesteps = Convolution.pooled(steps)
    flow.value = addReshape(strips, name, [flow.timesteps, -1, flow.width])
  }

  /// The same numbers in another shape.
  mutating func addReshape(_ value: String, _ name: String, _ shape: [Int]) -> String {
    builder.add("Reshape", [value, builder.integers("\(name)/shape", shape)], to: name)
  }
}
