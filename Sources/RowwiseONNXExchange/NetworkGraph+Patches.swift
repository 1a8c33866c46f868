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

  /// The same numbers in another shape.
  mutating func addReshape(_ value: String, _ name: String, _ shape: [Int]) -> String {
    builder.add("Reshape", [value, builder.integers("\(name)/shape", shape)], to: name)
  }
}
