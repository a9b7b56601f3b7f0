// Sentences come from the page, so that one catalogue translates everything.
const words = JSON.parse(document.body.dataset.words || "{}");
export const say = (key, value = "") => (words[key] || key).replace("{}", () => value);
export const token = () => document.querySelector('meta[name="csrf-token"]').content;
