// One module per concern; each finds what it serves by data attributes, also in fragments that arrive later.
import { bulk } from "./bulk.js";
import { coaches } from "./coach.js";
import { copying } from "./copy.js";
import { countdowns } from "./countdown.js";
import { drafts, keepSent } from "./draft.js";
import { files } from "./files.js";
import { guard } from "./guard.js";
import { inserting } from "./insert.js";
import { keyboard } from "./keyboard.js";
import { live } from "./live.js";
import { overlays } from "./overlay.js";
import { palette } from "./palette.js";
import { previews } from "./preview.js";
import { tips } from "./tip.js";
import { grow } from "./grow.js";
import { steps } from "./steps.js";
import { toasts } from "./toast.js";

const perRoot = [coaches, drafts, files, grow, steps];
toasts();
keepSent();
overlays();
guard();
keyboard();
bulk();
palette();
previews();
tips();
copying();
countdowns();
inserting();
live();
perRoot.forEach((start) => start(document));
document.addEventListener("htmx:load", (event) => {
  perRoot.forEach((start) => start(event.detail.elt));
  countdowns.now();
});
