// oneDNN's LSTM primitives, without a framework around them: the strongest of the peers in most
// cases. A training step is forward, backward, weights to oneDNN's layouts and gradients back, and
// Adam. The final Dense layer and the loss are left out (0.03 % of the operations; in its favour):
// a fixed gradient arrives at the last timestep. Before anything is timed, the last hidden states
// are compared with plain loops, and the gradients with a central difference.
//
// peer_onednn --case NAME --threads N --seconds S [--precision bfloat16]: a row of JSON with the keys
// of cases.py. In bfloat16, for inference only, x, h and weights are such numbers, c and sums are not.
#include <omp.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dnnl.hpp>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

using dnnl::memory;
using Tag = memory::format_tag;
using Type = memory::data_type;

struct Case {
  int timesteps, features, hidden, layers;
  bool bidirectional;
  int batch;
};

static const std::map<std::string, Case> cases = {
    {"T1_b32", {28, 28, 128, 1, false, 32}},     {"T1_b128", {28, 28, 128, 1, false, 128}},
    {"T1_b512", {28, 28, 128, 1, false, 512}},   {"T2_b128", {28, 28, 128, 2, false, 128}},
    {"T3_b128", {28, 28, 256, 2, false, 128}},   {"T4_b128", {784, 1, 128, 1, false, 128}},
    {"T5_b128", {28, 28, 128, 1, true, 128}},    {"T6_b64", {28, 28, 512, 1, false, 64}},
    {"T7_b64", {28, 28, 1024, 1, false, 64}},    {"T8_b128", {28, 28, 256, 4, true, 128}},
    {"I1_b1", {28, 28, 128, 1, false, 1}},       {"I1_b32", {28, 28, 128, 1, false, 32}},
    {"I1_b1024", {28, 28, 128, 1, false, 1024}}, {"I2_b1", {28, 28, 512, 1, false, 1}},
    {"I3_b32", {28, 28, 1024, 2, false, 32}},
};

static dnnl::engine engine;
static dnnl::stream stream;
static std::mt19937 randomness(0);

// An array in oneDNN's hands.
struct Array {
  memory contents;
  Array() = default;
  explicit Array(const memory::desc &description) : contents(description, engine) { clear(); }
  float *data() const { return static_cast<float *>(contents.get_data_handle()); }
  size_t bytes() const { return contents.get_desc().get_size(); }
  size_t count() const { return bytes() / sizeof(float); }
  void clear() { std::memset(contents.get_data_handle(), 0, bytes()); }
  void randomize(float low, float high) {
    std::uniform_real_distribution<float> uniform(low, high);
    std::generate_n(data(), count(), [&] { return uniform(randomness); });
  }
};

static void copy(Array &from, Array &to) {
  dnnl::reorder(from.contents, to.contents).execute(stream, from.contents, to.contents);
}

// A weight array in the plain layout with its gradient and Adam's moments.
struct Parameter {
  Array value, gradient;
  std::vector<float> mean, square;
  int step = 0;

  void make(const memory::desc &plain, bool trains, float bound) {
    value = Array(plain);
    value.randomize(-bound, bound);
    if (!trains) return;
    gradient = Array(plain);
    mean.assign(value.count(), 0);
    square.assign(value.count(), 0);
  }

  void adam() {
    step += 1;
    const float rate = 1e-3f / (1 - std::pow(0.9f, float(step)));
    const float scale = 1 / (1 - std::pow(0.999f, float(step)));
    float *w = value.data(), *g = gradient.data(), *m = mean.data(), *v = square.data();
    const size_t count = value.count();
#pragma omp parallel for simd
    for (size_t i = 0; i < count; i++) {
      m[i] = 0.9f * m[i] + 0.1f * g[i];
      v[i] = 0.999f * v[i] + 0.001f * g[i] * g[i];
      w[i] -= rate * m[i] / (std::sqrt(v[i] * scale) + 1e-8f);
    }
  }
};

// One LSTM layer; with two directions their outputs lie side by side.
struct Layer {
  int timesteps, batch, features, hidden, directions;
  bool trains;
  Parameter input, recurrent, bias;
  Array output, outputGradient, sourceGradient;

