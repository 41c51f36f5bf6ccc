"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const { hosts, rows, texts, excerpts, landings, findings, rules, verdicts } = data;
  const MARKS = { runs: "✓", preview: "◐", risk: "!", blocked: "✕", pending: "…", excluded: "–", inapplicable: "–", unknown: "?" };
  // The mark alone: most cells are these.
  const SHORT = { excluded: "", inapplicable: "" };
  const numbers = (...ids) => verdicts.map((_, number) => number).filter((number) => ids.includes(verdicts[number].id));
  const FAILING = numbers("blocked", "pending", "risk");
  const NEVER = numbers("excluded", "inapplicable");
  // No rule decides where the image is not checked.
  const UNCHECKED = ["excluded", "pending", "inapplicable"];
  // Takes the place of a row for the heading above those that nothing deploys.
  const HEADING = -1;

  const view = byId("view");
  const sizer = byId("sizer");
  const grid = byId("grid");
  const head = byId("head");
  const body = byId("body");
  const panel = byId("panel");
  const find = byId("find");
  const hostFilter = byId("host");
  const namespaceFilter = byId("namespace");
  const failing = byId("failing");
  const placed = byId("placed");

  /** An element; children are elements or text, which is never read as markup. */
  function el(tag, properties, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(properties || {})) {
      if (value === undefined || value === null) continue;
      if (name === "class") made.className = value;
      else made.setAttribute(name, value);
    }
    made.append(...children.filter((it) => it !== null && it !== undefined));
    return made;
  }

  const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

  // Patterns: number, count, number, count … for the hosts in order. Many rows share one.
  const expanded = [];
  function pattern(number) {
    if (!expanded[number]) {
      const runs = data.patterns[number];
      const values = [];
      for (let at = 0; at < runs.length; at += 2) {
        for (let left = runs[at + 1]; left > 0; left -= 1) values.push(runs[at]);
      }
      expanded[number] = values;
    }
    return expanded[number];
  }

  const rowText = rows.map((row) =>
    [row.name, texts[row.path], row.image === null ? "" : texts[row.image], row.namespace === null ? "" : texts[row.namespace]]
      .join(" ").toLowerCase());
  const hostText = hosts.map((host) =>
    [host.name, host.short, host.os, host.orchestrator || ""].join(" ").toLowerCase());

  // What is shown: places in `rows`, or HEADING, and in `hosts`.
  let shownRows = rows.map((_, place) => place);
  let shownHosts = hosts.map((_, place) => place);
  const wanted = new Set();
  // The cell that Tab leads to, as places in what is shown.
  let active = { row: 0, column: 0 };

  const chips = verdicts.map((verdict, number) => {
    const count = el("span", { class: "number" });
    const chip = el("button", { type: "button", "aria-pressed": "false", class: verdict.id },
      el("span", { class: "mark", "aria-hidden": "true" }, MARKS[verdict.id]), verdict.words, count);
    chip.addEventListener("click", () => {
      if (!wanted.delete(number)) wanted.add(number);
      chip.setAttribute("aria-pressed", String(wanted.has(number)));
      filter();
    });
    byId("verdicts").append(chip);
    return { chip, count };
  });

  const matches = (text, terms) => terms.every((term) => text.includes(term));
  const terms = (input) => input.value.toLowerCase().split(/\s+/).filter(Boolean);

  function filter() {
    const byHost = terms(hostFilter);
    const byText = terms(find);
    const namespace = namespaceFilter.value;
    shownHosts = [];
    hosts.forEach((_, place) => { if (matches(hostText[place], byHost)) shownHosts.push(place); });
    const hasHosts = shownHosts.length > 0;
    // What is the same for all rows of one pattern is counted once.
    const counted = new Map();
    const count = (number) => {
      let counts = counted.get(number);
      if (!counts) {
        const of = pattern(number);
        counts = verdicts.map(() => 0);
        for (const host of shownHosts) counts[of[host]] += 1;
        counted.set(number, counts);
      }
      return counts;
    };
    const totals = verdicts.map(() => 0);
    shownRows = [];
    let hasHeading = false;
    rows.forEach((row, place) => {
      if (!matches(rowText[place], byText)) return;
      if (namespace === "none" ? row.namespace !== null : namespace !== "" && row.namespace !== Number(namespace)) return;
      const counts = count(row.verdicts);
      if (failing.checked && !FAILING.some((verdict) => counts[verdict] > 0)) return;
      if (placed.checked && hasHosts && NEVER.reduce((sum, verdict) => sum + counts[verdict], 0) === shownHosts.length) return;
      counts.forEach((own, verdict) => { totals[verdict] += own; });
      if (wanted.size > 0 && ![...wanted].some((verdict) => counts[verdict] > 0)) return;
      if (row.state === "undeployed" && !hasHeading) {
        hasHeading = true;
        shownRows.push(HEADING);
      }
      shownRows.push(place);
    });
    if (placed.checked) {
      const patterns = [...new Set(shownRows.filter((place) => place !== HEADING).map((place) => rows[place].verdicts))];
      shownHosts = shownHosts.filter((host) => patterns.some((number) => !NEVER.includes(pattern(number)[host])));
    }
    view.classList.toggle("placed", placed.checked);
    chips.forEach(({ chip, count: shown }, number) => {
      shown.textContent = totals[number].toLocaleString("en");
      chip.hidden = totals[number] === 0 && !wanted.has(number);
    });
    const isEmpty = shownRows.length === 0 || shownHosts.length === 0;
    byId("counts").textContent =
      `${(shownRows.length - Number(hasHeading)).toLocaleString("en")} of ${plural(rows.length, "workload")}, ` +
      `${shownHosts.length.toLocaleString("en")} of ${plural(hosts.length, "host")}`;
    byId("empty").hidden = !isEmpty;
    byId("empty").textContent = hosts.length === 0 ? "No hosts are declared."
      : rows.length === 0 ? "No workloads were found."
      : !hasHosts ? "No host matches these filters." : "No workload matches these filters.";
    view.hidden = isEmpty;
    byId("keys").hidden = isEmpty;
    active = { row: besideHeading(0, 1), column: 0 };
    view.scrollTo(0, 0);
    resize();
  }

  // Sizes in pixels: rows and columns that are out of sight are not there.
  const OVERSCAN = 4;
  let size = {};
  let drawn = "";

  function resize() {
    const width = document.documentElement.clientWidth;
    const isNarrow = width <= 640;
    size = isNarrow
      ? { row: 66, label: 158, ...headSize(86, 130) }
      : { row: 54, label: Math.round(Math.min(360, width * 0.34)), ...headSize(118, 220) };
    for (const [name, value] of [["row", size.row], ["col", size.column], ["label", size.label], ["head", size.head]]) {
      view.style.setProperty(`--${name}`, `${value}px`);
    }
    sizer.style.width = `${size.label + shownHosts.length * size.column}px`;
    sizer.style.height = `${size.head + shownRows.length * size.row}px`;
    drawn = "";
    draw();
  }

  function headCell(host) {
    const more = [host.short, host.count === 1 ? "" : `× ${host.count}`].filter(Boolean).join(" ");
    return el("div", { class: "inside host" }, el("span", { class: "name" }, host.name), el("span", { class: "more" }, more));
  }

  const TALLEST = 200;
  const headSizes = new Map();

  /** The width of columns, between these, and the height of their heads, so that the longest names are whole. */
  function headSize(least, most) {
    if (headSizes.has(least)) return headSizes.get(least);
    const longest = [...hosts].sort((a, b) => b.name.length - a.name.length).slice(0, 50);
    const probe = el("div", { class: "probe", "aria-hidden": "true" }, ...longest.map(headCell));
    document.body.append(probe);
    const largest = (of) => Math.ceil(Math.max(0, ...[...probe.children].map((it) => it.getBoundingClientRect()[of])));
    const column = Math.min(most, Math.max(least, largest("width") + 2));
    for (const it of probe.children) it.style.setProperty("width", `${column}px`);
    const found = { column, head: Math.min(TALLEST, Math.max(60, largest("height") + 16)) };
    probe.remove();
    headSizes.set(least, found);
    return found;
  }

  const range = (from, extent, step, count) => [
    Math.max(0, Math.floor(from / step) - OVERSCAN),
    Math.min(count, Math.ceil((from + extent) / step) + OVERSCAN),
  ];

  /** A row of cells: of a heading the one after it in this direction, or the one before. */
  function besideHeading(row, direction) {
    if (shownRows[row] !== HEADING) return row;
    return shownRows[row + direction] === undefined ? row - direction : row + direction;
  }

  function draw() {
    if (view.hidden) return;
    const [top, bottom] = range(view.scrollTop, view.clientHeight - size.head, size.row, shownRows.length);
    const [left, right] = range(view.scrollLeft, view.clientWidth - size.label, size.column, shownHosts.length);
    const now = [top, bottom, left, right].join();
    if (now === drawn) return;
    drawn = now;
    const hadFocus = grid.contains(document.activeElement);
    active.row = besideHeading(Math.min(Math.max(active.row, top), bottom - 1), active.row < top ? 1 : -1);
    active.column = Math.min(Math.max(active.column, left), right - 1);
    grid.setAttribute("aria-rowcount", shownRows.length + 1);
    grid.setAttribute("aria-colcount", shownHosts.length + 1);
    grid.style.top = `${top * size.row}px`;
    grid.style.left = `${left * size.column}px`;
    drawHead(left, right);
    const lines = [];
    for (let row = top; row < bottom; row += 1) lines.push(line(row, left, right));
    body.replaceChildren(...lines);
    if (hadFocus) focusActive();
  }

  function drawHead(left, right) {
    head.setAttribute("aria-rowindex", 1);
    const cells = [el("th", { scope: "col", "aria-colindex": 1 }, el("div", { class: "inside" }, el("span", { class: "name" }, "Workload")))];
    for (let column = left; column < right; column += 1) {
      const host = hosts[shownHosts[column]];
      cells.push(el("th", { scope: "col", "aria-colindex": column + 2, title: `${host.name}: ${host.os}` }, headCell(host)));
    }
    head.replaceChildren(...cells);
  }

  function heading(place, left, right) {
    return el("tr", { "aria-rowindex": place + 2 },
      el("th", { class: "section", scope: "row", colspan: right - left + 1, "aria-colindex": 1, "aria-colspan": shownHosts.length + 1 },
        el("div", { class: "inside" }, data.undeployed)));
  }

  function line(place, left, right) {
    if (shownRows[place] === HEADING) return heading(place, left, right);
    const row = rows[shownRows[place]];
    const at = `${texts[row.path]}:${row.line}`;
    const namespace = row.namespace === null ? "" : `${texts[row.namespace]} · `;
    const made = el("tr", { "aria-rowindex": place + 2 },
      el("th", { scope: "row", "aria-colindex": 1, title: `${row.name}\n${at}` },
        el("div", { class: "inside" }, el("span", { class: "name" }, row.short), el("span", { class: "more" }, namespace + at))));
    const of = pattern(row.verdicts);
    for (let column = left; column < right; column += 1) {
      const host = shownHosts[column];
      const number = of[host];
      const verdict = verdicts[number];
      const faded = wanted.size > 0 && !wanted.has(number) ? " faded" : "";
      const isActive = place === active.row && column === active.column;
      made.append(el("td", { "aria-colindex": column + 2 },
        el("button", {
          type: "button", class: `cell ${verdict.id}${faded}`, tabindex: isActive ? 0 : -1, "aria-haspopup": "dialog",
          "aria-label": `${verdict.words}: ${row.short} on ${hosts[host].name}`, "data-row": place, "data-column": column,
        }, el("span", { class: "mark", "aria-hidden": "true" }, MARKS[verdict.id]), SHORT[verdict.id] ?? verdict.words)));
    }
    return made;
  }

  const cellAt = (row, column) => body.querySelector(`[data-row="${row}"][data-column="${column}"]`);

  function focusActive() {
    const cell = cellAt(active.row, active.column);
    if (cell) cell.focus({ preventScroll: true });
  }

  function moveTo(row, column) {
    const old = cellAt(active.row, active.column);
    if (old) old.tabIndex = -1;
    const down = row < active.row ? -1 : 1;
    active = {
      row: besideHeading(Math.min(Math.max(row, 0), shownRows.length - 1), down),
      column: Math.min(Math.max(column, 0), shownHosts.length - 1),
    };
    const target = { ...active };
    // A heading above it is shown with it.
    const top = (active.row - Number(shownRows[active.row - 1] === HEADING)) * size.row;
    const bottom = (active.row + 1) * size.row;
    const left = active.column * size.column;
    const height = view.clientHeight - size.head;
    const width = view.clientWidth - size.label;
    if (top < view.scrollTop) view.scrollTop = top;
    else if (bottom > view.scrollTop + height) view.scrollTop = bottom - height;
    if (left < view.scrollLeft) view.scrollLeft = left;
    else if (left + size.column > view.scrollLeft + width) view.scrollLeft = left + size.column - width;
    draw();
    active = target;
    const cell = cellAt(active.row, active.column);
    if (cell) {
      cell.tabIndex = 0;
      cell.focus({ preventScroll: true });
    }
  }

  grid.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((view.clientHeight - size.head) / size.row) - 1);
    const { row, column } = active;
    const last = { row: shownRows.length - 1, column: shownHosts.length - 1 };
    const to = {
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
      PageUp: [row - page, column], PageDown: [row + page, column],
      Home: [event.ctrlKey ? 0 : row, 0], End: [event.ctrlKey ? last.row : row, last.column],
    }[event.key];
    if (!to) return;
    event.preventDefault();
    moveTo(...to);
  });
  grid.addEventListener("focusin", (event) => {
    const cell = event.target.closest(".cell");
    if (!cell) return;
    const [row, column] = [Number(cell.dataset.row), Number(cell.dataset.column)];
    if (row === active.row && column === active.column) return;
    const old = cellAt(active.row, active.column);
    if (old) old.tabIndex = -1;
    active = { row, column };
    cell.tabIndex = 0;
  });
  grid.addEventListener("click", (event) => {
    const cell = event.target.closest(".cell");
    if (!cell) return;
    // Not every browser focuses a button that is clicked.
    cell.focus({ preventScroll: true });
    open(shownRows[Number(cell.dataset.row)], shownHosts[Number(cell.dataset.column)]);
  });

  /** Source lines; below them why they matter, if `label` says it. */
  function excerpt(number, label) {
    if (number === null || number === undefined) return null;
    const it = excerpts[number];
    const lines = it.lines.map((content, offset) => {
      const code = el("code");
      if (typeof content === "string") code.append(content);
      else code.append(content[0], el("mark", {}, content[1]), content[2]);
      return el("span", { class: "source" }, el("span", { class: "at", "aria-hidden": "true" }, String(it.first + offset)), code);
    });
    return el("figure", {}, el("figcaption", {}, `${it.path}:${it.line}`), el("pre", {}, ...lines),
      label ? el("p", { class: "label" }, ...inline(label)) : null);
  }

  const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;
  const step = (title, ...content) => el("li", { "data-step": title.toLowerCase() }, el("h3", {}, title), ...content);
  const paragraph = (...content) => el("p", {}, ...content);
  /** Text in which backticks mark code. */
  const inline = (text) => text.split("`").map((part, number) => (number % 2 === 1 ? el("code", {}, part) : part));

  const link = (of) => el("a", { href: of.url, target: "_blank", rel: "noopener noreferrer" }, of.id);

  function rule(number) {
    return paragraph(link(rules[number]), `: ${rules[number].summary}`);
  }

  function ruleStep(row, host, verdict, outcome, isDecided) {
    const content = [];
    const own = row.findings.filter(([, on]) => pattern(on)[host]).map(([number]) => findings[number]);
    for (const finding of own) {
      content.push(paragraph(el("strong", {}, `${finding.severity}: `), ...inline(finding.headline), " (", link(rules[finding.rule]), ")"));
      content.push(excerpt(finding.at, finding.label));
      for (const [word, text] of finding.lines) content.push(paragraph(el("strong", {}, `${word}: `), ...inline(text)));
    }
    if (own.length === 0) {
      const number = pattern(row.rules)[host];
      if (row.state === "undeployed" && isDecided) content.push(paragraph("None: nothing here deploys it, and it is not checked against this host."));
      else if (isDecided && outcome) content.push(paragraph(`If it were placed there: ${outcome}.`));
      else if (isDecided) content.push(paragraph("None: it is not checked against this host."));
      else content.push(paragraph(sentence(outcome)));
      if (number > 0) content.push(rule(number - 1));
      else if (!UNCHECKED.includes(verdict)) content.push(paragraph("The compatibility rule decides."));
    }
    return step("Rule", ...content);
  }

  function open(place, host) {
    const row = rows[place];
    const on = hosts[host];
    const number = pattern(row.verdicts)[host];
    const verdict = verdicts[number];
    const landing = landings[row.landings[pattern(row.lands)[host]]];
    const text = pattern(row.outcomes)[host];
    const outcome = text > 0 ? texts[text - 1] : null;
    const why = landing.decides || outcome === null ? texts[landing.why] : outcome;
    const close = el("button", { id: "close", type: "button", "aria-label": "Close" }, "✕");
    close.addEventListener("click", () => panel.close());
    const facts = el("dl");
    const known = [["Runs", on.os], ["Orchestrator", on.orchestrator || "any"], ["Machines", String(on.count)], ...on.facts];
    for (const [key, value] of known) facts.append(el("dt", {}, key), el("dd", {}, value));
    panel.replaceChildren(
      el("div", { class: "panel-head" },
        el("h2", { id: "panel-title", tabindex: "-1", autofocus: "" }, row.name, el("span", { class: "on" }, ` on ${on.name}`)),
        el("p", { id: "panel-why" }, el("span", { class: `badge ${verdict.id}` }, `${MARKS[verdict.id]} ${verdict.words}`), el("span", {}, why)),
        close),
      el("ol", { class: "chain" },
        step("File", paragraph(row.name, row.namespace === null ? "" : ` in namespace ${texts[row.namespace]}`), excerpt(row.at)),
        step("Image", paragraph(row.image === null ? "The files do not give it." : el("code", {}, texts[row.image])), excerpt(row.image_at)),
        step("Release", paragraph(sentence(texts[row.release])), excerpt(row.release_at)),
        step("Placement", paragraph(sentence(texts[landing.why])),
          verdict.id === "pending" ? paragraph("No host satisfies its placement, so it stays pending.") : null, excerpt(landing.at)),
        step("Host", paragraph(el("strong", {}, on.name)), facts, excerpt(on.at)),
        ruleStep(row, host, verdict.id, outcome, landing.decides)));
    panel.showModal();
    panel.scrollTop = 0;
  }

  panel.addEventListener("click", (event) => { if (event.target === panel) panel.close(); });
  panel.addEventListener("close", () => {
    // The browser gives the focus back by itself, unless the cell was drawn anew. Who is elsewhere by now stays there.
    if (document.activeElement === document.body) focusActive();
  });

  function start() {
    const names = [...new Set(hosts.map((host) => host.name))];
    byId("names").append(...names.map((name) => el("option", { value: name })));
    const namespaces = [...new Set(rows.map((row) => row.namespace))];
    const named = namespaces.filter((it) => it !== null).sort((a, b) => (texts[a] < texts[b] ? -1 : 1));
    const options = [el("option", { value: "" }, "all"), ...named.map((it) => el("option", { value: it }, texts[it]))];
    if (namespaces.includes(null)) options.push(el("option", { value: "none" }, "none stated"));
    namespaceFilter.append(...options);
    byId("namespaces").hidden = named.length === 0;
    byId("filters").hidden = false;
    find.addEventListener("input", filter);
    hostFilter.addEventListener("input", filter);
    for (const control of [namespaceFilter, failing, placed]) control.addEventListener("input", filter);
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    byId("filters").addEventListener("reset", () => {
      wanted.clear();
      for (const { chip } of chips) chip.setAttribute("aria-pressed", "false");
      // The fields are cleared after this event.
      setTimeout(filter, 0);
    });
    view.addEventListener("scroll", draw, { passive: true });
    window.addEventListener("resize", resize);
    filter();
    performance.mark("hostfit-ready");
  }

  start();
})();
