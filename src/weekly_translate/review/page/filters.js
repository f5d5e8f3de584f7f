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

/** What one choice of the list asks for: a state, who has made the English, or a check. */
const ASPECTS = {
  State: (segment) => [stateOf(segment)],
  "Made by": (segment) => [makerOf(segment)],
  Check: (segment) => findingsOf(segment).map(({ check }) => check),
};

function makeFilters(segments, changed) {
  const state = { choice: "all", only: "", query: "" };
  const choices = document.getElementById("choices");
  const select = document.getElementById("only");
  const query = document.getElementById("query");
  for (const [name, label] of FILTERS) {
    const node = button(label, "choice", "");
    node.dataset.choice = name;
    node.append(" ", element("span", "number"));
    select.parentElement.before(node);
  }
  const offer = () => {
    const groups = Object.entries(ASPECTS).map(([name, of]) => {
      const group = element("optgroup");
      group.label = name;
      const values = [...new Set(segments.flatMap(of))].sort();
      group.append(...values.map((value) => new Option(plain(value), `${name}:${value}`)));
      return group;
    });
    select.replaceChildren(select.options[0], ...groups.filter((group) => group.children.length));
    select.value = state.only;
    if (select.selectedIndex < 0) set({ only: (select.value = "") }); // no segment is like that any more
  };
  const set = (more) => {
    Object.assign(state, more);
    changed();
  };
  offer();
  select.addEventListener("focus", offer); // what can be chosen changes with each decision
  choices.addEventListener("click", (event) => {
    const node = event.target.closest("[data-choice]");
    if (node) set({ choice: node.dataset.choice });
  });
  select.addEventListener("change", () => set({ only: select.value }));
  let timer = 0;
  query.addEventListener("input", () => {
    clearTimeout(timer); // a letter stands before thousands of rows are looked through
    timer = setTimeout(() => set({ query: query.value.trim().toLowerCase() }), 80);
  });
  return {
    reset: () => {
      query.value = select.value = "";
      set({ choice: "all", only: "", query: "" });
    },
    fits: (segment, text) => fits(state, segment, text),
    tell: (all) => tell(state, choices, all),
  };
}

function fits({ choice, only, query }, segment, text) {
  const [, , wanted] = FILTERS.find(([name]) => name === choice);
  if (!wanted(segment)) return false;
  const [aspect, value] = only.split(/:(.*)/s);
  if (only && !ASPECTS[aspect](segment).includes(value)) return false;
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
