// The roofline (Williams, Waterman and Patterson, 2009): what each kernel reaches against what its work for each byte allows.

function drawRoofline() {
  const width = 1080, height = 520;
  const points = builds.flatMap((build, number) => build.calls.filter((call) => call.flops > 0 && timing(call).time > 0)
    .map((call) => ({ build, number, call, x: call.flops / call.bytes, y: timing(call).rate })));
  const free = builds.map((build) => build.calls.filter((call) => call.flops === 0).length);
  const limits = builds[0][mode];
  const peaks = builds.map((build) => build[mode].peak);
  const xs = points.map((point) => point.x), ys = points.map((point) => point.y);
  const ridge = limits.peak / Math.min(...limits.bandwidths.map((each) => each.rate));
  const power = (value, round) => 10 ** (round(Math.log10(value) * 2) / 2);
  const most = power(Math.max(...xs, ridge * 4), Math.ceil);
  // The name of the peak stands to the left of where it begins, above the slopes, where no kernel can be.
  const roomForName = 0.34, first = limits.peak / Math.max(...limits.bandwidths.map((each) => each.rate));
  const forName = 10 ** ((Math.log10(first) - roomForName * Math.log10(most)) / (1 - roomForName));
  const least = Math.min(power(Math.min(...xs, ridge / 8), Math.floor), forName);
  const low = power(Math.min(...ys, limits.peak / 50), Math.floor), high = Math.max(...peaks, ...ys) * 1.6;
  const x = logarithmic(least, most, 70, width - 20), y = logarithmic(low, high, height - 46, 14);
  const { picture, plot, inner } = chart({ width, height, x, y, left: 70, right: 20, bottom: 46, top: 14,
    xTicks: powersOfTen(least, most).map((tick) => [tick, digits(tick)]), yTicks: powersOfTen(low, high).map((tick) => [tick, digits(tick)]),
    xTitle: "operations for each byte moved (FLOP/byte)", yTitle: estimated ? "FLOP/cycle" : "GFLOP/s", label: "roofline" });

  const names = [];  // of the lines, above all else
  peaks.forEach((peak, i) => {
    if (i > 0 && Math.abs(peak / peaks[0] - 1) < 0.05) return;
    const from = peak / Math.max(...builds[i][mode].bandwidths.map((each) => each.rate));
    plot.append(svg("line", { class: "limit", x1: x(Math.max(least, from)), x2: inner.right, y1: y(peak), y2: y(peak) }));
    names.push(
      svg("text", { class: "limit-text", x: x(from) - 10, y: y(peak) + 4, "text-anchor": "end" },
        `${builds.length > 1 && peaks.length > 1 ? `${builds[i].label}: ` : ""}multiply-adds at the peak, ${rateText(peak)}`));
  });
  limits.bandwidths.forEach(({ bytes, rate }, i) => {
    if (limits.bandwidths.slice(i + 1).some((other) => Math.abs(other.rate / rate - 1) < 0.15)) return;
    const from = Math.max(least, low / rate), to = Math.min(most, limits.peak / rate);
    if (from >= to) return;
    const at = 10 ** (Math.log10(from) + 0.03 * Math.log10(to / from)), angle = Math.atan2(y(to * rate) - y(from * rate), x(to) - x(from)) * 180 / Math.PI;
    plot.append(svg("line", { class: "limit", x1: x(from), x2: x(to), y1: y(from * rate), y2: y(to * rate) }));
    names.push(svg("text", { class: "limit-text", transform: `translate(${x(at)} ${y(at * rate) - 6}) rotate(${angle})` },
        `${!estimated ? "working set of" : i === 0 ? "working sets up to" : "beyond"} ${bytesText(estimated ? limits.bandwidths[0].bytes : bytes)}: `
        + `${digits(rate)} ${estimated ? "bytes/cycle" : "GB/s"}`));
  });

  const bubbles = points.sort((a, b) => b.call.share - a.call.share).map(({ build, number, call, x: px, y: py }) => svg("circle", {
    class: number === 0 ? "kernel-point" : "kernel-point second", cx: x(px), cy: y(Math.max(py, low)), r: 4 + 26 * Math.sqrt(call.share),
    style: number === 0 ? `fill:${colour(call.family)};stroke:${colour(call.family)}` : `stroke:${colour(call.family)}`,
    onclick: () => select(call.box.key), ...withTip(() => [...(builds.length > 1 ? [`${build.label}: ${call.layer}`] : [call.layer]),
      ...callLines(build, call).slice(1), `${digits(px)} FLOP/byte`]) }));
  plot.append(...bubbles, ...names);
  markSelected(bubbles.map((bubble, i) => [bubble, points[i].call.box.key]));
  onSelect(() => bubbles.filter((bubble) => bubble.classList.contains("selected")).forEach((bubble) => names[0].before(bubble)));
  const left = free.some((count) => count > 0)
    ? html("p", { class: "note" }, `Not in the picture: ${free.join(" and ")} kernel calls that only move numbers.`) : null;
  return html("div", {}, legend(), picture, left);
}

function addRoofline() {
  section("roofline", "Roofline",
    `Areas are shares of the time${builds.length > 1 ? `; full points are ${builds[0].label}, rings ${builds[1].label}` : ""}. `
    + "Kernels near a line do what the machine can. Operations are those of the layer's definition: Winograd's kernels, which need "
    + "fewer, may pass the peak.", drawRoofline());
}
