// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that building and testing Rowwise needs neither ordo-one/benchmark nor what only
// measures.
let package = Package(
  name: "rowwise-benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "rowwise", path: ".."),
    // Without its interposers of malloc and the runtime: time is what is measured here.
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.0", traits: []),
  ],
  targets: [
    .executableTarget(
      name: "Kernels",
      dependencies: [
        .product(name: "RowwiseKernels", package: "rowwise"),
        .product(name: "Benchmark", package: "benchmark"),
      ],
      path: "Benchmarks/Kernels",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    // Pictures, against a minimal C program on the same libraries; see decoding/README.md.
    .target(
      name: "CReferenceDecoding", path: "decoding/Reference",
      linkerSettings: [.linkedLibrary("png"), .linkedLibrary("jpeg")]),
    .executableTarget(
      name: "DecodingBenchmark",
      dependencies: [.product(name: "Rowwise", package: "rowwise"), "CReferenceDecoding"],
      path: "decoding/Sources", swiftSettings: [.treatAllWarnings(as: .error)]),
    // Answers a second of one classifier that several tasks share.
    .executableTarget(
      name: "SharedClassifier", dependencies: [.product(name: "Rowwise", package: "rowwise")],
      path: "sharing", swiftSettings: [.treatAllWarnings(as: .error)]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c17
)
