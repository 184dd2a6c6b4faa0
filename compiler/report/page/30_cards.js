// The head of the page: what was built, and the few numbers that everybody asks for.

function card(title, value, remark = "", wide = false) {
  return html("div", { class: wide ? "card wide" : "card" }, html("span", { class: "title" }, title),
    html("strong", {}, value), html("span", { class: "remark" }, remark));
}

function cards(build) {
  const took = build[mode];
  const rate = build.flops * 1e-6 / took.time, share = rate / took.peak;
  const peak = `${shareText(share)} of ${rateText(took.peak)}${share > 1 ? ", as Winograd saves work" : ""}`;
  const built = `batch ${build.batch}, ${build.threads} thread${build.threads === 1 ? "" : "s"}`;
  return [
    estimated
      ? card("Estimated time", timeText(took.time), "by analysis, not measured")
      : card("Time", timeText(took.time), `least of ${build.measured.runs} runs; median ${timeText(took.median)}`),
    card(estimated ? "Estimated rate" : "Rate", rateText(rate), peak),
    card("Built for", build.target, built),
    card("Kernel calls", String(build.calls.length), `${build.kernels.length} different kernels`),
    card("Parameters", countText(build.parameters), `${bytesText(build.weight_bytes)} packed`),
    card("Workspace", bytesText(build.memory.bytes), "for tensors"),
    estimated ? null : card("Measured on", build.cpu.replace(/^[^,]*, /, ""), `weights ${build.weights}`, true),
  ];
}

function addCards() {
  const place = document.getElementById("cards");
  for (const build of builds) {
    place.append(html("div", { class: "cards" }, builds.length > 1 ? html("h3", {}, build.label) : null, ...cards(build)));
    if (estimated && build.why_estimated)
      place.append(html("p", { class: "note warn" }, `Times are estimates: ${build.why_estimated}.`));
  }
}
