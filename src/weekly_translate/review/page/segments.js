// A row for each segment: source, English, what is said about it, and what a person can do.

const ORIGINS = {
  human: "A person has written or approved it",
  memory: "A machine's answer, from the memory",
  model: "A machine's answer",
  edition: "A house rule says so",
  file: "It stands in the English file, and nobody has approved it",
  draft: "Word by word, without a model",
  none: "There is no English yet",
};

/** `Machine (gpt-5-mini)`: who has made the English, in a few words. */
function makerOf({ origin, made_by: by = "" }) {
  const model = modelIn(by);
  const names = {
    human: by ? `By ${by}` : "By a person",
    memory: model ? `Machine (${model})` : "Machine",
    model: model ? `Machine (${model})` : "Machine",
    edition: "House rule",
    file: by.split(/[/\\]/).pop() || "English file",
    draft: "Draft",
    none: "Untranslated",
  };
  return names[origin];
}

/** `gpt-5-mini` in `openai gpt-5-mini batch`. */
function modelIn(by) {
  return by.replace(/ batch$/, "").split(" ").pop();
}

const TITLES = {
  map: "settled for this address",
  memory: "from the memory",
  name: "keeps its name",
  slug: "from the address",
  translated: "translated",
};
const KINDS = { title: "Title", heading: "Heading", cell: "Table cell", alt: "Image text", meta: "Front matter" };

/** The row of a segment, empty: `fill` writes it when it comes near the screen. */
function rowOf(segment) {
  const row = element("article", "segment");
  row.id = segment.id;
  row.tabIndex = -1;
  return row;
}

function fill(row, segment) {
  row.dataset.filled = "yes";
  row.dataset.kind = segment.kind ?? "";
  row.dataset.verdict = segment.decision?.verdict ?? "";
  row.classList.remove("edits");
  row.classList.toggle("settled", Boolean(segment.settled));
  row.classList.toggle("doubted", spokenOf(segment));
  row.setAttribute("aria-label", spoken(segment));
  row.replaceChildren(
    meta(segment),
    element("div", "texts", sourceOf(segment), targetOf(segment)),
    ...below(segment),
    actions(segment),
  );
}

function spoken(segment) {
  const parts = [`Line ${segment.line}`, KINDS[segment.kind] ?? "Text", stateOf(segment)];
  if (segment.findings?.length) parts.push(counted(segment.findings.length, "finding"));
  return parts.join(", ");
}

function stateOf(segment) {
  if (segment.decision) return segment.decision.verdict;
  return segment.settled ? "approved" : segment.target === undefined ? "untranslated" : "not approved";
}

function meta(segment) {
  const why = ORIGINS[segment.origin];
  const badge = element("span", `badge ${segment.origin}`, makerOf(segment));
  badge.dataset.tip = segment.made_by ? `${why}: ${segment.made_by}` : why;
  badge.hidden = segment.origin === "human" && Boolean(segment.decision); // the decision says who
  const lines = segment.target_line ? `line ${segment.line} → ${segment.target_line}` : `line ${segment.line}`;
  const number = element("span", "line", lines);
  number.dataset.tip = segment.target_line ? "Line of the source, and of the English file" : "Line of the source";
  const node = element("div", "meta", number, element("span", "kind", KINDS[segment.kind] ?? ""), badge, decided(segment));
  if (segment.title_from) node.append(element("span", "from", `title: ${TITLES[segment.title_from]}`));
  if (segment.changed) node.append(element("span", "badge changed", "Changed"));
  node.append(linkOf(segment.link));
  return node;
}

/** Where the whole segment leads. What is no web address is shown, and leads nowhere. */
function linkOf(address) {
  if (!address) return "";
  const host = hostOf(address);
  const node = host ? openable(element("a", "leads", `${host} ↗`), address) : element("span", "leads", address);
  node.dataset.tip = address;
  return node;
}

function decided(segment) {
  const decision = segment.decision;
  if (!decision) return element("span", "decided");
  const day = decision.when ? ` · ${decision.when.slice(0, 10)}` : "";
  const who = decision.who ? ` by ${decision.who}` : "";
  const node = element("span", `decided ${decision.verdict}`, `${decision.verdict}${who}`);
  node.dataset.tip = `${decision.verdict}${who}${day}`;
  return node;
}

