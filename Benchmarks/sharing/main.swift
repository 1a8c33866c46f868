// How many answers a second several tasks get of one shared classifier, and how long one picture takes.
//
//   swift run -c release --package-path Benchmarks SharedClassifier MODEL PICTURE…
//
// In a turn one task and then two, four and eight ask for the same number of answers in all; what is
// printed is the median over the turns, and its ratio to one task's.
import Dispatch
import Rowwise

struct Usage: Error, CustomStringConvertible {
  let description = "usage: SharedClassifier MODEL PICTURE…"
}

/// Seconds that `tasks` tasks need for `answers` answers in all.
func seconds(
  of classifier: ImageClassifier, pictures: [DecodedImage], tasks: Int, answers: Int
) async -> Double {
  let begun = DispatchTime.now().uptimeNanoseconds
  await withTaskGroup(of: Float.self) { group in
    for task in 0..<tasks {
      group.addTask {
        (0..<answers / tasks).reduce(0) { sum, round in
          let picture = pictures[(task * 7 + round) % pictures.count]
          return sum + classifier.probabilities(of: picture)[0]
        }
      }
    }
    for await _ in group {}
  }
  return Double(DispatchTime.now().uptimeNanoseconds - begun) / 1e9
}

let paths = CommandLine.arguments.dropFirst()
guard let model = paths.first, paths.count > 1 else { throw Usage() }
let classifier = try ImageClassifier.load(path: model, threads: 1).classifier
let pictures = try paths.dropFirst().map {
  try ImageDecoder.decode(path: $0, options: DecodingOptions(pixelFormat: .gray8))
}
let answers = 8_000
let tasks = [1, 2, 4, 8]
var times = tasks.map { _ in [Double]() }
for _ in 0..<9 {
  for (index, count) in tasks.enumerated() {
    times[index].append(
      await seconds(of: classifier, pictures: pictures, tasks: count, answers: answers))
  }
}
let medians = times.map { $0.sorted()[$0.count / 2] }
for (count, time) in zip(tasks, medians) {
  let rate = Int(Double(answers) / time)
  let ratio = Double(Int(medians[0] / time * 100)) / 100
  print("\(count) task\(count == 1 ? "" : "s"): \(rate) answers/s, \(ratio) times one task's")
}
