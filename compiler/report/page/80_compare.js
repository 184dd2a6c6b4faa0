// Two builds layer by layer.

function pairs() {
  const [first, second] = builds;
  const keys = [...new Set(builds.flatMap((build) => build.calls.map((call) => call.box.key)))];
  const callOf = (build, key) => (build.boxOf.has(key) ? build.calls[build.boxOf.get(key).call] : null);
  return keys.map((key) => {
    const sides = [callOf(first, key), callOf(second, key)];
    const [a, b] = sides.map((call) => (call ? timing(call).time : 0));
    return { key, sides, a, b };
  });
}

function pairRow({ key, sides, a, b }, most) {
  const name = sides.find((call) => call !== null).layer;
  const bar = (call, i) => {
    const time = call ? timing(call).time : 0;
    return html("div", { class: "pair-bar" }, html("span", { class: "track" }, html("span", { class: `fill side-${i}`, style: `width:${100 * time / most}%` })),
      html("span", { class: "number" }, call ? timeText(time) : "\u2013"),
      html("span", { class: "candidate" }, call ? scheduleText(candidateOf(builds[i], call)) : "no such call"));
  };
  const ratio = a > 0 && b > 0 ? `${even(b / a)}\u00d7` : "";
  return html("button", { type: "button", class: "row pair", onclick: () => select(key),
    ...withTip(() => [name, ...sides.map((call, i) => `${builds[i].label}: ${call ? `${timeText(timing(call).time)}, ${candidateOf(builds[i], call)}` : "no such call"}`)]) },
    html("span", { class: "row-name" }, name), html("span", { class: "pair-bars" }, ...sides.map(bar)),
    html("span", { class: `number ratio ${ratio && b < a * 0.97 ? "better" : ratio && b > a * 1.03 ? "worse" : ""}` }, ratio));
}

function addComparison() {
  if (builds.length < 2) return;
  const all = pairs();
  const most = Math.max(...all.flatMap(({ a, b }) => [a, b]), 1e-12);
  const rows = all.map((pair) => pairRow(pair, most));
  markSelected(rows.map((row, i) => [row, all[i].key]));
  const list = html("div", { class: "rows" });
  const byDifference = [...all.keys()].sort((i, k) => Math.abs(all[k].a - all[k].b) - Math.abs(all[i].a - all[i].b));
  const show = (i) => list.replaceChildren(...(i === 0 ? byDifference.map((k) => rows[k]) : rows));
  show(0);
  const [first, second] = builds.map((build) => build[mode].time);
  const change = second < first ? `is ${even(first / second)} times as fast as` : `takes ${even(second / first)} times as long as`;
  section("compare", "Side by side",
    `${builds[1].label} ${change} ${builds[0].label}: ${timeText(second)} against ${timeText(first)}${estimated ? ", by estimate" : ""}. `
    + "The ratio of a layer is the second time over the first.",
    html("div", { class: "legend" }, ...builds.map((build, i) => html("span", {}, html("i", { class: `side-${i}` }), build.label))),
    choice("order", ["Largest difference first", "As they run"], show), list);
}
