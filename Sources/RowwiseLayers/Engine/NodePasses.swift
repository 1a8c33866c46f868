/// Which pass each node of a chain is part of.
///
/// Usually all of them have the batch's. Where predictions after several timesteps are wanted, the layers
/// that read sequences give all their states, and the head, which is every layer behind them, has a pass
/// of its own: to it the states of the last `count` timesteps are `count` · N sequences of one vector.
struct NodePasses: Sendable {
  private let body: Pass
  private let head: Pass
  /// Timesteps of what each node reads; the head's aside.
  private let nodeTimesteps: [Int]
  /// Where the head begins; behind all nodes where it has no pass of its own.
  let headStart: Int
  /// The timesteps that the head sees, from 0.
  let timesteps: Range<Int>

  /// One pass for all, but that merging and convolutions leave fewer timesteps.
  init(_ pass: Pass, nodeTimesteps: [Int]) {
    self.nodeTimesteps = nodeTimesteps
    body = pass
    head = pass
    headStart = .max
    timesteps = 0..<0
  }

  /// Predictions after each of the last `count` timesteps.
  init(_ pass: Pass, nodeTimesteps: [Int], headStart: Int, count: Int) {
    self.nodeTimesteps = nodeTimesteps
    var body = pass
    body.givesEveryState = true
    self.body = body
    self.headStart = headStart
    timesteps = pass.timesteps - count..<pass.timesteps
    var head = pass
    head.timesteps = 1
    head.batch = count * pass.batch
    head.lengths = nil
    self.head = head
  }

  /// The pass that a node is part of.
  func pass(of node: Int) -> Pass {
    guard node < headStart else { return head }
    var pass = body
    pass.timesteps = nodeTimesteps[node]
    return pass
  }

  /// Calls `body` with the sequences that some of the batch's are to a node.
  @inline(__always)
  func forEach(_ node: Int, _ sequences: Range<Int>, _ body: (Range<Int>) -> Void) {
    guard node >= headStart else { return body(sequences) }
    for k in 0..<timesteps.count { body(states(sequences, k)) }
  }

  /// The head's sequences that are some sequences' states after timestep `timesteps.lowerBound` + k.
  func states(_ sequences: Range<Int>, _ k: Int) -> Range<Int> {
    let first = k * body.batch
    return first + sequences.lowerBound..<first + sequences.upperBound
  }
}
