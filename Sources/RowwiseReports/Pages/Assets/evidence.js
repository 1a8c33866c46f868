"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  for (const section of document.querySelectorAll("section.evidence")) {
    const reading = data[section.dataset.picture];
    const slider = section.querySelector("input[type=range]");
    if (!reading || !slider) continue;
    const output = section.querySelector("output");
    const rows = Number(slider.max);
    const cursor = section.querySelector(".cursor");

    function show() {
      const row = Number(slider.value);
      section.style.setProperty("--unread", 1 - row / rows);
      if (cursor) {
        const { start, end, low, high } = cursor.dataset;
        const x = Number(start) + (row - low) / (high - low) * (end - start);
        cursor.setAttribute("transform", `translate(${x} 0)`);
      }
      const likely = reading.classes
        .map((name, index) => [name, reading.probabilities[row][index]])
        .sort((a, b) => b[1] - a[1]).slice(0, 3)
        .map(([name, share]) => `${name} (${(share * 100).toFixed(1)} %)`);
      const added = row > 0 ? `; this row ${reading.evidence[row - 1]}` : "";
      output.textContent =
        `after ${row} of ${rows} rows: ${likely.join(", ")}; log-odds of `
        + `${reading.classes[0]} ${reading.log_odds[row]} nats${added}`;
    }
    slider.addEventListener("input", show);
    show();
  }
})();
