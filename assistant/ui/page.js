() => {
  // Runs once, when the page is there: copying an answer, and opening the source of a [1].
  const answerText = (button) =>
    [...(button.closest(".bot")?.querySelectorAll(".message-content, .sb-text, .sb-bars") ?? [])]
      .map((part) => part.innerText.trim())
      .join("\n\n");

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
    for (const menu of document.querySelectorAll(".sb-menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
};
