// The Keras program this project grew from, in Swift, on the bundled digits:
// swift run -c release KerasStyle
import DatasetLoading
import Layers
import RowSequencing
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

let data = try DatasetLoader.open("digits")
guard let train = data.train, let test = data.test else {
  fatalError("Datasets/digits has a train and a test part; run this in the project's folder")
}
let (xTrain, yTrain) = try arrays(train)
let (xTest, yTest) = try arrays(test)

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
