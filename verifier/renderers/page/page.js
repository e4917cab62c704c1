"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const root = document.documentElement;

  // Light and dark: the system's choice until the button is pressed.
  const theme = document.getElementById("theme");
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
  all("table.evidence, table.evidence *").forEach((part) => {
    const role = part.tagName === "TH"
      ? (part.scope === "row" ? "rowheader" : "columnheader") : roles[part.tagName];
    if (role) part.setAttribute("role", role);
  });

  // Filters over the findings.
  const tools = document.getElementById("tools");
  const findings = all(".finding");
  if (tools && findings.length > 1) {
    const search = document.getElementById("search");
    const boxes = all("input[type=checkbox]", tools);
    const texts = findings.map((finding) => finding.textContent.toLowerCase());
    const shown = document.getElementById("shown");
    const filter = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
      findings.forEach((finding, place) => {
        finding.hidden = !wanted.has(finding.dataset.severity) ||
          !words.every((word) => texts[place].includes(word));
      });
      const left = findings.filter((finding) => !finding.hidden).length;
      shown.textContent = `${left} of ${findings.length} shown`;
    };
    tools.addEventListener("input", filter);
    tools.hidden = false;
    filter();
  }

  // A readout for every plot: by mouse over it, by arrow keys on the slider below it.
  all("figure").forEach((figure) => {
    const svg = figure.querySelector("svg");
    const dots = all("circle[data-r]", svg);
    if (dots.length < 2) return;
    const cross = svg.querySelector(".cross");
    const box = document.createElement("div");
    const slider = document.createElement("input");
    const output = document.createElement("output");
    box.className = "readout";
    Object.assign(slider, { type: "range", min: 0, max: dots.length - 1, step: 1, value: 0 });
    slider.setAttribute("aria-label", "Read the points of this plot");
    const names = svg.querySelector("[data-names]")?.dataset.names.split("|") ?? [];
    const said = (dot) => dot.dataset.r.split("|").map((part, place) =>
      [names[place], part].filter(Boolean).join(" ")).join(", ");
    const show = (place) => {
      dots.forEach((dot, other) => dot.classList.toggle("on", other === place));
      slider.value = place;
      slider.setAttribute("aria-valuetext", said(dots[place]));
      output.textContent = said(dots[place]);
      if (!cross) return;
      cross.setAttribute("x1", dots[place].getAttribute("cx"));
      cross.setAttribute("x2", dots[place].getAttribute("cx"));
      cross.classList.add("on");
    };
    slider.addEventListener("input", () => show(Number(slider.value)));
    slider.addEventListener("focus", () => show(Number(slider.value)));
    svg.addEventListener("pointermove", (event) => {
      const across = dots.map((dot) => {
        const spot = dot.getBoundingClientRect();
        return Math.abs(spot.left + spot.width / 2 - event.clientX);
      });
      show(across.indexOf(Math.min(...across)));
    });
    output.textContent = "Point at the plot, or use the arrow keys here.";
    box.append(slider, output);
    figure.append(box);
  });

  // Commands to copy.
  if (navigator.clipboard) {
    all(".replay").forEach((line) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Copy";
      button.setAttribute("aria-label", "Copy the replay command");
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(line.querySelector("code").textContent);
          button.textContent = "Copied";
        } catch {
          button.textContent = "Select it by hand";
        }
        setTimeout(() => { button.textContent = "Copy"; }, 2000);
      });
      line.append(button);
    });
  }

  // A link to something folded unfolds it; printing unfolds everything.
  const unfold = () => {
    const goal = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!goal) return;
    if (goal.tagName === "DETAILS") goal.open = true;
    if (goal.hidden) goal.hidden = false;
  };
  addEventListener("hashchange", unfold);
  unfold();
  addEventListener("beforeprint", () => all("details").forEach((part) => { part.open = true; }));
})();
