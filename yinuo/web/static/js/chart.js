// Charts: drawn from the table beside them, so that both always say the same. A click on a bar or a point opens its rows.
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const still = matchMedia("(prefers-reduced-motion: reduce)");
const charts = new Map();

// What the table says: the label of each line, and of each column its numbers, words and addresses.
function read(section) {
  const plain = new Set((section.dataset.plain || "").split(" ").filter(Boolean).map(Number));
  const percent = new Set((section.dataset.percent || "").split(" ").filter(Boolean).map(Number));
  const table = section.querySelector("table");
  const heads = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent.trim());
  const lines = [...table.tBodies[0].rows].map((row) => ({
    label: row.cells[0].textContent.trim(),
    tone: row.dataset.tone || "",
    cells: [...row.cells].slice(1).map((cell) => ({
      value: cell.dataset.value === "" ? null : Number(cell.dataset.value),
      text: cell.textContent.trim(),
      href: cell.querySelector("a")?.href || "",
    })),
  }));
  return { heads, lines, percent, drawn: heads.map((_, n) => n).filter((n) => !plain.has(n)), plain };
}

function options(section, width, light) {
  const { heads, lines, percent, drawn } = read(section);
  const shape = section.dataset.chart;
  const ink = light ? "#000" : css("--y-ink-2"), line = light ? "#bbb" : css("--y-line"), paper = light ? "#fff" : css("--y-paper");
  const colours = ["--y-accent", shape === "rank" ? "--y-soon" : "--y-ok", "--y-late", "--y-soon"].map(css);
  const across = shape === "rank"; // long names are read beside bars that lie
  const order = across ? [...lines].reverse() : lines;
  const names = { type: "category", data: order.map((l) => l.label), axisLine: { lineStyle: { color: line } }, axisTick: { show: false },
    axisLabel: { color: ink, hideOverlap: !across, width: across ? Math.min(150, width * 0.32) : 72, overflow: "truncate", interval: across ? 0 : "auto" } };
  const mixed = drawn.some((n) => percent.has(n)) && drawn.some((n) => !percent.has(n));
  const scale = (share) => ({ type: "value", containShape: false, min: 0, max: share ? 100 : null, minInterval: share ? 0 : 1, splitLine: { show: !share || !mixed, lineStyle: { color: line } },
    axisLabel: { color: ink, formatter: share ? "{value}%" : "{value}", hideOverlap: true } });
  const scales = mixed ? [scale(false), scale(true)] : [scale(percent.has(drawn[0]))];
  const series = drawn.map((n, at) => {
    const curve = shape === "line" || (shape === "pareto" && percent.has(n));
    return {
      name: heads[n], type: curve ? "line" : "bar", [across ? "xAxisIndex" : "yAxisIndex"]: mixed && percent.has(n) ? 1 : 0,
      barMaxWidth: 22, symbolSize: 7, showSymbol: order.length < 32, lineStyle: { width: 2 }, connectNulls: false, cursor: "pointer",
      color: colours[at], emphasis: { focus: "none" }, triggerLineEvent: false,
      label: { show: across, position: "right", color: ink, fontSize: 11.5, formatter: (p) => p.data.words },
      data: order.map((l) => ({ value: l.cells[n].value, words: l.cells[n].text, href: l.cells[n].href,
        itemStyle: shape === "pareto" && !curve ? { color: l.tone ? css("--y-accent") : css("--y-line-2") } : undefined })),
    };
  });
  return {
    animation: !still.matches && !light, backgroundColor: paper, textStyle: { color: ink, fontFamily: css("--y-font") }, aria: { enabled: false },
    grid: { left: 8, right: across ? 48 : 14, top: series.length > 1 ? 34 : 12, bottom: 6, containLabel: true },
    legend: series.length > 1 ? { top: 0, left: 0, itemWidth: 14, itemHeight: 9, textStyle: { color: ink } } : undefined,
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, backgroundColor: css("--y-paper"), borderColor: css("--y-line-2"), textStyle: { color: css("--y-ink"), fontSize: 12.5 },
      axisPointer: { type: across ? "shadow" : "line", lineStyle: { color: css("--y-line-2") } },
      formatter: (points) => [points[0].name, ...points.map((p) => `${p.seriesName}  ${p.data.words}`)].join("\n") },
    [across ? "yAxis" : "xAxis"]: names, [across ? "xAxis" : "yAxis"]: scales, series,
  };
}

function draw(section, light = false) {
  const made = charts.get(section);
  if (made) made.setOption(options(section, made.getWidth(), light), true);
}

function start(section) {
  const canvas = section.querySelector(".y-chart-canvas"), table = section.querySelector(".y-chart-table"), choice = section.querySelector(".y-chart-switch");
  if (!canvas) return;
  const lines = table.querySelectorAll("tbody tr").length;
  const show = (what) => {
    canvas.hidden = what !== "chart";
    table.hidden = what === "chart";
    for (const button of choice.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.show === what));
    if (what !== "chart") return;
    if (!charts.has(section)) {
      if (section.dataset.chart === "rank") canvas.style.height = Math.min(560, Math.max(130, 44 + lines * Math.max(26, 16 * read(section).drawn.length))) + "px";
      const made = window.echarts.init(canvas, null, { renderer: "canvas" });
      charts.set(section, made);
      made.on("click", (point) => { if (point.data?.href) location.href = point.data.href; });
      draw(section);
    }
    charts.get(section).resize();
  };
  choice.hidden = false;
  choice.addEventListener("click", (event) => { const button = event.target.closest("[data-show]"); if (button) show(button.dataset.show); });
  show("chart");
}

const all = (light) => charts.forEach((_, section) => draw(section, light));
if (window.echarts) {
  document.querySelectorAll("[data-chart]").forEach(start);
  let due = 0;
  addEventListener("resize", () => { cancelAnimationFrame(due); due = requestAnimationFrame(() => charts.forEach((made, section) => { made.resize(); draw(section); })); });
  new MutationObserver(() => all(false)).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => all(false));
  addEventListener("beforeprint", () => { charts.forEach((made) => made.resize({ width: 660 })); all(true); });
  addEventListener("afterprint", () => { charts.forEach((made) => made.resize({ width: "auto" })); all(false); });
}
