"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const source = sample => "data:image/png;base64," + data.pictures[sample];
  for (const image of document.querySelectorAll("img[data-sample]")) {
    image.src = source(image.dataset.sample);
  }

  const matrix = document.getElementById("matrix");
  const rows = [...matrix.tBodies[0].rows].map(row => [...row.querySelectorAll("td")]);
  const panel = document.getElementById("cell");
  let chosen = null;

  function element(name, text, parent) {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (parent) parent.append(made);
    return made;
  }

  function describe(cell) {
    const { label, prediction, count, row, column } = cell.dataset;
    const name = index => index === "" ? "the other classes" : "“" + data.classes[index] + "”";
    const samples = Number(count) === 1 ? "1 sample" : count + " samples";
    const what = label === prediction && label !== ""
      ? `${name(label)} read rightly: ${samples}`
      : `${name(label)} taken for ${name(prediction)}: ${samples}`;
    return `${what}, ${row} % of the true class, ${column} % of the prediction.`;
  }

  function choose(cell, focus) {
    if (chosen) { chosen.classList.remove("chosen"); chosen.tabIndex = -1; }
    chosen = cell;
    cell.classList.add("chosen");
    cell.tabIndex = 0;
    if (focus) cell.focus();
    panel.replaceChildren();
    element("p", describe(cell), panel);
    const samples = data.cells[cell.dataset.label + "," + cell.dataset.prediction] || [];
    if (samples.length === 0) return;
    const gallery = element("div", "", panel);
    gallery.className = "gallery";
    for (const sample of samples) {
      const { name, confidence } = data.samples[sample];
      const figure = element("figure", "", gallery);
      if (sample in data.pictures) {
        const image = element("img", "", figure);
        image.src = source(sample);
        image.alt = name;
      }
      const caption = element("figcaption", (confidence * 100).toFixed(1) + " %", figure);
      const small = element("small", "", caption);
      small.title = name;
      element("bdi", name, small).dir = "ltr";
      if (sample in data.evidence) {
        const evidence = document.createElement("template");
        evidence.innerHTML = data.evidence[sample];
        figure.append(evidence.content);
      }
    }
  }

  for (const cell of rows.flat()) {
    const { count, row, column } = cell.dataset;
    cell.title = describe(cell);
    cell.addEventListener("click", () => choose(cell, true));
    cell.addEventListener("focus", () => { if (chosen !== cell) choose(cell, false); });
  }
  if (rows.length) rows[0][0].tabIndex = 0;
  matrix.addEventListener("keydown", event => {
    const y = rows.findIndex(row => row.includes(document.activeElement));
    if (y < 0) return;
    const x = rows[y].indexOf(document.activeElement);
    const moves = {
      ArrowUp: [y - 1, x], ArrowDown: [y + 1, x], ArrowLeft: [y, x - 1],
      ArrowRight: [y, x + 1], Home: [y, 0], End: [y, rows[y].length - 1],
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    const next = rows[move[0]]?.[move[1]];
    if (next) choose(next, true);
  });

  for (const input of document.querySelectorAll("input[name=mode]")) {
    input.addEventListener("change", () => {
      for (const cell of rows.flat()) {
        const value = cell.dataset[input.value];
        cell.textContent = cell.dataset.count === "0" ? "·" : value;
      }
    });
  }
})();
