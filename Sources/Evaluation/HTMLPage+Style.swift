extension HTMLPage {
  /// The pages' styles. Blue and orange, and the lines' colours, are Okabe and Ito's, which are
  /// told apart with every kind of colour vision; lines differ in dashes too.
  static let style = """
    :root {
      color-scheme: light dark;
      --page: #ffffff; --ink: #1b1f24; --soft: #59636e; --rule: #d5dae0; --panel: #f4f6f8;
      --hit: #0072b2; --miss: #d55e00; --deep: #ffffff;
      --s0: #0072b2; --s1: #d55e00; --s2: #008563; --s3: #b0508a; --s4: #8a6d00; --s5: #2f8fc4;
      --s6: #4d4d4d; --s7: #a33b00;
    }
    @media screen and (prefers-color-scheme: dark) {
      :root {
        --page: #14171b; --ink: #e8ebef; --soft: #a2abb5; --rule: #363d45; --panel: #1e2329;
        --hit: #56b4e9; --miss: #f0903c; --deep: #0d1013;
        --s0: #56b4e9; --s1: #f0903c; --s2: #2fc79d; --s3: #dd97c0; --s4: #f0e442; --s5: #8fb8ff;
        --s6: #c9c9c9; --s7: #ff7a5c;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0; background: var(--page); color: var(--ink);
      font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
    }
    main { max-width: 1120px; margin: 0 auto; padding: 24px 20px 64px; }
    h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 12px; overflow-wrap: anywhere; }
    h2 { font-size: 1.2rem; margin: 40px 0 8px; }
    .note { color: var(--soft); margin: 0 0 12px; max-width: 75ch; }
    .summary { display: flex; flex-wrap: wrap; gap: 6px 28px; margin: 0 0 8px; }
    .summary:last-of-type { margin-bottom: 20px; }
    .summary div { display: flex; gap: 8px; min-width: 0; }
    .summary dt { color: var(--soft); }
    .summary dd { margin: 0; overflow-wrap: anywhere; }
    .figures {
      list-style: none; margin: 0 0 8px; padding: 0; display: grid; gap: 10px;
      grid-template-columns: repeat(auto-fill, minmax(165px, 1fr));
    }
    .figures li {
      background: var(--panel); border-radius: 8px; padding: 10px 14px;
      display: flex; flex-direction: column;
    }
    .figures .name { color: var(--soft); font-size: .86rem; }
    .figures .value { font-size: 1.45rem; font-weight: 600; font-variant-numeric: tabular-nums; }
    .range { color: var(--soft); font-size: .8rem; font-variant-numeric: tabular-nums; }
    .scroll { overflow-x: auto; max-width: 100%; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
    .modes { border: 0; padding: 0; margin: 0 0 10px; display: flex; flex-wrap: wrap; gap: 4px 16px; }
    .modes legend { float: left; padding: 0; margin-right: 12px; color: var(--soft); }
    table.matrix { border-collapse: separate; border-spacing: 2px; font-size: .82rem; }
    table.matrix th { font-weight: 500; color: var(--soft); }
    table.matrix thead th { vertical-align: bottom; }
    table.matrix thead th:first-child { text-align: left; white-space: nowrap; }
    table.matrix thead th + th { text-align: right; padding: 0 6px; }
    table.matrix thead span { white-space: nowrap; }
    table.matrix.turned thead th + th { text-align: center; padding: 0; }
    table.matrix.turned thead span {
      writing-mode: vertical-rl; text-orientation: sideways; transform: rotate(180deg); max-height: 9.5em; display: inline-block;
      overflow: hidden; text-overflow: ellipsis; line-height: 1.3;
    }
    table.matrix tbody th {
      text-align: right; padding: 0 6px; max-width: 13em; overflow: hidden;
      text-overflow: ellipsis; white-space: nowrap;
    }
    table.matrix td {
      min-width: 2.9em; height: 2.2em; padding: 0 6px; text-align: right; border-radius: 3px;
      cursor: pointer; background: var(--panel);
    }
    table.matrix td.hit { background: color-mix(in srgb, var(--hit) var(--share), var(--panel)); }
    table.matrix td.miss { background: color-mix(in srgb, var(--miss) var(--share), var(--panel)); }
    table.matrix td.deep { color: var(--deep); }
    table.matrix td:focus, table.matrix td.chosen { outline: 2px solid var(--ink); outline-offset: -1px; }
    .scale { display: flex; flex-wrap: wrap; gap: 4px 20px; color: var(--soft); font-size: .82rem; margin: 8px 0 0; }
    .scale div { display: flex; align-items: center; gap: 2px; }
    .scale i { font-style: normal; min-width: 2.9em; padding: 1px 6px; text-align: right; border-radius: 3px; color: var(--ink); }
    .scale .hit { background: color-mix(in srgb, var(--hit) var(--share), var(--panel)); }
    .scale .miss { background: color-mix(in srgb, var(--miss) var(--share), var(--panel)); }
    .scale .deep { color: var(--deep); }
    .scale b { font-weight: 500; margin-right: 6px; }
    #cell { min-height: 3.2em; margin-top: 10px; }
    table.sortable { width: 100%; }
    table.sortable th, table.sortable td {
      padding: 5px 8px; text-align: right; border-bottom: 1px solid var(--rule); vertical-align: top;
    }
    table.sortable th:first-child, table.sortable tbody th, table.sortable tfoot th {
      text-align: left; font-weight: 500; min-width: 7.5em; max-width: 20em;
      overflow-wrap: break-word;
    }
    table.pairs th:nth-child(2) { text-align: left; }
    table.sortable td .range { display: block; white-space: nowrap; }
    table.sortable tfoot th, table.sortable tfoot td { border-bottom: 0; font-weight: 600; }
    table.sortable button {
      all: unset; cursor: pointer; font-weight: 600; white-space: nowrap; color: var(--soft);
    }
    table.sortable button:focus-visible { outline: 2px solid var(--ink); outline-offset: 2px; }
    table.sortable th[aria-sort=ascending] button::after { content: " ▲"; }
    table.sortable th[aria-sort=descending] button::after { content: " ▼"; }
    table.matrix.difference td { cursor: default; }
    details { margin: 8px 0; }
    summary { cursor: pointer; font-weight: 600; }
    .verdict { background: var(--panel); border-radius: 8px; padding: 12px 16px; max-width: 80ch; }
    .interval { stroke: var(--s0); stroke-width: 2; fill: none; }
    .point { fill: var(--s0); }
    .charts { display: grid; gap: 20px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 430px), 1fr)); }
    .chart { margin: 0; min-width: 0; break-inside: avoid; }
    .chart figcaption { font-weight: 600; margin-bottom: 4px; }
    .chart svg { display: block; width: 100%; height: auto; }
    .chart text { font-size: 11px; fill: var(--soft); font-variant-numeric: tabular-nums; }
    .chart text.axis { font-size: 12px; }
    .grid { stroke: var(--rule); stroke-width: 1; fill: none; }
    .diagonal { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 3 4; fill: none; }
    .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
    .s0 { stroke: var(--s0); } .s1 { stroke: var(--s1); } .s2 { stroke: var(--s2); }
    .s3 { stroke: var(--s3); } .s4 { stroke: var(--s4); } .s5 { stroke: var(--s5); }
    .s6 { stroke: var(--s6); } .s7 { stroke: var(--s7); }
    .legend {
      list-style: none; display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 4px 0 0; padding: 0;
      font-size: .84rem; font-variant-numeric: tabular-nums;
    }
    .legend li { display: flex; align-items: center; gap: 6px; min-width: 0; overflow-wrap: anywhere; }
    .chart .legend svg { width: 28px; height: 8px; flex: none; }
    .gallery {
      display: grid; gap: 14px 12px; grid-template-columns: repeat(auto-fill, minmax(112px, 1fr));
    }
    .gallery figure { margin: 0; min-width: 0; font-size: .84rem; line-height: 1.35; break-inside: avoid; }
    .gallery img {
      width: 84px; height: 84px; object-fit: contain; image-rendering: pixelated; display: block;
      background: var(--panel); border-radius: 4px; margin-bottom: 4px;
    }
    .gallery figcaption { overflow-wrap: anywhere; }
    .gallery i { font-style: normal; color: var(--miss); font-weight: 600; }
    .gallery small {
      display: block; color: var(--soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
      direction: rtl; text-align: left;
    }
    @media (max-width: 520px) {
      main { padding: 16px 12px 48px; }
      .figures { grid-template-columns: repeat(2, 1fr); }
      table.matrix { font-size: .7rem; border-spacing: 1px; }
      table.matrix td { min-width: 2.3em; height: 2em; padding: 0 2px; }
      table.matrix tbody th { max-width: 7em; padding: 0 4px; }
      table.matrix thead th:first-child { white-space: normal; max-width: 5em; }
      table.sortable th:first-child {
        position: sticky; left: 0; background: var(--page); min-width: 6.5em; max-width: 9em;
      }
    }
    @media print {
      :root { color-scheme: light; }
      main { max-width: none; padding: 0; }
      .modes { display: none; }
      .scroll { overflow: visible; }
      table { font-size: .8rem; }
      table.matrix { font-size: 7pt; border-spacing: 1px; }
      table.matrix td { min-width: 0; height: 1.7em; padding: 0 2px; }
      #cell:empty { display: none; }
      table.sortable { font-size: 7.5pt; }
      table.sortable th, table.sortable td { padding: 2px 3px; }
      table.sortable th:first-child, table.sortable tbody th { min-width: 5em; max-width: 14em; }
      table.sortable button { white-space: normal; }
      table.sortable td .range { font-size: 6pt; }
      .charts { grid-template-columns: 1fr 1fr; }
      .gallery { grid-template-columns: repeat(8, 1fr); }
      .gallery img { width: 60px; height: 60px; }
      h2 { break-after: avoid; }
      section { break-inside: auto; }
      tr { break-inside: avoid; }
      * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    }

    """
}