function sourceOf(segment) {
  const node = element("div", "source");
  node.lang = "zh-Hans";
  node.dir = "auto";
  const ranges = (segment.terms ?? []).flatMap((term) =>
    (term.spans ?? []).map(([start, end]) => [start, end, () => termMark(term)]),
  );
  node.append(tagged(segment.source, segment.tags, apart(ranges)));
  return node;
}

function termMark(term) {
  const node = element("mark", "term");
  node.tabIndex = 0;
  node.dataset.tip = aboutTerm(term).join("\n");
  return node;
}

/** What the glossary says of it: its English, what it must not be, a note. */
function aboutTerm({ source, target, allowed = [], avoid = [], note = "" }) {
  const not = avoid.length ? `not ${avoid.join(", ")}` : "";
  return [`${source} → ${[target, ...allowed].join(" / ")}`, not, note].filter(Boolean);
}

/** A term under the segment that a person is at, where no pointer has to look for it. */
function termOf(term) {
  const [english, ...more] = aboutTerm(term);
  return element("li", "", english, more.length ? element("span", "note", ` (${more.join("; ")})`) : "");
}

function targetOf(segment) {
  const node = element("div", "target");
  node.lang = "en";
  node.dir = "auto";
  const { target, marks = [] } = segment.target === undefined ? (segment.refused ?? {}) : segment;
  if (target === undefined) {
    node.append(element("span", "missing", "No English yet"));
    return node;
  }
  if (segment.target === undefined) node.append(element("p", "missing", refusalOf(segment)));
  const ranges = marks.map(([start, end]) => [start, end, () => element("mark", "said")]);
  node.append(tagged(target, segment.tags, apart(ranges)));
  return node;
}

/** Why an answer is shown that is not used. */
function refusalOf({ refused, must_be_mended: mended }) {
  const by = modelIn(refused.made_by ?? "");
  return by ? `This answer of ${by} did not pass: mend it${mended ? "" : ", or accept it anyway"}` : "This was rejected: mend it, or translate again";
}

/** What is said about the text that is shown, errors first. */
function findingsOf(segment) {
  const refused = segment.target === undefined ? (segment.refused?.findings ?? []) : [];
  const own = segment.findings ?? [];
  return refused.length ? [...refused, ...own.filter(({ check }) => check !== "seg.missing")] : own;
}

/** Under the two texts: the difference from the file, the findings, a reason, the images. */
function below(segment) {
  const nodes = [];
  if (segment.terms) nodes.push(element("ul", "terms", ...segment.terms.map(termOf)));
  if (segment.diff) nodes.push(difference(segment));
  const said = findingsOf(segment);
  if (said.length) nodes.push(element("ul", "findings", ...said.map((finding) => findingOf(finding, segment))));
  if (drafts.has(segment.id)) nodes.push(element("p", "unsaved", "What you have typed is kept; Edit goes on with it."));
  const reason = segment.decision?.reason ?? "";
  const isTold = said.some(({ message }) => message.includes(reason));
  if (reason && !isTold) nodes.push(element("p", "reason", `${segment.decision.verdict === "rejected" ? "Rejected" : "Accepted anyway"}: ${reason}`));
  if (segment.images) nodes.push(element("div", "images", ...segment.images.map((image) => imageOf(image, segment))));
  return nodes;
}

function findingOf(finding, segment = null) {
  const severity = element("span", "severity", finding.severity === "info" ? "note" : finding.severity);
  const told = element("div", "told", element("span", "message", finding.message), " ", element("code", "", finding.check), " ");
  const node = element("li", finding.severity, severity, told);
  if (segment?.target === undefined || !keeper.ignore) return node;
  const isIgnored = finding.settled?.by === "ignores";
  if (!isIgnored && (finding.severity === "info" || (segment.settled && !isUrgent(segment)))) return node;
  const change = isIgnored ? button("Stop ignoring", "mute", "hear", "I") : button("Ignore here…", "mute", "ignore", "i");
  change.dataset.check = finding.check;
  told.append(change);
  return node;
}

/** Word by word: what the English file has, and what it would have. */
function difference(segment) {
  const node = element("div", "diff", element("span", "label", "Changed"), ...pieces(segment.diff, segment.tags));
  node.lang = "en";
  return node;
}

const PIECES = { gone: "del", new: "ins", same: "span" };

function pieces(diff, tags) {
  return diff.map(([kind, text]) => {
    const piece = element(PIECES[kind], "");
    piece.append(tagged(kind === "same" ? shortened(text) : text, tags));
    return piece;
  });
}

