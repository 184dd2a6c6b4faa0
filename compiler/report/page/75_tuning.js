// Tuning curves: each trial of each task, and the best so far.

/// The best after each trial as steps; `points` are times by trial, null for none.
function steps(points, x, y) {
  let path = "", best = Infinity;
  points.forEach((time, i) => {
    if (time === null || time >= best) return;
    path += path === "" ? `M${x(i)} ${y(time)}` : `H${x(i)}V${y(time)}`;
    best = time;
  });
  return path === "" ? "" : `${path}H${x(points.length - 1 || 1)}`;
}

function networkCurve(curve) {
  const width = builds.length > 1 ? 640 : 1080, height = 240;
  const most = Math.max(...curve) * 1.02, least = Math.min(...curve) * 0.95;
  const x = linear(0, Math.max(curve.length - 1, 1), 74, width - 16), y = linear(least, most, height - 42, 14);
  const { picture, plot } = chart({ width, height, x, y, left: 74, top: 14,
    xTicks: linearTicks(curve.length, 10).filter((trial) => Number.isInteger(trial) && trial < curve.length).map((trial) => [trial, String(trial)]),
    yTicks: [0, 0.25, 0.5, 0.75, 1].map((share) => least + share * (most - least)).map((time) => [time, milliseconds(time)]),
    xTitle: "trial", label: "tuning of the network" });
  plot.append(svg("path", { class: "best", d: steps(curve, x, y) }));
  return picture;
}

function taskCurve(build, task) {
  const width = 330, height = 170, { trials } = task;
  const times = trials.map((trial) => trial.time), known = times.filter((time) => time !== null);
  if (known.length === 0) return null;
  const least = Math.min(...known), most = Math.max(...known, least * 1.05);
  const x = linear(0, Math.max(trials.length - 1, 1), 58, width - 12), y = logarithmic(least * 0.93, most * 1.04, height - 26, 8);
  const { picture, plot } = chart({ width, height, x, y, left: 58, bottom: 26, top: 8, right: 12, xTicks: [[0, "0"], [trials.length - 1, String(trials.length - 1)]],
    yTicks: [least, Math.sqrt(least * most), most].map((time) => [time, milliseconds(time)]), label: `tuning of ${task.task}` });
  trials.forEach((trial, i) => {
    const lines = () => [trial.time === null ? trial.status : milliseconds(trial.time), `trial ${i}`, ...(trial.candidate ? [scheduleText(trial.candidate)] : [])];
    plot.append(trial.time === null
      ? svg("path", { class: "failed", d: `M${x(i) - 3} 10l6 6m0 -6l-6 6`, ...withTip(lines) })
      : svg("circle", { class: trial.candidate ? "trial record" : "trial", cx: x(i), cy: y(trial.time), r: trial.candidate ? 3 : 2, ...withTip(lines) }));
  });
  plot.append(svg("path", { class: "best", d: steps(times, x, y) }));
  const call = build.calls.find((each) => task.kernels.includes(each.kernel));
  const first = known[0];
  return html("figure", { onclick: () => call && select(call.box.key) },
    html("figcaption", {}, html("strong", {}, call ? call.layer : task.task), html("span", {}, `${trials.length} trials, ${milliseconds(least)}, ${even(first / least)}\u00d7`)),
    picture);
}

function drawTuning(build) {
  const { cpu, network, tasks, outdated } = build.curves;
  if (tasks.length === 0)
    return html("p", { class: "note" }, `No trials of this network's tasks for ${build.target} are in the records`
      + (outdated > 0 ? `, but ${outdated} of kernels that have changed since. ` : ". ") + "`halcyon tune` makes them.");
  const shareOf = (task) => build.calls.filter((call) => task.kernels.includes(call.kernel)).reduce((sum, call) => sum + call.share, 0);
  const sorted = tasks.map((task) => [shareOf(task), task]).sort((a, b) => b[0] - a[0]).map(([, task]) => task);
  const trials = tasks.reduce((sum, task) => sum + task.trials.length, 0);
  const others = cpu === build.cpu ? "" : ", not the CPU of this report";
  return html("div", {},
    html("p", { class: "note" }, `${trials} trials of ${tasks.length} tasks on ${cpu}${others}`
      + (outdated > 0 ? `; ${outdated} of kernels that have changed since are left out.` : ".")),
    network.length > 1 ? html("h4", {}, `The best kernels together: ${milliseconds(network[0])} at first, ${milliseconds(network.at(-1))} at last`) : null,
    network.length > 1 ? networkCurve(network) : null,
    html("div", { class: "curves" }, ...sorted.map((task) => taskCurve(build, task)).filter((figure) => figure !== null)));
}

function addTuning() {
  section("tuning", "Tuning",
    "Points are trials, the line is the best so far, crosses are candidates that crashed, hung or were wrong. The factor is the first time "
    + "over the best.", sideBySide(drawTuning));
}
