// The Swift of README.md, word for word, in a program that runs it:
// swift run -c release ReadmeExample, after `make demo`, whose model it reads.
import Rowwise

// Keras's names.
let (xTrain, yTrain) = (
  Sequences([Float](repeating: 0.5, count: 4 * 64), count: 4, timesteps: 8, features: 8),
  [0, 1, 2, 3]
)
let (xTest, yTest) = (xTrain, yTrain)

let model = Sequential()
model.add(LSTM(128), inputShape: (timesteps: 8, features: 8))
model.add(Dense(10, activation: .softmax))
try model.compile(loss: .categoricalCrossentropy, optimizer: .adam(), metrics: [.accuracy])
let history = try model.fit(
  xTrain, yTrain, epochs: 10, batchSize: 32, validationData: (xTest, yTest))

print("Sequential: \(history.epochs.count) epochs")

// A model file.
let (classifier, _) = try ImageClassifier.load(path: "runs/demo/model.safetensors")
let image = try ImageDecoder.decode(path: "Datasets/digits-png/3/003.png")
let probabilities = classifier.probabilities(of: image)

print("ImageClassifier: \(probabilities.count) probabilities")

// The command's own recipe, shortened so that this program is soon done.
let digits = try DatasetLoader.locate("digits", searching: ["Datasets"]).load(.train)
let rows = try Preprocessing(width: digits.width, height: digits.height)
  .normalized(by: digits.statistics())
var recipe = Recipe.automatic(for: try DatasetFacts(of: digits, preprocessing: rows))
let preprocessing = try rows.reading(recipe.readingOrder)
recipe.training.epochs = 1
let reader = try ImageClassifier(
  hiddenLayers: recipe.network.layers, preprocessing: preprocessing, classNames: digits.classNames)
let course = try reader.fit(digits, options: recipe.training)

print("Recipe: \(course.epochs.count) epoch")
