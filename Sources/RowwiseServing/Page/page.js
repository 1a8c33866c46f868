"use strict";
(() => {
  const $ = id => document.getElementById(id);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const dark = matchMedia("(prefers-color-scheme: dark)");

  // MARK: Texts. Names of classes and files are only ever set as text.

  function element(name, text, parent, className) {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (className) made.className = className;
    if (parent) parent.append(made);
    return made;
  }

  function shape(name, attributes, parent) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    if (parent) parent.append(made);
    return made;
  }

  const percent = (share, decimals = 1) => (share * 100).toFixed(decimals) + "\u00a0%";
  const grouped = number => number.toLocaleString("en-US");
  const nats = value => (value < 0 ? "\u2212" : "+") + Math.abs(value).toFixed(2);
  const pause = seconds => new Promise(done => setTimeout(done, seconds * 1000));

  function announce(text) { $("status").textContent = text; }

  function option(select, value, text) {
    const made = element("option", text, select);
    made.value = value;
  }

  // MARK: Requests

  let token = sessionStorage.getItem("token");
  let asking = null;

  /// Asks for the token, once for all requests that miss it.
  function askForToken(why) {
    asking ??= new Promise(done => {
      $("ask-why").textContent = why;
      $("ask-form").onsubmit = event => {
        event.preventDefault();
        token = $("token").value;
        sessionStorage.setItem("token", token);
        $("ask").close();
        asking = null;
        done();
      };
      $("ask").oncancel = event => event.preventDefault();
      if (!$("ask").open) $("ask").showModal();
    });
    return asking;
  }

  async function reason(response) {
    const text = await response.text();
    try {
      return JSON.parse(text.split("\n")[0]).error || response.statusText;
    } catch {
      return `${response.status} ${response.statusText}`;
    }
  }

  /// A request to this server; one that it has no room for is made again when it says so.
  async function request(path, parameters = {}, body = undefined, signal = undefined) {
    const url = new URL(path, document.baseURI);
    for (const key in parameters) url.searchParams.set(key, parameters[key]);
    for (let attempt = 1; ; attempt += 1) {
      let response;
      try {
        response = await fetch(url, {
          method: body ? "POST" : "GET", body, signal,
          headers: token ? { Authorization: "Bearer " + token } : {},
        });
      } catch (error) {
        if (error.name === "AbortError") throw error;
        throw new Error("the server cannot be reached, or the file cannot be read: " + error.message);
      }
      if (response.ok) return response;
      const why = await reason(response);
      if (response.status === 401) {
        await askForToken(why);
      } else if ((response.status === 429 || response.status === 503) && attempt < 4) {
        await pause(Math.min(Number(response.headers.get("Retry-After")) || 1, 10));
      } else {
        throw new Error(why);
      }
    }
  }

  /// Calls `take` with each JSON line of a response as soon as it is there.
  async function eachLine(response, take) {
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split("\n");
      rest = done ? "" : lines.pop();
      for (const line of lines) if (line) take(JSON.parse(line));
      if (done) return;
    }
  }

  // MARK: The model

  let server = null;
  let model = null;
  let evaluation = null;

  /// Whether a few dark values lie on much light in what the model has learnt.
  function learntDarkInk() {
    const images = model.training_images;
    const dark = images && (images.skewness[1] < 0 || (images.skewness[0] <= 0 && images.mean[0] > 0.5));
    return Boolean(dark) !== Boolean(model.isOtherwise);
  }

  /// How what is on the training pictures lies there: MNIST's digits keep to the middle; where ink comes to the
  /// border, as in pictures of few pixels, drawings should, too.
  function learntPlacing() {
    const { training_images: images } = model;
    const inkAtBorder = images && (learntDarkInk() ? 1 - images.border : images.border);
    const fills = images ? inkAtBorder > 0.05 : Math.min(model.width, model.height) < 16;
    return fills ? "edges" : "centre";
  }

  async function start() {
    try {
      server = await (await request("models")).json();
    } catch (error) {
      $("problem").textContent = error.message;
      $("problem").hidden = false;
      return;
    }
    for (const { name } of server.models) option($("model"), name, name);
    $("about-server").textContent =
      `${server.server} ${server.version}. This page asks nobody but the server that it came from.`;
    choose(server.models[0].name);
  }

  function choose(name) {
    model = server.models.find(other => other.name === name);
    const color = model.channels === 1 ? "gray" : "colour";
    $("facts").textContent = [
      `${model.width} × ${model.height} ${color}, read by ${model.reading_order}, ${model.timesteps} timesteps`,
      `${model.classes.length} classes`, model.layers, `${grouped(model.parameters)} parameters`,
    ].join(" · ");
    $("placing").value = learntPlacing();
    $("width").value = Math.min(Math.max(240 / Math.min(model.width, model.height), 4), 10);
    sizeBoard();
    fillAbout();
    loadEvaluation();
    for (const item of items) forget(item);
    if (drawing.strokes.length) look(drawing);
    for (const item of items) if (item !== drawing) enqueue(item);
    if (current && current !== drawing) look(current);
    show(current);
  }

  $("model").addEventListener("change", () => choose($("model").value));

  // MARK: Pictures: the drawing, and the files opened

  const drawing = { name: "Your drawing", strokes: [], blob: null };
  let items = [];
  let current = null;
  /// Files opened whose answer is still to come.
  const queue = [];
  let working = 0;

  /// Takes back all that was answered, and what is still to be.
  function forget(item) {
    Object.assign(item, { answer: null, steps: null, exit: null, evidence: null, seen: null, failure: null });
    item.turn = (item.turn || 0) + 1;
    stopExplaining(item);
  }

  function stopExplaining(item) {
    if (item.explaining) item.explaining.abort();
    item.explaining = null;
  }

  /// Whether something of what is shown is still to come; screen readers wait for it.
  function showBusy() {
    const busy = current && (current.busy || current.explaining || (current === drawing && settling));
    $("answer").setAttribute("aria-busy", String(Boolean(busy)));
  }
  forget(drawing);

  /// What is done to pictures before the model reads them; those opened later take it over.
  const changes = { invert: false, paper: false };

  const parameters = (item, more) => ({ model: model.name, name: item.name, ...more });

  /// What is sent of a picture: the file as it is, or, of drawings and of what is to be changed, a PNG of the
  /// model's size, with its pixels.
  async function content(item) {
    let pixels = null;
    if (item === drawing) {
      pixels = sampled(board, $("placing").value, learntDarkInk() ? 255 : 0);
    } else if (item.changes.invert || item.changes.paper) {
      const source = await redrawn(item).catch(() => null);
      if (!source) {
        item.changes = { invert: false, paper: false };
        announce(`This browser cannot decode ${item.name}; it is read as it is.`);
        return { body: item.blob, pixels };
      }
      pixels = item.changes.paper
        ? sampled(inkOnPaper(source), learntPlacing(), learntDarkInk() ? 255 : 0) : sampled(source, "drawn");
    }
    return { body: pixels ? await png(pixels) : item.blob, pixels };
  }

  /// A file's picture on a canvas of moderate size, light and dark exchanged where that is wished.
  async function redrawn({ blob, changes: { invert } }) {
    const image = await createImageBitmap(blob);
    const scale = Math.min(1, 640 / Math.max(image.width, image.height));
    const context = canvas(Math.max(1, Math.round(image.width * scale)), Math.max(1, Math.round(image.height * scale)));
    context.fillStyle = "#fff";
    context.fillRect(0, 0, context.canvas.width, context.canvas.height);
    context.drawImage(image, 0, 0, context.canvas.width, context.canvas.height);
    if (invert) {
      const { width, height } = context.canvas;
      const pixels = context.getImageData(0, 0, width, height);
      for (let at = 0; at < pixels.data.length; at += 1) if (at % 4 < 3) pixels.data[at] = 255 - pixels.data[at];
      context.putImageData(pixels, 0, 0);
    }
    return context.canvas;
  }

  /// The ink of a photograph of paper, light or dark as the model has learnt it, on an even ground.
  ///
  /// Paper is bright and most of what is seen: of each cell of a grid the 85th percentile of luma is its light.
  function inkOnPaper(source) {
    const { width, height } = source;
    const pixels = source.getContext("2d").getImageData(0, 0, width, height);
    const [columns, rows] = [Math.min(12, width), Math.min(12, height)];
    const light = new ImageData(columns, rows);
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        const lumas = [];
        for (let y = Math.floor(row * height / rows); y < Math.floor((row + 1) * height / rows); y += 1) {
          for (let x = Math.floor(column * width / columns); x < Math.floor((column + 1) * width / columns); x += 1) {
            lumas.push(luma(pixels.data, 4 * (y * width + x)));
          }
        }
        const at = 4 * (row * columns + column);
        light.data.fill(lumas.sort((a, b) => a - b)[Math.floor(lumas.length * 0.85)], at, at + 3);
        light.data[at + 3] = 255;
      }
    }
    const small = canvas(columns, rows);
    small.putImageData(light, 0, 0);
    const even = canvas(width, height);
    even.imageSmoothingQuality = "high";
    even.drawImage(small.canvas, 0, 0, width, height);
    const ground = even.getImageData(0, 0, width, height).data;
    const darkness = new Float32Array(width * height);
    let most = 0;
    for (let pixel = 0; pixel < darkness.length; pixel += 1) {
      darkness[pixel] = Math.max(0, 1 - luma(pixels.data, 4 * pixel) / Math.max(1, ground[4 * pixel]));
      most = Math.max(most, darkness[pixel]);
    }
    const [paper, ink] = learntDarkInk() ? [255, 0] : [0, 255];
    darkness.forEach((dark, pixel) => {
      // Weaker than the darkest by far: noise and shadows.
      const share = Math.min(Math.max((dark / most - 0.3) / 0.4, 0), 1) || 0;
      pixels.data.fill(paper + (ink - paper) * share, 4 * pixel, 4 * pixel + 3);
    });
    even.putImageData(pixels, 0, 0);
    return even.canvas;
  }

  const shownClasses = () => Math.min(model.classes.length, 200);

  /// Probabilities by class, of the likeliest that an answer names.
  function spread(top) {
    const probabilities = new Array(model.classes.length).fill(0);
    for (const { class: name, probability } of top) {
      probabilities[model.classes.indexOf(name)] = probability;
    }
    return probabilities;
  }

  /// What the model thinks of a picture: after each row where it reads by rows, then why.
  ///
  /// Of what is asked while an answer is on its way, only the last is asked when it has come.
  async function look(item, { why = true, play = false } = {}) {
    if (item === drawing && !drawing.strokes.length) return;
    if (item.busy) {
      item.again = { why, play: play || Boolean(item.again && item.again.play) };
      return;
    }
    item.busy = true;
    item.turn += 1;
    stopExplaining(item);
    showBusy();
    const turn = item.turn;
    const isNew = () => item.turn !== turn;
    try {
      const { body, pixels } = await content(item);
      const { answer, steps } = await read(item, body);
      if (isNew()) return;
      // A model that does not tell which ink it has learnt tells by its first answer.
      const mayBeOtherwise = item === drawing && !model.training_images && !model.isOtherwise;
      if (mayBeOtherwise && /^inverted\?/.test(answer.unusual || "")) {
        model.isOtherwise = true;
        paintBoard();
        item.again = { why, play };
        return;
      }
      Object.assign(item, { answer, steps, exit: null, evidence: null, failure: null });
      item.seen = pixels || await resampled(item);
      if (why && steps && model.early_exit && !model.explains) item.exit = await exitRow(item, body);
      if (isNew()) return;
      if (item === current) showAnswer({ play, say: why });
      showList();
      if (why && !item.again && model.explains) explain(item, body);
    } catch (error) {
      if (isNew()) return;
      forget(item);
      item.failure = error.message;
      if (item === current) {
        showAnswer({});
        announce(error.message);
      }
      showList();
    } finally {
      item.busy = false;
      const { again } = item;
      item.again = null;
      if (again) look(item, again);
      showBusy();
    }
  }

  /// The answer, and what was thought after each row where the model reads by rows.
  async function read(item, body) {
    const asked = parameters(item, { top: shownClasses() });
    const steps = [null];
    let answer = null;
    await eachLine(await request(model.streams ? "rows" : "classify", asked, body), line => {
      if (line.error) throw new Error(line.error);
      if (line.row) steps[line.row] = spread(line.top);
      answer = line;
    });
    return { answer, steps: model.streams ? steps : null };
  }

  /// The row after which the early exit stops; nil where it reads all.
  async function exitRow(item, body) {
    let last = null;
    const lines = await request("rows", parameters(item, { top: 1, early_exit: 1 }), body);
    await eachLine(lines, line => { last = line; });
    return last.early ? last.row : null;
  }

  /// Fetches what moved the answer, and with it the picture as the model reads it.
  async function explain(item, body) {
    const asked = parameters(item, {});
    if ($("about").value) asked.class = $("about").value;
    if ($("baseline").value) asked.baseline = $("baseline").value;
    stopExplaining(item);
    const explaining = new AbortController();
    item.explaining = explaining;
    showBusy();
    try {
      const response = await request("explain", asked, body, explaining.signal);
      const evidence = await response.json();
      if (item.explaining !== explaining) return;
      item.evidence = evidence;
      if (evidence.picture) item.seen = unpacked(evidence);
      if (evidence.reading) {
        item.steps = evidence.reading.probabilities;
        item.exit = evidence.reading.exit_row;
      }
      if (item === current) showEvidence();
      showList();
    } catch (error) {
      if (item === current && item.explaining === explaining) $("not-explained").textContent = error.message;
    } finally {
      if (item.explaining === explaining) item.explaining = null;
      showBusy();
    }
  }

  /// The picture as the model reads it, from the bytes that came with the evidence.
  function unpacked({ width, height, channels, picture }) {
    const bytes = Uint8Array.from(atob(picture), character => character.charCodeAt(0));
    const image = new ImageData(width, height);
    for (let pixel = 0; pixel < width * height; pixel += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        image.data[4 * pixel + channel] = bytes[channels * pixel + Math.min(channel, channels - 1)];
      }
      image.data[4 * pixel + 3] = 255;
    }
    return image;
  }

  /// About what the model reads of a file; nil where the browser cannot read it.
  async function resampled(item) {
    try {
      const size = { resizeWidth: model.width, resizeHeight: model.height, resizeQuality: "high" };
      const context = canvas(model.width, model.height);
      context.fillStyle = "#fff";
      context.fillRect(0, 0, model.width, model.height);
      context.drawImage(await createImageBitmap(item.blob, size), 0, 0);
      const pixels = context.getImageData(0, 0, model.width, model.height);
      return model.channels === 1 ? gray(pixels) : pixels;
    } catch {
      return null;
    }
  }

  const luma = (data, at) => 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];

  function canvas(width, height) {
    const made = document.createElement("canvas");
    [made.width, made.height] = [width, height];
    return made.getContext("2d", { willReadFrequently: true });
  }

  function png(image) {
    const context = canvas(image.width, image.height);
    context.putImageData(image, 0, 0);
    return new Promise(done => context.canvas.toBlob(done, "image/png"));
  }

  const kinds = /^image\/|\.(png|jpe?g|bmp|p[bgpn]m)$/i;

  function open(files) {
    let first = null;
    for (const file of files) {
      const item = { name: file.name || "pasted picture", blob: file, changes: { ...changes } };
      forget(item);
      if (!kinds.test(file.type) && !kinds.test(item.name)) {
        item.failure = "not a picture: expected PNG, JPEG, PNM or BMP";
      } else if (file.size > server.limits.body) {
        item.failure = `${grouped(file.size)} bytes, of which the server takes ${grouped(server.limits.body)}`;
      }
      items.push(item);
      first ??= item;
      if (!item.failure) enqueue(item);
      thumbnail(item);
    }
    if (!first) return;
    select(first, true);
    showList();
    const answer = $("answer");
    if (answer.getBoundingClientRect().top > innerHeight * 0.6) {
      answer.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth" });
    }
  }

  /// A small picture of the file, where the browser can read it.
  async function thumbnail(item) {
    try {
      item.thumbnail = await createImageBitmap(item.blob, { resizeWidth: 96, resizeQuality: "medium" });
      fillEntry(item);
    } catch {
      item.thumbnail = null;
    }
  }

  function enqueue(item) {
    queue.push(item);
    if (working < 2) work();
  }

  async function work() {
    working += 1;
    while (queue.length) {
      const item = queue.shift();
      const { turn } = item;
      if (!items.includes(item) || item.answer || item.busy) continue;
      try {
        let answer = null;
        const lines = await request("classify", parameters(item, { top: shownClasses() }), (await content(item)).body);
        await eachLine(lines, line => { answer ??= line; });
        if (answer.error) throw new Error(answer.error);
        if (item.turn === turn) item.answer = answer;
      } catch (error) {
        if (item.turn === turn) item.failure = error.message;
      }
      fillEntry(item);
    }
    working -= 1;
  }

  function select(item, play) {
    show(item);
    if (item !== drawing && !item.evidence && !item.failure) look(item, { play });
    else if (play && item.steps) startPlaying();
  }

  function show(item) {
    current = item;
    stopPlaying();
    showBusy();
    showAnswer({});
    showList();
  }

  $("files").addEventListener("change", () => { open($("files").files); $("files").value = ""; });
  $("camera").addEventListener("change", () => { open($("camera").files); $("camera").value = ""; });
  addEventListener("paste", event => {
    if (event.clipboardData.files.length) { event.preventDefault(); open(event.clipboardData.files); }
  });
  const carriesFiles = event => [...event.dataTransfer.types].includes("Files");
  addEventListener("dragover", event => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  addEventListener("dragleave", event => {
    if (!event.relatedTarget) document.body.classList.remove("dropping");
  });
  addEventListener("drop", event => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    document.body.classList.remove("dropping");
    open(event.dataTransfer.files);
  });

  for (const id of ["invert", "paper"]) {
    $(id).addEventListener("change", () => {
      changes[id] = current.changes[id] = $(id).checked;
      look(current);
    });
  }
  $("placing").addEventListener("change", () => { if (drawing.strokes.length) look(drawing); });

  $("remove").addEventListener("click", () => {
    items = items.filter(item => item === drawing);
    show(items[0] || null);
    $("files").focus();
  });

  function showList() {
    $("pictures").hidden = !items.some(item => item !== drawing);
    for (const item of items) fillEntry(item);
    const entries = items.map(item => item.entry);
    const shown = [...$("list").children];
    const isSame = shown.length === entries.length && shown.every((entry, at) => entry === entries[at]);
    if (!isSame) $("list").replaceChildren(...entries);
  }

  /// Puts what is known of a picture into its place in the list.
  function fillEntry(item) {
    if (!item.entry) {
      item.entry = element("li");
      const button = element("button", "", item.entry);
      button.type = "button";
      button.addEventListener("click", () => select(item, true));
      const small = element("canvas", "", button);
      small.width = small.height = 96;
      const text = element("span", "", button);
      element("bdi", item.name, text, "path");
      element("span", "", text);
      element("span", "", text, "bad");
    }
    const [small, { children: [, line, remark] }] = item.entry.firstChild.children;
    if (item === current) item.entry.firstChild.setAttribute("aria-current", "true");
    else item.entry.firstChild.removeAttribute("aria-current");
    const image = item === drawing ? board : item.thumbnail || item.seen;
    if (image) paintSmall(small, image);
    const { answer, failure } = item;
    line.replaceChildren(answer || failure ? "" : "…");
    remark.textContent = failure ? "cannot be read" : answer && answer.unusual ? "unusual" : "";
    if (!answer) return;
    element("bdi", answer.prediction, element("b", "", line));
    line.append(" " + percent(answer.probability));
  }

  function paintSmall(small, image) {
    const context = small.getContext("2d");
    const scale = Math.min(96 / image.width, 96 / image.height);
    const [width, height] = [image.width * scale, image.height * scale];
    let source = image;
    if (image instanceof ImageData) {
      const whole = canvas(image.width, image.height);
      whole.putImageData(image, 0, 0);
      source = whole.canvas;
    }
    context.clearRect(0, 0, 96, 96);
    context.drawImage(source, (96 - width) / 2, (96 - height) / 2, width, height);
  }

  // MARK: The board

  const board = $("board");
  let stroke = null;
  let writer = null;
  let settling = null;
  const pen = { x: 0.5, y: 0.5, down: false };

  function sizeBoard() {
    const long = 336;
    const scale = long / Math.max(model.width, model.height);
    board.width = Math.round(model.width * scale);
    board.height = Math.round(model.height * scale);
    $("frame").style.setProperty("--ratio", board.width / board.height);
    paintBoard();
  }

  function paintBoard() {
    const context = board.getContext("2d", { willReadFrequently: true });
    const [ink, ground] = learntDarkInk() ? ["#000", "#fff"] : ["#fff", "#000"];
    $("frame").classList.toggle("paper", learntDarkInk());
    context.fillStyle = ground;
    context.fillRect(0, 0, board.width, board.height);
    context.strokeStyle = ink;
    context.lineCap = context.lineJoin = "round";
    for (const { thickness, points } of drawing.strokes) {
      const at = index => [points[index][0] * board.width, points[index][1] * board.height];
      context.lineWidth = thickness / 100 * Math.min(board.width, board.height);
      context.beginPath();
      context.moveTo(...at(0));
      // Curves through the middles of what the pointer told; one point is a dot.
      for (let index = 1; index + 1 < points.length; index += 1) {
        const [[x, y], [nextX, nextY]] = [at(index), at(index + 1)];
        context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
      }
      context.lineTo(...at(points.length - 1));
      context.stroke();
    }
    const empty = drawing.strokes.length === 0;
    $("hint").hidden = !empty;
    $("undo").disabled = $("clear").disabled = empty;
  }

  /// What is not as the ground on a canvas: its box, and its centre of mass, in pixels; nil where nothing is.
  ///
  /// The ground's luma is the median of the border's where it is not given.
  function found(context, ground) {
    const { width, height } = context.canvas;
    const { data } = context.getImageData(0, 0, width, height);
    const at = (x, y) => luma(data, 4 * (y * width + x));
    if (ground === undefined) {
      const border = [];
      for (let x = 0; x < width; x += 1) border.push(at(x, 0), at(x, height - 1));
      for (let y = 0; y < height; y += 1) border.push(at(0, y), at(width - 1, y));
      ground = border.sort((a, b) => a - b)[border.length >> 1];
    }
    let most = 0;
    for (let pixel = 0; pixel < width * height; pixel += 1) {
      most = Math.max(most, Math.abs(luma(data, 4 * pixel) - ground));
    }
    if (most < 8) return null;
    let [left, top, right, bottom] = [width, height, -1, -1];
    let [mass, sumX, sumY] = [0, 0, 0];
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const ink = Math.abs(at(x, y) - ground);
        // Shadows on paper are weaker than ink.
        if (ink < most * 0.4) continue;
        [left, right] = [Math.min(left, x), Math.max(right, x)];
        [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
        [mass, sumX, sumY] = [mass + ink, sumX + ink * x, sumY + ink * y];
      }
    }
    return {
      left, top, width: right - left + 1, height: bottom - top + 1, ground,
      centre: [sumX / mass + 0.5, sumY / mass + 0.5],
    };
  }

  /// A canvas as the model reads it, each pixel the mean of its area: all of it ("drawn"), or what is on it, to
  /// the edges ("edges"), or in 5/7 of the size with its centre of mass in the middle ("centre"), as MNIST's
  /// digits were made.
  function sampled(source, placing, ground) {
    const { width, height } = model;
    const fine = Math.max(1, Math.ceil(320 / Math.max(width, height)));
    const [wide, high] = [width * fine, height * fine];
    const context = canvas(wide, high);
    context.imageSmoothingQuality = "high";
    const ink = placing === "drawn" ? null : found(source.getContext("2d"), ground);
    if (ink) {
      const scale = Math.min(wide / ink.width, high / ink.height) * (placing === "centre" ? 5 / 7 : 1);
      const [x, y] = placing === "centre" ? ink.centre : [ink.left + ink.width / 2, ink.top + ink.height / 2];
      context.fillStyle = `rgb(${ink.ground}, ${ink.ground}, ${ink.ground})`;
      context.fillRect(0, 0, wide, high);
      context.drawImage(
        source, wide / 2 - x * scale, high / 2 - y * scale, source.width * scale, source.height * scale);
    } else {
      context.drawImage(source, 0, 0, wide, high);
    }
    const { data } = context.getImageData(0, 0, wide, high);
    const pixels = new ImageData(width, height);
    const sums = [0, 0, 0];
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        sums.fill(0);
        for (let part = 0; part < fine * fine; part += 1) {
          const at = 4 * ((y * fine + Math.floor(part / fine)) * wide + x * fine + part % fine);
          for (let channel = 0; channel < 3; channel += 1) sums[channel] += data[at + channel];
        }
        const at = 4 * (y * width + x);
        sums.forEach((sum, channel) => { pixels.data[at + channel] = sum / (fine * fine); });
        pixels.data[at + 3] = 255;
      }
    }
    return model.channels === 1 ? gray(pixels) : pixels;
  }

  function gray(pixels) {
    for (let at = 0; at < pixels.data.length; at += 4) pixels.data.fill(Math.round(luma(pixels.data, at)), at, at + 3);
    return pixels;
  }

  /// The drawing has changed: its answer follows while it goes on, what moved it when it rests.
  function changed(rests) {
    paintBoard();
    clearTimeout(settling);
    settling = null;
    if (!drawing.strokes.length) {
      forget(drawing);
      items = items.filter(item => item !== drawing);
      $("quick").replaceChildren();
      if (current === drawing) show(items[0] || null);
      return;
    }
    if (!items.includes(drawing)) items.unshift(drawing);
    if (current !== drawing) show(drawing);
    if (!drawing.busy) look(drawing, { why: false });
    if (rests) {
      settling = setTimeout(() => {
        settling = null;
        look(drawing);
      }, 250);
    }
    showBusy();
  }

  function begin(x, y) {
    stroke = { thickness: Number($("width").value), points: [[x, y]] };
    drawing.strokes.push(stroke);
    changed(false);
  }

  function place(event) {
    const area = board.getBoundingClientRect();
    return [(event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height];
  }

  board.addEventListener("pointerdown", event => {
    if (writer !== null || event.button !== 0) return;
    event.preventDefault();
    writer = event.pointerId;
    board.setPointerCapture(writer);
    board.focus({ preventScroll: true, focusVisible: false });
    lift();
    begin(...place(event));
  });
  board.addEventListener("pointermove", event => {
    if (event.pointerId !== writer || !stroke) return;
    const events = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    for (const part of events.length ? events : [event]) stroke.points.push(place(part));
    changed(false);
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    board.addEventListener(kind, event => {
      if (event.pointerId !== writer) return;
      writer = stroke = null;
      changed(true);
    });
  }

  function lift() {
    pen.down = false;
    $("pen").classList.remove("down");
  }

  function undo() {
    lift();
    stroke = null;
    drawing.strokes.pop();
    changed(true);
  }

  function clear() {
    lift();
    stroke = null;
    drawing.strokes = [];
    changed(true);
    announce("cleared");
  }

  board.addEventListener("keydown", event => {
    const step = event.shiftKey ? 0.01 : 0.04;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (event.key in moves) {
      const [x, y] = moves[event.key];
      pen.x = Math.min(Math.max(pen.x + x, 0), 1);
      pen.y = Math.min(Math.max(pen.y + y, 0), 1);
      if (pen.down) { stroke.points.push([pen.x, pen.y]); changed(true); }
      showPen();
    } else if (event.key === " " || event.key === "Enter") {
      pen.down = !pen.down;
      $("pen").classList.toggle("down", pen.down);
      if (pen.down) begin(pen.x, pen.y);
      else { stroke = null; changed(true); }
      announce(pen.down ? "pen down" : "pen up");
    } else if (event.key === "Delete") {
      clear();
    } else if (event.key === "Backspace" || (event.key === "z" && (event.ctrlKey || event.metaKey))) {
      undo();
    } else {
      return;
    }
    event.preventDefault();
  });
  board.addEventListener("blur", () => { if (pen.down) { lift(); stroke = null; } });

  function showPen() {
    $("pen").style.left = pen.x * 100 + "%";
    $("pen").style.top = pen.y * 100 + "%";
  }
  showPen();

  $("undo").addEventListener("click", () => {
    undo();
    if ($("undo").disabled) board.focus();
  });
  $("clear").addEventListener("click", () => { clear(); board.focus(); });

  // MARK: The answer

  /// Rows read, between two of them while the reading is played.
  let row = 0;
  let playing = null;

  const lastRow = () => (current && current.steps ? current.steps.length - 1 : 0);

  /// Probabilities after so many rows.
  function probabilities(read) {
    const { steps, answer } = current;
    if (!steps) return spread(answer.top);
    let index = Math.min(Math.floor(read), steps.length - 1);
    while (index < steps.length - 1 && !steps[index]) index += 1;
    return steps[index];
  }

  /// The classes in the order of their greatest probability over all rows; the answer first.
  function ranked() {
    const most = model.classes.map((_, index) => index);
    const peak = most.map(index => current.steps
      ? Math.max(...current.steps.slice(1).map(step => step ? step[index] : 0))
      : probabilities(0)[index]);
    peak[model.classes.indexOf(current.answer.prediction)] = 2;
    return most.sort((a, b) => peak[b] - peak[a] || a - b);
  }

  function showAnswer({ play = false, say = false }) {
    const { answer, failure } = current || {};
    $("empty").hidden = Boolean(answer || failure || current);
    $("failure").hidden = !failure;
    $("failure").textContent = failure ? `${current.name}: ${failure}` : "";
    $("result").hidden = !answer;
    $("answer-title").textContent = current ? current.name : "Answer";
    if (current === drawing) showQuick();
    if (!answer) return;
    if (say) {
      announce(`${current.name}: ${answer.prediction}, ${percent(answer.probability)}`
        + (answer.unusual ? `. Unlike the training pictures: ${answer.unusual}` : ""));
    }
    $("timeline").hidden = !current.steps;
    $("not-explained").textContent = model.explains ? "" : "What moved it cannot be told of this model.";
    $("not-read").hidden = model.streams;
    $("not-read").textContent = model.streams_not
      ? `This model gives no answer before it has the whole picture: ${model.streams_not}.` : "";
    showWarning();
    showChanges();
    makeBars();
    makeChart();
    $("slider").max = lastRow();
    stopPlaying();
    showRow(lastRow());
    showEvidence();
    if (play && !calm.matches && current.steps) startPlaying();
  }

  function showQuick() {
    const { answer, failure } = drawing;
    $("quick").replaceChildren();
    if (failure) $("quick").textContent = failure;
    if (!answer) return;
    element("bdi", answer.prediction, element("b", "", $("quick"), answer.prediction.length > 14 ? "long" : ""));
    $("quick").append(" " + percent(answer.probability));
    if (answer.unusual) element("span", " unlike the training pictures", $("quick"), "bad");
  }

  const remedies = [
    [/^inverted\?/, "invert", "Exchange light and dark"],
    [/./, "paper", "It is ink on paper"],
  ];

  function showWarning() {
    const { unusual } = current.answer;
    const box = $("warning");
    box.replaceChildren();
    box.hidden = !unusual;
    if (!unusual) return;
    element("strong", "Unlike the training pictures; the answer may mean little", box);
    const list = element("ul", "", box);
    for (const part of unusual.split("; ")) {
      element("li", part.startsWith("inverted?") ? "light and dark seem to have changed places" : part, list);
    }
    for (const [pattern, change, what] of remedies) {
      if (current === drawing || !pattern.test(unusual) || current.changes.paper || current.changes[change]) continue;
      if (change === "paper" && model.channels > 1) continue;
      const button = element("button", what, box);
      button.type = "button";
      button.addEventListener("click", () => {
        $(change).click();
        $(change).focus();
      });
    }
  }

  function showChanges() {
    $("changes").hidden = current === drawing;
    $("on-paper").hidden = model.channels > 1;
    for (const id in current.changes) $(id).checked = current.changes[id];
  }

  function makeBars() {
    const order = ranked();
    const all = model.classes.length <= 12;
    const shown = all ? model.classes.map((_, index) => index) : order.slice(0, 10);
    $("bars").replaceChildren();
    for (const index of shown) {
      const bar = element("li", "", $("bars"));
      bar.dataset.index = index;
      if (order.indexOf(index) < 5) bar.dataset.series = order.indexOf(index);
      element("bdi", model.classes[index], bar, "name");
      element("i", "", element("span", "", bar, "track"));
      element("span", "", bar, "share");
    }
    $("bars-title").textContent = all ? "Probabilities" : `Probabilities of ${shown.length} classes`;
  }

  function makeChart() {
    $("chart").replaceChildren();
    if (!current.steps) return;
    for (const y of [0, 50, 100]) shape("path", { class: "grid", d: `M0 ${y}H100` }, $("chart"));
    const last = lastRow();
    for (const [place, index] of ranked().slice(0, 5).reverse().map((value, at, all) => [all.length - 1 - at, value])) {
      const points = current.steps
        .map((step, read) => step && `${read / last * 100} ${100 - step[index] * 100}`).filter(Boolean);
      shape("path", { class: `line s${place}`, d: "M" + points.join("L") }, $("chart"));
    }
  }

  /// Shows what was thought after so many rows.
  function showRow(read) {
    row = read;
    const last = lastRow();
    const shares = probabilities(read);
    let best = 0;
    shares.forEach((share, index) => { if (share > shares[best]) best = index; });
    $("named").textContent = model.classes[best];
    $("named").classList.toggle("long", model.classes[best].length > 14);
    $("sure").textContent = percent(shares[best]);
    const whole = Math.floor(read);
    const when = whole < last ? `after ${whole} of ${last} rows` : `after all ${last} rows`;
    $("when").textContent = current.steps ? when : "";
    for (const bar of $("bars").children) {
      const share = shares[bar.dataset.index];
      bar.classList.toggle("best", Number(bar.dataset.index) === best);
      bar.children[1].firstChild.style.width = share * 100 + "%";
      bar.children[2].textContent = percent(share);
    }
    if (!current.steps) { $("veil").style.height = "0"; return; }
    $("slider").value = whole;
    $("slider").setAttribute(
      "aria-valuetext", `${whole} of ${last} rows: ${model.classes[best]}, ${percent(shares[best])}`);
    $("cursor").style.left = read / last * 100 + "%";
    $("veil").style.height = (1 - read / last) * 100 + "%";
  }

  function startPlaying() {
    const duration = Math.min(Math.max(lastRow() * 110, 1600), 4000);
    let share = row < lastRow() ? row / lastRow() : 0;
    let before = performance.now();
    $("play").classList.add("playing");
    $("play").setAttribute("aria-label", "Pause the reading");
    const tick = now => {
      share = Math.min(share + (now - before) / duration, 1);
      before = now;
      const read = share * lastRow();
      showRow(calm.matches ? Math.floor(read) : read);
      if (share < 1) playing = requestAnimationFrame(tick);
      else stopPlaying();
    };
    playing = requestAnimationFrame(tick);
  }

  function stopPlaying() {
    if (playing) cancelAnimationFrame(playing);
    playing = null;
    $("play").classList.remove("playing");
    $("play").setAttribute("aria-label", "Play the reading");
  }

  $("play").addEventListener("click", () => { if (playing) stopPlaying(); else startPlaying(); });
  $("slider").addEventListener("input", () => { stopPlaying(); showRow(Number($("slider").value)); });

  // MARK: What moved it

  const overlay = () => document.querySelector("input[name=overlay]:checked").value;

  function fillAbout() {
    $("about").replaceChildren();
    option($("about"), "", "the answer");
    for (const name of model.classes) option($("about"), name, name);
    $("baseline").value = "";
    $("baseline").querySelector("[value=mean]").disabled = !model.has_mean;
  }

  for (const id of ["about", "baseline"]) {
    $(id).addEventListener("change", async () => {
      const item = current;
      if (item && item.answer) explain(item, (await content(item)).body);
    });
  }
  for (const input of document.querySelectorAll("input[name=overlay]")) {
    input.addEventListener("change", () => { if (current && current.answer) showEvidence(); });
  }

  /// Evidence of each pixel, or of the cell that it lies in.
  function evidenceOf(evidence, kind) {
    if (kind === "pixels") return evidence.pixels;
    const { width, height, occlusion: { grid } } = evidence;
    return Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) =>
      grid[Math.floor(y * grid.length / height)][Math.floor(x * grid[0].length / width)]));
  }

  const peak = rows => Math.max(...rows.map(cells => Math.max(...cells.map(Math.abs))), 1e-9);

  function paintSeen() {
    const { evidence, seen } = current;
    const { width, height } = seen || evidence || model;
    const context = $("seen").getContext("2d", { willReadFrequently: true });
    [$("seen").width, $("seen").height] = [width, height];
    $("view").style.setProperty("--ratio", width / height);
    const kind = evidence ? overlay() : "none";
    $("seen").setAttribute("aria-label", `${current.name} as the model reads it`
      + (kind === "none" ? "" : `, with the evidence for ${evidence.class} over it`));
    const image = seen ? new ImageData(seen.data.slice(), width, height) : new ImageData(width, height);
    if (kind !== "none") {
      const values = evidenceOf(evidence, kind);
      const most = peak(values);
      for (let y = 0; y < height; y += 1) {
        for (let x = 0; x < width; x += 1) {
          const at = 4 * (y * width + x);
          // As the reports' pictures: pale gray, and colours that grow with a power of the evidence.
          const gray = 255 * (0.58 + 0.42 * luma(image.data, at) / 255);
          const tone = values[y][x] < 0 ? [0xd5, 0x5e, 0x00] : [0x00, 0x72, 0xb2];
          const strength = Math.min(Math.abs(values[y][x]) / most, 1) ** 0.7;
          tone.forEach((value, channel) => { image.data[at + channel] = gray + (value - gray) * strength; });
          image.data[at + 3] = 255;
        }
      }
    }
    context.putImageData(image, 0, 0);
    $("view-caption").textContent = {
      none: "as the model reads it", pixels: "what each pixel says", covered: "what is lost where a part is covered",
    }[kind];
  }

  /// Shows what moved the answer; while that is still to come, the place of it stays as it is, but pale.
  function showEvidence() {
    const { evidence, answer } = current;
    if (!answer) return;
    $("evidence").classList.toggle("stale", !evidence);
    $("overlays").classList.toggle("stale", !evidence);
    if (!model.explains) $("evidence").hidden = $("overlays").hidden = true;
    $("row-bars").replaceChildren();
    $("rows-caption").textContent = "";
    $("panes").classList.toggle("single", !model.explains);
    paintSeen();
    if (evidence) {
      $("evidence").hidden = $("overlays").hidden = false;
      if (evidence.reading) {
        const atEnd = row >= Number($("slider").max);
        makeBars();
        makeChart();
        $("slider").max = lastRow();
        if (!playing) showRow(atEnd ? lastRow() : Math.min(row, lastRow()));
      }
      showRowBars(evidence, overlay());
      showLegend(evidence, overlay());
      showFigures(evidence);
      showRows(evidence);
    }
    showEarlyExit();
  }

  function showRowBars(evidence, kind) {
    const [values, caption] = kind === "covered" ? [evidence.occlusion.rows, "lost if the row is covered"]
      : kind === "none" && evidence.reading ? [evidence.reading.evidence, "what each row added"]
      : [evidence.rows, "what each row’s pixels say"];
    const most = Math.max(...values.map(Math.abs), 1e-9);
    const chart = $("row-bars");
    chart.setAttribute("viewBox", `-50 0 100 ${values.length}`);
    const { counterfactual: run } = evidence;
    if (run) {
      shape("rect", {
        class: "run", x: -50, y: run.first_row - 1, width: 100, height: run.last_row - run.first_row + 1,
      }, chart);
    }
    shape("path", { class: "zero", d: `M0 0V${values.length}` }, chart);
    values.forEach((value, y) => {
      const width = Math.abs(value) / most * 48;
      shape("rect", {
        class: value < 0 ? "con" : "pro", x: value < 0 ? -width : 0, y: y + 0.1, width, height: 0.8,
      }, chart);
    });
    $("rows-caption").textContent = `${caption}, up to ${most.toFixed(2)} nats`;
  }

  function showLegend(evidence, kind) {
    $("legend").hidden = kind === "none";
    if (kind === "none") return;
    const most = peak(evidenceOf(evidence, kind));
    $("least").textContent = "\u2212" + most.toFixed(2);
    $("most").textContent = "+" + most.toFixed(2) + (kind === "pixels" ? " nats a pixel" : " nats a cell");
    $("speaks").replaceChildren("blue speaks for ");
    element("bdi", evidence.class, element("b", "", $("speaks")));
    $("speaks").append(", orange against it");
  }

  function showEarlyExit() {
    const { early_exit: rule } = model;
    const { exit, steps, evidence } = current;
    const text = $("early");
    text.replaceChildren();
    $("mark").hidden = $("stop").hidden = true;
    if (!steps) return;
    if (!rule) {
      text.textContent = "This model has no early exit: rowwise calibrate MODEL IMAGES --early-exit leaves one.";
      return;
    }
    if (model.explains && !evidence) return;
    const last = lastRow();
    const promise = `${rule.measure} in at most ${percent(rule.limit)} of ${rule.of}, `
      + `${percent(rule.confidence, 0)} sure`;
    if (exit === null || exit >= last) {
      text.textContent = `The early exit would have read all rows (${promise}).`;
      return;
    }
    element("i", "", text, "dashes");
    text.append(` The early exit would have stopped after row ${exit} of ${last} (${promise}).`);
    $("mark").hidden = $("stop").hidden = false;
    $("mark").style.left = exit / last * 100 + "%";
    $("mark").classList.toggle("left", exit > last * 0.6);
    $("stop").style.top = exit / last * 100 + "%";
  }

  function showFigures(evidence) {
    const list = $("figures");
    list.replaceChildren();
    function add(name, text) {
      const pair = element("div", "", list);
      element("dt", name, pair);
      return element("dd", text, pair);
    }
    add(`Log-odds of ${evidence.class}`, `${nats(evidence.log_odds)} nats`);
    add(`Of the ${evidence.baseline} picture`, `${nats(evidence.baseline_log_odds)} nats`);
    add("The pixels say", `${nats(evidence.sum)} of ${nats(evidence.change)} nats`
      + (evidence.converged ? "" : ", too far off: try another picture to compare with"));
    const decides = evidence.counterfactual;
    const cell = add("What decides", decides
      ? `rows ${decides.first_row}–${decides.last_row}: without them ${decides.prediction} `
        + `(${percent(decides.probability)})`
      : `no run of rows alone (tried up to ${evidence.counterfactual_longest_tried})`);
    if (decides) cell.prepend(element("i", "", cell, "band"), " ");
    if (evidence.reading_absent) add("While reading", evidence.reading_absent);
  }

  function showRows(evidence) {
    const table = $("rows");
    table.replaceChildren();
    const { reading } = evidence;
    const heads = ["Row", ...(reading ? ["Most likely", "Probability", "Added"] : []), "By pixels", "Lost if covered"];
    const head = element("tr", "", element("thead", "", table));
    for (const text of heads) element("th", text, head).scope = "col";
    const body = element("tbody", "", table);
    evidence.rows.forEach((sum, y) => {
      const line = element("tr", "", body);
      element("th", String(y + 1), line).scope = "row";
      if (reading) {
        const shares = reading.probabilities[y + 1];
        const best = shares.indexOf(Math.max(...shares));
        element("bdi", model.classes[best], element("td", "", line));
        element("td", percent(shares[best]), line);
        element("td", nats(reading.evidence[y]), line);
      }
      element("td", nats(sum), line);
      element("td", nats(evidence.occlusion.rows[y]), line);
    });
  }

  // MARK: The last evaluation

  function loadEvaluation() {
    evaluation = model.evaluation;
    $("evaluated-body").hidden = !evaluation;
    $("cell").textContent = "Choose a cell, by pointer or arrow keys.";
    if (!evaluation) {
      $("matrix").replaceChildren();
      $("evaluated").textContent =
        "None lies beside this model: rowwise evaluate RUN DATA --report RUN/report leaves one.";
      return;
    }
    $("evaluated").textContent = `${grouped(evaluation.samples)} pictures of ${evaluation.data}`
      + (evaluation.part ? `, ${evaluation.part} part` : "") + ".";
    showMetrics();
    makeMatrix();
    makeClasses();
  }

  /// Wilson's interval of a share of n, with 95 % confidence.
  function wilson(share, n) {
    const z = 1.959964;
    const middle = (share + z * z / (2 * n)) / (1 + z * z / n);
    const half = z / (1 + z * z / n) * Math.sqrt(share * (1 - share) / n + z * z / (4 * n * n));
    return [Math.max(middle - half, 0), Math.min(middle + half, 1)];
  }

  const sum = values => values.reduce((total, value) => total + value, 0);

  /// Precision, recall and F1 of every class; 0/0 is 0.
  function byClass() {
    const matrix = evaluation.confusion_matrix;
    return evaluation.classes.map((name, index) => {
      const [support, predicted] = [sum(matrix[index]), sum(matrix.map(cells => cells[index]))];
      const hits = matrix[index][index];
      const over = (part, whole) => (whole ? part / whole : 0);
      return {
        name, support, predicted, precision: over(hits, predicted), recall: over(hits, support),
        f1: over(2 * hits, support + predicted),
      };
    });
  }

  function showMetrics() {
    const list = $("metrics");
    list.replaceChildren();
    function figure(name, value, range) {
      const item = element("li", "", list);
      element("span", name, item, "name");
      element("span", value, item, value.length > 12 ? "value long" : "value");
      if (range) element("span", range, item, "range");
    }
    const { samples, accuracy } = evaluation;
    const [low, high] = wilson(accuracy, samples);
    figure("Accuracy", percent(accuracy, 2), `95 % interval ${(low * 100).toFixed(2)}–${percent(high, 2)}`);
    figure("Misread", grouped(samples - Math.round(accuracy * samples)), `of ${grouped(samples)}`);
    const classes = byClass().filter(({ support, predicted }) => support || predicted);
    const withSamples = classes.filter(({ support }) => support);
    const mean = (of, key) => (sum(of.map(one => one[key])) / of.length);
    figure("Balanced accuracy", percent(mean(withSamples, "recall"), 2), "mean recall of the classes");
    figure("F1, macro mean", mean(classes, "f1").toFixed(4));
    const worst = withSamples.reduce((least, one) => (one.recall < least.recall ? one : least));
    figure("Hardest class", worst.name, `recall ${percent(worst.recall, 2)}`);
    if (evaluation.loss !== undefined) figure("Loss", evaluation.loss.toFixed(4), "nats");
    if (evaluation.expected_calibration_error !== undefined) {
      figure("Calibration error", evaluation.expected_calibration_error.toFixed(4));
    }
    const early = evaluation.early_exit;
    if (early) figure("Early exit reads", percent(early.share_read), `accuracy ${percent(early.accuracy, 2)}`);
  }

  /// The matrix of at most 20 classes, those with most errors; the others are one.
  function condensed() {
    const { classes, confusion_matrix: matrix } = evaluation;
    const limit = 20;
    if (classes.length <= limit) return { names: classes, cells: matrix };
    const errors = classes.map((_, index) =>
      sum(matrix[index]) + sum(matrix.map(cells => cells[index])) - 2 * matrix[index][index]);
    const kept = classes.map((_, index) => index)
      .sort((a, b) => errors[b] - errors[a]).slice(0, limit).sort((a, b) => a - b);
    const group = classes.map((_, index) => (kept.includes(index) ? kept.indexOf(index) : limit));
    const cells = Array.from({ length: limit + 1 }, () => new Array(limit + 1).fill(0));
    matrix.forEach((line, label) => line.forEach((count, read) => { cells[group[label]][group[read]] += count; }));
    return { names: [...kept.map(index => classes[index]), `${classes.length - limit} others`], cells };
  }

  function makeMatrix() {
    const { names, cells } = condensed();
    const columns = names.map((_, index) => sum(cells.map(line => line[index])));
    const table = $("matrix");
    table.replaceChildren();
    const others = names.length < evaluation.classes.length;
    $("condensed").textContent = others
      ? `Shown are the ${names.length - 1} of ${evaluation.classes.length} classes with most errors.` : "";
    table.classList.toggle("turned", names.some(name => name.length > 3));
    const head = element("tr", "", element("thead", "", table));
    element("th", "true \\\u00a0pred.", head).scope = "col";
    for (const name of names) {
      const cell = element("th", "", head);
      cell.scope = "col";
      element("span", name, cell).title = name;
    }
    const body = element("tbody", "", table);
    cells.forEach((line, label) => {
      const whole = sum(line);
      const tr = element("tr", "", body);
      const title = element("th", names[label], tr);
      title.scope = "row";
      title.title = names[label];
      line.forEach((count, read) => {
        const cell = element("td", "", tr);
        const isOthers = label === read && others && label === names.length - 1;
        const hit = label === read && !isOthers;
        const share = whole ? count / whole : 0;
        cell.tabIndex = -1;
        cell.dataset.kind = isOthers ? "other" : hit ? "hit" : "miss";
        cell.dataset.share = share;
        cell.dataset.count = count;
        const pictures = count === 1 ? "1 picture" : `${grouped(count)} pictures`;
        cell.dataset.text = (isOthers ? "Others taken for themselves or each other: "
          : hit ? `“${names[label]}” read rightly: ` : `“${names[label]}” taken for “${names[read]}”: `)
          + `${pictures}, ${percent(share)} of the true class, `
          + `${percent(columns[read] ? count / columns[read] : 0)} of the prediction.`;
        cell.setAttribute("aria-label", cell.dataset.text);
        cell.title = cell.dataset.text;
      });
    });
    if (body.rows.length) body.rows[0].cells[1].tabIndex = 0;
    paintMatrix();
  }

  const channels = color => [1, 3, 5].map(at => parseInt(color.slice(at, at + 2), 16));

  function luminance(color) {
    const [red, green, blue] = color.map(value => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  /// Colours the cells, with black or white writing, whichever is read better.
  function paintMatrix() {
    const styles = getComputedStyle(document.documentElement);
    const color = name => channels(styles.getPropertyValue(name).trim());
    const panel = color("--panel");
    const tones = { hit: color("--hit"), miss: color("--miss"), other: color("--edge") };
    const counts = document.querySelector("input[name=cells]:checked").value === "count";
    for (const cell of $("matrix").querySelectorAll("td")) {
      const { kind, share, count } = cell.dataset;
      // The root, so that few errors are seen beside many hits.
      const strength = Number(share) ? 0.08 + 0.82 * Math.sqrt(share) : 0;
      const mixed = panel.map((value, channel) => Math.round(value + (tones[kind][channel] - value) * strength));
      cell.style.backgroundColor = `rgb(${mixed})`;
      cell.style.color = luminance(mixed) > 0.179 ? "#000" : "#fff";
      cell.textContent = count === "0" ? "·" : counts ? grouped(Number(count)) : (share * 100).toFixed(1);
    }
  }

  dark.addEventListener("change", () => { if (evaluation) paintMatrix(); });
  for (const input of document.querySelectorAll("input[name=cells]")) input.addEventListener("change", paintMatrix);

  $("matrix").addEventListener("focusin", event => {
    if (!event.target.dataset.text) return;
    for (const cell of $("matrix").querySelectorAll("td[tabindex='0']")) cell.tabIndex = -1;
    event.target.tabIndex = 0;
    $("cell").textContent = event.target.dataset.text;
  });
  $("matrix").addEventListener("pointerover", event => {
    if (event.target.dataset.text) $("cell").textContent = event.target.dataset.text;
  });
  $("matrix").addEventListener("click", event => { if (event.target.dataset.text) event.target.focus(); });
  $("matrix").addEventListener("keydown", event => {
    const cell = event.target;
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    if (!cell.dataset.text || !(event.key in steps)) return;
    event.preventDefault();
    const [down, right] = steps[event.key];
    const line = cell.parentElement.parentElement.rows[cell.parentElement.sectionRowIndex + down];
    const next = line && line.cells[cell.cellIndex + right];
    if (next && next.dataset.text) next.focus();
  });

  function makeClasses() {
    const table = $("by-class");
    table.replaceChildren();
    const head = element("tr", "", element("thead", "", table));
    for (const text of ["Class", "Support", "Precision", "Recall", "F1"]) element("th", text, head).scope = "col";
    const body = element("tbody", "", table);
    for (const { name, support, precision, recall, f1 } of byClass()) {
      const line = element("tr", "", body);
      element("th", name, line).scope = "row";
      for (const text of [grouped(support), precision.toFixed(4), recall.toFixed(4), f1.toFixed(4)]) {
        element("td", text, line);
      }
    }
  }

  start();
})();