/** What stays, without its middle: the words around a change are enough. Tags hold no space. */
function shortened(text) {
  const all = text.split(/(?<=\s)/);
  return all.length > 16 ? [...all.slice(0, 6), "… ", ...all.slice(-6)].join("") : text;
}

/** An image is asked for when a person wants to see it: until then its host is all that is named. */
function imageOf(image, segment) {
  const host = hostOf(image.address);
  const alt = segment.kind === "alt" ? (segment.target ?? segment.source) : `image in line ${image.line}`;
  if (!host) return element("span", "image", `Image without a web address: ${image.address.slice(0, 80)}`);
  const node = button(`Show image from ${host}`, "image", "image");
  node.dataset.tip = image.address;
  node.dataset.address = image.address;
  node.dataset.alt = alt;
  return node;
}

function showImage(node) {
  const image = element("img", "shown");
  image.alt = plain(node.dataset.alt);
  image.referrerPolicy = "no-referrer";
  image.decoding = "async";
  image.addEventListener("error", () => image.replaceWith(element("span", "image", "The image cannot be loaded")));
  image.src = node.dataset.address;
  node.replaceWith(image);
}

function actions(segment) {
  const node = element("div", "actions");
  if (segment.origin === "edition") {
    node.append(element("span", "note", "Settled by the edition"));
    return node;
  }
  const accept = button("Accept", "accept", "accept", "a");
  const wrong = segment.target !== undefined && weightOf(segment) === 2;
  accept.disabled = wrong || segment.target === undefined || segment.decision?.verdict === "accepted";
  const mended = segment.must_be_mended;
  if (wrong) accept.title = `It has an error: edit it (e)${mended ? "" : ", or accept it anyway with a reason (w)"}`;
  const refused = segment.target === undefined && segment.refused?.made_by;
  const reject = button("Reject", "reject", "reject", "r");
  reject.disabled = segment.target === undefined;
  node.append(accept);
  if (!mended && (refused || (segment.target !== undefined && spokenOf(segment))))
    node.append(button("Accept anyway", "quiet", "anyway", "w"));
  if (segment.corrected) node.append(button("Take the correction", "quiet", "take", "t"));
  if (segment.revision && segment.findings?.some(({ check }) => check.startsWith("meaning.")))
    node.append(button("Dismiss", "quiet", "dismiss", "d"));
  node.append(button("Edit", "edit", "edit", "e"), reject);
  if (keeper.about) node.append(button("Suggestions", "quiet", "history", "h"));
  if (segment.undoable) node.append(button("Undo", "quiet", "undo", "u"));
  return node;
}

const WHAT = { answered: "answered", "did not pass": "answered, did not pass" };

/** What the memory offers for a segment, and what it had before: who, when, which text. */
function aboutOf({ history, suggestions }, segment) {
  const offers = suggestions.length ? suggestionsOf(suggestions, segment) : [element("h3", "", "Nothing similar in the memory")];
  const past = history.map((one) => pastOf(one, segment));
  return element("div", "about-text", ...offers, element("h3", "", past.length ? "History" : "No history yet"), ...past);
}

function suggestionsOf(suggestions, segment) {
  const offers = suggestions.map(({ source, target, score }) => {
    const alike = source === segment.source ? "the same text" : `${Math.floor(score * 100)} % alike: ${source.replace(TAG, "")}`;
    return element("div", "offer", element("p", "", target.replace(TAG, "")), element("p", "note", alike), useOf(target));
  });
  return [element("h3", "", "Suggestions"), ...offers];
}

/** One text that it had, with what it has changed in the one before. */
function pastOf({ when, who, what, text, reason, diff }, segment) {
  const name = what in WHAT ? makerOf({ origin: "model", made_by: who }) : who || "somebody";
  const told = `${when.slice(0, 16).replace("T", " ")} · ${name} · ${WHAT[what] ?? what}${reason ? `: ${reason}` : ""}`;
  const words = diff.length ? pieces(diff, segment.tags) : [text.replace(TAG, "")];
  const use = text && text !== segment.target ? useOf(text) : "";
  return element("div", "offer", element("p", "note", told), element("p", "", ...words), use);
}

function useOf(text) {
  const use = button("Use", "quiet", "use");
  use.dataset.text = text;
  return use;
}
