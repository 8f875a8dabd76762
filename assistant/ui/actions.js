// Presses on [data-do] inside a list become Gradio events: click opens an item, edit changes it.
// The list may be drawn anew while the pointer is down, and then no click comes: so what counts is
// that the pointer goes down and up on the same action of the same item.
const find = (target) => {
  const button = target.closest("[data-do]");
  return button && { button, id: button.closest("[data-id]")?.dataset.id ?? "", ...button.dataset };
};
const act = ({ button, id, do: action, ask, confirm: question, value = "" }) => {
  if (question && !window.confirm(question)) return;
  const text = ask ? window.prompt(ask, value) : "";
  if (text === null) return;
  button.closest("details")?.removeAttribute("open");
  trigger(action === "open" ? "click" : "edit", { action, text, value, id });
};
let down = null;
element.addEventListener("pointerdown", (event) => (down = event.button === 0 ? find(event.target) : null));
element.addEventListener("pointerup", (event) => {
  const up = find(event.target);
  if (down && up && down.id === up.id && down.do === up.do) act(up);
  down = null;
});
element.addEventListener("click", (event) => {
  const pressed = event.detail === 0 && find(event.target); // by the keyboard
  if (pressed) act(pressed);
});
