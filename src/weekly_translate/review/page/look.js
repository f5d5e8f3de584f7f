// What appears beside the pointer, and the colors.

function makeTips() {
  const tip = byName("tip");
  const appear = (event) => {
    const node = event.target.closest?.("[data-tip]");
    if (!node) return;
    tip.replaceChildren(...seen(node.dataset.tip));
    tip.hidden = false;
    node.setAttribute("aria-describedby", "tip");
    const place = node.getBoundingClientRect();
    const own = tip.getBoundingClientRect();
    const left = Math.min(Math.max(8, place.left), innerWidth - own.width - 8);
    const below = place.bottom + 8 + own.height < innerHeight;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${below ? place.bottom + 6 : place.top - own.height - 6}px`;
  };
  const vanish = (event) => {
    event.target.closest?.("[data-tip]")?.removeAttribute("aria-describedby");
    tip.hidden = true;
  };
  for (const [comes, goes] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
    document.addEventListener(comes, appear);
    document.addEventListener(goes, vanish);
  }
}

function makeLook() {
  const root = document.documentElement;
  const set = (look) => {
    root.dataset.look = look;
    try {
      localStorage.setItem("weekly-translate-look", look);
    } catch {
      // a page from a file may have no storage
    }
  };
  try {
    const look = localStorage.getItem("weekly-translate-look");
    if (look === "light" || look === "dark") root.dataset.look = look;
  } catch {
    // as above
  }
  byName("theme").addEventListener("click", () => {
    const dark = root.dataset.look ? root.dataset.look === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    set(dark ? "light" : "dark");
  });
}
