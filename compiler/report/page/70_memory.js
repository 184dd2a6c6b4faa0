// The workspace: how much of it is in use at each step, and which value lies where for how long.

function drawMemory(build) {
  const { bytes, bound, values, in_use: inUse } = build.memory;
  if (values.length === 0) return html("p", { class: "note" }, "This network needs no workspace for tensors.");
  const width = builds.length > 1 ? 640 : 1080, height = builds.length > 1 ? 420 : 440;
  const steps = build.calls.length;
  const x = linear(0, steps, 74, width - 16), y = linear(0, bytes, height - 42, 14);
  const ticks = linearTicks(steps, 10).filter((step) => Number.isInteger(step));
  const { picture, plot } = chart({ width, height, x, y, left: 74, top: 14, xTicks: ticks.map((step) => [step, String(step)]),
    yTicks: byteTicks(bytes, 7).map((tick) => [tick, bytesText(tick)]), xTitle: "kernel call", yTitle: "place in the workspace",
    label: "memory over time" });
  const writer = values.map((value) => build.calls[value.first]);
  const blocks = values.map((value, i) => svg("rect", { class: "value", x: x(value.first), width: Math.max(1, x(value.last + 1) - x(value.first)),
    y: y(value.offset + value.bytes), height: Math.max(1, y(value.offset) - y(value.offset + value.bytes)),
    style: `fill:${colour(writer[i].family)}`, onclick: () => select(writer[i].box.key),
    ...withTip(() => [value.layer, bytesText(value.bytes), `from byte ${value.offset.toLocaleString("en")}`,
      `written by call ${value.first}, needed until call ${value.last}`]) }));
  const names = values.map((value, i) => {
    const wide = x(value.last + 1) - x(value.first) - 10, high = y(value.offset) - y(value.offset + value.bytes);
    if (wide < 34 || high < 15) return null;
    return svg("text", { class: "value-name", x: x(value.first) + 5, y: y(value.offset + value.bytes) + 13 }, fitted(value.layer, wide, "11px system-ui, sans-serif"));
  }).filter((name) => name !== null);
  let outline = `M${x(0)} ${y(0)}`;
  inUse.forEach((used, step) => (outline += `L${x(step)} ${y(used)}L${x(step + 1)} ${y(used)}`));
  plot.append(...blocks, ...names, svg("path", { class: "in-use", d: outline }));
  markSelected(blocks.map((block, i) => [block, writer[i].box.key]));
  const above = bound > 0 ? 100 * bytes / bound - 100 : 0;
  return html("div", {}, picture, html("p", { class: "note" },
    `${bytesText(bytes)} in all, of which at most ${bytesText(Math.max(...inUse))} are in use at once. `
    + (above < 0.05 ? "No plan can do with less." : `That is ${above.toFixed(1)} % above the least that any plan needs.`)));
}

function addMemory() {
  section("memory", "Memory over time",
    "Each block is a value in the workspace, in the colour of the kernel that writes it: from left to right the calls during which it is "
    + "needed, upwards the bytes where it lies.",
    html("div", { class: "legend" }, html("span", {}, html("i", { class: "block" }), "where a value lies"),
      html("span", {}, html("i", { class: "line" }), "how many bytes are in use")), sideBySide(drawMemory));
}
