// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target: warnings are errors.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]
/// Settings of targets that hold no unsafe code of their own.
let safe: [SwiftSetting] = strict + [.strictMemorySafety()]

/// One kernel variant: the same Swift sources compiled for one instruction set. Optimised as one LLVM
/// module: with one for each file, as is usual, functions that a file alone uses cannot be told from
/// others and stay apart from the loops that call them.
func kernels(_ name: String, defines: [String], march: [String]) -> Target {
  let flags =
    ["-Ounchecked", "-Xfrontend", "-enable-single-module-llvm-emission"]
    + march.flatMap { ["-Xcc", $0] }
  return .target(
    name: name, dependencies: ["CIntrinsics", "KernelInterface"],
    swiftSettings: strict + defines.map { .define($0) } + [.unsafeFlags(flags)])
}

var kernelTargets: [Target] = [
  kernels("KernelsBaseline", defines: ["KERNELS_BASELINE"], march: [])
]
#if arch(x86_64)
  kernelTargets += [
    kernels("KernelsAVX2", defines: ["KERNELS_AVX2"], march: ["-march=x86-64-v3"]),
    kernels("KernelsAVX512", defines: ["KERNELS_AVX512"], march: ["-march=x86-64-v4"]),
    kernels(
      "KernelsAVX512BF16", defines: ["KERNELS_AVX512", "KERNELS_DOTS"],
      march: ["-march=x86-64-v4", "-mavx512bf16"]),
  ]
#endif

/// The fuzzer, which only links with libFuzzer.
let fuzzers: [Target] =
  Context.environment["ROWWISE_FUZZING"] == nil
  ? []
  : [
    .executableTarget(
      name: "ReaderFuzzer", dependencies: ["FuzzTargets"], path: "Fuzzing/Runner",
      swiftSettings: strict)
  ]

