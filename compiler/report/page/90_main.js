// The page from top to bottom.

addCards();
addDetails();
addComparison();
addNetwork();
addTimes();
addRoofline();
addMemory();
addTuning();
// The longest kernel is what most readers look for.
const longest = builds[0].calls.reduce((a, b) => (a && timing(a).time >= timing(b).time ? a : b), null);
if (longest !== null) select(longest.box.key, "start");
document.getElementById("sections").append(...sectionList.map(([id, title]) => html("a", { href: `#${id}` }, title)));
