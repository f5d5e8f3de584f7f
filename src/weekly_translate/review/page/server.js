// Keeps decisions in the memory, by the server that the page comes from; what other windows and runs do arrives too.

const PAUSE = 2000;

/** The keeper of a served page; `begin` starts following what others do. */
function serverKeeper() {
  let version = 0;
  let quiet = 0; // so often nothing was asked for since it was last asked what is new
  let take = () => {};
  const learn = (state) => {
    if (state.version === undefined) return state;
    version = Math.max(version, state.version);
    take(state);
    return state;
  };
  const send = async (path, body) => {
    quiet = 0;
    const state = await answerOf(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ version, ...body }),
    });
    return learn(state);
  };
  const about = async (path, segment, body) => {
    try {
      const state = await send(path, { segment: segment.id, revision: segment.revision ?? "", ...body });
      return state.segments.find(({ id }) => id === segment.id) ?? segment;
    } catch (error) {
      if (error.answer?.segments) learn(error.answer);
      const newer = error.answer?.segments?.find(({ id }) => id === segment.id);
      if (newer) error.message += ` It is now: ${newer.target === undefined ? "not translated" : `“${newer.target}”`}.`;
      throw error;
    }
  };
  const check = async (segment, target) => {
    const { findings, refused } = await send("/check", { segment: segment.id, target });
    return refused ? [{ check: "review", severity: "error", message: refused }, ...findings] : findings;
  };
  // What a decision does to the document as a whole takes a while to say: it is asked for when a person rests.
  const follow = async () => learn(await answerOf(`/state?since=${version}${quiet++ === 1 ? "&whole" : ""}`));
  return {
    decide: (segment, decision) => about("/decide", segment, decision),
    undo: (segment) => about("/undo", segment, {}),
    dismiss: (segment, reason) => about("/dismiss", segment, { reason }),
    check: (segment, target) => check(segment, target).catch(() => null),
    about: (segment) => send("/about", { segment: segment.id }),
    ignoreRemark: ({ check, message }, reason) => send("/ignore-remark", { check, message, reason }),
    hearRemark: ({ check, message }) => send("/hear-remark", { check, message }),
    hear: (segment, check) => about("/hear", segment, { check }),
    ignore: (segment, check, reason) => about("/ignore", segment, { check, reason }),
    approveClean: async () => (await send("/approve-clean", {})).approved,
    undoClean: async () => (await send("/undo-clean", {})).undone,
    preview: () => send("/preview", {}),
    write: (seen, kept, anyway) => send("/write", { seen, kept, anyway }),
    begin(filters) {
      let remarks = null; // what came last; nothing is told over the head of a person who writes there
      take = (state) => {
        takeOver(state.segments, filters);
        if (state.findings) remarks = state;
        if (remarks && !byName("remarks").querySelector("input")) tellRemarks(remarks);
      };
      keepFollowing(follow, (state) => makeWriting(this, state.writable));
    },
  };
}

/** What the server says, or an error with its sentence. */
async function answerOf(path, options = {}) {
  const response = await fetch(path, { ...options, credentials: "same-origin", redirect: "error" }).catch(() => {
    throw new Error("The review has ended: start it again. What was decided is stored.");
  });
  const answer = await response.json();
  if (response.ok) return answer;
  throw Object.assign(new Error(answer.error), { answer });
}

/** Rows follow what others have decided; where a person is writing, the text stays. */
function takeOver(changed, filters) {
  let count = 0;
  for (const segment of changed) {
    const index = byId.get(segment.id);
    if (index === undefined || JSON.stringify(segments[index]) === JSON.stringify(segment)) continue;
    if (rows[index].querySelector("textarea, .writing")) {
      segments[index] = segment;
      texts[index] = searched(segment);
    } else {
      replace(rows[index], segment);
    }
    count += 1;
  }
  if (count) recount(filters);
}

/** Asks again and again, as long as somebody looks at the page; `first` is told the first answer. */
function keepFollowing(follow, first) {
  const step = async () => {
    if (document.visibilityState === "visible") {
      try {
        const state = await follow();
        first?.(state);
        first = null;
        warn("");
      } catch (error) {
        warn(error.message);
      }
    }
    setTimeout(step, PAUSE);
  };
  step();
}

