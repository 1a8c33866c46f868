import Rowwise
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseTexts

extension ServedModel {
  /// What `/models` tells of it.
  var json: JSONValue {
    let preprocessing = first.preprocessing
    var obstacle: String?
    do throws(RequestProblem) { _ = try streaming() } catch { obstacle = error.description }
    return .object([
      .init("name", .string(name)),
      .init("classes", .array(classNames.map(JSONValue.string))),
      .init("width", .int(preprocessing.width)), .init("height", .int(preprocessing.height)),
      .init("channels", .int(preprocessing.color.channels)),
      .init("timesteps", .int(preprocessing.timesteps)),
      .init("features", .int(preprocessing.features)),
      .init("reading_order", .string("\(preprocessing.readingOrder)")),
      .init(
        "layers",
        .string("\(LayersText(hidden: Array(first.network.layers.dropLast())))")),
      .init("parameters", .int(ensemble.parameterCount)),
      .init("members", .int(ensemble.members.count)),
      .init("streams", .bool(obstacle == nil)),
      .init("streams_not", obstacle.map(JSONValue.string) ?? .null),
      .init("explains", .bool(ensemble.members.count == 1 && classNames.count > 1)),
      .init("early_exit", exitValue),
      .init("has_mean", .bool(preprocessing.mean != nil)),
      .init("evaluation", evaluation),
    ])
  }

  private var exitValue: JSONValue {
    guard let exit = try? earlyExit() else { return .null }
    return .object([
      .init("measure", .string(exit.risk.kind.rawValue)), .init("limit", .double(exit.risk.limit)),
      .init("of", .string(exit.risk.scope.rawValue)),
      .init("confidence", .double(exit.confidence)), .init("mean_rows", .double(exit.meanRows)),
      .init("rows", .int(first.preprocessing.timesteps)),
    ])
  }
}
