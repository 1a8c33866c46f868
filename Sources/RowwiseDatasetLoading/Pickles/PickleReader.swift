/// Reads the Python pickles that CIFAR's files are, and no others.
///
/// A pickle is a program for a machine with a stack. Of its operations these are known that make numbers,
/// bytes, texts, lists, tuples and dictionaries, and of the functions that it may call only those that
/// make NumPy arrays, which are read here: nothing of the file is ever run. ("PEP 3154" and its
/// forerunners; Python's Lib/pickletools.py describes the operations.)
struct PickleReader {
  /// A value of a pickle.
  indirect enum Value {
    case none
    case bool(Bool)
    case int(Int)
    case bytes(ArraySlice<UInt8>)
    case text(String)
    case tuple(Tuple)
    /// A list, a dictionary or an array, which later operations change.
    case object(Object)
    /// Something that may be called.
    case function(Function)
    /// What `dtype` was called with: "u1".
    case type(String)
    case mark
  }

  /// Values that never change, some of which may be tuples.
  struct Tuple {
    let items: [Value]
    /// Tuples in each other, itself counted.
    let depth: Int
  }

  /// A list, a dictionary or an array.
  final class Object {
    enum Kind { case list, dictionary, array }
    let kind: Kind
    /// Of a list.
    var items: [Value] = []
    /// Of a dictionary, whose keys are texts or bytes.
    var entries: [String: Value] = [:]
    /// Of an array, once its state is known.
    var array: Array?

    init(_ kind: Kind) { self.kind = kind }
  }

  /// A NumPy array.
  struct Array {
    let dimensions: [Int]
    let type: String
    let isFortran: Bool
    let bytes: ArraySlice<UInt8>
  }

  /// Functions that a pickle may name.
  enum Function { case reconstruct, ndarray, dtype, encode }

  /// What stands in the dictionary that a pickle makes.
  enum Entry {
    case list([Value])
    case array(Array)
    case other
  }

  /// Why a pickle is not read.
  struct Failure: Error { let reason: String }

  private let bytes: [UInt8]
  private var place = 0
  private var stack: [Value] = []
  private var memo: [Int: Value] = [:]
  /// All that were made: one may hold itself, so that nobody else would give its memory back.
  private var objects: [Object] = []

  /// The most operations, each of which makes a value at most: ten times those of CIFAR-100's files.
  private static let mostOperations = 1 << 21
  /// Tuples in each other, at most: they are given back one in the other, which takes room on the
  /// machine's own stack.
  private static let mostDepth = 64