  Layer(const Case &shape, int width, bool trains, Type type)
      : timesteps(shape.timesteps), batch(shape.batch), features(width), hidden(shape.hidden),
        directions(shape.bidirectional ? 2 : 1), trains(trains) {
    const float bound = 1 / std::sqrt(float(hidden));
    const memory::desc none;
    const memory::desc source({timesteps, batch, features}, type, Tag::tnc);
    const memory::desc target({timesteps, batch, hidden * directions}, type, Tag::tnc);
    const memory::dims inputShape{1, directions, features, 4, hidden};
    const memory::dims recurrentShape{1, directions, hidden, 4, hidden};
    const memory::desc plainBias({1, directions, 4, hidden}, Type::f32, Tag::ldgo);
    const memory::desc anyInput(inputShape, type, Tag::any);
    const memory::desc anyRecurrent(recurrentShape, type, Tag::any);
    input.make(memory::desc(inputShape, Type::f32, Tag::ldigo), trains, bound);
    recurrent.make(memory::desc(recurrentShape, Type::f32, Tag::ldigo), trains, bound);
    bias.make(plainBias, trains, bound);
    output = Array(target);
    const auto direction = directions == 2 ? dnnl::rnn_direction::bidirectional_concat
                                           : dnnl::rnn_direction::unidirectional_left2right;
    const dnnl::lstm_forward::primitive_desc forward(
        engine, trains ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference,
        direction, source, none, none, anyInput, anyRecurrent, plainBias, target, none, none);
    forward_ = dnnl::lstm_forward(forward);
    packedInput_ = Array(forward.weights_layer_desc());
    packedRecurrent_ = Array(forward.weights_iter_desc());
    pack();
    if (!trains) return;
    workspace_ = Array(forward.workspace_desc());
    const dnnl::lstm_backward::primitive_desc backward(
        engine, dnnl::prop_kind::backward, direction, source, none, none, anyInput, anyRecurrent,
        plainBias, target, none, none, source, none, none, anyInput, anyRecurrent, plainBias,
        target, none, none, forward);
    backward_ = dnnl::lstm_backward(backward);
    backwardInput_ = Array(backward.weights_layer_desc());
    backwardRecurrent_ = Array(backward.weights_iter_desc());
    inputGradient_ = Array(backward.diff_weights_layer_desc());
    recurrentGradient_ = Array(backward.diff_weights_iter_desc());
    outputGradient = Array(target);
    sourceGradient = Array(source);
  }

  void pack() {
    copy(input.value, packedInput_);
    copy(recurrent.value, packedRecurrent_);
  }

  void forward(Array &source) {
    if (trains) pack();
    std::unordered_map<int, memory> arguments{
        {DNNL_ARG_SRC_LAYER, source.contents},
        {DNNL_ARG_WEIGHTS_LAYER, packedInput_.contents},
        {DNNL_ARG_WEIGHTS_ITER, packedRecurrent_.contents},
        {DNNL_ARG_BIAS, bias.value.contents},
        {DNNL_ARG_DST_LAYER, output.contents}};
    if (trains) arguments.insert({DNNL_ARG_WORKSPACE, workspace_.contents});
    forward_.execute(stream, arguments);
  }

  void backward(Array &source, Array &gradient) {
    copy(input.value, backwardInput_);
    copy(recurrent.value, backwardRecurrent_);
    // oneDNN adds to what is there.
    inputGradient_.clear();
    recurrentGradient_.clear();
    bias.gradient.clear();
    backward_.execute(
        stream, {{DNNL_ARG_SRC_LAYER, source.contents},
                 {DNNL_ARG_WEIGHTS_LAYER, backwardInput_.contents},
                 {DNNL_ARG_WEIGHTS_ITER, backwardRecurrent_.contents},
                 {DNNL_ARG_BIAS, bias.value.contents},
                 {DNNL_ARG_DST_LAYER, output.contents},
                 {DNNL_ARG_WORKSPACE, workspace_.contents},
                 {DNNL_ARG_DIFF_SRC_LAYER, sourceGradient.contents},
                 {DNNL_ARG_DIFF_WEIGHTS_LAYER, inputGradient_.contents},
                 {DNNL_ARG_DIFF_WEIGHTS_ITER, recurrentGradient_.contents},
                 {DNNL_ARG_DIFF_BIAS, bias.gradient.contents},
                 {DNNL_ARG_DIFF_DST_LAYER, gradient.contents}});
    copy(inputGradient_, input.gradient);
    copy(recurrentGradient_, recurrent.gradient);
  }

