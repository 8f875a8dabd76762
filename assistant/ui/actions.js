// Clicks on [data-do] inside a list become Gradio events: click opens an item, edit changes it.
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (!button) return;
  const { do: action, ask, confirm: question, value } = button.dataset;
  if (question && !window.confirm(question)) return;
  const text = ask ? window.prompt(ask, value) : "";
  if (text === null) return;
  button.closest("details")?.removeAttribute("open");
  trigger(action === "open" ? "click" : "edit", { action, text, id: button.closest("[data-id]")?.dataset.id ?? "" });
});