  /// Bytes that may still be made anew of others, or compared as keys.
  private var budget: Int

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
    budget = 2 * bytes.count + (1 << 20)
  }

  private mutating func spend(_ count: Int) throws(Failure) {
    budget -= count
    guard budget >= 0 else { throw failure("the same bytes again and again") }
  }

  /// The dictionary that a pickle makes.
  static func read(_ bytes: [UInt8]) throws(Failure) -> [String: Entry] {
    var reader = PickleReader(bytes)
    defer {
      for object in reader.objects { (object.items, object.entries) = ([], [:]) }
    }
    guard case .object(let made) = try reader.run(), made.kind == .dictionary else {
      throw Failure(reason: "no dictionary")
    }
    return made.entries.mapValues { value in
      guard case .object(let object) = value else { return .other }
      if let array = object.array { return .array(array) }
      // Only what holds nothing further leaves this reader.
      let items = object.items.filter { item in
        switch item {
        case .int, .text, .bytes: true
        default: false
        }
      }
      return object.kind == .list && items.count == object.items.count ? .list(items) : .other
    }
  }

  private mutating func make(_ kind: Object.Kind) -> Object {
    let object = Object(kind)
    objects.append(object)
    return object
  }

  private func failure(_ reason: String) -> Failure { Failure(reason: reason) }

  // MARK: Bytes

  private mutating func take(_ count: Int) throws(Failure) -> ArraySlice<UInt8> {
    guard count >= 0, count <= bytes.count - place else { throw failure("it ends in the middle") }
    defer { place += count }
    return bytes[place..<place + count]
  }

  /// A number of so many bytes, the lowest first.
  private mutating func number(_ count: Int) throws(Failure) -> Int {
    let value = try take(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let small = Int(exactly: value) else { throw failure("a length of \(value)") }
    return small
  }

  private mutating func row() throws(Failure) -> String {
    guard let end = bytes[place...].firstIndex(of: 0x0A) else {
      throw failure("it ends in the middle")
    }
    defer { place = end + 1 }
    return String(decoding: bytes[place..<end], as: UTF8.self)
  }

  // MARK: The stack

  private mutating func pop() throws(Failure) -> Value {
    guard let value = stack.popLast() else { throw failure("an operation without operands") }
    if case .mark = value { throw failure("an operation without operands") }
    return value
  }

  /// What was pushed since the last mark.
  private mutating func popToMark() throws(Failure) -> [Value] {
    guard let mark = stack.lastIndex(where: { if case .mark = $0 { true } else { false } }) else {
      throw failure("an operation without a mark")
    }
    let values = Swift.Array(stack[(mark + 1)...])
    stack.removeSubrange(mark...)
    return values
  }

  private mutating func object(_ kind: Object.Kind) throws(Failure) -> Object {
    guard case .object(let object)? = stack.last, object.kind == kind else {
      throw failure("an operation on something else than it is for")
    }
    return object
  }

  private mutating func store(_ index: Int) throws(Failure) {
    guard let value = stack.last else { throw failure("nothing to remember") }
    memo[index] = value
  }

  private mutating func recall(_ index: Int) throws(Failure) {
    guard let value = memo[index] else { throw failure("a value that was never made") }
    stack.append(value)
  }

  // MARK: Operations

  private mutating func run() throws(Failure) -> Value {
    for _ in 0..<Self.mostOperations {
      let code = try number(1)
      if code == 0x2E { return try pop() }  // "." STOP
      if try runNumber(code) { continue }
      if try runText(code) { continue }
      if try runContainer(code) { continue }
      try runCall(code)
    }
    throw failure("more than \(Self.mostOperations) operations")
  }

  /// Numbers, memory, frames; false where it is another operation.
  private mutating func runNumber(_ code: Int) throws(Failure) -> Bool {
    switch code {
    case 0x80: _ = try take(1)  // PROTO
    case 0x95: _ = try take(8)  // FRAME
    case 0x4E: stack.append(.none)
    case 0x88: stack.append(.bool(true))
    case 0x89: stack.append(.bool(false))
    case 0x4B: stack.append(.int(try number(1)))  // BININT1
    case 0x4D: stack.append(.int(try number(2)))  // BININT2
    case 0x4A:  // BININT
      stack.append(.int(Int(Int32(truncatingIfNeeded: try number(4)))))
    case 0x8A:  // LONG1
      let digits = try take(try number(1))
      guard digits.count <= 8 else { throw failure("a number of \(digits.count) bytes") }
      let bits = digits.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let isNegative = (digits.last ?? 0) & 0x80 != 0
      let ones = isNegative && digits.count < 8 ? UInt64.max << UInt64(8 * digits.count) : 0
      stack.append(.int(Int(Int64(bitPattern: bits | ones))))
    case 0x49, 0x4C:  // "I" INT, "L" LONG, in digits
      let text = try row()
      if code == 0x49, text == "00" || text == "01" {
        stack.append(.bool(text == "01"))
      } else if let value = Int(text.hasSuffix("L") ? String(text.dropLast()) : text) {
        stack.append(.int(value))
      } else {
        throw failure("a number “\(text.prefix(20))”")
      }
    case 0x94: try store(memo.count)  // MEMOIZE
    case 0x71: try store(try number(1))  // BINPUT
    case 0x72: try store(try number(4))  // LONG_BINPUT
    case 0x68: try recall(try number(1))  // BINGET
    case 0x6A: try recall(try number(4))  // LONG_BINGET
    case 0x70, 0x67:  // "p" PUT, "g" GET, in digits
      guard let index = Int(try row()) else { throw failure("a place that is no number") }
      if code == 0x70 { try store(index) } else { try recall(index) }
    default: return false
    }
    return true
  }

  private mutating func runText(_ code: Int) throws(Failure) -> Bool {
    switch code {
    case 0x43, 0x55:  // SHORT_BINBYTES, SHORT_BINSTRING
      stack.append(.bytes(try take(try number(1))))
    case 0x42, 0x54: stack.append(.bytes(try take(try number(4))))  // BINBYTES, BINSTRING
    case 0x8E: stack.append(.bytes(try take(try number(8))))  // BINBYTES8
    case 0x8C: try text(1)  // SHORT_BINUNICODE
    case 0x58: try text(4)  // BINUNICODE
    case 0x8D: try text(8)  // BINUNICODE8
    case 0x53:  // "S" STRING, quoted; without escapes
      let quoted = try row()
      guard quoted.count >= 2, let first = quoted.first, first == "'" || first == "\"",
        quoted.last == first, !quoted.contains("\\")
      else { throw failure("a text with escapes") }
      stack.append(.text(String(quoted.dropFirst().dropLast())))
    default: return false
    }
    return true
  }

  private mutating func text(_ lengthBytes: Int) throws(Failure) {
    stack.append(.text(String(decoding: try take(try number(lengthBytes)), as: UTF8.self)))
  }

  private mutating func runContainer(_ code: Int) throws(Failure) -> Bool {
    switch code {
    case 0x28: stack.append(.mark)
    case 0x7D: stack.append(.object(make(.dictionary)))  // EMPTY_DICT
    case 0x5D: stack.append(.object(make(.list)))  // EMPTY_LIST
    case 0x29: try pushTuple([])  // EMPTY_TUPLE
    case 0x85, 0x86, 0x87:  // TUPLE1 to TUPLE3
      var items: [Value] = []
      for _ in 0..<code - 0x84 { items.insert(try pop(), at: 0) }
      try pushTuple(items)
    case 0x74: try pushTuple(try popToMark())  // TUPLE
    case 0x6C, 0x64:  // LIST, DICT
      let items = try popToMark()
      let made = make(code == 0x6C ? .list : .dictionary)
      if code == 0x6C { made.items = items } else { try set(items, in: made) }
      stack.append(.object(made))
    case 0x61:  // APPEND
      let item = try pop()
      try object(.list).items.append(item)
    case 0x65:  // APPENDS
      let items = try popToMark()
      try object(.list).items += items
    case 0x73:  // SETITEM
      let value = try pop()
      let key = try pop()
      try set([key, value], in: try object(.dictionary))
    case 0x75:  // SETITEMS
      let items = try popToMark()
      try set(items, in: try object(.dictionary))
    default: return false
    }
    return true
  }

  private mutating func pushTuple(_ items: [Value]) throws(Failure) {
    let depth = items.reduce(0) { most, item in
      if case .tuple(let inner) = item { max(most, inner.depth) } else { most }
    }
    guard depth < Self.mostDepth else { throw failure("tuples in each other") }
    stack.append(.tuple(Tuple(items: items, depth: depth + 1)))
  }

  private mutating func set(_ items: [Value], in dictionary: Object) throws(Failure) {
    guard items.count % 2 == 0 else { throw failure("a key without a value") }
    for place in stride(from: 0, to: items.count, by: 2) {
      switch items[place] {
      case .text(let text): try spend(text.utf8.count)
      case .bytes(let bytes): try spend(bytes.count)
      default: break
      }
      guard let key = Self.string(items[place]) else { throw failure("a key that is no text") }
      dictionary.entries[key] = items[place + 1]
    }
  }

  /// A text, or bytes that are one.
  static func string(_ value: Value) -> String? {
    switch value {
    case .text(let text): text
    case .bytes(let bytes): String(validating: bytes, as: UTF8.self)
    default: nil
    }
  }

  // MARK: Calls

  private mutating func runCall(_ code: Int) throws(Failure) {
    switch code {
    case 0x63:  // "c" GLOBAL
      let module = try row()
      try push(function: module, try row())
    case 0x93:  // STACK_GLOBAL
      guard let name = Self.string(try pop()), let module = Self.string(try pop()) else {
        throw failure("a function without a name")
      }
      try push(function: module, name)
    case 0x52:  // REDUCE
      guard case .tuple(let arguments) = try pop(), case .function(let function) = try pop() else {
        throw failure("a call of something that is no function")
      }
      stack.append(try call(function, arguments.items))
    case 0x62:  // BUILD
      let state = try pop()
      if case .type? = stack.last { return }
      try build(try object(.array), state)
    default:
      throw failure("the operation \(String(code, radix: 16)), which CIFAR's files do without")
    }
  }

  private mutating func push(function module: String, _ name: String) throws(Failure) {
    let known: Function? =
      switch (module, name) {
      case ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"):
        .reconstruct
      case ("numpy", "ndarray"): .ndarray
      case ("numpy", "dtype"): .dtype
      case ("_codecs", "encode"): .encode
      default: nil
      }
    guard let known else {
      throw failure("it asks for \(module.prefix(40)).\(name.prefix(40)), which is not run")
    }
    stack.append(.function(known))
  }

  private mutating func call(_ function: Function, _ arguments: [Value]) throws(Failure) -> Value {
    switch function {
    case .reconstruct: return .object(make(.array))
    case .dtype:
      guard let name = arguments.first.flatMap({ Self.string($0) }) else { break }
      return .type(name)
    case .encode:
      // How Python 3 writes bytes for Python 2: as the characters 0 to 255.
      guard case .text(let text)? = arguments.first else { break }
      try spend(text.utf8.count)
      let bytes = text.unicodeScalars.compactMap { UInt8(exactly: $0.value) }
      guard bytes.count == text.unicodeScalars.count else { break }
      return .bytes(bytes[...])
    case .ndarray: break
    }
    throw failure("a call that makes no array")
  }

  /// (version, shape, type, whether in Fortran order, bytes)
  private func build(_ object: Object, _ state: Value) throws(Failure) {
    guard case .tuple(let tuple) = state, tuple.items.count == 5,
      case .tuple(let shape) = tuple.items[1], case .type(let type) = tuple.items[2],
      case .bool(let isFortran) = tuple.items[3], case .bytes(let bytes) = tuple.items[4]
    else { throw failure("an array that is described in another way") }
    var dimensions: [Int] = []
    for size in shape.items {
      guard case .int(let size) = size, size >= 0 else { throw failure("an array without a shape") }
      dimensions.append(size)
    }
    object.array = Array(
      dimensions: dimensions, type: type, isFortran: isFortran, bytes: bytes)
  }
}
