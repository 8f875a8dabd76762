() => {
  // Runs once, when the page is there: copying an answer, opening the source
  // of a [1], and room for the chat on a phone.
  const answerText = (button) =>
    [...(button.closest(".bot")?.querySelectorAll(".message-content, .sb-text, .sb-bars") ?? [])]
      .map((part) => part.innerText.trim())
      .join("\n\n");

  const narrow = () => window.innerWidth < 768;
  const close = () => document.querySelector("#left.open .toggle-button")?.click();
  const name = (id, label) =>
    document.querySelector(`#${id} .toggle-button`)?.setAttribute("aria-label", label);
  setTimeout(() => {
    name("left", "Past chats");
    name("right", "Settings");
    if (narrow()) close();
  });

  document.addEventListener("click", async (event) => {
    const copy = event.target.closest(".sb-copy");
    if (copy) {
      await navigator.clipboard.writeText(answerText(copy));
      copy.textContent = "Copied";
      setTimeout(() => (copy.textContent = "Copy"), 1500);
      return;
    }
    const reference = event.target.closest('a[href*="#source-"]');
    if (reference) {
      const source = document.getElementById(reference.getAttribute("href").split("#")[1]);
      if (source) {
        event.preventDefault();
        source.open = true;
        source.scrollIntoView({ behavior: "smooth", block: "nearest" });
      }
      return;
    }
    if (narrow() && event.target.closest('#new-chat, [data-do="open"]')) close();
    for (const menu of document.querySelectorAll(".sb-menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest?.(".sb-menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
};
