#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
import SwiftProtobuf

/// A size in a graph's type: a number, or a name for one that differs from call to call.
enum Dimension {
  case fixed(Int)
  case named(String)
}

extension ONNXValueInfo {
  static func named(_ name: String, _ type: ElementType, _ dimensions: [Dimension]) -> Self {
    ONNXValueInfo.with {
      $0.name = name
      $0.type.tensorType.elemType = type.rawValue
      $0.type.tensorType.shape.dim = dimensions.map { dimension in
        ONNXShape.Dimension.with {
          switch dimension {
          case .fixed(let size): $0.dimValue = Int64(size)
          case .named(let name): $0.dimParam = name
          }
        }
      }
    }
  }
}

extension ONNXAttribute {
  static func int(_ name: String, _ value: Int) -> Self {
    with {
      $0.name = name
      $0.type = .int
      $0.i = Int64(value)
    }
  }

  static func ints(_ name: String, _ values: [Int]) -> Self {
    with {
      $0.name = name
      $0.type = .ints
      $0.ints = values.map { Int64($0) }
    }
  }

  static func float(_ name: String, _ value: Float) -> Self {
    with {
      $0.name = name
      $0.type = .float
      $0.f = value
    }
  }

  static func string(_ name: String, _ value: String) -> Self {
    with {
      $0.name = name
      $0.type = .string
      $0.s = Data(value.utf8)
    }
  }

  static func graph(_ name: String, _ value: ONNXGraph) -> Self {
    with {
      $0.name = name
      $0.type = .graph
      $0.g = value
    }
  }

  /// A tensor with one zero, as `ConstantOfShape` takes it.
  static func zero(_ name: String) -> Self {
    with {
      $0.name = name
      $0.type = .tensor
      $0.t.dataType = ElementType.float.rawValue
      $0.t.dims = [1]
      $0.t.rawData = Data([0, 0, 0, 0])
    }
  }
}
