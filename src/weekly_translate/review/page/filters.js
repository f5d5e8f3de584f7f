// Which segments are shown. The texts are searched, not the elements: a row may not be written yet.

const FILTERS = [
  ["all", "All", () => true],
  ["errors", "Errors", (segment) => weightOf(segment) === 2],
  ["findings", "Findings", (segment) => spokenOf(segment)],
  ["changed", "Changed", (segment) => Boolean(segment.changed)],
  ["unapproved", "Not approved", (segment) => isOpen(segment)],
];

/** Whether a check says something that a person has to look at. */
function spokenOf(segment) {
  return findingsOf(segment).some((finding) => finding.severity !== "info");
}

const isOpen = (segment) => !segment.settled;

/** How urgently it needs a look: 2 for an error or no English, 1 for a warning. */
function weightOf(segment) {
  if (segment.target === undefined || segment.findings?.some(({ severity }) => severity === "error")) return 2;
  return spokenOf(segment) ? 1 : 0;
}

/** Whether it needs a person: a warning until one has decided, an error until it is mended or settled with a reason. */
function isUrgent(segment) {
  if (segment.settled) return segment.origin !== "edition" && !segment.decision?.reason && weightOf(segment) === 2;
  return !segment.decision && weightOf(segment) > 0;
}

/** The words that are searched, without tags, in lower case. */
function searched(segment) {
  const texts = [segment.source, segment.target ?? segment.refused?.target ?? "", segment.id, segment.link ?? ""];
  return texts.join("\n").replace(TAG, "").toLowerCase();
}

function makeFilters(segments, changed) {
  const state = { choice: "all", check: "", query: "" };
  const choices = document.getElementById("choices");
  const select = document.getElementById("check");
  const query = document.getElementById("query");
  for (const [name, label] of FILTERS) {
    const node = button(label, "choice", "");
    node.dataset.choice = name;
    node.append(" ", element("span", "number"));
    select.parentElement.before(node);
  }
  const checks = new Set(segments.flatMap((segment) => findingsOf(segment).map((finding) => finding.check)));
  for (const check of [...checks].sort()) {
    const option = element("option");
    option.textContent = plain(check);
    option.value = check;
    select.append(option);
  }
  select.parentElement.hidden = checks.size === 0;
  const set = (more) => {
    Object.assign(state, more);
    changed();
  };
  choices.addEventListener("click", (event) => {
    const node = event.target.closest("[data-choice]");
    if (node) set({ choice: node.dataset.choice });
  });
  select.addEventListener("change", () => set({ check: select.value }));
  let timer = 0;
  query.addEventListener("input", () => {
    clearTimeout(timer); // a letter stands before thousands of rows are looked through
    timer = setTimeout(() => set({ query: query.value.trim().toLowerCase() }), 80);
  });
  return {
    reset: () => {
      query.value = select.value = "";
      set({ choice: "all", check: "", query: "" });
    },
    fits: (segment, text) => fits(state, segment, text),
    tell: (all) => tell(state, choices, all),
  };
}

function fits({ choice, check, query }, segment, text) {
  const [, , wanted] = FILTERS.find(([name]) => name === choice);
  if (!wanted(segment)) return false;
  if (check && !findingsOf(segment).some((finding) => finding.check === check)) return false;
  return !query || text.includes(query);
}

/** The counts on the buttons. */
function tell(state, choices, segments) {
  for (const node of choices.querySelectorAll("[data-choice]")) {
    const [, , wanted] = FILTERS.find(([name]) => name === node.dataset.choice);
    node.querySelector(".number").textContent = segments.filter(wanted).length.toLocaleString("en-US");
    node.setAttribute("aria-pressed", String(node.dataset.choice === state.choice));
  }
}
