// The Keras program this project grew from, in Swift, on the bundled digits:
// swift run -c release KerasStyle
import Rowwise

/// Samples of a data set as arrays.
func arrays(_ dataset: ImageDataset) throws -> (x: Sequences, y: [Int]) {
  let preprocessing = try Preprocessing(width: dataset.width, height: dataset.height)
  let writer = SequenceWriter(preprocessing)
  var values: [Float] = []
  for index in 0..<dataset.count { values += writer.sequence(of: try dataset.pixels(at: index)) }
  let x = Sequences(
    values, count: dataset.count, timesteps: preprocessing.timesteps,
    features: preprocessing.features)
  return (x, dataset.labels.map { Int($0) })
}

/// A part that the program cannot do without.
func part(_ part: DatasetPart, of data: DatasetSplits) throws -> ImageDataset {
  guard let dataset = data.parts[part] else { throw DatasetPartMissing(part: part) }
  return dataset
}

/// Says which part the data set lacks.
struct DatasetPartMissing: Error {
  let part: DatasetPart
}

// Looked for in the folder `Datasets` of the current one.
let data = try DatasetLoader.open("digits")
let (xTrain, yTrain) = try arrays(try part(.train, of: data))
let (xTest, yTest) = try arrays(try part(.test, of: data))

let model = Sequential()
model.add(LSTM(128), inputShape: (timesteps: xTrain.timesteps, features: xTrain.features))
model.add(Dense(10, activation: .softmax))
try model.compile(loss: .categoricalCrossentropy, optimizer: .adam(), metrics: [.accuracy])
print(model.summary(), terminator: "")

let history = try model.fit(
  xTrain, yTrain, epochs: 10, batchSize: 32, validationData: (xTest, yTest))
for epoch in history.epochs {
  print(
    "epoch \(epoch.epoch): loss \(epoch.training.loss), accuracy \(epoch.training.accuracy),",
    "validation \(epoch.validation?.accuracy ?? 0)")
}
let score = try model.evaluate(xTest, yTest)
print("test loss \(score.loss), test accuracy \(score.accuracy)")
