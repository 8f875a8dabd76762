// Sends what stands in the policy's form; the server checks it.
element.addEventListener("submit", (event) => {
  event.preventDefault();
  trigger("edit", { action: "save", form: Object.fromEntries(new FormData(event.target)) });
});
