// What a person decides. A keeper stores it: this page itself, or the server that the page comes from.

/** Keeps decisions in the page, until a person saves them as a file. */
function pageKeeper(review) {
  const decisions = new Map();
  const before = new Map();
  let unsaved = false;
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
  const decide = async (segment, decision) => {
    if (!before.has(segment.id)) before.set(segment.id, segment);
    const original = before.get(segment.id);
    const when = new Date().toISOString().replace(/\.\d+/, "");
    decisions.set(segment.id, {
      segment: segment.id,
      source: segment.source,
      seen: original.target ?? null,
      decided: original.decision?.when ?? "",
      ...decision,
      when,
    });
    unsaved = true;
    return after(segment, original, { ...decision, when });
  };
  const undo = async (segment) => {
    decisions.delete(segment.id);
    unsaved = decisions.size > 0;
    return before.get(segment.id) ?? segment;
  };
  const save = () => {
    const file = { schema: 1, document: review.name, decisions: [...decisions.values()] };
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(file, null, 2)], { type: "application/json" }));
    link.download = "decisions.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    unsaved = false;
    return decisions.size;
  };
  return { decide, undo, save, count: () => decisions.size, check: async () => null };
}

/** The segment as it looks after a decision that no server has judged. */
function after(segment, original, { verdict, target, reason, when }) {
  const changed = verdict === "edited" && target !== original.target;
  return {
    ...segment,
    target: target ?? segment.target,
    settled: verdict !== "rejected",
    origin: changed ? "human" : segment.origin,
    findings: changed ? undefined : segment.findings,
    marks: changed ? undefined : segment.marks,
    diff: changed ? undefined : segment.diff,
    undoable: true,
    decision: { verdict, when, ...(reason ? { reason } : {}) },
  };
}

// ------------------------------------------------------------------ writing in a row

/** What a person has typed and not saved, by segment: Esc and a decision elsewhere do not lose it. */
const drafts = new Map();
window.addEventListener("beforeunload", (event) => {
  if (drafts.size) event.preventDefault();
});

/** A field in place of the English: it can only be saved with all of its tags. */
function openEditor(row, segment, keeper, done) {
  const field = element("textarea", "");
  const before = segment.target ?? segment.refused?.target ?? "";
  field.value = drafts.get(segment.id) ?? before;
  field.lang = "en";
  field.spellcheck = true;
  field.setAttribute("aria-label", "English text");
  const said = element("ul", "findings live");
  said.setAttribute("aria-live", "polite");
  const save = button("Save", "primary", "");
  const write = (text) => {
    field.value = text;
    field.dispatchEvent(new Event("input"));
    field.focus();
  };
  const copy = button("Copy the Chinese", "quiet", "");
  copy.dataset.tip = "With its tags, to be written over";
  copy.addEventListener("click", () => write(segment.source));
  const discard = button("Start over", "quiet", "");
  discard.addEventListener("click", () => write(before));
  const buttons = element("div", "actions", save, button("Cancel", "", "cancel"), copy, discard);
  const shade = element("div", "shade");
  shade.setAttribute("aria-hidden", "true");
  const form = element("div", "editor", palette(segment, field), element("div", "field", shade, field), said, buttons);
  const judge = judging(segment, keeper, field, said, save);
  const keep = () => {
    shade.replaceChildren(...shaded(field.value, segment.tags ?? {}));
    discard.hidden = field.value === before;
    if (field.value === before) drafts.delete(segment.id);
    else drafts.set(segment.id, field.value);
  };
  field.addEventListener("input", () => {
    keep();
    judge();
  });
  const submit = (onward) => {
    if (!save.disabled) done(field.value.trim(), onward);
  };
  save.addEventListener("click", () => submit(false));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event.shiftKey);
  });
  row.classList.add("edits");
  row.querySelector(".target").replaceChildren(form);
  keep();
  judge();
  field.focus();
}

/** The same text for the ground that a field lies on: it gives the field its height, and its tags a color. */
function shaded(text, tags) {
  const nodes = [];
  let position = 0;
  for (const match of text.matchAll(TAG)) {
    if (!Object.hasOwn(tags, match[2])) continue;
    const tag = document.createElement("mark");
    tag.append(match[0]);
    nodes.push(text.slice(position, match.index), tag);
    position = match.index + match[0].length;
  }
  return [...nodes, `${text.slice(position)} `]; // a line that ends the text is one, too
}

/** The tags and terms of the source as buttons, which write them where the cursor is. */
function palette(segment, field) {
  const node = element("div", "palette");
  const offer = (text, kind, tip) => {
    const insert = button(text, `chip ${kind}`, "");
    insert.dataset.tip = tip;
    insert.addEventListener("click", () => {
      field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input"));
      field.focus();
    });
    node.append(insert);
  };
  for (const [whole, , name] of segment.source.matchAll(TAG)) {
    const tag = Object.hasOwn(segment.tags ?? {}, name) ? segment.tags[name] : null;
    if (tag) offer(whole, tag.kind, tag.address || tag.text || NAMES[tag.kind]);
  }
  for (const { source, target } of segment.terms ?? []) offer(target, "term", `${source} → ${target}`);
  return node;
}

/** Tells what is wrong while a person writes: tags at once, the checks of a server a moment later. */
function judging(segment, keeper, field, said, save) {
  let timer = 0;
  let asked = 0;
  const opened = field.value;
  const known = findingsOf(segment).filter(({ check }) => check !== "seg.missing");
  const show = (findings) => said.replaceChildren(...findings.map((finding) => findingOf(finding)));
  return () => {
    clearTimeout(timer);
    const text = field.value.trim();
    const number = ++asked;
    const fault = text ? tagFault(text, segment.source, segment.tags ?? {}) : "the text is empty";
    save.disabled = Boolean(fault);
    const isTold = Boolean(fault && (text || field.value !== opened)); // who has just opened an empty field knows that
    field.setAttribute("aria-invalid", String(isTold));
    show(isTold ? [{ check: text ? "tag" : "seg.empty", severity: "error", message: fault }] : fault ? [] : known);
    if (fault) return;
    timer = setTimeout(async () => {
      if (!field.isConnected) return; // it was saved, or left
      const findings = await keeper.check(segment, text);
      if (findings && number === asked) show(findings);
    }, 250);
  };
}

/** Why a person decides against the model, or against the checks. */
const REASONS = {
  reject: { name: "Reject", label: "Reason for the rejection", hint: "What is wrong with it?" },
  ignore: { name: "Ignore it here", label: "Reason for ignoring it", hint: "Why is the check mistaken here?" },
  anyway: { name: "Accept anyway", label: "Reason for accepting it", hint: "Why is it right in spite of the findings?" },
  dismiss: { name: "Dismiss", label: "Reason for dismissing it", hint: "Why is it right as it is?" },
};

/** A line for the reason: without one the decision helps nobody. */
function openReason(row, { name, label, hint }, done) {
  const field = element("input", "");
  field.placeholder = hint;
  field.setAttribute("aria-label", label);
  field.maxLength = 500;
  const reject = button(name, "primary", "");
  reject.disabled = true;
  field.addEventListener("input", () => {
    reject.disabled = !field.value.trim();
  });
  const submit = () => {
    if (field.value.trim()) done(field.value.trim());
  };
  reject.addEventListener("click", submit);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") submit();
  });
  row.querySelector(":scope > .actions, :scope > .told > .actions").replaceWith(element("div", "actions writing", field, reject, button("Cancel", "", "cancel")));
  field.focus();
}