/** A line that stays in sight while something is wrong. */
function warn(text) {
  let line = byName("warning");
  if (!line) {
    line = element("p", "warning");
    line.id = "warning";
    line.setAttribute("role", "alert");
    document.querySelector("header.top").append(line);
  }
  if (line.textContent !== text) line.textContent = text;
  line.hidden = !text;
}

/** The button that writes the English file, where there is one to write: first it shows what changes. */
function makeWriting(keeper, name) {
  if (!name) return;
  const write = button(`Write ${name}…`, "primary", "");
  write.id = "write";
  const note = element("p", "note");
  note.id = "written";
  note.setAttribute("role", "status");
  const tell = (text) => (note.textContent = plain(text));
  const dialog = byName("writing");
  let shown = null;
  write.addEventListener("click", async () => {
    try {
      shown = await keeper.preview();
    } catch (error) {
      tell(error.message);
      return;
    }
    showChanges(shown, name);
    dialog.returnValue = "";
    dialog.showModal();
    byName("changes").scrollTop = 0;
  });
  dialog.addEventListener("close", async () => {
    if (dialog.returnValue !== "write") return;
    const kept = [...byName("changes").querySelectorAll("input:checked")].map((box) => Number(box.value));
    try {
      const { written, errors } = await keeper.write(shown.seen, kept, true);
      byName("about").textContent = plain(`compared with ${written}`);
      tell(errors ? `${written} is written, with ${counted(errors, "error")}` : `${written} is written`);
    } catch (error) {
      tell(error.message);
    }
  });
  byName("about").after(note);
  byName("save").before(write);
}

/** Each line that would change; what belongs to no segment stands first, and can be kept as it is. */
function showChanges({ changes, errors, is_new: isNew }, name) {
  const outside = changes.map((change, index) => [change, index]).filter(([{ is_outside: is }]) => is);
  const inside = changes.map((change, index) => [change, index]).filter(([{ is_outside: is }]) => !is);
  byName("writing-title").textContent = plain(`Write ${name}?`);
  const share = outside.length < changes.length ? `${outside.length.toLocaleString("en-US")} of them ` : changes.length > 1 ? "all " : "";
  const changed = `${counted(changes.length, "change")}${outside.length ? `, ${share}outside the segments` : ""}.`;
  const said = isNew ? "It does not exist yet." : changes.length ? changed : "No line of it changes.";
  const left = errors ? ` ${counted(errors, "error")} ${errors === 1 ? "is" : "are"} left.` : "";
  const typed = drafts.size ? ` What you have typed in ${counted(drafts.size, "text")} is not saved and will not be written.` : "";
  byName("writing-text").textContent = `${said}${left}${typed}`;
  byName("writing-go").textContent = errors ? `Write with ${counted(errors, "error")}` : "Write";
  const parts = [[isNew ? "The whole file" : "Outside the segments", outside], ["In the segments", inside]].filter(([, list]) => list.length);
  byName("changes").replaceChildren(
    ...parts.flatMap(([title, list]) => [element("h3", "", title), ...list.map(([change, index]) => changeOf(change, index, isNew))]),
  );
}

function changeOf({ line, gone, new: come, before, after, words }, index, isNew) {
  const node = element("div", "change");
  const box = element("input");
  box.type = "checkbox";
  box.value = String(index);
  const keep = element("label", "keep", box, gone.length ? "Keep what is there" : "Leave it out");
  if (!isNew) node.append(element("div", "meta", element("span", "line", `line ${line}`), keep));
  const marked = (other) => words.filter(([kind]) => kind !== other).map(([kind, text]) => element(kind === "same" ? "span" : "b", "", text));
  const rows = (name, texts, other) => texts.map((text) => element(name, "row", ...(words.length ? marked(other) : [text || " "])));
  const around = (texts) => texts.filter((text) => text.trim()).map((text) => element("p", "row", text));
  node.append(...around(before), ...rows("del", gone, "new"), ...rows("ins", come, "gone"), ...around(after));
  return node;
}
