// Keeps decisions in the memory, by the server that the page comes from; what other windows and runs do arrives too.

const PAUSE = 2000;

/** The keeper of a served page; `begin` starts following what others do. */
function serverKeeper() {
  let version = 0;
  let take = () => {};
  const learn = (state) => {
    if (state.version === undefined) return state;
    version = Math.max(version, state.version);
    take(state);
    return state;
  };
  const send = async (path, body) => {
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
  const follow = async () => learn(await answerOf(`/state?since=${version}`));
  return {
    decide: (segment, decision) => about("/decide", segment, decision),
    undo: (segment) => about("/undo", segment, {}),
    dismiss: (segment, reason) => about("/dismiss", segment, { reason }),
    check: (segment, target) => check(segment, target).catch(() => null),
    approveClean: async () => (await send("/approve-clean", {})).approved,
    write: (anyway) => send("/write", { anyway }),
    begin(filters) {
      take = (state) => takeOver(state.segments, filters);
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

/** The button that writes the English file, where there is one to write. */
function makeWriting(keeper, name) {
  if (!name) return;
  const write = button(`Write ${name}`, "primary", "");
  write.id = "write";
  const writing = async (anyway) => {
    try {
      const { written, errors } = await keeper.write(anyway);
      done(errors ? `${written} is written, with ${counted(errors, "error")}` : `${written} is written`);
    } catch (error) {
      if (error.answer?.errors === undefined) done(error.message);
      else if (window.confirm(error.message)) await writing(true);
    }
  };
  const done = (text) => {
    say(text);
    note.textContent = text;
  };
  const note = element("p", "note");
  note.id = "written";
  write.addEventListener("click", () => writing(false));
  byName("about").after(note);
  byName("save").before(write);
}
