// What is known of the selected box, of each build.

function facts(entries, kind = null) {
  return html("dl", { class: kind }, ...entries.filter((entry) => entry !== null && entry[1] !== "").flatMap(([term, ...values]) =>
    [html("dt", {}, term), ...values.map((value) => html("dd", {}, value))]));
}

function neighbours(build, box, from, to) {
  const found = build.network.arrows.filter((arrow) => arrow[from] === box.index).map((arrow) => build.network.boxes[arrow[to]]);
  if (found.length === 0) return null;
  return html("span", { class: "links" }, ...found.map((each) =>
    html("button", { type: "button", class: "link", onclick: () => select(each.key) }, each.name)));
}

function callFacts(build, box) {
  const call = build.calls[box.call], kernel = build.kernels[call.kernel], spent = timing(call);
  const chosen = kernel.trials > 0 ? `${kernel.source}, after ${kernel.trials} trials` : kernel.source;
  const [family, ...parameters] = scheduleText(kernel.candidate).split(/ (?=[a-z_]+ )/);
  const sharing = kernel.calls > 1 ? `shared by ${kernel.calls} calls` : "";
  return [
    html("h4", {}, estimated ? "Time, estimated" : "Time"),
    facts([["time", `${timeText(spent.time)}, ${shareText(call.share)} of all`],
      spent.median === undefined ? null : ["median", timeText(spent.median)],
      ["rate", call.flops > 0 ? `${rateText(spent.rate)}, ${shareText(spent.rate / build[mode].peak)} of the peak` : "only moves numbers"],
      ["roof", `${timeText(spent.roof)}, set by ${spent.bound}; ${shareText(reached(call))} reached`],
      ["work", `${countText(call.flops, "FLOP")}, ${bytesText(call.bytes)} moved`],
      call.runs > 1 ? ["runs", `once for each of ${call.runs} items`] : null]),
    html("h4", {}, "Candidate"),
    facts([["family", family], ["schedule", parameters.join(", ")],
      ["chosen by", chosen], ["others", kernel.others], ["kernel", kernel.kernel], ["", sharing], ["task", kernel.task]]),
    html("h4", {}, "Memory"),
    facts([["layout", `${call.inputs} \u2192 ${call.output}`], ["result", `${bytesText(call.result_bytes)} in ${call.place}${call.in_place ? ", over an input" : ""}`],
      ["weights", call.weight_bytes > 0 ? `${bytesText(call.weight_bytes)} packed` : ""]]),
  ];
}

function boxFacts(build, box) {
  const nothing = { view: "costs nothing: a view of its inputs", input: "the caller's memory", output: "the caller's memory" }[box.kind];
  const members = box.members.filter((member) => member.name !== box.name);
  return [facts([["layer", box.type === box.name ? "" : box.type], ["result", box.value], nothing ? ["cost", nothing] : null,
    ["spec", box.line]]),
    box.source ? html("pre", {}, box.source.trim()) : null,
    members.length > 0 ? html("h4", {}, "Computes too") : null,
    members.length > 0 ? facts(members.map((member) => [member.name, `${member.type} ${shapeText(member.value)}`]), "members") : null,
    ...(box.call === null ? [] : callFacts(build, box)),
    html("h4", {}, "Beside it"),
    facts([["reads", neighbours(build, box, "to", "from") ?? ""], ["read by", neighbours(build, box, "from", "to") ?? ""]])];
}

function addDetails() {
  const place = document.getElementById("details");
  const hint = html("p", { class: "note" }, "Click a box, a bar or a point: what is known of that kernel appears here.");
  place.replaceChildren(html("h2", {}, "Details"), hint);
  onSelect((key) => {
    const found = builds.map((build) => build.boxOf.get(key));
    const name = found.find((box) => box !== undefined)?.name;
    if (name === undefined) return;
    place.replaceChildren(html("h2", {}, name), ...builds.flatMap((build, i) => [
      builds.length > 1 ? html("h3", { class: `side-${i}` }, build.label) : null,
      ...(found[i] === undefined ? [html("p", { class: "note" }, "This build has no such call.")] : boxFacts(build, found[i]))])
      .filter((element) => element !== null));
    place.scrollTop = 0;
  });
}