  std::vector<Parameter *> parameters() { return {&input, &recurrent, &bias}; }

 private:
  dnnl::lstm_forward forward_;
  dnnl::lstm_backward backward_;
  Array packedInput_, packedRecurrent_, backwardInput_, backwardRecurrent_, workspace_;
  Array inputGradient_, recurrentGradient_;
};

struct Network {
  Case shape;
  bool trains;
  Array x;
  std::vector<Layer> layers;

  Network(const Case &shape, bool trains, Type type) : shape(shape), trains(trains) {
    const memory::dims sizes{shape.timesteps, shape.batch, shape.features};
    Array single(memory::desc(sizes, Type::f32, Tag::tnc));
    single.randomize(0, 1);
    x = Array(memory::desc(sizes, type, Tag::tnc));
    copy(single, x);
    stream.wait();
    int width = shape.features;
    for (int level = 0; level < shape.layers; level++) {
      layers.emplace_back(shape, width, trains, type);
      width = shape.hidden * (shape.bidirectional ? 2 : 1);
    }
    if (!trains) return;
    Array &gradient = layers.back().outputGradient;
    const size_t row = size_t(shape.batch) * width;
    std::uniform_real_distribution<float> uniform(-0.01f, 0.01f);
    std::generate_n(gradient.data() + (shape.timesteps - 1) * row, row,
                    [&] { return uniform(randomness); });
  }

  Array &source(size_t level) { return level == 0 ? x : layers[level - 1].output; }

  void forward() {
    for (size_t level = 0; level < layers.size(); level++) layers[level].forward(source(level));
  }

  void gradients() {
    forward();
    for (size_t level = layers.size(); level-- > 0;) {
      const bool isLast = level + 1 == layers.size();
      Array &gradient = isLast ? layers[level].outputGradient : layers[level + 1].sourceGradient;
      layers[level].backward(source(level), gradient);
    }
    stream.wait();
  }

  void step() {
    if (trains) {
      gradients();
      for (auto &layer : layers)
        for (auto *parameter : layer.parameters()) parameter->adam();
    } else {
      forward();
      stream.wait();
    }
  }
};

// The same numbers in single precision.
static Array singles(Array &array) {
  Array result(memory::desc(array.contents.get_desc().get_dims(), Type::f32, Tag::tnc));
  copy(array, result);
  stream.wait();
  return result;
}

static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// Compares the forward direction of the first layer with plain loops, for the first sequences.
static void checkForward(Network &network, double tolerance) {
  network.forward();
  stream.wait();
  Layer &layer = network.layers[0];
  const Array input = singles(network.x), output = singles(layer.output);
  const int H = layer.hidden, D = layer.features, N = layer.batch, width = H * layer.directions;
  const float *W = layer.input.value.data(), *R = layer.recurrent.value.data();
  const float *b = layer.bias.value.data(), *x = input.data();
  for (int n = 0; n < std::min(N, 2); n++) {
    std::vector<double> h(H, 0), c(H, 0), gates(4 * H);
    for (int t = 0; t < layer.timesteps; t++) {
      // oneDNN's gate order: i, f, candidate, o.
      for (int j = 0; j < 4 * H; j++) gates[j] = b[j];
      for (int k = 0; k < D; k++)
        for (int j = 0; j < 4 * H; j++) gates[j] += x[(t * N + n) * D + k] * double(W[k * 4 * H + j]);
      for (int k = 0; k < H; k++)
        for (int j = 0; j < 4 * H; j++) gates[j] += h[k] * R[k * 4 * H + j];
      for (int j = 0; j < H; j++) {
        c[j] = sigmoid(gates[H + j]) * c[j] + sigmoid(gates[j]) * std::tanh(gates[2 * H + j]);
        h[j] = sigmoid(gates[3 * H + j]) * std::tanh(c[j]);
      }
      for (int j = 0; j < H; j++)
        if (!(std::abs(h[j] - output.data()[(t * N + n) * width + j]) < tolerance))
          throw std::runtime_error("oneDNN's hidden states are wrong");
    }
  }
}

// The sum of gradient times last output, which the step's gradients belong to.
static double objective(Network &network) {
  network.forward();
  stream.wait();
  const Layer &last = network.layers.back();
  double sum = 0;
  for (size_t i = 0; i < last.output.count(); i++)
    sum += double(last.outputGradient.data()[i]) * last.output.data()[i];
  return sum;
}