let package = Package(
  name: "rowwise",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Rowwise", targets: ["Rowwise"]),
    .library(name: "RowwiseExchange", targets: ["WeightExchange", "ONNXExchange"]),
    .executable(name: "rowwise", targets: ["RowwiseTool"]),
    // For the package in Benchmarks/.
    .library(name: "RowwiseKernels", targets: ["Compute", "KernelInterface"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    // Without traits it needs FoundationEssentials only, as we do, not all of Foundation.
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
  ],
  targets: [
    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng",
      providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(
      name: "CJPEG", pkgConfig: "libjpeg",
      providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),

    // Pictures to timesteps.
    .target(name: "CImageCodecs", dependencies: ["CPNG", "CJPEG"]),
    // Exclusive access is known at compile time or by the one owner of each reader; the checks at run
    // time cost 28 × 28 pictures 4 %.
    .target(
      name: "ImageDecoding", dependencies: ["CImageCodecs"],
      swiftSettings: strict + [.unsafeFlags(["-enforce-exclusivity=unchecked"])]),
    .target(name: "RowSequencing", dependencies: ["ImageDecoding"], swiftSettings: safe),
    .target(
      name: "DatasetLoading", dependencies: ["ImageDecoding", "RowSequencing", "CZlib"],
      swiftSettings: strict),

    // The engine.
    .target(name: "CIntrinsics"),
    .target(name: "KernelInterface", swiftSettings: strict),
    // Optimised in debug builds too: the tests' oracle would take minutes otherwise.
    .target(
      name: "KernelsReference", dependencies: ["KernelInterface"],
      swiftSettings: strict + [.unsafeFlags(["-O"])]),
    .target(
      name: "Compute",
      dependencies: ["KernelInterface", "KernelsReference", "CIntrinsics"]
        + kernelTargets.map { .target(name: $0.name) },
      swiftSettings: strict),
    .target(name: "Layers", dependencies: ["Compute", "KernelInterface"], swiftSettings: strict),
    .target(
      name: "Training", dependencies: ["Layers", "Compute", "KernelInterface"], swiftSettings: safe),

    // Reports and files.
    .target(name: "Evaluation", swiftSettings: safe),
    .target(name: "ModelExchange", swiftSettings: safe),

    // What people import, and the command.
    .target(
      name: "Rowwise",
      dependencies: [
        "DatasetLoading", "RowSequencing", "ImageDecoding", "Compute", "KernelInterface", "Layers",
        "Training", "Evaluation", "ModelExchange",
      ],
      swiftSettings: strict),
    // Models from and for other toolkits.
    .target(
      name: "WeightExchange",
      dependencies: [
        "Rowwise", "Layers", "Compute", "KernelInterface", "ModelExchange", "RowSequencing",
      ],
      swiftSettings: safe),
    .target(
      name: "ONNXExchange",
      dependencies: [
        "WeightExchange", "Rowwise", "Layers", "KernelInterface", "ModelExchange", "RowSequencing",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      exclude: ["Schema/onnx.proto"],
      // Not safe: the generated code is not.
      swiftSettings: strict),

    .target(
      name: "RowwiseCommand",
      dependencies: [
        "WeightExchange", "ONNXExchange", "Rowwise", "DatasetLoading", "RowSequencing",
        "ImageDecoding", "Compute", "KernelInterface",
        "Layers", "Training", "Evaluation", "ModelExchange",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Yams", package: "Yams"), .product(name: "TOMLKit", package: "TOMLKit"),
      ],
      swiftSettings: strict),
    // Not named "rowwise": its folder would be Rowwise's own where case is not told apart.
    .executableTarget(
      name: "RowwiseTool", dependencies: ["RowwiseCommand"], swiftSettings: safe),
    .executableTarget(
      name: "KerasStyle",
      dependencies: ["Rowwise"],
      path: "Examples/KerasStyle",
      swiftSettings: safe),
    // The Swift of README.md.
    .executableTarget(
      name: "ReadmeExample", dependencies: ["Rowwise"], path: "Examples/Readme",
      swiftSettings: safe),
    .executableTarget(
      name: "GradientFlow",
      dependencies: ["Compute", "DatasetLoading", "Layers", "RowSequencing", "Training"],
      path: "Examples/GradientFlow",
      exclude: [
        "README.md", "accuracy.svg", "gradients-trained.svg", "gradients-untrained.svg",
      ],
      swiftSettings: strict),

    .target(
      name: "CReferenceDecoding", dependencies: ["CPNG", "CJPEG"],
      path: "Benchmarks/decoding/Reference"),
    .executableTarget(
      name: "DecodingBenchmark",
      dependencies: ["ImageDecoding", "DatasetLoading", "RowSequencing", "CReferenceDecoding"],
      path: "Benchmarks/decoding/Sources", swiftSettings: strict),
    // Readers fed with any bytes, by libFuzzer and by tests; see Fuzzing/README.md.
    .target(
      name: "FuzzTargets",
      dependencies: [
        "ImageDecoding", "DatasetLoading", "ModelExchange", "Rowwise", "Layers", "WeightExchange",
        "ONNXExchange",
      ],
      path: "Fuzzing/Targets", swiftSettings: strict),

    // Tests.
    .testTarget(
      name: "FuzzTargetsTests", dependencies: ["FuzzTargets"], swiftSettings: strict),
    .testTarget(
      name: "ImageDecodingTests", dependencies: ["ImageDecoding"], swiftSettings: strict),
    .testTarget(
      name: "RowSequencingTests", dependencies: ["RowSequencing"], exclude: ["Golden"],
      swiftSettings: strict),
    .testTarget(
      name: "DatasetLoadingTests", dependencies: ["DatasetLoading"], swiftSettings: strict),
    // Optimised in debug builds too: these tests walk through many millions of numbers.
    .testTarget(
      name: "ComputeTests", dependencies: ["Compute", "KernelInterface"],
      resources: [.copy("Fixtures")], swiftSettings: strict + [.unsafeFlags(["-O"])]),
    .testTarget(
      name: "LayersTests", dependencies: ["Layers", "Compute", "KernelInterface"],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    .testTarget(
      name: "TrainingTests",
      dependencies: ["Training", "Layers", "Compute", "KernelInterface", "AllocationCounter"],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(name: "EvaluationTests", dependencies: ["Evaluation"], swiftSettings: strict),
    .testTarget(
      name: "ModelExchangeTests", dependencies: ["ModelExchange"], swiftSettings: strict),
    .testTarget(
      name: "RowwiseTests",
      dependencies: [
        "Rowwise", "DatasetLoading", "ImageDecoding", "RowSequencing", "Layers", "Training",
        "Compute", "KernelInterface", "ModelExchange", "Evaluation",
      ], swiftSettings: strict),
    .testTarget(
      name: "WeightExchangeTests",
      dependencies: [
        "WeightExchange", "Rowwise", "Layers", "ModelExchange", "RowSequencing", "KernelInterface",
        "Compute",
      ],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "ONNXExchangeTests",
      dependencies: [
        "ONNXExchange", "WeightExchange", "Rowwise", "Layers", "ModelExchange", "RowSequencing",
        "KernelInterface", "Compute",
      ],
      resources: [.copy("Fixtures")],
      swiftSettings: strict),
    .testTarget(
      name: "RowwiseCommandTests",
      dependencies: [
        "RowwiseCommand", "RowwiseTool", "Rowwise", "DatasetLoading", "ImageDecoding",
        "ModelExchange", "Evaluation", "Layers", "KernelInterface", "Compute",
      ],
      swiftSettings: strict),
  ] + kernelTargets + fuzzers,
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c17
)
