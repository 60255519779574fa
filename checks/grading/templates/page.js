// A page that is printed shows what is folded up on the screen.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach(d => {
  d.dataset.open = d.open; d.open = true; }));
addEventListener("afterprint", () => document.querySelectorAll("details").forEach(d => {
  d.open = d.dataset.open === "true"; }));
