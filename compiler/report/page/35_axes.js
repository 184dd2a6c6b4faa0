// Scales and axes of the charts.

function linearTicks(most, count) {
  const rough = most / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough);
  const ticks = [];
  for (let tick = 0; tick <= most * 1.0001; tick += step) ticks.push(tick);
  return ticks;
}

/// Bytes in powers of two: 0, 1 MiB, 2 MiB.
function byteTicks(most, count) {
  const step = 2 ** Math.max(0, Math.ceil(Math.log2(most / count)));
  const ticks = [];
  for (let tick = 0; tick <= most; tick += step) ticks.push(tick);
  return ticks;
}

function powersOfTen(least, most) {
  const ticks = [];
  for (let power = Math.ceil(Math.log10(least) - 1e-9); power <= Math.log10(most) + 1e-9; ++power) ticks.push(10 ** power);
  return ticks;
}

/// An empty chart with axes; what is drawn into `plot` goes through `x` and `y`. Ticks are [value, text].
function chart({ width, height, x, y, xTicks, yTicks, xTitle, yTitle, left = 62, bottom = 42, top = 12, right = 16, label }) {
  const plot = svg("g");
  const inner = { left, right: width - right, top, bottom: height - bottom };
  const picture = svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  for (const [value, text] of xTicks) {
    const at = x(value);
    picture.append(svg("line", { class: "grid", x1: at, x2: at, y1: inner.top, y2: inner.bottom }),
      svg("text", { class: "tick", x: at, y: inner.bottom + 16, "text-anchor": "middle" }, text));
  }
  for (const [value, text] of yTicks) {
    const at = y(value);
    picture.append(svg("line", { class: "grid", x1: inner.left, x2: inner.right, y1: at, y2: at }),
      svg("text", { class: "tick", x: inner.left - 8, y: at + 4, "text-anchor": "end" }, text));
  }
  picture.append(plot,
    svg("line", { class: "axis", x1: inner.left, x2: inner.right, y1: inner.bottom, y2: inner.bottom }));
  if (xTitle)
    picture.append(svg("text", { class: "axis-title", x: (inner.left + inner.right) / 2, y: height - 6, "text-anchor": "middle" }, xTitle));
  if (yTitle)
    picture.append(svg("text", { class: "axis-title", x: 0, y: 0, "text-anchor": "middle",
      transform: `translate(13 ${(inner.top + inner.bottom) / 2}) rotate(-90)` }, yTitle));
  return { picture, plot, inner };
}

const linear = (from, to, low, high) => (value) => low + ((value - from) / (to - from || 1)) * (high - low);
const logarithmic = (from, to, low, high) => {
  const scale = linear(Math.log10(from), Math.log10(to), low, high);
  return (value) => scale(Math.log10(value));
};
