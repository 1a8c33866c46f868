import Rowwise
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseSafetensors
import RowwiseWeightExchange
import Testing

@testable import RowwiseONNXExchange

/// What is exported and read again is the same, bit for bit.
struct RoundTripTests {
  @Test func everyKindOfLayer() throws {
    for (name, layers) in Networks.stacks {
      let classifier = try Networks.classifier(layers)
      var provenance = Provenance()
      provenance.epochs = 3
      for includesPreprocessing in [false, true] {
        let export = try ONNXExport(
          classifier, provenance: provenance, includesPreprocessing: includesPreprocessing)
        let model = try ONNXImport(bytes: export.bytes)
        #expect(model.weights == NetworkWeights(of: classifier.network), "\(name)")
        #expect(model.preprocessing == classifier.preprocessing, "\(name)")
        #expect(model.classNames == classifier.classNames, "\(name)")
        #expect(model.provenance == provenance, "\(name)")
        #expect(model.notes == [], "\(name)")
      }
    }
  }

  /// Light and dark are exchanged in the graph, too; what a graph cannot do is refused by its option.
  @Test func whatIsDoneToPictures() throws {
    var preprocessing = try Preprocessing(width: 6, height: 5)
    preprocessing.adaptation.inversion = .yes
    preprocessing.adaptation.background = .color(.black)
    let classifier = try Networks.classifier([LSTM(3)], preprocessing: preprocessing)
    let export = try ONNXExport(classifier, includesPreprocessing: true)
    let read = try ONNXImport(bytes: export.bytes)
    #expect(read.preprocessing == preprocessing && read.notes == [])
    let graph = try ONNXModel(serializedBytes: export.bytes).graph
    #expect(graph.node.contains { $0.opType == "Sub" && $0.output == ["inverted"] })
    let changes: [(String, (inout PictureAdaptation) -> Void)] = [
      ("--invert auto", { $0.inversion = .auto }), ("--fit crop", { $0.fit = .crop }),
      ("--fit letterbox", { $0.fit = .letterbox }), ("--trim", { $0.trims = true }),
      ("--background auto", { $0.background = .auto }), ("--range auto", { $0.range = .auto }),
    ]
    for (option, change) in changes {
      var preprocessing = try Preprocessing(width: 6, height: 5)
      change(&preprocessing.adaptation)
      let classifier = try Networks.classifier([LSTM(3)], preprocessing: preprocessing)
      #expect(throws: ONNXExchangeError.notExported(options: [option])) {
        try ONNXExport(classifier, includesPreprocessing: true)
      }
      #expect(try ONNXImport(bytes: ONNXExport(classifier).bytes).preprocessing == preprocessing)
    }
  }

  /// A stack of the kinds that operators have is read node by node just as well, where a file does
  /// not say that it comes from here. Dropout is not in it, and a cell's first bias neither.
  @Test func nodeByNode() throws {
    let loops = ["full", "coupled", "refined", "normalized", "minimal", "lru", "zoneout"]
    let others = ["residual", "last", "attention", "every timestep"]
    for (name, layers) in Networks.stacks
    where !(loops + others).contains(where: { name.hasPrefix($0) }) {
      let classifier = try Networks.classifier(layers)
      guard !classifier.network.layers.readColumns else { continue }
      var model = try ONNXModel(serializedBytes: try ONNXExport(classifier).bytes)
      model.metadataProps = []
      let read = try ONNXImport(bytes: try model.serializedBytes())
      let written = NetworkWeights(of: classifier.network)
      #expect(read.weights.layers == written.layers.filter { !Self.isDropout($0) }, "\(name)")
      let arrays = read.weights.parameters.map { read.weights[$0.name] }
      #expect(arrays == written.parameters.map { written[$0.name] }, "\(name)")
      let isFlat = written.layers.contains(.flatten)
      #expect(read.timesteps == (isFlat ? 5 : nil), "\(name)")
    }
  }

  /// Other views of the same numbers are understood from what the file says of itself only; without that
  /// the first one is named.
  @Test(arguments: ["sweeps", "merged for an lstm", "blocks", "every timestep", "convolutions"])
  func otherViewsWithoutMetadata(name: String) throws {
    let layers = try #require(Networks.stacks.first { $0.name == name }).layers
    var model = try ONNXModel(
      serializedBytes: try ONNXExport(try Networks.classifier(layers)).bytes)
    model.metadataProps = []
    let bytes: [UInt8] = try model.serializedBytes()
    let error = #expect(throws: (any Error).self) { try ONNXImport(bytes: bytes) }
    #expect("\(try #require(error))".contains("node \"layers.0/"))
  }

  /// A number of timesteps that is not the one of a dense layer's weights is refused, whichever of
  /// the two is wrong.
  @Test func otherNumberOfTimesteps() throws {
    let classifier = try Networks.classifier([LSTM(3), Flatten()])
    var model = try ONNXModel(serializedBytes: try ONNXExport(classifier).bytes)
    model.metadataProps = []
    let read = try ONNXImport(bytes: try model.serializedBytes())
    #expect(
      throws: WeightExchangeError.timestepsMismatch(model: 5, preprocessing: 4)
    ) {
      try ImageClassifier(
        weights: read.weights, preprocessing: Preprocessing(width: 6, height: 4),
        classNames: ["a", "b", "c"], threads: 1)
    }
    for size in [4, 6, 0] as [Int64] {
      model.graph.input[0].type.tensorType.shape.dim[1].dimValue = size
      let bytes: [UInt8] = try model.serializedBytes()
      #expect(throws: ONNXExchangeError.self) { try ONNXImport(bytes: bytes) }
    }
  }

  private static func isDropout(_ layer: LayerSpecification) -> Bool {
    if case .dropout = layer { true } else { false }
  }

  /// Peephole kinds are never confused: zero peepholes are peepholes.
  @Test func zeroPeepholesStayPeepholes() throws {
    let classifier = try Networks.classifier([LSTM(5, peephole: .diagonal)])
    for parameter in classifier.network.parameters where parameter.name.contains("peephole") {
      classifier.network.setValues([Float](repeating: 0, count: parameter.count), of: parameter)
    }
    var model = try ONNXModel(serializedBytes: try ONNXExport(classifier).bytes)
    model.metadataProps = []
    let read = try ONNXImport(bytes: try model.serializedBytes())
    guard case .recurrent(let layer) = read.weights.layers[0] else {
      Issue.record("no LSTM")
      return
    }
    #expect(layer.peephole == .diagonal)
  }

  /// What a file says about itself does not change what its graph computes: with the description
  /// of another peephole kind it is read for what it is, or refused, never taken for the other.
  @Test func peepholeKindsAreNeverConfused() throws {
    for kind in Peephole.allCases {
      var model = try ONNXModel(
        serializedBytes: try ONNXExport(
          Networks.classifier([LSTM(3, peephole: kind)])
        ).bytes)
      for other in Peephole.allCases where other != kind {
        model.metadataProps =
          try ONNXModel(
            serializedBytes: try ONNXExport(
              Networks.classifier([LSTM(3, peephole: other)])
            ).bytes
          ).metadataProps
        let bytes: [UInt8] = try model.serializedBytes()
        guard kind != .full else {
          #expect(throws: ONNXExchangeError.self) { try ONNXImport(bytes: bytes) }
          continue
        }
        let read = try ONNXImport(bytes: bytes)
        #expect(read.weights.layers[0] == .recurrent(LSTM(3, peephole: kind)))
        #expect(read.notes == ["the graph was changed since rowwise exported it"])
      }
    }
  }

  /// Rounded weights come back as they were rounded.
  @Test(arguments: WeightStorage.allCases)
  func storage(storage: WeightStorage) throws {
    for (name, layers) in Networks.stacks {
      let classifier = try Networks.classifier(layers)
      let export = try ONNXExport(classifier, storage: storage)
      let model = try ONNXImport(bytes: export.bytes)
      let rounded = NetworkWeights(of: classifier.network).rounded(to: storage)
      #expect(model.weights == rounded, "\(name)")
    }
  }

  /// A file that was changed after it was exported is read for what it is now.
  @Test func changedGraph() throws {
    let classifier = try Networks.classifier([LSTM(5), Dense(4, activation: .tanh)])
    var model = try ONNXModel(serializedBytes: try ONNXExport(classifier).bytes)
    let place = try #require(model.graph.node.firstIndex { $0.opType == "Tanh" })
    model.graph.node[place].opType = "Relu"
    let read = try ONNXImport(bytes: try model.serializedBytes())
    #expect(read.weights.layers[1] == .dense(Dense(4, activation: .relu)))
    #expect(read.notes == ["the graph was changed since rowwise exported it"])
  }

  /// The body of a loop is held against the one that is written, not trusted.
  @Test func changedLoopIsRefused() throws {
    let classifier = try Networks.classifier([LSTM(3, peephole: .full)])
    var model = try ONNXModel(serializedBytes: try ONNXExport(classifier).bytes)
    let scan = try #require(model.graph.node.firstIndex { $0.opType == "Scan" })
    let body = try #require(
      model.graph.node[scan].attribute.firstIndex { $0.name == "body" })
    let tanh = try #require(
      model.graph.node[scan].attribute[body].g.node.firstIndex { $0.opType == "Tanh" })
    model.graph.node[scan].attribute[body].g.node[tanh].opType = "Sigmoid"
    let bytes: [UInt8] = try model.serializedBytes()
    #expect {
      try ONNXImport(bytes: bytes)
    } throws: { error in
      if case ONNXExchangeError.notUnderstood = error { true } else { false }
    }
  }
}
