import RowwiseRandomness
import RowwiseRowSequencing
import TestSupport
import Testing

@testable import RowwiseDatasetLoading

struct NeighborCheckTests {
  private static let size = 8

  /// Pictures of bars: class 0 on the left, class 1 on the right, or class 0 upright in the middle and
  /// class 1 across, with noise of a fixed generator.
  private func sample(mirrorSymmetric: Bool, count: Int = 60) -> NeighborSample {
    var random = SplitMix64(seed: 7)
    let size = Self.size
    var pictures: [[UInt8]] = []
    for i in 0..<count {
      var picture = (0..<size * size).map { _ in UInt8(random.next(below: 40)) }
      for k in 0..<size {
        for place in i % 2 == 0 ? 3..<5 : 0..<size {
          if mirrorSymmetric {
            // A bar upright in the middle, or a field.
            picture[k * size + place] = 255
          } else {
            picture[k * size + (i % 2 == 0 ? place - 2 : min(place, 1) + 5)] = 255
          }
        }
      }
      pictures.append(picture)
    }
    return NeighborSample(
      pictures, labels: (0..<count).map { $0 % 2 }, width: size, height: size, channels: 1)
  }

  @Test func mirroringIsForClassesThatItKeeps() {
    let symmetric = NeighborCheck(
      sample(mirrorSymmetric: true), augmentation: Augmentation(), threads: 2)
    #expect(symmetric.hits == 60 && symmetric.mirroredHits == 60)
    #expect(symmetric.canMirror)
    let sided = NeighborCheck(
      sample(mirrorSymmetric: false), augmentation: Augmentation(), threads: 1)
    #expect(sided.hits == 60)
    #expect(sided.mirroredHits == 0, "left becomes right")
    #expect(!sided.canMirror)
  }

  @Test func mirroringTurnsEveryPixelOfARow() {
    let sample = NeighborSample(
      [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]], labels: [0], width: 2, height: 2, channels: 3)
    #expect(sample.mirrored == [[4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9]])
  }

  /// Copies that leave the picture (a shift by up to all of it) take hits away; none changes nothing.
  @Test func changesThatLeaveTheClassAreTold() throws {
    let sample = sample(mirrorSymmetric: false)
    let none = NeighborCheck(sample, augmentation: Augmentation(), threads: 2)
    #expect(none.augmentedHits == none.hits && none.gainsByAugmentation)
    let wild = NeighborCheck(sample, augmentation: try Augmentation("shift:0.6"), threads: 2)
    #expect(wild.augmentedHits < wild.hits && !wild.gainsByAugmentation)
  }

  @Test func threadsDoNotMatter() throws {
    let sample = sample(mirrorSymmetric: true)
    let changes = try Augmentation("light")
    let one = NeighborCheck(sample, augmentation: changes, threads: 1)
    #expect(one == NeighborCheck(sample, augmentation: changes, threads: 3))
  }

  /// What the three conditions say of answers.
  @Test func everyConditionCounts() {
    let labels = (0..<400).map { $0 % 4 }
    let right = [Bool](repeating: true, count: 400)
    func keeps(_ right: [Bool], _ changed: [Bool]) -> Bool {
      NeighborCheck.keepsClasses(labels, right, changed)
    }
    #expect(keeps(right, right))
    #expect(!keeps(right, (0..<400).map { $0 >= 41 }), "more than a tenth lost")
    #expect(
      !keeps(right, (0..<400).map { $0 % 4 != 1 || $0 > 100 }),
      "26 of one class lost, though all others stay")
    let chance = (0..<400).map { $0 % 4 == 0 && $0 < 390 }
    #expect(!keeps(chance, chance), "no better than the largest class")
    #expect(!NeighborCheck.keepsClasses([], [], []))
  }

  /// The bundled digits: mirrored ones are others, shifted and turned ones are not.
  @Test func digitsAreNotMirrored() throws {
    let digits = try DatasetLoader.locate("digits", searching: [Repository.datasets]).load(.train)
    let check = try NeighborCheck(digits, augmentation: try Augmentation("light"))
    #expect(check.count == 1437)
    #expect(check.hits > 1400)
    #expect(!check.canMirror)
    #expect(check.gainsByAugmentation)
  }
}
