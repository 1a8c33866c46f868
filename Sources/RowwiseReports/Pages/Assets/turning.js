(() => {
  const tables = [...document.querySelectorAll("table.matrix")];
  const turn = () => {
    for (const table of tables) {
      table.classList.remove("turned");
      const frame = table.parentElement;
      if (frame.scrollWidth > frame.clientWidth) table.classList.add("turned");
    }
  };
  turn();
  addEventListener("resize", turn);
  for (const details of document.querySelectorAll("details")) {
    details.addEventListener("toggle", turn);
  }
})();
