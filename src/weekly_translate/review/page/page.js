// The page: rows for all segments, keys, the look. Rows are written in slices, so that the first ones stand at once.

const SLICE = 40;
const review = JSON.parse(document.getElementById("review").textContent);
const segments = review.sections.flatMap((section) => section.segments);
const byId = new Map(segments.map((segment, index) => [segment.id, index]));
const texts = segments.map(searched);
const byName = (name) => document.getElementById(name);
const keeper = document.documentElement.dataset.mode === "server" ? serverKeeper(review) : pageKeeper(review);
const rows = [];
let current = null;

function start() {
  head();
  const main = byName("document");
  const parts = review.sections.map(partOf);
  main.append(about(), ...parts);
  tellRemarks(review);
  segments.slice(0, SLICE).forEach((segment, index) => fill(rows[index], segment));
  const filters = makeFilters(segments, () => show(filters));
  show(filters);
  toDo();
  byName("reset").addEventListener("click", () => filters.reset());
  byName("segments").addEventListener("click", (event) => {
    const node = event.target.closest("[data-goes]");
    if (!node) return;
    filters.reset();
    go(rows[byId.get(node.dataset.goes)]);
  });
  document.addEventListener("click", (event) => clicked(event, filters));
  document.addEventListener("keydown", (event) => pressed(event, filters));
  makeTips();
  makeLook();
  makeTools(filters);
  const watcher = new IntersectionObserver(near, { rootMargin: "800px" });
  rows.slice(SLICE).forEach((row) => watcher.observe(row));
  requestAnimationFrame(() => setTimeout(() => fillFrom(SLICE, watcher), 0));
  keeper.begin?.(filters);
}

function head() {
  byName("name").append(...seen(review.name));
  byName("about").append(...seen(review.target ? `compared with ${review.target}` : "no English file to compare with"));
  byName("name").dataset.tip = review.signature;
}

/** A section is called as its heading is in English, where it is translated. */
function nameOf(section) {
  const [first] = section.segments;
  const english = first.kind === "heading" && first.target ? first.target.replace(TAG, "") : "";
  return english || section.title || "Introduction";
}

function partOf(section, index) {
  const part = element("section");
  const name = nameOf(section);
  const title = element("h2", "", name);
  if (section.title && section.title !== name) title.append(" ", element("span", "original", section.title));
  title.id = `section-${index}`;
  part.setAttribute("aria-labelledby", title.id);
  part.append(title);
  for (const segment of section.segments) {
    const row = rowOf(segment);
    row.classList.toggle("heading", segment.kind === "heading" && segment === section.segments[0]);
    rows.push(row);
    part.append(row);
  }
  const link = element("a", "", element("span", "name", name), element("span", "number"));
  link.href = `#${title.id}`;
  byName("sections").append(link);
  return part;
}

/** What the edition did, and what is said about the whole document. */
function about() {
  const remarks = element("div", "");
  remarks.id = "remarks";
  const node = element("div", "about", remarks);
  if (review.rules.length) {
    const list = element("dl", "rules");
    for (const { kind, rule, lines, text } of review.rules) {
      const name = rule.startsWith(kind) ? kind : `${kind}: ${rule}`;
      const place = lines ? element("span", "lines", `line ${lines}`) : "";
      list.append(element("dt", "", name, place), element("dd", "", text ?? ""));
    }
    node.append(folded(`${counted(review.rules.length, "house rule")} applied (edition “${review.edition}”)`, list));
  }
  return node;
}

/** What is said about no segment: about the document, and about the English file where that differs from it. */
function tellRemarks({ findings, of_file: ofFile }) {
  const node = byName("remarks");
  const state = JSON.stringify([findings, ofFile]);
  if (node.dataset.told === state) return;
  node.dataset.told = state;
  const file = review.target.split(/[/\\]/).pop() || "the English file";
  const groups = [["About the whole document", findings], [`Only in ${file}, not in the text below`, ofFile]];
  const opened = new Map([...node.children].map((remarks) => [remarks.dataset.title, remarks.open]));
  const told = groups.filter(([, list]) => list.length).map(([title, list]) => {
    const remarks = folded(`${title}: ${tally(list)}`, element("ul", "findings", ...list.map(remarkOf)));
    remarks.dataset.title = title;
    remarks.open = opened.get(title) ?? list.some(({ severity }) => severity === "error");
    return remarks;
  });
  keepingFocus(node, () => node.replaceChildren(...told));
}

/** `2 errors, 1 warning`. */
function tally(findings) {
  const counts = [["error", "error"], ["warning", "warning"], ["info", "note"]].map(([severity, noun]) => [findings.filter((one) => one.severity === severity).length, noun]);
  return counts.filter(([count]) => count).map(([count, noun]) => counted(count, noun)).join(", ");
}

