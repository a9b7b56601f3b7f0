// Print views: the one button.
document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) print(); });
