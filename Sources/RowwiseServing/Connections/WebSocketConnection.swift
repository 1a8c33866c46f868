import NIOCore
import NIOHTTP1
import NIOWebSocket

/// A WebSocket over which pictures come, one after the other, and what the model says after their rows goes
/// out.
///
/// Binary messages are the bytes of a picture, the text message `end` ends it.
final class WebSocketConnection: ChannelDuplexHandler, ServedConnection {
  typealias InboundIn = WebSocketFrame
  typealias OutboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  private let server: ServerCore
  private let parameters: RowsParameters
  private var exchange: Exchange
  private var context: ChannelHandlerContext?
  private var session: RowsSession?
  private var deadline: NIODeadline
  /// What the message is that has begun; nil between messages.
  private var message: WebSocketOpcode?
  /// Its text.
  private var text: [UInt8] = []
  /// Whether bytes of a picture came that was not answered.
  private var isInPicture = false
  private var isClosing = false
  private var isReadHeld = false
  private var sent = 0
  private var pictures = 0

  /// The text message that ends a picture.
  private static let end = Array("end".utf8)

  init(_ server: ServerCore, _ parameters: RowsParameters, _ exchange: Exchange) {
    (self.server, self.parameters, self.exchange) = (server, parameters, exchange)
    deadline = .now() + .seconds(server.limits.idleSeconds)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    server.add(self)
    let (connection, loop) = (NIOLoopBound(self, eventLoop: server.loop), server.loop)
    session = RowsSession(parameters, server.queue, server.memory, server.metrics) { output in
      loop.execute { connection.value.write(output) }
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    session?.cancel()
    session = nil
    self.context = nil
    server.note(
      exchange, status: Int(HTTPResponseStatus.switchingProtocols.code), sent: sent,
      pictures: pictures)
    server.remove(self)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // What is wrong with a frame was told by NIO's own handler.
    isClosing = true
    deadline = .now() + .seconds(1.0)
    if !(error is NIOWebSocketError) { end() }
  }

  func check(_ now: NIODeadline) {
    guard now >= deadline else { return }
    if isClosing { return end() }
    guard session?.isBusy != true else {
      return deadline = now + .seconds(server.limits.idleSeconds)
    }
    close(.policyViolation)
  }

  func drain() {
    if !isInPicture { close(.goingAway) }
  }

  func end() { context?.close(promise: nil) }

  func read(context: ChannelHandlerContext) {
    let isFull = (session?.waitingBytes ?? 0) >= ServerLimits.waitingBytes
    isReadHeld = isFull || !context.channel.isWritable
    if !isReadHeld { context.read() }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    readOn()
    context.fireChannelWritabilityChanged()
  }

  private func readOn() {
    guard isReadHeld, let context else { return }
    read(context: context)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosing else { return }
    let frame = unwrapInboundIn(data)
    deadline = .now() + .seconds(server.limits.idleSeconds)
    // RFC 6455, 5.1: clients mask all frames.
    guard frame.maskKey != nil else { return close(.protocolError) }
    switch frame.opcode {
    case .binary, .text:
      guard message == nil else { return close(.protocolError) }
      message = frame.opcode
      take(frame)
    case .continuation:
      guard message != nil else { return close(.protocolError) }
      take(frame)
    case .ping: write(.pong, frame.unmaskedData)
    case .pong: break
    case .connectionClose: close(.normalClosure)
    default: close(.protocolError)
    }
  }

  private func take(_ frame: WebSocketFrame) {
    let bytes = frame.unmaskedData
    exchange.received += bytes.readableBytes
    if message == .binary {
      if bytes.readableBytes > 0 {
        isInPicture = true
        session?.push(bytes)
      }
    } else {
      text += bytes.readableBytesView.prefix(Self.end.count + 1)
      guard text.count <= Self.end.count else { return close(.unacceptableData) }
    }
    guard frame.fin else { return }
    if message == .text {
      guard text == Self.end else { return close(.unacceptableData) }
      text = []
      isInPicture = true
      session?.end()
    }
    message = nil
  }

  private func write(_ output: RowsSession.Output) {
    guard context != nil, !isClosing else { return }
    for line in output.lines {
      sent += line.utf8.count
      write(.text, ByteBuffer(string: line))
    }
    if output.isAnswered {
      pictures += 1
      isInPicture = false
      if server.isDraining { return close(.goingAway) }
    }
    readOn()
  }

  private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer) {
    context?.writeAndFlush(
      wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, data: data)), promise: nil)
  }

  /// Says why, waits a moment for the client to end, too, and ends.
  private func close(_ code: WebSocketErrorCode) {
    guard !isClosing else { return }
    isClosing = true
    deadline = .now() + .seconds(1.0)
    session?.cancel()
    var data = ByteBuffer()
    data.write(webSocketErrorCode: code)
    write(.connectionClose, data)
    if code == .normalClosure { end() }
  }
}
