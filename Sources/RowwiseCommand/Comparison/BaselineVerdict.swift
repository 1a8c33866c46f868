import RowwiseEvaluation
import RowwiseTexts

/// Which of several kinds of models fits the data, by what they made of the validation images.
struct BaselineVerdict: Sendable, Equatable {
  /// What is known of a kind besides.
  struct Account: Sendable, Equatable {
    /// The kind's name.
    let name: String
    /// Time for one image, seconds.
    let latency: Double
    /// Whether it is a network.
    var isNetwork = true
    /// Whether it had not converged when training ended.
    var isUnfinished = false
  }

  /// The kind with most images right, of equals the faster one; nil where no verdict is drawn.
  let best: Int?
  /// Kinds whose difference from the best could be chance (McNemar's exact test with Holm's
  /// correction, p ≥ 0.05), the best left out.
  let asGood: [Int]
  /// A few sentences.
  let text: String

  /// Judges, unless a kind could have become better.
  ///
  /// - Parameters:
  ///   - accounts: of each kind; at least one.
  ///   - correct: of each kind, whether it got each validation image right.
  ///   - epochs: that each network was trained for.
  ///   - recipeEpochs: that the recipe would train one for.
  ///   - weights: that a network has at most.
  init(
    _ accounts: [Account], correct: [[Bool]], epochs: Int, recipeEpochs: Int = 1, weights: Int
  ) {
    let length = "\(NumberText.grouped(epochs)) \(epochs == 1 ? "epoch" : "epochs")"
    let unfinished = accounts.filter(\.isUnfinished)
    guard unfinished.isEmpty else {
      self.best = nil
      self.asGood = []
      text =
        "No verdict: \(unfinished.map(\.name).joined(separator: ", ")) had not converged after "
        + "\(length), so that a longer training could turn the order. Train longer, with "
        + "--epochs \(max(2 * epochs, recipeEpochs))."
      return
    }
    let hits = correct.map { $0.count { $0 } }
    let order = accounts.indices.sorted {
      (hits[$1], accounts[$0].latency, $0) < (hits[$0], accounts[$1].latency, $1)
    }
    let best = order[0]
    let others = accounts.indices.filter { $0 != best }
    let tests = others.map {
      PairedComparison(first: correct[best], second: correct[$0]).pValue
    }
    let asGood = zip(others, holmCorrected(tests)).filter { $0.1 >= 0.05 }.map(\.0)
    self.best = best
    self.asGood = asGood
    let accuracy = Double(hits[best]) / Double(max(1, correct[best].count))
    text =
      "With \(length) and at most \(NumberText.grouped(weights)) weights for a network, "
      + "\(NumberText.grouped(correct[best].count)) validation images favour "
      + "\(accounts[best].name) (\(NumberText.percent(accuracy)) right)"
      + Self.rest(accounts, best: best, asGood: asGood)
  }

  /// What is as good as the best, and what follows.
  private static func rest(_ accounts: [Account], best: Int, asGood: [Int]) -> String {
    guard !asGood.isEmpty else { return ", significantly better than every other." }
    let equals = [best] + asGood
    var text =
      "; they do not tell it from \(asGood.map { accounts[$0].name }.joined(separator: ", "))."
    if equals.contains(where: { !accounts[$0].isNetwork }) {
      text += " They do not show that a network is needed."
    }
    let fastest = equals.min { (accounts[$0].latency, $0) < (accounts[$1].latency, $1) }
    if let fastest {
      text += " Of these the fastest is \(accounts[fastest].name) ("
      text += NumberText.fixed(accounts[fastest].latency * 1e6, decimals: 0) + " µs an image)."
    }
    return text
  }
}
