// Decisions by buttons and keys: what a row asks its keeper for, and what it shows then.

const segmentOf = (row) => segments[byId.get(row.id)];

/** Takes over what the keeper says that a segment is now. */
function replace(row, segment) {
  const index = byId.get(row.id);
  segments[index] = segment;
  texts[index] = searched(segment);
  keepingFocus(row, () => fill(row, segment));
}

/** The counts after decisions; what has left a filter stays in sight until the filter is set anew. */
function recount(filters) {
  filters.tell(segments);
  progress();
  toDo();
  const save = byName("save");
  save.hidden = !keeper.save;
  save.disabled = !keeper.count?.();
  save.textContent = keeper.count?.() ? `Save ${counted(keeper.count(), "decision")}` : "Save decisions";
}

/** With `onward`, the next segment that nobody has approved is the current one behind the decision. */
async function decide(row, decision, filters, onward = false) {
  try {
    const segment = await keeper.decide(segmentOf(row), decision);
    drafts.delete(row.id);
    replace(row, segment);
    recount(filters);
    say(`Line ${segmentOf(row).line}: ${decision.verdict}`);
    go((onward && beside(row, 1, isOpen)) || row);
  } catch (error) {
    failed(row, error);
    go(row);
  }
}

function failed(row, error) {
  const list = element("ul", "findings", findingOf({ check: "review", severity: "error", message: error.message }));
  (row.querySelector(":scope > .actions") ?? row.lastElementChild).before(list);
  say(error.message);
}

/** What is not a decision: the segment as it is then, or why nothing was done. */
async function changed(row, filters, change) {
  try {
    replace(row, await change(segmentOf(row)));
    recount(filters);
  } catch (error) {
    failed(row, error);
  }
  go(row);
}

const ACTIONS = {
  accept: (row, filters, onward) => decide(row, { verdict: "accepted" }, filters, onward),
  edit: (row, filters) => {
    const done = (target, onward) => decide(row, { verdict: "edited", target }, filters, onward);
    openEditor(row, segmentOf(row), keeper, done);
    for (const node of [row, row.querySelector("textarea")]) node.scrollIntoView({ block: "nearest", behavior: "instant" });
    offer(row);
  },
  reject: (row, filters) => openReason(row, REASONS.reject, (reason) => decide(row, { verdict: "rejected", reason }, filters)),
  history: async (row) => {
    const open = row.querySelector(":scope > .about-text");
    if (open) return open.remove();
    try {
      row.append(aboutOf(await keeper.about(segmentOf(row)), segmentOf(row)));
      row.scrollIntoView({ block: "nearest", behavior: "instant" });
    } catch (error) {
      failed(row, error);
    }
  },
  anyway: (row, filters) => openReason(row, REASONS.anyway, (reason) => decide(row, { verdict: "accepted", reason }, filters)),
  take: (row, filters) => decide(row, { verdict: "edited", target: segmentOf(row).corrected }, filters),
  dismiss: (row, filters) => openReason(row, REASONS.dismiss, (reason) => changed(row, filters, (segment) => keeper.dismiss(segment, reason))),
  undo: (row, filters) => changed(row, filters, keeper.undo),
  cancel: (row) => {
    fill(row, segmentOf(row));
    go(row);
  },
};

/** What the memory has for a text that is being written, under the field: nobody has to ask for it. */
async function offer(row) {
  if (!keeper.about) return;
  const segment = segmentOf(row);
  const { suggestions } = await keeper.about(segment).catch(() => ({ suggestions: [] }));
  if (!suggestions.length || !row.classList.contains("edits") || row.querySelector(":scope > .about-text")) return;
  row.append(element("div", "about-text", ...suggestionsOf(suggestions, segment)));
}

/** A finding that is mistaken is silent from now on, here and in every command. */
function ignoring(row, check, filters) {
  openReason(row, REASONS.ignore, async (reason) => {
    try {
      replace(row, await keeper.ignore(segmentOf(row), check, reason));
      recount(filters);
      say(`${check} is ignored here`);
    } catch (error) {
      failed(row, error);
    }
    go(row);
  });
}

/** An entry of the file of ignores goes again. */
const hearing = (row, check, filters) => changed(row, filters, (segment) => keeper.hear(segment, check));

/** The same for what is said about the whole document. */
function ignoringRemark(node, finding) {
  const back = () => changeRemarks(node, async () => {});
  node.addEventListener("click", ({ target }) => target.closest("[data-action=cancel]") && back());
  node.addEventListener("keydown", ({ key }) => key === "Escape" && back());
  openReason(node, REASONS.ignore, (reason) => changeRemarks(node, () => keeper.ignoreRemark(finding, reason)));
}

const hearRemark = (node, finding) => changeRemarks(node, () => keeper.hearRemark(finding));

/** Tells the remarks anew after a change; who has used a key goes on where the remark stood. */
async function changeRemarks(node, change) {
  const place = [...byName("remarks").querySelectorAll("li")].indexOf(node);
  try {
    const state = await change();
    const [findings, of_file] = JSON.parse(byName("remarks").dataset.told);
    byName("remarks").dataset.told = "";
    tellRemarks(state?.findings ? state : { findings, of_file });
  } catch (error) {
    failed(node, error);
    return;
  }
  const left = [...byName("remarks").querySelectorAll("li")];
  (left[Math.min(place, left.length - 1)]?.querySelector(".actions button") ?? byName("remarks").querySelector("summary"))?.focus();
}

