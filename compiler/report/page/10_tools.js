// What all pictures share: elements, numbers as people read them, the tooltip. Text from the data goes into the page as text
// only (textContent), never as HTML.

const data = JSON.parse(document.getElementById("data").textContent);
const builds = data.builds;
// Estimates are compared with estimates only.
const mode = builds.every((build) => build.measured) ? "measured" : "estimate";
const estimated = mode === "estimate";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const html = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);
const svg = (name, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);

/// Three digits, as many as measurements deserve.
function digits(number) {
  if (number === 0) return "0";
  if (Math.abs(number) >= 100) return Math.round(number).toLocaleString("en");
  return String(Number(number.toPrecision(3)));
}

/// Likewise with zeros at the end: numbers below each other have equal digits.
const even = (number) => (number >= 100 ? digits(number) : number.toPrecision(3));
const milliseconds = (time) => (time >= 0.1 ? `${even(time)} ms` : `${even(time * 1e3)} \u00b5s`);
const cycles = (time) => (time >= 1 ? `${even(time)} Mcycles` : `${even(time * 1e3)} kcycles`);
const timeText = estimated ? cycles : milliseconds;

const rateText = (rate) => `${digits(rate)} ${estimated ? "FLOP/cycle" : "GFLOP/s"}`;
const shareText = (share) => `${share >= 0.0995 ? Math.round(share * 100) : (share * 100).toFixed(1)} %`;

function bytesText(bytes) {
  for (const [unit, size] of [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]])
    if (bytes >= size) return `${digits(bytes / size)} ${unit}`;
  return `${bytes} B`;
}

function countText(count, unit = "") {
  for (const [prefix, size] of [["G", 1e9], ["M", 1e6], ["k", 1e3]])
    if (count >= size) return `${digits(count / size)} ${prefix}${unit}`;
  return `${digits(count)} ${unit}`;
}

/// "float32[56, 56, 64]" -> "56\u00d756\u00d764".
const shapeText = (value) => value.replace(/^float32/, "").replace(/^\[(.*)\]$/, "$1").replaceAll(", ", "\u00d7");
/// A candidate without its layouts, which stand elsewhere.
const scheduleText = (candidate) => candidate.replace(/\s+layout .*? -> \S+/, "").replace(/\s+/g, " ");

const ruler = document.createElement("canvas").getContext("2d");
/// The text, cut with an ellipsis where it is wider than so many pixels.
function fitted(text, width, font) {
  ruler.font = font;
  if (ruler.measureText(text).width <= width) return text;
  let length = text.length;
  while (length > 1 && ruler.measureText(`${text.slice(0, length)}\u2026`).width > width) --length;
  return `${text.slice(0, length).trimEnd()}\u2026`;
}

const tip = document.getElementById("tip");
function showTip(event, lines) {
  tip.replaceChildren(...lines.map((line, i) => html(i === 0 ? "strong" : "span", {}, line)));
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  tip.style.left = `${Math.min(event.clientX + 14, innerWidth - width - 8)}px`;
  tip.style.top = `${event.clientY + 18 + height > innerHeight ? event.clientY - height - 10 : event.clientY + 18}px`;
}
/// Attributes of an element that tells more under the mouse.
const withTip = (lines) => ({
  onpointermove: (event) => showTip(event, lines()),
  onpointerleave: () => (tip.hidden = true),
});
addEventListener("scroll", () => (tip.hidden = true), { passive: true });

/// One of several ways to look: buttons of which one is pressed.
function choice(label, names, chosen) {
  const buttons = names.map((name, i) =>
    html("button", { type: "button", "aria-pressed": String(i === 0), onclick: () => press(i) }, name));
  const press = (i) => {
    buttons.forEach((button, k) => button.setAttribute("aria-pressed", String(k === i)));
    chosen(i);
  };
  return html("div", { class: "choice", role: "group", "aria-label": label }, ...buttons);
}
