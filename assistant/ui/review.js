// The keys of the review queue. One decision is under way at a time: until the next comment is
// drawn, further presses on this one are dropped, so that a double press decides once.
const shown = () => element.querySelector(".sb-queue");
const drawn = () => element.querySelector("[data-drawn]")?.dataset.drawn;
const note = () => element.querySelector("[data-note]");
const PATIENCE = 8000; // milliseconds, after which a moderator may try again
let sent = null;
const decide = (action) => {
  const card = shown();
  if (!card || sent === drawn()) return;
  const now = (sent = drawn());
  card.classList.add("sb-sent");
  trigger("edit", { action, id: card.dataset.id ?? "", note: note()?.value ?? "" });
  setTimeout(() => {
    if (sent !== now) return;
    sent = null;
    shown()?.classList.remove("sb-sent");
  }, PATIENCE);
};
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (button) decide(button.dataset.act);
});
const typing = (target) =>
  target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
document.addEventListener("keydown", (event) => {
  if (!shown() || element.offsetParent === null) return;
  if (event.target === note()) {
    if (event.key === "Enter" || event.key === "Escape") note().blur();
    return;
  }
  if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.key === "n" && note()) note().focus();
  else if (event.key === "?") {
    const keys = element.querySelector(".sb-keys");
    if (keys) keys.open = !keys.open;
  } else {
    const button = element.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!button) return;
    decide(button.dataset.act);
  }
  event.preventDefault();
});
