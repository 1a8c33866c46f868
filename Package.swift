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
    name: name, dependencies: ["CRowwiseIntrinsics", "RowwiseKernelInterface", "RowwiseSystem"],
    swiftSettings: strict + defines.map { .define($0) } + [.unsafeFlags(flags)])
}

var kernelTargets: [Target] = [
  kernels("RowwiseKernelsBaseline", defines: ["KERNELS_BASELINE"], march: [])
]
#if arch(x86_64)
  kernelTargets += [
    kernels("RowwiseKernelsAVX2", defines: ["KERNELS_AVX2"], march: ["-march=x86-64-v3"]),
    kernels("RowwiseKernelsAVX512", defines: ["KERNELS_AVX512"], march: ["-march=x86-64-v4"]),
    kernels(
      "RowwiseKernelsAVX512BF16", defines: ["KERNELS_AVX512", "KERNELS_DOTS"],
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

/// Logarithms and the like.
let numbers = Target.Dependency.product(name: "RealModule", package: "swift-numerics")

let package = Package(
  name: "rowwise",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Rowwise", targets: ["Rowwise"]),
    .library(name: "RowwiseExchange", targets: ["RowwiseWeightExchange", "RowwiseONNXExchange"]),
    .executable(name: "rowwise", targets: ["RowwiseTool"]),
    // For the package in Benchmarks/.
    .library(
      name: "RowwiseKernels",
      targets: ["RowwiseCompute", "RowwiseWorkers", "RowwiseRandomness", "RowwiseKernelInterface"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    // Without traits it needs FoundationEssentials only, as we do, not all of Foundation.
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CRowwisePNG", pkgConfig: "libpng",
      providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(
      name: "CRowwiseJPEG", pkgConfig: "libjpeg",
      providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
    .systemLibrary(
      name: "CRowwiseZlib", pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CRowwiseYAML", pkgConfig: "yaml-0.1",
      providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),

    // The floor: what every part above shares.
    .target(name: "RowwiseSystem", swiftSettings: strict),
    .target(name: "RowwiseTexts", swiftSettings: safe),
    .target(
      name: "RowwiseFiles", dependencies: ["RowwiseSystem", "RowwiseTexts", "CRowwiseZlib"],
      swiftSettings: safe),
    .target(name: "CRowwiseIntrinsics"),
    .target(
      name: "RowwiseWorkers", dependencies: ["RowwiseSystem", "CRowwiseIntrinsics"],
      swiftSettings: strict),
    .target(name: "RowwiseRandomness", dependencies: [numbers], swiftSettings: safe),

    // Pictures to timesteps.
    .target(name: "CRowwiseCodecs", dependencies: ["CRowwisePNG", "CRowwiseJPEG"]),
    // Exclusive access is known at compile time or by the one owner of each reader; the checks at run
    // time cost 28 × 28 pictures 4 %.
    .target(
      name: "RowwiseImageDecoding",
      dependencies: ["RowwiseSystem", "RowwiseFiles", "RowwiseWorkers", "CRowwiseCodecs"],
      swiftSettings: strict + [.unsafeFlags(["-enforce-exclusivity=unchecked"])]),
    .target(
      name: "RowwiseRowSequencing",
      dependencies: ["RowwiseImageDecoding", "RowwiseRandomness", "RowwiseSystem"],
      swiftSettings: safe),
    .target(
      name: "RowwiseDatasetLoading",
      dependencies: [
        "RowwiseImageDecoding", "RowwiseRowSequencing", "RowwiseTexts", "RowwiseFiles",
        "RowwiseWorkers", "RowwiseRandomness", "CRowwiseZlib",
      ],
      swiftSettings: strict),

    // The engine.
    .target(name: "RowwiseKernelInterface", swiftSettings: strict),
    // Optimised in debug builds too: the tests' oracle would take minutes otherwise.
    .target(
      name: "RowwiseKernelsReference", dependencies: ["RowwiseKernelInterface", "RowwiseSystem"],
      swiftSettings: strict + [.unsafeFlags(["-O"])]),
    .target(
      name: "RowwiseCompute",
      dependencies: [
        "RowwiseKernelInterface", "RowwiseKernelsReference", "RowwiseSystem", "CRowwiseIntrinsics",
      ] + kernelTargets.map { .target(name: $0.name) },
      swiftSettings: strict),
    .target(
      name: "RowwiseLayers",
      dependencies: [
        "RowwiseTexts", "RowwiseWorkers", "RowwiseRandomness", "RowwiseKernelInterface",
        "RowwiseCompute", numbers,
      ],
      swiftSettings: strict),
    .target(
      name: "RowwiseTraining",
      dependencies: [
        "RowwiseRowSequencing", "RowwiseLayers", "RowwiseCompute", "RowwiseKernelInterface",
        "RowwiseWorkers", "RowwiseRandomness", numbers,
      ],
      swiftSettings: safe),

    // Numbers, their presentation, and files of weights.
    .target(
      name: "RowwiseEvaluation", dependencies: ["RowwiseTexts", "RowwiseRandomness", numbers],
      swiftSettings: safe),
    .target(
      name: "RowwiseReports",
      dependencies: [
        "RowwiseEvaluation", "RowwiseTexts", "RowwiseFiles", "RowwiseSystem", numbers,
      ],
      resources: [.embedInCode("Pages/Assets")],
      swiftSettings: safe),
    .target(
      name: "RowwiseSafetensors", dependencies: ["RowwiseTexts", "RowwiseFiles"],
      swiftSettings: safe),

    // What people import, and the command.
    .target(
      name: "Rowwise",
      dependencies: [
        "RowwiseFiles", "RowwiseWorkers", "RowwiseImageDecoding", "RowwiseRowSequencing",
        "RowwiseDatasetLoading", "RowwiseKernelInterface", "RowwiseCompute", "RowwiseLayers",
        "RowwiseTraining", "RowwiseEvaluation", "RowwiseReports", "RowwiseSafetensors", numbers,
      ],
      swiftSettings: strict),
    // Models from and for other toolkits.
    .target(
      name: "RowwiseWeightExchange",
      dependencies: [
        "RowwiseWorkers", "RowwiseRowSequencing", "RowwiseKernelInterface", "RowwiseCompute",
        "RowwiseLayers", "RowwiseSafetensors", "Rowwise",
      ],
      swiftSettings: safe),
    .target(
      name: "RowwiseONNXExchange",
      dependencies: [
        "RowwiseFiles", "RowwiseRowSequencing", "RowwiseKernelInterface", "RowwiseLayers",
        "RowwiseSafetensors", "Rowwise", "RowwiseWeightExchange",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      exclude: ["Schema/onnx.proto"],
      // Not safe: the generated code is not.
      swiftSettings: strict),

    // What is written of an answer.
    .target(
      name: "RowwiseAnswers",
      dependencies: [
        "RowwiseTexts", "RowwiseImageDecoding", "RowwiseRowSequencing", "RowwiseEvaluation",
        "RowwiseReports", "Rowwise",
      ],
      swiftSettings: safe),
    // Models answering over HTTP.
    .target(
      name: "RowwiseServing",
      dependencies: [
        "RowwiseSystem", "RowwiseTexts", "RowwiseFiles", "RowwiseWorkers", "RowwiseImageDecoding",
        "RowwiseRowSequencing", "RowwiseLayers", "RowwiseEvaluation", "RowwiseReports", "Rowwise",
        "RowwiseAnswers",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOWebSocket", package: "swift-nio"),
      ],
      resources: [.embedInCode("Page")],
      swiftSettings: strict),

    .target(
      name: "RowwiseCommand",
      dependencies: [
        "RowwiseSystem", "RowwiseTexts", "RowwiseFiles", "RowwiseWorkers", "RowwiseRandomness",
        "RowwiseImageDecoding", "RowwiseRowSequencing", "RowwiseDatasetLoading",
        "RowwiseKernelInterface", "RowwiseCompute", "RowwiseLayers", "RowwiseTraining",
        "RowwiseEvaluation", "RowwiseReports", "RowwiseSafetensors", "Rowwise",
        "RowwiseWeightExchange", "RowwiseONNXExchange", "RowwiseAnswers", "RowwiseServing",
        "CRowwiseYAML",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "TOMLKit", package: "TOMLKit"), numbers,
      ],
      // A file sees the members of what it imports itself. TOMLKit imports all of Foundation, whose
      // `contains` would be taken for the standard library's, and link 34 MB of ICU's tables.
      swiftSettings: strict + [.enableUpcomingFeature("MemberImportVisibility")]),
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
      dependencies: [
        "RowwiseWorkers", "RowwiseRowSequencing", "RowwiseDatasetLoading", "RowwiseCompute",
        "RowwiseLayers", "RowwiseTraining", numbers,
      ],
      path: "Examples/GradientFlow",
      exclude: [
        "README.md", "accuracy.svg", "gradients-trained.svg", "gradients-untrained.svg",
      ],
      swiftSettings: strict),

    // Readers fed with any bytes, by libFuzzer and by tests; see Fuzzing/README.md.
    .target(
      name: "FuzzTargets",
      dependencies: [
        "RowwiseFiles", "RowwiseImageDecoding", "RowwiseRowSequencing", "RowwiseDatasetLoading",
        "RowwiseLayers", "RowwiseTraining", "RowwiseEvaluation", "RowwiseSafetensors", "Rowwise",
        "RowwiseWeightExchange", "RowwiseONNXExchange", "RowwiseServing", "RowwiseCommand",
      ],
      path: "Fuzzing/Targets", swiftSettings: strict),

    // Tests.
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    .testTarget(
      name: "TextsTests", dependencies: ["RowwiseTexts", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "FilesTests", dependencies: ["RowwiseFiles", "TestSupport"],
      swiftSettings: strict),
    .testTarget(name: "WorkersTests", dependencies: ["RowwiseWorkers"], swiftSettings: strict),
    .testTarget(
      name: "RandomnessTests", dependencies: ["RowwiseRandomness"], swiftSettings: strict),
    .testTarget(
      name: "ReportsTests",
      dependencies: ["RowwiseFiles", "RowwiseEvaluation", "RowwiseReports", "RowwiseSafetensors"],
      swiftSettings: strict),
    .testTarget(
      name: "FuzzTargetsTests", dependencies: ["FuzzTargets"], swiftSettings: strict),
    .testTarget(
      name: "ImageDecodingTests", dependencies: ["RowwiseImageDecoding", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "RowSequencingTests",
      dependencies: ["RowwiseRandomness", "RowwiseImageDecoding", "RowwiseRowSequencing"],
      exclude: ["Golden"],
      swiftSettings: strict),
    .testTarget(
      name: "DatasetLoadingTests",
      dependencies: [
        "RowwiseTexts", "RowwiseFiles", "RowwiseRandomness", "RowwiseImageDecoding",
        "RowwiseRowSequencing", "RowwiseDatasetLoading", "TestSupport",
      ], swiftSettings: strict),
    // Optimised in debug builds too: these tests walk through many millions of numbers.
    .testTarget(
      name: "ComputeTests",
      dependencies: [
        "RowwiseSystem", "RowwiseWorkers", "RowwiseKernelInterface", "RowwiseCompute",
      ],
      resources: [.copy("Fixtures")], swiftSettings: strict + [.unsafeFlags(["-O"])]),
    .testTarget(
      name: "LayersTests",
      dependencies: [
        "RowwiseWorkers", "RowwiseRandomness", "RowwiseKernelInterface", "RowwiseCompute",
        "RowwiseLayers", "TestSupport", numbers,
      ],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "RowwiseWorkers", "RowwiseRandomness", "RowwiseRowSequencing", "RowwiseKernelInterface",
        "RowwiseLayers", "RowwiseTraining", "AllocationCounter",
      ],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "EvaluationTests",
      dependencies: [
        "RowwiseTexts", "RowwiseRandomness", "RowwiseEvaluation", "RowwiseReports", "TestSupport",
        numbers,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "SafetensorsTests",
      dependencies: ["RowwiseFiles", "RowwiseSafetensors", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "RowwiseTests",
      dependencies: [
        "RowwiseRandomness",
        "RowwiseFiles", "RowwiseImageDecoding", "RowwiseRowSequencing", "RowwiseDatasetLoading",
        "RowwiseKernelInterface", "RowwiseLayers", "RowwiseTraining", "RowwiseEvaluation",
        "RowwiseSafetensors", "Rowwise", "TestSupport",
      ],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "WeightExchangeTests",
      dependencies: [
        "RowwiseRowSequencing", "RowwiseKernelInterface", "RowwiseLayers", "RowwiseSafetensors",
        "Rowwise", "RowwiseWeightExchange",
      ],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "ONNXExchangeTests",
      dependencies: [
        "RowwiseFiles", "RowwiseRandomness", "RowwiseRowSequencing", "RowwiseKernelInterface",
        "RowwiseLayers", "RowwiseSafetensors", "Rowwise", "RowwiseWeightExchange",
        "RowwiseONNXExchange", "TestSupport",
      ],
      resources: [.copy("Fixtures")],
      swiftSettings: strict),
    .testTarget(
      name: "ServingTests",
      dependencies: [
        "RowwiseSystem", "RowwiseTexts", "RowwiseWorkers", "RowwiseImageDecoding",
        "RowwiseRowSequencing", "RowwiseLayers", "Rowwise", "RowwiseAnswers", "RowwiseServing",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "RowwiseCommandTests",
      dependencies: [
        "RowwiseTexts", "RowwiseFiles", "RowwiseWorkers", "RowwiseImageDecoding",
        "RowwiseRowSequencing", "RowwiseDatasetLoading", "RowwiseKernelInterface", "RowwiseLayers",
        "RowwiseTraining", "RowwiseEvaluation", "RowwiseSafetensors", "Rowwise", "RowwiseAnswers",
        "RowwiseCommand", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        "RowwiseTool",
      ],
      exclude: ["Fixtures"], swiftSettings: strict),
  ] + kernelTargets + fuzzers,
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c17
)

// For Scripts/checks/sanitize.sh, what its tests under one sanitizer need and no more.
if let sanitizer = Context.environment["ROWWISE_SANITIZING"] {
  var others: Set = [
    "RowwiseAnswers", "RowwiseServing", "ServingTests",
    "RowwiseCommand", "RowwiseTool", "FuzzTargets", "FuzzTargetsTests", "KerasStyle",
    "ReadmeExample", "GradientFlow", "TextsTests",
    "FilesTests", "RandomnessTests", "ReportsTests", "RowSequencingTests", "ComputeTests",
    "EvaluationTests", "RowwiseCommandTests",
  ]
  others.formUnion(
    sanitizer == "thread"
      ? [
        "RowwiseWeightExchange", "RowwiseONNXExchange", "SafetensorsTests", "WeightExchangeTests",
        "ONNXExchangeTests",
      ] : ["WorkersTests", "LayersTests", "TrainingTests"])
  package.targets.removeAll { others.contains($0.name) }
  // What goes through every byte takes minutes there otherwise.
  let bytewise: Set = [
    "RowwiseFiles", "RowwiseImageDecoding", "RowwiseRowSequencing", "RowwiseDatasetLoading",
  ]
  for target in package.targets where bytewise.contains(target.name) {
    target.swiftSettings?.append(.unsafeFlags(["-O"]))
  }
  package.products.removeAll { ["rowwise", "RowwiseExchange"].contains($0.name) }
}
