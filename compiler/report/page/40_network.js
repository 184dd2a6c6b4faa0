// The network: boxes that can be zoomed, moved about and chosen. Places were computed when the report was written.

const fonts = { name: "600 12.5px system-ui, sans-serif", small: "11px system-ui, sans-serif" };
const boxWidth = 232;

function boxText(build, box) {
  const inner = boxWidth - 26;
  const line = (y, left, right) => {
    ruler.font = fonts.small;
    const room = inner - (right ? ruler.measureText(right).width + 10 : 0);
    return [svg("text", { class: "small", x: 14, y }, fitted(left, room, fonts.small)),
      right ? svg("text", { class: "small right", x: boxWidth - 12, y, "text-anchor": "end" }, right) : null];
  };
  ruler.font = fonts.small;
  const type = box.name === box.type ? "" : box.type;
  const nameRoom = inner - ruler.measureText(type).width - 10;
  const name = fitted(box.name, inner, fonts.name);
  const fits = fitted(name, nameRoom, fonts.name) === name;  // else the type gives way: details have it
  const head = (y) => [svg("text", { class: "name", x: 14, y }, name),
    fits ? svg("text", { class: "type", x: boxWidth - 12, y, "text-anchor": "end" }, type) : null];
  if (box.call === null) return [...head(21)];
  const call = build.calls[box.call];
  const layouts = call.inputs === call.output ? call.output : `${call.inputs} \u2192 ${call.output}`;
  ruler.font = fonts.small;
  const shape = shapeText(box.value), layoutRoom = inner - ruler.measureText(shape).width - 12;
  return [...head(19),
    ...line(36, shape, fitted(layouts, layoutRoom, fonts.small)),
    ...line(51, scheduleText(candidateOf(build, call)), timeText(timing(call).time)),
    ...line(66, bytesText(call.result_bytes), shareText(call.share))];
}

function drawBox(build, box) {
  const left = box.x - box.width / 2, top = box.y - box.height / 2;
  const call = box.call === null ? null : build.calls[box.call];
  const group = svg("g", { class: `box ${box.kind}`, transform: `translate(${left} ${top})`, "data-key": box.key },
    svg("rect", { class: "face", style: box.call === null ? null : `--own:${colour(build.calls[box.call].family)}`, width: box.width, height: box.height, rx: box.call === null ? box.height / 2 : 6 }));
  if (call !== null) {
    const paint = colour(call.family);
    group.append(svg("path", { class: "strip", d: `M6 0H5.5V${box.height}H6A6 6 0 0 1 0 ${box.height - 6}V6A6 6 0 0 1 6 0Z`, style: `fill:${paint}` }),
      svg("rect", { class: "heat", x: 6, y: box.height - 4, height: 3,
        width: Math.max(0, (box.width - 12) * timing(call).time / longestTime), style: `fill:${paint}` }));
  }
  group.append(...boxText(build, box).filter((each) => each !== null));
  group.append(svg("text", { class: "far-name", x: box.width / 2, y: box.height / 2 + 9, "text-anchor": "middle" },
    fitted(box.name, box.width - 20, "600 26px system-ui, sans-serif")));
  return group;
}

function arrowPath(points) {
  let path = `M${points[0][0]} ${points[0][1]}`;
  for (let i = 1; i < points.length; ++i) {
    const [x, y] = points[i], [px, py] = points[i - 1];
    const middle = (y + py) / 2;
    path += Math.abs(x - px) < 0.5 ? `L${x} ${y}` : `C${px} ${middle} ${x} ${middle} ${x} ${y}`;
  }
  return path;
}

/// The whole network in small, and which part of it is seen.
function miniature(build, move) {
  const { width, height, boxes } = build.network;
  const frame = svg("rect", { class: "frame" });
  const map = svg("svg", { class: "miniature", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "xMidYMid meet" },
    ...boxes.map((box) => svg("rect", { x: box.x - box.width / 2, y: box.y - box.height / 2, width: box.width,
      height: box.height, class: box.kind, style: box.call === null ? null : `fill:${colour(build.calls[box.call].family)}` })),
    frame);
  const follow = (event) => {
    if (event.buttons !== 1) return;
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
    move(at.x, at.y);
    event.preventDefault();
  };
  map.addEventListener("pointerdown", follow);
  map.addEventListener("pointermove", follow);
  return { map, frame };
}

