// Time per kernel as bars, each with the least that its roof allows.

function timeRow(build, call) {
  const spent = timing(call);
  const at = (time) => `${Math.min(100, 100 * time / longestTime)}%`;
  return html("button", { type: "button", class: "row", onclick: () => select(call.box.key), ...withTip(() => callLines(build, call)) },
    html("span", { class: "row-name" }, call.layer),
    html("span", { class: "track" },
      html("span", { class: "fill", style: `width:${at(spent.time)};background:${colour(call.family)}` }),
      html("span", { class: "roof", style: `left:${at(spent.roof)}` })),
    html("span", { class: "number" }, timeText(spent.time)), html("span", { class: "number" }, shareText(call.share)),
    html("span", { class: "number" }, shareText(reached(call))));
}

/// All calls of a family together.
function familyRow(build, family, calls, most) {
  const time = calls.reduce((sum, call) => sum + timing(call).time, 0);
  const roof = calls.reduce((sum, call) => sum + timing(call).roof, 0);
  return html("div", { class: "row" },
    html("span", { class: "row-name" }, `${family} \u00d7 ${calls.length}`),
    html("span", { class: "track" },
      html("span", { class: "fill", style: `width:${100 * time / most}%;background:${colour(family)}` }),
      html("span", { class: "roof", style: `left:${Math.min(100, 100 * roof / most)}%` })),
    html("span", { class: "number" }, timeText(time)), html("span", { class: "number" }, shareText(build.total > 0 ? time / build.total : 0)),
    html("span", { class: "number" }, shareText(time > 0 ? roof / time : 0)));
}

function drawTimes(build) {
  const rows = build.calls.map((call) => timeRow(build, call));
  markSelected(rows.map((row, i) => [row, build.calls[i].box.key]));
  const list = html("div", { class: "rows" });
  const byTime = [...build.calls.keys()].sort((a, b) => timing(build.calls[b]).time - timing(build.calls[a]).time);
  const byFamily = () => {
    const groups = Map.groupBy(build.calls, (call) => call.family);
    const sum = (calls) => calls.reduce((total, call) => total + timing(call).time, 0);
    const sorted = [...groups].sort((a, b) => sum(b[1]) - sum(a[1]));
    return sorted.map(([family, calls]) => familyRow(build, family, calls, sum(sorted[0][1]) || 1));
  };
  const orders = [() => byTime.map((i) => rows[i]), () => rows, byFamily];
  const head = html("div", { class: "row head" }, html("span", { class: "row-name" }, "layer"), html("span", {}, ""),
    html("span", { class: "number" }, "time"), html("span", { class: "number" }, "of all"), html("span", { class: "number" }, "of roof"));
  const show = (i) => list.replaceChildren(head, ...orders[i]());
  show(0);
  return html("div", { class: "times" }, choice("order", ["Longest first", "As they run", "By family"], show), list);
}

function addTimes() {
  section("time", estimated ? "Estimated time per kernel" : "Time per kernel",
    "The mark in a row is the roof: the longer of arithmetic at the peak and every operand and result moved once. "
    + "Winograd's kernels may pass it, for they need fewer multiplications than the definition.", sideBySide(drawTimes));
}