function remarkOf(finding) {
  const node = findingOf(finding);
  const { source_line: line, target_line: english } = finding;
  if (line ?? english) {
    const place = line ? `line ${line}` : `English line ${english}`;
    const segment = segmentAt(line, english);
    const goes = segment ? button(place, "mute line", "") : element("span", "mute line", place);
    if (segment) goes.dataset.goes = segment.id;
    node.querySelector(".message").before(goes, " ");
  }
  const isIgnored = finding.settled?.by === "ignores";
  if (!keeper.ignoreRemark || !(line ?? english) || (finding.severity === "info" && !isIgnored)) return node;
  const change = button(isIgnored ? "Stop ignoring" : "Ignore here…", "mute", "");
  change.addEventListener("click", () => (isIgnored ? hearRemark(node, finding) : ignoringRemark(node, finding)));
  node.querySelector(".told").append(element("span", "actions", change));
  return node;
}

/** The segment in which a line of the source stands, or of the English file; else the one above it. */
function segmentAt(line, english) {
  return segments.findLast((segment) => (line ? segment.line <= line : segment.target_line <= english)) ?? segments[0];
}

function folded(title, content) {
  return element("details", "", element("summary", "", title), content);
}

// ------------------------------------------------------------------ rows

function fillFrom(index, watcher) {
  const end = Math.min(index + SLICE, rows.length);
  for (let at = index; at < end; at++) if (!rows[at].dataset.filled) fill(rows[at], segments[at]);
  if (end < rows.length) setTimeout(() => fillFrom(end, watcher), 4);
  else watcher.disconnect(); // to watch thousands of rows takes time after each key
}

function near(entries, watcher) {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    watcher.unobserve(target);
    if (!target.dataset.filled) fill(target, segments[byId.get(target.id)]);
  }
}

function show(filters) {
  let shown = 0;
  segments.forEach((segment, index) => {
    const fit = filters.fits(segment, texts[index]);
    if (rows[index].hidden === fit) rows[index].hidden = !fit;
    if (fit) shown += 1;
  });
  const links = byName("sections").children;
  let index = 0;
  for (const part of document.querySelectorAll("#document > section")) {
    const count = [...part.children].filter((row) => row.localName === "article" && !row.hidden).length;
    part.hidden = count === 0;
    const first = part.children[1]; // a heading that is shown as a segment is not shown twice
    part.firstElementChild.classList.toggle("hidden", first.classList.contains("heading") && !first.hidden);
    links[index].hidden = count === 0;
    links[index].querySelector(".number").textContent = count;
    index += 1;
  }
  byName("nothing").hidden = shown > 0;
  const all = counted(segments.length, "segment");
  byName("count").textContent = shown === segments.length ? all : `${shown.toLocaleString("en-US")} of ${all}`;
  filters.tell(segments);
  progress();
}

function progress() {
  const settled = segments.filter((segment) => segment.settled).length;
  const bar = element("progress");
  bar.max = segments.length || 1;
  bar.value = settled;
  bar.setAttribute("aria-hidden", "true");
  const said = [`${settled.toLocaleString("en-US")} of ${segments.length.toLocaleString("en-US")} approved`];
  const chinese = segments.filter((segment) => segment.target === undefined).length;
  if (chinese) said.push(`${chinese.toLocaleString("en-US")} not translated`);
  byName("progress").replaceChildren(bar, element("span", "", said.join(" · ")));
}

const URGENT = 5;

/** What needs a look, errors first: the way into the work. */
function toDo() {
  const open = segments.filter(isUrgent);
  const urgent = open.sort((one, other) => weightOf(other) - weightOf(one)); // equals stay in their order
  const errors = urgent.filter((segment) => weightOf(segment) === 2).length;
  const parts = [[errors, "error"], [urgent.length - errors, "warning"]].filter(([count]) => count);
  byName("todo").hidden = urgent.length === 0;
  byName("todo-title").textContent = `To look at: ${parts.map(([count, noun]) => `${count.toLocaleString("en-US")} with ${noun === "error" ? "an error" : "a warning"}`).join(", ")}`;
  const items = urgent.slice(0, URGENT).map(urgentOf);
  if (urgent.length > URGENT) {
    const more = button(`${(urgent.length - URGENT).toLocaleString("en-US")} more: x goes from one to the next`, "mute", "");
    more.dataset.goes = urgent[URGENT].id;
    items.push(element("li", "", more));
  }
  keepingFocus(byName("urgent"), () => byName("urgent").replaceChildren(...items));
}

function urgentOf(segment) {
  const [worst] = findingsOf(segment).filter(({ severity }) => severity !== "info");
  const severity = worst?.severity ?? "error";
  const name = element("button", "goes", element("span", `severity ${severity}`, `line ${segment.line}`, element("span", "hidden", `, ${severity}: `)));
  const text = (segment.target ?? segment.refused?.target ?? segment.source).replace(TAG, "");
  name.append(element("span", "what", worst?.message ?? "not translated"), element("span", "words", text));
  name.type = "button";
  name.dataset.goes = segment.id;
  return element("li", "", name);
}

/** The next or previous row that is shown and fits. */
function beside(row, step, wanted = () => true) {
  let index = row ? byId.get(row.id) + step : step > 0 ? 0 : rows.length - 1;
  while (index >= 0 && index < rows.length && (rows[index].hidden || !wanted(segments[index]))) index += step;
  return rows[index] ?? null;
}

function go(row) {
  if (!row) return;
  if (!row.dataset.filled) fill(row, segments[byId.get(row.id)]);
  current?.classList.remove("current");
  current = row;
  row.classList.add("current");
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest", behavior: "instant" });
}

start();