// Moves all weights along their gradients; the objective must change by the gradients' square.
static void checkGradients(Network &network) {
  network.gradients();
  double square = 0;
  std::vector<std::vector<float>> gradients, values;
  for (auto &layer : network.layers)
    for (auto *parameter : layer.parameters()) {
      const float *g = parameter->gradient.data(), *v = parameter->value.data();
      gradients.emplace_back(g, g + parameter->value.count());
      values.emplace_back(v, v + parameter->value.count());
      for (float value : gradients.back()) square += double(value) * value;
    }
  const double size = 0.05 / std::sqrt(square);
  auto moved = [&](double distance) {
    size_t index = 0;
    for (auto &layer : network.layers)
      for (auto *parameter : layer.parameters()) {
        for (size_t i = 0; i < parameter->value.count(); i++)
          parameter->value.data()[i] = float(values[index][i] + distance * gradients[index][i]);
        index += 1;
      }
    return objective(network);
  };
  const double change = (moved(size) - moved(-size)) / (2 * size);
  moved(0);
  if (!(std::abs(change - square) <= 0.01 * square))
    throw std::runtime_error("oneDNN's gradients are wrong: " + std::to_string(change / square));
}

static double now() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

static double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

static double spread(const std::vector<double> &values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return (*high - *low) / median(values);
}

int main(int count, char **words) {
  std::map<std::string, std::string> options;
  for (int i = 1; i + 1 < count; i += 2) options[words[i]] = words[i + 1];
  const auto found = cases.find(options["--case"]);
  const int threads = std::atoi(options["--threads"].c_str());
  const double seconds = std::atof(options["--seconds"].c_str());
  const std::string precision = options.count("--precision") ? options["--precision"] : "float32";
  const bool rounds = precision == "bfloat16";
  const bool trains = found != cases.end() && found->first[0] == 'T';
  if (found == cases.end() || threads < 1 || !(seconds > 0) ||
      (precision != "float32" && (!rounds || trains))) {
    std::fprintf(stderr, "usage: peer_onednn --case NAME --threads N --seconds S "
                         "[--precision bfloat16, for cases I...]\n");
    return 64;
  }
  omp_set_num_threads(threads);
  try {
    engine = dnnl::engine(dnnl::engine::kind::cpu, 0);
    stream = dnnl::stream(engine);
    Network network(found->second, trains, rounds ? Type::bf16 : Type::f32);
    checkForward(network, rounds ? 0.02 : 1e-4);
    if (trains) checkGradients(network);
    double start = now();
    int calls = 0;
    while (calls < 3 || now() - start < seconds) {
      network.step();
      calls += 1;
    }
    calls = std::max(2, int(calls * seconds / (now() - start)) + 1);
    const int batch = found->second.batch;
    const bool isLatency = !trains && batch == 1;
    std::vector<double> rates, medians, percentiles;
    for (int repeat = 0; repeat < 5; repeat++) {
      if (isLatency) {
        std::vector<double> times(std::max(100, calls));
        for (auto &time : times) {
          start = now();
          network.step();
          time = now() - start;
        }
        std::sort(times.begin(), times.end());
        medians.push_back(times[times.size() / 2] * 1e6);
        percentiles.push_back(times[times.size() * 99 / 100] * 1e6);
      } else {
        start = now();
        for (int i = 0; i < calls; i++) network.step();
        rates.push_back(calls * double(batch) / (now() - start));
      }
    }
    std::printf("{\"case\": \"%s\", ", found->first.c_str());
    if (isLatency) {
      std::printf("\"samples_per_s\": %.2f, \"spread\": %.4f, \"median_us\": %.2f, ",
                  1e6 / median(medians), spread(medians), median(medians));
      std::printf("\"p99_us\": %.2f, ", median(percentiles));
    } else {
      std::printf("\"samples_per_s\": %.2f, \"spread\": %.4f, ", median(rates), spread(rates));
    }
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    std::printf("\"peak_memory_mb\": %.1f}\n", usage.ru_maxrss * 1024 / 1e6);
  } catch (const std::exception &error) {
    std::fprintf(stderr, "peer_onednn: %s\n", error.what());
    return 70;
  }
  return 0;
}
