import Evaluation

/// Which of several kinds of networks fits the data, by what they made of the validation images.
struct BaselineVerdict: Sendable, Equatable {
  /// What is known of a kind besides.
  struct Account: Sendable, Equatable {
    /// The kind's name.
    let name: String
    /// Time for one image, seconds.
    let latency: Double
  }

  /// The kind with most images right, of equals the faster one.
  let best: Int
  /// Kinds whose difference from the best could be chance (McNemar's exact test with Holm's
  /// correction, p ≥ 0.05), the best left out.
  let asGood: [Int]
  /// One or two sentences.
  let text: String

  /// - Parameters:
  ///   - accounts: of each kind; at least one.
  ///   - correct: of each kind, whether it got each validation image right.
  ///   - budget: what each might spend, in a few words.
  init(_ accounts: [Account], correct: [[Bool]], budget: String) {
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
    var text =
      "With \(budget), by \(NumberText.grouped(correct[best].count)) validation images "
      + "\(accounts[best].name) fits these data best (\(NumberText.percent(accuracy)) right)"
    if asGood.isEmpty {
      text += ", significantly better than every other."
    } else {
      let names = asGood.map { accounts[$0].name }.joined(separator: ", ")
      text += "; they do not tell it from \(names)."
      let fastest = ([best] + asGood).min {
        (accounts[$0].latency, $0) < (accounts[$1].latency, $1)
      }
      if let fastest {
        text += " Of these \(accounts[fastest].name) answers fastest ("
        text += NumberText.fixed(accounts[fastest].latency * 1e6, decimals: 0) + " µs an image)."
      }
    }
    self.text = text
  }
}
