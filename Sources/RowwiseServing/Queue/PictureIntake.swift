import NIOCore

/// Takes pictures on the event loop, or on any thread, and has the queue look at them when all that came
/// together are there.
struct PictureIntake: Sendable {
  let queue: WorkQueue
  let loop: any EventLoop
  /// How long pictures wait for others.
  let delay: TimeAmount

  /// Pictures that are classified together, at most.
  var batchSize: Int { queue.batchSize }

  func run(_ task: @escaping @Sendable () -> Void) { queue.run(task) }

  func add(_ group: PictureGroup) {
    queue.add(group)
    guard delay > .nanoseconds(0) else {
      guard loop.inEventLoop else { return queue.wake() }
      // After all connections whose requests have come, so that these are one batch.
      return loop.execute { [queue] in queue.wake() }
    }
    let model = group.model
    _ = loop.scheduleTask(in: delay) { [queue] in queue.ripen(model) }
    queue.wake()
  }
}
