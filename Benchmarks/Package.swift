// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that building and testing Rowwise never needs ordo-one/benchmark.
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
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
  ],
  swiftLanguageModes: [.v6]
)