function act(row, action, filters, onward) {
  const isOffered = action === "cancel" || row.querySelector(`:scope > .actions > [data-action=${action}]:enabled`);
  if (isOffered) ACTIONS[action](row, filters, onward);
  else if (onward) go(beside(row, 1, isOpen));
}

function clicked(event, filters) {
  const node = event.target.closest("[data-action]");
  const row = event.target.closest("article");
  if (!row) return;
  if (row !== current && !event.target.closest("a, textarea, input")) {
    current?.classList.remove("current");
    current = row;
    row.classList.add("current");
  }
  if (node?.dataset.action === "image") showImage(node);
  else if (node?.dataset.action === "use") {
    drafts.set(row.id, node.dataset.text);
    ACTIONS.edit(row, filters);
  } else if (node?.dataset.action === "ignore") ignoring(row, node.dataset.check, filters);
  else if (node?.dataset.action === "hear") hearing(row, node.dataset.check, filters);
  else if (node && node.dataset.action in ACTIONS) act(row, node.dataset.action, filters);
}

function makeTools(filters) {
  byName("help-button").addEventListener("click", () => byName("help").showModal());
  byName("save").addEventListener("click", () => say(`${counted(keeper.save(), "decision")} saved`));
  const isClean = (segment) =>
    !segment.settled && !segment.decision && segment.target !== undefined && !spokenOf(segment);
  const clean = () => segments.filter(isClean);
  let together = [];
  const acceptOneByOne = async () => {
    together = clean().map(({ id }) => id);
    for (const id of together) replace(rows[byId.get(id)], await keeper.decide(segments[byId.get(id)], { verdict: "accepted" }));
    return together.length;
  };
  const undoOneByOne = async () => {
    for (const id of together) replace(rows[byId.get(id)], await keeper.undo(segments[byId.get(id)]));
    return together.length;
  };
  const told = byName("together");
  const tellTogether = (text, undoable) => {
    told.hidden = false;
    told.firstElementChild.textContent = text;
    byName("undo-clean").hidden = !undoable;
  };
  byName("undo-clean").addEventListener("click", async () => {
    try {
      tellTogether(`${counted(await (keeper.undoClean ?? undoOneByOne)(), "decision")} taken back`, false);
    } catch (error) {
      say(error.message);
    }
    recount(filters);
    show(filters);
  });
  byName("accept-clean").addEventListener("click", () => {
    const count = clean().length;
    byName("confirm-text").textContent = count
      ? `${counted(count, "translation")} that no check complains about, and that nobody has decided on yet.`
      : "There is none: each segment is decided, untranslated, or has a finding.";
    const dialog = byName("confirm");
    dialog.returnValue = "";
    dialog.querySelector("[value=accept]").disabled = count === 0;
    dialog.showModal();
  });
  byName("confirm").addEventListener("close", async () => {
    if (byName("confirm").returnValue !== "accept") return;
    try {
      const count = await (keeper.approveClean ?? acceptOneByOne)();
      tellTogether(`${counted(count, "translation")} accepted`, count > 0);
    } catch (error) {
      say(error.message);
    }
    recount(filters);
    show(filters);
  });
}

/** The next segment with an error behind the current one, or from the top; then those with a warning. */
function nextUrgent() {
  for (const weight of [2, 1]) {
    const wanted = (segment) => isUrgent(segment) && weightOf(segment) === weight;
    const row = beside(current, 1, wanted) ?? beside(null, 1, wanted);
    if (row) return row;
  }
  return null;
}

function say(text) {
  byName("said").textContent = plain(text);
}

// ------------------------------------------------------------------ keys

function pressed(event, filters) {
  const writes = event.target.matches("input, textarea, select");
  if (event.key === "Escape") return escaped(event);
  if (writes || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const keys = {
    j: () => go(beside(current, 1)),
    k: () => go(beside(current, -1)),
    n: () => go(beside(current, 1, isOpen)),
    x: () => go(nextUrgent()),
    a: () => current && act(current, "accept", filters),
    A: () => current && act(current, "accept", filters, true),
    w: () => current && act(current, "anyway", filters),
    e: () => current && act(current, "edit", filters),
    i: () => current?.querySelector(":scope [data-action=ignore]")?.click(),
    I: () => current?.querySelector(":scope [data-action=hear]")?.click(),
    m: () => document.querySelector("#remarks summary")?.focus(),
    r: () => current && act(current, "reject", filters),
    h: () => current && act(current, "history", filters),
    t: () => current && act(current, "take", filters),
    d: () => current && act(current, "dismiss", filters),
    u: () => current && act(current, "undo", filters),
    "/": () => byName("query").focus(),
    "?": () => byName("help").showModal(),
  };
  if (!Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
}

function escaped(event) {
  const row = event.target.closest("article");
  byName("tip").hidden = true;
  if (row?.querySelector("textarea, input")) ACTIONS.cancel(row);
  else if (event.target.matches("#query")) {
    event.target.blur();
    if (current && !current.hidden) go(current);
  }
}
