"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (name) => document.getElementById(name);
  const root = document.documentElement;

  // Light and dark: the system's choice until the button is pressed.
  const theme = one("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  const name = () => {
    theme.textContent = isDark() ? "Light" : "Dark";
    theme.setAttribute("aria-label", `Switch to ${isDark() ? "light" : "dark"} colours`);
  };
  theme.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; name(); });
  system.addEventListener("change", name);
  theme.hidden = false;
  name();

  // On a narrow screen rows become blocks: say that they are still a table.
  const roles = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
  if (matchMedia("(max-width: 44rem)").matches) all(".grid, .grid *, .claims, .claims *").forEach((part) => {
    const role = part.tagName === "TH"
      ? (part.scope.startsWith("row") ? "rowheader" : "columnheader") : roles[part.tagName];
    if (role) part.setAttribute("role", role);
  });

  // Search, verdicts and severities: one state, applied to the grid, the findings and the claims.
  const findings = all(".finding");
  const rows = all(".grid tbody tr");
  const groups = all(".claims tbody, .facts");
  const tools = one("tools");
  if (tools && rows.length + findings.length > 2) {
    const search = one("search");
    const boxes = all("#filters input");
    const text = new Map();
    const read = (part) => {
      if (!text.has(part)) text.set(part, part.textContent.toLowerCase());
      return text.get(part);
    };
    let verdict = "";
    const tiles = all(".tiles li:not(.none)").map((tile) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...tile.childNodes);
      button.setAttribute("aria-pressed", "false");
      button.title = "Show only subjects with such a verdict";
      tile.append(button);
      button.addEventListener("click", () => {
        verdict = verdict === tile.dataset.v ? "" : tile.dataset.v;
        filter();
      });
      return [tile, button];
    });
    const filter = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const fits = (part) => words.every((word) => read(part).includes(word));
      const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
      rows.forEach((row) => {
        row.hidden = !fits(row) || (verdict !== "" && !row.dataset.v.split(" ").includes(verdict));
      });
      groups.forEach((group) => { group.hidden = !fits(group); });
      findings.forEach((part) => { part.hidden = !wanted.has(part.dataset.s) || !fits(part); });
      tiles.forEach(([tile, button]) => button.setAttribute("aria-pressed", String(tile.dataset.v === verdict)));
      const seen = (parts) => parts.filter((part) => !part.hidden).length;
      one("shown").textContent = words.length || verdict
        ? `${seen(rows)} of ${rows.length} subjects, ${seen(findings)} of ${findings.length} findings` : "";
      one("counted").textContent = `${seen(findings)} of ${findings.length} shown`;
    };
    tools.addEventListener("input", filter);
    one("filters").addEventListener("input", filter);
    tools.hidden = false;
    one("filters").hidden = findings.length < 2;
    filter();
  }

  // A readout for every plot: by mouse or finger over it, by arrow keys when it has the focus.
  const make = (kind, at) => {
    const made = document.createElementNS("http:\/\/www.w3.org/2000/svg", kind);
    Object.entries(at).forEach(([key, value]) => made.setAttribute(key, value));
    return made;
  };
  const places = (part) => {
    if (part.dataset.g) {
      const [size, left, top, side] = part.dataset.g.split(" ").map(Number);
      const step = side / size;
      return [size, Array.from({ length: size * size }, (_, n) =>
        [left + (n % size + .5) * step, top + (Math.floor(n / size) + .5) * step])];
    }
    return [0, [...part.getAttribute("d").matchAll(/([\d.]+) ([\d.]+)/g)].map((m) => [Number(m[1]), Number(m[2])])];
  };
  let hinted = false;
  const wire = (figure) => {
    const svg = figure.querySelector("svg");
    const part = svg.querySelector("[data-r]");
    if (!part || figure.dataset.on) return;
    figure.dataset.on = "1";
    const titles = part.dataset.n.split("|");
    const told = part.dataset.r.split(";").map((row) => row.split("|").map((value, n) =>
      [titles[n], value].filter(Boolean).join(" ")).join(", "));
    const [size, spots] = places(part);
    const high = svg.viewBox.baseVal.height;
    const cross = make("path", { class: "cross" });
    const ring = make("circle", { class: "now", r: 4.5, visibility: "hidden" });
    svg.append(cross, ring);
    const output = document.createElement("div");
    output.className = "readout idle";
    const slider = document.createElement("input");
    Object.assign(slider, { type: "range", min: 0, max: told.length - 1, step: 1, value: 0 });
    slider.setAttribute("aria-label", "Read the values of this plot");
    const show = (place) => {
      const [x, y] = spots[place];
      slider.value = place;
      slider.setAttribute("aria-valuetext", told[place]);
      output.textContent = told[place];
      output.classList.remove("idle");
      ring.setAttribute("cx", x);
      ring.setAttribute("cy", y);
      ring.setAttribute("visibility", "visible");
      if (size) return;
      cross.setAttribute("d", `M${x} 14V${high - 40 > 14 ? high - 40 : high}`);
      cross.classList.add("on");
    };
    slider.addEventListener("input", () => show(Number(slider.value)));
    slider.addEventListener("focus", () => show(Number(slider.value)));
    slider.addEventListener("keydown", (event) => {
      const jump = { ArrowUp: -size, ArrowDown: size }[event.key];
      if (!size || jump === undefined) return;
      event.preventDefault();
      show(Math.min(Math.max(Number(slider.value) + jump, 0), told.length - 1));
    });
    const near = (event) => {
      const box = svg.getBoundingClientRect();
      const x = (event.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
      const y = (event.clientY - box.top) / box.height * high;
      const far = spots.map((spot) => Math.abs(spot[0] - x) + (size ? Math.abs(spot[1] - y) : 0));
      show(far.indexOf(Math.min(...far)));
    };
    svg.addEventListener("pointermove", near);
    svg.addEventListener("pointerdown", near);
    if (!hinted) output.textContent = "Point at the plot, or focus it and use the arrow keys.";
    hinted = true;
    figure.append(slider, output);
  };
  const seen = new IntersectionObserver((entries) => entries.forEach((entry) => {
    if (entry.isIntersecting) wire(entry.target);
  }), { rootMargin: "100% 0px" });
  all("figure").forEach((figure) => seen.observe(figure));

  // Commands to copy.
  if (navigator.clipboard) all(".replay").forEach((line) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy the replay command");
    line.append(button);
  });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest(".replay button");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.parentNode.querySelector("code").textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select it by hand";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });

  // A link to something folded or filtered shows it; printing unfolds everything.
  const unfold = () => {
    const goal = location.hash.length > 1 && one(location.hash.slice(1));
    if (!goal) return;
    if (goal.tagName === "DETAILS") goal.open = true;
    if (goal.hidden) goal.hidden = false;
  };
  addEventListener("hashchange", unfold);
  unfold();
  addEventListener("beforeprint", () => all("details").forEach((part) => { part.open = true; }));
})();
