// Boxes that scroll sideways can be reached with the keyboard; those that do not are no stop on the way.
const BOXES = ".picture, div.math, span.math mjx-container, .bd-article pre, .pst-scrollable-table-container";

function markBoxes() {
  for (const box of document.querySelectorAll(BOXES)) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

window.addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  markBoxes();
  document.documentElement.dataset.ready = "yes";
});
window.addEventListener("resize", markBoxes);
// What was folded away had no width.
document.addEventListener("toggle", markBoxes, true);
