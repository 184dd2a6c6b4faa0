// The builds as the pictures use them, and what is selected.

const families = ["direct_conv", "pointwise_conv", "winograd_conv", "depthwise_conv", "transposed_conv", "dense", "pool",
  "elementwise"];
/// The colour of a kernel family; those that are rarely seen share one.
function colour(family) {
  const index = families.indexOf(family);
  return index < 0 ? "var(--family-other)" : `var(--family-${index})`;
}

const timing = (call) => call[mode];

for (const build of builds) {
  build.total = build.calls.reduce((sum, call) => sum + timing(call).time, 0);
  const seen = new Map();
  build.network.boxes.forEach((box, index) => {
    box.index = index;
    // Layers that are called twice have one name: the second call is told from the first by its number.
    const name = `${box.kind} ${box.name}`;
    seen.set(name, (seen.get(name) ?? 0) + 1);
    box.key = `${name} ${seen.get(name)}`;
    if (box.call === null) return;
    const call = build.calls[box.call];
    Object.assign(call, { box, index: box.call, family: build.kernels[call.kernel].family });
    call.share = build.total > 0 ? timing(call).time / build.total : 0;
  });
  build.boxOf = new Map(build.network.boxes.map((box) => [box.key, box]));
}

const longestTime = Math.max(...builds.flatMap((build) => build.calls.map((call) => timing(call).time)), 1e-12);

const candidateOf = (build, call) => build.kernels[call.kernel].candidate;
const reached = (call) => (timing(call).time > 0 ? timing(call).roof / timing(call).time : 0);

/// What a kernel call says of itself under the mouse.
function callLines(build, call) {
  return [call.layer, `${timeText(timing(call).time)}${estimated ? " (estimated)" : ""}, ${shareText(call.share)} of all`,
    `${rateText(timing(call).rate)}, ${shareText(reached(call))} of its roof (${timing(call).bound})`,
    scheduleText(candidateOf(build, call))];
}

/// One box is selected, by its key: in all builds that have it. Pictures listen.
const selection = { key: null, listeners: [] };
function select(key, from = null) {
  selection.key = key;
  for (const listener of selection.listeners) listener(key, from);
}
const onSelect = (listener) => selection.listeners.push(listener);
/// Marks those of the elements that show what is selected.
function markSelected(elements) {
  onSelect((key) => elements.forEach(([element, own]) => element.classList.toggle("selected", own === key)));
}

/// The families that the builds use, with their colours.
function legend() {
  const used = new Set(builds.flatMap((build) => build.calls.map((call) => call.family)));
  const names = families.filter((family) => used.has(family));
  const others = [...used].filter((family) => !families.includes(family)).sort();
  const entry = (text, paint) => html("span", {}, html("i", { style: `background:${paint}` }), text);
  return html("div", { class: "legend" }, ...names.map((name) => entry(name, colour(name))),
    others.length > 0 ? entry(others.join(", "), colour("")) : null);
}

const sectionList = [];
/// A section of the page; `note` is a sentence on how to read it.
function section(id, title, note, ...children) {
  sectionList.push([id, title]);
  document.getElementById("main").append(
    html("section", { id }, html("h2", {}, title), note ? html("p", { class: "note" }, note) : null, ...children));
}
/// The pictures of all builds beside each other, each under its label where there are two.
function sideBySide(picture) {
  return html("div", { class: `side-by-side of-${builds.length}` }, ...builds.map((build) =>
    html("div", {}, builds.length > 1 ? html("h3", {}, build.label) : null, picture(build))));
}