function drawNetwork(build) {
  const { width, height, boxes, arrows } = build.network;
  const marker = `arrow-${builds.indexOf(build)}`;
  const lines = arrows.map((arrow) => svg("path", { class: "arrow", d: arrowPath(arrow.path), "marker-end": `url(#${marker})` }));
  const drawn = boxes.map((box) => drawBox(build, box));
  const scene = svg("g", {}, ...lines, ...drawn);
  const canvas = svg("svg", { class: "canvas", role: "img", "aria-label": `the network ${build.model}` },
    svg("defs", {}, svg("marker", { id: marker, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto" },
      svg("path", { class: "arrow-head", d: "M0 0.5L8 4L0 7.5Z" }))), scene);
  const pane = html("div", { class: "pane", tabindex: 0 }, canvas);
  const view = { x: 0, y: 0, scale: 1 };  // the scene's point in the pane's upper left corner
  const { map, frame } = miniature(build, (x, y) => centre(x, y));
  pane.append(map);

  const free = () => pane.clientWidth - map.clientWidth;
  const size = () => ({ wide: free() / view.scale, high: pane.clientHeight / view.scale });
  function show() {
    scene.setAttribute("transform", `scale(${view.scale}) translate(${-view.x} ${-view.y})`);
    canvas.classList.toggle("far", view.scale < 0.5);
    canvas.classList.toggle("farther", view.scale < 0.28);
    const { wide, high } = size();
    const clip = (value, most) => Math.min(Math.max(value, 0), most);
    fill(frame, { x: clip(view.x, width), y: clip(view.y, height), width: clip(view.x + wide, width) - clip(view.x, width),
      height: clip(view.y + high, height) - clip(view.y, height) }, []);
  }
  /// Some of the network is always seen. True if the view has moved.
  function move(x, y) {
    const margin = 40, { wide, high } = size();
    const bounded = (at, most, seen) => most + 2 * margin <= seen ? (most - seen) / 2
      : Math.min(Math.max(at, -margin), most + margin - seen);
    const before = [view.x, view.y];
    view.x = bounded(x, width, wide);
    view.y = bounded(y, height, high);
    show();
    return Math.abs(before[0] - view.x) + Math.abs(before[1] - view.y) > 0.01;
  }
  function zoom(factor, px = free() / 2, py = pane.clientHeight / 2) {
    const scale = Math.min(Math.max(view.scale * factor, smallest()), 3);
    const x = view.x + px / view.scale - px / scale, y = view.y + py / view.scale - py / scale;
    view.scale = scale;
    move(x, y);
  }
  // Of a long network not more is shown at once than can be told apart: the miniature has all of it.
  const whole = () => Math.max(0.1, Math.min(free() / (width + 80), pane.clientHeight / (height + 80)));
  const smallest = () => Math.min(whole(), 0.5);
  function centre(x, y) {
    const { wide, high } = size();
    move(x - wide / 2, y - high / 2);
  }
  function fit() {
    view.scale = Math.min(whole(), 1.5);
    move(0, 0);
  }
  function start() {
    view.scale = Math.min(Math.max(free() / (width + 60), 0.66), 0.95);
    centre(boxes.length > 0 && width > size().wide ? boxes[0].x : width / 2, 0);
  }

  pane.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) {
      const { left, top } = pane.getBoundingClientRect();
      zoom(Math.exp(-event.deltaY * 0.004), event.clientX - left, event.clientY - top);
      event.preventDefault();
    } else if (move(view.x + event.deltaX / view.scale, view.y + event.deltaY / view.scale)) {
      event.preventDefault();  // at the network's end the page scrolls on
    }
  }, { passive: false });
  let dragged = null;
  canvas.addEventListener("pointerdown", (event) => {
    dragged = { x: event.clientX, y: event.clientY, from: { ...view }, far: false };
  });
  addEventListener("pointermove", (event) => {
    if (dragged === null) return;
    const dx = event.clientX - dragged.x, dy = event.clientY - dragged.y;
    dragged.far ||= Math.hypot(dx, dy) > 4;
    if (dragged.far) move(dragged.from.x - dx / view.scale, dragged.from.y - dy / view.scale);
    pane.classList.toggle("dragging", dragged.far);
  });
  addEventListener("pointerup", () => {
    setTimeout(() => (dragged = null));  // behind the click that belongs to it
    pane.classList.remove("dragging");
  });
  canvas.addEventListener("click", (event) => {
    const box = event.target.closest(".box");
    if (box !== null && !(dragged !== null && dragged.far)) select(box.dataset.key, pane);
  });
  pane.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const factor = { "+": 1.25, "-": 0.8 }[event.key];
    if (step !== undefined) {
      const at = build.boxOf.get(selection.key)?.index ?? (step > 0 ? -1 : boxes.length);
      const next = boxes[at + step];
      if (next !== undefined) select(next.key);
    } else if (factor !== undefined) zoom(factor);
    else if (event.key === "0") fit();
    else return;
    event.preventDefault();
  });
  onSelect((key, from) => {
    const box = build.boxOf.get(key);
    drawn.forEach((group, i) => group.classList.toggle("selected", box?.index === i));
    lines.forEach((line, i) => line.classList.toggle("near", box !== undefined && (arrows[i].from === box.index || arrows[i].to === box.index)));
    if (box !== undefined && from !== pane && from !== "start") centre(box.x, box.y);
  });
  new ResizeObserver(() => (pane.dataset.started ? move(view.x, view.y) : (pane.dataset.started = "yes", start()))).observe(pane);

  const button = (text, label, act) => html("button", { type: "button", "aria-label": label, title: label, onclick: act }, text);
  pane.append(html("div", { class: "zoom" }, button("+", "zoom in", () => zoom(1.3)), button("\u2212", "zoom out", () => zoom(1 / 1.3)),
    button("\u2922", "the whole network", fit)));
  return pane;
}

/// Finds boxes by a part of a name, of the box or of a layer that it computes.
function finder() {
  const names = new Map();
  for (const box of builds.flatMap((build) => build.network.boxes))
    for (const name of [box.name, ...box.members.map((member) => member.name)]) if (!names.has(name)) names.set(name, box.key);
  const field = html("input", { type: "search", placeholder: "Find a layer", list: "layer-names", "aria-label": "find a layer",
    oninput: () => {
      const wanted = field.value.toLowerCase();
      if (wanted === "") return;
      const found = names.get(field.value) ?? [...names].find(([name]) => name.toLowerCase().includes(wanted))?.[1];
      if (found !== undefined) select(found);
    } });
  return html("div", { class: "finder" }, field,
    html("datalist", { id: "layer-names" }, ...[...names.keys()].map((name) => html("option", { value: name }))));
}

function addNetwork() {
  section("network", "Network",
    "Each box is a kernel call with its result's shape, layouts, candidate, time and memory; round ones cost nothing. "
    + "Drag or scroll to move, Ctrl and scroll to zoom, click for details; the arrow keys go from box to box.",
    html("div", { class: "bar" }, legend(), finder()), sideBySide(drawNetwork));
}
