// A click on [data-tool] in the card of an answer asks for the same turn by that tool.
document.addEventListener("click", (event) => {
  const button = event.target.closest("#chat [data-tool]");
  const answer = button?.closest("[data-answer]");
  if (answer) trigger("click", { tool: button.dataset.tool, answer: answer.dataset.answer });
});
